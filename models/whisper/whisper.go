// Package whisper turns speech into text by way of the bwenge-whisper worker,
// which holds the Whisper model and the voice-activity model.
package whisper

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"time"

	"github.com/bwenge-os/bwenge/internal/problem"
	"github.com/bwenge-os/bwenge/internal/proc"
	"github.com/bwenge-os/bwenge/models"
	"github.com/bwenge-os/bwenge/models/worker"
)

// Config describes a speech model.
type Config struct {
	Name string // of the model, as shown to people

	Binary  string // path of bwenge-whisper
	Model   string // path of the Whisper weights (ggml)
	VAD     string // path of the voice-activity weights (ggml); without them noise may give words
	Threads int    // runtime.NumCPU()
	Idle    time.Duration
	// Live is for pupils who wait: a worker of its own, at full priority. Otherwise
	// it runs on processor time that nobody else wants.
	Live bool
	// MemoryLimit is in bytes. Without it, it follows from the size of the file.
	MemoryLimit int64
	Log         *slog.Logger

	// Silence is how long the worker may go without computing anything before
	// it counts as hung and is killed (2 min: it runs on processor time that
	// nobody else wants, which may be little).
	Silence time.Duration

	// Engine is where the worker is found, if it is not to be started here.
	Engine Engine
}

// Engine is where a worker is found: a *worker.Process or a worker.Remote.
type Engine interface {
	Acquire(ctx context.Context) (*worker.Lease, error)
	Status() worker.Status
	Close() error
}

// Transcriber writes recordings down. It serves one stretch at a time; others
// wait in the worker.
type Transcriber struct {
	cfg    Config
	engine Engine
}

var _ models.Transcriber = (*Transcriber)(nil)

// step is how much of a long recording is asked for at once. The worker's
// limit is ten minutes; this keeps its memory and a cancellation's delay small.
const step = 5 * time.Minute

// New describes a transcriber; its worker starts with the first request.
func New(cfg Config) *Transcriber {
	if cfg.Silence == 0 {
		cfg.Silence = 2 * time.Minute
	}
	if cfg.Threads == 0 {
		cfg.Threads = runtime.NumCPU()
	}
	if cfg.Engine == nil {
		cfg.Engine = cfg.process()
	}
	return &Transcriber{cfg: cfg, engine: cfg.Engine}
}

func (cfg Config) process() *worker.Process {
	limit := cfg.MemoryLimit
	if limit == 0 {
		if info, err := os.Stat(cfg.Model); err == nil {
			limit = 2*info.Size() + 3<<28 // and 768 MiB to compute in
		}
	}
	box := &proc.Sandbox{User: proc.Listener, Read: []string{cfg.Model}}
	if cfg.VAD != "" {
		box.Read = append(box.Read, cfg.VAD)
	}
	// Code for other processors stands beside it (see cmd/bwenge-whisper).
	box.Read = append(box.Read, filepath.Join(filepath.Dir(cfg.Binary), "engines", "whisper", "lib"))
	name, hang, score := "speech", 3*time.Minute, 900
	if cfg.Live {
		name, hang, score = "voice", time.Minute, 700
	}
	return worker.New(worker.Config{
		Name: name, Binary: cfg.Binary,
		Args: func(socket string) []string {
			args := []string{"-socket", socket, "-model", cfg.Model, "-threads", strconv.Itoa(cfg.Threads)}
			if cfg.VAD != "" {
				args = append(args, "-vad", cfg.VAD)
			}
			return args
		},
		Env: worker.ComputeEnv(), Idle: cfg.Idle, MemoryLimit: limit,
		Background: !cfg.Live, Hang: hang, OOMScoreAdj: score, Log: cfg.Log,
		AddressSpace: worker.AddressSpace(limit), Sandbox: box,
	})
}

// Name is the model's name.
func (t *Transcriber) Name() string { return t.cfg.Name }

// Status tells how the worker is.
func (t *Transcriber) Status() worker.Status {
	s := t.engine.Status()
	s.Model = t.cfg.Name
	return s
}

// Close stops the worker.
func (t *Transcriber) Close() error { return t.engine.Close() }

