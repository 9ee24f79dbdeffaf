package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/box"
	"github.com/bwenge-os/bwenge/models"
	"github.com/bwenge-os/bwenge/models/modeltest"
)

// TestBenchQuestionsReachTheModel asks all questions of the bench of a box on a fake
// engine: most answers come from the material without a model, and what comes so
// would measure nothing.
func TestBenchQuestionsReachTheModel(t *testing.T) {
	fake := modeltest.StartLlama(t)
	fake.Reply = func(turns []models.Turn) string {
		text, question, _ := strings.Cut(turns[len(turns)-1].Content, "Question: ")
		lake := question[strings.Index(question, "Lake "):]
		lake = strings.TrimRight(strings.Join(strings.Fields(lake)[:2], " "), "?")
		for _, s := range strings.SplitAfter(text, ". ") {
			if strings.Contains(s, lake) {
				return strings.TrimSpace(strings.TrimPrefix(s, "Text: "))
			}
		}
		return "It is not told."
	}
	rec := &recorder{Generator: fake.Chat()}
	e := &box.Engines{Chat: rec, Embedder: fake.Embedder(), Writes: []string{"en"}}
	cfg := box.DefaultConfig()
	x, remove, err := openTemporaryBox(t.Context(), &cfg, e)
	if err != nil {
		t.Fatal(err)
	}
	defer remove()
	// As the reader cuts it, which is a program of its own.
	var chunks []appliance.Chunk
	for part := range slices.Chunk(strings.Split(strings.TrimSpace(lakesLesson()), "\n\n"), 3) {
		text := strings.Join(part, "\n")
		chunks = append(chunks, appliance.Chunk{Seq: len(chunks), Text: text, Language: "en", Tokens: 90, Vector: modeltest.Vector(text)})
	}
	if err := x.storeReady(t.Context(), "lakes.txt", chunks); err != nil {
		t.Fatal(err)
	}
	for n := range classAnswers {
		before := rec.replies()
		if _, err := x.ask(t.Context(), appliance.Operator(appliance.DefaultOrg),
			appliance.Question{ID: uuid.NewString(), Text: lakeQuestion(n/lakeQuestions, n)}); err != nil {
			t.Fatal(err)
		}
		if rec.replies() == before {
			t.Logf("answered without the model: %s", lakeQuestion(n/lakeQuestions, n))
		}
	}
	if n := rec.replies(); n < classAnswers*9/10 {
		t.Errorf("%d of %d questions reached the model", n, classAnswers)
	}
}
