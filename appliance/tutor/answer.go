package tutor

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/bwenge-os/bwenge/appliance"
)

const (
	maxQuestion = 2000 // characters: about one page
	shown       = 4    // passages shown as sources
	read        = 3    // of which the model reads from
	excerpt     = 450  // characters of a retrieval-only answer
)

var errWaited = errors.New("waited too long for the model")

// cleanQuestion trims and normalises what a pupil typed.
func cleanQuestion(text string) (string, error) {
	text = strings.TrimSpace(norm.NFC.String(strings.ToValidUTF8(text, "")))
	switch n := utf8.RuneCountInString(text); {
	case n == 0:
		return "", appliance.Fail(appliance.EInvalid, "question_empty",
			"There is no question.", "Type or say what you would like to know.", nil)
	case n > maxQuestion:
		return "", appliance.Fail(appliance.EInvalid, "question_long",
			"The question is too long.", "Ask it in a few sentences.", nil).With("limit", maxQuestion)
	}
	return text, nil
}

// answer takes one question through the steps of the package comment.
func (t *Tutor) answer(r *Run) (appliance.Answer, error) {
	began := time.Now()
	if reply, gesture, ok := smallTalk(r.question.Text); ok {
		a := t.finish(r, began, appliance.Answer{Mode: appliance.ModeAnswer, ResponseText: reply})
		a.SuggestedGesture, a.AnimationHint = gesture, hintGreeting
		return a, nil
	}
	found, before, err := t.lookUp(r)
	if err != nil {
		return appliance.Answer{}, err
	}
	if !found.evidence.Answerable {
		say := sayNotFound
		if found.chunks == 0 {
			say = sayNoMaterial
		}
		return t.finish(r, began, appliance.Answer{Mode: appliance.ModeNotFound, ResponseText: say.in(found.language)}), nil
	}
	r.add(appliance.Event{Type: appliance.EventSources, Sources: found.passages})

	a, err := t.write(r, found, before, began)
	if err != nil {
		return appliance.Answer{}, err
	}
	return t.finish(r, began, a), nil
}

// finish fills in what every answer has.
func (t *Tutor) finish(r *Run, began time.Time, a appliance.Answer) appliance.Answer {
	a.ConversationID = r.question.ConversationID
	a.TotalMS = time.Since(began).Milliseconds()
	if a.Citations == nil {
		a.Citations = []appliance.Citation{}
	}
	pose(&a)
	return a
}

