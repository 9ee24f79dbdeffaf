// Package proc is the one way in which the box runs another program: bounded in
// memory, processor time, files and processes, cut off from what it has no
// business with, watched, and never left behind. DESIGN.md says what it promises.
package proc

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Command is a program to run.
type Command struct {
	Path string
	Args []string
	Env  []string // added to the few variables that every child gets
	// Dir is where it works, and the only folder (besides Sandbox.Write) that it
	// may write to. It is also its TMPDIR. Empty is "/", and nothing to write to.
	Dir    string
	Stdin  io.Reader
	Stdout io.Writer
	Stderr io.Writer
	// Extra are its file descriptors from 3 on.
	Extra []*os.File
	// Reopens says that the program opens its input (an *os.File) once more, by
	// the name /proc/self/fd/0.
	Reopens bool

	Limits   Limits
	Priority Priority
	Sandbox  *Sandbox // nil: what the box may, it may
}

// Limits bound a child. Those that are 0 do not.
type Limits struct {
	Memory int64 // resident bytes, of it and its descendants together
	// Silence is the processor time that it and its descendants may use between
	// two signs of life ([Child.Heard]). On a busy box a child of the lowest
	// priority may wait for minutes, which says nothing against its work.
	Silence time.Duration

	CPU          time.Duration // processor time, of each process
	AddressSpace uint64        // bytes, of each process
	FileSize     uint64        // bytes, of each file that it writes
	Files        uint64        // open at once
	Processes    uint64        // with their threads, of all children of its user
}

// Priority says before whom a child stands.
type Priority int

const (
	Equal  Priority = iota // the box itself
	Low                    // the last in line for the processor
	Idle                   // only what nobody else wants
	lowest = 19            // as nice counts
)

// Child is a program that runs or has run.
type Child struct {
	PID    int
	cmd    *exec.Cmd
	exited chan struct{} // closed when it has ended
	done   chan struct{} // and all is known of it
	err    error

	limits  Limits
	silence silence

	mu     sync.Mutex
	reaped bool // about to be: its number may mean somebody else

	// These are known when it has ended.
	Outgrew bool          // it was killed for its memory
	Stalled bool          // it was killed for its silence
	Peak    int64         // resident bytes, of it and its descendants, as seen every watchEvery
	CPU     time.Duration // that it used
}

// watchEvery is how often a child's memory is looked at.
const watchEvery = 50 * time.Millisecond

// Start runs a command. When ctx ends, the child and its descendants are killed,
// as they are when the box ends, however it ends.
func Start(ctx context.Context, c Command) (*Child, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	child := &Child{exited: make(chan struct{}), done: make(chan struct{}), limits: c.Limits}
	started := make(chan error)
	// The kernel sends the parent-death signal when the thread that forked ends,
	// and what confines a child is put on that thread first (Landlock, seccomp and
	// namespaces belong to threads, and a fork takes them on). So each child has a
	// thread, which ends with it and is never used again.
	go onThread(func() {
		cmd, err := c.start()
		if err == nil {
			child.cmd, child.PID = cmd, cmd.Process.Pid
		}
		started <- err
		if err != nil {
			return
		}
		for { // it stays a zombie, so that its number means nobody else yet
			err := unix.Waitid(unix.P_PID, child.PID, nil, unix.WEXITED|unix.WNOWAIT, nil)
			if !errors.Is(err, unix.EINTR) {
				break
			}
		}
		close(child.exited)
	})
	if err := <-started; err != nil {
		return nil, err
	}
	SetPriority(child.PID, c.Priority) // not on that thread, which may not see /proc
	child.silence.heard()
	go child.wait(ctx)
	return child, nil
}

// onThread calls f on a thread of its own that ends with it. The first thread of
// a process stands for it in /proc and cannot end, so it is not taken.
func onThread(f func()) {
	runtime.LockOSThread()
	if unix.Gettid() != os.Getpid() {
		f()
		return // locked: the thread ends
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // another one: this one is taken until done
		f()
	}()
	<-done
	runtime.UnlockOSThread()
}

// start runs on a thread of its own.
func (c *Command) start() (*exec.Cmd, error) {
	cmd := &exec.Cmd{
		Path: c.Path, Args: append([]string{c.Path}, c.Args...), Env: append(baseEnv(c.Dir), c.Env...),
		Dir: c.Dir, Stdin: c.Stdin, Stdout: c.Stdout, Stderr: c.Stderr, ExtraFiles: c.Extra,
		WaitDelay:   2 * time.Second, // a descendant may hold the pipes
		SysProcAttr: &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL},
	}
	if filepath.Base(c.Path) == c.Path {
		path, err := exec.LookPath(c.Path)
		if err != nil {
			return nil, err
		}
		cmd.Path = path
	}
	if c.Dir == "" {
		cmd.Dir = "/"
	}
	limits := c.Limits
	if limits.Processes > 0 && !c.Sandbox.ownUser() {
		limits.Processes += threadsOf(os.Getuid()) // the kernel counts all of a user's
	}
	if c.Sandbox != nil {
		release, err := c.Sandbox.enter(c, cmd)
		if err != nil {
			return nil, err
		}
		defer release()
	}
	if canChangeUser() {
		adopt()
	}
	if err := startOurs(cmd); err != nil {
		return nil, err
	}
	// Within microseconds of its beginning, long before it reads its input.
	if err := limits.set(cmd.Process.Pid); err != nil {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		_ = cmd.Wait()
		ours.pids.Delete(cmd.Process.Pid)
		return nil, fmt.Errorf("limit %s: %w", filepath.Base(c.Path), err)
	}
	return cmd, nil
}

