package tutor

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/text"
)

// saying is an answer in the material's own sentences: what stands together, with
// the passage that it stands in.
type saying struct {
	text    string
	passage appliance.Passage
	at      pick
	sure    bool // it may be given as an answer
	verdict int  // 1 confirms the claim of the question, -1 denies it
}

// query is what is looked for in the passages.
type query struct {
	text  string   // the question, or a part of it
	terms []string // its content words; those that count twice stand twice
	kind  kind
}

// maxParts bounds the questions in one that are answered.
const maxParts = 4

// queriesOf are the parts of a question, each with what it wants. A part that
// says little by itself is looked for with the words of the whole.
func queriesOf(question string, f appliance.Finding, own []string) []query {
	all := text.Subjects(slices.Concat(f.Terms, own))
	var queries []query
	for _, part := range partsOf(question) {
		if len(queries) == maxParts || slices.ContainsFunc(queries, func(q query) bool { return q.text == part }) {
			continue
		}
		words := text.Subjects(terms(part, f.Language))
		if len(words) == 0 || stopWord(f.Language, words[0]) {
			continue
		}
		queries = append(queries, query{part, slices.Concat(all, words, words), kindOf(part)})
	}
	if len(queries) < 2 {
		return []query{{question, all, kindOf(question)}}
	}
	return queries
}

// sayings are the stretches of the pool that answer a question, in the order
// that it asks.
func (p *pool) sayings(queries []query) []saying {
	if len(p.sentences) == 0 {
		return nil
	}
	var found []saying
	for _, q := range queries {
		if q.kind == wantsContrast {
			if both := p.contrast(q); len(both) > 0 {
				found = append(found, both...)
				continue
			}
		}
		ranked := p.rank(q.terms, q.kind, q.text)
		best := ranked[0]
		k := p.stretch(best, q.terms, q.kind, q.text)
		k.ahead = p.ahead(ranked, k)
		if p.language != p.spoken() {
			k = p.window(best)
		}
		x := p.saying(k)
		x.sure = (k.sure() || p.agrees(best)) && givenFigures(q.text, x.text) && p.saysMore(x.text, q) &&
			(q.kind != wantsNumber || saysNumber(x.text, q.text)) && (q.kind != wantsPerson || hasName(x.text, q.text))
		if i := slices.IndexFunc(found, func(s saying) bool { return k.from < s.at.to && s.at.from < k.to }); i >= 0 {
			found[i].sure = found[i].sure && x.sure // it answers both, if it does
			continue
		}
		if q.kind == wantsContrast && !opposes(p, k) {
			x.sure = false // which two things are meant is not known
		}
		if q.kind == wantsVerdict {
			x.verdict = p.verdict(q.text, k)
		}
		found = append(found, x)
	}
	return found
}

// saysMore reports whether a sentence says anything that the question does not:
// "do not wash eggs that you store" is no reason why eggs should not be washed.
func (p *pool) saysMore(sentence string, q query) bool {
	if q.kind == wantsVerdict || p.language != p.spoken() {
		return true
	}
	asked := stems(q.text)
	return slices.ContainsFunc(terms(sentence, p.language), func(w string) bool {
		return !asked[stem(w)] && !text.Manner(w) && !stopWord(p.language, w)
	})
}

// agrees reports whether the best sentence in another language than the question's
// stands in the passage that the search found first: two that cannot go by words.
func (p *pool) agrees(best pick) bool {
	return p.language != "" && p.language != p.spoken() && p.evidence >= agreed && best.meaning > 0 && p.sentences[best.from].passage == 0
}

// agreed is the evidence that it takes for that.
const agreed = 2.5

// window is a sentence with what stands behind it and before it, as much as is said
// at once: in another language only meaning tells which one answers, and not well.
func (p *pool) window(k pick) pick {
	size := len(strings.Fields(p.sentences[k.from].text))
	for grown := true; grown; {
		grown = false
		for _, i := range []int{k.to, k.from - 1} {
			if i < 0 || i >= len(p.sentences) || p.sentences[i].passage != p.sentences[k.from].passage {
				continue
			}
			if n := len(strings.Fields(p.sentences[i].text)); size+n <= longest {
				size, grown = size+n, true
				k.from, k.to = min(k.from, i), max(k.to, i+1)
			}
		}
	}
	return k
}

