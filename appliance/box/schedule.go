package box

import (
	"context"
	"log/slog"
	"time"

	"github.com/robfig/cron/v3"

	"github.com/bwenge-os/bwenge/internal/problem"
)

// keepSchedule runs everything that the box does by the clock, until ctx ends.
func (b *Box) keepSchedule(ctx context.Context) error {
	c := cron.New(cron.WithChain(cron.SkipIfStillRunning(cron.DiscardLogger)))
	add := func(when, what string, do func(context.Context) error) error {
		_, err := c.AddFunc(when, func() {
			if err := problem.Try(func() error { return do(ctx) }); err != nil && ctx.Err() == nil {
				slog.Error("schedule", "task", what, "error", err)
			}
		})
		return err
	}
	// A box may be switched off at night, so care also comes once at noon.
	if err := add("30 2,12 * * *", "database", b.Store.Maintain); err != nil {
		return err
	}
	if err := add("25 2,12 * * *", "deleted material", b.Ingester.PurgeExpired); err != nil {
		return err
	}
	if err := add("45 2,12 * * *", "left-over files", b.Ingester.Sweep); err != nil {
		return err
	}
	if err := add("15 2,12 * * *", "sessions", b.Auth.Purge); err != nil {
		return err
	}
	if err := add("20 2,12 * * *", "requests", func(ctx context.Context) error {
		return b.Store.PurgeRequests(ctx, time.Now().Add(-24*time.Hour))
	}); err != nil {
		return err
	}
	c.Start()
	<-ctx.Done()
	<-c.Stop().Done()
	return nil
}
