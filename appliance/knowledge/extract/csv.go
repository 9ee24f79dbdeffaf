package extract

import (
	"encoding/csv"
	"errors"
	"io"
	"strings"

	"github.com/bwenge-os/bwenge/appliance"
)

// rowsPerSection keeps a sheet's passages short; each begins with the sheet's
// first row, which names the columns.
const rowsPerSection = 40

// readCSV reads rows as "A | B | C".
func readCSV(j *job) error {
	in, err := j.decoded()
	if err != nil {
		return err
	}
	head := make([]byte, min(j.size, sniffBytes))
	n, _ := j.file.ReadAt(head, 0)
	// A quote that is never closed makes the rest of the file one field, so
	// the decoder gets no more than the text that would be taken.
	r := csv.NewReader(io.LimitReader(in, j.out.limit))
	r.Comma = sniffDelimiter(decodeHead(head[:n]))
	if r.Comma == 0 {
		r.Comma = ','
	}
	r.FieldsPerRecord = -1
	r.LazyQuotes = true
	r.ReuseRecord = true
	rows := &rowFlow{flow: flow{out: j.out}}
	for rows.err == nil {
		record, err := r.Read()
		if err == io.EOF {
			break
		}
		var bad *csv.ParseError
		if errors.As(err, &bad) {
			continue // a line that cannot be read costs only itself
		}
		if err != nil {
			return err
		}
		rows.row(record)
	}
	return rows.end()
}

// rowFlow turns rows into sections.
type rowFlow struct {
	flow
	first string // the row that names the columns
	count int    // rows in this section
}

// sheet begins another sheet.
func (r *rowFlow) sheet(name string) {
	r.flush()
	r.first, r.count = "", 0
	r.at(appliance.Place{Sheet: name})
}

func (r *rowFlow) row(cells []string) {
	text := joinCells(cells)
	if text == "" {
		return
	}
	if r.first == "" {
		r.first = clip(text, 1000)
	}
	if r.count == rowsPerSection {
		r.flush()
		r.line(r.first)
		r.count = 1
	}
	r.line(text)
	r.count++
}

// joinCells makes a line of a row: empty cells at the end are left out.
func joinCells(cells []string) string {
	clean := make([]string, len(cells))
	last := 0
	for i, c := range cells {
		clean[i] = cleanLine(c)
		if clean[i] != "" {
			last = i + 1
		}
	}
	return strings.Join(clean[:last], " | ")
}

// sniffDelimiter finds the separator of a table in text, or 0: the one that
// gives the first lines the same number of columns, at least two. Prose has
// commas too, but not the same number in every line.
func sniffDelimiter(text string) rune {
	complete := strings.LastIndexByte(text, '\n')
	if complete < 0 {
		return 0
	}
	for _, d := range []rune{'\t', ';', ',', '|'} {
		r := csv.NewReader(strings.NewReader(text[:complete]))
		r.Comma = d
		r.FieldsPerRecord = -1
		r.LazyQuotes = true
		rows, columns, same := 0, 0, 0
		for rows < 30 {
			record, err := r.Read()
			if err != nil {
				break
			}
			if rows++; rows == 1 {
				columns = len(record)
			}
			if len(record) == columns {
				same++
			}
		}
		wanted := 2
		if d == ',' {
			wanted = 3
			if columns == 2 && strings.Contains(text, ", ") { // lines of prose may have a comma each
				continue
			}
		}
		if d == '|' && strings.HasPrefix(text, "|") { // Markdown
			continue
		}
		if columns >= 2 && rows >= wanted && same*10 >= rows*9 {
			return d
		}
	}
	return 0
}
