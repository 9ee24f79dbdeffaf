package llama

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/bwenge-os/bwenge/internal/problem"
	"github.com/bwenge-os/bwenge/models/openai"
	"github.com/bwenge-os/bwenge/models/worker"
)

// Engine is where a llama-server is found: a *worker.Process, or a
// worker.Remote.
type Engine interface {
	Acquire(ctx context.Context) (*worker.Lease, error)
	Status() worker.Status
	Close() error
}

// server is the engine that a lease is for.
func server(l *worker.Lease) openai.Server {
	return openai.Server{HTTP: l.Client, Key: l.Key, Own: true}
}

// patience is how long the engine may take over one request that is not a
// stream. A batch of passages takes seconds on a slow machine; an engine that
// takes this long hangs, and is killed.
const patience = 5 * time.Minute

var errOverdue = errors.New("no answer in time")

// call sends a request and reads the JSON answer. An engine that dies under it
// is started anew and asked once more: everything that is not a stream may be
// repeated.
func call(ctx context.Context, engine Engine, path string, request, answer any) error {
	for attempt := 1; ; attempt++ {
		lease, err := engine.Acquire(ctx)
		if err != nil {
			return err
		}
		bounded, cancel := context.WithTimeoutCause(ctx, patience, errOverdue)
		err = readable(server(lease).Ask(bounded, lease.URL+path, request, answer))
		overdue := context.Cause(bounded) == errOverdue
		cancel()
		if err == nil || ctx.Err() != nil {
			lease.Release()
			return err
		}
		if overdue {
			lease.Kill("it gave no answer for " + patience.String())
			lease.Release()
			return problem.New(problem.Timeout, "engine_silent",
				"The engine took too long to answer.", "Try again: the box has started it anew.", err)
		}
		err = lease.Explain(err)
		died := lease.Dead()
		lease.Release()
		if !died || attempt == 2 {
			return err
		}
	}
}

// readable turns an engine's refusal or a broken connection into an error that
// a teacher can read. The context's errors are left as they are.
func readable(err error) error {
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	if _, ok := errors.AsType[*problem.Error](err); ok {
		return err
	}
	if e, ok := errors.AsType[*openai.Error](err); ok {
		switch {
		case e.Kind == openai.TooLong:
			return problem.New(problem.TooLarge, "text_too_long",
				"The text is longer than the model can read at once.",
				"Use a shorter text.", err)
		case e.Status == http.StatusServiceUnavailable:
			return problem.New(problem.Unavailable, "engine_busy",
				"The engine is still loading.", "Try again in a moment.", err)
		}
		return problem.New(problem.Internal, "engine_refused",
			"The engine refused the request.", "Run the check-up on the box: bwenge doctor.", err)
	}
	return problem.New(problem.Unavailable, "engine_down",
		"The connection to the engine broke.", "Try again.", err)
}
