package extract

import (
	"fmt"
	"strconv"
	"strings"
)

// numberForm is how the numbers of a list are written.
type numberForm int

const (
	bulletForm numberForm = iota
	noNumber
	decimal
	leadingZero
	lowerLetter
	upperLetter
	lowerRoman
	upperRoman
	lowerGreek
)

// write gives the number in its form: 3, c, iii. Where the form has no such
// number it is plain.
func (f numberForm) write(n int) string {
	switch f {
	case leadingZero:
		return fmt.Sprintf("%02d", n)
	case lowerLetter, upperLetter:
		if n < 1 || n > 26*26 {
			break
		}
		letters := ""
		for ; n > 0; n = (n - 1) / 26 {
			letters = string(rune('a'+(n-1)%26)) + letters
		}
		if f == upperLetter {
			letters = strings.ToUpper(letters)
		}
		return letters
	case lowerRoman, upperRoman:
		if n < 1 || n > 3999 {
			break
		}
		roman := ""
		for _, digit := range romanDigits {
			for n >= digit.value {
				roman += digit.letters
				n -= digit.value
			}
		}
		if f == lowerRoman {
			roman = strings.ToLower(roman)
		}
		return roman
	case lowerGreek:
		if greek := []rune("αβγδεζηθικλμνξοπρστυφχψω"); n >= 1 && n <= len(greek) {
			return string(greek[n-1])
		}
	}
	return strconv.Itoa(n)
}

var romanDigits = []struct {
	value   int
	letters string
}{{1000, "M"}, {900, "CM"}, {500, "D"}, {400, "CD"}, {100, "C"}, {90, "XC"}, {50, "L"}, {40, "XL"},
	{10, "X"}, {9, "IX"}, {5, "V"}, {4, "IV"}, {1, "I"}}
