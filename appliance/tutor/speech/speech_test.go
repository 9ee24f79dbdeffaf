package speech

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract"
	"github.com/bwenge-os/bwenge/internal/problem"
	"github.com/bwenge-os/bwenge/models"
)

// fakeTranscriber hears what a test wants it to.
type fakeTranscriber struct {
	hear func(r models.Recording) (string, error)
}

func (e fakeTranscriber) Name() string { return "fake" }

func (e fakeTranscriber) Transcribe(_ context.Context, r models.Recording, emit func(models.Segment) error) (string, error) {
	text, err := e.hear(r)
	if err != nil || text == "" {
		return "en", err
	}
	return "en", emit(models.Segment{Text: text})
}

// decoder is the box's own.
type decoder struct{}

func (decoder) Duration(ctx context.Context, path string) (float64, error) {
	info, err := extract.Probe(ctx, path)
	return info.Duration, err
}

func (decoder) Decode(ctx context.Context, src, dst string, most time.Duration) (float64, error) {
	seconds, _, err := extract.DecodeUpTo(ctx, src, dst, most, nil)
	return seconds, err
}

// slow is a decoder that takes its time.
type slow struct{ decode func() (float64, error) }

func (slow) Duration(context.Context, string) (float64, error) { return 0, nil }

func (s slow) Decode(context.Context, string, string, time.Duration) (float64, error) {
	return s.decode()
}

func service(t *testing.T, hear func(models.Recording) (string, error)) *Service {
	return New(Config{Dir: t.TempDir(), Decoder: decoder{}, SpeechToText: fakeTranscriber{hear}, Cores: models.NewCores(1, time.Second), NoTextToSpeech: errors.New("no voice")})
}

// tone is a WAV file of so many seconds.
func tone(seconds int) []byte {
	pcm := make([]byte, seconds*8000*2)
	for i := 0; i+1 < len(pcm); i += 2 {
		binary.LittleEndian.PutUint16(pcm[i:], uint16(i%200*100))
	}
	var b bytes.Buffer
	b.WriteString("RIFF")
	for _, v := range []any{uint32(36 + len(pcm)), []byte("WAVEfmt "), uint32(16), uint16(1), uint16(1), uint32(8000), uint32(16000), uint16(2), uint16(16), []byte("data"), uint32(len(pcm)), pcm} {
		_ = binary.Write(&b, binary.LittleEndian, v)
	}
	return b.Bytes()
}

func TestAQuestionIsHeardAndForgotten(t *testing.T) {
	var seen models.Recording
	s := service(t, func(r models.Recording) (string, error) {
		seen = r
		if info, err := os.Stat(r.Path); err != nil || info.Size() != 2*16000*2 {
			t.Error(info, err)
		}
		return " What is a cell? ", nil
	})
	h, err := s.Transcribe(t.Context(), bytes.NewReader(tone(2)), "en")
	if err != nil || h.Text != "What is a cell?" || h.Seconds != 2 || seen.Language != "en" {
		t.Fatal(h, err)
	}
	if left, _ := os.ReadDir(s.cfg.Dir); len(left) != 0 {
		t.Error("something of the voice is left:", left)
	}
}

func TestBadRecordings(t *testing.T) {
	s := service(t, func(models.Recording) (string, error) { return "", nil })
	for reason, data := range map[string][]byte{
		"recording_empty": nil, "recording_bad": []byte(strings.Repeat("this is no sound ", 50)),
		"recording_long": tone(61), "nothing_heard": tone(1),
	} {
		if _, err := s.Transcribe(t.Context(), bytes.NewReader(data), ""); problem.Of(err).Reason != reason {
			t.Errorf("%s: %v", reason, err)
		}
	}
	if _, err := s.Transcribe(t.Context(), bytes.NewReader(make([]byte, MaxBytes+2)), ""); problem.CodeOf(err) != problem.TooLarge {
		t.Error(err)
	}
	if _, err := s.Transcribe(t.Context(), bytes.NewReader(tone(1)), "rw"); problem.Of(err).Reason != "hears_no_kinyarwanda" {
		t.Error(err)
	}
	if left, _ := os.ReadDir(s.cfg.Dir); len(left) != 0 {
		t.Error("something of the voices is left:", left)
	}
	if _, err := s.Speak(t.Context(), appliance.Principal{}, "", "en", "x"); err == nil {
		t.Error("it spoke without a mouth")
	}
}

// TestLongVoicesAreNotDecodedWhole: 5 MB of sound that say they are a second.
func TestLongVoicesAreNotDecodedWhole(t *testing.T) {
	long := tone(300)
	binary.LittleEndian.PutUint32(long[40:], 16000)
	dir := t.TempDir()
	in, pcm := filepath.Join(dir, "in"), filepath.Join(dir, "pcm")
	if err := os.WriteFile(in, long, 0o600); err != nil {
		t.Fatal(err)
	}
	s := service(t, nil)
	if _, err := s.decode(t.Context(), in, pcm); problem.Of(err).Reason != "recording_long" {
		t.Errorf("%v", err)
	}
	info, err := os.Stat(pcm)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d kB become %d kB", len(long)>>10, info.Size()>>10)
	if info.Size() > 61*32000 {
		t.Errorf("%d bytes were decoded", info.Size())
	}
}

func TestTwoRecordingsAreDecodedAtOnce(t *testing.T) {
	s := service(t, func(models.Recording) (string, error) { return "yes", nil })
	var now, most atomic.Int32
	s.cfg.Decoder = slow{func() (float64, error) {
		n := now.Add(1)
		defer now.Add(-1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		time.Sleep(5 * time.Millisecond)
		return 1, nil
	}}
	var all sync.WaitGroup
	for range waiting {
		all.Go(func() {
			if _, err := s.Transcribe(t.Context(), strings.NewReader("sound"), ""); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if most.Load() != atOnce {
		t.Errorf("%d at once, want %d", most.Load(), atOnce)
	}
}

func TestVoicesLeftByAPowerCutAreRemoved(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"voice-1/in", "voice-1/pcm", "other/kept"} {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte("x"), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	New(Config{Dir: dir})
	if left, _ := os.ReadDir(dir); len(left) != 1 || left[0].Name() != "other" {
		t.Errorf("left: %v", left)
	}
}
