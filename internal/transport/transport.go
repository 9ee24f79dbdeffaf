// Package transport is what a server of ours does with HTTP before and after a
// handler has its say: it knows requests and limits, and nothing of schools.
//
// A request passes, in this order: identity (an id, a log, deadlines for its
// body and its answer), the access log, recovery from panics, the security
// headers with the checks of Host and Origin, and then either a socket (on the
// plain mux: gin must not see a hijacked connection), an operation of the API
// (gin as router, huma for validation and the OpenAPI document) or whatever
// else the application serves.
//
// Operations and sockets are entered by their Policy alone: who it is, whether
// they may, and how often. What the application knows comes in as functions and
// small interfaces (Config): who a request is from, and where answers that may be
// asked for again are kept.
//
// Every error becomes a problem of RFC 9457 in one place (Details). Streams and
// sockets end when their session does, and all of them before the server.
package transport

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"
)

// Config says what the application brings. Authenticate and Policies are
// needed; the zero value of every other field has a meaning.
type Config struct {
	// API is the head of the OpenAPI document; begin with APIConfig.
	API huma.Config
	// Policies are those of all operations, sockets and kinds of messages.
	Policies map[string]Policy

	// Authenticate says who makes a request.
	Authenticate func(r *http.Request) (Caller, error)
	// AuthenticateProgram says which program does, by its API key.
	AuthenticateProgram func(r *http.Request) (Caller, error)
	// Requests keeps answers for Idempotency-Key.
	Requests RequestStore
	// Logged says how a path appears in the access log, and at which level.
	Logged func(path string) (string, slog.Level)

	// Hosts are names, beside IP addresses, localhost and *.local, under which
	// browsers may reach the server. Any other Host is refused, since a foreign
	// page could otherwise point its own name at it (DNS rebinding).
	Hosts []string
	// TrustedProxies are addresses whose X-Forwarded-For is believed.
	TrustedProxies []string
	// MaxSockets and MaxSocketsPerAddress bound open sockets; 0 means 512 and 64
	// (a class behind one access point shares an address).
	MaxSockets, MaxSocketsPerAddress int
	// MaxConnections and MaxConnectionsPerAddress bound open connections, sockets
	// excepted; 0 means 2048 and 256.
	MaxConnections, MaxConnectionsPerAddress int
	Times                                    Times
	// Log receives the access log and the causes of internal errors; nil means
	// slog.Default.
	Log *slog.Logger
}

// Times are how long things may take. Zero fields have defaults.
type Times struct {
	Heartbeat  time.Duration // between signs of life on an idle stream; 15 s
	BodyIdle   time.Duration // a request body that stands still so long is given up; 60 s
	Linger     time.Duration // the rest of a refused body is waited for so long; 3 s
	WriteIdle  time.Duration // so is a reader who takes nothing; 30 s
	SocketIdle time.Duration // and one who makes no room in a socket's queue; 4 s
}

func (t Times) orDefault() Times {
	for _, d := range []struct {
		field    *time.Duration
		standard time.Duration
	}{{&t.Heartbeat, 15 * time.Second}, {&t.BodyIdle, 60 * time.Second}, {&t.Linger, 3 * time.Second}, {&t.WriteIdle, 30 * time.Second}, {&t.SocketIdle, 4 * time.Second}} {
		if *d.field == 0 {
			*d.field = d.standard
		}
	}
	return t
}

// Server answers HTTP. Make it with New.
type Server struct {
	// API is where Register puts operations.
	API      huma.API
	cfg      Config
	log      *slog.Logger
	times    Times
	router   *gin.Engine
	mux      *http.ServeMux
	handler  http.Handler
	hubs     []*Hub
	live     live
	limits   limits
	conns    connections
	routes   []Route
	stopping atomic.Bool
}

