package tables

import (
	"regexp"
	"slices"
	"sort"
	"strings"
	"unicode"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/text"
)

// question is a question as words.
type question struct {
	language string
	words    []string
	stems    []string
	ops      []operation // by word
	many     bool        // asks for a number of things
	open     bool        // asks for reasons or descriptions, which no cell gives
}

var howMany = []string{"how many", "combien", "ngapi", "wangapi", "mangapi", "vingapi", "ingahe", "bangahe", "angahe", "zingahe", "nombre de", "number of"}

// thousands are separators within a number, which would cut it in words.
var thousands = regexp.MustCompile(`(\d)[,\x{a0}\x{202f}](\d{3})\b`)

func read(asked, language string) question {
	q := question{language: language, words: text.Words(thousands.ReplaceAllString(asked, "$1$2"))}
	q.ops = make([]operation, len(q.words))
	for i, w := range q.words {
		q.stems = append(q.stems, text.Stem(w))
		for _, o := range operations {
			if o.words[w] && (o.language == "" || o.language == language) {
				q.ops[i] = o.op
			}
		}
		for _, a := range superlatives {
			if a.words[w] {
				q.ops[i] = a.op
			}
		}
	}
	for _, p := range phrases {
		if at, n := q.find(p.words); n > 0 {
			for i := range n {
				q.ops[at+i] = p.op
			}
		}
	}
	q.open = slices.ContainsFunc(q.words, func(w string) bool { return explaining[w] }) || q.bareHow()
	q.many = slices.ContainsFunc(howMany, func(p string) bool { _, n := q.find(p); return n > 0 })
	return q
}

// bareHow reports a "how" that asks for a way, and not for a size or a number.
func (q question) bareHow() bool {
	at, n := q.find("how")
	if n == 0 {
		return false
	}
	measured := slices.ContainsFunc(asks, func(a ask) bool { _, n := q.find(a.words); return n > 0 && strings.HasPrefix(a.words, "how") })
	return !measured && (at+1 >= len(q.words) || q.words[at+1] != "many" && q.words[at+1] != "much")
}

// find returns where a phrase of folded words stands, and how long it is; 0 if
// nowhere.
func (q question) find(phrase string) (at, n int) {
	wanted := strings.Fields(phrase)
	for i := 0; i+len(wanted) <= len(q.words); i++ {
		if slices.Equal(q.words[i:i+len(wanted)], wanted) {
			return i, len(wanted)
		}
	}
	return 0, 0
}

// cells is a table that was looked at.
type cells struct {
	appliance.Table
	numbers  []bool            // by column: numbers, nearly all of them
	mixed    []bool            // by column: in several units, or written in several ways
	years    []bool            // by column: years, which rows are called by
	label    int               // the column that names the rows
	keys     [][]string        // by column: stems of the name that a question must hold
	numerals map[[2]int]number // by row and column
}

func open(t appliance.Table) *cells {
	g := &cells{Table: t, numerals: map[[2]int]number{}, label: -1}
	for c, name := range t.Columns {
		filled, numeric := 0, 0
		for r, row := range t.Rows {
			if c >= len(row) || row[c] == "" {
				continue
			}
			filled++
			if n, ok := parse(row[c]); ok {
				numeric++
				g.numerals[[2]int{r, c}] = n
			}
		}
		g.numbers = append(g.numbers, filled > 0 && numeric*10 >= filled*8)
		g.survey(c, filled)
		if !g.numbers[c] && g.label < 0 && filled > 0 {
			g.label = c
		}
		g.keys = append(g.keys, keysOf(name))
	}
	if g.label < 0 {
		g.label = 0
	}
	return g
}

// survey looks at how the numbers of a column are written.
func (g *cells) survey(c, filled int) {
	years, mixed := 0, false
	var first *number
	points, groups := map[string]bool{}, map[string]bool{}
	for r := range g.Rows {
		n, ok := g.numerals[[2]int{r, c}]
		if !ok {
			continue
		}
		if isYear(g.cell(r, c)) {
			years++
		}
		if first == nil {
			first = &n
		}
		mixed = mixed || n.unit != first.unit
		switch {
		case n.comma:
			points[","] = true
		case n.decimals > 0:
			points["."] = true
		}
		groups[n.grouped] = true
	}
	g.mixed = append(g.mixed, mixed || len(points) > 1 || points[","] && groups[","] || points["."] && groups["."])
	g.years = append(g.years, filled > 0 && years == filled || slices.ContainsFunc(text.Words(g.Columns[c]), func(w string) bool { return yearNames[w] }))
}

var yearNames = text.Set("year years annee annees mwaka miaka umwaka imyaka")

// parenthesis is a unit behind a column's name, mostly.
var parenthesis = regexp.MustCompile(`\([^)]*\)|\[[^\]]*\]`)

