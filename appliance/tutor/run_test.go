package tutor

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bwenge-os/bwenge/appliance"
)

func token(s string) appliance.Event {
	return appliance.Event{Type: appliance.EventToken, Token: s}
}

func done() appliance.Event {
	return appliance.Event{Type: appliance.EventDone, Done: &appliance.Answer{}}
}

func newTestRun(onIdle func(*Run)) *Run {
	return newRun(context.Background(), appliance.Operator(appliance.DefaultOrg), appliance.Question{ID: "q"}, time.Minute, onIdle)
}

// follow collects the tokens and numbers that a follower sees until the end.
func follow(t *testing.T, r *Run, after int) (tokens string, numbers []int) {
	t.Helper()
	err := r.Follow(t.Context(), after, func(e appliance.Event) error {
		tokens += e.Token
		numbers = append(numbers, e.Seq)
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	return tokens, numbers
}

func TestFollowersSeeEveryEventOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newTestRun(func(*Run) {})
		r.add(token("a"))
		for range 3 {
			go func() {
				if got, numbers := follow(t, r, 0); got != "abc" || !slices.Equal(numbers, []int{1, 2, 3, 4}) {
					t.Errorf("saw %q numbered %v", got, numbers)
				}
			}()
		}
		synctest.Wait()
		r.add(token("b"))
		r.add(token("c"))
		r.add(done())
		r.add(token("too late"))
		synctest.Wait()
		if got, numbers := follow(t, r, 2); got != "c" || !slices.Equal(numbers, []int{3, 4}) {
			t.Errorf("after 2: saw %q numbered %v", got, numbers)
		}
	})
}

func TestFollowEndsWithItsReader(t *testing.T) {
	r := newTestRun(func(*Run) {})
	r.add(token("a"))
	broken := errors.New("broken pipe")
	if err := r.Follow(t.Context(), 0, func(appliance.Event) error { return broken }); !errors.Is(err, broken) {
		t.Fatalf("got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	if err := r.Follow(ctx, 0, func(appliance.Event) error { cancel(); return nil }); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
}

// A pupil who saw 12 events before the box restarted is told everything again,
// numbered on from 12 so that nothing is taken for old, also after losing the
// link once more.
func TestASecondLifeIsNumberedOn(t *testing.T) {
	r := newTestRun(func(*Run) {})
	r.again = true
	r.add(token("a"))
	r.add(token("b"))
	r.add(done())
	if got, numbers := follow(t, r, 12); got != "ab" || !slices.Equal(numbers, []int{13, 14, 15}) {
		t.Fatalf("saw %q numbered %v", got, numbers)
	}
	if got, numbers := follow(t, r, 13); got != "b" || !slices.Equal(numbers, []int{14, 15}) {
		t.Fatalf("saw %q numbered %v", got, numbers)
	}
}

func TestARunWithoutFollowersEndsAfterTheGrace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		idle := make(chan time.Time, 1)
		r := newTestRun(func(*Run) { idle <- time.Now() })
		began := time.Now()
		time.Sleep(50 * time.Second)

		ctx, leave := context.WithCancel(t.Context())
		go func() { _ = r.Follow(ctx, 0, func(appliance.Event) error { return nil }) }()
		time.Sleep(5 * time.Minute) // somebody follows: the clock stands still
		if len(idle) > 0 {
			t.Fatal("ended under its follower's eyes")
		}
		leave()
		synctest.Wait()
		time.Sleep(59 * time.Second)
		if len(idle) > 0 {
			t.Fatal("ended before the grace was over")
		}
		time.Sleep(2 * time.Second)
		if want := began.Add(50*time.Second + 5*time.Minute + time.Minute); len(idle) != 1 || !(<-idle).Equal(want) {
			t.Fatalf("did not end at %v", want.Sub(began))
		}
	})
}
