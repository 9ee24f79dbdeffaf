package tutor

import (
	"math"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// words splits text into the words that search and citation checks compare:
// letters and digits, lower case, without accents. It cuts where SQLite's
// unicode61 tokenizer cuts, so that a term counted there is a term here.
func words(text string) []string {
	return strings.FieldsFunc(fold(text), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsNumber(r)
	})
}

// fold lower-cases text and takes the accents off.
func fold(text string) string {
	var b strings.Builder
	b.Grow(len(text))
	for _, r := range norm.NFD.String(text) {
		if !unicode.Is(unicode.Mn, r) {
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return b.String()
}

// terms returns the different content words of a text in a language, in order
// of appearance. A text of nothing but stop words keeps them: they are all
// that it can be searched by.
func terms(text, language string) []string {
	var content, all []string
	seen := map[string]bool{}
	for _, w := range words(text) {
		if seen[w] {
			continue
		}
		seen[w] = true
		all = append(all, w)
		if !stopwords[language][w] {
			content = append(content, w)
		}
	}
	if len(content) == 0 {
		return all
	}
	return content
}

// idf is the weight of a term that stands in df of n chunks, as BM25 has it.
func idf(n, df int) float64 {
	return max(math.Log((float64(n-df)+0.5)/(float64(df)+0.5)), 1e-6)
}
