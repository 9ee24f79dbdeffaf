package auth

import (
	"context"
	"strings"
	"sync"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/problem"
)

// one keeps tries for one account apart, so that many at once are counted like
// many in a row.
type one struct {
	mu    sync.Mutex
	locks map[string]*waiting
}

type waiting struct {
	sync.Mutex
	n int
}

func (o *one) lock(key string) (unlock func()) {
	o.mu.Lock()
	w := o.locks[key]
	if w == nil {
		w = &waiting{}
		o.locks[key] = w
	}
	w.n++
	o.mu.Unlock()
	w.Lock()
	return func() {
		w.Unlock()
		o.mu.Lock()
		defer o.mu.Unlock()
		if w.n--; w.n == 0 {
			delete(o.locks, key)
		}
	}
}

// SignIn signs one of the staff in.
func (s *Service) SignIn(ctx context.Context, org appliance.OrgID, login, password string, d Device) (appliance.Tokens, error) {
	u, c, err := s.store.UserByLogin(ctx, org, login)
	if err != nil && problem.CodeOf(err) != problem.NotFound {
		return appliance.Tokens{}, err
	}
	account := string(u.ID)
	if err != nil || u.Role == appliance.RoleStudent {
		// Nobody: limited under the name that was tried, and as slow as somebody.
		u, c, account = appliance.User{}, appliance.Credential{}, "name/"+string(org)+"/"+strings.ToLower(strings.TrimSpace(login))
	}
	if len(account) > 200 {
		account = account[:200]
	}
	return s.verify(ctx, org, u, account, c.Hash, password, staffCost, d)
}

// SignInPupil signs a pupil of the class with this code in, by her pictures in
// order or her PIN.
func (s *Service) SignInPupil(ctx context.Context, code string, user appliance.UserID, pictures []string, pin string, d Device) (appliance.Tokens, error) {
	org, _, pupils, err := s.Class(ctx, code, d)
	if err != nil {
		return appliance.Tokens{}, err
	}
	var pupil appliance.User
	for _, u := range pupils {
		if u.ID == user {
			pupil = u
		}
	}
	secret := pin
	if len(pictures) > 0 {
		secret = strings.Join(pictures, " ")
	}
	if len(secret) > 200 {
		secret = ""
	}
	var hash string
	if pupil.ID != "" {
		c, err := s.store.Credential(ctx, org, pupil.ID)
		if err != nil {
			return appliance.Tokens{}, err
		}
		hash = c.Hash
	}
	return s.verify(ctx, org, pupil, string(user), hash, secret, pupilCost, d)
}

// verify checks a secret within the limits and begins a session.
func (s *Service) verify(ctx context.Context, org appliance.OrgID, u appliance.User, account, hash, secret string, cost cost, d Device) (t appliance.Tokens, err error) {
	defer s.one.lock(account)()
	a := attempt{account: account, device: d}
	if a.known, err = s.knows(ctx, account, d); err != nil {
		return t, err
	}
	if err := s.allow(ctx, a); err != nil {
		if u.ID != "" && problem.CodeOf(err) == problem.TooMany {
			s.refused(ctx, org, u, d)
		}
		return t, err
	}
	right, err := s.matches(ctx, hash, secret, cost)
	if err != nil {
		return t, err
	}
	if !right || u.Disabled {
		return t, s.wrong(ctx, a)
	}
	if err := s.succeeded(ctx, a); err != nil {
		return t, err
	}
	return s.begin(ctx, org, u, d)
}

