package clean

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestText(t *testing.T) {
	for in, want := range map[string]string{
		"  One\t two \r\n\n\n\nthree\nfour\n": "One two\n\nthree\nfour",
		"a\x01b\u200bc\u202ed\u00ade\u00a0f":  "abcde f",
		"e\u0301le\u0300ve \ufb01n\xff":       "élève fin",
		"ن\u200cم":                            "ن\u200cم", // a joiner that carries meaning
		"Hi\U000E0041\U000E0042 there\ue000":  "Hi there",
		" \n \n":                              "",
	} {
		if got := Text(in); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
}

func TestSplit(t *testing.T) {
	for _, c := range []struct {
		in         string
		limit      int
		head, rest string
	}{
		{"short", 10, "short", ""},
		{"First part.\n\nSecond part.", 20, "First part.", "Second part."},
		{"One two. Three four", 12, "One two.", "Three four"},
		{"abcdefghij klm", 12, "abcdefghij", "klm"},
		{strings.Repeat("é", 10), 9, strings.Repeat("é", 4), strings.Repeat("é", 6)},
	} {
		if head, rest := Split(c.in, c.limit); head != c.head || rest != c.rest {
			t.Errorf("%q at %d: %q and %q", c.in, c.limit, head, rest)
		}
	}
}

func TestClipCutsNoLetter(t *testing.T) {
	for limit := range 12 {
		if got := Clip("aéß漢字z", limit); len(got) > limit || !utf8.ValidString(got) {
			t.Errorf("%d: %q", limit, got)
		}
	}
}
