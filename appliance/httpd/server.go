// Package httpd is the box's face on the network: the HTTP API, the answer
// streams, the chat socket and the web app, over TCP for tablets and over a
// unix socket for the command line.
//
// A request passes, in this order: identity (request id, log), access log,
// recovery, security headers, the Host and Origin checks, and then either the chat socket (melody, on the plain mux: gin must not see a hijacked
// connection), the API (gin as router, huma for validation and the OpenAPI
// document) or the web app. The socket and every operation of the API are
// entered by their policy alone (policy.go): who it is, whether she may, how
// often, and what the audit log says of it.
//
// Who does the work is not known here. Each file declares the small interface
// that its handlers call.
package httpd

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/gin-gonic/gin"
)

// Config says how the box shows itself. The zero value of every field but
// Version has a meaning.
type Config struct {
	Version string
	// Hosts are names, beside IP addresses, localhost and *.local, under which
	// browsers may reach the box. Any other Host is refused, since a foreign
	// page could otherwise point its own name at the box (DNS rebinding).
	Hosts []string
	// MaxUpload is the largest upload in bytes; 0 means 4 GB.
	MaxUpload int64
	// MaxSockets and MaxSocketsPerAddress bound open chat sockets; 0 means 512
	// and 64 (a class behind one access point shares an address).
	MaxSockets, MaxSocketsPerAddress int
	// TrustedProxies are addresses whose X-Forwarded-For is believed.
	TrustedProxies []string
	// TLSPort is where the box also serves HTTPS; empty without.
	TLSPort string
	// Address is where tablets on the network find the box, for QR codes; it may
	// return nothing.
	Address func() string
	// Authority is the certificate of the box's own authority, in PEM; nil if it
	// has none.
	Authority func() []byte
	// Slug makes a school's name into one of the network; nil leaves it.
	Slug func(name string) string
	// Sample is a lesson to try the box with: a file's name and content.
	Sample func(language string) (name string, content []byte)
	// Web is the built web app; nil serves the API alone.
	Web fs.FS
	// Log receives the access log and the causes of internal errors; nil means
	// slog.Default.
	Log *slog.Logger
}

// Parts are what the server serves.
type Parts struct {
	Material      Material
	Tutor         Tutor
	Conversations Conversations
	Health        Health
	Door          Door
	Auth          Auth
	People        People
	Audit         Audit
	Requests      Requests
	Personas      Personas
	Trials        Trials
	Care          Care
	Models        Models
	Keys          Keys
	Voice         Voice
	Embedder      Embedder
}

// Server answers HTTP. Make it with New.
type Server struct {
	cfg      Config
	parts    Parts
	log      *slog.Logger
	sockets  *sockets
	live     live
	limits   limits
	handler  http.Handler
	stopping atomic.Bool

	routeList []Route

	heartbeat time.Duration // between signs of life on an idle stream
	bodyIdle  time.Duration // a request body that stands still so long is given up
	writeIdle time.Duration // so is a reader who takes nothing
}

// New builds the server. It fails when the web app cannot be read.
func New(cfg Config, parts Parts) (*Server, error) {
	if cfg.MaxUpload == 0 {
		cfg.MaxUpload = 4 << 30
	}
	if cfg.MaxSockets == 0 {
		cfg.MaxSockets = 512
	}
	if cfg.MaxSocketsPerAddress == 0 {
		cfg.MaxSocketsPerAddress = 64
	}
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	s := &Server{
		cfg: cfg, parts: parts, log: cfg.Log,
		heartbeat: 15 * time.Second,
		bodyIdle:  60 * time.Second,
		writeIdle: 30 * time.Second,
		live:      live{open: map[string]map[*func()]struct{}{}},
		limits:    limits{buckets: map[string]*bucket{}},
	}
	parts.Auth.OnEnd(s.live.end)
	s.sockets = newSockets(s)
	app, err := newWebApp(cfg.Web)
	if err != nil {
		return nil, err
	}
	router := s.router(app)
	mux := http.NewServeMux()
	mux.HandleFunc("/ws/chat", s.sockets.serve)
	mux.Handle("/", router)
	s.handler = s.identify(s.logAccess(s.recoverPanics(s.guard(mux))))
	return s, nil
}

// router holds the API and hands everything else to the web app.
func (s *Server) router(app http.Handler) *gin.Engine {
	r := gin.New()
	// No proxy stands before the box, so no header may name the client.
	if err := r.SetTrustedProxies(nil); err != nil {
		panic(err) // an empty list cannot be wrong
	}
	r.HandleMethodNotAllowed = true
	r.NoMethod(func(c *gin.Context) { writeProblem(c.Writer, c.Request, errMethod(c.Request.Method)) })
	r.NoRoute(func(c *gin.Context) {
		if strings.HasPrefix(c.Request.URL.Path, "/api/") || strings.HasPrefix(c.Request.URL.Path, "/v1/") {
			writeProblem(c.Writer, c.Request, errNoRoute)
			return
		}
		c.Status(http.StatusOK) // gin has set 404 for routes that it does not know
		app.ServeHTTP(c.Writer, c.Request)
	})
	api := newAPI(r)
	s.routes(api)
	document, err := marshalAPI(api)
	if err != nil {
		panic(err) // made of our own types; TestOpenAPI would have failed
	}
	s.beside(r, app)
	r.GET("/api/openapi.json", func(c *gin.Context) {
		c.Header("Cache-Control", "no-cache")
		c.Data(http.StatusOK, "application/openapi+json", document)
	})
	return r
}

// beside serves what is no operation of the API but has an address of its own.
func (s *Server) beside(r *gin.Engine, app http.Handler) {
	r.GET("/api/docs", func(c *gin.Context) {
		c.Request.URL.Path = "/docs.html"
		app.ServeHTTP(c.Writer, c.Request)
	})
	r.GET("/ca.crt", func(c *gin.Context) {
		if s.cfg.Authority == nil {
			writeProblem(c.Writer, c.Request, errNoRoute)
			return
		}
		c.Header("Content-Disposition", `attachment; filename="bwenge-ca.crt"`)
		c.Data(http.StatusOK, "application/x-x509-ca-cert", s.cfg.Authority())
	})
}

func (c *Config) slug(name string) string {
	if c.Slug == nil {
		return strings.ToLower(name)
	}
	return c.Slug(name)
}

// Handler answers every request; it is what Serve serves.
func (s *Server) Handler() http.Handler { return s.handler }

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
	s.sockets.close()
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
