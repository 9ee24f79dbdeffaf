package pdf

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/letters"
)

// Block is a paragraph, a heading or a table of a page.
type Block struct {
	Text    string
	Size    float64
	Heading bool
	Unread  bool   // some of its letters could not be told
	Table   *Table // set for a table, which has no text then
}

// headingSize is how much larger than running text a heading's letters are.
const headingSize = 1.15

// blocksOf joins lines into paragraphs by what a reader sees: the gaps between
// lines, indents, short last lines, changes of size. body is the size of the
// document's running text, or 0.
func blocksOf(lines []Line, body float64) []Block {
	lines = joinRows(lines)
	findEdges(lines)
	pitch := linePitch(lines)
	var blocks []Block
	tables := map[int]Table{} // by the line that they begin with
	for i := 0; i < len(lines); i++ {
		if len(lines[i].cells) < leastColumns {
			continue
		}
		if t, ok := tableAt(lines[i:]); ok {
			tables[i] = t
			i += t.lines - 1
		}
	}
	for start := 0; start < len(lines); {
		if t, ok := tables[start]; ok {
			blocks = append(blocks, Block{Table: &t})
			start += t.lines
			continue
		}
		end := start + 1
		for end < len(lines) && tables[end].lines == 0 && !startsBlock(lines, start, end, pitch, body) {
			end++
		}
		b := Block{Text: joinBlock(lines[start:end]), Size: blockSize(lines[start:end])}
		for _, l := range lines[start:end] {
			b.Unread = b.Unread || l.unread > 0
		}
		b.Heading = body > 0 && b.Size >= headingSize*body && looksLikeHeading(b.Text)
		if last := len(blocks) - 1; last >= 0 && !b.Heading && !blocks[last].Heading && blocks[last].Table == nil &&
			flowsOn(blocks[last].Text, b.Text) {
			// A sentence that goes on in the next column.
			blocks[last].Text = letters.JoinLines(blocks[last].Text, b.Text)
			blocks[last].Unread = blocks[last].Unread || b.Unread
		} else {
			blocks = append(blocks, b)
		}
		start = end
	}
	return blocks
}

// blockSize is the size of the line with the most letters.
func blockSize(lines []Line) float64 {
	best := lines[0]
	for _, l := range lines {
		if l.letters > best.letters {
			best = l
		}
	}
	return best.size
}

func looksLikeHeading(text string) bool {
	if len(text) > 200 || strings.Contains(text, leader) || strings.HasSuffix(text, ".") && strings.Count(text, " ") > 8 {
		return false
	}
	return strings.ContainsFunc(text, unicode.IsLetter)
}

// flowsOn reports whether b can only be the rest of a's last sentence.
func flowsOn(a, b string) bool {
	last := a[strings.LastIndexByte(a, '\n')+1:]
	return len(last) > 40 && startsLower(b) && (letters.EndsInLetter(a) || strings.HasSuffix(a, ",") || strings.HasSuffix(a, "-"))
}

// joinRows puts pieces that stand beside each other on one line again: cells of
// a table with " | " between them, a raised or lowered mark with its word.
func joinRows(lines []Line) []Line {
	var out []Line
	for _, l := range lines {
		if n := len(out); n > 0 {
			p := &out[n-1]
			overlap := min(p.top, l.firstTop) - max(p.bottom, l.firstBottom)
			small := min(p.top-p.bottom, l.firstTop-l.firstBottom)
			if l.left >= p.right-0.3*l.size && small > 0 && overlap > 0.5*small {
				gap := l.left - p.right
				switch {
				case gap > 1.2*max(p.size, l.size):
					p.join(l, " | ", true)
				case gap > 0.15*l.size:
					p.join(l, " ", false)
				default:
					p.join(l, "", false)
				}
				p.right = max(p.right, l.right)
				if l.letters > p.letters {
					p.size, p.top, p.bottom = l.size, l.top, l.bottom
				}
				p.letters += l.letters
				p.unread += l.unread
				continue
			}
		}
		out = append(out, l)
	}
	return out
}

// linePitch is the usual distance from one line to the next, 0 if unknown.
func linePitch(lines []Line) float64 {
	var steps []float64
	for i := 1; i < len(lines); i++ {
		step := lines[i-1].bottom - lines[i].firstBottom
		if step > 0 && step < 3*lines[i].size {
			steps = append(steps, step)
		}
	}
	if len(steps) == 0 {
		return 0
	}
	slices.Sort(steps)
	return steps[len(steps)/2]
}

// edgeNeighbours is how many lines on each side tell where a column ends.
const edgeNeighbours = 10

// findEdges sets the right edge of the column that each line stands in: what
// four of five of its neighbours reach at most.
func findEdges(lines []Line) {
	for i := range lines {
		from, to := max(i-edgeNeighbours, 0), min(i+edgeNeighbours+1, len(lines))
		rights := make([]float64, 0, to-from)
		for _, l := range lines[from:to] {
			if l.left < lines[i].right && l.right > lines[i].left { // not the next column's
				rights = append(rights, l.right)
			}
		}
		slices.Sort(rights)
		lines[i].edge = lines[i].right
		if len(rights) > 0 {
			lines[i].edge = max(lines[i].edge, rights[len(rights)*4/5])
		}
	}
}

