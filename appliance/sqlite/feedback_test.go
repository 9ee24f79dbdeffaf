package sqlite

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/problem"
)

// class is a class of a teacher and a pupil.
type class struct {
	id             appliance.ClassID
	teacher, pupil appliance.UserID
}

func addSchoolClass(t *testing.T, s *Store, name string) (c class) {
	t.Helper()
	made := must[appliance.Class](t)(s.AddClass(t.Context(), org, appliance.Class{Name: name, Code: name, SignIn: appliance.SignInPIN}, nil))
	add := func(role appliance.Role) appliance.UserID {
		return must[appliance.User](t)(s.AddUser(t.Context(), org, appliance.NewUser{User: appliance.User{Role: role, Name: string(role) + " of " + name,
			Classes: []appliance.ClassRef{{ID: made.ID}}}})).ID
	}
	return class{made.ID, add(appliance.RoleTeacher), add(appliance.RoleStudent)}
}

// answer stores a question of somebody's and its answer, which cites passages.
func answer(t *testing.T, s *Store, user appliance.UserID, id, text string, cited ...appliance.Chunk) appliance.Answer {
	t.Helper()
	if _, _, _, err := s.SaveQuestion(t.Context(), org, user, appliance.Question{ID: id, Text: "What is " + text + "?"}); err != nil {
		t.Fatal(err)
	}
	a := appliance.Answer{ResponseText: "It is " + text + ".", Mode: appliance.ModeAnswer}
	for i, c := range cited {
		a.Citations = append(a.Citations, appliance.Citation{Number: i + 1, ChunkID: c.ID, SourceID: c.SourceID})
	}
	return must[appliance.Answer](t)(s.SaveAnswer(t.Context(), org, user, id, a))
}

func feedback(t *testing.T, s *Store, teacher appliance.UserID, f appliance.FeedbackFilter) appliance.Page[appliance.Feedback] {
	t.Helper()
	scope := whole
	if teacher != "" {
		scope = must[appliance.Scope](t)(s.Scope(t.Context(), org, teacher))
	}
	return must[appliance.Page[appliance.Feedback]](t)(s.Feedbacks(t.Context(), org, teacher, scope, f))
}

func TestAThumbReachesTheTeachersOfThePupil(t *testing.T) {
	s := open(t)
	ctx := t.Context()
	a, b := addSchoolClass(t, s, "P5"), addSchoolClass(t, s, "P6")
	given := answer(t, s, a.pupil, "q", "a volcano")
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	check(s.Rate(ctx, org, a.pupil, given.MessageID, appliance.Thumb{Up: true}))
	check(s.Rate(ctx, org, a.pupil, given.MessageID, appliance.Thumb{Reason: appliance.ThumbTooHard, Note: "words"}))
	for who, user := range map[string]appliance.UserID{"another pupil": b.pupil, "a teacher": a.teacher} {
		if err := s.Rate(ctx, org, user, given.MessageID, appliance.Thumb{}); problem.CodeOf(err) != problem.NotFound {
			t.Errorf("%s rates it: %v", who, err)
		}
	}
	if n := must[appliance.FeedbackCount](t)(s.CountFeedback(ctx, org, a.teacher)); n != (appliance.FeedbackCount{Open: 1, Down: 1}) {
		t.Error("counted", n)
	}
	if n := must[appliance.FeedbackCount](t)(s.CountFeedback(ctx, org, b.teacher)); n != (appliance.FeedbackCount{}) {
		t.Error("another class counts", n)
	}
	for teacher, want := range map[appliance.UserID]int{"": 1, a.teacher: 1, b.teacher: 0} {
		if page := feedback(t, s, teacher, appliance.FeedbackFilter{Open: true}); page.Total != want || len(page.Items) != want {
			t.Errorf("%s sees %d", teacher, page.Total)
		}
	}
	one := feedback(t, s, a.teacher, appliance.FeedbackFilter{}).Items[0]
	if one.Question != "What is a volcano?" || one.Answer.ResponseText != "It is a volcano." || one.Reason != appliance.ThumbTooHard || one.Note != "words" ||
		one.User.Name != "student of P5" || len(one.Classes) != 1 || one.Classes[0].Name != "P5" || one.Withheld {
		t.Errorf("%+v", one)
	}
	if _, messages, err := s.Conversation(ctx, org, a.pupil, given.ConversationID); err != nil || messages[0].Thumb != nil || messages[1].Thumb == nil || messages[1].Thumb.Note != "words" {
		t.Error("the pupil does not find it again", messages, err)
	}
	// Done, undone, done; changed by the pupil it is open again.
	if err := s.FinishFeedback(ctx, org, b.teacher, b.teacher, one.ID, true); problem.CodeOf(err) != problem.NotFound {
		t.Error(err)
	}
	for _, done := range []bool{true, false, true} {
		check(s.FinishFeedback(ctx, org, a.teacher, a.teacher, one.ID, done))
		page := feedback(t, s, a.teacher, appliance.FeedbackFilter{Open: true})
		if (page.Total == 0) != done {
			t.Error("done", done, page)
		}
	}
	if page := feedback(t, s, "", appliance.FeedbackFilter{}); page.Items[0].DoneBy != "teacher of P5" || page.Items[0].DoneAt == nil {
		t.Error(page.Items[0])
	}
	check(s.Rate(ctx, org, a.pupil, given.MessageID, appliance.Thumb{Reason: appliance.ThumbWrong}))
	if page := feedback(t, s, a.teacher, appliance.FeedbackFilter{Open: true}); page.Total != 1 || page.Items[0].ID == one.ID {
		t.Error(page)
	}
	// Taken back it is gone, and with its conversation too.
	check(s.Unrate(ctx, org, a.pupil, given.MessageID))
	if err := s.Unrate(ctx, org, a.pupil, given.MessageID); problem.Of(err).Reason != "thumb_not_found" {
		t.Error(err)
	}
	check(s.Rate(ctx, org, a.pupil, given.MessageID, appliance.Thumb{}))
	check(s.DeleteConversation(ctx, org, a.pupil, given.ConversationID))
	if page := feedback(t, s, "", appliance.FeedbackFilter{}); page.Total != 0 {
		t.Error(page)
	}
	if err := s.Rate(ctx, org, a.pupil, given.MessageID, appliance.Thumb{}); problem.CodeOf(err) != problem.NotFound {
		t.Error("an answer of a deleted conversation is rated", err)
	}
	// So is that of a pupil who is erased.
	check(s.Rate(ctx, org, a.pupil, answer(t, s, a.pupil, "q2", "a lake").MessageID, appliance.Thumb{}))
	if _, err := s.EraseUser(ctx, org, a.pupil); err != nil {
		t.Fatal(err)
	}
	var left int
	check(s.read(ctx, func(t *tx) error { return t.QueryRow(`SELECT count(*) FROM thumb`).Scan(&left) }))
	if left != 0 {
		t.Error(left, "thumbs of an erased pupil")
	}
}

