package tutor

import (
	"context"
	"slices"
	"strings"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/tutor/sums"
	"github.com/bwenge-os/bwenge/appliance/tutor/tables"
	"github.com/bwenge-os/bwenge/internal/text"
)

// A question about a table is answered from its cells by code, or with its rows
// as they are: small models take numbers from the row above.

// maxPieces is how many pieces a table may have to be answered from: some thirty
// thousand rows.
const maxPieces = 3000

// fromTable answers a question from the first table among the passages that
// says something to it. It reports false if none does.
func (t *Tutor) fromTable(ctx context.Context, who appliance.Principal, question, language string, passages []appliance.Passage) (appliance.Answer, []appliance.Passage, bool) {
	type key struct {
		source string
		table  int
	}
	seen := map[key]bool{}
	for _, p := range passages {
		k := key{p.SourceID, p.TableNo}
		if p.Table == nil || seen[k] {
			continue
		}
		seen[k] = true
		pieces, err := t.store.TablePieces(ctx, who.Org, who.Scope, p.SourceID, p.TableNo)
		if err != nil {
			t.cfg.Log.Warn("a table could not be read", "source", p.SourceID, "error", err)
			continue
		}
		var whole appliance.Table
		var from []int // piece of each row
		if len(pieces) > maxPieces || ctx.Err() != nil {
			continue // a sum over a part would be wrong
		}
		for i, c := range pieces {
			if c.Table == nil {
				continue
			}
			for n := range c.Table.Rows {
				var repeats []int
				if n < len(c.Table.Repeats) {
					repeats = c.Table.Repeats[n]
				}
				whole.Repeats = append(whole.Repeats, repeats)
			}
			whole.Caption, whole.Columns = c.Table.Caption, c.Table.Columns
			whole.Rows = append(whole.Rows, c.Table.Rows...)
			for range c.Table.Rows {
				from = append(from, i)
			}
		}
		about := strings.Join([]string{whole.Caption, p.Heading, p.SourceTitle, p.Place.Sheet, introduction(p)}, "\n")
		a, ok := tables.Find(question, language, whole, about)
		if !ok {
			continue
		}
		piece := p // that the rows stand in
		if c := pieces[from[a.Rows[0]]]; c.ID != p.ID {
			piece.Chunk = c
		}
		lines := []string{a.Text + " [1]"}
		for _, r := range a.Rows {
			lines = append(lines, "“"+rowAsText(whole.Columns, whole.Rows[r])+"”")
		}
		if a.All > len(a.Rows) {
			lines = append(lines, "…")
		}
		sources := first(piece, passages)
		return appliance.Answer{Mode: appliance.ModeAnswer, ResponseText: lines[0] + "\n\n" + strings.Join(lines[1:], "\n"),
			Citations: []appliance.Citation{citation(1, piece)}}, sources, true
	}
	return appliance.Answer{}, nil, false
}

// first puts a passage before the others.
func first(p appliance.Passage, others []appliance.Passage) []appliance.Passage {
	list := slices.DeleteFunc(slices.Clone(others), func(q appliance.Passage) bool { return q.ID == p.ID })
	list = append([]appliance.Passage{p}, list...)
	return list[:min(len(list), shown)]
}

// tableIsBest reports whether no running text holds as much of the question as
// the table that was found first.
func tableIsBest(f appliance.Finding) bool {
	held := func(p appliance.Passage) float64 { return f.Weights.Coverage(f.Terms, stems(p.Heading+"\n"+p.Text)) }
	if f.Passages[0].Table == nil {
		return false
	}
	for _, p := range f.Passages[1:] {
		if p.Table == nil && held(p) >= held(f.Passages[0]) {
			return false
		}
	}
	return true
}

// introduction is the text above the rows of a piece of a table.
func introduction(p appliance.Passage) string {
	if i := strings.Index(p.Text, "\n\n"); i >= 0 {
		return p.Text[:i]
	}
	return ""
}

// namedRow is the row whose cells hold more of a question's words than those of
// any other, at least one of them as its first cell has it.
func namedRow(question string, f appliance.Finding) (int, bool) {
	table := f.Passages[0].Table
	whole := strings.Join(table.Lines(), "\n")
	if !givenFigures(question, whole) || sums.Asks(question, f.Language) {
		return 0, false
	}
	asked := text.Subjects(f.Terms)
	named := func(row []string) float64 {
		if len(row) == 0 {
			return 0
		}
		held := stems(strings.Join(row, " "))
		score := f.Weights.Coverage(asked, held)
		if own := terms(row[0], f.Language); len(own) > 0 {
			there := stems(question)
			missing := slices.ContainsFunc(own, func(w string) bool { return !there[stem(w)] })
			if !missing {
				score += 1
			}
		}
		return score
	}
	best, second, at := 0.0, 0.0, -1
	for i, row := range table.Rows {
		switch score := named(row); {
		case score > best:
			best, second, at = score, best, i
		case score > second:
			second = score
		}
	}
	return at, at >= 0 && best > second+0.05 && best >= 0.3
}

// rowAsText says a row with the names of its columns.
func rowAsText(columns, row []string) string {
	var cells []string
	for i, cell := range row {
		switch {
		case cell == "":
		case i < len(columns) && columns[i] != "":
			cells = append(cells, columns[i]+": "+cell)
		default:
			cells = append(cells, cell)
		}
	}
	return strings.Join(cells, " · ")
}

// quotedRows is how many rows of a piece of a table are quoted.
const quotedRows = 4

// quoteTable is a piece of a table as a quotation: the rows that hold most of
// the question's words.
func quoteTable(p appliance.Passage, f appliance.Finding) string {
	type match struct {
		at    int
		score float64
	}
	var rows []match
	for i, row := range p.Table.Rows {
		rows = append(rows, match{i, f.Weights.Coverage(f.Terms, stems(strings.Join(row, " ")))})
	}
	slices.SortStableFunc(rows, func(a, b match) int {
		switch {
		case a.score > b.score:
			return -1
		case a.score < b.score:
			return 1
		}
		return 0
	})
	rows = rows[:min(len(rows), quotedRows)]
	if len(rows) == 0 {
		return p.Table.Caption
	}
	best := rows[0].score
	rows = slices.DeleteFunc(rows, func(m match) bool { return best > 0 && m.score < best/2 })
	slices.SortFunc(rows, func(a, b match) int { return a.at - b.at })
	var lines []string
	if p.Table.Caption != "" {
		lines = append(lines, p.Table.Caption)
	}
	for _, m := range rows {
		lines = append(lines, shorten(rowAsText(p.Table.Columns, p.Table.Rows[m.at]), excerpt))
	}
	return strings.Join(lines, "\n")
}

// quoteRows is the answer of which the best passage is a table that code could
// not answer from: the rows themselves. If it is one row alone that holds what is
// asked by its name, that is the answer.
func quoteRows(question string, f appliance.Finding, language string) appliance.Answer {
	best := f.Passages[0]
	if row, ok := namedRow(question, f); ok {
		return appliance.Answer{Mode: appliance.ModeAnswer, Citations: []appliance.Citation{citation(1, best)},
			ResponseText: rowAsText(best.Table.Columns, best.Table.Rows[row]) + " [1]"}
	}
	return appliance.Answer{Mode: appliance.ModePassages, Citations: []appliance.Citation{citation(1, best)},
		ResponseText: sayPassages.in(language) + "\n" + quoteTable(best, f) + " [1]"}
}
