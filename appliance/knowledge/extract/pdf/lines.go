package pdf

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/klippa-app/go-pdfium/enums"
	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"

	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/clean"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/letters"
)

// maxPageChars bounds one page: ten times the densest print.
const maxPageChars = 200_000

// Line is a line of a PDF page in reading order, in points from the page's
// lower left corner.
type Line struct {
	text                  string
	left, right           float64
	top, bottom           float64
	size                  float64 // height of its letters' boxes, about the font size
	firstBottom, firstTop float64 // of its first letter: a line that was divided at its end goes on below
	edge                  float64 // where its column ends
	letters               int
	unmapped              int    // characters without Unicode
	unread                int    // those of them that show something
	cells                 []Cell // of a row that was put together; nil for one piece
}

// lines returns the page's lines in the order of its content, which writers
// keep to the order of reading, columns included. The engine marks line ends,
// inserts the spaces that are only gaps, and rejoins words divided at a line's
// end.
func (d *Document) lines(page requests.Page) ([]Line, error) {
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
	d.rotation = 0
	if r, err := d.engine.FPDFPage_GetRotation(&requests.FPDFPage_GetRotation{Page: page}); err == nil {
		d.rotation = r.PageRotation
	}
	var lines []Line
	var line []pageChar
	for i := range min(count.Count, maxPageChars) {
		c, err := d.engine.FPDFText_GetUnicode(&requests.FPDFText_GetUnicode{TextPage: text, Index: i})
		if err != nil {
			return lines, err
		}
		switch r := rune(c.Unicode); r {
		case '\r':
		case '\n':
			lines = d.endLine(lines, line, text)
			line = line[:0]
		case hyphenMark:
			line = addChar(line, letters.BrokenMark, i)
		default:
			line = addChar(line, r, i)
		}
	}
	return orderColumns(d.endLine(lines, line, text)), nil
}

// hyphenMark is what the engine puts in place of a hyphen that it removed.
const hyphenMark = 2

// pageChar is a character with its number on the page, by which the engine
// knows its place.
type pageChar struct {
	r     rune
	index int
}

func addChar(line []pageChar, r rune, index int) []pageChar {
	if n := len(line); n > 0 && utf16.IsSurrogate(r) && utf16.IsSurrogate(line[n-1].r) {
		line[n-1].r = utf16.DecodeRune(line[n-1].r, r)
		return line
	}
	return append(line, pageChar{r, index})
}

// wideGap is how many letter heights of nothing part a line: cells of a table,
// or columns that a writer fills line by line. Justified text stays below.
const wideGap = 2.2

// endLine cuts a line at wide gaps and adds its pieces.
func (d *Document) endLine(lines []Line, line []pageChar, text references.FPDF_TEXTPAGE) []Line {
	start, word := 0, -1 // of the piece; the last visible character before a space
	for i, c := range line {
		if unicode.IsSpace(c.r) {
			continue
		}
		if word >= 0 && i > word+1 {
			before, ok1 := d.box(text, line[word].index)
			after, ok2 := d.box(text, c.index)
			height := max(before.top-before.bottom, after.top-after.bottom) // one may be a raised mark
			if ok1 && ok2 && after.left-before.right > wideGap*height {
				lines = d.addLine(lines, line[start:word+1], text)
				start = i
			}
		}
		word = i
	}
	return d.addLine(lines, line[start:], text)
}

// addLine adds a piece of text with its place.
func (d *Document) addLine(lines []Line, line []pageChar, text references.FPDF_TEXTPAGE) []Line {
	l := Line{}
	first, last := -1, -1
	var samples []int
	known := line[:0:0]
	for _, c := range line {
		if c.r == 0 || c.r == unicode.ReplacementChar || unicode.Is(unicode.Co, c.r) || utf16.IsSurrogate(c.r) {
			shown, ok := d.shown(c, text)
			if !ok {
				l.unmapped++
				if c.r != 0 {
					l.unread++
				}
				continue
			}
			c.r = shown
		}
		known = append(known, c)
		if unicode.IsSpace(c.r) || c.r == letters.BrokenMark {
			continue
		}
		if last = c.index; first < 0 {
			first = c.index
		}
		if unicode.IsLetter(c.r) || unicode.IsDigit(c.r) {
			if l.letters++; l.letters == 1 || l.letters == 10 || l.letters == 30 {
				samples = append(samples, c.index)
			}
		}
	}
	l.text = leaders.ReplaceAllString(clean.Line(d.written(known, text)), leader+"$3")
	if l.text == "" {
		if n := len(lines); n > 0 {
			lines[n-1].unmapped += l.unmapped
		} else if l.unmapped > 0 {
			lines = append(lines, l) // a page of a font without meaning
		}
		return lines
	}
	d.measure(&l, first, last, samples, text)
	return append(lines, l)
}

