package orchestrator

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"
)

// serveAll queues askers one after the other and returns the order in which
// they get the only slot, and the last position that each was told.
func serveAll(t *testing.T, askers ...string) (served []int, told []int) {
	t.Helper()
	q := newQueue(1)
	slot, err := q.acquire(t.Context(), "first", "", nil)
	if err != nil {
		t.Fatal(err)
	}
	type turn struct{ who, slot int }
	turns := make(chan turn)
	told = make([]int, len(askers))
	for i, asker := range askers {
		heard := make(chan int, 64)
		go func() {
			s, err := q.acquire(t.Context(), asker, "", func(ahead int, _ time.Duration) { heard <- ahead })
			if err != nil {
				t.Error(err)
			}
			turns <- turn{i, s}
		}()
		told[i] = <-heard // in the queue before the next one comes
	}
	for range askers {
		q.release(slot, time.Second)
		x := <-turns
		served = append(served, x.who)
		slot = x.slot
	}
	q.release(slot, time.Second)
	if q.waiting() != 0 || len(q.free) != 1 {
		t.Fatalf("after all were served: %d waiting, %d slots free", q.waiting(), len(q.free))
	}
	return served, told
}

func TestQueueServesOneAskerInOrder(t *testing.T) {
	served, told := serveAll(t, "a", "a", "a")
	if !slices.Equal(served, []int{0, 1, 2}) || !slices.Equal(told, []int{0, 1, 2}) {
		t.Fatalf("served %v, told %v", served, told)
	}
}

func TestQueueTakesTurns(t *testing.T) {
	// a asks three times, then b twice and c once: each gets one before a's second.
	served, told := serveAll(t, "a", "a", "a", "b", "b", "c")
	if want := []int{0, 3, 5, 1, 4, 2}; !slices.Equal(served, want) {
		t.Fatalf("served %v, want %v", served, want)
	}
	// What each heard when it came: b's first has only a's first ahead.
	if want := []int{0, 1, 2, 1, 3, 2}; !slices.Equal(told, want) {
		t.Fatalf("told %v, want %v", told, want)
	}
}

// TestQueueServesAClassAlike has thirty askers ask again as soon as they are
// served, five times, and late ones come in between: nobody gets their next turn
// before all others have had as many, and who comes late waits for no more than
// the round that is being served.
func TestQueueServesAClassAlike(t *testing.T) {
	const askers, rounds = 30, 5
	q := newQueue(2)
	served := map[string]int{}
	tickets := map[string]*ticket{}
	// As acquire does, without goroutines: the order is the test's.
	ask := func(who string) {
		got := &ticket{key: who, round: q.enter(who), granted: make(chan int, 1), moved: make(chan int, 1), ahead: -1}
		tickets[who] = got
		if len(q.free) > 0 {
			got.granted <- q.grant(got)
			return
		}
		q.line(got)
	}
	for i := range askers {
		ask(fmt.Sprint("pupil ", i))
	}
	late := map[string]int{} // when they came
	for n := 0; n < askers*rounds; {
		for who, ticket := range tickets {
			select {
			case slot := <-ticket.granted:
				if came, ok := late[who]; ok && n-came > askers {
					t.Errorf("%s waited for %d answers", who, n-came)
				}
				delete(tickets, who)
				n++
				served[who]++
				if _, ok := late[who]; !ok {
					ask(who)
				}
				if n%40 == 0 {
					late[fmt.Sprint("late ", n)] = n
					ask(fmt.Sprint("late ", n))
				}
				q.release(slot, time.Second)
			default:
			}
		}
	}
	for i := range askers {
		if n := served[fmt.Sprint("pupil ", i)]; n < rounds-1 || n > rounds {
			t.Errorf("pupil %d was served %d times, want about %d", i, n, rounds)
		}
	}
	if len(q.next) > askers+len(late) {
		t.Errorf("%d keys are remembered", len(q.next))
	}
}

// TestQueueLetsTheFirstQuestionIn has a class wait with second questions when
// somebody asks for the first time.
func TestQueueLetsTheFirstQuestionIn(t *testing.T) {
	served, told := serveAll(t, "a", "b", "a", "b", "a", "b", "new")
	if want := []int{0, 1, 6, 2, 3, 4, 5}; !slices.Equal(served, want) || told[6] != 2 {
		t.Fatalf("served %v, and the new one was told that %d are ahead", served, told[6])
	}
}

