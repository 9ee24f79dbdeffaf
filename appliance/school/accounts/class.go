package accounts

import (
	"context"

	"github.com/bwenge-os/bwenge/appliance"
)

// Classes lists classes: to the office all, to teachers their own.
func (s *Service) Classes(ctx context.Context, p appliance.Principal, search, cursor string, limit int) (appliance.Page[appliance.Class], error) {
	only := p.User
	if office(p) {
		only = ""
	}
	return s.store.Classes(ctx, p.Org, search, only, cursor, limit)
}

// Class is one class.
func (s *Service) Class(ctx context.Context, p appliance.Principal, id appliance.ClassID) (appliance.Class, error) {
	if err := s.ofClass(ctx, p, id); err != nil {
		return appliance.Class{}, err
	}
	c, err := s.store.Class(ctx, p.Org, id)
	if err != nil {
		return c, err
	}
	c.WrongTries, c.Locked, err = s.secrets.ClassAttempts(ctx, p.Org, id)
	return c, err
}

// LetIn opens a class again which was closed by wrong tries to sign in.
func (s *Service) LetIn(ctx context.Context, p appliance.Principal, id appliance.ClassID) error {
	if err := s.ofClass(ctx, p, id); err != nil {
		return err
	}
	return s.secrets.LetIn(ctx, p.Org, id, p.Did("class.let_in", string(id)))
}

// AddClass makes a class; a teacher becomes its teacher.
func (s *Service) AddClass(ctx context.Context, p appliance.Principal, name string, kind appliance.SignInKind) (appliance.Class, error) {
	n, err := newClass(name, kind)
	if err != nil {
		return n, err
	}
	return unique(func() (appliance.Class, error) {
		n.Code = code(6)
		return s.store.AddClass(ctx, p.Org, n, teachers(p), p.Did("class.added", ""))
	})
}

// teachers are those who teach a class that somebody makes.
func teachers(p appliance.Principal) []appliance.UserID {
	if p.Role == appliance.RoleTeacher {
		return []appliance.UserID{p.User}
	}
	return nil
}

func newClass(name string, kind appliance.SignInKind) (c appliance.Class, err error) {
	if c.Name, err = appliance.CleanName(name); err != nil {
		return c, err
	}
	if c.SignIn = kind; kind != appliance.SignInPIN {
		c.SignIn = appliance.SignInPictures
	}
	return c, nil
}

// UpdateClass changes a class's name and way to sign in.
func (s *Service) UpdateClass(ctx context.Context, p appliance.Principal, n appliance.Class) (appliance.Class, error) {
	if err := s.ofClass(ctx, p, n.ID); err != nil {
		return n, err
	}
	now, err := s.store.Class(ctx, p.Org, n.ID)
	if err != nil {
		return n, err
	}
	clean, err := newClass(n.Name, n.SignIn)
	if err != nil {
		return n, err
	}
	clean.ID, clean.Version, clean.Code = n.ID, n.Version, now.Code
	return s.store.UpdateClass(ctx, p.Org, clean, p.Did("class.changed", ""))
}

// NewCode gives a class another code; the old one opens nothing any more.
func (s *Service) NewCode(ctx context.Context, p appliance.Principal, id appliance.ClassID) (appliance.Class, error) {
	if err := s.ofClass(ctx, p, id); err != nil {
		return appliance.Class{}, err
	}
	return unique(func() (appliance.Class, error) {
		c, err := s.store.Class(ctx, p.Org, id)
		if err != nil {
			return c, err
		}
		c.Code = code(6)
		return s.store.UpdateClass(ctx, p.Org, c, p.Did("class.code_changed", ""))
	})
}

// DeleteClass removes a class; its members stay.
func (s *Service) DeleteClass(ctx context.Context, p appliance.Principal, id appliance.ClassID) error {
	if err := s.ofClass(ctx, p, id); err != nil {
		return err
	}
	return s.store.DeleteClass(ctx, p.Org, id, p.Did("class.deleted", ""))
}

// JoinClass puts somebody into a class that the caller teaches. A pupil must be
// theirs already: whoever has a pupil in a class resets, prints and erases what
// that pupil signs in with, so a pupil of others comes by the office, or by one
// of their own teachers who teaches the new class too.
func (s *Service) JoinClass(ctx context.Context, p appliance.Principal, class appliance.ClassID, user appliance.UserID) error {
	if err := s.ofClass(ctx, p, class); err != nil {
		return err
	}
	u, err := s.store.User(ctx, p.Org, user)
	if err != nil {
		return err
	}
	if u.Role == appliance.RoleStudent {
		if err := s.ofPupil(ctx, p, u.ID); err != nil {
			return err
		}
	}
	return s.store.JoinClass(ctx, p.Org, class, []appliance.UserID{user}, p.Did("class.joined", string(user)).With("class", class))
}

// LeaveClass takes somebody out of a class.
func (s *Service) LeaveClass(ctx context.Context, p appliance.Principal, class appliance.ClassID, user appliance.UserID) error {
	if err := s.ofClass(ctx, p, class); err != nil {
		return err
	}
	return s.store.LeaveClass(ctx, p.Org, class, user, p.Did("class.left", string(user)).With("class", class))
}
