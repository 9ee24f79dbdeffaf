package proc

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// clockTick is the unit of processor times in /proc (USER_HZ), the same on all
// of Linux' architectures that run Go.
const clockTick = time.Second / 100

// statFields are the numbers of /proc/PID/stat, numbered as in proc(5).
type statFields []string

func readStat(pid int) (statFields, bool) {
	stat, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		return nil, false
	}
	// From the third field on: the second, the name, may hold anything.
	return strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:])), true
}

func (f statFields) number(field int) int64 {
	if field-3 >= len(f) {
		return 0
	}
	n, _ := strconv.ParseInt(f[field-3], 10, 64)
	return n
}

// Resident returns the bytes of memory that a process holds, 0 if it is gone.
func Resident(pid int) int64 {
	f, _ := readStat(pid)
	return f.number(24) * int64(os.Getpagesize())
}

// treeUsage adds up the resident bytes of a process and its descendants, and
// the processor time that they and those which have ended have used.
func treeUsage(pid, depth int) (rss int64, cpu time.Duration) {
	return treeUsageBelow(nil, pid, depth)
}

func treeUsageBelow(parent statFields, pid, depth int) (rss int64, cpu time.Duration) {
	f, ok := readStat(pid)
	if !ok {
		return 0, 0
	}
	// Between fork and exec a child has its parent's memory, not as much again.
	if f.number(23) != parent.number(23) {
		rss = f.number(24) * int64(os.Getpagesize())
	}
	cpu = time.Duration(f.number(14)+f.number(15)+f.number(16)+f.number(17)) * clockTick
	if depth == 0 {
		return rss, cpu
	}
	lists, _ := filepath.Glob(filepath.Join("/proc", strconv.Itoa(pid), "task", "*", "children"))
	for _, list := range lists {
		children, _ := os.ReadFile(list)
		for _, child := range strings.Fields(string(children)) {
			if id, err := strconv.Atoi(child); err == nil {
				r, c := treeUsageBelow(f, id, depth-1)
				rss, cpu = rss+r, cpu+c
			}
		}
	}
	return rss, cpu
}

// Activity returns a number that grows while a process does something:
// processor time, major page faults (mapped files, such as weights, are read by
// these) and bytes read.
func Activity(pid int) int64 {
	f, _ := readStat(pid)
	sum := f.number(12) + f.number(14) + f.number(15)
	io, _ := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "io"))
	for line := range strings.Lines(string(io)) {
		if v, ok := strings.CutPrefix(line, "rchar: "); ok {
			n, _ := strconv.ParseInt(strings.TrimSpace(v), 10, 64)
			sum += n
		}
	}
	return sum
}

// turns are the times that each thread of a process, by its number, has had the
// processor and has waited in line for it; none where the kernel does not count.
type turns map[int]turn

type turn struct{ used, waited time.Duration }

func turnsOf(pid int) turns {
	t := turns{}
	threads, _ := filepath.Glob(filepath.Join("/proc", strconv.Itoa(pid), "task", "*", "schedstat"))
	for _, file := range threads {
		tid, _ := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		counts, _ := os.ReadFile(file)
		if f := strings.Fields(string(counts)); len(f) >= 2 {
			used, _ := strconv.ParseInt(f[0], 10, 64)
			waited, _ := strconv.ParseInt(f[1], 10, 64)
			t[tid] = turn{time.Duration(used), time.Duration(waited)}
		}
	}
	return t
}

// HangWatch judges a process of low priority that gives no sign of life: while a
// class asks, it may wait for the processor for an hour, which says nothing
// against its work.
type HangWatch struct {
	pid   int
	began time.Time
	turns turns
}

// WatchForHang begins with a sign of life. A process elsewhere has the number 0.
func WatchForHang(pid int) *HangWatch {
	s := &HangWatch{pid: pid}
	s.Interrupt()
	return s
}

// Interrupt notes a sign of life.
func (s *HangWatch) Interrupt() { s.began, s.turns = time.Now(), turnsOf(s.pid) }

// Hung reports whether the process has been silent for longer than limit, and
// has computed for so long meanwhile, or did not even stand in line to.
func (s *HangWatch) Hung(limit time.Duration) bool {
	silent := time.Since(s.began)
	if silent <= limit {
		return false
	}
	var used, waited time.Duration // by all threads; by the one that waited most
	for tid, now := range turnsOf(s.pid) {
		then := s.turns[tid]
		used += now.used - then.used
		waited = max(waited, now.waited-then.waited)
	}
	// The kernel counts a wait when it is over.
	return used > limit || waited < silent/2 && !standsInLine(s.pid)
}

// standsInLine reports whether a thread of a process wants the processor now.
func standsInLine(pid int) bool {
	threads, _ := os.ReadDir(filepath.Join("/proc", strconv.Itoa(pid), "task"))
	return slices.ContainsFunc(threads, func(t os.DirEntry) bool {
		stat, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "task", t.Name(), "stat"))
		return err == nil && bytes.HasPrefix(stat[bytes.LastIndexByte(stat, ')')+1:], []byte(" R"))
	})
}

// SetPriority gives a process a place in the line for the processor. Each thread
// has its own and hands it on to those that it makes, so it looks until it finds
// no thread that is new.
func SetPriority(pid int, p Priority) {
	if p == Equal || sharesEqually() {
		return
	}
	lowered := map[string]bool{}
	for found := true; found; {
		found = false
		threads, _ := os.ReadDir(filepath.Join("/proc", strconv.Itoa(pid), "task"))
		for _, t := range threads {
			if tid, err := strconv.Atoi(t.Name()); err == nil && !lowered[t.Name()] {
				lower(tid, p)
				lowered[t.Name()], found = true, true
			}
		}
	}
}

// sharesEqually is for machines whose other programs always want the processor,
// before whom no work of a lower priority ever ends: such as those that test.
func sharesEqually() bool { return os.Getenv("BWENGE_PRIORITY") == "equal" }

// lower does so for one thread. What is not allowed is left: the process works
// either way.
func lower(tid int, p Priority) {
	_ = unix.Setpriority(unix.PRIO_PROCESS, tid, lowest)
	if p == Idle {
		_ = unix.SchedSetAttr(tid, &unix.SchedAttr{Size: unix.SizeofSchedAttr, Policy: unix.SCHED_IDLE, Nice: lowest}, 0)
	}
}

// threadsOf counts the threads of a user, which is what the kernel's limit of
// processes is about.
func threadsOf(uid int) (n uint64) {
	processes, _ := filepath.Glob("/proc/[0-9]*")
	for _, dir := range processes {
		info, err := os.Stat(dir)
		if err != nil {
			continue
		}
		if st, ok := info.Sys().(*syscall.Stat_t); ok && int(st.Uid) == uid {
			pid, _ := strconv.Atoi(filepath.Base(dir))
			f, _ := readStat(pid)
			n += uint64(f.number(20))
		}
	}
	return n
}
