package tutor

import (
	"strings"
	"sync/atomic"
	"testing"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/problem"
	"github.com/bwenge-os/bwenge/models"
	"github.com/bwenge-os/bwenge/models/modeltest"
)

// A pupil asks, and is taken out of the class while the model is writing.
func TestAnAnswerEndsWhenItsAskerLeavesTheClass(t *testing.T) {
	leave := func() {}
	var written atomic.Int32
	b := newBox(t, "", func(llama *modeltest.Llama, _ *Config) {
		llama.Reply = func([]models.Turn) string {
			if written.Add(1) == 1 {
				leave()
			}
			return "Lake Kivu is 480 metres deep [1]."
		}
	})
	ctx, org := t.Context(), appliance.DefaultOrg
	class, err := b.store.AddClass(ctx, org, appliance.Class{Name: "P5", Code: "P5", SignIn: appliance.SignInPIN}, nil)
	if err != nil {
		t.Fatal(err)
	}
	pupil, err := b.store.AddUser(ctx, org, appliance.NewUser{User: appliance.User{Role: appliance.RoleStudent, Name: "Keza", Classes: []appliance.ClassRef{{ID: class.ID}}}})
	if err != nil {
		t.Fatal(err)
	}
	page, err := b.store.Sources(ctx, org, appliance.Scope{All: true}, appliance.SourceFilter{})
	if err != nil {
		t.Fatal(err)
	}
	for _, src := range page.Items {
		if _, err := b.store.ShareSource(ctx, org, src.ID, []appliance.ClassID{class.ID}); err != nil {
			t.Fatal(err)
		}
	}
	who := func() appliance.Principal {
		scope, err := b.store.Scope(ctx, org, pupil.ID)
		if err != nil {
			t.Fatal(err)
		}
		return appliance.Principal{Org: org, User: pupil.ID, Role: appliance.RoleStudent, Scope: scope}
	}
	leave = func() {
		if err := b.store.LeaveClass(t.Context(), org, class.ID, pupil.ID); err != nil {
			t.Error(err)
		}
	}
	r, err := b.Ask(ctx, who(), appliance.Question{ID: "q1", Text: "How deep is Lake Kivu?"})
	if err != nil {
		t.Fatal(err)
	}
	last := appliance.Event{}
	err = r.Follow(ctx, 0, func(e appliance.Event) error { last = e; return nil })
	if reason := problem.Of(err).Reason; last.Type == appliance.EventDone || err != nil && reason != "classes_changed" ||
		err == nil && (last.Error == nil || last.Error.Reason != "classes_changed") {
		t.Errorf("the answer went on: %+v %v", last, err)
	}
	// Nor is it told when they come back to it, from another page or later.
	again, err := b.Resume(ctx, who(), "q1")
	if err != nil {
		t.Fatal(err)
	}
	told := ""
	if err := again.Follow(ctx, 0, func(e appliance.Event) error {
		for _, p := range e.Sources {
			told += p.Text
		}
		if e.Done != nil {
			told += e.Done.ResponseText
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(told, "480") {
		t.Error("they are told what they may not see:", told)
	}
}
