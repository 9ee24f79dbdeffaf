package tutor

import (
	"fmt"
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

// A footnote of the source, "[1]", is not taken for a citation of the answer.
func TestAFootnoteIsNoCitation(t *testing.T) {
	for _, text := range []string{
		"Lake Kivu is 480 metres deep.[1][2] It lies between Rwanda and Congo. [12]",
		"The lake [3] was formed by a rift [4].",
	} {
		f := appliance.Finding{Passages: []appliance.Passage{{Chunk: appliance.Chunk{ID: 7, Text: text}}}, Language: english}
		a := quote(f, sayPassages, english)
		if n := strings.Count(a.ResponseText, "["); n != 1 || !strings.HasSuffix(a.ResponseText, " [1]") {
			t.Errorf("%d marks in %q", n, a.ResponseText)
		}
		if a.Citations[0].Text != text {
			t.Errorf("the source itself is shown as %q", a.Citations[0].Text)
		}
	}
}
