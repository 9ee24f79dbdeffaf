package box

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// SocketPath is where the box listens for the command line. Whoever can open the
// socket is the school's owner, so it stands in a private folder outside the data
// folder, which children of the box are given parts of. The box and the command
// line, which may be run by root, find it by the same rule: a folder of the user
// who owns the data, and a name made of the data folder's path.
func SocketPath(cfg *Config) string {
	data, err := filepath.Abs(cfg.Data)
	if err != nil {
		data = cfg.Data
	}
	uid := os.Geteuid()
	if real, err := filepath.EvalSymlinks(data); err == nil {
		data = real
		uid = ownerOf(data, uid)
	}
	sum := sha256.Sum256([]byte(data))
	return filepath.Join(socketFolder(uid), hex.EncodeToString(sum[:8])+".sock")
}

// socketFolder is a user's: the one that systemd made for the box, the user's
// own, or one that the box makes.
func socketFolder(uid int) string {
	const system = "/run/bwenge"
	if uid == 0 || ownerOf(system, -1) == uid {
		return system
	}
	if own := filepath.Join("/run/user", strconv.Itoa(uid)); ownerOf(own, -1) == uid {
		return filepath.Join(own, "bwenge")
	}
	return filepath.Join("/tmp", "bwenge-"+strconv.Itoa(uid))
}

// ownerOf is the user who owns what stands at path itself, or otherwise.
func ownerOf(path string, otherwise int) int {
	if info, err := os.Lstat(path); err == nil {
		if st, ok := info.Sys().(*syscall.Stat_t); ok {
			return int(st.Uid)
		}
	}
	return otherwise
}

// private makes a folder that its owner alone can enter, and refuses one that
// somebody else has put there.
func private(dir string) error {
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	if !info.IsDir() || ownerOf(dir, -1) != os.Geteuid() {
		return fmt.Errorf("%s is not a folder of the box's user; remove it", dir)
	}
	return os.Chmod(dir, 0o700)
}

// Listen listens for the command line. A socket that a dead box left is
// replaced; the lock on the data folder says that it is dead.
func (b *Box) Listen() (net.Listener, error) {
	if err := private(filepath.Dir(b.Socket)); err != nil {
		return nil, fmt.Errorf("listen for the command line: %w", err)
	}
	if err := os.Remove(b.Socket); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	ln, err := net.Listen("unix", b.Socket)
	if err != nil {
		return nil, fmt.Errorf("listen for the command line: %w", err)
	}
	if err := os.Chmod(b.Socket, 0o600); err != nil {
		return nil, errors.Join(err, ln.Close())
	}
	return ownListener{ln}, nil
}

// ownListener lets in root and the box's own user.
type ownListener struct{ net.Listener }

func (l ownListener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		uid, err := peer(c)
		if err == nil && mayCommand(uid) {
			return c, nil
		}
		slog.Warn("somebody else tried to command the box", "user", uid, "error", err)
		c.Close()
	}
}

func mayCommand(uid int) bool { return uid == 0 || uid == os.Geteuid() }

// peer is the user at the other end of a unix socket, as the kernel knows.
func peer(c net.Conn) (uid int, err error) {
	raw, ok := c.(syscall.Conn)
	if !ok {
		return -1, fmt.Errorf("%T has no descriptor", c)
	}
	conn, err := raw.SyscallConn()
	if err != nil {
		return -1, err
	}
	uid = -1
	controlErr := conn.Control(func(fd uintptr) {
		var cred *unix.Ucred
		if cred, err = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED); err == nil {
			uid = int(cred.Uid)
		}
	})
	return uid, errors.Join(err, controlErr)
}
