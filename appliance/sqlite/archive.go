package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/problem"
)

// HoldArchive stores what an archive is and lets its job wait until somebody has
// chosen what is taken in. A first look gives the source the archive's title.
func (s *Store) HoldArchive(ctx context.Context, job appliance.Job, src appliance.Source, a appliance.ArchiveState) error {
	info, err := json.Marshal(a)
	if err != nil {
		return err
	}
	return s.write(ctx, func(t *tx) error {
		if err := t.held(job, `state = 'held', lease = ''`); err != nil {
			return err
		}
		if err := saveProgress(t, job, src); err != nil {
			return err
		}
		if _, err := t.Exec(`UPDATE source SET status = ?, step = '', progress = 0, seconds_left = NULL,
			title = iif(? = '' OR EXISTS (SELECT 1 FROM archive WHERE source_id = source.id AND org_id = source.org_id), title, ?)
			WHERE id = ? AND org_id = ?`,
			appliance.StatusChoosing, a.Title, a.Title, job.Source.ID, job.Org); err != nil {
			return err
		}
		_, err := t.Exec(`INSERT INTO archive (source_id, org_id, info) VALUES (?, ?, ?)
			ON CONFLICT (source_id) DO UPDATE SET info = excluded.info, selection = NULL, chosen = 0, done = 0
			WHERE org_id = excluded.org_id`, job.Source.ID, job.Org, string(info))
		return err
	})
}

// Archive returns an archive that a scope shows.
func (s *Store) Archive(ctx context.Context, org appliance.OrgID, scope appliance.Scope, sourceID string) (a appliance.ArchiveState, err error) {
	err = s.read(ctx, func(t *tx) error {
		a, err = findArchive(t, org, scope, sourceID)
		return err
	})
	return a, err
}

func findArchive(t *tx, org appliance.OrgID, scope appliance.Scope, sourceID string) (a appliance.ArchiveState, err error) {
	if _, err := findSource(t, org, scope, sourceID); err != nil {
		return a, err
	}
	var info, selection sql.NullString
	var chosen, done int
	err = t.QueryRow(`SELECT info, selection, chosen, done FROM archive WHERE source_id = ? AND org_id = ?`, sourceID, org).
		Scan(&info, &selection, &chosen, &done)
	if errors.Is(err, sql.ErrNoRows) {
		return a, notFound("archive", "archive_not_found")
	} else if err != nil {
		return a, err
	}
	err = errors.Join(fromJSON(info, &a), fromJSON(selection, &a.Selection))
	a.Chosen, a.Done = chosen, done
	return a, err
}

// SelectArchive says which articles of an archive are taken in, of which there
// are so many, and lets its job go on.
func (s *Store) SelectArchive(ctx context.Context, org appliance.OrgID, sourceID string, sel appliance.ArchiveSelection, chosen int, entries ...appliance.AuditEntry) (src appliance.Source, err error) {
	selection, err := json.Marshal(sel)
	if err != nil {
		return src, err
	}
	err = s.write(ctx, func(t *tx) error {
		if src, err = findSource(t, org, whole, sourceID); err != nil {
			return err
		}
		if src.Status != appliance.StatusChoosing {
			return problem.New(problem.Conflict, "archive_chosen", "What is taken in of this archive has been chosen already.",
				"To choose anew, stop the work on it and try again.", nil)
		}
		if _, err := t.Exec(`UPDATE archive SET selection = ?, chosen = ?, done = 0 WHERE source_id = ? AND org_id = ?`,
			string(selection), chosen, sourceID, org); err != nil {
			return err
		}
		if _, err := t.Exec(`UPDATE job SET state = 'waiting', stage = ?, attempts = 0, crashes = 0, deaths = 0, run_after = 0
			WHERE source_id = ? AND org_id = ? AND state = 'held'`, appliance.StageRead, sourceID, org); err != nil {
			return err
		}
		if _, err := t.Exec(`UPDATE source SET status = ? WHERE id = ? AND org_id = ?`, appliance.StatusQueued, sourceID, org); err != nil {
			return err
		}
		if src, err = findSource(t, org, whole, sourceID); err != nil {
			return err
		}
		return s.record(t, org, sourceID, entries)
	})
	return src, err
}

// SaveArticles stores the chunks of the next articles of an archive, of which
// done are in now, and lets searches see them: by their words at once, by their
// meaning when they have their vectors.
func (s *Store) SaveArticles(ctx context.Context, job appliance.Job, src appliance.Source, chunks []appliance.Chunk, done int) error {
	defer s.vectors.changed.Add(1)
	return s.write(ctx, func(t *tx) error {
		if err := t.reached(job, markOf(job.Stage)+int64(done)); err != nil {
			return err
		}
		if err := addChunks(t, job, chunks); err != nil {
			return err
		}
		if _, err := t.Exec(`UPDATE archive SET done = ? WHERE source_id = ? AND org_id = ?`, done, job.Source.ID, job.Org); err != nil {
			return err
		}
		if err := saveProgress(t, job, src); err != nil {
			return err
		}
		_, err := t.Exec(`UPDATE source SET chunks = chunks + ?1, status = iif(chunks + ?1 > 0, ?2, status),
			ready_at = iif(chunks + ?1 > 0, coalesce(ready_at, ?3), ready_at) WHERE id = ?4 AND org_id = ?5`,
			len(chunks), appliance.StatusReady, t.now, job.Source.ID, job.Org)
		return err
	})
}

// LastTable is the number of the last table among the chunks that are stored of
// a job's source, 0 if there is none.
func (s *Store) LastTable(ctx context.Context, job appliance.Job) (no int, err error) {
	err = s.read(ctx, func(t *tx) error {
		return t.QueryRow(`SELECT coalesce(max(table_no), 0) FROM chunk WHERE source_id = ? AND org_id = ? AND table_no > 0`,
			job.Source.ID, job.Org).Scan(&no)
	})
	return no, err
}

// Overtaken reports whether a job for material that nobody can search yet is
// due: one in the background lets it go first.
func (s *Store) Overtaken(ctx context.Context) (yes bool, err error) {
	err = s.read(ctx, func(t *tx) error {
		return t.QueryRow(`SELECT EXISTS (SELECT 1 FROM job JOIN source ON source.id = job.source_id AND source.org_id = job.org_id
			WHERE job.state = 'waiting' AND job.run_after <= ? AND source.status <> 'ready')`, t.now).Scan(&yes)
	})
	return yes, err
}
