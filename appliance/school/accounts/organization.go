package accounts

import (
	"context"
	"errors"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/problem"
)

var languages = []string{"en", "fr", "rw", "sw"}

// Languages that the box speaks; another one becomes English.
func language(code string) string {
	if slices.Contains(languages, code) {
		return code
	}
	return "en"
}

// Organization is somebody's own school.
func (s *Service) Organization(ctx context.Context, p appliance.Principal) (appliance.Organization, error) {
	return s.store.Organization(ctx, p.Org)
}

// Organizations lists the schools on the box: to its host all, by name only, to
// others their own.
func (s *Service) Organizations(ctx context.Context, p appliance.Principal) ([]appliance.Organization, error) {
	host, err := s.store.FirstOrganization(ctx)
	if err != nil {
		return nil, err
	}
	if p.Org != host.ID {
		own, err := s.store.Organization(ctx, p.Org)
		return []appliance.Organization{own}, err
	}
	all, err := s.store.Organizations(ctx)
	for i, o := range all {
		if o.ID != p.Org {
			all[i] = appliance.Organization{ID: o.ID, Name: o.Name, Slug: o.Slug, Language: o.Language, CreatedAt: o.CreatedAt}
		}
	}
	return all, err
}

// UpdateOrganization changes a school's name, language and settings.
func (s *Service) UpdateOrganization(ctx context.Context, p appliance.Principal, n appliance.Organization) (o appliance.Organization, err error) {
	if n.Name, err = appliance.CleanName(n.Name); err != nil {
		return o, err
	}
	now, err := s.store.Organization(ctx, p.Org)
	if err != nil {
		return o, err
	}
	if n.Slug == "" {
		n.Slug = now.Slug
	}
	n.Slug, n.Language = Slug(n.Slug), language(n.Language)
	return s.store.UpdateOrganization(ctx, p.Org, n, p.Did("org.changed", ""))
}

// CreateOrganization makes another school on the box, with an invitation for
// its owner. Only who hosts the box may: the owner of its first school.
func (s *Service) CreateOrganization(ctx context.Context, p appliance.Principal, name, lang string) (o appliance.Organization, i appliance.Invitation, err error) {
	host, err := s.store.FirstOrganization(ctx)
	if err != nil {
		return o, i, err
	}
	if p.Org != host.ID || p.Role != appliance.RoleOwner {
		return o, i, errRole
	}
	if name, err = appliance.CleanName(name); err != nil {
		return o, i, err
	}
	n := appliance.Organization{Name: name, Language: language(lang), Slug: Slug(name)}
	for try := range 20 {
		if try > 0 {
			n.Slug = Slug(name) + "-" + strings.ToLower(code(3))
		}
		if o, err = s.store.CreateOrganization(ctx, n, p.Did("org.created", "")); err == nil || problem.Of(err).Reason != "slug_taken" {
			break
		}
	}
	if err != nil {
		return o, i, err
	}
	entry := p.Did("invitation.added", "").With("role", appliance.RoleOwner)
	entry.Actor = "" // nobody of this school
	i, err = s.addInvitation(ctx, o.ID, appliance.Invitation{Role: appliance.RoleOwner}, "", entry)
	return o, i, err
}

// EraseOrganization erases somebody's own school. They type its name, so that
// it does not happen by a slip. From the first step on nothing of it can be read,
// nobody of it is let in, and what people have open ends; then the rows go, and
// last what others hold of it, so that none of them comes by it again.
func (s *Service) EraseOrganization(ctx context.Context, p appliance.Principal, typed string) error {
	o, err := s.store.Organization(ctx, p.Org)
	if err != nil {
		return err
	}
	if strings.TrimSpace(typed) != o.Name {
		return problem.New(problem.Invalid, "name_differs", "The name is not that of the school.",
			"Type the school's name exactly as it is shown, to erase it.", nil)
	}
	// The request that asks for this is one of those that end by it.
	ctx = context.WithoutCancel(ctx)
	sessions, err := s.store.CloseOrganization(ctx, p.Org, p.Did("org.erased", ""))
	if err != nil {
		return err
	}
	s.secrets.SessionsEnded(sessions...)
	failed := []error{s.store.EraseOrganization(ctx, p.Org)}
	for _, holder := range s.holders {
		failed = append(failed, holder.EraseOrganization(ctx, p.Org))
	}
	return errors.Join(failed...)
}

// Slug makes a name of a school into one of the network: small letters, digits
// and hyphens, at most 40.
func Slug(name string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(strings.ToLower(name)) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		case unicode.Is(unicode.Mn, r) || r == '\'':
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	slug := b.String()
	slug = strings.Trim(slug[:min(len(slug), 40)], "-")
	if slug == "" {
		slug = "school-" + strings.ToLower(code(4))
	}
	return slug
}
