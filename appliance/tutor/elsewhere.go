package tutor

import (
	"slices"
	"strings"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/tutor/glossary"
)

// Pupils ask in one language about books in another. The books are not
// translated: their sentences come in a frame of the pupil's language, with what
// some of their words mean.

// framed puts the reader's frame before sentences that are in another language.
func framed(said, language string) string {
	if spoken := languageOf(said); language != "" && spoken != "" && spoken != language {
		return sayElsewhere.in(language) + "\n" + said
	}
	return said
}

// glossed is how many words of a passage are explained: few enough to be read.
const glossed = 6

// gloss adds to the passages in another language than the answer's what their
// words mean, first those of the sentences that the answer is made of.
func gloss(a *appliance.Answer, language string) {
	told := strings.Join(strings.Fields(a.ResponseText), " ")
	var known []appliance.Gloss
	for i, c := range a.Citations {
		spoken := languageOf(c.Text)
		if language == "" || spoken == "" || spoken == language {
			continue
		}
		var said, rest []string
		for _, s := range sentences(c.Text) {
			if strings.Contains(told, strings.Join(strings.Fields(s), " ")) {
				said = append(said, s)
			} else {
				rest = append(rest, s)
			}
		}
		var list []appliance.Gloss
		for _, g := range glossary.Words(strings.Join(append(said, rest...), "\n"), spoken, language, glossed+len(known)) {
			if len(list) < glossed && !slices.Contains(known, g) {
				list = append(list, g)
			}
		}
		known = append(known, list...)
		a.Citations[i].Language, a.Citations[i].Words = spoken, list
	}
}
