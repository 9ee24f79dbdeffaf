package sqlite

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/problem"
)

func ask(t *testing.T, s *Store, q appliance.Question) (appliance.Conversation, appliance.Message, *appliance.Answer) {
	t.Helper()
	conv, msg, a, err := s.SaveQuestion(t.Context(), org, "", q)
	if err != nil {
		t.Fatal(err)
	}
	return conv, msg, a
}

func TestConversation(t *testing.T) {
	s := open(t)
	src := addReady(t, s, org, "Biology", "Plants make sugar from light, water and air, and give off oxygen.")
	cited := appliance.Citation{Number: 1, ChunkID: 1, SourceID: src.ID, SourceTitle: "Biology", SourceKind: src.Kind,
		Heading: "Heading", Place: appliance.Place{Page: 1}, Text: "Plants make sugar from light, water and air, and give off oxygen."}
	q := appliance.Question{ID: "q1", Text: "How do\nplants eat?"}
	conv, msg, existing := ask(t, s, q)
	if conv.Title != "How do plants eat?" || conv.Messages != 1 || msg.Text != q.Text || existing != nil {
		t.Fatalf("%+v %+v %+v", conv, msg, existing)
	}
	if again, sameMsg, existing := ask(t, s, q); again != conv || sameMsg.ID != msg.ID || existing != nil {
		t.Fatal("asking again made another question")
	}
	given := appliance.Answer{ResponseText: "They make sugar [1].", Mode: appliance.ModeAnswer, Citations: []appliance.Citation{cited},
		Actions: []appliance.Action{}, SuggestedGesture: "nod", TotalMS: 12}
	saved := must[appliance.Answer](t)(s.SaveAnswer(t.Context(), org, "", "q1", given))
	given.ConversationID, given.MessageID = conv.ID, saved.MessageID
	if saved.MessageID == "" || !reflect.DeepEqual(saved, given) {
		t.Fatalf("saved %+v\n want %+v", saved, given)
	}
	second := must[appliance.Answer](t)(s.SaveAnswer(t.Context(), org, "", "q1", appliance.Answer{ResponseText: "Otherwise."}))
	if !reflect.DeepEqual(second, saved) {
		t.Fatal("a second answer took the place of the first")
	}
	if _, _, existing := ask(t, s, q); existing == nil || !reflect.DeepEqual(*existing, saved) {
		t.Fatalf("%+v", existing)
	}
	for _, other := range []appliance.Question{{ID: "q1", Text: "Something else"}, {ID: "q1", Text: q.Text, ConversationID: "x"}} {
		if _, _, _, err := s.SaveQuestion(t.Context(), org, "", other); problem.CodeOf(err) != problem.Conflict {
			t.Fatal(err)
		}
	}
	ask(t, s, appliance.Question{ID: "q2", ConversationID: conv.ID, Text: "And at night?"})

	got, messages, err := s.Conversation(t.Context(), org, "", conv.ID)
	if err != nil || got.Messages != 3 || len(messages) != 3 || messages[1].Role != appliance.SpeakerAssistant ||
		!reflect.DeepEqual(*messages[1].Answer, saved) || messages[2].Text != "And at night?" {
		t.Fatalf("%+v %+v %v", got, messages, err)
	}
	stored, a, err := s.Answer(t.Context(), org, "", "q2")
	if err != nil || a != nil || stored.ConversationID != conv.ID || stored.Text != "And at night?" {
		t.Fatal(stored, a, err)
	}
	if err := s.DeleteConversation(t.Context(), org, "", conv.ID); err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{
		s.DeleteConversation(t.Context(), org, "", conv.ID),
		func() error { _, _, err := s.Answer(t.Context(), org, "", "q1"); return err }(),
		func() error { _, err := s.SaveAnswer(t.Context(), org, "", "q2", given); return err }(),
	} {
		if problem.CodeOf(err) != problem.NotFound {
			t.Error(err)
		}
	}
	if _, _, _, err := s.SaveQuestion(t.Context(), org, "", q); problem.CodeOf(err) != problem.Conflict {
		t.Error("a deleted question came back:", err)
	}
	if err := s.Maintain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	ask(t, s, q) // nothing is left of the first one
}

