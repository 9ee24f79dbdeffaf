package auth

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/bwenge-os/bwenge/appliance"
)

func TestClaim(t *testing.T) {
	r := newRig(t)
	ctx, somewhere := t.Context(), Device{Address: "10.0.0.1"}
	school := appliance.Organization{Name: "School", Slug: "school", Language: "en"}
	owner := NewStaff{Name: "Claudine", Login: "claudine", Password: "seven green hills"}
	if _, err := r.SetUp(ctx, school, owner, "", false, somewhere); reason(err) != "claim_code_needed" {
		t.Fatal("claimed without a code:", err)
	}
	code, err := r.ClaimCode(ctx)
	if err != nil || len(code) != claimLength {
		t.Fatal(code, err)
	}
	file := filepath.Join(r.dir, "claim-code.txt")
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Error("others can read the code:", info.Mode(), err)
	}
	if again, _ := reopen(t, r).ClaimCode(ctx); again != code {
		t.Error("another code after a restart")
	}
	// Guessing: few from an address, not many from all, counted before they are
	// looked at.
	wrong := atOnce(100, func(int) error {
		_, err := r.SetUp(ctx, school, owner, "BBBBBBBB", false, somewhere)
		return err
	})
	if wrong["claim_code_wrong"] != mostClaimsByHost || wrong["too_many_attempts"] != 100-mostClaimsByHost {
		t.Error(wrong)
	}
	if _, err := r.SetUp(ctx, school, owner, code, false, somewhere); reason(err) != "too_many_attempts" {
		t.Error("the right code after too many:", err)
	}
	wrong = atOnce(400, func(i int) error {
		_, err := r.SetUp(ctx, school, owner, "BBBBBBBB", false, Device{Address: fmt.Sprint("10.0.1.", i/4)})
		return err
	})
	if wrong["claim_code_wrong"] > mostClaims {
		t.Error(wrong)
	}
	r.pass(claimWindow + time.Second)
	tokens, err := r.SetUp(ctx, school, owner, " "+strings.ToLower(ShowClaim(code))+" ", false, somewhere)
	if err != nil {
		t.Fatal("the code as people type it:", err)
	}
	if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) {
		t.Error("the code stays after it was used:", err)
	}
	if left, err := r.ClaimCode(ctx); left != "" || err != nil {
		t.Error(left, err)
	}
	// An erased box is claimed by another code.
	if err := r.store.EraseOrganization(ctx, tokens.Organization.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := r.SetUp(ctx, school, owner, code, false, Device{Address: "10.0.2.1"}); reason(err) != "claim_code_wrong" {
		t.Error("the code of before is good again:", err)
	}
	next, err := r.ClaimCode(ctx)
	if err != nil || next == code || next == "" {
		t.Fatal(next, err)
	}
	later, err := r.SetUp(ctx, school, owner, next, false, Device{Address: "10.0.2.1"})
	if err != nil || later.Organization.ID == tokens.Organization.ID {
		t.Error(later.Organization, err)
	}
}

func reopen(t *testing.T, r *rig) *Service {
	t.Helper()
	return New(r.store, r.keys, r.clock, filepath.Join(r.dir, "claim-code.txt"), nil)
}
