package tutor

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// sentencewise hands a model's text on by whole sentences, without the [n] that
// it writes, and stops at the first that is refused.
type sentencewise struct {
	held  string
	say   func(sentence string) bool // false refuses it
	ended bool
}

// write takes the next piece. It reports false once a sentence was refused.
func (s *sentencewise) write(piece string) bool {
	s.held += piece
	for !s.ended {
		// The last may go on, and so may one that ends in a number: "1." begins an item.
		parts, end, i := sentences(s.held), 0, 0
		for ; i+1 < len(parts); i++ {
			end += strings.Index(s.held[end:], parts[i]) + len(parts[i])
			if !endsInNumber.MatchString(parts[i]) {
				break
			}
		}
		if i+1 >= len(parts) {
			break
		}
		first := s.held[:end]
		s.held = s.held[end:]
		s.ended = !s.say(clean(first))
	}
	return !s.ended
}

var endsInNumber = regexp.MustCompile(`(?:^|\s)\(?[0-9]{1,3}[.)]$`)

// flush says what is left, if it is a whole sentence or whole is not asked for.
func (s *sentencewise) flush(cut bool) {
	rest := clean(s.held)
	if s.held = ""; rest == "" || s.ended || cut && !endsWhole(rest) {
		return
	}
	s.ended = !s.say(rest)
}

func endsWhole(s string) bool {
	last, _ := utf8.DecodeLastRuneInString(s)
	return strings.ContainsRune(`.!?"')”»`, last)
}

func clean(s string) string { return strings.TrimSpace(marker.ReplaceAllString(s, "")) }
