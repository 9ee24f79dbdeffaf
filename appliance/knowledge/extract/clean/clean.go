// Package clean makes text that was read fit to store, to show and to search.
package clean

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Text makes text fit to store and show: valid UTF-8 in NFC, no control or
// invisible characters, single spaces, paragraphs separated by one blank line,
// single line breaks kept (tables and lists have them).
func Text(s string) string {
	var out strings.Builder
	out.Grow(len(s))
	blank := 0 // line ends since the last word
	for line := range strings.Lines(s) {
		line = Line(line)
		if line == "" {
			blank++
			continue
		}
		if out.Len() > 0 {
			out.WriteByte('\n')
			if blank > 0 {
				out.WriteByte('\n')
			}
		}
		blank = 0
		out.WriteString(line)
	}
	return out.String()
}

// Line is Text for a single line.
func Line(s string) string {
	if plainLine(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	space := false
	for _, r := range norm.NFC.String(s) {
		if long, ok := ligatures[r]; ok {
			if space && b.Len() > 0 {
				b.WriteByte(' ')
			}
			space = false
			b.WriteString(long)
			continue
		}
		switch {
		case unicode.IsSpace(r):
			space = true
			continue
		case r == utf8.RuneError, unicode.IsControl(r), invisible(r):
			continue
		}
		if space && b.Len() > 0 {
			b.WriteByte(' ')
		}
		space = false
		b.WriteRune(r)
	}
	return b.String()
}

// plainLine reports whether Line would change nothing: most lines are
// ASCII with single spaces.
func plainLine(s string) bool {
	last := byte(' ')
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c < ' ' || c >= 0x7f || c == ' ' && last == ' ' {
			return false
		}
		last = c
	}
	return last != ' ' || s == ""
}

// ligatures that typesetters leave in PDF text and that no search finds.
var ligatures = map[rune]string{
	'ﬀ': "ff", 'ﬁ': "fi", 'ﬂ': "fl", 'ﬃ': "ffi", 'ﬄ': "ffl", 'ﬅ': "st", 'ﬆ': "st",
}

// invisible reports characters that show nothing and break words for search:
// soft hyphens, zero-width marks, direction overrides, private use,
// non-characters and tags (in which text can be hidden from people).
func invisible(r rune) bool {
	switch {
	case r == '\u200c' || r == '\u200d': // joiners carry meaning in some scripts
		return false
	case r == '\u00ad', r == '\ufeff', r == '\u2060',
		r >= '\u200b' && r <= '\u200f',
		r >= '\u202a' && r <= '\u202e',
		r >= '\u2066' && r <= '\u2069',
		r >= 0xfff0 && r <= 0xffff && r != '\ufffd',
		r >= 0xe0000 && r <= 0xe0fff:
		return true
	}
	return unicode.Is(unicode.Co, r)
}

// Split cuts text that is longer than limit bytes at the last paragraph,
// line, sentence or word end before it.
func Split(s string, limit int) (head, rest string) {
	if len(s) <= limit {
		return s, ""
	}
	window := s[:limit]
	for _, end := range []string{"\n\n", "\n", ". ", " "} {
		if i := strings.LastIndex(window, end); i > limit/2 {
			return strings.TrimSpace(s[:i+len(end)]), strings.TrimSpace(s[i+len(end):])
		}
	}
	head = Clip(s, limit)
	return head, s[len(head):]
}

// Clip shortens a string to at most limit bytes without cutting a character.
func Clip(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit]
}
