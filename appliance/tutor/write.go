package tutor

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/tutor/lists"
	"github.com/bwenge-os/bwenge/appliance/tutor/orchestrator"
	"github.com/bwenge-os/bwenge/appliance/tutor/safety"
	"github.com/bwenge-os/bwenge/appliance/tutor/sums"
	"github.com/bwenge-os/bwenge/internal/problem"
	"github.com/bwenge-os/bwenge/models"
)

// fromPassages answers from the passages: what a model says of them, as far as it
// is proven there, or else their own sentences.
func (t *Tutor) fromPassages(r *Run, f appliance.Finding, before []exchange, began time.Time) (appliance.Answer, error) {
	language := speaks(r.persona, f.Language)
	pool := poolOf(f, t.candidates(r.ctx, r.who, f))
	t.compare(r.ctx, pool, f.Vector)
	var own []string
	if len(before) > 0 { // what is asked now counts more than what was asked before
		own = terms(r.question.Text, f.Language)
		own = slices.Concat(own, own)
	}
	queries := queriesOf(r.question.Text, f, own)
	sayings := pool.sayings(queries)
	if sums.Asks(r.question.Text, f.Language) { // and no rule was found: a sentence with other numbers is no answer
		sayings = slices.DeleteFunc(sayings, func(s saying) bool { return !holdsFigures(s.text, r.question.Text) })
	}
	if len(before) > 0 {
		for i := range sayings {
			sayings[i] = pool.anew(sayings[i], before[len(before)-1].answer, terms(r.question.Text, f.Language))
		}
	}
	if several, _, _ := lists.Asks(r.question.Text, f.Language); several {
		for i := range sayings { // no list was found: one of several things is no answer
			sayings[i].sure = false
		}
	}
	if tableIsBest(f) {
		for i := range sayings { // it holds less of what is asked than the rows do
			at := stems(sayings[i].passage.Heading + "\n" + sayings[i].text)
			if f.Weights.Coverage(f.Terms, at) < f.Weights.Coverage(f.Terms, stems(f.Passages[0].Heading+"\n"+f.Passages[0].Text))-0.1 {
				return t.passagesOnly(r, f, language), nil
			}
		}
	}
	if len(sayings) > 0 && t.asksModel(queries, language, pool) {
		a, err := t.write(r, f, pool, queries[0], before, began)
		if err != nil || a.Mode != "" {
			return a, err
		}
	}
	if len(sayings) == 0 || slices.ContainsFunc(sayings, func(s saying) bool { return !s.sure }) {
		return t.passagesOnly(r, f, language), nil
	}
	a := say(sayings, language)
	a.FirstTokenMS = time.Since(began).Milliseconds()
	r.add(appliance.Event{Type: appliance.EventToken, Token: a.ResponseText})
	return a, nil
}

// passagesOnly shows what was found as what it is.
func (t *Tutor) passagesOnly(r *Run, f appliance.Finding, language string) appliance.Answer {
	a := quote(f, sayPassages, language)
	r.add(appliance.Event{Type: appliance.EventToken, Token: a.ResponseText})
	return a
}

// asksModel reports whether a model's words help: with one question, in the
// language of the passages, of a kind that models of its size answer better than
// the sentences themselves.
func (t *Tutor) asksModel(queries []query, language string, p *pool) bool {
	if t.gen == nil || len(queries) != 1 || len(p.sentences) == 0 || !t.writes(language) {
		return false
	}
	if language != p.spoken() {
		return false // what it says could not be held against the passages
	}
	switch queries[0].kind {
	case wantsFact, wantsPerson, wantsNumber:
		return true
	case wantsMeaning, wantsReason, wantsWay:
		return t.cfg.Explains
	}
	return false
}

// proven is a sentence of a model with the place that proves it.
type proven struct {
	text  string
	proof proof
}