// The words of a deleted source go from the answers that cited it.
func TestDeletedSourceLeavesAnswers(t *testing.T) {
	s := open(t)
	src := addReady(t, s, org, "Biology", "Of plants", "Plants make sugar from light, water and air, and they give off oxygen by day.")
	conv, _, _ := ask(t, s, appliance.Question{ID: "q", Text: "How?"})
	if _, err := s.SaveAnswer(t.Context(), org, "", "q", appliance.Answer{
		ResponseText: "The book says: “plants make SUGAR from light, water and air” [1]. So they need no food.",
		Citations:    []appliance.Citation{{Number: 1, ChunkID: 2, SourceID: src.ID, SourceTitle: "Biology", Text: "Plants make"}},
	}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.DeleteSource(t.Context(), org, src.ID); err != nil {
		t.Fatal(err)
	}
	_, messages, err := s.Conversation(t.Context(), org, "", conv.ID)
	if err != nil {
		t.Fatal(err)
	}
	want := "The book says: “[…]” [1]. So they need no food."
	if a := messages[1].Answer; messages[1].Text != want || a.ResponseText != want || len(a.Citations) != 1 ||
		a.Citations[0].Text != "" || a.Citations[0].SourceTitle != "" || a.Citations[0].SourceID != src.ID {
		t.Fatalf("%+v", messages[1])
	}
}

func TestConversationsInOrder(t *testing.T) {
	s := open(t)
	var ids []string
	for i := range 7 {
		conv, _, _ := ask(t, s, appliance.Question{ID: fmt.Sprint("q", i), Text: fmt.Sprintf("Question %d about Rivières", i)})
		ids = append(ids, conv.ID)
	}
	ask(t, s, appliance.Question{ID: "again", ConversationID: ids[2], Text: "And the lakes?"})
	want := []string{ids[2], ids[6], ids[5], ids[4], ids[3], ids[1], ids[0]}
	var got []string
	for cursor := ""; ; {
		page := must[appliance.Page[appliance.Conversation]](t)(s.Conversations(t.Context(), org, "", "", cursor, 3))
		if page.Total != 7 || len(page.Items) > 3 {
			t.Fatal(page.Total, len(page.Items))
		}
		for _, c := range page.Items {
			got = append(got, c.ID)
		}
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	if !slices.Equal(got, want) {
		t.Fatal(got)
	}
	for search, n := range map[string]int{"rivieres": 7, "RIVIÈRES 3": 1, "lakes question": 1, "nothing": 0, "%": 0} {
		if page := must[appliance.Page[appliance.Conversation]](t)(s.Conversations(t.Context(), org, "", search, "", 100)); page.Total != n {
			t.Errorf("%q finds %d, want %d", search, page.Total, n)
		}
	}
	if _, err := s.Conversations(t.Context(), org, "", "", "not a number", 1); problem.CodeOf(err) != problem.Invalid {
		t.Error(err)
	}
}

func TestSourcesInOrder(t *testing.T) {
	s := open(t)
	for _, title := range []string{"Géographie 1.pdf", "Biology.docx", "geographie 2.pdf"} {
		addSource(t, s, org, title)
	}
	list := func(f appliance.SourceFilter) (titles []string) {
		for {
			page := must[appliance.Page[appliance.Source]](t)(s.Sources(t.Context(), org, whole, f))
			for _, src := range page.Items {
				titles = append(titles, src.Title)
			}
			if f.Cursor = page.Next; f.Cursor == "" {
				return titles
			}
		}
	}
	if got := list(appliance.SourceFilter{Limit: 2}); !slices.Equal(got, []string{"geographie 2.pdf", "Biology.docx", "Géographie 1.pdf"}) {
		t.Error(got)
	}
	if got := list(appliance.SourceFilter{Search: "PDF géo", Limit: 1}); len(got) != 2 {
		t.Error(got)
	}
	if got := list(appliance.SourceFilter{Status: appliance.StatusReady}); len(got) != 0 {
		t.Error(got)
	}
}

func TestScrub(t *testing.T) {
	known := map[string]bool{}
	eachQuote(words("one two three four five six seven eight"), func(key string, _ int) { known[key] = true })
	for text, want := range map[string]string{
		"":                                  "",
		"one two three four five":           "one two three four five",
		"So: one, Two THREE four five six.": "So: […].",
		"x one two three four five six seven eight y":                   "x […] y",
		"one two three four five six and two three four five six seven": "[…] and […]",
	} {
		if got := scrub(text, known); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
	if got := shorten(strings.Repeat("word ", 40)); len(got) > 84 || !strings.HasSuffix(got, "word…") {
		t.Error(got)
	}
}
