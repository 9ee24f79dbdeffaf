package pdf

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/letters"
)

// Cell is a piece of a line that stands apart from the next.
type Cell struct {
	Text        string
	left, right float64
}

// cellsOf are the pieces of a line.
func cellsOf(l Line) []Cell {
	if l.cells == nil {
		return []Cell{{l.text, l.left, l.right}}
	}
	return l.cells
}

// join takes the next piece of the same line in. A piece behind a wide gap is a
// cell of its own.
func (l *Line) join(next Line, between string, apart bool) {
	cells := slices.Clone(cellsOf(*l))
	if more := cellsOf(next); apart {
		cells = append(cells, more...)
	} else {
		last := &cells[len(cells)-1]
		last.Text += between + more[0].Text
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

// Table is a table that was found on a page: rows of cells below each other.
type Table struct {
	columns []Cell // where each stands, from edge to edge
	Rows    [][]Cell
	lines   int // how many lines it takes
}

// tableAt finds the table that begins with the first of the lines, if one does.
func tableAt(lines []Line) (Table, bool) {
	var t Table
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
func (t *Table) take(l Line) bool {
	cells := cellsOf(l)
	gap := 0.4 * l.size
	if len(cells) < leastColumns {
		// The rest of a cell that takes two lines; in the first column it could
		// as well be a paragraph.
		if len(t.Rows) == 0 {
			return false
		}
		at, ok := t.place(cells, gap)
		last := t.Rows[len(t.Rows)-1]
		if !ok || at[0] == 0 || last[at[0]].Text == "" {
			return false
		}
		c := &last[at[0]]
		c.Text = letters.JoinLines(c.Text, cells[0].Text)
		t.widen(at, cells)
		return true
	}
	if len(t.columns) < len(cells) {
		// The first rows may lack cells, as a title over some of the columns does.
		wider := Table{columns: slices.Clone(cells), lines: t.lines}
		for _, row := range t.Rows {
			present := slices.DeleteFunc(slices.Clone(row), func(c Cell) bool { return c.Text == "" })
			at, ok := wider.place(present, gap)
			if !ok || len(t.Rows) > 2 {
				return false
			}
			wider.add(at, present)
		}
		t.columns, t.Rows = wider.columns, wider.Rows
	}
	at, ok := t.place(cells, gap)
	if !ok {
		return false
	}
	t.add(at, cells)
	return true
}

// place finds the column of each cell; each must touch one column alone.
func (t *Table) place(cells []Cell, gap float64) ([]int, bool) {
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

func (t *Table) add(at []int, cells []Cell) {
	row := make([]Cell, len(t.columns))
	for i, c := range cells {
		row[at[i]] = c
	}
	t.Rows = append(t.Rows, row)
	t.widen(at, cells)
}

func (t *Table) widen(at []int, cells []Cell) {
	for i, c := range cells {
		column := &t.columns[at[i]]
		column.left, column.right = min(column.left, c.left), max(column.right, c.right)
	}
}

// good reports whether what was found is a table and not text in columns, a list
// or letters that happen to stand so.
func (t *Table) good() bool {
	if len(t.Rows) < leastRows {
		return false
	}
	var lengths []int
	markers, filled := 0, 0
	for _, row := range t.Rows {
		if marker.MatchString(row[0].Text + " ") {
			markers++
		}
		for _, c := range row {
			if c.Text != "" {
				filled++
				lengths = append(lengths, utf8.RuneCountInString(c.Text))
			}
		}
	}
	slices.Sort(lengths)
	if lengths[len(lengths)/2] > maxCellLetters || len(t.columns) == 2 && markers*2 > len(t.Rows) {
		return false
	}
	if filled*10 < 6*len(t.Rows)*len(t.columns) {
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
func (t *Table) aligned(column int) bool {
	edges := []func(c Cell) float64{
		func(c Cell) float64 { return c.left },
		func(c Cell) float64 { return c.right },
		func(c Cell) float64 { return (c.left + c.right) / 2 },
	}
	for _, edge := range edges {
		var at []float64
		for _, row := range t.Rows {
			if row[column].Text != "" {
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

// Continues reports whether a table at the top of a page goes on with the one
// that ended the page before.
func (t *Table) Continues(before *Table) bool {
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
