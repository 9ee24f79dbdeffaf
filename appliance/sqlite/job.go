package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/problem"
)

// ErrLeaseLost ends a worker's step: the source was cancelled or deleted, or
// another worker holds its job.
var ErrLeaseLost = problem.New(problem.Conflict, "lease_lost", "The work on this material was stopped.",
	"Try it again from the list of material.", nil)

// longestWait bounds how far ahead a job may have been put off. A run_after
// beyond it comes from a clock that has since been set back, and is ignored.
const longestWait = time.Hour

// firstPause is half of what a job waits after the second death of the box on
// it; it doubles with each further one.
const firstPause = 30 * time.Second

// stageMark spaces the marks of two stages, so that a job's mark grows over its
// whole life.
const stageMark = 1_000_000_000

func markOf(stage appliance.Stage) int64 {
	switch stage {
	case appliance.StageChunk:
		return stageMark
	case appliance.StageEmbed:
		return 2 * stageMark
	}
	return 0
}

// ClaimJob takes the next job that is due, for as long as lease says, and moves
// its source to processing. It reports false when there is none. Owner names
// this run of the program.
func (s *Store) ClaimJob(ctx context.Context, owner string, lease time.Duration) (job appliance.Job, ok bool, err error) {
	const due = `FROM job WHERE state = 'waiting' AND (run_after <= ? OR run_after > ?)`
	// Nothing due is the usual case, and asking the readers costs the disk nothing.
	err = s.read(ctx, func(t *tx) error {
		return t.QueryRow(`SELECT count(*) > 0 `+due, t.now, t.now+longestWait.Milliseconds()).Scan(&ok)
	})
	if err != nil || !ok {
		return job, false, err
	}
	err = s.write(ctx, func(t *tx) error {
		job.Lease = uuid.NewString()
		var id string
		// What can be searched already goes last, and before it jobs on which the
		// box died, so that they hold up nobody.
		err := t.QueryRow(`UPDATE job SET state = 'running', lease = ?, owner = ?, lease_until = ?, claim_mark = mark
			WHERE n = (SELECT n `+due+` ORDER BY (SELECT status = 'ready' FROM source WHERE source.id = job.source_id AND source.org_id = job.org_id),
				deaths + crashes, n LIMIT 1)
			RETURNING org_id, source_id, stage, attempts, crashes`,
			job.Lease, owner, t.now+lease.Milliseconds(), t.now, t.now+longestWait.Milliseconds()).
			Scan(&job.Org, &id, &job.Stage, &job.Attempts, &job.Crashes)
		if errors.Is(err, sql.ErrNoRows) {
			ok = false
			return nil
		} else if err != nil {
			return err
		}
		if _, err := t.Exec(`UPDATE source SET status = `+unlessReady+`, problem = NULL WHERE id = ? AND org_id = ?`,
			appliance.StatusProcessing, id, job.Org); err != nil {
			return err
		}
		if job.Source, err = findAny(t, job.Org, id); err != nil {
			return err
		}
		_, changes, err := partsOf(t, job)
		if err == nil {
			job.Turns, err = turnsOf(t, job.Org, changes)
		}
		return err
	})
	return job, ok && err == nil, err
}

// ExtendLease keeps a claimed job for another while.
func (s *Store) ExtendLease(ctx context.Context, job appliance.Job, lease time.Duration) error {
	return s.write(ctx, func(t *tx) error {
		return t.held(job, `lease_until = ?`, t.now+lease.Milliseconds())
	})
}

// held changes a job that the worker must still hold; without a change it only
// checks that.
func (t *tx) held(job appliance.Job, set string, args ...any) error {
	if set == "" {
		set = `owner = owner`
	}
	args = append(args, job.Source.ID, job.Org, job.Lease)
	result, err := t.Exec(`UPDATE job SET `+set+` WHERE source_id = ? AND org_id = ? AND state = 'running' AND lease = ?`, args...)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n == 1 {
		return err
	}
	return ErrLeaseLost
}

