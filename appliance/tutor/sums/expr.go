package sums

import (
	"errors"
	"math/big"
	"slices"
	"strconv"
	"strings"
)

// node is a formula or a part of one.
type node struct {
	op    byte // 'n' a number, 'v' a variable, + - * / ^ r (a root)
	a, b  *node
	v     int
	n     *big.Rat
	power int
	pi    bool // the number is π
}

var errWrong = errors.New("sums: a value that the formula has no result for")

// each calls f for every variable of a formula.
func (e *node) each(f func(v int)) {
	if e == nil {
		return
	}
	if e.op == 'v' {
		f(e.v)
	}
	e.a.each(f)
	e.b.each(f)
}

func (e *node) count(v int) int {
	n := 0
	e.each(func(w int) {
		if w == v {
			n++
		}
	})
	return n
}

// pi is π to more digits than are ever shown.
var pi, _ = new(big.Rat).SetString("3.14159265358979323846264338327950288")

// value works a formula out. rough reports that the result is not exact.
func (e *node) value(of []*big.Rat) (v *big.Rat, rough bool, err error) {
	switch e.op {
	case 'n':
		return e.n, e.pi, nil
	case 'v':
		if of[e.v] == nil {
			return nil, false, errWrong
		}
		return of[e.v], false, nil
	}
	a, rough, err := e.a.value(of)
	if err != nil {
		return nil, false, err
	}
	switch e.op {
	case '^':
		out := big.NewRat(1, 1)
		for range e.power {
			out.Mul(out, a)
		}
		return out, rough, nil
	case 'r':
		out, exact, err := root(a, e.power)
		return out, rough || !exact, err
	}
	b, rough2, err := e.b.value(of)
	if err != nil {
		return nil, false, err
	}
	out := new(big.Rat)
	switch e.op {
	case '+':
		out.Add(a, b)
	case '-':
		out.Sub(a, b)
	case '*':
		out.Mul(a, b)
	case '/':
		if b.Sign() == 0 {
			return nil, false, errWrong
		}
		out.Quo(a, b)
	}
	return out, rough || rough2, nil
}

// root is the positive square or cube root of a number.
func root(v *big.Rat, n int) (*big.Rat, bool, error) {
	if v.Sign() <= 0 || n != 2 {
		return nil, false, errWrong
	}
	num, den := new(big.Int).Sqrt(v.Num()), new(big.Int).Sqrt(v.Denom())
	r := new(big.Rat).SetFrac(num, den)
	if new(big.Rat).Mul(r, r).Cmp(v) == 0 {
		return r, true, nil
	}
	f := new(big.Float).SetPrec(200).SetRat(v)
	r, _ = f.Sqrt(f).Rat(nil)
	return r, false, nil
}

// dims works the dimension of a formula out. An unknown dimension is nil in of;
// known reports that the result does not depend on one.
func (e *node) dims(of []dim) (d dim, known bool, ok bool) {
	switch e.op {
	case 'n':
		return dim{}, true, true
	case 'v':
		return of[e.v], of[e.v] != nil, true
	}
	a, known, ok := e.a.dims(of)
	if !ok {
		return nil, false, false
	}
	if e.op == '^' || e.op == 'r' {
		if !known {
			return nil, false, true
		}
		out := dim{}
		for k, n := range a {
			if e.op == '^' {
				out[k] = n * e.power
			} else if n%e.power != 0 {
				return nil, false, false
			} else {
				out[k] = n / e.power
			}
		}
		return out, true, true
	}
	b, known2, ok := e.b.dims(of)
	if !ok {
		return nil, false, false
	}
	switch e.op {
	case '+', '-':
		if known && known2 {
			return a, true, a.is(b)
		}
		if known {
			return a, true, true
		}
		return b, known2, true
	case '*':
		return a.times(b, 1), known && known2, true
	}
	return a.times(b, -1), known && known2, true
}

