package tutor

import (
	"regexp"
	"slices"
	"strings"
)

// A yes or no is said only where a sentence of the material holds all of what is
// claimed, or denies it. Otherwise the sentence speaks for itself.

var (
	negations = regexp.MustCompile(`\b(?:not|no|never|none|nothing|neither|nor|cannot|can't|don'?t|doesn'?t|isn'?t|aren'?t|wasn'?t|won'?t|without|unlike|ne|n'|pas|jamais|aucun|aucune|sans|non|sio|siyo|si kweli|hapana|hakuna|haiwezi|hawezi|hawana|haina|hazina|bila|ntabwo|nta|ntibi|ntigi|ntishobora|atari|oya)\b`)
	tags      = regexp.MustCompile(`(?i)[,;:]?\s*(?:right|correct|yes|true|no|or not|is it|isn['’]?t it|isn['’]t that (?:so|true|right)|n['’]est[- ]ce pas|non|oui|vrai|d['’]accord|sivyo|siyo|si|kweli|au sio|sibyo|si byo|koko|ni byo)\s*\?+\s*$`)
	opposites = []string{"more less", "higher lower", "greater smaller", "larger smaller", "bigger smaller", "faster slower", "hotter colder",
		"warmer colder", "increases decreases", "increase decrease", "rises falls", "above below", "before after", "same different", "always never",
		"plus moins", "avant apres", "augmente diminue", "chaud froid", "zaidi pungufu", "hot cold", "heavier lighter", "gains loses", "up down"}
)

// verdict says whether a sentence of the material confirms or denies what a
// question claims; 0 where that is not sure.
func (p *pool) verdict(question string, k pick) int {
	claim := tags.ReplaceAllString(question, "")
	asked := terms(claim, p.language)
	if len(asked) < 2 || negations.MatchString(fold(claim)) {
		return 0 // a double negation is for the reader
	}
	best, denied, unclear := 0.0, false, false
	for _, s := range p.sentences[k.from:k.to] {
		held := p.weights.Coverage(asked, s.stems)
		if held <= best {
			continue
		}
		best, denied, unclear = held, false, false
		for _, clause := range clauses.Split(s.text, -1) {
			if !negations.MatchString(fold(clause)) {
				continue
			}
			// What is denied has to be what is claimed, in the same clause.
			if p.weights.Coverage(asked, stems(clause)) >= denying && negationFirst(clause, asked) {
				denied = true
			} else {
				unclear = true
			}
		}
	}
	text := ""
	for _, s := range p.sentences[k.from:k.to] {
		text += " " + s.text
	}
	switch {
	case denied:
		return -1
	case best >= 0.95 && !unclear && !crosses(claim, text) && holdsFigures(text, claim):
		return 1
	}
	return 0
}

// denying is how much of a claim's weight the clause must hold that denies it.
const denying = 0.6

var clauses = regexp.MustCompile(`[,;:] | (?:but|mais|lakini|ariko) `)

// negationFirst reports whether a clause denies before it comes to the last word
// of a claim: "is not caused by mangoes", not "a muscle that never rests".
func negationFirst(clause string, asked []string) bool {
	folded := fold(clause)
	at := negations.FindStringIndex(folded)
	after := stems(folded[at[1]:])
	return slices.ContainsFunc(asked, func(w string) bool { return after[stem(w)] })
}

// crosses reports whether one text says the opposite of a word of the other.
func crosses(a, b string) bool {
	wordsOf := func(s string) map[string]bool {
		m := map[string]bool{}
		for _, w := range words(s) {
			m[w] = true
		}
		return m
	}
	one, other := wordsOf(a), wordsOf(b)
	for _, pair := range opposites {
		x, y, _ := strings.Cut(pair, " ")
		if one[x] && other[y] && !other[x] || one[y] && other[x] && !other[y] {
			return true
		}
	}
	return false
}

var sayYes = phrase{english: "Yes.", french: "Oui.", swahili: "Ndiyo.", kinyarwanda: "Yego."}
var sayNo = phrase{english: "No.", french: "Non.", swahili: "Hapana.", kinyarwanda: "Oya."}
