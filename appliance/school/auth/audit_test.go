package auth

import (
	"slices"
	"testing"

	"github.com/bwenge-os/bwenge/appliance"
)

// said are the actions in the school's audit log, the oldest first, and its lines.
func (r *rig) said(t *testing.T) (actions []string, lines []appliance.AuditEntry) {
	t.Helper()
	page, err := r.store.Audit(t.Context(), org, appliance.AuditFilter{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	slices.Reverse(page.Items)
	for _, line := range page.Items {
		actions = append(actions, line.Action)
	}
	return actions, page.Items
}

func TestAuditOfAWrongPassword(t *testing.T) {
	r := newRig(t)
	p, err := r.Authenticate(t.Context(), r.setUp(t).Access)
	if err != nil {
		t.Fatal(err)
	}
	before, _ := r.said(t)
	if err := r.ChangePassword(t.Context(), p, "wrong", "eight green hills"); reason(err) != "wrong_password" {
		t.Fatal(err)
	}
	actions, lines := r.said(t)
	if got := actions[len(before):]; !slices.Equal(got, []string{"password.refused"}) || lines[len(before)].Detail["outcome"] != "wrong_password" {
		t.Errorf("a password that was not changed: %v %v", got, lines[len(before):])
	}
	if err := r.ChangePassword(t.Context(), p, "seven green hills", "short"); err == nil {
		t.Fatal("changed")
	}
	if actions, _ := r.said(t); slices.Contains(actions, "password.changed") {
		t.Error("a password that was not changed is said to be")
	}
	if err := r.ChangePassword(t.Context(), p, "seven green hills", "eight green hills"); err != nil {
		t.Fatal(err)
	}
	_, lines = r.said(t)
	if last := lines[len(lines)-1]; last.Action != "password.changed" || last.Target != string(p.User) || last.Actor != p.User {
		t.Errorf("%+v", last)
	}
}

// Whoever gets an account has no id before: the line names them all the same,
// and is written with it or not at all.
func TestAuditOfSignIns(t *testing.T) {
	r := newRig(t)
	u := r.setUp(t).User
	actions, lines := r.said(t)
	if !slices.Equal(actions, []string{"org.claimed", "session.signed_in"}) || lines[0].Actor != u.ID || lines[0].Target == "" || lines[1].Target == "" {
		t.Errorf("%+v", lines)
	}
	d := Device{Address: "10.0.0.7", RequestID: "request-1"}
	if _, err := r.SignIn(t.Context(), org, "claudine", "wrong words", d); err == nil {
		t.Fatal("signed in")
	}
	if now, _ := r.said(t); len(now) != len(actions) {
		t.Error("a refused sign-in is logged:", now)
	}
	if _, err := r.SignIn(t.Context(), org, "claudine", "seven green hills", d); err != nil {
		t.Fatal(err)
	}
	_, lines = r.said(t)
	if last := lines[len(lines)-1]; last.Action != "session.signed_in" || last.Remote != d.Address || last.RequestID != d.RequestID || last.Actor != u.ID {
		t.Errorf("%+v", last)
	}
}
