package accounts

import (
	"bytes"
	"context"
	"io"
	"strings"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/school/cards"
	"github.com/bwenge-os/bwenge/internal/problem"
)

// Members lists the school's people: to the office all, to teachers the staff,
// with whom they share classes, and the pupils whom they teach.
func (s *Service) Members(ctx context.Context, p appliance.Principal, f appliance.UserFilter) (appliance.Page[appliance.User], error) {
	if !office(p) {
		f.Of = p.User
	}
	page, err := s.store.Users(ctx, p.Org, f)
	if !office(p) {
		for i := range page.Items {
			page.Items[i].Email = ""
		}
	}
	return page, err
}

// Member is one person, of those whom Members lists.
func (s *Service) Member(ctx context.Context, p appliance.Principal, id appliance.UserID) (appliance.User, error) {
	u, err := s.store.User(ctx, p.Org, id)
	if err != nil || office(p) || id == p.User {
		return u, err
	}
	if u.Role == appliance.RoleStudent {
		if err := s.ofPupil(ctx, p, id); err != nil {
			return appliance.User{}, err
		}
	}
	u.Email = ""
	return u, nil
}

// UpdateMember changes a person's name, e-mail, role or whether they may sign in.
func (s *Service) UpdateMember(ctx context.Context, p appliance.Principal, n appliance.User) (appliance.User, error) {
	now, err := s.ofUser(ctx, p, n.ID)
	if err != nil {
		return now, err
	}
	if n.Name, err = appliance.CleanName(n.Name); err != nil {
		return now, err
	}
	if n.Role != now.Role {
		switch {
		case !office(p), n.Role.Rank() == 0, n.Role.Rank() > p.Role.Rank():
			return now, errRole
		case (n.Role == appliance.RoleStudent) != (now.Role == appliance.RoleStudent):
			return now, problem.New(problem.Invalid, "role_kind", "Pupils and staff sign in differently, so one cannot become the other.",
				"Invite the person with the new role, and remove the old entry.", nil)
		case now.Role == appliance.RoleOwner && p.Role != appliance.RoleOwner:
			return now, errRole
		}
	}
	if n.Disabled != now.Disabled || n.Email != now.Email {
		if err := s.alone(ctx, p, now); err != nil {
			return now, err
		}
	}
	n.Username = now.Username
	entry := p.Did("user.changed", string(n.ID))
	if n.Role != now.Role {
		entry = entry.With("role", n.Role)
	}
	if n.Disabled != now.Disabled {
		entry = entry.With("disabled", n.Disabled)
	}
	u, err := s.store.UpdateUser(ctx, p.Org, n, entry)
	if err == nil && (u.Role != now.Role || u.Disabled) {
		err = s.secrets.SignOutUser(ctx, p.Org, u.ID)
	}
	return u, err
}

// UpdateMe changes one's own language.
func (s *Service) UpdateMe(ctx context.Context, p appliance.Principal, lang string) (appliance.User, error) {
	u, err := s.store.User(ctx, p.Org, p.User)
	if err != nil {
		return u, err
	}
	u.Language = language(lang)
	return s.store.UpdateUser(ctx, p.Org, u, p.Did("user.language", ""))
}

// RemoveMember erases a person with their conversations.
func (s *Service) RemoveMember(ctx context.Context, p appliance.Principal, id appliance.UserID) error {
	u, err := s.ofUser(ctx, p, id)
	if err != nil {
		return err
	}
	if err := s.alone(ctx, p, u); err != nil {
		return err
	}
	ended, err := s.store.EraseUser(ctx, p.Org, id, p.Did("user.erased", "").With("role", u.Role))
	s.secrets.SessionsEnded(ended...)
	return err
}

// NewSecret is what somebody signs in with from now on. It is told only once,
// but for pictures, which their card shows.
type NewSecret = appliance.NewSecret

// secret makes a pupil's.
func (s *Service) secret(ctx context.Context, kind appliance.SignInKind) (appliance.Credential, NewSecret, error) {
	if kind == appliance.SignInPIN {
		pin, c, err := s.secrets.NewPIN(ctx)
		return c, NewSecret{Kind: kind, PIN: pin}, err
	}
	c, err := s.secrets.NewPictures(ctx, cards.Pictures())
	return c, NewSecret{Kind: appliance.SignInPictures, Pictures: strings.Fields(c.Card)}, err
}

