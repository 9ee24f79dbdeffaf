package box

import (
	"context"
	"log/slog"
	"time"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/knowledge/usb"
	"github.com/bwenge-os/bwenge/internal/problem"
)

// WatchMedia takes in what is put into the media folder, for the school that
// hosts the box: when that is erased, for the one that comes after it.
func (b *Box) WatchMedia(ctx context.Context, folder string) error {
	for ctx.Err() == nil {
		host, err := b.Store.FirstOrganization(ctx)
		if err != nil {
			return err
		}
		watching, stop := context.WithCancel(ctx)
		go func() {
			defer stop() // the loop begins anew, also after a bug
			if err := problem.Try(func() error { return b.untilAnotherHosts(watching, host.ID) }); err != nil {
				slog.Error("media: cannot tell whose the box is", "error", err)
			}
		}()
		err = (&usb.Watcher{Library: b.Ingester, Org: host.ID, Root: folder}).Run(watching)
		stop()
		if err != nil && watching.Err() == nil {
			return err
		}
	}
	return nil
}

// untilAnotherHosts returns when a school other than host is the box's first.
func (b *Box) untilAnotherHosts(ctx context.Context, host appliance.OrgID) error {
	tick := time.NewTicker(30 * time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if now, err := b.Store.FirstOrganization(ctx); err == nil && now.ID != host {
			return nil
		}
	}
}
