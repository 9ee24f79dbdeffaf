package transport

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"reflect"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"

	"github.com/bwenge-os/bwenge/internal/problem"
)

// Raw leaves an operation's answer to plain net/http. An error that comes back
// before the first byte is answered as a problem; after it, the only honest
// thing is what the handler itself wrote into the stream.
func Raw(serve func(http.ResponseWriter, *http.Request) error) *huma.StreamResponse {
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		c := humagin.Unwrap(hc)
		if err := serve(c.Writer, c.Request); err != nil && !c.Writer.Written() {
			WriteProblem(c.Writer, c.Request, err)
		}
	}}
}

// EventStream documents a stream of server-sent events whose data is like v.
func EventStream(r huma.Registry, description string, v any) map[string]*huma.Response {
	schema := r.Schema(reflect.TypeOf(v), true, "")
	return map[string]*huma.Response{"200": {
		Description: description,
		Content:     map[string]*huma.MediaType{"text/event-stream": {Schema: schema}},
	}}
}

// Stream writes server-sent events.
//
// The rule for errors: before the stream is open they get a status and a
// problem body, after that an event named error, and then the stream ends.
type Stream struct {
	mu sync.Mutex // events and heartbeats come from two goroutines
	w  http.ResponseWriter
	rc *http.ResponseController
}

// OpenStream sends the headers and starts the heartbeat. The context ends when
// the client leaves, also when that shows only in a failed write. stop waits
// for the heartbeat and must be called before the handler returns.
func OpenStream(w http.ResponseWriter, r *http.Request) (_ *Stream, _ context.Context, stop func()) {
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // a proxy that a school puts in front must not hold events back
	ctx, cancel := context.WithCancel(r.Context())
	out := &Stream{w: w, rc: http.NewResponseController(w)}
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodHead {
		cancel()
		return out, ctx, func() {}
	}
	if out.write([]byte(": open\n\n")) != nil {
		cancel()
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer cancel()
		err := problem.Try(func() error { return out.beat(ctx, requestOf(ctx).server.times.Heartbeat) })
		if _, bug := errors.AsType[*problem.Panic](err); bug {
			Logger(ctx).Error("a stream's heartbeat", "error", err)
		}
	}()
	return out, ctx, func() { cancel(); <-done }
}

// beat shows the client, and whatever is between, that the stream is alive. It
// returns when ctx ends or nobody takes it.
func (s *Stream) beat(ctx context.Context, every time.Duration) error {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
			if err := s.write([]byte(": alive\n\n")); err != nil {
				return err
			}
		}
	}
}

// Send writes one event; id may be empty. JSON has no raw line breaks, so one
// data line is enough.
func (s *Stream) Send(event, id string, data any) error {
	text, err := json.Marshal(data)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if id != "" {
		b.WriteString("id: " + id + "\n")
	}
	b.WriteString("event: " + event + "\ndata: ")
	b.Write(text)
	b.WriteString("\n\n")
	return s.write(b.Bytes())
}

// Data writes an event without a name.
func (s *Stream) Data(v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return s.Text(string(text))
}

// Text writes an event without a name whose data is one line.
func (s *Stream) Text(line string) error { return s.write([]byte("data: " + line + "\n\n")) }

func (s *Stream) write(p []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.w.Write(p); err != nil {
		return err
	}
	return s.rc.Flush()
}