// short reports whether a line ends before part of its column's width is left.
func (l Line) short(part float64) bool {
	return l.right < l.edge-part*(l.edge-l.left)
}

// startsBlock reports whether line i begins another paragraph than the lines
// from start on.
func startsBlock(lines []Line, start, i int, pitch, body float64) bool {
	prev, line := lines[i-1], lines[i]
	step := prev.bottom - line.firstBottom
	size := max(prev.size, line.size)
	ratio := 1.0
	if prev.size > 0 && line.size > 0 {
		ratio = max(prev.size/line.size, line.size/prev.size)
	}
	switch {
	case ratio > 1.12 && min(prev.letters, line.letters) > 2:
		return true
	case step <= 0 || step > 3*size: // up to another column, or over a gap
		return true
	case pitch > 0 && step > 1.4*max(pitch, size):
		return true
	case marker.MatchString(line.text):
		return true
	}
	if body > 0 && blockSize(lines[start:i]) >= headingSize*body {
		return false // a heading of several lines hangs or is centred
	}
	left := line.left
	for _, l := range lines[start:i] {
		left = min(left, l.left)
	}
	indented := line.left-prev.left > 0.8*size && line.left-prev.left < 5*size
	if indented && prev.left-left < 0.5*size {
		return true
	}
	return prev.short(0.15) && endsSentence(prev.text) && !startsLower(line.text)
}

// marker begins a list item.
var marker = regexp.MustCompile(`^([•◦▪■●○–—*·➢✓-]\s|\(?([0-9]{1,3}|[a-z]|[ivx]{1,4})[.)]\s)`)

func endsSentence(s string) bool {
	s = strings.TrimRight(s, `"'”’») `)
	return strings.HasSuffix(s, ".") || strings.HasSuffix(s, "!") || strings.HasSuffix(s, "?") || strings.HasSuffix(s, ":")
}

// joinBlock makes one text of a paragraph's lines. Where a line ends far from
// the right edge, the break was meant (verse, code, addresses) and stays.
func joinBlock(lines []Line) string {
	text := lines[0].text
	for i, l := range lines[1:] {
		prev := lines[i] // the line before l
		if prev.short(0.35) || strings.Contains(l.text, " | ") || strings.Contains(prev.text, " | ") ||
			strings.Contains(prev.text, leader) {
			text += "\n" + l.text
			continue
		}
		text = letters.JoinLines(text, l.text)
	}
	return text
}

// orderColumns repairs pages whose content jumps to and fro between columns
// line by line. Where the order of the content makes sense it is kept: it knows
// more than positions do.
func orderColumns(lines []Line) []Line {
	jumps, letters := 0, 0
	for i := 1; i < len(lines); i++ {
		prev, l := lines[i-1], lines[i]
		up := l.bottom > prev.top
		beside := l.left > prev.right && l.bottom < prev.top && l.top > prev.bottom
		if up || beside {
			jumps++
			letters += min(prev.letters, l.letters)
		}
	}
	// Cells of a table stand beside each other, too, but hold only words.
	if jumps < 6 || jumps*5 < len(lines) || letters < 20*jumps {
		return lines
	}
	gutter, ok := findGutter(lines)
	if !ok {
		return lines
	}
	// Lines over the whole width part the page into bands; within a band the
	// left column comes first.
	sorted := slices.Clone(lines)
	slices.SortStableFunc(sorted, func(a, b Line) int {
		return compare(b.top, a.top)
	})
	var out, leftCol, rightCol []Line
	for _, l := range sorted {
		switch {
		case l.right <= gutter:
			leftCol = append(leftCol, l)
		case l.left >= gutter:
			rightCol = append(rightCol, l)
		default:
			out = append(append(out, leftCol...), rightCol...)
			leftCol, rightCol = nil, nil
			out = append(out, l)
		}
	}
	return append(append(out, leftCol...), rightCol...)
}

func compare(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// findGutter looks for an upright line with text on both sides that at most a
// tenth of the lines cross.
func findGutter(lines []Line) (float64, bool) {
	left, right := lines[0].left, lines[0].right
	for _, l := range lines {
		left, right = min(left, l.left), max(right, l.right)
	}
	best, fewest := 0.0, len(lines)/10+1
	for part := 30; part <= 70; part++ {
		x := left + (right-left)*float64(part)/100
		crossed, before, after := 0, 0, 0
		for _, l := range lines {
			switch {
			case l.right <= x:
				before++
			case l.left >= x:
				after++
			default:
				crossed++
			}
		}
		if crossed < fewest && before > len(lines)/5 && after > len(lines)/5 {
			best, fewest = x, crossed
		}
	}
	return best, best > 0
}

func startsLower(s string) bool {
	for _, r := range s {
		return unicode.IsLower(r)
	}
	return false
}
