// Package chaos kills a real box with SIGKILL at random moments while it
// ingests and answers, starts it again, and checks after each kill that
// nothing it had acknowledged is lost:
//
//   - every upload that got its 202 is still listed, with the same bytes;
//   - every question that was accepted is in its conversation;
//   - every answer that was delivered whole is stored as it was delivered;
//   - SQLite finds the file sound (integrity_check, foreign_key_check);
//   - finished steps of unfinished jobs are still there;
//   - no child of the killed box is left.
//
// At the end it lets the box finish and checks that every source is ready with
// no chunk twice, and that questions cut off by a kill get their answer. It ends at the first broken
// promise; the same seed brings the same moments again.
package chaos

import (
	"context"
	"fmt"
	"log"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"
)

// Options say what is killed, how often and when.
type Options struct {
	Binary    string        // the box's program
	Tier      string        // size of the models
	Recording string        // an audio file to ingest as well; empty for none
	Kills     int           // how many times to kill it
	Within    time.Duration // longest time between ready and kill
	Seed      uint64        // of the random moments
}

// Run kills and checks. The error says which promise was broken.
func Run(ctx context.Context, o Options) error {
	dir, err := os.MkdirTemp("", "bwenge-chaos-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	binary, err := filepath.Abs(o.Binary)
	if err != nil {
		return err
	}
	random := rand.New(rand.NewPCG(o.Seed, 0))
	acked := newLedger()
	rig := &rig{binary: binary, tier: o.Tier, dir: dir}

	// Something to be asked about from the first moment on.
	box, err := rig.start(ctx)
	if err != nil {
		return err
	}
	first, err := box.api.upload(ctx, "lakes.txt", lesson(0, 0, 0))
	if err == nil {
		acked.source(first)
		err = acked.finish(ctx, box.api)
	}
	box.stop()
	if err != nil {
		return err
	}

	for n := 1; n <= o.Kills && ctx.Err() == nil; n++ {
		box, err := rig.start(ctx)
		if err != nil {
			return fmt.Errorf("start %d: %w", n, err)
		}
		if err := acked.verify(ctx, box.api); err != nil {
			box.kill()
			return fmt.Errorf("after kill %d: %w", n-1, err)
		}
		loadCtx, stopLoad := context.WithCancel(ctx)
		loaded := make(chan struct{})
		go func() {
			defer close(loaded)
			load(loadCtx, box.api, acked, n, o.Recording)
		}()
		wait(ctx, time.Duration(random.Int64N(int64(o.Within))))
		children := box.kill()
		stopLoad()
		<-loaded
		if err := gone(children, 5*time.Second); err != nil {
			return fmt.Errorf("after kill %d: %w", n, err)
		}
		if err := acked.inspect(ctx, rig.database()); err != nil {
			return fmt.Errorf("after kill %d: %w", n, err)
		}
		log.Printf("kill %2d: ok, acknowledged so far: %s", n, acked)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}

	box, err = rig.start(ctx)
	if err != nil {
		return err
	}
	defer box.kill()
	if err := acked.verify(ctx, box.api); err != nil {
		return err
	}
	log.Print("letting the box finish")
	if err := acked.finish(ctx, box.api); err != nil {
		return err
	}
	resumed, err := acked.resume(ctx, box.api)
	if err != nil {
		return err
	}
	box.stop()
	if err := acked.inspect(ctx, rig.database()); err != nil {
		return err
	}
	log.Printf("%d questions that a kill had cut off were answered when asked for again", resumed)
	fmt.Printf("%d kills, 0 acknowledged records lost, 0 duplicate chunks: %s\n", o.Kills, acked)
	return nil
}

func wait(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
