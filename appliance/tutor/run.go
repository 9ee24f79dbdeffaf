package tutor

import (
	"context"
	"sync"
	"time"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/problem"
	"github.com/bwenge-os/bwenge/models"
)

// Run is one question on its way to an answer: a log of events that any number
// of askers can follow, from the start or from where they lost the link.
type Run struct {
	asker    appliance.Principal // who asked; never changes
	who      appliance.Principal // the asker within what the persona knows; the answering goroutine's alone
	question appliance.Question
	persona  appliance.Persona  // the zero one is the box's plain tutor
	preset   bool               // the persona and the turns before are given, and not stored
	turns    []exchange         // with preset
	next     *appliance.Finding // passages to go on from when the answer is done; nil if there are none
	kept     *cacheKey          // under which the answer is kept for others who ask the same; may be nil
	usage    models.Usage       // of the model that wrote the answer; read when the run has ended
	ctx      context.Context    // ends when nobody wants the answer any more
	cancel   context.CancelCauseFunc
	onIdle   func()                          // called when nobody has followed for the grace time
	asked    appliance.Scope                 // what the asker saw when they asked
	sees     func(ctx context.Context) error // fails once they see less
	grace    time.Duration

	mu        sync.Mutex
	events    []appliance.Event
	changed   chan struct{} // closed and replaced at each change
	ended     bool
	endedAt   time.Time
	followers int
	followed  bool // someone has followed at least once
	open      bool // something may come after done
	again     bool // an earlier life of this run may have been seen by the asker
	base      int  // events are numbered from base+1
	left      *time.Timer
	looked    time.Time // when sees was asked last
}

func newRun(ctx context.Context, who appliance.Principal, q appliance.Question, grace time.Duration, onIdle func(*Run)) *Run {
	r := &Run{asker: who, who: who, asked: who.Scope, question: q, changed: make(chan struct{}), grace: grace,
		sees: func(context.Context) error { return nil }}
	r.ctx, r.cancel = context.WithCancelCause(ctx)
	r.onIdle = func() { onIdle(r) }
	r.left = time.AfterFunc(grace, r.idle)
	return r
}

// ID is the question's id.
func (r *Run) ID() string { return r.question.ID }

// Follow calls emit for every event numbered above after, first those that
// have happened, then each as it happens, until the answer is done or has
// failed (nil), ctx ends, or emit returns an error. A number that this run
// never gave out comes from before the box restarted: everything is told
// again, numbered on from there and beginning with accepted.
func (r *Run) Follow(ctx context.Context, after int, emit func(appliance.Event) error) error {
	next := r.join(after)
	defer r.leave()
	for {
		r.mu.Lock()
		fresh := r.events[next:]
		base, changed, ended := r.base, r.changed, r.ended && !r.open
		r.mu.Unlock()
		for _, e := range fresh {
			next++
			e.Seq = base + next
			if err := r.stillSeen(ctx); err != nil {
				return err
			}
			if err := emit(e); err != nil {
				return err
			}
		}
		if ended {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// lookAgain is how long what an asker may see is taken to stay the same.
const lookAgain = time.Second

// stillSeen fails, and ends the run, once its asker may not see any more what
// its answer is made from.
func (r *Run) stillSeen(ctx context.Context) error {
	r.mu.Lock()
	due := time.Since(r.looked) >= lookAgain
	if due {
		r.looked = time.Now()
	}
	r.mu.Unlock()
	if !due {
		return nil
	}
	err := r.sees(ctx)
	if err != nil && ctx.Err() == nil {
		r.mu.Lock()
		r.looked = time.Time{} // for other followers too
		r.mu.Unlock()
		r.cancel(err)
		r.fail(err)
	}
	return err
}

// join counts a follower in and returns the index of its first event.
func (r *Run) join(after int) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.followed && r.again && after > 0 {
		r.base = after
	}
	r.followed = true
	r.followers++
	r.left.Stop()
	if i := after - r.base; i > 0 && i <= len(r.events) {
		return i
	}
	return 0
}

func (r *Run) leave() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.followers--
	if r.followers == 0 && !r.ended {
		r.left.Reset(r.grace)
	}
}

// idle ends a run whose asker left and did not come back.
func (r *Run) idle() {
	r.mu.Lock()
	alone := r.followers == 0 && !r.ended
	r.mu.Unlock()
	if alone {
		r.onIdle()
	}
}

// add appends an event. Done and error are the last ones, but for actions, which
// come after a done for which the run was held open.
func (r *Run) add(e appliance.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ended && !(r.open && e.Type == appliance.EventActions) {
		return
	}
	r.events = append(r.events, e)
	if e.Type == appliance.EventDone || e.Type == appliance.EventError {
		r.ended, r.endedAt = true, time.Now()
		r.left.Stop()
		r.cancel(nil)
	}
	close(r.changed)
	r.changed = make(chan struct{})
}

// waits tells how many are served before the asker, and how long that may take.
func (r *Run) waits(ahead int, wait time.Duration) {
	r.add(appliance.Event{Type: appliance.EventPosition,
		Position: &appliance.PositionEvent{Ahead: ahead, SecondsLeft: wait.Round(time.Second).Seconds()}})
}

// hold keeps followers past done, until release.
func (r *Run) hold() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.open = !r.ended
}

// release lets followers of a done answer go.
func (r *Run) release() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.open = false
	close(r.changed)
	r.changed = make(chan struct{})
}

// state reports whether the run has ended, when, and whether by an error.
func (r *Run) state() (ended bool, at time.Time, failed bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	failed = r.ended && r.events[len(r.events)-1].Type == appliance.EventError // after which nothing comes
	return r.ended, r.endedAt, failed
}

// accept records where the question was stored.
func (r *Run) accept(conversation, message, persona string) {
	r.mu.Lock()
	r.question.ConversationID, r.question.PersonaID = conversation, persona
	r.mu.Unlock()
	r.add(appliance.Event{Type: appliance.EventAccepted,
		Accepted: &appliance.AcceptedEvent{ConversationID: conversation, MessageID: message}})
}

// fail ends the run with what may be shown of err.
func (r *Run) fail(err error) {
	p := problem.Of(err)
	r.add(appliance.Event{Type: appliance.EventError, Error: &p})
}
