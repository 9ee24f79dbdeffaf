package tutor

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/text"
)

// A citation stands behind a sentence only if code finds the sentence's
// content in the passage. Both limits are judgement, checked on the answer
// sets (docs/evaluation.md): a paraphrase keeps most of its rare words, an
// invented fact brings rare words or numbers of its own.
const (
	supportAll = 0.6 // share of the sentence's term weight that the passage must hold
	supportNew = 0.5 // the same of the terms that were not already in the question
	perPassage = 2   // most citations on one sentence
)

var marker = regexp.MustCompile(`\s*\[(\d{1,2})\]`)

// cite attaches to each sentence of an answer the citations that its content
// supports. offered are the passages that the model read, numbered from 1 in
// this order; markers that it wrote itself are only taken as a preference, and
// removed where the passage does not support the sentence. It returns the text
// with the markers renumbered in order of appearance, their citations, and the
// share of the sentences with content that are supported.
func cite(answer, question, language string, offered []appliance.Passage, w text.Weights) (string, []appliance.Citation, float64) {
	sources := make([]map[string]bool, len(offered))
	for i, p := range offered {
		sources[i] = stems(p.Heading + "\n" + p.Text)
	}
	asked := stems(question)
	var cited []appliance.Citation
	number := map[int]int{} // index in offered → number in the text
	supported, content := 0, 0
	var out strings.Builder
	for i, line := range strings.Split(answer, "\n") {
		if i > 0 {
			out.WriteByte('\n')
		}
		for j, s := range sentences(line) {
			if j > 0 {
				out.WriteByte(' ')
			}
			preferred := markers(s)
			s = strings.TrimSpace(marker.ReplaceAllString(s, ""))
			out.WriteString(s)
			claim := terms(s, language)
			if len(claim) == 0 || stopWord(language, claim[0]) {
				continue // nothing but stop words, such as "Yes, it is."
			}
			content++
			found := supporters(claim, asked, sources, preferred, w)
			if len(found) > 0 {
				supported++
			}
			for _, k := range found {
				if number[k] == 0 {
					number[k] = len(cited) + 1
					cited = append(cited, citation(number[k], spoken(offered[k], claim, w)))
				}
				out.WriteString(" [" + strconv.Itoa(number[k]) + "]")
			}
		}
	}
	if content == 0 {
		return out.String(), cited, 0
	}
	return out.String(), cited, float64(supported) / float64(content)
}

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

// supporters returns the passages that support a claim: the one that covers
// most of it and, if that leaves terms open, the one that covers most of
// those.
func supporters(claim []string, asked map[string]bool, sources []map[string]bool, preferred []int, w text.Weights) []int {
	var found []int
	open := claim
	for len(found) < perPassage && len(open) > 0 {
		best, most := -1, 0.0
		for i, words := range sources {
			if slices.Contains(found, i) || !supports(claim, asked, words, w) {
				continue
			}
			score := w.Coverage(open, words)
			if slices.Contains(preferred, i) {
				score += 0.05
			}
			// Of equals the one found first answers the question best.
			if score > most+1e-9 {
				best, most = i, score
			}
		}
		if best < 0 {
			break
		}
		found = append(found, best)
		open = slices.DeleteFunc(slices.Clone(open), func(t string) bool { return sources[best][stem(t)] })
	}
	return found
}

// supports reports whether a passage holds a claim: its numbers, most of its
// weight, and enough of what it adds to the question.
func supports(claim []string, asked, words map[string]bool, w text.Weights) bool {
	var fresh []string
	for _, t := range claim {
		known := asked[stem(t)]
		if hasDigit(t) && !known && !words[stem(t)] {
			return false
		}
		if !known {
			fresh = append(fresh, t)
		}
	}
	if w.Coverage(claim, words) < supportAll {
		return false
	}
	return len(fresh) == 0 || w.Coverage(fresh, words) >= supportNew
}

// markers returns the indices that the [n] of a sentence name.
func markers(sentence string) []int {
	var found []int
	for _, m := range marker.FindAllStringSubmatch(sentence, -1) {
		n, _ := strconv.Atoi(m[1])
		found = append(found, n-1)
	}
	return found
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
