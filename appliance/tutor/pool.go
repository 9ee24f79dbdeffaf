package tutor

import (
	"cmp"
	"context"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/text"
)

// pool is the sentences of the passages that an answer may be made of.
type pool struct {
	language  string // of the question
	weights   text.Weights
	evidence  float64 // that the passages hold an answer
	passages  []appliance.Passage
	sentences []candidate
}

// candidate is a sentence of a passage.
type candidate struct {
	text    string
	stems   map[string]bool
	passage int             // index into passages
	title   map[string]bool // of the words before it that name it: "2. Condensation. High up …"
	line    int             // of the passage
	meaning float64         // cosine with the question; 0 if not known
}

// poolOf cuts passages into sentences. Headings that stand in the text and lines
// of contents are no sentences.
func poolOf(f appliance.Finding, passages []appliance.Passage) *pool {
	p := &pool{language: f.Language, weights: f.Weights, evidence: f.Evidence.Score, passages: passages}
	for i, passage := range passages {
		if passage.Table != nil {
			continue
		}
		for n, line := range strings.Split(passage.Text, "\n") {
			var title map[string]bool
			name := ""
			for j, s := range sentences(line) {
				if j == 0 && len(line) > len(s) && isTitle(s) {
					title, name = stems(s), s+" "
					continue
				}
				if !says(s) {
					continue
				}
				p.sentences = append(p.sentences, candidate{text: name + s, stems: stems(s), title: title, passage: i, line: n})
				name = ""
			}
		}
	}
	return p
}

// isTitle reports whether what a line begins with is the name of what follows.
func isTitle(s string) bool {
	return len(words(withoutMark(s))) <= 3 && !verbs.MatchString(fold(s))
}

// verbs are those that make a sentence of three words.
var verbs = regexp.MustCompile(`\b(?:is|are|was|were|has|have|had|can|do|does|did|will|must|eats?|lives?|makes?|gives?|needs?|est|sont|a|ont|ni|ana|wana|ina)\b`)

// forReaders are sentences of schoolbooks that lead their readers, and say nothing.
var forReaders = regexp.MustCompile(`^(?:by the end of this|in this (?:section|chapter|unit|lesson|activity|simulation|video)|this (?:video|simulation|animation|activity|lesson|section|chapter)|watch |click |refer (?:back )?to|a la fin de (?:ce|cette)|dans (?:ce chapitre|cette lecon))`)

// spoken is the language of the passages, the question's where that is not known.
func (p *pool) spoken() string {
	if len(p.passages) > 0 {
		if language := languageOf(p.passages[0].Text); language != "" {
			return language
		}
	}
	return p.language
}

var contentsLine = regexp.MustCompile(`(?:\.\s?){4,}\s*\d+$`)

// says reports whether a line is a sentence, and not a heading, a line of a
// table of contents, a task for the reader or what is left of a figure.
func says(line string) bool {
	if len(words(line)) < 3 || contentsLine.MatchString(line) {
		return false
	}
	if forReaders.MatchString(fold(line)) {
		return false
	}
	last, _ := utf8.DecodeLastRuneInString(strings.TrimRight(line, `"'”’»)]`))
	if last == '?' {
		return false
	}
	// What has no end and is short is a heading, unless it is an item of a list.
	return strings.ContainsRune(".!:;…", last) || listMark.MatchString(line) || len(words(line)) >= 8
}

var listMark = regexp.MustCompile(`^\s*(?:[-–•*]|\(?(?:[0-9]{1,3}|[a-zA-Z]|[ivxIVX]{2,4})[.)])\s+`)

// maxCompared bounds the sentences whose meaning is compared: passages have some
// ten each, and what has more is no text.
const maxCompared = 200

// compare fills in how near each sentence is in meaning to a question's vector.
func (t *Tutor) compare(ctx context.Context, p *pool, vector []float32) {
	if len(vector) == 0 || len(p.sentences) == 0 || len(p.sentences) > maxCompared {
		return
	}
	texts := make([]string, len(p.sentences))
	for i, s := range p.sentences {
		texts[i] = text.Shorten(s.text, 2*t.emb.MaxTokens())
	}
	vectors, err := t.meanings.of(ctx, t.emb, texts)
	if err != nil {
		t.cfg.Log.Warn("sentences are compared by words alone", "error", err)
		return
	}
	for i, v := range vectors {
		p.sentences[i].meaning = dot(vector, v)
	}
}

func dot(a, b []float32) float64 {
	s := 0.0
	for i := range min(len(a), len(b)) {
		s += float64(a[i]) * float64(b[i])
	}
	return s
}

