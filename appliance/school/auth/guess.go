package auth

import (
	"context"
	"encoding/base64"
	"strings"
	"time"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/problem"
)

// Guessing is limited for each account, and for each device, within a window of
// the box clock. A device on which somebody has signed in before has a count of
// its own for her, so that nobody can lock her out from elsewhere; and the
// address alone, which a whole class may share, has a wide limit.
const (
	guessWindow     = 15 * time.Minute
	mostForAccount  = 10
	mostHere        = 5   // for one account from one device
	mostFromDevice  = 30  // for all accounts
	mostFromAddress = 120 // of devices without a cookie
)

// attempt is one try to sign in, and the counts that it falls under.
type attempt struct {
	account string // "" for codes
	device  Device
	known   bool // this device has signed the account in before
}

func (a attempt) here() string {
	if a.device.ID != "" {
		return "device/" + a.device.ID
	}
	return "address/" + a.device.Address
}

// limits are the counts that the attempt falls under, each with its limit.
func (a attempt) limits() map[string]int {
	limits := map[string]int{}
	if a.device.ID != "" {
		limits[a.here()] = mostFromDevice
	} else {
		limits[a.here()] = mostFromAddress
	}
	if a.account == "" {
		return limits
	}
	limits["account/"+a.account+"/"+a.here()] = mostHere
	if !a.known {
		limits["account/"+a.account] = mostForAccount
	}
	return limits
}

func (a attempt) keys() (keys []string) {
	for key := range a.limits() {
		keys = append(keys, key)
	}
	return keys
}

// allow fails when a count has reached its limit.
func (s *Service) allow(ctx context.Context, a attempt) error {
	limits := a.limits()
	counts, err := s.store.Guesses(ctx, a.keys())
	if err != nil {
		return err
	}
	var wait time.Duration
	now := s.clock.Now()
	for key, most := range limits {
		g, ok := counts[key]
		if left := guessWindow - now.Sub(g.Since); ok && g.Count >= most && left > 0 {
			wait = max(wait, min(left, guessWindow))
		}
	}
	if wait == 0 {
		return nil
	}
	return problem.New(problem.TooMany, "too_many_guesses", "There were too many wrong tries.",
		"Wait a while, or ask a teacher to help you sign in.", nil).With("retry_after_seconds", int(wait.Seconds())+1)
}

// wrong counts a failed attempt.
func (s *Service) wrong(ctx context.Context, a attempt) error {
	if err := s.store.AddGuess(context.WithoutCancel(ctx), a.keys(), s.clock.Now(), guessWindow); err != nil {
		return err
	}
	return problem.New(problem.Unauthorized, "wrong_sign_in", "That was not right.",
		"Try again. If you do not remember, ask a teacher to help you.", nil)
}

// Forgive forgets the wrong tries for an account, after its secret was reset.
func (s *Service) Forgive(ctx context.Context, user appliance.UserID) error {
	return s.store.ClearGuesses(ctx, "account/"+string(user))
}

// A device token says that the box has seen this browser before, and, by a list
// of short marks, who signed in there. It proves nothing else.

// NewDevice makes a device token.
func (s *Service) NewDevice() string {
	id := randomID()
	return id + "." + s.mark("device", id)
}

// DeviceID is the id in a device token, empty if the box did not make it.
func (s *Service) DeviceID(token string) string {
	id, mark, ok := strings.Cut(token, ".")
	if !ok || len(token) > 200 || mark != s.mark("device", id) {
		return ""
	}
	return id
}

func (s *Service) mark(purpose string, parts ...string) string {
	data := make([][]byte, len(parts))
	for i, p := range parts {
		data[i] = []byte(p)
	}
	return base64.RawURLEncoding.EncodeToString(s.keys.MAC(purpose, data...))
}

// knows reports whether an account has signed in on a device: it is remembered
// under a key of the guesses that never counts against anybody.
func (s *Service) knows(ctx context.Context, account string, d Device) (bool, error) {
	if d.ID == "" {
		return false, nil
	}
	key := "known/" + account + "/" + d.ID
	found, err := s.store.Guesses(ctx, []string{key})
	_, ok := found[key]
	return ok, err
}
