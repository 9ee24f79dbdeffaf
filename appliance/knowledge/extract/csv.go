package extract

import (
	"bufio"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/codepage"
)

// readCSV reads tables. Cells stay as they are written: 1,4 is not made 1.4.
func readCSV(j *job) error {
	in, err := j.decoded()
	if err != nil {
		return err
	}
	head := make([]byte, min(j.size, sniffBytes))
	n, _ := j.file.ReadAt(head, 0)
	// A quote that is never closed makes the rest of the file one field, so
	// the decoder gets no more than the text that would be taken.
	text := codepage.Decode(head[:n])
	comma, said := saidDelimiter(text)
	if !said {
		comma = sniffDelimiter(text)
	}
	// A quote that is never closed makes the rest of the file one field, so
	// the decoder gets no more than the text that would be taken.
	lines := bufio.NewReader(io.LimitReader(in, j.out.limit))
	number := 0 // of the record's line
	if said {
		if _, err := lines.ReadString('\n'); err != nil && err != io.EOF {
			return err
		}
		number++
	}
	r := csv.NewReader(lines)
	if r.Comma = comma; comma == 0 {
		r.Comma = ','
	}
	r.FieldsPerRecord = -1
	r.LazyQuotes = true
	r.ReuseRecord = true
	tables := &sheetTables{flow: flow{out: j.out}, raw: j.raw}
	for tables.err == nil {
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
		line, _ := r.FieldPos(0)
		tables.row(number+line, csvCells(record))
	}
	return tables.endSheets()
}

func csvCells(record []string) []sheetCell {
	var cells []sheetCell
	for i, text := range record {
		if strings.TrimSpace(text) != "" {
			cells = append(cells, sheetCell{column: i, text: text})
		}
	}
	return cells
}

// saidDelimiter is the separator that a first line "sep=;" names, as Excel
// writes it.
func saidDelimiter(text string) (rune, bool) {
	first, _, _ := strings.Cut(text, "\n")
	rest, ok := strings.CutPrefix(strings.ToLower(strings.Trim(first, "\ufeff\" \r")), "sep=")
	if ok && rest == "" && strings.Contains(first, "\t") {
		rest = "\t"
	}
	letters := []rune(rest)
	if !ok || len(letters) != 1 || !strings.ContainsRune(";,|:\t", letters[0]) {
		return 0, false
	}
	return letters[0], true
}

// sniffDelimiter finds the separator of a table in text, or 0: the one that
// gives the first lines the same number of columns, at least two. Prose has
// commas too, but not the same number in every line.
func sniffDelimiter(text string) rune {
	if d, said := saidDelimiter(text); said {
		return d
	}
	complete := strings.LastIndexByte(text, '\n')
	if complete < 0 {
		return 0
	}
	for _, d := range []rune{'\t', ';', ',', '|'} {
		r := csv.NewReader(strings.NewReader(text[:complete]))
		r.Comma = d
		r.FieldsPerRecord = -1
		r.LazyQuotes = true
		var widths []int
		for len(widths) < 40 {
			record, err := r.Read()
			if err != nil {
				break
			}
			widths = append(widths, len(record))
		}
		// Titles may stand above the table.
		columns := usual(widths)
		titles := slices.Index(widths, columns)
		if titles < 0 {
			continue
		}
		rows, same := len(widths)-titles, 0
		for _, width := range widths[titles:] {
			if width == columns {
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
		if titles > 0 {
			wanted = max(3, 2*titles)
		}
		if d == '|' && strings.HasPrefix(text, "|") { // Markdown
			continue
		}
		if columns >= 2 && same >= wanted && same*10 >= rows*9 && titles <= maxTitles {
			return d
		}
	}
	return 0
}

// usual is the number that is there most often.
func usual(numbers []int) (best int) {
	count := map[int]int{}
	for _, n := range numbers {
		if count[n]++; count[n] > count[best] {
			best = n
		}
	}
	return best
}
