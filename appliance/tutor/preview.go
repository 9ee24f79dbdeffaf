package tutor

import (
	"context"
	"slices"
	"strings"

	"github.com/bwenge-os/bwenge/appliance"
)

// Preview answers a question without storing anything of it, but for what
// teachers have to look at. emit gets the events; the last one is done.
func (t *Tutor) Preview(ctx context.Context, who appliance.Principal, q appliance.Preview, emit func(appliance.Event) error) (appliance.Answer, appliance.Usage, error) {
	text, err := appliance.CleanQuestion(q.Text)
	if err != nil {
		return appliance.Answer{}, appliance.Usage{}, err
	}
	t.mu.Lock()
	if t.ctx.Err() != nil {
		t.mu.Unlock()
		return appliance.Answer{}, appliance.Usage{}, errStopping
	}
	if err := t.room(who); err != nil {
		t.mu.Unlock()
		return appliance.Answer{}, appliance.Usage{}, err
	}
	r := newRun(t.ctx, who, appliance.Question{Text: text, ConversationID: q.QueueKey}, t.cfg.Grace, func(r *Run) { r.cancel(errLeft) })
	r.persona, r.preset, r.turns = q.Persona, true, exchanges(q.Before)
	t.previews[r] = struct{}{}
	t.wg.Add(1)
	t.mu.Unlock()

	ended := make(chan struct{})
	var answer appliance.Answer
	var failed error
	go func() {
		defer t.wg.Done()
		defer close(ended)
		defer t.endOnPanic(r, &failed)
		answer, failed = t.answer(r)
		answer.ConversationID = ""
		if failed != nil {
			if cause := context.Cause(r.ctx); cause != nil && ctx.Err() == nil {
				failed = cause
			}
			r.fail(failed)
			return
		}
		r.add(appliance.Event{Type: appliance.EventDone, Done: &answer})
	}()
	defer func() { // also when emit panics
		r.cancel(errLeft)
		<-ended
		t.mu.Lock()
		delete(t.previews, r)
		t.mu.Unlock()
	}()
	if err = r.Follow(ctx, 0, emit); err != nil {
		r.cancel(errLeft)
	}
	<-ended
	if err == nil {
		err = failed
	}
	return answer, appliance.Usage{PromptTokens: r.usage.PromptTokens, CompletionTokens: r.usage.CompletionTokens}, err
}

// exchanges pairs the turns of a conversation; what has no answer is left out.
func exchanges(turns []appliance.Turn) (list []exchange) {
	asked := ""
	for _, t := range turns {
		switch {
		case t.Role == appliance.SpeakerUser:
			asked = t.Text
		case t.Role == appliance.SpeakerAssistant && asked != "":
			list = append(list, exchange{asked, marker.ReplaceAllString(t.Text, "")})
			asked = ""
		}
	}
	return slices.Clip(list)
}

// PersonaFor returns a persona that somebody may use; the empty id is the box's
// plain tutor.
func (t *Tutor) PersonaFor(ctx context.Context, who appliance.Principal, id string) (appliance.Persona, error) {
	if strings.TrimSpace(id) == "" {
		return appliance.Persona{}, nil
	}
	return t.store.Persona(ctx, who.Org, who.Scope, id)
}
