package llama

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/bwenge-os/bwenge/internal/problem"
	"github.com/bwenge-os/bwenge/models/worker"
)

// Engine is where a llama-server is found: a *worker.Process, or a
// worker.Remote.
type Engine interface {
	Acquire(ctx context.Context) (*worker.Lease, error)
	Status() worker.Status
	Close() error
}

// maxReply bounds what is read of an engine's answer that is not a stream:
// 256 vectors are 0.6 MB, the tokens of a long book 10 MB.
const maxReply = 32 << 20

// post sends a JSON request; the caller closes the body of the response, which
// has status 200.
func post(ctx context.Context, l *worker.Lease, path string, request any) (*http.Response, error) {
	body, err := json.Marshal(request)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, l.URL+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	if l.Key != "" {
		req.Header.Set("Authorization", "Bearer "+l.Key)
	}
	resp, err := l.Client.Do(req)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		defer resp.Body.Close()
		return nil, refusal(resp)
	}
	return resp, nil
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
		err = callOnce(bounded, lease, path, request, answer)
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

func callOnce(ctx context.Context, lease *worker.Lease, path string, request, answer any) error {
	resp, err := post(ctx, lease, path, request)
	if err != nil {
		return readable(err)
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(io.LimitReader(resp.Body, maxReply)).Decode(answer); err != nil {
		return readable(err)
	}
	return nil
}

// apiError is what llama-server says when it refuses a request.
type apiError struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
	Type    string `json:"type"`
}

func (e *apiError) Error() string {
	return fmt.Sprintf("engine answered %d %s: %s", e.Code, e.Type, e.Message)
}

func refusal(resp *http.Response) error {
	data, _ := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	var reply struct {
		Error apiError `json:"error"`
	}
	if json.Unmarshal(data, &reply) != nil || reply.Error.Message == "" {
		reply.Error = apiError{Message: strings.TrimSpace(string(data[:min(len(data), 200)]))}
	}
	reply.Error.Code = resp.StatusCode
	return &reply.Error
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
	if e, ok := errors.AsType[*apiError](err); ok {
		if e.Type == "exceed_context_size_error" || strings.Contains(e.Message, "too large to process") {
			return problem.New(problem.TooLarge, "text_too_long",
				"The text is longer than the model can read at once.",
				"Use a shorter text.", err)
		}
		if e.Code == http.StatusServiceUnavailable {
			return problem.New(problem.Unavailable, "engine_busy",
				"The engine is still loading.", "Try again in a moment.", err)
		}
		return problem.New(problem.Internal, "engine_refused",
			"The engine refused the request.", "Run the check-up on the box: bwenge doctor.", err)
	}
	return problem.New(problem.Unavailable, "engine_down",
		"The connection to the engine broke.", "Try again.", err)
}
