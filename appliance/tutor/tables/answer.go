package tables

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/bwenge-os/bwenge/internal/text"
)

// numericAsked is the one column of numbers that the question names, or that its
// superlative means: the tallest has the most height.
func (m *matched) numericAsked() (int, bool) {
	var numeric []int
	for _, c := range m.asked() {
		if m.numbers[c] && c != m.label {
			numeric = append(numeric, c)
		}
	}
	for _, a := range superlatives {
		i := slices.IndexFunc(m.words, func(w string) bool { return a.words[w] })
		if i < 0 || sized[m.words[i]] && len(numeric) > 0 {
			continue
		}
		var meant []int
		for c, keys := range m.keys {
			if m.numbers[c] && slices.ContainsFunc(keys, func(k string) bool { return a.columns[k] }) {
				meant = append(meant, c)
			}
		}
		if len(meant) != 1 || len(numeric) > 0 && !slices.Equal(numeric, meant) {
			return 0, false
		}
		numeric = meant
	}
	if len(numeric) != 1 || m.mixed[numeric[0]] {
		return 0, false
	}
	return numeric[0], true
}

// called is the column by which the answer calls the rows: the one that is asked
// for, or the first that holds words.
func (m *matched) called() int {
	for _, c := range m.asked() {
		if !m.numbers[c] {
			return c
		}
	}
	return m.label
}

// data are the rows that are left, without those that add up others, divide the
// table or stand below it.
func (m *matched) data() []int {
	var rows []int
	for _, r := range m.rows {
		filled, sums := 0, false
		for c := range m.Columns {
			cell := m.cell(r, c)
			if cell == "" {
				continue
			}
			filled++
			if words := text.Words(cell); !m.numbers[c] && len(words) <= 3 {
				sums = sums || slices.ContainsFunc(words, func(w string) bool { return totalRow[w] })
			}
		}
		if !sums && filled > 1 && m.cell(r, m.label) != "" {
			rows = append(rows, r)
		}
	}
	return rows
}

func shown(rows []int) []int { return rows[:min(len(rows), maxRows)] }

// countRows: "How many sectors have more than 10 schools?" The things that are
// counted are what the rows are called by.
func countRows(m *matched) (Answer, bool) {
	if !m.many || len(m.left) > 0 || m.wants() == opMost || m.wants() == opLeast || m.wants() == opMean {
		return Answer{}, false
	}
	if !slices.Contains(m.columns, m.label) || m.filtered(m.label) {
		return Answer{}, false
	}
	for _, c := range m.asked() {
		if c != m.label {
			return Answer{}, false // it asks for that
		}
	}
	rows := m.data()
	different := map[string]bool{}
	for _, r := range rows {
		different[text.Fold(m.cell(r, m.label))] = true
	}
	if len(rows) == 0 {
		return Answer{}, false
	}
	return Answer{Text: say(m.language, sayCount, m.Columns[m.label], strconv.Itoa(len(different))), Rows: shown(rows), All: len(rows)}, true
}

// extreme: "Which sector has the most people?"
func extreme(m *matched) (Answer, bool) {
	op := m.wants()
	if op != opMost && op != opLeast || len(m.left) > 0 || m.condition != nil || m.filtered(m.label) || m.filtered(m.called()) {
		return Answer{}, false
	}
	column, ok := m.numericAsked()
	if !ok {
		return Answer{}, false
	}
	var best []int
	value := math.Inf(1)
	for _, r := range m.data() {
		n, ok := m.numerals[[2]int{r, column}]
		if !ok {
			continue
		}
		v := n.value
		if op == opMost {
			v = -v
		}
		if v < value {
			best, value = nil, v
		}
		if v == value {
			best = append(best, r)
		}
	}
	if len(best) == 0 || len(best) > maxRows {
		return Answer{}, false
	}
	var names []string
	for _, r := range best {
		names = append(names, m.cell(r, m.called()))
	}
	form := sayMost
	if op == opLeast {
		form = sayLeast
	}
	return Answer{Text: say(m.language, form, m.Columns[column], strings.Join(names, ", "), m.cell(best[0], column)), Rows: best, All: len(m.rows)}, true
}