func keysOf(name string) []string {
	var keys []string
	for _, w := range text.Words(parenthesis.ReplaceAllString(name, " ")) {
		if s := text.Stem(w); !ordinary[s] && !text.StopWord(text.English, w) && !text.StopWord(text.French, w) {
			keys = append(keys, s)
		}
	}
	if len(keys) == 0 {
		for _, w := range text.Words(name) {
			keys = append(keys, text.Stem(w))
		}
	}
	return keys
}

func (g *cells) cell(r, c int) string {
	if c < len(g.Rows[r]) {
		return g.Rows[r][c]
	}
	return ""
}

// span is a stretch of the question that is the value of cells of a column.
type span struct {
	column, at, n int
	rows          []int
}

// matched is a question laid over a table.
type matched struct {
	question
	*cells
	used      []bool // words that are accounted for
	columns   []int  // named in the question, in the table's order
	partly    []int  // of which a part of the name stands in the question, where none is named
	implied   []int  // that a question word points to, where none is named
	filters   []span // different columns
	condition *condition
	rows      []int    // that the filters leave
	left      []string // words that are not accounted for
}

type condition struct {
	column int
	is     comparison
	limit  float64
}

// match finds the columns, values, operations and conditions of a question.
func match(q question, g *cells) *matched {
	m := &matched{question: q, cells: g, used: make([]bool, len(q.words))}
	values := m.values()
	m.nameColumns(values)
	m.compare(values)
	m.chooseFilters(values)
	for i := range q.words {
		m.used[i] = m.used[i] || q.ops[i] != opNone || neutral[q.words[i]]
	}
	if len(m.columns) == 0 {
		for _, a := range asks {
			at, n := q.find(a.words)
			if n == 0 {
				continue
			}
			for c, keys := range g.keys {
				if !m.filtered(c) && slices.ContainsFunc(keys, func(k string) bool { return a.columns[k] }) && !slices.Contains(m.implied, c) {
					m.implied = append(m.implied, c)
				}
			}
			if len(m.implied) > 0 {
				for i := range n {
					m.used[at+i] = true
				}
				break
			}
		}
	}
	for r := range g.Rows {
		if m.keeps(r) {
			m.rows = append(m.rows, r)
		}
	}
	return m
}

// keeps reports whether the filters and the condition leave a row.
func (m *matched) keeps(r int) bool {
	for _, f := range m.filters {
		if _, ok := sort.Find(len(f.rows), func(i int) int { return r - f.rows[i] }); !ok {
			return false
		}
	}
	if c := m.condition; c != nil {
		n, ok := m.numerals[[2]int{r, c.column}]
		return ok && c.is.holds(n.value, c.limit)
	}
	return true
}

// longest is how many words of a question one cell may be.
const longest = 8

// values finds the stretches of the question that are whole cells, longest
// first.
func (m *matched) values() []span {
	at := map[string]int{} // stretches of the question, joined
	for i := range m.stems {
		for n := 1; n <= longest && i+n <= len(m.stems); n++ {
			at[strings.Join(m.stems[i:i+n], " ")] = i
		}
	}
	found := map[[3]int]*span{}
	for c := range m.Columns {
		for r := range m.Rows {
			cell := m.cell(r, c)
			if cell == "" || len(cell) > 100 {
				continue
			}
			words := text.Words(thousands.ReplaceAllString(cell, "$1$2"))
			if len(words) == 0 || len(words) > longest {
				continue
			}
			if _, number := m.numerals[[2]int{r, c}]; number && m.numbers[c] && !m.years[c] && (c != 0 || m.label != 0) {
				continue // "3 schools" does not ask for the row with the 3
			}
			for i := range words {
				words[i] = text.Stem(words[i])
			}
			i, ok := at[strings.Join(words, " ")]
			if !ok || len(words) == 1 && (neutral[m.words[i]] || m.ops[i] != opNone) {
				continue
			}
			key := [3]int{c, i, len(words)}
			if found[key] == nil {
				found[key] = &span{column: c, at: i, n: len(words)}
			}
			found[key].rows = append(found[key].rows, r)
		}
	}
	var spans []span
	for _, s := range found {
		spans = append(spans, *s)
	}
	slices.SortFunc(spans, func(a, b span) int {
		if a.n != b.n {
			return b.n - a.n
		}
		if a.at != b.at {
			return a.at - b.at
		}
		return a.column - b.column
	})
	return spans
}

func isYear(cell string) bool {
	return len(cell) == 4 && (strings.HasPrefix(cell, "19") || strings.HasPrefix(cell, "20")) && unicode.IsDigit(rune(cell[3]))
}

