package tutor

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/tutor/safety"
)

const (
	shown   = 4   // passages shown as sources
	read    = 3   // of which the model reads from
	excerpt = 450 // characters of a retrieval-only answer
)

// answer takes one question through the steps of the package comment.
func (t *Tutor) answer(r *Run) (appliance.Answer, error) {
	began := time.Now()
	text := r.question.Text
	if err := r.sees(r.ctx); err != nil {
		return appliance.Answer{}, err // it has waited in the queue
	}
	if f, bad := safety.Question(text); bad {
		return t.keepSafe(r, began, f, "question", text)
	}
	if reply, gesture, ok := smallTalk(text); ok {
		a := appliance.Answer{Mode: appliance.ModeAnswer, ResponseText: reply, SuggestedGesture: gesture, AnimationHint: hintGreeting}
		return t.finish(r, began, languageOf(reply), a), nil
	}
	if !r.preset {
		var err error
		if r.persona, err = t.personaOf(r.ctx, r.who, r.question.PersonaID); err != nil {
			return appliance.Answer{}, err
		}
	}
	p := r.persona
	r.who = within(r.who, p)
	if a, ok, err := t.pinned(r, began); ok || err != nil {
		return a, err
	}
	if kindOf(text) == wantsHelp {
		language := speaks(p, languageOf(text))
		return t.finish(r, began, language, appliance.Answer{Mode: appliance.ModeAnswer, ResponseText: sayHelp.in(language),
			SuggestedGesture: gestureExplain, AnimationHint: hintGreeting}), nil
	}
	if guides(p) {
		if a, done, err := t.guided(r, began); done || err != nil {
			return a, err
		}
	}
	facts, only := factsIn(text)
	if len(facts) > 0 && !r.preset && t.remembers(r.ctx, r.who) {
		if err := t.keep(r.ctx, r.who, facts); err != nil {
			t.cfg.Log.Warn("a memory is not kept", "question_id", r.question.ID, "error", err)
		} else if only {
			language := speaks(p, languageOf(text))
			a := appliance.Answer{Mode: appliance.ModeAnswer, ResponseText: sayRemembered.in(language), SuggestedGesture: gesturePraise, AnimationHint: hintGreeting}
			return t.finish(r, began, language, a), nil
		}
	}
	// What leans on the turns before, or on what the pupil told of themselves, is theirs alone.
	key, known := t.keyOfAnswer(r.who, p, text)
	want := kindOf(text)
	known = known && !guides(p) && want != wantsAgain && want != wantsLanguage && !r.preset && !leans(text, languageOf(text)) && !t.remembers(r.ctx, r.who)
	if known {
		if hit, ok := t.cache.get(key); ok {
			return t.again(r, began, hit), nil
		}
	}
	a, sources, err := t.fresh(r, began)
	if err == nil && known && (a.Mode == appliance.ModeAnswer || a.Mode == appliance.ModeNotFound) {
		r.kept = &key
		t.cache.put(r.ctx, cached{key, r.who.Org, sources, a})
	}
	return a, err
}

// again tells an answer that somebody else has got before.
func (t *Tutor) again(r *Run, began time.Time, hit cached) appliance.Answer {
	if len(hit.sources) > 0 {
		r.add(appliance.Event{Type: appliance.EventSources, Sources: hit.sources})
		r.add(appliance.Event{Type: appliance.EventToken, Token: hit.answer.ResponseText})
	}
	a := hit.answer
	a.ConversationID, a.MessageID, a.Cached = r.question.ConversationID, "", true
	a.FirstTokenMS, a.TotalMS = time.Since(began).Milliseconds(), time.Since(began).Milliseconds()
	return a
}

