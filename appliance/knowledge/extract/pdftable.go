package extract

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/letters"
)

// cell is a piece of a line that stands apart from the next.
type cell struct {
	text        string
	left, right float64
}

// cellsOf are the pieces of a line.
func cellsOf(l textLine) []cell {
	if l.cells == nil {
		return []cell{{l.text, l.left, l.right}}
	}
	return l.cells
}

// join takes the next piece of the same line in. A piece behind a wide gap is a
// cell of its own.
func (l *textLine) join(next textLine, between string, apart bool) {
	cells := slices.Clone(cellsOf(*l))
	if more := cellsOf(next); apart {
		cells = append(cells, more...)
	} else {
		last := &cells[len(cells)-1]
		last.text += between + more[0].text
		last.right = max(last.right, more[0].right)
		cells = append(cells, more[1:]...)
	}
	l.text += between + next.text
	l.cells = cells
}

const (
	// leastRows and leastColumns make a table; fewer lines that stand beside each
	// other may be anything.
	leastRows, leastColumns = 3, 2
	// maxCellLetters is the usual length of a cell, at most: columns of running
	// text stand beside each other, too.
	maxCellLetters = 60
)

// pdfTable is a table that was found on a page: rows of cells below each other.
type pdfTable struct {
	columns []cell // where each stands, from edge to edge
	rows    [][]cell
	lines   int // how many lines it takes
}

// tableAt finds the table that begins with the first of the lines, if one does.
func tableAt(lines []textLine) (pdfTable, bool) {
	var t pdfTable
	for i, l := range lines {
		if strings.Contains(l.text, leader) { // a table of contents
			break
		}
		if i > 0 {
			step := lines[i-1].bottom - l.firstBottom
			if step <= 0 || step > 4*max(l.size, lines[i-1].size) {
				break
			}
		}
		if !t.take(l) {
			break
		}
		t.lines++
	}
	return t, t.lines > 0 && t.good()
}

// take adds a line, if it fits the columns.
func (t *pdfTable) take(l textLine) bool {
	cells := cellsOf(l)
	gap := 0.4 * l.size
	if len(cells) < leastColumns {
		// The rest of a cell that takes two lines; in the first column it could
		// as well be a paragraph.
		if len(t.rows) == 0 {
			return false
		}
		at, ok := t.place(cells, gap)
		last := t.rows[len(t.rows)-1]
		if !ok || at[0] == 0 || last[at[0]].text == "" {
			return false
		}
		c := &last[at[0]]
		c.text = letters.JoinLines(c.text, cells[0].text)
		t.widen(at, cells)
		return true
	}
	if len(t.columns) < len(cells) {
		// The first rows may lack cells, as a title over some of the columns does.
		wider := pdfTable{columns: slices.Clone(cells), lines: t.lines}
		for _, row := range t.rows {
			present := slices.DeleteFunc(slices.Clone(row), func(c cell) bool { return c.text == "" })
			at, ok := wider.place(present, gap)
			if !ok || len(t.rows) > 2 {
				return false
			}
			wider.add(at, present)
		}
		t.columns, t.rows = wider.columns, wider.rows
	}
	at, ok := t.place(cells, gap)
	if !ok {
		return false
	}
	t.add(at, cells)
	return true
}

// place finds the column of each cell; each must touch one column alone.
func (t *pdfTable) place(cells []cell, gap float64) ([]int, bool) {
	at := make([]int, len(cells))
	for i, c := range cells {
		at[i] = -1
		for j, column := range t.columns {
			if c.left < column.right+gap && c.right > column.left-gap {
				if at[i] >= 0 {
					return nil, false
				}
				at[i] = j
			}
		}
		if at[i] < 0 || i > 0 && at[i] <= at[i-1] {
			return nil, false
		}
	}
	return at, true
}

func (t *pdfTable) add(at []int, cells []cell) {
	row := make([]cell, len(t.columns))
	for i, c := range cells {
		row[at[i]] = c
	}
	t.rows = append(t.rows, row)
	t.widen(at, cells)
}

func (t *pdfTable) widen(at []int, cells []cell) {
	for i, c := range cells {
		column := &t.columns[at[i]]
		column.left, column.right = min(column.left, c.left), max(column.right, c.right)
	}
}

// good reports whether what was found is a table and not text in columns, a list
// or letters that happen to stand so.
func (t *pdfTable) good() bool {
	if len(t.rows) < leastRows {
		return false
	}
	var lengths []int
	markers, filled := 0, 0
	for _, row := range t.rows {
		if marker.MatchString(row[0].text + " ") {
			markers++
		}
		for _, c := range row {
			if c.text != "" {
				filled++
				lengths = append(lengths, utf8.RuneCountInString(c.text))
			}
		}
	}
	slices.Sort(lengths)
	if lengths[len(lengths)/2] > maxCellLetters || len(t.columns) == 2 && markers*2 > len(t.rows) {
		return false
	}
	if filled*10 < 6*len(t.rows)*len(t.columns) {
		return false
	}
	for j := range t.columns {
		if !t.aligned(j) {
			return false
		}
	}
	return true
}

// aligned reports whether most cells of a column begin, end or stand in the
// middle at the same place.
func (t *pdfTable) aligned(column int) bool {
	edges := []func(c cell) float64{
		func(c cell) float64 { return c.left },
		func(c cell) float64 { return c.right },
		func(c cell) float64 { return (c.left + c.right) / 2 },
	}
	for _, edge := range edges {
		var at []float64
		for _, row := range t.rows {
			if row[column].text != "" {
				at = append(at, edge(row[column]))
			}
		}
		if len(at) == 0 {
			return false
		}
		slices.Sort(at)
		middle := at[len(at)/2]
		near := 0
		for _, x := range at {
			if x-middle < 5 && middle-x < 5 { // points
				near++
			}
		}
		if near*4 >= len(at)*3 {
			return true
		}
	}
	return false
}

// continues reports whether a table at the top of a page goes on with the one
// that ended the page before.
func (t *pdfTable) continues(before *pdfTable) bool {
	if before == nil || len(t.columns) != len(before.columns) {
		return false
	}
	for i, c := range t.columns {
		if b := before.columns[i]; c.left > b.right || c.right < b.left {
			return false
		}
	}
	return true
}
