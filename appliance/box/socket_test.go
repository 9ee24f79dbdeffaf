package box

import (
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestTheSocketStandsOutsideTheData(t *testing.T) {
	data := t.TempDir()
	path := SocketPath(&Config{Data: data})
	if strings.HasPrefix(path, data) || len(path) > 100 {
		t.Errorf("it stands at %s", path)
	}
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(data, link); err != nil {
		t.Fatal(err)
	}
	if other := SocketPath(&Config{Data: link}); other != path {
		t.Errorf("%s by a link, %s without", other, path)
	}
	if other := SocketPath(&Config{Data: t.TempDir()}); other == path {
		t.Error("two boxes share a socket")
	}
}

// TestOthersDoNotCommandTheBox connects as another user, to a socket that its
// mode and folder would let in.
func TestOthersDoNotCommandTheBox(t *testing.T) {
	b := &Box{Socket: filepath.Join(t.TempDir(), "box", "s.sock")}
	ln, err := b.Listen()
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	info, err := os.Stat(filepath.Dir(b.Socket))
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			_, _ = c.Write([]byte("welcome"))
			c.Close()
		}
	}()
	answer := func(c net.Conn, err error) string {
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		said := make([]byte, 20)
		n, _ := c.Read(said)
		return string(said[:n])
	}
	if got := answer(net.Dial("unix", b.Socket)); got != "welcome" {
		t.Errorf("the box's own user reads %q", got)
	}
	if os.Geteuid() != 0 {
		t.Log("only root can play another user")
		return
	}
	for _, path := range []string{b.Socket, filepath.Dir(b.Socket), filepath.Dir(filepath.Dir(b.Socket)), filepath.Dir(filepath.Dir(filepath.Dir(b.Socket)))} {
		if err := os.Chmod(path, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	got := make(chan string)
	go func() {
		runtime.LockOSThread() // and ends with it: this thread is another user's for ever
		if unix.Gettid() == os.Getpid() {
			panic("the first thread")
		}
		if _, _, errno := unix.RawSyscall(unix.SYS_SETRESUID, 65534, 65534, 65534); errno != 0 {
			panic(errno)
		}
		fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0)
		if err == nil {
			err = unix.Connect(fd, &unix.SockaddrUnix{Name: b.Socket})
		}
		if err != nil {
			got <- err.Error()
			return
		}
		said := make([]byte, 20)
		n, _ := unix.Read(fd, said)
		got <- string(said[:max(n, 0)])
	}()
	if said := <-got; said != "" {
		t.Errorf("another user reads %q", said)
	}
}

func TestAForeignFolderIsNotUsed(t *testing.T) {
	dir := t.TempDir()
	link := filepath.Join(dir, "link")
	if err := os.Symlink(dir, link); err != nil {
		t.Fatal(err)
	}
	if err := private(link); err == nil {
		t.Error("a link was followed")
	}
	if os.Geteuid() == 0 {
		if err := os.Chown(dir, 65534, 65534); err != nil {
			t.Fatal(err)
		}
		if err := private(dir); err == nil {
			t.Error("another user's folder is used")
		}
	}
}
