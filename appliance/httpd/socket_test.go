package httpd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/bwenge-os/bwenge/appliance"
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
	b.sockets.serving.Wait()
}

func TestSocketRefusals(t *testing.T) {
	for _, c := range []struct {
		name   string
		header http.Header
		want   int
	}{
		{"foreign origin", http.Header{"Origin": {"http://evil.com"}}, 403},
		{"null origin", http.Header{"Origin": {"null"}}, 403},
		{"our name inside", http.Header{"Origin": {"http://127.0.0.1.evil.com"}}, 403},
		{"our address on another port", http.Header{"Origin": {"http://127.0.0.1:1"}}, 403},
		{"cross-site", http.Header{"Sec-Fetch-Site": {"cross-site"}}, 403},
		{"rebound name", http.Header{"Host": {"evil.com"}, "Origin": {"http://evil.com"}}, 421},
	} {
		b := newBox(t)
		srv := b.start(t)
		_, res, err := dialSocket(t, srv, c.header)
		if err == nil || res == nil || res.StatusCode != c.want {
			t.Errorf("%s: %v %v", c.name, err, res)
		}
		if b.sockets.melody.Len() != 0 {
			t.Errorf("%s: a session stays", c.name)
		}
	}
	b := newBox(t)
	w := b.do("GET", "/ws/chat", "")
	if p := problemIn(t, w.Header(), w.Code, w.Body.Bytes()); w.Code != 400 || p.Reason != "not_a_socket" {
		t.Errorf("an ordinary request: %d %s", w.Code, w.Body)
	}
}

func TestSocketsAreBounded(t *testing.T) {
	b := newBox(t, func(c *Config) { c.MaxSocketsPerAddress = 2 })
	srv := b.start(t)
	first, _ := connect(t, srv), connect(t, srv)
	_, res, err := dialSocket(t, srv, nil)
	if err == nil || res.StatusCode != http.StatusServiceUnavailable || res.Header.Get("Retry-After") == "" {
		t.Fatalf("a third socket: %v %v", err, res)
	}
	first.conn.Close()
	for b.sockets.melody.Len() > 1 { // the box notices
		runtime.Gosched()
	}
	for {
		b.sockets.mu.Lock()
		n := b.sockets.count
		b.sockets.mu.Unlock()
		if n == 1 {
			break
		}
		runtime.Gosched()
	}
	connect(t, srv)
}

func TestBadMessages(t *testing.T) {
	b := newBox(t)
	b.tutor.AskFn = func(context.Context, appliance.OrgID, appliance.Question) (Run, error) {
		t.Error("the tutor was asked")
		return nil, errors.New("unexpected")
	}
	b.tutor.ResumeFn = func(context.Context, appliance.OrgID, string) (Run, error) { return nil, errGone }
	srv := b.start(t)
	c := connect(t, srv)
	for _, m := range []struct{ message, request, reason string }{
		{`hello`, "", "bad_message"},
		{`{`, "", "bad_message"},
		{`[]`, "", "bad_message"},
		{`null`, "", "bad_version"},
		{`{"v":2,"type":"ask","request":"q1"}`, "q1", "bad_version"},
		{`{"v":1,"type":"shout","request":"q1"}`, "q1", "bad_type"},
		{`{"v":1,"type":"ask"}`, "", "bad_request_id"},
		{`{"v":1,"type":"ask","request":"../x"}`, "", "bad_request_id"},
		{`{"v":1,"type":"ask","request":"q1"}`, "q1", "empty_question"},
		{`{"v":1,"type":"ask","request":"q1","data":[]}`, "q1", "bad_message"},
		{`{"v":1,"type":"ask","request":"q1","data":{"text":" "}}`, "q1", "empty_question"},
		{`{"v":1,"type":"ask","request":"q1","data":{"text":"` + strings.Repeat("é", 4001) + `"}}`, "q1", "question_too_long"},
		{`{"v":1,"type":"ask","request":"q1","data":{"text":"Why?","conversation":"../x"}}`, "q1", "bad_message"},
		{`{"v":1,"type":"resume","request":"q1","data":{"after":-1}}`, "q1", "bad_message"},
		{`{"v":1,"type":"resume","request":"q1","data":{"after":3}}`, "q1", "source_not_found"},
	} {
		c.say(m.message)
		f := c.hear()
		var p appliance.Problem
		if err := json.Unmarshal(f.Data, &p); err != nil {
			t.Fatal(err)
		}
		if f.Type != "error" || f.Seq != 0 || f.Request != m.request || p.Reason != m.reason || p.Message == "" {
			t.Errorf("%.80s: %+v %s", m.message, f, f.Data)
		}
	}
	c.say(`{"v":1,"type":"ping"}`)
	if f := c.hear(); f.Type != "pong" {
		t.Errorf("the socket is not alive after it all: %+v", f)
	}
}

