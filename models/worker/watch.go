package worker

import (
	"context"
	"net/http"
	"time"

	"github.com/bwenge-os/bwenge/internal/proc"
)

const (
	tooMuchMemory = "it used more memory than it may"
	watchEvery    = time.Second
)

// watch sees the engine through its start and then looks after it until it is
// gone.
func (r *run) watch() {
	// Threads that exist now and those that they start inherit this; threads of
	// a library that were started in between are caught when it is ready.
	r.setPriority()
	if !r.awaitHealth() {
		return
	}
	r.setPriority()
	r.p.mu.Lock()
	r.p.since = time.Now()
	r.p.mu.Unlock()
	close(r.ready)
	r.p.cfg.Log.Info("engine ready", "pid", r.child.PID)
	r.look()
}

// awaitHealth polls /health until it says 200. An engine that shows no sign of
// work for too long is killed.
func (r *run) awaitHealth() bool {
	began, lastSign, sign := time.Now(), time.Now(), int64(-1)
	for pause := 20 * time.Millisecond; ; pause = min(2*pause, 250*time.Millisecond) {
		if r.healthy(2 * time.Second) {
			return true
		}
		if s := proc.Activity(r.child.PID) + r.output.Written(); s != sign {
			sign, lastSign = s, time.Now()
		}
		switch cfg := &r.p.cfg; {
		case time.Since(lastSign) > cfg.Stall:
			r.kill("it did nothing for " + cfg.Stall.String() + " while starting")
		case time.Since(began) > cfg.StartLimit:
			r.kill("it was not ready after " + cfg.StartLimit.String())
		case r.overLimit():
			r.kill(tooMuchMemory)
		}
		select {
		case <-r.done:
			return false
		case <-time.After(pause):
		}
	}
}

// look minds memory, hangs and idleness of a healthy engine.
func (r *run) look() {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	silence := proc.WatchForHang(r.child.PID)
	asked := time.Now()
	for {
		select {
		case <-r.done:
			return
		case <-tick.C:
		}
		cfg := &r.p.cfg
		if r.overLimit() {
			r.kill(tooMuchMemory)
			continue
		}
		if r.retireIfIdle() {
			return
		}
		if time.Since(asked) < cfg.Hang/8 {
			continue
		}
		asked = time.Now()
		if r.healthy(cfg.Hang / 4) {
			silence.Interrupt()
		} else if silence.Hung(cfg.Hang) {
			r.kill("it did not answer for " + cfg.Hang.String())
		}
	}
}

// retireIfIdle stops an engine that nobody has used for long.
func (r *run) retireIfIdle() bool {
	idle := idleTime(r.p.cfg.Idle, available())
	r.mu.Lock()
	retire := idle > 0 && r.users == 0 && time.Since(r.lastUse) > idle && r.killedBy == ""
	r.leaving = r.leaving || retire
	r.mu.Unlock()
	if retire {
		r.stop()
	}
	return retire
}

func (r *run) healthy(limit time.Duration) bool {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, baseURL+"/health", nil)
	if err != nil {
		return false
	}
	resp, err := r.client.Do(req)
	if err != nil {
		return false
	}
	_ = resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

func (r *run) overLimit() bool {
	limit := r.p.cfg.MemoryLimit
	return limit > 0 && proc.Resident(r.child.PID) > limit
}
