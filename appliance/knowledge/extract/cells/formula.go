// Package cells shows the numbers of a spreadsheet as their formats do, and computes
// the formulas that came without a value.
package cells

import (
	"errors"
	"math"
	"strconv"
	"strings"

	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/clean"
)

// Programs that write a workbook without opening it leave its formulas without
// values. The common ones are computed here; the others are told.

const (
	// MaxText bounds the text of a cell; what is longer is prose.
	MaxText = 4000
	// MaxFormula bounds a formula's own text.
	MaxFormula      = 8192
	maxFormulaDepth = 100
	// maxFormulaCells bounds the cells that are kept to compute with, and
	// maxFormulaWork the cells looked at.
	maxFormulaCells = 300_000
	maxFormulaWork  = 1_000_000
)

// errFormula is a formula that is not understood, or too much of it.
var errFormula = errors.New("formula: not computed")

// Value is a number, a text, a truth (a number that says so), an error
// ("#DIV/0!"), or the cells of a range.
type Value struct {
	kind  byte // 'n', 's', 'b', 'e', 'r'; 0 is an empty cell
	n     float64
	s     string
	cells []Value
}

// Number is the value of a cell that holds one.
func Number(n float64) Value { return Value{kind: 'n', n: n} }

// Text is the value of a cell that holds words.
func Text(s string) Value { return Value{kind: 's', s: s} }

// Error is what a cell shows that could not be computed: "#DIV/0!".
func Error(s string) Value { return Value{kind: 'e', s: s} }

// Truth is TRUE or FALSE.
func Truth(yes bool) Value {
	if yes {
		return Value{kind: 'b', n: 1}
	}
	return Value{kind: 'b'}
}

// Place is where a cell stands in a workbook.
type Place struct {
	Sheet    string // in small letters
	Row, Col int    // from 0
}

// cell is what a cell holds: a value, or a formula that has none yet.
type cell struct {
	value   Value
	formula string
	busy    bool
}

// Book computes formulas of one workbook.
type Book struct {
	cells map[Place]*cell
	sizes map[string]Place // the last row and column of each sheet
	full  bool             // there were more cells than are kept
	work  int
}

// NewBook is a workbook without cells.
func NewBook() *Book {
	return &Book{cells: map[Place]*cell{}, sizes: map[string]Place{}}
}

// Set keeps the value of a cell to compute with.
func (b *Book) Set(at Place, v Value) { b.add(at, cell{value: v}) }

// SetFormula keeps the formula of a cell that has no value.
func (b *Book) SetFormula(at Place, formula string) {
	b.add(at, cell{formula: formula})
}

func (b *Book) add(at Place, c cell) {
	if len(b.cells) >= maxFormulaCells {
		b.full = true
		return
	}
	b.cells[at] = &c
	size := b.sizes[at.Sheet]
	b.sizes[at.Sheet] = Place{at.Sheet, max(size.Row, at.Row), max(size.Col, at.Col)}
}

// Show computes a cell and writes it as a format shows it.
func (b *Book) Show(at Place, format *Format) (string, error) {
	v, err := b.value(at, 0)
	switch {
	case err != nil:
		return "", err
	case v.kind == 'n':
		return format.Number(v.n, false), nil
	}
	return v.text(), nil
}

