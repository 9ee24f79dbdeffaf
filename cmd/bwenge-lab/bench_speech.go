package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/bwenge-os/bwenge/appliance/box"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract"
	"github.com/bwenge-os/bwenge/models/catalogue"
)

// measureSpeech transcribes the same samples with the box's worker and with
// whisper.cpp's own program, on the same model and threads, both warm.
func measureSpeech(ctx context.Context, b *bench) ([]row, error) {
	x, remove, err := openTemporaryBox(ctx, b.cfg, box.NewEngines(b.cfg))
	if err != nil {
		return nil, err
	}
	defer remove()
	dir, err := os.MkdirTemp("", "bwenge-bench-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	pcm := filepath.Join(dir, "samples")
	seconds, _, err := extract.DecodeAudio(ctx, b.recording, pcm, nil)
	if err != nil {
		return nil, err
	}
	speech, err := loudest(pcm)
	if err != nil {
		return nil, err
	}
	if _, err := x.transcribe(ctx, speech); err != nil { // loads the model
		return nil, err
	}
	var boxed, bare []float64
	for range 3 {
		began := time.Now()
		if _, err := x.transcribe(ctx, speech); err != nil {
			return nil, err
		}
		boxed = append(boxed, time.Since(began).Seconds())
		t, err := b.bareTranscription(ctx, dir, speech)
		if err != nil {
			return nil, err
		}
		bare = append(bare, t)
	}
	began := time.Now()
	if _, err := x.transcribe(ctx, pcm); err != nil {
		return nil, err
	}
	whole := time.Since(began).Seconds()
	a, z := percentile(boxed, 0.5), percentile(bare, 0.5)
	return []row{{
		What: "transcription, box ÷ bare", Value: a / z, Unit: "×", Target: 1.05, AtMost: true,
		Note: fmt.Sprintf("%.2f s and %.2f s for 11 s of speech; %.1f s for the whole %.0f s with its silence", a, z, whole, seconds),
	}}, nil
}

// loudest cuts the last 13 seconds, in which the test's recording speaks, into
// a file of their own.
func loudest(pcm string) (string, error) {
	samples, err := os.ReadFile(pcm)
	if err != nil {
		return "", err
	}
	const length = 13 * extract.SampleRate * 2
	cut := pcm + ".speech"
	return cut, os.WriteFile(cut, samples[max(0, len(samples)-length):], 0o600)
}

// bareTranscription runs whisper-cli and returns the time it took without
// loading the model, by its own account.
func (b *bench) bareTranscription(ctx context.Context, dir, pcm string) (float64, error) {
	set, err := catalogue.Resolve(b.cfg.Models, catalogue.Tier(b.cfg.Tier))
	if err != nil {
		return 0, err
	}
	wav := filepath.Join(dir, "samples.wav")
	convert := exec.CommandContext(ctx, "ffmpeg", "-v", "error", "-y", "-f", "s16le", "-ar", "16000", "-ac", "1", "-i", pcm, wav)
	if out, err := convert.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("ffmpeg: %w: %s", err, out)
	}
	var stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, filepath.Join(b.cfg.Engines, "whisper", "whisper-cli"),
		"-m", set.Speech.Path, "-f", wav, "-t", strconv.Itoa(runtime.NumCPU()), "-l", "auto", "-bs", "5", "-bo", "5") // as the box does
	cmd.Stderr = &stderr
	if err := cmd.Run(); err != nil {
		return 0, fmt.Errorf("whisper-cli: %w: %s", err, lastLine(stderr.Bytes()))
	}
	load, err := timing(stderr.String(), "load time")
	if err != nil {
		return 0, err
	}
	total, err := timing(stderr.String(), "total time")
	return (total - load) / 1000, err
}

// timing reads "whisper_print_timings:  load time =   123.45 ms".
func timing(log, name string) (float64, error) {
	for line := range strings.Lines(log) {
		if _, value, ok := strings.Cut(line, name+" ="); ok {
			return strconv.ParseFloat(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(value), "ms")), 64)
		}
	}
	return 0, fmt.Errorf("whisper-cli tells no %s", name)
}

func lastLine(out []byte) string {
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	return lines[len(lines)-1]
}
