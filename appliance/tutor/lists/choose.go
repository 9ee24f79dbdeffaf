package lists

import (
	"slices"
	"strings"

	"github.com/bwenge-os/bwenge/internal/text"
)

// How lists are weighed. A list that is better by less than clearly is not the
// one.
const (
	clearly  = 0.07
	enough   = 0.62 // of the question's weight has to stand about the list, at least
	enoughIn = 0.45 // and in what introduces it
)

// sure is how much a form counts.
var sure = [...]float64{marked: 0.12, runIn: 0.10, lines: 0.06, labelled: 0.05, headings: 0.04, column: 0.04, enumeration: 0.05, sequence: 0.05, slide: 0.02}

// score says how well a list answers a question; 0 if it does not.
func (q question) score(c *candidate) float64 {
	if c.form == lines && c.stated > 1 && c.stated < len(c.items) {
		c.items = c.items[:c.stated] // without marks, only their number tells where it ends
	}
	n := len(c.items)
	if !q.counts(c) || q.refuses(c) {
		return 0
	}
	foreign := q.foreign(c)
	var (
		own    = c.subject + " " + innermost(c.heading)
		all    = own + " " + c.heading
		named  = q.names(own) && (c.form != enumeration || q.names(c.subject))
		inOwn  = q.coverage(own, foreign)
		inPath = q.coverage(all, foreign)
		inText = q.coverage(all+" "+c.around, foreign)
	)
	if c.form == sequence || c.form == headings {
		inOwn = max(inOwn, 0.9*q.coverage(own+" "+c.words(), foreign))
		inPath = max(inPath, inOwn)
	}
	asksKind := len(q.concepts) > 0 && !(len(q.concepts) == 1 && q.concepts["thing"])
	sequenceAsked := q.concepts["step"] || q.concepts["stage"] || q.concepts["path"] && q.ordered || q.howTo
	counted := q.n > 0 && (n == q.n || q.orMore && n > q.n)
	// strong lists are what is asked for by their kind and form.
	strong := named && (counted && (c.stated == n || n == q.n) || q.ordered && c.ordered && c.form <= runIn)
	inText, inPath = max(inText, inPath), max(inPath, inOwn)
	if counted {
		inText = max(inText, 0.9*q.held(c.source))
	}
	switch {
	case foreign && asksKind && !named, foreign && !asksKind && !(counted && c.stated == n && inText >= 0.4):
		return 0
	case foreign && inText < 0.25 && !(strong && c.stated == n):
		return 0
	case !foreign && len(q.topic) > 0 && !strong && (inText < enough || max(inPath, q.coverage(all+" "+c.near, false)) < enoughIn):
		return 0
	case !foreign && len(q.topic) > 0 && strong && (inText < 0.42 || inPath < 0.3):
		return 0
	case len(q.topic) == 0 && !(named && (counted || q.n == 0)):
		return 0
	}
	if !foreign && !(strong && counted && c.stated == n) && q.missesMost(c.source) {
		return 0
	}
	if !foreign && c.form != sequence && q.strange(c) > 0 && q.missesMost(stemsOf(all+" "+c.near+" "+c.around)) {
		return 0
	}
	// A title about something else: "Planting beans" for how to plant maize.
	if !foreign && c.form != sequence && !(counted && c.stated == n) && inPath < 0.55 && q.strange(c) > 0 {
		return 0
	}
	if q.howTo && !(c.ordered && (c.form == marked || c.form == runIn || c.form == sequence)) {
		return 0
	}
	if q.howTo && inPath < 0.6 {
		return 0
	}
	switch c.form {
	case headings: // there may be more of them than were found
		if c.stated != n {
			return 0
		}
	case slide, labelled:
		if n < 3 && !counted || !counted && c.stated != n && !(named && inPath > 0.8) {
			return 0
		}
	case lines:
		if c.stated != n && !counted && slices.ContainsFunc(c.items, func(i item) bool { return len(i.text) > 120 }) {
			return 0
		}
	case enumeration:
		// A sentence may name things for any reason: it has to be about them itself.
		if !named && !pronoun(c.intro) && q.coverage(c.subject, foreign) < 0.34 {
			return 0
		}
		if !named && !counted && inOwn < 0.75 || asksKind && !named && !counted {
			return 0
		}
		if sequenceAsked && !named && !counted {
			return 0
		}
	case column:
		if !counted && !named && inOwn < 0.75 && !(c.head && inOwn > 0.5) {
			return 0
		}
	case sequence:
		if !q.ordered {
			return 0
		}
	}
	if asksKind && !named && !(sequenceAsked && c.ordered) && !(counted && inOwn >= 0.9) {
		return 0
	}
	score := 0.5*inOwn + 0.25*inPath + 0.15*inText + sure[c.form] - 0.02*float64(min(c.at, 5))
	if named {
		score += 0.15
	}
	if q.n > 0 && n == q.n {
		score += 0.12
	}
	if c.stated == n {
		score += 0.08
	}
	if q.ordered && c.ordered {
		score += 0.08
	}
	if c.form == slide && !counted {
		score -= 0.1
	}
	if other := q.other(c.subject); other && !q.names(c.subject) {
		score -= 0.15
	}
	return score - 0.2*q.strange(c)
}

