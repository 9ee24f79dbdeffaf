package sqlite

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/problem"
)

// tutoring is what a school's tutor keeps, with ids that another school may
// guess.
type tutoring struct {
	persona appliance.Persona
	flag    appliance.Flag
	memory  appliance.Memory
	key     appliance.APIKey
	answer  appliance.Answer // that is rated
	thumb   appliance.Feedback
	pin     appliance.Pin
	removed appliance.Pin
	wrong   appliance.Chunk
}

const guessed = appliance.UserID("guessed") // the same user id in both schools

func teachTutor(t *testing.T, s *Store, org appliance.OrgID, mark string) (x tutoring) {
	t.Helper()
	ctx := t.Context()
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	check(s.ShipPersonas(ctx, org, map[string]appliance.PersonaContent{"science": {Name: "shipped " + mark}}))
	x.persona = must[appliance.Persona](t)(s.AddPersona(ctx, org, guessed, appliance.PersonaContent{Name: "persona " + mark, Rules: []string{mark}}, appliance.Audience{}))
	check(s.AddFlag(ctx, org, appliance.Flag{User: appliance.UserRef{ID: guessed}, Category: "abuse", Severity: 2, Side: "question", Text: mark, ConversationID: mark}))
	x.flag = must[appliance.Page[appliance.Flag]](t)(s.Flags(ctx, org, "", true, "", 1)).Items[0]
	check(s.AddMemory(ctx, org, guessed, appliance.Memory{Text: mark, Vector: vectorOf(mark)}))
	x.memory = must[[]appliance.Memory](t)(s.Memories(ctx, org, guessed))[0]
	must[appliance.ModelSettings](t)(s.SaveModelSettings(ctx, org, appliance.ModelSettings{Providers: []appliance.Provider{{ID: "p", Name: mark, Key: mark}}}))
	check(s.AddUsage(ctx, org, guessed, appliance.Usage{Provider: mark, Model: mark, Requests: 1, PromptTokens: 7, Cost: 3}))
	x.key = must[appliance.APIKey](t)(s.AddAPIKey(ctx, org, guessed, appliance.APIKey{Name: mark, PersonaID: x.persona.ID, Prefix: mark}, []byte(mark)))
	if _, _, _, err := s.SaveQuestion(ctx, org, guessed, appliance.Question{ID: "rated", Text: "what is " + mark}); err != nil {
		t.Fatal(err)
	}
	x.answer = must[appliance.Answer](t)(s.SaveAnswer(ctx, org, guessed, "rated", appliance.Answer{ResponseText: "it is " + mark}))
	check(s.Rate(ctx, org, guessed, x.answer.MessageID, appliance.Thumb{Reason: appliance.ThumbOther, Note: "not " + mark}))
	x.thumb = must[appliance.Page[appliance.Feedback]](t)(s.Feedbacks(ctx, org, "", whole, appliance.FeedbackFilter{})).Items[0]
	x.pin = must[appliance.Pin](t)(s.AddPin(ctx, org, guessed, appliance.PinContent{Question: "what is " + mark, Text: "it is " + mark}, theirKeys))
	x.removed = must[appliance.Pin](t)(s.AddPin(ctx, org, guessed, appliance.PinContent{Question: "who is " + mark, Text: "she is " + mark}, appliance.PinKeys{Same: "who"}))
	check(s.RemovePin(ctx, org, x.removed.ID))
	src := must[appliance.Page[appliance.Source]](t)(s.Sources(ctx, org, whole, appliance.SourceFilter{})).Items[0]
	x.wrong = must[appliance.Page[appliance.Chunk]](t)(s.AllChunks(ctx, org, whole, src.ID, false, 1, 1)).Items[0]
	return x
}

// theirKeys are those of a question that both schools have pinned.
var theirKeys = appliance.PinKeys{Same: "what is it", Alike: "it is what"}