// write lets a model answer, and shows each of its sentences as it is proven. The
// first that is not ends it. An answer without a mode says that nothing was
// proven, and nothing was shown.
func (t *Tutor) write(r *Run, f appliance.Finding, p *pool, q query, before []exchange, began time.Time) (appliance.Answer, error) {
	ranked := p.rank(q.terms, q.kind, q.text)
	facts, err := t.recall(r.ctx, r.who, f.Vector)
	if err != nil {
		return appliance.Answer{}, err
	}
	var said []proven
	d, err := t.stream(r, began, beginning(r.persona, q.kind.open()).Name, func(ctx context.Context, m orchestrator.Meter) (prompt, error) {
		budget := min(t.cfg.PromptSize, m.Context()-lengths[r.persona.Length].tokens)
		return compose(ctx, m, budget, r.persona, topic{q.text, q.kind, f.Terms, f.Weights, p, ranked, before, facts})
	}, p.allowed(), func(sentence string) bool {
		proof, ok := p.prove(sentence, q, ranked)
		if ok && len(said) == 0 && proof.order > trusted {
			ok = false // it is in the material, but hardly what was asked
		}
		if ok {
			said = append(said, proven{sentence, proof})
		}
		return ok
	})
	switch {
	case d.bad != nil:
		return t.keepSafe(r, began, *d.bad, "answer", d.text)
	case r.ctx.Err() != nil:
		return appliance.Answer{}, cutShort(err)
	case len(said) == 0:
		if err != nil && !errors.Is(err, orchestrator.ErrNoModel) && !errors.Is(err, orchestrator.ErrWaited) {
			t.cfg.Log.Warn("the model failed; the material's own sentences answer", "question_id", r.question.ID, "error", err)
		}
		return appliance.Answer{}, nil
	}
	a := p.cite(said)
	a.Model, a.Provider, a.FirstTokenMS = d.reply.Model, d.reply.Provider, d.first.Milliseconds()
	p.showSource(&a, said, q)
	if d.reply.Notice == orchestrator.NoticeBudget {
		a.ResponseText += "\n\n" + sayBudget.in(speaks(r.persona, f.Language))
	}
	return a, nil
}

// trusted is how far down the order of sentences the one may stand that proves
// what a model picks out.
const trusted = 5

// cite puts behind each sentence the number of the passage that proves it.
func (p *pool) cite(said []proven) appliance.Answer {
	a := appliance.Answer{Mode: appliance.ModeAnswer}
	var text []string
	for _, s := range said {
		text = append(text, s.text+" ["+strconv.Itoa(p.number(&a, s.proof.at, s.text))+"]")
	}
	a.ResponseText = strings.Join(text, " ")
	return a
}

// number is the number of the passage that a stretch stands in, among an
// answer's citations; it is added there if it is new.
func (p *pool) number(a *appliance.Answer, at pick, claim string) int {
	passage := p.passages[p.sentences[at.from].passage]
	if n := slices.IndexFunc(a.Citations, func(c appliance.Citation) bool { return c.ChunkID == passage.ID }) + 1; n > 0 {
		return n
	}
	n := len(a.Citations) + 1
	a.Citations = append(a.Citations, citation(n, spoken(passage, terms(claim, p.spoken()), p.weights)))
	return n
}

// showSource puts the sentence of the material that an answer rests on below it,
// unless the answer says as much: it teaches more than the bare fact.
func (p *pool) showSource(a *appliance.Answer, said []proven, q query) {
	claim := terms(said[0].text, p.spoken())
	best, most := said[0].proof.at, -1.0
	for i := said[0].proof.at.from; i < said[0].proof.at.to; i++ {
		if held := p.weights.Coverage(claim, p.sentences[i].stems) + p.weights.Coverage(q.terms, p.sentences[i].stems); held > most {
			best, most = pick{from: i, to: i + 1}, held
		}
	}
	source := p.saying(best).text
	if p.weights.Coverage(terms(source, p.spoken()), stems(a.ResponseText)) > 0.8 {
		return
	}
	a.ResponseText += "\n\n“" + shorten(clean(source), excerpt) + "” [" + strconv.Itoa(p.number(a, best, source)) + "]"
}

