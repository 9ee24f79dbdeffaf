package ingest

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract"
	"github.com/bwenge-os/bwenge/internal/problem"
	"github.com/bwenge-os/bwenge/models"
)

// sampleBytes is what a second of samples takes: 16 kHz, 16 bits.
const sampleBytes = 32_000

// enoughWords of one language settle a recording's language; less may be music
// or a greeting.
const enoughWords = 12

// recording stores what is said, window by window. Where exactly a window ends
// is the transcriber's business: it moves a boundary to where nobody speaks,
// the same way from both sides. If nobody is heard from one end to the other, it
// listens in another way, see [extract.Takes].
func (w *work) recording(ctx context.Context, path, folder string) error {
	takes, err := w.cfg.Takes(ctx, path)
	if err != nil {
		return err
	}
	heard, err := w.heard(ctx)
	if err != nil {
		return err
	}
	var quiet, played bool
	var first error
	for {
		heard.take = min(heard.take, len(takes)-1)
		level, err := w.listen(ctx, path, filepath.Join(folder, "samples-"+strconv.Itoa(heard.take)), takes[heard.take], &heard)
		switch {
		case err == nil:
			played, quiet = true, quiet || level.TooQuiet()
		case problem.CodeOf(err) != problem.Unreadable || heard.words > 0:
			return err
		case first == nil: // this track is damaged or empty: perhaps another is not
			first = err
		}
		if heard.words > 0 {
			return nil
		}
		if heard.take == len(takes)-1 {
			break
		}
		heard.again()
	}
	if !played {
		return first
	}
	// Not a failure: it can be played, it is only never found by a question.
	if quiet {
		w.src.Notices = append(w.src.Notices, appliance.Notice{Code: "too_quiet",
			Message: "This recording is so quiet that no word could be made out. Record it again closer to the speaker, or with the microphone turned up."})
		return nil
	}
	w.src.Notices = append(w.src.Notices, appliance.Notice{Code: "no_speech",
		Message: "Nobody speaks in this recording. If somebody should, check that the microphone was on and close to the speaker."})
	return nil
}

// listen stores what is said in one take.
func (w *work) listen(ctx context.Context, path, samples string, take extract.Take, heard *heard) (level extract.Level, err error) {
	seconds, err := w.decode(ctx, path, samples, take)
	if err != nil {
		return level, err
	}
	if heard.take == 0 || seconds > w.src.Duration {
		w.src.Duration = seconds // what the file states may be wrong
	}
	length := time.Duration(seconds * float64(time.Second))
	for heard.to < length {
		left := (length - heard.to).Seconds()
		done := 1.0
		if heard.take == 0 {
			done = 1 - left/seconds
		}
		if err := w.show(ctx, appliance.StepTranscribing, decoded+(readRecording-decoded)*done,
			w.pace.hearing(left)+w.pace.embedding(seconds/50)); err != nil {
			return level, err
		}
		if err := w.window(ctx, samples, heard, length); err != nil {
			return level, err
		}
	}
	if heard.words > 0 {
		return level, nil
	}
	if level, err = extract.LevelOf(samples); err != nil {
		return level, err
	}
	return level, os.Remove(samples) // the next take needs the room
}

// decode makes the samples, unless they were made before the box stopped; then
// the notices are stored as well.
func (w *work) decode(ctx context.Context, path, samples string, take extract.Take) (seconds float64, err error) {
	if st, err := os.Stat(samples); err == nil {
		return float64(st.Size()) / sampleBytes, nil
	}
	// An hour of samples is 115 MB; the length that a file states may be wrong,
	// so this only stops what is hopeless.
	if err := w.files.Room(int64(w.src.Duration * sampleBytes)); err != nil {
		return 0, err
	}
	seconds, notices, err := w.cfg.Decode(ctx, path, samples, take, nil)
	if err == nil {
		w.src.Notices = notices
	}
	return seconds, err
}

// heard is what is stored of a recording so far.
type heard struct {
	windows  int
	take     int // the way of listening; what was before gave no word
	to       time.Duration
	words    int
	spoken   map[string]int // words by language
	language string         // settled, or empty
}

