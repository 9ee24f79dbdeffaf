package extract

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"regexp"
	"strconv"
	"strings"

	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/cells"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/clean"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/fault"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/letters"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/parts"
)

// readXLSX reads the tables of each sheet as they are shown, with the values
// that were last computed.
func readXLSX(j *job) error {
	a, part, err := parts.OpenOOXML(j.file, j.size, "xl/workbook.xml")
	if err != nil {
		return err
	}
	book := &workbook{}
	if err := book.open(a, part, j.out.limit); err != nil {
		return err
	}
	info := infoOf(formatXLSX)
	info.Pages = len(book.sheets)
	if err := j.out.info(info); err != nil {
		return err
	}
	if err := book.gather(a); err != nil {
		return err
	}
	tables := &sheetTables{flow: flow{out: j.out}, raw: j.raw}
	bad := 0
	for i, s := range book.sheets {
		if err := j.out.working(i+1, len(book.sheets)); err != nil {
			return err
		}
		if s.hidden && !j.raw {
			book.left.hidden++
			continue
		}
		damage, err := book.readSheet(a, s, tables)
		if err != nil {
			return err
		}
		if damage != nil {
			fmt.Fprintf(os.Stderr, "extract: sheet %d: %v\n", i+1, damage)
			bad++
		}
	}
	if err := tables.endSheets(); err != nil {
		return err
	}
	if err := book.left.tell(j.out); err != nil {
		return err
	}
	if bad > 0 && j.out.text > 0 {
		return j.out.notice(fault.NoticePagesUnreadable(bad, len(book.sheets)))
	}
	return nil
}

// open finds the sheets and what their cells refer to: texts, of which at most
// limit bytes are read, and styles.
func (b *workbook) open(a *parts.Archive, part string, limit int64) error {
	rels := parts.RelationsOf(a, part)
	err := parts.Walk(a, part, false, func(_ *parts.Reader, t xml.Token) error {
		e, ok := t.(xml.StartElement)
		if !ok {
			return nil
		}
		switch e.Name.Local {
		case "workbookPr":
			b.from1904 = parts.Attr(e, "date1904") == "1" || parts.Attr(e, "date1904") == "true"
		case "sheet":
			if rel, ok := rels[parts.AttrNS(e, "relationships", "id")]; ok && rel.Kind == "worksheet" {
				state := parts.Attr(e, "state")
				b.sheets = append(b.sheets, &xlsxSheet{name: clean.Clip(clean.Line(parts.Attr(e, "name")), 100), part: rel.Target,
					hidden: state == "hidden" || state == "veryHidden"})
			}
		}
		return nil
	})
	if err != nil && (parts.IsLimit(err) || len(b.sheets) == 0) {
		return err
	}
	if err := b.readStrings(a, rels.First("sharedStrings"), limit); err != nil {
		return err
	}
	return b.readStyles(a, rels.First("styles"))
}

// gather finds the merged cells of all sheets, and keeps their cells to compute
// with if a formula has no value.
func (b *workbook) gather(a *parts.Archive) error {
	uncomputed := false
	for _, s := range b.sheets {
		found, err := s.scan(a)
		if parts.IsLimit(err) {
			return err
		}
		uncomputed = uncomputed || found
	}
	if !uncomputed {
		return nil
	}
	b.formulas = cells.NewBook()
	left := a.Left // the same bytes again are no more of them
	for _, s := range b.sheets {
		walk := &sheetWalk{book: b, sheet: s, gathers: true}
		if err := parts.Walk(a, s.part, false, walk.token); parts.IsLimit(err) {
			return err
		}
	}
	a.Left = left
	return nil
}

// readSheet reads a sheet and its comments. damage is what ended it too early.
func (b *workbook) readSheet(a *parts.Archive, s *xlsxSheet, tables *sheetTables) (damage, err error) {
	tables.sheet(s.name)
	walk := &sheetWalk{book: b, sheet: s, tables: tables, shows: tables.raw}
	damage = parts.Walk(a, s.part, false, walk.token)
	tables.endSheet()
	if tables.err != nil {
		return nil, tables.err
	}
	if parts.IsLimit(damage) {
		return nil, damage
	}
	if !tables.raw {
		err = b.sayComments(a, parts.RelationsOf(a, s.part).First("comments"), tables)
	}
	return damage, err
}

