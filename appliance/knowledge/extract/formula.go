package extract

import (
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/clean"
)

// Programs that write a workbook without opening it leave its formulas without
// values. The common ones are computed here; the others are told.

const (
	maxFormula      = 8192
	maxFormulaDepth = 100
	// maxFormulaCells bounds the cells that are kept to compute with, and
	// maxFormulaWork the cells looked at.
	maxFormulaCells = 300_000
	maxFormulaWork  = 1_000_000
)

// errFormula is a formula that is not understood, or too much of it.
var errFormula = errors.New("formula: not computed")

// formulaValue is a number, a text, a truth (a number that says so), an error
// ("#DIV/0!"), or the cells of a range.
type formulaValue struct {
	kind  byte // 'n', 's', 'b', 'e', 'r'; 0 is an empty cell
	n     float64
	s     string
	cells []formulaValue
}

type cellPlace struct {
	sheet    string // in small letters
	row, col int    // from 0
}

// formulaCell is what a cell holds: a value, or a formula that has none yet.
type formulaCell struct {
	value   formulaValue
	formula string
	busy    bool
}

// formulaBook computes formulas of one workbook.
type formulaBook struct {
	cells map[cellPlace]*formulaCell
	sizes map[string]cellPlace // the last row and column of each sheet
	full  bool                 // there were more cells than are kept
	work  int
}

func newFormulaBook() *formulaBook {
	return &formulaBook{cells: map[cellPlace]*formulaCell{}, sizes: map[string]cellPlace{}}
}

func (b *formulaBook) add(at cellPlace, c formulaCell) {
	if len(b.cells) >= maxFormulaCells {
		b.full = true
		return
	}
	b.cells[at] = &c
	size := b.sizes[at.sheet]
	b.sizes[at.sheet] = cellPlace{at.sheet, max(size.row, at.row), max(size.col, at.col)}
}

// value computes a cell.
func (b *formulaBook) value(at cellPlace, depth int) (formulaValue, error) {
	if b.work++; b.work > maxFormulaWork || depth > maxFormulaDepth || b.full {
		return formulaValue{}, errFormula
	}
	c := b.cells[at]
	if c == nil {
		return formulaValue{}, nil
	}
	if c.formula == "" {
		return c.value, nil
	}
	if c.busy {
		return formulaValue{}, errFormula // it needs itself
	}
	if len(c.formula) > maxFormula {
		return formulaValue{}, errFormula
	}
	c.busy = true
	p := &formulaParser{book: b, sheet: at.sheet, s: c.formula, depth: depth}
	v, err := p.all()
	c.busy = false
	if err != nil {
		return v, err
	}
	if v.kind == 'r' {
		return v, errFormula
	}
	c.value, c.formula = v, ""
	return v, nil
}

// formulaParser computes a formula as it reads it.
type formulaParser struct {
	book  *formulaBook
	sheet string
	s     string
	i     int
	depth int
}

func (p *formulaParser) all() (formulaValue, error) {
	v, err := p.binary(0)
	p.space()
	if err == nil && p.i < len(p.s) {
		err = errFormula
	}
	return v, err
}

func (p *formulaParser) space() {
	for p.i < len(p.s) && strings.IndexByte(" \t\r\n", p.s[p.i]) >= 0 {
		p.i++
	}
}

func (p *formulaParser) take(token string) bool {
	p.space()
	if strings.HasPrefix(p.s[p.i:], token) {
		p.i += len(token)
		return true
	}
	return false
}

// formulaOperators by how tightly they bind, longest first.
var formulaOperators = [][]string{{"<=", ">=", "<>", "=", "<", ">"}, {"&"}, {"+", "-"}, {"*", "/"}, {"^"}}

func (p *formulaParser) binary(level int) (formulaValue, error) {
	if level == len(formulaOperators) {
		return p.unary()
	}
	if p.depth++; p.depth > maxFormulaDepth*8 {
		return formulaValue{}, errFormula
	}
	defer func() { p.depth-- }()
	left, err := p.binary(level + 1)
next:
	for err == nil {
		for _, op := range formulaOperators[level] {
			if p.take(op) {
				var right formulaValue
				if right, err = p.binary(level + 1); err == nil {
					left, err = operate(op, left, right)
				}
				continue next
			}
		}
		break
	}
	return left, err
}

