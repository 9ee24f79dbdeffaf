package tutor

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/tutor/safety"
	"github.com/bwenge-os/bwenge/internal/problem"
)

// What the tutor's body does beside an answer. The words are the names of
// movements that a 3D model may have; one that it lacks it leaves out.
const (
	gestureWave    = "wave"    // greets
	gestureNod     = "nod"     // is thanked
	gesturePoint   = "point"   // shows the source it speaks from
	gestureExplain = "explain" // speaks from no single source
	gesturePraise  = "praise"  // the pupil tells of themselves, or comes back to what they learned
	gestureShrug   = "shrug"   // does not know
	gestureComfort = "comfort" // the pupil may need help

	hintGreeting   = "greeting"
	hintExplaining = "explaining"
	hintReading    = "reading" // the passages themselves
	hintUnsure     = "unsure"
	hintCaring     = "caring"
)

// Types of actions, with what their payloads hold. Actions are made by code, or
// read from a call whose form a grammar fixes; nothing in a text makes one.
const (
	actionOpen    = "open_source"       // source_id, chunk_id, place
	actionPicture = "show_picture"      // source_id, title
	actionSuggest = "suggest_questions" // questions
	actionQuiz    = "start_quiz"        // questions: text, options, answer (index), chunk_id
	actionTeacher = "call_teacher"      // nothing
)

// pose sets an answer's gesture and animation, and the actions that follow from
// what it is.
func pose(a *appliance.Answer) {
	a.Actions = []appliance.Action{}
	switch {
	case a.SuggestedGesture != "": // said already
	case a.Mode == appliance.ModeNotFound:
		a.SuggestedGesture, a.AnimationHint = gestureShrug, hintUnsure
	case a.Mode == appliance.ModePassages:
		a.SuggestedGesture, a.AnimationHint = gesturePoint, hintReading
	case len(a.Citations) > 0:
		a.SuggestedGesture, a.AnimationHint = gesturePoint, hintExplaining
	default:
		a.SuggestedGesture, a.AnimationHint = gestureExplain, hintExplaining
	}
	if len(a.Citations) > 0 {
		c := a.Citations[0]
		a.Actions = append(a.Actions, appliance.Action{Type: actionOpen, Payload: map[string]any{
			"source_id": c.SourceID, "chunk_id": c.ChunkID, "place": c.Place}})
	}
	for _, c := range a.Citations {
		if c.SourceKind == appliance.KindImage {
			a.Actions = append(a.Actions, appliance.Action{Type: actionPicture, Payload: map[string]any{"source_id": c.SourceID, "title": c.SourceTitle}})
			break
		}
	}
	if a.Mode == appliance.ModeNotFound || a.SuggestedGesture == gestureComfort {
		a.Actions = append(a.Actions, appliance.Action{Type: actionTeacher})
	}
}

const (
	// goOnTime bounds the search for what a pupil can go on with.
	goOnTime = 5 * time.Second
	// goOnWhile is how many may be waiting for an answer while questions to go on
	// with are looked for: each takes a search.
	goOnWhile = 4
)

// goOn looks for what a pupil can go on with when their answer is done: a quiz,
// and at most three questions that the passages define the answer of. Each must
// find its answer in the material, or it would lead nowhere. Nobody waits for it.
func (t *Tutor) goOn(r *Run, a appliance.Answer) {
	defer r.release()
	ctx, cancel := context.WithTimeout(t.ctx, goOnTime)
	defer cancel()
	more := []appliance.Action{}
	if questions := quiz(r.next.Passages); len(questions) > 0 {
		more = append(more, appliance.Action{Type: actionQuiz, Payload: map[string]any{"questions": questions}})
	}
	select {
	case t.going <- struct{}{}: // one after the other
		t.mu.Lock()
		busy := t.working() > goOnWhile
		t.mu.Unlock()
		var questions []string
		if !busy {
			questions = t.suggestions(ctx, r, *r.next)
		}
		<-t.going
		if len(questions) > 0 {
			more = append(more, appliance.Action{Type: actionSuggest, Payload: map[string]any{"questions": questions}})
		}
	case <-ctx.Done():
	}
	if ctx.Err() != nil {
		ctx = context.WithoutCancel(t.ctx) // what was found is kept
	}
	if len(more) == 0 || t.sees(ctx, r.asker) != nil {
		return
	}
	a.Actions = slices.Concat(a.Actions, more)
	if err := t.store.SaveActions(ctx, r.who.Org, r.who.User, r.question.ID, a.Actions); err != nil {
		if problem.CodeOf(err) != problem.NotFound { // deleted or erased meanwhile
			t.cfg.Log.Warn("what a pupil can go on with is not kept", "question_id", r.question.ID, "error", err)
		}
		return
	}
	if r.kept != nil {
		t.cache.extend(*r.kept, a.Actions)
	}
	r.add(appliance.Event{Type: appliance.EventActions, Actions: a.Actions})
}

// suggestions are questions whose answers the passages define.
func (t *Tutor) suggestions(ctx context.Context, r *Run, f appliance.Finding) []string {
	asked := map[string]bool{canonical(r.question.Text, f.Language): true, canonical(f.Query, f.Language): true}
	var good []string
	for _, passage := range f.Passages {
		for _, idea := range defines(passage.Text, f.Language) {
			key := canonical(idea, f.Language)
			if len(good) == 3 || key == "" || asked[key] || utf8.RuneCountInString(idea) > 120 {
				continue
			}
			asked[key] = true
			if _, bad := safety.Question(idea); bad {
				continue
			}
			if g, err := t.retriever.Search(ctx, r.who, idea, 1); err == nil && g.Evidence.Answerable {
				good = append(good, idea)
			}
		}
	}
	return good
}

// defining are the verbs by which a sentence says what something is, and the
// question that asks for it.
var defining = map[string]struct {
	verbs    []string
	question [2]string
}{
	english: {[]string{" is called ", " is a ", " is an ", " is the ", " are the ", " means "}, [2]string{"What is ", "?"}},
	french:  {[]string{" est un ", " est une ", " est le ", " est la "}, [2]string{"Qu'est-ce que ", " ?"}},
	swahili: {[]string{" ni "}, [2]string{"Nini maana ya ", "?"}},
}

// defines makes questions of the sentences of a text that say what something
// is.
func defines(text, language string) (questions []string) {
	form, ok := defining[language]
	if !ok {
		return nil
	}
	for _, s := range sentences(text) {
		for _, verb := range form.verbs {
			subject, _, ok := strings.Cut(s, verb)
			words := strings.Fields(subject)
			if !ok || len(words) == 0 || len(words) > 4 || strings.ContainsAny(subject, ",;:()0123456789“”\"") {
				continue
			}
			if first := strings.ToLower(words[0]); stopWord(language, fold(words[0])) || stopWord(language, fold(words[len(words)-1])) {
				if first != "the" && first != "a" && first != "an" && first != "la" && first != "le" || len(words) == 1 {
					continue
				}
				words[0] = first
			} else if len(words) == 1 {
				words[0] = first // a word that begins a sentence is no name, mostly
			}
			questions = append(questions, form.question[0]+strings.Join(words, " ")+form.question[1])
			break
		}
	}
	return questions
}
