package httpd

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/bwenge-os/bwenge/appliance"
)

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
		if b.sockets.Count() != 0 {
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
	for b.sockets.Count() > 1 { // the box notices
		runtime.Gosched()
	}
	connect(t, srv)
}

// A reader that takes nothing is disconnected, and what it did get has no gap:
// it resumes after the last frame.
func TestSlowReader(t *testing.T) {
	const events = 3000
	b := newBox(t, func(c *Config) { c.Times.SocketIdle = 50 * time.Millisecond })
	all := make([]appliance.Event, events)
	for i := range all {
		all[i] = appliance.Event{Seq: i + 1, Type: appliance.EventToken, Token: strings.Repeat("x", 8<<10)}
	}
	followed := make(chan error, 1)
	b.tutor.AskFn = func(context.Context, appliance.Principal, appliance.Question) (Run, error) {
		return runFunc(func(ctx context.Context, after int, emit func(appliance.Event) error) error {
			err := told(all...).Follow(ctx, after, emit)
			followed <- err
			return err
		}), nil
	}
	b.tutor.ResumeFn = func(context.Context, appliance.Principal, string) (Run, error) { return told(all...), nil }
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
	patient := newBox(t, func(c *Config) { c.Times.SocketIdle = time.Minute })
	patient.tutor.ResumeFn = b.tutor.ResumeFn
	again := connect(t, patient.start(t))
	again.say(fmt.Sprintf(`{"v":1,"type":"resume","request":"q1","data":{"after":%d}}`, last))
	for seq := last + 1; seq <= events; seq++ {
		if f := again.hear(); f.Seq != seq {
			t.Fatalf("seq %d, want %d", f.Seq, seq)
		}
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
	b.tutor.AskFn = func(context.Context, appliance.Principal, appliance.Question) (Run, error) {
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
	if n := b.sockets.Count(); n != 0 {
		t.Errorf("%d sockets stay", n)
	}
}

func TestHalfOpenConnections(t *testing.T) {
	if testing.Short() {
		t.Skip("a short run: this opens hundreds of connections; make test tries it")
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
