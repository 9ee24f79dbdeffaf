package orchestrator

import (
	"context"
	"slices"
	"sync"
	"time"
)

// line is the queue in front of the model: a fixed number of slots, and
// waiting tickets in lanes. A lane is one asker; lanes take turns, so an asker
// with ten questions delays the others by one answer and not by ten.
type line struct {
	mu    sync.Mutex
	free  []int    // slots nobody writes in
	last  []string // by slot: how the prompt begins that it read last
	slots int
	lanes []*lane       // in the order of their turns, none empty
	each  time.Duration // how long a slot is held, smoothed
}

type lane struct {
	asker   string
	tickets []*ticket
}

// ticket is one waiting question.
type ticket struct {
	prefix  string
	granted chan int // receives the slot; buffered
	moved   chan int // holds the newest number ahead; buffered
	ahead   int
}

// firstGuess is how long an answer is taken to need before one was measured:
// 200 prompt and 60 answer tokens on two slow cores.
const firstGuess = 8 * time.Second

func newLine(slots int) *line {
	l := &line{slots: max(slots, 1), last: make([]string, max(slots, 1)), each: firstGuess}
	for i := range l.slots {
		l.free = append(l.free, i)
	}
	return l
}

// acquire waits for a slot, best one that has read the same beginning of a
// prompt last: it need not read it again. moved is called with the number of
// questions that are served first, at once if the asker has to wait and then
// whenever it changes.
func (l *line) acquire(ctx context.Context, asker, prefix string, moved func(ahead int, wait time.Duration)) (slot int, err error) {
	l.mu.Lock()
	if len(l.free) > 0 {
		defer l.mu.Unlock()
		return l.take(prefix), nil
	}
	t := &ticket{prefix: prefix, granted: make(chan int, 1), moved: make(chan int, 1), ahead: -1}
	l.push(asker, t)
	l.tell()
	l.mu.Unlock()
	ahead := <-t.moved // a new ticket is always told
	moved(ahead, l.wait(ahead))
	for {
		select {
		case slot := <-t.granted:
			return slot, nil
		case n := <-t.moved:
			moved(n, l.wait(n))
		case <-ctx.Done():
			l.mu.Lock()
			l.remove(t)
			l.mu.Unlock()
			select {
			case slot := <-t.granted: // came at the same moment: pass it on
				l.release(slot, 0)
			default:
			}
			return 0, context.Cause(ctx)
		}
	}
}

// release gives a slot back after it was held for the given time; 0 says that
// nothing was written in it.
func (l *line) release(slot int, held time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if held > 0 {
		l.each += (held - l.each) / 4
	}
	l.free = append(l.free, slot)
	if t := l.pop(); t != nil {
		t.granted <- l.take(t.prefix)
	}
	l.tell()
}

// waiting is how many tickets have no slot yet.
func (l *line) waiting() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := 0
	for _, ln := range l.lanes {
		n += len(ln.tickets)
	}
	return n
}

// wait guesses how long it takes until a ticket with n others ahead is served.
func (l *line) wait(n int) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return time.Duration(n+1) * l.each / time.Duration(l.slots)
}

// take picks a free slot: one that begins alike, else one that was never used,
// else the one that was given back first.
func (l *line) take(prefix string) int {
	i := slices.IndexFunc(l.free, func(slot int) bool { return l.last[slot] == prefix })
	if i < 0 {
		i = slices.IndexFunc(l.free, func(slot int) bool { return l.last[slot] == "" })
	}
	i = max(i, 0)
	slot := l.free[i]
	l.free = slices.Delete(l.free, i, i+1)
	l.last[slot] = prefix
	return slot
}

// spare takes a slot if one is free and nobody waits.
func (l *line) spare(prefix string) (slot int, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.free) == 0 || len(l.lanes) > 0 {
		return 0, false
	}
	return l.take(prefix), true
}

func (l *line) push(asker string, t *ticket) {
	for _, ln := range l.lanes {
		if ln.asker == asker {
			ln.tickets = append(ln.tickets, t)
			return
		}
	}
	l.lanes = append(l.lanes, &lane{asker, []*ticket{t}})
}

// pop takes the first ticket of the lane whose turn it is; the lane goes to
// the back.
func (l *line) pop() *ticket {
	if len(l.lanes) == 0 {
		return nil
	}
	ln := l.lanes[0]
	l.lanes = l.lanes[1:]
	t := ln.tickets[0]
	if ln.tickets = ln.tickets[1:]; len(ln.tickets) > 0 {
		l.lanes = append(l.lanes, ln)
	}
	return t
}

func (l *line) remove(t *ticket) {
	for i, ln := range l.lanes {
		for j, x := range ln.tickets {
			if x != t {
				continue
			}
			ln.tickets = append(ln.tickets[:j], ln.tickets[j+1:]...)
			if len(ln.tickets) == 0 {
				l.lanes = append(l.lanes[:i], l.lanes[i+1:]...)
			}
			l.tell()
			return
		}
	}
}

// tell lets every ticket know how many are served before it, if that changed:
// the d earlier tickets of its own lane, and of every other lane as many as
// have their turn before.
func (l *line) tell() {
	for i, ln := range l.lanes {
		for d, t := range ln.tickets {
			ahead := d
			for j, other := range l.lanes {
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
