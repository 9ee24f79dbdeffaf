// Package voice speaks: text in, sound and the movements of a mouth out. The
// voice is espeak-ng's (the bwenge-voice worker), or, where a Piper voice for
// the language has been installed, Piper's.
package voice

import (
	"bytes"
	"container/list"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/sync/singleflight"

	"github.com/bwenge-os/bwenge/internal/problem"
	"github.com/bwenge-os/bwenge/internal/proc"
)

// Config says where the voices are.
type Config struct {
	Worker string // path of bwenge-voice
	// Piper is the path of the piper program, and Voices a folder with its voices
	// (LANGUAGE-anything.onnx with its .onnx.json); both may be missing.
	Piper  string
	Voices string
}

// Request is what to say.
type Request struct {
	Text     string
	Language string // en, fr or sw
	Voice    string // one of Voices; empty is the language's own
	Rate     int    // words a minute; 0 is 150
	Pitch    int    // 1 to 99; 0 is 50
}

// Speech is what was said.
type Speech struct {
	WAV      []byte
	Duration time.Duration
	Visemes  []Viseme
	Voice    string
}

// Voice is one that can be chosen; Engine is espeak-ng or piper.
type Voice struct{ Name, Language, Engine string }

const (
	maxText   = 1000 // characters: the longest sentence and some
	patience  = 20 * time.Second
	atOnce    = 2
	maxMemory = 1 << 30  // bytes: Piper's largest voices
	cacheSize = 32 << 20 // bytes: about 500 sentences
)

var own = []Voice{
	{Name: "en", Language: "en", Engine: "espeak-ng"}, {Name: "en-us", Language: "en", Engine: "espeak-ng"},
	{Name: "fr", Language: "fr", Engine: "espeak-ng"}, {Name: "sw", Language: "sw", Engine: "espeak-ng"},
}

// Speaker speaks, a few texts at a time, and keeps what it has said.
type Speaker struct {
	cfg   Config
	turn  chan struct{}
	same  singleflight.Group
	cache cache
}

// New returns a speaker. It fails if its worker is not there.
func New(cfg Config) (*Speaker, error) {
	if _, err := os.Stat(cfg.Worker); err != nil {
		return nil, problem.New(problem.Unavailable, "voice_missing", "The program that speaks is not installed on this box.",
			"Install the bwenge package again, or run make build.", err)
	}
	return &Speaker{cfg: cfg, turn: make(chan struct{}, atOnce)}, nil
}

// Voices lists what can be chosen; Kinyarwanda has none unless a Piper voice
// was installed.
func (s *Speaker) Voices() []Voice {
	all := slices.Clone(own)
	if s.cfg.Piper == "" {
		return all
	}
	files, _ := filepath.Glob(filepath.Join(s.cfg.Voices, "*.onnx"))
	for _, f := range files {
		name := strings.TrimSuffix(filepath.Base(f), ".onnx")
		language, _, ok := strings.Cut(name, "-")
		if base, _, found := strings.Cut(language, "_"); found {
			language = base // as Piper names its voices: en_GB-alba-medium
		}
		if ok && voiceName.MatchString(name) {
			all = append(all, Voice{Name: name, Language: language, Engine: "piper"})
		}
	}
	return all
}

var voiceName = regexp.MustCompile(`^[A-Za-z]{2,3}[A-Za-z0-9_-]{0,60}$`)

// choose returns the voice to speak with: the one named, if it speaks the
// language; else an installed one, else the box's own.
func (s *Speaker) choose(language, name string) (Voice, error) {
	var best Voice
	for _, v := range s.Voices() {
		if v.Language != language {
			continue
		}
		if v.Name == name {
			return v, nil
		}
		if best.Name == "" || v.Engine == "piper" && best.Engine != "piper" {
			best = v
		}
	}
	if best.Name == "" {
		return best, problem.New(problem.Unsupported, "voice_language", "The box has no voice for this language.",
			"Read the answer, or ask whoever looks after the box to install a voice.", nil).With("language", language)
	}
	return best, nil
}

