//go:build integration

package whisper_test

import (
	"context"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/bwenge-os/bwenge/internal/problem"
	"github.com/bwenge-os/bwenge/models"
	"github.com/bwenge-os/bwenge/models/whisper"
)

// These tests want the real worker and weights, and espeak-ng to speak:
// BWENGE_WHISPER=bin/bwenge-whisper BWENGE_MODELS=~/.cache/bwenge/models \
// go test -tags integration ./models/whisper

func real(t *testing.T) *whisper.Transcriber {
	t.Helper()
	binary, weights := os.Getenv("BWENGE_WHISPER"), os.Getenv("BWENGE_MODELS")
	if binary == "" || weights == "" {
		t.Fatal("set BWENGE_WHISPER and BWENGE_MODELS")
	}
	binary, err := filepath.Abs(binary)
	if err != nil {
		t.Fatal(err)
	}
	tr := whisper.New(whisper.Config{
		Name: "whisper base", Binary: binary,
		Model: filepath.Join(weights, "ggml-base.bin"), VAD: filepath.Join(weights, "ggml-silero-v6.2.0.bin"),
	})
	t.Cleanup(func() {
		if err := tr.Close(); err != nil {
			t.Error(err)
		}
	})
	return tr
}

// say has espeak-ng speak a text and returns its samples at 16 kHz.
func say(t *testing.T, text string) []byte {
	t.Helper()
	wav := filepath.Join(t.TempDir(), "say.wav")
	if out, err := exec.Command("espeak-ng", "-v", "en-us", "-s", "140", "-w", wav, text).CombinedOutput(); err != nil {
		t.Fatalf("espeak-ng: %v %s", err, out)
	}
	data, err := os.ReadFile(wav)
	if err != nil {
		t.Fatal(err)
	}
	rate, data := float64(binary.LittleEndian.Uint32(data[24:])), data[44:]
	sample := func(i int) float64 { return float64(int16(binary.LittleEndian.Uint16(data[2*i:]))) }
	pcm := make([]byte, 0, len(data))
	for i := range int(float64(len(data)/2-2) * 16000 / rate) {
		at := float64(i) * rate / 16000
		n, part := int(at), at-math.Floor(at)
		between := sample(n)*(1-part) + sample(n+1)*part
		pcm = binary.LittleEndian.AppendUint16(pcm, uint16(int16(between)))
	}
	return pcm
}

func silence(seconds float64) []byte { return make([]byte, 2*int(16000*seconds)) }

func noise(seconds float64) []byte {
	pcm := silence(seconds)
	r := rand.New(rand.NewPCG(1, 2))
	for i := range len(pcm) / 2 {
		binary.LittleEndian.PutUint16(pcm[2*i:], uint16(int16(r.NormFloat64()*3000)))
	}
	return pcm
}

func file(t *testing.T, parts ...[]byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "sound.pcm")
	if err := os.WriteFile(path, []byte(strings.Join(strs(parts), "")), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func strs(parts [][]byte) []string {
	s := make([]string, len(parts))
	for i, p := range parts {
		s[i] = string(p)
	}
	return s
}

func listen(t *testing.T, tr *whisper.Transcriber, r models.Recording) ([]models.Segment, string) {
	t.Helper()
	var found []models.Segment
	language, err := tr.Transcribe(t.Context(), r, func(s models.Segment) error {
		found = append(found, s)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found, language
}

func words(found []models.Segment) string {
	var all []string
	for _, s := range found {
		all = append(all, s.Text)
	}
	return strings.ToLower(strings.Join(all, " "))
}

func TestRealSpeech(t *testing.T) {
	tr := real(t)
	path := file(t, silence(5), say(t, "The teacher opens the window and reads a book."), silence(3))
	found, language := listen(t, tr, models.Recording{Path: path})
	t.Log(found)
	if language != "en" || !strings.Contains(words(found), "window") {
		t.Errorf("heard %q in %q, want the window in en", words(found), language)
	}
	if len(found) > 0 && (found[0].Start < 4*time.Second || found[len(found)-1].End > 10*time.Second) {
		t.Errorf("times %v, want them on the speech from 5 s on", found)
	}
}

func TestRealNothingSaid(t *testing.T) {
	tr := real(t)
	for name, pcm := range map[string][]byte{
		"nothing": nil, "50 ms": silence(0.05), "silence": silence(30), "noise": noise(30),
		"odd": {1, 2, 3},
	} {
		if found, _ := listen(t, tr, models.Recording{Path: file(t, pcm)}); len(found) > 0 {
			t.Errorf("%s: heard %q", name, words(found))
		}
	}
}

// TestRealPieces writes a recording down whole and in pieces whose boundaries
// fall into the middle of words: nothing may be lost or said twice.
func TestRealPieces(t *testing.T) {
	tr := real(t)
	sentences := []string{
		"Plants take in water through their roots.", "Leaves catch the light of the sun.",
		"Animals eat the fruit and the seeds.", "The farmer goes home in the evening.",
	}
	var parts [][]byte
	for _, s := range sentences {
		parts = append(parts, say(t, s), silence(0.7))
	}
	path := file(t, parts...)
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	end := time.Duration(info.Size()/2) * time.Second / 16000
	var pieces []models.Segment
	const piece = 5 * time.Second
	for from := time.Duration(0); from < end; from += piece {
		found, _ := listen(t, tr, models.Recording{Path: path, From: from, Length: piece})
		pieces = append(pieces, found...)
	}
	whole, _ := listen(t, tr, models.Recording{Path: path})
	inPieces, atOnce := strings.Fields(words(pieces)), strings.Fields(words(whole))
	t.Log(inPieces, atOnce)
	// A synthetic voice is misheard now and then, and not the same way with
	// other sounds around it; a lost or a doubled sentence would show.
	if common := inCommon(inPieces, atOnce); common < 0.7*float64(max(len(inPieces), len(atOnce))) {
		t.Errorf("only %.0f words in common of %d in pieces and %d at once", common, len(inPieces), len(atOnce))
	}
}

// inCommon is the length of the longest common subsequence.
func inCommon(a, b []string) float64 {
	best := make([]int, len(b)+1)
	for _, x := range a {
		diagonal := 0
		for j, y := range b {
			above := best[j+1]
			if x == y {
				best[j+1] = diagonal + 1
			} else {
				best[j+1] = max(above, best[j])
			}
			diagonal = above
		}
	}
	return float64(best[len(b)])
}

func TestRealCancelAndCrash(t *testing.T) {
	tr := real(t)
	var parts [][]byte
	for range 12 {
		parts = append(parts, say(t, "This goes on and on, as lessons do, until somebody rings the bell in the yard."))
	}
	path := file(t, parts...)
	ctx, cancel := context.WithCancel(t.Context())
	_, err := tr.Transcribe(ctx, models.Recording{Path: path}, func(models.Segment) error { cancel(); return nil })
	if err != context.Canceled {
		t.Errorf("got %v, want context.Canceled", err)
	}
	_, err = tr.Transcribe(t.Context(), models.Recording{Path: path}, func(models.Segment) error {
		return syscall.Kill(tr.Status().PID, syscall.SIGKILL)
	})
	if problem.Of(err).Reason != "engine_down" {
		t.Errorf("got %v, want engine_down", err)
	}
	if found, _ := listen(t, tr, models.Recording{Path: path, Length: 5 * time.Second}); len(found) == 0 {
		t.Error("nothing heard after the crash")
	}
}
