package models

import (
	"hash/maphash"
	"strings"
	"unicode"
)

const (
	repeatRun      = 8 // words that count as a run
	repeatSentence = 4 // words from which a sentence counts: "Yes." may come often
	repeatMost     = 3 // times that the same may be written
)

// Repeats notices a model that goes round in circles: small ones do when their
// material runs out, and would fill the rest of the reply with it. The zero
// value is ready; each reply has its own.
type Repeats struct {
	word      strings.Builder
	words     []uint64 // of the reply so far
	ended     bool     // the last character may have ended a sentence
	began     int      // where the sentence under way began in words
	runs      map[uint64]seen
	sentences map[uint64]int
}

// seen is how often a run has come, and where it ended last: the runs within
// "ha ha ha" overlap, and count once for every eight words.
type seen struct{ times, end int }

var repeatSeed = maphash.MakeSeed()

// Add takes the next piece of the reply. It reports whether with it the same
// sentence, or the same eight words, stand there for the third time, and how
// much of the piece comes before that.
func (r *Repeats) Add(piece string) (upTo string, again bool) {
	for i, c := range piece {
		switch {
		case unicode.In(c, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai): // words are not parted by spaces
			again = r.endWord()
			r.word.WriteRune(c)
			again = r.endWord() || again
			r.ended = false
		case unicode.IsLetter(c), unicode.IsDigit(c), unicode.IsMark(c):
			r.word.WriteRune(unicode.ToLower(c))
			r.ended = false
		default:
			again = r.endWord()
			// A full stop before a space ends a sentence, that of 3.5 does not.
			if c == '\n' || r.ended && unicode.IsSpace(c) {
				again = r.endSentence() || again
			}
			r.ended = strings.ContainsRune(".!?…。！？", c) || r.ended && !unicode.IsSpace(c)
		}
		if again {
			return piece[:i], true
		}
	}
	return piece, false
}

func (r *Repeats) endWord() bool {
	if r.word.Len() == 0 {
		return false
	}
	r.words = append(r.words, maphash.String(repeatSeed, r.word.String()))
	r.word.Reset()
	n := len(r.words)
	if n < repeatRun {
		return false
	}
	if r.runs == nil {
		r.runs = map[uint64]seen{}
	}
	key := together(r.words[n-repeatRun:])
	run := r.runs[key]
	if run.times > 0 && n-run.end < repeatRun {
		return false
	}
	run = seen{run.times + 1, n}
	r.runs[key] = run
	return run.times >= repeatMost
}

func (r *Repeats) endSentence() bool {
	words := r.words[r.began:]
	r.began = len(r.words)
	if len(words) < repeatSentence {
		return false
	}
	if r.sentences == nil {
		r.sentences = map[uint64]int{}
	}
	key := together(words)
	r.sentences[key]++
	return r.sentences[key] >= repeatMost
}

func together(words []uint64) uint64 {
	var h maphash.Hash
	h.SetSeed(repeatSeed)
	for _, w := range words {
		maphash.WriteComparable(&h, w)
	}
	return h.Sum64()
}