// lookUp searches for a question. One that leans on the question before it
// ("And when did he die?") and finds nothing by itself is searched together
// with that one, which is then returned too.
func (t *Tutor) lookUp(r *Run) (found, *exchange, error) {
	f, err := t.search(r.ctx, r.who, r.question.Text, shown)
	if err != nil || !leans(r.question.Text, f.language) {
		return f, nil, err
	}
	before, err := t.before(r)
	if err != nil || before == nil {
		return f, nil, err
	}
	both, err := t.search(r.ctx, r.who, before.question+" "+r.question.Text, shown)
	if err != nil || !both.evidence.Answerable {
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
		if !stopwords[language][w] {
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

// before returns the last answered exchange of the question's conversation.
func (t *Tutor) before(r *Run) (*exchange, error) {
	_, messages, err := t.store.Conversation(r.ctx, r.who.Org, r.who.User, r.question.ConversationID)
	if err != nil {
		return nil, err
	}
	asked := map[string]string{}
	var last *exchange
	for _, m := range messages {
		switch {
		case m.RequestID == r.question.ID:
		case m.Role == appliance.SpeakerUser:
			asked[m.RequestID] = m.Text
		case m.Answer != nil && m.Answer.Mode != appliance.ModeNotFound && asked[m.RequestID] != "":
			last = &exchange{asked[m.RequestID], marker.ReplaceAllString(m.Text, "")}
		}
	}
	return last, nil
}

// write lets the model answer from the passages, in its turn. Where there is
// none, where it takes too long to get a turn, where it fails before its first
// word, or where nothing of what it says is in the passages, the answer is the
// passages.
func (t *Tutor) write(r *Run, f found, before *exchange, began time.Time) (appliance.Answer, error) {
	if t.gen == nil || !f.writable() {
		return f.quote(), nil
	}
	ctx, cancel := context.WithTimeoutCause(r.ctx, t.cfg.MaxWait, errWaited)
	defer cancel()
	slot, err := t.line.acquire(ctx, string(r.who.Org)+"/"+r.question.ConversationID, func(ahead int, wait time.Duration) {
		r.add(appliance.Event{Type: appliance.EventPosition,
			Position: &appliance.PositionEvent{Ahead: ahead, SecondsLeft: wait.Round(time.Second).Seconds()}})
	})
	if errors.Is(err, errWaited) {
		return f.quote(), nil
	}
	if err != nil {
		return appliance.Answer{}, err
	}
	taken := time.Now()
	defer func() { t.line.release(slot, time.Since(taken)) }()

	d, err := t.draft(r, f, before, slot, began)
	if err != nil && d.text == "" && r.ctx.Err() == nil {
		t.cfg.Log.Warn("model failed before its first word", "question_id", r.question.ID, "error", err)
		return f.quote(), nil
	}
	if err != nil {
		return appliance.Answer{}, cutShort(err)
	}
	text, citations, supported := cite(d.text, r.question.Text, f.language, f.originals(d.offered), f.weights)
	if supported == 0 || echoes(d.text, r.question.Text, f.language) {
		t.cfg.Log.Info("model's text says nothing that is in the passages", "question_id", r.question.ID)
		a := f.quote()
		a.FirstTokenMS = d.first.Milliseconds()
		return a, nil
	}
	a := appliance.Answer{Mode: appliance.ModeAnswer, ResponseText: text, Citations: citations,
		Model: t.gen.Name(), FirstTokenMS: d.first.Milliseconds()}
	f.showSource(&a, d.text, d.offered)
	return a, nil
}

// cutShort says that a started answer stopped, in the engine's words if it has
// some for people.
func cutShort(err error) error {
	if appliance.CodeOf(err) != appliance.EInternal {
		return err
	}
	return appliance.Fail(appliance.EUnavailable, "answer_cut_short",
		"The tutor stopped in the middle of the answer.",
		"Ask again. The sources that were found are still right.", err)
}

// draft is what the model wrote.
type draft struct {
	text    string
	offered []appliance.Passage
	first   time.Duration // from the question to the first word
}

// draft streams the model's text, without the markers it writes.
func (t *Tutor) draft(r *Run, f found, before *exchange, slot int, began time.Time) (draft, error) {
	ctx, cancel := context.WithTimeout(r.ctx, t.cfg.MaxAnswer)
	defer cancel()
	p, err := compose(ctx, t.gen.CountTokens, min(t.cfg.PromptSize, t.gen.Context()-t.cfg.AnswerSize),
		r.question.Text, f.asked, f.weights, f.passages[:min(read, len(f.passages))], before)
	if err != nil {
		return draft{}, err
	}
	d := draft{offered: p.offered}
	var whole strings.Builder
	out := unmarked{emit: func(piece string) {
		if d.first == 0 {
			d.first = time.Since(began)
		}
		whole.WriteString(piece)
		r.add(appliance.Event{Type: appliance.EventToken, Token: piece})
	}}
	usage, err := t.gen.Generate(ctx, p.request(t.cfg.AnswerSize, slot), func(piece string) error {
		out.write(piece)
		return ctx.Err()
	})
	if err == nil {
		out.flush()
	}
	d.text = strings.TrimSpace(whole.String())
	if usage.Truncated {
		d.text = wholeSentences(d.text)
	}
	return d, err
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
func (f found) showSource(a *appliance.Answer, said string, offered []appliance.Passage) {
	claim := terms(said, f.language)
	best, from, most := "", -1, 0.0
	for i, p := range offered {
		for _, s := range sentences(f.original(p.ID).Text) {
			held := stems(s)
			if score := coverage(f.asked, held, f.weights) + coverage(claim, held, f.weights); score > most {
				best, from, most = s, i, score
			}
		}
	}
	if from < 0 || coverage(terms(best, f.language), stems(said), f.weights) > 0.8 {
		return
	}
	number := slices.IndexFunc(a.Citations, func(c appliance.Citation) bool { return c.ChunkID == offered[from].ID }) + 1
	if number == 0 {
		number = len(a.Citations) + 1
		a.Citations = append(a.Citations, citation(number, f.original(offered[from].ID)))
	}
	a.ResponseText += "\n\n“" + shorten(best, excerpt) + "” [" + strconv.Itoa(number) + "]"
}

// quote is the answer made of the passages themselves.
func (f found) quote() appliance.Answer {
	cut := focus(f.passages[:min(read, len(f.passages))], f.asked, f.weights, excerpt)
	a := appliance.Answer{Mode: appliance.ModePassages}
	lines := []string{sayPassages.in(f.language)}
	for i, p := range cut {
		a.Citations = append(a.Citations, citation(i+1, f.original(p.ID)))
		lines = append(lines, p.Text+" ["+strconv.Itoa(i+1)+"]")
	}
	a.ResponseText = strings.Join(lines, "\n")
	return a
}
