package extract

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// watchEvery is how often a child's memory is looked at.
const watchEvery = 50 * time.Millisecond

// process is a child with a memory limit in a process group of its own. It
// dies with the thread that started it, so run stays on one thread.
type process struct {
	argv   []string
	stdin  *os.File
	stdout *os.File
	dir    string // also its TMPDIR
	env    []string
	memory int64 // bytes, of it and its children together; 0 for no limit
	netns  bool  // try to cut it off from every network
	// patience is the processor time that it and its children may use between
	// two signs of life; 0 for no limit. On a busy box a child of the lowest
	// priority may wait for minutes, which says nothing against its file.
	patience time.Duration

	silence silence
	stderr  tail
	// These are known after run.
	outgrew bool            // it was killed for its memory
	stalled bool            // it was killed for its silence
	peak    int64           // bytes, of it and its children together, as seen every watchEvery
	usage   *syscall.Rusage // its Maxrss starts with ours, so it is of no use
}

// maxQuiet is how long a child may give no sign of life at all, however little
// the processor does for it.
const maxQuiet = 20 * time.Minute

// silence measures the time since a child's last sign of life.
type silence struct {
	mu     sync.Mutex
	paused bool
	began  time.Time
	cpu    time.Duration // used when it began; -1 until that is known
}

// heard starts the clock anew.
func (s *silence) heard() { s.set(false) }

// pause stops the clock: the child waits for us.
func (s *silence) pause() { s.set(true) }

func (s *silence) set(paused bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.paused, s.began, s.cpu = paused, time.Now(), -1
}

// tooLong reports whether the child was silent for more than patience of its
// processor time, of which it has used cpu by now, or for more than maxQuiet.
func (s *silence) tooLong(cpu, patience time.Duration) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cpu < 0 {
		s.cpu = cpu
	}
	return patience > 0 && !s.paused && (cpu-s.cpu > patience || time.Since(s.began) > maxQuiet)
}

// run starts the child, calls started once, and waits for its end. When ctx
// ends the whole group is killed.
func (p *process) run(ctx context.Context, started func(pid int)) error {
	runtime.LockOSThread() // Pdeathsig is sent when this thread ends
	defer runtime.UnlockOSThread()

	cmd, err := p.start(p.netns && canUnshare.Load())
	if err != nil && p.netns && isPermission(err) {
		canUnshare.Store(false)
		cmd, err = p.start(false)
	}
	if err != nil {
		return err
	}
	pid := cmd.Process.Pid
	if started != nil {
		started(pid)
	}
	ended := make(chan struct{})
	var watching sync.WaitGroup
	watching.Go(func() { p.watch(ctx, pid, ended) })
	err = cmd.Wait()
	close(ended)
	watching.Wait()
	_ = syscall.Kill(-pid, syscall.SIGKILL) // whatever it left behind
	if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		p.usage = usage
	}
	return err
}

// canUnshare is false once the kernel has refused a network namespace.
var canUnshare atomic.Bool

func init() { canUnshare.Store(true) }

func isPermission(err error) bool {
	for _, e := range []syscall.Errno{syscall.EPERM, syscall.EACCES, syscall.ENOSPC, syscall.EINVAL, syscall.ENOSYS} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

func (p *process) start(netns bool) (*exec.Cmd, error) {
	cmd := exec.Command(p.argv[0], p.argv[1:]...)
	cmd.Dir = p.dir
	cmd.Env = append(baseEnv(p.dir), p.env...)
	cmd.Stderr = &p.stderr
	if p.stdin != nil {
		cmd.Stdin = p.stdin
	}
	if p.stdout != nil {
		cmd.Stdout = p.stdout
	}
	cmd.WaitDelay = 2 * time.Second // a grandchild may hold the pipes
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if netns {
		cmd.SysProcAttr.Cloneflags = syscall.CLONE_NEWNET
		if os.Geteuid() != 0 {
			cmd.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
			cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: os.Getuid(), HostID: os.Getuid(), Size: 1}}
			cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: os.Getgid(), HostID: os.Getgid(), Size: 1}}
		}
	}
	return cmd, cmd.Start()
}

// baseEnv is all that a child sees of the environment.
func baseEnv(dir string) []string {
	env := []string{"LANG=C.UTF-8", "OMP_THREAD_LIMIT=1"}
	if dir != "" {
		env = append(env, "TMPDIR="+dir)
	}
	for _, name := range []string{"PATH", "TESSDATA_PREFIX", "LD_LIBRARY_PATH"} {
		if v, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+v)
		}
	}
	return env
}

// watch kills the group when it outgrows its memory, is silent for too long, or
// ctx ends.
func (p *process) watch(ctx context.Context, pid int, ended <-chan struct{}) {
	p.silence.heard()
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		select {
		case <-ended:
			return
		case <-ctx.Done():
			_ = syscall.Kill(-pid, syscall.SIGKILL)
			return
		case <-tick.C:
			rss, cpu := treeUsage(pid, 3)
			p.peak = max(p.peak, rss)
			p.outgrew = p.memory > 0 && rss > p.memory
			p.stalled = p.silence.tooLong(cpu, p.patience)
			if p.outgrew || p.stalled {
				_ = syscall.Kill(-pid, syscall.SIGKILL)
				return
			}
		}
	}
}

// clockTick is the unit of processor times in /proc (USER_HZ), the same on all
// of Linux' architectures that run Go.
const clockTick = time.Second / 100

// treeUsage adds up the resident bytes of a process and its descendants, and
// the processor time that they and those which have ended have used.
func treeUsage(pid, depth int) (rss int64, cpu time.Duration) {
	dir := filepath.Join("/proc", strconv.Itoa(pid))
	stat, err := os.ReadFile(filepath.Join(dir, "stat"))
	if err != nil {
		return 0, 0
	}
	// Fields from the third on: the second, the name, may hold anything.
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	number := func(field int) int64 {
		if field-3 >= len(fields) {
			return 0
		}
		n, _ := strconv.ParseInt(fields[field-3], 10, 64)
		return n
	}
	rss = number(24) * int64(os.Getpagesize())
	cpu = time.Duration(number(14)+number(15)+number(16)+number(17)) * clockTick
	if depth == 0 {
		return rss, cpu
	}
	lists, _ := filepath.Glob(filepath.Join(dir, "task", "*", "children"))
	for _, list := range lists {
		children, _ := os.ReadFile(list)
		for _, child := range strings.Fields(string(children)) {
			if id, err := strconv.Atoi(child); err == nil {
				r, c := treeUsage(id, depth-1)
				rss, cpu = rss+r, cpu+c
			}
		}
	}
	return rss, cpu
}

// tail keeps the last bytes written to it, for error messages.
type tail struct {
	mu  sync.Mutex
	buf []byte
}

const tailBytes = 4 << 10

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.buf = append(t.buf, p...)
	if over := len(t.buf) - tailBytes; over > 0 {
		t.buf = append(t.buf[:0], t.buf[over:]...)
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(bytes.TrimSpace(t.buf))
}
