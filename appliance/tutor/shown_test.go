package tutor

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/models"
	"github.com/bwenge-os/bwenge/models/modeltest"
)

// villages are twenty made-up ones, each with a passage and a list.
func villages() (chunks []appliance.Chunk, questions []string) {
	for n := range 20 {
		name := []string{"Ka", "Mu", "Ru", "Nya", "Bi"}[n%5] + []string{"soro", "taro", "vuro", "mbaro"}[n/5]
		text := fmt.Sprintf("The village of %[1]s was founded in %[2]d. The people of %[1]s grow beans on the terraces. "+
			"The market of %[1]s opens at %[3]d in the morning because the farmers walk for two hours. The chief of %[1]s was called %[4]s.",
			name, 1801+3*n, 5+n%4, []string{"Gashumba", "Kayitare", "Mugenzi", "Rutare"}[n%4])
		list := fmt.Sprintf("The steps to make tea in %[1]s are these:\n1. Pick the two youngest leaves of each branch.\n2. Dry the leaves in the shade for a day.\n"+
			"3. Roll the leaves between the hands.\n4. Roast the leaves of %[1]s over a small fire.", name)
		for _, t := range []string{text, list} {
			chunks = append(chunks, appliance.Chunk{Text: t, Vector: modeltest.Vector(t), Place: appliance.Place{Page: n + 1}})
		}
		questions = append(questions,
			"When was the village of "+name+" founded?",
			"Who was the chief of "+name+"?",
			"What do the people of "+name+" grow on the terraces?",
			"Why does the market of "+name+" open so early in the morning?",
			"What are the steps to make tea in "+name+"?")
	}
	return chunks, questions
}

var errBroken = errors.New("the engine dies")

