package tutor

import (
	"regexp"
	"strings"
)

// A yes or no is said only where a sentence of the material holds all of what is
// claimed, or denies it. Otherwise the sentence speaks for itself.

var (
	negations = regexp.MustCompile(`\b(?:not|no|never|none|nothing|neither|nor|cannot|can't|don'?t|doesn'?t|isn'?t|aren'?t|wasn'?t|won'?t|without|unlike|ne|n'|pas|jamais|aucun|aucune|sans|non|si|sio|siyo|hapana|hakuna|haiwezi|si kweli|bila|ntabwo|nta|ntibi|ntigi|ntishobora|atari|oya)\b|\bha(?:i|wa|u|ki|vi|zi|ya|tu|m)\w{3,}`)
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
	best, denied := 0.0, false
	for _, s := range p.sentences[k.from:k.to] {
		held := p.weights.Coverage(asked, s.stems)
		if held > best {
			best, denied = held, negations.MatchString(fold(s.text))
		}
	}
	text := ""
	for _, s := range p.sentences[k.from:k.to] {
		text += " " + s.text
	}
	switch {
	case best >= 0.6 && denied:
		return -1
	case best >= 0.95 && !crosses(claim, text) && sameNumbers(claim, text):
		return 1
	}
	return 0
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

// sameNumbers reports whether the numbers of a claim all stand in a text.
func sameNumbers(claim, text string) bool {
	held := stems(text)
	for _, w := range words(claim) {
		if hasDigit(w) && !held[stem(w)] {
			return false
		}
	}
	return true
}

var sayYes = phrase{english: "Yes.", french: "Oui.", swahili: "Ndiyo.", kinyarwanda: "Yego."}
var sayNo = phrase{english: "No.", french: "Non.", swahili: "Hapana.", kinyarwanda: "Oya."}
