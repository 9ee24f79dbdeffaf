package text

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// abbreviations end in a full stop that ends no sentence.
var abbreviations = Set(`mr mrs ms dr prof st sr jr vs etc e.g i.e cf fig no vol pp ca approx inc co gen col sgt rev
	hon mme mlle ex av env art chap bwana bi`)

// Sentences cuts text into sentences, in order, without surrounding space. It
// cuts after . ! ? … (and their wide forms) when space and something that can
// begin a sentence follow, and at blank lines and line ends that close a list
// item or heading.
func Sentences(text string) []string {
	var out []string
	for line := range strings.Lines(text) {
		start := 0
		for i := 0; i < len(line); {
			r, size := utf8.DecodeRuneInString(line[i:])
			i += size
			if !strings.ContainsRune(".!?…。！？", r) {
				continue
			}
			end := i
			for end < len(line) {
				c, n := utf8.DecodeRuneInString(line[end:])
				if !strings.ContainsRune(`.!?…"'”’»)]`, c) {
					break
				}
				end += n
			}
			// Citations written behind the stop belong to the sentence.
			if m := markerAfter.FindString(line[end:]); m != "" {
				end += len(m)
			}
			if begins(line[end:]) && !(r == '.' && abbreviated(line[start:i-size])) {
				if s := strings.TrimSpace(line[start:end]); s != "" {
					out = append(out, s)
				}
				start = end
			}
			i = end
		}
		if s := strings.TrimSpace(line[start:]); s != "" {
			out = append(out, s)
		}
	}
	return out
}

var markerAfter = regexp.MustCompile(`^(?:\s*\[\d{1,2}\])+`)

// begins reports whether rest is the end of a line or space and then something
// other than a small letter.
func begins(rest string) bool {
	trimmed := strings.TrimLeftFunc(rest, unicode.IsSpace)
	if trimmed == "" {
		return true
	}
	if len(trimmed) == len(rest) {
		return false
	}
	r, _ := utf8.DecodeRuneInString(trimmed)
	return !unicode.IsLower(r)
}

// abbreviated reports whether text ends in an abbreviation or an initial.
func abbreviated(text string) bool {
	last := text[strings.LastIndexFunc(text, unicode.IsSpace)+1:]
	last = strings.ToLower(strings.TrimLeft(last, `("'«“[`))
	return utf8.RuneCountInString(last) == 1 && !unicode.IsDigit([]rune(last)[0]) || abbreviations[last]
}