func tutorProbes(t *testing.T, s *Store, theirs tutoring, canary string, seen func(any, error), missing func(error)) map[string]func() {
	ctx := t.Context()
	return map[string]func(){
		"Persona": func() { p, err := s.Persona(ctx, org, whole, theirs.persona.ID); missing(err); seen(p, nil) },
		"Personas": func() {
			seen(s.Personas(ctx, org, whole, "", "", 100))
			page, err := s.Personas(ctx, org, whole, canary, "", 100)
			if page.Total != 0 || err != nil {
				t.Error(page.Total, err)
			}
		},
		"AddPersona": func() {
			seen(s.AddPersona(ctx, org, guessed, appliance.PersonaContent{Name: "new"}, appliance.Audience{}))
		},
		"ShipPersonas": func() {
			if err := s.ShipPersonas(ctx, org, map[string]appliance.PersonaContent{"science": {Name: "over"}}); err != nil {
				t.Error(err)
			}
			if p := must[appliance.Persona](t)(s.Persona(ctx, "other", whole, "science")); p.Name != "shipped "+canary {
				t.Error(p)
			}
		},
		"UpdatePersona": func() {
			_, err := s.UpdatePersona(ctx, org, guessed, theirs.persona.ID, 1, appliance.PersonaContent{Name: "x"})
			missing(err)
			// The same id in both schools is two personas.
			seen(s.UpdatePersona(ctx, org, guessed, "science", 1, appliance.PersonaContent{Name: "ours"}))
		},
		"SharePersona":    func() { _, err := s.SharePersona(ctx, org, theirs.persona.ID, nil); missing(err) },
		"PersonaVersions": func() { v, err := s.PersonaVersions(ctx, org, theirs.persona.ID); missing(err); seen(v, nil) },
		"DeletePersona": func() {
			missing(s.DeletePersona(ctx, org, theirs.persona.ID))
			if err := s.DeletePersona(ctx, org, "science"); err != nil {
				t.Error(err)
			}
		},
		"Flags":   func() { seen(s.Flags(ctx, org, "", false, "", 100)); seen(s.Flags(ctx, org, guessed, false, "", 100)) },
		"SeeFlag": func() { f, err := s.SeeFlag(ctx, org, "", guessed, theirs.flag.ID); missing(err); seen(f, nil) },
		"AddFlag": func() {
			if err := s.AddFlag(ctx, org, appliance.Flag{User: appliance.UserRef{ID: guessed}, Text: "x"}); err != nil {
				t.Error(err)
			}
		},
		"CountFlags": func() {
			// Theirs would be the third: one of two is AddFlag's.
			if n, err := s.CountFlags(ctx, org, ""); err != nil || n != (appliance.FlagCount{Open: 2, Urgent: 1}) {
				t.Error(n, err)
			}
		},
		"TeachersOf": func() { seen(s.TeachersOf(ctx, org, guessed)) },
		"Rate": func() {
			missing(s.Rate(ctx, org, guessed, theirs.answer.MessageID, appliance.Thumb{Up: true}))
		},
		"Unrate": func() { missing(s.Unrate(ctx, org, guessed, theirs.answer.MessageID)) },
		"Feedbacks": func() {
			for _, who := range []appliance.UserID{"", guessed} {
				page, err := s.Feedbacks(ctx, org, who, whole, appliance.FeedbackFilter{})
				seen(page, err)
				page, err = s.Feedbacks(ctx, org, who, whole, appliance.FeedbackFilter{Search: canary})
				if seen(page, err); page.Total != 0 {
					t.Error(page)
				}
			}
		},
		"CountFeedback": func() {
			if n, err := s.CountFeedback(ctx, org, ""); err != nil || n != (appliance.FeedbackCount{Open: 1, Down: 1}) {
				t.Error(n, err)
			}
		},
		"FinishFeedback": func() { missing(s.FinishFeedback(ctx, org, "", guessed, theirs.thumb.ID, true)) },
		"Pin":            func() { p, err := s.Pin(ctx, org, whole, theirs.pin.ID); missing(err); seen(p, nil) },
		"DeletedPin":     func() { p, err := s.DeletedPin(ctx, org, whole, theirs.removed.ID); missing(err); seen(p, nil) },
		"Pins": func() {
			seen(s.Pins(ctx, org, whole, "", "", 100))
			seen(s.Pins(ctx, org, appliance.Scope{Maker: guessed}, canary, "", 100))
		},
		"Pinned": func() {
			p, ok, err := s.Pinned(ctx, org, whole, "", theirKeys)
			if seen(p, err); !ok {
				t.Error("not even ours")
			}
		},
		"AddPin": func() {
			seen(s.AddPin(ctx, org, guessed, appliance.PinContent{Question: "x", Text: "x", Passages: []int64{theirs.wrong.ID}}, appliance.PinKeys{Same: "x"}))
		},
		"UpdatePin": func() {
			p, err := s.UpdatePin(ctx, org, guessed, theirs.pin.ID, appliance.PinContent{}, theirKeys)
			missing(err)
			seen(p, nil)
		},
		"RemovePin":    func() { missing(s.RemovePin(ctx, org, theirs.pin.ID)) },
		"BringBackPin": func() { p, err := s.BringBackPin(ctx, org, theirs.removed.ID); missing(err); seen(p, nil) },
		"MarkWrong": func() {
			c, err := s.MarkWrong(ctx, org, guessed, theirs.wrong.SourceID, theirs.wrong.ID, true)
			missing(err)
			seen(c, nil)
		},
		"AllChunks": func() {
			page, err := s.AllChunks(ctx, org, whole, theirs.wrong.SourceID, false, 0, 10)
			missing(err)
			seen(page, nil)
		},
		"Memories": func() { seen(s.Memories(ctx, org, guessed)) },
		"AddMemory": func() {
			for range memoriesKept + 5 {
				if err := s.AddMemory(ctx, org, guessed, appliance.Memory{Text: "ours"}); err != nil {
					t.Fatal(err)
				}
			}
		},
		"DeleteMemory": func() {
			missing(s.DeleteMemory(ctx, org, guessed, theirs.memory.ID))
			if err := s.DeleteMemory(ctx, org, guessed, ""); err != nil {
				t.Error(err)
			}
		},
		"ModelSettings": func() { seen(s.ModelSettings(ctx, org)) },
		"SaveModelSettings": func() {
			now := must[appliance.ModelSettings](t)(s.ModelSettings(ctx, org))
			seen(s.SaveModelSettings(ctx, org, now))
		},
		"AddUsage": func() {
			if err := s.AddUsage(ctx, org, guessed, appliance.Usage{Provider: "box", Model: "m", Requests: 1}); err != nil {
				t.Error(err)
			}
		},
		"Usage": func() { seen(s.Usage(ctx, org, time.Now().AddDate(0, 0, -1), time.Now())) },
		"SpentToday": func() {
			school, theirs, err := s.SpentToday(ctx, org, guessed)
			if err != nil || school.Cost != 3 || theirs.PromptTokens != 7 {
				t.Error(school, theirs, err)
			}
		},
		"AddAPIKey": func() {
			_, err := s.AddAPIKey(ctx, org, guessed, appliance.APIKey{Name: "x", PersonaID: theirs.persona.ID}, []byte("x"))
			missing(err)
		},
		"APIKeys":      func() { seen(s.APIKeys(ctx, org)) },
		"DeleteAPIKey": func() { missing(s.DeleteAPIKey(ctx, org, theirs.key.ID)) },
		"Names": func() {
			names, err := s.Names(ctx, org)
			if seen(names, err); len(names) == 0 {
				t.Error("no names")
			}
		},
		"Spellings": func() {
			words, err := s.Spellings(ctx, org, whole, strings.Replace(canary, "b", "p", 1))
			if seen(words, err); len(words) != 0 {
				t.Error(words)
			}
			if words, err := s.Spellings(ctx, org, whole, "plent"); err != nil || !slices.Equal(words, []string{"plant"}) {
				t.Error(words, err)
			}
		},
	}
}