// xlsxSheet is a sheet and the merged cells on it.
type xlsxSheet struct {
	name, part string
	hidden     bool
	merged     map[[2]int][2]int // row and column: how many of each
}

// maxMerged bounds the merged cells of a sheet.
const maxMerged = 100_000

var (
	mergedCell = regexp.MustCompile(`<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"`)
	// A formula that no value follows.
	noValue = regexp.MustCompile(`(?:</(?:\w+:)?f>|<(?:\w+:)?f\s[^>]*/>)\s*(?:</(?:\w+:)?c>|<(?:\w+:)?v\s*/>|<(?:\w+:)?v></)`)
)

// scan finds the merged cells, which stand behind all the rows, and formulas
// without values. It looks at the bytes only, which is ten times as fast as
// reading them.
func (s *xlsxSheet) scan(a *parts.Archive) (uncomputed bool, err error) {
	left := a.Left
	defer func() { a.Left = left }()
	rc, err := a.Open(s.part)
	if err != nil {
		return false, nil // its rows will say so
	}
	defer rc.Close()
	s.merged = map[[2]int][2]int{}
	const overlap = 400
	buf := make([]byte, 64<<10+overlap)
	kept, behind := 0, false
	for {
		n, err := io.ReadFull(rc, buf[kept:])
		window := buf[:kept+n]
		uncomputed = uncomputed || bytes.Contains(window, []byte("f>")) && noValue.Match(window) ||
			bytes.Contains(window, []byte("/>")) && bytes.Contains(window, []byte("shared")) && noValue.Match(window)
		behind = behind || bytes.Contains(window, []byte("mergeCell"))
		if behind && len(s.merged) < maxMerged {
			for _, m := range mergedCell.FindAllSubmatch(window, -1) {
				row, column := atoi(string(m[2])), columnOf(string(m[1]))
				rows, columns := atoi(string(m[4]))-row+1, columnOf(string(m[3]))-column+1
				if rows > 0 && columns > 0 {
					s.merged[[2]int{row, column}] = [2]int{rows, columns}
				}
			}
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return uncomputed, nil
		}
		if err != nil {
			return uncomputed, err
		}
		kept = copy(buf, window[len(window)-overlap:])
	}
}

// workbook is what the cells refer to.
type workbook struct {
	sheets   []*xlsxSheet
	strings  []string
	styles   []cellStyle
	from1904 bool // dates count from 1904, as old Macs' did
	formulas *cells.Book
	left     sheetLosses
}

type cellStyle struct {
	format *cells.Format
	bold   bool
}

// maxCellStyles is more than Excel's own limit, which is 65,490.
const maxCellStyles = 70_000

// richText joins the runs of a text, raised and lowered ones as such.
type richText struct {
	b    strings.Builder
	vert string
}

// token takes a token within a text; ok is false if it is none of a text's.
func (r *richText) token(x *parts.Reader, t xml.Token) (ok bool, err error) {
	e, start := t.(xml.StartElement)
	if !start {
		return false, nil
	}
	switch e.Name.Local {
	case "r", "rPr":
		r.vert = ""
	case "vertAlign":
		r.vert = parts.Attr(e, "val")
	case "rPh": // how to pronounce it, not what it says
		return true, x.Skip()
	case "t":
		text, err := x.Text()
		switch r.vert {
		case "superscript":
			text = letters.Superscript(r.b.String(), text)
		case "subscript":
			text = letters.Subscript(r.b.String(), text)
		}
		r.b.WriteString(text)
		return true, err
	default:
		return false, nil
	}
	return true, nil
}

func (r *richText) take() string {
	text := r.b.String()
	r.b.Reset()
	r.vert = ""
	return text
}

// readStrings reads the table of shared texts, at most limit bytes of it.
func (b *workbook) readStrings(a *parts.Archive, part string, limit int64) error {
	var item richText
	err := parts.Walk(a, part, true, func(x *parts.Reader, t xml.Token) error {
		if _, err := item.token(x, t); err != nil {
			return err
		}
		if end, ok := t.(xml.EndElement); ok && end.Name.Local == "si" {
			text := item.take()
			// 16 bytes of header stand for each, even if empty.
			if limit -= int64(len(text)) + 16; limit < 0 {
				return parts.ErrInflated
			}
			b.strings = append(b.strings, strings.Clone(clean.Clip(text, maxSection)))
		}
		return nil
	})
	if parts.IsLimit(err) {
		return err
	}
	return nil // a damaged table costs the cells that refer to its rest
}

