package extract

import (
	"strings"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/clean"
)

// sheetCell is a cell with something in it. Merged cells say so once.
type sheetCell struct {
	column           int
	text             string
	colspan, rowspan int  // 0 counts as 1
	bold             bool // its letters are
}

type sheetRow struct {
	number int // 1-based
	cells  []sheetCell
}

const (
	// maxBlockRows is how many rows are looked at together for tables side by
	// side; a longer block is one table.
	maxBlockRows = 500
	// maxTitles is how many rows above a table may be its title.
	maxTitles = 6
	longTitle = 200
)

// sheetTables finds the tables on a sheet. Empty rows end a table, unless what
// follows goes on like it; empty columns stand between tables side by side; rows
// of one cell above a table are its title. With raw the rows go out as they
// stand, empty ones too, for those who look for something themselves.
type sheetTables struct {
	flow
	raw bool

	block   []sheetRow
	long    bool // the block has outgrown its buffer and goes into table
	last    int  // number of the row before
	reach   int  // the last row that a merged cell covers
	titles  []string
	table   *sheetTable // still open
	rawRows [][]string
	rawSize int
	rawPart int
}

// sheetTable is a table that is being written.
type sheetTable struct {
	*grid
	first, last int // columns
	row         int // number of the last one
	numbers     map[int]int
	rows        int
	heads       int  // rows of names at the top
	bold        bool // they are bold, and what is below is not
}

// sheet begins another sheet.
func (s *sheetTables) sheet(name string) {
	s.endSheet()
	s.at(appliance.Place{Sheet: name})
}

// row takes the next row with something in it.
func (s *sheetTables) row(number int, cells []sheetCell) {
	kept := cells[:0:0]
	for _, c := range cells {
		if c.text = clean.Line(c.text); c.text != "" && c.column < maxColumns {
			kept = append(kept, c)
		}
	}
	if s.raw {
		s.rawRow(number, kept)
		return
	}
	if len(kept) == 0 || s.err != nil {
		return
	}
	if number > s.last+1 && number > s.reach+1 && s.last > 0 {
		s.endBlock()
	}
	s.last = number
	for _, c := range kept {
		s.reach = max(s.reach, number+min(max(c.rowspan, 1), maxRowspan)-1)
	}
	s.block = append(s.block, sheetRow{number, kept})
	if s.long || len(s.block) > maxBlockRows {
		s.write(false)
	}
}

// pass leaves out n rows, which are no gap.
func (s *sheetTables) pass(number, n int) {
	if number <= s.last+1 {
		s.last = max(s.last, number+n-1)
	}
}

// maxRawGap is how many empty rows in a row are kept.
const maxRawGap = 1000

func (s *sheetTables) rawRow(number int, cells []sheetCell) {
	for gap := min(number-s.last-1, maxRawGap); gap > 0; gap-- {
		s.rawRows = append(s.rawRows, []string{})
	}
	s.last = number
	var row []string
	for _, c := range cells {
		for len(row) <= c.column {
			row = append(row, "")
		}
		row[c.column] = clean.Clip(c.text, maxCell)
		s.rawSize += len(c.text)
	}
	s.rawRows = append(s.rawRows, row)
	if s.rawSize += 3 * len(row); s.rawSize > partBytes || len(s.rawRows) > maxRawGap {
		s.sendRaw()
	}
}

func (s *sheetTables) sendRaw() {
	if len(s.rawRows) > 0 {
		s.flow.table(appliance.Table{Caption: s.place.Sheet, Rows: s.rawRows, Part: s.rawPart})
		s.rawPart++
	}
	s.rawRows, s.rawSize = nil, 0
}

// endSheet sends all that is left.
func (s *sheetTables) endSheet() {
	s.sendRaw()
	s.endBlock()
	s.closeTable()
	s.sayTitles()
	s.flush()
	s.last, s.reach, s.rawPart = 0, 0, 0
}

func (s *sheetTables) closeTable() {
	if s.table != nil {
		s.table.close()
		s.table = nil
	}
}

