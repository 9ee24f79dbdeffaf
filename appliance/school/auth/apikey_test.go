package auth

import (
	"errors"
	"testing"
	"time"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/problem"
)

func (r *rig) admin(t *testing.T, name string) (appliance.User, appliance.Principal) {
	t.Helper()
	u, err := r.store.AddUser(t.Context(), org, appliance.NewUser{User: appliance.User{Role: appliance.RoleAdmin, Name: name, Username: name}})
	if err != nil {
		t.Fatal(err)
	}
	return u, appliance.Principal{Org: org, User: u.ID, Role: u.Role, Scope: appliance.Scope{All: true}}
}

// ends is why a key opens nothing, as the program and the list say it.
func (r *rig) ends(t *testing.T, secret, id string) appliance.KeyEnd {
	t.Helper()
	list, err := r.APIKeys(t.Context(), appliance.Operator(org))
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range list {
		if k.ID != id {
			continue
		}
		_, err := r.Program(t.Context(), secret)
		if (err != nil) != (k.Ended != "") || err != nil && (problem.Of(err).Reason != "key_ended" || problem.Of(err).Params["why"] != k.Ended) {
			t.Errorf("the list says %q, the program hears %v", k.Ended, err)
		}
		return k.Ended
	}
	t.Fatal("the key is not in the list")
	return ""
}

func TestAKeyExpires(t *testing.T) {
	r := newRig(t)
	_, maker := r.admin(t, "maker")
	secret, k, err := r.NewAPIKey(t.Context(), maker, "program", "", 30)
	if err != nil {
		t.Fatal(err)
	}
	r.pass(29 * 24 * time.Hour)
	if end := r.ends(t, secret, k.ID); end != "" {
		t.Error("a day too early:", end)
	}
	r.pass(2 * 24 * time.Hour)
	if end := r.ends(t, secret, k.ID); end != appliance.KeyExpired {
		t.Errorf("after its time: %q", end)
	}
}

func TestAKeyEndsWithItsMaker(t *testing.T) {
	for name, leave := range map[string]func(r *rig, u appliance.User) error{
		"erased": func(r *rig, u appliance.User) error {
			_, err := r.store.EraseUser(t.Context(), org, u.ID)
			return err
		},
		"disabled": func(r *rig, u appliance.User) error {
			u.Disabled = true
			u, err := r.store.UpdateUser(t.Context(), org, u)
			u.Disabled = false
			_, again := r.store.UpdateUser(t.Context(), org, u) // does not bring the key back
			return errors.Join(err, again)
		},
		"a teacher": func(r *rig, u appliance.User) error {
			u.Role = appliance.RoleTeacher
			_, err := r.store.UpdateUser(t.Context(), org, u)
			return err
		},
	} {
		r := newRig(t)
		u, maker := r.admin(t, "maker")
		_, other := r.admin(t, "other")
		secret, k, err := r.NewAPIKey(t.Context(), maker, "program", "", 365)
		if err != nil {
			t.Fatal(err)
		}
		kept, stays, err := r.NewAPIKey(t.Context(), other, "another", "", 365)
		if err != nil {
			t.Fatal(err)
		}
		if err := leave(r, u); err != nil {
			t.Fatal(err)
		}
		if end := r.ends(t, secret, k.ID); end != appliance.KeyMakerLeft {
			t.Errorf("%s: %q", name, end)
		}
		if end := r.ends(t, kept, stays.ID); end != "" {
			t.Errorf("%s: another's key ends too: %q", name, end)
		}
	}
}
