package httpd

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/problem"
)

func askRequest(t testing.TB, base, body string, headers ...string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, base+"/api/v1/ai/respond", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return r
}

func readAll(res *http.Response) (string, error) {
	b, err := io.ReadAll(res.Body)
	return string(b), err
}

func TestBadQuestions(t *testing.T) {
	for _, c := range []struct {
		name, body string
		want       int
	}{
		{"no body", ``, 400},
		{"not JSON", `{`, 400},
		{"not an object", `[1]`, 422},
		{"no question", `{}`, 422},
		{"empty", `{"userMessage":""}`, 422},
		{"a number", `{"userMessage":5}`, 422},
		{"too long", `{"userMessage":"` + strings.Repeat("é", 4001) + `"}`, 422},
		{"huge", `{"userMessage":"` + strings.Repeat("a", maxQuestionBody) + `"}`, 413},
		{"bad conversation", `{"userMessage":"Why?","sessionId":"../x"}`, 422},
		{"bad request id", `{"userMessage":"Why?","requestId":"a b"}`, 422},
		{"an organization", `{"userMessage":"Why?","org_id":"other"}`, 422},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBox(t)
			b.tutor.AskFn = func(context.Context, appliance.Principal, appliance.Question) (Run, error) {
				t.Error("the tutor was asked")
				return nil, errors.New("unexpected")
			}
			for _, accept := range []string{"application/json", "text/event-stream"} {
				w := b.do("POST", "/api/v1/ai/respond", c.body, "Accept", accept, "Content-Type", "application/json")
				if w.Code != c.want {
					t.Errorf("%s: %d, want %d: %.300s", accept, w.Code, c.want, w.Body)
				}
				problemIn(t, w.Header(), w.Code, w.Body.Bytes())
				if len(w.Body.Bytes()) > 2000 {
					t.Errorf("%s: the problem repeats the question", accept)
				}
			}
		})
	}
}

// Errors before the first byte have a status, also for a stream.
func TestTutorRefuses(t *testing.T) {
	b := newBox(t)
	b.tutor.AskFn = func(context.Context, appliance.Principal, appliance.Question) (Run, error) {
		return nil, problem.New(problem.Busy, "queue_full", "Many are asking.", "Try again soon.", nil)
	}
	for _, accept := range []string{"", "application/json", "text/event-stream", "image/png"} {
		w := b.do("POST", "/api/v1/ai/respond", `{"userMessage":"Why?"}`, "Accept", accept)
		p := problemIn(t, w.Header(), w.Code, w.Body.Bytes())
		if w.Code != 503 || p.Reason != "queue_full" || w.Header().Get("Retry-After") == "" {
			t.Errorf("Accept %q: %d %s", accept, w.Code, w.Body)
		}
	}
}

func TestWholeAnswer(t *testing.T) {
	busy := problem.New(problem.Unavailable, "engine_down", "The engine is down.", "Wait.", nil)
	for _, c := range []struct {
		name string
		run  Run
		want int
	}{
		{"an error event", told(appliance.Event{Seq: 1, Type: appliance.EventError, Error: &busy.Problem}), 503},
		{"a broken run", runFunc(func(context.Context, int, func(appliance.Event) error) error { return errors.New("broken") }), 500},
		{"no end", told(anAnswer()[:3]...), 500},
		{"an answer", told(anAnswer()...), 200},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBox(t)
			var asked appliance.Question
			b.tutor.AskFn = func(_ context.Context, org appliance.Principal, q appliance.Question) (Run, error) {
				if org.Org != appliance.DefaultOrg {
					t.Errorf("organization %q", org.Org)
				}
				asked = q
				return c.run, nil
			}
			w := b.do("POST", "/api/v1/ai/respond", `{"userMessage":" Why? ","sessionId":"c1","requestId":""}`)
			if w.Code != c.want {
				t.Fatalf("%d, want %d: %s", w.Code, c.want, w.Body)
			}
			if strings.TrimSpace(asked.Text) != "Why?" || asked.ConversationID != "c1" || asked.ID == "" {
				t.Errorf("asked %+v", asked)
			}
			if c.want != 200 {
				problemIn(t, w.Header(), w.Code, w.Body.Bytes())
				return
			}
			if !strings.Contains(w.Body.String(), `"citations":[]`) || !strings.Contains(w.Body.String(), `"actions":[]`) {
				t.Errorf("empty lists are null: %s", w.Body)
			}
		})
	}
}

// sseMessage is one server-sent event as a client reads it.
type sseMessage struct{ event, id, data string }

func readEvents(t testing.TB, r io.Reader) []sseMessage {
	t.Helper()
	var all []sseMessage
	var m sseMessage
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), ": ")
		switch {
		case lines.Text() == "" && m != sseMessage{}:
			all = append(all, m)
			m = sseMessage{}
		case name == "event":
			m.event = value
		case name == "id":
			m.id = value
		case name == "data":
			m.data = value
		}
	}
	return all
}

