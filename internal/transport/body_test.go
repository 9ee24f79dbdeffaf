package transport

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/bwenge-os/bwenge/internal/problem"
)

// serve runs a server as the box does, and returns its address.
func serve(t testing.TB, s *Server) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx, l) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return l.Addr().String()
}

func dial(t testing.TB, address string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// ends waits until the server has closed a connection, and returns what it said.
func ends(t testing.TB, conn net.Conn) string {
	t.Helper()
	_ = conn.SetReadDeadline(time.Now().Add(20 * time.Second))
	said, err := io.ReadAll(conn)
	if errors.Is(err, context.DeadlineExceeded) || err != nil && strings.Contains(err.Error(), "timeout") {
		t.Fatalf("still open after 20 s; it said %.200q", said)
	}
	return string(said)
}

// Bodies that do not come are given up, whether the request has been answered
// or not, and however little keeps coming.
func TestSlowBodiesEnd(t *testing.T) {
	short := func(c *Config) { c.Times = Times{BodyIdle: 100 * time.Millisecond, Linger: 100 * time.Millisecond} }
	refuse := func(c *Config) {
		c.Policies["echo"] = Policy{Least: 1}
		c.Authenticate = func(*http.Request) (Caller, error) {
			return Caller{}, problem.New(problem.Unauthorized, "token_missing", "You are not signed in.", "Sign in.", nil)
		}
	}
	for _, c := range []struct {
		name, path string
		change     func(*Config)
		trickle    bool
		status     string
	}{
		{"refused before the body", "/api/echo", refuse, false, "401"},
		{"refused, and trickling", "/api/echo", refuse, true, "401"},
		{"no such route", "/api/nothing", func(*Config) {}, false, "404"},
		{"a method that it does not know", "/api/read", func(*Config) {}, false, "405"},
		{"too large", "/api/echo", func(c *Config) { c.Policies["echo"] = Policy{MaxBody: 8} }, true, "413"},
		{"standing still", "/api/echo", func(*Config) {}, false, "408"},
		{"trickling", "/api/echo", func(*Config) {}, true, "408"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			conn := dial(t, serve(t, newServer(t, short, c.change)))
			fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 20000\r\n\r\n{\"text\":\"", c.path)
			if c.trickle {
				stop := make(chan struct{})
				defer close(stop)
				go func() {
					for {
						select {
						case <-stop:
							return
						case <-time.After(20 * time.Millisecond):
							if _, err := io.WriteString(conn, "x"); err != nil {
								return
							}
						}
					}
				}()
			}
			said := ends(t, conn)
			// A client that still writes may find the line cut before it reads.
			if !strings.HasPrefix(said, "HTTP/1.1 "+c.status) && !(c.trickle && said == "") {
				t.Errorf("it said %.300q", said)
			}
			if said != "" && !strings.Contains(said, "Connection: close") {
				t.Errorf("the client is not told that the line ends: %.300q", said)
			}
		})
	}
}

// A body that comes slowly but steadily, as over bad Wi-Fi, is taken.
func TestSteadyBody(t *testing.T) {
	s := newServer(t, func(c *Config) { c.Times.BodyIdle = 5 * time.Second })
	conn := dial(t, serve(t, s))
	const pieces = 10
	fmt.Fprintf(conn, "POST /api/echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n{\"text\":\"", 11+pieces*1000)
	for range pieces {
		time.Sleep(80 * time.Millisecond)
		io.WriteString(conn, strings.Repeat("x", 1000))
	}
	io.WriteString(conn, `"}`)
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil || res.StatusCode != 200 || res.Close {
		t.Errorf("%v %v", err, res)
	}
}