func (p *formulaParser) unary() (formulaValue, error) {
	if p.depth++; p.depth > maxFormulaDepth*8 {
		return formulaValue{}, errFormula
	}
	defer func() { p.depth-- }()
	if p.take("-") {
		v, err := p.unary()
		if err != nil {
			return v, err
		}
		return operate("-", formulaValue{kind: 'n'}, v)
	}
	if p.take("+") {
		return p.unary()
	}
	v, err := p.primary()
	for err == nil && p.take("%") {
		v, err = operate("/", v, formulaValue{kind: 'n', n: 100})
	}
	return v, err
}

func operate(op string, a, b formulaValue) (formulaValue, error) {
	if a.kind == 'r' || b.kind == 'r' {
		return a, errFormula
	}
	for _, v := range []formulaValue{a, b} {
		if v.kind == 'e' {
			return v, nil
		}
	}
	switch op {
	case "&":
		return formulaValue{kind: 's', s: clean.Clip(a.text()+b.text(), maxCell)}, nil
	case "=", "<>", "<", ">", "<=", ">=":
		c := orderOf(a, b)
		yes := op == "=" && c == 0 || op == "<>" && c != 0 || op == "<" && c < 0 || op == ">" && c > 0 || op == "<=" && c <= 0 || op == ">=" && c >= 0
		return truth(yes), nil
	}
	x, okX := a.number()
	y, okY := b.number()
	if !okX || !okY {
		return formulaValue{kind: 'e', s: "#VALUE!"}, nil
	}
	switch op {
	case "+":
		x += y
	case "-":
		x -= y
	case "*":
		x *= y
	case "/":
		if y == 0 {
			return formulaValue{kind: 'e', s: "#DIV/0!"}, nil
		}
		x /= y
	case "^":
		x = math.Pow(x, y)
	}
	return numeric(x), nil
}

func numeric(x float64) formulaValue {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return formulaValue{kind: 'e', s: "#NUM!"}
	}
	return formulaValue{kind: 'n', n: x}
}

func truth(yes bool) formulaValue {
	if yes {
		return formulaValue{kind: 'b', n: 1}
	}
	return formulaValue{kind: 'b'}
}

