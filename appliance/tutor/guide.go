package tutor

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/tutor/sums"
	"github.com/bwenge-os/bwenge/internal/text"
)

// A persona that asks back gives no answers at first: it says where to read, asks
// what to look for, and lets the pupil try. What they tried is held against the
// material by code. No model writes any of this: one that is told to keep an
// answer back gives it away.

// triesFirst is how often a pupil tries before they are given the answer.
const triesFirst = 2

func guides(p appliance.Persona) bool { return p.Tone == appliance.ToneQuestions }

// task is a question that a pupil is being led to the answer of.
type task struct {
	question string
	tries    int
}

// unguided are kinds of questions that have no answer to be found by the pupil.
var unguided = []kind{wantsSummary, wantsPractice, wantsHelp, wantsAgain, wantsLanguage}

// guided is a step on the way of a pupil who is led to an answer. done says that
// it is one, and not a question that is answered as by any persona.
func (t *Tutor) guided(r *Run, began time.Time) (a appliance.Answer, done bool, err error) {
	said := r.question.Text
	open, err := t.openTask(r)
	if err != nil {
		return a, false, err
	}
	attempt, tried := attemptIn(said)
	goesOn := open.question != "" && (tried || wantsIt.MatchString(fold(said)))
	if !goesOn {
		if slices.Contains(unguided, kindOf(said)) {
			return a, false, nil
		}
		open = task{question: said}
	}
	f, before, err := t.lookUp(r, open.question)
	if err != nil || len(f.Passages) == 0 || !f.Evidence.Answerable && !sums.Asks(open.question, f.Language) {
		return a, false, err
	}
	language := speaks(r.persona, f.Language)
	answer, sources := t.solution(r, open.question, f, before, language)
	if len(answer.Citations) == 0 {
		return a, false, nil
	}
	key := keyOfTask(answer.ResponseText, language)
	numeric := kindOf(open.question) == wantsNumber || sums.Asks(open.question, f.Language)
	var lines []string
	a = appliance.Answer{Mode: appliance.ModeGuide, Citations: answer.Citations[:1]}
	switch {
	case !goesOn:
		lines = []string{sayLook.in(language) + " " + placeOf(answer.Citations[0]) + " [1]", askBack(open.question, numeric).in(language), sayTry.in(language)}
	case !tried: // they ask for the answer
		lines = []string{sayOnceMore.in(language) + " (" + strconv.Itoa(open.tries) + "/" + strconv.Itoa(triesFirst) + ")"}
	default:
		open.tries++
		trial := look(open.question, attempt, key, numeric, f)
		lines = trial.words(language)
		if trial.good || open.tries >= triesFirst {
			end := sayReadIt
			if trial.good {
				end = sayWellTried
				a.SuggestedGesture, a.AnimationHint = gesturePraise, hintExplaining
			}
			a.Mode, a.Citations = appliance.ModeAnswer, answer.Citations
			lines = append(lines, end.in(language), answer.ResponseText)
		}
	}
	if goesOn && a.Mode == appliance.ModeGuide {
		lines = append(lines, sayLook.in(language)+" "+placeOf(answer.Citations[0])+" [1]", sayGap.in(language)+" "+gaps(open.question, key, numeric), sayTry.in(language))
	}
	a.ResponseText = strings.Join(lines, "\n")
	r.add(appliance.Event{Type: appliance.EventSources, Sources: sources})
	a.FirstTokenMS = time.Since(began).Milliseconds()
	r.add(appliance.Event{Type: appliance.EventToken, Token: a.ResponseText})
	return t.finish(r, began, language, a), true, nil
}

// solution is the answer by code to a question, which is not shown yet.
func (t *Tutor) solution(r *Run, question string, f appliance.Finding, before []exchange, language string) (appliance.Answer, []appliance.Passage) {
	if a, sources, done := t.computed(r, question, f, before, language); done {
		return a, sources
	}
	f.Passages = slices.DeleteFunc(slices.Clone(f.Passages), func(p appliance.Passage) bool { return p.Table != nil })
	if len(f.Passages) == 0 {
		return appliance.Answer{}, nil
	}
	p := poolOf(f, t.candidates(r.ctx, r.who, f))
	t.compare(r.ctx, p, f.Vector)
	said := p.sayings(queriesOf(question, f, nil))
	if len(said) == 0 || slices.ContainsFunc(said, func(s saying) bool { return !s.sure }) {
		return quote(f, sayPassages, language), f.Passages
	}
	return say(said, language), f.Passages
}

