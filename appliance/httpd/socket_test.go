package httpd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gorilla/websocket"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/problem"
)

// tablet is a client on the chat socket.
type tablet struct {
	t    testing.TB
	conn *websocket.Conn
}

func dialSocket(t testing.TB, srv *httptest.Server, header http.Header) (*websocket.Conn, *http.Response, error) {
	t.Helper()
	conn, res, err := websocket.DefaultDialer.DialContext(t.Context(), "ws"+strings.TrimPrefix(srv.URL, "http")+"/ws/chat", header)
	if err == nil {
		t.Cleanup(func() { conn.Close() })
	}
	return conn, res, err
}

func connect(t testing.TB, srv *httptest.Server) *tablet {
	t.Helper()
	conn, _, err := dialSocket(t, srv, http.Header{"Origin": {srv.URL}})
	if err != nil {
		t.Fatal(err)
	}
	return &tablet{t, conn}
}

func (c *tablet) say(message string) {
	c.t.Helper()
	if err := c.conn.WriteMessage(websocket.TextMessage, []byte(message)); err != nil {
		c.t.Fatal(err)
	}
}

// heard is a server frame with its payload undecoded.
type heard struct {
	V       int             `json:"v"`
	Type    string          `json:"type"`
	Request string          `json:"request"`
	Seq     int             `json:"seq"`
	Data    json.RawMessage `json:"data"`
}

func (c *tablet) hear() heard {
	c.t.Helper()
	var f heard
	if err := c.conn.ReadJSON(&f); err != nil {
		c.t.Fatal(err)
	}
	if f.V != 1 || len(f.Data) == 0 || f.Data[0] != '{' {
		c.t.Errorf("envelope %+v", f)
	}
	return f
}

// closedWith reads to the end and returns the close code; -1 is a line cut
// without one.
func (c *tablet) closedWith() int {
	c.t.Helper()
	for {
		if _, _, err := c.conn.ReadMessage(); err != nil {
			if e, ok := errors.AsType[*websocket.CloseError](err); ok {
				return e.Code
			}
			return -1
		}
	}
}

// empty waits until no socket is left in the box.
func (b *box) empty() {
	b.sockets.Wait()
}

func TestSocketAnswers(t *testing.T) {
	b := newBox(t)
	b.tutor.AskFn = func(_ context.Context, org appliance.Principal, q appliance.Question) (Run, error) {
		if org.Org != appliance.DefaultOrg || q.ID != "q1" || q.ConversationID != "c1" || strings.TrimSpace(q.Text) != "Why?" {
			t.Errorf("%s %+v", org.Org, q)
		}
		return told(anAnswer()...), nil
	}
	b.tutor.ResumeFn = func(_ context.Context, _ appliance.Principal, id string) (Run, error) {
		if id != "q1" {
			t.Errorf("resumed %s", id)
		}
		return told(anAnswer()...), nil
	}
	srv := b.start(t)
	c := connect(t, srv)
	c.say(`{"v":1,"type":"ask","request":"q1","data":{"text":" Why? ","conversation":"c1"},"later":"field"}`)
	want := []string{
		`accepted {"conversation_id":"c1","message_id":"m1"}`,
		`position {"ahead":3,"seconds_left":12}`,
		`sources {"passages":[{`,
		`token {"text":"Leaves "}`,
		`token {"text":"are\ngreen."}`,
		`done {"responseText":"Leaves are\ngreen.","mode":"answer","citations":[],"actions":[]`,
	}
	for i, w := range want {
		f := c.hear()
		if got := f.Type + " " + string(f.Data); f.Request != "q1" || f.Seq != i+1 || !strings.HasPrefix(got, w) {
			t.Errorf("%+v %s, want %s", f, got, w)
		}
	}
	c.conn.Close()

	again := connect(t, srv)
	again.say(`{"v":1,"type":"resume","request":"q1","data":{"after":4}}`)
	for seq := 5; seq <= 6; seq++ {
		if f := again.hear(); f.Seq != seq {
			t.Errorf("resumed with %d, want %d", f.Seq, seq)
		}
	}
}

// Asking twice for one answer on one socket gives it once at a time.
func TestAskedAgainIsFollowedAnew(t *testing.T) {
	b := newBox(t)
	following := make(chan struct{}, 2)
	left := make(chan struct{}, 2)
	b.tutor.AskFn = func(context.Context, appliance.Principal, appliance.Question) (Run, error) {
		return runFunc(func(ctx context.Context, _ int, _ func(appliance.Event) error) error {
			following <- struct{}{}
			<-ctx.Done()
			left <- struct{}{}
			return ctx.Err()
		}), nil
	}
	srv := b.start(t)
	c := connect(t, srv)
	ask := `{"v":1,"type":"ask","request":"q1","data":{"text":"Why?"}}`
	c.say(ask)
	<-following
	c.say(ask)
	<-left
	<-following
	c.conn.Close()
	<-left
	b.empty()
}