// SaveProgress stores what is known and shown of a source while it is worked
// on: kind, media type, language, step, progress, seconds left, pages, duration
// and notices.
func (s *Store) SaveProgress(ctx context.Context, job appliance.Job, src appliance.Source) error {
	return s.write(ctx, func(t *tx) error {
		if err := t.held(job, ""); err != nil {
			return err
		}
		return saveProgress(t, job, src)
	})
}

func saveProgress(t *tx, job appliance.Job, src appliance.Source) error {
	notices, err := toJSON(src.Notices, len(src.Notices) == 0)
	if err != nil {
		return err
	}
	contents, err := toJSON(src.Contents, len(src.Contents) == 0)
	if err != nil {
		return err
	}
	_, err = t.Exec(`UPDATE source SET kind = ?, media_type = ?, language = iif(told_language <> '', told_language, ?), step = ?, progress = ?, seconds_left = ?,
		pages = ?, duration = ?, notices = ?, contents = ?, sketch = ? WHERE id = ? AND org_id = ?`,
		src.Kind, src.MediaType, src.Language, src.Step, src.Progress, src.SecondsLeft,
		src.Pages, src.Duration, notices, contents, src.Sketch, job.Source.ID, job.Org)
	return err
}

// SaveParts stores pieces of a job's intermediate work. A part that is there
// already is replaced. A job that has got further than ever is forgiven its
// failures.
func (s *Store) SaveParts(ctx context.Context, job appliance.Job, parts ...appliance.Part) error {
	return s.write(ctx, func(t *tx) error {
		var mark int64
		for _, p := range parts {
			mark = max(mark, markOf(job.Stage)+int64(p.Seq)+1)
		}
		if err := t.reached(job, mark); err != nil {
			return err
		}
		for _, p := range parts {
			place, err := json.Marshal(p.Place)
			if err != nil {
				return err
			}
			if _, err := t.Exec(`INSERT OR REPLACE INTO part (org_id, source_id, seq, key, place, doubts, data) VALUES (?, ?, ?, ?, ?, ?, ?)`,
				job.Org, job.Source.ID, p.Seq, p.Key, string(place), p.Doubts, p.Data); err != nil {
				return err
			}
		}
		return nil
	})
}

// reached moves a job's high-water mark.
func (t *tx) reached(job appliance.Job, mark int64) error {
	return t.held(job, `attempts = iif(?1 > mark, 0, attempts), crashes = iif(?1 > mark, 0, crashes),
		deaths = iif(?1 > mark, 0, deaths), mark = max(mark, ?1)`, mark)
}

// Parts returns up to limit of a job's parts with a Seq of at least from, in
// order.
func (s *Store) Parts(ctx context.Context, job appliance.Job, from, limit int) (parts []appliance.Part, err error) {
	err = s.read(ctx, func(t *tx) error {
		parts, err = all(t, func(row scanner) (p appliance.Part, err error) {
			return p, row.Scan(&p.Seq, &p.Key, &p.Data)
		}, `SELECT seq, key, data FROM part WHERE source_id = ? AND org_id = ? AND seq >= ? ORDER BY seq LIMIT ?`,
			job.Source.ID, job.Org, from, limit)
		return err
	})
	return parts, err
}

// ClearParts removes a job's parts, for a reader that has to start over.
func (s *Store) ClearParts(ctx context.Context, job appliance.Job) error {
	return s.write(ctx, func(t *tx) error {
		if err := t.held(job, ""); err != nil {
			return err
		}
		_, err := t.Exec(`DELETE FROM part WHERE source_id = ? AND org_id = ?`, job.Source.ID, job.Org)
		return err
	})
}

// SaveStage moves a job to its next stage and stores what is known of its
// source, as SaveProgress does.
func (s *Store) SaveStage(ctx context.Context, job appliance.Job, next appliance.Stage, src appliance.Source) error {
	return s.write(ctx, func(t *tx) error {
		if err := t.reached(job, markOf(next)); err != nil {
			return err
		}
		if err := t.held(job, `stage = ?`, next); err != nil {
			return err
		}
		return saveProgress(t, job, src)
	})
}

