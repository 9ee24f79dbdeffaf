package modeltest

import (
	"context"
	"os"
	"sync"
	"time"

	"github.com/bwenge-os/bwenge/models"
)

// Transcriber is a fake that recites: of its segments, those that begin within
// the stretch asked for.
type Transcriber struct {
	Segments []models.Segment
	Language string // heard when none is told
	// Before, if set, is called before each request; its error fails it.
	Before func(r models.Recording) error

	mu    sync.Mutex
	asked []models.Recording
}

var _ models.Transcriber = (*Transcriber)(nil)

// Name is the model's name.
func (*Transcriber) Name() string { return "fake-speech" }

// Transcribe emits the segments of a stretch. The file has to exist.
func (t *Transcriber) Transcribe(ctx context.Context, r models.Recording, emit func(models.Segment) error) (string, error) {
	t.mu.Lock()
	t.asked = append(t.asked, r)
	t.mu.Unlock()
	if t.Before != nil {
		if err := t.Before(r); err != nil {
			return "", err
		}
	}
	info, err := os.Stat(r.Path)
	if err != nil {
		return "", err
	}
	end := time.Duration(info.Size()/2) * time.Second / 16000
	if r.Length > 0 {
		end = min(end, r.From+r.Length)
	}
	for _, s := range t.Segments {
		if err := ctx.Err(); err != nil {
			return "", err
		}
		if s.Start < r.From || s.Start >= end {
			continue
		}
		if err := emit(s); err != nil {
			return "", err
		}
	}
	if r.Language != "" {
		return r.Language, nil
	}
	return t.Language, nil
}

// Asked lists the requests so far.
func (t *Transcriber) Asked() []models.Recording {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]models.Recording(nil), t.asked...)
}