// refused notes once a window that somebody is being guessed at.
func (s *Service) refused(ctx context.Context, org appliance.OrgID, u appliance.User, d Device) {
	key := []string{"told/" + string(u.ID)}
	told, err := s.store.Guesses(ctx, key)
	if g, ok := told[key[0]]; err != nil || ok && s.clock.Now().Sub(g.Since) < guessWindow {
		return
	}
	if err := s.store.AddGuess(ctx, key, s.clock.Now(), guessWindow); err != nil {
		s.log.Error("auth: cannot count", "error", err)
		return
	}
	if err := s.store.AppendAudit(ctx, org, appliance.AuditEntry{Action: "session.refused", Target: string(u.ID), Remote: d.Address}); err != nil {
		s.log.Error("auth: cannot audit", "error", err)
	}
}

// succeeded forgets an account's wrong tries and remembers the device.
func (s *Service) succeeded(ctx context.Context, a attempt) error {
	clear := []string{"account/" + a.account + "/" + a.here()}
	if !a.known {
		clear = append(clear, "account/"+a.account)
	}
	counts, err := s.store.Guesses(ctx, clear)
	if err != nil {
		return err
	}
	if len(counts) > 0 {
		if err := s.store.ClearGuesses(ctx, clear...); err != nil {
			return err
		}
	}
	if a.device.ID != "" && !a.known {
		return s.store.AddGuess(ctx, []string{"known/" + a.account + "/" + a.device.ID}, s.clock.Now(), guessWindow)
	}
	return nil
}

// begin starts a session.
func (s *Service) begin(ctx context.Context, org appliance.OrgID, u appliance.User, d Device) (appliance.Tokens, error) {
	now := s.clock.Now()
	idle, _ := life(u.Role)
	agent := d.Agent
	if len(agent) > 200 {
		agent = agent[:200]
	}
	x := appliance.Session{ID: randomID(), Org: org, User: u.ID, Device: strings.ToValidUTF8(agent, ""), Remote: d.Address, Generation: 1,
		CreatedAt: now, RotatedAt: now, SeenAt: now, ExpiresAt: now.Add(idle)}
	entry := appliance.AuditEntry{Actor: u.ID, Action: "session.signed_in", Target: x.ID, Remote: d.Address,
		Detail: map[string]any{"role": u.Role, "sign_in": u.SignIn}}
	if err := s.store.AddSession(ctx, x, entry); err != nil {
		return appliance.Tokens{}, err
	}
	return s.tokens(ctx, x)
}

// Class is the door of a class: its school, its name and its pupils' names.
// Codes can be guessed too, so wrong ones count.
func (s *Service) Class(ctx context.Context, code string, d Device) (appliance.OrgID, appliance.Class, []appliance.User, error) {
	a := attempt{device: d}
	if err := s.allow(ctx, a); err != nil {
		return "", appliance.Class{}, nil, err
	}
	org, class, pupils, err := s.store.ClassByCode(ctx, normalCode(code))
	return org, class, pupils, s.codeError(ctx, a, err)
}

// Invitation is what an invitation's code stands for.
func (s *Service) Invitation(ctx context.Context, code string, d Device) (appliance.OrgID, appliance.Invitation, error) {
	a := attempt{device: d}
	if err := s.allow(ctx, a); err != nil {
		return "", appliance.Invitation{}, err
	}
	org, i, err := s.store.InvitationByCode(ctx, normalCode(code))
	if err == nil && s.clock.Now().After(i.ExpiresAt) {
		return "", appliance.Invitation{}, problem.New(problem.NotFound, "invitation_expired", "This invitation is too old.",
			"Ask for a new one.", nil)
	}
	return org, i, s.codeError(ctx, a, err)
}

func (s *Service) codeError(ctx context.Context, a attempt, err error) error {
	if err != nil && problem.CodeOf(err) == problem.NotFound {
		if countErr := s.store.AddGuess(ctx, a.keys(), s.clock.Now(), guessWindow); countErr != nil {
			return countErr
		}
	}
	return err
}

// normalCode is a code as it is stored, however it was typed.
func normalCode(code string) string {
	code = strings.ToUpper(strings.NewReplacer(" ", "", "-", "").Replace(code))
	if len(code) > 20 {
		return ""
	}
	return code
}
