package ingest

import (
	"context"
	"sync"

	"github.com/bwenge-os/bwenge/appliance"
)

// watchBuffer is how many changes a watcher may be behind.
const watchBuffer = 64

// watchers are the screens that follow the material. One that falls behind is
// dropped, so that it holds up nobody; it sees its channel closed and starts
// over with a list.
type watchers struct {
	mu  sync.Mutex
	all map[chan appliance.Source]appliance.OrgID
}

func (w *watchers) add(ctx context.Context, org appliance.OrgID) <-chan appliance.Source {
	ch := make(chan appliance.Source, watchBuffer)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.all == nil {
		w.all = map[chan appliance.Source]appliance.OrgID{}
	}
	w.all[ch] = org
	context.AfterFunc(ctx, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.drop(ch)
	})
	return ch
}

// drop ends a watcher once; the caller holds mu.
func (w *watchers) drop(ch chan appliance.Source) {
	if _, ok := w.all[ch]; ok {
		delete(w.all, ch)
		close(ch)
	}
}

func (w *watchers) tell(org appliance.OrgID, src appliance.Source) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for ch, of := range w.all {
		if of != org {
			continue
		}
		select {
		case ch <- src:
		default:
			w.drop(ch)
		}
	}
}
