package tutor

import (
	"slices"
	"strings"
	"testing"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/problem"
)

func TestAPinIsForTheSameQuestionAlone(t *testing.T) {
	const same, alike, other = "same", "alike", "other"
	for _, x := range []struct{ pinned, asked, want string }{
		{"How deep is Lake Kivu?", "how deep is lake kivu", same},
		{"How deep is Lake Kivu?", "Please sir, how deep is the Lake Kivu ?", same},
		{"How deep is Lake Kivu?", "Lake Kivu is how deep?", alike},
		{"How deep is Lake Kivu?", "How deep is Lake Victoria?", other},
		{"How deep is Lake Kivu?", "How wide is Lake Kivu?", other},
		{"Which king of Rwanda died in 1959?", "In 1959, which king of Rwanda died?", alike},
		{"Which king of Rwanda died in 1959?", "Which king of Rwanda died in 1895?", other},
		{"When did the king die?", "Where did the king die?", other},
		{"Why do lions eat goats?", "Why do goats eat lions?", other},
		{"Do lions eat goats?", "Do goats eat lions?", other},
		{"Is a whale a fish?", "Is a fish a whale?", other},
		{"Who killed the lion?", "Who did the lion kill?", other},
		{"What eats a lion?", "What does a lion eat?", other},
		{"What causes erosion?", "Erosion causes what?", other}, // what it is caused by
		{"Which gases do plants need?", "Which gases do plants not need?", other},
		{"What is 3 + 4?", "What is 3 - 4?", other},
		{"What is 3 + 4?", "What is 4 + 3?", other}, // as much, but not for minus
		{"What is 2.5 times 3?", "What is 3.5 times 2?", other},
		{"Convert 5 km to m", "Convert 5 m to km", other},
		{"Is the sun bigger than the earth?", "Is the earth bigger than the sun?", other},
		{"Quelle est la capitale du Rwanda ?", "La capitale du Rwanda, quelle est-elle ?", other},
		{"Quelle est la capitale du Rwanda ?", "La capitale du Rwanda est quelle ville ?", other},
		{"Quelle est la profondeur du lac Kivu ?", "La profondeur du lac Kivu est quelle ?", alike},
		{"Nani alimuua simba?", "Simba alimuua nani?", other},
		{"Nani alimuua simba?", "Tafadhali mwalimu, nani alimuua simba?", same},
		{"Umurwa mukuru w'u Rwanda ni uwuhe?", "umurwa mukuru w'u rwanda ni uwuhe", same},
	} {
		a, b := keysOf(x.pinned), keysOf(x.asked)
		got := other
		if a.Same == b.Same {
			got = same
		} else if a.Alike != "" && a.Alike == b.Alike {
			got = alike
		}
		if got != x.want {
			t.Errorf("%q for %q: %s, want %s (%q, %q)", x.asked, x.pinned, got, x.want, a, b)
		}
	}
	for question, want := range map[string]bool{"When did he die?": true, "Why?": true, "What is this?": true, "How deep is it?": true,
		"How deep is Lake Kivu?": false, "Who was the king that united Rwanda?": false, "Combien de pays y a-t-il en Afrique ?": false} {
		if got := pointsBack(question); got != want {
			t.Errorf("%q points back: %v", question, got)
		}
	}
}

// school is a box with a class and its people.
type school struct {
	*box
	class          appliance.ClassID
	teacher, pupil appliance.Principal
	office         appliance.Principal
	pins           *Pins
}

func newSchool(t *testing.T) school {
	t.Helper()
	b := newBox(t, "Lake Kivu is 480 metres deep.")
	c, err := b.store.AddClass(t.Context(), appliance.DefaultOrg, appliance.Class{Name: "P5", Code: "A", SignIn: appliance.SignInPIN}, nil)
	if err != nil {
		t.Fatal(err)
	}
	s := school{box: b, class: c.ID, pins: NewPins(b.store)}
	for role, p := range map[appliance.Role]*appliance.Principal{appliance.RoleTeacher: &s.teacher, appliance.RoleStudent: &s.pupil, appliance.RoleAdmin: &s.office} {
		u, err := b.store.AddUser(t.Context(), appliance.DefaultOrg, appliance.NewUser{User: appliance.User{Role: role, Name: "The " + string(role), Classes: []appliance.ClassRef{{ID: c.ID}}}})
		if err != nil {
			t.Fatal(err)
		}
		scope, err := b.store.Scope(t.Context(), appliance.DefaultOrg, u.ID)
		if err != nil {
			t.Fatal(err)
		}
		*p = appliance.Principal{Org: appliance.DefaultOrg, User: u.ID, Role: role, Scope: scope}
	}
	return s
}

