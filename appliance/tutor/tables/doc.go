// Package tables answers questions from the cells of a table, by code: a cell,
// the largest or the least, a sum, an average, a count, a list of the rows that
// meet a condition.
//
// Small models misread tables: they take the number of the row above. Code does
// not, but it understands little. So it answers only where it can account for
// every word of the question: each is the name of a column, the value of a cell,
// a word of the operation, part of what the table is about, or says nothing
// ("have", "there"). Anything left over, and the question is somebody else's.
package tables

import "github.com/bwenge-os/bwenge/appliance"

// Answer is what a table says to a question.
type Answer struct {
	Text string // one sentence
	Rows []int  // which rows say so, in order; at most [maxRows]
	All  int    // how many rows went into it
}

// maxRows is how many rows are shown with an answer.
const maxRows = 6

// Find answers a question in a language ("" if unknown) from a table. about is
// what is known of the table besides its cells: caption, headings, the title of
// its source. It reports false when the table does not say, or not clearly.
func Find(question, language string, t appliance.Table, about string) (Answer, bool) {
	if len(t.Columns) < 2 || len(t.Rows) == 0 {
		return Answer{}, false
	}
	q := read(question, language)
	if q.open {
		return Answer{}, false
	}
	g := open(t)
	m := match(q, g)
	m.explain(about)
	for _, try := range []func(*matched) (Answer, bool){countRows, extreme, total, listRows, lookUp, reverse} {
		if a, ok := try(m); ok {
			return a, true
		}
	}
	return Answer{}, false
}