// Transcribe writes a stretch of a recording down. A boundary within the
// recording moves by up to four seconds to where nobody speaks, the same way
// for the stretch that ends there as for the one that begins there, so a
// recording may be written down piece by piece without losing or repeating a
// word. Long stretches are worked through in steps.
func (t *Transcriber) Transcribe(ctx context.Context, r models.Recording, emit func(models.Segment) error) (string, error) {
	file, err := os.Open(r.Path)
	if err != nil {
		return "", unreadable(err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return "", unreadable(err)
	}
	samples := info.Size() / 2
	end := samplesTime(samples)
	if r.Length > 0 {
		end = min(end, r.From+r.Length)
	}
	var heard tally
	for from := r.From; from < end; from += step {
		length := min(step, end-from)
		var spoken time.Duration
		language, err := t.stretch(ctx, file, request{
			Samples: samples, First: max(0, timeSamples(from-around)),
			FromMS: from.Milliseconds(), LengthMS: max(1, length.Milliseconds()), Language: r.Language,
		}, func(s models.Segment) error {
			spoken += s.End - s.Start
			return emit(s)
		})
		if err != nil {
			return heard.most(), err
		}
		heard.add(language, spoken)
	}
	if r.Language != "" {
		return r.Language, nil
	}
	return heard.most(), nil
}

// around is how much of the sound before and after a stretch is sent with it: its
// boundaries are looked for there.
const around = 10 * time.Second

// timeSamples is how many samples d has.
func timeSamples(d time.Duration) int64 { return int64(d) * 16 / int64(time.Millisecond) }

// samplesTime is how long n samples last.
func samplesTime(n int64) time.Duration { return time.Duration(n) * time.Second / 16000 }

// tally finds the language that was spoken longest.
type tally map[string]time.Duration

func (t *tally) add(language string, spoken time.Duration) {
	if language == "" {
		return
	}
	if *t == nil {
		*t = tally{}
	}
	(*t)[language] += spoken
}

func (t tally) most() (language string) {
	for l, d := range t {
		if language == "" || d > t[language] || d == t[language] && l < language {
			language = l
		}
	}
	return language
}

// request and line are the worker's protocol; see cmd/bwenge-whisper.
type request struct {
	Samples  int64  `json:"samples"`
	First    int64  `json:"first"`
	FromMS   int64  `json:"from_ms"`
	LengthMS int64  `json:"length_ms"`
	Language string `json:"language"`
}

type line struct {
	Segment *struct {
		StartMS int64  `json:"start_ms"`
		EndMS   int64  `json:"end_ms"`
		Text    string `json:"text"`
	} `json:"segment"`
	Done *struct {
		Language string `json:"language"`
	} `json:"done"`
	Error *struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	} `json:"error"`
}

// body is the request as it is sent: itself on a line, and the samples of the
// stretch and around it.
func (q request) body(file *os.File) io.Reader {
	head, _ := json.Marshal(q) // of numbers and a word
	last := timeSamples(time.Duration(q.FromMS+q.LengthMS)*time.Millisecond + around)
	return io.MultiReader(bytes.NewReader(append(head, '\n')), io.NewSectionReader(file, 2*q.First, 2*max(0, last-q.First)))
}

var errSilent = errors.New("no sign of work in time")

func (t *Transcriber) stretch(ctx context.Context, file *os.File, q request, emit func(models.Segment) error) (string, error) {
	lease, err := t.engine.Acquire(ctx)
	if err != nil {
		return "", err
	}
	defer lease.Release()
	watched, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	silence := &silence{HangWatch: lease.WatchForHang()}
	go silence.watch(watched, t.cfg.Silence, cancel)

	language, err := read(watched, lease, q.body(file), silence.interrupt, emit)
	if err == nil || ctx.Err() != nil {
		return language, ctx.Err()
	}
	if s, ok := errors.AsType[stopped](err); ok {
		return language, s.error
	}
	if context.Cause(watched) == errSilent {
		lease.Kill(fmt.Sprintf("it computed nothing for %s", t.cfg.Silence))
		return language, problem.New(problem.Timeout, "engine_silent",
			"The speech engine got stuck on this recording.", "Try again.", err)
	}
	return language, lease.Explain(err)
}

// silence is broken by what the worker takes and says.
type silence struct {
	mu sync.Mutex
	*proc.HangWatch
}

// interrupt is a sign of life.
func (s *silence) interrupt() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Interrupt()
}

// watch ends with ctx, and ends ctx for a silence that is too long.
func (s *silence) watch(ctx context.Context, limit time.Duration, end context.CancelCauseFunc) {
	tick := time.NewTicker(limit / 8)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		s.mu.Lock()
		hung := s.Hung(limit)
		s.mu.Unlock()
		if hung {
			end(errSilent)
		}
	}
}

// stopped is the error of the one who reads the segments.
type stopped struct{ error }

// heard is a body whose every piece that the engine takes is a sign of life.
type heard struct {
	io.Reader
	alive func()
}

func (h heard) Read(p []byte) (int, error) {
	h.alive()
	return h.Reader.Read(p)
}

// read sends a request and follows the answer; alive is called at every sign of
// life.
func read(ctx context.Context, lease *worker.Lease, body io.Reader, alive func(), emit func(models.Segment) error) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, lease.URL+"/transcribe", heard{body, alive})
	if err != nil {
		return "", err
	}
	resp, err := lease.Client.Do(req)
	if err != nil {
		return "", broken(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return "", refused(fmt.Errorf("worker answered %s", resp.Status))
	}
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(make([]byte, 0, 4<<10), 1<<20)
	for lines.Scan() {
		alive()
		var l line
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			return "", broken(err)
		}
		switch {
		case l.Segment != nil:
			err := emit(models.Segment{
				Start: time.Duration(l.Segment.StartMS) * time.Millisecond,
				End:   time.Duration(l.Segment.EndMS) * time.Millisecond,
				Text:  l.Segment.Text,
			})
			if err != nil {
				return "", stopped{err}
			}
		case l.Error != nil:
			return "", refused(errors.New(l.Error.Code + ": " + l.Error.Message))
		case l.Done != nil:
			return l.Done.Language, nil
		}
	}
	if lines.Err() != nil {
		return "", broken(lines.Err())
	}
	return "", broken(errors.New("the answer broke off"))
}

func unreadable(err error) error {
	return problem.New(problem.Unreadable, "recording_missing",
		"The sound of this recording could not be found.", "Upload the file again.", err)
}

func refused(err error) error {
	return problem.New(problem.Internal, "engine_refused",
		"The speech engine could not work on this recording.",
		"Run the check-up on the box: bwenge doctor.", err)
}

func broken(err error) error {
	return problem.New(problem.Unavailable, "engine_down",
		"The connection to the speech engine broke.", "Try again.", err)
}
