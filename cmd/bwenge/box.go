package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/bwenge-os/bwenge/appliance/httpd"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract"
	"github.com/bwenge-os/bwenge/appliance/knowledge/ingest"
	"github.com/bwenge-os/bwenge/appliance/school/accounts"
	"github.com/bwenge-os/bwenge/appliance/school/auth"
	"github.com/bwenge-os/bwenge/appliance/school/cards"
	"github.com/bwenge-os/bwenge/appliance/school/certs"
	"github.com/bwenge-os/bwenge/appliance/school/keys"
	"github.com/bwenge-os/bwenge/appliance/sqlite"
	"github.com/bwenge-os/bwenge/appliance/tutor"
	"github.com/bwenge-os/bwenge/appliance/tutor/orchestrator"
	"github.com/bwenge-os/bwenge/appliance/tutor/personas"
	"github.com/bwenge-os/bwenge/appliance/tutor/speech"
	"github.com/bwenge-os/bwenge/models"
	"github.com/bwenge-os/bwenge/web"
)

const databaseFile = "bwenge.db"

// readingPatience is the longest that one unit of reading waits for pupils.
const readingPatience = 20 * time.Second

// box is every part of the appliance, put together.
type box struct {
	store    *sqlite.Store
	engines  *engines
	auth     *auth.Service
	certs    *certs.Manager // nil where no HTTPS is served
	ingester *ingest.Ingester
	models   *orchestrator.Service
	tutor    *tutor.Tutor
	server   *httpd.Server
	socket   string // where the command line reaches it
}

// openBox builds a box on the engines of this machine. The caller owns the
// data folder (see own). Nothing runs yet.
func openBox(ctx context.Context, cfg *Config) (*box, error) {
	return assemble(ctx, cfg, newEngines(cfg))
}

// assemble builds the parts in the order in which they need each other.
func assemble(ctx context.Context, cfg *Config, e *engines) (_ *box, err error) {
	b := &box{engines: e, socket: socketPath(cfg)}
	defer func() {
		if err != nil {
			b.close()
		}
	}()
	box, err := keys.Open(cfg.path("keys"))
	if err != nil {
		return nil, err
	}
	if b.store, err = sqlite.Open(ctx, cfg.path(databaseFile), box); err != nil {
		return nil, err
	}
	saved, err := b.store.BoxClock(ctx)
	if err != nil {
		return nil, err
	}
	clock := auth.NewClock(saved)
	b.auth = auth.New(b.store, box, clock, nil)
	cores := models.NewCores(1, readingPatience)
	reader, err := newReader(cfg)
	if err != nil {
		return nil, err
	}
	b.ingester, err = ingest.New(b.store, ingest.Config{
		Dir:         cfg.Data,
		Reader:      reader,
		Embedder:    b.engines.embedder,
		Transcriber: b.engines.transcriber,
		Cores:       cores,
		Key:         b.store.DataKey,
	})
	if err != nil {
		return nil, err
	}
	b.models = orchestrator.New(b.store, b.engines.generator(cores))
	b.tutor = tutor.New(b.store, b.engines.embedder, b.models, tutor.Config{Writes: b.engines.writes, Suggest: cfg.Suggest})
	staff, err := personas.New(b.store)
	if err != nil {
		return nil, err
	}
	mail, err := mailer(cfg)
	if err != nil {
		return nil, err
	}
	face := httpd.Config{
		Version: version,
		Hosts:   []string{cfg.Name},
		Web:     web.Files(),
		Address: func() string { return lanAddress(cfg) },
		Slug:    accounts.Slug,
		Sample:  sampleLesson,
	}
	if cfg.Proxies != "" {
		face.TrustedProxies = strings.Split(cfg.Proxies, ",")
	}
	if cfg.TLSAddr != "" {
		if b.certs, err = openCerts(cfg); err != nil {
			return nil, err
		}
		_, face.TLSPort, _ = net.SplitHostPort(cfg.TLSAddr)
		if b.certs.AuthorityPEM() != nil {
			face.Authority = b.certs.AuthorityPEM
		}
	}
	b.server, err = httpd.New(face, httpd.Parts{
		Material:      material{b.ingester, b.store},
		Tutor:         httpd.TutorOf(b.tutor),
		Conversations: b.store,
		Health:        health{b.engines, b.store},
		Public:        b.store,
		Auth:          b.auth,
		People:        accounts.New(b.store, b.auth, b.ingester, mail, clock.Now),
		Audit:         b.store,
		Requests:      b.store,
		Personas:      staff,
		Previews:      b.tutor,
		Safeguarding:  b.store,
		Memories:      b.store,
		Cards:         httpd.Cards{Pictures: cards.Pictures, Picture: cards.SVG, QR: cards.QR},
		Models:        b.models,
		Keys:          b.auth,
		Embedder:      b.engines.embedder,
		Voice: speech.New(speech.Config{Dir: cfg.path("cache"), SpeechToText: b.engines.ear, MoreLanguages: b.engines.hears,
			TextToSpeech: b.engines.mouth, NoTextToSpeech: b.engines.noMouth, Cores: cores, Personas: b.store}),
	})
	if err != nil {
		return nil, err
	}
	return b, nil
}

