package llama

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/bwenge-os/bwenge/internal/proc"
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

// watchdog ends a context when the pulse stops for longer than a limit, and the
// engine did not merely wait for the processor meanwhile.
type watchdog struct {
	ctx    context.Context
	cancel context.CancelCauseFunc
	pulse  *pulse
	timer  *time.Timer
}

// newWatchdog begins with a beat. watch begins to look at the engine's process,
// which it does for the second half of a silence only: it costs more than a beat.
func newWatchdog(parent context.Context, p *pulse, limit time.Duration, watch func() *proc.HangWatch) *watchdog {
	ctx, cancel := context.WithCancelCause(parent)
	d := &watchdog{ctx: ctx, cancel: cancel, pulse: p}
	p.beat()
	var process *proc.HangWatch
	armed := make(chan struct{})
	d.timer = time.AfterFunc(limit/2, func() {
		<-armed
		if ctx.Err() != nil {
			return
		}
		silent := p.since()
		switch {
		case silent < limit/2:
			process = nil
			d.timer.Reset(limit/2 - silent)
		case process != nil && silent >= limit && process.Hung(limit/4):
			cancel(errSilent)
		default: // looked at from now on, or anew
			process = watch()
			d.timer.Reset(limit / 2)
		}
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
