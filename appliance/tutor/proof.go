package tutor

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/bwenge-os/bwenge/internal/text"
)

// What a model writes is held against the passages before a child sees it. A
// sentence is proven if one place of the material, of a sentence or two beside
// each other, holds all that it says: each number with its unit, each name,
// nearly all of its other words, and no negation more or less. What is true but
// not there is not proven.

// provenShare is how much of a sentence's weight its place must hold: an ending
// that the stemmer does not know, or a plain word for a rare one, may be missing.
const provenShare = 0.8

// beside is how much of the question's weight the sentence must hold that has what
// is new in a claim.
const beside = 0.25

// proof is the place that proves a sentence.
type proof struct {
	at    pick
	order int // of its best sentence among those that answer the question, from 0
}

// prove finds the place that proves what a model says to a question.
func (p *pool) prove(sentence string, q query, ranked []pick) (proof, bool) {
	if unspeakable.MatchString(sentence) || echoes(sentence, q.text, p.language) || q.kind == wantsNumber && !saysNumber(sentence, q.text) {
		return proof{}, false
	}
	claim := slices.DeleteFunc(terms(sentence, p.spoken()), func(w string) bool { return unitOf(w) != "" || hasDigit(w) || numberWords[w] != "" }) // see holdsFigures
	if len(figuresIn(sentence)) == 0 && (len(claim) == 0 || stopWord(p.spoken(), claim[0]) && !yesNo[claim[0]]) {
		return proof{}, false
	}
	var fresh []string
	asked := stems(q.text)
	for _, w := range claim {
		if !asked[stem(w)] {
			fresh = append(fresh, w)
		}
	}
	news := func(w string) bool { return !text.Manner(w) }
	if (q.kind == wantsFact || q.kind == wantsPerson) && !slices.ContainsFunc(fresh, news) && !saysNumber(sentence, q.text) {
		return proof{}, false // the question, said again
	}
	about := q.terms
	if p.language != p.spoken() {
		about = nil
	}
	for order, k := range ranked {
		for _, at := range p.places(k.from) {
			held := map[string]bool{}
			whole, best, denied, pointed := "", 0.0, false, false
			for _, s := range p.sentences[at.from:at.to] {
				held = union(held, s.stems)
				// What is new in the claim stands beside what was asked: not in the next sentence.
				pointed = pointed || p.weights.Coverage(fresh, s.stems) >= provenShare && (len(about) == 0 || p.weights.Coverage(about, union(s.stems, s.title)) >= beside)
				whole += " " + s.text
				if c := p.weights.Coverage(claim, s.stems); c > best {
					best, denied = c, negations.MatchString(fold(s.text))
				}
			}
			above := union(held, stems(p.passages[p.sentences[at.from].passage].Heading))
			switch {
			case len(claim) > 0 && p.weights.Coverage(claim, above) < provenShare:
			case len(fresh) > 0 && p.weights.Coverage(fresh, above) < provenShare:
			case denied != negations.MatchString(fold(sentence)):
			case len(fresh) > 0 && !pointed:
			case crosses(sentence, whole) || compares(sentence, whole):
			case !holdsFigures(whole, sentence):
			case !holdsNames(above, asked, sentence):
			default:
				return proof{at, order}, true
			}
		}
	}
	return proof{}, false
}

var comparatives = regexp.MustCompile(`\b(?:[a-z]{3,}(?:er|est)|more|most|less|least|plus|moins)\b`)

// compares reports whether a claim compares where a text does not: of two cheap
// things neither is cheaper.
func compares(claim, text string) bool {
	there := map[string]bool{}
	for _, w := range words(text) {
		there[w] = true
	}
	return slices.ContainsFunc(comparatives.FindAllString(fold(claim), -1), func(w string) bool { return !there[w] })
}