// shown is what a letter of the private area shows, if its font is one of those
// for symbols.
func (d *Document) shown(c pageChar, text references.FPDF_TEXTPAGE) (rune, bool) {
	if !letters.IsPrivate(c.r) {
		return 0, false
	}
	font, err := d.engine.FPDFText_GetFontInfo(&requests.FPDFText_GetFontInfo{TextPage: text, Index: c.index})
	if err != nil {
		return 0, false
	}
	s, certain := letters.Symbol(font.FontName, c.r)
	r, size := utf8.DecodeRuneInString(s)
	return r, certain && size == len(s) && size > 0
}

// written is a line's text, with its powers and indices.
func (d *Document) written(line []pageChar, text references.FPDF_TEXTPAGE) string {
	if how := d.stances(line, text); how != nil {
		return withScripts(line, how)
	}
	var b strings.Builder
	for _, c := range line {
		b.WriteRune(c.r)
	}
	return b.String()
}

// measure asks where a line stands and how large its letters are.
func (d *Document) measure(l *Line, first, last int, samples []int, text references.FPDF_TEXTPAGE) {
	start, ok := d.box(text, first)
	if !ok {
		return
	}
	end, ok := d.box(text, last)
	if !ok {
		end = start
	}
	l.left, l.firstTop, l.firstBottom = start.left, start.top, start.bottom
	l.right = max(end.right, start.right)
	l.top, l.bottom = max(start.top, end.top), min(start.bottom, end.bottom)
	var sizes []float64
	for _, i := range samples { // superscripts and initials are not the line
		if b, ok := d.box(text, i); ok && b.top-b.bottom > 0 {
			sizes = append(sizes, b.top-b.bottom)
		}
	}
	l.size = start.top - start.bottom
	if len(sizes) > 0 {
		slices.Sort(sizes)
		l.size = sizes[len(sizes)/2]
	}
}

// leaders are the dots that lead the eye to a page number.
var leaders = regexp.MustCompile(`(\s*\.){4,}\s*|(\s\.){2,}\s+([0-9ivxlc]+)$`)

const leader = " … "

type charBox struct{ left, right, top, bottom float64 }

// box is the place of a character, with the height of its font, on the page as
// it is shown. The origin of a turned page is elsewhere; only distances matter.
func (d *Document) box(text references.FPDF_TEXTPAGE, index int) (charBox, bool) {
	b, err := d.engine.FPDFText_GetLooseCharBox(&requests.FPDFText_GetLooseCharBox{TextPage: text, Index: index})
	if err != nil {
		return charBox{}, false
	}
	left, right := float64(b.Rect.Left), float64(b.Rect.Right)
	top, bottom := float64(b.Rect.Top), float64(b.Rect.Bottom)
	switch d.rotation {
	case enums.FPDF_PAGE_ROTATION_90_CW:
		left, right, top, bottom = bottom, top, -left, -right
	case enums.FPDF_PAGE_ROTATION_180_CW:
		left, right, top, bottom = -right, -left, -bottom, -top
	case enums.FPDF_PAGE_ROTATION_270_CW:
		left, right, top, bottom = -top, -bottom, right, left
	}
	return charBox{left, right, top, bottom}, true
}

// BodySize is the size of running text: the one that most letters of eight
// pages from all over the document have. 0 when there is no text.
func (d *Document) BodySize() float64 {
	const samples = 8
	letters := map[int]int{} // by half points
	for s := range min(samples, d.Pages) {
		index := s * d.Pages / min(samples, d.Pages)
		loaded, err := d.engine.FPDF_LoadPage(&requests.FPDF_LoadPage{Document: d.doc, Index: index})
		if err != nil {
			continue
		}
		lines, _ := d.lines(requests.Page{ByReference: &loaded.Page})
		for _, l := range lines {
			letters[int(l.size*2+0.5)] += l.letters
			d.Words.Add(l.text)
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
