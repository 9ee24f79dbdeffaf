package tutor

import (
	"regexp"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/text"
)

var marker = regexp.MustCompile(`\s*\[(\d{1,2})\]`)

// yesNo are the words by which an answer may say something new without a
// content word.
var yesNo = set("yes no oui non si ndiyo ndio hapana yego oya")

// echoes reports whether an answer only says the question again.
func echoes(answer, question, language string) bool {
	asked := stems(question)
	for _, w := range words(answer) {
		if yesNo[w] || !stopWord(language, w) && !asked[stem(w)] {
			return false
		}
	}
	return true
}

// spoken is a passage of a recording as it is cited for a claim: at the sentence
// that holds most of it. Other passages stay as they are.
func spoken(p appliance.Passage, claim []string, w text.Weights) appliance.Passage {
	best := 0.0
	for i, m := range p.Marks {
		end := len(p.Text)
		if i+1 < len(p.Marks) {
			end = p.Marks[i+1].At
		}
		if m.At > end || end > len(p.Text) {
			return p
		}
		if held := w.Coverage(claim, stems(p.Text[m.At:end])); held > best {
			best = held
			p.Place.Start, p.Place.End = m.Start, m.End
		}
	}
	return p
}

func citation(number int, p appliance.Passage) appliance.Citation {
	return appliance.Citation{Number: number, ChunkID: p.ID, SourceID: p.SourceID, SourceTitle: p.SourceTitle,
		SourceKind: p.SourceKind, MediaType: p.MediaType, Place: p.Place, Heading: p.Heading, Text: p.Text}
}
