package ingest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"reflect"
	"time"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/knowledge/blobs"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract"
)

// part is what one stored piece of the reading stage holds: sections of a
// document, or one window of a recording.
type part struct {
	Sections []appliance.Section `json:"sections"`
	Language string              `json:"language,omitempty"` // that was spoken
	To       time.Duration       `json:"to,omitempty"`       // end of a window
	Take     int                 `json:"take,omitempty"`     // way of listening to it, see recording
}

// A part is stored when it holds this much text, or after this long: reading a
// scanned page takes seconds.
const (
	partBytes = 32 << 10
	partTime  = 2 * time.Second
)

// chunkBytes is about how much text a chunk holds, to guess their number.
const chunkBytes = 600

// read is the first stage: the file's text into parts.
func (w *work) read(ctx context.Context) error {
	if err := w.show(ctx, appliance.StepReading, 0, -1); err != nil {
		return err
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
	result, err := w.cfg.Reader.Read(ctx, path, folder, r.info,
		func(s appliance.Section, p extract.Progress) error { return r.section(ctx, s, p) })
	if err != nil {
		return result.Info, err
	}
	r.info(result.Info)
	if !result.Info.Recording() { // what is said of those, decode says
		w.src.Notices = result.Notices
	}
	return result.Info, r.flush(ctx)
}

// reading is a document on its way from the reader into parts.
type reading struct {
	*work
	open   part // not stored yet
	size   int  // of its text
	text   int  // of all text so far
	seq    int  // of the next part
	skip   *resume
	opened time.Time
	began  time.Time
}

func (r *reading) info(info extract.Info) {
	r.src.Kind, r.src.MediaType = info.Kind, info.MediaType
	r.src.Pages, r.src.Duration = info.Pages, info.Duration
}

func (r *reading) section(ctx context.Context, s appliance.Section, p extract.Progress) error {
	if r.skip == nil {
		var err error
		if r.skip, err = r.resume(ctx); err != nil {
			return err
		}
		r.seq = r.skip.parts
	}
	r.text += len(s.Text)
	if known, err := r.skip.over(ctx, r.work, s); err != nil || known {
		return err
	}
	r.open.Sections = append(r.open.Sections, s)
	if r.size += len(s.Text); r.size >= partBytes || time.Since(r.opened) >= partTime {
		if err := r.flush(ctx); err != nil {
			return err
		}
	}
	done, left := 0.0, -1.0
	if p.Of > 0 {
		done = float64(p.Done) / float64(p.Of)
		all := max(done, 0.01)
		left = time.Since(r.began).Seconds()*(1-done)/all + r.pace.embedding(float64(r.text)/all/chunkBytes)
	}
	return r.show(ctx, appliance.StepReading, done*readDocument, left)
}

// flush stores the part that is open.
func (r *reading) flush(ctx context.Context) error {
	if len(r.open.Sections) == 0 {
		return nil
	}
	data, err := json.Marshal(r.open)
	if err != nil {
		return err
	}
	if err := r.store.SaveParts(ctx, r.job, appliance.Part{Seq: r.seq, Data: data}); err != nil {
		return err
	}
	r.moved = true
	r.seq++
	r.open.Sections, r.size, r.opened = r.open.Sections[:0], 0, time.Now()
	return nil
}

// resume knows how much of a document is stored already. A reader gives the
// same sections each time, so the stored ones are passed over; the last of them
// proves that they are the same.
type resume struct {
	parts    int // stored
	sections int // in them, still to be passed over
	last     appliance.Section
}

func (w *work) resume(ctx context.Context) (*resume, error) {
	r := &resume{}
	for p, err := range w.parts(ctx) {
		if err != nil {
			return nil, err
		}
		r.parts++
		r.sections += len(p.Sections)
		if len(p.Sections) > 0 {
			r.last = p.Sections[len(p.Sections)-1]
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

// parts visits a job's stored parts in order, a few at a time.
func (w *work) parts(ctx context.Context) iter.Seq2[part, error] {
	return func(yield func(part, error) bool) {
		for from := 0; ; {
			some, err := w.store.Parts(ctx, w.job, from, 8)
			if err != nil {
				yield(part{}, err)
				return
			}
			for _, stored := range some {
				var p part
				if err := json.Unmarshal(stored.Data, &p); err != nil {
					yield(p, fmt.Errorf("part %d: %w", stored.Seq, err))
					return
				}
				if !yield(p, nil) {
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