// pick is a stretch of sentences that stand together, as an answer.
type pick struct {
	from, to int // sentences of the pool, to excluded
	score    float64
	held     float64 // share of the question's weight that the stretch and its headings hold
	meaning  float64
	ahead    float64 // of the next best score that is not said with it; of the best only
}

// How much speaks for a sentence, in shares of a question's weight. They were
// chosen on one set of questions and checked on others (docs/evaluation.md).
const (
	perOwn     = 0.50 // what it holds of the question itself
	perContext = 0.22 // with the sentence before it
	perHeading = 0.33 // with the headings above it and the title of its source
	perMeaning = 4.8  // by cosine: differences are some hundredths
	perRank    = 3.0  // by the passage's place in the search, as a cosine
	perForm    = 0.20 // it has the form that the question wants
)

// How likely a stretch is the answer: a logistic regression over its score, how far
// it is ahead of what else the material says, and its cosine with the question. The
// figures were fitted on two sets of questions, and checked on each with those of the
// other (docs/evaluation.md). Below zero, the stretch is shown as what it is: a
// passage that may help.
const (
	likelyScore, likelyAhead, likelyMeaning = 1.5, 5.0, 12.4
	likelyOther                             = -11.6 // a little more than even: harm weighs more
	farAhead                                = 0.5   // more says no more
)

const (
	surely = 0.225 // of the score of each of two sides that are compared
	nearly = 0.82  // of the cosine with the question, where nothing else is known
	wholly = 0.6   // of the question's weight, where there are no cosines
)

// sure reports whether a stretch may be given as an answer by itself.
func (k pick) sure() bool {
	if k.meaning == 0 {
		return k.held >= wholly
	}
	return likelyOther+likelyScore*k.score+likelyAhead*min(k.ahead, farAhead)+likelyMeaning*k.meaning >= 0
}

// near reports whether a stretch is about what is asked, where it need not be the
// answer to it.
func (k pick) near() bool {
	return k.meaning >= nearly || k.meaning == 0 && k.held >= wholly
}

// ahead is how much better the best sentence is than the next that is not said with
// it, and does not say the same.
func (p *pool) ahead(ranked []pick, k pick) float64 {
	for _, other := range ranked[1:] {
		said := func(s candidate) bool { return s.text == p.sentences[other.from].text }
		if !slices.ContainsFunc(p.sentences[k.from:k.to], said) {
			return ranked[0].score - other.score
		}
	}
	return farAhead
}

// rank scores all sentences for a question.
func (p *pool) rank(asked []string, want kind, question string) []pick {
	picks := make([]pick, len(p.sentences))
	nearest := 0.0
	for _, s := range p.sentences {
		nearest = max(nearest, s.meaning)
	}
	for i, s := range p.sentences {
		passage := p.passages[s.passage]
		own := p.weights.Coverage(asked, s.stems)
		around := union(s.stems, p.beside(i, -1), p.beside(i, 1))
		above := union(s.stems, s.title, stems(passage.Heading+"\n"+passage.SourceTitle))
		context := p.weights.Coverage(asked, union(s.stems, p.beside(i, -1)))
		heading := p.weights.Coverage(asked, above)
		score := perOwn*own + perContext*(context-own) + perHeading*(heading-own) + perRank*(passage.Score-p.passages[0].Score)
		if s.meaning > 0 {
			score += perMeaning * (s.meaning - nearest)
		}
		score += perForm * form(s.text, want, question)
		if names(s, asked) && (want == wantsMeaning || want == wantsContrast) {
			score += perForm
		}
		picks[i] = pick{from: i, to: i + 1, score: score, held: p.weights.Coverage(asked, union(around, above)), meaning: s.meaning}
	}
	slices.SortStableFunc(picks, func(a, b pick) int { return cmp.Compare(b.score, a.score) })
	return picks
}

// names reports whether a sentence is about what is asked: its title or its first
// words say so.
func names(s candidate, asked []string) bool {
	first := words(s.text)
	about := union(s.title, stems(strings.Join(first[:min(len(first), 4)], " ")))
	return slices.ContainsFunc(asked, func(w string) bool { return about[stem(w)] })
}

// beside is the stems of a sentence's neighbour in its passage, nil at an end.
func (p *pool) beside(i, step int) map[string]bool {
	j := i + step
	if j < 0 || j >= len(p.sentences) || p.sentences[j].passage != p.sentences[i].passage {
		return nil
	}
	return p.sentences[j].stems
}

func union(sets ...map[string]bool) map[string]bool {
	all := map[string]bool{}
	for _, s := range sets {
		for w := range s {
			all[w] = true
		}
	}
	return all
}