// allowed is what the material itself says, which may be said again.
func (p *pool) allowed() []string {
	var texts []string
	for _, passage := range p.passages {
		texts = append(texts, passage.Text)
	}
	return texts
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
	warned := false
	d, err := t.stream(r, began, turns[0].Content, func(context.Context, orchestrator.Meter) (prompt, error) {
		return prompt{turns: turns}, nil
	}, nil, func(sentence string) bool {
		if unspeakable.MatchString(sentence) {
			return false
		}
		if !warned {
			warned = true
			r.add(appliance.Event{Type: appliance.EventToken, Token: warning + "\n"})
		}
		return true
	})
	switch {
	case d.bad != nil:
		return t.keepSafe(r, began, *d.bad, "answer", d.text)
	case r.ctx.Err() != nil:
		return appliance.Answer{}, cutShort(err)
	case d.text == "":
		return appliance.Answer{}, nil
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

// draft is what a model wrote, as far as it was shown.
type draft struct {
	text  string
	first time.Duration // from the question to the first sentence that was shown
	reply orchestrator.Reply
	bad   *safety.Finding // why the text must not be shown
}

var errEnough = errors.New("the rest is not wanted")

// stream lets a model write, in its turn, and shows its sentences one by one.
// approve is asked before each is shown; the first that it refuses ends the
// writing. What is shown is never taken back: a second model that begins where
// the first has failed says nothing more.
func (t *Tutor) stream(r *Run, began time.Time, prefix string, compose func(context.Context, orchestrator.Meter) (prompt, error),
	allowed []string, approve func(sentence string) bool) (draft, error) {
	var d draft
	ctx, cancel := context.WithCancel(r.ctx)
	defer cancel()
	var deadline *time.Timer // of the writing; the wait for it has its own
	screen := newScreen(allowed)
	out := sentencewise{say: func(sentence string) bool {
		whole := strings.TrimSpace(d.text + " " + sentence)
		if bad, found := screen.unfit(whole); found {
			d.bad, d.text = bad, whole
			return false
		}
		if !approve(sentence) {
			return false
		}
		if d.first == 0 {
			d.first = time.Since(began)
		} else {
			sentence = " " + sentence
		}
		d.text = whole
		r.add(appliance.Event{Type: appliance.EventToken, Token: sentence})
		return true
	}}
	var err error
	d.reply, err = t.gen.Write(ctx, orchestrator.Request{
		Who: r.who, QueueKey: queueKey(r), Prefix: prefix, MaxWait: t.cfg.MaxWait,
		Compose: func(ctx context.Context, m orchestrator.Meter) (models.Prompt, error) {
			if deadline != nil {
				deadline.Stop()
			}
			deadline = time.AfterFunc(t.cfg.MaxAnswer, cancel)
			p, err := compose(ctx, m)
			// Temperature 0: the same question about the same material gets the same answer.
			return models.Prompt{Turns: p.turns, Material: p.quoted, MaxTokens: lengths[r.persona.Length].tokens}, err
		},
		Position: r.waits,
		Restart: func() {
			out.held = ""
			out.ended = d.text != ""
		},
		Emit: func(piece string) error {
			if !out.write(piece) {
				return errEnough
			}
			return ctx.Err()
		},
	})
	if deadline != nil {
		deadline.Stop()
	}
	if errors.Is(err, errEnough) {
		err = nil
	}
	if err == nil {
		out.flush(d.reply.Usage.Truncated)
	}
	r.usage = d.reply.Usage
	return d, err
}

// screen looks at what a model writes before it is shown.
type screen struct {
	allowed []string       // what the school's own material says may be said
	said    safety.Finding // in it, if anything
	there   bool           // whether there is
}

func newScreen(allowed []string) *screen {
	s := &screen{allowed: allowed}
	s.said, s.there = safety.Answer(strings.Join(allowed, "\n"), allowed...)
	return s
}

// unfit reports what of a text is not for children.
func (s *screen) unfit(text string) (*safety.Finding, bool) {
	f, bad := safety.Answer(text, s.allowed...)
	if !bad || s.there && f.Category == s.said.Category {
		return nil, false
	}
	return &f, true
}
