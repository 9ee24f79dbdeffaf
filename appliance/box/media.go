package box

import (
	"context"
	"time"

	"github.com/bwenge-os/bwenge/appliance/knowledge/usb"
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
			defer stop()
			for watching.Err() == nil {
				select {
				case <-watching.Done():
				case <-time.After(30 * time.Second):
				}
				if now, err := b.Store.FirstOrganization(watching); err == nil && now.ID != host.ID {
					return
				}
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
