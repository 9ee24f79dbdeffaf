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
	x.persona = must[appliance.Persona](t)(s.AddPersona(ctx, org, guessed, appliance.PersonaContent{Name: "persona " + mark, Rules: []string{mark}}, nil))
	check(s.AddFlag(ctx, org, appliance.Flag{User: appliance.UserRef{ID: guessed}, Category: "abuse", Severity: 2, Side: "question", Text: mark, ConversationID: mark}))
	x.flag = must[appliance.Page[appliance.Flag]](t)(s.Flags(ctx, org, "", true, "", 1)).Items[0]
	check(s.AddMemory(ctx, org, guessed, appliance.Memory{Text: mark, Vector: vectorOf(mark)}))
	x.memory = must[[]appliance.Memory](t)(s.Memories(ctx, org, guessed))[0]
	must[appliance.ModelSettings](t)(s.SaveModelSettings(ctx, org, appliance.ModelSettings{Providers: []appliance.Provider{{ID: "p", Name: mark, Key: mark}}}))
	check(s.AddUsage(ctx, org, guessed, appliance.Usage{Provider: mark, Model: mark, Requests: 1, PromptTokens: 7, Cost: 3}))
	x.key = must[appliance.APIKey](t)(s.AddAPIKey(ctx, org, guessed, appliance.APIKey{Name: mark, PersonaID: x.persona.ID, Prefix: mark}, []byte(mark)))
	return x
}

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
		"AddPersona": func() { seen(s.AddPersona(ctx, org, guessed, appliance.PersonaContent{Name: "new"}, nil)) },
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
	if p, err := s.APIKeyByHash(ctx, []byte(canary)); err != nil || p.Org != "other" || p.Key.ID != x.key.ID {
		t.Error(p, err)
	}
}

func TestPersonasHaveVersions(t *testing.T) {
	s := open(t)
	ctx := t.Context()
	a := must[appliance.Class](t)(s.AddClass(ctx, org, appliance.Class{Name: "P5", Code: "A", SignIn: appliance.SignInPIN}, nil))
	p := must[appliance.Persona](t)(s.AddPersona(ctx, org, "", appliance.PersonaContent{Name: "Ada", Rules: []string{"be brief"}}, []appliance.ClassID{a.ID}))
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
