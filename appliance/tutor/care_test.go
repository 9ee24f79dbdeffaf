package tutor

import (
	"bufio"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/tutor/safety"
)

// Whoever needs help is answered in their own language, whatever else is asked.
func TestSafetyRepliesComeInTheLanguageOfTheQuestion(t *testing.T) {
	b := newBox(t, "")
	files, _ := filepath.Glob("safety/testdata/spoken/*.tsv")
	asked := 0
	for _, file := range files {
		language := strings.TrimSuffix(filepath.Base(file), ".tsv")
		f, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		for lines := bufio.NewScanner(f); lines.Scan(); {
			category, text, _ := strings.Cut(lines.Text(), "\t")
			if category == "-" {
				continue
			}
			asked++
			a := watch(t, b.ask(t, appliance.Question{ID: text, Text: text})).answer
			if a.Mode != appliance.ModeSafety || a.Language != language || a.ResponseText != safety.Reply(safety.Category(category), language) {
				t.Errorf("%s: %s in %q: %q", text, a.Mode, a.Language, a.ResponseText)
			}
		}
	}
	if len(files) != 4 || asked < 62 {
		t.Errorf("%d phrases in %d languages", asked, len(files))
	}
	if asked := b.llama.Asked(); len(asked) > 0 {
		t.Errorf("a model was asked: %v", asked[0])
	}
}

// A number has no language: that of the conversation speaks for it.
func TestANumberIsAnsweredInTheLanguageOfTheConversation(t *testing.T) {
	b := newBox(t, "")
	first := watch(t, b.ask(t, appliance.Question{ID: "q", Text: "Ziwa Kivu lina kina gani?"})).answer
	a := watch(t, b.ask(t, appliance.Question{ID: "r", Text: "0788 123 456", ConversationID: first.ConversationID})).answer
	if a.Mode != appliance.ModeSafety || a.ResponseText != safety.Reply(safety.Contact, swahili) {
		t.Errorf("%+v", a)
	}
}