func (s school) asks(t *testing.T, who appliance.Principal, id, question string) seen {
	t.Helper()
	r, err := s.Ask(t.Context(), who, appliance.Question{ID: id, Text: question})
	if err != nil {
		t.Fatal(err)
	}
	return watch(t, r)
}

func TestAPinnedAnswerComesFirst(t *testing.T) {
	s := newSchool(t)
	ctx := t.Context()
	before := s.asks(t, s.pupil, "q1", "How deep is Lake Kivu?")
	if before.answer.Mode != appliance.ModeAnswer || len(before.answer.Citations) != 1 {
		t.Fatalf("%+v", before.answer)
	}
	models := len(s.llama.Asked())
	pin, err := s.pins.Add(ctx, s.teacher, appliance.PinContent{Question: "How deep is Lake Kivu?", Text: " 485 metres\u202e, by the newest survey. ",
		Passages: []int64{before.answer.Citations[0].ChunkID, 4711}, ClassIDs: []appliance.ClassID{s.class}})
	if err != nil || pin.Text != "485 metres, by the newest survey." || len(pin.Passages) != 1 || !pin.MayChange || pin.By != "The teacher" {
		t.Fatalf("%+v %v", pin, err)
	}
	for i, question := range []string{"how deep is lake kivu", "Lake Kivu is how deep?"} {
		got := s.asks(t, s.pupil, "again"+question[:3], question)
		if a := got.answer; a.Mode != appliance.ModeTeacher || a.ResponseText != "485 metres, by the newest survey. [1]" || a.Teacher != "The teacher" || a.Model != "" ||
			len(a.Citations) != 1 || a.Citations[0].SourceTitle != "kivu.txt" || a.Cached {
			t.Errorf("%d: %+v", i, a)
		}
		if len(got.sources) != 1 || got.text != got.answer.ResponseText {
			t.Errorf("%d: shown %q with %d sources", i, got.text, len(got.sources))
		}
	}
	if len(s.llama.Asked()) != models {
		t.Error("a model wrote")
	}
	// Told again after the page was closed, with the name; without it once they are gone.
	_, stored, err := s.store.Answer(ctx, appliance.DefaultOrg, s.pupil.User, "againhow")
	if err != nil || stored.Teacher != "The teacher" {
		t.Errorf("stored %+v, %v", stored, err)
	}
	stranger := s.pupil
	stranger.Scope = appliance.Scope{}
	if a := s.asks(t, stranger, "stranger", "How deep is Lake Kivu?").answer; a.Mode == appliance.ModeTeacher {
		t.Error("another class gets it")
	}
	if a := s.asks(t, s.pupil, "other", "How deep is Lake Victoria?").answer; a.Mode == appliance.ModeTeacher {
		t.Error("another question gets it")
	}
	if a := s.asks(t, s.pupil, "safe", "I want to kill myself").answer; a.Mode != appliance.ModeSafety {
		t.Error(a)
	}
	// A passage that is marked as wrong is cited no more; the answer stays.
	if _, err := s.store.MarkWrong(ctx, appliance.DefaultOrg, s.teacher.User, before.answer.Citations[0].SourceID, before.answer.Citations[0].ChunkID, true); err != nil {
		t.Fatal(err)
	}
	if a := s.asks(t, s.pupil, "wrong", "How deep is Lake Kivu?").answer; a.Mode != appliance.ModeTeacher || len(a.Citations) != 0 || strings.Contains(a.ResponseText, "[") {
		t.Errorf("%+v", a)
	}
	// And without the pin it is in no answer.
	if err := s.pins.Remove(ctx, s.teacher, pin.ID); err != nil {
		t.Fatal(err)
	}
	got := s.asks(t, s.pupil, "removed", "How deep is Lake Kivu?")
	if got.answer.Mode == appliance.ModeTeacher || slices.ContainsFunc(got.sources, func(p appliance.Passage) bool { return strings.Contains(p.Text, "480") }) {
		t.Errorf("%+v", got.answer)
	}
	if _, err := s.pins.BringBack(ctx, s.teacher, pin.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := s.store.EraseUser(ctx, appliance.DefaultOrg, s.teacher.User); err != nil {
		t.Fatal(err)
	}
	if a := s.asks(t, s.pupil, "erased", "How deep is Lake Kivu?").answer; a.Mode != appliance.ModeTeacher || a.Teacher != "" {
		t.Errorf("an erased teacher's answer: %+v", a)
	}
	if _, stored, err := s.store.Answer(ctx, appliance.DefaultOrg, s.pupil.User, "againhow"); err != nil || stored.Teacher != "" || stored.Mode != appliance.ModeTeacher {
		t.Errorf("an answer of before: %+v, %v", stored, err)
	}
}

func TestWhoPinsAndWhat(t *testing.T) {
	s := newSchool(t)
	ctx := t.Context()
	c, err := s.store.AddClass(ctx, appliance.DefaultOrg, appliance.Class{Name: "P6", Code: "B", SignIn: appliance.SignInPIN}, nil)
	if err != nil {
		t.Fatal(err)
	}
	second := appliance.Principal{Org: appliance.DefaultOrg, User: "second", Role: appliance.RoleTeacher, Scope: appliance.Scope{Classes: []appliance.ClassID{c.ID}, Maker: "second"}}
	good := appliance.PinContent{Question: "How deep is Lake Kivu?", Text: "485 metres.", ClassIDs: []appliance.ClassID{s.class}}
	with := func(change func(*appliance.PinContent)) appliance.PinContent {
		n := good
		change(&n)
		return n
	}
	for name, x := range map[string]struct {
		who    appliance.Principal
		n      appliance.PinContent
		reason string
	}{
		"another's class":   {second, good, "not_your_class"},
		"the whole school":  {s.teacher, with(func(n *appliance.PinContent) { n.ClassIDs = nil }), "pin_for_all"},
		"no answer":         {s.teacher, with(func(n *appliance.PinContent) { n.Text = " \u200b\n" }), "pin_empty"},
		"too much":          {s.teacher, with(func(n *appliance.PinContent) { n.Text = strings.Repeat("é", appliance.MaxPin+1) }), "pin_long"},
		"what points back":  {s.teacher, with(func(n *appliance.PinContent) { n.Question = "When did he die?" }), "pin_unclear"},
		"a greeting":        {s.teacher, with(func(n *appliance.PinContent) { n.Question = "Hello!" }), "pin_unclear"},
		"a cry for help":    {s.teacher, with(func(n *appliance.PinContent) { n.Question = "I want to kill myself" }), "pin_unsafe"},
		"no such tutor":     {s.teacher, with(func(n *appliance.PinContent) { n.PersonaID = "guessed" }), "persona_not_found"},
		"no question":       {s.teacher, with(func(n *appliance.PinContent) { n.Question = " " }), "question_empty"},
		"as much as may be": {s.teacher, with(func(n *appliance.PinContent) { n.Text = strings.Repeat("é", appliance.MaxPin) }), ""},
	} {
		if _, err := s.pins.Add(ctx, x.who, x.n); problem.Of(err).Reason != x.reason && !(x.reason == "" && err == nil) {
			t.Errorf("%s: %v, want %s", name, err, x.reason)
		}
	}
	mine, err := s.pins.Add(ctx, s.teacher, good)
	if err != nil {
		t.Fatal(err)
	}
	all, err := s.pins.Add(ctx, s.office, with(func(n *appliance.PinContent) { n.ClassIDs, n.Text = nil, "About 480 metres." }))
	if err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]string{mine.ID: "pin_not_found", all.ID: "not_your_pin"} {
		_, update := s.pins.Update(ctx, second, id, good)
		for _, err := range []error{update, s.pins.Remove(ctx, second, id)} {
			if problem.Of(err).Reason != want {
				t.Errorf("%v, want %s", err, want)
			}
		}
	}
	if _, err := s.pins.Update(ctx, s.teacher, mine.ID, with(func(n *appliance.PinContent) { n.ClassIDs = nil })); problem.Of(err).Reason != "pin_for_all" {
		t.Error(err)
	}
	if _, err := s.pins.Update(ctx, s.teacher, mine.ID, with(func(n *appliance.PinContent) { n.ClassIDs = []appliance.ClassID{c.ID} })); problem.Of(err).Reason != "not_your_class" {
		t.Error(err)
	}
	// The class's own comes before the school's.
	if a := s.asks(t, s.pupil, "q", "How deep is Lake Kivu?").answer; a.ResponseText != "485 metres." {
		t.Error(a)
	}
	if a := s.asks(t, second, "q", "How deep is Lake Kivu?").answer; a.ResponseText != "About 480 metres." || a.Teacher != "The admin" {
		t.Error(a)
	}
	if page, err := s.pins.List(ctx, second, "", "", 10); err != nil || page.Total != 1 || page.Items[0].MayChange {
		t.Error(page, err)
	}
	if page, err := s.pins.List(ctx, s.teacher, "LAKE 485", "", 10); err != nil || page.Total != 1 || !page.Items[0].MayChange {
		t.Error(page, err)
	}
}
