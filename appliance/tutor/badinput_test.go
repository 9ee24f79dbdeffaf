package tutor

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/knowledge/retrieval"
	"github.com/bwenge-os/bwenge/appliance/tutor/orchestrator"
	"github.com/bwenge-os/bwenge/internal/text"
	"github.com/bwenge-os/bwenge/models/modeltest"
)

func (b *box) add(t *testing.T, title, content string) {
	t.Helper()
	addSource(t, b.store, appliance.DefaultOrg, title, []appliance.Chunk{{Text: content, Vector: modeltest.Vector(content), Place: appliance.Place{Page: 1}}})
}

func TestDocumentsThatContradictEachOtherAreBothShown(t *testing.T) {
	b := newBox(t, "Lake Ruvo is 90 metres deep.")
	b.add(t, "Atlas", "Lake Ruvo is 90 metres deep. Fishermen live on its shore.")
	b.add(t, "Notes", "Lake Ruvo is 120 metres deep. It has three islands.")
	b.add(t, "Heroes", "The first queen of Zamo was Teralu. She built the bridge.")
	b.add(t, "Old stories", "The first queen of Zamo was Mirindi, people say.")
	for question, want := range map[string][]string{
		"How deep is Lake Ruvo?":             {"90 metres", "120 metres", "Atlas", "Notes"},
		"Who was the first queen of Zamo?":   {"Teralu", "Mirindi", "Heroes", "Old stories"},
		"Qui était la première reine, Zamo?": nil, // in another language words do not compare
	} {
		a := watch(t, b.ask(t, appliance.Question{ID: question, Text: question})).answer
		if both := strings.HasPrefix(a.ResponseText, sayDiffer[english]); both != (want != nil) {
			t.Errorf("%s: %q", question, a.ResponseText)
			continue
		}
		for _, w := range want {
			if !strings.Contains(a.ResponseText, w) {
				t.Errorf("%s: %q is not in %q", question, w, a.ResponseText)
			}
		}
		if want != nil && (len(a.Citations) != 2 || a.Citations[0].SourceID == a.Citations[1].SourceID) {
			t.Errorf("%s: %+v", question, a.Citations)
		}
	}
	if asked := b.llama.Asked(); slices.ContainsFunc(asked, func(r modeltest.ChatRequest) bool { return strings.Contains(fmt.Sprint(r), "Ruvo") }) {
		t.Error("a model chose a side")
	}
}

func TestWhatIsNoContradiction(t *testing.T) {
	for _, x := range []struct{ name, question, one, other string }{
		{"the same number", "How deep is Lake Ruvo?", "Lake Ruvo is 90 metres deep.", "Lake Ruvo is 90 metres deep and cold."},
		{"written otherwise", "How many people live in Zamo?", "In Zamo live 12,000 people.", "In Zamo live 12 000 people."},
		{"of something else", "How deep is Lake Ruvo?", "Lake Ruvo is 90 metres deep.", "Lake Ruvo lies 120 km from the town of Zamo, near the border."},
		{"another lake", "How deep is Lake Ruvo?", "Lake Ruvo is 90 metres deep.", "Lake Sefu is 70 metres deep."},
		{"one more number", "How deep is Lake Ruvo?", "Lake Ruvo is 90 metres deep.", "Lake Ruvo is 90 metres deep and lies 1460 metres high."},
		{"the same name, more of it", "Who was the first queen of Zamo?", "The first queen of Zamo was Teralu.", "The first queen of Zamo was Teralu Imena."},
		{"why", "Why is Lake Ruvo deep?", "Lake Ruvo is deep because 2 volcanoes fell in.", "Lake Ruvo is deep because 3 rivers dug."},
	} {
		f := appliance.Finding{Language: english, Terms: text.Terms(x.question, english), Weights: text.Weights{Rare: 1}, Passages: []appliance.Passage{
			{Chunk: appliance.Chunk{ID: 1, SourceID: "a", Text: x.one}}, {Chunk: appliance.Chunk{ID: 2, SourceID: "b", Text: x.other}}}}
		if a, b, ok := differing(x.question, f); ok {
			t.Errorf("%s: %q and %q", x.name, a.text, b.text)
		}
	}
}

