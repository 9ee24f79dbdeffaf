package worker

import (
	"os"
	"path/filepath"
	"strconv"

	"github.com/bwenge-os/bwenge/internal/proc"
)

// setPriority makes the engine, all its threads, give way: to the kernel's
// search for memory, and for background engines to anyone who wants to compute.
func (r *run) setPriority() {
	if adj := r.p.cfg.OOMScoreAdj; adj != 0 {
		_ = os.WriteFile(filepath.Join("/proc", strconv.Itoa(r.child.PID), "oom_score_adj"), []byte(strconv.Itoa(adj)), 0)
	}
	if r.p.cfg.Background {
		proc.SetPriority(r.child.PID, proc.Idle)
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

// AddressSpace is what an engine may map that may hold so many bytes: weights are
// mapped besides what is computed with, and runtimes and threads' stacks reserve
// much that they never touch. 0 for no limit.
func AddressSpace(memory int64) uint64 {
	if memory <= 0 {
		return 0
	}
	return uint64(memory)*2 + 4<<30
}
