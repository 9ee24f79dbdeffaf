package ingest

import (
	"context"
	"errors"
	"iter"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/knowledge/blobs"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract"
	"github.com/bwenge-os/bwenge/internal/problem"
)

// A page of text is stored as a part of its own: a page, a slide, a sheet, a
// minute. Where a format has none of these, a part ends with the paragraph in
// which it reaches pieceBytes; a page of more than partBytes is several parts.
const (
	partBytes  = 32 << 10
	pieceBytes = 8 << 10
)

// Parts are stored together when they hold this much text, or after this long:
// reading a scanned page takes seconds.
const (
	storeBytes = 32 << 10
	storeTime  = 2 * time.Second
)

// chunkBytes is about how much text a chunk holds, to guess their number.
const chunkBytes = 600

// read is the first stage: the file's text into parts.
func (w *work) read(ctx context.Context) error {
	if err := w.show(ctx, appliance.StepReading, 0, -1); err != nil {
		return err
	}
	if is, err := w.archive(ctx); is || err != nil {
		return blobs.DiskError(err)
	}
	path, err := w.files.Unseal(ctx, w.job.Org, w.src.SHA256, w.src.ID)
	if err != nil {
		return err
	}
	folder := w.files.Work(w.src.ID)
	info, err := w.document(ctx, path, folder)
	if err != nil {
		return blobs.DiskError(err)
	}
	if info.Recording() {
		known, err := w.captions(ctx)
		if err == nil && !known {
			err = w.recording(ctx, path, folder)
		}
		if err != nil {
			return blobs.DiskError(err)
		}
	}
	if err := w.next(ctx, appliance.StageChunk); err != nil {
		return err
	}
	return w.files.DropWork(w.src.ID) // the text is stored
}

// document stores a document's sections. Of a recording it only finds out what
// it is.
func (w *work) document(ctx context.Context, path, folder string) (extract.Info, error) {
	r := &reading{work: w, opened: time.Now(), began: time.Now()}
	result, err := w.cfg.Reader.ReadTurned(ctx, path, folder, w.job.Turns, r.info,
		func(s appliance.Section, p extract.Progress) error { return r.section(ctx, s, p) })
	if err != nil {
		if problem.Of(err).Reason == "no_text" {
			// Its pages are there to be turned, and to be written by hand.
			if failed := r.end(ctx); failed != nil {
				return result.Info, failed
			}
		}
		return result.Info, err
	}
	r.info(result.Info)
	if result.Info.Recording() { // what is said of those, decode says
		return result.Info, nil
	}
	w.src.Notices, w.src.Contents = result.Notices, result.Counts
	if err := r.end(ctx); err != nil {
		return result.Info, err
	}
	return result.Info, w.countDoubts(ctx)
}

// reading is a document on its way from the reader into parts.
type reading struct {
	*work
	open    part   // the page that is being read
	at      string // its key without the number of its part
	place   appliance.Place
	size    int              // of its text
	text    int              // of all text so far
	waiting []appliance.Part // not stored yet
	held    int              // bytes of text in them
	seq     int              // of the next part
	page    int              // the last one, where every page is a part
	used    map[string]int   // parts by key
	skip    *resume
	opened  time.Time // when waiting was empty
	began   time.Time
}

func (r *reading) info(info extract.Info) {
	r.src.Kind, r.src.MediaType = info.Kind, info.MediaType
	r.src.Pages, r.src.Duration = info.Pages, info.Duration
}

func (r *reading) section(ctx context.Context, s appliance.Section, p extract.Progress) error {
	if err := r.start(ctx); err != nil {
		return err
	}
	r.text += len(s.Text)
	if known, err := r.skip.over(ctx, r.work, s); err != nil || known {
		return err
	}
	at := pageKey(r.src.Kind, s.Place)
	most := partBytes
	if at == pieceKey {
		most = pieceBytes
	}
	if at != r.at || r.size >= most {
		if err := errors.Join(r.close(), r.empty(r.numbered(s.Place)), r.save(ctx, false)); err != nil {
			return err
		}
		r.at, r.place = at, s.Place
	}
	r.open.Sections = append(r.open.Sections, s)
	r.size += len(s.Text)
	done, left := 0.0, -1.0
	if p.Of > 0 {
		done = float64(p.Done) / float64(p.Of)
		all := max(done, 0.01)
		left = time.Since(r.began).Seconds()*(1-done)/all + r.pace.embedding(float64(r.text)/all/chunkBytes)
	}
	return r.show(ctx, appliance.StepReading, done*readDocument, left)
}

// start finds out how much is stored already.
func (r *reading) start(ctx context.Context) (err error) {
	if r.skip != nil {
		return nil
	}
	if r.skip, err = r.resume(ctx); err != nil {
		return err
	}
	if r.skip.parts > 0 && r.skip.sections == 0 { // of a try that found no text
		if err := r.store.ClearParts(ctx, r.job); err != nil {
			return err
		}
		r.skip = &resume{used: map[string]int{}}
	}
	r.seq, r.used, r.page = r.skip.parts, r.skip.used, r.skip.page
	return nil
}

