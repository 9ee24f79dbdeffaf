package orchestrator

import (
	"context"
	"slices"
	"sync"
	"time"
)

// queue stands before the box's own model: a fixed number of slots, and tickets
// that wait by key. A key is one asker; keys take turns, so an asker with ten
// questions delays the others by one answer and not by ten.
type queue struct {
	mu    sync.Mutex
	free  []int    // slots nobody writes in
	last  []string // by slot: how the prompt begins that it read last
	slots int
	keys  []*keyed      // in the order of their turns, none empty
	each  time.Duration // how long a slot is held, smoothed
}

// keyed are the tickets of one key, oldest first.
type keyed struct {
	key     string
	tickets []*ticket
}

// ticket is one waiting question.
type ticket struct {
	prefix  string
	granted chan int // receives the slot; buffered
	moved   chan int // holds the newest number ahead; buffered
	ahead   int
}

// firstEstimate is how long an answer is taken to need before one was measured:
// 200 prompt and 60 answer tokens on two slow cores.
const firstEstimate = 8 * time.Second

func newQueue(slots int) *queue {
	q := &queue{slots: max(slots, 1), last: make([]string, max(slots, 1)), each: firstEstimate}
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
	if len(q.free) > 0 {
		defer q.mu.Unlock()
		return q.take(prefix), nil
	}
	t := &ticket{prefix: prefix, granted: make(chan int, 1), moved: make(chan int, 1), ahead: -1}
	q.push(key, t)
	q.notify()
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
	if t := q.pop(); t != nil {
		t.granted <- q.take(t.prefix)
	}
	q.notify()
}

// waiting is how many tickets have no slot yet.
func (q *queue) waiting() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := 0
	for _, k := range q.keys {
		n += len(k.tickets)
	}
	return n
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
	if len(q.free) == 0 || len(q.keys) > 0 {
		return 0, false
	}
	return q.take(prefix), true
}

func (q *queue) push(key string, t *ticket) {
	for _, k := range q.keys {
		if k.key == key {
			k.tickets = append(k.tickets, t)
			return
		}
	}
	q.keys = append(q.keys, &keyed{key, []*ticket{t}})
}

// pop takes the first ticket of the key whose turn it is; the key goes to the
// back.
func (q *queue) pop() *ticket {
	if len(q.keys) == 0 {
		return nil
	}
	k := q.keys[0]
	q.keys = q.keys[1:]
	t := k.tickets[0]
	if k.tickets = k.tickets[1:]; len(k.tickets) > 0 {
		q.keys = append(q.keys, k)
	}
	return t
}

func (q *queue) remove(t *ticket) {
	for i, k := range q.keys {
		for j, x := range k.tickets {
			if x != t {
				continue
			}
			k.tickets = append(k.tickets[:j], k.tickets[j+1:]...)
			if len(k.tickets) == 0 {
				q.keys = append(q.keys[:i], q.keys[i+1:]...)
			}
			q.notify()
			return
		}
	}
}

// notify lets every ticket know how many are served before it, if that changed:
// the d earlier tickets of its own key, and of every other key as many as have
// their turn before.
func (q *queue) notify() {
	for i, k := range q.keys {
		for d, t := range k.tickets {
			ahead := d
			for j, other := range q.keys {
				switch {
				case j < i:
					ahead += min(len(other.tickets), d+1)
				case j > i:
					ahead += min(len(other.tickets), d)
				}
			}
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
}
