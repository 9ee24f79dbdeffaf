package llama

import (
	"context"
	"errors"
	"sync/atomic"
	"time"
)

// pulse is when an engine last showed that it works, on any of its streams. A
// reply may wait long for a slot while others are written, and that is no hang.
type pulse struct{ last atomic.Int64 } // nanoseconds since epoch

// epoch is a fixed moment with a monotonic clock: the box's wall clock may jump.
var epoch = time.Now()

func (p *pulse) beat()                { p.last.Store(int64(time.Since(epoch))) }
func (p *pulse) since() time.Duration { return time.Since(epoch) - time.Duration(p.last.Load()) }

// errSilent is the cause of a watchdog's end.
var errSilent = errors.New("no token in time")

// watchdog ends a context when the pulse stops for longer than a limit.
type watchdog struct {
	ctx    context.Context
	cancel context.CancelCauseFunc
	pulse  *pulse
	timer  *time.Timer
}

func newWatchdog(parent context.Context, p *pulse, limit time.Duration) *watchdog {
	ctx, cancel := context.WithCancelCause(parent)
	d := &watchdog{ctx: ctx, cancel: cancel, pulse: p}
	p.beat()
	armed := make(chan struct{})
	d.timer = time.AfterFunc(limit, func() {
		<-armed
		if ctx.Err() != nil {
			return
		}
		if left := limit - p.since(); left > 0 {
			d.timer.Reset(left)
			return
		}
		cancel(errSilent)
	})
	close(armed)
	return d
}

func (d *watchdog) feed() { d.pulse.beat() }

// stop ends the watch; a timer that is being set anew just now finds the
// context ended.
func (d *watchdog) stop() {
	d.timer.Stop()
	d.cancel(nil)
}
