package tutor

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/knowledge/retrieval"
	"github.com/bwenge-os/bwenge/appliance/tutor/orchestrator"
	"github.com/bwenge-os/bwenge/internal/text"
	"github.com/bwenge-os/bwenge/models/modeltest"
)

// polyglot finds for a question what its English form finds, as an embedding model
// of many languages does; the fake one knows words alone.
type polyglot struct {
	Retriever
	english map[string]string
}

func (p polyglot) Search(ctx context.Context, who appliance.Principal, question string, k int) (appliance.Finding, error) {
	f, err := p.Retriever.Search(ctx, who, p.english[question], k)
	f.Query, f.Language = question, languageOf(question)
	f.Terms = text.Terms(question, f.Language)
	return f, err
}

// asPolyglot lets a box find what is asked in other languages.
func (b *box) asPolyglot(t *testing.T, english map[string]string) {
	t.Helper()
	b.stop()
	b.door = orchestrator.New(orchestrator.Config{Store: b.store, Box: b.llama.Chat()})
	b.Tutor = New(b.store, polyglot{retrieval.New(b.store, b.llama.Embedder()), english}, b.llama.Embedder(), b.door, Config{Log: slog.New(slog.DiscardHandler)})
}

var tongueQuestions = map[string]string{
	english: "What do plants make in their chloroplasts?", french: "Que fabriquent les plantes dans leurs chloroplastes ?",
	swahili: "Mimea hutengeneza nini katika kloroplasti?", kinyarwanda: "Ibimera bikora iki mu bice byabyo by'icyatsi?",
}

func TestTheSameQuestionInFourLanguages(t *testing.T) {
	b := newBox(t, "Plants make sugar from light.")
	in := map[string]string{}
	for _, q := range tongueQuestions {
		in[q] = tongueQuestions[english]
	}
	b.asPolyglot(t, in)
	meaning := map[string]string{french: "sucre", swahili: "sukari", kinyarwanda: "isukari"}
	for language, question := range tongueQuestions {
		s := watch(t, b.ask(t, appliance.Question{ID: language, Text: question}))
		a := s.answer
		if a.Language != language || !strings.Contains(a.ResponseText, "sugar") || len(a.Citations) == 0 || a.Citations[0].SourceTitle != "cell.txt" {
			t.Errorf("%s: %+v", question, a)
			continue
		}
		if language == english {
			if len(a.Citations[0].Words) > 0 || a.Citations[0].Language != "" {
				t.Errorf("who asks in English is told English words: %v", a.Citations[0].Words)
			}
			continue
		}
		if frame, _, _ := strings.Cut(a.ResponseText, "\n"); frame != sayElsewhere[language] && frame != sayPassages[language] {
			t.Errorf("%s is framed by %q", question, frame)
		}
		at := slices.IndexFunc(a.Citations, func(c appliance.Citation) bool { return strings.Contains(c.Text, "sugar") })
		if c := a.Citations[at]; c.Language != english || !slices.Contains(c.Words, appliance.Gloss{Word: "sugar", Meaning: meaning[language]}) || len(c.Words) > glossed {
			t.Errorf("%s: the words of %q are %v", question, c.Text, c.Words)
		}
		// They are kept with the answer.
		_, stored, err := b.store.Answer(t.Context(), appliance.DefaultOrg, "", language)
		if err != nil || len(stored.Citations[at].Words) != len(a.Citations[at].Words) {
			t.Errorf("stored: %+v, %v", stored, err)
		}
	}
}

func TestWordsOfThePassageThatAnswersComeFirst(t *testing.T) {
	a := appliance.Answer{ResponseText: sayElsewhere[swahili] + "\nThe heart pumps blood. [1]", Citations: []appliance.Citation{
		{Text: "The lung, the liver, the kidney, the brain, the skin, the bone and the stomach are in the body of every animal. The heart pumps blood."},
		{Text: "The heart is a muscle that never rests, not at night and not during the day."},
		{Text: "Moyo ni msuli ambao haupumziki kamwe, usiku wala mchana."},
	}}
	gloss(&a, swahili)
	if w := a.Citations[0].Words; len(w) != glossed || w[0].Meaning != "moyo" || w[1].Meaning != "damu" {
		t.Errorf("%v", w)
	}
	if w := a.Citations[1].Words; len(w) == 0 || w[0].Word != "muscle" {
		t.Errorf("words are said twice: %v", w)
	}
	if w := a.Citations[2]; len(w.Words) > 0 || w.Language != "" {
		t.Errorf("%+v", w)
	}
}

// A list that comes word for word out of an English book has a frame, too.
func TestAListHasTheFrameOfTheAsker(t *testing.T) {
	b := newBox(t, "")
	addSource(t, b.store, appliance.DefaultOrg, "water.txt", []appliance.Chunk{{Heading: "Cleaning water",
		Text:  "The stages of cleaning water are:\n1. Screening takes out the leaves and the sticks.\n2. Settling lets the sand and the mud sink.\n3. Boiling kills the germs that are left.",
		Place: appliance.Place{Page: 1}, Vector: modeltest.Vector("stages of cleaning water")}})
	question := "Ni hatua zipi za kusafisha maji?"
	b.asPolyglot(t, map[string]string{question: "What are the stages of cleaning water?"})
	a := watch(t, b.ask(t, appliance.Question{ID: "q", Text: question})).answer
	if !strings.HasPrefix(a.ResponseText, sayElsewhere[swahili]) && !strings.HasPrefix(a.ResponseText, sayPassages[swahili]) {
		t.Errorf("%q", a.ResponseText)
	}
	if len(a.Citations) == 0 || !slices.Contains(a.Citations[0].Words, appliance.Gloss{Word: "water", Meaning: "maji"}) {
		t.Errorf("%+v", a.Citations)
	}
}