// nameColumns finds the columns whose names stand in the question. A name that
// is part of a longer value is not one.
func (m *matched) nameColumns(values []span) {
	within := make([]int, len(m.words)) // length of the longest value over each word
	for _, s := range values {
		for i := range s.n {
			within[s.at+i] = max(within[s.at+i], s.n)
		}
	}
	best := 0
	hits := make([][]int, len(m.Columns))
	for c, keys := range m.keys {
		var hit []int
		for _, k := range keys {
			i := slices.Index(m.stems, k)
			if i < 0 || within[i] > max(1, len(keys)) {
				hit = nil
				break
			}
			hit = append(hit, i)
		}
		hits[c] = hit
		best = max(best, len(hit))
	}
	for c, keys := range m.keys {
		for _, k := range keys {
			if i := slices.Index(m.stems, k); i >= 0 && within[i] == 0 && m.ops[i] == opNone && !neutral[m.words[i]] {
				m.partly = append(m.partly, c)
				break
			}
		}
	}
	for c, hit := range hits {
		// A name that is part of another's longer name gives way to it.
		inLonger := slices.ContainsFunc(hits, func(other []int) bool {
			return len(other) > len(hit) && !slices.ContainsFunc(hit, func(i int) bool { return !slices.Contains(other, i) })
		})
		if len(hit) == 0 || inLonger {
			continue
		}
		m.columns = append(m.columns, c)
		for _, i := range hit {
			m.used[i] = true
		}
	}
}

// compare finds a condition such as "more than 10 schools".
func (m *matched) compare(values []span) {
	for _, c := range comparisons {
		at, n := m.find(c.words)
		if n == 0 {
			continue
		}
		for i := at + n; i < len(m.words) && i < at+n+2; i++ {
			limit, ok := parse(m.words[i])
			if !ok {
				continue
			}
			var numeric []int
			for _, column := range m.columns {
				if m.numbers[column] && !m.mixed[column] {
					numeric = append(numeric, column)
				}
			}
			if len(numeric) != 1 {
				return
			}
			m.condition = &condition{numeric[0], c.is, limit.value}
			for j := at; j <= i; j++ {
				m.used[j] = true
				m.ops[j] = opNone
			}
			return
		}
	}
	if slices.ContainsFunc(m.words, func(w string) bool { return vague[w] }) {
		return
	}
	// "Which sector has 17 schools?"
	for i := 0; i+1 < len(m.words); i++ {
		limit, ok := parse(m.words[i])
		if !ok || slices.ContainsFunc(values, func(s span) bool { return s.at <= i && i < s.at+s.n }) {
			continue
		}
		for _, column := range m.columns {
			if m.numbers[column] && !m.mixed[column] && slices.Contains(m.keys[column], m.stems[i+1]) {
				m.condition = &condition{column, exactly, limit.value}
				m.used[i] = true
				return
			}
		}
	}
}

// chooseFilters takes the longest values first; no word counts twice.
func (m *matched) chooseFilters(values []span) {
	taken := make([]bool, len(m.words))
	for _, s := range values {
		free := true
		for i := range s.n {
			free = free && !taken[s.at+i] && !(m.used[s.at+i] && s.n == 1)
		}
		if !free {
			continue
		}
		if i := slices.IndexFunc(m.filters, func(f span) bool { return f.column == s.column }); i >= 0 {
			// Two values of one column: the rows of both.
			m.filters[i].rows = append(slices.Clone(m.filters[i].rows), s.rows...)
			slices.Sort(m.filters[i].rows)
			m.filters[i].rows = slices.Compact(m.filters[i].rows)
		} else {
			m.filters = append(m.filters, s)
		}
		for i := range s.n {
			taken[s.at+i], m.used[s.at+i] = true, true
		}
	}
}

func (m *matched) filtered(column int) bool {
	return slices.ContainsFunc(m.filters, func(f span) bool { return f.column == column })
}

// explain accounts for the words that say what the table is about, and counts
// those that are left.
func (m *matched) explain(about string) {
	for _, c := range append(slices.Clone(m.columns), m.implied...) {
		about += "\n" + m.Columns[c] // units too
	}
	if len(m.columns)+len(m.implied) == 0 {
		for _, c := range m.partly {
			about += "\n" + m.Columns[c]
		}
	}
	known := text.Stems(about)
	for i, w := range m.words {
		if !m.used[i] && (relations[w] || !known[m.stems[i]] && !text.StopWord(m.language, w)) {
			m.left = append(m.left, w)
		}
	}
}

// asked are the columns that the question wants: named ones that are no filter
// and no condition, or those that its question word points to.
func (m *matched) asked() []int {
	var list []int
	for _, c := range m.columns {
		if !m.filtered(c) && (m.condition == nil || m.condition.column != c) {
			list = append(list, c)
		}
	}
	if len(list) == 0 {
		list = m.implied
	}
	return list
}

// wants reports the operation that the question asks for.
func (m *matched) wants() operation {
	op := opNone
	for _, o := range m.ops {
		if o != opNone && op == opNone {
			op = o
		}
	}
	return op
}