func TestFeedbackIsSearchedAndPaged(t *testing.T) {
	s := open(t)
	ctx := t.Context()
	a := addSchoolClass(t, s, "P5")
	for i := range 5 {
		given := answer(t, s, a.pupil, fmt.Sprint(i), fmt.Sprint("Élan ", i))
		if err := s.Rate(ctx, org, a.pupil, given.MessageID, appliance.Thumb{Up: i == 4, Note: fmt.Sprint("note ", i)}); err != nil {
			t.Fatal(err)
		}
	}
	first := feedback(t, s, a.teacher, appliance.FeedbackFilter{Limit: 3})
	rest := feedback(t, s, a.teacher, appliance.FeedbackFilter{Limit: 3, Cursor: first.Next})
	if first.Total != 4 || len(first.Items) != 3 || len(rest.Items) != 1 || rest.Next != "" || first.Items[0].Question != "What is Élan 3?" || rest.Items[0].Question != "What is Élan 0?" {
		t.Error(first, rest)
	}
	for search, want := range map[string]int{"elan": 4, "ELAN 2": 1, "note 1": 1, "it is elan": 4, "elan nothing": 0, "%": 0} {
		if page := feedback(t, s, a.teacher, appliance.FeedbackFilter{Search: search}); page.Total != want {
			t.Errorf("%q finds %d, want %d", search, page.Total, want)
		}
	}
	if page := feedback(t, s, a.teacher, appliance.FeedbackFilter{Up: true}); page.Total != 1 || !page.Items[0].Up {
		t.Error(page)
	}
}

