package auth

import (
	"context"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/problem"
)

// NewStaff is what somebody of the staff enters to get an account.
type NewStaff = appliance.NewStaff

// SetUp is the first boot: it names the school and makes its owner. code is that
// of the claim; atBox says that the request comes from the box itself, where
// none is needed.
func (s *Service) SetUp(ctx context.Context, o appliance.Organization, n NewStaff, code string, atBox bool, d Device) (appliance.Tokens, error) {
	if !atBox {
		if err := s.checkClaim(ctx, code, d); err != nil {
			return appliance.Tokens{}, err
		}
	}
	owner, err := s.newStaff(ctx, n)
	if err != nil {
		return appliance.Tokens{}, err
	}
	owner.User.Role, owner.User.Language = appliance.RoleOwner, o.Language
	o, u, err := s.store.ClaimOrganization(ctx, o, owner, d.Did("", "org.claimed", ""))
	if err != nil {
		return appliance.Tokens{}, err
	}
	if err := s.claim.remove(); err != nil {
		s.log.Warn("the claim code, which is good for nothing any more, cannot be removed", "error", err)
	}
	return s.begin(ctx, o.ID, u, d, nil)
}

// Accept lets an invited person in.
func (s *Service) Accept(ctx context.Context, code string, n NewStaff, d Device) (appliance.Tokens, error) {
	org, i, err := s.Invitation(ctx, code, d)
	if err != nil {
		return appliance.Tokens{}, err
	}
	staff, err := s.newStaff(ctx, n)
	if err != nil {
		return appliance.Tokens{}, err
	}
	u, err := s.store.AcceptInvitation(ctx, org, i.ID, staff,
		d.Did("", "user.joined", "").With("role", i.Role).With("invitation", i.ID))
	if err != nil {
		return appliance.Tokens{}, err
	}
	return s.begin(ctx, org, u, d, nil)
}

func (s *Service) newStaff(ctx context.Context, in NewStaff) (n appliance.NewUser, err error) {
	if n.User.Name, err = appliance.CleanName(in.Name); err != nil {
		return n, err
	}
	login := strings.TrimSpace(norm.NFC.String(in.Login))
	switch {
	case login == "" && in.Email != "":
		login = in.Email
	case login == "" || utf8.RuneCountInString(login) > 60 || strings.ContainsFunc(login, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }):
		return n, problem.New(problem.Invalid, "bad_username", "This user name cannot be used.",
			"Use up to 60 letters and digits without spaces.", nil)
	}
	n.User.Username, n.User.Email = login, strings.TrimSpace(in.Email)
	n.Credential, err = s.PasswordCredential(ctx, login, in.Password)
	return n, err
}

// SignOut ends the session of a request.
func (s *Service) SignOut(ctx context.Context, p appliance.Principal) error {
	return s.EndSession(ctx, p, p.Session)
}

// EndSession ends one of somebody's own sessions.
func (s *Service) EndSession(ctx context.Context, p appliance.Principal, id string) error {
	mine, err := s.store.Sessions(ctx, p.Org, p.User)
	if err != nil {
		return err
	}
	for _, x := range mine {
		if x.ID == id {
			action := "session.ended"
			if id == p.Session {
				action = "session.signed_out"
			}
			if err := s.store.EndSession(ctx, p.Org, id, p.Did(action, "")); err != nil {
				return err
			}
			s.ended(id)
			return nil
		}
	}
	return problem.New(problem.NotFound, "session_not_found", "There is no such sign-in.", "It may have ended already.", nil)
}

// Sessions lists where somebody is signed in.
func (s *Service) Sessions(ctx context.Context, p appliance.Principal) ([]appliance.Session, error) {
	all, err := s.store.Sessions(ctx, p.Org, p.User)
	list := []appliance.Session{}
	for _, x := range all {
		if s.clock.Now().Before(x.ExpiresAt) {
			x.Current = x.ID == p.Session
			list = append(list, x)
		}
	}
	return list, err
}

// SignOutUser ends all sessions of somebody.
func (s *Service) SignOutUser(ctx context.Context, org appliance.OrgID, user appliance.UserID) error {
	ended, err := s.store.EndSessions(ctx, org, user, "")
	s.ended(ended...)
	return err
}

// ChangePassword changes one's own password and signs out everywhere else.
func (s *Service) ChangePassword(ctx context.Context, p appliance.Principal, current, next string) error {
	u, err := s.store.User(ctx, p.Org, p.User)
	if err != nil {
		return err
	}
	c, err := s.store.Credential(ctx, p.Org, p.User)
	if err != nil {
		return err
	}
	a := attempt{org: p.Org, account: string(u.ID), user: u.ID, device: Device{ID: "session/" + p.Session}, own: true}
	reserved, err := s.reserve(ctx, a)
	if err != nil {
		return err
	}
	right, err := s.staff.matches(ctx, c.Hash, current, staffCost)
	if err != nil || right {
		s.giveBack(ctx, p.Org, reserved)
	}
	if err != nil {
		return err
	}
	if !right {
		if err := s.store.AppendAudit(ctx, p.Org, p.Did("password.refused", string(p.User)).With("outcome", "wrong_password")); err != nil {
			return err
		}
		return problem.New(problem.Invalid, "wrong_password", "The present password is not right.", "Type it again.", nil)
	}
	credential, err := s.PasswordCredential(ctx, u.Username, next)
	if err != nil {
		return err
	}
	ended, err := s.store.ReplaceCredential(ctx, p.Org, p.User, credential, p.Session, p.Did("password.changed", ""))
	s.ended(ended...)
	return err
}
