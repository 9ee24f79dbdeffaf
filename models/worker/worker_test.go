package worker_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/bwenge-os/bwenge/internal/proc"
	"github.com/bwenge-os/bwenge/models/worker"
)

func TestStartsOnceForManyAndKeepsSecrets(t *testing.T) {
	t.Setenv("BWENGE_SECRET", "not for engines")
	p := start(t, config("good"))
	if s := p.Status(); s.State != worker.Stopped {
		t.Errorf("state %q before the first use, want stopped", s.State)
	}
	pids := make([]string, 8)
	var wg sync.WaitGroup
	for i := range pids {
		wg.Go(func() {
			lease, err := p.Acquire(t.Context())
			if err != nil {
				t.Error(err)
				return
			}
			defer lease.Release()
			pids[i] = get(lease, "/pid")
		})
	}
	wg.Wait()
	for _, pid := range pids {
		if pid != pids[0] {
			t.Errorf("several engines were started: %v", pids)
		}
	}
	s := p.Status()
	if s.State != worker.Ready || strconv.Itoa(s.PID) != pids[0] || s.Memory == 0 || s.Restarts != 0 {
		t.Errorf("status %+v, want ready, the pid %s, some memory, no restarts", s, pids[0])
	}
	lease := acquire(t, p)
	env := get(lease, "/env")
	if strings.Contains(env, "SECRET") {
		t.Error("the engine was given the box's secrets")
	}
	if lease.Key == "" || !strings.Contains(env, "TEST_KEY="+lease.Key) {
		t.Error("the engine was not given its key")
	}
}

func TestConfinedEngineAnswers(t *testing.T) {
	cfg := config("good")
	cfg.Sandbox = &proc.Sandbox{User: proc.Chat}
	p := start(t, cfg)
	lease := acquire(t, p)
	if pid := get(lease, "/pid"); pid != strconv.Itoa(p.Status().PID) {
		t.Errorf("got %q", pid)
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.Status().PID))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"CapEff:\t0000000000000000", "NoNewPrivs:\t1", "Seccomp:\t2"} {
		if !strings.Contains(string(status), want) {
			t.Errorf("the engine's status lacks %q:\n%s", want, status)
		}
	}
	// What it says is on its socket, and there alone.
	if got := get(lease, "/dial"); !strings.Contains(got, "not permitted") {
		t.Errorf("it connected: %s", got)
	}
}

func TestMissingBinary(t *testing.T) {
	cfg := config("good")
	cfg.Binary = "/nowhere/llama-server"
	_, err := start(t, cfg).Acquire(t.Context())
	if reason(err) != "engine_missing" {
		t.Errorf("got %v, want engine_missing", err)
	}
}

func TestCrashOnStartIsExplainedAndNotRepeatedAtOnce(t *testing.T) {
	p := start(t, config("crash-on-start"))
	_, err := p.Acquire(t.Context())
	if reason(err) != "engine_start" || !strings.Contains(err.Error(), "bad magic") {
		t.Fatalf("got %v, want engine_start with the engine's last words", err)
	}
	if s := p.Status(); s.State != worker.Failed || !strings.Contains(s.Detail, "bad magic") {
		t.Errorf("status %+v, want failed with the last words", s)
	}
	// It is tried again with growing pauses until callers are told at once.
	began := time.Now()
	for range 6 {
		if _, err := p.Acquire(t.Context()); reason(err) != "engine_start" {
			t.Fatalf("got %v, want engine_start", err)
		}
	}
	before := p.Status().Restarts
	if _, err := p.Acquire(t.Context()); reason(err) != "engine_start" {
		t.Errorf("got %v, want engine_start", err)
	}
	if after := p.Status().Restarts; after != before || after > 6 {
		t.Errorf("%d starts after %v, then %d: want pauses", before, time.Since(began), after)
	}
}

func TestCrashFailsOneRequestAndTheNextFindsANewEngine(t *testing.T) {
	p := start(t, config("good"))
	lease := acquire(t, p)
	first := get(lease, "/pid")
	_, err := lease.Client.Get(lease.URL + "/crash")
	err = lease.Explain(err)
	if reason(err) != "engine_down" || !strings.Contains(err.Error(), "so to speak") || !lease.Dead() {
		t.Errorf("got %v, want engine_down with the last words", err)
	}
	if second := get(acquire(t, p), "/pid"); second == first || strings.HasPrefix(second, "error") {
		t.Errorf("engine %s after %s, want a new one", second, first)
	}
	if s := p.Status(); s.Restarts != 1 || s.State != worker.Ready {
		t.Errorf("status %+v, want ready and one restart", s)
	}
}

func TestDyingEngineIsNotHandedOut(t *testing.T) {
	p := start(t, config("good"))
	lease := acquire(t, p)
	first := get(lease, "/pid")
	_ = get(lease, "/deaf")
	if lease.Dead() {
		t.Fatal("it is known to be dead: the test shows nothing")
	}
	if second := get(acquire(t, p), "/pid"); second == first || strings.HasPrefix(second, "error") {
		t.Errorf("engine %s after %s, want a new one", second, first)
	}
}

func TestErrorsOfALivingEngineAreLeftAlone(t *testing.T) {
	lease := acquire(t, start(t, config("good")))
	mine := errors.New("mine")
	if err := lease.Explain(mine); err != mine {
		t.Errorf("got %v, want the error as it was", err)
	}
}