// What is wrong with a body is the client's fault.
func TestBrokenBodies(t *testing.T) {
	address := serve(t, newServer(t, func(c *Config) { c.Times.BodyIdle = 100 * time.Millisecond }))
	for name, c := range map[string]struct {
		headers, body string
		hangUp        bool
		want          string
	}{
		"cut off":                       {"Content-Length: 100", `{"text":"a`, true, "400"},
		"not a length":                  {"Content-Length: x", `{}`, false, "400"},
		"two lengths":                   {"Content-Length: 2\r\nContent-Length: 3", `{}`, false, "400"},
		"shorter than it says":          {"Content-Length: 5", `{"text":"a"}`, false, "400"},
		"bad chunk":                     {"Transfer-Encoding: chunked", "zz\r\n{}\r\n", false, "400"},
		"chunk cut off":                 {"Transfer-Encoding: chunked", "ff\r\n{}", true, "400"},
		"chunk that hangs":              {"Transfer-Encoding: chunked", "ff\r\n{}", false, "408"},
		"chunk that ends wrong":         {"Transfer-Encoding: chunked", "2\r\n{}xx0\r\n\r\n", false, "400"},
		"chunks without an end":         {"Transfer-Encoding: chunked", "2\r\n{}\r\n", true, "400"},
		"not JSON":                      {"Content-Length: 3", `{{{`, false, "400"},
		"nothing":                       {"Content-Length: 0", ``, false, "400"},
		"a form":                        {"Content-Length: 3\r\nContent-Type: multipart/form-data; boundary=x", `--x`, false, "415"},
		"cut off with a key":            {"Content-Length: 100\r\nIdempotency-Key: k1", `{"text":"a`, true, "400"},
		"chunk that hangs, with a key":  {"Transfer-Encoding: chunked\r\nIdempotency-Key: k2", "ff\r\n{}", false, "408"},
		"chunk that is bad, with a key": {"Transfer-Encoding: chunked\r\nIdempotency-Key: k3", "zz\r\n{}\r\n", false, "400"},
	} {
		t.Run(name, func(t *testing.T) {
			conn := dial(t, address).(*net.TCPConn)
			if !strings.Contains(c.headers, "Content-Type") {
				c.headers += "\r\nContent-Type: application/json"
			}
			fmt.Fprintf(conn, "POST /api/echo HTTP/1.1\r\nHost: localhost\r\n%s\r\n\r\n%s", c.headers, c.body)
			if c.hangUp {
				conn.CloseWrite()
			}
			line, err := bufio.NewReader(conn).ReadString('\n')
			if err != nil || !strings.HasPrefix(line, "HTTP/1.1 "+c.want) {
				t.Errorf("%v %q", err, line)
			}
		})
	}
}

// HEAD is GET without a body.
func TestHead(t *testing.T) {
	s := newServer(t)
	s.Get("/plain", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "plain") })
	srv := listen(t, s)
	for path, want := range map[string]int{"/api/read": 200, "/plain": 200, "/api/echo": 405, "/api/nothing": 404} {
		res, err := http.Head(srv.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		if res.StatusCode != want || len(body) > 0 || err != nil {
			t.Errorf("%s: %d %q %v", path, res.StatusCode, body, err)
		}
		res.Body.Close()
	}
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodHead, "/api/read", nil)
	r.Host = "localhost"
	if s.Handler().ServeHTTP(w, r); w.Code != 200 || w.Body.Len() > 0 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if _, ok := s.API.OpenAPI().Paths["/api/read"]; !ok || s.API.OpenAPI().Paths["/api/read"].Head != nil {
		t.Error("the document should not list HEAD")
	}
}

// keeper is a RequestStore whose answers cannot be kept.
type keeper struct {
	mu      sync.Mutex
	dropped int
}

func (*keeper) BeginRequest(context.Context, RequestKey, string) (*StoredResponse, error) {
	return nil, nil
}

func (*keeper) FinishRequest(context.Context, RequestKey, StoredResponse) error {
	return errors.New("the disk is full")
}

func (k *keeper) DropRequest(context.Context, RequestKey) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.dropped++
	return nil
}

// An answer that cannot be kept is still the only one.
func TestAnswerThatIsNotKept(t *testing.T) {
	store := &keeper{}
	s := newServer(t, func(c *Config) { c.Requests = store })
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodPost, "/api/echo", strings.NewReader(`{"text":"once"}`))
	r.Host = "localhost"
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Idempotency-Key", "k")
	if s.Handler().ServeHTTP(w, r); w.Code != 200 || strings.TrimSpace(w.Body.String()) != `{"text":"once"}` {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if store.dropped != 0 {
		t.Error("a deed that was done can be done again under its key")
	}
}