// A pupil of two classes rates an answer from the material of one: the teacher
// of the other does not come to see it by that.
func TestAnAnswerFromAnothersMaterialIsWithheld(t *testing.T) {
	s := open(t)
	ctx := t.Context()
	a, b := addSchoolClass(t, s, "P5"), addSchoolClass(t, s, "P6")
	if err := s.JoinClass(ctx, org, b.id, []appliance.UserID{a.pupil}); err != nil {
		t.Fatal(err)
	}
	exam := addReady(t, s, org, "exam", "The answer is forty-two.")
	must[appliance.Source](t)(s.ShareSource(ctx, org, exam.ID, []appliance.ClassID{b.id}))
	chunk := must[appliance.Page[appliance.Chunk]](t)(s.AllChunks(ctx, org, whole, exam.ID, false, 0, 1)).Items[0]
	if err := s.Rate(ctx, org, a.pupil, answer(t, s, a.pupil, "q", "forty-two", chunk).MessageID, appliance.Thumb{}); err != nil {
		t.Fatal(err)
	}
	theirs := feedback(t, s, a.teacher, appliance.FeedbackFilter{}).Items[0]
	if !theirs.Withheld || theirs.Answer.ResponseText != "" || len(theirs.Answer.Citations) != 0 || strings.Contains(fmt.Sprintf("%+v", theirs), "The answer is") {
		t.Errorf("%+v", theirs)
	}
	own := feedback(t, s, b.teacher, appliance.FeedbackFilter{}).Items[0]
	if own.Withheld || own.Answer.ResponseText == "" || own.Answer.Citations[0].Text != "The answer is forty-two." || own.Classes[0].Name != "P6" || len(own.Classes) != 1 {
		t.Errorf("%+v", own)
	}
	// A deleted source withholds nothing: its words are gone for everybody.
	if _, _, err := s.DeleteSource(ctx, org, exam.ID); err != nil {
		t.Fatal(err)
	}
	if left := feedback(t, s, a.teacher, appliance.FeedbackFilter{}).Items[0]; left.Withheld || left.Answer.Citations[0].Text != "" {
		t.Errorf("%+v", left)
	}
}

func TestAWrongPassageIsInNoSearch(t *testing.T) {
	s := open(t)
	ctx := t.Context()
	src := addReady(t, s, org, "book", "A table of lakes.", "The lake is 48 metres deep.", "Fish live in the lake.")
	list := must[appliance.Page[appliance.Chunk]](t)(s.AllChunks(ctx, org, whole, src.ID, false, 0, 10)).Items
	teacher := addSchoolClass(t, s, "P5").teacher
	id := list[1].ID
	finds := func() (found []bool) {
		t.Helper()
		in := func(hits []appliance.Hit, err error) bool {
			if err != nil {
				t.Fatal(err)
			}
			for _, h := range hits {
				if h.ChunkID == id {
					return true
				}
			}
			return false
		}
		text, err := s.SearchText(ctx, org, whole, []string{"lake"}, 10)
		found = append(found, in(text, err))
		vector, err := s.SearchVector(ctx, org, whole, vectorOf(list[1].Text), 10)
		found = append(found, in(vector, err))
		most := s.vectors.most
		s.vectors.most = 0 // by the index of the file
		s.vectors.changed.Add(1)
		vector, err = s.SearchVector(ctx, org, whole, vectorOf(list[1].Text), 10)
		found = append(found, in(vector, err))
		s.vectors.most = most
		passages := must[[]appliance.Passage](t)(s.Passages(ctx, org, whole, []int64{id}))
		chunks := must[appliance.Page[appliance.Chunk]](t)(s.Chunks(ctx, org, whole, src.ID, 0, 10))
		return append(found, len(passages) == 1, len(chunks.Items) == 3)
	}
	everywhere := func(want bool) {
		t.Helper()
		for i, got := range finds() {
			if got != want {
				t.Errorf("way %d finds it: %v", i, got)
			}
		}
	}
	everywhere(true)
	version := s.MaterialVersion(org)
	c := must[appliance.Chunk](t)(s.MarkWrong(ctx, org, teacher, src.ID, id, true))
	if c.Wrong == nil || c.Wrong.By != "teacher of P5" || c.Wrong.At.IsZero() {
		t.Error(c)
	}
	if s.MaterialVersion(org) == version {
		t.Error("answers of before are given again")
	}
	everywhere(false)
	shown := must[appliance.Page[appliance.Chunk]](t)(s.AllChunks(ctx, org, whole, src.ID, false, 0, 10)).Items
	if len(shown) != 3 || shown[1].Wrong == nil || shown[0].Wrong != nil {
		t.Error("it is not shown in the text", shown)
	}
	// What somebody was told keeps its words.
	given := answer(t, s, "", "q", "deep", list[1])
	if given.Citations[0].Text != list[1].Text {
		t.Error(given)
	}
	// A table's piece too.
	must[appliance.Chunk](t)(s.MarkWrong(ctx, org, teacher, src.ID, list[0].ID, true))
	if pieces := must[[]appliance.Chunk](t)(s.TablePieces(ctx, org, whole, src.ID, 1)); len(pieces) != 0 {
		t.Error(pieces)
	}
	must[appliance.Chunk](t)(s.MarkWrong(ctx, org, teacher, src.ID, list[0].ID, false))

	// The mark stays with what it was put on when the source is made anew, and
	// with its name only as long as there is one.
	must[appliance.Source](t)(s.ReadAgain(ctx, org, src.ID))
	job := claim(t, s)
	process(t, s, job, "A new first page.", "A table of lakes.", "The lake is 48 metres deep.", "Fish live in the lake.")
	if err := s.FinishJob(ctx, job, job.Source); err != nil {
		t.Fatal(err)
	}
	if _, err := s.EraseUser(ctx, org, teacher); err != nil {
		t.Fatal(err)
	}
	wrong := must[appliance.Page[appliance.Chunk]](t)(s.AllChunks(ctx, org, whole, src.ID, true, 0, 10))
	if wrong.Total != 1 || wrong.Items[0].Text != list[1].Text || wrong.Items[0].ID == id || wrong.Items[0].Wrong.By != "" {
		t.Error(wrong)
	}
	// By the id that the old answer knows it by it is taken back.
	if c := must[appliance.Chunk](t)(s.MarkWrong(ctx, org, "", src.ID, id, false)); c.Wrong != nil {
		t.Error(c)
	}
	everywhereNew := must[[]appliance.Hit](t)(s.SearchText(ctx, org, whole, []string{"48"}, 10))
	if len(everywhereNew) != 1 {
		t.Error(everywhereNew)
	}
	must[appliance.Chunk](t)(s.MarkWrong(ctx, org, "", src.ID, id, true))
	if _, _, err := s.DeleteSource(ctx, org, src.ID); err != nil {
		t.Fatal(err)
	}
	var left int
	if err := s.read(ctx, func(t *tx) error { return t.QueryRow(`SELECT count(*) FROM wrong_passage`).Scan(&left) }); err != nil || left != 0 {
		t.Error(left, "marks of a deleted source", err)
	}
}