func (x tutoring) stays(t *testing.T, s *Store, canary string) {
	t.Helper()
	ctx := t.Context()
	if p := must[appliance.Persona](t)(s.Persona(ctx, "other", whole, x.persona.ID)); p.Version != 1 || p.Name != x.persona.Name {
		t.Error(p)
	}
	if f := must[appliance.Page[appliance.Flag]](t)(s.Flags(ctx, "other", "", true, "", 10)); f.Total != 1 || f.Items[0].Text != canary {
		t.Error(f)
	}
	if m := must[[]appliance.Memory](t)(s.Memories(ctx, "other", guessed)); len(m) != 1 || m[0].Text != canary {
		t.Error(m)
	}
	if m := must[appliance.ModelSettings](t)(s.ModelSettings(ctx, "other")); m.Version != 1 || m.Providers[0].Key != canary {
		t.Error(m)
	}
	if f := must[appliance.Page[appliance.Feedback]](t)(s.Feedbacks(ctx, "other", "", whole, appliance.FeedbackFilter{Open: true, Search: canary})); f.Total != 1 || f.Items[0].Note != "not "+canary ||
		f.Items[0].Question != "what is "+canary || f.Items[0].Answer.ResponseText != "it is "+canary {
		t.Error(f)
	}
	if p, ok, err := s.Pinned(ctx, "other", whole, "", theirKeys); !ok || err != nil || p.Text != "it is "+canary {
		t.Error(p, err)
	}
	if c := must[appliance.Page[appliance.Chunk]](t)(s.AllChunks(ctx, "other", whole, x.wrong.SourceID, true, 0, 10)); c.Total != 0 {
		t.Error(c)
	}
	if p, err := s.APIKeyByHash(ctx, []byte(canary)); err != nil || p.Org != "other" || p.Key.ID != x.key.ID {
		t.Error(p, err)
	}
}

