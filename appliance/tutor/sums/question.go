package sums

import (
	"math/big"
	"slices"
	"strings"

	"github.com/bwenge-os/bwenge/internal/text"
)

// quantity is a number of the question with what it measures.
type quantity struct {
	value      *big.Rat // in its unit
	unit       unit
	start, end int             // tokens
	role       *kind           // what the question calls it, nil if nothing
	clause     map[string]bool // the words around it, up to the next comma
	wide       map[string]bool // likewise, over commas
	thing      string          // what is counted, as it is written
	over       *big.Rat        // of a fraction a/b the b, nil for others
	bare       bool            // no unit and no thing
}

func (q quantity) base() *big.Rat { return new(big.Rat).Mul(q.value, q.unit.factor) }

func (q quantity) percent() bool { return q.unit.name == "%" || q.yearly() }

// yearly reports a percentage a year.
func (q quantity) yearly() bool { return q.unit.name == "%/years" }

// problem is a question, read.
type problem struct {
	language string
	tokens   []token
	words    map[string]bool // folded, without those of quantities
	near     map[string]bool // likewise, from the first sentence that has one
	given    []quantity
	ask      int // the token that begins to ask
	askEnd   int
	asked    *kind
	askedIn  unit            // the unit that is asked for, if any
	askWords map[string]bool // of the part that asks
	texts    []Text          // the material
	figure   string
	machine  string
}

// wanted reports whether the question asks for a number to work out.
func (q *problem) wanted() bool {
	return q.asked != nil || q.askedIn.factor != nil || q.ask >= 0 && (q.money() || slices.ContainsFunc(q.given, quantity.percent))
}

func (q *problem) money() bool {
	return slices.ContainsFunc(q.given, func(g quantity) bool { return g.unit.dim.money() })
}

// asking are the words that begin to ask for a number.
var asking = text.Set(`what whats which how calculate find compute determine work evaluate give tell solve
	quel quelle quels quelles combien calcule calculer calculez trouve trouver trouvez determine determiner donne
	ngapi gani hesabu tafuta kokotoa angapi ngahe bara kangahe shaka`)

// begun are those of them that only ask where they begin.
var begun = text.Set("give tell donne evaluate solve")

// elsewhere are the words behind which no number is asked for.
var elsewhere = text.Set(`why explain describe define prove true false meaning definition formula formulas formule law laws loi
	unit units unite unites symbol symbole who where pourquoi expliquer explique mean means signifie rule regle called difference compare
	happens advantage reason kuki`)

// changing are the words that make a problem another one than its numbers say.
var changing = text.Set(`double doubles doubled twice triple triples tripled halve halves halved half quarter quarters third thirds each every
	both more less fewer another other others instead except without remaining remains remain left rest extra additional again
	moitie quart tiers chaque chacun plus moins autre autres reste restent sauf sans encore increases decreases increased decreased
	compound compose composes change changes times ratio proportional`)

// moving are the words of motion whose speed does not stay the same, or that goes
// over the way twice.
var moving = text.Set(`throw throws threw thrown fall falls falling fell drop drops dropped jump jumps projectile accelerates accelerating brake brakes
	braking slows slow stop stops stopped starts echo towards toward against upstream downstream uphill downhill tombe lance freine accelere lacher`)

// faster are the words that say that a speed changes: without one there is no acceleration.
var faster = text.Set(`rest accelerates accelerated reach reaches gain gains speeds starts changes demarre atteint repos accelere force mass net`)

// links stand between the name of a quantity and its number.
var links = text.Set(`of is was are were a an about the at be = : de d est etait du des l la le un une equals has measures with to exactly only
	nearly approximately cover covers covering ni wa ya na`)

