package box

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// One process at a time owns a data folder: it holds the lock and listens on
// the socket that goes with it (see SocketPath). Others talk to that one.
const lockFile = "lock"

// ErrOwned says that another process owns the data folder.
var ErrOwned = errors.New("another bwenge uses this data folder")

// Own takes the data folder, making it if need be. The kernel gives it back
// when the process ends, however it ends.
func Own(cfg *Config) (release func(), err error) {
	if err := os.MkdirAll(cfg.Data, 0o750); err != nil {
		return nil, fmt.Errorf("the data folder cannot be made: %w", err)
	}
	f, err := os.OpenFile(cfg.Path(lockFile), os.O_CREATE|os.O_RDWR, 0o640)
	if err != nil {
		return nil, fmt.Errorf("the data folder cannot be used: %w", err)
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		f.Close()
		if errors.Is(err, unix.EWOULDBLOCK) {
			return nil, ErrOwned
		}
		return nil, fmt.Errorf("the data folder cannot be locked: %w", err)
	}
	return func() { f.Close() }, nil
}

// With calls fn with a client of the box that owns the data folder: the one
// that is running, or one that lives as long as fn does. When the box ends
// under it (another command's box, stopped), fn is called again with the next
// one; what fn does must be safe to repeat, as the API's calls are.
func With(ctx context.Context, cfg *Config, fn func(context.Context, *Client) error) error {
	const patience = 30 * time.Second // for a box that is starting or stopping
	var deadline time.Time
	for {
		err := withOneBox(ctx, cfg, fn)
		if !errors.Is(err, ErrGone) && !errors.Is(err, ErrOwned) || ctx.Err() != nil {
			return err
		}
		if deadline.IsZero() || errors.Is(err, ErrGone) {
			deadline = time.Now().Add(patience)
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%w, and it does not answer on %s", err, SocketPath(cfg))
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(200 * time.Millisecond):
		}
	}
}

func withOneBox(ctx context.Context, cfg *Config, fn func(context.Context, *Client) error) error {
	socket := SocketPath(cfg)
	if Reachable(socket) {
		return fn(ctx, NewClient(socket))
	}
	release, err := Own(cfg)
	if err != nil {
		return err
	}
	defer release()

	b, err := Open(ctx, cfg)
	if err != nil {
		return err
	}
	defer b.Close()
	return b.While(ctx, func(ctx context.Context) error { return fn(ctx, NewClient(socket)) })
}

// While runs the box for the command line, and for the listeners if there are
// any, as long as fn runs.
func (b *Box) While(ctx context.Context, fn func(context.Context) error, listeners ...net.Listener) error {
	ln, err := b.Listen()
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() {
		defer stop() // fn waits for a box that is not there any more
		ended <- b.Run(ctx, append(listeners, ln)...)
	}()
	err = fn(ctx)
	stop()
	if runErr := <-ended; runErr != nil && (err == nil || errors.Is(err, context.Canceled) || errors.Is(err, ErrGone)) {
		err = runErr // which is why fn could not go on
	}
	return err
}
