package worker

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"math"
	mathrand "math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/bwenge-os/bwenge/internal/problem"
	"github.com/bwenge-os/bwenge/internal/proc"
)

const baseURL = "http://engine" // the name is for show: the client dials a socket

// run is one life of an engine's process.
type run struct {
	p      *Process
	child  *proc.Child
	socket string
	key    string
	client *http.Client
	output *proc.Tail

	ready chan struct{} // closed when healthy
	done  chan struct{} // closed when the process is gone

	mu       sync.Mutex
	users    int
	lastUse  time.Time
	leaving  bool   // asked to stop: takes no new users
	killedBy string // why we killed it
	exit     error  // set before done is closed
}

// start launches the child. The caller holds p.mu.
func (p *Process) start() (*run, error) {
	name := p.cfg.Name
	if _, err := os.Stat(p.cfg.Binary); err != nil {
		return nil, problem.New(problem.Unavailable, "engine_missing",
			"The "+name+" engine is not installed on this box.",
			"Install it (make engines), then look at: bwenge doctor.", err).With("engine", name)
	}
	if p.dir == "" {
		dir, err := socketFolder(name)
		if err != nil {
			return nil, p.cannotStart(err)
		}
		p.dir = dir
	}
	key := make([]byte, 16)
	_, _ = rand.Read(key)
	r := &run{
		p: p, key: hex.EncodeToString(key), output: proc.NewTail(40, 400),
		// A new name each time: a dying predecessor must not be spoken to.
		socket: filepath.Join(p.dir, hex.EncodeToString(key[:4])+".sock"),
		ready:  make(chan struct{}), done: make(chan struct{}), lastUse: time.Now(),
	}
	r.client = &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", r.socket)
		},
		// A unix socket connects in microseconds, and a connection that the
		// engine closes just as it is reused would fail a request for nothing.
		DisableKeepAlives:  true,
		DisableCompression: true,
	}}
	c := proc.Command{
		Path: p.cfg.Binary, Args: p.cfg.Args(r.socket), Env: p.cfg.Env, Stdout: r.output, Stderr: r.output,
		Limits: proc.Limits{AddressSpace: p.cfg.AddressSpace, Files: 256, Processes: 512, FileSize: 1 << 20},
	}
	if p.cfg.KeyEnv != "" {
		c.Env = append(c.Env[:len(c.Env):len(c.Env)], p.cfg.KeyEnv+"="+r.key)
	}
	if p.cfg.Background {
		c.Priority = proc.Idle
	}
	if p.cfg.Sandbox != nil {
		box := *p.cfg.Sandbox
		box.Listens, box.Write = true, []string{p.dir}
		c.Sandbox = &box
	}
	child, err := proc.Start(context.Background(), c)
	if err != nil {
		return nil, p.cannotStart(err)
	}
	r.child = child
	p.since = time.Now()
	p.cfg.Log.Info("engine started", "pid", r.child.PID)
	go r.wait()
	go r.watch()
	return r, nil
}

func (p *Process) cannotStart(err error) error {
	return problem.New(problem.Unavailable, "engine_start",
		"The "+p.cfg.Name+" engine could not be started.",
		"Run the check-up on the box: bwenge doctor.", err).With("engine", p.cfg.Name)
}

// listens reports whether somebody is at the other end of the socket: a process
// that is being torn down is not, some time before its end is known.
func (r *run) listens() bool {
	conn, err := net.Dial("unix", r.socket)
	if err != nil {
		return false
	}
	conn.Close()
	return true
}

