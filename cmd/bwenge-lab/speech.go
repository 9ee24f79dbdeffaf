package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	"github.com/bwenge-os/bwenge/appliance/knowledge/extract"
	"github.com/bwenge-os/bwenge/models"
)

// listen hears one recording as ingestion does and returns its words and its
// length in seconds.
func (b *labBox) listen(ctx context.Context, file string) (text string, seconds float64, err error) {
	dir, err := os.MkdirTemp("", "bwenge-listen-")
	if err != nil {
		return "", 0, err
	}
	defer os.RemoveAll(dir)
	pcm := filepath.Join(dir, "samples")
	if seconds, _, err = extract.DecodeAudio(ctx, file, pcm, nil); err != nil {
		return "", 0, err
	}
	text, err = b.transcribe(ctx, pcm)
	return text, seconds, err
}

func (b *labBox) transcribe(ctx context.Context, pcm string) (string, error) {
	var words []string
	_, err := b.Engines.Transcriber.Transcribe(ctx, models.Recording{Path: pcm}, func(s models.Segment) error {
		words = append(words, strings.TrimSpace(s.Text))
		return nil
	})
	return strings.Join(words, " "), err
}