func (s *sheetTables) sayTitles() {
	s.paras(s.titles)
	s.titles = nil
}

func (s *sheetTables) endBlock() {
	if len(s.block) > 0 {
		s.write(true)
	}
	s.block, s.long = nil, false
}

// write writes the block, or as much as there is of a long one.
func (s *sheetTables) write(whole bool) {
	rows := s.block
	s.block = nil
	if s.long {
		s.table.add(rows)
		return
	}
	s.long = !whole
	if s.table != nil && s.table.goesOn(rows) {
		s.table.add(rows)
		return
	}
	s.closeTable()
	if words := wordsOnly(rows); words {
		s.say(rows)
		if s.long { // what follows may be a table after all
			s.long = false
		}
		return
	}
	parts := [][2]int{rangeOf(rows)}
	if whole {
		parts = sideBySide(rows)
	}
	var shared []string
	if len(parts) > 1 { // a title over all of them
		for len(rows) > 1 && len(rows[0].cells) == 1 && columnsUsed(rows[:2]) > 1 && rows[0].cells[0].colspan > 1 {
			shared = append(shared, rows[0].cells[0].text)
			rows = rows[1:]
		}
	}
	titles := append(s.titles, shared...)
	s.titles = nil
	for _, part := range parts {
		s.closeTable()
		s.open(cut(rows, part), part, titles)
	}
}

func columnsUsed(rows []sheetRow) (most int) {
	for _, r := range rows {
		most = max(most, len(r.cells))
	}
	return most
}

// wordsOnly reports whether the rows have one cell each.
func wordsOnly(rows []sheetRow) bool { return columnsUsed(rows) <= 1 }

// say writes rows of one cell: a title for the table that follows, or text.
func (s *sheetTables) say(rows []sheetRow) {
	size := 0
	for _, r := range rows {
		size += len(r.cells[0].text)
	}
	if len(rows)+len(s.titles) <= maxTitles && size <= longTitle {
		for _, r := range rows {
			s.titles = append(s.titles, r.cells[0].text)
		}
		return
	}
	s.sayTitles()
	for i, r := range rows {
		if i == 0 {
			s.para(r.cells[0].text)
		} else {
			s.line(r.cells[0].text)
		}
	}
}

// open begins a table with its rows so far.
func (s *sheetTables) open(rows []sheetRow, part [2]int, titles []string) {
	for len(rows) > 1 && len(rows[0].cells) == 1 && len(titles) < maxTitles {
		cell := rows[0].cells[0]
		next := rows[1].cells
		if max(cell.rowspan, 1) > 1 || len(cell.text) > longTitle || columnsUsed(rows) == 1 {
			break
		}
		// "Marks" over the second of two columns is a name, not a title.
		if cell.column > part[0] && cell.colspan <= 1 && len(next) > 0 {
			break
		}
		titles = append(titles, cell.text)
		rows = rows[1:]
	}
	if len(rows) == 0 {
		return
	}
	t := &sheetTable{grid: s.openTable(strings.Join(titles, " – ")), first: part[0], last: part[1], numbers: map[int]int{}}
	t.heads, t.bold = headRows(rows)
	s.table = t
	t.add(rows)
}

// headRows says how many rows at the top name the columns, if their form shows
// it: names over several columns, or bold ones over others. 0 leaves it to the
// words.
func headRows(rows []sheetRow) (n int, bold bool) {
	if len(rows) < 2 || len(rows[0].cells) < 2 {
		return 0, false
	}
	first := rows[0].cells
	wide, deep := false, 1
	for _, c := range first {
		if isNumber(c.text) && !isYear(c.text) {
			return 0, false
		}
		wide = wide || c.colspan > 1
		deep = max(deep, c.rowspan)
	}
	bold = everyBold(first) && !everyBold(rows[1].cells)
	switch {
	case wide && len(rows) > 2:
		deep = max(deep, 2)
		for _, c := range rows[1].cells {
			if isNumber(c.text) && !isYear(c.text) {
				return 1, bold
			}
		}
		return min(deep, 3), bold
	case bold:
		return 1, true
	}
	return 0, false
}

