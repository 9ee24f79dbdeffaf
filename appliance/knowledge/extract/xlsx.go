package extract

import (
	"encoding/xml"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"time"
)

// readXLSX reads each sheet's rows as "A | B | C", with the values that were
// last computed.
func readXLSX(j *job) error {
	a, part, err := openOOXML(j, "xl/workbook.xml")
	if err != nil {
		return err
	}
	rels := relationsOf(a, part)
	type sheet struct{ name, part string }
	var sheets []sheet
	book := &workbook{}
	err = walkPart(a, part, false, func(_ *xmlReader, t xml.Token) error {
		e, ok := t.(xml.StartElement)
		if !ok {
			return nil
		}
		switch e.Name.Local {
		case "workbookPr":
			book.from1904 = attr(e, "date1904") == "1" || attr(e, "date1904") == "true"
		case "sheet":
			if rel, ok := rels[attrNS(e, "relationships", "id")]; ok && rel.kind == "worksheet" {
				sheets = append(sheets, sheet{attr(e, "name"), rel.target})
			}
		}
		return nil
	})
	if err != nil && (isLimit(err) || len(sheets) == 0) {
		return err
	}
	if err := book.readStrings(a, rels.first("sharedStrings"), j.out.limit); err != nil {
		return err
	}
	if err := book.readStyles(a, rels.first("styles")); err != nil {
		return err
	}
	info := infoOf(formatXLSX)
	info.Pages = len(sheets)
	if err := j.out.info(info); err != nil {
		return err
	}
	rows := &rowFlow{flow: flow{out: j.out}}
	bad := 0
	for i, s := range sheets {
		if err := j.out.working(i+1, len(sheets)); err != nil {
			return err
		}
		rows.sheet(clip(cleanLine(s.name), 100))
		err := walkPart(a, s.part, false, (&sheetWalk{book: book, rows: rows}).token)
		rows.flush()
		switch {
		case rows.err != nil:
			return rows.err
		case isLimit(err):
			return err
		case err != nil:
			fmt.Fprintf(os.Stderr, "extract: sheet %d: %v\n", i+1, err)
			bad++
		}
	}
	if err := rows.end(); err != nil {
		return err
	}
	if bad > 0 && j.out.text > 0 {
		return j.out.notice(noticePagesUnreadable(bad, len(sheets)))
	}
	return nil
}

// workbook is what the cells refer to.
type workbook struct {
	strings  []string
	dates    []bool // by cell style: the number is a date
	from1904 bool   // dates count from 1904, as old Macs' did
}

// readStrings reads the table of shared texts, at most limit bytes of it.
func (b *workbook) readStrings(a *archive, part string, limit int64) error {
	var item strings.Builder
	err := walkPart(a, part, true, func(x *xmlReader, t xml.Token) error {
		switch t := t.(type) {
		case xml.StartElement:
			switch t.Name.Local {
			case "t":
				text, err := x.text()
				item.WriteString(text)
				return err
			case "rPh": // how to pronounce it, not what it says
				return x.skip()
			}
		case xml.EndElement:
			if t.Name.Local == "si" {
				// 16 bytes of header stand for each, even if empty.
				if limit -= int64(item.Len()) + 16; limit < 0 {
					return errInflated
				}
				b.strings = append(b.strings, strings.Clone(clip(item.String(), maxSection)))
				item.Reset()
			}
		}
		return nil
	})
	if isLimit(err) {
		return err
	}
	return nil // a damaged table costs the cells that refer to its rest
}

// readStyles finds the styles whose numbers are dates.
func (b *workbook) readStyles(a *archive, part string) error {
	custom := map[string]bool{}
	inCells := false
	err := walkPart(a, part, true, func(_ *xmlReader, t xml.Token) error {
		switch t := t.(type) {
		case xml.StartElement:
			switch t.Name.Local {
			case "numFmt":
				custom[attr(t, "numFmtId")] = isDateFormat(attr(t, "formatCode"))
			case "cellXfs":
				inCells = true
			case "xf":
				if id := attr(t, "numFmtId"); inCells && len(b.dates) < 70_000 { // Excel's own limit is 65,490
					n, _ := strconv.Atoi(id)
					b.dates = append(b.dates, custom[id] || n >= 14 && n <= 22 || n >= 45 && n <= 47)
				}
			}
		case xml.EndElement:
			if t.Name.Local == "cellXfs" {
				inCells = false
			}
		}
		return nil
	})
	if isLimit(err) {
		return err
	}
	return nil
}

