package extract

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/cells"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/clean"
)

// sheetLosses counts what the rows of a workbook do not say, to be told.
type sheetLosses struct {
	errors, lost, computed, hidden int
	comments                       []string // of the sheet, not said yet
}

// compute writes the value of a formula that came without one, or the formula.
func (l *sheetLosses) compute(book *cells.Book, at cells.Place, formula string, format *cells.Format) string {
	if book != nil {
		if text, err := book.Show(at, format); err == nil {
			l.computed++
			return text
		}
	}
	l.lost++
	if strings.TrimSpace(formula) == "" { // shared with a cell that has it
		return "[formula]"
	}
	return "[=" + clean.Clip(strings.TrimSpace(formula), 200) + "]"
}

// maxComments bounds the comments of a sheet.
const maxComments = 2000

func (l *sheetLosses) comment(cell, text string) {
	if text = clean.Line(text); text != "" && len(l.comments) < maxComments {
		l.comments = append(l.comments, cell+": "+clean.Clip(text, maxCell))
	}
}

// sayComments writes the sheet's comments below its tables.
func (l *sheetLosses) sayComments(f *flow, err error) error {
	if err != nil {
		return err
	}
	f.out.count("comments", len(l.comments))
	for i, c := range l.comments {
		if i == 0 {
			f.para(c)
		} else {
			f.line(c)
		}
	}
	l.comments = nil
	f.flush()
	return f.err
}

// tell says what was lost.
func (l *sheetLosses) tell(out *sink) error {
	out.count("formulas_computed", l.computed)
	out.count("formulas_lost", l.lost)
	out.count("cell_errors", l.errors)
	out.count("hidden", l.hidden)
	for _, n := range []struct {
		count         int
		code, message string
	}{
		{l.lost, "formulas_lost", "The file does not hold the results of %d formulas, and the box could not compute them. Open it in a spreadsheet program, save it once, and add it again."},
		{l.errors, "cell_errors", "%d cells show an error such as #DIV/0! instead of a value."},
		{l.hidden, "hidden_left_out", "%d hidden sheets, rows or columns were left out. If they are wanted, show them in a spreadsheet program, save the file, and add it again."},
	} {
		if n.count == 0 {
			continue
		}
		if err := out.notice(appliance.Notice{Code: n.code, Message: fmt.Sprintf(n.message, n.count), Params: map[string]any{"count": n.count}}); err != nil {
			return err
		}
	}
	return nil
}

func isSheetError(text string) bool {
	switch text {
	case "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#N/A", "#NUM!", "#NULL!", "#SPILL!", "#CALC!":
		return true
	}
	return false
}

// columnName is a column's letters.
func columnName(column int) string {
	if column < 0 {
		return strconv.Itoa(column)
	}
	name := ""
	for n := column + 1; n > 0; n = (n - 1) / 26 {
		name = string(rune('A'+(n-1)%26)) + name
	}
	return name
}