// end stores the rest, with the pages at the end that hold no text.
func (r *reading) end(ctx context.Context) error {
	if err := r.start(ctx); err != nil {
		return err
	}
	if err := r.close(); err != nil {
		return err
	}
	if r.src.Kind == appliance.KindPDF || r.src.Kind == appliance.KindImage {
		if err := r.empty(r.src.Pages + 1); err != nil {
			return err
		}
	}
	return r.save(ctx, true)
}

// numbered is the page that a place of a PDF or of a scan is on; 0 elsewhere.
func (r *reading) numbered(p appliance.Place) int {
	if r.src.Kind == appliance.KindPDF || r.src.Kind == appliance.KindImage {
		return p.Page
	}
	return 0
}

// empty adds the pages before the given one on which nothing was read, so that
// a teacher can turn them, or write what they say.
func (r *reading) empty(before int) error {
	for r.page+1 < before && r.page < maxEmpty {
		page := r.page + 1
		if err := r.add(pageKey(r.src.Kind, appliance.Place{Page: page}), appliance.Place{Page: page}, part{}); err != nil {
			return err
		}
	}
	return nil
}

// maxEmpty bounds the pages that are noted without text.
const maxEmpty = 20_000

// close makes a part of the page that is open.
func (r *reading) close() error {
	if len(r.open.Sections) == 0 {
		return nil
	}
	page := r.open
	r.held += r.size
	r.open, r.size = part{}, 0
	return r.add(r.at, r.place, page)
}

// add appends a part to those that wait.
func (r *reading) add(at string, place appliance.Place, page part) error {
	place.Start, place.End = 0, 0
	doubts := 0
	for _, s := range page.Sections {
		if s.Doubt != "" {
			doubts++
		}
		if s.Place.End > 0 {
			if place.End == 0 {
				place.Start = s.Place.Start
			}
			place.End = s.Place.End
		}
	}
	data, err := page.encode()
	if err != nil {
		return err
	}
	r.used[at]++
	r.waiting = append(r.waiting, appliance.Part{Seq: r.seq, Key: numberedKey(at, r.used[at]), Place: place, Doubts: doubts, Data: data})
	r.seq++
	if n := r.numbered(place); n > 0 {
		r.page = n
	}
	return nil
}

// save stores the parts that wait, if that is due.
func (r *reading) save(ctx context.Context, all bool) error {
	if len(r.waiting) == 0 || !all && r.held < storeBytes && time.Since(r.opened) < storeTime {
		return nil
	}
	if err := r.store.SaveParts(ctx, r.job, r.waiting...); err != nil {
		return err
	}
	r.moved = true
	r.waiting, r.held, r.opened = nil, 0, time.Now()
	return nil
}

// resume knows how much of a document is stored already. A reader gives the
// same sections each time, so the stored ones are passed over; the last of them
// proves that they are the same.
type resume struct {
	parts    int // stored
	sections int // in them, still to be passed over
	last     appliance.Section
	used     map[string]int
	page     int
}

func (w *work) resume(ctx context.Context) (*resume, error) {
	r := &resume{used: map[string]int{}}
	for p, err := range w.parts(ctx) {
		if err != nil {
			return nil, err
		}
		r.parts++
		r.used[p.at]++
		r.sections += len(p.Sections)
		if len(p.Sections) > 0 {
			r.last = p.Sections[len(p.Sections)-1]
		}
		if n, err := strconv.Atoi(strings.TrimPrefix(p.at, "p")); err == nil {
			r.page = max(r.page, n)
		}
	}
	return r, nil
}

var errChanged = errors.New("the reader gives other text than before the interruption")

// over reports whether a section is stored already.
func (r *resume) over(ctx context.Context, w *work, s appliance.Section) (bool, error) {
	if r.sections == 0 {
		return false, nil
	}
	if r.sections--; r.sections == 0 && !reflect.DeepEqual(s, r.last) {
		// Another version of the program reads otherwise: once more, from the start.
		return false, errors.Join(errChanged, w.store.ClearParts(ctx, w.job))
	}
	return true, nil
}

// parts visits a job's stored parts in the order in which they were read, a few
// at a time.
func (w *work) parts(ctx context.Context) iter.Seq2[part, error] {
	return func(yield func(part, error) bool) {
		for from := 0; ; {
			some, err := w.store.Parts(ctx, w.job, from, 8)
			if err != nil {
				yield(part{}, err)
				return
			}
			for _, stored := range some {
				p, err := decodePart(stored)
				if !yield(p, err) || err != nil {
					return
				}
				from = stored.Seq + 1
			}
			if len(some) == 0 {
				return
			}
		}
	}
}
