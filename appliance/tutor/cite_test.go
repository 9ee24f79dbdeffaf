package tutor

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/text"
)

func passages(texts ...string) []appliance.Passage {
	out := make([]appliance.Passage, len(texts))
	for i, text := range texts {
		out[i] = appliance.Passage{Chunk: appliance.Chunk{ID: int64(i + 1), Text: text}, SourceTitle: fmt.Sprintf("s%d", i+1)}
	}
	return out
}

func TestCite(t *testing.T) {
	kivu := "Lake Kivu lies between Rwanda and Congo. The lake is 480 metres deep."
	nile := "The Nile rises in Burundi and Rwanda and flows into the Mediterranean Sea. It is 6,650 km long."
	for name, test := range map[string]struct {
		answer, question, language string
		want                       string
		sources                    []int64
	}{
		"what a passage says is cited": {
			"Lake Kivu is 480 metres deep.", "How deep is Lake Kivu?", english,
			"Lake Kivu is 480 metres deep. [1]", []int64{1}},
		"each sentence by itself, numbered in order of appearance": {
			"The Nile flows into the Mediterranean. Lake Kivu is 480 metres deep.", "Where does it flow?", english,
			"The Nile flows into the Mediterranean. [1] Lake Kivu is 480 metres deep. [2]", []int64{2, 1}},
		"another number is not supported": {
			"Lake Kivu is 485 metres deep.", "How deep is Lake Kivu?", english,
			"Lake Kivu is 485 metres deep.", nil},
		"a number alone is enough": {
			"480.", "How deep is Lake Kivu?", english,
			"480. [1]", []int64{1}},
		"another name is not supported, however much of the question is repeated": {
			"Lake Kivu lies between Rwanda and Tanzania, Malawi and Zambia.", "Between which countries does Lake Kivu lie?", english,
			"Lake Kivu lies between Rwanda and Tanzania, Malawi and Zambia.", nil},
		"the model's own markers are dropped where they are wrong": {
			"Lake Kivu is 480 metres deep [2]. Giants dug it [1].", "How deep is Lake Kivu?", english,
			"Lake Kivu is 480 metres deep. [1] Giants dug it.", []int64{1}},
		"markers of passages that do not exist": {
			"Lake Kivu is 480 metres deep [9][99].", "How deep is Lake Kivu?", english,
			"Lake Kivu is 480 metres deep. [1]", []int64{1}},
		"no content, no citation": {
			"Yes, it is.", "Is Lake Kivu deep?", english,
			"Yes, it is.", nil},
		"endings may differ": {
			"Lakes between Rwanda and Congo: Kivu.", "Which lake?", english,
			"Lakes between Rwanda and Congo: Kivu. [1]", []int64{1}},
	} {
		t.Run(name, func(t *testing.T) {
			got, citations, _ := cite(test.answer, test.question, test.language, passages(kivu, nile), text.Weights{Rare: 5})
			if got != test.want {
				t.Errorf("got  %q\nwant %q", got, test.want)
			}
			var ids []int64
			for i, c := range citations {
				ids = append(ids, c.ChunkID)
				if c.Number != i+1 {
					t.Errorf("citation %d has number %d", i+1, c.Number)
				}
			}
			if !slices.Equal(ids, test.sources) {
				t.Errorf("cites %v, want %v", ids, test.sources)
			}
		})
	}
}

func TestEchoes(t *testing.T) {
	for answer, want := range map[string]bool{
		"Rate of decay for radioactive nuclides.":      true,
		"The rate of decay of radioactive nuclides is": true,
		"Activity is the rate of decay.":               false,
		"Yes, the rate of decay.":                      false,
	} {
		if got := echoes(answer, "Which term means: rate of decay for radioactive nuclides?", english); got != want {
			t.Errorf("%q: %v, want %v", answer, got, want)
		}
	}
}

// Streamed text never shows a marker, wherever it is cut.
func TestMarkersAreTakenOutOfAStream(t *testing.T) {
	const text = "Kivu [1] is deep [2][3]. In [brackets], 4 [56 m]. End [7]"
	const want = "Kivu is deep. In [brackets], 4 [56 m]. End"
	for size := 1; size < len(text); size++ {
		var out strings.Builder
		u := unmarked{emit: func(s string) { out.WriteString(s) }}
		for i := 0; i < len(text); i += size {
			u.write(text[i:min(i+size, len(text))])
		}
		u.flush()
		if out.String() != want {
			t.Errorf("in pieces of %d: %q", size, out.String())
		}
	}
}

func TestSmallTalk(t *testing.T) {
	for text, want := range map[string]string{
		"Hello!":                      sayHello[english],
		"Good morning, teacher":       sayHello[english],
		"Bonjour, comment ça va ?":    sayHello[french],
		"Mwaramutse mwarimu":          sayHello[kinyarwanda],
		"Thank you very much":         sayWelcome[english],
		"Murakoze cyane":              sayWelcome[kinyarwanda],
		"Hello, what is a cell?":      "",
		"Good":                        "",
		"What does bonjour mean?":     "",
		"How are you able to breathe": "",
	} {
		if got, _, _ := smallTalk(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestFocusKeepsWhatWasAsked(t *testing.T) {
	long := "Rwanda has many lakes. Lake Kivu lies in the west. It is 480 metres deep. " + strings.Repeat("Fish live in lakes of all kinds. ", 20)
	asked := terms("How deep is Lake Kivu?", english)
	got := focus(passages(long, "Bees make honey."), asked, text.Weights{Rare: 5}, 70)
	if len(got) != 1 || got[0].Text != "Lake Kivu lies in the west. It is 480 metres deep." {
		t.Errorf("kept %+v", got)
	}
}
