package proc

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"
)

// The test binary plays the child.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "try" {
		TryMain(os.Args[2:], os.Stdout)
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func program(t testing.TB) string {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return exe
}

// tryIn has a child try things and returns what came of each.
func tryIn(t *testing.T, c Command, args ...string) map[string]Trial {
	t.Helper()
	c.Path, c.Args = program(t), append([]string{"try"}, args...)
	var out bytes.Buffer
	tail := NewTail(40, 400)
	c.Stdout, c.Stderr = &out, tail
	child, err := Start(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Wait(); err != nil && !child.Outgrew {
		t.Fatal(tail.Explain(err))
	}
	trials := map[string]Trial{}
	for lines := json.NewDecoder(&out); lines.More(); {
		var trial Trial
		if err := lines.Decode(&trial); err != nil {
			t.Fatal(err)
		}
		trials[trial.What] = trial
	}
	return trials
}

// TestSandboxRefuses tries, in a bare child and in a confined one, what no child
// should be able to.
func TestSandboxRefuses(t *testing.T) {
	data := t.TempDir()
	key := filepath.Join(data, "keys", "box.key")
	work := filepath.Join(data, "jobs", "1", "work")
	for _, dir := range []string{filepath.Dir(key), work} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(key, []byte("secret"), 0o644); err != nil {
		t.Fatal(err)
	}
	socket := filepath.Join(os.TempDir(), fmt.Sprintf("proc-test-%d.sock", os.Getpid()))
	for _, at := range [][2]string{{"unix", socket}, {"tcp", "127.0.0.1:0"}} {
		ln, err := net.Listen(at[0], at[1])
		if err != nil {
			t.Fatal(err)
		}
		defer ln.Close()
		if at[0] == "tcp" {
			t.Setenv("PROC_TEST_TCP", ln.Addr().String())
		}
	}
	if err := os.Chmod(socket, 0o777); err != nil {
		t.Fatal(err)
	}
	tries := []string{"read=" + key, "write=" + filepath.Join(data, "new"), "socket=" + socket,
		"network=" + os.Getenv("PROC_TEST_TCP"), "run=/bin/true", "kill=" + strconv.Itoa(os.Getpid()),
		"ptrace=" + strconv.Itoa(os.Getpid()), "mount=" + work, "privileges=", "processes=300"}
	bare := tryIn(t, Command{Dir: work}, tries[:5]...)
	for _, what := range []string{"read", "write", "socket", "network", "run"} {
		if bare[what].Refused {
			t.Errorf("%s is refused to everybody, so the test shows nothing: %s", what, bare[what].Detail)
		}
	}
	users := canChangeUser
	defer func() { canChangeUser = users }()
	for name, box := range map[string]*Sandbox{
		"reader": {User: Reader},
		"engine": {User: Chat, Listens: true},
		// Landlock and seccomp have to do it alone.
		"reader of the same user": {User: Reader},
		"engine of the same user": {User: Chat, Listens: true},
	} {
		canChangeUser = users
		tries := tries
		if strings.HasSuffix(name, "same user") {
			canChangeUser = func() bool { return false }
			tries = tries[:len(tries)-2] // root has no limit of processes, and stays root
		}
		t.Run(name, func(t *testing.T) {
			got := tryIn(t, Command{Dir: work, Sandbox: box, Limits: Limits{Processes: 200}}, tries...)
			for _, arg := range tries {
				what, _, _ := strings.Cut(arg, "=")
				if trial := got[what]; !trial.Refused {
					t.Errorf("%s succeeded: %+v", what, trial)
				} else {
					t.Logf("%s: %s", what, trial.Detail)
				}
			}
		})
	}
}

func TestSandboxedChildWorks(t *testing.T) {
	work := filepath.Join(t.TempDir(), "deep", "work")
	hidden := filepath.Join(t.TempDir(), "weights")
	for _, dir := range []string{work, hidden} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(hidden, 0o755); err != nil {
		t.Fatal(err)
	}
	weights := filepath.Join(hidden, "w.gguf")
	if err := os.WriteFile(weights, []byte("w"), 0o644); err != nil {
		t.Fatal(err)
	}
	box := &Sandbox{User: Reader, Read: []string{hidden}}
	c := Command{Dir: work, Sandbox: box, Path: "/bin/cat", Args: []string{weights}}
	var out bytes.Buffer
	tail := NewTail(9, 400)
	c.Stdout, c.Stderr = &out, tail
	child, err := Start(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Wait(); err != nil || out.String() != "w" {
		t.Errorf("%q, %v", out.String(), tail.Explain(err))
	}
	if got := tryIn(t, Command{Dir: work, Sandbox: box}, "write=here"); got["write"].Refused {
		t.Errorf("its own folder: %+v", got)
	}
}

func TestCheckFindsWhatIsOpen(t *testing.T) {
	succeeded, err := Check(t.Context(), []string{program(t), "try"})
	if err != nil || len(succeeded) > 0 {
		t.Errorf("%q, %v", succeeded, err)
	}
}

func TestMemoryIsBounded(t *testing.T) {
	got := tryIn(t, Command{Sandbox: &Sandbox{User: Reader}, Limits: Limits{Memory: 256 << 20}}, "privileges=", "memory="+strconv.Itoa(2<<30))
	if trial, ok := got["memory"]; ok && !trial.Refused {
		t.Errorf("%+v", trial)
	}
}

func TestSlowCallbackIsNotTheChildsSilence(t *testing.T) {
	var s silence
	s.pause()
	if s.tooLong(time.Hour, time.Second) {
		t.Error("the clock runs while the child waits for us")
	}
	s.heard()
	if s.tooLong(time.Hour, time.Second) { // the first look says where it stands
		t.Error("what was used before counts")
	}
	if s.tooLong(time.Hour+time.Second, time.Second) || !s.tooLong(time.Hour+2*time.Second, time.Second) {
		t.Error("patience is not a second")
	}
}

func TestEndOfContextKills(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	child, err := Start(ctx, Command{Path: "sleep", Args: []string{"600"}})
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := child.Wait(); err == nil {
		t.Error("it slept")
	}
}

func BenchmarkStart(b *testing.B) {
	for name, box := range map[string]*Sandbox{"bare": nil, "confined": {User: Reader}} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				child, err := Start(b.Context(), Command{Path: "/bin/true", Sandbox: box, Limits: Limits{Processes: 1000}})
				if err == nil {
					err = child.Wait()
				}
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// TestOnlyTheHungAreHung: who waits in line for the processor is not.
func TestOnlyTheHungAreHung(t *testing.T) {
	if len(turnsOf(os.Getpid())) == 0 {
		t.Skip("this kernel does not count turns")
	}
	run := func(script string) *Child {
		child, err := Start(t.Context(), Command{Path: "/bin/sh", Args: []string{"-c", script}})
		if err != nil {
			t.Fatal(err)
		}
		return child
	}
	const busy, limit = "while :; do :; done", 500 * time.Millisecond
	asleep := run("sleep 100")
	silence := WatchForHang(asleep.PID)
	time.Sleep(limit + limit/5)
	if !silence.Hung(limit) {
		t.Error("one that does not want to compute is not found hung")
	}

	spinning := run(busy)
	silence = WatchForHang(spinning.PID)
	for began := time.Now(); !silence.Hung(limit); time.Sleep(limit / 10) {
		if time.Since(began) > time.Minute {
			t.Fatal("one that computes without a word is not found hung")
		}
	}

	for range 2 * runtime.NumCPU() {
		run(busy)
	}
	starving := run(busy)
	t.Setenv("BWENGE_PRIORITY", "")
	SetPriority(starving.PID, Idle)
	silence = WatchForHang(starving.PID)
	time.Sleep(2 * limit)
	if silence.Hung(limit) {
		t.Error("one that is not given the processor is found hung")
	}
}
