// Package httpd is the box's face on the network: its routes, one file a
// resource, its chat socket, the table of who may what (policy.go), and the web
// app, over TCP for tablets and over a unix socket for the command line.
// internal/transport carries them.
//
// Who does the work is not known here. Each file declares the small interface
// that its handlers call.
package httpd

import (
	"context"
	"io/fs"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/transport"
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
	// Address is where tablets on the network find the box, for QR codes, on the
	// network of near: an address of the box itself, or of somebody who asks. It
	// may return nothing.
	Address func(near netip.Addr) string
	// Authority is the certificate of the box's own authority, in PEM; nil if it
	// has none.
	Authority func() []byte
	// Fingerprint is the SHA-256 of that certificate, as people compare it.
	Fingerprint string
	// Slug makes a school's name into one of the network; nil leaves it.
	Slug func(name string) string
	// Sample is a lesson to try the box with: a file's name and content.
	Sample func(language string) (name string, content []byte)
	// Times are deadlines; zero ones have defaults.
	Times transport.Times
	// Web is the built web app; nil serves the API alone.
	Web fs.FS
	// Log receives the access log and the causes of internal errors; nil means
	// slog.Default.
	Log *slog.Logger
}

// Parts do the work behind the routes.
type Parts struct {
	Public        Public
	Auth          Auth
	Keys          Keys
	Audit         Audit
	Requests      Requests
	Cards         Cards
	Health        Health
	People        People
	Material      Material
	Tutor         Tutor
	Conversations Conversations
	Safeguarding  Safeguarding
	Ratings       Ratings
	Feedback      Feedback
	Pins          Pins
	Memories      MemoryStore
	Personas      Personas
	Previews      Previews
	Voice         Voice
	Models        Models
	BoxModels     func() []appliance.BoxModel // the catalogue, as it stands on this box
	Embedder      Embedder
}

// People are the school's own; *accounts.Service is the real one.
type People interface {
	Schools
	Members
	Inviter
	Classes
	Rosters
}

// resource is a file of routes. It holds the parts that its handlers call.
type resource interface {
	register(api *transport.Server)
}

// resources lists what the API consists of.
func (s *Server) resources(p Parts) []resource {
	return []resource{
		&boxRoutes{s, p.Cards},
		&signInRoutes{s},
		&meRoutes{s, p.People, p.People},
		&organizationRoutes{s, p.People},
		&memberRoutes{p.People},
		&invitationRoutes{s, p.People},
		&classRoutes{s, p.People},
		&rosterRoutes{p.People},
		&auditRoutes{p.Audit},
		&materialRoutes{s, p.Material},
		&answerRoutes{p.Tutor},
		&voiceRoutes{p.Voice},
		&personaRoutes{p.Personas, p.Previews},
		&flagRoutes{p.Safeguarding, p.Audit},
		&feedbackRoutes{p.Ratings, p.Feedback, p.Audit},
		&pinRoutes{p.Pins},
		&memoryRoutes{p.Memories, p.People},
		&modelRoutes{p.Models, p.BoxModels},
		&keyRoutes{p.Keys},
		&programRoutes{p.Personas, p.Previews, p.Embedder},
		&conversationRoutes{p.Conversations},
		&healthRoutes{s, p.Health},
	}
}

// Server answers HTTP. Make it with New. Beside what transport does, it knows
// what every request needs: who makes it, of which school, and under which
// address the box is found.
type Server struct {
	*transport.Server
	cfg      Config
	public   Public
	auth     Auth
	programs Keys
	auditLog Audit
	tutor    Tutor
	sockets  *transport.Hub
}

// New builds the server. It fails when the web app cannot be read.
func New(cfg Config, parts Parts) (*Server, error) {
	app, err := newWebApp(cfg.Web)
	if err != nil {
		return nil, err
	}
	s := build(cfg, parts, app)
	parts.Auth.OnEnd(s.EndSession)
	return s, nil
}

func build(cfg Config, parts Parts, app http.Handler) *Server {
	if cfg.MaxUpload == 0 {
		cfg.MaxUpload = 4 << 30
	}
	s := &Server{cfg: cfg, public: parts.Public, auth: parts.Auth, programs: parts.Keys, auditLog: parts.Audit, tutor: parts.Tutor}
	s.Server = transport.New(transport.Config{
		API:                 apiConfig(),
		Policies:            policies,
		Authenticate:        s.authenticate,
		AuthenticateProgram: s.authenticateProgram,
		Requests:            storedRequests{parts.Requests},
		Logged:              logged,
		Hosts:               cfg.Hosts,
		TrustedProxies:      cfg.TrustedProxies,
		MaxSockets:          cfg.MaxSockets, MaxSocketsPerAddress: cfg.MaxSocketsPerAddress,
		Times: cfg.Times,
		Log:   cfg.Log,
	}, app, "/api/", "/v1/")
	for _, r := range s.resources(parts) {
		r.register(s.Server)
	}
	frameSchemas(s.Schemas())
	s.sockets = s.Sockets("/ws/chat", s.openChat)
	s.plainRoutes(app)
	return s
}

// EraseOrganization ends what a school has open: streams and sockets of people
// and of programs.
func (s *Server) EraseOrganization(_ context.Context, org appliance.OrgID) error {
	s.EndTenant(string(org))
	return nil
}

// plainRoutes serves what is no operation of the API but has an address of its
// own.
func (s *Server) plainRoutes(app http.Handler) {
	s.Get("/api/openapi.json", func(w http.ResponseWriter, r *http.Request) {
		document, err := s.Document()
		if err != nil {
			transport.WriteProblem(w, r, err)
			return
		}
		w.Header().Set("Cache-Control", "no-cache")
		w.Header().Set("Content-Type", "application/openapi+json")
		_, _ = w.Write(document) // a client that left needs no document
	})
	s.Get("/api/docs", func(w http.ResponseWriter, r *http.Request) {
		r.URL.Path = "/docs.html"
		app.ServeHTTP(w, r)
	})
	s.Get("/ca.crt", func(w http.ResponseWriter, r *http.Request) {
		if s.cfg.Authority == nil {
			transport.WriteProblem(w, r, transport.ErrNoRoute)
			return
		}
		w.Header().Set("Content-Disposition", `attachment; filename="bwenge-ca.crt"`)
		w.Header().Set("Content-Type", "application/x-x509-ca-cert")
		_, _ = w.Write(s.cfg.Authority()) // nor a certificate
	})
}

// logged says how a path appears in the access log: pages and health checks are
// for debugging, and codes that let people in are left out.
func logged(path string) (string, slog.Level) {
	level := slog.LevelDebug
	if strings.HasPrefix(path, "/api/") && path != "/api/v1/health" || path == "/ws/chat" {
		level = slog.LevelInfo
	}
	if strings.HasPrefix(path, "/api/v1/auth/class/") || strings.HasPrefix(path, "/api/v1/auth/invitation/") {
		path = path[:strings.LastIndexByte(path, '/')] + "/…"
	}
	return path, level
}

func (c *Config) slug(name string) string {
	if c.Slug == nil {
		return strings.ToLower(name)
	}
	return c.Slug(name)
}
