package proc

import (
	"bytes"
	"os"
	"path/filepath"
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
	f, ok := readStat(pid)
	if !ok {
		return 0, 0
	}
	rss = f.number(24) * int64(os.Getpagesize())
	cpu = time.Duration(f.number(14)+f.number(15)+f.number(16)+f.number(17)) * clockTick
	if depth == 0 {
		return rss, cpu
	}
	lists, _ := filepath.Glob(filepath.Join("/proc", strconv.Itoa(pid), "task", "*", "children"))
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

// SetPriority gives a process a place in the line for the processor, also the
// threads that it has by now.
func SetPriority(pid int, p Priority) {
	threads, _ := os.ReadDir(filepath.Join("/proc", strconv.Itoa(pid), "task"))
	for _, t := range threads {
		if tid, err := strconv.Atoi(t.Name()); err == nil {
			lower(tid, p)
		}
	}
}

// lower does so for one thread: Linux keeps it for each, and new ones take their
// maker's. What is not allowed is left: the process works either way.
func lower(tid int, p Priority) {
	if p == Equal {
		return
	}
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
