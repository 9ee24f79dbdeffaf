package lists

import (
	"regexp"
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

// fit is how a list and a question go together.
type fit struct {
	foreign bool // written in another language than the question
	named   bool // what introduces it has the noun that is asked for
	counted bool // its items are as many as asked
	strong  bool // it is what is asked for by noun and number, or noun and form
	// How much of the question's topic stands in what introduces it, in that and
	// the headings above, and in those and the text around.
	own, path, text float64
}

func (q question) fit(c *candidate) fit {
	title := innermost(c.heading)
	own := c.subject + " " + title
	f := fit{foreign: q.foreign(c), counted: q.n > 0 && (len(c.items) == q.n || q.orMore && len(c.items) > q.n)}
	switch c.form {
	case column:
		f.named = q.names(own)
	case enumeration:
		f.named = q.namesMany(c, c.intro, c.subject) || q.concepts["way"] && means.MatchString(c.subject)
	default:
		f.named = q.namesMany(c, c.subject, title)
	}
	f.strong = f.named && (f.counted || q.ordered && c.ordered && c.form <= runIn)
	f.own = q.coverage(own, f.foreign)
	if c.form == sequence || c.form == headings {
		f.own = max(f.own, 0.9*q.coverage(own+" "+c.words(), f.foreign))
	}
	f.path = max(f.own, q.coverage(c.subject+" "+c.heading, f.foreign))
	f.text = max(f.path, q.coverage(c.subject+" "+c.heading+" "+c.around, f.foreign))
	if f.counted {
		f.text = max(f.text, 0.9*q.held(c.source))
	}
	return f
}

// means introduces ways without the word: "Heat travels by conduction, …".
var means = regexp.MustCompile(`(?i) (?:by|through|via|by means of|par|au moyen de|kwa|binyuze mu) ?$`)

// score says how well a list answers a question; 0 if it does not.
func (q question) score(c *candidate) float64 {
	if c.form == lines && c.stated > 1 && c.stated < len(c.items) {
		c.items = c.items[:c.stated] // without marks, only their number tells where it ends
	}
	if !q.counts(c) || q.refuses(c) {
		return 0
	}
	f := q.fit(c)
	if !q.isAbout(c, f) || !q.isMeant(c, f) {
		return 0
	}
	score := 0.5*f.own + 0.25*f.path + 0.15*f.text + sure[c.form] - 0.02*float64(min(c.at, 5)) - 0.2*q.strange(c)
	for _, more := range []struct {
		by   float64
		when bool
	}{
		{0.15, f.named}, {0.12, q.n > 0 && len(c.items) == q.n}, {0.08, c.stated == len(c.items)}, {0.08, q.ordered && c.ordered},
		{-0.1, c.form == slide && !f.counted}, {-0.15, q.other(c.subject) && !q.names(c.subject)},
	} {
		if more.when {
			score += more.by
		}
	}
	return score
}

// isAbout reports whether a list is about what the question is about.
func (q question) isAbout(c *candidate, f fit) bool {
	whole := c.stated == len(c.items)
	if len(q.topic) == 0 {
		return f.named && (f.counted || q.n == 0)
	}
	if f.foreign && c.form == column && !f.counted {
		return false
	}
	if f.foreign { // its words are hardly there, so its noun and number have to be
		if q.asksKind() {
			return f.named && (f.text >= 0.25 || f.strong && whole)
		}
		return f.counted && whole && f.text >= 0.4
	}
	beside := c.subject + " " + c.heading + " " + c.near
	switch {
	case f.strong && (f.text < 0.42 || f.path < 0.3):
		return false
	case !f.strong && (f.text < enough || max(f.path, q.coverage(beside, false)) < enoughIn):
		return false
	case !(f.strong && f.counted && whole) && q.missesMost(c.source):
		return false
	case c.form == sequence || q.strange(c) == 0:
		return true
	}
	// A title about something else: "Planting beans" for how to plant maize.
	return !q.missesMost(stemsOf(beside+" "+c.around)) && (f.counted && whole || f.path >= 0.55 && q.share(stemsOf(beside)) >= 0.6)
}

// isMeant reports whether a list, which is about the right thing, may be what is
// asked for by its form.
func (q question) isMeant(c *candidate, f fit) bool {
	n := len(c.items)
	inSteps := c.ordered && q.inSteps()
	if q.howTo && (f.path < 0.6 || !c.ordered || c.form != marked && c.form != runIn && c.form != sequence) {
		return false
	}
	titled := c.subject == innermost(c.heading) || c.form == column
	if q.asksKind() && !f.named && !inSteps && !(f.counted && titled && f.own >= 0.9) {
		return false
	}
	if !q.asksKind() && !f.foreign && c.form != sequence && c.form != column && q.head != "" && !stemsOf(c.subject + " " + innermost(c.heading))[q.head] {
		return false
	}
	switch c.form {
	case headings: // there may be more of them than were found
		return c.stated == n
	case slide, labelled:
		return f.counted || c.stated == n || n > 2 && f.named && f.path > 0.8
	case runIn: // pictures have parts (a) and (b) too
		return f.named || f.counted || strings.HasSuffix(strings.TrimSpace(c.subject), ":")
	case lines:
		return f.counted || c.stated == n || !slices.ContainsFunc(c.items, func(i item) bool { return len(i.text) > 120 })
	case enumeration:
		// A sentence may name things for any reason: it has to be about them itself.
		if f.named || f.foreign {
			return true
		}
		return !q.asksKind() && (f.counted || f.own >= 0.75 && !c.weak) &&
			(pronoun(c.intro) || q.coverage(c.subject, false) >= 0.34) && q.coverage(c.subject+" "+innermost(c.heading)+" "+c.near, false) >= 0.6
	case column:
		return f.counted || f.named || f.own >= 0.75 || c.head && f.own > 0.5
	case sequence:
		return q.ordered
	}
	return true
}

// asksKind reports whether the question has a noun for what it wants: signs,
// parts, and not only things.
func (q question) asksKind() bool { return len(q.concepts) > 0 && !q.concepts["thing"] }

// inSteps reports whether steps are wanted, by whatever name.
func (q question) inSteps() bool {
	return q.concepts["step"] || q.concepts["stage"] || q.concepts["path"] && q.ordered || q.howTo
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
	return q.other(c.subject) && !q.concepts["thing"] && !q.names(own) || q.narrower(c)
}

// narrower reports a list of some of the things that are asked for: forms of
// mechanical energy, where the forms of energy are. An adjective tells.
func (q question) narrower(c *candidate) bool {
	before := 1
	adjective := englishAdjective
	if c.language == text.French {
		before, adjective = -1, frenchAdjective
	} else if c.language != text.English {
		return false
	}
	words := text.Words(c.subject)
	for i, w := range words {
		if j := i - before; j >= 0 && j < len(words) && len(words[j]) > 4 && !general[words[j]] && !q.words[text.Stem(words[j])] && adjective.MatchString(words[j]) &&
			slices.ContainsFunc(q.topic, func(t string) bool { return text.Stem(t) == text.Stem(w) }) {
			return true
		}
	}
	return false
}

var (
	englishAdjective = regexp.MustCompile(`(?:al|ic|ive|ous|ary|ible|less|ful|ar)$`)
	frenchAdjective  = regexp.MustCompile(`(?:ique|iques|elle?s?|ale?s?|aux|ive?s?|ifs?|euse?s?|eux|aires?)$`)
	general          = text.Set(`several general natural final typical usual principal individual total whole real special actual essential basic specific respective
		various numerous famous previous necessary ordinary elle elles quelle quelles telle telles belle principale principales principaux`)
)

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

// namesMany reports whether what introduces a list calls it by the noun that is
// asked for, in the plural where the language has one. The noun with a number, or
// else the first one, says what is listed, and what "of" says behind it has to be asked for too: signs of
// malaria are none of cholera.
func (q question) namesMany(c *candidate, parts ...string) bool {
	if c.language != text.English && c.language != text.French {
		return q.names(strings.Join(parts, " "))
	}
	for _, s := range parts {
		words := text.Words(s)
		i := -1
		for j, w := range words {
			if len(concepts[w]) == 0 || concepts[w][0] == "thing" || !plurals[w] && !slices.Contains(concepts[w], "path") {
				continue
			}
			counted := slices.ContainsFunc(words[max(0, j-3):j], func(w string) bool { return number(w) > 0 })
			if i < 0 || counted {
				i = j
			}
			if counted {
				break
			}
		}
		if i < 0 {
			continue
		}
		if !slices.ContainsFunc(concepts[words[i]], func(k string) bool { return q.concepts[k] }) {
			return false
		}
		if i+2 < len(words) && ofs[words[i+1]] {
			after := words[i+2 : min(len(words), i+7)]
			return slices.ContainsFunc(after, func(w string) bool {
				return q.words[text.Stem(w)] && !text.StopWord(c.language, w) || c.language != q.language && q.language != "" ||
					slices.ContainsFunc(q.topic, func(t string) bool { return text.Stem(t) == text.Stem(w) })
			})
		}
		return true
	}
	return false
}

var ofs = text.Set(`of de du des d`)

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
	return max(q.weights.Coverage(q.topic, stems), 0.9*q.share(stems))
}

// share is the share of the topic's terms that are among stems, by number.
func (q question) share(stems map[string]bool) float64 {
	held := 0
	for _, t := range q.topic {
		if stems[text.Stem(t)] {
			held++
		}
	}
	return float64(held) / float64(max(len(q.topic), 1))
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
	if len(a) < 5 || len(b) < 5 || len(a)-len(b) > 2 || len(b)-len(a) > 2 || a[:2] != b[:2] || a[:3] != b[:3] && min(len(a), len(b)) < 7 {
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
