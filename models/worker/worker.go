// Package worker keeps an engine (llama-server, bwenge-whisper) in a child
// process: started when first needed, watched, limited in memory, unloaded when
// idle, and started anew after a crash. Engines read untrusted weights and
// media with native code: whatever happens in one costs the requests that it
// was serving and nothing else, and no child outlives the box, not even after
// kill -9.
//
// An engine speaks HTTP on a unix socket in a private folder and answers 200 to
// GET /health once it can work.
package worker

import (
	"context"
	"log/slog"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/bwenge-os/bwenge/internal/problem"
	"github.com/bwenge-os/bwenge/internal/proc"
)

// Config says how to run an engine. Zero fields have the defaults named.
type Config struct {
	Name   string // "chat", "embedding" or "speech": for people, logs and the socket
	Binary string // path of the program

	// Args makes the arguments, given the socket to listen on.
	Args func(socket string) []string
	// Env is added to the few variables that a child gets.
	Env []string
	// KeyEnv, if set, names the variable by which the engine learns the key that
	// its clients send as a bearer token.
	KeyEnv string

	// Stall is the longest that a starting engine may show no sign of work:
	// neither processor time, nor reads, nor output (60 s). A big model on a
	// slow disk loads for minutes, so the whole start is bounded only by
	// StartLimit (15 min).
	Stall      time.Duration
	StartLimit time.Duration
	// Hang is the longest that a running engine may leave /health unanswered
	// before it is killed (45 s).
	Hang time.Duration
	// Idle is how long an engine stays loaded without a request; 0 is for ever.
	Idle time.Duration
	// Grace is how long a stopping engine may take to exit by itself (3 s).
	Grace time.Duration

	MemoryLimit int64 // bytes of resident memory at which it is killed; 0 is no limit
	// AddressSpace is the most that it may map, in bytes; 0 is no limit.
	AddressSpace uint64
	// Sandbox says what it may read besides the system's libraries; nil confines
	// it in nothing. It may listen on its socket, and write nothing else.
	Sandbox     *proc.Sandbox
	Background  bool // runs only on processor time that nobody else wants
	OOMScoreAdj int  // 0 to 1000: the higher, the sooner the kernel picks it when memory is short

	Log *slog.Logger // slog.Default()
}

// State is where an engine stands.
type State string

const (
	Stopped  State = "stopped"  // not needed yet, or unloaded
	Starting State = "starting" // loading its weights
	Ready    State = "ready"
	Failed   State = "failed" // the last start or run ended badly; it is tried again when needed
)

// Status is what a check-up shows of an engine.
type Status struct {
	Name     string    `json:"name"`
	State    State     `json:"state"`
	Model    string    `json:"model,omitempty"`
	Detail   string    `json:"detail,omitempty"` // why it failed
	PID      int       `json:"pid,omitempty"`
	Memory   int64     `json:"memory,omitempty"` // resident bytes
	Since    time.Time `json:"since,omitzero"`   // of the present state
	Restarts int       `json:"restarts"`         // ends that nobody asked for, since the box started
}

// Process is one engine. Its methods may be called from many goroutines.
type Process struct {
	cfg Config
	dir string // of sockets; empty until the first start

	mu        sync.Mutex
	current   *run // nil if there is no child
	closed    bool
	failures  int       // in a row
	notBefore time.Time // of the next start
	lastErr   error
	restarts  int
	since     time.Time
}

// New describes an engine; nothing is started yet.
func New(cfg Config) *Process {
	setDefault(&cfg.Stall, 60*time.Second)
	setDefault(&cfg.StartLimit, 15*time.Minute)
	setDefault(&cfg.Hang, 45*time.Second)
	setDefault(&cfg.Grace, 3*time.Second)
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	cfg.Log = cfg.Log.With("engine", cfg.Name)
	return &Process{cfg: cfg, since: time.Now()}
}

func setDefault(d *time.Duration, value time.Duration) {
	if *d == 0 {
		*d = value
	}
}

// Acquire returns a lease on the running engine, starting it if need be and
// waiting until it is healthy. After a crash it is started again at once; if it
// keeps failing, with growing pauses, in which Acquire fails without waiting.
// The context bounds only the wait: a start goes on for those who come next.
func (p *Process) Acquire(ctx context.Context) (*Lease, error) {
	for {
		r, wait, err := p.join()
		if err != nil {
			return nil, err
		}
		if r == nil {
			if err := sleep(ctx, wait); err != nil {
				return nil, p.ended(err)
			}
			continue
		}
		select {
		case <-r.ready:
			if r.listens() {
				return &Lease{r: r, Client: r.client, URL: baseURL, Key: r.key}, nil
			}
			// It has crashed under somebody else: this one finds a new one.
			err := r.awaitEnd(ctx)
			if r.leave(); err != nil {
				return nil, p.ended(err)
			}
		case <-r.done:
			r.leave()
			if r.wanted() { // unloaded for being idle just as we came
				continue
			}
			return nil, r.failure()
		case <-ctx.Done():
			r.leave()
			return nil, p.ended(ctx.Err())
		}
	}
}

