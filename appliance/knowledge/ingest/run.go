package ingest

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/problem"
)

const (
	// maxCrashes is how many times in a row a reader or an engine may die on
	// the same piece of a file.
	maxCrashes = 2
	// maxDeaths is how many times in a row the box may die on a job that gets
	// no further. It is more, since power cuts are no fault of the file.
	maxDeaths = 5
	// idle is how long a worker sleeps when there is nothing to do and nobody
	// nudges it: jobs that wait for their next try become due.
	idle = time.Second
)

// Why a job's context ends before its work does.
var (
	errStopped   = errors.New("the source was cancelled or deleted")
	errLeaseGone = errors.New("the lease is gone")
)

// Run works on jobs until ctx ends, and returns when every worker has stopped.
// First it cleans up after a run that died.
func (in *Ingester) Run(ctx context.Context) error {
	if err := in.Sweep(ctx); err != nil {
		in.cfg.Log.Warn("could not remove left-over files", "error", err)
	}
	if err := in.revive(ctx); err != nil {
		return err
	}
	if ids, err := in.store.Reembed(ctx, in.cfg.Embedder.Name()); err != nil {
		return err
	} else if len(ids) > 0 {
		in.cfg.Log.Info("the embedding model has changed: material is indexed anew", "sources", len(ids))
	}
	var workers sync.WaitGroup
	for range in.cfg.Workers {
		workers.Go(func() { in.worker(ctx) })
	}
	workers.Go(func() {
		for wait(ctx, in.cfg.Lease) {
			if err := in.revive(ctx); err != nil && ctx.Err() == nil {
				in.cfg.Log.Error("could not look for dead jobs", "error", err)
			}
		}
	})
	workers.Wait()
	return nil
}

// revive frees the jobs of the dead.
func (in *Ingester) revive(ctx context.Context) error {
	freed, err := in.store.ReleaseDead(ctx, in.owner, maxDeaths, problem.Of(errSuspect(nil)))
	for _, id := range freed {
		in.cfg.Log.Info("job goes on after the box stopped", "source", id)
	}
	return err
}

func errSuspect(cause error) error {
	return problem.New(problem.Unreadable, "quarantined",
		"This file was set aside: the box stopped several times while it was working on it.",
		"Save it anew as PDF, or as MP3 if it is a recording, and add that one.", cause)
}

// worker takes one job after another.
func (in *Ingester) worker(ctx context.Context) {
	for ctx.Err() == nil {
		if in.workOnce(ctx) {
			continue
		}
		select {
		case <-ctx.Done():
		case <-in.wake:
		case <-time.After(idle):
		}
	}
}

// workOnce does the job whose turn it is, and reports whether there was one. A
// bug around a job leaves it to its lease and its worker to the next one.
func (in *Ingester) workOnce(ctx context.Context) (found bool) {
	defer func() {
		if p := recover(); p != nil {
			in.cfg.Log.Error("working on a job panicked", "panic", p, "stack", string(debug.Stack()))
			found = false
		}
	}()
	job, ok, err := in.store.ClaimJob(ctx, in.owner, in.cfg.Lease)
	if err != nil && ctx.Err() == nil {
		in.cfg.Log.Error("could not look for work", "error", err)
	}
	if ok {
		in.work(ctx, job)
	}
	return ok
}

// work does one job as far as it goes, and stores how that ended.
func (in *Ingester) work(ctx context.Context, job appliance.Job) {
	log := in.cfg.Log.With("source", job.Source.ID)
	working, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	defer in.begin(job.Source.ID, stop)()

	var heart sync.WaitGroup
	heart.Go(func() {
		if err := problem.Try(func() error { return in.keepLease(working, job) }); err != nil {
			stop(err)
		}
	})
	began := time.Now()
	w := &work{Ingester: in, job: job, src: job.Source}
	err := problem.Try(func() error { return w.steps(working) })
	cause := context.Cause(working)
	stop(nil)
	heart.Wait()

	// What follows is stored even while the box shuts down.
	ctx = context.WithoutCancel(ctx)
	switch reason := problem.Of(err).Reason; {
	case err == nil && w.job.Stage == stageHeld:
		log.Info("archive waits for a choice")
	case err == nil:
		log.Info("source is ready", "seconds", time.Since(began).Seconds())
	case errors.Is(err, errOvertaken):
		err = in.store.ReleaseJob(ctx, job)
	case errors.Is(cause, errStopped), errors.Is(cause, errLeaseGone), reason == "lease_lost":
		log.Info("work on a source was stopped", "cause", cause)
		err = nil
	case cause != nil: // the box is shutting down
		err = in.store.ReleaseJob(ctx, job)
	default:
		if w.moved { // the store has forgiven it what was before
			job.Attempts, job.Crashes = 0, 0
		}
		err = in.failed(ctx, job, err)
	}
	if err != nil && problem.Of(err).Reason != "lease_lost" {
		log.Error("could not store how a job ended", "error", err)
	}
	shown := job.Source.ID
	if job.Source.Replaces != "" {
		shown = job.Source.Replaces
	}
	if src, err := in.store.Source(ctx, job.Org, whole, shown); err == nil {
		in.watchers.tell(job.Org, src)
	}
	// Samples are kept for the next try only.
	if needed, err := in.store.Unfinished(ctx, job.Source.ID); err == nil && !needed {
		err = in.files.DropWork(job.Source.ID)
		if err != nil {
			log.Warn("could not remove a job's scratch files", "error", err)
		}
	}
}

