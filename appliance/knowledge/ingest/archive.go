package ingest

import (
	"context"
	"errors"
	"math"
	"time"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/knowledge/blobs"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/fault"
	"github.com/bwenge-os/bwenge/internal/problem"
)

// Archives are what is stored of ZIM files. zim.md tells how they are taken in.
type Archives interface {
	HoldArchive(ctx context.Context, job appliance.Job, src appliance.Source, a appliance.ArchiveState) error
	Archive(ctx context.Context, org appliance.OrgID, scope appliance.Scope, sourceID string) (appliance.ArchiveState, error)
	SelectArchive(ctx context.Context, org appliance.OrgID, sourceID string, sel appliance.ArchiveSelection, chosen int, entries ...appliance.AuditEntry) (appliance.Source, error)
	SaveArticles(ctx context.Context, job appliance.Job, src appliance.Source, chunks []appliance.Chunk, done int) error
	LastTable(ctx context.Context, job appliance.Job) (int, error)
	Overtaken(ctx context.Context) (bool, error)
}

// stageHeld ends the work on a job that waits for a person.
const stageHeld appliance.Stage = "held"

// errOvertaken gives a job in the background back: others come first.
var errOvertaken = errors.New("other material comes first")

const (
	// articleBytes is how much text of articles is cut, stored and made visible
	// at once: half a second's work.
	articleBytes = 48 << 10
	// passageBytes is about how much text of an article one chunk holds, and
	// passageDisk what a chunk takes on the disk: its text, words and vector, the
	// vector twice.
	passageBytes = 520
	passageDisk  = 6000
)

// archive does the first stage of a source that is a ZIM file, and reports
// whether it is one: what it holds is told, and the job waits until somebody has
// chosen what is taken in; then the articles become chunks that can be found by
// their words, and the last stage makes their vectors.
func (w *work) archive(ctx context.Context) (is bool, err error) {
	file, err := w.files.Open(ctx, w.job.Org, w.src.SHA256)
	if err != nil {
		return false, err
	}
	defer file.Close()
	if !extract.IsArchive(file) {
		return false, nil
	}
	if w.job.Source.Replaces != "" {
		return true, problem.New(problem.Unsupported, "archive_replaced", "An archive can neither be read again nor take the place of another.",
			"Delete it, and add the file as new.", nil)
	}
	what, err := w.store.Archive(ctx, w.job.Org, whole, w.src.ID)
	if err != nil && problem.CodeOf(err) != problem.NotFound {
		return true, err
	}
	job := w.archiveJob(file)
	if what.Selection == nil {
		return true, w.survey(ctx, job)
	}
	return true, w.articles(ctx, job, what)
}

func (w *work) archiveJob(file blobs.Original) extract.ArchiveJob {
	return extract.ArchiveJob{File: file, Size: w.src.Bytes, WorkDir: w.files.Work(w.src.ID)}
}

// survey says what an archive holds and what all of it would cost.
func (w *work) survey(ctx context.Context, job extract.ArchiveJob) error {
	a, sample, notices, err := w.cfg.Reader.Survey(ctx, job)
	if err != nil {
		return err
	}
	w.src.Kind, w.src.MediaType = appliance.KindArchive, "application/x-zim"
	w.src.Pages, w.src.Notices = a.Articles, notices
	if err := w.store.HoldArchive(ctx, w.job, w.src, appliance.ArchiveState{Archive: a, Whole: w.estimate(sample)}); err != nil {
		return err
	}
	w.job.Stage = stageHeld
	return w.files.DropWork(w.src.ID)
}

// estimate says from a sample what a selection will cost.
func (in *Ingester) estimate(s appliance.ArchiveSample) appliance.ArchiveEstimate {
	e := appliance.ArchiveEstimate{Articles: s.Selected}
	if s.Articles > 0 {
		each := float64(s.Selected) / float64(s.Articles)
		passages := math.Ceil(each * max(float64(s.Text)/passageBytes, float64(s.Sections)))
		e.Passages = int(passages)
		e.DiskBytes = int64(passages) * passageDisk
		e.TextSeconds = math.Ceil(each*s.Seconds + in.pace.storing(passages))
		e.VectorSeconds = math.Ceil(in.pace.embedding(passages))
	}
	return in.fitting(e)
}

