package extract

import (
	"encoding/xml"
	"strconv"
	"strings"

	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/cells"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/clean"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/letters"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/parts"
)

// readODS reads the sheets of an OpenDocument workbook. Its cells hold what they
// show as text, so formats need no reading.
func readODS(j *job) error {
	a, err := openODF(j)
	if err != nil {
		return err
	}
	info := infoOf(j.format)
	info.Pages = odfCounts(a)["table-count"]
	if err := j.out.info(info); err != nil {
		return err
	}
	styles := odsStyles{}
	if err := styles.read(a, "styles.xml"); err != nil {
		return err
	}
	o := &ods{job: j, styles: styles, pages: info.Pages, tables: &sheetTables{flow: flow{out: j.out}, raw: j.raw}}
	if odsUncomputed(a) {
		o.book = cells.NewBook()
		first := &ods{job: j, styles: odsStyles{}, book: o.book, gathers: true}
		left := a.Left // the same bytes again are no more of them
		if err := parts.Walk(a, "content.xml", false, first.token); parts.IsLimit(err) {
			return err
		}
		a.Left = left
	}
	damage := parts.Walk(a, "content.xml", false, o.token)
	if parts.IsLimit(damage) {
		return damage
	}
	if err := o.tables.endSheets(); err != nil {
		return err
	}
	if err := o.left.tell(j.out); err != nil {
		return err
	}
	return damage
}

// odsUncomputed reports whether some formula has no value.
func odsUncomputed(a *parts.Archive) bool {
	found := false
	left := a.Left
	_ = parts.Walk(a, "content.xml", true, func(_ *parts.Reader, t xml.Token) error {
		if e, ok := t.(xml.StartElement); ok && e.Name.Local == "table-cell" && parts.Attr(e, "formula") != "" && parts.Attr(e, "value-type") == "" {
			found = true
		}
		return nil
	})
	a.Left = left
	return found
}

// odsStyles are the styles that say something about what is written in them.
type odsStyles map[string]odsStyle

type odsStyle struct {
	script byte // '^' raised, '_' lowered
	bold   bool
	hidden bool
}

func (s odsStyles) read(a *parts.Archive, part string) error {
	name := ""
	err := parts.Walk(a, part, true, func(_ *parts.Reader, t xml.Token) error {
		if e, ok := t.(xml.StartElement); ok {
			name = s.element(e, name)
		}
		return nil
	})
	if parts.IsLimit(err) {
		return err
	}
	return nil
}

// element notes what an element says of the style of that name.
func (s odsStyles) element(e xml.StartElement, name string) string {
	if e.Name.Local == "style" {
		name = parts.Attr(e, "name")
	}
	if len(s) > maxCellStyles {
		return name
	}
	style := s[name]
	switch e.Name.Local {
	case "text-properties":
		switch position := parts.Attr(e, "text-position"); {
		case strings.HasPrefix(position, "super"):
			style.script = '^'
		case strings.HasPrefix(position, "sub"):
			style.script = '_'
		default: // by percent: "33% 58%"
			percent, _ := strconv.ParseFloat(strings.TrimSuffix(strings.SplitN(position+" ", " ", 2)[0], "%"), 64)
			if percent > 0 {
				style.script = '^'
			} else if percent < 0 {
				style.script = '_'
			}
		}
		style.bold = parts.Attr(e, "font-weight") == "bold"
	case "table-properties":
		style.hidden = parts.Attr(e, "display") == "false"
	default:
		return name
	}
	s[name] = style
	return name
}

// ods is the walk through content.xml.
type ods struct {
	*job
	styles  odsStyles
	book    *cells.Book
	gathers bool // only the cells for the book
	left    sheetLosses
	pages   int
	tables  *sheetTables

	style   string // being defined
	sheets  int
	name    string
	depth   int  // of tables: one may stand within a cell
	skipped bool // the sheet or row is hidden
	row     int  // from 1
	column  int
	hidden  []bool // columns
	repeat  int    // of the row
	cells   []sheetCell

	cell   odsCell
	text   strings.Builder
	span   byte
	spans  []byte
	notes  []string
	noting bool
}

type odsCell struct {
	formula, kind, value, style string
	repeat, colspan, rowspan    int
	covered                     bool
}