// total: "How many people live in all sectors together?"
func total(m *matched) (Answer, bool) {
	op := m.wants()
	if op != opSum && op != opMean || len(m.left) > 0 || m.filtered(m.label) {
		return Answer{}, false
	}
	column, ok := m.numericAsked()
	if !ok {
		return Answer{}, false
	}
	var like number
	sum, count := 0.0, 0
	rows := m.data()
	for _, r := range rows {
		n, ok := m.numerals[[2]int{r, column}]
		if !ok || m.repeated(r, column) { // a merged cell counts once
			continue
		}
		n.decimals = max(n.decimals, like.decimals)
		if n.grouped == "" {
			n.grouped = like.grouped
		}
		like = n
		sum += n.value
		count++
	}
	if count < 2 {
		return Answer{}, false
	}
	if op == opMean {
		return Answer{Text: say(m.language, sayMean, m.Columns[column], like.like(sum/float64(count), like.decimals+2), strconv.Itoa(count)),
			Rows: shown(rows), All: count}, true
	}
	return Answer{Text: say(m.language, saySum, m.Columns[column], like.like(sum, like.decimals), strconv.Itoa(count)), Rows: shown(rows), All: count}, true
}

// repeated reports whether a cell only repeats a merged one.
func (m *matched) repeated(r, c int) bool {
	return r < len(m.Repeats) && slices.Contains(m.Repeats[r], c)
}

