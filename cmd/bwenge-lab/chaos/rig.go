package chaos

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/bwenge-os/bwenge/appliance/box"
)

// rig starts boxes on one data folder.
type rig struct {
	binary, tier, dir string
}

func (r *rig) database() string { return filepath.Join(r.dir, "bwenge.db") }

type killable struct {
	cmd  *exec.Cmd
	api  *api
	done chan struct{}
}

func (r *rig) start(ctx context.Context) (*killable, error) {
	addr, err := freeAddress()
	if err != nil {
		return nil, err
	}
	logs, err := os.OpenFile(filepath.Join(r.dir, "box.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o640)
	if err != nil {
		return nil, err
	}
	defer logs.Close()
	cmd := exec.Command(r.binary, "serve", "--data", r.dir, "--addr", addr, "--tls-addr", "none", "--tier", r.tier)
	cmd.Stdout, cmd.Stderr = logs, logs
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	b := &killable{cmd: cmd, api: newAPI(box.SocketPath(&box.Config{Data: r.dir})), done: make(chan struct{})}
	go func() {
		_ = cmd.Wait()
		close(b.done)
	}()
	deadline := time.Now().Add(30 * time.Second)
	for !b.api.healthy(ctx) {
		select {
		case <-b.done:
			return nil, fmt.Errorf("the box ended at start: %s", tail(logs.Name()))
		case <-ctx.Done():
			b.kill()
			return nil, ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			b.kill()
			return nil, fmt.Errorf("the box was not ready in 30 s: %s", tail(logs.Name()))
		}
	}
	return b, nil
}

// kill ends the box as a power cut would and returns the children it had. The
// box is frozen first, so that it starts no child behind our back.
func (b *killable) kill() (children []process) {
	_ = b.cmd.Process.Signal(syscall.SIGSTOP)
	children = descendants(b.cmd.Process.Pid)
	_ = b.cmd.Process.Kill()
	<-b.done
	return children
}

func (b *killable) stop() {
	_ = b.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-b.done:
	case <-time.After(20 * time.Second):
		b.kill()
	}
}

// process is one child; its start time tells it from a later one of its id.
type process struct {
	pid              int
	started, cmdline string
}

// descendants are the processes that pid has started, and theirs.
func descendants(pid int) []process {
	lists, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	var found []process
	for _, list := range lists {
		text, _ := os.ReadFile(list)
		for _, field := range strings.Fields(string(text)) {
			child, err := strconv.Atoi(field)
			if err != nil {
				continue
			}
			cmdline, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", child))
			found = append(found, process{child, startTime(child), strings.ReplaceAll(string(cmdline), "\x00", " ")})
			found = append(found, descendants(child)...)
		}
	}
	return found
}

// startTime is field 22 of /proc/PID/stat, or empty if the process is gone or
// only waits to be reaped.
func startTime(pid int) string {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return ""
	}
	// The second field is a name in brackets that may hold anything.
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	if len(fields) < 20 || fields[0] == "Z" {
		return ""
	}
	return fields[19]
}

// gone waits until none of the processes lives.
func gone(children []process, within time.Duration) error {
	deadline := time.Now().Add(within)
	for {
		var left []string
		for _, c := range children {
			if c.started != "" && startTime(c.pid) == c.started {
				left = append(left, strconv.Itoa(c.pid)+" "+c.cmdline)
			}
		}
		if len(left) == 0 {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("children of the killed box live on: %s", strings.Join(left, "; "))
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func freeAddress() (string, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer ln.Close()
	return ln.Addr().String(), nil
}

func tail(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	return string(text[max(0, len(text)-2000):])
}
