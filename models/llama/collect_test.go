package llama

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bwenge-os/bwenge/internal/problem"
)

// engineOf is a collector on an engine that a test holds and lets go.
type engineOf struct {
	collector
	came chan []string // the texts of each request, when it comes
	goOn chan error    // lets it end
}

func newEngineOf() *engineOf {
	e := &engineOf{came: make(chan []string, 100), goOn: make(chan error, 100)}
	e.embed = func(ctx context.Context, texts []string) ([][]float32, error) {
		e.came <- slices.Clone(texts)
		select {
		case err := <-e.goOn:
			if err != nil {
				return nil, err
			}
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		vectors := make([][]float32, len(texts))
		for i, t := range texts {
			vectors[i] = []float32{float32(len(t))}
		}
		return vectors, nil
	}
	return e
}

// await returns when so many wait.
func (e *engineOf) await(n int) {
	for {
		e.mu.Lock()
		waiting := len(e.waiting)
		e.mu.Unlock()
		if waiting == n {
			return
		}
		time.Sleep(100 * time.Microsecond)
	}
}

type came struct {
	text   string
	vector []float32
	err    error
}

func (e *engineOf) ask(ctx context.Context, text string, out chan<- came) {
	v, err := e.vector(ctx, text)
	out <- came{text, v, err}
}

// TestWhoeverWaitsJoinsTheNextBatch has a class ask while the first one's request
// is on its way.
func TestWhoeverWaitsJoinsTheNextBatch(t *testing.T) {
	e := newEngineOf()
	out := make(chan came, 100)
	go e.ask(t.Context(), "q", out)
	if first := <-e.came; len(first) != 1 {
		t.Fatalf("the first request holds %v: who is alone waits for nobody", first)
	}
	for i := range 40 {
		go e.ask(t.Context(), strings.Repeat("x", i/2+2), out) // each question twice
	}
	e.await(40)
	for range 3 {
		e.goOn <- nil
	}
	if second := <-e.came; len(second) > questions || len(second) < questions/2 {
		t.Errorf("the second request holds %d texts, want up to %d, none twice", len(second), questions)
	}
	for range 41 {
		if c := <-out; c.err != nil || int(c.vector[0]) != len(c.text) {
			t.Errorf("%q got %v, %v", c.text, c.vector, c.err)
		}
	}
	if third := <-e.came; len(third) > 8 {
		t.Errorf("the third holds %d texts", len(third))
	}
	if err := e.settled(t.Context()); err != nil || len(e.came) > 0 {
		t.Errorf("%v, %d requests more", err, len(e.came))
	}
}

// TestWhoLeavesSpoilsNothing cancels one who waits, one in a request with others,
// and all of a request.
func TestWhoLeavesSpoilsNothing(t *testing.T) {
	e := newEngineOf()
	out := make(chan came, 100)
	go e.ask(t.Context(), "first", out)
	<-e.came
	gone, leave := context.WithCancel(t.Context())
	left := make(chan came, 2)
	go e.ask(gone, "leaves while it waits", left)
	go e.ask(t.Context(), "stays", out)
	e.await(2)
	leave()
	if c := <-left; !errors.Is(c.err, context.Canceled) {
		t.Errorf("left with %v", c.err)
	}
	e.goOn <- nil
	if second := <-e.came; !slices.Equal(second, []string{"stays"}) {
		t.Errorf("the second request holds %v", second)
	}
	gone, leave = context.WithCancel(t.Context())
	go e.ask(gone, "a", left)
	go e.ask(gone, "b", left)
	e.await(2)
	e.goOn <- nil
	if third := <-e.came; len(third) != 2 {
		t.Fatalf("the third request holds %v", third)
	}
	leave() // nothing lets the request go on but that nobody wants it
	<-left
	<-left
	if err := e.settled(t.Context()); err != nil {
		t.Error(err)
	}
	for range 2 {
		if c := <-out; c.err != nil {
			t.Errorf("%q: %v", c.text, c.err)
		}
	}
	if _, err := e.vector(gone, "too late"); !errors.Is(err, context.Canceled) || len(e.came) > 0 {
		t.Errorf("%v, and %d requests", err, len(e.came))
	}
}

// TestOneThatCannotBeReadCostsNobodyElse has the engine refuse a batch for one of
// its texts.
func TestOneThatCannotBeReadCostsNobodyElse(t *testing.T) {
	var c collector
	tooLong := problem.New(problem.TooLarge, "text_too_long", "too long", "", nil)
	hold := make(chan struct{})
	c.embed = func(_ context.Context, texts []string) ([][]float32, error) {
		<-hold
		if slices.ContainsFunc(texts, func(t string) bool { return len(t) > 20 }) {
			return nil, tooLong
		}
		return make([][]float32, len(texts)), nil
	}
	var group sync.WaitGroup
	for i := range 10 {
		group.Go(func() {
			text := fmt.Sprint("question ", i)
			if i == 7 {
				text = strings.Repeat("long ", 10)
			}
			if _, err := c.vector(t.Context(), text); (err != nil) != (i == 7) {
				t.Errorf("question %d: %v", i, err)
			}
		})
	}
	close(hold)
	group.Wait()
}

func TestTheQueueForVectorsIsBounded(t *testing.T) {
	e := newEngineOf()
	ctx, leave := context.WithCancel(t.Context())
	out := make(chan came, mostWaiting+1)
	go e.ask(ctx, "first", out)
	<-e.came
	for i := range mostWaiting {
		go e.ask(ctx, fmt.Sprint(i), out)
	}
	e.await(mostWaiting)
	if _, err := e.vector(t.Context(), "one more"); problem.CodeOf(err) != problem.Busy {
		t.Errorf("one more: %v", err)
	}
	leave()
	for range mostWaiting + 1 {
		<-out
	}
	if err := e.settled(t.Context()); err != nil {
		t.Error(err)
	}
}
