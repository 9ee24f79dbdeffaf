package transport

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gorilla/websocket"
)

// someone is who makes every request, unless a test says otherwise.
var someone = Caller{Tenant: "school", Subject: "u1", Session: "s1", Rank: 2}

// newServer makes a server with an operation that gives back what it is sent,
// and a socket that does the same. change may alter its configuration.
func newServer(t testing.TB, change ...func(*Config)) *Server {
	t.Helper()
	cfg := Config{
		API: APIConfig("Test", "1", ""),
		Policies: map[string]Policy{
			"echo": {Creates: true}, "read": {Least: 1}, "GET /socket": {Least: 1},
		},
		Authenticate: func(*http.Request) (Caller, error) { return someone, nil },
		Log:          slog.New(slog.DiscardHandler),
	}
	for _, f := range change {
		f(&cfg)
	}
	s := New(cfg, http.NotFoundHandler(), "/api/")
	Register(s, huma.Operation{OperationID: "echo", Method: http.MethodPost, Path: "/api/echo"}, echo)
	Register(s, huma.Operation{OperationID: "read", Method: http.MethodGet, Path: "/api/read"}, func(context.Context, *struct{}) (*text, error) {
		return &text{textBody{"read"}}, nil
	})
	s.Sockets("/socket", func(c *Socket) func([]byte) { return func(message []byte) { c.Reply(string(message)) } })
	return s
}

type textBody struct {
	Text string `json:"text"`
}

type text struct{ Body textBody }

func echo(_ context.Context, in *text) (*text, error) { return in, nil }

// listen serves over TCP.
func listen(t testing.TB, s *Server) *httptest.Server {
	t.Helper()
	srv := httptest.NewServer(s.Handler())
	t.Cleanup(func() {
		s.CloseSockets()
		srv.Close()
	})
	return srv
}

func TestTrustedProxies(t *testing.T) {
	r := httptest.NewRequest("GET", "/", nil)
	r.RemoteAddr = "10.0.0.1:1"
	r.Header.Set("X-Forwarded-For", "1.1.1.1, 192.168.4.9, 10.0.0.2")
	for want, proxies := range map[string][]string{"10.0.0.1": nil, "10.0.0.2": {"10.0.0.1"}, "192.168.4.9": {"10.0.0.1", "10.0.0.2"}} {
		if got := newServer(t, func(c *Config) { c.TrustedProxies = proxies }).addressOf(r); got != want {
			t.Errorf("%v: %s, want %s", proxies, got, want)
		}
	}
}

// A reader who is too slow but alive hears why.
func TestSlowReaderIsTold(t *testing.T) {
	s := newServer(t, func(c *Config) { c.Times.SocketIdle = time.Millisecond })
	opened := make(chan *Socket, 1)
	s.cfg.Policies["GET /slow"] = Policy{}
	s.Sockets("/slow", func(c *Socket) func([]byte) {
		return func([]byte) { opened <- c }
	})
	conn, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(listen(t, s).URL, "http")+"/slow", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.WriteMessage(websocket.TextMessage, []byte("x")); err != nil {
		t.Fatal(err)
	}
	c := <-opened
	for range queuedFrames {
		c.room <- struct{}{} // as if the queue were full
	}
	if err := c.Send(t.Context(), "x"); !errors.Is(err, errSlow) {
		t.Error(err)
	}
	for {
		if _, _, err = conn.ReadMessage(); err != nil {
			break
		}
	}
	if e, ok := errors.AsType[*websocket.CloseError](err); !ok || e.Code != websocket.CloseTryAgainLater {
		t.Errorf("closed with %v", err)
	}
}
