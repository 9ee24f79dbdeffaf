package auth

import (
	"context"
	"strings"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/problem"
)

// SignIn signs one of the staff in.
func (s *Service) SignIn(ctx context.Context, org appliance.OrgID, login, password string, d Device) (appliance.Tokens, error) {
	u, c, err := s.store.UserByLogin(ctx, org, login)
	if err != nil && problem.CodeOf(err) != problem.NotFound {
		return appliance.Tokens{}, err
	}
	a := attempt{org: org, account: string(u.ID), user: u.ID, device: d}
	if err != nil || u.Role == appliance.RoleStudent {
		// Nobody: limited under a mark of the name that was tried, and as slow as
		// somebody.
		u, c = appliance.User{}, appliance.Credential{}
		a.user, a.account = "", s.mark("login", strings.ToLower(strings.TrimSpace(login)))
	}
	return s.verify(ctx, a, u, c.Hash, password)
}

// SignInPupil signs a pupil of the class with this code in, by their pictures
// in order or their PIN.
func (s *Service) SignInPupil(ctx context.Context, code string, user appliance.UserID, pictures []string, pin string, d Device) (appliance.Tokens, error) {
	org, class, pupils, err := s.Class(ctx, code, d)
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
	a := attempt{org: org, account: string(pupil.ID), user: pupil.ID, class: class.ID, device: d}
	if pupil.ID == "" {
		a.account = s.mark("login", string(user))
	}
	return s.verify(ctx, a, pupil, hash, secret)
}

// verify checks a secret within the limits and begins a session.
func (s *Service) verify(ctx context.Context, a attempt, u appliance.User, hash, secret string) (t appliance.Tokens, err error) {
	queue, cost := s.staff, staffCost
	if a.class != "" {
		queue, cost = s.pupils, pupilCost
	}
	if err := s.place(ctx, &a); err != nil {
		return t, err
	}
	reserved, err := s.reserve(ctx, a)
	if err != nil {
		return t, err
	}
	right, err := queue.matches(ctx, hash, secret, cost)
	if err != nil {
		s.giveBack(ctx, a.org, reserved)
		return t, err
	}
	if !right || u.Disabled {
		return t, errWrong
	}
	return s.begin(ctx, a.org, u, a.device, reserved)
}

// begin starts a session. A browser without a device token gets one: there is
// no other way to come by one than to sign in.
func (s *Service) begin(ctx context.Context, org appliance.OrgID, u appliance.User, d Device, reserved []appliance.AttemptLimit) (t appliance.Tokens, err error) {
	var token string
	if d.ID == "" {
		d.ID, token = s.newDevice()
	}
	now := s.clock.Now()
	idle, _ := life(u.Role)
	agent := d.Agent
	if len(agent) > 200 {
		agent = agent[:200]
	}
	x := appliance.Session{ID: randomID(), Org: org, User: u.ID, DeviceID: d.ID, Device: strings.ToValidUTF8(agent, ""), Remote: d.Address, Generation: 1,
		CreatedAt: now, RotatedAt: now, SeenAt: now, ExpiresAt: now.Add(idle)}
	entry := d.Did(u.ID, "session.signed_in", x.ID).With("role", u.Role).With("sign_in", u.SignIn)
	if err := s.store.AddSession(ctx, x, reserved, entry); err != nil {
		return t, err
	}
	t, err = s.tokens(ctx, x)
	t.Device = token
	return t, err
}

// Class is a class as its code shows it: its school, its name and its pupils'
// names. Codes can be guessed too, so wrong ones count.
func (s *Service) Class(ctx context.Context, code string, d Device) (org appliance.OrgID, c appliance.Class, pupils []appliance.User, err error) {
	err = s.byCode(ctx, d, func() error {
		org, c, pupils, err = s.store.ClassByCode(ctx, normalCode(code))
		return err
	})
	return org, c, pupils, err
}

// Invitation is what an invitation's code stands for.
func (s *Service) Invitation(ctx context.Context, code string, d Device) (org appliance.OrgID, i appliance.Invitation, err error) {
	err = s.byCode(ctx, d, func() error {
		org, i, err = s.store.InvitationByCode(ctx, normalCode(code))
		return err
	})
	if err == nil && s.clock.Now().After(i.ExpiresAt) {
		return "", appliance.Invitation{}, problem.New(problem.NotFound, "invitation_expired", "This invitation is too old.",
			"Ask for a new one.", nil)
	}
	return org, i, err
}

// byCode looks something up by a code, within the limits of who asks. Nothing is
// written for codes that are right: they are looked up with every sign-in. So
// many at once are looked up before they count; there are too many codes for
// that to matter.
func (s *Service) byCode(ctx context.Context, d Device, find func() error) error {
	limit := appliance.AttemptLimit{Key: "codes/address/" + d.Address, Most: mostAddress, Window: window}
	if d.ID != "" {
		limit.Key, limit.Most = "codes/device/"+d.ID, mostDevice
	}
	now := s.clock.Now()
	failed, err := s.store.FailedAttempts(ctx, "", limit.Key, now)
	if err != nil {
		return err
	}
	if failed.Count >= limit.Most {
		return tooMany(failed.Until.Sub(now))
	}
	if err = find(); err == nil || problem.CodeOf(err) != problem.NotFound {
		return err
	}
	if full, wait, countErr := s.store.ReserveAttempt(context.WithoutCancel(ctx), "", []appliance.AttemptLimit{limit}, now); countErr != nil {
		return countErr
	} else if full != nil {
		return tooMany(wait)
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
