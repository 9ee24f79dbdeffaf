package orchestrator

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"
	"time"
)

// queue stands before the box's own model: a fixed number of slots, and tickets
// that wait by key. A key is one asker; keys take turns: each ticket is of a round,
// and rounds are served one after the other (start-time fair queueing, an answer
// being the unit). A key's next ticket is of the round after its last; a key that
// has not asked for a while comes in at the round that is being served. So ten
// questions of one asker delay another by one answer and not by ten, and who asks
// for the first time does not wait for the second questions of a class.
type queue struct {
	mu      sync.Mutex
	free    []int    // slots nobody writes in
	last    []string // by slot: how the prompt begins that it read last
	slots   int
	waiters []*ticket      // in the order in which they are served
	round   int            // of the ticket that got a slot last
	next    map[string]int // by key: the round of its next ticket, where that is after round
	each    time.Duration  // how long a slot is held, smoothed
}

// ticket is one waiting question.
type ticket struct {
	key     string
	round   int
	prefix  string
	granted chan int // receives the slot; buffered
	moved   chan int // holds the newest number ahead; buffered
	ahead   int
}

// firstEstimate is how long an answer is taken to need before one was measured:
// 200 prompt and 60 answer tokens on two slow cores.
const firstEstimate = 8 * time.Second

func newQueue(slots int) *queue {
	q := &queue{slots: max(slots, 1), last: make([]string, max(slots, 1)), next: map[string]int{}, each: firstEstimate}
	for i := range q.slots {
		q.free = append(q.free, i)
	}
	return q
}

// acquire waits for a slot, best one that has read the same beginning of a
// prompt last: it need not read it again. moved is called with the number of
// questions that are served first, at once if the asker has to wait and then
// whenever it changes.
func (q *queue) acquire(ctx context.Context, key, prefix string, moved func(ahead int, wait time.Duration)) (slot int, err error) {
	q.mu.Lock()
	t := &ticket{key: key, round: q.enter(key), prefix: prefix, granted: make(chan int, 1), moved: make(chan int, 1), ahead: -1}
	if len(q.free) > 0 {
		defer q.mu.Unlock()
		return q.grant(t), nil
	}
	q.line(t)
	q.mu.Unlock()
	ahead := <-t.moved // a new ticket is always told
	moved(ahead, q.wait(ahead))
	for {
		select {
		case slot := <-t.granted:
			return slot, nil
		case n := <-t.moved:
			moved(n, q.wait(n))
		case <-ctx.Done():
			q.mu.Lock()
			q.remove(t)
			q.mu.Unlock()
			select {
			case slot := <-t.granted: // came at the same moment: pass it on
				q.release(slot, 0)
			default:
			}
			return 0, context.Cause(ctx)
		}
	}
}

// release gives a slot back after it was held for the given time; 0 says that
// nothing was written in it.
func (q *queue) release(slot int, held time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if held > 0 {
		q.each += (held - q.each) / 4
	}
	q.free = append(q.free, slot)
	if len(q.waiters) > 0 {
		t := q.waiters[0]
		q.waiters = q.waiters[1:]
		t.granted <- q.grant(t)
	} else if len(q.free) == q.slots { // a new day: nobody is owed anything
		clear(q.next)
		q.round = 0
	}
	q.notify()
}

// waiting is how many tickets have no slot yet.
func (q *queue) waiting() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.waiters)
}

// wait estimates how long it takes until a ticket with n others ahead is served.
func (q *queue) wait(n int) time.Duration {
	q.mu.Lock()
	defer q.mu.Unlock()
	return time.Duration(n+1) * q.each / time.Duration(q.slots)
}

// take picks a free slot: one that begins alike, else one that was never used,
// else the one that was given back first.
func (q *queue) take(prefix string) int {
	i := slices.IndexFunc(q.free, func(slot int) bool { return q.last[slot] == prefix })
	if i < 0 {
		i = slices.IndexFunc(q.free, func(slot int) bool { return q.last[slot] == "" })
	}
	i = max(i, 0)
	slot := q.free[i]
	q.free = slices.Delete(q.free, i, i+1)
	q.last[slot] = prefix
	return slot
}

// acquireSpare takes a slot if one is free and nobody waits.
func (q *queue) acquireSpare(prefix string) (slot int, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.free) == 0 || len(q.waiters) > 0 {
		return 0, false
	}
	return q.take(prefix), true
}

// enter gives a key's next ticket its round.
func (q *queue) enter(key string) int {
	round := max(q.round, q.next[key])
	q.next[key] = round + 1
	return round
}

// line puts a ticket behind all of its round and of those before.
func (q *queue) line(t *ticket) {
	at := slices.IndexFunc(q.waiters, func(w *ticket) bool { return w.round > t.round })
	if at < 0 {
		at = len(q.waiters)
	}
	q.waiters = slices.Insert(q.waiters, at, t)
	q.notify()
}

// grant gives a ticket a slot. Keys that would come in at the round that is being
// served need not be remembered.
func (q *queue) grant(t *ticket) int {
	if t.round > q.round {
		q.round = t.round
		maps.DeleteFunc(q.next, func(_ string, next int) bool { return next <= q.round })
	}
	return q.take(t.prefix)
}

// remove takes back the ticket of one who left. The key's later ones move up, as
// if it had never been there.
func (q *queue) remove(t *ticket) {
	at := slices.Index(q.waiters, t)
	if at < 0 {
		return
	}
	q.waiters = slices.Delete(q.waiters, at, at+1)
	for _, w := range q.waiters {
		if w.key == t.key && w.round > t.round {
			w.round--
		}
	}
	slices.SortStableFunc(q.waiters, func(a, b *ticket) int { return cmp.Compare(a.round, b.round) })
	if q.next[t.key] > q.round {
		q.next[t.key]--
	}
	q.notify()
}

// notify lets every ticket know how many are served before it, if that changed.
func (q *queue) notify() {
	for ahead, t := range q.waiters {
		if ahead == t.ahead {
			continue
		}
		t.ahead = ahead
		select {
		case <-t.moved: // replace a number nobody has read yet
		default:
		}
		t.moved <- ahead
	}
}
