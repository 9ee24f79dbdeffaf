package models_test

import (
	"strings"
	"testing"

	"github.com/bwenge-os/bwenge/models"
)

// cut gives a text to the guard in pieces of n characters, and returns what had
// been written when it spoke.
func cut(text string, n int) (string, bool) {
	var r models.Repeats
	runes := []rune(text)
	written := ""
	for i := 0; i < len(runes); i += n {
		piece, again := r.Add(string(runes[i:min(i+n, len(runes))]))
		if written += piece; again {
			return written, true
		}
	}
	return written, false
}

func TestRepeats(t *testing.T) {
	sentence := "The leaf takes in light. "
	run := "roots stem leaves flower fruit seed water soil"
	for name, test := range map[string]struct {
		text string
		want bool
	}{
		"a sentence twice":                   {strings.Repeat(sentence, 2) + "It is green.", false},
		"a sentence three times":             {strings.Repeat(sentence, 3), true},
		"with others between":                {sentence + "It is green. " + sentence + "It grows tall. " + sentence + "More.", true},
		"in other capitals and marks":        {"The leaf takes in light! the leaf, takes in light.\nTHE LEAF TAKES IN LIGHT?\n", true},
		"a run twice":                        {strings.Repeat(run+", ", 2), false},
		"a run three times without an end":   {strings.Repeat(run+", ", 3), true},
		"three words for ever":               {strings.Repeat("and so on ", 20), true},
		"one word eight times":               {strings.Repeat("very ", 8), false},
		"one word for ever":                  {strings.Repeat("very ", 40), true},
		"lines of a list":                    {"1. Dig the hole.\n2. Dig the hole.\n3. Dig the hole.\n", false}, // the numbers differ
		"lines of a list without numbers":    {"- Dig a deep hole.\n- Dig a deep hole.\n- Dig a deep hole.\n", true},
		"short answers":                      {"Yes. No. Yes. Yes, it is. Yes. No. Yes. No.", false},
		"decimals are no ends of a sentence": {"It is 3.5 of 3.5 and 3.5 by 3.5 m.", false},
		"French":                             {strings.Repeat("L'eau bout à cent degrés. ", 3), true},
		"without spaces":                     {strings.Repeat("植物需要阳光和水。", 3), true},
		"a table":                            {"| Year | Rain |\n|---|---|\n| 2001 | 40 mm |\n| 2002 | 40 mm |\n| 2003 | 40 mm |\n| 2004 | 40 mm |\n", false},
	} {
		for _, n := range []int{1, 3, 1000} {
			if got, said := cut(test.text, n); said != test.want {
				t.Errorf("%s, %d characters at a time: %v at %q, want %v", name, n, said, got, test.want)
			}
		}
	}
	for _, n := range []int{1, 3, 1000} {
		got, _ := cut(sentence+"It is green. "+strings.Repeat(sentence, 9), n)
		if want := strings.TrimSpace(sentence + "It is green. " + sentence + sentence); got != want {
			t.Errorf("%d at a time, ended at %q, want %q", n, got, want)
		}
	}
}