// join counts the caller in on the current run, starting one if it may, or says
// how long to wait before trying again.
func (p *Process) join() (r *run, wait time.Duration, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, 0, problem.New(problem.Unavailable, "engine_closed",
			"The box is shutting down.", "Try again when it has started.", nil)
	}
	if p.current == nil {
		if pause := time.Until(p.notBefore); pause > maxPatience {
			return nil, 0, p.lastErr
		} else if pause > 0 {
			return nil, pause, nil
		}
		if p.current, err = p.start(); err != nil {
			p.failed(err)
			return nil, 0, err
		}
	}
	if !p.current.enter() { // it is on its way out
		return nil, 20 * time.Millisecond, nil
	}
	return p.current, 0, nil
}

// maxPatience is the longest pause between restarts that a caller waits for;
// during longer ones it is told at once.
const maxPatience = 2 * time.Second

// failed notes an end that nobody asked for. The caller holds mu.
func (p *Process) failed(err error) {
	p.failures++
	p.restarts++
	p.lastErr = err
	p.notBefore = time.Now().Add(backoff(p.failures))
	p.since = time.Now()
}

// ended makes a caller's own end readable.
func (p *Process) ended(err error) error {
	if err == context.DeadlineExceeded {
		return problem.New(problem.Timeout, "engine_slow_start",
			"The "+p.cfg.Name+" engine took too long to get ready.",
			"Wait a minute and try again.", err).With("engine", p.cfg.Name)
	}
	return err
}

// Status tells how the engine is.
func (p *Process) Status() Status {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := Status{Name: p.cfg.Name, State: Stopped, Since: p.since, Restarts: p.restarts}
	switch r := p.current; {
	case r == nil && p.failures > 0:
		s.State, s.Detail = Failed, p.lastErr.Error()
	case r != nil:
		s.State, s.PID, s.Memory = Starting, r.child.PID, proc.Resident(r.child.PID)
		if r.isReady() {
			s.State = Ready
		}
	}
	return s
}

// Close stops the engine, kindly and then by force, and refuses further work.
func (p *Process) Close() error {
	p.mu.Lock()
	p.closed = true
	r, dir := p.current, p.dir
	p.mu.Unlock()
	if r != nil {
		r.stop()
		<-r.done
	}
	if dir != "" {
		return os.RemoveAll(dir)
	}
	return nil
}

// Lease is permission to use a running engine; it keeps the engine loaded.
type Lease struct {
	Client *http.Client
	URL    string // of the engine, without a slash at the end
	Key    string // bearer token, or empty

	r    *run
	once sync.Once
}

// Release ends the lease. Doing it twice does nothing.
func (l *Lease) Release() {
	if l.r != nil {
		l.once.Do(l.r.leave)
	}
}

// Socket is the path of the engine's socket, empty if it is elsewhere.
func (l *Lease) Socket() string {
	if l.r == nil {
		return ""
	}
	return l.r.socket
}

// WatchForHang watches the engine for signs of life.
func (l *Lease) WatchForHang() *proc.HangWatch {
	if l.r == nil {
		return proc.WatchForHang(0)
	}
	return proc.WatchForHang(l.r.child.PID)
}

// Kill ends an engine that its user found hanging; why completes the sentence
// "it was stopped because …". The next Acquire starts a new one.
func (l *Lease) Kill(why string) {
	if l.r != nil {
		l.r.kill(why)
	}
}

// Explain turns an error of a request into what happened to the engine, if it
// died while serving the request. Other errors are returned as they are.
func (l *Lease) Explain(err error) error {
	if err == nil || l.r == nil {
		return err
	}
	// The connection breaks a moment before the exit is known.
	select {
	case <-l.r.done:
		return l.r.failure()
	case <-time.After(explainWait):
		return err
	}
}

// Dead reports whether the engine has exited.
func (l *Lease) Dead() bool {
	if l.r == nil {
		return false
	}
	select {
	case <-l.r.done:
		return true
	default:
		return false
	}
}

const explainWait = 300 * time.Millisecond

// Remote is an engine that someone else runs, such as a bigger machine of the
// district's. It has no process to watch.
type Remote struct {
	Name, URL, Key string
	Client         *http.Client // http.DefaultClient
}

// Acquire never waits.
func (e Remote) Acquire(context.Context) (*Lease, error) {
	client := e.Client
	if client == nil {
		client = http.DefaultClient
	}
	return &Lease{Client: client, URL: e.URL, Key: e.Key}, nil
}

// Status says that it is there, which only using it can tell.
func (e Remote) Status() Status { return Status{Name: e.Name, State: Ready, Detail: e.URL} }

// Close does nothing.
func (Remote) Close() error { return nil }
