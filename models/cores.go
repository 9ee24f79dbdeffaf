package models

import (
	"context"
	"sync"
	"time"
)

// Cores shares the processor between people who wait for an answer (live work)
// and material that is being read (background work). Two engines that compute
// at once on a small machine slow each other down by more than half, so
// background work is cut into units of seconds, and a unit starts only while
// nobody waits — or after waiting for patience, so that a busy class slows the
// reading down but never stops it.
type Cores struct {
	patience time.Duration
	turn     chan struct{} // held by background units

	mu    sync.Mutex
	live  int
	since time.Time     // since when live == 0
	quiet chan struct{} // closed while live == 0
}

// NewCores allows background units to run at the same time, each after waiting
// for live work no longer than patience.
func NewCores(background int, patience time.Duration) *Cores {
	quiet := make(chan struct{})
	close(quiet)
	return &Cores{patience: patience, turn: make(chan struct{}, background), quiet: quiet, since: time.Now()}
}

// Live marks work that somebody waits for, until done is called. It never
// waits. Calling done twice does nothing.
func (c *Cores) Live() (done func()) {
	c.mu.Lock()
	if c.live == 0 {
		c.quiet = make(chan struct{})
	}
	c.live++
	c.mu.Unlock()
	return sync.OnceFunc(func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.live--
		if c.live == 0 {
			c.since = time.Now()
			close(c.quiet)
		}
	})
}

// Quiet is for how long nobody has waited for anything; 0 while somebody does.
func (c *Cores) Quiet() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.live > 0 {
		return 0
	}
	return time.Since(c.since)
}

// Background waits for a turn to do one unit of work, until done is called. The
// error is the context's.
func (c *Cores) Background(ctx context.Context) (done func(), err error) {
	select {
	case c.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	done = sync.OnceFunc(func() { <-c.turn })

	patience := time.NewTimer(c.patience)
	defer patience.Stop()
	for {
		c.mu.Lock()
		live, quiet := c.live, c.quiet
		c.mu.Unlock()
		if live == 0 {
			return done, nil
		}
		select {
		case <-quiet: // look again: someone may have come in between
		case <-patience.C:
			return done, nil
		case <-ctx.Done():
			done()
			return nil, ctx.Err()
		}
	}
}