// read reads a question. It reports false when a number in it is not clear.
func read(question, language string) (*problem, bool) {
	q := &problem{language: language, tokens: split(question, language), words: map[string]bool{}, near: map[string]bool{}, ask: -1}
	for _, t := range q.tokens {
		if t.unsure {
			return nil, false
		}
		if f, ok := figures[t.fold]; ok {
			if q.figure != "" && q.figure != f && !(f == "square" && q.squareUnit()) {
				f = "several"
			}
			q.figure = f
		}
		if m, ok := machines[t.fold]; ok {
			q.machine = m
		}
	}
	if q.figure == "square" && q.squareUnit() {
		q.figure = ""
	}
	if !q.quantities() || len(q.given) > 40 {
		return nil, false
	}
	in, from := 0, 0
	if len(q.given) > 0 {
		from = q.sentenceOf(q.given[0].start)
	}
	for i, t := range q.tokens { // the words that are no part of a quantity
		for in < len(q.given) && i >= q.given[in].end {
			in++
		}
		if in == len(q.given) || i < q.given[in].start {
			q.words[t.fold] = true
			if i >= from {
				q.near[t.fold] = true
			}
		}
	}
	q.asks()
	if q.ask >= 0 {
		q.roles()
	}
	return q, true
}

// squareUnit reports whether "square" only ever belongs to a unit: square metres.
func (q *problem) squareUnit() bool {
	for i, t := range q.tokens {
		if figures[t.fold] != "square" {
			continue
		}
		before := i > 0 && t.fold == "carre" || t.fold == "carres"
		if before {
			_, before = named(q.tokens[i-1].text)
		}
		after := false
		if i+1 < len(q.tokens) {
			var u unit
			u, after = named(q.tokens[i+1].text)
			after = after && u.dim["m"] == 1
		}
		if !before && !after {
			return false
		}
	}
	return true
}

// labels stand before a number that only tells things apart: unit 5.
var labels = text.Set(`unit chapter lesson exercise question problem page grade form senior primary number no figure example part
	unite chapitre lecon exercice probleme exemple partie isomo umwaka somo darasa`)

// notThings are the words behind a number that are not what it counts.
var notThings = text.Set(`of out in on at is are was were and or to the a an for from by with per times plus minus off what how
	sur de des du et est sont ou par pour au aux dans en fois moins parmi`)

// quantities finds the numbers of the question.
func (q *problem) quantities() bool {
	t := q.tokens
	for i := 0; i < len(t); {
		value, n := q.numeral(i)
		if n == 0 {
			i++
			continue
		}
		if value == nil {
			return false
		}
		g := quantity{value: value, start: i, end: i + n, unit: unit{factor: big.NewRat(1, 1), dim: dim{}}}
		if n == 3 && t[i+1].fold == "/" {
			g.over = t[i+2].number
		}
		if i > 0 && (t[i-1].fold == "$" || t[i-1].fold == "€" || currency(t[i-1].text)) {
			g.unit, _ = named(t[i-1].text)
		} else if i > 0 && labels[t[i-1].fold] && t[i-1].fold != "part" && (g.value.IsInt() && n == 1) {
			if _, _, ok := readUnit(t, i+n); !ok {
				i += n
				continue
			}
		}
		end := i + n
		for end < len(t) && (t[end].fold == "of" || t[end].fold == "a" || t[end].fold == "an" || t[end].fold == "de" || t[end].fold == "d") && !g.value.IsInt() {
			end++ // 3/4 of an hour
		}
		if g.unit.name == "" {
			if u, m, ok := readUnit(t, end); ok && !(u.name == "A" && t[end].text == "a") {
				g.unit, g.end = u, end+m
			} else if u, m, ok := readUnit(t, i+n); ok {
				g.unit, g.end = u, i+n+m
			}
		}
		if g.unit.name == "" && i > 0 && (q.language == text.Swahili || q.language == text.Kinyarwanda) { // km 210, saa 3
			if u, ok := named(t[i-1].text); ok && !u.dim.is(dim{}) {
				g.unit = u
			}
		}
		// an hour and a half
		if g.end+2 < len(t) && (t[g.end].fold == "and" && t[g.end+1].fold == "a" && t[g.end+2].fold == "half" || t[g.end].fold == "et" && (t[g.end+1].fold == "demie" || t[g.end+1].fold == "demi")) {
			g.value = new(big.Rat).Add(g.value, big.NewRat(1, 2))
			g.end += 3
			if t[g.end-3].fold == "et" {
				g.end--
			}
		}
		g.end = q.compound(&g)
		if g.unit.name == "" && g.unit.dim.is(dim{}) {
			g.bare = true
			if g.end < len(t) && t[g.end].number == nil && isLetter(t[g.end].text) && !notThings[t[g.end].fold] {
				g.thing, g.bare = t[g.end].text, false
				g.unit.dim = dim{"#" + text.Stem(t[g.end].fold): 1}
				g.unit.name = t[g.end].text
				g.unit.parts = nil
			}
		}
		q.given = append(q.given, g)
		i = max(g.end, i+n)
	}
	return true
}

