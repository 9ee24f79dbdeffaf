package extract

import (
	"bytes"
	"encoding/xml"
	"strconv"

	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/clean"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/parts"
)

type odfTable struct {
	grid   *grid
	b      bytes.Buffer // of the open cell
	cells  []odfCell
	open   odfCell
	empty  int // columns since the last one with text
	repeat int // of the open row
	header int // open table-header-rows
}

type odfCell struct {
	text             string
	colspan, rowspan int
	repeat           int
	empty            int // columns before it
}

func (o *odf) table() *odfTable {
	if n := len(o.tables); n > 0 {
		return o.tables[n-1]
	}
	return nil
}

// startInTable begins a table, a row or a cell.
func (o *odf) startInTable(x *parts.Reader, e xml.StartElement) error {
	if e.Name.Local == "table" {
		o.startTable()
		return nil
	}
	if e.Name.Local == "covered-table-cell" { // what covers it is there already
		return x.Skip()
	}
	t := o.table()
	if t == nil {
		return nil
	}
	number := func(name string) int {
		n, _ := strconv.Atoi(parts.Attr(e, name))
		return n
	}
	switch e.Name.Local {
	case "table-header-rows":
		t.header++
	case "table-row":
		t.repeat = number("number-rows-repeated")
	case "table-cell":
		t.open = odfCell{colspan: max(number("number-columns-spanned"), 1), rowspan: max(number("number-rows-spanned"), 1),
			repeat: max(number("number-columns-repeated"), 1)}
	}
	return nil
}

func (o *odf) startTable() {
	t := &odfTable{}
	if o.table() != nil || len(o.paras) > 0 {
		t.grid = nestedTable()
	} else {
		t.grid = o.flow.openTable(o.caption)
		o.caption = ""
	}
	o.tables = append(o.tables, t)
}

// spill makes paragraphs of a cell that is too long for one.
func (o *odf) spill() {
	t := o.tables[0]
	t.grid.close()
	for _, t := range o.tables {
		o.flow.para(t.b.String())
		t.b.Reset()
	}
}

// endCell keeps the cell. Empty ones wait for one with text: a row's end is
// often a cell that is repeated a thousand times.
func (t *odfTable) endCell() {
	c := t.open
	t.open = odfCell{colspan: 1, rowspan: 1, repeat: 1}
	c.text = clean.Line(t.b.String())
	t.b.Reset()
	if c.text == "" && c.rowspan < 2 {
		t.empty += min(c.repeat*c.colspan, maxColumns)
		return
	}
	if len(t.cells) < maxColumns {
		c.empty = min(t.empty, maxColumns)
		t.cells = append(t.cells, c)
	}
	t.empty = 0
}

func (o *odf) endRow(t *odfTable) {
	for range min(max(t.repeat, 1), maxRepeat) {
		for _, c := range t.cells {
			t.grid.skip(c.empty)
			for range min(c.repeat, maxColumns) {
				t.grid.cell(c.text, c.colspan, c.rowspan, t.header > 0)
			}
		}
		if len(t.cells) == 0 {
			break
		}
		t.grid.endRow()
	}
	t.cells, t.empty, t.repeat = t.cells[:0], 0, 0
	if t.grid.flow == nil && t.grid.bytes > partBytes && len(o.paras) == 0 { // too long for a cell
		o.spill()
		o.flow.para(t.grid.text())
		t.grid.reset()
	}
}

func (o *odf) endTable(t *odfTable) {
	o.tables = o.tables[:len(o.tables)-1]
	if t.grid.flow != nil {
		t.grid.close()
		return
	}
	text := t.grid.text()
	if outer := o.table(); outer != nil {
		outer.b.WriteString(" " + text + " ")
		return
	}
	o.behind(text, func() { o.flow.para(text) })
}