// counts reports whether a list is whole by what is said of its length.
func (q question) counts(c *candidate) bool {
	n := len(c.items)
	if n < 2 || c.stated > 1 && c.stated != n {
		return false
	}
	if q.n == 0 || n == q.n {
		return true
	}
	return q.orMore && n > q.n
}

// refuses reports a list of something else: of danger signs where signs are
// asked for, of ways where signs are.
func (q question) refuses(c *candidate) bool {
	own := c.subject + " " + innermost(c.heading)
	if c.form == sequence {
		own = innermost(c.heading)
	}
	for _, w := range text.Words(own) {
		for _, quality := range qualities[w] {
			if !q.quality[quality] && !(quality == "not" && c.form != marked) && !q.words[text.Stem(w)] {
				return true
			}
		}
	}
	for quality := range q.quality {
		if quality != "not" && !slices.ContainsFunc(text.Words(own+" "+c.heading), func(w string) bool { return slices.Contains(qualities[w], quality) }) {
			return true
		}
	}
	return q.other(c.subject) && !q.concepts["thing"] && !q.names(own)
}

// other reports whether a text speaks of a list of something else.
func (q question) other(s string) bool {
	other := false
	for _, w := range text.Words(s) {
		for _, k := range concepts[w] {
			if q.concepts[k] {
				return false
			}
			other = other || plurals[w]
		}
	}
	return other && len(q.concepts) > 0
}

// names reports whether a text has the noun of what is asked for.
func (q question) names(s string) bool {
	for _, w := range text.Words(s) {
		for _, k := range concepts[w] {
			if q.concepts[k] && k != "thing" {
				return true
			}
		}
	}
	return false
}

// coverage is the share of the question's topic that stands in a text, by weight
// or by number: what all of the material is about weighs little. Of a text
// in another language, words may be written a little otherwise: malariya.
func (q question) coverage(s string, foreign bool) float64 {
	if len(q.topic) == 0 {
		return 1
	}
	stems := stemsOf(s)
	if foreign {
		words := text.Words(s)
		for _, t := range q.topic {
			if len(t) > 5 && !stems[text.Stem(t)] && slices.ContainsFunc(words, func(w string) bool { return cognate(t, w) }) {
				stems[text.Stem(t)] = true
			}
		}
	}
	return q.held(stems)
}

func (q question) held(stems map[string]bool) float64 {
	if len(q.topic) == 0 {
		return 1
	}
	held := 0
	for _, t := range q.topic {
		if stems[text.Stem(t)] {
			held++
		}
	}
	return max(q.weights.Coverage(q.topic, stems), 0.9*float64(held)/float64(len(q.topic)))
}

// missesMost reports a source without the word of the question that tells most: the
// steps of making soap for those of making bread.
func (q question) missesMost(stems map[string]bool) bool {
	held, missed := 0.0, 0.0
	for _, t := range q.topic {
		if weight := q.weights.Sum([]string{t}); stems[text.Stem(t)] {
			held = max(held, weight)
		} else {
			missed = max(missed, weight)
		}
	}
	return missed > 1.05*held
}

