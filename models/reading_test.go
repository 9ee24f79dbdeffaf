package models_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/bwenge-os/bwenge/models"
	"github.com/bwenge-os/bwenge/models/modeltest"
)

func TestReadingSpeed(t *testing.T) {
	fake := modeltest.StartLlama(t)
	speed, err := models.ReadingSpeed(t.Context(), fake.Chat())
	if err != nil || speed <= 0 {
		t.Fatal(speed, err)
	}
	asked := fake.Asked()
	if len(asked) != 3 {
		t.Fatalf("%d prompts, want a short one and two", len(asked))
	}
	for i, r := range asked {
		words := strings.Fields(r.Turns[0].Content)
		if r.MaxTokens != 1 || len(words) > 501 {
			t.Errorf("prompt %d: %d words, %d to be written", i, len(words), r.MaxTokens)
		}
		if i > 0 && words[0] == strings.Fields(asked[i-1].Turns[0].Content)[0] {
			t.Errorf("prompt %d begins like the one before, whose beginning is kept", i)
		}
	}
}

func TestReadingSpeedOfABrokenEngine(t *testing.T) {
	fake := modeltest.StartLlama(t)
	fake.Refuse = func(path string) int {
		if strings.HasSuffix(path, "completions") {
			return http.StatusInternalServerError
		}
		return 0
	}
	if speed, err := models.ReadingSpeed(t.Context(), fake.Chat()); err == nil {
		t.Error("measured", speed)
	}
}