// places are the stretches around a sentence that may prove something: itself,
// and with a neighbour.
func (p *pool) places(i int) []pick {
	places := []pick{{from: i, to: i + 1}}
	if p.beside(i, 1) != nil {
		places = append(places, pick{from: i, to: i + 2})
	}
	if p.beside(i, -1) != nil {
		places = append(places, pick{from: i - 1, to: i + 1})
	}
	return places
}

// unspeakable is what a model writes when it has forgotten that it speaks to a
// child: code, markup, addresses, its own instructions.
var unspeakable = regexp.MustCompile("(?i)```|</?[a-z]+[ >]|https?:|www\\.|\\S+@\\S+\\.\\w|\\b(?:print|console\\.log|library|import|def|function)\\s*\\(|^\\s*[>#\\[]|[{}]|\\|.*\\||\\bas an ai\\b|\\bthe text (?:says|does|provided)\\b")

// figures are the numbers of a text, each with its unit if one stands behind it.
type quantity struct{ number, unit string }

var figureForm = regexp.MustCompile(`(\d+(?:[\x{00a0}\x{202f} ]\d{3}\b|[.,]\d+)*)\s*(%|°\s?[CF]|[\p{L}²³]+)?`)

func figuresIn(s string) []quantity {
	var list []quantity
	for _, m := range figureForm.FindAllStringSubmatch(s, -1) {
		list = append(list, quantity{plainNumber(m[1]), unitOf(m[2])})
	}
	said := words(s)
	for i, w := range said {
		if n := numberWords[w]; n != "" {
			q := quantity{number: n}
			if i+1 < len(said) {
				q.unit = unitOf(said[i+1])
			}
			list = append(list, q)
		}
	}
	return list
}

var thousands = regexp.MustCompile(`^\d{1,3}(?:[.,\x{00a0}\x{202f} ]\d{3})+$`)

// plainNumber is a number as it may be compared: 12,000 and 12 000 are 12000,
// 0,5 is 0.5.
func plainNumber(s string) string {
	if thousands.MatchString(s) && !strings.HasPrefix(s, "0") {
		return strings.Map(func(r rune) rune {
			if unicode.IsDigit(r) {
				return r
			}
			return -1
		}, s)
	}
	s = strings.ReplaceAll(s, ",", ".")
	if f, err := strconv.ParseFloat(s, 64); err == nil {
		return strconv.FormatFloat(f, 'f', -1, 64)
	}
	return s
}

var numberWords = func() map[string]string {
	table := map[string]string{}
	for i, w := range strings.Fields("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty") {
		table[w] = strconv.Itoa(i)
	}
	for w, n := range map[string]string{"thirty": "30", "forty": "40", "fifty": "50", "sixty": "60", "seventy": "70", "eighty": "80", "ninety": "90",
		"deux": "2", "trois": "3", "quatre": "4", "cinq": "5", "sept": "7", "huit": "8", "neuf": "9", "dix": "10", "onze": "11", "douze": "12",
		"quinze": "15", "vingt": "20", "trente": "30", "quarante": "40", "cinquante": "50", "soixante": "60", "cent": "100", "mille": "1000",
		"hundred": "100", "thousand": "1000"} {
		table[w] = n
	}
	return table
}()

// units by one spelling. What is not listed is its own.
var units = func() map[string]string {
	table := map[string]string{}
	for _, line := range []string{"% percent pourcent", "°f fahrenheit", "k kelvin kelvins", "mg milligram milligrams", "tonne tonnes", "°c celsius degree degrees degre degres", "m metre metres meter meters", "km kilometre kilometres kilometer kilometers",
		"cm centimetre centimetres centimeter centimeters", "mm millimetre millimetres millimeter millimeters", "kg kilogram kilograms kilogramme kilogrammes",
		"g gram grams gramme grammes", "l litre litres liter liters", "s second seconds seconde secondes", "min minute minutes", "h hour hours heure heures",
		"day days jour jours", "week weeks semaine semaines", "month months mois", "year years an ans annee annees", "j joule joules", "w watt watts", "v volt volts",
		"a ampere amperes amp amps", "n newton newtons", "million millions", "franc francs"} {
		names := strings.Fields(line)
		for _, n := range names {
			table[n] = names[0]
		}
	}
	return table
}()

