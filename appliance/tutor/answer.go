package tutor

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/tutor/orchestrator"
	"github.com/bwenge-os/bwenge/appliance/tutor/safety"
	"github.com/bwenge-os/bwenge/internal/problem"
	"github.com/bwenge-os/bwenge/models"
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
	known = known && !r.preset && !leans(text, languageOf(text)) && !t.remembers(r.ctx, r.who)
	if known {
		if hit, ok := t.cache.get(key); ok {
			return t.again(r, began, hit), nil
		}
	}
	a, sources, err := t.fresh(r, began)
	if err == nil && known && (a.Mode == appliance.ModeAnswer || a.Mode == appliance.ModeNotFound) {
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
	found, before, err := t.lookUp(r)
	if err != nil {
		return appliance.Answer{}, nil, err
	}
	language := speaks(r.persona, found.Language)
	if a, sources, done := t.byCode(r, found, began); done {
		return a, sources, nil
	}
	found.Passages = slices.DeleteFunc(slices.Clone(found.Passages), func(p appliance.Passage) bool { return p.Table != nil }) // not for models
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
	a, p, err := t.write(r, found, before, began)
	if err != nil {
		return appliance.Answer{}, nil, err
	}
	a = t.finish(r, began, language, a)
	if a.Mode == appliance.ModeAnswer || a.Mode == appliance.ModePassages {
		t.offer(r, found, p, &a)
	}
	a.TotalMS = time.Since(began).Milliseconds()
	return a, found.Passages, nil
}

// offer adds what a pupil can go on with.
func (t *Tutor) offer(r *Run, f appliance.Finding, p prompt, a *appliance.Answer) {
	if questions := quiz(f.Passages); len(questions) > 0 {
		a.Actions = append(a.Actions, appliance.Action{Type: actionQuiz, Payload: map[string]any{"questions": questions}})
	}
	if a.Mode == appliance.ModePassages {
		p.turns = nil // there was no model, or it is busy
	}
	if questions := t.suggestions(r, f, p, a.ResponseText); len(questions) > 0 {
		a.Actions = append(a.Actions, appliance.Action{Type: actionSuggest, Payload: map[string]any{"questions": questions}})
	}
}

