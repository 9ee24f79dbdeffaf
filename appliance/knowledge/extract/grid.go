package extract

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/cells"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/clean"
)

const (
	// maxColumns bounds a row; Excel's own limit is 16,384.
	maxColumns = 1000
	// maxRowspan is how many rows a merged cell may cover (Excel's most is a
	// million, HTML's 65,534).
	maxRowspan = 65_534
	// partBytes is how much of a long table one section holds.
	partBytes = 8 << 10
	// partCells is how many cells one section holds.
	partCells = 8 << 10
	// longCell tells prose that was laid out in a table from a table.
	longCell = 700
	// maxCell bounds one cell; what is longer is prose, and goes out as such.
	maxCell = cells.MaxText
)

// grid gathers the cells of a table, gives merged cells their value wherever
// they reach, finds the header rows, and sends the rows in parts, each with the
// names of the columns. A row is never cut.
type grid struct {
	flow    *flow // nil for a table within a cell, which becomes text
	caption string
	counted string // what it is, for the teacher; "tables" if empty

	row     []gridCell
	above   []gridCell        // the row before
	pending map[int]*spanning // by column: cells of rows above that reach down
	rows    [][]string        // not sent yet
	plain   [][]string        // the same rows, merged cells once
	repeats [][]int           // of rows: columns that repeat a merged cell
	heads   int               // of rows: rows of header cells at the top
	seen    int               // rows ended
	bytes   int               // of rows
	longest int               // bytes of the longest cell
	width   int
	columns []string
	decided bool // columns are known
	part    int
	cut     bool // some column was beyond maxColumns
}

type gridCell struct {
	text   string
	header bool
	origin bool // not a repetition of a merged cell
}

type spanning struct {
	text   string
	header bool
	rows   int // still to come
}

// openTable begins a table in the flow.
func (f *flow) openTable(caption string) *grid {
	return &grid{flow: f, caption: clean.Line(caption), pending: map[int]*spanning{}}
}

// nestedTable begins a table that stands in a cell of another.
func nestedTable() *grid { return &grid{pending: map[int]*spanning{}} }

// cell adds the next cell of the row. header says that it names its column. A
// span of 0 counts as 1.
func (g *grid) cell(text string, colspan, rowspan int, header bool) {
	g.fill()
	text = clean.Clip(clean.Line(text), maxSection/2)
	colspan, rowspan = min(max(colspan, 1), maxColumns), min(max(rowspan, 1), maxRowspan)
	for i := range colspan {
		if len(g.row) >= maxColumns {
			g.cut = g.cut || text != ""
			return
		}
		if rowspan > 1 {
			g.pending[len(g.row)] = &spanning{text, header, rowspan - 1}
		}
		g.row = append(g.row, gridCell{text, header, i == 0})
		if i+1 < colspan && g.pending[len(g.row)] != nil {
			break // cells above reach into this one: a broken table
		}
	}
}

// again adds a cell that goes on with the one above it, as Word writes merged
// cells.
func (g *grid) again(colspan int) {
	g.fill()
	for range min(max(colspan, 1), maxColumns-len(g.row)) {
		c := gridCell{}
		if n := len(g.row); n < len(g.above) {
			c = gridCell{text: g.above[n].text, header: g.above[n].header}
		}
		g.row = append(g.row, c)
	}
}

// widen makes the cell before reach over one more column.
func (g *grid) widen() {
	g.fill()
	if n := len(g.row); n > 0 && n < maxColumns {
		g.row = append(g.row, gridCell{text: g.row[n-1].text, header: g.row[n-1].header})
	}
}

// skip leaves n columns of the row empty.
func (g *grid) skip(n int) {
	for range min(n, maxColumns-len(g.row)) {
		g.cell("", 1, 1, false)
	}
}

// fill puts the cells that reach down from above where they stand.
func (g *grid) fill() {
	for s := g.pending[len(g.row)]; s != nil; s = g.pending[len(g.row)] {
		if s.rows--; s.rows == 0 {
			delete(g.pending, len(g.row))
		}
		g.row = append(g.row, gridCell{s.text, s.header, false})
		if len(g.row) >= maxColumns {
			return
		}
	}
}

// endRow ends the row. Empty rows are left out.
func (g *grid) endRow() {
	own := len(g.row) > 0
	for len(g.pending) > 0 && len(g.row) < maxColumns { // to the right of the last cell
		next := maxColumns
		for column := range g.pending {
			if column >= len(g.row) {
				next = min(next, column)
			}
		}
		if next == maxColumns {
			break
		}
		for len(g.row) < next {
			g.row = append(g.row, gridCell{})
		}
		g.fill()
	}
	row := g.row
	g.row, g.above = nil, row
	if !own || !slices.ContainsFunc(row, func(c gridCell) bool { return c.origin && c.text != "" }) {
		return
	}
	texts, plain := make([]string, len(row)), make([]string, 0, len(row))
	header, origins, size := true, 0, 0
	var repeats []int
	for i, c := range row {
		texts[i] = c.text
		if c.text != "" {
			header = header && c.header
			g.longest = max(g.longest, len(c.text))
			size += len(c.text)
		}
		if !c.origin && c.text != "" {
			repeats = append(repeats, i)
		}
		if c.origin {
			plain = append(plain, c.text)
			if c.text != "" {
				origins++
			}
		}
		size += 3
	}
	if g.flow != nil && size > partBytes { // no row of data is that long
		g.send()
		g.flow.paras(plain)
		return
	}
	if g.flow != nil && len(row) > 1 && origins == 1 && everySame(texts) {
		if g.seen == 0 && !g.decided && len(g.rows) == 0 { // a title over the whole table
			g.caption = strings.TrimSpace(g.caption + " " + texts[0])
			g.width = max(g.width, len(row))
			return
		}
		clear(texts[1:]) // a line that divides the table says it once
	}
	if width := max(g.width, len(texts)); g.flow != nil && (len(g.rows)+1)*width > partCells {
		g.send() // rows are filled up to the widest
	}
	if header && g.heads == len(g.rows) && !g.decided && g.heads < 3 {
		g.heads++
	}
	g.seen++
	g.bytes += size
	g.width = max(g.width, len(texts))
	g.rows, g.plain, g.repeats = append(g.rows, texts), append(g.plain, plain), append(g.repeats, repeats)
	if g.flow != nil && g.bytes >= partBytes {
		g.send()
	}
}