// spelling is how Swahili and Kinyarwanda write what English and French write
// otherwise: kolera, malariya, oksijeni.
var spelling = strings.NewReplacer("ch", "k", "ck", "k", "c", "k", "q", "k", "ph", "f", "th", "t", "y", "i", "x", "ks", "ll", "l", "ss", "s")

// cognate reports two long words that begin alike and differ by a letter or two.
func cognate(a, b string) bool {
	a, b = spelling.Replace(a), spelling.Replace(b)
	if len(a) < 5 || len(b) < 5 || len(a)-len(b) > 2 || len(b)-len(a) > 2 || a[:3] != b[:3] {
		return false
	}
	i := 0
	for i < min(len(a), len(b)) && a[i] == b[i] {
		i++
	}
	j := 0
	for j < min(len(a), len(b))-i && a[len(a)-1-j] == b[len(b)-1-j] {
		j++
	}
	return max(len(a), len(b))-i-j <= 2
}

// foreign reports whether the list is in another language than the question.
func (q question) foreign(c *candidate) bool {
	return q.language != "" && c.language != "" && c.language != q.language
}

// strange is the share of what introduces a list that the question and the
// headings do not speak of.
func (q question) strange(c *candidate) float64 {
	if q.foreign(c) || c.form == sequence {
		return 0
	}
	path := stemsOf(strings.TrimSuffix(c.heading, innermost(c.heading)))
	new, all := 0, 0
	for _, w := range text.Terms(c.subject, c.language) {
		if number(w) > 0 || len(concepts[w]) > 0 || asking[w] {
			continue
		}
		all++
		if s := text.Stem(w); !q.words[s] && !path[s] {
			new++
		}
	}
	if all == 0 {
		return 0
	}
	return float64(new) / float64(max(all, 4))
}

// words are the items as one text.
func (c *candidate) words() string {
	var b strings.Builder
	for _, i := range c.items {
		b.WriteString(i.text)
		b.WriteByte(' ')
	}
	return b.String()
}

// same reports whether two lists are one, told twice: "Evaporation. The Sun
// heats …" and "evaporation".
func (c *candidate) same(other *candidate) bool {
	if len(c.items) != len(other.items) {
		return false
	}
	return !slices.ContainsFunc(c.items, func(i item) bool {
		a := text.Stems(i.text)
		return !slices.ContainsFunc(other.items, func(j item) bool {
			b := text.Stems(j.text)
			return within(a, b) || within(b, a)
		})
	})
}

func within(a, b map[string]bool) bool {
	for w := range a {
		if !b[w] && !articles[w] {
			return false
		}
	}
	return true
}

var articles = stemsOf(`a an the and or le la les l un une des du de d et ou na`)

// stemsOf are the stems of a text's words, and of the verbs of irregular forms.
func stemsOf(s string) map[string]bool {
	stems := map[string]bool{}
	for _, w := range text.Words(s) {
		stems[text.Stem(w)] = true
		if strings.HasSuffix(w, "ss") { // class, as in classes
			stems[w] = true
		}
		if verb := irregular[w]; verb != "" {
			stems[text.Stem(verb)] = true
		}
	}
	return stems
}

// stated is how many of what is asked for a text speaks of: "five ways".
func stated(q question, s string) int {
	for clause := range strings.FieldsFuncSeq(s, func(r rune) bool { return strings.ContainsRune(":;.,()–—", r) }) {
		words := text.Words(clause)
		for i, w := range words {
			n := number(w)
			if n == 0 || labelledNumber(words, i) || measured(words, i) {
				continue
			}
			for _, next := range words[i+1 : min(len(words), i+5)] {
				if len(concepts[next]) > 0 || slices.ContainsFunc(q.topic, func(t string) bool { return text.Stem(t) == text.Stem(next) }) {
					return n
				}
			}
		}
	}
	return 0
}

// statedAnywhere is the number of things that a text speaks of, whatever they
// are.
func statedAnywhere(s string) int {
	words := text.Words(s)
	for i, w := range words {
		if n := number(w); n > 0 && i+1 < len(words) && !measured(words, i) && !labelledNumber(words, i) {
			return n
		}
	}
	return 0
}
