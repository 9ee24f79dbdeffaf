package worker

import (
	"bytes"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// spawn starts a command in its own process group that dies with this process.
//
// The kernel sends the parent-death signal when the *thread* that forked ends,
// and Go ends idle threads. So all children are forked by one goroutine that
// owns its thread and never returns.
func spawn(cmd *exec.Cmd) error {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	result := make(chan error)
	spawner() <- func() { result <- cmd.Start() }
	return <-result
}

var spawner = sync.OnceValue(func() chan<- func() {
	jobs := make(chan func())
	go func() {
		runtime.LockOSThread()
		for job := range jobs {
			job()
		}
	}()
	return jobs
})

// resident returns the bytes of memory that a process holds, 0 if it is gone.
func resident(pid int) int64 {
	data, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/statm")
	if err != nil {
		return 0
	}
	fields := bytes.Fields(data)
	if len(fields) < 2 {
		return 0
	}
	pages, _ := strconv.ParseInt(string(fields[1]), 10, 64)
	return pages * int64(os.Getpagesize())
}

// signOfWork returns a number that grows while the process does something:
// processor time, major page faults (weights are mapped, so reading them is
// this), bytes read and bytes said.
func (r *run) signOfWork() int64 {
	sum := r.output.written()
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(r.pid) + "/stat")
	if err != nil {
		return sum
	}
	// The second field is the name in parentheses and may hold anything.
	// After it: state is field 0, majflt 9, utime 11, stime 12 (proc(5)).
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	for _, i := range []int{9, 11, 12} {
		if i < len(fields) {
			n, _ := strconv.ParseInt(fields[i], 10, 64)
			sum += n
		}
	}
	if io, err := os.ReadFile("/proc/" + strconv.Itoa(r.pid) + "/io"); err == nil {
		for line := range strings.Lines(string(io)) {
			if v, ok := strings.CutPrefix(line, "rchar: "); ok {
				n, _ := strconv.ParseInt(strings.TrimSpace(v), 10, 64)
				sum += n
			}
		}
	}
	return sum
}

// setPriority makes the engine, all its threads, give way: to the kernel's
// search for memory, and for background engines to anyone who wants to compute.
// What is not allowed is left: the engine works either way.
func (r *run) setPriority() {
	proc := "/proc/" + strconv.Itoa(r.pid)
	if adj := r.p.cfg.OOMScoreAdj; adj != 0 {
		_ = os.WriteFile(proc+"/oom_score_adj", []byte(strconv.Itoa(adj)), 0)
	}
	if !r.p.cfg.Background {
		return
	}
	threads, _ := os.ReadDir(proc + "/task")
	for _, t := range threads {
		tid, err := strconv.Atoi(t.Name())
		if err != nil {
			continue
		}
		_ = unix.Setpriority(unix.PRIO_PROCESS, tid, 19)
		_ = unix.SchedSetAttr(tid, &unix.SchedAttr{Size: unix.SizeofSchedAttr, Policy: unix.SCHED_IDLE, Nice: 19}, 0)
	}
}

// ComputeEnv makes engines share processors politely. Their threads meet at a
// barrier after each operation, hundreds of times per token. By default GNU
// OpenMP spins there: when others want the same cores, each thread burns the
// time that the one it waits for needs to arrive, and everything stands still.
// A purely passive wait hands the core over at once, and pays for it with half
// the speed of an engine that is alone. A thousand turns are enough for a
// barrier that is met and short for one that is not. docs/decisions.md has the
// figures.
func ComputeEnv() []string {
	return []string{"GOMP_SPINCOUNT=1000"}
}
