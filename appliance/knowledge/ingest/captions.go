package ingest

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract"
)

// captions takes the words of a recording from the subtitles beside it, and
// reports whether there were any: "lesson.srt" for "lesson.mp4", of the same
// teacher and for the same classes. Somebody has written them, and hearing takes minutes.
func (w *work) captions(ctx context.Context) (bool, error) {
	stem := strings.TrimSuffix(w.src.Title, filepath.Ext(w.src.Title))
	src, ok, err := w.store.Captions(ctx, w.job.Org, w.src, stem)
	if err != nil || !ok {
		return false, err
	}
	scratch := w.src.ID + "-captions"
	path, err := w.files.Unseal(ctx, w.job.Org, src.SHA256, scratch)
	if err != nil {
		return false, err
	}
	defer w.files.DropWork(scratch) //nolint:errcheck // swept at the next start
	r := &reading{work: w, opened: time.Now(), began: time.Now()}
	words := 0
	result, err := w.cfg.Reader.ReadTurned(ctx, path, w.files.Work(scratch), nil, nil, func(s appliance.Section, p extract.Progress) error {
		if s.Place.End <= 0 {
			return nil // not what is spoken
		}
		words += len(strings.Fields(s.Text))
		return r.section(ctx, s, p)
	})
	switch {
	case ctx.Err() != nil:
		return false, ctx.Err()
	case err != nil || words == 0 || result.Kind != appliance.KindText:
		w.cfg.Log.Warn("subtitles beside a recording could not be read", "source", w.src.ID, "captions", src.ID, "error", err)
		return false, w.store.ClearParts(ctx, w.job)
	}
	w.src.Notices = append(w.src.Notices, appliance.Notice{Code: "captions_used",
		Message: fmt.Sprintf("Its words were taken from “%s”.", src.Title), Params: map[string]any{"title": src.Title}})
	return true, r.end(ctx)
}
