package transport

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/bwenge-os/bwenge/internal/problem"
)

// Caller is who makes a request, as far as transport has to know.
type Caller struct {
	Tenant  string // the school
	Subject string // the person or program; empty is who sits at the machine itself, or nobody
	Session string // of the sign-in, empty without
	Rank    int    // how much they may do: see Policy
	Who     any    // what the application knows of them
}

// request is what is known of a request beside its content.
type request struct {
	id      string
	log     *slog.Logger
	server  *Server
	address string
	http    *http.Request
	body    *body  // nil without
	caller  Caller // set when a policy has let the request in
}

type requestKey struct{}

var unknown = &request{log: slog.Default(), server: &Server{times: Times{}.orDefault()}}

// requestOf returns what is known of a request; of one that did not come
// through the Server, nothing.
func requestOf(ctx context.Context) *request {
	if r, ok := ctx.Value(requestKey{}).(*request); ok {
		return r
	}
	return unknown
}

// letIn notes who makes a request.
func letIn(r *http.Request, caller Caller) {
	if known := requestOf(r.Context()); known != unknown {
		known.caller = caller
	}
}

// setHTTP notes a request that has another context than it came with.
func setHTTP(r *http.Request) {
	if known := requestOf(r.Context()); known != unknown {
		known.http = r
	}
}

// RequestID is the id that a request's log lines, its answer's header and its
// problem share.
func RequestID(ctx context.Context) string { return requestOf(ctx).id }

// Logger writes a request's id on every line.
func Logger(ctx context.Context) *slog.Logger { return requestOf(ctx).log }

// CallerOf is who makes a request; the zero Caller before that is known.
func CallerOf(ctx context.Context) Caller { return requestOf(ctx).caller }

// RequestOf is the HTTP request that one of huma's handlers answers.
func RequestOf(ctx context.Context) *http.Request { return requestOf(ctx).http }

// Address is the client's IP address. Headers that proxies set are believed
// only from proxies that the operator named.
func Address(r *http.Request) string { return requestOf(r.Context()).address }

// identify gives each request an id, and both its body and its answer
// deadlines.
func (s *Server) identify(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := rand.Text()[:16]
		known := &request{id: id, log: s.log.With(slog.String("request_id", id)), server: s, address: s.addressOf(r)}
		w.Header().Set("X-Request-Id", id)
		r = r.WithContext(context.WithValue(r.Context(), requestKey{}, known))
		known.http = r
		out := &response{ResponseWriter: w, control: http.NewResponseController(w), head: r.Method == http.MethodHead, idle: s.times.WriteIdle}
		// A deadline of the connection's last answer must not hit this one.
		_ = out.control.SetWriteDeadline(time.Time{})
		if r.Body != nil && r.Body != http.NoBody {
			out.body = &body{ReadCloser: r.Body, control: out.control, idle: s.times.BodyIdle, linger: s.times.Linger}
			r.Body, known.body = out.body, out.body
		}
		next.ServeHTTP(out, r)
		if out.body.unread() && out.status != http.StatusSwitchingProtocols {
			// net/http reads what is left before it lets go of the connection, and
			// would wait for ever.
			out.body.give(s.times.Linger)
		}
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
			Logger(r.Context()).Error("panic", slog.Any("panic", what), slog.String("stack", string(debug.Stack())))
			if out, ok := w.(*response); ok && out.status != 0 {
				panic(http.ErrAbortHandler)
			}
			WriteProblem(w, r, errors.New("panic"))
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
			path := r.URL.Path
			if s.cfg.Logged != nil {
				path, level = s.cfg.Logged(path)
			}
			caller := CallerOf(r.Context())
			Logger(r.Context()).LogAttrs(r.Context(), level, "request",
				slog.String("org", caller.Tenant), slog.String("user", caller.Subject),
				slog.String("method", r.Method), slog.String("path", path), slog.Int("status", status),
				slog.Int64("bytes", size), slog.String("remote", Address(r)),
				slog.Duration("took", time.Since(start).Round(time.Microsecond)))
		}()
		next.ServeHTTP(w, r)
	})
}

// contentPolicy is the Content-Security-Policy of every answer that does not set a
// stricter one. Nothing outside the box is ever loaded; blob: and data: are
// for pictures of PDF pages, recordings and the workers that make them.
const contentPolicy = "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; " +
	"worker-src 'self' blob:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"

// sameSite refuses what a foreign page could send through a pupil's browser.
func (s *Server) sameSite(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", contentPolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		switch {
		case s.stopping.Load():
			h.Set("Connection", "close")
			WriteProblem(w, r, errStopping)
		case !s.hostAllowed(r):
			WriteProblem(w, r, statusError{http.StatusMisdirectedRequest, problem.New(problem.Forbidden, "unknown_host",
				"The box does not go by this name.", "Open it by its address, or by its name that ends in .local.", nil)})
		case !Safe(r) && !sameOrigin(r):
			WriteProblem(w, r, problem.New(problem.Forbidden, "foreign_origin",
				"Another website tried to use the box.", "Open the box's own page and try there.", nil))
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// hostAllowed tells the box's own names from a name that somebody pointed at
// it. Addresses and .local names cannot be registered by a stranger.
func (s *Server) hostAllowed(r *http.Request) bool {
	if OverUnixSocket(r) {
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

// Safe reports whether a request changes nothing. A socket does.
func Safe(r *http.Request) bool {
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

// OverUnixSocket reports whether a request came over a unix socket: from the
// machine itself.
func OverUnixSocket(r *http.Request) bool {
	local, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	return ok && local.Network() == "unix"
}

// FromOwnPage reports whether a browser says that a page of the server's own
// sent the request. sameSite has refused those that say otherwise.
func FromOwnPage(r *http.Request) bool {
	return r.Header.Get("Origin") != "" || r.Header.Get("Sec-Fetch-Site") == "same-origin"
}

func (s *Server) addressOf(r *http.Request) string {
	address := remoteAddress(r)
	if len(s.cfg.TrustedProxies) == 0 {
		return address
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for slices.Contains(s.cfg.TrustedProxies, address) && len(hops) > 0 {
		last := strings.TrimSpace(hops[len(hops)-1])
		hops = hops[:len(hops)-1]
		if _, err := netip.ParseAddr(last); err != nil {
			break
		}
		address = last
	}
	return address
}

// remoteAddress is the client's IP address without the port.
func remoteAddress(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr // a unix socket
	}
	return host
}
