package extract

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// brokenMark stands in a text where a line ended with a hyphen, until it is known
// whether the hyphen belongs to the word. (It is no character of Unicode's.)
const brokenMark = '\ufdd0'

// joinLines puts the second line of a paragraph behind the first. A word that was
// divided at the line's end gets a brokenMark.
func joinLines(first, second string) string {
	if strings.HasSuffix(first, string(brokenMark)) {
		return first + second
	}
	stem, ok := strings.CutSuffix(first, "-")
	if next, _ := utf8.DecodeRuneInString(second); ok && endsInLetter(stem) && (unicode.IsLetter(next) || unicode.IsDigit(next)) {
		return stem + string(brokenMark) + second
	}
	return first + " " + second
}

// wordbook counts the words of a document that stand whole in a line. What else
// is in a document tells how its words are written; no dictionary knows the words
// of all its languages.
type wordbook map[string]int

// maxWords bounds a wordbook.
const maxWords = 200_000

// add takes the words of a text in. Those that stand beside a brokenMark, and the
// last one if it ends with a hyphen, are not whole.
func (w wordbook) add(text string) {
	if len(w) > maxWords {
		return
	}
	for _, word := range strings.FieldsFunc(text, notOfWord) {
		if strings.ContainsRune(word, brokenMark) || strings.HasSuffix(word, "-") {
			continue
		}
		w[strings.ToLower(strings.Trim(word, "-'’"))]++
	}
}

func notOfWord(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '-' && r != '\'' && r != '’' && r != brokenMark
}

// mend decides about each brokenMark of a text.
func (w wordbook) mend(text string) string {
	for {
		before, after, found := strings.Cut(text, string(brokenMark))
		if !found {
			return text
		}
		first := before[strings.LastIndexFunc(before, notOfWord)+1:]
		last := after
		if i := strings.IndexFunc(after, notOfWord); i >= 0 {
			last = after[:i]
		}
		last, _, _ = strings.Cut(last, string(brokenMark))
		if w.hyphenated(first, last) {
			text = before + "-" + after
		} else {
			text = before + after
		}
	}
}

// hyphenated reports whether the hyphen between two parts of a word belongs to
// it, and not only to the line's end.
func (w wordbook) hyphenated(first, last string) bool {
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
	hyphenFirst = setOf("well self half cross twenty thirty forty fifty sixty seventy eighty ninety " +
		"celui celle ceux celles demi peut lui elle eux moi toi nous vous quatre soixante vingt trente quarante cinquante")
	hyphenLast = setOf("known free based like shaped sized il ils elle elles même mêmes là ci vous nous huit dix")
)
