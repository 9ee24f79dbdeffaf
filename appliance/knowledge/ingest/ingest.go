package ingest

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/knowledge/blobs"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract"
	"github.com/bwenge-os/bwenge/internal/problem"
	"github.com/bwenge-os/bwenge/models"
)

// Store is what the ingester needs of the database.
type Store interface {
	Sources
	Jobs
	Work
	Archives
}

// Sources are the rows that teachers see.
type Sources interface {
	AddSource(ctx context.Context, org appliance.OrgID, n appliance.Source, classes []appliance.ClassID, by appliance.Principal, entries ...appliance.AuditEntry) (src appliance.Source, existed bool, err error)
	Source(ctx context.Context, org appliance.OrgID, scope appliance.Scope, id string) (appliance.Source, error)
	DeleteSource(ctx context.Context, org appliance.OrgID, id string, entries ...appliance.AuditEntry) (sha256 string, lastUse bool, err error)
	RetrySource(ctx context.Context, org appliance.OrgID, id string, entries ...appliance.AuditEntry) (appliance.Source, error)
	CancelSource(ctx context.Context, org appliance.OrgID, id string, entries ...appliance.AuditEntry) (appliance.Source, error)
	// Captions returns the subtitles of this name beside a recording.
	Captions(ctx context.Context, org appliance.OrgID, recording appliance.Source, stem string) (appliance.Source, bool, error)
	DeletedSource(ctx context.Context, org appliance.OrgID, scope appliance.Scope, id string) (appliance.Source, error)
	TrashSource(ctx context.Context, org appliance.OrgID, id string, entries ...appliance.AuditEntry) error
	BringBack(ctx context.Context, org appliance.OrgID, id string, entries ...appliance.AuditEntry) (appliance.Source, error)
	Expired(ctx context.Context) (map[appliance.OrgID][]string, error)
	ChangeSources(ctx context.Context, org appliance.OrgID, ids []string, c appliance.ManyChange, entry func(id string) appliance.AuditEntry) ([]appliance.Source, error)
	Namesake(ctx context.Context, org appliance.OrgID, by appliance.Principal, title, sha256 string) (appliance.Source, bool, error)
	ReplaceSource(ctx context.Context, org appliance.OrgID, id string, file appliance.Source, entries ...appliance.AuditEntry) (appliance.Source, error)
	ReadAgain(ctx context.Context, org appliance.OrgID, id string, entries ...appliance.AuditEntry) (appliance.Source, error)
	TextPage(ctx context.Context, org appliance.OrgID, scope appliance.Scope, id string, number int) (page appliance.TextPage, read, made []byte, err error)
	ChangePage(ctx context.Context, org appliance.OrgID, id string, c appliance.PageChange, entries ...appliance.AuditEntry) (appliance.Source, error)
	HasFile(ctx context.Context, org appliance.OrgID, sha256 string) (bool, error)
	Unfinished(ctx context.Context, sourceID string) (bool, error)
	Reembed(ctx context.Context, model string) ([]string, error)
}

// Jobs are the queue.
type Jobs interface {
	ClaimJob(ctx context.Context, owner string, lease time.Duration) (appliance.Job, bool, error)
	ExtendLease(ctx context.Context, job appliance.Job, lease time.Duration) error
	ReleaseDead(ctx context.Context, owner string, limit int, p problem.Problem) ([]string, error)
	ReleaseJob(ctx context.Context, job appliance.Job) error
	RetryJob(ctx context.Context, job appliance.Job, wait time.Duration, crashed bool) error
	FailJob(ctx context.Context, job appliance.Job, p problem.Problem) error
	SaveProgress(ctx context.Context, job appliance.Job, src appliance.Source) error
	SaveStage(ctx context.Context, job appliance.Job, next appliance.Stage, src appliance.Source) error
	FinishJob(ctx context.Context, job appliance.Job, src appliance.Source) error
}

// Work is what a job stores on its way.
type Work interface {
	SaveParts(ctx context.Context, job appliance.Job, parts ...appliance.Part) error
	Parts(ctx context.Context, job appliance.Job, from, limit int) ([]appliance.Part, error)
	ClearParts(ctx context.Context, job appliance.Job) error
	PartOrder(ctx context.Context, job appliance.Job) ([]int, error)
	Mended(ctx context.Context, job appliance.Job, seqs []int) ([]appliance.Part, error)
	AdoptVectors(ctx context.Context, job appliance.Job, model string) error
	AddChunks(ctx context.Context, job appliance.Job, chunks []appliance.Chunk) error
	LastChunk(ctx context.Context, job appliance.Job) (appliance.Chunk, bool, error)
	ClearChunks(ctx context.Context, job appliance.Job) error
	Unembedded(ctx context.Context, job appliance.Job, limit int) (chunks []appliance.Chunk, left int, err error)
	SaveVectors(ctx context.Context, job appliance.Job, model string, chunks []appliance.Chunk) error
}

