package sqlite

import (
	"context"

	"github.com/bwenge-os/bwenge/appliance"
)

// EditSource sets what people know of a source better than its file does.
func (s *Store) EditSource(ctx context.Context, org appliance.OrgID, id string, c appliance.SourceChange, entries ...appliance.AuditEntry) (src appliance.Source, err error) {
	err = s.write(ctx, func(t *tx) error {
		if src, err = findSource(t, org, whole, id); err != nil {
			return err
		}
		if err := editSource(t, org, src, c); err != nil {
			return err
		}
		if src, err = findSource(t, org, whole, id); err != nil {
			return err
		}
		return s.record(t, org, id, entries)
	})
	if c.Title != nil || c.Language != nil {
		s.vectors.changed.Add(1) // answers that are kept say them
	}
	return src, err
}

func editSource(t *tx, org appliance.OrgID, src appliance.Source, c appliance.SourceChange) error {
	if _, err := t.Exec(`UPDATE source SET title = coalesce(?, title), subject = coalesce(?, subject), grade = coalesce(?, grade),
		folder = coalesce(?, folder) WHERE org_id = ? AND id = ?`, c.Title, c.Subject, c.Grade, c.Folder, org, src.ID); err != nil {
		return err
	}
	if c.Language == nil || *c.Language == src.ToldLanguage {
		return nil
	}
	if _, err := t.Exec(`UPDATE source SET told_language = ? WHERE org_id = ? AND (id = ? OR replaces = ?)`, *c.Language, org, src.ID, src.ID); err != nil {
		return err
	}
	if *c.Language == "" {
		return makeAnew(t, org, src, appliance.StageChunk) // only its text knows
	}
	for _, id := range append([]string{src.ID}, updateOf(src)...) {
		if _, err := t.Exec(`UPDATE source SET language = ? WHERE org_id = ? AND id = ?`, *c.Language, org, id); err != nil {
			return err
		}
		if _, err := t.Exec(`UPDATE chunk SET language = ? WHERE org_id = ? AND source_id = ?`, *c.Language, org, id); err != nil {
			return err
		}
	}
	return nil
}

// updateOf is the source that takes another one's place, if there is one.
func updateOf(src appliance.Source) []string {
	if src.Update == nil {
		return nil
	}
	return []string{src.Update.ID}
}
