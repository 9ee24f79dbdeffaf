package sqlite

import (
	"context"
	"testing"
	"time"

	"github.com/bwenge-os/bwenge/appliance"
)

// A program that has just shown its key waits for no writer; that it was used is
// noted again after a while.
func TestKeyInUseWaitsForNoWriter(t *testing.T) {
	s := open(t)
	now := time.Now()
	s.Now = func() time.Time { return now }
	owner, err := s.AddUser(t.Context(), org, appliance.NewUser{User: appliance.User{Role: appliance.RoleOwner, Name: "x", Username: "x"}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.AddAPIKey(t.Context(), org, owner.ID, appliance.APIKey{Name: "k"}, []byte("hash")); err != nil {
		t.Fatal(err)
	}
	used := func() time.Time {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second) // reached only if it waits for the writer
		defer cancel()
		p, err := s.APIKeyByHash(ctx, []byte("hash"))
		if err != nil {
			t.Fatal(err)
		}
		if p.Key.LastUsedAt == nil {
			return time.Time{}
		}
		return *p.Key.LastUsedAt
	}
	if at := used(); !at.IsZero() {
		t.Error("used before it was:", at)
	}
	now = now.Add(keyUseNoted - time.Second)
	if err := s.write(t.Context(), func(*tx) error {
		if at := used(); at.IsZero() {
			t.Error("its first use is not noted")
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	first := used()
	now = now.Add(time.Second)
	used()
	if at := used(); at.Sub(first) != keyUseNoted {
		t.Error("its use is not noted again:", first, at)
	}
}