// Reader reads documents; *extract.Reader is the real one.
type Reader interface {
	ReadTurned(ctx context.Context, path, workDir string, turns map[int]int, onInfo func(extract.Info),
		onSection func(appliance.Section, extract.Progress) error) (extract.Result, error)
	Survey(ctx context.Context, a extract.ArchiveJob) (appliance.Archive, appliance.ArchiveSample, []appliance.Notice, error)
	ReadArchive(ctx context.Context, a extract.ArchiveJob, onInfo func(extract.Info),
		onSection func(appliance.Section, extract.Progress) error) (extract.Result, error)
}

// Cores lets pupils go first; *models.Cores is the real one.
type Cores interface {
	Background(ctx context.Context) (done func(), err error)
}

// Config is what an Ingester works with. Files, Reader, Embedder and Transcriber
// are needed; the rest has a default.
type Config struct {
	Files       *blobs.Folder // nobody else may use it
	Reader      Reader
	Embedder    models.Embedder
	Transcriber models.Transcriber
	Cores       Cores
	// Takes lists the ways to listen to a recording, Decode turns it into
	// samples in one of them (extract.Takes, extract.DecodeTake).
	Takes  func(ctx context.Context, path string) ([]extract.Take, error)
	Decode func(ctx context.Context, src, dst string, take extract.Take, onProgress func(seconds float64)) (float64, []appliance.Notice, error)

	Workers  int           // files worked on at once (1)
	Lease    time.Duration // how long a silent worker keeps its job (1 min)
	Window   time.Duration // of a recording, transcribed at once (1 min)
	Chunking Chunking
	// Backoff is the pause after the nth failure of an engine, from 1; false
	// ends the attempts.
	Backoff func(n int) (time.Duration, bool)
	Log     *slog.Logger
}

