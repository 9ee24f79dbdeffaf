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

// SetUp is the first boot: it names the school and makes its owner.
func (s *Service) SetUp(ctx context.Context, o appliance.Organization, name, login, email, password string, d Device) (appliance.Tokens, error) {
	n, err := s.newStaff(ctx, name, login, email, password)
	if err != nil {
		return appliance.Tokens{}, err
	}
	n.User.Role, n.User.Language = appliance.RoleOwner, o.Language
	o, u, err := s.store.ClaimOrganization(ctx, appliance.DefaultOrg, o, n)
	if err != nil {
		return appliance.Tokens{}, err
	}
	entry := appliance.AuditEntry{Actor: u.ID, Action: "org.claimed", Target: string(o.ID), Remote: d.Address}
	if err := s.store.AppendAudit(ctx, o.ID, entry); err != nil {
		return appliance.Tokens{}, err
	}
	return s.begin(ctx, o.ID, u, d)
}

// Accept lets an invited person in.
func (s *Service) Accept(ctx context.Context, code, name, login, email, password string, d Device) (appliance.Tokens, error) {
	org, i, err := s.Invitation(ctx, code, d)
	if err != nil {
		return appliance.Tokens{}, err
	}
	n, err := s.newStaff(ctx, name, login, email, password)
	if err != nil {
		return appliance.Tokens{}, err
	}
	u, err := s.store.AcceptInvitation(ctx, org, i.ID, n)
	if err != nil {
		return appliance.Tokens{}, err
	}
	entry := appliance.AuditEntry{Actor: u.ID, Action: "user.joined", Target: string(u.ID), Remote: d.Address,
		Detail: map[string]any{"role": u.Role, "invitation": i.ID}}
	if err := s.store.AppendAudit(ctx, org, entry); err != nil {
		return appliance.Tokens{}, err
	}
	return s.begin(ctx, org, u, d)
}

func (s *Service) newStaff(ctx context.Context, name, login, email, password string) (n appliance.NewUser, err error) {
	if n.User.Name, err = appliance.CleanName(name); err != nil {
		return n, err
	}
	login = strings.TrimSpace(norm.NFC.String(login))
	switch {
	case login == "" && email != "":
		login = email
	case login == "" || utf8.RuneCountInString(login) > 60 || strings.ContainsFunc(login, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }):
		return n, problem.New(problem.Invalid, "bad_username", "This user name cannot be used.",
			"Use up to 60 letters and digits without spaces.", nil)
	}
	n.User.Username, n.User.Email = login, strings.TrimSpace(email)
	n.Credential, err = s.PasswordCredential(ctx, login, password)
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
			if err := s.store.EndSession(ctx, p.Org, id); err != nil {
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
	defer s.one.lock(string(u.ID))()
	a := attempt{account: string(u.ID), device: Device{Address: "session/" + p.Session}}
	if err := s.allow(ctx, a); err != nil {
		return err
	}
	right, err := s.matches(ctx, c.Hash, current, staffCost)
	if err != nil {
		return err
	}
	if !right {
		if err := s.wrong(ctx, a); problem.CodeOf(err) != problem.Unauthorized {
			return err
		}
		return problem.New(problem.Invalid, "wrong_password", "The present password is not right.", "Type it again.", nil)
	}
	credential, err := s.PasswordCredential(ctx, u.Username, next)
	if err != nil {
		return err
	}
	if err := s.store.SetCredential(ctx, p.Org, p.User, credential); err != nil {
		return err
	}
	ended, err := s.store.EndSessions(ctx, p.Org, p.User, p.Session)
	s.ended(ended...)
	return err
}
