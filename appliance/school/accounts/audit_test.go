package accounts

import (
	"bytes"
	"slices"
	"testing"

	"github.com/bwenge-os/bwenge/appliance"
)

// log is a school's audit log, the oldest line first.
func (r *rig) log(t *testing.T, org appliance.OrgID) []appliance.AuditEntry {
	t.Helper()
	page, err := r.store.Audit(t.Context(), org, appliance.AuditFilter{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	slices.Reverse(page.Items)
	return page.Items
}

// since is what the log of the default school says after its first n lines.
func (r *rig) since(t *testing.T, n int) []appliance.AuditEntry {
	return r.log(t, appliance.DefaultOrg)[n:]
}

func TestAuditNamesWhatWasMade(t *testing.T) {
	r := newRig(t)
	who := r.who["teacher"]
	who.Remote, who.RequestID = "10.0.0.7", "request-1"
	n := len(r.since(t, 0))
	u, _, err := r.AddStudent(t.Context(), who, "Uwase Marie", []appliance.ClassID{r.class.ID})
	if err != nil {
		t.Fatal(err)
	}
	lines := r.since(t, n)
	if len(lines) != 1 || lines[0].Action != "user.added" || lines[0].Target != string(u.ID) || lines[0].Actor != who.User ||
		lines[0].Remote != "10.0.0.7" || lines[0].RequestID != "request-1" {
		t.Errorf("%+v", lines)
	}
	c, err := r.AddClass(t.Context(), who, "P6", appliance.SignInPIN)
	if lines := r.since(t, n+1); err != nil || len(lines) != 1 || lines[0].Action != "class.added" || lines[0].Target != string(c.ID) {
		t.Errorf("%+v %v", lines, err)
	}
}

// The last owner cannot go. They are not said to have gone, and stay signed in.
func TestAuditOfAnErasureThatFails(t *testing.T) {
	r := newRig(t)
	n := len(r.since(t, 0))
	if err := r.RemoveMember(t.Context(), r.who["owner"], r.who["second owner"].User); err != nil {
		t.Fatal(err)
	}
	if lines := r.since(t, n); len(lines) != 1 || lines[0].Action != "user.erased" || lines[0].Target != string(r.who["second owner"].User) {
		t.Fatalf("%+v", lines)
	}
	owner := r.who["owner"]
	if err := r.store.AddSession(t.Context(), appliance.Session{ID: "s", Org: owner.Org, User: owner.User}, nil, appliance.AuditEntry{Action: "session.signed_in"}); err != nil {
		t.Fatal(err)
	}
	n = len(r.since(t, 0))
	if err := r.RemoveMember(t.Context(), owner, owner.User); reasonOf(err) != "last_owner" {
		t.Fatal(err)
	}
	if lines := r.since(t, n); len(lines) != 0 {
		t.Errorf("an owner who is still there is said to be erased: %+v", lines)
	}
	if _, _, err := r.store.Session(t.Context(), "s"); err != nil || len(r.secrets.ended)+len(r.secrets.signedOut) != 0 {
		t.Error("an owner who was not erased is signed out:", err, r.secrets)
	}
}

func TestAuditOfCards(t *testing.T) {
	r := newRig(t)
	teacher := r.who["teacher"]
	var pupils []string
	for _, name := range []string{"Uwase Marie", "Mugisha Jean"} {
		u, _, err := r.AddStudent(t.Context(), teacher, name, []appliance.ClassID{r.class.ID})
		if err != nil {
			t.Fatal(err)
		}
		pupils = append(pupils, string(u.ID))
	}
	n := len(r.since(t, 0))
	var pdf bytes.Buffer
	if err := r.CardsPDF(t.Context(), r.who["other teacher"], r.class.ID, "", appliance.BoxAddress{URL: "http://box"}, &pdf); err == nil {
		t.Fatal("printed")
	}
	if lines := r.since(t, n); len(lines) != 0 {
		t.Errorf("a refused print is logged as done: %+v", lines)
	}
	if err := r.CardsPDF(t.Context(), teacher, r.class.ID, "", appliance.BoxAddress{URL: "http://box"}, &pdf); err != nil {
		t.Fatal(err)
	}
	var printed []string
	for _, line := range r.since(t, n) {
		if line.Action == "user.card_printed" {
			printed = append(printed, line.Target)
		}
	}
	slices.Sort(printed)
	if slices.Sort(pupils); !slices.Equal(printed, pupils) {
		t.Errorf("cards of %v are logged, of %v were printed", printed, pupils)
	}
}

// What changes nothing leaves no line.
func TestAuditOfNothing(t *testing.T) {
	r := newRig(t)
	n := len(r.since(t, 0))
	for range 2 {
		if err := r.JoinClass(t.Context(), r.who["teacher"], r.class.ID, r.who["other teacher"].User); err != nil {
			t.Fatal(err)
		}
	}
	if lines := r.since(t, n); len(lines) != 1 || lines[0].Action != "class.joined" || lines[0].Target != string(r.who["other teacher"].User) {
		t.Errorf("%+v", lines)
	}
}

// The host's log tells of schools that come and go: an erased one has no log.
func TestAuditOfSchools(t *testing.T) {
	r := newRig(t)
	n := len(r.since(t, 0))
	o, i, err := r.CreateOrganization(t.Context(), r.who["owner"], "Other", "en")
	if err != nil {
		t.Fatal(err)
	}
	if lines := r.log(t, o.ID); len(lines) != 1 || lines[0].Action != "invitation.added" || lines[0].Target != i.ID {
		t.Errorf("%+v", lines)
	}
	guest := appliance.Principal{Org: o.ID, User: "guest", Role: appliance.RoleOwner}
	if err := r.EraseOrganization(t.Context(), guest, "wrong"); err == nil {
		t.Fatal("erased")
	}
	if err := r.EraseOrganization(t.Context(), guest, "Other"); err != nil {
		t.Fatal(err)
	}
	var said []string
	for _, line := range r.since(t, n) {
		said = append(said, line.Action+" "+line.Target)
	}
	if want := []string{"org.created " + string(o.ID), "org.erased " + string(o.ID)}; !slices.Equal(said, want) {
		t.Errorf("%q", said)
	}
}
