package letters

import (
	"fmt"
	"strconv"
	"strings"
)

// NumberForm is how the numbers of a list are written.
type NumberForm int

const (
	BulletForm NumberForm = iota
	NoNumber
	Decimal
	LeadingZero
	LowerLetter
	UpperLetter
	LowerRoman
	UpperRoman
	LowerGreek
)

// Write gives the number in its form: 3, c, iii. Where the form has no such
// number it is plain.
func (f NumberForm) Write(n int) string {
	switch f {
	case LeadingZero:
		return fmt.Sprintf("%02d", n)
	case LowerLetter, UpperLetter:
		if n < 1 || n > 26*26 {
			break
		}
		letters := ""
		for ; n > 0; n = (n - 1) / 26 {
			letters = string(rune('a'+(n-1)%26)) + letters
		}
		if f == UpperLetter {
			letters = strings.ToUpper(letters)
		}
		return letters
	case LowerRoman, UpperRoman:
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
		if f == LowerRoman {
			roman = strings.ToLower(roman)
		}
		return roman
	case LowerGreek:
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
