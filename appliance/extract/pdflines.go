package extract

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf16"

	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"
)

// maxPageChars bounds one page: ten times the densest print.
const maxPageChars = 200_000

// textLine is a line of a PDF page in reading order, in points from the page's
// lower left corner.
type textLine struct {
	text                  string
	left, right           float64
	top, bottom           float64
	size                  float64 // height of its letters' boxes, about the font size
	firstBottom, firstTop float64 // of its first letter: a line that was divided at its end goes on below
	edge                  float64 // where its column ends
	letters               int
	unmapped              int // characters without Unicode
}

// lines returns the page's lines in the order of its content, which writers
// keep to the order of reading, columns included. The engine marks line ends,
// inserts the spaces that are only gaps, and rejoins words divided at a line's
// end.
func (d *pdfDoc) lines(page requests.Page) ([]textLine, error) {
	loaded, err := d.engine.FPDFText_LoadPage(&requests.FPDFText_LoadPage{Page: page})
	if err != nil {
		return nil, err
	}
	text := loaded.TextPage
	defer d.engine.FPDFText_ClosePage(&requests.FPDFText_ClosePage{TextPage: text})
	count, err := d.engine.FPDFText_CountChars(&requests.FPDFText_CountChars{TextPage: text})
	if err != nil {
		return nil, err
	}
	var lines []textLine
	w := lineWriter{}
	for i := range min(count.Count, maxPageChars) {
		c, err := d.engine.FPDFText_GetUnicode(&requests.FPDFText_GetUnicode{TextPage: text, Index: i})
		if err != nil {
			return lines, err
		}
		switch r := rune(c.Unicode); r {
		case '\r':
		case '\n':
			lines = d.finish(lines, &w, text)
		default:
			w.add(r, i)
		}
	}
	return orderColumns(d.finish(lines, &w, text)), nil
}

// lineWriter gathers the characters of a line and the places of those whose
// boxes are asked for: asking for every box would take most of the time.
type lineWriter struct {
	b           strings.Builder
	high        rune // first half of a surrogate pair
	first, last int  // index+1 of the first and the last visible character
	middle      []int
	letters     int
	unmapped    int
}

func (w *lineWriter) add(r rune, index int) {
	if utf16.IsSurrogate(r) {
		if w.high == 0 {
			w.high = r
			return
		}
		r, w.high = utf16.DecodeRune(w.high, r), 0
	}
	switch {
	case r == 0 || r == unicode.ReplacementChar || unicode.Is(unicode.Co, r):
		w.unmapped++
		return
	case r == 2: // the engine's mark for a hyphen that it removed
		return
	}
	w.b.WriteRune(r)
	if unicode.IsSpace(r) {
		return
	}
	if w.first == 0 {
		w.first = index + 1
	}
	w.last = index + 1
	if unicode.IsLetter(r) || unicode.IsDigit(r) {
		w.letters++
		if w.letters == 1 || w.letters == 10 || w.letters == 30 {
			w.middle = append(w.middle, index)
		}
	}
}

// finish ends a line and asks where it stands.
func (d *pdfDoc) finish(lines []textLine, w *lineWriter, text references.FPDF_TEXTPAGE) []textLine {
	defer func() { *w = lineWriter{} }()
	l := textLine{text: leaders.ReplaceAllString(cleanLine(w.b.String()), leader), letters: w.letters, unmapped: w.unmapped}
	if l.text == "" {
		if l.unmapped > 0 && len(lines) > 0 {
			lines[len(lines)-1].unmapped += l.unmapped
		}
		return lines
	}
	first, ok := d.box(text, w.first-1)
	if !ok {
		return append(lines, l)
	}
	last, ok := d.box(text, w.last-1)
	if !ok {
		last = first
	}
	l.left, l.firstTop, l.firstBottom = first.left, first.top, first.bottom
	l.right = max(last.right, first.right)
	l.top, l.bottom = max(first.top, last.top), min(first.bottom, last.bottom)
	l.size = first.top - first.bottom
	var sizes []float64
	for _, i := range w.middle { // superscripts and initials are not the line
		if b, ok := d.box(text, i); ok && b.top-b.bottom > 0 {
			sizes = append(sizes, b.top-b.bottom)
		}
	}
	if len(sizes) > 0 {
		slices.Sort(sizes)
		l.size = sizes[len(sizes)/2]
	}
	return append(lines, l)
}

// leaders are the dots that lead the eye to a page number.
var leaders = regexp.MustCompile(`(\s*\.){4,}\s*|(\s\.){2,}\s+`)

const leader = " … "

type charBox struct{ left, right, top, bottom float64 }

// box is the place of a character with the height of its font.
func (d *pdfDoc) box(text references.FPDF_TEXTPAGE, index int) (charBox, bool) {
	b, err := d.engine.FPDFText_GetLooseCharBox(&requests.FPDFText_GetLooseCharBox{TextPage: text, Index: index})
	if err != nil {
		return charBox{}, false
	}
	r := b.Rect
	return charBox{float64(r.Left), float64(r.Right), float64(r.Top), float64(r.Bottom)}, true
}

// countLetters counts a page's letters, and says whether most of its characters
// have no meaning: such fonts must be read by their looks.
func countLetters(lines []textLine) (letters int, garbled bool) {
	unmapped := 0
	for _, l := range lines {
		letters += l.letters
		unmapped += l.unmapped
	}
	return letters, unmapped > fewLetters && unmapped > letters/2
}

// bodySize is the size of running text: the one that most letters of eight
// pages from all over the document have. 0 when there is no text.
func (d *pdfDoc) bodySize() float64 {
	const samples = 8
	letters := map[int]int{} // by half points
	for s := range min(samples, d.pages) {
		index := s * d.pages / min(samples, d.pages)
		loaded, err := d.engine.FPDF_LoadPage(&requests.FPDF_LoadPage{Document: d.doc, Index: index})
		if err != nil {
			continue
		}
		lines, _ := d.lines(requests.Page{ByReference: &loaded.Page})
		for _, l := range lines {
			letters[int(l.size*2+0.5)] += l.letters
		}
		_, _ = d.engine.FPDF_ClosePage(&requests.FPDF_ClosePage{Page: loaded.Page})
	}
	best := 0
	for size, n := range letters {
		if n > letters[best] || n == letters[best] && size < best {
			best = size
		}
	}
	return float64(best) / 2
}
