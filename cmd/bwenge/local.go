package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// One process at a time owns a data folder: it holds the lock and listens on
// the socket beside it. Others talk to that one.
const (
	lockFile   = "lock"
	socketFile = "box.sock"
)

// errOwned says that another process owns the data folder.
var errOwned = errors.New("another bwenge uses this data folder")

// own takes the data folder, making it if need be. The kernel gives it back
// when the process ends, however it ends.
func own(cfg *Config) (release func(), err error) {
	if err := os.MkdirAll(cfg.Data, 0o750); err != nil {
		return nil, fmt.Errorf("the data folder cannot be made: %w", err)
	}
	f, err := os.OpenFile(cfg.path(lockFile), os.O_CREATE|os.O_RDWR, 0o640)
	if err != nil {
		return nil, fmt.Errorf("the data folder cannot be used: %w", err)
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		f.Close()
		if errors.Is(err, unix.EWOULDBLOCK) {
			return nil, errOwned
		}
		return nil, fmt.Errorf("the data folder cannot be locked: %w", err)
	}
	return func() { f.Close() }, nil
}

// socketPath is where the box listens for the command line. A socket's name is
// at most 107 bytes, so a deep data folder is reached by a shorter way.
func socketPath(cfg *Config) string {
	path := cfg.path(socketFile)
	if len(path) <= 100 {
		return path
	}
	if wd, err := os.Getwd(); err == nil {
		if rel, err := filepath.Rel(wd, path); err == nil && len(rel) <= 100 {
			return rel
		}
	}
	return path
}

// withBox calls fn with a client of the box that owns the data folder: the one
// that is running, or one that lives as long as fn does. When the box ends
// under it (another command's box, stopped), fn is called again with the next
// one; what fn does must be safe to repeat, as the API's calls are.
func withBox(ctx context.Context, cfg *Config, fn func(*client) error) error {
	const patience = 30 * time.Second // for a box that is starting or stopping
	var deadline time.Time
	for {
		err := withOneBox(ctx, cfg, fn)
		if !errors.Is(err, errGone) && !errors.Is(err, errOwned) || ctx.Err() != nil {
			return err
		}
		if deadline.IsZero() || errors.Is(err, errGone) {
			deadline = time.Now().Add(patience)
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%w, and it does not answer on %s", err, socketPath(cfg))
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(200 * time.Millisecond):
		}
	}
}

func withOneBox(ctx context.Context, cfg *Config, fn func(*client) error) error {
	socket := socketPath(cfg)
	if reachable(socket) {
		return fn(newClient(socket))
	}
	release, err := own(cfg)
	if err != nil {
		return err
	}
	defer release()

	box, err := openBox(ctx, cfg)
	if err != nil {
		return err
	}
	defer box.close()
	return box.while(ctx, func(ctx context.Context) error { return fn(newClient(socket)) })
}
