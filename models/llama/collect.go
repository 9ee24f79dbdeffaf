package llama

import (
	"context"
	"slices"
	"sync"

	"github.com/bwenge-os/bwenge/internal/problem"
)

const (
	// questions is how many questions one request holds. They are short: so many
	// take an engine about as long as four passages.
	questions = 32
	// mostWaiting bounds the questions without a vector. It is far above what a
	// box lets people ask at once.
	mostWaiting = 512
)

// collector has the vectors of questions made that are wanted at the same time:
// whoever comes while a request is on its way joins the next one, and whoever is
// alone waits for nobody. The same question of several pupils is embedded once.
type collector struct {
	embed func(ctx context.Context, texts []string) ([][]float32, error)

	mu      sync.Mutex
	waiting []*wanted // in the order in which they came
	busy    bool      // a request is on its way
	idle    chan struct{}
}

// wanted is one text whose vector somebody waits for.
type wanted struct {
	text   string
	answer chan vectorOrError // buffered
	batch  *errand            // that it went with; nil while it waits
}

type vectorOrError struct {
	vector []float32
	err    error
}

// errand is a request on its way, which ends early when nobody wants it any more.
type errand struct {
	wanting int
	cancel  context.CancelFunc
}

// vector returns a text's vector. Who leaves spoils nothing for the others.
func (c *collector) vector(ctx context.Context, text string) ([]float32, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	w := &wanted{text: text, answer: make(chan vectorOrError, 1)}
	c.mu.Lock()
	if len(c.waiting) >= mostWaiting {
		c.mu.Unlock()
		return nil, problem.New(problem.Busy, "engine_busy", "Too many questions are waiting right now.", "Try again in a minute.", nil)
	}
	c.waiting = append(c.waiting, w)
	if !c.busy {
		c.busy, c.idle = true, make(chan struct{})
		go c.work()
	}
	c.mu.Unlock()
	select {
	case a := <-w.answer:
		return a.vector, a.err
	case <-ctx.Done():
		c.leave(w)
		return nil, ctx.Err()
	}
}

// leave takes a text back, and stops its request if nobody else is in it.
func (c *collector) leave(w *wanted) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if w.batch == nil {
		c.waiting = slices.DeleteFunc(c.waiting, func(x *wanted) bool { return x == w })
		return
	}
	if w.batch.wanting--; w.batch.wanting == 0 {
		w.batch.cancel()
	}
}

// settled waits until no question wants a vector: what is not so urgent asks
// before it takes the engine.
func (c *collector) settled(ctx context.Context) error {
	c.mu.Lock()
	busy, idle := c.busy, c.idle
	c.mu.Unlock()
	if !busy {
		return ctx.Err()
	}
	select {
	case <-idle:
		return ctx.Err()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// work makes vectors until nobody waits.
func (c *collector) work() {
	for {
		c.mu.Lock()
		if len(c.waiting) == 0 {
			c.busy = false
			close(c.idle)
			c.mu.Unlock()
			return
		}
		batch := slices.Clone(c.waiting[:min(len(c.waiting), questions)])
		c.waiting = slices.Delete(c.waiting, 0, len(batch))
		ctx, cancel := context.WithCancel(context.Background())
		e := &errand{len(batch), cancel}
		for _, w := range batch {
			w.batch = e
		}
		c.mu.Unlock()
		c.serve(ctx, batch)
		cancel()
	}
}

// serve makes the vectors of a batch. Where the engine refuses it, each text is
// tried alone: one that it cannot read costs nobody else theirs.
func (c *collector) serve(ctx context.Context, batch []*wanted) {
	at := map[string]int{}
	var texts []string
	for _, w := range batch {
		if _, ok := at[w.text]; !ok {
			at[w.text] = len(texts)
			texts = append(texts, w.text)
		}
	}
	made := make([]vectorOrError, len(texts))
	vectors, err := c.embed(ctx, texts)
	code := problem.CodeOf(err)
	for i := range made {
		switch {
		case err == nil:
			made[i].vector = vectors[i]
		case len(texts) > 1 && ctx.Err() == nil && (code == problem.TooLarge || code == problem.Internal):
			var one [][]float32
			if one, made[i].err = c.embed(ctx, texts[i:i+1]); made[i].err == nil {
				made[i].vector = one[0]
			}
		default:
			made[i].err = err
		}
	}
	for _, w := range batch {
		w.answer <- made[at[w.text]]
	}
}
