package material

import (
	"context"

	"github.com/bwenge-os/bwenge/appliance"
)

// Archives takes ZIM files in, or a part of them.
type Archives interface {
	Archive(ctx context.Context, org appliance.OrgID, scope appliance.Scope, id string) (appliance.ArchiveState, error)
	EstimateArchive(ctx context.Context, org appliance.OrgID, scope appliance.Scope, id string, sel appliance.ArchiveSelection) (appliance.ArchiveEstimate, error)
	TakeArchive(ctx context.Context, org appliance.OrgID, id string, sel appliance.ArchiveSelection, entries ...appliance.AuditEntry) (appliance.Source, error)
}

// Archive is what an archive holds, what all of it would cost, and what was
// chosen of it.
func (s *Service) Archive(ctx context.Context, p appliance.Principal, id string) (appliance.ArchiveState, error) {
	return s.ingester.Archive(ctx, p.Org, p.Scope, id)
}

// EstimateArchive says what a part of an archive would cost.
func (s *Service) EstimateArchive(ctx context.Context, p appliance.Principal, id string, sel appliance.ArchiveSelection) (appliance.ArchiveEstimate, error) {
	if _, err := s.changeable(ctx, p, id); err != nil {
		return appliance.ArchiveEstimate{}, err
	}
	return s.ingester.EstimateArchive(ctx, p.Org, p.Scope, id, sel)
}

// TakeArchive takes a part of an archive in.
func (s *Service) TakeArchive(ctx context.Context, p appliance.Principal, id string, sel appliance.ArchiveSelection) (appliance.Source, error) {
	if src, err := s.changeable(ctx, p, id); err != nil {
		return src, err
	}
	src, err := s.ingester.TakeArchive(ctx, p.Org, id, sel, p.Did("source.archive_taken", ""))
	return as(p, src), err
}