func TestPinsComeBackUntilTheNight(t *testing.T) {
	s := open(t)
	ctx := t.Context()
	a := addSchoolClass(t, s, "P5")
	keys := appliance.PinKeys{Same: "en deep lake"}
	p := must[appliance.Pin](t)(s.AddPin(ctx, org, a.teacher, appliance.PinContent{Question: "How deep?", Text: "480 m", ClassIDs: []appliance.ClassID{a.id}}, keys))
	if err := s.DeleteClass(ctx, org, a.id); problem.Of(err).Reason != "class_has_pins" {
		t.Error("a class's answer becomes everybody's", err)
	}
	if err := s.RemovePin(ctx, org, p.ID); err != nil {
		t.Fatal(err)
	}
	if _, ok, err := s.Pinned(ctx, org, whole, "", keys); ok || err != nil {
		t.Error("it is still given", err)
	}
	if err := s.Maintain(ctx); err != nil { // what was removed a moment ago stays
		t.Fatal(err)
	}
	must[appliance.Pin](t)(s.BringBackPin(ctx, org, p.ID))
	if _, ok, err := s.Pinned(ctx, org, appliance.Scope{Classes: []appliance.ClassID{a.id}}, "", keys); !ok || err != nil {
		t.Error("it is not given again", err)
	}
	if _, ok, err := s.Pinned(ctx, org, appliance.Scope{}, "", keys); ok || err != nil {
		t.Error("another class gets it", err)
	}
	if err := s.RemovePin(ctx, org, p.ID); err != nil {
		t.Fatal(err)
	}
	if err := s.DeleteClass(ctx, org, a.id); err != nil {
		t.Fatal(err)
	}
	if err := s.Maintain(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := s.BringBackPin(ctx, org, p.ID); problem.CodeOf(err) != problem.NotFound {
		t.Error("without its class it comes back for everybody", err)
	}
}

// The data of the version before has no tables for this.
func TestFeedbackOnDataOfTheVersionBefore(t *testing.T) {
	path, box := filepath.Join(t.TempDir(), "bwenge.db"), testBox(t)
	s := must[*Store](t)(Open(t.Context(), path, box))
	src := addReady(t, s, org, "book", "The lake is deep.")
	given := answer(t, s, "pupil", "q", "deep")
	if err := s.write(context.Background(), func(t *tx) error {
		for _, statement := range []string{`DROP TABLE thumb`, `DROP TABLE pin_class`, `DROP TABLE pin`, `DROP TABLE wrong_passage`,
			`DELETE FROM migration WHERE name = '0011_feedback.sql'`} {
			if _, err := t.Exec(statement); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = must[*Store](t)(Open(t.Context(), path, box))
	defer s.Close()
	if err := s.Rate(t.Context(), org, "pupil", given.MessageID, appliance.Thumb{Up: true}); err != nil {
		t.Error(err)
	}
	must[appliance.Pin](t)(s.AddPin(t.Context(), org, "", appliance.PinContent{Question: "q", Text: "a"}, appliance.PinKeys{Same: "q"}))
	chunk := must[appliance.Page[appliance.Chunk]](t)(s.Chunks(t.Context(), org, whole, src.ID, 0, 1)).Items[0]
	must[appliance.Chunk](t)(s.MarkWrong(t.Context(), org, "", src.ID, chunk.ID, true))
}
