package httpd

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/problem"
)

// identity is what the box knows of a request beside its content.
type identity struct {
	id        string
	log       *slog.Logger
	request   *http.Request
	principal appliance.Principal // set when a policy has let the request in
}

type identityKey struct{}

func requestIDOf(ctx context.Context) string {
	if i, ok := ctx.Value(identityKey{}).(*identity); ok {
		return i.id
	}
	return ""
}

func loggerOf(ctx context.Context) *slog.Logger {
	if i, ok := ctx.Value(identityKey{}).(*identity); ok {
		return i.log
	}
	return slog.Default()
}

// identify gives each request an id that its log lines, its answer's header and
// its problem share.
func (s *Server) identify(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := rand.Text()[:16]
		who := &identity{id: id, log: s.log.With(slog.String("request_id", id))}
		w.Header().Set("X-Request-Id", id)
		r = r.WithContext(context.WithValue(r.Context(), identityKey{}, who))
		who.request = r
		out := &response{ResponseWriter: w, control: http.NewResponseController(w), idle: s.writeIdle}
		// A deadline of the connection's last answer must not hit this one.
		_ = out.control.SetWriteDeadline(time.Time{})
		if r.Body != nil && r.Body != http.NoBody {
			r.Body = &body{ReadCloser: r.Body, control: out.control, idle: s.bodyIdle}
		}
		next.ServeHTTP(out, r)
	})
}

// recoverPanics turns a panic into an internal error, or, when the answer has
// begun, into a broken connection: half an answer must not look whole.
func (s *Server) recoverPanics(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			what := recover()
			if what == nil {
				return
			}
			if what == http.ErrAbortHandler {
				panic(what)
			}
			if err, ok := what.(error); ok && r.Context().Err() != nil && errors.Is(err, context.Canceled) {
				return // huma panics when it cannot write to a client that left
			}
			loggerOf(r.Context()).Error("panic", slog.Any("panic", what), slog.String("stack", string(debug.Stack())))
			if out, ok := w.(*response); ok && out.status != 0 {
				panic(http.ErrAbortHandler)
			}
			writeProblem(w, r, errors.New("panic"))
		}()
		next.ServeHTTP(w, r)
	})
}

// logAccess writes a line for each request: never the query, which may hold
// what a pupil searched for.
func (s *Server) logAccess(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		defer func() {
			level, status, size := slog.LevelDebug, http.StatusOK, int64(0)
			if out, ok := w.(*response); ok && out.status != 0 {
				status, size = out.status, out.bytes
			}
			if strings.HasPrefix(r.URL.Path, "/api/") && r.URL.Path != "/api/v1/health" || r.URL.Path == "/ws/chat" {
				level = slog.LevelInfo
			}
			p := principalOf(r.Context())
			path := r.URL.Path
			if strings.HasPrefix(path, "/api/v1/auth/class/") || strings.HasPrefix(path, "/api/v1/auth/invitation/") {
				path = path[:strings.LastIndexByte(path, '/')] + "/…" // a code lets people in
			}
			loggerOf(r.Context()).LogAttrs(r.Context(), level, "request",
				slog.String("org", string(p.Org)), slog.String("user", string(p.User)),
				slog.String("method", r.Method), slog.String("path", path), slog.Int("status", status),
				slog.Int64("bytes", size), slog.String("remote", s.address(r)),
				slog.Duration("took", time.Since(start).Round(time.Microsecond)))
		}()
		next.ServeHTTP(w, r)
	})
}

// policy is the Content-Security-Policy of every answer that does not set a
// stricter one. Nothing outside the box is ever loaded; blob: and data: are
// for pictures of PDF pages, recordings and the workers that make them.
const policy = "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; " +
	"worker-src 'self' blob:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"

// guard refuses what a foreign page could send through a pupil's browser.
func (s *Server) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		switch {
		case s.stopping.Load():
			h.Set("Connection", "close")
			writeProblem(w, r, errStopping)
		case !s.hostAllowed(r):
			writeProblem(w, r, statusError{http.StatusMisdirectedRequest, problem.New(problem.Forbidden, "unknown_host",
				"The box does not go by this name.", "Open it by its address or as bwenge.local.", nil)})
		case !safe(r) && !sameOrigin(r):
			writeProblem(w, r, problem.New(problem.Forbidden, "foreign_origin",
				"Another website tried to use the box.", "Open the box's own page and try there.", nil))
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// hostAllowed tells the box's own names from a name that somebody pointed at
// it. Addresses and .local names cannot be registered by a stranger.
func (s *Server) hostAllowed(r *http.Request) bool {
	if overSocket(r) {
		return true // no browser gets here
	}
	host := r.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
	if _, err := netip.ParseAddr(host); err == nil {
		return true
	}
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || strings.HasSuffix(host, ".local") ||
		slices.ContainsFunc(s.cfg.Hosts, func(own string) bool { return strings.EqualFold(own, host) })
}

// safe reports whether a request changes nothing. A socket does.
func safe(r *http.Request) bool {
	if r.Header.Get("Upgrade") != "" {
		return false
	}
	return r.Method == http.MethodGet || r.Method == http.MethodHead || r.Method == http.MethodOptions
}

// sameOrigin reports whether a request comes from the box's own pages, or from
// no page at all. Browsers send Origin with every socket and every unsafe
// method; over plain HTTP they leave Sec-Fetch-Site out.
func sameOrigin(r *http.Request) bool {
	if r.Header.Get("Sec-Fetch-Site") == "cross-site" {
		return false
	}
	origins := r.Header.Values("Origin")
	if len(origins) == 0 {
		return true
	}
	u, err := url.Parse(origins[0])
	return err == nil && len(origins) == 1 && u.Host != "" && strings.EqualFold(u.Host, r.Host)
}

// remoteAddress is the client's IP address without the port.
func remoteAddress(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr // a unix socket
	}
	return host
}

// response remembers what was answered, and gives up on readers who take
// nothing: every write has idle, however long the whole answer is.
type response struct {
	http.ResponseWriter
	control *http.ResponseController
	idle    time.Duration
	status  int
	bytes   int64
}

func (w *response) WriteHeader(status int) {
	if w.status == 0 && status >= 200 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *response) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	_ = w.control.SetWriteDeadline(time.Now().Add(w.idle)) // not every writer in tests has one
	n, err := w.ResponseWriter.Write(p)
	w.bytes += int64(n)
	return n, err
}

// Flush is what gin and http.ResponseController look for.
func (w *response) Flush() {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	_ = w.control.SetWriteDeadline(time.Now().Add(w.idle))
	_ = w.control.Flush() // a broken connection shows at the next write
}

// Hijack is what the socket's upgrade looks for.
func (w *response) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := w.control.Hijack()
	if err == nil {
		w.status = http.StatusSwitchingProtocols
	}
	return conn, rw, err
}

// Unwrap lets http.ResponseController reach the connection.
func (w *response) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// body gives up on clients who send nothing for idle. The deadline is taken
// back at the end of the body: net/http goes on reading the connection to
// notice a client that leaves, and a deadline would look like one.
type body struct {
	io.ReadCloser
	control *http.ResponseController
	idle    time.Duration
	begun   bool // something of it was asked for
}

func (b *body) Read(p []byte) (int, error) {
	b.begun = true
	_ = b.control.SetReadDeadline(time.Now().Add(b.idle))
	n, err := b.ReadCloser.Read(p)
	if err != nil {
		_ = b.control.SetReadDeadline(time.Time{})
	}
	return n, err
}