// awaitEnd waits for the end of a process that does not listen any more, and
// helps it along.
func (r *run) awaitEnd(ctx context.Context) error {
	patience := time.NewTimer(tearDown)
	defer patience.Stop()
	select {
	case <-r.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-patience.C:
	}
	r.kill("it did not listen any more")
	select {
	case <-r.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// tearDown is how long the kernel may take for a killed process of gigabytes.
const tearDown = 5 * time.Second

// wait collects the process when it ends, however it ends.
func (r *run) wait() {
	err := r.child.Wait() // whatever it had started is gone with it
	_ = os.Remove(r.socket)
	r.client.CloseIdleConnections()

	p := r.p
	p.mu.Lock()
	defer p.mu.Unlock()
	r.mu.Lock()
	if err == nil {
		err = errors.New("it exited by itself")
	}
	r.exit = err
	asked := r.leaving && r.killedBy == ""
	r.mu.Unlock()
	p.current = nil
	if asked {
		p.failures, p.since = 0, time.Now()
		p.cfg.Log.Info("engine stopped", "pid", r.child.PID)
	} else {
		if r.isReady() && time.Since(p.since) > steady {
			p.failures = 0 // it had worked well: not a crash loop
		}
		cause := r.failure()
		p.failed(cause)
		p.cfg.Log.Warn("engine ended", "pid", r.child.PID, "error", cause)
	}
	close(r.done)
}

// steady is how long an engine has to have worked for its next failure to count
// as the first.
const steady = time.Minute

// backoff is the pause before the next start after n failures in a row: none
// after the first, since the next request needs the engine, then 0.5 s doubling
// to 30 s, ±20 % so that engines do not fail in step.
func backoff(n int) time.Duration {
	if n <= 1 {
		return 0
	}
	seconds := math.Min(30, 0.5*math.Pow(2, float64(n-2)))
	return time.Duration(seconds * (0.8 + 0.4*mathrand.Float64()) * float64(time.Second))
}

// failure says why the run ended, for people, with what the engine last wrote.
// It is called after the exit is known.
func (r *run) failure() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	name := r.p.cfg.Name
	why := r.killedBy
	if why == "" && r.exit != nil {
		why = r.exit.Error()
	}
	cause := fmt.Errorf("%s; its last words: %s", why, r.output)
	reason, message := "engine_down", "The "+name+" engine stopped while it was working."
	hint := "Try again: the box has started it anew."
	if !r.isReady() {
		reason, message = "engine_start", "The "+name+" engine could not be started."
		hint = "Run the check-up on the box: bwenge doctor."
	}
	if r.killedBy == tooMuchMemory {
		reason, message = "engine_memory", "The "+name+" engine needed more memory than it may have."
		hint = "Try again with something shorter. If it happens often, choose a smaller model."
	}
	return problem.New(problem.Unavailable, reason, message, hint, cause).With("engine", name)
}

// enter counts a user in, unless the engine is about to stop.
func (r *run) enter() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.leaving || r.killedBy != "" {
		return false
	}
	r.users++
	return true
}

func (r *run) leave() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.users--
	r.lastUse = time.Now()
}

func (r *run) isReady() bool {
	select {
	case <-r.ready:
		return true
	default:
		return false
	}
}

// wanted reports whether the end was asked for.
func (r *run) wanted() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.leaving && r.killedBy == ""
}

// stop asks the process to end and insists after the grace period.
func (r *run) stop() {
	r.mu.Lock()
	r.leaving = true
	r.mu.Unlock()
	r.child.Signal(syscall.SIGTERM)
	go func() {
		select {
		case <-r.done:
		case <-time.After(r.p.cfg.Grace):
			r.child.Kill()
		}
	}()
}

// kill ends the process at once; the first reason counts.
func (r *run) kill(why string) {
	r.mu.Lock()
	if r.killedBy == "" {
		r.killedBy = why
	}
	r.mu.Unlock()
	r.child.Kill()
}

// socketFolder makes a private folder whose path leaves room for a socket's
// name in the 108 bytes that the kernel allows, and sweeps away the folders of
// boxes that were killed.
func socketFolder(name string) (string, error) {
	parent := os.TempDir()
	if len(parent) > 60 {
		parent = "/tmp"
	}
	sweep(parent)
	return os.MkdirTemp(parent, fmt.Sprintf("%s%d-%s-", folderPrefix, os.Getpid(), name))
}

const folderPrefix = "bwenge-engine-"

func sweep(parent string) {
	folders, _ := fs.Glob(os.DirFS(parent), folderPrefix+"*")
	for _, f := range folders {
		var pid int
		if _, err := fmt.Sscanf(f, folderPrefix+"%d-", &pid); err != nil || pid == os.Getpid() {
			continue
		}
		// Only ours: of others, Kill says EPERM, and removal would fail anyway.
		if errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
			_ = os.RemoveAll(filepath.Join(parent, f))
		}
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