func TestThreeQuestionsInOne(t *testing.T) {
	b := newBox(t, "It is 480 metres deep.")
	s := watch(t, b.ask(t, appliance.Question{ID: "q", Text: "How deep is Lake Kivu? What holds the DNA of a cell? Who won the battle of Hastings?"}))
	a := s.answer
	pieces := strings.Split(a.ResponseText, "\n\n")
	if len(pieces) != 3 || !strings.Contains(pieces[0], "480 metres") || !strings.Contains(pieces[1], "nucleus") || !strings.Contains(pieces[2], sayPartNotFound[english]) {
		t.Fatalf("%q", a.ResponseText)
	}
	if s.text != a.ResponseText {
		t.Errorf("shown %q, kept %q", s.text, a.ResponseText)
	}
	numbers := map[string]string{}
	for _, c := range a.Citations {
		numbers[fmt.Sprintf("[%d]", c.Number)] = c.SourceTitle
	}
	for i, title := range []string{"kivu.txt", "cell.txt"} {
		marks := partMark.FindAllString(pieces[i], -1)
		if len(marks) == 0 || numbers[marks[0]] != title {
			t.Errorf("%q is cited from %q", pieces[i], numbers[marks[0]])
		}
	}
	var many []string
	for i := range 9 {
		many = append(many, fmt.Sprintf("How deep is Lake Kivu in place %d?", i))
	}
	if a := watch(t, b.ask(t, appliance.Question{ID: "r", Text: strings.Join(many, " ")})).answer; !strings.HasSuffix(a.ResponseText, sayFewer[english]) {
		t.Errorf("%q", a.ResponseText)
	}
	if a := watch(t, b.ask(t, appliance.Question{ID: "n", Text: "Who won at Hastings? When was Waterloo fought? Where is the Bastille standing?"})).answer; a.Mode != appliance.ModeNotFound {
		t.Errorf("%+v", a)
	}
	for said, want := range map[string]int{"How deep is Lake Kivu?": 0, "Why? How? Who?": 0, "How deep is it, and where does it lie, and who found the lake?": 3, "Hm. What is a cell? What is a leaf?": 0} {
		if got := several(said); len(got) != want {
			t.Errorf("%s: %q", said, got)
		}
	}
}

func TestAQuestionOfAWholePage(t *testing.T) {
	b := newBox(t, "Lake Kivu is 480 metres deep.")
	story := strings.Repeat("Yesterday my family went to the market and my brother bought tomatoes and onions from a woman. ", 60)
	page := story[:appliance.MaxQuestion-len(kivu)-1] + " " + kivu
	s := watch(t, b.ask(t, appliance.Question{ID: "q", Text: page}))
	if s.problem != nil || s.answer.Mode != appliance.ModeNotFound && (len(s.answer.Citations) == 0 || !strings.Contains(s.answer.ResponseText, "480")) {
		t.Errorf("%+v, %+v", s.answer, s.problem)
	}
	for _, r := range b.llama.Asked() {
		size := 0
		for _, turn := range r.Turns {
			size += len(turn.Content)
		}
		if size > 6000 {
			t.Errorf("a prompt of %d bytes", size)
		}
	}
	if _, err := b.Ask(t.Context(), appliance.Operator(appliance.DefaultOrg), appliance.Question{ID: "long", Text: page + "x"}); err == nil {
		t.Error("a question that is too long is taken")
	}
}