// solve turns left = right round, so that a variable that stands once in it
// stands alone: it returns what that variable equals.
func solve(left, right *node, v int) *node {
	if left.count(v)+right.count(v) != 1 {
		return nil
	}
	if left.count(v) == 0 {
		left, right = right, left
	}
	for left.op != 'v' {
		inA := left.a.count(v) == 1
		switch left.op {
		case '+':
			if inA {
				left, right = left.a, &node{op: '-', a: right, b: left.b}
			} else {
				left, right = left.b, &node{op: '-', a: right, b: left.a}
			}
		case '-':
			if inA {
				left, right = left.a, &node{op: '+', a: right, b: left.b}
			} else {
				left, right = left.b, &node{op: '-', a: left.a, b: right}
			}
		case '*':
			if inA {
				left, right = left.a, over(right, left.b)
			} else {
				left, right = left.b, over(right, left.a)
			}
		case '/':
			if inA {
				left, right = left.a, &node{op: '*', a: right, b: left.b}
			} else {
				left, right = left.b, over(left.a, right)
			}
		case '^':
			left, right = left.a, &node{op: 'r', a: right, power: left.power}
		default:
			return nil
		}
	}
	return right
}

// over divides; by a fraction it multiplies with what that is turned over.
func over(a, b *node) *node {
	if b.op == '/' {
		return over(&node{op: '*', a: a, b: b.b}, b.a)
	}
	return &node{op: '/', a: a, b: b}
}

// show writes a formula, with names or values for its variables.
func (e *node) show(name func(v int) string, number func(*big.Rat) string) string {
	switch e.op {
	case 'n':
		if e.pi {
			return "π"
		}
		if !e.n.IsInt() && e.n.Num().IsInt64() && e.n.Denom().Cmp(big.NewInt(9)) <= 0 {
			return e.n.RatString()
		}
		return number(e.n)
	case 'v':
		return name(e.v)
	case '^':
		if e.a.op == 'v' {
			s := name(e.a.v)
			if strings.ContainsAny(s, " ") || len([]rune(s)) > 2 {
				return strings.TrimSuffix(strings.Repeat(s+" × ", e.power), " × ")
			}
			return s + raised.Replace(strconv.Itoa(e.power))
		}
		return "(" + e.a.show(name, number) + ")" + raised.Replace(strconv.Itoa(e.power))
	case 'r':
		return "√(" + e.a.show(name, number) + ")"
	}
	level := func(n *node) int {
		switch n.op {
		case '+', '-':
			return 1
		case '*', '/':
			return 2
		}
		return 3
	}
	a, b := e.a.show(name, number), e.b.show(name, number)
	if level(e.a) < level(e) {
		a = "(" + a + ")"
	}
	if level(e.b) < level(e) || level(e.b) == level(e) && (e.op == '-' || e.op == '/') {
		b = "(" + b + ")"
	}
	return a + map[byte]string{'+': " + ", '-': " − ", '*': " × ", '/': " ÷ "}[e.op] + b
}

// product multiplies, and writes the same variable twice as a square.
func product(a, b *node) *node {
	if b.op == 'v' {
		switch {
		case a.op == 'v' && a.v == b.v:
			return &node{op: '^', a: a, power: 2}
		case a.op == '^' && a.a.op == 'v' && a.a.v == b.v:
			return &node{op: '^', a: a.a, power: a.power + 1}
		case a.op == '*' && (a.b.op == 'v' && a.b.v == b.v || a.b.op == '^' && a.b.a.op == 'v' && a.b.a.v == b.v):
			return &node{op: '*', a: a.a, b: product(a.b, b)}
		}
	}
	return &node{op: '*', a: a, b: b}
}

// distinct are the variables of both sides.
func distinct(sides ...*node) []int {
	var out []int
	for _, s := range sides {
		s.each(func(v int) {
			if !slices.Contains(out, v) {
				out = append(out, v)
			}
		})
	}
	return out
}