// fresh makes a new answer, and returns the sources that it shows.
func (t *Tutor) fresh(r *Run, began time.Time) (appliance.Answer, []appliance.Passage, error) {
	if questions := several(r.question.Text); len(questions) > 0 {
		if a, sources, done, err := t.each(r, questions, began); done || err != nil {
			return a, sources, err
		}
	}
	found, before, err := t.lookUp(r, r.question.Text)
	if err != nil {
		return appliance.Answer{}, nil, err
	}
	language := speaks(r.persona, found.Language)
	if a, sources, done := t.ofTurn(r, found, before, began); done {
		return a, sources, nil
	}
	if found.Evidence.Answerable && len(before) == 0 {
		if a, sources, done := t.bothSides(r, found, began); done {
			return a, sources, nil
		}
	}
	if a, sources, done := t.byCode(r, found, before, began); done {
		return a, sources, nil
	}
	if !found.Evidence.Answerable {
		say := sayNotFound
		if found.Chunks == 0 {
			say = sayNoMaterial
		}
		if r.persona.Strictness == appliance.GeneralKnowledge && t.gen != nil && t.writes(language) {
			a, err := t.general(r, found, language, began)
			if err != nil || a.ResponseText != "" {
				return a, nil, err
			}
		}
		return t.finish(r, began, language, appliance.Answer{Mode: appliance.ModeNotFound, ResponseText: say.in(language)}), nil, nil
	}
	r.add(appliance.Event{Type: appliance.EventSources, Sources: found.Passages})
	a, err := t.fromPassages(r, found, before, began)
	if err != nil {
		return appliance.Answer{}, nil, err
	}
	a = t.finish(r, began, language, a)
	if a.Mode == appliance.ModeAnswer || a.Mode == appliance.ModePassages {
		texts := found
		texts.Passages = textsOf(found.Passages)
		r.next = &texts
	}
	return a, found.Passages, nil
}

// keepSafe answers with a fixed reply, and puts the exchange on the teachers'
// list first: what cannot be put there is an error, and is asked again.
func (t *Tutor) keepSafe(r *Run, began time.Time, f safety.Finding, side, text string) (appliance.Answer, error) {
	language := t.askersLanguage(r)
	if side == "question" && f.Language != "" {
		language = f.Language // the words that were found are in it, and surer than the look of the others
	}
	if err := t.store.AddFlag(context.WithoutCancel(r.ctx), r.who.Org, appliance.Flag{User: appliance.UserRef{ID: r.who.User},
		Category: string(f.Category), Severity: f.Severity, Side: side, Text: text, ConversationID: r.question.ConversationID}); err != nil {
		return appliance.Answer{}, err
	}
	a := appliance.Answer{Mode: appliance.ModeSafety, ResponseText: safety.Reply(f.Category, language), SuggestedGesture: gestureExplain, AnimationHint: hintCaring}
	if f.Severity == 2 {
		a.SuggestedGesture = gestureComfort
	}
	return t.finish(r, began, language, a), nil
}

// askersLanguage is the language in which somebody asks, for replies that must not
// fail to be understood: that of the question, or if it is too short to tell, that
// of their last one which is not.
func (t *Tutor) askersLanguage(r *Run) string {
	if language := languageOf(r.question.Text); language != "" {
		return language
	}
	asked := make([]string, 0, len(r.turns))
	for _, e := range r.turns {
		asked = append(asked, e.question)
	}
	if !r.preset {
		_, messages, err := t.store.Conversation(r.ctx, r.who.Org, r.who.User, r.question.ConversationID)
		if err != nil {
			t.cfg.Log.Warn("the language of a conversation is not read", "error", err)
		}
		for _, m := range messages {
			if m.Role == appliance.SpeakerUser {
				asked = append(asked, m.Text)
			}
		}
	}
	for _, question := range slices.Backward(asked) {
		if language := languageOf(question); language != "" {
			return language
		}
	}
	return r.persona.Language
}

// finish fills in what every answer has.
func (t *Tutor) finish(r *Run, began time.Time, language string, a appliance.Answer) appliance.Answer {
	a.ConversationID, a.Language = r.question.ConversationID, language
	a.TotalMS = time.Since(began).Milliseconds()
	if a.Citations == nil {
		a.Citations = []appliance.Citation{}
	}
	a.Citations = slices.Clone(a.Citations) // they may be a pin's
	gloss(&a, language)
	pose(&a)
	return a
}

