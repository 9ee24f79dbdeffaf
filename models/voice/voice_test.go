package voice

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bwenge-os/bwenge/internal/problem"
)

// worker builds bwenge-voice, once.
var worker = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "voice")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "bwenge-voice")
	out, err := exec.Command("go", "build", "-o", path, "../../cmd/bwenge-voice").CombinedOutput()
	if err != nil {
		err = errors.New(string(out))
	}
	return path, err
})

func speaker(t *testing.T) *Speaker {
	t.Helper()
	path, err := worker()
	if err != nil {
		t.Fatal(err)
	}
	s, err := New(Config{Worker: path})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestMain(m *testing.M) {
	code := m.Run()
	if path, err := worker(); err == nil {
		_ = os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(code)
}

func TestItSpeaks(t *testing.T) {
	s := speaker(t)
	for language, text := range map[string]string{
		"en": "The nucleus holds the DNA [1].", "fr": "L'eau des mers s'évapore sous l'effet du Soleil.", "sw": "Moyo husukuma damu mwilini.",
	} {
		x, err := s.Speak(t.Context(), Request{Text: text, Language: language})
		if err != nil {
			t.Fatal(err)
		}
		if x.Duration < time.Second || x.Duration > 8*time.Second || string(x.WAV[:4]) != "RIFF" {
			t.Errorf("%s: %s, %d bytes", language, x.Duration, len(x.WAV))
		}
		loud := 0
		for pcm := x.WAV[44:]; len(pcm) > 1; pcm = pcm[2:] {
			if v := int16(binary.LittleEndian.Uint16(pcm)); v > 1000 || v < -1000 {
				loud++
			}
		}
		if loud < len(x.WAV)/20 {
			t.Errorf("%s: hardly a sound", language)
		}
		if len(x.Visemes) < 8 {
			t.Errorf("%s: %v", language, x.Visemes)
		}
		for i, v := range x.Visemes {
			if i > 0 && v.At <= x.Visemes[i-1].At || v.At > int(x.Duration.Milliseconds()) {
				t.Errorf("%s: viseme %d of %v at %d", language, i, x.Visemes, v.At)
			}
		}
		if last := x.Visemes[len(x.Visemes)-1]; last.Shape != "sil" {
			t.Errorf("%s: the mouth stays open: %v", language, last)
		}
	}
}

func TestWhatCannotBeSpoken(t *testing.T) {
	s := speaker(t)
	for reason, r := range map[string]Request{
		"voice_language":  {Text: "Muraho", Language: "rw"},
		"too_long_to_say": {Text: strings.Repeat("word ", 300), Language: "en"},
		"nothing_to_say":  {Text: " [1] \x00 ** ", Language: "en"},
	} {
		if _, err := s.Speak(t.Context(), r); problem.Of(err).Reason != reason {
			t.Errorf("%s: %v", reason, err)
		}
	}
	// Nothing in a text is an order to the voice.
	x, err := s.Speak(t.Context(), Request{Text: `<voice name="de"><break time="100s"/></voice> [[x]] --stdout`, Language: "en"})
	if err != nil || x.Duration > 15*time.Second {
		t.Error(x.Duration, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Speak(ctx, Request{Text: "Not said before.", Language: "en"}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// What was said once is kept: the worker may be gone.
func TestItRemembers(t *testing.T) {
	s := speaker(t)
	r := Request{Text: "The lake is deep.", Language: "en"}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if _, err := s.Speak(t.Context(), r); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	first, _ := s.Speak(t.Context(), r)
	s.cfg.Worker = "/nonexistent"
	again, err := s.Speak(t.Context(), r)
	if err != nil || !bytes.Equal(first.WAV, again.WAV) {
		t.Error(err)
	}
	r.Pitch = 70
	if _, err := s.Speak(t.Context(), r); err == nil {
		t.Error("another pitch is another sound")
	}
}

// A Piper voice is preferred where one is installed; the program here is a
// script that answers as Piper does.
func TestPiper(t *testing.T) {
	s := speaker(t)
	dir := t.TempDir()
	s.cfg.Piper, s.cfg.Voices = filepath.Join(dir, "piper"), dir
	script := "#!/bin/sh\n[ \"$1\" = --model ] || exit 1\nwhile read -r line; do :; done\nprintf %096000d 0\n"
	for name, text := range map[string]string{"piper": script, "rw-test-low.onnx": "x", "rw-test-low.onnx.json": `{"audio":{"sample_rate":16000}}`} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	x, err := s.Speak(t.Context(), Request{Text: "Ikiyaga cya Kivu ni kinini.", Language: "rw"})
	if err != nil || x.Voice != "rw-test-low" || x.Duration != 3*time.Second || len(x.Visemes) < 8 {
		t.Fatal(x.Voice, x.Duration, x.Visemes, err)
	}
	if x, err := s.Speak(t.Context(), Request{Text: "A lake.", Language: "en"}); err != nil || x.Voice != "en" {
		t.Error(x.Voice, err)
	}
}
