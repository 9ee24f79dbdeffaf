package ingest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
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
		if err := w.recording(ctx, path, folder); err != nil {
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
	var (
		open   part // not stored yet
		size   int  // of its text
		text   int  // of all text so far
		seq    int
		skip   *resume
		opened = time.Now()
		began  = time.Now()
	)
	flush := func() error {
		if len(open.Sections) == 0 {
			return nil
		}
		data, err := json.Marshal(open)
		if err != nil {
			return err
		}
		if err := w.store.SaveParts(ctx, w.job, appliance.Part{Seq: seq, Data: data}); err != nil {
			return err
		}
		w.moved = true
		seq++
		open.Sections, size, opened = open.Sections[:0], 0, time.Now()
		return nil
	}
	onInfo := func(info extract.Info) {
		w.src.Kind, w.src.MediaType = info.Kind, info.MediaType
		w.src.Pages, w.src.Duration = info.Pages, info.Duration
	}
	onSection := func(s appliance.Section, p extract.Progress) error {
		if skip == nil {
			var err error
			if skip, err = w.resume(ctx); err != nil {
				return err
			}
			seq = skip.parts
		}
		text += len(s.Text)
		if known, err := skip.over(ctx, w, s); err != nil {
			return err
		} else if known {
			return nil
		}
		open.Sections = append(open.Sections, s)
		if size += len(s.Text); size >= partBytes || time.Since(opened) >= partTime {
			if err := flush(); err != nil {
				return err
			}
		}
		done, left := 0.0, -1.0
		if p.Of > 0 {
			done = float64(p.Done) / float64(p.Of)
			all := max(done, 0.01)
			left = time.Since(began).Seconds()*(1-done)/all + w.pace.embedding(float64(text)/all/chunkBytes)
		}
		return w.show(ctx, appliance.StepReading, done*readDocument, left)
	}
	result, err := w.cfg.Reader.Read(ctx, path, folder, onInfo, onSection)
	if err != nil {
		return result.Info, err
	}
	onInfo(result.Info)
	if !result.Info.Recording() { // what is said of those, decode says
		w.src.Notices = result.Notices
	}
	return result.Info, flush()
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
	if r.sections--; r.sections == 0 && s != r.last {
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