// openTask is the question that the last turns of a conversation led to the answer
// of, with how often it was tried; the zero one if it was answered.
func (t *Tutor) openTask(r *Run) (task, error) {
	type turn struct {
		question string
		hint     bool
	}
	var turns []turn
	if r.preset {
		for _, e := range r.turns {
			turns = append(turns, turn{e.question, slices.ContainsFunc(languagesOfTutor, func(l string) bool { return strings.HasSuffix(e.answer, sayTry[l]) })})
		}
	} else {
		_, messages, err := t.store.Conversation(r.ctx, r.who.Org, r.who.User, r.question.ConversationID)
		if err != nil {
			return task{}, err
		}
		asked := map[string]string{}
		for _, m := range messages {
			switch {
			case m.RequestID == r.question.ID:
			case m.Role == appliance.SpeakerUser:
				asked[m.RequestID] = m.Text
			case m.Answer != nil:
				turns = append(turns, turn{asked[m.RequestID], m.Answer.Mode == appliance.ModeGuide})
			}
		}
	}
	var open task
	for _, x := range slices.Backward(turns) {
		if !x.hint {
			break
		}
		if _, tried := attemptIn(x.question); tried {
			open.tries++
		} else if !wantsIt.MatchString(fold(x.question)) {
			open.question = x.question
			return open, nil
		}
	}
	return task{}, nil
}

var languagesOfTutor = []string{english, french, swahili, kinyarwanda}

// trying begins what a pupil has found themselves; wantsIt asks for the answer.
var (
	trying = regexp.MustCompile(`(?i)^\s*(?:(?:i|we)(?: have|'ve)? tried|my (?:try|answer|guess)(?: is)?|i (?:think|thought|guess|believe|found)|maybe|perhaps|` +
		`j['’ ]?ai (?:essay[ée]|trouv[ée])|mon essai|ma r[ée]ponse(?: est)?|je (?:pense|crois|trouve)|peut[- ][êe]tre|` +
		`(?:nime|nili)(?:jaribu|pata|ona)|jibu langu(?: ni)?|nadhani|nafikiri|naona|labda|` +
		`na(?:gerageje|bonye)|igisubizo cyanjye(?: ni)?|nd?atekereza|ntekereza|wenda)(?:[\s:,.-]+|$)(?:(?:that|it is|it's|que|c['’]est|qu['’]|kwamba|ko|ni)\s+)*`)
	wantsIt   = regexp.MustCompile(`\b(?:(?:tell|give|show) me (?:the|an|your) (?:answer|solution|hint)|(?:what is|what's) the answer|i give up|donne[- ]moi (?:la|une) (?:reponse|solution|piste)|(?:quelle est|dis[- ]moi) la reponse|j'abandonne|(?:nipe|niambie|nionyeshe) (?:jibu|majibu)|jibu ni (?:nini|lipi)|(?:mpa|mbwira|nyereka) igisubizo|igisubizo ni ikihe)\b`)
	dontKnow  = regexp.MustCompile(`^(?:i (?:do not|don'?t|dont) know|no idea|je ne sais pas|aucune idee|sijui|simbizi|sinzi|ndabiyobewe)\b`)
	firstAsks = set(`what who whom whose which when where why how is are do does did can explain define describe tell give list name show compare
		qui quoi quel quelle quels quelles quand ou comment pourquoi combien explique definis donne
		nani nini lini wapi vipi eleza taja je kwa mbona
		ninde ryari hehe gute kuki sobanura vuga ese`)
)

// attemptIn is what a pupil has tried, and whether a text is a try at all: it says
// so, or it asks nothing.
func attemptIn(said string) (attempt string, tried bool) {
	if m := trying.FindStringIndex(said); m != nil {
		return strings.TrimSpace(said[m[1]:]), true
	}
	folded := fold(strings.TrimSpace(said))
	if dontKnow.MatchString(folded) {
		return "", true
	}
	first := words(said)
	if len(first) == 0 || strings.HasSuffix(folded, "?") || firstAsks[first[0]] || wantsIt.MatchString(folded) {
		return "", false
	}
	return said, true
}