func TestPersonasHaveVersions(t *testing.T) {
	s := open(t)
	ctx := t.Context()
	a := must[appliance.Class](t)(s.AddClass(ctx, org, appliance.Class{Name: "P5", Code: "A", SignIn: appliance.SignInPIN}, nil))
	p := must[appliance.Persona](t)(s.AddPersona(ctx, org, "", appliance.PersonaContent{Name: "Ada", Rules: []string{"be brief"}}, appliance.Audience{Classes: []appliance.ClassID{a.ID}}))
	in, out := appliance.Scope{Classes: []appliance.ClassID{a.ID}}, appliance.Scope{}
	if _, err := s.Persona(ctx, org, in, p.ID); err != nil {
		t.Error(err)
	}
	if _, err := s.Persona(ctx, org, out, p.ID); problem.CodeOf(err) != problem.NotFound {
		t.Error("another class uses it", err)
	}
	if page := must[appliance.Page[appliance.Persona]](t)(s.Personas(ctx, org, out, "", "", 10)); page.Total != 0 {
		t.Error("another class sees it")
	}
	if err := s.DeleteClass(ctx, org, a.ID); problem.Of(err).Reason != "class_has_personas" {
		t.Error("a persona for one class becomes everybody's", err)
	}
	p = must[appliance.Persona](t)(s.UpdatePersona(ctx, org, "", p.ID, 1, appliance.PersonaContent{Name: "Ada L."}))
	if _, err := s.UpdatePersona(ctx, org, "", p.ID, 1, appliance.PersonaContent{Name: "late"}); problem.CodeOf(err) != problem.Conflict {
		t.Error("the second of two writers wins", err)
	}
	v := must[[]appliance.PersonaVersion](t)(s.PersonaVersions(ctx, org, p.ID))
	if len(v) != 2 || v[0].Content.Name != "Ada L." || v[1].Content.Name != "Ada" || v[1].Content.Rules[0] != "be brief" {
		t.Error(v)
	}
	// What was shipped and deleted is not shipped again.
	shipped := map[string]appliance.PersonaContent{"science": {Name: "Science"}}
	for range 2 {
		if err := s.ShipPersonas(ctx, org, shipped); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.DeletePersona(ctx, org, "science"); err != nil {
		t.Fatal(err)
	}
	if err := s.ShipPersonas(ctx, org, shipped); err != nil {
		t.Fatal(err)
	}
	if page := must[appliance.Page[appliance.Persona]](t)(s.Personas(ctx, org, whole, "", "", 10)); page.Total != 1 {
		t.Error(page)
	}
}

func TestTeachersSeeTheFlagsOfTheirPupils(t *testing.T) {
	s := open(t)
	ctx := t.Context()
	class := must[appliance.Class](t)(s.AddClass(ctx, org, appliance.Class{Name: "P5", Code: "A", SignIn: appliance.SignInPIN}, nil))
	user := func(role appliance.Role, classes ...appliance.ClassRef) appliance.UserID {
		return must[appliance.User](t)(s.AddUser(ctx, org, appliance.NewUser{User: appliance.User{Role: role, Name: "x", Classes: classes}})).ID
	}
	pupil, theirs, stranger := user(appliance.RoleStudent, appliance.ClassRef{ID: class.ID}), user(appliance.RoleTeacher, appliance.ClassRef{ID: class.ID}), user(appliance.RoleTeacher)
	if err := s.AddFlag(ctx, org, appliance.Flag{User: appliance.UserRef{ID: pupil}, Category: "abuse", Severity: 2, Side: "question", Text: "secret"}); err != nil {
		t.Fatal(err)
	}
	if page := must[appliance.Page[appliance.Flag]](t)(s.Flags(ctx, org, stranger, false, "", 10)); page.Total != 0 {
		t.Error("a teacher of other classes sees it")
	}
	page := must[appliance.Page[appliance.Flag]](t)(s.Flags(ctx, org, theirs, true, "", 10))
	if page.Total != 1 || page.Items[0].Text != "secret" || page.Items[0].User.Name != "x" {
		t.Fatal(page)
	}
	if n := must[appliance.FlagCount](t)(s.CountFlags(ctx, org, theirs)); n != (appliance.FlagCount{Open: 1, Urgent: 1}) {
		t.Error("counted", n)
	}
	if n := must[appliance.FlagCount](t)(s.CountFlags(ctx, org, stranger)); n != (appliance.FlagCount{}) {
		t.Error("a teacher of other classes counts", n)
	}
	if _, err := s.SeeFlag(ctx, org, stranger, stranger, page.Items[0].ID); problem.CodeOf(err) != problem.NotFound {
		t.Error(err)
	}
	if f := must[appliance.Flag](t)(s.SeeFlag(ctx, org, theirs, theirs, page.Items[0].ID)); f.SeenAt == nil {
		t.Error(f)
	}
	if page := must[appliance.Page[appliance.Flag]](t)(s.Flags(ctx, org, theirs, true, "", 10)); page.Total != 0 {
		t.Error("still open")
	}
	// They go, and all of it with them; what was spent stays.
	if err := s.AddUsage(ctx, org, pupil, appliance.Usage{Provider: "away", Model: "m", Requests: 1, PromptTokens: 5}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.EraseUser(ctx, org, pupil); err != nil {
		t.Fatal(err)
	}
	if page := must[appliance.Page[appliance.Flag]](t)(s.Flags(ctx, org, "", false, "", 10)); page.Total != 0 {
		t.Error(page)
	}
	if list := must[[]appliance.Usage](t)(s.Usage(ctx, org, time.Now(), time.Now())); len(list) != 1 || list[0].PromptTokens != 5 {
		t.Error(list)
	}
}

func TestDistance(t *testing.T) {
	for _, x := range []struct {
		a, b string
		want int
	}{{"photosinthesis", "photosynthesis", 1}, {"recieve", "receive", 1}, {"kivu", "kivu", 0}, {"", "abc", 3}, {"cell", "wall", 2}} {
		if got := distance([]rune(x.a), []rune(x.b)); got != x.want {
			t.Errorf("%s %s: %d, want %d", x.a, x.b, got, x.want)
		}
	}
}

// A teacher who is called sees who it is, of which class, and what they had asked.
func TestAFlagSaysWhoAndWhere(t *testing.T) {
	s := open(t)
	ctx := t.Context()
	p5, p6 := addSchoolClass(t, s, "P5"), addSchoolClass(t, s, "P6")
	if err := s.JoinClass(ctx, org, p6.id, []appliance.UserID{p5.pupil}); err != nil {
		t.Fatal(err)
	}
	var conversation string
	for i, text := range []string{"one", "two", "three", "four", "five", "six"} {
		c, _, _, err := s.SaveQuestion(ctx, org, p5.pupil, appliance.Question{ID: text, ConversationID: conversation, Text: text})
		if err != nil {
			t.Fatal(i, err)
		}
		conversation = c.ID
	}
	call := func(user appliance.UserID) {
		if err := s.AddFlag(ctx, org, appliance.Flag{User: appliance.UserRef{ID: user}, Category: "asked_for_help", Severity: 1, Side: "question", ConversationID: conversation}); err != nil {
			t.Fatal(err)
		}
	}
	call(p5.pupil)
	f := must[appliance.Page[appliance.Flag]](t)(s.Flags(ctx, org, p5.teacher, true, "", 10)).Items[0]
	if len(f.Classes) != 1 || f.Classes[0].Name != "P5" {
		t.Error("a teacher of P5 sees the classes", f.Classes)
	}
	if got := strings.Join(f.Asked, " "); got != "two three four five six" {
		t.Error("asked", got)
	}
	if f := must[appliance.Page[appliance.Flag]](t)(s.Flags(ctx, org, "", true, "", 10)).Items[0]; len(f.Classes) != 2 {
		t.Error("the office sees the classes", f.Classes)
	}
	// Whoever names another's conversation shows nothing of it.
	call(p6.pupil)
	if f := must[appliance.Page[appliance.Flag]](t)(s.Flags(ctx, org, p6.teacher, true, "", 1)).Items[0]; len(f.Asked) != 0 {
		t.Error("another's questions", f.Asked)
	}
	// What was deleted is not told.
	if err := s.DeleteConversation(ctx, org, p5.pupil, conversation); err != nil {
		t.Fatal(err)
	}
	if f := must[appliance.Page[appliance.Flag]](t)(s.Flags(ctx, org, p5.teacher, true, "", 10)).Items; len(f) == 0 || len(f[len(f)-1].Asked) != 0 {
		t.Error("questions of a deleted conversation", f)
	}
	if names := must[[]string](t)(s.TeachersOf(ctx, org, p6.pupil)); len(names) != 1 {
		t.Error("who will see it", names)
	}
}

// A draft is its maker's alone, and everybody's whom it is then shared with.
func TestADraftIsSeenByItsMaker(t *testing.T) {
	s := open(t)
	ctx := t.Context()
	p5 := addSchoolClass(t, s, "P5")
	scope := func(user appliance.UserID) appliance.Scope { return must[appliance.Scope](t)(s.Scope(ctx, org, user)) }
	draft := must[appliance.Persona](t)(s.AddPersona(ctx, org, p5.teacher, appliance.PersonaContent{Name: "Ada"}, appliance.Audience{Draft: true, Classes: []appliance.ClassID{p5.id}}))
	if p := must[appliance.Persona](t)(s.Persona(ctx, org, scope(p5.teacher), draft.ID)); !p.Draft {
		t.Error("no draft")
	}
	if _, err := s.Persona(ctx, org, scope(p5.pupil), draft.ID); problem.CodeOf(err) != problem.NotFound {
		t.Error("a pupil finds a draft:", err)
	}
	if page := must[appliance.Page[appliance.Persona]](t)(s.Personas(ctx, org, scope(p5.pupil), "", "", 10)); page.Total != 0 {
		t.Error("a pupil is shown a draft")
	}
	// What is changed on a draft leaves it one.
	if p := must[appliance.Persona](t)(s.UpdatePersona(ctx, org, p5.teacher, draft.ID, draft.Version, appliance.PersonaContent{Name: "Ada, maths"})); !p.Draft {
		t.Error("saved, and live")
	}
	if p := must[appliance.Persona](t)(s.SharePersona(ctx, org, draft.ID, []appliance.ClassID{p5.id})); p.Draft {
		t.Error("shared, and still a draft")
	}
	if p := must[appliance.Persona](t)(s.Persona(ctx, org, scope(p5.pupil), draft.ID)); p.Name != "Ada, maths" {
		t.Error(p)
	}
}