func (o *ods) token(x *parts.Reader, t xml.Token) error {
	switch t := t.(type) {
	case xml.StartElement:
		return o.start(x, t)
	case xml.EndElement:
		return o.end(t.Name.Local)
	case xml.CharData:
		o.write(string(t))
	}
	return nil
}

func (o *ods) write(text string) {
	if o.depth == 0 || o.text.Len() > maxSection {
		return
	}
	switch o.span {
	case '^':
		text = letters.Superscript(o.text.String(), text)
	case '_':
		text = letters.Subscript(o.text.String(), text)
	}
	if len(o.spans) > 0 || o.noting { // within a paragraph; what stands between is layout
		o.text.WriteString(text)
	}
}

func atoi(text string) int {
	n, _ := strconv.Atoi(text)
	return n
}

func (o *ods) start(x *parts.Reader, e xml.StartElement) error {
	switch e.Name.Local {
	case "tracked-changes", "script", "forms", "object", "object-ole", "desc", "title", "shapes", "named-expressions",
		"content-validations", "database-ranges", "dde-links", "event-listeners":
		return x.Skip()
	case "style", "text-properties", "table-properties":
		o.style = o.styles.element(e, o.style)
	case "table":
		if o.depth++; o.depth == 1 {
			return o.startSheet(e)
		}
	case "table-column":
		o.startColumns(e)
	case "table-row":
		if o.depth == 1 {
			o.column, o.cells = 0, nil
			o.repeat = max(atoi(parts.Attr(e, "number-rows-repeated")), 1)
			o.cell.covered = false
			if v := parts.Attr(e, "visibility"); v == "collapse" || v == "filter" {
				o.repeat = -o.repeat
			}
		}
	case "table-cell", "covered-table-cell":
		if o.depth == 1 {
			o.startCell(e)
		}
	case "annotation":
		if o.noting = true; o.gathers {
			return x.Skip()
		}
		o.notes = append(o.notes, o.text.String())
		o.text.Reset()
	case "creator", "date", "date-string", "initials":
		if o.noting {
			return x.Skip()
		}
	case "p":
		if o.text.Len() > 0 {
			o.text.WriteByte(' ')
		}
		o.spans = append(o.spans, o.span)
		o.span = 0
	case "span", "a":
		o.spans = append(o.spans, o.span)
		if script := o.styles[parts.Attr(e, "style-name")].script; script != 0 {
			o.span = script
		}
	case "s", "tab", "line-break":
		o.write(" ")
	}
	return nil
}

func (o *ods) startSheet(e xml.StartElement) error {
	o.sheets++
	o.name, o.row, o.hidden = clean.Clip(clean.Line(parts.Attr(e, "name")), 100), 0, nil
	if o.skipped = o.styles[parts.Attr(e, "style-name")].hidden && !o.gathers && !o.raw; o.skipped {
		o.left.hidden++
	}
	if o.gathers {
		return nil
	}
	if err := o.out.working(o.sheets, max(o.pages, o.sheets)); err != nil {
		return err
	}
	o.tables.sheet(o.name)
	return nil
}

// startColumns notes which columns are hidden.
func (o *ods) startColumns(e xml.StartElement) {
	hidden := parts.Attr(e, "visibility") == "collapse"
	n := min(max(atoi(parts.Attr(e, "number-columns-repeated")), 1), maxColumns-min(len(o.hidden), maxColumns))
	if hidden && !o.skipped && !o.gathers && !o.raw {
		o.left.hidden += n
	}
	for range n {
		o.hidden = append(o.hidden, hidden)
	}
}

func (o *ods) startCell(e xml.StartElement) {
	o.text.Reset()
	o.notes = nil
	o.cell = odsCell{formula: parts.Attr(e, "formula"), kind: parts.Attr(e, "value-type"), value: parts.Attr(e, "value"), style: parts.Attr(e, "style-name"),
		repeat: max(atoi(parts.Attr(e, "number-columns-repeated")), 1), colspan: atoi(parts.Attr(e, "number-columns-spanned")),
		rowspan: atoi(parts.Attr(e, "number-rows-spanned")), covered: e.Name.Local == "covered-table-cell"}
	if o.cell.kind == "boolean" {
		o.cell.value = parts.Attr(e, "boolean-value")
	}
}