func currency(word string) bool {
	u, ok := named(word)
	return ok && u.dim.money()
}

// numeral reads a number at token i, in figures or in words, and how many tokens
// it takes. The number is nil if it cannot be relied on.
func (q *problem) numeral(i int) (*big.Rat, int) {
	t := q.tokens
	if v := t[i].number; v != nil {
		sign := i > 0 && t[i-1].text == "-" && t[i].glued && (i == 1 || !t[i-1].glued)
		if sign {
			return nil, 1
		}
		switch {
		case i+2 < len(t) && t[i+1].text == "/" && t[i+2].number != nil:
			if t[i+2].number.Sign() == 0 || i+3 < len(t) && t[i+3].text == "/" {
				return nil, 1
			}
			return new(big.Rat).Quo(v, t[i+2].number), 3
		case i+1 < len(t) && t[i+1].number != nil && parts[first(t[i+1].text)] != nil: // 2½
			return new(big.Rat).Add(v, t[i+1].number), 2
		case i+2 < len(t) && (t[i+1].text == ":" || t[i+1].text == "^") && t[i+1].glued && t[i+2].glued && t[i+2].number != nil: // 8:30, 10^3
			return nil, 1
		case i+2 < len(t) && t[i+1].text == "×" && t[i+2].number != nil && t[i+2].text == "10":
			return nil, 1
		case i+3 < len(t) && t[i+1].fold == "and" && t[i+2].fold == "a" && t[i+3].fold == "half":
			return new(big.Rat).Add(v, big.NewRat(1, 2)), 4
		}
		return v, 1
	}
	w := t[i].fold
	next := func(n int) string {
		if i+n < len(t) {
			return t[i+n].fold
		}
		return ""
	}
	unitAt := func(n int) bool { return i+n < len(t) && lone[t[i+n].fold] }
	switch {
	case w == "half" && (next(1) == "a" || next(1) == "an") && unitAt(2):
		return big.NewRat(1, 2), 2
	case w == "half" && next(1) == "of" && (next(2) == "a" || next(2) == "an") && unitAt(3):
		return big.NewRat(1, 2), 3
	case w == "a" && next(1) == "half" && next(2) == "hour":
		return big.NewRat(1, 2), 2
	case w == "a" && next(1) == "quarter" && next(2) == "of" && (next(3) == "a" || next(3) == "an") && unitAt(4):
		return big.NewRat(1, 4), 4
	case w == "three" && next(1) == "quarters" && next(2) == "of" && (next(3) == "a" || next(3) == "an") && unitAt(4):
		return big.NewRat(3, 4), 4
	case (w == "demi" || w == "demie") && unitAt(1):
		return big.NewRat(1, 2), 1
	case (w == "demi" || w == "demie") && next(1) == "-" && unitAt(2):
		return big.NewRat(1, 2), 2
	case w == "quart" && (next(1) == "d" || next(1) == "de") && next(2) == "'" && unitAt(3), w == "quart" && next(1) == "d" && next(2) == "’" && unitAt(3):
		v := big.NewRat(1, 4)
		if i > 0 && t[i-1].fold == "trois" {
			return nil, 1
		}
		return v, 3
	case w == "nusu" && next(1) == "saa":
		return big.NewRat(1, 2), 1
	case (w == "a" || w == "an" || w == "one" || w == "un" || w == "une") && unitAt(1) && next(2) != "and" && q.lonely(i):
		return big.NewRat(1, 1), 1
	case (w == "an" || w == "one" || w == "une" || w == "a") && unitAt(1) && (next(2) == "and" || next(2) == "et") && q.lonely(i):
		return big.NewRat(1, 1), 1
	case w == "one" && next(1) == "and" && next(2) == "a" && next(3) == "half":
		return big.NewRat(3, 2), 4
	case w == "one" || w == "zero":
		return nil, 0
	}
	v, n := inWords(t, i)
	if n > 0 && i+n+2 < len(t) && t[i+n].fold == "and" && t[i+n+1].fold == "a" && t[i+n+2].fold == "half" {
		return v.Add(v, big.NewRat(1, 2)), n + 3
	}
	return v, n
}

