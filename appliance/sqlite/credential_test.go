package sqlite

import (
	"slices"
	"testing"
	"time"

	"github.com/bwenge-os/bwenge/appliance"
)

// What somebody signs in with changes together with all that hangs on it, or not
// at all, whichever step fails.
func TestReplacedCredentialIsWholeOrNothing(t *testing.T) {
	s := open(t)
	ctx, now := t.Context(), time.Now()
	u, err := s.AddUser(ctx, org, appliance.NewUser{User: appliance.User{Role: appliance.RoleStudent, Name: "x"},
		Credential: appliance.Credential{Kind: appliance.SignInPIN, Hash: "old"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"here", "there"} {
		if err := s.AddSession(ctx, appliance.Session{ID: id, Org: org, User: u.ID, ExpiresAt: now.Add(time.Hour)}, nil, appliance.AuditEntry{Action: "session.signed_in"}); err != nil {
			t.Fatal(err)
		}
	}
	limit := appliance.AttemptLimit{Key: "k", User: u.ID, Most: 5, Window: time.Hour}
	if _, _, err := s.ReserveAttempt(ctx, org, []appliance.AttemptLimit{limit}, now); err != nil {
		t.Fatal(err)
	}
	state := func() (hash string, attempts, sessions, lines int) {
		c := must[appliance.Credential](t)(s.Credential(ctx, org, u.ID))
		a := must[appliance.Attempts](t)(s.FailedAttempts(ctx, org, "k", now))
		open := must[[]appliance.Session](t)(s.Sessions(ctx, org, u.ID))
		page := must[appliance.Page[appliance.AuditEntry]](t)(s.Audit(ctx, org, appliance.AuditFilter{}))
		return c.Hash, a.Count, len(open), page.Total
	}
	_, _, _, before := state()
	replace := func() ([]string, error) {
		return s.ReplaceCredential(ctx, org, u.ID, appliance.Credential{Kind: appliance.SignInPIN, Hash: "new"}, "here", appliance.AuditEntry{Action: "user.sign_in_reset"})
	}
	for _, step := range []string{"UPDATE ON user", "DELETE ON failed_attempt", "UPDATE ON session", "INSERT ON audit"} {
		if _, err := s.writer.Exec(`CREATE TRIGGER cut BEFORE ` + step + ` BEGIN SELECT raise(ABORT, 'cut'); END`); err != nil {
			t.Fatal(err)
		}
		if _, err := replace(); err == nil {
			t.Errorf("%s: it is not refused", step)
		}
		if hash, attempts, sessions, lines := state(); hash != "old" || attempts != 1 || sessions != 2 || lines != before {
			t.Errorf("%s: half is left: %s, %d attempts, %d sessions, %d lines", step, hash, attempts, sessions, lines)
		}
		if _, err := s.writer.Exec(`DROP TRIGGER cut`); err != nil {
			t.Fatal(err)
		}
	}
	if ended, err := replace(); err != nil || !slices.Equal(ended, []string{"there"}) {
		t.Error(ended, err)
	}
	if hash, attempts, sessions, lines := state(); hash != "new" || attempts != 0 || sessions != 1 || lines != before+1 {
		t.Errorf("%s, %d attempts, %d sessions, %d lines", hash, attempts, sessions, lines)
	}
}
