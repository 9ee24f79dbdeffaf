// Package letters is how texts are written: raised and lowered letters, the signs of
// fonts of symbols, the numbers of lists, and words that a line's end divides.
package letters

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// BrokenMark stands in a text where a line ended with a hyphen, until it is known
// whether the hyphen belongs to the word. (It is no character of Unicode's.)
const BrokenMark = '\ufdd0'

// JoinLines puts the second line of a paragraph behind the first. A word that was
// divided at the line's end gets a BrokenMark.
func JoinLines(first, second string) string {
	if strings.HasSuffix(first, string(BrokenMark)) {
		return first + second
	}
	stem, ok := strings.CutSuffix(first, "-")
	if next, _ := utf8.DecodeRuneInString(second); ok && EndsInLetter(stem) && (unicode.IsLetter(next) || unicode.IsDigit(next)) {
		return stem + string(BrokenMark) + second
	}
	return first + " " + second
}

// Wordbook counts the words of a document that stand whole in a line. What else
// is in a document tells how its words are written; no dictionary knows the words
// of all its languages.
type Wordbook map[string]int

// maxWords bounds a wordbook.
const maxWords = 200_000

// Add takes the words of a text in. Those that stand beside a BrokenMark, and the
// last one if it ends with a hyphen, are not whole.
func (w Wordbook) Add(text string) {
	if len(w) > maxWords {
		return
	}
	for _, word := range strings.FieldsFunc(text, notOfWord) {
		if strings.ContainsRune(word, BrokenMark) || strings.HasSuffix(word, "-") {
			continue
		}
		w[strings.ToLower(strings.Trim(word, "-'’"))]++
	}
}

func notOfWord(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '-' && r != '\'' && r != '’' && r != BrokenMark
}

// Mend decides about each BrokenMark of a text.
func (w Wordbook) Mend(text string) string {
	for {
		before, after, found := strings.Cut(text, string(BrokenMark))
		if !found {
			return text
		}
		first := before[strings.LastIndexFunc(before, notOfWord)+1:]
		last := after
		if i := strings.IndexFunc(after, notOfWord); i >= 0 {
			last = after[:i]
		}
		last, _, _ = strings.Cut(last, string(BrokenMark))
		if w.hyphenated(first, last) {
			text = before + "-" + after
		} else {
			text = before + after
		}
	}
}

// hyphenated reports whether the hyphen between two parts of a word belongs to
// it, and not only to the line's end.
func (w Wordbook) hyphenated(first, last string) bool {
	lowFirst, lowLast := strings.ToLower(first), strings.ToLower(last)
	joined, apart := w[lowFirst+lowLast], w[lowFirst+"-"+lowLast]
	next, _ := utf8.DecodeRuneInString(last)
	prev, _ := utf8.DecodeLastRuneInString(first)
	part := lowFirst[strings.LastIndexByte(lowFirst, '-')+1:]
	allUpper := utf8.RuneCountInString(first) > 1 && strings.ToUpper(first) == first
	switch {
	case last == "":
		return true
	case joined != apart:
		return apart > joined
	case unicode.IsDigit(next), unicode.IsDigit(prev):
		return true
	case unicode.IsUpper(next):
		return !allUpper // a heading in capitals is divided like any other text
	case allUpper, utf8.RuneCountInString(part) == 1, strings.Contains(first, "-") && len(part) <= 3:
		return true // DNA-based, n-hexane, mother-in-law
	}
	return hyphenFirst[part] || hyphenLast[lowLast]
}

// hyphenFirst are words that begin compounds with a hyphen and hardly ever are
// the first syllables of a longer word; hyphenLast are those that end them: in
// French, pronouns and particles.
var (
	hyphenFirst = SetOf("well self half cross twenty thirty forty fifty sixty seventy eighty ninety " +
		"celui celle ceux celles demi peut lui elle eux moi toi nous vous quatre soixante vingt trente quarante cinquante")
	hyphenLast = SetOf("known free based like shaped sized il ils elle elles même mêmes là ci vous nous huit dix")
)

// SetOf is the set of the words of a text.
func SetOf(words string) map[string]bool {
	set := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		set[w] = true
	}
	return set
}

// EndsInLetter reports whether the last character of a text is a letter.
func EndsInLetter(s string) bool {
	r := []rune(s[max(0, len(s)-4):])
	return len(r) > 0 && unicode.IsLetter(r[len(r)-1])
}