func TestTooManyQuestionsOnOneSocket(t *testing.T) {
	b := newBox(t)
	b.tutor.AskFn = func(context.Context, appliance.Principal, appliance.Question) (Run, error) {
		return runFunc(func(ctx context.Context, _ int, _ func(appliance.Event) error) error { <-ctx.Done(); return ctx.Err() }), nil
	}
	c := connect(t, b.start(t))
	for i := range maxFollows + 1 {
		c.say(fmt.Sprintf(`{"v":1,"type":"ask","request":"q%d","data":{"text":"Why?"}}`, i))
	}
	if f := c.hear(); f.Type != "error" || f.Request != fmt.Sprintf("q%d", maxFollows) || !strings.Contains(string(f.Data), "too_many_questions") {
		t.Errorf("%+v %s", f, f.Data)
	}
}

// A question can be cancelled while the tutor is only just being asked.
func TestCancel(t *testing.T) {
	for _, c := range []struct {
		name   string
		before bool // cancel arrives before Ask has returned
	}{{"while asking", true}, {"while answering", false}} {
		t.Run(c.name, func(t *testing.T) {
			b := newBox(t)
			asking, release, following := make(chan struct{}), make(chan struct{}), make(chan struct{})
			cancelled := make(chan string, 1)
			b.tutor.AskFn = func(context.Context, appliance.Principal, appliance.Question) (Run, error) {
				close(asking)
				<-release
				return runFunc(func(ctx context.Context, _ int, emit func(appliance.Event) error) error {
					close(following)
					select {
					case id := <-cancelled:
						return emit(appliance.Event{Seq: 1, Type: appliance.EventError, Error: &problem.Problem{Code: problem.Cancelled, Reason: id}})
					case <-ctx.Done():
						return ctx.Err()
					}
				}), nil
			}
			b.tutor.CancelFn = func(_ appliance.Principal, id string) { cancelled <- id }
			tab := connect(t, b.start(t))
			tab.say(`{"v":1,"type":"ask","request":"q1","data":{"text":"Why?"}}`)
			<-asking
			if !c.before {
				close(release)
				<-following
			}
			tab.say(`{"v":1,"type":"cancel","request":"q1"}`)
			tab.say(`{"v":1,"type":"ping"}`)
			if c.before {
				tab.hear() // pong: the cancel has been read
				close(release)
			}
			for {
				f := tab.hear()
				if f.Type == "pong" {
					continue
				}
				if f.Type != "error" || f.Seq != 1 || !strings.Contains(string(f.Data), `"cancelled"`) {
					t.Errorf("%+v %s", f, f.Data)
				}
				break
			}
		})
	}
}

// A panic closes the socket and leaves nothing behind, wherever it happens.
func TestPanicsOnSockets(t *testing.T) {
	bug := func() { panic("a bug") }
	for name, message := range map[string]string{
		"in the read loop": `{"v":1,"type":"cancel","request":"q1"}`,
		"asking":           `{"v":1,"type":"ask","request":"q1","data":{"text":"Why?"}}`,
		"following":        `{"v":1,"type":"resume","request":"q1"}`,
	} {
		t.Run(name, func(t *testing.T) {
			b := newBox(t)
			b.tutor.CancelFn = func(appliance.Principal, string) { bug() }
			b.tutor.AskFn = func(context.Context, appliance.Principal, appliance.Question) (Run, error) { bug(); return nil, nil }
			b.tutor.ResumeFn = func(context.Context, appliance.Principal, string) (Run, error) {
				return runFunc(func(context.Context, int, func(appliance.Event) error) error { bug(); return nil }), nil
			}
			srv := b.start(t)
			for range 50 {
				c := connect(t, srv)
				c.say(message)
				if code := c.closedWith(); code != websocket.CloseInternalServerErr {
					t.Fatalf("closed with %d", code)
				}
			}
			b.empty()
			if n := b.sockets.Count(); n != 0 {
				t.Errorf("%d sessions stay", n)
			}
			if !strings.Contains(b.logged.String(), "a bug") {
				t.Error("the log does not tell")
			}
		})
	}
}

// A socket stays open for hours; what a pupil may see is asked with each question.
func TestAnOpenSocketAsksWithTheClassesOfNow(t *testing.T) {
	b := newBox(t)
	b.auth.AuthenticateFn = func(string) (appliance.Principal, error) {
		return appliance.Principal{Org: appliance.DefaultOrg, User: "u", Role: appliance.RoleStudent, Session: "s", Scope: appliance.Scope{Classes: []appliance.ClassID{"p5"}}}, nil
	}
	b.auth.NowFn = func(p appliance.Principal) (appliance.Principal, error) {
		p.Scope.Classes = nil // taken out of the class since
		return p, nil
	}
	asked := make(chan appliance.Scope, 2)
	b.tutor.AskFn = func(_ context.Context, p appliance.Principal, _ appliance.Question) (Run, error) {
		asked <- p.Scope
		return told(anAnswer()...), nil
	}
	b.tutor.ResumeFn = func(_ context.Context, p appliance.Principal, _ string) (Run, error) {
		asked <- p.Scope
		return told(anAnswer()...), nil
	}
	c := connect(t, b.start(t))
	c.say(`{"v":1,"type":"ask","request":"q1","data":{"text":"Why?"}}`)
	c.say(`{"v":1,"type":"resume","request":"q2","data":{"after":0}}`)
	for range 2 {
		if scope := <-asked; len(scope.Classes) > 0 {
			t.Error("asked with classes that the pupil has left:", scope)
		}
	}
}
