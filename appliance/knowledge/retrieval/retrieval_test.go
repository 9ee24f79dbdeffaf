package retrieval

import (
	"testing"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/text"
)

func passages(texts ...string) []appliance.Passage {
	list := make([]appliance.Passage, len(texts))
	for i, s := range texts {
		list[i].ID, list[i].Text = int64(i+1), s
	}
	return list
}

// without is a finding for which there was no embedding model to ask.
func without(f appliance.Finding) appliance.Finding {
	f.Near = nil
	return f
}

// What passages and questions of other languages and models score.
func TestEvidence(t *testing.T) {
	f := appliance.Finding{Language: text.English, Chunks: 200, Terms: text.Terms("How deep is Lake Kivu?", text.English), Weights: text.Weights{Rare: 5},
		Passages: passages("Lake Kivu is 480 m deep, and lies between Rwanda and Congo.")}
	near := make([]appliance.Hit, 100)
	for i := range near {
		near[i].Score = 0.78 - float64(i)/2000
	}
	f.Near = near
	e5 := calibrationOf("multilingual-e5-small")

	near[0].Score = 0.88
	if e := weigh(f, e5); !e.Answerable || e.Foreign || e.Coverage < 0.99 {
		t.Errorf("near and of the same words: %+v", e)
	}
	near[0].Score = 0.78
	f.Passages = passages("The Nile flows north.")
	if e := weigh(f, e5); e.Answerable {
		t.Errorf("no nearer than the rest: %+v", e)
	}
	f.Language, f.Terms = text.Swahili, text.Terms("Ziwa Kivu lina kina gani?", text.Swahili)
	f.Passages = passages("Kivu is one of the lakes of the country and it is 480 m deep.")
	near[0].Score = 0.84
	if e := weigh(f, e5); !e.Answerable || !e.Foreign {
		t.Errorf("nearer than the rest, in another language: %+v", e)
	}
	f.Language, f.Terms = text.English, text.Terms("How deep is Lake Kivu?", text.English)
	if e := weigh(without(f), e5); !e.Answerable {
		t.Errorf("by words alone: %+v", e)
	}
	f.Passages = passages("The Nile flows north.")
	if e := weigh(without(f), e5); e.Answerable {
		t.Errorf("by words alone, of which none is there: %+v", e)
	}
	f.Passages = nil
	if e := weigh(f, e5); e.Answerable {
		t.Errorf("nothing found: %+v", e)
	}
}

// A passage that holds the words and has no like is evidence where its meaning is not
// very near; one that has its like, or lacks the words, is none.
func TestAPassageThatStandsOut(t *testing.T) {
	f := appliance.Finding{Language: text.English, Chunks: 200, Terms: text.Terms("how many families left Bweyeye in march 1998", text.English), Weights: text.Weights{Rare: 5}}
	for i := range 100 {
		f.Near = append(f.Near, appliance.Hit{ChunkID: int64(i + 1), Score: 0.80 - float64(i)/2000})
	}
	c := calibrationOf("multilingual-e5-small")
	for _, test := range []struct {
		best, next string
		ahead      float64
		want       bool
	}{
		{"In March 1998 about ninety families had to leave Bweyeye.", "The market opens on Friday.", 0.09, true},
		{"In March 1998 about ninety families had to leave Bweyeye.", "The market opens on Friday.", 0.02, false},
		{"Many families live on the hill and keep goats.", "The market opens on Friday.", 0.09, false},
	} {
		f.Passages = passages(test.best, test.next)
		f.Passages[0].Score, f.Passages[1].Score = 0.8+test.ahead, 0.8
		if e := weigh(f, c); e.Answerable != test.want {
			t.Errorf("%q, %v ahead: %+v", test.best, test.ahead, e)
		}
	}
}

func TestTitlesAreNoText(t *testing.T) {
	for s, want := range map[string]bool{
		"Practice Problems\nCheck Your Understanding":            true,
		"Grade the Road\nWarmers of the Hut\nTest Prep":          true,
		"Practice Problems\nA lever turns around a fixed point.": false,
		"Rain\nWind\nGoats":                 false,
		"the upper stone\nthe lower stone":  false,
		"Walking Speed\n5 km/h":             false,
		"Mouth: Chewing\nStomach: Churning": false,
	} {
		if got := titlesOnly(passages(s)[0]); got != want {
			t.Errorf("%q: %v", s, got)
		}
	}
}

func TestWordsInBrackets(t *testing.T) {
	for question, want := range map[string]string{
		"Mvuke (vapour) ni nini?":            "vapour",
		"Ubukonikoni [ground water] ni iki?": "ground water",
		"How much is 3 (4 + 5)?":             "",
		"What is f(x)?":                      "",
	} {
		got := ""
		if m := gloss.FindStringSubmatch(question); m != nil {
			got = m[1]
		}
		if got != want {
			t.Errorf("%q: %q, want %q", question, got, want)
		}
	}
}

func TestFuseKnowsWhenWordsAreWorthLittle(t *testing.T) {
	near := []appliance.Hit{{ChunkID: 1, Score: 0.86}, {ChunkID: 2, Score: 0.84}, {ChunkID: 3, Score: 0.80}}
	// Most of the question's weight matches chunk 3: words overrule meaning.
	if got := fuse(near, []appliance.Hit{{ChunkID: 3, Score: 18}, {ChunkID: 4, Score: 2}}, 10, 0.12); got[0].ChunkID != 3 || got[3].ChunkID != 4 {
		t.Errorf("same language: %v", got)
	}
	// One name out of a question in another language: meaning decides.
	if got := fuse(near, []appliance.Hit{{ChunkID: 3, Score: 6}}, 40, 0.12); got[0].ChunkID != 1 {
		t.Errorf("another language: %v", got)
	}
}