// An error that comes when an answer has begun breaks it off.
func TestErrorAfterTheAnswerHasBegun(t *testing.T) {
	s := newServer(t)
	s.Get("/half", func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, `{"half":`)
		WriteProblem(w, r, errors.New("broken"))
	})
	res, err := http.Get(listen(t, s).URL + "/half")
	if err == nil {
		defer res.Body.Close()
		var body []byte
		if body, err = io.ReadAll(res.Body); strings.Contains(string(body), "problem") {
			t.Errorf("two answers: %s", body)
		}
	}
	if err == nil {
		t.Error("half an answer looks whole")
	}
}

// One address cannot take all connections; what it has too many is closed, and
// those it lets go count no more.
func TestConnectionsPerAddress(t *testing.T) {
	s := newServer(t, func(c *Config) { c.MaxConnectionsPerAddress = 3 })
	address := serve(t, s)
	alive := func(conn net.Conn) bool {
		fmt.Fprint(conn, "GET /api/read HTTP/1.1\r\nHost: localhost\r\n\r\n")
		line, err := bufio.NewReader(conn).ReadString('\n')
		return err == nil && strings.HasPrefix(line, "HTTP/1.1 200")
	}
	var open []net.Conn
	for range 3 {
		conn := dial(t, address)
		if !alive(conn) {
			t.Fatal("one of the first three is refused")
		}
		open = append(open, conn)
	}
	if alive(dial(t, address)) {
		t.Error("a fourth is served")
	}
	other, err := (&net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2)}}).Dial("tcp", address)
	if err != nil {
		t.Skip("no second address here:", err)
	}
	defer other.Close()
	if !alive(other) {
		t.Error("another address is held up")
	}
	open[0].Close()
	for range 200 {
		if alive(dial(t, address)) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Error("a connection that was let go still counts")
}

// One sign-in cannot take all sockets of its address.
func TestSocketsPerSession(t *testing.T) {
	session := "s1"
	s := newServer(t, func(c *Config) {
		c.Authenticate = func(*http.Request) (Caller, error) {
			who := someone
			who.Session = session
			return who, nil
		}
	})
	url := "ws" + strings.TrimPrefix(listen(t, s).URL, "http") + "/socket"
	open := func() error {
		conn, _, err := websocket.DefaultDialer.Dial(url, nil)
		if err == nil {
			t.Cleanup(func() { conn.Close() })
		}
		return err
	}
	for i := range maxPerSession {
		if err := open(); err != nil {
			t.Fatalf("socket %d: %v", i+1, err)
		}
	}
	if open() == nil {
		t.Error("one more is opened")
	}
	session = "s2"
	if err := open(); err != nil {
		t.Error("another session is held up:", err)
	}
}

// Using one thing up does not close another.
func TestLimitsAreApart(t *testing.T) {
	s := newServer(t, func(c *Config) {
		c.Policies["echo"] = Policy{Least: 1, Limit: Limit{Name: "voice", PerMinute: 5}}
		c.Policies["read"] = Policy{Least: 1, Limit: Limit{Name: "help", PerMinute: 2}}
	})
	do := func(method, path, body string) int {
		w := httptest.NewRecorder()
		r := httptest.NewRequest(method, path, strings.NewReader(body))
		r.Host = "localhost"
		r.Header.Set("Content-Type", "application/json")
		s.Handler().ServeHTTP(w, r)
		return w.Code
	}
	for range 5 {
		if code := do("POST", "/api/echo", `{"text":"a"}`); code != 200 {
			t.Fatal(code)
		}
	}
	if code := do("POST", "/api/echo", `{"text":"a"}`); code != 429 {
		t.Error("no limit:", code)
	}
	for range 2 {
		if code := do("GET", "/api/read", ""); code != 200 {
			t.Error("a call for help is held up by voices:", code)
		}
	}
	if code := do("GET", "/api/read", ""); code != 429 {
		t.Error("no limit:", code)
	}
}