func (in *Ingester) fitting(e appliance.ArchiveEstimate) appliance.ArchiveEstimate {
	e.FreeBytes = in.files.Free()
	e.Fits = e.DiskBytes <= e.FreeBytes
	return e
}

// Archive is what an archive holds and what was chosen of it.
func (in *Ingester) Archive(ctx context.Context, org appliance.OrgID, scope appliance.Scope, id string) (appliance.ArchiveState, error) {
	a, err := in.store.Archive(ctx, org, scope, id)
	a.Whole = in.fitting(a.Whole)
	return a, err
}

// EstimateArchive says what a part of an archive would cost.
func (in *Ingester) EstimateArchive(ctx context.Context, org appliance.OrgID, scope appliance.Scope, id string, sel appliance.ArchiveSelection) (appliance.ArchiveEstimate, error) {
	if _, err := in.store.Archive(ctx, org, scope, id); err != nil {
		return appliance.ArchiveEstimate{}, err
	}
	src, err := in.store.Source(ctx, org, scope, id)
	if err != nil {
		return appliance.ArchiveEstimate{}, err
	}
	in.surveying.Lock()
	defer in.surveying.Unlock()
	if err := ctx.Err(); err != nil { // they did not wait
		return appliance.ArchiveEstimate{}, err
	}
	w := &work{Ingester: in, src: src}
	file, err := in.files.Open(ctx, org, src.SHA256)
	if err != nil {
		return appliance.ArchiveEstimate{}, err
	}
	defer file.Close()
	job := w.archiveJob(file)
	job.Select = sel
	_, sample, _, err := in.cfg.Reader.Survey(ctx, job)
	return in.estimate(sample), err
}

// TakeArchive takes a part of an archive in.
func (in *Ingester) TakeArchive(ctx context.Context, org appliance.OrgID, id string, sel appliance.ArchiveSelection, entries ...appliance.AuditEntry) (appliance.Source, error) {
	e, err := in.EstimateArchive(ctx, org, whole, id, sel)
	if err != nil {
		return appliance.Source{}, err
	}
	if e.Articles == 0 {
		return appliance.Source{}, problem.New(problem.Invalid, "nothing_selected", "No article of the archive is like that.",
			"Choose another category, or other first letters.", nil)
	}
	if err := in.files.Room(e.DiskBytes); err != nil {
		return appliance.Source{}, err
	}
	src, err := in.store.SelectArchive(ctx, org, id, sel, e.Articles, entries...)
	if err == nil {
		in.watchers.tell(org, src)
		in.nudge()
	}
	return src, err
}

// articles reads the chosen articles behind those that are in already.
func (w *work) articles(ctx context.Context, job extract.ArchiveJob, what appliance.ArchiveState) error {
	job.Select, job.From = *what.Selection, what.Done+1
	r := &articles{work: w, done: what.Done, current: what.Done, spoken: map[string]int{}, began: time.Now(), first: what.Done}
	last, ok, err := w.store.LastChunk(ctx, w.job)
	if err == nil && ok {
		r.seq = last.Seq + 1
		r.tables, err = w.store.LastTable(ctx, w.job)
	}
	if err != nil {
		return err
	}
	result, err := w.cfg.Reader.ReadArchive(ctx, job, func(i extract.Info) { w.src.Pages, r.of = i.Pages, i.Pages },
		func(s appliance.Section, p extract.Progress) error { return r.section(ctx, s, int(p.Done)) })
	if err != nil && (ctx.Err() != nil || problem.Of(err).Reason != "no_text") {
		return err // no_text: nothing is left behind what is in
	}
	w.src.Notices = addNotices(w.src.Notices, result.Notices)
	r.current = max(r.of, r.current)
	if err := r.flush(ctx); err != nil {
		return err
	}
	if r.seq == 0 {
		return problem.New(problem.Unreadable, "no_text", "No text could be found in this file.",
			"Choose another part of the archive.", nil)
	}
	return w.next(ctx, appliance.StageEmbed)
}

