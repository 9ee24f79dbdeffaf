package extract

import (
	"bytes"
	"strings"

	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/clean"
)

// htmlTable is an open table.
type htmlTable struct {
	grid    *grid
	layout  bool // only places things on the page
	cells   []htmlCell
	cell    *htmlCell // open
	first   *htmlCell // the only one of the first row: perhaps a frame around text
	rows    int
	b       bytes.Buffer
	caption bool // open
	head    bool // within thead
	headers bool // it has header cells
	broad   bool // some row has several cells with text
}

type htmlCell struct {
	text             string
	colspan, rowspan int
	header           bool
}

// table is the innermost table that is one, nil outside.
func (h *htmlWalk) table() *htmlTable {
	for i := len(h.tables) - 1; i >= 0; i-- {
		if !h.tables[i].layout {
			return h.tables[i]
		}
	}
	return nil
}

// tableTag opens or closes a table.
func (h *htmlWalk) tableTag(attrs tagAttrs, open bool) {
	if !open {
		if t := h.top(); t != nil {
			h.endTable(t)
		}
		return
	}
	const most = 50 // tables within tables
	if len(h.tables) >= most {
		return
	}
	outer := h.table()
	if outer != nil && outer.cell != nil && outer.layOut() {
		h.becomeLayout(outer)
		outer = nil
	}
	t := &htmlTable{}
	if outer != nil && outer.cell != nil {
		t.grid = nestedTable()
	} else {
		h.endBlock()
		h.item = nil
		t.grid = h.flow.openTable("")
		t.layout = attrs["role"] == "presentation"
	}
	h.clearInline()
	h.tables = append(h.tables, t)
}

// layOut reports whether a table in which another begins only places it on the
// page: nothing is named, and no row has had two texts.
func (t *htmlTable) layOut() bool {
	texts := 0
	for _, c := range t.cells {
		if c.text != "" {
			texts++
		}
	}
	return t.grid.flow != nil && t.grid.caption == "" && !t.headers && !t.broad && texts < 2
}

// top is the innermost table.
func (h *htmlWalk) top() *htmlTable {
	if n := len(h.tables); n > 0 {
		return h.tables[n-1]
	}
	return nil
}

// becomeLayout turns a table into paragraphs from here on.
func (h *htmlWalk) becomeLayout(t *htmlTable) {
	if t.layout {
		return
	}
	if t.grid.flow == nil {
		h.flow.para(t.grid.text())
	} else {
		t.grid.close()
	}
	if t.first != nil {
		h.flow.para(t.first.text)
		t.first = nil
	}
	for _, c := range t.cells {
		h.flow.para(c.text)
	}
	h.flow.para(texIn(h.flow, t.b.String()))
	t.layout, t.cells, t.cell, t.caption = true, nil, nil, false
	t.b.Reset()
	h.clearInline()
}

func (h *htmlWalk) cellTag(t *htmlTable, name string, attrs tagAttrs, open bool) {
	if t.layout {
		h.endBlock()
		return
	}
	h.endCell(t)
	if !open {
		return
	}
	span := func(name string) int { return min(max(attrs.number(name, 1), 0), maxRowspan) }
	t.cell = &htmlCell{colspan: span("colspan"), rowspan: span("rowspan"), header: name == "th" || t.head}
	if t.cell.rowspan == 0 { // down to the end
		t.cell.rowspan = maxRowspan
	}
	t.headers = t.headers || t.cell.header
}

func (h *htmlWalk) endCell(t *htmlTable) {
	if t.cell == nil {
		return
	}
	t.cell.text = texIn(h.flow, strings.TrimSpace(t.b.String()))
	t.b.Reset()
	t.cells = append(t.cells, *t.cell)
	t.cell = nil
	h.clearInline()
	if len(t.cells) > maxColumns {
		t.cells = t.cells[:maxColumns]
	}
}

func (h *htmlWalk) endRow(t *htmlTable) {
	if t.layout {
		h.endBlock()
		return
	}
	h.endCaption(t)
	h.endCell(t)
	if len(t.cells) == 0 {
		return
	}
	t.rows++
	if t.rows == 1 && len(t.cells) == 1 {
		t.first = &t.cells[0]
		t.cells = nil
		return
	}
	if t.first != nil {
		t.send([]htmlCell{*t.first})
		t.first = nil
	}
	t.send(t.cells)
	t.cells = t.cells[:0]
	if t.grid.flow == nil && t.grid.bytes > partBytes { // too long for a cell
		h.overflow()
	}
}

// send gives a row to the grid.
func (t *htmlTable) send(cells []htmlCell) {
	texts := 0
	for _, c := range cells {
		if c.text != "" {
			texts++
		}
		t.grid.cell(strings.ReplaceAll(c.text, "\n", " "), c.colspan, c.rowspan, c.header)
	}
	t.broad = t.broad || texts > 1
	t.grid.endRow()
}

func (h *htmlWalk) endCaption(t *htmlTable) {
	if t.caption {
		t.grid.caption = clean.Line(t.b.String())
		t.b.Reset()
		t.caption = false
		h.clearInline()
	}
}

func (h *htmlWalk) endTable(t *htmlTable) {
	h.endRow(t)
	if t.first != nil && t.grid.flow != nil {
		h.becomeLayout(t)
	} else if t.first != nil {
		t.send([]htmlCell{*t.first})
	}
	h.tables = h.tables[:len(h.tables)-1]
	if t.layout {
		h.endBlock()
		return
	}
	if t.grid.flow == nil {
		h.write(" " + t.grid.text() + " ")
		return
	}
	t.grid.close()
}