func TestQueueMovesUpWhoseOwnQuestionIsTakenBack(t *testing.T) {
	q := newQueue(1)
	slot, _ := q.acquire(t.Context(), "first", "", nil)
	ctx, leave := context.WithCancel(t.Context())
	left := make(chan error)
	heard := make(chan int, 8)
	go func() {
		_, err := q.acquire(ctx, "a", "", func(n int, _ time.Duration) { heard <- n })
		left <- err
	}()
	<-heard
	got := make(chan string, 2)
	for _, who := range []string{"b", "a"} {
		told := make(chan int, 8)
		go func() {
			s, err := q.acquire(t.Context(), who, "", func(n int, _ time.Duration) { told <- n })
			if err != nil {
				t.Error(err)
			}
			got <- who
			q.release(s, 0)
		}()
		<-told
	}
	leave()
	<-left
	q.mu.Lock()
	rounds := []int{q.waiters[0].round, q.waiters[1].round}
	next := q.next["a"]
	q.mu.Unlock()
	if !slices.Equal(rounds, []int{0, 0}) || next != 1 {
		t.Errorf("rounds %v, a's next is %d: want both in this one, a's next after it", rounds, next)
	}
	q.release(slot, 0)
	if a, b := <-got, <-got; a+b != "ba" {
		t.Errorf("served %s first", a)
	}
}

func TestQueueForgetsWhoLeaves(t *testing.T) {
	q := newQueue(1)
	slot, _ := q.acquire(t.Context(), "first", "", nil)

	gone, leave := context.WithCancelCause(t.Context())
	why := errors.New("left")
	left := make(chan error)
	waiting := make(chan int, 8)
	go func() {
		_, err := q.acquire(gone, "a", "", func(n int, _ time.Duration) { waiting <- n })
		left <- err
	}()
	<-waiting
	moved := make(chan int, 8)
	got := make(chan int)
	go func() {
		s, _ := q.acquire(t.Context(), "b", "", func(n int, _ time.Duration) { moved <- n })
		got <- s
	}()
	if n := <-moved; n != 1 {
		t.Fatalf("b was told %d are ahead, want 1", n)
	}
	leave(why)
	if err := <-left; !errors.Is(err, why) {
		t.Fatalf("a left with %v", err)
	}
	if n := <-moved; n != 0 {
		t.Fatalf("after a left b was told %d are ahead, want 0", n)
	}
	q.release(slot, 0)
	q.release(<-got, 0)
	if len(q.free) != 1 {
		t.Fatalf("%d slots free, want 1", len(q.free))
	}
}

func TestQueueEstimatesTheWait(t *testing.T) {
	q := newQueue(2)
	if got := q.wait(3); got != 2*firstEstimate {
		t.Fatalf("before anything was measured: %v", got)
	}
	for range 50 {
		slot, _ := q.acquire(t.Context(), "a", "", nil)
		q.release(slot, 20*time.Second)
	}
	if got := q.wait(3).Round(time.Second); got != 40*time.Second {
		t.Fatalf("4 answers of 20 s on 2 slots: %v, want 40s", got)
	}
}

func TestQueuePrefersASlotThatHasReadTheBeginning(t *testing.T) {
	q := newQueue(2)
	take := func(prefix string) int {
		slot, err := q.acquire(t.Context(), "x", prefix, nil)
		if err != nil {
			t.Fatal(err)
		}
		return slot
	}
	a, b := take("science"), take("maths")
	q.release(b, time.Second)
	q.release(a, time.Second)
	for range 3 {
		if got := take("maths"); got != b {
			t.Errorf("maths is written in slot %d, was in %d", got, b)
		}
		q.release(b, time.Second)
		if got := take("science"); got != a {
			t.Errorf("science is written in slot %d, was in %d", got, a)
		}
		q.release(a, time.Second)
	}
	if _, ok := q.acquireSpare("maths"); !ok {
		t.Error("nobody works, and there is no spare slot")
	}
	take("science")
	if _, ok := q.acquireSpare("maths"); ok {
		t.Error("a spare slot that is in use")
	}
}