// New makes a server without operations. Requests for which there is no route
// go to fallback, those below the API's prefixes excepted.
func New(cfg Config, fallback http.Handler, prefixes ...string) *Server {
	if cfg.MaxSockets == 0 {
		cfg.MaxSockets = 512
	}
	if cfg.MaxSocketsPerAddress == 0 {
		cfg.MaxSocketsPerAddress = 64
	}
	if cfg.MaxConnections == 0 {
		cfg.MaxConnections = 2048
	}
	if cfg.MaxConnectionsPerAddress == 0 {
		cfg.MaxConnectionsPerAddress = 256
	}
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	s := &Server{
		cfg: cfg, log: cfg.Log, times: cfg.Times.orDefault(), mux: http.NewServeMux(),
		live:   live{open: map[string]map[*func()]struct{}{}},
		limits: limits{buckets: map[string]*bucket{}},
		conns: connections{open: map[net.Conn]*connection{}, perAddress: map[string]int{},
			most: cfg.MaxConnections, mostPerAddress: cfg.MaxConnectionsPerAddress, exempt: cfg.TrustedProxies},
	}
	s.router = newRouter(fallback, prefixes)
	s.API = humagin.New(s.router, cfg.API)
	s.mux.Handle("/", s.router)
	s.handler = s.identify(s.logAccess(s.recoverPanics(s.sameSite(s.mux))))
	return s
}

func newRouter(fallback http.Handler, prefixes []string) *gin.Engine {
	r := gin.New()
	// The client's address is found by Address, so no header may name it here.
	if err := r.SetTrustedProxies(nil); err != nil {
		panic(err) // an empty list cannot be wrong
	}
	r.HandleMethodNotAllowed = true
	r.NoMethod(func(c *gin.Context) { WriteProblem(c.Writer, c.Request, ErrMethod(c.Request.Method)) })
	r.NoRoute(func(c *gin.Context) {
		for _, prefix := range prefixes {
			if strings.HasPrefix(c.Request.URL.Path, prefix) {
				WriteProblem(c.Writer, c.Request, ErrNoRoute)
				return
			}
		}
		c.Status(http.StatusOK) // gin has set 404 for routes that it does not know
		fallback.ServeHTTP(c.Writer, c.Request)
	})
	return r
}

// Get serves what is no operation of the API but has an address of its own.
func (s *Server) Get(path string, handle http.HandlerFunc) {
	s.router.GET(path, gin.WrapF(handle))
	s.router.HEAD(path, gin.WrapF(handle))
}

// Handler answers every request; it is what Serve serves.
func (s *Server) Handler() http.Handler { return s.handler }

// EndSession ends every stream and socket of a session.
func (s *Server) EndSession(session string) { s.live.end(sessionName(session)) }

// EndTenant ends every stream and socket of a tenant, also those of programs,
// and forgets what its people have used of their limits.
func (s *Server) EndTenant(tenant string) {
	s.live.end(tenantName(tenant))
	s.limits.forget("/" + tenant + "/")
}

// CloseSockets says goodbye on every socket, lets none in any more, and waits
// until all are gone.
func (s *Server) CloseSockets() {
	for _, hub := range s.hubs {
		hub.close()
	}
}

// Serve serves on all listeners until ctx ends, and returns when no request is
// left. It owns the listeners. A nil error means an orderly stop.
func (s *Server) Serve(ctx context.Context, listeners ...net.Listener) error {
	base, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	srv := &http.Server{
		Handler:           s.handler,
		BaseContext:       func(net.Listener) context.Context { return base },
		ReadHeaderTimeout: 5 * time.Second,
		IdleTimeout:       60 * time.Second,
		MaxHeaderBytes:    16 << 10,
		ConnState:         s.conns.changed,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
	failed := make(chan error, len(listeners))
	for _, l := range listeners {
		go func() { failed <- srv.Serve(l) }()
	}
	var errs []error
	waiting := len(listeners)
	select {
	case <-ctx.Done():
	case err := <-failed:
		errs = append(errs, err)
		waiting--
	}

	// The order matters:
	// 1. nothing new is let in;
	s.stopping.Store(true)
	// 2. streams, followers and uploads end, or they would hold up Shutdown;
	cancel()
	// 3. sockets say goodbye: they are hijacked, so Shutdown does not see them;
	s.CloseSockets()
	// 4. listeners close, and requests in flight finish;
	grace, done := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer done()
	if srv.Shutdown(grace) != nil {
		// 5. what is left is cut off.
		errs = append(errs, srv.Close())
	}
	for range waiting {
		errs = append(errs, <-failed)
	}
	for i, err := range errs {
		if errors.Is(err, http.ErrServerClosed) || errors.Is(err, net.ErrClosed) {
			errs[i] = nil
		}
	}
	return errors.Join(errs...)
}
