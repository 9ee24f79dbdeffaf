// Package box puts the parts of the appliance together, starts them and stops
// them in a written order. Commands use a box through it: Open and Run for the
// one that serves, With for whatever box owns a data folder.
package box

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/httpd"
	"github.com/bwenge-os/bwenge/appliance/knowledge/blobs"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract"
	"github.com/bwenge-os/bwenge/appliance/knowledge/ingest"
	"github.com/bwenge-os/bwenge/appliance/knowledge/material"
	"github.com/bwenge-os/bwenge/appliance/knowledge/retrieval"
	"github.com/bwenge-os/bwenge/appliance/lan"
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
	"github.com/bwenge-os/bwenge/models/openai"
	"github.com/bwenge-os/bwenge/web"
)

const (
	DatabaseFile = "bwenge.db"
	claimFile    = "claim-code.txt" // only while nobody owns the box
)

// readingPatience is the longest that one unit of reading waits for pupils.
const readingPatience = 20 * time.Second

// Box is every part of the appliance, put together.
type Box struct {
	Store     *sqlite.Store
	Engines   *Engines
	Auth      *auth.Service
	Certs     *certs.Manager // nil where no HTTPS is served
	Ingester  *ingest.Ingester
	models    *orchestrator.Service
	reader    *extract.Reader
	Retrieval *retrieval.Service
	Tutor     *tutor.Tutor
	tester    *tester
	warmer    *warmer
	Server    *httpd.Server
	Socket    string // where the command line reaches it
	LAN       *lan.Announcer
}

// Open builds a box on the engines of this machine. The caller owns the
// data folder (see Own). Nothing runs yet.
func Open(ctx context.Context, cfg *Config) (*Box, error) {
	return Assemble(ctx, cfg, NewEngines(cfg))
}

// Assemble builds the parts in the order in which they need each other: what
// stores, what reads, what answers, and the server over them.
func Assemble(ctx context.Context, cfg *Config, e *Engines) (_ *Box, err error) {
	b := &Box{Engines: e, Socket: SocketPath(cfg), LAN: newAnnouncer(cfg)}
	defer func() {
		if err != nil {
			b.Close()
		}
	}()
	clock, err := b.openSchool(ctx, cfg)
	if err != nil {
		return nil, err
	}
	cores := models.NewCores(1, readingPatience)
	if err := b.openKnowledge(cfg, cores); err != nil {
		return nil, err
	}
	if err := b.openTutor(cfg, cores); err != nil {
		return nil, err
	}
	if !cfg.Measured {
		b.tester, b.warmer = newTester(cfg, e, b.models, cores), newWarmer(cfg, b, cores)
	}
	config, err := b.serverConfig(cfg)
	if err != nil {
		return nil, err
	}
	parts, err := b.parts(cfg, cores, clock)
	if err != nil {
		return nil, err
	}
	b.Server, err = httpd.New(config, parts)
	return b, err
}

// openSchool opens the keys, the store and the sign-in.
func (b *Box) openSchool(ctx context.Context, cfg *Config) (*auth.Clock, error) {
	box, err := keys.Open(cfg.Path("keys"))
	if err != nil {
		return nil, err
	}
	if b.Store, err = sqlite.Open(ctx, cfg.Path(DatabaseFile), box); err != nil {
		return nil, err
	}
	saved, err := b.Store.BoxClock(ctx)
	if err != nil {
		return nil, err
	}
	clock := auth.NewClock(saved)
	b.Auth = auth.New(b.Store, box, clock, cfg.Path(claimFile), nil)
	return clock, nil
}

// openKnowledge makes what takes material in and what finds it again.
func (b *Box) openKnowledge(cfg *Config, cores *models.Cores) error {
	reader, err := newReader(cfg)
	if err != nil {
		return err
	}
	b.reader = reader
	files, err := blobs.Open(cfg.Data, func(ctx context.Context, org appliance.OrgID) (blobs.Key, error) { return b.Store.DataKey(ctx, org) })
	if err != nil {
		return err
	}
	b.Ingester = ingest.New(b.Store, ingest.Config{
		Files:       files,
		Reader:      reader,
		Embedder:    b.Engines.Embedder,
		Transcriber: b.Engines.Transcriber,
		Cores:       cores,
	})
	b.Retrieval = retrieval.New(b.Store, b.Engines.Embedder)
	return nil
}

// openTutor makes what answers, and what says which model does.
func (b *Box) openTutor(cfg *Config, cores *models.Cores) error {
	providers, err := openai.ParseAllowed(cfg.ProviderHosts)
	if err != nil {
		return fmt.Errorf("--provider-hosts: %w", err)
	}
	b.models = orchestrator.New(orchestrator.Config{Store: b.Store, Box: b.Engines.generator(cores), Allowed: providers})
	b.Tutor = tutor.New(b.Store, b.Retrieval, b.Engines.Embedder, b.models, tutor.Config{Writes: b.Engines.Writes, Explains: b.Engines.Explains})
	return nil
}

