package proc

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// The kernel counts what has ended among a user's processes until its parent has
// collected it. What a killed child leaves behind goes to the first process of
// the machine or the container, which may take seconds, or never look: then one
// file that starts hundreds of programs would keep all others from being read.
// So the box adopts such orphans and collects them itself. They are told from
// its own children, which somebody waits for, by their user and by not having
// been started here; where children have no users of their own, their limit
// counts what is there already.
var ours struct {
	sync.RWMutex // read while a child is being started
	pids         sync.Map
}

// adopt makes orphans children of this process.
var adopt = sync.OnceFunc(func() {
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		missing("adoption of orphans", err)
	}
})

// startOurs starts a command that somebody will wait for.
func startOurs(cmd *exec.Cmd) error {
	ours.RLock()
	defer ours.RUnlock()
	err := cmd.Start()
	if err == nil {
		ours.pids.Store(cmd.Process.Pid, true)
	}
	return err
}

// orphanPatience is how long the killed descendants of a child are waited for.
const orphanPatience = 2 * time.Second

// collectOrphans returns when the descendants in the group of a killed child are
// gone, and those in other groups whose end has been seen.
func collectOrphans(group int) {
	for end := time.Now().Add(orphanPatience); dying(group) && time.Now().Before(end); {
		time.Sleep(5 * time.Millisecond)
	}
}

// dying collects the orphans that have ended, and reports whether some of the
// group have not.
func dying(group int) (left bool) {
	ours.Lock()
	defer ours.Unlock()
	processes, _ := filepath.Glob("/proc/[0-9]*")
	for _, dir := range processes {
		pid, _ := strconv.Atoi(filepath.Base(dir))
		if _, known := ours.pids.Load(pid); known || !ofOurUsers(dir) {
			continue
		}
		f, ok := readStat(pid)
		switch {
		case !ok:
		case f[0] == "Z" && f.number(4) == int64(os.Getpid()):
			_, _ = syscall.Wait4(pid, nil, syscall.WNOHANG, nil)
		case f.number(5) == int64(group):
			left = true
		}
	}
	return left
}

func ofOurUsers(dir string) bool {
	info, err := os.Stat(dir)
	if err != nil {
		return false
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	return ok && st.Uid >= firstUser && st.Uid <= firstUser+uint32(prober)
}
