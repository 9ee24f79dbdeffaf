package tutor

import (
	"errors"
	"net/http"
	"testing"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/tutor/orchestrator"
	"github.com/bwenge-os/bwenge/models/modeltest"
)

// TestTheFirstQuestionFindsItsBeginningRead warms both slots, and asks a fact and a
// reason: each finds nearly all of what stands before its passages.
func TestTheFirstQuestionFindsItsBeginningRead(t *testing.T) {
	b := newBox(t, "Plants make sugar from light.", func(_ *modeltest.Llama, c *Config) { c.Explains = true })
	if err := b.door.Warm(t.Context(), b.Beginnings()); err != nil {
		t.Fatal(err)
	}
	warmed := b.llama.Asked()
	if len(warmed) != 2 || warmed[0].Slot == warmed[1].Slot || warmed[0].MaxTokens != 1 || warmed[1].MaxTokens != 1 {
		t.Fatalf("warmed by %+v", warmed)
	}
	for _, question := range []string{"How deep is Lake Kivu?", "Why do plants need light for their sugar?", "How deep is the water of Lake Kivu?"} {
		r := b.ask(t, appliance.Question{ID: question, Text: question})
		watch(t, r)
		if unread := r.usage.PromptTokens - r.usage.CachedTokens; r.usage.PromptTokens == 0 || unread > r.usage.PromptTokens/2 {
			t.Errorf("%s: %d of %d tokens were to be read", question, unread, r.usage.PromptTokens)
		}
	}
}

// TestNothingIsReadAheadWhileSomebodyWrites holds two answers halfway.
func TestNothingIsReadAheadWhileSomebodyWrites(t *testing.T) {
	goOn, writing := make(chan struct{}), make(chan struct{}, 10)
	b := newBox(t, "Lake Kivu is 480 metres deep.", func(l *modeltest.Llama, _ *Config) {
		l.BeforePiece = func(*http.Request, int) error {
			select {
			case writing <- struct{}{}:
			default:
			}
			<-goOn
			return nil
		}
	})
	one := b.ask(t, appliance.Question{ID: "1", Text: "How deep is Lake Kivu?"})
	two := b.ask(t, appliance.Question{ID: "2", Text: "How deep is the water of Lake Kivu?"})
	<-writing
	<-writing
	if err := b.door.Warm(t.Context(), b.Beginnings()); !errors.Is(err, orchestrator.ErrBusy) {
		t.Errorf("while both slots are written in: %v", err)
	}
	close(goOn)
	watch(t, one)
	watch(t, two)
	if len(b.llama.Asked()) != 2 {
		t.Errorf("the model was asked %d times", len(b.llama.Asked()))
	}
	if err := orchestrator.New(orchestrator.Config{}).Warm(t.Context(), b.Beginnings()); !errors.Is(err, orchestrator.ErrNoModel) {
		t.Errorf("without a model: %v", err)
	}
}
