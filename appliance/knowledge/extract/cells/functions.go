package cells

import (
	"math"
	"slices"
	"strings"
)

// function computes a value of its arguments.
type function func([]Value) (Value, error)

// functions are those that are computed, by their names in capitals.
var functions = map[string]function{
	"SUM": overNumbers(sumOf), "PRODUCT": overNumbers(productOf),
	"MIN": overNumbers(slices.Min[[]float64]), "MAX": overNumbers(slices.Max[[]float64]),
	"AVERAGE": average, "MEDIAN": overNumbers(medianOf),
	"COUNT": func(args []Value) (Value, error) { return numeric(float64(len(numbersOf(args)))), nil }, "COUNTA": countFilled,
	"COUNTIF":   conditional(func(l []float64, n int) Value { return numeric(float64(n)) }),
	"SUMIF":     conditional(func(l []float64, _ int) Value { return numeric(sumOf(l)) }),
	"AVERAGEIF": conditional(func(l []float64, _ int) Value { return averageOf(l) }),
	"IF":        choose, "IFERROR": unlessError,
	"AND": truths(func(yes, all int) bool { return yes == all }), "OR": truths(func(yes, _ int) bool { return yes > 0 }), "NOT": not,
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

// numbersOf are the numbers among arguments: in ranges texts do not count.
func numbersOf(args []Value) (list []float64) {
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

func overNumbers(f func([]float64) float64) function {
	return func(args []Value) (Value, error) {
		if list := numbersOf(args); len(list) > 0 {
			return numeric(f(list)), nil
		}
		return Value{kind: 'n'}, nil
	}
}

// withNumbers is a function of at least least and at most most single numbers;
// what is left out is 0.
func withNumbers(least, most int, f func(x []float64) float64) function {
	return func(args []Value) (Value, error) {
		if len(args) < least || len(args) > most {
			return Value{}, errFormula
		}
		x := make([]float64, most)
		for i, a := range args {
			n, ok := a.number()
			if a.kind == 'r' {
				return a, errFormula
			}
			if !ok {
				return Error("#VALUE!"), nil
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

func productOf(list []float64) float64 {
	p := 1.0
	for _, n := range list {
		p *= n
	}
	return p
}

func medianOf(list []float64) float64 {
	slices.Sort(list)
	return (list[(len(list)-1)/2] + list[len(list)/2]) / 2
}

func averageOf(list []float64) Value {
	if len(list) == 0 {
		return Error("#DIV/0!")
	}
	return numeric(sumOf(list) / float64(len(list)))
}

func average(args []Value) (Value, error) { return averageOf(numbersOf(args)), nil }

// countFilled counts the cells that hold anything.
func countFilled(args []Value) (Value, error) {
	n := 0.0
	for _, a := range args {
		for _, v := range append(a.cells, a) {
			if v.kind != 0 && v.kind != 'r' {
				n++
			}
		}
	}
	return numeric(n), nil
}

// choose is IF: what follows a condition that is met, or what follows that.
func choose(a []Value) (Value, error) {
	if len(a) < 1 || len(a) > 3 || a[0].kind == 'r' {
		return Value{}, errFormula
	}
	if a[0].kind == 'e' {
		return a[0], nil
	}
	yes, ok := a[0].number()
	if !ok {
		return Error("#VALUE!"), nil
	}
	switch {
	case yes != 0 && len(a) > 1:
		return a[1], nil
	case yes == 0 && len(a) > 2:
		return a[2], nil
	}
	return Truth(yes != 0), nil
}

func unlessError(a []Value) (Value, error) {
	if len(a) != 2 {
		return Value{}, errFormula
	}
	if a[0].kind == 'e' {
		return a[1], nil
	}
	return a[0], nil
}

func not(a []Value) (Value, error) {
	if len(a) != 1 {
		return Value{}, errFormula
	}
	n, ok := a[0].number()
	if !ok {
		return Value{}, errFormula
	}
	return Truth(n == 0), nil
}

func concatenate(args []Value) (Value, error) {
	var b strings.Builder
	for _, a := range args {
		b.WriteString(a.text())
		for _, v := range a.cells {
			b.WriteString(v.text())
		}
		if b.Len() > MaxText {
			return Value{}, errFormula
		}
	}
	return Text(b.String()), nil
}

func truths(f func(yes, all int) bool) function {
	return func(args []Value) (Value, error) {
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
			return Error("#VALUE!"), nil
		}
		return Truth(f(yes, all)), nil
	}
}

// conditional is a function of a range, a condition such as ">=50", and perhaps
// another range to take the numbers from.
func conditional(f func(numbers []float64, n int) Value) function {
	return func(a []Value) (Value, error) {
		if len(a) < 2 || len(a) > 3 || a[0].kind != 'r' || a[1].kind == 'r' {
			return Value{}, errFormula
		}
		from := a[0].cells
		if len(a) == 3 {
			if from = a[2].cells; len(from) != len(a[0].cells) {
				return Value{}, errFormula
			}
		}
		op, want := "=", a[1]
		if want.kind == 's' {
			for _, o := range operators[0] {
				if strings.HasPrefix(want.s, o) {
					op, want.s = o, want.s[len(o):]
					break
				}
			}
			if strings.ContainsAny(want.s, "*?~") {
				return Value{}, errFormula
			}
			if n, ok := want.number(); ok {
				want = Number(n)
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
