package tutor

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/bwenge-os/bwenge/appliance"
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

// weigher gives terms their IDF; terms it does not know count as rare.
type weigher struct {
	weight map[string]float64
	rare   float64
}

func (w weigher) of(term string) float64 {
	if v, ok := w.weight[term]; ok {
		return v
	}
	return w.rare
}

// sum is the weight of all terms together.
func (w weigher) sum(terms []string) float64 {
	s := 0.0
	for _, t := range terms {
		s += w.of(t)
	}
	return s
}

var marker = regexp.MustCompile(`\s*\[(\d{1,2})\]`)

// cite attaches to each sentence of text the citations that its content
// supports. offered are the passages that the model read, numbered from 1 in
// this order; markers that it wrote itself are only taken as a preference, and
// removed where the passage does not support the sentence. It returns the text
// with the markers renumbered in order of appearance, their citations, and the
// share of the sentences with content that are supported.
func cite(text, question, language string, offered []appliance.Passage, w weigher) (string, []appliance.Citation, float64) {
	sources := make([]map[string]bool, len(offered))
	for i, p := range offered {
		sources[i] = stems(p.Heading + "\n" + p.Text)
	}
	asked := stems(question)
	var cited []appliance.Citation
	number := map[int]int{} // index in offered → number in the text
	supported, content := 0, 0
	var out strings.Builder
	for i, line := range strings.Split(text, "\n") {
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
			if len(claim) == 0 || stopwords[language][claim[0]] {
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
					cited = append(cited, citation(number[k], offered[k]))
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
		if yesNo[w] || !stopwords[language][w] && !asked[stem(w)] {
			return false
		}
	}
	return true
}

// supporters returns the passages that support a claim: the one that covers
// most of it and, if that leaves terms open, the one that covers most of
// those.
func supporters(claim []string, asked map[string]bool, sources []map[string]bool, preferred []int, w weigher) []int {
	var found []int
	open := claim
	for len(found) < perPassage && len(open) > 0 {
		best, most := -1, 0.0
		for i, words := range sources {
			if slices.Contains(found, i) || !supports(claim, asked, words, w) {
				continue
			}
			score := coverage(open, words, w)
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
func supports(claim []string, asked, words map[string]bool, w weigher) bool {
	var fresh []string
	for _, t := range claim {
		known := asked[stem(t)]
		if isNumber(t) && !known && !words[stem(t)] {
			return false
		}
		if !known {
			fresh = append(fresh, t)
		}
	}
	if coverage(claim, words, w) < supportAll {
		return false
	}
	return len(fresh) == 0 || coverage(fresh, words, w) >= supportNew
}

// coverage is the share of the terms' weight that stands among the words.
func coverage(claim []string, words map[string]bool, w weigher) float64 {
	var all, held float64
	for _, t := range claim {
		v := w.of(t)
		all += v
		if words[stem(t)] {
			held += v
		}
	}
	if all == 0 {
		return 0
	}
	return held / all
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

func citation(number int, p appliance.Passage) appliance.Citation {
	return appliance.Citation{Number: number, ChunkID: p.ID, SourceID: p.SourceID, SourceTitle: p.SourceTitle,
		SourceKind: p.SourceKind, MediaType: p.MediaType, Place: p.Place, Heading: p.Heading, Text: p.Text}
}

func isNumber(word string) bool {
	return strings.ContainsFunc(word, unicode.IsDigit)
}

// stems returns the set of the stems of a text's words.
func stems(text string) map[string]bool {
	m := map[string]bool{}
	for _, w := range words(text) {
		m[stem(w)] = true
	}
	return m
}

// stem cuts the endings that English and French inflect by, so that "cells"
// supports "cell" and "discovered" supports "discovers". It is crude on
// purpose: it only ever compares words of one claim with words of one passage.
func stem(word string) string {
	if len(word) < 5 || isNumber(word) {
		return strings.TrimSuffix(word, "s")
	}
	for _, ending := range []string{"ements", "ations", "ingly", "ement", "ation", "ments", "ness", "ment", "ings",
		"edly", "ing", "ies", "ers", "est", "ees", "ed", "es", "er", "ly", "ee", "s", "e", "y"} {
		if rest, ok := strings.CutSuffix(word, ending); ok && len(rest) >= 4 {
			return rest
		}
	}
	return word
}
