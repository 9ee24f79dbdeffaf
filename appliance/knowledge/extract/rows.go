package extract

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/fault"
)

// errRowsEnough ends the reading of a list that is longer than any.
var errRowsEnough = errors.New("extract: enough rows")

// Rows reads the sheets of a workbook or of a CSV file as they stand, each as a
// table without columns: row 1 first, empty rows and hidden ones too, so that a
// row's number is the one that a spreadsheet shows. Tables in other documents
// come with their titles and columns as rows, and text with its lines. It reads
// most rows at the most, and its child works in workDir, as Read's.
func (r *Reader) Rows(ctx context.Context, path, workDir string, most int) ([]appliance.Table, error) {
	limits := r.Limits.orDefault()
	limits.Wall = min(limits.Wall, 2*time.Minute)
	ctx, cancel := context.WithTimeoutCause(ctx, limits.Wall, fault.TooSlow(errors.New("wall clock")))
	defer cancel()
	var sheets []appliance.Table
	seen, kind := 0, appliance.KindDoc
	add := func(name string, rows ...[]string) {
		if n := len(sheets); n == 0 || sheets[n-1].Caption != name {
			sheets = append(sheets, appliance.Table{Caption: name})
		}
		last := &sheets[len(sheets)-1]
		last.Rows = append(last.Rows, rows...)
		seen += len(rows)
	}
	run := &reading{reader: r, limits: limits, rows: true, onInfo: func(i Info) { kind = i.Kind },
		onSection: func(s appliance.Section, _ Progress) error {
			switch {
			case s.Table == nil:
				for line := range strings.SplitSeq(s.Text, "\n") {
					add("", []string{line})
				}
			case kind == appliance.KindSheet:
				add(s.Place.Sheet, s.Table.Rows...)
			default:
				if s.Table.Part == 0 && s.Table.Caption != "" {
					add("", []string{s.Table.Caption})
				}
				if s.Table.Part == 0 && len(s.Table.Columns) > 0 {
					add("", s.Table.Columns)
				}
				add("", s.Table.Rows...)
			}
			if seen > most {
				return errRowsEnough
			}
			return nil
		}}
	err := run.child(ctx, path, workDir, 1, nil)
	if errors.Is(err, errRowsEnough) {
		err = nil
	}
	if crash, ok := errors.AsType[*crashError](err); ok {
		err = crash.problem
	}
	return sheets, err
}