// lookUp searches for a question. One that leans on the question before it
// ("And when did he die?") is searched together with that one; the turns before
// are then returned too.
func (t *Tutor) lookUp(r *Run, question string) (appliance.Finding, []exchange, error) {
	alone := func() (appliance.Finding, []exchange, error) {
		f, err := t.retriever.Search(r.ctx, r.who, question, shown)
		return f, nil, err
	}
	want := kindOf(question)
	repeats := want == wantsAgain || want == wantsLanguage
	if !repeats && !leans(question, languageOf(question)) {
		return alone()
	}
	before, err := t.before(r)
	if err != nil || len(before) == 0 {
		return alone()
	}
	last := before[len(before)-1]
	whole := last.question + " " + question
	switch {
	case repeats:
		whole = last.question
	case ordinal.MatchString(fold(question)):
		if item := itemOf(question, last.answer); item != "" {
			whole = item + " " + last.question
		}
	case personal.MatchString(fold(question)):
		whole = strings.Join(namesIn(last.answer), " ") + " " + whole
	}
	both, err := t.retriever.Search(r.ctx, r.who, whole, shown)
	if err != nil || !both.Evidence.Answerable && !repeats {
		return alone()
	}
	return both, before, nil
}

// leaning are the words by which a question points back.
var leaning = map[string]map[string]bool{
	english: set("he she it they him her his its their them this that these those there then and"),
	french:  set("il elle ils elles lui leur leurs son sa ses cela ca celui celle y en et"),
}

// leans reports whether a question is too short, or points back too much, to
// stand alone.
func leans(question, language string) bool {
	content := 0
	for _, w := range words(question) {
		if !stopWord(language, w) {
			content++
		}
	}
	if content > 4 {
		return false
	}
	if content <= 3 && (language == swahili || language == kinyarwanda) && len(namesIn(question)) == 0 {
		return true // their verbs hold their subjects
	}
	for _, w := range words(question) {
		if leaning[language][w] {
			return true
		}
	}
	return content == 0
}

// verbatim is how many of the last exchanges the model reads as they were;
// of those before, their questions.
const verbatim = 1

// before returns the answered exchanges of the question's conversation, oldest
// first: the last ones verbatim, and one that sums up those before.
func (t *Tutor) before(r *Run) ([]exchange, error) {
	if r.preset {
		return r.turns[max(0, len(r.turns)-verbatim):], nil
	}
	_, messages, err := t.store.Conversation(r.ctx, r.who.Org, r.who.User, r.question.ConversationID)
	if err != nil {
		return nil, err
	}
	asked := map[string]string{}
	var all []exchange
	for _, m := range messages {
		switch {
		case m.RequestID == r.question.ID:
		case m.Role == appliance.SpeakerUser:
			asked[m.RequestID] = m.Text
		case m.Answer != nil && m.Answer.Mode != appliance.ModeNotFound && m.Answer.Mode != appliance.ModeSafety && asked[m.RequestID] != "":
			all = append(all, exchange{asked[m.RequestID], marker.ReplaceAllString(m.Text, "")})
		}
	}
	if len(all) <= verbatim {
		return all, nil
	}
	var topics []string
	for _, e := range all[max(0, len(all)-verbatim-4) : len(all)-verbatim] {
		topics = append(topics, plain(shorten(e.question, 60)))
	}
	return append([]exchange{{"What have we talked about before?", strings.Join(topics, " ")}}, all[len(all)-verbatim:]...), nil
}

// queueKey is whose turn it is: a pupil's, or, at the command line, a conversation's.
func queueKey(r *Run) string {
	if r.who.User == "" {
		return r.question.ConversationID
	}
	return string(r.who.User)
}

// quote is the answer made of the passages themselves; say tells why.
func quote(f appliance.Finding, say phrase, language string) appliance.Answer {
	if tableIsBest(f) {
		return quoteRows(f, language)
	}
	f.Passages = textsOf(f.Passages)
	cut := focus(f.Passages[:min(read, len(f.Passages))], f.Terms, f.Weights, excerpt)
	a := appliance.Answer{Mode: appliance.ModePassages}
	lines := []string{say.in(language)}
	for i, p := range cut {
		whole := f.Passages[slices.IndexFunc(f.Passages, func(q appliance.Passage) bool { return q.ID == p.ID })]
		a.Citations = append(a.Citations, citation(i+1, spoken(whole, terms(p.Text, f.Language), f.Weights)))
		lines = append(lines, clean(p.Text)+" ["+strconv.Itoa(i+1)+"]")
	}
	a.ResponseText = strings.Join(lines, "\n")
	return a
}
