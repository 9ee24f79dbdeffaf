package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/bwenge-os/bwenge/appliance/box"
	"github.com/bwenge-os/bwenge/models"
)

// The measured questions are about made-up lakes, one for each pupil. Each asks for
// one fact that stands in a sentence: of questions of that kind a model of any size
// writes the answer, where most others are answered from the material by code.

// lakeName is the name of a lake, a place or a boat: no two of them are alike.
func lakeName(kind string, n int) string {
	first := []string{"Ka", "Mu", "Ru", "Nya", "Bi", "Gi"}
	middle := []string{"so", "ru", "ga", "ti", "vu", "mba"}
	return first[n%len(first)] + middle[n/len(first)%len(middle)] + kind
}

// lakesLesson is the text about all lakes.
func lakesLesson() string {
	var b strings.Builder
	for n := range pupilsAtOnce {
		lake := "Lake " + lakeName("ro", n)
		fmt.Fprintf(&b, "%[1]s lies in the district of %[2]s. %[1]s is %[3]d metres deep. The fishers of %[1]s sell their catch at the market of %[4]s. Captain %[5]s steers the ferry of %[1]s every morning.\n\n",
			lake, lakeName("bungo", n), 41+7*n, lakeName("shenyi", n), lakeName("kundo", n))
	}
	return b.String()
}

// lakeQuestions is how many different questions there are about a lake.
const lakeQuestions = 4

// lakeQuestion is one of the questions about a lake.
func lakeQuestion(lake, n int) string {
	return fmt.Sprintf([]string{
		"How deep is Lake %s?",
		"In which district does Lake %s lie?",
		"Where do the fishers of Lake %s sell their catch?",
		"Who steers the ferry of Lake %s?",
	}[n%lakeQuestions], lakeName("ro", lake))
}

// recorder keeps what the box gave to its model, and when.
type recorder struct {
	models.Generator
	mu      sync.Mutex
	prompts []models.Prompt
	usages  []models.Usage
	firsts  []time.Time // when the first piece of each reply came
}

func (r *recorder) Generate(ctx context.Context, p models.Prompt, emit func(string) error) (models.Usage, error) {
	var first time.Time
	usage, err := r.Generator.Generate(ctx, p, func(piece string) error {
		if first.IsZero() {
			first = time.Now()
		}
		return emit(piece)
	})
	r.mu.Lock()
	defer r.mu.Unlock()
	r.prompts, r.usages, r.firsts = append(r.prompts, p), append(r.usages, usage), append(r.firsts, first)
	return usage, err
}

// replies is how many replies were asked for.
func (r *recorder) replies() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.prompts)
}

// forget drops the first n replies.
func (r *recorder) forget(n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.prompts, r.usages, r.firsts = r.prompts[n:], r.usages[n:], r.firsts[n:]
}

// since returns the prompts and usages from the nth reply on.
func (r *recorder) since(n int) ([]models.Prompt, []models.Usage) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]models.Prompt(nil), r.prompts[n:]...), append([]models.Usage(nil), r.usages[n:]...)
}

// lessonAndRecorder returns engines whose prompts are kept, and a folder with the
// lesson, which the caller removes.
func lessonAndRecorder(cfg *box.Config) (*box.Engines, *recorder, string, error) {
	e := box.NewEngines(cfg)
	if e.Chat == nil {
		return nil, nil, "", fmt.Errorf("there is no chat engine: run bwenge doctor")
	}
	rec := &recorder{Generator: e.Chat}
	e.Chat = rec
	dir, err := os.MkdirTemp("", "bwenge-lesson-")
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "lakes.txt"), []byte(lakesLesson()), 0o600)
	}
	return e, rec, dir, err
}
