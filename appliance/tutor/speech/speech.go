// Package speech turns what a pupil says into text, and an answer into sound
// with the movements of a mouth. Nothing of a voice is kept: a recording lives
// in a nameless file until it is text.
package speech

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/problem"
	"github.com/bwenge-os/bwenge/models"
	"github.com/bwenge-os/bwenge/models/voice"
)

// Personas tells how a persona sounds.
type Personas interface {
	Persona(ctx context.Context, org appliance.OrgID, scope appliance.Scope, id string) (appliance.Persona, error)
}

// Decoder makes samples of recordings: 16 kHz, 16 bits, one channel.
type Decoder interface {
	// Duration is how many seconds a recording says that it takes, 0 if it does
	// not say.
	Duration(ctx context.Context, path string) (seconds float64, err error)
	// Decode writes the samples of src into dst, of as much as most at most.
	Decode(ctx context.Context, src, dst string, most time.Duration) (seconds float64, err error)
}

// Config puts a service together.
type Config struct {
	Dir     string // for recordings while they are transcribed
	Decoder Decoder
	// SpeechToText is not the one that reads lectures: none stands before a pupil.
	SpeechToText   models.Transcriber
	MoreLanguages  []string       // that SpeechToText knows besides those of Whisper
	TextToSpeech   *voice.Speaker // nil if the box has none
	NoTextToSpeech error          // why it has none
	Cores          *models.Cores
	Personas       Personas
}

// Service turns speech into text and text into speech.
type Service struct {
	cfg      Config
	turn     chan struct{}
	decoding chan struct{}
}

const (
	// MaxRecording is the longest question that is heard.
	MaxRecording = 60 * time.Second
	// MaxBytes is the largest recording: 60 s of 48 kHz stereo WAV and some.
	MaxBytes = 12 << 20
	waiting  = 40 // pupils who speak at once
	// atOnce is how many recordings are decoded at once, each as far as shows
	// whether it is too long; patience is how long one waits for that.
	atOnce   = 2
	patience = 20 * time.Second
	decoded  = MaxRecording + time.Second
	// leastFree stays free on the disk, in bytes.
	leastFree      = 256 << 20
	bytesPerSecond = 2 * 16_000
	folder         = "voice-" // each recording's, in Config.Dir
)

// New returns a service. Recordings that a power cut has left are removed: the
// folder is the service's alone.
func New(cfg Config) *Service {
	left, _ := filepath.Glob(filepath.Join(cfg.Dir, folder+"*"))
	for _, dir := range left {
		if err := os.RemoveAll(dir); err != nil {
			slog.Error("a recording of before cannot be removed", "path", dir, "error", err)
		}
	}
	return &Service{cfg: cfg, turn: make(chan struct{}, waiting), decoding: make(chan struct{}, atOnce)}
}

// decode makes samples of a recording, if it is none that is too long.
func (s *Service) decode(ctx context.Context, src, dst string) (float64, error) {
	said, err := s.cfg.Decoder.Duration(ctx, src)
	if err != nil {
		return 0, badRecording(err)
	}
	// Some recorders do not write how long it is: then decoding tells.
	if said > MaxRecording.Seconds() {
		return 0, tooLong()
	}
	seconds, err := s.cfg.Decoder.Decode(ctx, src, dst, decoded)
	if err != nil {
		return 0, badRecording(err)
	}
	if seconds > MaxRecording.Seconds() {
		return 0, tooLong()
	}
	return seconds, nil
}