// Speak says a text. The error is the context's, or one for people.
func (s *Speaker) Speak(ctx context.Context, r Request) (Speech, error) {
	r.Text = speakable(r.Text)
	if r.Text == "" {
		return Speech{}, problem.New(problem.Invalid, "nothing_to_say", "There is nothing to say.", "Send some text.", nil)
	}
	if utf8.RuneCountInString(r.Text) > maxText {
		return Speech{}, problem.New(problem.TooLarge, "too_long_to_say", "The text is too long to be said in one go.",
			"Send it sentence by sentence.", nil).With("limit", maxText)
	}
	if r.Rate == 0 {
		r.Rate = 150
	}
	if r.Pitch == 0 {
		r.Pitch = 50
	}
	r.Rate, r.Pitch = min(max(r.Rate, 80), 300), min(max(r.Pitch, 1), 99)
	v, err := s.choose(r.Language, r.Voice)
	if err != nil {
		return Speech{}, err
	}
	r.Voice = v.Name
	key := sha256.Sum256(fmt.Appendf(nil, "%q", []any{r, v}))
	if hit, ok := s.cache.get(key); ok {
		return hit, nil
	}
	done := s.same.DoChan(string(key[:]), func() (any, error) {
		// Not the first asker's context: others may wait for the same.
		bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
		defer cancel()
		select {
		case s.turn <- struct{}{}:
			defer func() { <-s.turn }()
		case <-bounded.Done():
			return Speech{}, problem.New(problem.Busy, "voice_busy", "Too many texts are being spoken.", "Try again in a moment.", nil)
		}
		spoken, err := s.speak(bounded, r, v)
		if err == nil {
			s.cache.put(key, spoken)
		}
		return spoken, err
	})
	select {
	case <-ctx.Done():
		return Speech{}, ctx.Err()
	case x := <-done:
		return x.Val.(Speech), x.Err
	}
}

// speakable takes out what is for the eye: marks of citations, of headings and
// lists, and control characters.
func speakable(text string) string {
	text = marks.ReplaceAllString(text, " ")
	text = strings.Map(func(c rune) rune {
		if unicode.IsControl(c) || strings.ContainsRune("*_#`<>|\\“”«»", c) {
			return ' '
		}
		return c
	}, strings.ToValidUTF8(text, " "))
	return strings.Join(strings.Fields(text), " ")
}

var marks = regexp.MustCompile(`\[\d{1,2}\]`)

// sound is a phoneme and when it begins, in ms.
type sound struct {
	At  int    `json:"at"`
	IPA string `json:"ipa"`
}

type header struct {
	SampleRate int     `json:"sample_rate"`
	Samples    int     `json:"samples"`
	Phonemes   []sound `json:"phonemes"`
}

func (s *Speaker) speak(ctx context.Context, r Request, v Voice) (Speech, error) {
	base := r.Voice
	if v.Engine == "piper" {
		base = "en" // for the movements of the mouth
		for _, o := range own {
			if o.Language == v.Language {
				base = o.Name
				break
			}
		}
	}
	head, pcm, err := s.espeak(ctx, r, base)
	if err != nil {
		return Speech{}, err
	}
	if v.Engine == "piper" {
		own := duration(len(pcm), head.SampleRate)
		if pcm, head.SampleRate, err = s.piper(ctx, r, v); err != nil {
			return Speech{}, err
		}
		// Piper tells no times: espeak-ng's are stretched to its length.
		stretch := float64(duration(len(pcm), head.SampleRate)) / float64(max(own, 1))
		for i := range head.Phonemes {
			head.Phonemes[i].At = int(float64(head.Phonemes[i].At) * stretch)
		}
	}
	d := duration(len(pcm), head.SampleRate)
	return Speech{WAV: wav(pcm, head.SampleRate), Duration: d, Visemes: visemes(head.Phonemes, d), Voice: v.Name}, nil
}

func duration(bytes, rate int) time.Duration {
	return time.Duration(bytes/2) * time.Second / time.Duration(max(rate, 1))
}

func (s *Speaker) espeak(ctx context.Context, r Request, voice string) (head header, pcm []byte, err error) {
	request, err := json.Marshal(map[string]any{"text": r.Text, "voice": voice, "rate": r.Rate, "pitch": r.Pitch})
	if err != nil {
		return head, nil, err
	}
	out, err := s.run(ctx, request, proc.Command{Path: s.cfg.Worker})
	if err != nil {
		return head, nil, err
	}
	line, rest, _ := bytes.Cut(out, []byte("\n"))
	if err := json.Unmarshal(line, &head); err != nil || head.SampleRate <= 0 || len(rest) != 2*head.Samples {
		return head, nil, errors.Join(errors.New("bwenge-voice wrote something else"), err)
	}
	return head, rest, nil
}