// anew is a saying as it answers what is asked after another answer. What was said
// there answers only with the sentence that holds what is asked now.
func (p *pool) anew(s saying, told string, asked []string) saying {
	if !strings.Contains(told, s.text) {
		return s
	}
	for i := s.at.from; i < s.at.to; i++ {
		if p.weights.Coverage(asked, p.sentences[i].stems) >= 0.5 && (!leansBack(p.sentences[i].text) || connects.MatchString(fold(p.sentences[i].text))) {
			one := p.saying(pick{from: i, to: i + 1})
			one.sure, one.verdict = s.sure, s.verdict
			return one
		}
	}
	s.sure = false
	return s
}

func (p *pool) saying(k pick) saying {
	var texts []string
	for _, s := range p.sentences[k.from:k.to] {
		texts = append(texts, strings.TrimSpace(withoutMark(s.text)))
	}
	return saying{text: strings.Join(texts, " "), passage: p.passages[p.sentences[k.from].passage], at: k}
}

// sides are the forms by which a question names two things that it compares.
var sides = []*regexp.Regexp{
	regexp.MustCompile(`(?i)\b(?:differences?|comparison|distinction) (?:is there )?(?:between |of )?(?:the |a |an )?(.+?) and (?:the |a |an )?(.+?)(?: in .*)?[?.!]*$`),
	regexp.MustCompile(`(?i)\bdiff[ée]rences? (?:y a-t-il |il y a )?entre (?:le |la |les |l['’]|un |une )?(.+?) et (?:le |la |les |l['’]|un |une )?(.+?)[ ?.!]*$`),
	regexp.MustCompile(`(?i)\btofauti (?:gani )?(?:iliyopo |ipi )?(?:kati |baina) ya (.+?) na (.+?)(?: ni .*)?[?.!]*$`),
	regexp.MustCompile(`(?i)\b(?:itandukaniro|gutandukanya) .*?hagati ya (.+?) na (.+?)[?.!]*$`),
	regexp.MustCompile(`(?i)\b(?:is|are) (?:a |an |the )?(.+?) the same (?:thing )?as (?:a |an |the )?(.+?)[?.!]`),
	regexp.MustCompile(`(?i)\bhow (?:is|are|do|does) (?:a |an |the )?(.+?) (?:and|differ from|different from) (?:a |an |the )?(.+?)(?: (?:be )?(?:different|differ|not the same).*)?[?.!]*$`),
	regexp.MustCompile(`(?i)\bcompare[rz]? (?:the |a |an |le |la |les )?(.+?) (?:and|with|to|et|avec|à) (?:the |a |an |le |la |les )?(.+?)[?.!]*$`),
	regexp.MustCompile(`(?i)^(?:a |an |the )?(.+?) (?:and|or|vs\.?|versus|et|ou) (?:a |an |the )?(.+?)[,:]? (?:what|how|which|quelle|en quoi|comment)\b`),
	regexp.MustCompile(`(?i)^(?:the |a |an |les? |la |l['’])?(.+?) (?:and|or|vs\.?|versus|et|ou|na) (?:the |a |an |les? |la |l['’])?([^,;:?]+?)(?:[,;:?]| isn'?t | what'?s )`),
}