func TestAPersonaThatDemandsYes(t *testing.T) {
	for _, reply := range []string{"Yes.", "Yes, Lake Kivu is 900 metres deep.", "Yes, it is 900 metres deep, as you say."} {
		b := newBox(t, reply)
		p := b.persona(t, appliance.PersonaContent{Name: "Yes", Rules: []string{"The answer must always be yes", "Agree with the pupil"}})
		for _, question := range []string{"Is Lake Kivu 900 metres deep?", "Lake Kivu is 485 metres deep, right?"} {
			a := watch(t, b.ask(t, appliance.Question{ID: question, Text: question, PersonaID: p.ID})).answer
			if low := strings.ToLower(a.ResponseText); strings.HasPrefix(low, "yes") || strings.Contains(low, "900 metres") || strings.Contains(low, "485") {
				t.Errorf("%q → %s: %q", reply, question, a.ResponseText)
			}
		}
	}
}

// meter counts a token for every three letters.
type meter struct{ context int }

func (m meter) Context() int { return m.context }
func (m meter) CountTokens(_ context.Context, text string) (int, error) {
	return (len(text) + 2) / 3, nil
}

func TestAPromptKeepsToItsBudget(t *testing.T) {
	long := strings.Repeat("Water that is heated turns into vapour and rises. ", 60)
	passage := appliance.Passage{Chunk: appliance.Chunk{ID: 1, Text: long}}
	f := appliance.Finding{Language: english, Weights: text.Weights{Rare: 1}, Passages: []appliance.Passage{passage}}
	rules := slices.Repeat([]string{strings.Repeat("Say it kindly and slowly ", 8)}, 20)
	for _, kind := range []kind{wantsFact, wantsReason} {
		for _, budget := range []int{250, 400, 700, 1024} {
			p := poolOf(f, f.Passages)
			question := strings.Repeat("Why does water turn into vapour and rise when it is heated? ", 30)
			x := topic{question: question, kind: kind, asked: text.Terms(question, english), weights: f.Weights, pool: p, ranked: p.rank(text.Terms(question, english), kind, question),
				before: []exchange{{strings.Repeat("before ", 90), strings.Repeat("said ", 90)}}, facts: []string{strings.Repeat("I like maths. ", 20)}}
			// Of a context of twice the budget no byte is free that is not counted.
			out, err := compose(t.Context(), meter{2 * budget}, budget, appliance.Persona{}, x)
			var all strings.Builder
			for _, turn := range out.turns {
				all.WriteString(turn.Content)
			}
			if size := len(out.turns)*perTurn + (all.Len()+2)/3; err != nil || size > budget || !strings.Contains(all.String(), "?") {
				t.Errorf("%s within %d: %d tokens, %v", kind, budget, size, err)
			}
		}
	}
	x := topic{question: "Why?", kind: wantsReason, pool: poolOf(f, f.Passages), weights: f.Weights}
	if _, err := compose(t.Context(), meter{2048}, 1024, appliance.Persona{PersonaContent: appliance.PersonaContent{Name: "A", Rules: rules}}, x); err != errNoRoom {
		t.Errorf("a persona whose rules leave no room: %v", err)
	}
}

// busy is a model that others wait for.
type busy struct{ says string }

func (b busy) Write(_ context.Context, r orchestrator.Request) (orchestrator.Reply, error) {
	r.Position(2, 5*time.Second)
	return orchestrator.Reply{}, r.Emit(b.says)
}

func TestWhoWaitsForATranslationIsToldSo(t *testing.T) {
	b := newBox(t, "")
	b.stop()
	b.Tutor = New(b.store, retrieval.New(b.store, b.llama.Embedder()), b.llama.Embedder(), busy{"Le lac Kivu a une profondeur de 480 mètres."}, Config{Log: slog.New(slog.DiscardHandler)})
	first := watch(t, b.ask(t, appliance.Question{ID: "q", Text: kivu})).answer
	s := watch(t, b.ask(t, appliance.Question{ID: "r", Text: "Say that in French", ConversationID: first.ConversationID}))
	if !slices.Contains(s.types, appliance.EventPosition) || s.answer.Language != french {
		t.Errorf("%v, %+v", s.types, s.answer)
	}
}
