package pdf

import (
	"strings"
	"unicode"

	"github.com/klippa-app/go-pdfium/enums"
	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"

	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/letters"
)

// How letters stand to the line: raised ones are powers or the marks of
// footnotes, lowered ones indices.
type stance int8

const (
	onLine stance = iota
	raisedUp
	loweredDown
)

const (
	// A raised letter's foot is at least scriptRise of the line's height above
	// the line, a lowered one's scriptFall below it, and both are smaller than
	// scriptSize of it, if they are not far off it.
	scriptRise, scriptFall, scriptFar = 0.12, 0.05, 0.3
	scriptSize                        = 0.9
	// maxScripted is the longest word that is looked at; powers stand in short
	// ones.
	maxScripted = 16
)

// stances finds raised and lowered letters of a line; nil if it has none. Asking
// the engine where a letter stands takes time, so only words are looked at that
// may hold one: those with digits and signs, and words of two letters.
func (d *Document) stances(line []pageChar, text references.FPDF_TEXTPAGE) []stance {
	var found []stance
	prev := -1 // the visible character before the word, or behind it at the start
	for start := 0; start < len(line); {
		if line[start].r == letters.BrokenMark || unicode.IsSpace(line[start].r) {
			start++
			continue
		}
		end := start
		digits, alphas := 0, 0
		for end < len(line) && line[end].r != letters.BrokenMark && !unicode.IsSpace(line[end].r) {
			switch {
			case line[end].r >= '0' && line[end].r <= '9':
				digits++
			case unicode.IsLetter(line[end].r):
				alphas++
			}
			end++
		}
		n := end - start
		if prev < 0 { // at the start of a line: against what follows
			for prev = end; prev < len(line) && unicode.IsSpace(line[prev].r); prev++ {
			}
			if prev == len(line) {
				prev = -1
			}
		}
		short := n <= 3 && prev >= 0 // it may be raised as a whole
		if n <= maxScripted && (digits > 0 && (n > 1 || short) || n == 2 && alphas > 0) {
			if d.differ(line, start, end, prev, short, digits == n, text) {
				if found == nil {
					found = make([]stance, len(line))
				}
				d.stand(line, found, start, end, prev, text)
			}
		}
		prev = end - 1
		start = end
	}
	return found
}

// differ reports whether the alphas of a word are not all of one size and at
// one height; of a number, two tell.
func (d *Document) differ(line []pageChar, start, end, prev int, short, number bool, text references.FPDF_TEXTPAGE) bool {
	first, ok := d.box(text, line[start].index)
	if !ok {
		return false
	}
	other := func(i int) bool {
		b, ok := d.box(text, line[i].index)
		height := max(first.top-first.bottom, 0.1)
		return ok && (b.bottom-first.bottom > 0.04*height || first.bottom-b.bottom > 0.04*height)
	}
	if short && other(prev) {
		return true
	}
	if number {
		return end-start > 1 && other(end-1)
	}
	for i := start + 1; i < end; i++ {
		if other(i) {
			return true
		}
	}
	return false
}

// stand tells for each letter of a word how it stands.
func (d *Document) stand(line []pageChar, found []stance, start, end, prev int, text references.FPDF_TEXTPAGE) {
	type letter struct{ foot, size float64 }
	look := func(i int) (letter, bool) {
		b, ok := d.box(text, line[i].index)
		if !ok {
			return letter{}, false
		}
		foot, ok := d.foot(text, line[i].index)
		return letter{foot, b.top - b.bottom}, ok
	}
	var base letter // the largest one
	for i := start - 1; i < end; i++ {
		at := i
		if i < start {
			at = prev
		}
		if at < 0 {
			continue
		}
		if l, ok := look(at); ok && l.size > base.size*1.02 {
			base = l
		}
	}
	if base.size <= 0 {
		return
	}
	for i := start; i < end; i++ {
		l, ok := look(i)
		if !ok {
			continue
		}
		rise, small := (l.foot-base.foot)/base.size, l.size < scriptSize*base.size
		switch {
		case rise > scriptRise && rise < 1 && (small || rise > scriptFar):
			found[i] = raisedUp
		case rise < -scriptFall && rise > -0.8 && small:
			found[i] = loweredDown
		}
	}
}

// foot is the height of the line that a character stands on.
func (d *Document) foot(text references.FPDF_TEXTPAGE, index int) (float64, bool) {
	o, err := d.engine.FPDFText_GetCharOrigin(&requests.FPDFText_GetCharOrigin{TextPage: text, Index: index})
	if err != nil {
		return 0, false
	}
	switch d.rotation {
	case enums.FPDF_PAGE_ROTATION_90_CW:
		return -o.X, true
	case enums.FPDF_PAGE_ROTATION_180_CW:
		return -o.Y, true
	case enums.FPDF_PAGE_ROTATION_270_CW:
		return o.X, true
	}
	return o.Y, true
}

// withScripts writes a line with its powers and indices.
func withScripts(line []pageChar, how []stance) string {
	var b strings.Builder
	for i := 0; i < len(line); {
		if how[i] == onLine {
			b.WriteRune(line[i].r)
			i++
			continue
		}
		end := i
		var script strings.Builder
		for end < len(line) && how[end] == how[i] {
			script.WriteRune(line[end].r)
			end++
		}
		base := b.String()
		following := ""
		for _, c := range line[end:] {
			if unicode.IsSpace(c.r) {
				break
			}
			following += string(c.r)
		}
		if how[i] == loweredDown {
			trimmed := strings.TrimRight(base, " ")
			b.Reset()
			b.WriteString(trimmed + letters.Subscript(trimmed, script.String()))
		} else {
			b.Reset()
			b.WriteString(raisedText(base, script.String(), following))
		}
		i = end
	}
	return b.String()
}

// raisedText puts a raised text behind its base: as a power, or as the mark of a
// footnote, which stands behind whole words and full stops.
func raisedText(base, script, following string) string {
	trimmed := strings.TrimRight(base, " ")
	if script = strings.TrimSpace(script); script == "" {
		return base
	}
	if !isFootnoteMark(trimmed, script, following) {
		if trimmed == "" || following != "" && base != trimmed { // ²³⁵U
			return base + letters.Superscript(base, script)
		}
		return trimmed + letters.Superscript(trimmed, script)
	}
	if trimmed == "" {
		return "[" + script + "] "
	}
	return trimmed + " [" + script + "]"
}

// powered are the words of more than one letter that a power stands behind.
var powered = letters.SetOf("sin cos tan cot log ln exp km hm dam dm cm mm µm μm nm ft ha kg mg ms ds dx dy dt")

func isFootnoteMark(base, script, following string) bool {
	if strings.Trim(script, "0123456789, ") != "" || len(script) > 5 {
		return false
	}
	if base == "" {
		return len([]rune(following)) > 2 || following == ""
	}
	if following != "" && !unicode.IsPunct([]rune(following)[0]) && !strings.HasSuffix(base, ".") {
		return false // a mark ends a word
	}
	letters := []rune(base)
	from := len(letters)
	for from > 0 && unicode.IsLetter(letters[from-1]) {
		from--
	}
	word := letters[from:]
	if len(word) == 0 {
		last := letters[len(letters)-1]
		return !unicode.IsDigit(last) && last != ')' && last != ']' && last != '²' && last != '³' && !unicode.IsSymbol(last)
	}
	return len(word) > 1 && !powered[strings.ToLower(string(word))]
}