// failed decides between another try and the end.
func (in *Ingester) failed(ctx context.Context, job appliance.Job, err error) error {
	log := in.cfg.Log.With("source", job.Source.ID, "attempt", job.Attempts+1, "error", err)
	crashed := isCrash(err)
	if crashed && job.Crashes+1 >= maxCrashes {
		log.Warn("source is set aside")
		return in.store.FailJob(ctx, job, problem.Of(errSuspect(err)))
	}
	if crashed || mayPass(err) {
		if pause, ok := in.cfg.Backoff(job.Attempts + 1); ok {
			log.Warn("source is tried again", "pause", pause, "crashed", crashed)
			return in.store.RetryJob(ctx, job, pause, crashed)
		}
	}
	log.Warn("source failed")
	return in.store.FailJob(ctx, job, problem.Of(err))
}

// isCrash reports an engine that died or hung while it worked on a file, which
// may be the file's doing.
func isCrash(err error) bool {
	if _, ok := errors.AsType[*problem.Panic](err); ok {
		return true
	}
	switch problem.Of(err).Reason {
	case "engine_down", "engine_memory", "engine_silent":
		return true
	}
	return false
}

// mayPass reports trouble that is no fault of the file and can be over in a
// minute. What is not installed stays away.
func mayPass(err error) bool {
	p := problem.Of(err)
	switch p.Reason {
	case "engine_missing", "model_missing", "tool_missing", "file_missing":
		return false
	case "too_slow": // a document, see package extract
		return false
	}
	switch p.Code {
	case problem.Unavailable, problem.Busy, problem.Timeout, problem.NoSpace, problem.Internal:
		return true
	}
	return false
}

// steps does what is left to do of a job, stage after stage.
func (w *work) steps(ctx context.Context) (err error) {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		switch w.job.Stage {
		case appliance.StageRead:
			err = w.read(ctx)
		case appliance.StageChunk:
			err = w.chunk(ctx)
		case appliance.StageEmbed:
			return w.embed(ctx)
		case stageHeld:
			return nil
		default:
			return fmt.Errorf("a job in stage %q", w.job.Stage)
		}
		if err != nil {
			return err
		}
	}
}

// work is one job in progress.
type work struct {
	*Ingester
	job   appliance.Job
	src   appliance.Source // as shown
	saved time.Time        // when src was stored last
	moved bool             // it has got further than before
}

// next ends a stage.
func (w *work) next(ctx context.Context, stage appliance.Stage) error {
	if err := w.store.SaveStage(ctx, w.job, stage, w.src); err != nil {
		return err
	}
	w.job.Stage = stage
	w.tell(ctx, w.job.Org, w.src)
	return nil
}

// keepLease is a job's heartbeat. Its error ends the work: somebody else has it.
func (in *Ingester) keepLease(ctx context.Context, job appliance.Job) error {
	for wait(ctx, in.cfg.Lease/3) {
		err := in.store.ExtendLease(ctx, job, in.cfg.Lease)
		if problem.Of(err).Reason == "lease_lost" {
			return errLeaseGone
		} else if err != nil && ctx.Err() == nil {
			in.cfg.Log.Warn("could not extend a lease", "source", job.Source.ID, "error", err)
		}
	}
	return nil
}

// run is a job that is being worked on.
type run struct {
	cancel context.CancelCauseFunc
	ended  chan struct{}
}

// begin notes how to stop the work on a source; end says that it has stopped.
func (in *Ingester) begin(sourceID string, cancel context.CancelCauseFunc) (end func()) {
	r := &run{cancel, make(chan struct{})}
	in.mu.Lock()
	defer in.mu.Unlock()
	in.running[sourceID] = r
	return func() {
		in.mu.Lock()
		defer in.mu.Unlock()
		delete(in.running, sourceID)
		close(r.ended)
	}
}

// stop ends the work on a source, if there is any, and waits for that. It reports
// false when ctx ended first.
func (in *Ingester) stop(ctx context.Context, sourceID string) (ended bool) {
	in.mu.Lock()
	r := in.running[sourceID]
	in.mu.Unlock()
	if r == nil {
		return true
	}
	r.cancel(errStopped)
	select {
	case <-r.ended:
		return true
	case <-ctx.Done():
		return false
	}
}

// wait sleeps, and reports false when ctx ended first.
func wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
