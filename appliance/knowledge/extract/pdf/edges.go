// Package pdf gives the pages of a PDF as paragraphs, headings and tables, and as bitmaps
// where text alone does not say what they show. The engine is PDFium as WebAssembly.
package pdf

import (
	"regexp"
	"strconv"
	"strings"
)

const (
	// edgeLines is how many lines, or pieces of them, at the top and at the
	// bottom of a page may be running headers and footers.
	edgeLines = 3
	// edgeWindow is how many pages on each side a line is compared with, and
	// edgeRepeats on how many of them it must stand again. Left and right
	// pages often differ, and chapters have their own.
	edgeWindow  = 4
	edgeRepeats = 2
)

// EdgeFilter drops what repeats at the edges of pages: titles of the running
// chapter, page numbers, marks of the publisher. It holds back a few pages.
type EdgeFilter struct {
	Emit  func(Page)
	pages []Page // up to edgeWindow done ones, then those that wait
	done  int    // how many of pages have been emitted
}

// Add takes the next page, and emits one that waits no longer.
func (e *EdgeFilter) Add(p Page) {
	e.pages = append(e.pages, p)
	if len(e.pages)-e.done > edgeWindow {
		e.next()
	}
}

// End emits the rest.
func (e *EdgeFilter) End() {
	for e.done < len(e.pages) {
		e.next()
	}
}

func (e *EdgeFilter) next() {
	p := e.pages[e.done]
	drop := map[int]bool{}
	for _, i := range edgeIndexes(p.Lines) {
		key := edgeKey(p.Lines[i].text)
		repeats := 0
		if len(e.pages) > 2 && besidePageNumber(p, i) {
			repeats = edgeRepeats // short chapters, and first pages of long ones
		}
		for other := range e.pages {
			if other != e.done && hasEdge(e.pages[other].Lines, key) {
				repeats++
			}
		}
		if repeats >= edgeRepeats {
			drop[i] = true
		}
	}
	if len(drop) > 0 && len(drop) < len(p.Lines) { // a page of nothing else keeps its text
		kept := make([]Line, 0, len(p.Lines))
		for i, l := range p.Lines {
			if !drop[i] {
				kept = append(kept, l)
			}
		}
		p.Lines = kept
	}
	e.Emit(p)
	// The page itself stays whole for comparison with those to come.
	if e.done++; e.done > edgeWindow {
		e.pages = e.pages[1:]
		e.done--
	}
}

// edgeIndexes are the topmost and the lowest lines of a page.
func edgeIndexes(lines []Line) []int {
	var indexes []int
	used := map[int]bool{}
	pick := func(better func(a, b Line) bool) {
		for range min(edgeLines, len(lines)) {
			best := -1
			for i := range lines {
				if !used[i] && (best < 0 || better(lines[i], lines[best])) {
					best = i
				}
			}
			if best >= 0 {
				used[best] = true
				indexes = append(indexes, best)
			}
		}
	}
	pick(func(a, b Line) bool { return a.top > b.top })
	pick(func(a, b Line) bool { return a.bottom < b.bottom })
	return indexes
}

func hasEdge(lines []Line, key string) bool {
	for _, i := range edgeIndexes(lines) {
		if edgeKey(lines[i].text) == key {
			return true
		}
	}
	return false
}

// besidePageNumber reports whether line i is the page's number or stands on one
// row with it.
func besidePageNumber(p Page, i int) bool {
	line := p.Lines[i]
	for _, l := range p.Lines {
		if l.bottom < line.top && l.top > line.bottom && isPageNumber(l.text, p.Number) {
			return true
		}
	}
	return false
}

// isPageNumber reports whether a line is only a number that can be a page's:
// what stands before the first numbered page is rarely more than thirty pages.
func isPageNumber(text string, page int) bool {
	n, err := strconv.Atoi(strings.Trim(text, "-–— "))
	return err == nil && n > 0 && n <= page+1 && n > page-30
}

var (
	numbers = regexp.MustCompile(`[0-9]+`)
	roman   = regexp.MustCompile(`^[ivxlcIVXLC]+$`)
)

// edgeKey is a line without its numbers, so that page numbers are all alike.
func edgeKey(s string) string {
	s = strings.TrimSpace(s)
	if roman.MatchString(s) {
		return "#"
	}
	return numbers.ReplaceAllString(s, "#")
}