// ReleaseJob gives a job back unharmed: the box is shutting down.
func (s *Store) ReleaseJob(ctx context.Context, job appliance.Job) error {
	return s.again(ctx, job, 0, false, false, appliance.StatusQueued)
}

// RetryJob gives a job back after an error that may pass, to be tried again
// after wait. crashed says that a reader or an engine died on it.
func (s *Store) RetryJob(ctx context.Context, job appliance.Job, wait time.Duration, crashed bool) error {
	return s.again(ctx, job, wait, true, crashed, appliance.StatusQueued)
}

func (s *Store) again(ctx context.Context, job appliance.Job, wait time.Duration, failed, crashed bool, status appliance.Status) error {
	return s.write(ctx, func(t *tx) error {
		if err := t.held(job, `state = 'waiting', lease = '', run_after = ?, attempts = attempts + ?, crashes = crashes + ?`,
			t.now+wait.Milliseconds(), failed, crashed); err != nil {
			return err
		}
		_, err := t.Exec(`UPDATE source SET status = `+unlessReady+`, seconds_left = NULL WHERE id = ? AND org_id = ?`,
			status, job.Source.ID, job.Org)
		return err
	})
}

// FailJob ends a job with a problem that the teacher reads. What it had stored
// is kept for a retry.
func (s *Store) FailJob(ctx context.Context, job appliance.Job, p problem.Problem) error {
	return s.write(ctx, func(t *tx) error {
		if err := t.held(job, `state = 'ended', lease = ''`); err != nil {
			return err
		}
		return fail(t, job.Org, job.Source.ID, p)
	})
}

// unlessReady is a source's new status, but one that can be searched stays ready
// while it is worked on, and when that fails.
const unlessReady = `iif(status = 'ready', status, ?)`

func fail(t *tx, org appliance.OrgID, id string, p problem.Problem) error {
	problem, err := toJSON(p, false)
	if err != nil {
		return err
	}
	if _, err := t.Exec(`UPDATE source SET status = `+unlessReady+`, problem = ?, seconds_left = NULL WHERE id = ? AND org_id = ?`,
		appliance.StatusFailed, problem, id, org); err != nil {
		return err
	}
	return addEvent(t, org, "source_failed", map[string]any{"source": id, "reason": p.Reason})
}

// ReleaseDead frees the jobs of workers that are gone: of another run of the
// program, or with a lease that ran out. They go on at once, but one on which the
// box has died before without getting any further waits, longer each time; after
// limit such deaths in a row it is ended with the problem.
func (s *Store) ReleaseDead(ctx context.Context, owner string, limit int, p problem.Problem) (freed []string, err error) {
	err = s.write(ctx, func(t *tx) error {
		type dead struct {
			org    appliance.OrgID
			id     string
			deaths int
		}
		jobs, err := all(t, func(row scanner) (d dead, err error) {
			return d, row.Scan(&d.org, &d.id, &d.deaths)
		}, `UPDATE job SET state = 'waiting', lease = '', deaths = iif(mark > claim_mark, 0, deaths) + 1,
			run_after = iif(mark > claim_mark OR deaths = 0, 0, ? + (? << min(deaths, 6)))
			WHERE state = 'running' AND (owner <> ? OR lease_until < ?)
			RETURNING org_id, source_id, deaths`, t.now, firstPause.Milliseconds(), owner, t.now)
		if err != nil {
			return err
		}
		for _, d := range jobs {
			if d.deaths < limit {
				_, err = t.Exec(`UPDATE source SET status = `+unlessReady+`, seconds_left = NULL WHERE id = ? AND org_id = ?`,
					appliance.StatusQueued, d.id, d.org)
			} else {
				_, err = t.Exec(`UPDATE job SET state = 'ended' WHERE source_id = ? AND org_id = ?`, d.id, d.org)
				err = errors.Join(err, fail(t, d.org, d.id, p))
			}
			if err != nil {
				return err
			}
			freed = append(freed, d.id)
		}
		return nil
	})
	return freed, err
}