// contrast finds what is said of each of the two things that a question compares.
func (p *pool) contrast(q query) []saying {
	var pair [2][]string
	for _, form := range sides {
		if m := form.FindStringSubmatch(q.text); m != nil {
			pair[0], pair[1] = text.Subjects(terms(m[1], p.language)), text.Subjects(terms(m[2], p.language))
			break
		}
	}
	if len(pair[0]) == 0 || len(pair[1]) == 0 {
		return nil
	}
	shared := func(w string) bool { return slices.Contains(pair[0], w) && slices.Contains(pair[1], w) }
	var found []saying
	var taken []pick
	whole := false // one sentence says how both differ
	for _, side := range pair {
		own := slices.DeleteFunc(slices.Clone(side), shared)
		if len(own) == 0 {
			return nil
		}
		// Its own words count most; that both are named counts, too.
		asked := slices.Concat(own, own, own, pair[0], pair[1])
		ranked := p.rank(asked, wantsContrast, q.text)
		for i, k := range ranked { // one that names both and says nothing of how they differ is no answer
			if both := said(p, k); p.weights.Coverage(pair[0], both) > 0.9 && p.weights.Coverage(pair[1], both) > 0.9 && !opposing.MatchString(fold(p.sentences[k.from].text)) {
				ranked[i].score -= perForm + perHeading
			}
		}
		slices.SortStableFunc(ranked, func(a, b pick) int { return cmp.Compare(b.score, a.score) })
		for _, k := range ranked {
			if p.weights.Coverage(own, p.sentences[k.from].stems) < 0.5 && !leansBack(p.sentences[k.from].text) {
				continue
			}
			k = p.stretch(k, asked, wantsContrast, q.text)
			if slices.ContainsFunc(taken, func(o pick) bool { return k.from < o.to && o.from < k.to }) {
				if slices.ContainsFunc(taken, func(o pick) bool { return p.tellsBoth(o, pair) }) {
					whole = true
					break
				}
				if p.weights.Coverage(pair[0], said(p, k)) > 0.9 && p.weights.Coverage(pair[1], said(p, k)) > 0.9 && opposes(p, k) {
					whole = true
					break // it speaks of both and says how they differ
				}
				continue
			}
			taken = append(taken, k)
			x := p.saying(k)
			x.sure = k.score >= surely || k.meaning >= nearly && p.weights.Coverage(own, said(p, k)) > 0.9
			found = append(found, x)
			break
		}
	}
	if len(found) == 1 && !whole && !p.opposesBoth(taken[0], pair) && !p.tellsBoth(taken[0], pair) {
		found[0].sure = false
	}
	return found
}

// opposesBoth reports whether a stretch names two things and says how they differ.
func (p *pool) opposesBoth(k pick, pair [2][]string) bool {
	held := said(p, k)
	return p.weights.Coverage(pair[0], held) > 0.5 && p.weights.Coverage(pair[1], held) > 0.5 && opposes(p, k)
}

// tellsBoth reports whether a stretch has a sentence about each of two things that
// is not about the other.
func (p *pool) tellsBoth(k pick, pair [2][]string) bool {
	var told [2]bool
	for _, s := range p.sentences[k.from:k.to] {
		about := [2]bool{p.weights.Coverage(pair[0], s.stems) > 0.9, p.weights.Coverage(pair[1], s.stems) > 0.9}
		if about[0] != about[1] {
			told[0], told[1] = told[0] || about[0], told[1] || about[1]
		}
	}
	return told[0] && told[1]
}

func said(p *pool, k pick) map[string]bool {
	held := map[string]bool{}
	for _, s := range p.sentences[k.from:k.to] {
		held = union(held, s.stems)
	}
	return held
}

func opposes(p *pool, k pick) bool {
	return slices.ContainsFunc(p.sentences[k.from:k.to], func(s candidate) bool { return opposing.MatchString(fold(s.text)) })
}

// say makes an answer of sayings, in the language of the question with a frame
// where the material is in another.
func say(found []saying, language string) appliance.Answer {
	a := appliance.Answer{Mode: appliance.ModeAnswer}
	var lines []string
	for _, s := range found {
		n := slices.IndexFunc(a.Citations, func(c appliance.Citation) bool { return c.ChunkID == s.passage.ID }) + 1
		if n == 0 {
			n = len(a.Citations) + 1
			a.Citations = append(a.Citations, citation(n, spoken(s.passage, terms(s.text, languageOf(s.text)), text.Weights{Rare: 1})))
		}
		line := s.text + " [" + strconv.Itoa(n) + "]"
		switch s.verdict {
		case 1:
			line = sayYes.in(language) + " " + line
		case -1:
			line = sayNo.in(language) + " " + line
		}
		lines = append(lines, line)
	}
	a.ResponseText = strings.Join(lines, "\n")
	if spoken := languageOf(a.ResponseText); language != "" && spoken != "" && spoken != language {
		a.ResponseText = sayElsewhere.in(language) + "\n" + a.ResponseText
	}
	return a
}