// serverConfig is how the box shows itself.
func (b *Box) serverConfig(cfg *Config) (config httpd.Config, err error) {
	config = httpd.Config{
		Version: cfg.Version,
		Hosts:   []string{cfg.Name},
		Web:     web.Files(),
		Address: func(near netip.Addr) string { return lanAddress(cfg, near) },
		Slug:    accounts.Slug,
		Sample:  sampleLesson,
	}
	if config.TrustedProxies, err = cfg.proxies(); err != nil {
		return config, err
	}
	if cfg.TLSAddr == "" {
		return config, nil
	}
	if b.Certs, err = openCerts(cfg, b.LAN); err != nil {
		return config, err
	}
	_, config.TLSPort, _ = net.SplitHostPort(cfg.TLSAddr)
	if b.Certs.AuthorityPEM() != nil {
		config.Authority, config.Fingerprint = b.Certs.AuthorityPEM, b.Certs.Fingerprint()
	}
	return config, nil
}

// parts are what the server's routes call.
func (b *Box) parts(cfg *Config, cores *models.Cores, clock *auth.Clock) (httpd.Parts, error) {
	tutors, err := personas.New(b.Store)
	if err != nil {
		return httpd.Parts{}, err
	}
	mail, err := mailer(cfg)
	if err != nil {
		return httpd.Parts{}, err
	}
	people := accounts.New(b.Store, b.Auth, b.holders(), mail, clock.Now)
	people.Lists = lists{b.reader, cfg.Path("cache")}
	return httpd.Parts{
		Material:      material.New(b.Store, b.Ingester),
		Tutor:         httpd.TutorOf(b.Tutor),
		Conversations: b.Store,
		Health:        health{b.Engines, b.Store, b.LAN},
		Public:        b.Store,
		Auth:          b.Auth,
		People:        people,
		Audit:         b.Store,
		Requests:      b.Store,
		Personas:      tutors,
		Previews:      b.Tutor,
		Safeguarding:  b.Store,
		Ratings:       b.Tutor,
		Feedback:      b.Store,
		Pins:          tutor.NewPins(b.Store),
		Memories:      b.Store,
		Cards:         httpd.Cards{Pictures: cards.Pictures, Picture: cards.SVG, QR: cards.QR},
		Models:        b.models,
		BoxModels:     cfg.BoxModels,
		Keys:          b.Auth,
		Embedder:      b.Engines.Embedder,
		Voice: speech.New(speech.Config{Dir: cfg.Path("cache"), Decoder: decoder{}, SpeechToText: b.Engines.speechToText, MoreLanguages: b.Engines.moreLanguages,
			TextToSpeech: b.Engines.textToSpeech, NoTextToSpeech: b.Engines.noTextToSpeech, Cores: cores, Personas: b.Store}),
	}, nil
}

// holders are the parts that hold something of schools beside the database, and
// let go of it when a school is erased. The server comes to be after them.
func (b *Box) holders() []accounts.Eraser {
	return []accounts.Eraser{b.Ingester, b.models, b.Tutor, serverOf{b}}
}

type serverOf struct{ *Box }

func (b serverOf) EraseOrganization(ctx context.Context, org appliance.OrgID) error {
	return b.Server.EraseOrganization(ctx, org)
}

// run serves on the listeners, ingests and answers until ctx ends or a part
// fails, and returns when everything has stopped: the network first, then the
// work, so that what was accepted is still stored.
func (b *Box) Run(ctx context.Context, listeners ...net.Listener) error {
	group, ctx := errgroup.WithContext(ctx)
	working, stopWork := context.WithCancel(context.WithoutCancel(ctx))
	group.Go(func() error {
		defer stopWork()
		return b.Server.Serve(ctx, listeners...)
	})
	group.Go(func() error { return b.Ingester.Run(working) })
	group.Go(func() error { return b.Tutor.Run(working) })
	group.Go(func() error { return b.Auth.Run(working) })
	group.Go(func() error { return b.Store.Clean(working) })
	group.Go(func() error { return b.keepSchedule(working) })
	if b.tester != nil { // not on a measured box
		group.Go(func() error { return b.tester.run(working) })
		group.Go(func() error { return b.warmer.run(working) })
	}
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
func openCerts(cfg *Config, name *lan.Announcer) (*certs.Manager, error) {
	if cfg.TLSCert != "" {
		return certs.FromFiles(cfg.TLSCert, cfg.TLSKey)
	}
	names := func() []string { return []string{cfg.Name + ".local", name.Host()} }
	return certs.Open(cfg.Path("keys"), names, lan.Addresses)
}

// close stops the engines and closes the database, in this order: an engine's
// last reply may still be stored.
func (b *Box) Close() {
	if b.Engines != nil {
		b.Engines.close()
	}
	if b.Store != nil {
		if err := b.Store.Close(); err != nil {
			slog.Error("database: cannot close", "error", err)
		}
	}
}

// ExtractName is the hidden command by which the box starts itself as a reader
// of one document; the program has to have it.
const ExtractName = "extract"

// newReader reads documents in a child: this program again, as `bwenge extract`.
func newReader(cfg *Config) (*extract.Reader, error) {
	exe, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cache := cfg.Path("cache")
	if err := os.MkdirAll(cache, 0o750); err != nil {
		return nil, err
	}
	// Versions before compiled the PDF engine where every document's child could
	// write.
	old, _ := filepath.Glob(filepath.Join(cache, "wazero-*"))
	for _, dir := range old {
		_ = os.RemoveAll(dir)
	}
	return &extract.Reader{Command: []string{exe, ExtractName}, CacheDir: cache}, nil
}
