package text

import (
	"math"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Fold makes texts comparable: lower case, without accents.
func Fold(text string) string {
	if ascii(text) {
		return strings.ToLower(text)
	}
	var b strings.Builder
	b.Grow(len(text))
	last := ' '
	for _, r := range norm.NFD.String(text) {
		if unicode.Is(unicode.Mn, r) {
			continue
		}
		if s := scripts[r]; s != 0 {
			// 10⁸ is not 108, but m² is m2 and CO₂ is CO2.
			if power(r) && unicode.IsDigit(last) && !power(last) {
				b.WriteByte('^')
			}
			b.WriteRune(s)
		} else {
			b.WriteRune(unicode.ToLower(r))
		}
		last = r
	}
	return b.String()
}

// scripts are raised and lowered letters, as what they stand for.
var scripts = func() map[rune]rune {
	table := map[rune]rune{}
	plain := []rune("0123456789+-=()0123456789+-=()n")
	for i, r := range []rune("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ⁿ") {
		table[r] = plain[i]
	}
	return table
}()

// power reports a raised digit or sign.
func power(r rune) bool { return strings.ContainsRune("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", r) }

func ascii(text string) bool {
	for i := range len(text) {
		if text[i] >= 0x80 {
			return false
		}
	}
	return true
}

// Words splits text into the words that search and citation checks compare:
// letters and digits, folded. It cuts where SQLite's unicode61 tokenizer cuts,
// so that a term counted there is a term here.
func Words(text string) []string {
	return strings.FieldsFunc(Fold(text), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsNumber(r)
	})
}

// Terms returns the different content words of a text in a language, in order
// of appearance. A text of nothing but stop words keeps them: they are all
// that it can be searched by.
func Terms(text, language string) []string {
	var content, all []string
	seen := map[string]bool{}
	for _, w := range Words(text) {
		if seen[w] {
			continue
		}
		seen[w] = true
		all = append(all, w)
		if !StopWord(language, w) || homographs[w] != "" && strings.Contains(strings.ToLower(text), homographs[w]) {
			content = append(content, w)
		}
	}
	if len(content) == 0 {
		return all
	}
	return content
}

// homographs are words that without accents look like stop words.
var homographs = map[string]string{"mais": "maïs"}

// HasDigit reports whether a word is a number, or holds one.
func HasDigit(word string) bool { return strings.ContainsFunc(word, unicode.IsDigit) }

// Stems returns the set of the stems of a text's words.
func Stems(text string) map[string]bool {
	m := map[string]bool{}
	for _, w := range Words(text) {
		m[Stem(w)] = true
	}
	return m
}

// Stem cuts the endings that English and French inflect by, so that "cells"
// supports "cell" and "discovered" supports "discovering". It is crude on
// purpose: it only ever compares words of one claim with words of one passage.
func Stem(word string) string {
	if len(word) < 5 || HasDigit(word) {
		return strings.TrimSuffix(word, "s")
	}
	for _, ending := range []string{"ements", "ations", "ingly", "ement", "ation", "ments", "ness", "ment", "ings",
		"edly", "ing", "ies", "ers", "est", "ees", "ed", "es", "er", "ly", "ee", "s", "e", "y"} {
		if rest, ok := strings.CutSuffix(word, ending); ok && len(rest) >= 4 {
			return rest
		}
	}
	return word
}

// Weights say how much a term tells in some material: rare words tell more.
type Weights struct {
	Of   map[string]float64
	Rare float64 // of terms that are not in Of
}

// Weigh weighs terms of which the nth stands in df[n] of all texts, by their
// inverse document frequency as BM25 has it.
func Weigh(terms []string, all int, df []int) Weights {
	idf := func(df int) float64 {
		return max(math.Log((float64(all-df)+0.5)/(float64(df)+0.5)), 1e-6)
	}
	w := Weights{Of: make(map[string]float64, len(terms)), Rare: idf(0)}
	for i, term := range terms {
		w.Of[term] = idf(df[i])
	}
	return w
}

func (w Weights) of(term string) float64 {
	if v, ok := w.Of[term]; ok {
		return v
	}
	return w.Rare
}

// Sum is the weight of all terms together.
func (w Weights) Sum(terms []string) float64 {
	s := 0.0
	for _, t := range terms {
		s += w.of(t)
	}
	return s
}

// Coverage is the share of the terms' weight that stands among stems.
func (w Weights) Coverage(terms []string, stems map[string]bool) float64 {
	var all, held float64
	for _, t := range terms {
		v := w.of(t)
		all += v
		if stems[Stem(t)] {
			held += v
		}
	}
	if all == 0 {
		return 0
	}
	return held / all
}

// Shorten cuts a text after at most n characters, at a word's end.
func Shorten(text string, n int) string {
	runes := []rune(text)
	if len(runes) <= n {
		return text
	}
	cut := string(runes[:n])
	if i := strings.LastIndexByte(cut, ' '); i > 0 {
		cut = cut[:i]
	}
	return cut + "…"
}
