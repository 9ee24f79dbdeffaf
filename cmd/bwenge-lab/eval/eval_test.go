package eval

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/bwenge-os/bwenge/appliance"
)

func TestRetrievalCounts(t *testing.T) {
	found := map[string][]string{
		"first":  {"gold.txt", "x.txt"},
		"second": {"x.md", "gold.md"},
		"sixth":  {"a", "b", "c", "d", "e", "gold"},
		"never":  {"a", "b"},
	}
	search := func(_ context.Context, q string, _ int) ([]appliance.Passage, error) {
		var out []appliance.Passage
		for _, title := range found[q] {
			out = append(out, appliance.Passage{SourceTitle: title})
		}
		return out, nil
	}
	questions := []Question{{"first", "gold"}, {"second", "gold"}, {"sixth", "gold"}, {"never", "gold"}}
	report, err := Retrieval(t.Context(), questions, search, search, search)
	if err != nil {
		t.Fatal(err)
	}
	got := report.Hybrid
	if got.At1 != 0.25 || got.At5 != 0.5 || got.At10 != 0.75 || math.Abs(got.MRR-(1+0.5+1.0/6)/4) > 1e-3 || report.N != 4 {
		t.Errorf("%+v", got)
	}
	broken := func(context.Context, string, int) ([]appliance.Passage, error) { return nil, errors.New("no index") }
	if _, err := Retrieval(t.Context(), questions, search, broken, search); err == nil {
		t.Error("a search that fails must fail the measurement")
	}
}

func TestSpeechCountsWords(t *testing.T) {
	said := map[string]string{
		"same":    "Mister Quilter is the APOSTLE, of the middle classes!",
		"wrong":   "the cat sat on mat today", // one word missing, one too many
		"silence": "",
		"noise":   "[Music] thank you",
		"skipped": "must not be heard",
	}
	report, err := Speech(t.Context(), []Recording{
		{File: "same", Lang: "en", Ref: "Mr. Quilter is the apostle of the middle classes", Kind: "speech"},
		{File: "wrong", Lang: "fr", Ref: "the cat sat on the mat", Kind: "speech"},
		{File: "silence", Kind: "no-speech"},
		{File: "noise", Kind: "no-speech"},
		{File: "skipped", Lang: "en", Ref: "other words", Kind: "container"},
	}, func(_ context.Context, file string) (string, float64, error) { return said[file], 15, nil })
	if err != nil {
		t.Fatal(err)
	}
	if report.WER["en"] != 0 || math.Abs(report.WER["fr"]-2.0/6) > 1e-3 || len(report.WER) != 2 {
		t.Errorf("word error rates %v, want 0 and 2 of 6", report.WER)
	}
	if report.NoSpeechWordsPerMinute != 4 { // two words in half a minute
		t.Errorf("%v words a minute where nobody speaks, want 4", report.NoSpeechWordsPerMinute)
	}
}

func TestCorrect(t *testing.T) {
	for _, c := range []struct {
		exam     Exam
		response string
		want     bool
	}{
		{Exam{Answer: "308"}, "The Panthers gave up 308 points. [1]", true},
		{Exam{Answer: "308"}, "They gave up 1308 points.", false},
		{Exam{Answer: "the middle ear"}, "It lies in the middle ear.", true},
		{Exam{Answer: "atoms"}, "An atom is the smallest unit.", true},
		{Exam{Answer: "atom"}, "", false},
		{Exam{Answer: "wave", Options: []string{"wave", "particle"}}, "It is a particle.", false},
		{Exam{Answer: "wave", Options: []string{"wave", "particle"}}, "It is a wave.", true},
	} {
		if got := c.exam.Correct(c.response); got != c.want {
			t.Errorf("%q for %q: %v, want %v", c.response, c.exam.Answer, got, c.want)
		}
	}
}

func TestAnswersCountsRefusalsAndCitations(t *testing.T) {
	answers := map[string]appliance.Answer{
		"right":   {Mode: appliance.ModeAnswer, ResponseText: "It is blue. [1]", Model: "m", FirstTokenMS: 100, Citations: []appliance.Citation{{SourceTitle: "sky.txt"}}},
		"wrong":   {Mode: appliance.ModeAnswer, ResponseText: "It is red. [1]", Model: "m", FirstTokenMS: 100, Citations: []appliance.Citation{{SourceTitle: "sea.txt"}}},
		"refused": {Mode: appliance.ModeNotFound},
		"made up": {Mode: appliance.ModeAnswer, ResponseText: "Yes."},
		"unknown": {Mode: appliance.ModeNotFound},
	}
	report, err := Answers(t.Context(), []Exam{
		{Question: "right", Answer: "blue", Gold: "sky", Answerable: true},
		{Question: "wrong", Answer: "blue", Gold: "sky", Answerable: true},
		{Question: "refused", Answer: "blue", Gold: "sky", Answerable: true},
		{Question: "made up"},
		{Question: "unknown"},
	}, func(_ context.Context, q string) (appliance.Answer, error) { return answers[q], nil }, nil)
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(report.Correct-1.0/3) > 1e-3 || report.CitationPrecision != 0.5 || report.Model != "m" ||
		math.Abs(report.Refused.Answerable-1.0/3) > 1e-3 || report.Refused.Unanswerable != 0.5 {
		t.Errorf("%+v", report)
	}
}

func TestReadLinesNamesTheLine(t *testing.T) {
	got, err := ReadLines[Question](strings.NewReader("{\"question\":\"a\",\"gold\":\"b\"}\n\n{\"question\":\"c\"}\n"))
	if err != nil || len(got) != 2 || got[0] != (Question{"a", "b"}) {
		t.Fatalf("%v %v", got, err)
	}
	if _, err := ReadLines[Question](strings.NewReader("{}\nnonsense\n")); err == nil || !strings.Contains(err.Error(), "2") {
		t.Errorf("got %v, want an error that names line 2", err)
	}
}
