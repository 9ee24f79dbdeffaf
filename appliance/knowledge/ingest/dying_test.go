package ingest

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/problem"
)

// dying is a store whose process dies at its nth write: before it, or just
// after it was stored but before anybody could know. From then on nothing is
// written any more.
type dying struct {
	Store
	at    int
	after bool
	die   func()

	mu     sync.Mutex
	writes int
	dead   bool
}

var errDead = errors.New("the process is dead")

func (d *dying) write(do func() error) error {
	d.mu.Lock()
	if d.dead {
		d.mu.Unlock()
		return errDead
	}
	d.writes++
	now := d.writes == d.at
	d.dead = now
	d.mu.Unlock()
	if now {
		defer d.die()
		if !d.after {
			return errDead
		}
		if err := do(); err != nil {
			return err
		}
		return errDead
	}
	return do()
}

func (d *dying) AddSource(ctx context.Context, org appliance.OrgID, n appliance.Source, classes []appliance.ClassID, by appliance.Principal, entries ...appliance.AuditEntry) (src appliance.Source, existed bool, err error) {
	err = d.write(func() error { src, existed, err = d.Store.AddSource(ctx, org, n, classes, by, entries...); return err })
	return src, existed, err
}
func (d *dying) ClaimJob(ctx context.Context, owner string, lease time.Duration) (job appliance.Job, ok bool, err error) {
	err = d.write(func() error { job, ok, err = d.Store.ClaimJob(ctx, owner, lease); return err })
	return job, ok && err == nil, err
}
func (d *dying) ReleaseJob(ctx context.Context, job appliance.Job) error {
	return d.write(func() error { return d.Store.ReleaseJob(ctx, job) })
}
func (d *dying) RetryJob(ctx context.Context, job appliance.Job, wait time.Duration, crashed bool) error {
	return d.write(func() error { return d.Store.RetryJob(ctx, job, wait, crashed) })
}
func (d *dying) FailJob(ctx context.Context, job appliance.Job, p problem.Problem) error {
	return d.write(func() error { return d.Store.FailJob(ctx, job, p) })
}
func (d *dying) SaveProgress(ctx context.Context, job appliance.Job, src appliance.Source) error {
	return d.write(func() error { return d.Store.SaveProgress(ctx, job, src) })
}
func (d *dying) SaveStage(ctx context.Context, job appliance.Job, next appliance.Stage, src appliance.Source) error {
	return d.write(func() error { return d.Store.SaveStage(ctx, job, next, src) })
}
func (d *dying) FinishJob(ctx context.Context, job appliance.Job, src appliance.Source) error {
	return d.write(func() error { return d.Store.FinishJob(ctx, job, src) })
}
func (d *dying) SaveParts(ctx context.Context, job appliance.Job, parts ...appliance.Part) error {
	return d.write(func() error { return d.Store.SaveParts(ctx, job, parts...) })
}
func (d *dying) AddChunks(ctx context.Context, job appliance.Job, chunks []appliance.Chunk) error {
	return d.write(func() error { return d.Store.AddChunks(ctx, job, chunks) })
}
func (d *dying) SaveVectors(ctx context.Context, job appliance.Job, model string, chunks []appliance.Chunk) error {
	return d.write(func() error { return d.Store.SaveVectors(ctx, job, model, chunks) })
}