func TestSocketAnswers(t *testing.T) {
	b := newBox(t)
	b.tutor.AskFn = func(_ context.Context, org appliance.OrgID, q appliance.Question) (Run, error) {
		if org != appliance.DefaultOrg || q.ID != "q1" || q.ConversationID != "c1" || q.Text != "Why?" {
			t.Errorf("%s %+v", org, q)
		}
		return told(anAnswer()...), nil
	}
	b.tutor.ResumeFn = func(_ context.Context, _ appliance.OrgID, id string) (Run, error) {
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
	b.tutor.AskFn = func(context.Context, appliance.OrgID, appliance.Question) (Run, error) {
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
	b.tutor.AskFn = func(context.Context, appliance.OrgID, appliance.Question) (Run, error) {
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
			b.tutor.AskFn = func(context.Context, appliance.OrgID, appliance.Question) (Run, error) {
				close(asking)
				<-release
				return runFunc(func(ctx context.Context, _ int, emit func(appliance.Event) error) error {
					close(following)
					select {
					case id := <-cancelled:
						return emit(appliance.Event{Seq: 1, Type: appliance.EventError, Error: &appliance.Problem{Code: appliance.ECancelled, Reason: id}})
					case <-ctx.Done():
						return ctx.Err()
					}
				}), nil
			}
			b.tutor.CancelFn = func(_ appliance.OrgID, id string) { cancelled <- id }
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
			b.tutor.CancelFn = func(appliance.OrgID, string) { bug() }
			b.tutor.AskFn = func(context.Context, appliance.OrgID, appliance.Question) (Run, error) { bug(); return nil, nil }
			b.tutor.ResumeFn = func(context.Context, appliance.OrgID, string) (Run, error) {
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
			if n := b.sockets.melody.Len(); n != 0 {
				t.Errorf("%d sessions stay", n)
			}
			if !strings.Contains(b.logged.String(), "a bug") {
				t.Error("the log does not tell")
			}
		})
	}
}

// A reader that takes nothing is disconnected, and what it did get has no gap:
// it resumes after the last frame.
func TestSlowReader(t *testing.T) {
	const events = 3000
	b := newBox(t)
	b.sockets.slow = 50 * time.Millisecond
	all := make([]appliance.Event, events)
	for i := range all {
		all[i] = appliance.Event{Seq: i + 1, Type: appliance.EventToken, Token: strings.Repeat("x", 8<<10)}
	}
	followed := make(chan error, 1)
	b.tutor.AskFn = func(context.Context, appliance.OrgID, appliance.Question) (Run, error) {
		return runFunc(func(ctx context.Context, after int, emit func(appliance.Event) error) error {
			err := told(all...).Follow(ctx, after, emit)
			followed <- err
			return err
		}), nil
	}
	b.tutor.ResumeFn = func(context.Context, appliance.OrgID, string) (Run, error) { return told(all...), nil }
	srv := b.start(t)
	c := connect(t, srv)
	c.say(`{"v":1,"type":"ask","request":"q1","data":{"text":"Why?"}}`)
	if err := <-followed; err == nil {
		t.Fatal("24 MB went to a reader who takes nothing")
	}
	b.empty()
	last := 0
	for {
		var f heard
		if err := c.conn.ReadJSON(&f); err != nil {
			break
		}
		if f.Seq != last+1 {
			t.Fatalf("seq %d after %d", f.Seq, last)
		}
		last = f.Seq
	}
	if last == 0 || last == events {
		t.Fatalf("%d frames arrived", last)
	}

	// A burst far above the queue goes through to a reader who reads.
	b.sockets.slow = time.Minute
	again := connect(t, srv)
	again.say(fmt.Sprintf(`{"v":1,"type":"resume","request":"q1","data":{"after":%d}}`, last))
	for seq := last + 1; seq <= events; seq++ {
		if f := again.hear(); f.Seq != seq {
			t.Fatalf("seq %d, want %d", f.Seq, seq)
		}
	}
}

// A reader who is too slow but alive hears why.
func TestSlowReaderIsTold(t *testing.T) {
	b := newBox(t)
	b.sockets.slow = time.Millisecond
	c := connect(t, b.start(t))
	var sock *socket
	for sock == nil {
		b.sockets.mu.Lock()
		for sock = range b.sockets.open {
		}
		b.sockets.mu.Unlock()
	}
	for range queuedFrames {
		sock.room <- struct{}{} // as if the queue were full
	}
	if err := sock.send(t.Context(), ServerFrame{}); !errors.Is(err, errSlow) {
		t.Error(err)
	}
	if code := c.closedWith(); code != websocket.CloseTryAgainLater {
		t.Errorf("closed with %d", code)
	}
}

func TestFloods(t *testing.T) {
	t.Run("1 GB frame", func(t *testing.T) {
		b := newBox(t)
		srv := b.start(t)
		c := connect(t, srv)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		// FIN, text; masked, 64-bit length; no mask. The bytes need not follow.
		raw := c.conn.NetConn()
		if _, err := raw.Write([]byte{0x81, 0xff, 0, 0, 0, 0, 0x40, 0, 0, 0, 0, 0, 0, 0}); err != nil {
			t.Fatal(err)
		}
		if code := c.closedWith(); code != websocket.CloseMessageTooBig {
			t.Errorf("closed with %d", code)
		}
		b.empty()
		runtime.ReadMemStats(&after)
		if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 8<<20 {
			t.Errorf("the heap grew by %d MB", grown>>20)
		}
	})
	t.Run("a message in endless pieces", func(t *testing.T) {
		b := newBox(t)
		srv := b.start(t)
		c := connect(t, srv)
		w, err := c.conn.NextWriter(websocket.TextMessage)
		if err != nil {
			t.Fatal(err)
		}
		for range 1000 {
			if _, err = w.Write(make([]byte, 4<<10)); err != nil {
				break
			}
		}
		if code := c.closedWith(); code != websocket.CloseMessageTooBig && code != -1 {
			t.Errorf("closed with %d", code)
		}
		b.empty()
	})
	t.Run("many messages", func(t *testing.T) {
		b := newBox(t)
		srv := b.start(t)
		c := connect(t, srv)
		for range 10_000 {
			if c.conn.WriteMessage(websocket.TextMessage, []byte(`{"v":1,"type":"ping"}`)) != nil {
				break
			}
		}
		if code := c.closedWith(); code != websocket.ClosePolicyViolation && code != -1 {
			t.Errorf("closed with %d", code)
		}
		b.empty()
		if !strings.Contains(b.logged.String(), "too many messages") {
			t.Error("closed for another reason")
		}
	})
	t.Run("binary", func(t *testing.T) {
		b := newBox(t)
		c := connect(t, b.start(t))
		if err := c.conn.WriteMessage(websocket.BinaryMessage, []byte{1}); err != nil {
			t.Fatal(err)
		}
		if code := c.closedWith(); code != websocket.CloseUnsupportedData {
			t.Errorf("closed with %d", code)
		}
	})
}

// A thousand tablets come and go; nothing of them stays.
func TestSocketsLeaveNothing(t *testing.T) {
	b := newBox(t)
	b.tutor.AskFn = func(context.Context, appliance.OrgID, appliance.Question) (Run, error) {
		return runFunc(func(ctx context.Context, _ int, emit func(appliance.Event) error) error {
			_ = emit(anAnswer()[0])
			<-ctx.Done()
			return ctx.Err()
		}), nil
	}
	srv := b.start(t)
	c := connect(t, srv)
	c.say(`{"v":1,"type":"ask","request":"q1","data":{"text":"Why?"}}`)
	c.hear()
	c.conn.Close()
	b.empty()
	before := runtime.NumGoroutine()
	for i := range 300 {
		c := connect(t, srv)
		c.say(`{"v":1,"type":"ask","request":"q1","data":{"text":"Why?"}}`)
		if i%2 == 0 {
			c.hear()
		}
		c.conn.Close()
	}
	b.empty()
	deadline := time.Now().Add(10 * time.Second)
	for runtime.NumGoroutine() > before+5 && time.Now().Before(deadline) {
		runtime.Gosched() // net/http ends its connections' goroutines a moment later
	}
	if now := runtime.NumGoroutine(); now > before+5 {
		t.Errorf("%d goroutines, %d before", now, before)
	}
	b.sockets.mu.Lock()
	defer b.sockets.mu.Unlock()
	if b.sockets.count != 0 || len(b.sockets.perAddress) != 0 || len(b.sockets.open) != 0 || b.sockets.melody.Len() != 0 {
		t.Errorf("%d %v %d %d", b.sockets.count, b.sockets.perAddress, len(b.sockets.open), b.sockets.melody.Len())
	}
}

func TestHalfOpenConnections(t *testing.T) {
	if testing.Short() {
		t.Skip("opens many connections")
	}
	b := newBox(t)
	srv := b.start(t)
	for range 200 {
		conn, err := net.Dial("tcp", srv.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		fmt.Fprint(conn, "GET /ws/chat HTTP/1.1\r\nHost: localhost\r\n") // and no more
	}
	c := connect(t, srv)
	c.say(`{"v":1,"type":"ping"}`)
	if f := c.hear(); f.Type != "pong" {
		t.Errorf("%+v", f)
	}
}

func FuzzFrame(f *testing.F) {
	for _, seed := range []string{
		`{"v":1,"type":"ask","request":"q1","data":{"text":"Why?","conversation":"c1"}}`,
		`{"v":1,"type":"resume","request":"q1","data":{"after":12}}`,
		`{"v":1,"type":"cancel","request":"q1"}`, `{"v":1,"type":"ping"}`, `{"v":1e0}`, `null`, "\xff", `{"data":"x"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, message []byte) {
		frame, err := parseFrame(message)
		if frame.Request != "" && !idPattern.MatchString(frame.Request) {
			t.Errorf("request id %q", frame.Request)
		}
		if err != nil {
			if code := appliance.CodeOf(err); code != appliance.EInvalid && code != appliance.ETooLarge {
				t.Errorf("a bad message is %s: %v", code, err)
			}
			return
		}
		if frame.Type != framePing && frame.Request == "" || frame.Data.After < 0 ||
			frame.Data.Conversation != "" && !idPattern.MatchString(frame.Data.Conversation) ||
			len(frame.Data.Text) > 4*maxQuestionRunes {
			t.Errorf("accepted %+v from %q", frame, message)
		}
	})
}
