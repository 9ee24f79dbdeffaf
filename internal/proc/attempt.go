package proc

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Trial is what came of trying something that a child must not.
type Trial struct {
	What    string `json:"what"`
	Refused bool   `json:"refused"`
	Detail  string `json:"detail"`
}

// Try does, in a child, what its arguments say, and reports each as it ends. A
// child that is killed over one reports no more, so the memory comes last.
//
//	read=PATH  write=PATH  socket=PATH  network=HOST:PORT  run=PROGRAM
//	kill=PID  ptrace=PID  mount=PATH  processes=N  memory=BYTES  privileges=
func Try(args []string, report func(Trial)) {
	for _, arg := range args {
		what, value, _ := strings.Cut(arg, "=")
		t := Trial{What: what}
		if err := try(what, value); err != nil {
			t.Refused, t.Detail = true, err.Error()
		} else {
			t.Detail = value
		}
		report(t)
	}
}

func try(what, value string) error {
	n, _ := strconv.Atoi(value)
	switch what {
	case "read":
		f, err := os.Open(value)
		if err == nil {
			f.Close()
		}
		return err
	case "write":
		return os.WriteFile(value, []byte("x"), 0o600)
	case "socket":
		return dial("unix", value)
	case "network":
		return dial("tcp", value)
	case "run":
		return exec.Command(value).Run()
	case "kill":
		return syscall.Kill(n, 0)
	case "ptrace":
		return syscall.PtraceAttach(n)
	case "mount":
		return syscall.Mount("none", value, "tmpfs", 0, "")
	case "privileges":
		return privileges()
	case "processes":
		return fork(n)
	case "memory":
		return take(n)
	}
	return fmt.Errorf("%q is not known", what)
}

func dial(network, address string) error {
	c, err := net.DialTimeout(network, address, 2*time.Second)
	if err == nil {
		c.Close()
	}
	return err
}

// privileges fails, as it should, in a child that is not root, holds no
// capabilities and can get none.
func privileges() error {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var has [2]unix.CapUserData
	if err := unix.Capget(&header, &has[0]); err != nil || has[0].Permitted|has[1].Permitted != 0 {
		return nil
	}
	locked, err := unix.PrctlRetInt(unix.PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0)
	if err != nil || locked != 1 || unix.Getuid() == 0 {
		return nil
	}
	return fmt.Errorf("user %d without capabilities", unix.Getuid())
}

// fork makes n processes that do nothing.
func fork(n int) error {
	for i := range n {
		pid, _, errno := syscall.RawSyscall6(syscall.SYS_CLONE, uintptr(syscall.SIGCHLD), 0, 0, 0, 0, 0)
		if errno != 0 {
			return fmt.Errorf("after %d: %w", i, errno)
		}
		for pid == 0 { // nothing of Go works in here
			_, _, _ = syscall.RawSyscall6(syscall.SYS_PPOLL, 0, 0, 0, 0, 0, 0)
		}
	}
	return nil
}

// take fills n bytes of memory.
func take(n int) error {
	all, err := unix.Mmap(-1, 0, n, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON)
	if err != nil {
		return err
	}
	for i := 0; i < n; i += 4096 {
		all[i] = 1
	}
	return nil
}
