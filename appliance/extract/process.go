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

	stderr  tail
	outgrew bool            // these three after run
	peak    int64           // bytes, of it and its children together, as seen every watchEvery
	usage   *syscall.Rusage // its Maxrss starts with ours, so it is of no use
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

// watch kills the group when it outgrows its memory or ctx ends.
func (p *process) watch(ctx context.Context, pid int, ended <-chan struct{}) {
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
			p.peak = max(p.peak, treeRSS(pid, 3))
			if p.memory > 0 && p.peak > p.memory {
				p.outgrew = true
				_ = syscall.Kill(-pid, syscall.SIGKILL)
				return
			}
		}
	}
}

// treeRSS adds up the resident bytes of a process and its descendants.
func treeRSS(pid, depth int) int64 {
	dir := filepath.Join("/proc", strconv.Itoa(pid))
	statm, err := os.ReadFile(filepath.Join(dir, "statm"))
	if err != nil {
		return 0
	}
	var pages int64
	if fields := strings.Fields(string(statm)); len(fields) > 1 {
		pages, _ = strconv.ParseInt(fields[1], 10, 64)
	}
	total := pages * int64(os.Getpagesize())
	if depth == 0 {
		return total
	}
	lists, _ := filepath.Glob(filepath.Join(dir, "task", "*", "children"))
	for _, list := range lists {
		children, _ := os.ReadFile(list)
		for _, child := range strings.Fields(string(children)) {
			if id, err := strconv.Atoi(child); err == nil {
				total += treeRSS(id, depth-1)
			}
		}
	}
	return total
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