// baseEnv is all that a child sees of the environment.
func baseEnv(dir string) []string {
	// An allocator's arenas for each thread would fill the address space.
	env := []string{"LANG=C.UTF-8", "MALLOC_ARENA_MAX=2"}
	if dir != "" {
		env = append(env, "TMPDIR=.")
	}
	for _, name := range []string{"PATH", "TESSDATA_PREFIX", "LD_LIBRARY_PATH"} {
		if v, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+v)
		}
	}
	return env
}

// set bounds a process that has just begun.
func (l Limits) set(pid int) error {
	for what, most := range map[int]uint64{
		unix.RLIMIT_CPU:    uint64((l.CPU + time.Second - 1) / time.Second),
		unix.RLIMIT_AS:     l.AddressSpace,
		unix.RLIMIT_FSIZE:  l.FileSize,
		unix.RLIMIT_NOFILE: l.Files,
		unix.RLIMIT_NPROC:  l.Processes,
		unix.RLIMIT_CORE:   0,
	} {
		if most == 0 && what != unix.RLIMIT_CORE || raceDetector && what == unix.RLIMIT_AS {
			continue
		}
		var now unix.Rlimit
		err := unix.Prlimit(pid, what, nil, &now)
		if most < now.Max && err == nil {
			err = unix.Prlimit(pid, what, &unix.Rlimit{Cur: most, Max: most}, nil)
		}
		if err != nil && !errors.Is(err, unix.ESRCH) { // it may have ended already
			return err
		}
	}
	return nil
}

// wait collects the child when it ends, and what it left behind.
func (c *Child) wait(ctx context.Context) {
	c.watch(ctx)
	<-c.exited
	c.mu.Lock()
	_ = syscall.Kill(-c.PID, syscall.SIGKILL) // its descendants, which may hold its output open
	c.reaped = true
	c.mu.Unlock()
	c.err = c.cmd.Wait()
	ours.pids.Delete(c.PID)
	group, adopts := c.PID, canChangeUser()
	if adopts && syscall.Kill(-group, 0) == nil { // some of it are there yet
		collectOrphans(group)
	}
	if usage, ok := c.cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		c.CPU = time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
	}
	close(c.done)
	if adopts {
		dying(group) // those of other groups, whom nobody waits for
	}
}

// Wait returns when the child has ended, as [exec.Cmd.Wait] does.
func (c *Child) Wait() error {
	<-c.done
	return c.err
}

// Done is closed when the child has ended.
func (c *Child) Done() <-chan struct{} { return c.done }

// Kill ends the child and its descendants at once.
func (c *Child) Kill() { c.Signal(syscall.SIGKILL) }

// Signal sends a signal to the child and its descendants. When the child has
// ended it does nothing: they are dead already, and the number of their group may
// be another's.
func (c *Child) Signal(s syscall.Signal) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.reaped {
		_ = syscall.Kill(-c.PID, s)
	}
}

// Heard is called at each sign of life, and starts the clock of its silence anew.
func (c *Child) Heard() { c.silence.heard() }

// Pause stops the clock of its silence: the child waits for us.
func (c *Child) Pause() { c.silence.pause() }

// watch kills the group when it outgrows its memory, is silent for too long, or
// ctx ends.
func (c *Child) watch(ctx context.Context) {
	var tick <-chan time.Time
	if c.limits.Memory > 0 || c.limits.Silence > 0 {
		ticker := time.NewTicker(watchEvery)
		defer ticker.Stop()
		tick = ticker.C
	}
	for {
		select {
		case <-c.exited:
			return
		case <-ctx.Done():
			c.Kill()
			return
		case <-tick:
			rss, cpu := treeUsage(c.PID, 3)
			c.Peak = max(c.Peak, rss)
			c.Outgrew = c.limits.Memory > 0 && rss > c.limits.Memory
			c.Stalled = c.silence.tooLong(cpu, c.limits.Silence)
			if c.Outgrew || c.Stalled {
				c.Kill()
				return
			}
		}
	}
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

func (s *silence) heard() { s.set(false) }

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
