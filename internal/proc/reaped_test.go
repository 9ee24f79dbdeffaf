package proc

import (
	"os/exec"
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