func unitOf(s string) string {
	return units[fold(strings.ReplaceAll(s, " ", ""))]
}

// holdsFigures reports whether each number of a claim stands in a text with the
// same unit. "One" is mostly an article.
func holdsFigures(text, claim string) bool {
	there := figuresIn(text)
	for _, f := range figuresIn(claim) {
		if f.number == "1" && f.unit == "" {
			continue
		}
		ok := slices.ContainsFunc(there, func(g quantity) bool {
			return g.number == f.number && (f.unit == "" || g.unit == "" || f.unit == g.unit)
		})
		if !ok {
			return false
		}
	}
	return true
}

// measures are the units that a question can be answered in, by its words.
var measures = []struct {
	words *regexp.Regexp
	units map[string]bool
}{
	{regexp.MustCompile(`\bhow (?:long|old)\b|\bcombien de temps\b|\bquel age\b|\bmuda gani\b|\bumri gani\b|\bigihe kingana iki\b`), set("s min h day week month year m km cm mm")},
	{regexp.MustCompile(`\bhow (?:hot|cold)\b|\bhow many degrees\b|\btemperature\b|\bcombien de degres\b`), set("°c °f k kelvin")},
	{regexp.MustCompile(`\bhow heavy\b|\bhow much does .* weigh\b|\bcombien pese`), set("kg g tonne tonnes mg n")},
	{regexp.MustCompile(`\bhow (?:deep|high|tall|wide|far|thick)\b|\bquelle (?:profondeur|hauteur|longueur|distance|largeur)\b`), set("m km cm mm")},
}

func measuresIn(question string) map[string]bool {
	q := fold(question)
	for _, m := range measures {
		if m.words.MatchString(q) {
			return m.units
		}
	}
	return nil
}

// givenFigures reports whether a text holds each number with a unit that a
// question gives: one about others is an example, and no answer.
func givenFigures(question, text string) bool {
	there := figuresIn(text)
	for _, f := range figuresIn(question) {
		if f.unit != "" && !slices.ContainsFunc(there, func(g quantity) bool { return f.number == g.number }) {
			return false
		}
	}
	return true
}

var (
	wantsYear = regexp.MustCompile(`\b(?:years?|annees?|mwaka|miaka|umwaka|imyaka)\b`)
	isYear    = regexp.MustCompile(`\b(?:1\d|20)\d\d\b`)
	ofAge     = regexp.MustCompile(`\bhow (?:many|old|long)\b|\bcombien\b|\bngapi\b|\bmingapi\b|\bingahe\b|\bangahe\b`)
)

// asksYear reports whether a question wants a year, and not how many of them.
func asksYear(question string) bool {
	q := fold(question)
	return wantsYear.MatchString(q) && !ofAge.MatchString(q)
}

// saysNumber reports whether an answer holds a number that the question does not,
// a year where one is asked for.
func saysNumber(answer, question string) bool {
	if asksYear(question) && !isYear.MatchString(answer) {
		return false
	}
	asked, measures := figuresIn(question), measuresIn(question)
	return slices.ContainsFunc(figuresIn(answer), func(f quantity) bool {
		if measures != nil && !measures[f.unit] {
			return false
		}
		return !slices.ContainsFunc(asked, func(g quantity) bool { return g.number == f.number })
	})
}

// holdsNames reports whether each name of a claim stands in a text or in the
// question. A name is a word in capitals within a sentence.
func holdsNames(held, asked map[string]bool, claim string) bool {
	for i, w := range strings.Fields(claim) {
		w = strings.Trim(w, `.,;:!?()“”"'’«»`)
		r, _ := utf8.DecodeRuneInString(w)
		if i == 0 || !unicode.IsUpper(r) {
			continue
		}
		for _, part := range words(w) {
			if len(part) > 1 && !held[stem(part)] && !asked[stem(part)] {
				return false
			}
		}
	}
	return true
}
