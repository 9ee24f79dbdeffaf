package material

import (
	"context"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/problem"
)

// TextPages lists the pages of the text that was read from a source.
func (s *Service) TextPages(ctx context.Context, p appliance.Principal, id string, f appliance.TextFilter) (appliance.Page[appliance.TextPage], error) {
	return s.store.TextPages(ctx, p.Org, p.Scope, id, f)
}

// TextPage is a page of a source's text, and what was read on it before
// somebody mended it.
func (s *Service) TextPage(ctx context.Context, p appliance.Principal, id string, number int) (appliance.TextPage, []appliance.Section, error) {
	return s.ingester.TextPage(ctx, p.Org, p.Scope, id, number)
}

// MendPage puts a text in the place of what was read on a page.
func (s *Service) MendPage(ctx context.Context, p appliance.Principal, id string, number int, sections []appliance.Section) (appliance.Source, error) {
	if src, err := s.changeable(ctx, p, id); err != nil {
		return src, err
	}
	src, err := s.ingester.Mend(ctx, p.Org, id, number, sections, p.Did("source.mended", "").With("page", number))
	return as(p, src), err
}

// RestorePage goes back to what was read on a page.
func (s *Service) RestorePage(ctx context.Context, p appliance.Principal, id string, number int) (appliance.Source, error) {
	return s.changePage(ctx, p, id, appliance.PageChange{Number: number, Undo: true}, p.Did("source.restored", "").With("page", number))
}

// MovePage moves a page by so many places, down if by is positive.
func (s *Service) MovePage(ctx context.Context, p appliance.Principal, id string, number, by int) (appliance.Source, error) {
	return s.changePage(ctx, p, id, appliance.PageChange{Number: number, Move: by}, p.Did("source.page_moved", "").With("page", number).With("by", by))
}

// errNotAPicture refuses to turn what has its text as text.
var errNotAPicture = problem.New(problem.Invalid, "not_a_picture", "Only the pages of pictures and scans can be turned.",
	"Mend the text of the page instead.", nil)

// TurnPage turns a page clockwise before it is read again.
func (s *Service) TurnPage(ctx context.Context, p appliance.Principal, id string, number, degrees int) (appliance.Source, error) {
	src, err := s.Source(ctx, p, id)
	if err != nil {
		return src, err
	}
	if src.Kind != appliance.KindPDF && src.Kind != appliance.KindImage {
		return src, errNotAPicture
	}
	return s.changePage(ctx, p, id, appliance.PageChange{Number: number, Turn: &degrees},
		p.Did("source.page_turned", "").With("page", number).With("degrees", degrees))
}

func (s *Service) changePage(ctx context.Context, p appliance.Principal, id string, c appliance.PageChange, entry appliance.AuditEntry) (appliance.Source, error) {
	if src, err := s.changeable(ctx, p, id); err != nil {
		return src, err
	}
	src, err := s.ingester.ChangePage(ctx, p.Org, id, c, entry)
	return as(p, src), err
}

// ReadAgain reads a source again from its original.
func (s *Service) ReadAgain(ctx context.Context, p appliance.Principal, id string) (appliance.Source, error) {
	if src, err := s.changeable(ctx, p, id); err != nil {
		return src, err
	}
	src, err := s.ingester.ReadAgain(ctx, p.Org, id, p.Did("source.read_again", ""))
	return as(p, src), err
}

var errNoTitle = problem.New(problem.Invalid, "no_title", "A title needs at least one letter.", "Write what it is called.", nil)

// Edit sets what people know of a source better than its file does.
func (s *Service) Edit(ctx context.Context, p appliance.Principal, id string, c appliance.SourceChange) (appliance.Source, error) {
	if src, err := s.changeable(ctx, p, id); err != nil {
		return src, err
	}
	c = clean(c)
	entry := p.Did("source.edited", "")
	for name, field := range map[string]*string{"title": c.Title, "subject": c.Subject, "grade": c.Grade, "folder": c.Folder, "language": c.Language} {
		if field != nil {
			entry = entry.With(name, true)
		}
	}
	if c.Title != nil && *c.Title == "" {
		return appliance.Source{}, errNoTitle
	}
	src, err := s.store.EditSource(ctx, p.Org, id, c, entry)
	if err == nil {
		s.ingester.Edited(p.Org, src)
	}
	return as(p, src), err
}

// clean makes what somebody typed fit to show.
func clean(c appliance.SourceChange) appliance.SourceChange {
	for _, field := range []**string{&c.Title, &c.Subject, &c.Grade, &c.Language} {
		if *field != nil {
			text := appliance.CleanLabel(**field)
			*field = &text
		}
	}
	if c.Folder != nil {
		folder := appliance.CleanFolder(*c.Folder)
		c.Folder = &folder
	}
	return c
}
