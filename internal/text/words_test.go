package text

import (
	"slices"
	"strings"
	"testing"
)

func TestSentences(t *testing.T) {
	for s, want := range map[string][]string{
		"One. Two! Three? Four": {"One.", "Two!", "Three?", "Four"},
		"Dr. A. Kalibata works at 3.5 km, e.g. in Kigali. She left.": {"Dr. A. Kalibata works at 3.5 km, e.g. in Kigali.", "She left."},
		"He said “Go.” They went.":                                   {"He said “Go.”", "They went."},
		"It is so [1]. And so. [2] Yes":                              {"It is so [1].", "And so. [2]", "Yes"},
		"First line\nSecond line\n\n":                                {"First line", "Second line"},
		"":                                                           nil,
	} {
		if got := Sentences(s); !slices.Equal(got, want) {
			t.Errorf("%q\n got %q\nwant %q", s, got, want)
		}
	}
}

func TestLanguageOfQuestions(t *testing.T) {
	for text, want := range map[string]string{
		"How deep is Lake Kivu?":                  English,
		"Qu'est-ce qui cause le paludisme ?":      French,
		"Comment préparer l'akassa?":              French,
		"Sultan wa kwanza wa Zanzibar anaitwaje?": Swahili,
		"Umurwa mukuru w'u Bugereki ni uwuhe?":    Kinyarwanda,
		"Ni ikihe kiyaga Kenya ikoraho?":          Kinyarwanda,
		"photosynthesis":                          "",
		"F = m a, d t":                            "",
	} {
		if got := Language(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestFoldAndWords(t *testing.T) {
	for in, want := range map[string][]string{
		"":                       nil,
		"The Cell's DNA":         {"the", "cell", "s", "dna"},
		"L’ÉTÉ, à Huyé":          {"l", "ete", "a", "huye"},
		"e\u0301te\u0301 ﬁn H2O": {"ete", "ﬁn", "h2o"},
		"x² + 3,5":               {"x2", "3", "5"},
	} {
		if got := Words(in); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	if got := Fold("ÉCOLE Primaire"); got != "ecole primaire" {
		t.Error(got)
	}
}

func TestPowersStayApart(t *testing.T) {
	for in, want := range map[string]string{
		"3 × 10⁸ m/s": "3 10 8 m s", "CO₂": "co2", "5 m²": "5 m2", "10⁻³": "10 3", "H₂SO₄": "h2so4", "2ⁿ": "2n", "x²³": "x23", "5²": "5 2",
	} {
		if got := strings.Join(Words(in), " "); got != want {
			t.Errorf("%s: %q, want %q", in, got, want)
		}
	}
}

func TestTerms(t *testing.T) {
	for _, test := range []struct {
		text, language string
		want           []string
	}{
		{"How deep is Lake Kivu, the deep lake?", English, []string{"deep", "lake", "kivu"}},
		{"Qu'est-ce que l'eau ?", French, []string{"eau"}},
		{"Comment semer le maïs ?", French, []string{"semer", "mais"}},
		{"Il pleut, mais il fait chaud", French, []string{"pleut", "chaud"}},
		{"Who is it?", English, []string{"who", "is", "it"}}, // all that it can be searched by
		{"How deep?", "", []string{"how", "deep"}},
	} {
		if got := Terms(test.text, test.language); !slices.Equal(got, test.want) {
			t.Errorf("%q: %q, want %q", test.text, got, test.want)
		}
	}
}

func TestStem(t *testing.T) {
	for _, same := range [][2]string{{"cells", "cell"}, {"discovered", "discovering"}, {"plante", "plantes"}, {"1959", "1959"}} {
		if a, b := Stem(same[0]), Stem(same[1]); a != b {
			t.Errorf("%v: %q and %q", same, a, b)
		}
	}
	if Stem("1958") == Stem("1959") || Stem("lake") == Stem("king") {
		t.Error("different words have the same stem")
	}
}

func TestCoverage(t *testing.T) {
	terms := []string{"deep", "kivu"}
	w := Weigh(terms, 100, []int{50, 1})
	if w.of("kivu") <= w.of("deep") || w.of("unknown") < w.of("kivu") {
		t.Error("rare words do not tell more:", w)
	}
	if got := w.Coverage(terms, Stems("Lake Kivu")); got < 0.9 || got >= 1 {
		t.Error("without the frequent word:", got)
	}
	if got := w.Coverage(terms, Stems("Kivu is deep")); got != 1 {
		t.Error("with both:", got)
	}
	if got := w.Coverage(nil, nil); got != 0 {
		t.Error("of nothing:", got)
	}
}

func TestShorten(t *testing.T) {
	for in, want := range map[string]string{"short": "short", "some longer text": "some…", "éééééééééééé": "éééééééé…"} {
		if got := Shorten(in, 8); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}
