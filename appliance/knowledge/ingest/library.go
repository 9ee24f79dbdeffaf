package ingest

import (
	"context"
	"errors"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/problem"
)

func errSameName(old appliance.Source) error {
	return problem.New(problem.Conflict, "same_name", "There is another file of this name, with other content.",
		"Say whether the new one takes its place, or keep both.", nil).With("source", old.ID).With("title", old.Title)
}

// replace puts a newer file in the place of a source.
func (in *Ingester) replace(ctx context.Context, org appliance.OrgID, old, file appliance.Source, by appliance.Principal) (appliance.Source, error) {
	if old.Update != nil {
		in.stop(ctx, old.Update.ID)
	}
	return in.store.ReplaceSource(ctx, org, old.ID, file, by.Did("source.replaced", ""))
}

// Trash deletes a source so that it can be brought back for a while.
func (in *Ingester) Trash(ctx context.Context, org appliance.OrgID, id string, entries ...appliance.AuditEntry) error {
	src, err := in.store.Source(ctx, org, whole, id)
	if err != nil {
		return err
	}
	if err := in.store.TrashSource(ctx, org, id, entries...); err != nil {
		return err
	}
	return in.halt(ctx, src)
}

// halt stops the work on a source that was deleted.
func (in *Ingester) halt(ctx context.Context, src appliance.Source) (err error) {
	if src.Update != nil {
		err = in.dropWork(in.stop(ctx, src.Update.ID), src.Update.ID)
	}
	return errors.Join(err, in.dropWork(in.stop(ctx, src.ID), src.ID))
}

// BringBack takes back that a source was deleted.
func (in *Ingester) BringBack(ctx context.Context, org appliance.OrgID, id string, entries ...appliance.AuditEntry) (appliance.Source, error) {
	return in.made(org)(in.store.BringBack(ctx, org, id, entries...))
}

// PurgeExpired deletes for good what was deleted a day ago.
func (in *Ingester) PurgeExpired(ctx context.Context) error {
	expired, err := in.store.Expired(ctx)
	for org, ids := range expired {
		for _, id := range ids {
			err = errors.Join(err, in.Delete(ctx, org, id))
		}
	}
	return err
}

// ChangeMany does the same to many sources, all or none of them.
func (in *Ingester) ChangeMany(ctx context.Context, org appliance.OrgID, ids []string, c appliance.ManyChange, entry func(id string) appliance.AuditEntry) ([]appliance.Source, error) {
	changed, err := in.store.ChangeSources(ctx, org, ids, c, entry)
	if err != nil {
		return nil, err
	}
	for _, src := range changed {
		if c.Delete {
			err = errors.Join(err, in.halt(ctx, src))
		} else {
			in.watchers.tell(org, src)
		}
	}
	in.nudge()
	return changed, err
}
