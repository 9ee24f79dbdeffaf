package auth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/problem"
)

// Whoever claims a box that nobody owns says by a code that they can reach the
// box itself: its console, its command line or its data folder.
const (
	claimLetters = "BCDFGHJKMNPQRTVWXYZ2346789" // 26: none that look alike
	claimLength  = 8                            // 2 × 10^11 codes

	claimWindow      = time.Hour
	mostClaims       = 200 // from everywhere: in ten years, 1 in 10,000
	mostClaimsByHost = 10
)

// claimFile is the code at rest. It is made when it is asked for first.
type claimFile struct {
	mu   sync.Mutex
	path string
}

func (f *claimFile) code() (code string, made bool, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	text, err := os.ReadFile(f.path)
	if code = strings.TrimSpace(string(text)); err == nil && len(code) == claimLength {
		return code, false, nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", false, fmt.Errorf("the claim code: %w", err)
	}
	letters := make([]byte, claimLength)
	for i := range letters {
		k, err := rand.Int(rand.Reader, big.NewInt(int64(len(claimLetters))))
		if err != nil {
			panic(err) // never fails
		}
		letters[i] = claimLetters[k.Int64()]
	}
	code = string(letters)
	return code, true, os.WriteFile(f.path, []byte(code+"\n"), 0o600)
}

func (f *claimFile) remove() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := os.Remove(f.path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// ClaimCode is the code by which the box is claimed, empty where somebody owns
// it. A new one goes to the log, which is the box's console.
func (s *Service) ClaimCode(ctx context.Context) (string, error) {
	needs, err := s.store.NeedsSetup(ctx)
	if err != nil {
		return "", err
	}
	if !needs {
		return "", s.claim.remove()
	}
	code, made, err := s.claim.code()
	if made && err == nil {
		s.log.Info("nobody owns this box yet: whoever sets it up from another machine needs this code", "claim_code", ShowClaim(code))
	}
	return code, err
}

// ShowClaim is a claim code as people read it.
func ShowClaim(code string) string {
	if len(code) != claimLength {
		return code
	}
	return code[:claimLength/2] + "-" + code[claimLength/2:]
}

// checkClaim fails unless the code is that of the claim.
func (s *Service) checkClaim(ctx context.Context, typed string, d Device) error {
	const hint = "It stands on the box's console and in the file claim-code.txt of its data folder; bwenge claim shows it."
	if typed = normalCode(typed); typed == "" {
		return problem.New(problem.Forbidden, "claim_code_needed", "Setting this box up from another machine needs its claim code.", hint, nil)
	}
	want, err := s.ClaimCode(ctx)
	if err != nil {
		return err
	}
	limits := []appliance.AttemptLimit{
		{Key: "claim", Most: mostClaims, Window: claimWindow},
		{Key: "claim/" + d.Address, Most: mostClaimsByHost, Window: claimWindow},
	}
	full, wait, err := s.store.ReserveAttempt(ctx, "", limits, s.clock.Now())
	if err != nil {
		return err
	}
	if full != nil {
		return problem.New(problem.TooMany, "too_many_attempts", "There were too many wrong claim codes.",
			"Wait a while, or set the box up in a browser on the box itself.", nil).With("retry_after_seconds", seconds(wait))
	}
	if want == "" || subtle.ConstantTimeCompare([]byte(typed), []byte(want)) != 1 {
		return problem.New(problem.Forbidden, "claim_code_wrong", "This is not the claim code of the box.", hint, nil)
	}
	s.giveBack(ctx, "", limits)
	return nil
}
