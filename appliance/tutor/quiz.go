package tutor

import (
	"slices"
	"strings"
	"unicode"

	"github.com/bwenge-os/bwenge/appliance"
)

// quizQuestion is a sentence of the material with a gap, and what could stand
// there. Answer is the index of what does.
type quizQuestion struct {
	Text    string   `json:"text"`
	Options []string `json:"options"`
	Answer  int      `json:"answer"`
	ChunkID int64    `json:"chunk_id"`
}

const (
	quizQuestions = 3
	quizOptions   = 3
	gap           = "_____"
)

// quiz makes questions of passages: in a sentence that names a number or
// something by its own name, that is left out; the wrong options are others of
// the same kind from the same passages (a year is no depth in metres). Where there are not enough of them
// there is no question.
func quiz(passages []appliance.Passage) []quizQuestion {
	var numbers, names []string
	for _, p := range passages {
		for _, s := range sentences(p.Text) {
			for i, w := range quizWords(s) {
				switch {
				case isQuantity(w) && !slices.Contains(numbers, w):
					numbers = append(numbers, w)
				case i > 0 && isName(w) && !slices.Contains(names, w):
					names = append(names, w)
				}
			}
		}
	}
	var out []quizQuestion
	for _, p := range passages {
		for _, s := range sentences(p.Text) {
			words := quizWords(s)
			if len(out) == quizQuestions || len(words) < 6 || len(words) > 30 {
				continue
			}
			for i, w := range words {
				pool := names
				if isQuantity(w) {
					pool = numbers
				} else if i == 0 || !isName(w) {
					continue
				}
				if q, ok := withGap(s, w, pool, p.ID, len(out)); ok {
					out = append(out, q)
					break
				}
			}
		}
	}
	return out
}

func withGap(sentence, word string, pool []string, chunk int64, n int) (quizQuestion, bool) {
	q := quizQuestion{Text: strings.Replace(sentence, word, gap, 1), ChunkID: chunk}
	for _, other := range pool {
		if other != word && (!isQuantity(word) || len(other) == len(word)) && !strings.Contains(sentence, other) && len(q.Options) < quizOptions-1 {
			q.Options = append(q.Options, other)
		}
	}
	if len(q.Options) < quizOptions-1 || strings.Contains(q.Text, word) {
		return q, false
	}
	// The right one's place differs from question to question, and is the same
	// each time that the quiz is made.
	q.Answer = (n + len(sentence)) % quizOptions
	q.Options = slices.Insert(q.Options, q.Answer, word)
	return q, true
}

func quizWords(s string) []string {
	var out []string
	for _, w := range strings.Fields(s) {
		out = append(out, strings.Trim(w, `.,;:!?()[]"'“”«»`))
	}
	return out
}

func isQuantity(w string) bool {
	return len(w) > 1 && strings.IndexFunc(w, func(c rune) bool { return !unicode.IsDigit(c) }) < 0
}

func isName(w string) bool {
	runes := []rune(w)
	if len(runes) < 4 || !unicode.IsUpper(runes[0]) {
		return false
	}
	for _, c := range runes[1:] {
		if !unicode.IsLower(c) {
			return false
		}
	}
	return true
}
