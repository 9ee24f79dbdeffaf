package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"sync/atomic"
	"time"
)

// server answers the box. One stretch is written down at a time; the others
// wait.
type server struct {
	engine atomic.Pointer[engine] // nil while loading
	turn   chan struct{}
}

func (s *server) ready(e engine) { s.engine.Store(&e) }

func (s *server) routes() http.Handler {
	s.turn = make(chan struct{}, 1)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /health", func(w http.ResponseWriter, _ *http.Request) {
		if s.engine.Load() == nil {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	mux.HandleFunc("POST /transcribe", s.transcribe)
	return mux
}

// line is one line of the answer; exactly one field is set.
type line struct {
	Segment *segment `json:"segment,omitempty"`
	Alive   bool     `json:"alive,omitempty"`
	Done    *outcome `json:"done,omitempty"`
	Error   *failure `json:"error,omitempty"`
}

type outcome struct {
	Language string `json:"language"`
}

// failure has a code that the box knows: bad_request, failed.
type failure struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// aliveEvery is how often the box is told that the work goes on. It is said
// only if the library has computed something since.
const aliveEvery = 2 * time.Second

func (s *server) transcribe(w http.ResponseWriter, r *http.Request) {
	e := s.engine.Load()
	if e == nil {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	q, rec, err := receive(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/x-ndjson")
	flusher, out := http.NewResponseController(w), json.NewEncoder(w)
	send := func(l line) error {
		if err := out.Encode(l); err != nil {
			return err
		}
		return flusher.Flush()
	}
	if !s.wait(r.Context(), send) {
		return
	}
	defer func() { <-s.turn }()

	var abort atomic.Bool
	stop := context.AfterFunc(r.Context(), func() { abort.Store(true) })
	defer stop()
	// The library is busy in one goroutine, the connection belongs to this one.
	segments := make(chan segment)
	type end struct {
		language string
		err      error
	}
	ended := make(chan end, 1)
	go func() {
		language, err := transcribe(*e, rec, q, &abort, func(s segment) error {
			select {
			case segments <- s:
				return nil
			case <-r.Context().Done():
				return r.Context().Err()
			}
		})
		ended <- end{language, err}
	}()
	tick := time.NewTicker(aliveEvery)
	defer tick.Stop()
	before := (*e).work()
	for {
		select {
		case found := <-segments:
			_ = send(line{Segment: &found})
		case <-tick.C:
			if now := (*e).work(); now != before {
				before = now
				_ = send(line{Alive: true})
			}
		case got := <-ended:
			if got.err != nil {
				_ = send(line{Error: describe(got.err)})
			} else {
				_ = send(line{Done: &outcome{got.language}})
			}
			return
		}
	}
}

// wait takes the turn, telling the box meanwhile that it is in line.
func (s *server) wait(ctx context.Context, send func(line) error) bool {
	tick := time.NewTicker(aliveEvery)
	defer tick.Stop()
	for {
		select {
		case s.turn <- struct{}{}:
			return true
		case <-ctx.Done():
			return false
		case <-tick.C:
			if send(line{Alive: true}) != nil {
				return false
			}
		}
	}
}

func describe(err error) *failure {
	code := "failed"
	if errors.Is(err, errRequest) {
		code = "bad_request"
	}
	return &failure{code, err.Error()}
}
