package worker

import (
	"bufio"
	"os"
	"strconv"
	"strings"
	"time"
)

// When memory is short, engines that nobody is using go first: what they hold
// is wanted by the one that is being used, and loading again costs seconds where
// the kernel's choice of a victim costs an answer.
const (
	memoryReserve = 384 << 20        // bytes that should stay available
	shortIdle     = 15 * time.Second // how long an engine may lie idle then
)

// available is the memory that the kernel could hand out, in bytes; a machine
// that does not say has enough.
func available() int64 {
	f, err := os.Open("/proc/meminfo")
	if err != nil {
		return memoryReserve
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if rest, ok := strings.CutPrefix(lines.Text(), "MemAvailable:"); ok {
			kB, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")), 10, 64)
			if err != nil {
				break
			}
			return kB << 10
		}
	}
	return memoryReserve
}

// idleTime is how long an engine may lie idle, with so much memory left.
func idleTime(usual time.Duration, left int64) time.Duration {
	if usual > shortIdle && left < memoryReserve {
		return shortIdle
	}
	return usual
}