func (s *Speaker) piper(ctx context.Context, r Request, v Voice) (pcm []byte, rate int, err error) {
	model := filepath.Join(s.cfg.Voices, v.Name+".onnx")
	text, err := os.ReadFile(model + ".json")
	if err != nil {
		return nil, 0, err
	}
	var about struct {
		Audio struct {
			SampleRate int `json:"sample_rate"`
		} `json:"audio"`
	}
	if err := json.Unmarshal(text, &about); err != nil || about.Audio.SampleRate <= 0 {
		return nil, 0, errors.Join(fmt.Errorf("%s says no sample rate", v.Name), err)
	}
	pcm, err = s.run(ctx, []byte(r.Text+"\n"), proc.Command{Path: s.cfg.Piper, Args: []string{"--model", model, "--output-raw", "--quiet",
		"--length_scale", fmt.Sprintf("%.2f", 150/float64(r.Rate))}}, append(besidePiper(s.cfg.Piper), s.cfg.Voices)...)
	return pcm[:len(pcm)&^1], about.Audio.SampleRate, err
}

// maxSound bounds what is read of a child: 130 s at 48 kHz.
const maxSound = 130 * 48_000 * 2

// run has a program say one text: what it reads, and what it may read.
func (s *Speaker) run(ctx context.Context, in []byte, c proc.Command, read ...string) ([]byte, error) {
	var out bytes.Buffer
	said := proc.NewTail(20, 400)
	c.Stdin, c.Stdout, c.Stderr = bytes.NewReader(in), proc.Limit(&out, maxSound+1), said
	c.Env = []string{"OMP_NUM_THREADS=1"}
	c.Limits = proc.Limits{Memory: maxMemory, AddressSpace: 2 * maxMemory, CPU: patience, Files: 64, Processes: 128}
	c.Sandbox = &proc.Sandbox{User: proc.Speaker, Read: read}
	child, err := proc.Start(ctx, c)
	if err == nil {
		err = child.Wait()
	}
	if err == nil && out.Len() > maxSound {
		err = errors.New("it does not stop speaking")
	}
	if err != nil {
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return nil, problem.New(problem.Unavailable, "voice_failed", "The box could not speak this text.",
			"Read it instead; if it happens again, run bwenge doctor.", fmt.Errorf("%s: %w", filepath.Base(c.Path), said.Explain(err)))
	}
	return out.Bytes(), nil
}

// besidePiper are the folders that Piper is installed in: its voices' sounds lie
// beside it, or it is a program of Python's in a folder of its own.
func besidePiper(path string) []string {
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return nil
	}
	dir := filepath.Dir(real)
	if filepath.Base(dir) == "bin" && filepath.Dir(dir) != "/" {
		dir = filepath.Dir(dir)
	}
	return []string{dir}
}

// wav puts mono 16-bit samples into a RIFF file.
func wav(pcm []byte, rate int) []byte {
	var b bytes.Buffer
	b.Grow(44 + len(pcm))
	b.WriteString("RIFF")
	for _, v := range []any{uint32(36 + len(pcm)), []byte("WAVEfmt "), uint32(16), uint16(1), uint16(1), uint32(rate),
		uint32(2 * rate), uint16(2), uint16(16), []byte("data"), uint32(len(pcm)), pcm} {
		_ = binary.Write(&b, binary.LittleEndian, v) // to memory
	}
	return b.Bytes()
}

// cache keeps what was said last, up to cacheSize bytes.
type cache struct {
	mu    sync.Mutex
	of    map[[32]byte]*list.Element
	order list.List
	bytes int
}

type kept struct {
	key    [32]byte
	speech Speech
}

func (c *cache) get(key [32]byte) (Speech, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.of[key]
	if e == nil {
		return Speech{}, false
	}
	c.order.MoveToFront(e)
	return e.Value.(kept).speech, true
}

func (c *cache) put(key [32]byte, s Speech) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.of == nil {
		c.of = map[[32]byte]*list.Element{}
	}
	if c.of[key] != nil {
		return
	}
	c.of[key] = c.order.PushFront(kept{key, s})
	for c.bytes += len(s.WAV); c.bytes > cacheSize && c.order.Len() > 1; {
		last := c.order.Remove(c.order.Back()).(kept)
		c.bytes -= len(last.speech.WAV)
		delete(c.of, last.key)
	}
}
