package sums

import (
	"math/big"
	"strings"

	"github.com/bwenge-os/bwenge/internal/text"
)

// around are the words that may stand around arithmetic that a question states.
var around = text.Set(`what whats is s the result of calculate work out compute find evaluate how much does make makes equal equals me please can you
	tell answer to solve sum product quotient this
	combien font fait calcule calculer calculez quel est le resultat de du la valeur donne egale egal
	je ngapi ni hesabu kokotoa jibu la tafuta bara shaka igisubizo cya ni angahe`)

// worded are the signs of arithmetic in words.
var worded = map[string]string{"plus": "+", "minus": "-", "moins": "-", "times": "×", "fois": "×", "kujumlisha": "+", "kutoa": "-", "mara": "×"}

// wordedPairs likewise, of two words.
var wordedPairs = map[string]string{"divided by": "÷", "divise par": "÷", "multiplied by": "×", "multiplie par": "×", "gawanya kwa": "÷"}

// arithmetic works out what a question states in figures: 3/4 + 1/8, 17 × 23.
func arithmetic(question, language string) (Solution, bool) {
	t := split(question, language)
	var sum []token
	closed := false
	for i := 0; i < len(t); i++ {
		s := t[i]
		sign := ""
		if s.unsure {
			return Solution{}, false
		}
		switch {
		case s.number != nil:
			sign = s.text
		case strings.Contains("+-×÷/()^²³", s.text):
			sign = s.text
		case s.text == ":" && i > 0 && i+1 < len(t) && t[i-1].number != nil && t[i+1].number != nil:
			return Solution{}, false // a ratio, or a time
		case (s.text == "x" || s.text == "X") && i > 0 && i+1 < len(t) && (t[i-1].number != nil || t[i-1].text == ")") && (t[i+1].number != nil || t[i+1].text == "("):
			sign = "×"
		case worded[s.fold] != "" && len(sum) > 0 && !closed:
			sign = worded[s.fold]
		case i+1 < len(t) && wordedPairs[s.fold+" "+t[i+1].fold] != "" && len(sum) > 0:
			sign = wordedPairs[s.fold+" "+t[i+1].fold]
			i++
		}
		if sign != "" {
			if closed || len(sum) > 80 {
				return Solution{}, false
			}
			s.text, s.fold = sign, sign
			sum = append(sum, s)
			continue
		}
		if len(sum) > 0 {
			closed = true
		}
		if !around[s.fold] && !strings.Contains("?=.:,!'’", s.text) {
			return Solution{}, false
		}
	}
	p := &reckoner{t: sum}
	value, ok := p.sum()
	if !ok || p.at != len(sum) || p.signs == 0 {
		return Solution{}, false
	}
	if p.signs == 1 && p.slashes == 1 { // a fraction, or a date, alone
		return Solution{}, false
	}
	var shown strings.Builder
	for i, s := range sum {
		word := s.text
		switch word {
		case "+", "×", "÷":
			word = " " + word + " "
		case "-":
			word = " − "
			if i == 0 || strings.Contains("(+-×÷", sum[i-1].text) {
				word = "−"
			}
		}
		shown.WriteString(word)
	}
	result, about := number(value, language)
	if p.slashes > 0 && !value.IsInt() {
		result, about = value.RatString(), false
		if decimal, rough := number(value, language); !rough {
			result += " = " + decimal
		}
	}
	equals := " = "
	if about {
		equals, result = " ≈ ", rounded(language)+result
	}
	return Solution{
		Answer: sentence(nil, "", result, language),
		Steps:  []string{shown.String() + equals + strings.TrimPrefix(result, rounded(language))},
		From:   -1,
	}, true
}

// reckoner works out a sum as it reads it.
type reckoner struct {
	t              []token
	at, depth      int
	signs, slashes int
}

func (p *reckoner) next() string {
	if p.at < len(p.t) {
		return p.t[p.at].text
	}
	return ""
}

func (p *reckoner) sum() (*big.Rat, bool) {
	v, ok := p.term()
	for ok && (p.next() == "+" || p.next() == "-") {
		sign := p.next()
		p.at++
		p.signs++
		var w *big.Rat
		if w, ok = p.term(); !ok {
			break
		}
		if sign == "-" {
			w = new(big.Rat).Neg(w)
		}
		v = new(big.Rat).Add(v, w)
	}
	return v, ok && small(v)
}

func (p *reckoner) term() (*big.Rat, bool) {
	v, ok := p.power()
	for ok && (p.next() == "×" || p.next() == "÷" || p.next() == "/") {
		sign := p.next()
		p.at++
		p.signs++
		var w *big.Rat
		if w, ok = p.power(); !ok {
			break
		}
		if sign == "×" {
			v = new(big.Rat).Mul(v, w)
			continue
		}
		if w.Sign() == 0 {
			return nil, false
		}
		if sign == "/" {
			p.slashes++
		}
		v = new(big.Rat).Quo(v, w)
	}
	return v, ok && small(v)
}

func (p *reckoner) power() (*big.Rat, bool) {
	v, ok := p.factor()
	if !ok {
		return nil, false
	}
	n := int64(1)
	switch p.next() {
	case "²":
		n = 2
	case "³":
		n = 3
	case "^":
		p.at++
		if p.at >= len(p.t) || p.t[p.at].number == nil || !p.t[p.at].number.IsInt() || p.t[p.at].number.Cmp(big.NewRat(12, 1)) > 0 {
			return nil, false
		}
		n = p.t[p.at].number.Num().Int64()
	default:
		return v, true
	}
	p.at++
	p.signs++
	out := big.NewRat(1, 1)
	for range n {
		out.Mul(out, v)
	}
	return out, small(out)
}

func (p *reckoner) factor() (*big.Rat, bool) {
	if p.at >= len(p.t) {
		return nil, false
	}
	s := p.t[p.at]
	switch {
	case s.number != nil:
		p.at++
		if p.at < len(p.t) && p.t[p.at].number != nil || p.next() == "(" { // 2 1/2 and 2(3) may be read in two ways
			return nil, false
		}
		return s.number, true
	case s.text == "-" && p.depth < 20:
		p.at++
		p.depth++
		v, ok := p.factor()
		p.depth--
		if !ok {
			return nil, false
		}
		return new(big.Rat).Neg(v), p.next() != "^" && p.next() != "²"
	case s.text == "(" && p.depth < 20:
		p.at++
		p.depth++
		v, ok := p.sum()
		p.depth--
		if !ok || p.next() != ")" {
			return nil, false
		}
		p.at++
		if p.next() == "(" || p.at < len(p.t) && p.t[p.at].number != nil {
			return nil, false
		}
		return v, true
	}
	return nil, false
}

// small reports a number that is short enough to be worth showing.
func small(v *big.Rat) bool { return v.Num().BitLen() < 128 && v.Denom().BitLen() < 64 }
