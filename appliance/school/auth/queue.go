package auth

import (
	"context"
	"runtime"
	"sync/atomic"

	"github.com/bwenge-os/bwenge/internal/problem"
)

// queue lets so many hashes be made at once, each of which takes tens of MB, and
// so many others wait. Pupils, staff and new secrets have one each: whoever
// floods one holds up none of the others.
type queue struct {
	slots   chan struct{}
	most    int64 // that may be in it; 0 is no limit
	waiting atomic.Int64
}

func newQueue(slots int, most int64) *queue {
	return &queue{slots: make(chan struct{}, max(slots, 1)), most: most}
}

// Staff have half the cores, so that a pupil finds one even while passwords are
// tried; twenty wait less than two seconds. Pupils' hashes take a seventh.
func newQueues() (staff, pupils, secrets *queue) {
	cores := runtime.NumCPU()
	return newQueue(cores/2, 20), newQueue(cores, 200), newQueue(cores/2, 0)
}

func (q *queue) do(ctx context.Context, hash func()) error {
	defer q.waiting.Add(-1)
	if n := q.waiting.Add(1); q.most > 0 && n > q.most {
		return problem.New(problem.Unavailable, "sign_in_busy", "Very many people are signing in just now.",
			"Try again in a few seconds.", nil).With("retry_after_seconds", 3)
	}
	select {
	case q.slots <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-q.slots }()
	hash()
	return nil
}
