package extract

import (
	"encoding/xml"
	"strconv"
	"strings"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/clean"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/mathtext"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/parts"
)

// object reads a formula, a chart or a table that is a document of its own.
func (o *odf) object(dir string) {
	w := odfObject{out: o.out}
	err := parts.Walk(o.archive, dir+"/content.xml", false, w.token)
	switch {
	case err != nil && w.kind == "" || w.kind == "" && w.math == nil:
		o.out.count("embedded_lost", 1)
	case w.math != nil:
		o.formula(w.math.Result())
	default:
		o.behind(w.plain(), func() { w.send(o.flow) })
	}
}

// odfObject is a document within the document.
type odfObject struct {
	out   *sink
	kind  string // chart, spreadsheet or text
	math  *mathtext.Builder
	title string
	table *odfTable
	rows  [][]string
	cut   bool
}

func (w *odfObject) token(x *parts.Reader, t xml.Token) error {
	switch t := t.(type) {
	case xml.StartElement:
		return w.start(x, t)
	case xml.CharData:
		switch {
		case w.math != nil:
			w.math.Write(string(t))
		case w.table != nil:
			w.table.b.Write(t)
		}
	case xml.EndElement:
		if w.math != nil {
			w.math.End()
			return nil
		}
		switch t.Name.Local {
		case "table-cell":
			if w.table != nil {
				w.table.endCell()
			}
		case "table-row":
			w.endRow()
		case "table":
			w.table = nil
		}
	}
	return nil
}

func (w *odfObject) start(x *parts.Reader, e xml.StartElement) error {
	if w.math != nil {
		w.math.Start(e.Name.Local, map[string]string{"encoding": parts.Attr(e, "encoding")})
		return nil
	}
	switch e.Name.Local {
	case "math":
		w.math = &mathtext.Builder{}
	case "chart", "spreadsheet", "text":
		if w.kind == "" {
			w.kind = e.Name.Local
		}
	case "title":
		text, err := x.Text()
		if w.title == "" {
			w.title = clean.Line(text)
		}
		return err
	case "subtitle", "legend", "axis", "automatic-styles":
		return x.Skip()
	case "table":
		w.table = &odfTable{open: odfCell{colspan: 1, rowspan: 1, repeat: 1}}
	case "table-cell", "covered-table-cell":
		if w.table != nil {
			n, _ := strconv.Atoi(parts.Attr(e, "number-columns-repeated"))
			w.table.open = odfCell{colspan: 1, rowspan: 1, repeat: max(n, 1)}
		}
	}
	return nil
}

func (w *odfObject) endRow() {
	if w.table == nil {
		return
	}
	var row []string
	for _, c := range w.table.cells {
		for range c.empty {
			row = append(row, "")
		}
		for range min(c.repeat, 100) {
			row = append(row, c.text)
		}
		if len(row) > maxColumns {
			break
		}
	}
	w.table.cells, w.table.empty = w.table.cells[:0], 0
	switch {
	case len(row) == 0:
	case len(w.rows) >= maxObjectRows:
		w.cut = true
	default:
		w.rows = append(w.rows, row)
	}
}

func (w *odfObject) plain() string {
	lines := make([]string, 0, len(w.rows)+1)
	for i, row := range w.rows {
		if i == 50 {
			break
		}
		lines = append(lines, appliance.RowText(row))
	}
	return strings.TrimSpace(w.title + " " + strings.Join(lines, "; "))
}

// send gives a chart's data to the flow as a table.
func (w *odfObject) send(f *flow) {
	if len(w.rows) == 0 {
		f.out.count("embedded_lost", 1)
		return
	}
	if w.kind == "chart" {
		f.out.count("charts", 1)
		if w.cut {
			f.out.count("charts_cut", 1)
		}
	} else {
		f.out.count("embedded", 1)
	}
	g := f.openTable(w.title)
	for i, row := range w.rows {
		for _, text := range row {
			g.cell(text, 1, 1, i == 0 && w.kind == "chart")
		}
		g.endRow()
	}
	g.close()
}