// readStyles reads what the cells' styles do to numbers.
func (b *workbook) readStyles(a *parts.Archive, part string) error {
	formats := map[int]*cells.Format{}
	var bold []bool // by font
	in := ""
	err := parts.Walk(a, part, true, func(_ *parts.Reader, t xml.Token) error {
		switch t := t.(type) {
		case xml.StartElement:
			switch t.Name.Local {
			case "fonts", "cellXfs", "dxfs":
				in = t.Name.Local
			case "numFmt":
				if len(formats) < maxCellStyles && in != "dxfs" {
					formats[atoi(parts.Attr(t, "numFmtId"))] = cells.ParseFormat(parts.Attr(t, "formatCode"))
				}
			case "font":
				if in == "fonts" && len(bold) < maxCellStyles {
					bold = append(bold, false)
				}
			case "b":
				if n := len(bold); in == "fonts" && n > 0 && parts.Attr(t, "val") != "0" && parts.Attr(t, "val") != "false" {
					bold[n-1] = true
				}
			case "xf":
				if in == "cellXfs" && len(b.styles) < maxCellStyles {
					id, font := atoi(parts.Attr(t, "numFmtId")), atoi(parts.Attr(t, "fontId"))
					format, own := formats[id]
					if !own {
						if format = cells.Builtin(id); format != nil {
							formats[id] = format
						}
					}
					b.styles = append(b.styles, cellStyle{format, font >= 0 && font < len(bold) && bold[font]})
				}
			}
		case xml.EndElement:
			if t.Name.Local == in {
				in = ""
			}
		}
		return nil
	})
	if parts.IsLimit(err) {
		return err
	}
	return nil
}

// sayComments writes a sheet's comments below it.
func (b *workbook) sayComments(a *parts.Archive, part string, tables *sheetTables) error {
	if part == "" {
		return nil
	}
	var text richText
	cell := ""
	err := parts.Walk(a, path.Clean(part), true, func(x *parts.Reader, t xml.Token) error {
		if e, ok := t.(xml.StartElement); ok && e.Name.Local == "comment" {
			cell = parts.Attr(e, "ref")
			text.take()
		} else if ok && e.Name.Local == "authors" {
			return x.Skip()
		}
		if e, ok := t.(xml.EndElement); ok && e.Name.Local == "comment" {
			said := text.take()
			// Where answers are possible, old programs are told so first.
			if _, after, ok := strings.Cut(said, "Comment:"); ok && strings.HasPrefix(said, "[Threaded comment]") {
				said = after
			}
			b.left.comment(cell, said)
		}
		_, err := text.token(x, t)
		return err
	})
	if parts.IsLimit(err) {
		return err
	}
	return b.left.sayComments(&tables.flow, tables.err)
}

// sheetWalk is the walk through one sheet's cells.
type sheetWalk struct {
	book    *workbook
	sheet   *xlsxSheet
	tables  *sheetTables
	gathers bool // only the cells for the formulas
	shows   bool // hidden rows and columns too

	hidden  [][2]int // columns, from 0
	row     int      // from 1
	skipped bool     // the row is hidden
	cells   []sheetCell
	next    int // column of a cell that does not say its own
	// of the open cell
	column         int
	kind, style    string
	value, formula strings.Builder
	computed       bool // there is a formula
	inline         richText
}