// addNotices adds what was left out now to what was before the box stopped.
func addNotices(before, now []appliance.Notice) []appliance.Notice {
	list := append([]appliance.Notice(nil), before...)
	for _, n := range now {
		if n.Code != "articles_unreadable" {
			continue // the survey has said it
		}
		kept := list[:0]
		for _, old := range list {
			if old.Code == n.Code {
				count, _ := old.Params["count"].(float64)
				more, _ := n.Params["count"].(float64)
				of, _ := n.Params["of"].(float64)
				n = fault.NoticeArticlesUnreadable(int(count+more), int(of))
				continue
			}
			kept = append(kept, old)
		}
		list = append(kept, n)
	}
	return list
}

// articles are on their way from the reader into chunks.
type articles struct {
	*work
	open    []appliance.Section
	size    int // of their text
	current int // article that is being read, from 1
	done    int // articles whose chunks are stored
	first   int // of them before this run
	of      int
	seq     int // of the next chunk
	tables  int // in the chunks so far
	spoken  map[string]int
	began   time.Time
}

func (r *articles) section(ctx context.Context, s appliance.Section, article int) error {
	if article != r.current && r.size >= articleBytes {
		if err := r.flush(ctx); err != nil {
			return err
		}
	}
	r.current = article
	r.open, r.size = append(r.open, s), r.size+len(s.Text)
	return nil
}

// flush makes chunks of the articles up to the current one, and lets searches
// see them.
func (r *articles) flush(ctx context.Context) error {
	if err := r.makeWay(ctx); err != nil {
		return err
	}
	if err := r.files.Room(0); err != nil { // the notice of a full disk comes before it is full
		return err
	}
	done, err := r.turn(ctx)
	if err != nil {
		return err
	}
	defer done()
	began := time.Now()
	var chunks []appliance.Chunk
	c := &chunker{Chunking: r.cfg.Chunking, most: r.cfg.Embedder.MaxTokens(), count: r.cfg.Embedder.CountTokens, seq: r.seq}
	c.cutter.tables = r.tables
	c.emit = func(some []appliance.Chunk) error {
		chunks = append(chunks, some...)
		return nil
	}
	if err := c.chunkAll(ctx, sectionsOf(r.open)); err != nil {
		return err
	}
	for _, x := range chunks {
		r.spoken[x.Language] += x.Tokens
	}
	if most := mostOf(r.spoken); most != "" {
		r.src.Language = most
	}
	if r.of > 0 {
		share := float64(r.current) / float64(r.of)
		r.src.Step, r.src.Progress = appliance.StepReading, min(share, 0.99)
		left := math.Ceil(time.Since(r.began).Seconds() * float64(r.of-r.current) / float64(max(r.current-r.first, 1)))
		r.src.SecondsLeft = &left
	}
	if err := r.store.SaveArticles(ctx, r.job, r.src, chunks, r.current); err != nil {
		return err
	}
	r.moved = true
	if len(chunks) > 0 {
		r.src.Status = appliance.StatusReady
	}
	r.src.Chunks += len(chunks)
	r.watchers.tell(r.job.Org, r.src)
	r.pace.measured(&r.pace.perText, time.Since(began).Seconds(), float64(len(chunks)))
	r.seq, r.tables, r.done = c.seq, c.cutter.tables, r.current
	r.open, r.size = r.open[:0], 0
	return nil
}

// sectionsOf visits sections.
func sectionsOf(list []appliance.Section) func(func(appliance.Section, error) bool) {
	return func(yield func(appliance.Section, error) bool) {
		for _, s := range list {
			if !yield(s, nil) {
				return
			}
		}
	}
}

// makeWay ends the work on what can be searched already when other material
// waits. It is the next in line afterwards, and goes on where it was.
func (w *work) makeWay(ctx context.Context) error {
	if w.src.Status != appliance.StatusReady {
		return nil
	}
	overtaken, err := w.store.Overtaken(ctx)
	if err == nil && overtaken {
		err = errOvertaken
	}
	return err
}
