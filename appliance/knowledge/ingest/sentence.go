package ingest

import (
	"iter"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"

	"github.com/bwenge-os/bwenge/appliance"
)

// sentence is the smallest piece that a chunk is made of: a sentence, a line of
// a list or table, a spoken segment, or a piece of something too long.
type sentence struct {
	text    string
	before  string // what joins it to the one before: a space or a line break
	ends    bool   // a chunk may end after it
	heading string
	place   appliance.Place
	tokens  int
}

// follows reports whether a sentence stands on the same page, slide or sheet
// and under the same heading as the one before.
func (u sentence) follows(last sentence) bool {
	return u.heading == last.heading && u.place.Page == last.place.Page && u.place.Slide == last.place.Slide && u.place.Sheet == last.place.Sheet
}

func join(list []sentence) string {
	var b strings.Builder
	for i, u := range list {
		if i > 0 {
			b.WriteString(u.before)
		}
		b.WriteString(u.text)
	}
	return b.String()
}

// sentences cuts a section.
func sentences(s appliance.Section) iter.Seq[sentence] {
	spoken := s.Place.End > 0
	return func(yield func(sentence) bool) {
		for i, paragraph := range strings.Split(s.Text, "\n\n") {
			lines := strings.Split(paragraph, "\n")
			if spoken || wrapped(lines) {
				lines = []string{strings.Join(lines, " ")}
			}
			for j, line := range lines {
				first := true
				for text := range cutSentences(line) {
					u := sentence{text: text, before: " ", ends: true, heading: s.Heading, place: s.Place}
					if spoken {
						// A segment is a breath, not a sentence.
						u.ends = endsSentence(text)
					} else if first {
						u.before = "\n"
						if j == 0 && i > 0 {
							u.before = "\n\n"
						}
					}
					first = false
					if !yield(u) {
						return
					}
				}
			}
		}
	}
}

// wrapped tells a paragraph whose lines were broken to fit a width from a list
// or a table, whose lines mean something.
func wrapped(lines []string) bool {
	if len(lines) < 2 {
		return false
	}
	long := 0
	for _, line := range lines[:len(lines)-1] {
		if strings.ContainsAny(line, "\t|") {
			return false
		}
		if n := utf8.RuneCountInString(line); n >= 45 && n <= 120 && !endsSentence(line) {
			long++
		}
	}
	return 2*long > len(lines)-1
}

func endsSentence(text string) bool {
	text = strings.TrimRightFunc(text, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(`"'”’»)]`, r) })
	r, _ := utf8.DecodeLastRuneInString(text)
	return strings.ContainsRune(".!?…。！？", r)
}

// lineMost is how much of one line is looked at for sentences at once: a file
// may be a single line of a hundred megabytes.
const lineMost = 32 << 10

// cutSentences cuts a line at the ends of its sentences, as Unicode defines
// them (UAX #29).
func cutSentences(line string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for line != "" {
			piece := line
			if len(piece) > lineMost {
				piece = line[:wordEnd(line, lineMost)]
			}
			line = line[len(piece):]
			state := -1
			for piece != "" {
				var text string
				text, piece, state = uniseg.FirstSentenceInString(piece, state)
				if text = strings.TrimSpace(text); text != "" && !yield(text) {
					return
				}
			}
		}
	}
}

// wordEnd is the end of the last word that ends within most bytes, or if there
// is no such word, of the letter that stands there.
func wordEnd(text string, most int) int {
	if len(text) <= most {
		return len(text)
	}
	if i := strings.LastIndexFunc(text[:most], unicode.IsSpace); i > 0 {
		return i
	}
	for most < len(text) && !utf8.RuneStart(text[most]) {
		most++
	}
	return most
}

// cut divides a sentence that is longer than target tokens between its words,
// into pieces that are safely shorter, as far as its average tells.
func (u sentence) cut(target int) []sentence {
	most := max(len(u.text)*target*4/(5*max(u.tokens, 1)), utf8.UTFMax)
	var pieces []sentence
	for rest := u.text; rest != ""; {
		i := wordEnd(rest, most)
		p := u
		if p.text, rest = strings.TrimSpace(rest[:i]), strings.TrimSpace(rest[i:]); p.text == "" {
			continue
		}
		if len(pieces) > 0 {
			p.before = " "
		}
		p.ends = u.ends && rest == ""
		pieces = append(pieces, p)
	}
	return pieces
}

// halve divides a text between two words near its middle.
func halve(text string) (a, b string) {
	i := wordEnd(text, (len(text)+1)/2)
	return strings.TrimSpace(text[:i]), strings.TrimSpace(text[i:])
}