func (s *sheetWalk) token(x *parts.Reader, t xml.Token) error {
	switch t := t.(type) {
	case xml.StartElement:
		switch t.Name.Local {
		case "col":
			if h := parts.Attr(t, "hidden"); (h == "1" || h == "true") && !s.shows && !s.gathers && len(s.hidden) < maxColumns {
				from, to := atoi(parts.Attr(t, "min"))-1, atoi(parts.Attr(t, "max"))-1
				s.hidden = append(s.hidden, [2]int{from, to})
				s.book.left.hidden += max(min(to, maxColumns)-from+1, 0)
			}
		case "row":
			s.cells, s.next = nil, 0
			if n := atoi(parts.Attr(t, "r")); n > s.row && n < 2_000_000 {
				s.row = n
			} else {
				s.row++
			}
			h := parts.Attr(t, "hidden")
			s.skipped = (h == "1" || h == "true") && !s.shows && !s.gathers
			if s.skipped {
				s.book.left.hidden++
			}
		case "c":
			s.kind, s.style = parts.Attr(t, "t"), parts.Attr(t, "s")
			s.column = s.next
			if ref := parts.Attr(t, "r"); ref != "" {
				s.column = columnOf(ref)
			}
			s.next = s.column + 1
			s.computed = false
			s.value.Reset()
			s.formula.Reset()
			s.inline.take()
		case "v":
			text, err := x.Text()
			s.value.WriteString(text)
			return err
		case "f":
			s.computed = true
			text, err := x.Text()
			s.formula.WriteString(text)
			return err
		default:
			_, err := s.inline.token(x, t)
			return err
		}
	case xml.EndElement:
		switch t.Name.Local {
		case "c":
			s.endCell()
		case "row":
			if s.gathers {
				return nil
			}
			if s.skipped {
				s.tables.pass(s.row, 1)
			} else {
				s.tables.row(s.row, s.cells)
			}
			return s.tables.err
		}
	}
	return nil
}

func (s *sheetWalk) endCell() {
	if s.column < 0 || s.column >= maxColumns {
		return
	}
	if s.gathers {
		s.gather()
		return
	}
	if s.skipped {
		return
	}
	for _, h := range s.hidden {
		if s.column >= h[0] && s.column <= h[1] {
			return
		}
	}
	style := s.cellStyle()
	text := s.text(style)
	if text == "" {
		return
	}
	size := s.sheet.merged[[2]int{s.row, s.column}]
	s.cells = append(s.cells, sheetCell{column: s.column, text: text, rowspan: size[0], colspan: size[1], bold: style.bold})
}

func (s *sheetWalk) cellStyle() cellStyle {
	if n := atoi(s.style); n >= 0 && n < len(s.book.styles) {
		return s.book.styles[n]
	}
	return cellStyle{}
}

// gather keeps the cell to compute with.
func (s *sheetWalk) gather() {
	at := cells.Place{Sheet: strings.ToLower(s.sheet.name), Row: s.row - 1, Col: s.column}
	value := s.value.String()
	switch {
	case s.computed && value == "":
		s.book.formulas.SetFormula(at, s.formula.String()+" ")
	case s.kind == "b":
		s.book.formulas.Set(at, cells.Truth(value == "1"))
	case s.kind == "e":
		s.book.formulas.Set(at, cells.Error(value))
	case s.kind == "" || s.kind == "n":
		if n, err := strconv.ParseFloat(value, 64); err == nil {
			s.book.formulas.Set(at, cells.Number(n))
		}
	default:
		if text := s.text(cellStyle{}); text != "" {
			s.book.formulas.Set(at, cells.Text(text))
		}
	}
}

func (s *sheetWalk) text(style cellStyle) string {
	value := s.value.String()
	if s.computed && value == "" && s.kind != "str" {
		return s.book.left.compute(s.book.formulas, cells.Place{Sheet: strings.ToLower(s.sheet.name), Row: s.row - 1, Col: s.column}, s.formula.String(), style.format)
	}
	switch s.kind {
	case "s":
		if i, err := strconv.Atoi(value); err == nil && i >= 0 && i < len(s.book.strings) {
			return style.format.Words(s.book.strings[i])
		}
		return ""
	case "inlineStr":
		return style.format.Words(s.inline.take())
	case "b":
		if value == "1" {
			return "TRUE"
		}
		return "FALSE"
	case "e":
		if !s.gathers {
			s.book.left.errors++
		}
		return value
	case "", "n":
		if value == "" {
			return ""
		}
		number, err := strconv.ParseFloat(value, 64)
		if err != nil {
			return value
		}
		return style.format.Number(number, s.book.from1904)
	case "d": // ISO 8601
		return strings.TrimSuffix(strings.Replace(value, "T", " ", 1), " 00:00:00")
	}
	return style.format.Words(value)
}

// columnOf turns a cell's name ("AB12") into a column from 0.
func columnOf(ref string) int {
	n := 0
	for _, r := range ref {
		if r < 'A' || r > 'Z' || n > maxColumns {
			break
		}
		n = n*26 + int(r-'A') + 1
	}
	return n - 1
}