// listRows: "Which sectors have more than 10 schools?"
func listRows(m *matched) (Answer, bool) {
	if m.condition == nil || len(m.left) > 0 || m.many || m.wants() != opNone ||
		slices.ContainsFunc(m.asked(), func(c int) bool { return c != m.called() }) {
		return Answer{}, false
	}
	rows := m.data()
	if len(rows) == 0 {
		return Answer{}, false
	}
	var names []string
	for _, r := range rows {
		if name := m.cell(r, m.called()); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	list := strings.Join(names[:min(len(names), 12)], ", ")
	if len(names) > 12 {
		list += ", …"
	}
	return Answer{Text: say(m.language, sayList, m.Columns[m.called()], list, strconv.Itoa(len(names))), Rows: shown(rows), All: len(rows)}, true
}

// lookUp: "How many boreholes does Tumba 3 have?"
func lookUp(m *matched) (Answer, bool) {
	if len(m.filters) == 0 || len(m.left) > 0 || m.condition != nil {
		return Answer{}, false
	}
	asked := m.asked()
	if len(asked) == 0 && len(m.Columns) == 2 {
		asked = []int{1 - m.filters[0].column}
	}
	if len(asked) == 0 && len(m.rows) == 1 && len(m.partly) > 1 && len(m.partly) <= 4 { // "bags": of maize, and of beans
		var parts []string
		for _, c := range m.partly {
			if !m.filtered(c) {
				parts = append(parts, m.Columns[c]+": "+m.cell(m.rows[0], c))
			}
		}
		return Answer{Text: fmt.Sprintf("%s: %s", m.filterText(m.filters[0]), strings.Join(parts, "; ")), Rows: m.rows, All: 1}, true
	}
	if len(asked) != 1 || len(m.rows) == 0 {
		return Answer{}, false
	}
	column := asked[0]
	if op := m.wants(); op != opNone && !(op == opSum && (len(m.rows) == 1 || !m.numbers[column])) {
		return Answer{}, false
	}
	var parts, values []string
	for _, r := range m.rows {
		value := m.cell(r, column)
		if value == "" || slices.Contains(values, value) && column != m.label {
			continue
		}
		values = append(values, value)
		parts = append(parts, value)
	}
	if len(values) == 0 || len(m.rows) > maxRows {
		return Answer{}, false
	}
	if m.numbers[column] && len(m.rows) > 1 { // several rows have a number each: say whose it is
		parts = nil
		for _, r := range m.rows {
			parts = append(parts, m.rowName(r, column)+": "+m.cell(r, column))
		}
	}
	var of []string
	for _, f := range m.filters {
		of = append(of, m.filterText(f))
	}
	return Answer{Text: fmt.Sprintf("%s (%s): %s", m.Columns[column], strings.Join(of, ", "), strings.Join(unique(parts), ", ")),
		Rows: m.rows, All: len(m.rows)}, true
}

// rowName tells the rows of a filter apart.
func (m *matched) rowName(r, column int) string {
	var names []string
	for c := range m.Columns {
		if c != column && !m.numbers[c] && m.cell(r, c) != "" {
			names = append(names, m.cell(r, c))
		}
	}
	if len(names) == 0 {
		return m.cell(r, m.label)
	}
	return strings.Join(names[:min(len(names), 3)], ", ")
}

func (m *matched) filterText(f span) string {
	var values []string
	for _, r := range m.rows {
		values = append(values, m.cell(r, f.column))
	}
	return strings.Join(unique(values), ", ")
}

func unique(list []string) []string {
	var out []string
	for _, s := range list {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// reverse: "On which day is Biology?" where the days are columns.
func reverse(m *matched) (Answer, bool) {
	if len(m.filters) == 0 || m.condition != nil || m.wants() != opNone || len(m.asked()) > 0 ||
		slices.ContainsFunc(m.left, func(w string) bool { return !kinds[w] }) {
		return Answer{}, false
	}
	f := m.filters[len(m.filters)-1]
	if f.column == m.label || len(m.Columns) < 3 || len(m.filters) > 2 {
		return Answer{}, false
	}
	// The same value may stand in several columns: each says its own.
	value := text.Fold(m.cell(f.rows[0], f.column))
	var parts []string
	var rows []int
	for r := range m.Rows {
		for c := range m.Columns {
			if c == m.label || text.Fold(m.cell(r, c)) != value {
				continue
			}
			kept := true
			for _, other := range m.filters {
				kept = kept && (other.column == f.column || slices.Contains(other.rows, r))
			}
			if kept {
				parts = append(parts, m.Columns[c]+" ("+m.cell(r, m.label)+")")
				rows = append(rows, r)
			}
		}
	}
	if len(parts) == 0 || len(parts) > maxRows {
		return Answer{}, false
	}
	return Answer{Text: m.cell(f.rows[0], f.column) + ": " + strings.Join(unique(parts), ", "), Rows: slices.Compact(rows), All: len(rows)}, true
}

// What the answers say, by language; arguments are named in the English ones.
var (
	sayCount = map[string]string{
		"en": "%s: there are %s.", "fr": "%s : il y en a %s.", "sw": "%s: idadi ni %s.", "rw": "%s: umubare ni %s."} // column, number
	sayMost = map[string]string{
		"en": "Most, by “%s”: %s (%s).", "fr": "Le plus pour « %s » : %s (%s).", "sw": "Kubwa zaidi kwa “%s”: %s (%s).", "rw": "Ibiruta ibindi kuri “%s”: %s (%s)."} // column, row, value
	sayLeast = map[string]string{
		"en": "Least, by “%s”: %s (%s).", "fr": "Le moins pour « %s » : %s (%s).", "sw": "Ndogo zaidi kwa “%s”: %s (%s).", "rw": "Ibiri hasi y'ibindi kuri “%s”: %s (%s)."}
	saySum = map[string]string{
		"en": "%s, all together: %s (%s rows added).", "fr": "%s, en tout : %s (%s lignes additionnées).", "sw": "%s, jumla: %s (safu %s zimejumlishwa).", "rw": "%s, byose hamwe: %s (imirongo %s yateranyijwe)."} // column, sum, rows
	sayMean = map[string]string{
		"en": "%s, on average: %s (of %s rows).", "fr": "%s, en moyenne : %s (sur %s lignes).", "sw": "%s, wastani: %s (safu %s).", "rw": "%s, impuzandengo: %s (imirongo %s)."}
	sayList = map[string]string{
		"en": "%s: %s (%s in all).", "fr": "%s : %s (%s en tout).", "sw": "%s: %s (jumla %s).", "rw": "%s: %s (byose ni %s)."} // column, names, number
)

func say(language string, forms map[string]string, args ...any) string {
	form, ok := forms[language]
	if !ok {
		form = forms["en"]
	}
	return fmt.Sprintf(form, args...)
}
