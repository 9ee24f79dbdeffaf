package sums

import (
	"math/big"
	"strings"

	"github.com/bwenge-os/bwenge/internal/text"
)

// places is how many decimals are shown of a number that does not end.
const places = 2

// number writes a number in the manner of a language. about reports that it was
// rounded.
func number(v *big.Rat, language string) (s string, about bool) {
	decimals, exact := v.FloatPrec()
	if !exact || decimals > 6 {
		about = true
		decimals = places
		size := new(big.Rat).Abs(v)
		for limit := big.NewRat(1, 1); size.Sign() != 0 && size.Cmp(limit) < 0 && decimals < 12; limit.Quo(limit, big.NewRat(10, 1)) {
			decimals++
		}
	}
	s = v.FloatString(decimals)
	if about && strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	whole, fraction, _ := strings.Cut(s, ".")
	sign := ""
	if strings.HasPrefix(whole, "-") {
		sign, whole = "−", whole[1:]
	}
	group, point := ",", "."
	if language == text.French {
		group, point = "\u00a0", ","
	}
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + group + whole[i:]
	}
	if fraction != "" {
		whole += point + fraction
	}
	return sign + whole, about
}

// with writes a number with its unit.
func with(v *big.Rat, unit, language string) (string, bool) {
	s, about := number(v, language)
	if unit != "" {
		if unit == "%" && language != text.French {
			return s + " %", about
		}
		s += " " + unit
	}
	return s, about
}

// rounded is the word for a number that is not exact.
func rounded(language string) string {
	switch language {
	case text.French:
		return "environ "
	case text.Swahili:
		return "takriban "
	case text.Kinyarwanda:
		return "hafi "
	}
	return "about "
}

// sentence is the answer: what is asked for, and what it is.
func sentence(what *kind, name, result, language string) string {
	switch language {
	case text.French:
		if what == nil {
			return "La réponse est " + result + "."
		}
		s := what.french
		return strings.ToUpper(s[:1]) + s[1:] + " est de " + result + "."
	case text.Swahili:
		return "Jibu ni " + result + "."
	case text.Kinyarwanda:
		return "Igisubizo ni " + result + "."
	}
	if what == nil || name == "" {
		return "The answer is " + result + "."
	}
	return "The " + name + " is " + result + "."
}

// upper begins with a capital letter.
func upper(s string) string {
	for i, r := range s {
		return strings.ToUpper(string(r)) + s[i+len(string(r)):]
	}
	return s
}