func first(s string) rune {
	for _, r := range s {
		return r
	}
	return 0
}

// lonely reports whether "an hour" at token i is one hour: not in "km an hour", and
// not asked for.
func (q *problem) lonely(i int) bool {
	if i == 0 {
		return true
	}
	before := q.tokens[i-1]
	if before.number != nil {
		return false
	}
	_, isUnit := named(before.text)
	return !isUnit && before.fold != "per" && before.fold != "demi" && before.fold != "half"
}

// compound adds what belongs to the same quantity: 2 h 30 min, 3 m 20 cm.
func (q *problem) compound(g *quantity) int {
	t, end := q.tokens, max(g.end, g.start+1)
	if g.unit.factor == nil || len(g.unit.parts) != 1 || g.unit.parts[0].power != 1 {
		return end
	}
	at := end
	if at < len(t) && t[at].fold == "and" && g.unit.dim["s"] == 1 || at < len(t) && t[at].fold == "et" && g.unit.dim["s"] == 1 {
		at++
	}
	if at >= len(t) || t[at].number == nil {
		return end
	}
	if u, m, ok := readUnit(t, at+1); ok {
		if u.dim.is(g.unit.dim) && u.factor.Cmp(g.unit.factor) < 0 && len(u.parts) == 1 {
			smaller := new(big.Rat).Mul(t[at].number, u.factor)
			if smaller.Cmp(g.unit.factor) < 0 {
				g.value = new(big.Rat).Add(g.value, smaller.Quo(smaller, g.unit.factor))
				return at + 1 + m
			}
		}
		return end
	}
	if g.unit.name == "h" && at == end && t[at].number.IsInt() && t[at].number.Cmp(big.NewRat(60, 1)) < 0 { // 2h30
		g.value = new(big.Rat).Add(g.value, new(big.Rat).Quo(t[at].number, big.NewRat(60, 1)))
		return at + 1
	}
	return end
}

// sentenceOf is where the sentence begins that token i stands in.
func (q *problem) sentenceOf(i int) int {
	for i > 0 && !strings.Contains(".?!;", q.tokens[i-1].text) {
		i--
	}
	return i
}