func everySame(texts []string) bool {
	return !slices.ContainsFunc(texts, func(t string) bool { return t != texts[0] })
}

// close sends what is left of the table.
func (g *grid) close() {
	g.endRow()
	g.send()
}

// text is a nested table in one line.
func (g *grid) text() string {
	g.endRow()
	lines := make([]string, len(g.plain))
	for i, row := range g.plain {
		lines[i] = strings.Join(row, " | ")
	}
	return strings.Join(lines, "; ")
}

// send gives the gathered rows to the flow.
func (g *grid) send() {
	if g.flow == nil || len(g.rows) == 0 {
		return
	}
	if !g.decided && g.prose() {
		if g.caption != "" {
			g.flow.para(g.caption)
			g.caption = ""
		}
		for _, row := range g.plain {
			g.flow.paras(row)
		}
		g.reset()
		return
	}
	if !g.decided {
		g.decided = true
		g.flow.out.count(cmp.Or(g.counted, "tables"), 1)
		g.name()
	}
	if len(g.rows) > 0 || g.part == 0 {
		t := appliance.Table{Caption: clean.Clip(g.caption, 500), Columns: g.columns, Part: g.part}
		for _, row := range g.rows {
			for i, text := range row {
				row[i] = clean.Clip(text, maxCell)
			}
			for len(row) < g.width {
				row = append(row, "")
			}
			t.Rows = append(t.Rows, row)
		}
		if slices.ContainsFunc(g.repeats, func(r []int) bool { return r != nil }) {
			t.Repeats = g.repeats
		}
		g.flow.table(t)
		g.part++
	}
	g.reset()
}

func (g *grid) reset() {
	g.rows, g.plain, g.repeats, g.bytes, g.longest, g.heads = nil, nil, nil, 0, 0, 0
}

// prose reports whether the table only lays out running text: one column, one
// row, or cells that are paragraphs.
func (g *grid) prose() bool {
	return g.width == 1 || len(g.rows) == 1 && g.heads == 0 && g.longest > 80 || g.longest > longCell
}

// name finds the names of the columns and takes their rows away.
func (g *grid) name() {
	heads := g.heads
	if heads == len(g.rows) && heads > 1 {
		heads = 1 // every cell says that it is a header
	}
	if heads == 0 && firstRowNames(g.rows) {
		heads = 1
	}
	if heads == 0 {
		return
	}
	g.columns = make([]string, g.width)
	for i := range g.columns {
		var names []string
		for _, row := range g.rows[:heads] {
			if i < len(row) && row[i] != "" && !slices.Contains(names, row[i]) {
				names = append(names, row[i])
			}
		}
		g.columns[i] = clean.Clip(strings.Join(names, " / "), max(20, min(300, 6000/g.width)))
	}
	g.rows, g.plain, g.repeats = g.rows[heads:], g.plain[heads:], g.repeats[heads:]
}

// firstRowNames guesses whether the first row names the columns where the file
// does not say: short and different words over each column, where the rows below
// have numbers, or at least more rows than a form would have.
func firstRowNames(rows [][]string) bool {
	if len(rows) < 2 || len(rows[0]) < 2 {
		return false
	}
	first := rows[0]
	seen := map[string]bool{}
	for i, text := range first {
		if text == "" && i == 0 { // over the names of the rows stands nothing
			continue
		}
		if text == "" || len(text) > 100 || seen[text] || isNumber(text) && !isYear(text) {
			return false
		}
		seen[text] = true
	}
	if len(seen) < 2 && first[0] != "" {
		return false
	}
	numbers := 0
	for _, row := range rows[1:] {
		for _, text := range row {
			if isNumber(text) {
				numbers++
			}
		}
	}
	return numbers > 0 || len(first) > 2 || len(rows) > 3
}

// isNumber reports whether a cell holds a number, with a unit perhaps.
func isNumber(text string) bool {
	digits, letters := 0, 0
	for _, r := range text {
		switch {
		case unicode.IsDigit(r):
			digits++
		case unicode.IsLetter(r):
			letters++
		}
	}
	return digits > 0 && digits >= letters && strings.IndexFunc(text, unicode.IsDigit) <= 2
}

// isYear reports whether a number may name a column.
func isYear(text string) bool {
	return len(text) == 4 && (strings.HasPrefix(text, "19") || strings.HasPrefix(text, "20")) && isNumber(text)
}
