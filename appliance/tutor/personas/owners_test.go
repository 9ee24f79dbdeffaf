package personas

import (
	"path/filepath"
	"testing"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/school/keys"
	"github.com/bwenge-os/bwenge/appliance/sqlite"
	"github.com/bwenge-os/bwenge/internal/problem"
)

func reasonOf(err error) string {
	if err == nil {
		return ""
	}
	return problem.Of(err).Reason
}

func TestOnlyMakerClassTeachersAndOfficeChangeTutors(t *testing.T) {
	dir, ctx, org := t.TempDir(), t.Context(), appliance.DefaultOrg
	box, err := keys.Open(filepath.Join(dir, "keys"))
	if err != nil {
		t.Fatal(err)
	}
	store, err := sqlite.Open(ctx, filepath.Join(dir, "bwenge.db"), box)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	var class [2]appliance.Class
	for i, name := range []string{"a", "b"} {
		if class[i], err = store.AddClass(ctx, org, appliance.Class{Name: name, Code: name, SignIn: appliance.SignInPIN}, nil); err != nil {
			t.Fatal(err)
		}
	}
	s, err := New(store)
	if err != nil {
		t.Fatal(err)
	}
	teacher := func(id appliance.UserID, classes ...appliance.ClassID) appliance.Principal {
		return appliance.Principal{Org: org, User: id, Role: appliance.RoleTeacher, Scope: appliance.Scope{Classes: classes, Maker: id}}
	}
	a, b, both := teacher("a", class[0].ID), teacher("b", class[1].ID), teacher("both", class[0].ID, class[1].ID)
	admin := appliance.Principal{Org: org, User: "admin", Role: appliance.RoleAdmin, Scope: appliance.Scope{All: true}}
	content := appliance.PersonaContent{Name: "Ada"}
	exam, err := s.Add(ctx, a, content, appliance.Audience{Classes: []appliance.ClassID{class[0].ID}})
	if err != nil || !exam.MayChange {
		t.Fatal(exam, err)
	}
	general, err := s.Add(ctx, a, content, appliance.Audience{})
	if err != nil {
		t.Fatal(err)
	}
	page, err := s.List(ctx, b, "", "", 100)
	if err != nil {
		t.Fatal(err)
	}
	came := ""
	for _, p := range page.Items {
		if p.ID == exam.ID || p.MayChange {
			t.Error("another teacher sees or may change", p)
		}
		if p.Shipped {
			came = p.ID
		}
	}
	if _, err := s.Add(ctx, b, content, appliance.Audience{Classes: []appliance.ClassID{class[0].ID}}); reasonOf(err) != "not_your_class" {
		t.Error("made for another's class:", err)
	}
	for id, want := range map[string]string{exam.ID: "persona_not_found", general.ID: "not_your_persona", came: "not_your_persona"} {
		_, update := s.Update(ctx, b, id, 1, content)
		_, share := s.Share(ctx, b, id, []appliance.ClassID{class[1].ID})
		_, restore := s.Restore(ctx, b, id, 1, 1)
		for i, err := range []error{update, share, restore, s.Delete(ctx, b, id)} {
			if reasonOf(err) != want {
				t.Errorf("%d of %s: %v", i, id, err)
			}
		}
	}
	if _, err := s.Versions(ctx, b, exam.ID); reasonOf(err) != "persona_not_found" {
		t.Error(err)
	}
	if _, err := s.Copy(ctx, b, exam.ID, ""); reasonOf(err) != "persona_not_found" {
		t.Error(err)
	}
	if p, err := s.Copy(ctx, b, general.ID, ""); err != nil || !p.MayChange || !p.Draft {
		t.Error("a copy of what one sees:", p, err)
	}
	if p, err := s.Update(ctx, both, exam.ID, 1, content); err != nil || p.Version != 2 {
		t.Error("a teacher of its class:", p, err)
	}
	if _, err := s.Share(ctx, a, exam.ID, []appliance.ClassID{class[0].ID, class[1].ID}); reasonOf(err) != "not_your_class" {
		t.Error(err)
	}
	if _, err := s.Share(ctx, both, exam.ID, []appliance.ClassID{class[0].ID, class[1].ID}); err != nil {
		t.Error(err)
	}
	if err := s.Delete(ctx, admin, came); err != nil {
		t.Error(err)
	}
}