// AddStudent makes a pupil in classes; a teacher only in their own.
func (s *Service) AddStudent(ctx context.Context, p appliance.Principal, name string, classes []appliance.ClassID) (u appliance.User, secret NewSecret, err error) {
	if name, err = appliance.CleanName(name); err != nil {
		return u, secret, err
	}
	if len(classes) == 0 && !office(p) {
		return u, secret, errNotYourClass
	}
	kind := appliance.SignInPictures
	refs := make([]appliance.ClassRef, len(classes))
	for i, id := range classes {
		if err := s.ofClass(ctx, p, id); err != nil {
			return u, secret, err
		}
		c, err := s.store.Class(ctx, p.Org, id)
		if err != nil {
			return u, secret, err
		}
		kind, refs[i] = c.SignIn, appliance.ClassRef{ID: id, Name: c.Name}
	}
	credential, secret, err := s.secret(ctx, kind)
	if err != nil {
		return u, secret, err
	}
	u, err = s.store.AddUser(ctx, p.Org, appliance.NewUser{
		User: appliance.User{Role: appliance.RoleStudent, Name: name, Classes: refs}, Credential: credential},
		p.Did("user.added", "").With("role", appliance.RoleStudent))
	return u, secret, err
}

// ResetSignIn gives a pupil new pictures or a new PIN, and one of the staff a
// password to be changed at once, and signs them out everywhere.
func (s *Service) ResetSignIn(ctx context.Context, p appliance.Principal, id appliance.UserID) (secret NewSecret, err error) {
	u, err := s.ofUser(ctx, p, id)
	if err != nil {
		return secret, err
	}
	var c appliance.Credential
	if u.Role == appliance.RoleStudent {
		c, secret, err = s.secret(ctx, u.SignIn)
	} else {
		secret = NewSecret{Kind: appliance.SignInPassword, Password: strings.ToLower(code(4) + "-" + code(4) + "-" + code(4))}
		c, err = s.secrets.PasswordCredential(ctx, u.Username, secret.Password)
	}
	if err != nil {
		return secret, err
	}
	ended, err := s.store.ReplaceCredential(ctx, p.Org, id, c, "", p.Did("user.sign_in_reset", "").With("sign_in", c.Kind))
	s.secrets.SessionsEnded(ended...)
	return secret, err
}

// CardsPDF prints the sign-in cards of a class, or of one of its pupils. A PIN is
// stored as a hash alone, so its card has room to write it. Whoever has a pupil's
// card can sign in as them, so each card has its line in the audit log before any
// is given out.
func (s *Service) CardsPDF(ctx context.Context, p appliance.Principal, class appliance.ClassID, user appliance.UserID, at appliance.BoxAddress, w io.Writer) error {
	if err := s.ofClass(ctx, p, class); err != nil {
		return err
	}
	o, err := s.store.Organization(ctx, p.Org)
	if err != nil {
		return err
	}
	c, err := s.store.Class(ctx, p.Org, class)
	if err != nil {
		return err
	}
	pupils, err := s.store.Cards(ctx, p.Org, class, user)
	if err != nil {
		return err
	}
	if user != "" && len(pupils) == 0 {
		return problem.New(problem.NotFound, "user_not_found", "There is no such pupil in this class.", "Go back to the class and look again.", nil)
	}
	sheet := cards.Sheet{School: o.Name, Class: c.Name, Code: c.Code, BaseURL: at.URL, Fingerprint: at.Fingerprint, Language: o.Language}
	entries := []appliance.AuditEntry{p.Did("class.cards_printed", string(class)).With("cards", len(pupils))}
	for _, n := range pupils {
		entries = append(entries, p.Did("user.card_printed", string(n.User.ID)).With("class", class))
		sheet.Cards = append(sheet.Cards, cards.Card{Name: n.User.Name, User: n.User.ID, Pictures: strings.Fields(n.Credential.Card)})
	}
	var pdf bytes.Buffer
	if err := cards.PDF(&pdf, sheet); err != nil {
		return err
	}
	if err := s.store.AppendAudit(ctx, p.Org, entries...); err != nil {
		return err
	}
	_, err = pdf.WriteTo(w)
	return err
}

