package accounts

import (
	"slices"
	"testing"
	"time"

	"github.com/bwenge-os/bwenge/appliance"
)

// A reset signs out everywhere, and what is open there is told.
func TestResetEndsSessions(t *testing.T) {
	r := newRig(t)
	teacher := r.who["teacher"]
	x := appliance.Session{ID: "theirs", Org: teacher.Org, User: teacher.User, ExpiresAt: time.Now().Add(time.Hour)}
	if err := r.store.AddSession(t.Context(), x, nil, appliance.AuditEntry{Action: "session.signed_in"}); err != nil {
		t.Fatal(err)
	}
	if _, err := r.ResetSignIn(t.Context(), r.who["owner"], teacher.User); err != nil {
		t.Fatal(err)
	}
	left, err := r.store.Sessions(t.Context(), teacher.Org, teacher.User)
	if err != nil || len(left) != 0 || !slices.Equal(r.secrets.ended, []string{"theirs"}) {
		t.Error(left, r.secrets.ended, err)
	}
}