// keyOfTask is what the material says in an answer, without frames and marks.
func keyOfTask(answer, language string) string {
	var lines []string
	for line := range strings.Lines(marker.ReplaceAllString(answer, "")) {
		line = strings.TrimSpace(line)
		if line != "" && line != sayPassages.in(language) && line != sayElsewhere.in(language) && line != sayList.in(language) {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

func placeOf(c appliance.Citation) string {
	where := "“" + c.SourceTitle + "”"
	if c.Heading != "" {
		where += ", " + strings.ReplaceAll(c.Heading, appliance.HeadingSeparator, ", ")
	}
	return where
}

// trial is what of a try stands in the material.
type trial struct {
	there, missing []string // words and numbers
	foreign        bool     // the material is in another language: words do not compare
	good           bool     // so much of it that the pupil is there
}

// wantedShare is how much of what the material adds to a question must be in a try
// that explains or lists something.
const wantedShare = 0.34

// look holds a try against the sentences that answer a question.
func look(question, attempt, key string, numeric bool, f appliance.Finding) (s trial) {
	asked, held := stems(question), stems(key)
	numberThere, numberMissing := false, false
	given := figuresIn(question)
	has := func(list []quantity, n string) bool {
		return slices.ContainsFunc(list, func(q quantity) bool { return q.number == n })
	}
	for _, q := range figuresIn(attempt) {
		if slices.Contains(s.there, q.number) || slices.Contains(s.missing, q.number) {
			continue
		}
		switch {
		case has(given, q.number):
		case has(figuresIn(key), q.number):
			s.there, numberThere = append(s.there, q.number), true
		default:
			s.missing, numberMissing = append(s.missing, q.number), true
		}
	}
	spoken, own := languageOf(key), languageOf(attempt)
	if own == "" {
		own = f.Language
	}
	s.foreign = spoken != "" && own != "" && spoken != own
	found := map[string]bool{}
	wordsThere, wordsMissing := 0, 0
	for _, w := range terms(attempt, own) {
		if asked[stem(w)] || hasDigit(w) || stopWord(own, w) || numberWords[w] != "" {
			continue
		}
		if held[stem(w)] {
			s.there, found[stem(w)] = append(s.there, w), true
			wordsThere++
		} else if !s.foreign {
			s.missing = append(s.missing, w)
			wordsMissing++
		}
	}
	if numeric {
		s.good = numberThere && !numberMissing
		return s
	}
	s.good = wordsThere > 0 && wordsMissing <= wordsThere && !numberMissing
	switch kindOf(question) {
	case wantsReason, wantsWay, wantsContrast, wantsMeaning:
		added := slices.DeleteFunc(terms(key, spoken), func(w string) bool { return asked[stem(w)] || hasDigit(w) })
		s.good = s.good && f.Weights.Coverage(added, found) >= wantedShare
	}
	if negations.MatchString(fold(attempt)) != negations.MatchString(fold(key)) {
		s.good = false // the same words may say the opposite
	}
	return s
}

// words tell a pupil what of their try stands in the material.
func (s trial) words(language string) (lines []string) {
	if len(s.there) > 0 {
		lines = append(lines, sayThere.in(language)+" "+strings.Join(s.there, ", ")+".")
	}
	if len(s.missing) > 0 {
		lines = append(lines, sayNotThere.in(language)+" "+strings.Join(s.missing, ", ")+".")
	}
	if len(lines) == 0 {
		lines = append(lines, sayNothingThere.in(language))
	}
	return lines
}

// most gaps and letters of a sentence that a pupil fills in.
const mostGaps, gapped = 3, 240

// gaps is the beginning of what the material says, with gaps where what is asked
// stands: all its numbers, or the longest words that the question has not.
func gaps(question, key string, numeric bool) string {
	key = text.Shorten(strings.Join(strings.Fields(key), " "), gapped)
	asked, given := stems(question), figuresIn(question)
	var open []string
	for _, w := range strings.Fields(key) {
		bare := strings.Trim(w, ".,;:!?()“”\"'«»")
		figures := figuresIn(bare)
		switch {
		case bare == "" || slices.Contains(open, bare):
		case len(figures) > 0:
			if !slices.ContainsFunc(given, func(q quantity) bool { return q.number == figures[0].number }) {
				open = append(open, bare)
			}
		case !numeric && len(bare) > 3 && !asked[stem(fold(bare))] && !stopWord(languageOf(key), fold(bare)):
			open = append(open, bare)
		}
	}
	if !numeric {
		slices.SortStableFunc(open, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
		open = open[:min(len(open), mostGaps)]
	}
	words := strings.Fields(key)
	for i, w := range words {
		if bare := strings.Trim(w, ".,;:!?()“”\"'«»"); slices.Contains(open, bare) {
			words[i] = strings.Replace(w, bare, "_____", 1)
		}
	}
	return "“" + strings.Join(words, " ") + "”"
}

// askBack is a question that leads to the answer of another.
func askBack(question string, numeric bool) phrase {
	if sums.Asks(question, languageOf(question)) {
		return askRule
	}
	switch want := kindOf(question); {
	case numeric:
		return askNumber
	case want == wantsPerson:
		return askName
	case want == wantsReason:
		return askReason
	case want == wantsWay:
		return askOrder
	case want == wantsContrast:
		return askBoth
	case want == wantsVerdict:
		return askWhether
	}
	return askWords
}
