package proc

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

// otherCalls makes its system calls as 32-bit programs do, whose numbers are
// others: a filter that only knows those of 64 bits refuses it nothing.
const otherCalls = `package main

import "syscall"

func main() {
	if _, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_DGRAM, 0); err == nil {
		println("socket")
	}
}
`

func TestSandboxRefusesCallsOfAnotherArchitecture(t *testing.T) {
	other := map[string]string{"amd64": "386", "arm64": "arm"}[runtime.GOARCH]
	if other == "" {
		t.Skip("only amd64 and arm64 run programs of a second architecture")
	}
	dir := t.TempDir()
	source, exe := filepath.Join(dir, "main.go"), filepath.Join(dir, "other")
	if err := os.WriteFile(source, []byte(otherCalls), 0o644); err != nil {
		t.Fatal(err)
	}
	build := exec.Command("go", "build", "-o", exe, source)
	build.Env = append(os.Environ(), "GOARCH="+other, "CGO_ENABLED=0", "GOFLAGS=")
	if out, err := build.CombinedOutput(); err != nil {
		t.Skipf("cannot be built here: %v: %s", err, out)
	}
	run := func(box *Sandbox) (string, error) {
		work, said := t.TempDir(), NewTail(10, 200)
		child, err := Start(t.Context(), Command{Path: exe, Dir: work, Stderr: said, Sandbox: box})
		if err != nil {
			return "", err
		}
		err = child.Wait()
		return said.String(), err
	}
	if said, err := run(nil); err != nil || !strings.Contains(said, "socket") {
		t.Skipf("this machine does not run it: %v: %s", err, said)
	}
	for name, box := range map[string]*Sandbox{"reader": {User: Reader}, "engine": {User: Chat, Listens: true}} {
		said, err := run(box)
		exit, ok := errors.AsType[*exec.ExitError](err)
		if !ok || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGSYS || said != "(none)" {
			t.Errorf("%s: ended with %v and did: %s", name, err, said)
		}
	}
}