func (o *ods) end(name string) error {
	switch name {
	case "p", "span", "a":
		if n := len(o.spans); n > 0 {
			o.span, o.spans = o.spans[n-1], o.spans[:n-1]
		}
	case "annotation":
		o.noting = false
		if n := len(o.notes); n > 0 {
			note := clean.Line(o.text.String())
			o.text.Reset()
			o.text.WriteString(o.notes[n-1])
			o.notes[n-1] = note
		}
	case "table-cell", "covered-table-cell":
		if o.depth == 1 {
			o.endCell()
		}
	case "table-row":
		if o.depth == 1 {
			return o.endRow()
		}
	case "table":
		if o.depth = max(o.depth-1, 0); o.depth == 0 && !o.gathers {
			o.tables.endSheet()
			return o.left.sayComments(&o.tables.flow, o.tables.err)
		}
	}
	return nil
}

func (o *ods) endCell() {
	c := o.cell
	at := o.column
	o.column = min(o.column+c.repeat, maxColumns)
	place := cells.Place{Sheet: strings.ToLower(o.name), Row: o.row, Col: at}
	if o.gathers {
		for i := range min(c.repeat, maxColumns-at) {
			place.Col = at + i
			o.gather(place, c)
		}
		return
	}
	text := o.text.String()
	if o.skipped || o.repeat < 0 && !o.raw {
		return
	}
	if c.formula != "" && c.kind == "" {
		text = o.left.compute(o.book, place, odsFormula(c.formula), nil)
	} else if text == "" && c.value != "" { // a writer that left the text away
		text = c.value
	}
	if strings.HasPrefix(text, "#") && isSheetError(text) || strings.HasPrefix(text, "Err:") {
		o.left.errors++
	}
	for i := range min(c.repeat, maxColumns-at) {
		if at+i < len(o.hidden) && o.hidden[at+i] && !o.raw {
			continue
		}
		if i == 0 {
			for _, note := range o.notes {
				o.left.comment(columnName(at)+strconv.Itoa(o.row+1), note)
			}
		}
		if text != "" && !c.covered {
			o.cells = append(o.cells, sheetCell{column: at + i, text: text, colspan: c.colspan, rowspan: c.rowspan, bold: o.styles[c.style].bold})
		}
	}
}

func (o *ods) gather(at cells.Place, c odsCell) {
	switch {
	case c.formula != "" && c.kind == "":
		o.book.SetFormula(at, odsFormula(c.formula))
	case c.kind == "boolean":
		o.book.Set(at, cells.Truth(c.value == "true"))
	case c.value != "":
		if n, err := strconv.ParseFloat(c.value, 64); err == nil {
			o.book.Set(at, cells.Number(n))
		}
	case o.text.Len() > 0:
		o.book.Set(at, cells.Text(o.text.String()))
	}
}

func (o *ods) endRow() error {
	hidden := o.repeat < 0
	repeat := max(o.repeat, -o.repeat)
	if hidden && !o.gathers && !o.raw {
		if !o.skipped && repeat < maxRowspan { // the rest of the sheet is no loss
			o.left.hidden += repeat
		}
		o.tables.pass(o.row+1, min(repeat, 2_000_000))
		o.row += min(repeat, 2_000_000)
		return nil
	}
	if len(o.cells) > 0 {
		for i := range min(repeat, maxRepeatedRows) {
			o.tables.row(o.row+i+1, o.cells)
			if o.tables.err != nil {
				return o.tables.err
			}
		}
	}
	o.row += min(repeat, 2_000_000)
	return nil
}

// maxRepeatedRows is how often one row is written that the file repeats.
const maxRepeatedRows = 1000

// odsFormula turns "of:=SUM([.A1:.A3])" into "SUM(A1:A3)".
func odsFormula(formula string) string {
	if _, rest, ok := strings.Cut(formula, "="); ok {
		formula = rest
	}
	if len(formula) > cells.MaxFormula {
		return formula
	}
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(formula, "[")
		b.WriteString(before)
		ref, after, closed := strings.Cut(rest, "]")
		if !ok || !closed {
			return b.String()
		}
		for i, corner := range strings.Split(ref, ":") {
			sheet, cell := "", corner
			if n := strings.LastIndexByte(corner, '.'); n >= 0 {
				sheet, cell = strings.TrimPrefix(corner[:n], "$"), corner[n+1:]
			}
			if i > 0 {
				b.WriteString(":" + cell)
			} else if sheet != "" {
				b.WriteString(sheet + "!" + cell)
			} else {
				b.WriteString(cell)
			}
		}
		formula = after
	}
}