// orderOf orders as spreadsheets do: numbers before texts before truths.
func orderOf(a, b formulaValue) int {
	rank := func(v formulaValue) int { return map[byte]int{'s': 1, 'b': 2}[v.kind] }
	if a.kind == 0 && b.kind == 's' {
		a.kind = 's'
	}
	if b.kind == 0 && a.kind == 's' {
		b.kind = 's'
	}
	if r := rank(a) - rank(b); r != 0 {
		return r
	}
	if a.kind == 's' {
		return strings.Compare(strings.ToLower(a.s), strings.ToLower(b.s))
	}
	x, y := roundDigits(a.n), roundDigits(b.n)
	switch {
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}

func (v formulaValue) number() (float64, bool) {
	if v.kind == 's' {
		n, err := strconv.ParseFloat(strings.TrimSpace(v.s), 64)
		return n, err == nil
	}
	return v.n, v.kind != 'e' && v.kind != 'r'
}

func (v formulaValue) text() string {
	switch {
	case v.kind == 'n':
		return general(v.n)
	case v.kind == 'b' && v.n != 0:
		return "TRUE"
	case v.kind == 'b':
		return "FALSE"
	}
	return v.s
}

func (p *formulaParser) primary() (formulaValue, error) {
	p.space()
	if p.i >= len(p.s) {
		return formulaValue{}, errFormula
	}
	switch c := p.s[p.i]; {
	case c == '(':
		p.i++
		v, err := p.binary(0)
		if err == nil && !p.take(")") {
			err = errFormula
		}
		return v, err
	case c == '"':
		var b strings.Builder
		for p.i++; p.i < len(p.s); p.i++ {
			if p.s[p.i] == '"' {
				if p.i++; p.i >= len(p.s) || p.s[p.i] != '"' {
					return formulaValue{kind: 's', s: b.String()}, nil
				}
			}
			b.WriteByte(p.s[p.i])
		}
		return formulaValue{}, errFormula
	case c >= '0' && c <= '9' || c == '.':
		if ref, ok, err := p.reference(); ok { // 3:5, whole rows
			return ref, err
		}
		start := p.i
		for p.i < len(p.s) && strings.IndexByte("0123456789.", p.s[p.i]) >= 0 {
			p.i++
		}
		if p.i+1 < len(p.s) && (p.s[p.i] == 'E' || p.s[p.i] == 'e') {
			j := p.i + 1
			if p.s[j] == '+' || p.s[j] == '-' {
				j++
			}
			for j < len(p.s) && p.s[j] >= '0' && p.s[j] <= '9' {
				j++
				p.i = j
			}
		}
		n, err := strconv.ParseFloat(p.s[start:p.i], 64)
		if err != nil {
			return formulaValue{}, errFormula
		}
		return formulaValue{kind: 'n', n: n}, nil
	}
	if v, ok, err := p.reference(); ok {
		return v, err
	}
	start := p.i
	for p.i < len(p.s) && (isNameByte(p.s[p.i]) || p.s[p.i] == '.') {
		p.i++
	}
	name := strings.ToUpper(p.s[start:p.i])
	if !p.take("(") {
		switch name {
		case "TRUE":
			return truth(true), nil
		case "FALSE":
			return truth(false), nil
		}
		return formulaValue{}, errFormula // a name that the workbook gives to a range
	}
	return p.call(strings.TrimPrefix(name, "_XLFN."))
}

func isNameByte(c byte) bool {
	return c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '_'
}

// reference reads A1, $A$1:B7, C:C, Sheet!A1 or 'A sheet'!A1. ok is false if
// there is none.
func (p *formulaParser) reference() (v formulaValue, ok bool, err error) {
	start, sheet := p.i, p.sheet
	rest := p.s[p.i:]
	if rest[0] == '\'' {
		end := 1
		for end < len(rest) && (rest[end] != '\'' || end+1 < len(rest) && rest[end+1] == '\'') {
			if rest[end] == '\'' {
				end++
			}
			end++
		}
		if end+1 >= len(rest) || rest[end+1] != '!' {
			return v, true, errFormula
		}
		sheet = strings.ToLower(strings.ReplaceAll(rest[1:end], "''", "'"))
		p.i += end + 2
	} else if n := strings.IndexFunc(rest, func(r rune) bool { return r < 0x80 && !isNameByte(byte(r)) && r != '.' }); n > 0 && rest[n] == '!' {
		sheet = strings.ToLower(rest[:n])
		p.i += n + 1
	}
	from, ok := p.corner()
	if !ok {
		p.i = start
		return v, false, nil
	}
	to := from
	if p.i < len(p.s) && p.s[p.i] == ':' {
		p.i++
		if to, ok = p.corner(); !ok {
			p.i = start
			return v, sheet != p.sheet, errFormula
		}
	} else if from.row < 0 || from.col < 0 || p.i < len(p.s) && (isNameByte(p.s[p.i]) || p.s[p.i] == '(') {
		p.i = start
		return v, false, nil
	}
	if from == to && from.row >= 0 && from.col >= 0 {
		v, err = p.book.value(cellPlace{sheet, from.row, from.col}, p.depth+1)
		return v, true, err
	}
	size := p.book.sizes[sheet]
	if from.row < 0 {
		from.row, to.row = 0, size.row
	}
	if from.col < 0 {
		from.col, to.col = 0, size.col
	}
	v.kind = 'r'
	for row := min(from.row, to.row); row <= min(max(from.row, to.row), size.row); row++ {
		for col := min(from.col, to.col); col <= min(max(from.col, to.col), size.col); col++ {
			cell, err := p.book.value(cellPlace{sheet, row, col}, p.depth+1)
			if err != nil {
				return v, true, err
			}
			v.cells = append(v.cells, cell)
		}
	}
	return v, true, nil
}

// corner reads A1, A or 1; what is missing is -1.
func (p *formulaParser) corner() (c cellPlace, ok bool) {
	c = cellPlace{row: -1, col: -1}
	i := p.i
	skip := func() {
		if i < len(p.s) && p.s[i] == '$' {
			i++
		}
	}
	skip()
	start := i
	for i < len(p.s) && i-start < 4 && (p.s[i]|0x20) >= 'a' && (p.s[i]|0x20) <= 'z' {
		c.col = (c.col+1)*26 + int(p.s[i]|0x20-'a')
		i++
	}
	skip()
	start = i
	row := 0
	for i < len(p.s) && i-start < 8 && p.s[i] >= '0' && p.s[i] <= '9' {
		row = row*10 + int(p.s[i]-'0')
		i++
	}
	if i > start {
		c.row = row - 1
	}
	if c.row < 0 && c.col < 0 || i > start && row == 0 || c.col > 16_384 {
		return c, false
	}
	p.i = i
	return c, true
}

// call computes a function whose bracket has been read.
func (p *formulaParser) call(name string) (formulaValue, error) {
	var args []formulaValue
	for !p.take(")") {
		if len(args) > 0 && !p.take(",") && !p.take(";") {
			return formulaValue{}, errFormula
		}
		p.space()
		if p.i < len(p.s) && strings.IndexByte(",;)", p.s[p.i]) >= 0 { // left out
			args = append(args, formulaValue{})
			continue
		}
		v, err := p.binary(0)
		if err != nil {
			return v, err
		}
		if len(args) > 255 {
			return v, errFormula
		}
		args = append(args, v)
	}
	f := formulaFunctions[name]
	if f == nil {
		return formulaValue{}, errFormula
	}
	if name != "IF" && name != "IFERROR" && name != "ISERROR" && name != "COUNT" && name != "COUNTA" {
		for _, a := range args {
			for _, v := range append(a.cells, a) {
				if v.kind == 'e' {
					return v, nil
				}
			}
		}
	}
	return f(args)
}

// numbersOf are the numbers among arguments: in ranges texts do not count.
func numbersOf(args []formulaValue) (list []float64) {
	for _, a := range args {
		if a.kind == 'r' {
			for _, v := range a.cells {
				if v.kind == 'n' {
					list = append(list, v.n)
				}
			}
		} else if n, ok := a.number(); ok && a.kind != 0 {
			list = append(list, n)
		}
	}
	return list
}

func overNumbers(f func([]float64) float64) func([]formulaValue) (formulaValue, error) {
	return func(args []formulaValue) (formulaValue, error) {
		if list := numbersOf(args); len(list) > 0 {
			return numeric(f(list)), nil
		}
		return formulaValue{kind: 'n'}, nil
	}
}

// withNumbers is a function of at least least and at most most single numbers;
// what is left out is 0.
func withNumbers(least, most int, f func(x []float64) float64) func([]formulaValue) (formulaValue, error) {
	return func(args []formulaValue) (formulaValue, error) {
		if len(args) < least || len(args) > most {
			return formulaValue{}, errFormula
		}
		x := make([]float64, most)
		for i, a := range args {
			n, ok := a.number()
			if a.kind == 'r' {
				return a, errFormula
			}
			if !ok {
				return formulaValue{kind: 'e', s: "#VALUE!"}, nil
			}
			x[i] = n
		}
		return numeric(f(x)), nil
	}
}

func sumOf(list []float64) (sum float64) {
	for _, n := range list {
		sum += n
	}
	return sum
}

// roundPlaces rounds to places that may be negative: ROUND(1234, -2) is 1200.
func roundPlaces(round func(float64) float64) func(x []float64) float64 {
	return func(x []float64) float64 {
		p := math.Pow(10, math.Trunc(x[1]))
		return math.Copysign(round(roundDigits(math.Abs(x[0])*p))/p, x[0])
	}
}

var formulaFunctions map[string]func([]formulaValue) (formulaValue, error)

func init() {
	formulaFunctions = map[string]func([]formulaValue) (formulaValue, error){
		"SUM": overNumbers(sumOf),
		"PRODUCT": overNumbers(func(l []float64) float64 {
			p := 1.0
			for _, n := range l {
				p *= n
			}
			return p
		}),
		"MIN": overNumbers(slices.Min[[]float64]), "MAX": overNumbers(slices.Max[[]float64]),
		"AVERAGE": func(args []formulaValue) (formulaValue, error) {
			list := numbersOf(args)
			if len(list) == 0 {
				return formulaValue{kind: 'e', s: "#DIV/0!"}, nil
			}
			return numeric(sumOf(list) / float64(len(list))), nil
		},
		"MEDIAN": overNumbers(func(l []float64) float64 {
			slices.Sort(l)
			return (l[(len(l)-1)/2] + l[len(l)/2]) / 2
		}),
		"COUNT": func(args []formulaValue) (formulaValue, error) { return numeric(float64(len(numbersOf(args)))), nil },
		"COUNTA": func(args []formulaValue) (formulaValue, error) {
			n := 0.0
			for _, a := range args {
				for _, v := range append(a.cells, a) {
					if v.kind != 0 && v.kind != 'r' {
						n++
					}
				}
			}
			return numeric(n), nil
		},
		"COUNTIF": conditional(func(l []float64, n int) formulaValue { return numeric(float64(n)) }),
		"SUMIF":   conditional(func(l []float64, _ int) formulaValue { return numeric(sumOf(l)) }),
		"AVERAGEIF": conditional(func(l []float64, _ int) formulaValue {
			if len(l) == 0 {
				return formulaValue{kind: 'e', s: "#DIV/0!"}
			}
			return numeric(sumOf(l) / float64(len(l)))
		}),
		"IF": func(a []formulaValue) (formulaValue, error) {
			if len(a) < 1 || len(a) > 3 || a[0].kind == 'r' {
				return formulaValue{}, errFormula
			}
			if a[0].kind == 'e' {
				return a[0], nil
			}
			yes, ok := a[0].number()
			if !ok {
				return formulaValue{kind: 'e', s: "#VALUE!"}, nil
			}
			switch {
			case yes != 0 && len(a) > 1:
				return a[1], nil
			case yes == 0 && len(a) > 2:
				return a[2], nil
			}
			return truth(yes != 0), nil
		},
		"IFERROR": func(a []formulaValue) (formulaValue, error) {
			if len(a) != 2 {
				return formulaValue{}, errFormula
			}
			if a[0].kind == 'e' {
				return a[1], nil
			}
			return a[0], nil
		},
		"AND": truths(func(yes, all int) bool { return yes == all }), "OR": truths(func(yes, _ int) bool { return yes > 0 }),
		"NOT": func(a []formulaValue) (formulaValue, error) {
			if len(a) != 1 {
				return formulaValue{}, errFormula
			}
			n, ok := a[0].number()
			if !ok {
				return formulaValue{}, errFormula
			}
			return truth(n == 0), nil
		},
		"ROUND": withNumbers(1, 2, roundPlaces(math.Round)), "ROUNDUP": withNumbers(1, 2, roundPlaces(math.Ceil)),
		"ROUNDDOWN": withNumbers(1, 2, roundPlaces(math.Floor)), "TRUNC": withNumbers(1, 2, roundPlaces(math.Floor)),
		"INT":         withNumbers(1, 1, func(x []float64) float64 { return math.Floor(x[0]) }),
		"ABS":         withNumbers(1, 1, func(x []float64) float64 { return math.Abs(x[0]) }),
		"SQRT":        withNumbers(1, 1, func(x []float64) float64 { return math.Sqrt(x[0]) }),
		"POWER":       withNumbers(2, 2, func(x []float64) float64 { return math.Pow(x[0], x[1]) }),
		"MOD":         withNumbers(2, 2, func(x []float64) float64 { return x[0] - x[1]*math.Floor(x[0]/x[1]) }),
		"PI":          withNumbers(0, 0, func([]float64) float64 { return math.Pi }),
		"CONCATENATE": concatenate, "CONCAT": concatenate,
	}
}

func concatenate(args []formulaValue) (formulaValue, error) {
	var b strings.Builder
	for _, a := range args {
		b.WriteString(a.text())
		for _, v := range a.cells {
			b.WriteString(v.text())
		}
		if b.Len() > maxCell {
			return formulaValue{}, errFormula
		}
	}
	return formulaValue{kind: 's', s: b.String()}, nil
}

func truths(f func(yes, all int) bool) func([]formulaValue) (formulaValue, error) {
	return func(args []formulaValue) (formulaValue, error) {
		yes, all := 0, 0
		for _, a := range args {
			for _, v := range append(a.cells, a) {
				if v.kind == 'n' || v.kind == 'b' {
					all++
					if v.n != 0 {
						yes++
					}
				}
			}
		}
		if all == 0 {
			return formulaValue{kind: 'e', s: "#VALUE!"}, nil
		}
		return truth(f(yes, all)), nil
	}
}

// conditional is a function of a range, a condition such as ">=50", and perhaps
// another range to take the numbers from.
func conditional(f func(numbers []float64, n int) formulaValue) func([]formulaValue) (formulaValue, error) {
	return func(a []formulaValue) (formulaValue, error) {
		if len(a) < 2 || len(a) > 3 || a[0].kind != 'r' || a[1].kind == 'r' {
			return formulaValue{}, errFormula
		}
		from := a[0].cells
		if len(a) == 3 {
			if from = a[2].cells; len(from) != len(a[0].cells) {
				return formulaValue{}, errFormula
			}
		}
		op, want := "=", a[1]
		if want.kind == 's' {
			for _, o := range formulaOperators[0] {
				if strings.HasPrefix(want.s, o) {
					op, want.s = o, want.s[len(o):]
					break
				}
			}
			if strings.ContainsAny(want.s, "*?~") {
				return formulaValue{}, errFormula
			}
			if n, ok := want.number(); ok {
				want = formulaValue{kind: 'n', n: n}
			}
		}
		var numbers []float64
		n := 0
		for i, v := range a[0].cells {
			if v.kind != want.kind && op != "<>" {
				continue
			}
			if yes, err := operate(op, v, want); err != nil || yes.n == 0 {
				continue
			}
			n++
			if from[i].kind == 'n' {
				numbers = append(numbers, from[i].n)
			}
		}
		return f(numbers, n), nil
	}
}
