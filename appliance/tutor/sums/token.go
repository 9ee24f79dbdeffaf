package sums

import (
	"math/big"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/bwenge-os/bwenge/internal/text"
)

// token is a word, a number or a sign.
type token struct {
	text, fold string
	number     *big.Rat
	unsure     bool // the number may be read in two ways: 1,500 in French
	glued      bool // nothing stands between it and the token before
	hyphen     bool // a minus that may join words
}

// maxDigits is how long a number may be.
const maxDigits = 30

var parts = map[rune]*big.Rat{'½': big.NewRat(1, 2), '¼': big.NewRat(1, 4), '¾': big.NewRat(3, 4), '⅓': big.NewRat(1, 3), '⅔': big.NewRat(2, 3)}

// split cuts a text into tokens.
func split(s, language string) []token {
	var out []token
	glued := false
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case unicode.IsSpace(r):
			i += size
			glued = false
			continue
		case unicode.IsDigit(r) && r < 0x80:
			number, n, unsure := readNumber(s[i:], language)
			out = append(out, token{text: s[i : i+n], fold: s[i : i+n], number: number, unsure: unsure, glued: glued})
			i += n
		case parts[r] != nil:
			out = append(out, token{text: s[i : i+size], fold: s[i : i+size], number: parts[r], glued: glued})
			i += size
		case unicode.IsLetter(r) || (r == '°' || r == 'º') && i+size < len(s) && isLetter(s[i+size:]):
			end := i + size
			for end < len(s) {
				c, n := utf8.DecodeRuneInString(s[end:])
				if !unicode.IsLetter(c) && !unicode.Is(unicode.Mn, c) && c != '²' && c != '³' && (c > 0x7f || !unicode.IsDigit(c) || digitsStandAlone(s[i:end])) {
					break
				}
				end += n
			}
			word := s[i:end]
			out = append(out, token{text: word, fold: text.Fold(word), glued: glued})
			i = end
		default:
			sign, original := s[i:i+size], s[i:i+size]
			switch r {
			case '−', '–', '—':
				sign = "-"
			case '∙', '⋅', '·', '∗', '*':
				sign = "×"
			}
			out = append(out, token{text: sign, fold: sign, glued: glued, hyphen: original == "-"})
			i += size
		}
		glued = true
	}
	return out
}

// digitsStandAlone are the words behind which a number begins: 2h30.
func digitsStandAlone(word string) bool { return word == "h" || word == "H" }

func isLetter(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return unicode.IsLetter(r)
}

func digits(s string) int {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}

// readNumber reads the number that s begins with: 9 000, 1,250.5, 0,5.
func readNumber(s, language string) (number *big.Rat, length int, unsure bool) {
	n := digits(s)
	whole := s[:n]
	comma := language == text.French
	grouped := byte(0)
	for n <= maxDigits {
		separator, size := utf8.DecodeRuneInString(s[n:])
		if !strings.ContainsRune(",. \u00a0\u202f'", separator) || separator == utf8.RuneError {
			break
		}
		if grouped != 0 && grouped != byte(separator) || len(whole) > 3 && grouped == 0 || whole[0] == '0' {
			break
		}
		group := s[n+size:]
		if digits(group) != 3 {
			break
		}
		rest := group[3:]
		switch separator {
		case ',':
			if comma && grouped == 0 && !(len(rest) > 1 && (rest[0] == ',' || rest[0] == '.') && digits(rest[1:]) > 0) {
				unsure = true
			}
		case '.':
			if !(len(rest) > 3 && rest[0] == '.' && digits(rest[1:]) == 3) && grouped == 0 {
				if !comma {
					goto decimals
				}
				unsure = true
			}
		case ' ':
			// "2 100 W lamps" are two lamps in English.
			if !comma && group[:3] != "000" && grouped == 0 && !sumOfMoney(rest) {
				goto decimals
			}
		}
		grouped = byte(separator)
		whole += group[:3]
		n += size + 3
	}
decimals:
	fraction := ""
	if n < len(s) && (s[n] == '.' || s[n] == ',') && grouped != s[n] {
		if d := digits(s[n+1:]); d > 0 && d <= maxDigits {
			fraction = s[n+1 : n+1+d]
			n += 1 + d
		}
	}
	if len(whole)+len(fraction) > maxDigits {
		return new(big.Rat), n, true
	}
	literal := whole
	if fraction != "" {
		literal += "." + fraction
	}
	number, _ = new(big.Rat).SetString(literal)
	return number, n, unsure
}

func sumOfMoney(s string) bool {
	s = strings.TrimLeft(s, " \u00a0")
	end := strings.IndexFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && r != '$' && r != '€' })
	if end < 0 {
		end = len(s)
	}
	u, ok := named(s[:end])
	return ok && u.dim.money()
}

// spelled are the numbers in words.
var spelled = map[string]int64{
	"zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
	"eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18,
	"nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
	"hundred": 100, "thousand": 1000, "dozen": 12,
	"deux": 2, "trois": 3, "quatre": 4, "cinq": 5, "sept": 7, "huit": 8, "neuf": 9, "dix": 10, "onze": 11, "douze": 12,
	"treize": 13, "quatorze": 14, "quinze": 15, "seize": 16, "vingt": 20, "trente": 30, "quarante": 40, "cinquante": 50,
	"soixante": 60, "cent": 100, "mille": 1000,
	"mbili": 2, "tatu": 3, "nne": 4, "tano": 5, "sita": 6, "saba": 7, "nane": 8, "tisa": 9, "kumi": 10,
}

// inWords reads a number in words at token i, and how many tokens it takes.
func inWords(t []token, i int) (*big.Rat, int) {
	total, current, n := int64(0), int64(-1), 0
	for i+n < len(t) && n < 8 {
		w := t[i+n].fold
		v, ok := spelled[w]
		switch {
		case ok && v == 100 && current <= 20 && current != 0:
			current = max(current, 1) * 100
		case ok && v == 1000 && total == 0 && current != 0:
			total, current = max(current, 1)*1000, 0
		case ok && v == 12 && w == "dozen" && n <= 1:
			return big.NewRat(max(current, 1)*12, 1), n + 1
		case ok && current < 0:
			current = v
		case ok && current >= 20 && v < min(current, 20) && (current >= 100 || v < 10 || current == 60):
			current += v
		case ok && current >= 100 && v < 100 && current%100 == 0:
			current += v
		case ok && total > 0 && current == 0 && v < 1000:
			current = v
		case w == "and" && current >= 100 && i+n+1 < len(t) && spelled[t[i+n+1].fold] > 0:
		case w == "-" && n > 0 && t[i+n].glued && i+n+1 < len(t) && spelled[t[i+n+1].fold] > 0:
		default:
			if current < 0 {
				return nil, 0
			}
			return big.NewRat(total+current, 1), n
		}
		n++
	}
	if current < 0 {
		return nil, 0
	}
	return big.NewRat(total+current, 1), n
}