func (c *Config) setDefaults() {
	if c.Takes == nil {
		c.Takes = extract.Takes
	}
	if c.Decode == nil {
		c.Decode = extract.DecodeTake
	}
	if c.Workers == 0 {
		c.Workers = 1
	}
	if c.Lease == 0 {
		c.Lease = time.Minute
	}
	if c.Window == 0 {
		c.Window = time.Minute
	}
	if c.Backoff == nil {
		c.Backoff = backoff
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	c.Chunking.setDefaults()
}

// backoff tries five times over some three minutes: long enough for an engine
// to be started anew, short enough for a teacher who waits.
func backoff(n int) (time.Duration, bool) {
	pauses := []time.Duration{time.Second, 5 * time.Second, 30 * time.Second, 2 * time.Minute}
	if n > len(pauses) {
		return 0, false
	}
	return pauses[n-1], true
}

// Ingester takes material in. Its methods may be called while Run runs and
// while it does not; jobs are worked on only while it does.
type Ingester struct {
	store Store
	cfg   Config
	files *blobs.Folder
	owner string // this run of the program, in leases
	pace  pace

	watchers watchers
	wake     chan struct{}

	// surveying is held while a person waits for what a part of an archive costs.
	surveying sync.Mutex

	// keeping is held for reading while a file becomes a row, and for writing
	// while a file is removed because no row has it.
	keeping sync.RWMutex

	mu      sync.Mutex
	running map[string]*run // by source
}

// New makes an Ingester.
func New(store Store, cfg Config) *Ingester {
	cfg.setDefaults()
	return &Ingester{
		store: store, cfg: cfg, files: cfg.Files, owner: uuid.NewString(),
		wake:    make(chan struct{}, 1),
		running: map[string]*run{},
	}
}

// Add takes a file in and queues it. size is what r will give at most, or -1.
// Without room for it, it fails with ENoSpace before reading. The same bytes
// again are the source that is there already, and existed is true. When r
// fails, nothing stays behind.
func (in *Ingester) Add(ctx context.Context, org appliance.OrgID, n appliance.NewFile, r io.Reader, size int64) (src appliance.Source, existed bool, err error) {
	upload, err := in.files.Receive(ctx, org, r, size)
	if err != nil {
		return src, false, err
	}
	src, existed, err = in.keep(ctx, org, upload, n)
	if err != nil {
		return src, false, errors.Join(err, in.dropFile(context.WithoutCancel(ctx), org, upload.SHA256))
	}
	in.watchers.tell(org, src)
	in.nudge()
	return src, existed, nil
}

// keep turns a received file into a source.
func (in *Ingester) keep(ctx context.Context, org appliance.OrgID, upload *blobs.Upload, n appliance.NewFile) (src appliance.Source, existed bool, err error) {
	in.keeping.RLock()
	defer in.keeping.RUnlock()
	if err := upload.Keep(); err != nil {
		return src, false, errors.Join(err, upload.Drop())
	}
	file := appliance.Source{Title: cleanTitle(n.Name), Bytes: upload.Bytes, SHA256: upload.SHA256,
		Subject: appliance.CleanLabel(n.Subject), Grade: appliance.CleanLabel(n.Grade), Folder: appliance.CleanFolder(n.Folder)}
	if n.SameName == appliance.SameNameAsk || n.SameName == appliance.SameNameReplace {
		old, ok, err := in.store.Namesake(ctx, org, n.By, file.Title, file.SHA256)
		switch {
		case err != nil:
			return src, false, err
		case ok && n.SameName == appliance.SameNameAsk:
			return src, false, errSameName(old)
		case ok:
			src, err = in.replace(ctx, org, old, file, n.By)
			return src, false, err
		}
	}
	return in.store.AddSource(ctx, org, file, n.Classes, n.By, n.By.Did("source.added", ""))
}

// dropFile removes an original unless a source has its bytes.
func (in *Ingester) dropFile(ctx context.Context, org appliance.OrgID, sum string) error {
	in.keeping.Lock()
	defer in.keeping.Unlock()
	if has, err := in.store.HasFile(ctx, org, sum); err != nil || has {
		return err
	}
	return in.files.Drop(org, sum)
}

// Retry queues a source again that failed or was cancelled.
func (in *Ingester) Retry(ctx context.Context, org appliance.OrgID, id string, entries ...appliance.AuditEntry) (appliance.Source, error) {
	src, err := in.store.RetrySource(ctx, org, id, entries...)
	if err == nil {
		in.watchers.tell(org, src)
		in.nudge()
	}
	return src, err
}

// Cancel stops the work on a source, at once if it is being worked on.
func (in *Ingester) Cancel(ctx context.Context, org appliance.OrgID, id string, entries ...appliance.AuditEntry) (appliance.Source, error) {
	now, err := in.store.Source(ctx, org, whole, id)
	if err != nil {
		return now, err
	}
	src, err := in.store.CancelSource(ctx, org, id, entries...)
	if err != nil {
		return src, err
	}
	in.watchers.tell(org, src)
	if now.Update != nil { // only the making anew is stopped
		return src, errors.Join(in.dropWork(in.stop(ctx, now.Update.ID), now.Update.ID), in.dropFile(context.WithoutCancel(ctx), org, now.Update.SHA256))
	}
	return src, in.dropWork(in.stop(ctx, id), id)
}

// dropWork removes the scratch files of a source whose work has ended. Work that
// goes on, because whoever asked has left, removes them itself at its end.
func (in *Ingester) dropWork(ended bool, id string) error {
	if !ended {
		return nil
	}
	return in.files.DropWork(id)
}

// Delete removes a source and everything that came of it.
func (in *Ingester) Delete(ctx context.Context, org appliance.OrgID, id string, entries ...appliance.AuditEntry) error {
	src, err := in.store.Source(ctx, org, whole, id)
	if problem.CodeOf(err) == problem.NotFound {
		src, err = in.store.DeletedSource(ctx, org, whole, id)
	}
	if err != nil {
		return err
	}
	ended := in.stop(ctx, id)
	endedUpdate := src.Update != nil && in.stop(ctx, src.Update.ID)
	sum, last, err := in.store.DeleteSource(ctx, org, id, entries...)
	if err != nil {
		return err
	}
	err = in.dropWork(ended, id)
	if src.Update != nil {
		err = errors.Join(err, in.dropWork(endedUpdate, src.Update.ID), in.dropFile(context.WithoutCancel(ctx), org, src.Update.SHA256))
	}
	if last {
		err = errors.Join(err, in.dropFile(context.WithoutCancel(ctx), org, sum))
	}
	return err
}

// whole is the scope of what the box does by itself.
var whole = appliance.Scope{All: true}

// Open opens the original file of a source that a scope shows; the caller
// closes it.
func (in *Ingester) Open(ctx context.Context, org appliance.OrgID, scope appliance.Scope, id string) (io.ReadSeekCloser, appliance.Source, error) {
	src, err := in.store.Source(ctx, org, scope, id)
	if err != nil {
		return nil, src, err
	}
	f, err := in.files.Open(ctx, org, src.SHA256)
	return f, src, err
}

// EraseOrganization removes an organization's files, after its rows are gone.
func (in *Ingester) EraseOrganization(ctx context.Context, org appliance.OrgID) error {
	in.keeping.Lock()
	defer in.keeping.Unlock()
	return errors.Join(in.files.DropAll(org), in.files.SweepWork(func(id string) (bool, error) { return in.store.Unfinished(ctx, id) }))
}

// Watch sends an organization's sources as they change, until ctx ends. The
// channel of a reader who falls behind is closed.
func (in *Ingester) Watch(ctx context.Context, org appliance.OrgID) <-chan appliance.Source {
	return in.watchers.add(ctx, org)
}

// Sweep removes files that nothing refers to: Run does it at its start.
func (in *Ingester) Sweep(ctx context.Context) error {
	return in.files.Sweep(
		func(org appliance.OrgID, sum string) error { return in.dropFile(ctx, org, sum) },
		func(sourceID string) (bool, error) { return in.store.Unfinished(ctx, sourceID) })
}

// nudge makes an idle worker look for jobs.
func (in *Ingester) nudge() {
	select {
	case in.wake <- struct{}{}:
	default:
	}
}