// asks finds what the question asks for: the first kind that is named behind the
// last word that asks.
func (q *problem) asks() {
	t := q.tokens
	for i := len(t) - 1; i >= 0; i-- {
		if !asking[t[i].fold] || t[i].fold == "work" && !(i+1 < len(t) && t[i+1].fold == "out") ||
			begun[t[i].fold] && i > 0 && !strings.Contains(".?!;,", t[i-1].text) && t[i-1].fold != "and" && t[i-1].fold != "please" {
			continue
		}
		if t[i].fold == "which" && i > 0 && (prepositions[t[i-1].fold] || q.sentenceOf(i) < i-1 && q.ask < 0 && !strings.Contains(",:", t[i-1].text) && t[i-1].fold != "and") {
			continue // by which
		}
		q.ask = i
		break
	}
	if q.ask < 0 {
		return
	}
	begin := q.sentenceOf(q.ask)
	end := q.ask
	for end < len(t) && !strings.Contains(".?!;", t[end].text) {
		end++
	}
	q.askEnd = end
	q.askWords = map[string]bool{}
	words := make([]string, len(t))
	for i := range t {
		words[i] = t[i].fold
	}
	for i := begin; i < end; i++ {
		if elsewhere[words[i]] && !(words[i] == "advantage" && i > 0 && words[i-1] == "mechanical") && !(words[i] == "mean" && i > 0 && words[i-1] == "the") &&
			!((words[i] == "difference" || words[i] == "unit") && i > 0 && words[i-1] == "potential") && words[i] != "rule" && words[i] != "where" || strings.Contains(words[i], "'t") {
			q.ask = -1
			return
		}
	}
	for i := q.ask; i < end; i++ {
		q.askWords[words[i]] = true
	}
	if q.phrased(words, end) {
		return
	}
	for _, m := range mentions(words[q.ask:end]) {
		start, stop := m.start+q.ask, m.end+q.ask
		if m.kind.id == "mean" && stop < len(t) && slices.ContainsFunc(mentions(words[stop:min(stop+3, end)]), func(n mention) bool { return n.kind.dim != nil && n.start == 0 }) {
			continue // average power
		}
		if q.numbered(m.kind, start, stop) {
			continue
		}
		if q.asked == nil {
			q.asked = m.kind
			for i := q.ask; i < start; i++ {
				q.askWords[words[i]] = true
			}
			// "the area and the perimeter" asks twice
			next := stop
			for next < end && (words[next] == "and" || words[next] == "the" || words[next] == "et" || words[next] == "its" || words[next] == "la" || words[next] == "le") {
				next++
			}
			if more := mentions(words[next:min(next+3, end)]); next > stop && (words[stop] == "and" || words[stop] == "et") && len(more) > 0 && more[0].start == 0 && !q.numbered(more[0].kind, next, next+more[0].end) {
				q.asked, q.ask = nil, -1
				return
			}
		}
	}
	if q.asked == nil && (q.language == text.Swahili || q.language == text.Kinyarwanda) { // mwendokasi ni gani
		for _, m := range mentions(words[begin:q.ask]) {
			if !q.numbered(m.kind, m.start+begin, m.end+begin) {
				q.asked = m.kind
			}
		}
		if q.asked != nil {
			q.ask = begin
		}
	}
	for i := q.ask; i < end; i++ { // in km/h
		if (words[i] == "in" || words[i] == "en" || words[i] == "many" || words[i] == "de" || words[i] == "combien") && i+1 < end {
			if u, n, ok := readUnit(t, i+1); ok && (i+1+n == end || len(t[i+1].text) > 1) && t[i+1].text != "a" {
				q.askedIn = u
			}
		}
	}
}

var prepositions = text.Set("in by with for at from over during of")

// numbered reports whether a name at [start, end) belongs to a number beside it.
func (q *problem) numbered(k *kind, start, end int) bool {
	if k.id == "mean" {
		return false
	}
	for _, g := range q.given {
		if k.dim != nil && !k.dim.is(g.unit.dim) && !(k.id == "weight" && g.unit.dim.is(kinds["mass"].dim)) && !(g.percent() && k.id == "rate") {
			continue // the energy of a 2 kg stone
		}
		i := end
		if k.id == "weight" && !g.unit.dim.is(k.dim) && q.tokens[end].fold == "of" && end < g.start {
			continue // the weight of 5 kg
		}
		for i < g.start && links[q.tokens[i].fold] {
			i++
		}
		if i == g.start && end <= g.start || g.end == start || g.end+1 == start && q.tokens[g.end].fold == "in" {
			return true
		}
	}
	return false
}

