package extract

import "strings"

// table gathers rows; nested tables become text of their cell.
type table struct {
	cells []string
	cell  strings.Builder
	rows  []string
	bytes int
}

func (t *table) endCell() {
	t.cells = append(t.cells, strings.ReplaceAll(t.cell.String(), "\n", " "))
	t.cell.Reset()
}

func (t *table) endRow() {
	if row := joinCells(t.cells); row != "" {
		t.rows = append(t.rows, row)
		t.bytes += len(row)
	}
	t.cells = t.cells[:0]
}