func TestAnswerAsEvents(t *testing.T) {
	b := newBox(t)
	b.tutor.AskFn = func(_ context.Context, _ appliance.Principal, q appliance.Question) (Run, error) {
		if q.ID != "q1" {
			t.Errorf("request id %q", q.ID)
		}
		return told(anAnswer()...), nil
	}
	for _, c := range []struct {
		last string
		want []string
	}{
		{"", []string{"accepted 1", "position 2", "sources 3", "token 4", "token 5", "done 6"}},
		{"4", []string{"token 5", "done 6"}},
		{"6", nil},
	} {
		w := b.do("POST", "/api/v1/ai/respond", `{"userMessage":"Why?","requestId":"q1"}`,
			"Accept", "text/event-stream;q=0.9, application/json;q=0.1", "Last-Event-ID", c.last)
		if w.Code != 200 || w.Header().Get("Content-Type") != "text/event-stream" || w.Header().Get("X-Accel-Buffering") != "no" {
			t.Fatalf("%d %v", w.Code, w.Header())
		}
		var got []string
		for _, m := range readEvents(t, w.Body) {
			got = append(got, m.event+" "+m.id)
			var e appliance.Event
			if err := json.Unmarshal([]byte(m.data), &e); err != nil {
				t.Fatalf("%v: %s", err, m.data)
			}
			if string(e.Type) != m.event {
				t.Errorf("event %s holds %s", m.event, m.data)
			}
		}
		if strings.Join(got, ",") != strings.Join(c.want, ",") {
			t.Errorf("after %q: %v", c.last, got)
		}
	}
}

// Errors after the first byte are an event; the cause stays inside.
func TestStreamBreaks(t *testing.T) {
	b := newBox(t)
	b.tutor.AskFn = func(context.Context, appliance.Principal, appliance.Question) (Run, error) {
		return runFunc(func(_ context.Context, _ int, emit func(appliance.Event) error) error {
			_ = emit(anAnswer()[0])
			return errors.New("secret cause")
		}), nil
	}
	w := b.do("POST", "/api/v1/ai/respond", `{"userMessage":"Why?"}`, "Accept", "text/event-stream")
	events := readEvents(t, w.Body)
	if len(events) != 2 || events[1].event != "error" || !strings.Contains(events[1].data, `"code":"internal"`) {
		t.Fatalf("%v", events)
	}
	if strings.Contains(w.Body.String(), "secret") {
		t.Error("the cause is shown")
	}
}

// The answer outlasts the deadline of the request's body, and heartbeats keep
// the line open meanwhile; a client that leaves stops the following.
func TestLongStream(t *testing.T) {
	b := newBox(t, func(c *Config) { c.Times.Heartbeat, c.Times.BodyIdle = time.Millisecond, 5*time.Millisecond })
	ended := make(chan error, 1)
	b.tutor.AskFn = func(context.Context, appliance.Principal, appliance.Question) (Run, error) {
		return runFunc(func(ctx context.Context, _ int, emit func(appliance.Event) error) error {
			_ = emit(anAnswer()[0])
			<-ctx.Done()
			ended <- ctx.Err()
			return ctx.Err()
		}), nil
	}
	srv := b.start(t)
	res, err := http.DefaultClient.Do(askRequest(t, srv.URL, `{"userMessage":"Why?"}`, "Accept", "text/event-stream"))
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(res.Body)
	alive := 0
	for alive < 40 && lines.Scan() { // at a millisecond each far beyond the body's deadline
		if lines.Text() == ": alive" {
			alive++
		}
	}
	if alive < 40 {
		t.Fatalf("the stream ended after %d heartbeats: %v", alive, lines.Err())
	}
	select {
	case err := <-ended:
		t.Fatalf("the run was left: %v", err)
	default:
	}
	res.Body.Close()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// A reader that takes nothing is given up, however long answers may be.
func TestStuckReader(t *testing.T) {
	b := newBox(t, func(c *Config) { c.Times.WriteIdle = 20 * time.Millisecond })
	ended := make(chan struct{})
	b.tutor.AskFn = func(context.Context, appliance.Principal, appliance.Question) (Run, error) {
		return runFunc(func(_ context.Context, _ int, emit func(appliance.Event) error) error {
			defer close(ended)
			for {
				if err := emit(appliance.Event{Seq: 1, Type: appliance.EventToken, Token: strings.Repeat("x", 1<<16)}); err != nil {
					return err
				}
			}
		}), nil
	}
	srv := b.start(t)
	res, err := http.DefaultClient.Do(askRequest(t, srv.URL, `{"userMessage":"Why?"}`, "Accept", "text/event-stream"))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	<-ended // nothing is read from the body
}