// Invite makes an invitation; with an e-mail address and a mail server it is
// sent, and works without either.
func (s *Service) Invite(ctx context.Context, p appliance.Principal, role appliance.Role, email string, class appliance.ClassID, link func(code string) string) (i appliance.Invitation, err error) {
	switch {
	case role == appliance.RoleStudent || role.Rank() == 0:
		return i, problem.New(problem.Invalid, "role_invited", "Only staff are invited.", "Add pupils to a class by their names.", nil)
	case role.Rank() > p.Role.Rank() || role == appliance.RoleOwner && p.Role != appliance.RoleOwner:
		return i, errRole
	}
	i = appliance.Invitation{Role: role, Email: strings.TrimSpace(email)}
	if class != "" {
		if err := s.ofClass(ctx, p, class); err != nil {
			return i, err
		}
		i.Class = &appliance.ClassRef{ID: class}
	} else if !office(p) {
		return i, errRole
	}
	if i, err = s.addInvitation(ctx, p.Org, i, p.User, p.Did("invitation.added", "").With("role", role)); err != nil {
		return i, err
	}
	if s.mail != nil && i.Email != "" {
		o, err := s.store.Organization(ctx, p.Org)
		if err != nil {
			return i, err
		}
		text := p.Name + " invites you to " + o.Name + ".\n\nOpen " + link(i.Code) + " on the school's network, or type the code " + i.Code + " there.\n"
		if err := s.mail.Send(ctx, i.Email, o.Name, text); err != nil {
			return i, problem.New(problem.Unavailable, "mail_not_sent", "The invitation was made, but its e-mail could not be sent.",
				"Give the code or the link to the person yourself.", err)
		}
	}
	return i, nil
}

// invitationLife is how long an invitation is good, by the box clock.
const invitationLife = 14

func (s *Service) addInvitation(ctx context.Context, org appliance.OrgID, i appliance.Invitation, by appliance.UserID, entry appliance.AuditEntry) (appliance.Invitation, error) {
	i.ExpiresAt = s.now().AddDate(0, 0, invitationLife)
	return unique(func() (appliance.Invitation, error) {
		i.Code = code(8)
		return s.store.AddInvitation(ctx, org, i, by, entry)
	})
}

// Invitations lists those that have not been used and may be; others have had
// their time. Whoever sees a code can use it or hand it on, so teachers see what
// they made and what leads into their classes.
func (s *Service) Invitations(ctx context.Context, p appliance.Principal) ([]appliance.Invitation, error) {
	all, err := s.store.Invitations(ctx, p.Org)
	if err != nil {
		return nil, err
	}
	list := []appliance.Invitation{}
	for _, i := range all {
		if i.UsedAt == nil && s.now().After(i.ExpiresAt) {
			continue
		}
		err := s.ofInvitation(ctx, p, i)
		if err == nil {
			list = append(list, i)
		} else if problem.CodeOf(err) != problem.Forbidden {
			return nil, err
		}
	}
	return list, nil
}

// ofInvitation fails unless somebody may see an invitation and take it back:
// those who teach its class, whoever made one for no class, and the office, but
// none for a role above one's own.
func (s *Service) ofInvitation(ctx context.Context, p appliance.Principal, i appliance.Invitation) error {
	switch {
	case i.Role.Rank() > p.Role.Rank():
		return errRole
	case office(p):
		return nil
	case i.Class == nil:
		if i.ByID != "" && i.ByID == p.User {
			return nil
		}
		return errRole
	}
	return s.ofClass(ctx, p, i.Class.ID)
}

// RevokeInvitation takes an invitation back.
func (s *Service) RevokeInvitation(ctx context.Context, p appliance.Principal, id string) error {
	list, err := s.store.Invitations(ctx, p.Org)
	if err != nil {
		return err
	}
	for _, i := range list {
		if i.ID == id {
			if err := s.ofInvitation(ctx, p, i); err != nil {
				return err
			}
			return s.store.RevokeInvitation(ctx, p.Org, id, p.Did("invitation.revoked", ""))
		}
	}
	return problem.New(problem.NotFound, "invitation_not_found", "There is no such invitation here.", "It may have been taken back already.", nil)
}
