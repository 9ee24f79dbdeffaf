package tables

import (
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// number is what a cell holds if it is a number: "1,250 RWF", "85 %", "-2.5".
type number struct {
	value    float64
	unit     string // around it
	before   bool   // the unit stands before it
	decimals int
	grouped  string // what separates thousands, "" for nothing
	comma    bool   // the decimal sign
}

var numeric = regexp.MustCompile(`^([$€£]|[A-Z]{2,3})?\s*([-−+]?\d[\d.,'\x{a0}\x{202f} ]*)\s*(\D{0,14})$`)

// parse reads a cell as a number.
func parse(cell string) (number, bool) {
	m := numeric.FindStringSubmatch(cell)
	if m == nil || strings.ContainsAny(m[3], "0123456789") {
		return number{}, false
	}
	n := number{unit: strings.TrimSpace(m[3])}
	if m[1] != "" {
		n.unit, n.before = m[1], true
	}
	digits := strings.TrimRight(m[2], " \u00a0\u202f.,'")
	digits = strings.ReplaceAll(digits, "−", "-")
	for _, space := range []string{" ", "\u00a0", "\u202f", "'"} {
		if strings.Contains(digits, space) {
			if !groups(digits, space) {
				return number{}, false
			}
			n.grouped = space
			digits = strings.ReplaceAll(digits, space, "")
		}
	}
	point, comma := strings.LastIndexByte(digits, '.'), strings.LastIndexByte(digits, ',')
	switch {
	case point >= 0 && comma > point: // 1.250,50
		digits = strings.ReplaceAll(digits, ".", "")
		digits = strings.Replace(digits, ",", ".", 1)
		n.grouped, n.comma = ".", true
	case comma >= 0 && point > comma: // 1,250.50
		digits = strings.ReplaceAll(digits, ",", "")
		n.grouped = ","
	case comma >= 0 && groups(digits, ","):
		digits = strings.ReplaceAll(digits, ",", "")
		n.grouped = ","
	case comma >= 0:
		digits = strings.Replace(digits, ",", ".", 1)
		n.comma = true
	case point >= 0 && strings.Count(digits, ".") > 1 && groups(digits, "."):
		digits = strings.ReplaceAll(digits, ".", "")
		n.grouped = "."
	}
	if i := strings.IndexByte(digits, '.'); i >= 0 {
		n.decimals = len(digits) - i - 1
	}
	var err error
	n.value, err = strconv.ParseFloat(digits, 64)
	return n, err == nil
}

// groups reports whether a separator cuts a number into thousands.
func groups(digits, separator string) bool {
	whole := strings.TrimLeft(digits, "+-")
	if i := strings.LastIndexAny(whole, ".,"); i >= 0 && whole[i:i+1] != separator {
		whole = whole[:i]
	}
	for i, part := range strings.Split(whole, separator) {
		if i == 0 && (part == "" || part == "0" || len(part) > 3) || i > 0 && utf8.RuneCountInString(part) != 3 {
			return false
		}
	}
	return true
}

// like writes a value in the manner of n, with as many decimals at most.
func (n number) like(value float64, decimals int) string {
	s := strconv.FormatFloat(value, 'f', decimals, 64)
	if decimals > n.decimals && strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	whole, rest, _ := strings.Cut(s, ".")
	if n.grouped != "" {
		digits := strings.TrimPrefix(whole, "-")
		var parts []string
		for len(digits) > 3 {
			parts = append([]string{digits[len(digits)-3:]}, parts...)
			digits = digits[:len(digits)-3]
		}
		whole = strings.TrimSuffix(whole, strings.TrimPrefix(whole, "-")) + strings.Join(append([]string{digits}, parts...), n.grouped)
	}
	if rest != "" {
		sign := "."
		if n.comma {
			sign = ","
		}
		whole += sign + rest
	}
	switch {
	case n.unit == "":
		return whole
	case n.before:
		return n.unit + " " + whole
	case n.unit == "%" || n.unit == "°":
		return whole + n.unit
	}
	return whole + " " + n.unit
}