// TestNothingShownIsEverWithdrawn asks a hundred questions of a model that says
// what is true, what is made up, both one after the other, too much, nothing at all,
// and of which the engine dies halfway: what a pupil was shown stays, and the answer
// at the end goes on from it. Lists come item by item.
func TestNothingShownIsEverWithdrawn(t *testing.T) {
	b := &box{store: openStore(t), llama: modeltest.StartLlama(t)}
	chunks, questions := villages()
	addSource(t, b.store, appliance.DefaultOrg, "villages.txt", chunks)
	var asked atomic.Int64
	b.llama.Reply = func(turns []models.Turn) string {
		text, _, _ := strings.Cut(strings.TrimPrefix(turns[len(turns)-1].Content, "Text: "), "\n\nQuestion: ")
		said := sentences(text)
		asked.Add(1)
		switch asked.Load() % 6 {
		case 0:
			return said[0] + " It was dug by giants in 1650."
		case 1:
			return strings.Join(said[:min(2, len(said))], " ")
		case 2:
			return "It was dug by giants in 1650. " + said[0]
		case 3:
			return ""
		case 4:
			return strings.Join(said, " ") + " " + strings.Repeat("And so it goes on. ", 20)
		}
		return strings.Join(said, " ")
	}
	b.llama.BeforePiece = func(_ *http.Request, n int) error {
		if asked.Load()%6 == 5 && n > 25 {
			return errBroken
		}
		return nil
	}
	b.start(t, b.llama.Chat(), Config{Log: slog.New(slog.DiscardHandler), Explains: true})

	inPieces, lists, none := 0, 0, 0
	for i, question := range questions {
		var shown string
		var pieces []string
		var types []appliance.EventType
		var answer appliance.Answer
		err := b.ask(t, appliance.Question{ID: fmt.Sprint("q", i), Text: question}).Follow(t.Context(), 0, func(e appliance.Event) error {
			types = append(types, e.Type)
			if e.Type == appliance.EventToken {
				shown += e.Token
				pieces = append(pieces, e.Token)
			}
			if e.Type == appliance.EventDone {
				answer = *e.Done
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if slices.Contains(types, appliance.EventRestart) || slices.Contains(types, appliance.EventError) {
			t.Errorf("%s: events %v", question, types)
		}
		if end := slices.Index(types, appliance.EventDone); slices.ContainsFunc(types[end+1:], func(e appliance.EventType) bool { return e != appliance.EventActions }) {
			t.Errorf("%s: behind done come %v", question, types[end+1:])
		}
		if !strings.HasPrefix(unmarked(answer.ResponseText), unmarked(shown)) {
			t.Errorf("%s:\nshown %q\nanswer %q", question, shown, answer.ResponseText)
		}
		if strings.Contains(answer.ResponseText, "giants") || strings.Contains(shown, "giants") {
			t.Errorf("%s: shown %q, answer %q", question, shown, answer.ResponseText)
		}
		if shown == "" {
			none++
		}
		if len(pieces) > 1 {
			inPieces++
		}
		if strings.HasPrefix(question, "What are the steps") {
			items := slices.DeleteFunc(slices.Clone(pieces), func(p string) bool { return !listMark.MatchString(p) })
			if slices.ContainsFunc(items, func(p string) bool { return strings.Count(strings.TrimSpace(p), "\n") > 0 }) || len(items) != 4 {
				t.Errorf("%s: its items came as %q", question, pieces)
			}
			lists++
		}
	}
	if len(questions) != 100 || lists != 20 || inPieces < 25 || none > 10 || asked.Load() < 30 {
		t.Errorf("%d questions, %d of lists, %d answers in pieces, %d without a word; the model was asked %d times",
			len(questions), lists, inPieces, none, asked.Load())
	}
}

// unmarked is a text without its [n] and its breaks.
func unmarked(text string) string { return plain(marker.ReplaceAllString(text, "")) }

// TestDoneComesWithTheLastWord holds the search for questions to go on with: the
// answer is done without it; the questions come later, are kept with the answer, and
// are there at once for the next who asks.
func TestDoneComesWithTheLastWord(t *testing.T) {
	b := newBox(t, "Lake Kivu is 480 metres deep.")
	addSource(t, b.store, appliance.DefaultOrg, "lakes.txt", []appliance.Chunk{
		{Text: "Methane is a gas that burns. Dissolved methane lies deep in Lake Kivu.", Vector: modeltest.Vector("Methane is a gas that burns. Dissolved methane lies deep in Lake Kivu.")}})
	b.going <- struct{}{} // somebody else's are looked for
	r := b.ask(t, appliance.Question{ID: "q1", Text: "How deep is Lake Kivu, in metres?"})
	var done, more appliance.Event
	err := r.Follow(t.Context(), 0, func(e appliance.Event) error {
		switch e.Type {
		case appliance.EventDone:
			done = e
			<-b.going
		case appliance.EventActions:
			more = e
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	suggests := func(list []appliance.Action) bool {
		return slices.ContainsFunc(list, func(a appliance.Action) bool { return a.Type == actionSuggest })
	}
	if done.Done == nil || suggests(done.Done.Actions) {
		t.Fatalf("done with %+v", done.Done)
	}
	if !suggests(more.Actions) || more.Seq != done.Seq+1 || len(more.Actions) <= len(done.Done.Actions) {
		t.Fatalf("later: %+v", more)
	}
	_, stored, err := b.store.Answer(t.Context(), appliance.DefaultOrg, "", "q1")
	if err != nil || !suggests(stored.Actions) || stored.ResponseText != done.Done.ResponseText || len(stored.Citations) != len(done.Done.Citations) {
		t.Errorf("stored %+v, %v", stored, err)
	}
	again := watch(t, b.ask(t, appliance.Question{ID: "q2", Text: "How deep is Lake Kivu, in metres?"}))
	if !again.answer.Cached || !suggests(again.answer.Actions) {
		t.Errorf("the next one gets %+v", again.answer)
	}
	// Who lost the link after done gets the rest.
	var late []appliance.EventType
	if err := r.Follow(t.Context(), done.Seq, func(e appliance.Event) error { late = append(late, e.Type); return nil }); err != nil || !slices.Equal(late, []appliance.EventType{"actions"}) {
		t.Errorf("after done: %v, %v", late, err)
	}
}
