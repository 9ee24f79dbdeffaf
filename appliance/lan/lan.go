// Package lan makes the box found on the school's network: it answers multicast
// DNS for NAME.local and for its services, on each interface with the address
// that the box has there. DESIGN.md has the reasons.
package lan

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/netip"
	"regexp"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	settle     = 200 * time.Millisecond // changes come in bunches
	lookAgain  = 10 * time.Second       // should the kernel have told nothing
	lookOften  = 2 * time.Second        // where it tells nothing at all
	tryAgain   = 10 * time.Second       // a port that cannot be had
	mostQueued = 256                    // packets
)

// Config is what is announced.
type Config struct {
	Name string // without .local: letters, digits, hyphens
	// Kept is the name that the box had when it last ran; it is tried first, so
	// that two boxes do not change names at each start. Keep is called with
	// every name that it gets.
	Kept string
	Keep func(name string)
}

// Status is how it goes.
type Status struct {
	Name   string // that the box is found by, without .local; empty while by none
	Wanted string
	Links  []Link // on which it is found by that name
	Error  string // why it is not
}

// Announcer keeps the box found.
type Announcer struct {
	cfg Config

	mu     sync.Mutex
	status Status
}

var label = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]{0,48}[A-Za-z0-9])?$`)

// New makes what Run then runs.
func New(cfg Config) *Announcer {
	return &Announcer{cfg: cfg, status: Status{Wanted: cfg.Name}}
}

// Host is the name by which the box is found, or, as long as it is by none, the
// one that it will ask for.
func (a *Announcer) Host() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.status.Name == "" && numberOf(a.cfg.Name, a.cfg.Kept) > 0 {
		return a.cfg.Kept + ".local"
	}
	return cmp.Or(a.status.Name, a.cfg.Name) + ".local"
}

// Status is how it goes now.
func (a *Announcer) Status() Status {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.status
}

// Run announces the services until ctx ends, and says goodbye. Nothing on the
// network ends it: without an interface it waits for one, and a port that cannot
// be had is tried again. Only a name that none can be ends it.
func (a *Announcer) Run(ctx context.Context, port int, services []Service) {
	if !label.MatchString(a.cfg.Name) {
		err := fmt.Errorf("%q cannot be a name on the network: that has up to 50 letters from a to z, digits and hyphens", a.cfg.Name)
		slog.Warn("not announced on the network", "error", err)
		a.fail(err)
		return
	}
	changes := make(chan struct{}, 1)
	look := lookAgain
	if !watch(ctx, func() {
		select {
		case changes <- struct{}{}:
		default:
		}
	}) {
		look = lookOften
	}
	for told := false; ctx.Err() == nil; {
		sockets, err := listen(ctx)
		if err != nil {
			a.fail(err)
			if !told && ctx.Err() == nil {
				slog.Warn("lan: not announced on the network; tried again until it works", "error", err)
			}
			told = true
			select {
			case <-ctx.Done():
			case <-time.After(tryAgain):
			}
			continue
		}
		a.serve(ctx, sockets, &responder{
			wanted: a.cfg.Name, number: numberOf(a.cfg.Name, a.cfg.Kept), port: port, services: services,
			links: map[int]*linkState{}, own: map[netip.Addr]time.Time{},
			send:   sockets.send,
			random: func(most time.Duration) time.Duration { return rand.N(most) },
		}, changes, look)
		sockets.close()
	}
}

func (a *Announcer) fail(err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.status.Error = err.Error()
}

// serve is the one goroutine that owns the responder.
func (a *Announcer) serve(ctx context.Context, sockets *sockets, r *responder, changes <-chan struct{}, look time.Duration) {
	packets := make(chan incoming, mostQueued)
	sockets.read(packets)
	again := time.NewTimer(0)
	defer again.Stop()
	due := time.NewTimer(0)
	defer due.Stop()
	soon := false // more changes do not put it off
	for {
		select {
		case <-ctx.Done():
			guarded(r.stop)
			return
		case <-changes:
			if !soon {
				again.Reset(settle)
			}
			soon = true
		case <-again.C:
			again.Reset(look)
			soon = false
			links, err := Links()
			if err != nil {
				slog.Warn("lan: the interfaces cannot be listed", "error", err)
				break
			}
			for _, l := range links {
				sockets.join(l)
			}
			guarded(func() { r.setLinks(time.Now(), links) })
		case in := <-packets:
			guarded(func() { r.packet(time.Now(), in) })
		case <-due.C:
		}
		guarded(func() { r.tick(time.Now()) })
		if next := r.next(); !next.IsZero() {
			due.Reset(time.Until(next))
		}
		a.note(r)
	}
}

// guarded keeps a packet that nobody has thought of from ending the box.
func guarded(work func()) {
	defer func() {
		if what := recover(); what != nil {
			slog.Error("lan: a fault in the announcer", "panic", what, "stack", string(debug.Stack()))
		}
	}()
	work()
}

// note keeps the status, and a name that is new.
func (a *Announcer) note(r *responder) {
	status := Status{Wanted: a.cfg.Name, Links: r.foundOn()}
	if len(status.Links) > 0 {
		status.Name = r.label()
	}
	a.mu.Lock()
	a.status = status
	another := status.Name != "" && status.Name != a.cfg.Kept
	if another {
		a.cfg.Kept = status.Name
	}
	a.mu.Unlock()
	if another && a.cfg.Keep != nil {
		a.cfg.Keep(status.Name)
	}
}

// numberOf is the number of a kept name: 2 of bwenge-2, 0 of bwenge and of a name
// that has been changed.
func numberOf(wanted, kept string) int {
	digits, ok := strings.CutPrefix(strings.ToLower(kept), strings.ToLower(wanted)+"-")
	n, err := strconv.Atoi(digits)
	if !ok || err != nil || n < 2 || n > 999 {
		return 0
	}
	return n
}
