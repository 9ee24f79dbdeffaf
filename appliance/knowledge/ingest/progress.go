package ingest

import (
	"context"
	"math"
	"sync"
	"time"

	"github.com/bwenge-os/bwenge/appliance"
)

// saveEvery is how often progress is written at most: often enough to look
// alive, seldom enough for an SD card.
const saveEvery = time.Second

// Where the bar stands when a stage begins; reading a recording takes most of
// its time.
const (
	readDocument  = 0.4
	decoded       = 0.05
	readRecording = 0.9
)

// show stores and tells how far a source is, if that is due. left is a guess in
// seconds, negative if there is none.
func (w *work) show(ctx context.Context, step appliance.Step, progress, left float64) error {
	changed := w.src.Step != step
	w.src.Step = step
	w.src.Progress = min(max(progress, 0), 0.99) // ready is 1
	w.src.SecondsLeft = nil
	if left >= 0 && !math.IsInf(left, 0) && !math.IsNaN(left) {
		left = math.Ceil(left)
		w.src.SecondsLeft = &left
	}
	if w.src.Status != appliance.StatusReady { // an archive is, while it is worked on
		w.src.Status = appliance.StatusProcessing
	}
	if !changed && time.Since(w.saved) < saveEvery {
		return nil
	}
	w.saved = time.Now()
	err := w.store.SaveProgress(ctx, w.job, w.src)
	w.tell(ctx, w.job.Org, w.src)
	return err
}

// tell shows how far a source is. One that is made anew is shown at the one
// whose place it will take.
func (in *Ingester) tell(ctx context.Context, org appliance.OrgID, src appliance.Source) {
	if src.Replaces != "" {
		var err error
		if src, err = in.store.Source(ctx, org, whole, src.Replaces); err != nil {
			return
		}
	}
	in.watchers.tell(org, src)
}

// pace remembers how long pieces of work took, over all files, so that the next
// file has a realistic guess from its first second.
type pace struct {
	mu       sync.Mutex
	perChunk float64 // seconds to embed one
	perSound float64 // seconds to transcribe one second
	perText  float64 // seconds to cut and store one chunk
}

// smooth is how much the newest measurement counts.
const smooth = 0.3

func (p *pace) measured(rate *float64, seconds, units float64) {
	if units <= 0 {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if *rate == 0 {
		*rate = seconds / units
	}
	*rate += smooth * (seconds/units - *rate)
}

// left guesses the seconds that units take; firstGuess stands in until one was
// measured.
func (p *pace) left(rate *float64, firstGuess, units float64) float64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	if *rate == 0 {
		return units * firstGuess
	}
	return units * *rate
}

// First guesses, from two slow cores: multilingual-e5-small embeds eight
// passages a second, Whisper base takes 0.6 s for a second of speech.
const (
	guessPerChunk = 0.15
	guessPerSound = 0.6
	guessPerText  = 0.003
)

func (p *pace) embedding(chunks float64) float64 { return p.left(&p.perChunk, guessPerChunk, chunks) }
func (p *pace) hearing(seconds float64) float64  { return p.left(&p.perSound, guessPerSound, seconds) }
func (p *pace) storing(chunks float64) float64   { return p.left(&p.perText, guessPerText, chunks) }