func (w *work) heard(ctx context.Context) (h heard, err error) {
	h.spoken = map[string]int{}
	for p, err := range w.parts(ctx) {
		if err != nil {
			return h, err
		}
		h.add(p)
	}
	return h, nil
}

func (h *heard) add(p part) {
	h.windows++
	h.take, h.to = p.Take, p.To
	n := 0
	for _, s := range p.Sections {
		n += len(strings.Fields(s.Text))
	}
	h.words += n
	if h.spoken[p.Language] += n; h.language == "" && p.Language != "" && h.spoken[p.Language] >= enoughWords {
		h.language = p.Language
	}
}

// again begins the next take.
func (h *heard) again() {
	h.take++
	h.to = 0
}

// window transcribes and stores the next window.
func (w *work) window(ctx context.Context, samples string, h *heard, length time.Duration) error {
	done, err := w.turn(ctx)
	if err != nil {
		return err
	}
	defer done()
	began := time.Now()
	from, p := h.to, part{To: min(h.to+w.cfg.Window, length), Take: h.take}
	if rest := length - p.To; rest < w.cfg.Window/4 {
		p.To = length // no window of a few seconds at the end
	}
	p.Language, err = w.cfg.Transcriber.Transcribe(ctx,
		models.Recording{Path: samples, From: from, Length: p.To - from, Language: h.language},
		func(s models.Segment) error {
			if text := strings.TrimSpace(s.Text); text != "" {
				p.Sections = append(p.Sections, appliance.Section{Text: text,
					Place: appliance.Place{Start: s.Start.Seconds(), End: s.End.Seconds()}})
			}
			return nil
		})
	if err != nil {
		return err
	}
	data, err := p.encode()
	if err != nil {
		return err
	}
	if err := w.store.SaveParts(ctx, w.job, appliance.Part{Seq: h.windows, Key: "w" + strconv.Itoa(h.windows), Data: data,
		Place: appliance.Place{Start: from.Seconds(), End: p.To.Seconds()}}); err != nil {
		return err
	}
	w.moved = true
	w.pace.measured(&w.pace.perSound, time.Since(began).Seconds(), (p.To - from).Seconds())
	h.add(p)
	return nil
}

// turn waits until no pupil needs the processor.
func (w *work) turn(ctx context.Context) (done func(), err error) {
	if w.cfg.Cores == nil {
		return func() {}, ctx.Err()
	}
	return w.cfg.Cores.Background(ctx)
}

const (
	// A sentence without an end (music, or a language that the model writes
	// without full stops) ends with the breath that goes beyond this.
	longestSentence = 30.0 // seconds
	// silenceEnds is how long a silence ends a sentence.
	silenceEnds = 2.0 // seconds
)

// spoken joins what the transcriber gave, breath by breath, to sentences that
// know when they begin and end: those are what is cited. Sentences run on over the
// ends of windows. Within a breath, time goes by with the letters.
type spoken struct {
	text       strings.Builder
	start, end float64
	yield      func(appliance.Section) bool
}

// add takes the next breath, and reports whether more are wanted.
func (s *spoken) add(breath appliance.Section) bool {
	p := breath.Place
	if s.text.Len() > 0 && (p.Start-s.end > silenceEnds || p.End-s.start > longestSentence) && !s.flush() {
		return false
	}
	length := float64(len(breath.Text))
	at := 0
	for piece := range cutSentences(breath.Text) {
		from := at + max(strings.Index(breath.Text[at:], piece), 0)
		at = from + len(piece)
		if s.text.Len() == 0 {
			s.start = p.Start + (p.End-p.Start)*float64(from)/length
		} else {
			s.text.WriteByte(' ')
		}
		s.text.WriteString(piece)
		s.end = p.Start + (p.End-p.Start)*float64(at)/length
		if (at < len(breath.Text) || endsSentence(piece)) && !s.flush() {
			return false
		}
	}
	return true
}

// flush hands the open sentence on.
func (s *spoken) flush() bool {
	text := s.text.String()
	if s.text.Reset(); text == "" {
		return true
	}
	return s.yield(appliance.Section{Text: text, Place: appliance.Place{
		Start: math.Round(s.start*100) / 100, End: math.Round(s.end*100) / 100}})
}