func TestStallOnStart(t *testing.T) {
	cfg := config("sleep-on-start")
	cfg.Stall = 300 * time.Millisecond
	_, err := start(t, cfg).Acquire(t.Context())
	if reason(err) != "engine_start" || !strings.Contains(err.Error(), "did nothing") {
		t.Errorf("got %v, want a stalled start", err)
	}
}

func TestSlowButBusyStartIsNoStall(t *testing.T) {
	cfg := config("load-slowly")
	cfg.Stall = 3 * time.Second
	if pid := get(acquire(t, start(t, cfg)), "/pid"); strings.HasPrefix(pid, "error") {
		t.Error(pid)
	}
}

func TestCallerGivesUpButTheStartGoesOn(t *testing.T) {
	cfg := config("sleep-on-start")
	p := start(t, cfg)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := p.Acquire(ctx); reason(err) != "engine_slow_start" {
		t.Errorf("got %v, want engine_slow_start", err)
	}
	if s := p.Status(); s.State != worker.Starting {
		t.Errorf("state %q, want starting", s.State)
	}
}

func TestStoppedProcessIsNoticed(t *testing.T) {
	cfg := config("good")
	cfg.Hang = 400 * time.Millisecond
	p := start(t, cfg)
	lease := acquire(t, p)
	pid := p.Status().PID
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	until(t, "the engine to stop", func() bool {
		stat, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		return strings.Contains(string(stat), ") T ")
	})
	_, err := lease.Client.Get(lease.URL + "/pid")
	if err = lease.Explain(err); !strings.Contains(fmt.Sprint(err), "did not answer") {
		t.Errorf("got %v, want it killed for not answering", err)
	}
	if alive(pid) {
		t.Error("the stopped process is still there")
	}
}

func TestMemoryLimit(t *testing.T) {
	cfg := config("good")
	cfg.MemoryLimit = 200 << 20
	lease := acquire(t, start(t, cfg))
	_, err := lease.Client.Get(lease.URL + "/balloon")
	if err = lease.Explain(err); reason(err) != "engine_memory" {
		t.Errorf("got %v, want engine_memory", err)
	}
}

func TestIdleEngineIsUnloadedButNotUnderAUser(t *testing.T) {
	cfg := config("good")
	cfg.Idle = 50 * time.Millisecond
	p := start(t, cfg)
	lease, err := p.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(1500 * time.Millisecond) // longer than the watch's beat
	if s := p.Status(); s.State != worker.Ready {
		t.Fatalf("state %q while in use, want ready", s.State)
	}
	lease.Release()
	until(t, "the engine to be unloaded", func() bool { return p.Status().State == worker.Stopped })
	if s := p.Status(); s.Restarts != 0 {
		t.Errorf("status %+v, want no failure counted", s)
	}
	if pid := get(acquire(t, p), "/pid"); strings.HasPrefix(pid, "error") {
		t.Errorf("after unloading: %s", pid)
	}
}

func TestCloseInsists(t *testing.T) {
	p := worker.New(config("ignore-term"))
	lease, err := p.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	pid, socket := p.Status().PID, lease.Socket()
	if err := p.Close(); err != nil {
		t.Error(err)
	}
	if alive(pid) {
		t.Error("the engine outlived Close")
	}
	if _, err := os.Stat(socket); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the socket was left behind: %v", err)
	}
	if _, err := p.Acquire(t.Context()); reason(err) != "engine_closed" {
		t.Errorf("got %v, want engine_closed", err)
	}
}

// TestNoOrphanAfterKill kills a box with SIGKILL, which it cannot notice, long
// after the goroutine that started the engine has ended.
func TestNoOrphanAfterKill(t *testing.T) {
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	box := exec.Command(binary)
	box.Env = append(os.Environ(), "WORKER_TEST_ROLE=box")
	out, err := box.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := box.Start(); err != nil {
		t.Fatal(err)
	}
	line, _ := bufio.NewReader(out).ReadString('\n')
	pid, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil {
		t.Fatalf("the box said %q", line)
	}
	// Threads that the box no longer needs would have ended by now.
	time.Sleep(300 * time.Millisecond)
	if !alive(pid) {
		t.Fatal("the engine ended before the box")
	}
	if err := box.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = box.Wait()
	until(t, "the engine to die with the box", func() bool { return !alive(pid) })
}

func TestBackgroundEngineGivesWay(t *testing.T) {
	t.Setenv("BWENGE_PRIORITY", "")
	cfg := config("good")
	cfg.Background, cfg.OOMScoreAdj = true, 700
	p := start(t, cfg)
	acquire(t, p)
	pid := p.Status().PID
	threads, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", pid))
	if err != nil {
		t.Fatal(err)
	}
	for _, th := range threads {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%s/stat", pid, th.Name()))
		if err != nil {
			continue
		}
		_, rest, _ := strings.Cut(string(stat), ") ")
		fields := strings.Fields(rest) // field 3 of proc(5) is the first
		if nice, policy := fields[16], fields[38]; nice != "19" || policy != "5" {
			t.Errorf("thread %s: nice %s, policy %s, want 19 and 5 (SCHED_IDLE)", th.Name(), nice, policy)
		}
	}
	if adj, _ := os.ReadFile(fmt.Sprintf("/proc/%d/oom_score_adj", pid)); strings.TrimSpace(string(adj)) != "700" {
		t.Errorf("oom_score_adj %s, want 700", adj)
	}
}