func everyBold(cells []sheetCell) bool {
	for _, c := range cells {
		if !c.bold {
			return false
		}
	}
	return true
}

// goesOn reports whether rows after empty ones belong to the table: they stand
// in its columns, and have numbers where it has.
func (t *sheetTable) goesOn(rows []sheetRow) bool {
	within := rangeOf(rows)
	first := rows[0].cells
	if within[0] < t.first || within[1] > t.last || len(first) < 2 || t.rows < 2 {
		return false
	}
	if n, bold := headRows(rows); n > 0 && (bold || !t.bold) {
		return false
	}
	numbers, words := 0, 0
	for _, c := range first {
		if t.numbers[c.column] == 0 {
			continue
		}
		if isNumber(c.text) && !isYear(c.text) {
			numbers++
		} else {
			words++
		}
	}
	if numbers+words > 0 {
		return numbers >= words
	}
	for _, n := range t.numbers {
		if n > 0 {
			return first[0].column > t.first && len(first) > 1 // a line without numbers, such as a sum's
		}
	}
	return within[0] == t.first && within[1] == t.last
}

// add writes rows into the table.
func (t *sheetTable) add(rows []sheetRow) {
	for _, r := range rows {
		// Rows within a merged cell may have nothing of their own.
		for gap := r.number - t.row - 1; t.row > 0 && gap > 0 && len(t.pending) > 0; gap-- {
			t.endRow()
		}
		for _, c := range r.cells {
			for t.fill(); len(t.row0()) < c.column-t.first && len(t.row0()) < maxColumns; t.fill() {
				t.cell("", 1, 1, t.rows < t.heads)
			}
			t.cell(c.text, c.colspan, c.rowspan, t.rows < t.heads)
			if t.rows > 0 && t.rows >= t.heads && isNumber(c.text) {
				t.numbers[c.column]++
			}
		}
		t.endRow()
		t.rows++
		t.row = r.number
	}
}

// row0 is the grid's row so far.
func (t *sheetTable) row0() []gridCell { return t.grid.row }

func rangeOf(rows []sheetRow) (r [2]int) {
	r[0] = maxColumns
	for _, row := range rows {
		for _, c := range row.cells {
			r[0], r[1] = min(r[0], c.column), max(r[1], c.column)
			if len(row.cells) > 1 {
				r[1] = max(r[1], c.column+max(c.colspan, 1)-1)
			}
		}
	}
	return r
}

// sideBySide finds the tables that empty columns part. Each has two columns at
// least: a column may be left empty within a table, too.
func sideBySide(rows []sheetRow) [][2]int {
	all := rangeOf(rows)
	used := make([]bool, all[1]+1)
	for _, row := range rows {
		if len(row.cells) == 1 && row.cells[0].colspan > 1 { // a title over several
			continue
		}
		for _, c := range row.cells {
			for i := range max(c.colspan, 1) {
				if c.column+i <= all[1] {
					used[c.column+i] = true
				}
			}
		}
	}
	var parts [][2]int
	for i := all[0]; i <= all[1]; i++ {
		switch n := len(parts); {
		case !used[i]:
		case n > 0 && parts[n-1][1] == i-1:
			parts[n-1][1] = i
		default:
			parts = append(parts, [2]int{i, i})
		}
	}
	for _, p := range parts {
		if p[1] == p[0] {
			return [][2]int{all}
		}
	}
	if len(parts) == 0 {
		return [][2]int{all}
	}
	return parts
}

// cut is the rows between two columns.
func cut(rows []sheetRow, part [2]int) []sheetRow {
	var out []sheetRow
	for _, r := range rows {
		own := sheetRow{number: r.number}
		for _, c := range r.cells {
			if c.column >= part[0] && c.column <= part[1] {
				own.cells = append(own.cells, c)
			}
		}
		if len(own.cells) > 0 {
			out = append(out, own)
		}
	}
	return out
}

// endSheets sends the rest and returns the first error.
func (s *sheetTables) endSheets() error {
	s.endSheet()
	return s.end()
}
