// Package lists answers questions that want several things (kinds, parts, signs,
// steps in order) with a list that stands in the material, whole and in order.
//
// Small models lose items, add some, and mix two lists. Code does not, but it
// may take the wrong list. So it takes one only where what introduces the list
// says what the question asks for, where the number that is asked for or stated
// is the number of the items, and where no second list fits as well. In doubt
// there is no list.
package lists

import (
	"cmp"
	"slices"
	"strings"

	"github.com/bwenge-os/bwenge/internal/text"
)

// Text is a piece of material, in the order of its source: heading path (parts
// joined by appliance.HeadingSeparator) and text. The items of a list are lines
// ("1. …", "- …", "• …", "a) …") below the sentence that introduces them; tables
// are lines of cells ("A | B").
type Text struct {
	Source  string
	Seq     int
	Heading string
	Text    string
	Table   bool
}

// List is a list of the material.
type List struct {
	Lead    string   // the sentence that introduces it, or the heading, for display
	Items   []string // whole, in order, as they stand, without their marks
	Ordered bool     // numbered, or a sequence by words (first, then, last)
	From    []int    // indexes of the texts that the items stand in, without repeats, in order
}

// Bounds on what is looked at: what search finds is far less.
const (
	maxTexts = 24
	maxBytes = 4 << 10 // of each text: a passage is half of that
	maxItems = 30
	maxItem  = 240 // characters of an item that is shown whole
)

// Find returns the list that answers a question in a language ("" if unknown).
// terms are the question's, w weighs them. texts are what search found, best
// first, each followed by its neighbours in its source. It reports false if none
// answers it, or not clearly one.
func Find(asked, language string, terms []string, w text.Weights, texts []Text) (List, bool) {
	q := read(asked, language, terms, w)
	if !q.wanted || len(texts) == 0 {
		return List{}, false
	}
	texts = slices.Clone(texts[:min(len(texts), maxTexts)])
	for i := range texts {
		texts[i].Text = strings.ToValidUTF8(texts[i].Text[:min(len(texts[i].Text), maxBytes)], "")
	}
	var fit []*candidate
	for _, c := range gather(q, texts) {
		if c.score = q.score(c); c.score > 0 {
			fit = append(fit, c)
		}
	}
	if len(fit) == 0 {
		return List{}, false
	}
	slices.SortStableFunc(fit, func(a, b *candidate) int { return cmp.Compare(b.score, a.score) })
	best := fit[0]
	for _, other := range fit[1:] {
		if best.score-other.score < clearly && !best.same(other) {
			return List{}, false
		}
	}
	return best.list(), true
}
