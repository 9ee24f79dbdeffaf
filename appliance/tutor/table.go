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

// tableIsBest reports whether no running text holds more of the question than the
// table that was found first.
func tableIsBest(f appliance.Finding) bool {
	held := func(p appliance.Passage) float64 { return f.Weights.Coverage(f.Terms, stems(p.Heading+"\n"+p.Text)) }
	return len(f.Passages) > 0 && f.Passages[0].Table != nil && !slices.ContainsFunc(f.Passages[1:], func(p appliance.Passage) bool {
		return p.Table == nil && held(p) > held(f.Passages[0])
	})
}

// introduction is the text above the rows of a piece of a table.
func introduction(p appliance.Passage) string {
	if i := strings.Index(p.Text, "\n\n"); i >= 0 {
		return p.Text[:i]
	}
	return ""
}

// namedRow answers with the one row that a question is about: of the table that was
// found first, the row that holds more of its words than any other; of another, the
// row that is called by its name and holds, with the names of the columns, all of it.
func namedRow(question string, f appliance.Finding) (appliance.Answer, []appliance.Passage, bool) {
	want := kindOf(question)
	if !f.Evidence.Answerable || sums.Asks(question, f.Language) || want == wantsReason || want == wantsWay || want == wantsContrast {
		return appliance.Answer{}, nil, false
	}
	best := tableIsBest(f)
	for i, p := range f.Passages {
		if p.Table == nil || !givenFigures(question, strings.Join(p.Table.Lines(), "\n")) {
			continue
		}
		row, m := rowOf(p, f)
		least := 0.3
		if want == wantsVerdict {
			least = 0.6 // it has to hold the claim
		}
		cell := m.column || want == wantsNumber // what the row is called is not asked for itself
		switch {
		case row < 0:
		case i == 0 && best && m.held >= least && (want != wantsMeaning || m.column),
			i == 0 && m.name && cell && want != wantsVerdict,
			m.name && m.column && m.held >= 0.95 && want != wantsVerdict:
			return appliance.Answer{Mode: appliance.ModeAnswer, Citations: []appliance.Citation{citation(1, p)},
				ResponseText: rowAsText(p.Table.Columns, p.Table.Rows[row]) + " [1]"}, first(p, f.Passages), true
		}
	}
	return appliance.Answer{}, nil, false
}

// match is what of a question a row holds.
type match struct {
	name   bool    // the question names it as its first cell does
	column bool    // and names a column
	held   float64 // share of the question's weight in the row and what stands above it
}

// rowOf is the row whose cells hold more of a question's words than those of any
// other, -1 if there is none.
func rowOf(p appliance.Passage, f appliance.Finding) (int, match) {
	asked := text.Subjects(f.Terms)
	there := stems(f.Query)
	columns := stems(strings.Join(p.Table.Columns, " "))
	above := union(columns, stems(p.Heading+"\n"+p.Table.Caption))
	var m match
	at, best, second := -1, 0.0, 0.0
	for i, row := range p.Table.Rows {
		if len(row) == 0 {
			continue
		}
		cells := stems(strings.Join(row, " "))
		name := terms(row[0], f.Language)
		named := len(name) > 0 && !slices.ContainsFunc(name, func(w string) bool { return !there[stem(w)] })
		score := f.Weights.Coverage(asked, cells)
		if named {
			score++
		}
		if score > best {
			best, second, at = score, best, i
			m.name, m.held = named, f.Weights.Coverage(asked, union(cells, above))
		} else {
			second = max(second, score)
		}
	}
	if best <= second+0.05 {
		return -1, match{}
	}
	m.column = slices.ContainsFunc(asked, func(w string) bool { return columns[stem(w)] })
	return at, m
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
	type scored struct {
		at    int
		score float64
	}
	var rows []scored
	for i, row := range p.Table.Rows {
		rows = append(rows, scored{i, f.Weights.Coverage(f.Terms, stems(strings.Join(row, " ")))})
	}
	slices.SortStableFunc(rows, func(a, b scored) int {
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
	rows = slices.DeleteFunc(rows, func(m scored) bool { return best > 0 && m.score < best/2 })
	slices.SortFunc(rows, func(a, b scored) int { return a.at - b.at })
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
// not answer from: the rows themselves.
func quoteRows(f appliance.Finding, language string) appliance.Answer {
	best := f.Passages[0]
	return appliance.Answer{Mode: appliance.ModePassages, Citations: []appliance.Citation{citation(1, best)},
		ResponseText: sayPassages.in(language) + "\n" + clean(quoteTable(best, f)) + " [1]"}
}