// phrased are the ways to ask for a kind without its name: how far, how long.
func (q *problem) phrased(words []string, end int) bool {
	rest := strings.Join(words[q.ask:end], " ") + " "
	for _, p := range []struct{ words, kind string }{
		{"how far", "distance"}, {"how fast", "speed"}, {"how long does it take", "time"}, {"how long will it take", "time"}, {"how long did", "time"},
		{"how long does", "time"}, {"how long do", "time"}, {"how long will", "time"}, {"how much time", "time"}, {"how many hours", "time"}, {"how many minutes", "time"}, {"how many seconds", "time"},
		{"how wide", "width"}, {"how deep", "depth"}, {"how high is", "height"}, {"how tall", "height"}, {"how long is", "length"}, {"how long are", "length"},
		{"what percent", "percentage"}, {"which percent", "percentage"}, {"how many percent", "percentage"}, {"how many %", "percentage"}, {"how much percent", "percentage"}, {"what %", "percentage"}, {"combien de temps", "time"}, {"combien pour cent", "percentage"},
		{"quel pour cent", "percentage"}, {"asilimia ngapi", "percentage"}, {"how many per cent", "percentage"}, {"what per cent", "percentage"}, {"combien de pourcent", "percentage"},
	} {
		if strings.HasPrefix(rest, p.words+" ") {
			q.asked = kinds[p.kind]
			if last := p.words[strings.LastIndexByte(p.words, ' ')+1:]; q.asked.id == "time" {
				if u, ok := units[last]; ok && u.dim["s"] == 1 {
					q.askedIn = u
				}
			}
			return true
		}
	}
	return false
}

// roles gives every quantity the name that the question calls it by, and the words
// of its clause.
func (q *problem) roles() {
	t := q.tokens
	words := make([]string, len(t))
	for i := range t {
		words[i] = t[i].fold
	}
	all := mentions(words)
	used := map[int]bool{}
	for i := range q.given {
		g := &q.given[i]
		for _, m := range all { // base of 14 cm
			at := m.end
			for at < g.start && links[words[at]] {
				at++
			}
			if at == g.start && m.end <= g.start && !(m.start >= q.ask && m.kind == q.asked && !q.numbered(m.kind, m.start, m.end)) {
				g.role = m.kind
				used[m.start] = true
			}
		}
	}
	for i := range q.given {
		g := &q.given[i]
		if g.role == nil {
			for _, m := range all { // 14 cm base, 12 m long, 12 m in length
				at := g.end
				for at < m.start && (words[at] == "in" || words[at] == "of" || words[at] == "de" || words[at] == "d" || words[at] == "'" || words[at] == "-") {
					at++
				}
				if at == m.start && m.start >= g.end && !used[m.start] && m.kind.id != "mean" {
					g.role = m.kind
					used[m.start] = true
					break
				}
			}
		}
		if g.role == nil && g.start > 0 {
			switch alike[words[g.start-1]] { // lifts 200 N
			case "load":
				g.role = kinds["load"]
			case "effort":
				g.role = kinds["effort"]
			}
			if g.start > 1 && (words[g.start-1] == "with" || words[g.start-1] == "a") && alike[words[g.start-2]] == "effort" {
				g.role = kinds["effort"]
			}
		}
		if g.role != nil && g.role.id == "weight" && g.unit.dim.is(kinds["mass"].dim) {
			g.role = kinds["mass"]
		}
		if g.role != nil && g.role.dim != nil && !g.role.dim.is(g.unit.dim) {
			g.role = nil
		}
		g.clause, g.wide = q.clauseOf(*g, words, true), q.clauseOf(*g, words, false)
	}
}

// clauseOf is the words around a quantity that belong to it.
func (q *problem) clauseOf(g quantity, words []string, commas bool) map[string]bool {
	from, to := g.start, g.end
	ends := func(i int) bool { return q.boundary(i) && (commas || words[i] != ",") }
	for from > 0 && !ends(from-1) {
		from--
	}
	for to < len(words) && !ends(to) {
		to++
	}
	if to > q.ask && g.end <= q.ask {
		to = max(g.end, q.ask)
	}
	clause := map[string]bool{}
	for at := from; at < to; at++ {
		clause[sameAs(words[at])] = true
	}
	return clause
}

// boundary reports whether a clause ends at token i.
func (q *problem) boundary(i int) bool {
	w := q.tokens[i].fold
	return strings.Contains(".,;:?!", w) || w == "and" || w == "et" || w == "but" || w == "mais" || w == "na" || w == "when" || w == "while" || w == "if" || w == "quand" || w == "lorsque"
}