// run serves on the listeners, ingests and answers until ctx ends or a part
// fails, and returns when everything has stopped: the network first, then the
// work, so that what was accepted is still stored.
func (b *box) run(ctx context.Context, listeners ...net.Listener) error {
	group, ctx := errgroup.WithContext(ctx)
	working, stopWork := context.WithCancel(context.WithoutCancel(ctx))
	group.Go(func() error {
		defer stopWork()
		return b.server.Serve(ctx, listeners...)
	})
	group.Go(func() error { return b.ingester.Run(working) })
	group.Go(func() error { return b.tutor.Run(working) })
	group.Go(func() error { return b.auth.Run(working) })
	group.Go(func() error { return b.keepSchedule(working) })
	if err := group.Wait(); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// mailer sends invitations where the school has a mail server.
func mailer(cfg *Config) (accounts.Mailer, error) {
	if cfg.SMTP == "" {
		return nil, nil
	}
	return accounts.NewSMTP(cfg.SMTP)
}

// openCerts finds the certificate that the box serves HTTPS with.
func openCerts(cfg *Config) (*certs.Manager, error) {
	if cfg.TLSCert != "" {
		return certs.FromFiles(cfg.TLSCert, cfg.TLSKey)
	}
	return certs.Open(cfg.path("keys"), []string{cfg.Name + ".local"}, localAddresses)
}

// lanAddress is where tablets find the box, for its QR codes: by number, since
// many an Android resolves no .local names.
func lanAddress(cfg *Config) string {
	host, port, err := net.SplitHostPort(cfg.Addr)
	if err != nil {
		return ""
	}
	if ip := net.ParseIP(host); ip != nil && !ip.IsUnspecified() {
		return "http://" + cfg.Addr
	}
	for _, ip := range localAddresses() {
		if ip.To4() != nil {
			return "http://" + net.JoinHostPort(ip.String(), port)
		}
	}
	return ""
}

// close stops the engines and closes the database, in this order: an engine's
// last reply may still be stored.
func (b *box) close() {
	if b.engines != nil {
		b.engines.close()
	}
	if b.store != nil {
		if err := b.store.Close(); err != nil {
			slog.Error("database: cannot close", "error", err)
		}
	}
}

// listenSocket listens for the command line. A socket that a dead box left is
// replaced; the lock on the data folder says that it is dead.
func listenSocket(path string) (net.Listener, error) {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	ln, err := net.Listen("unix", path)
	if err != nil {
		return nil, fmt.Errorf("listen for the command line: %w", err)
	}
	if err := os.Chmod(path, 0o660); err != nil {
		return nil, errors.Join(err, ln.Close())
	}
	return ln, nil
}

// newReader reads documents in a child: this program again, as `bwenge extract`.
func newReader(cfg *Config) (*extract.Reader, error) {
	exe, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cache := cfg.path("cache")
	if err := os.MkdirAll(cache, 0o750); err != nil {
		return nil, err
	}
	return &extract.Reader{Command: []string{exe, extractName}, CacheDir: cache}, nil
}
