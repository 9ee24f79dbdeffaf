package material

import (
	"context"
	"errors"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/problem"
)

// Labels are the subjects, grades and folders in use, to choose from.
func (s *Service) Labels(ctx context.Context, p appliance.Principal) (appliance.SourceLabels, error) {
	return s.store.SourceLabels(ctx, p.Org, p.Scope)
}

// deleted is a source that somebody may bring back or erase.
func (s *Service) deleted(ctx context.Context, p appliance.Principal, id string) (appliance.Source, error) {
	src, err := s.store.DeletedSource(ctx, p.Org, p.Scope, id)
	if err == nil && !as(p, src).MayChange {
		err = errNotYours
	}
	return src, err
}

// BringBack takes back that a source was deleted.
func (s *Service) BringBack(ctx context.Context, p appliance.Principal, id string) (appliance.Source, error) {
	if src, err := s.deleted(ctx, p, id); err != nil {
		return src, err
	}
	src, err := s.ingester.BringBack(ctx, p.Org, id, p.Did("source.brought_back", ""))
	return as(p, src), err
}

// Erase removes a deleted source for good, with its file, text and vectors.
func (s *Service) Erase(ctx context.Context, p appliance.Principal, id string) error {
	if _, err := s.deleted(ctx, p, id); err != nil {
		return err
	}
	return s.ingester.Delete(ctx, p.Org, id, p.Did("source.erased", ""))
}

// ChangeMany does the same to many sources in one transaction, and says of each
// that it left out why.
func (s *Service) ChangeMany(ctx context.Context, p appliance.Principal, ids []string, c appliance.ManyChange) (changed []appliance.Source, refused map[string]problem.Problem, err error) {
	c.Change = clean(c.Change)
	refused = map[string]problem.Problem{}
	known := map[string]bool{}
	var may []string
	for _, id := range ids {
		if known[id] {
			continue
		}
		known[id] = true
		src, err := s.changeable(ctx, p, id)
		if err == nil && c.Classes != nil && !p.MayShare(src.CreatedBy, src.Classes, *c.Classes) {
			err = errNotYourClass
		}
		if _, ok := errors.AsType[*problem.Error](err); ok {
			refused[id] = problem.Of(err)
		} else if err != nil {
			return nil, nil, err
		} else {
			may = append(may, id)
		}
	}
	if len(may) == 0 {
		return nil, refused, nil
	}
	action := "source.edited"
	if c.Delete {
		action = "source.deleted"
	}
	changed, err = s.ingester.ChangeMany(ctx, p.Org, may, c, func(string) appliance.AuditEntry {
		entry := p.Did(action, "").With("together", len(may))
		if c.Classes != nil {
			entry = entry.With("classes", *c.Classes)
		}
		return entry
	})
	for i := range changed {
		changed[i] = as(p, changed[i])
	}
	return changed, refused, err
}