// isDateFormat looks for a part of a date outside quotes and brackets.
func isDateFormat(code string) bool {
	quoted, bracketed := false, false
	for _, r := range strings.ToLower(code) {
		switch {
		case r == '"':
			quoted = !quoted
		case r == '[':
			bracketed = true
		case r == ']':
			bracketed = false
		case !quoted && !bracketed && strings.ContainsRune("ydhs", r):
			return true
		}
	}
	return false
}

// sheetWalk is the walk through one sheet's cells.
type sheetWalk struct {
	book  *workbook
	rows  *rowFlow
	cells []string
	// of the open cell
	column       int
	kind, style  string
	value, plain strings.Builder
}

func (s *sheetWalk) token(x *xmlReader, t xml.Token) error {
	switch t := t.(type) {
	case xml.StartElement:
		switch t.Name.Local {
		case "row":
			s.cells = s.cells[:0]
		case "c":
			s.kind, s.style = attr(t, "t"), attr(t, "s")
			s.column = len(s.cells)
			if ref := attr(t, "r"); ref != "" {
				s.column = columnOf(ref)
			}
			s.value.Reset()
			s.plain.Reset()
		case "v":
			text, err := x.text()
			s.value.WriteString(text)
			return err
		case "t":
			text, err := x.text()
			s.plain.WriteString(text)
			return err
		case "f", "rPh":
			return x.skip()
		}
	case xml.EndElement:
		switch t.Name.Local {
		case "c":
			s.endCell()
		case "row":
			s.rows.row(s.cells)
			return s.rows.err
		}
	}
	return nil
}

func (s *sheetWalk) endCell() {
	text := s.text()
	if text == "" || s.column >= maxColumns {
		return
	}
	for len(s.cells) <= s.column {
		s.cells = append(s.cells, "")
	}
	s.cells[s.column] = text
}

func (s *sheetWalk) text() string {
	value := s.value.String()
	switch s.kind {
	case "s":
		if i, err := strconv.Atoi(value); err == nil && i >= 0 && i < len(s.book.strings) {
			return s.book.strings[i]
		}
		return ""
	case "inlineStr":
		return s.plain.String()
	case "b":
		if value == "1" {
			return "TRUE"
		}
		return "FALSE"
	case "", "n":
		number, err := strconv.ParseFloat(value, 64)
		if err != nil {
			return value
		}
		if style, err := strconv.Atoi(s.style); err == nil && style >= 0 && style < len(s.book.dates) && s.book.dates[style] {
			return formatDate(number, s.book.from1904)
		}
		// Cells hold what the processor computed; people see 15 digits.
		return strconv.FormatFloat(roundDigits(number), 'f', -1, 64)
	}
	return value
}

func roundDigits(f float64) float64 {
	r, err := strconv.ParseFloat(strconv.FormatFloat(f, 'g', 15, 64), 64)
	if err != nil || math.Abs(r) > 1e21 {
		return f
	}
	return r
}

// formatDate writes a count of days as a date, a time of day, or both.
func formatDate(days float64, from1904 bool) string {
	if days < 0 || days > 3_000_000 { // the year 9999
		return strconv.FormatFloat(days, 'f', -1, 64)
	}
	epoch := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC) // Excel believes in 29 February 1900
	if from1904 {
		epoch = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	t := epoch.AddDate(0, 0, int(days)).Add(time.Duration(math.Round((days-math.Floor(days))*86400)) * time.Second)
	switch {
	case days < 1:
		return t.Format("15:04")
	case days == math.Floor(days):
		return t.Format("2006-01-02")
	}
	return t.Format("2006-01-02 15:04")
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
