package proc

import (
	"bytes"
	"errors"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

// A child that has ended is not signalled any more: by then its number may be
// that of a stranger, whose part another process plays here.
func TestReapedChildIsNotSignalled(t *testing.T) {
	stranger := exec.Command("cat")
	stranger.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	in, err := stranger.StdinPipe()
	if err == nil {
		err = stranger.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	child, err := Start(t.Context(), Command{Path: "true"})
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Wait(); err != nil {
		t.Fatal(err)
	}
	child.PID = stranger.Process.Pid
	child.Signal(syscall.SIGTERM)
	child.Kill()
	in.Close() // now it ends by itself
	if err := stranger.Wait(); err != nil {
		t.Error("a stranger was signalled:", err)
	}
}

// What a child leaves behind is gone when it is: another that follows at once
// has the whole number of processes.
func TestOrphansAreCollected(t *testing.T) {
	if !canChangeUser() {
		t.Skip("children have no users of their own here")
	}
	var out bytes.Buffer
	child, err := Start(t.Context(), Command{Path: program(t), Args: []string{"try", "processes=300"}, Dir: t.TempDir(),
		Stdout: &out, Sandbox: &Sandbox{User: prober}, Limits: Limits{Processes: 100}})
	if err != nil {
		t.Fatal(err)
	}
	_ = child.Wait()
	if !strings.Contains(out.String(), "processes") {
		t.Fatalf("it started none: %s", out.String())
	}
	if err := syscall.Kill(-child.PID, 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("some of its processes are left: %v", err)
	}
}