// promises are the ends of sentences that say nothing without the next: "there were
// two reasons".
var promises = regexp.MustCompile(`\b(?:two|three|four|five|several|many|some|deux|trois|quatre|cinq|plusieurs|mbili|tatu|ebyiri|eshatu) (?:main |important |grandes? )?(?:reasons|causes|ways|things|steps|kinds|types|raisons|facons|choses|etapes|sortes)(?: for (?:this|that|it))?[.:]?$|\b(?:sababu|njia|impamvu|uburyo) (?:mbili|tatu|ebyiri|eshatu)[.:]?$`)

// longest is how many words of the material are said in a row: what is longer is
// no answer but a text to read.
const longest = 55

// stretch takes in the neighbours that a sentence needs to be understood, or
// that complete what the question wants.
func (p *pool) stretch(k pick, asked []string, want kind, question string) pick {
	same := func(i int) bool {
		return i >= 0 && i < len(p.sentences) && p.sentences[i].passage == p.sentences[k.from].passage
	}
	size := func(from, to int) (n int) {
		for _, s := range p.sentences[from:to] {
			n += len(strings.Fields(s.text))
		}
		return n
	}
	back := 2
	if concludes.MatchString(fold(p.sentences[k.from].text)) {
		back = 3 // the reason stands before it
	}
	for n := range back { // it leans on what stands before
		if !leansBack(p.sentences[k.from].text) && !(back == 3 && n > 0 && want == wantsReason) || !same(k.from-1) || size(k.from-1, k.to) > longest {
			break
		}
		k.from--
	}
	said := map[string]bool{}
	form := false
	for _, s := range p.sentences[k.from:k.to] {
		said = union(said, s.stems)
		form = form || hasForm(s.text, want, question)
	}
	for range 2 {
		if !same(k.to) || size(k.from, k.to+1) > longest {
			break
		}
		next := p.sentences[k.to]
		gains := p.weights.Coverage(asked, union(said, next.stems))-p.weights.Coverage(asked, said) > 0.08
		completes := !form && hasForm(next.text, want, question)
		goesOn := (leansBack(next.text) || next.title != nil && next.line == p.sentences[k.to-1].line) && (want == wantsReason || want == wantsWay || want == wantsMeaning || want == wantsContrast || want == wantsVerdict)
		promised := promises.MatchString(fold(p.sentences[k.to-1].text))
		if !gains && !completes && !goesOn && !promised {
			break
		}
		form = form || hasForm(next.text, want, question)
		said = union(said, next.stems)
		k.to++
	}
	for range 2 { // what is asked may be named just before
		if form || !same(k.from-1) || size(k.from-1, k.to) > longest {
			break
		}
		before := p.sentences[k.from-1]
		if !hasForm(before.text, want, question) {
			break
		}
		k.from, form = k.from-1, true
	}
	return k
}

var pointing = regexp.MustCompile(`^(?:it|its|this|these|that|those|they|them|their|he|she|his|her|so|then|but|however|therefore|thus|here|there|such|also|in this|for this|for example|because of this|as a result|unlike|instead|il|elle|ils|elles|ce|cela|cette|ces|c'est|donc|mais|ainsi|alors|puis|par exemple|hii|hiyo|hivyo|lakini|kwa hiyo|huo|wao|ibi|ibyo|ariko|bityo|icyo)\b`)

// concludes begins a sentence whose reason stands before it.
var concludes = regexp.MustCompile(`^(?:that is why|this is why|so |therefore|thus|hence|as a result|c'est pourquoi|c'est pour cela|donc |il (?:est|faut) donc|elle est donc|ndiyo sababu|kwa hiyo|niyo mpamvu|bityo)`)

// connects begins a sentence that goes on from another, and is understood without it.
var connects = regexp.MustCompile(`^(?:however|but|therefore|thus|also|instead|unlike|mais|donc|ainsi|lakini|kwa hiyo|ariko|bityo)\b`)

// leansBack reports whether a sentence is not understood without the one before.
func leansBack(sentence string) bool {
	return pointing.MatchString(fold(strings.TrimLeft(sentence, `"'“«( `)))
}

