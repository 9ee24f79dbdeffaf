package glossary

import (
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/text"
)

func TestEveryEntryIsWellFormed(t *testing.T) {
	if len(words.entries) < 300 {
		t.Errorf("only %d entries", len(words.entries))
	}
	english := map[string]bool{}
	filled := [4]int{}
	for _, e := range words.entries {
		if len(e[0]) == 0 || len(e[1]) == 0 || len(e[2]) == 0 && len(e[3]) == 0 {
			t.Errorf("%v lacks the languages that it is for", e)
		}
		for i, forms := range e {
			if len(forms) > 0 {
				filled[i]++
			}
			for _, form := range forms {
				if strings.IndexFunc(form, func(r rune) bool { return !unicode.IsLetter(r) && !strings.ContainsRune(" '-", r) }) >= 0 ||
					form != strings.ToLower(form) || strings.Contains(form, "  ") || len(text.Words(form)) > 5 {
					t.Errorf("%q is no word", form)
				}
				if i == 0 && english[form] {
					t.Errorf("%q stands twice", form)
				}
				english[form] = english[form] || i == 0
			}
		}
	}
	for i, n := range filled {
		if n < len(words.entries)*3/4 {
			t.Errorf("%s has %d words of %d", languages[i], n, len(words.entries))
		}
	}
	// In English and French nothing is ambiguous, or it would never be found.
	for i := range 2 {
		for key, at := range words.forms[i] {
			if at == ambiguous {
				t.Errorf("%q means two things in %s", key, languages[i])
			}
		}
	}
}

func TestBadListsAreRefused(t *testing.T) {
	for _, list := range []string{"water | eau | maji", "water | eau | maji | amazi | x", "water | | maji | amazi", "water/water | eau | maji | amazi", "?! | eau | maji | amazi"} {
		if _, err := read(list); err == nil {
			t.Errorf("%q is taken", list)
		}
	}
}

func TestWordsOfAPassage(t *testing.T) {
	passage := "The heart pumps blood through the arteries. A volcano is a mountain; volcanoes throw stones. The heart is a muscle. Wash teeth."
	got := Words(passage, text.English, text.Swahili, 8)
	want := []appliance.Gloss{{Word: "heart", Meaning: "moyo"}, {Word: "blood", Meaning: "damu"}, {Word: "artery", Meaning: "ateri"}, {Word: "volcano", Meaning: "volkano"},
		{Word: "mountain", Meaning: "mlima"}, {Word: "stone", Meaning: "jiwe"}, {Word: "muscle", Meaning: "msuli"}, {Word: "tooth", Meaning: "jino"}}
	if !slices.Equal(got, want) {
		t.Errorf("%v", got)
	}
	if got := Words(passage, text.English, text.Swahili, 2); len(got) != 2 {
		t.Errorf("%v", got)
	}
	for _, pair := range [][2]string{{"en", "en"}, {"", "sw"}, {"en", ""}, {"de", "sw"}} {
		if got := Words(passage, pair[0], pair[1], 8); len(got) > 0 {
			t.Errorf("%v: %v", pair, got)
		}
	}
	for _, x := range []struct{ passage, from, to, word, meaning string }{
		{"Le cœur est un muscle.", text.French, text.Kinyarwanda, "cœur", "umutima"},
		{"Plants give off carbon dioxide at night.", text.English, text.French, "carbon dioxide", "dioxyde de carbone"},
		{"Umutima ni umukaya.", text.Kinyarwanda, text.English, "umutima", "heart"},
		{"Uturemangingo tw'ibimera", text.Kinyarwanda, text.French, "akaremangingo", "cellule"},
		{"Sweet potatoes grow in the soil.", text.English, text.Kinyarwanda, "sweet potato", "ikijumba"},
	} {
		if got := Words(x.passage, x.from, x.to, 8); !slices.Contains(got, appliance.Gloss{Word: x.word, Meaning: x.meaning}) {
			t.Errorf("%s: %v", x.passage, got)
		}
	}
	// Mwezi is the moon and the month: the list does not know which.
	if got := Words("Mwezi huzunguka dunia.", text.Swahili, text.English, 8); slices.ContainsFunc(got, func(g appliance.Gloss) bool { return g.Word == "mwezi" }) {
		t.Errorf("%v", got)
	}
}