// inTurn decodes when it is this recording's turn.
func (s *Service) inTurn(ctx context.Context, src, dst string) (float64, error) {
	late := time.NewTimer(patience)
	defer late.Stop()
	select {
	case s.decoding <- struct{}{}:
		defer func() { <-s.decoding }()
		return s.decode(ctx, src, dst)
	case <-late.C:
		return 0, busy()
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

func busy() error {
	return problem.New(problem.Busy, "ear_busy", "Too many pupils are speaking at once.", "Type the question, or try again in a moment.", nil)
}

// room fails unless there is room on the disk for one more recording.
func room(dir string) error {
	var disk unix.Statfs_t
	if err := unix.Statfs(dir, &disk); err != nil {
		return nil // the write itself will tell
	}
	need := uint64(MaxBytes + leastFree + int(decoded/time.Second)*bytesPerSecond)
	if free := disk.Bavail * uint64(disk.Bsize); free < need {
		return problem.New(problem.NoSpace, "disk_full", "The box's disk is full: it cannot take a recording.",
			"Type the question, and tell a teacher that the disk is full.", nil).With("need_bytes", need).With("free_bytes", free)
	}
	return nil
}

// Transcribe turns a recording of any common kind into text. language may be empty.
func (s *Service) Transcribe(ctx context.Context, r io.Reader, language string) (h appliance.Heard, err error) {
	began := time.Now()
	if language == "rw" && !slices.Contains(s.cfg.MoreLanguages, "rw") {
		return h, problem.New(problem.Unsupported, "hears_no_kinyarwanda", "The box cannot yet understand spoken Kinyarwanda.",
			"Type the question, or ask it in English, French or Swahili.", nil).With("language", language)
	}
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	default:
		return h, busy()
	}
	if err := room(s.cfg.Dir); err != nil {
		return h, err
	}
	dir, err := os.MkdirTemp(s.cfg.Dir, folder)
	if err != nil {
		return h, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	in, pcm := filepath.Join(dir, "in"), filepath.Join(dir, "pcm")
	if err := save(in, r); err != nil {
		return h, err
	}
	seconds, err := s.inTurn(ctx, in, pcm)
	if err != nil {
		return h, err
	}
	defer s.cfg.Cores.Live()()
	var text []string
	h.Seconds = seconds
	h.Language, err = s.cfg.SpeechToText.Transcribe(ctx, models.Recording{Path: pcm, Language: language}, func(seg models.Segment) error {
		text = append(text, strings.TrimSpace(seg.Text))
		return nil
	})
	if err != nil {
		return h, err
	}
	h.Text, h.TookMS = strings.Join(text, " "), time.Since(began).Milliseconds()
	if h.Text == "" {
		return h, problem.New(problem.Unreadable, "nothing_heard", "Nobody could be heard.",
			"Hold the tablet nearer, speak louder, and try again.", nil)
	}
	return h, nil
}

func tooLong() error {
	return problem.New(problem.TooLarge, "recording_long", "The recording is too long for a question.",
		"Ask in less than a minute.", nil).With("limit", int(MaxRecording.Seconds()))
}

func badRecording(err error) error {
	if _, ok := errors.AsType[*problem.Error](err); !ok {
		return err
	}
	return problem.New(problem.Unreadable, "recording_bad", "This recording cannot be played.", "Record the question again, or type it.", err)
}

func save(path string, r io.Reader) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	n, err := io.Copy(f, io.LimitReader(r, MaxBytes+1))
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	switch {
	case n > MaxBytes:
		return tooLong()
	case n == 0:
		return problem.New(problem.Invalid, "recording_empty", "The recording is empty.", "Record the question again.", nil)
	}
	return nil
}

// Speak says a sentence in the voice of a persona; the empty one is the box's.
func (s *Service) Speak(ctx context.Context, who appliance.Principal, personaID, language, text string) (out appliance.Spoken, err error) {
	if s.cfg.TextToSpeech == nil {
		return out, s.cfg.NoTextToSpeech
	}
	r := voice.Request{Text: text, Language: language}
	if personaID != "" {
		p, err := s.cfg.Personas.Persona(ctx, who.Org, who.Scope, personaID)
		if err != nil {
			return out, err
		}
		r.Voice, r.Rate, r.Pitch = p.Voice.Name, p.Voice.Rate, p.Voice.Pitch
	}
	x, err := s.cfg.TextToSpeech.Speak(ctx, r)
	if err != nil {
		return out, err
	}
	out = appliance.Spoken{Audio: x.WAV, DurationMS: x.Duration.Milliseconds(), Voice: x.Voice, Language: language,
		Visemes: make([]appliance.Viseme, len(x.Visemes))}
	for i, v := range x.Visemes {
		out.Visemes[i] = appliance.Viseme(v)
	}
	return out, nil
}

// Voices lists what personas can sound like.
func (s *Service) Voices() []appliance.Voice {
	all := []appliance.Voice{}
	if s.cfg.TextToSpeech == nil {
		return all
	}
	for _, v := range s.cfg.TextToSpeech.Voices() {
		all = append(all, appliance.Voice(v))
	}
	return all
}

// Hears lists the languages in which a pupil can speak to the box.
func (s *Service) Hears() []string {
	return append([]string{"en", "fr", "sw"}, s.cfg.MoreLanguages...)
}