var (
	naming      = regexp.MustCompile(`\b(?:called|call|named|name|known as|term|appelle|appelee?s?|nom|nomme|inaitwa|huitwa|unaitwa|anaitwa|unaitwaje|inaitwaje|yitwa|bitwa|witwa|cyitwa|rwitwa|izina|jina)\b`)
	becauses    = regexp.MustCompile(`\b(?:because|since|so that|so|therefore|thus|hence|due to|that is why|this is why|as a result|in order to|causes?|caused|leads? to|results? in|parce que?|car|puisque|donc|c'est pourquoi|grace a|a cause|afin de|pour que|kwa sababu|kwa kuwa|ili|hivyo|kwani|kubera|kuko|kugira ngo|bituma|niyo mpamvu)\b`)
	notBecause  = regexp.MustCompile(`\b(?:not|never|pas|jamais|si|ntabwo) (?:because|caused|due to|parce|cause|a cause)\b`)
	reasons     = regexp.MustCompile(`\b(?:because|since|so that|so|therefore|thus|hence|due to|that is why|this is why|as a result|in order to|causes?|caused|leads? to|results? in|to make|needs? .* to|makes?|if|when|lower|higher|less|more|parce que?|car|puisque|donc|c'est pourquoi|grace a|a cause|afin de|pour que|si|kwa sababu|kwa kuwa|ili|hivyo|kwani|kubera|kuko|kugira ngo|bituma|niyo mpamvu)\b`)
	definitions = regexp.MustCompile(`\b(?:is|are|was) (?:a|an|the|called|known|when|how|any|defined)\b|\bmeans?\b|\b(?:is|are) called\b|\brefers? to\b|\bdefined as\b|\b(?:est|sont) (?:un|une|le|la|les|des|appele)|\bs'appelle|\bdesigne|\bsignifie|\bni\b|\bhuitwa\b|\bbitwa\b|\byitwa\b| [=÷×] `)
	contrasts   = regexp.MustCompile(`\b(?:unlike|whereas|while|but|however|instead|only|on the other hand|in contrast|than|contrairement|tandis que|alors que|mais|lakini|wakati|tofauti|ariko|naho)\b`)
	opposing    = regexp.MustCompile(`\b(?:unlike|whereas|while|but|in contrast|on the other hand|contrairement|tandis que|alors que|mais|au contraire|lakini|tofauti na|ariko|naho|mu gihe)\b`)
	numbers     = regexp.MustCompile(`\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty|fifty|hundred|thousand|million|half|twice|once|un|une|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|vingt|trente|cent|mille|moja|mbili|tatu|nne|tano|sita|saba|nane|tisa|kumi)\b`)
)

// form is how much a sentence has of the form that a question wants, 0 to 1.
func form(sentence string, want kind, question string) float64 {
	switch {
	case !hasForm(sentence, want, question):
		return 0
	case want == wantsReason && !becauses.MatchString(notBecause.ReplaceAllString(fold(sentence), "")):
		return 0.5
	}
	return 1
}

// hasForm reports whether a sentence has the form that a question wants.
func hasForm(sentence string, want kind, question string) bool {
	s := fold(sentence)
	switch want {
	case wantsNumber:
		if measured := measuresIn(question) != nil || asksYear(question); measured {
			return saysNumber(sentence, question)
		}
		return numbers.MatchString(withoutMark(s))
	case wantsReason, wantsWay:
		return reasons.MatchString(s)
	case wantsMeaning:
		return definitions.MatchString(s)
	case wantsContrast:
		return contrasts.MatchString(s)
	case wantsPerson:
		return hasName(sentence, question)
	case wantsFact:
		return asksName(question) && givesName(sentence)
	}
	return false
}

// asksName reports whether a question wants to know what something is called.
func asksName(question string) bool { return naming.MatchString(fold(question)) }

// givesName reports whether a sentence says what something is called: by such a
// word, by "is the crater" at its end, or beside it, "the numerator," between commas.
func givesName(sentence string) bool {
	s := fold(strings.TrimRight(sentence, ".!;: "))
	return naming.MatchString(s) || nameForm.MatchString(s)
}

var nameForm = regexp.MustCompile(`\b(?:is|are|est|sont) (?:the |an? |les? |la |une? |l')?[\w-]+(?: [\w-]+)?$|, (?:the|an?|or|les?|la|ou) [\w-]+(?: [\w-]+)?,|\((?:the |an? |les? |la )?[a-z-]+(?: [a-z-]+)?\)`)

func withoutMark(s string) string { return listMark.ReplaceAllString(s, "") }

// hasName reports whether a sentence names somebody whom the question does not.
func hasName(sentence, question string) bool {
	asked := stems(question)
	for i, w := range strings.Fields(sentence) {
		w = strings.Trim(w, `.,;:!?()“”"'’`)
		r := []rune(w)
		if len(r) < 2 || !unicode.IsUpper(r[0]) || asked[stem(fold(w))] {
			continue
		}
		if i > 0 || !stopWord(english, fold(w)) && !stopWord(french, fold(w)) {
			return true
		}
	}
	return false
}