// keepSafe answers with a fixed reply, and puts the exchange on the teachers'
// list first: what cannot be put there is an error, and is asked again.
func (t *Tutor) keepSafe(r *Run, began time.Time, f safety.Finding, side, text string) (appliance.Answer, error) {
	language := languageOf(r.question.Text)
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

// finish fills in what every answer has.
func (t *Tutor) finish(r *Run, began time.Time, language string, a appliance.Answer) appliance.Answer {
	a.ConversationID, a.Language = r.question.ConversationID, language
	a.TotalMS = time.Since(began).Milliseconds()
	if a.Citations == nil {
		a.Citations = []appliance.Citation{}
	}
	pose(&a)
	return a
}

// lookUp searches for a question. One that leans on the question before it
// ("And when did he die?") and finds nothing by itself is searched together
// with that one; the turns before are then returned too.
func (t *Tutor) lookUp(r *Run) (appliance.Finding, []exchange, error) {
	f, err := t.retriever.Search(r.ctx, r.who, r.question.Text, shown)
	if err != nil || !leans(r.question.Text, f.Language) {
		return f, nil, err
	}
	before, err := t.before(r)
	if err != nil || len(before) == 0 {
		return f, nil, err
	}
	both, err := t.retriever.Search(r.ctx, r.who, before[len(before)-1].question+" "+r.question.Text, shown)
	if err != nil || !both.Evidence.Answerable {
		return f, nil, err
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
	if content > 3 {
		return false
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

// write lets a model answer from the passages. Where there is none, where it
// takes too long to get a turn, where it fails before its first word, or where
// nothing of what it says is in the passages, the answer is the passages.
func (t *Tutor) write(r *Run, f appliance.Finding, before []exchange, began time.Time) (appliance.Answer, prompt, error) {
	language := speaks(r.persona, f.Language)
	if t.gen == nil {
		return quote(f, sayPassages, language), prompt{}, nil
	}
	if !t.writes(language) {
		return quote(f, sayCannotWrite, language), prompt{}, nil
	}
	d, err := t.draft(r, f, before, began)
	switch {
	case errors.Is(err, orchestrator.ErrNoModel):
		return quote(f, sayPassages, language), prompt{}, nil
	case errors.Is(err, orchestrator.ErrWaited):
		return quote(f, sayBusy, language), prompt{}, nil
	case err != nil && d.text == "" && r.ctx.Err() == nil:
		t.cfg.Log.Warn("model failed before its first word", "question_id", r.question.ID, "error", err)
		return quote(f, sayPassages, language), prompt{}, nil
	case err != nil:
		return appliance.Answer{}, prompt{}, cutShort(err)
	case d.bad != nil:
		a, err := t.keepSafe(r, began, *d.bad, "answer", d.text)
		return a, prompt{}, err
	}
	text, citations, supported := cite(d.text, r.question.Text, language, originals(d.read, d.offered), f.Weights)
	if supported == 0 || echoes(d.text, r.question.Text, f.Language) {
		t.cfg.Log.Info("model's text says nothing that is in the passages", "question_id", r.question.ID)
		r.add(appliance.Event{Type: appliance.EventRestart})
		a := quote(f, sayPassages, language)
		a.FirstTokenMS = d.first.Milliseconds()
		return a, d.prompt, nil
	}
	a := appliance.Answer{Mode: appliance.ModeAnswer, ResponseText: text, Citations: citations,
		Model: d.reply.Model, Provider: d.reply.Provider, FirstTokenMS: d.first.Milliseconds()}
	showSource(f, &a, d.text, d.read, d.offered)
	if d.reply.Notice == orchestrator.NoticeBudget {
		a.ResponseText += "\n\n" + sayBudget.in(language)
	}
	return a, d.prompt, nil
}

// general answers from what the model knows, and says so. An empty text says
// that it could not.
func (t *Tutor) general(r *Run, f appliance.Finding, language string, began time.Time) (appliance.Answer, error) {
	warning := sayGeneral.in(language)
	turns := []models.Turn{
		{Role: "system", Content: character(r.persona) + " Answer the pupil's question from what you know, " + lengths[r.persona.Length].words +
			". If you are not sure, say that you do not know. " + manners(r.persona)},
		{Role: "user", Content: plain(r.question.Text)},
	}
	d, err := t.stream(r, began, func(context.Context, orchestrator.Meter) (prompt, error) {
		return prompt{turns: turns, prefix: turns[0].Content}, nil
	}, nil, warning+"\n")
	switch {
	case errors.Is(err, orchestrator.ErrWaited) || err != nil && d.text == "" && r.ctx.Err() == nil:
		return appliance.Answer{}, nil
	case err != nil:
		return appliance.Answer{}, cutShort(err)
	case d.bad != nil:
		return t.keepSafe(r, began, *d.bad, "answer", d.text)
	}
	return t.finish(r, began, language, appliance.Answer{Mode: appliance.ModeGeneral, ResponseText: warning + "\n" + d.text,
		Model: d.reply.Model, Provider: d.reply.Provider, FirstTokenMS: d.first.Milliseconds()}), nil
}

// cutShort says that a started answer stopped, in the engine's words if it has
// some for people.
func cutShort(err error) error {
	if problem.CodeOf(err) != problem.Internal {
		return err
	}
	return problem.New(problem.Unavailable, "answer_cut_short",
		"The tutor stopped in the middle of the answer.",
		"Ask again. The sources that were found are still right.", err)
}

// draft is what a model wrote.
type draft struct {
	prompt
	read  []appliance.Passage // what it could have been shown
	text  string
	first time.Duration // from the question to the first word
	reply orchestrator.Reply
	bad   *safety.Finding // why the text must not be shown
}

// draft streams the model's text, without the markers it writes.
func (t *Tutor) draft(r *Run, f appliance.Finding, before []exchange, began time.Time) (draft, error) {
	passages, err := t.withNeighbours(r.ctx, r.who, f)
	if err != nil {
		return draft{}, err
	}
	facts, err := t.recall(r.ctx, r.who, f.Vector)
	if err != nil {
		return draft{}, err
	}
	d, err := t.stream(r, began, func(ctx context.Context, m orchestrator.Meter) (prompt, error) {
		return compose(ctx, m, min(t.cfg.PromptSize, m.Context()-lengths[r.persona.Length].tokens), r.persona,
			topic{r.question.Text, f.Terms, f.Weights, passages, before, facts})
	}, passages, "")
	d.read = passages
	return d, err
}

// stream lets a model write, in its turn. What must not be shown is not: the
// text is looked at before each piece goes out.
func (t *Tutor) stream(r *Run, began time.Time, compose func(context.Context, orchestrator.Meter) (prompt, error),
	allowed []appliance.Passage, opening string) (draft, error) {
	var d draft
	ctx, cancel := context.WithCancel(r.ctx)
	defer cancel()
	var deadline *time.Timer // of the writing; the wait for it has its own
	shown := newScreen(r, &d, began, allowed, opening)
	out := unmarked{emit: shown.show}
	var err error
	d.reply, err = t.gen.Write(ctx, orchestrator.Request{
		Who: r.who, QueueKey: queueKey(r), Prefix: instructionsOf(r.persona), MaxWait: t.cfg.MaxWait,
		Compose: func(ctx context.Context, m orchestrator.Meter) (models.Prompt, error) {
			if deadline != nil {
				deadline.Stop()
			}
			deadline = time.AfterFunc(t.cfg.MaxAnswer, cancel)
			var err error
			d.prompt, err = compose(ctx, m)
			// Temperature 0: the same question about the same material gets the same answer.
			return models.Prompt{Turns: d.turns, Material: d.quoted, MaxTokens: lengths[r.persona.Length].tokens}, err
		},
		Position: func(ahead int, wait time.Duration) {
			r.add(appliance.Event{Type: appliance.EventPosition,
				Position: &appliance.PositionEvent{Ahead: ahead, SecondsLeft: wait.Round(time.Second).Seconds()}})
		},
		Restart: func() {
			shown.text.Reset()
			out.held, d.first = "", 0
			r.add(appliance.Event{Type: appliance.EventRestart})
		},
		Emit: func(piece string) error {
			if out.write(piece); d.bad != nil {
				return errUnfit
			}
			return ctx.Err()
		},
	})
	if deadline != nil {
		deadline.Stop()
	}
	if err == nil {
		out.flush()
	}
	r.usage = d.reply.Usage
	d.text = strings.TrimSpace(shown.text.String())
	if d.reply.Usage.Truncated {
		d.text = wholeSentences(d.text)
	}
	if d.bad != nil {
		r.add(appliance.Event{Type: appliance.EventRestart})
		err = nil
	}
	return d, err
}

// screen shows an asker what a model writes, as far as it may be shown.
type screen struct {
	run     *Run
	draft   *draft
	began   time.Time
	opening string // said before the first piece
	text    strings.Builder
	allowed []string       // what the school's own material says may be said
	said    safety.Finding // in it, if anything
	unfit   bool           // whether there is
}

func newScreen(r *Run, d *draft, began time.Time, allowed []appliance.Passage, opening string) *screen {
	s := &screen{run: r, draft: d, began: began, opening: opening}
	for _, p := range allowed {
		s.allowed = append(s.allowed, p.Text)
	}
	s.said, s.unfit = safety.Answer(strings.Join(s.allowed, "\n"), s.allowed...)
	return s
}

func (s *screen) show(piece string) {
	s.text.WriteString(piece)
	if s.draft.first == 0 {
		s.draft.first = time.Since(s.began)
		piece = s.opening + piece
	}
	if f, bad := safety.Answer(s.text.String(), s.allowed...); bad && !(s.unfit && f.Category == s.said.Category) {
		s.draft.bad = &f
		return
	}
	s.run.add(appliance.Event{Type: appliance.EventToken, Token: piece})
}

var errUnfit = errors.New("not for children")

// queueKey is whose turn it is: a pupil's, or, at the command line, a conversation's.
func queueKey(r *Run) string {
	if r.who.User == "" {
		return r.question.ConversationID
	}
	return string(r.who.User)
}

// wholeSentences drops a last sentence that was cut off, unless it is the only
// one.
func wholeSentences(text string) string {
	parts := sentences(text)
	if len(parts) < 2 || strings.ContainsAny(text[len(text)-1:], `.!?"')`) {
		return text
	}
	return strings.TrimSpace(strings.TrimSuffix(text, parts[len(parts)-1]))
}

// unmarked passes text on without the [n] that a model writes. It holds back
// what may become one.
type unmarked struct {
	held string
	emit func(string)
}

var opening = regexp.MustCompile(`\s*(?:\[\d{0,2})?$`)

func (u *unmarked) write(piece string) {
	text := marker.ReplaceAllString(u.held+piece, "")
	cut := opening.FindStringIndex(text)[0]
	u.held = text[cut:]
	if cut > 0 {
		u.emit(text[:cut])
	}
}

func (u *unmarked) flush() {
	if rest := strings.TrimRight(u.held, " \n"); rest != "" {
		u.emit(rest)
	}
	u.held = ""
}

// showSource puts the sentence of the material that the answer rests on below
// it, unless the answer says as much. A small model misreads a text now and
// then; the sentence lets a pupil see that, and teaches more than the bare fact.
func showSource(f appliance.Finding, a *appliance.Answer, said string, read, offered []appliance.Passage) {
	claim := terms(said, f.Language)
	best, from, most := "", -1, 0.0
	for i, p := range offered {
		for _, s := range sentences(original(read, p.ID).Text) {
			held := stems(s)
			if score := f.Weights.Coverage(f.Terms, held) + f.Weights.Coverage(claim, held); score > most {
				best, from, most = s, i, score
			}
		}
	}
	if from < 0 || f.Weights.Coverage(terms(best, f.Language), stems(said)) > 0.8 {
		return
	}
	number := slices.IndexFunc(a.Citations, func(c appliance.Citation) bool { return c.ChunkID == offered[from].ID }) + 1
	if number == 0 {
		number = len(a.Citations) + 1
		a.Citations = append(a.Citations, citation(number, spoken(original(read, offered[from].ID), terms(best, f.Language), f.Weights)))
	}
	a.ResponseText += "\n\n“" + shorten(best, excerpt) + "” [" + strconv.Itoa(number) + "]"
}

// quote is the answer made of the passages themselves; say tells why.
func quote(f appliance.Finding, say phrase, language string) appliance.Answer {
	cut := focus(f.Passages[:min(read, len(f.Passages))], f.Terms, f.Weights, excerpt)
	a := appliance.Answer{Mode: appliance.ModePassages}
	lines := []string{say.in(language)}
	for i, p := range cut {
		a.Citations = append(a.Citations, citation(i+1, spoken(original(f.Passages, p.ID), terms(p.Text, f.Language), f.Weights)))
		lines = append(lines, p.Text+" ["+strconv.Itoa(i+1)+"]")
	}
	a.ResponseText = strings.Join(lines, "\n")
	return a
}
