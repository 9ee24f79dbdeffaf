package letters

import "testing"

func TestHyphensByEvidence(t *testing.T) {
	words := Wordbook{}
	words.Add("The well-being of all; a wellspring, a wellspring. Data-driven work. Datadriven.")
	for broken, want := range map[string]string{
		"well\ufdd0being":             "well-being",
		"the well\ufdd0spring, twice": "the wellspring, twice",
		"PHOTO\ufdd0SYNTHESIS":        "PHOTOSYNTHESIS",
		"temper\ufdd0ature":           "temperature",
		"x\ufdd0ray":                  "x-ray",
		"peut\ufdd0être":              "peut-être",
		"a\ufdd0b\ufdd0cdef":          "a-b-cdef",
		"at the end\ufdd0":            "at the end-",
	} {
		if got := words.Mend(broken); got != want {
			t.Errorf("%q becomes %q, want %q", broken, got, want)
		}
	}
}