// value computes a cell.
func (b *Book) value(at Place, depth int) (Value, error) {
	if b.work++; b.work > maxFormulaWork || depth > maxFormulaDepth || b.full {
		return Value{}, errFormula
	}
	c := b.cells[at]
	if c == nil {
		return Value{}, nil
	}
	if c.formula == "" {
		return c.value, nil
	}
	if c.busy {
		return Value{}, errFormula // it needs itself
	}
	if len(c.formula) > MaxFormula {
		return Value{}, errFormula
	}
	c.busy = true
	p := &parser{book: b, sheet: at.Sheet, s: c.formula, depth: depth}
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

// parser computes a formula as it reads it.
type parser struct {
	book  *Book
	sheet string
	s     string
	i     int
	depth int
}

func (p *parser) all() (Value, error) {
	v, err := p.binary(0)
	p.space()
	if err == nil && p.i < len(p.s) {
		err = errFormula
	}
	return v, err
}

func (p *parser) space() {
	for p.i < len(p.s) && strings.IndexByte(" \t\r\n", p.s[p.i]) >= 0 {
		p.i++
	}
}

func (p *parser) take(token string) bool {
	p.space()
	if strings.HasPrefix(p.s[p.i:], token) {
		p.i += len(token)
		return true
	}
	return false
}

// operators by how tightly they bind, longest first.
var operators = [][]string{{"<=", ">=", "<>", "=", "<", ">"}, {"&"}, {"+", "-"}, {"*", "/"}, {"^"}}

func (p *parser) binary(level int) (Value, error) {
	if level == len(operators) {
		return p.unary()
	}
	if p.depth++; p.depth > maxFormulaDepth*8 {
		return Value{}, errFormula
	}
	defer func() { p.depth-- }()
	left, err := p.binary(level + 1)
next:
	for err == nil {
		for _, op := range operators[level] {
			if p.take(op) {
				var right Value
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

func (p *parser) unary() (Value, error) {
	if p.depth++; p.depth > maxFormulaDepth*8 {
		return Value{}, errFormula
	}
	defer func() { p.depth-- }()
	if p.take("-") {
		v, err := p.unary()
		if err != nil {
			return v, err
		}
		return operate("-", Value{kind: 'n'}, v)
	}
	if p.take("+") {
		return p.unary()
	}
	v, err := p.primary()
	for err == nil && p.take("%") {
		v, err = operate("/", v, Number(100))
	}
	return v, err
}

func operate(op string, a, b Value) (Value, error) {
	if a.kind == 'r' || b.kind == 'r' {
		return a, errFormula
	}
	for _, v := range []Value{a, b} {
		if v.kind == 'e' {
			return v, nil
		}
	}
	switch op {
	case "&":
		return Text(clean.Clip(a.text()+b.text(), MaxText)), nil
	case "=", "<>", "<", ">", "<=", ">=":
		c := orderOf(a, b)
		yes := op == "=" && c == 0 || op == "<>" && c != 0 || op == "<" && c < 0 || op == ">" && c > 0 || op == "<=" && c <= 0 || op == ">=" && c >= 0
		return Truth(yes), nil
	}
	x, okX := a.number()
	y, okY := b.number()
	if !okX || !okY {
		return Error("#VALUE!"), nil
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
			return Error("#DIV/0!"), nil
		}
		x /= y
	case "^":
		x = math.Pow(x, y)
	}
	return numeric(x), nil
}

func numeric(x float64) Value {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return Error("#NUM!")
	}
	return Number(x)
}

// orderOf orders as spreadsheets do: numbers before texts before truths.
func orderOf(a, b Value) int {
	rank := func(v Value) int { return map[byte]int{'s': 1, 'b': 2}[v.kind] }
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

func (v Value) number() (float64, bool) {
	if v.kind == 's' {
		n, err := strconv.ParseFloat(strings.TrimSpace(v.s), 64)
		return n, err == nil
	}
	return v.n, v.kind != 'e' && v.kind != 'r'
}

func (v Value) text() string {
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

func (p *parser) primary() (Value, error) {
	p.space()
	if p.i >= len(p.s) {
		return Value{}, errFormula
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
		return p.quoted()
	}
	if v, ok, err := p.reference(); ok { // also 3:5, whole rows
		return v, err
	}
	if c := p.s[p.i]; c >= '0' && c <= '9' || c == '.' {
		return p.number()
	}
	return p.named()
}

// quoted reads a text; a quotation mark in it stands twice.
func (p *parser) quoted() (Value, error) {
	var b strings.Builder
	for p.i++; p.i < len(p.s); p.i++ {
		if p.s[p.i] == '"' {
			if p.i++; p.i >= len(p.s) || p.s[p.i] != '"' {
				return Text(b.String()), nil
			}
		}
		b.WriteByte(p.s[p.i])
	}
	return Value{}, errFormula
}

func (p *parser) number() (Value, error) {
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
		return Value{}, errFormula
	}
	return Number(n), nil
}

// named reads a truth or a function with its arguments.
func (p *parser) named() (Value, error) {
	start := p.i
	for p.i < len(p.s) && (isNameByte(p.s[p.i]) || p.s[p.i] == '.') {
		p.i++
	}
	name := strings.ToUpper(p.s[start:p.i])
	if !p.take("(") {
		switch name {
		case "TRUE":
			return Truth(true), nil
		case "FALSE":
			return Truth(false), nil
		}
		return Value{}, errFormula // a name that the workbook gives to a range
	}
	return p.call(strings.TrimPrefix(name, "_XLFN."))
}

func isNameByte(c byte) bool {
	return c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '_'
}

// reference reads A1, $A$1:B7, C:C, Sheet!A1 or 'A sheet'!A1. ok is false if
// there is none.
func (p *parser) reference() (v Value, ok bool, err error) {
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
	} else if from.Row < 0 || from.Col < 0 || p.i < len(p.s) && (isNameByte(p.s[p.i]) || p.s[p.i] == '(') {
		p.i = start
		return v, false, nil
	}
	if from == to && from.Row >= 0 && from.Col >= 0 {
		v, err = p.book.value(Place{sheet, from.Row, from.Col}, p.depth+1)
		return v, true, err
	}
	size := p.book.sizes[sheet]
	if from.Row < 0 {
		from.Row, to.Row = 0, size.Row
	}
	if from.Col < 0 {
		from.Col, to.Col = 0, size.Col
	}
	v.kind = 'r'
	for row := min(from.Row, to.Row); row <= min(max(from.Row, to.Row), size.Row); row++ {
		for col := min(from.Col, to.Col); col <= min(max(from.Col, to.Col), size.Col); col++ {
			cell, err := p.book.value(Place{sheet, row, col}, p.depth+1)
			if err != nil {
				return v, true, err
			}
			v.cells = append(v.cells, cell)
		}
	}
	return v, true, nil
}

// corner reads A1, A or 1; what is missing is -1.
func (p *parser) corner() (c Place, ok bool) {
	c = Place{Row: -1, Col: -1}
	i := p.i
	skip := func() {
		if i < len(p.s) && p.s[i] == '$' {
			i++
		}
	}
	skip()
	start := i
	for i < len(p.s) && i-start < 4 && (p.s[i]|0x20) >= 'a' && (p.s[i]|0x20) <= 'z' {
		c.Col = (c.Col+1)*26 + int(p.s[i]|0x20-'a')
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
		c.Row = row - 1
	}
	if c.Row < 0 && c.Col < 0 || i > start && row == 0 || c.Col > 16_384 {
		return c, false
	}
	p.i = i
	return c, true
}

// call computes a function whose bracket has been read.
func (p *parser) call(name string) (Value, error) {
	var args []Value
	for !p.take(")") {
		if len(args) > 0 && !p.take(",") && !p.take(";") {
			return Value{}, errFormula
		}
		p.space()
		if p.i < len(p.s) && strings.IndexByte(",;)", p.s[p.i]) >= 0 { // left out
			args = append(args, Value{})
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
	f := functions[name]
	if f == nil {
		return Value{}, errFormula
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
