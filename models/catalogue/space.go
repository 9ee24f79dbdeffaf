package catalogue

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"github.com/bwenge-os/bwenge/internal/problem"
)

// spare is left free on the disk, for the database and the teachers' files.
const spare = 200_000_000

// checkSpace fails early when the disk cannot hold the files and, for one at a
// time, the packages that they are made from.
func (p *Puller) checkSpace(missing []Weight) error {
	if len(missing) == 0 {
		return nil
	}
	s := store{p.Dir}
	var need, extra int64
	for _, w := range missing {
		need += w.Size
		if info, err := os.Stat(s.part(w)); err == nil {
			need -= min(info.Size(), w.Size)
		}
		for _, src := range w.Sources {
			var n int64
			for _, pkg := range src.Packages {
				if src.Recipe != "" {
					n += 2 * pkg.Bytes // and what is unpacked from it
				} else {
					n += pkg.Bytes
				}
				if _, err := os.Stat(s.wheel(pkg)); err == nil {
					n -= pkg.Bytes
				}
			}
			extra = max(extra, n)
		}
	}
	need += extra + spare
	var fs unix.Statfs_t
	if err := unix.Statfs(p.Dir, &fs); err != nil {
		return fmt.Errorf("free space of %s: %w", p.Dir, err)
	}
	free := int64(fs.Bavail) * int64(fs.Bsize)
	if free >= need {
		return nil
	}
	return problem.New(problem.NoSpace, "weights_no_space",
		fmt.Sprintf("The model files need %s of free space in %s, and %s are free.", Bytes(need), p.Dir, Bytes(free)),
		"Free some space, or set BWENGE_MODELS to a folder on a larger disk.", nil).
		With("need", need).With("free", free)
}

// lock makes sure that one pull at a time writes to the folder. It waits for
// another one to end.
func (p *Puller) lock(ctx context.Context) (unlock func(), err error) {
	if err := os.MkdirAll(p.Dir, 0o755); err != nil {
		return nil, problem.New(problem.Unavailable, "weights_folder",
			fmt.Sprintf("The folder %s cannot be made.", p.Dir),
			"Set BWENGE_MODELS to a folder that you may write to.", err)
	}
	f, err := os.OpenFile(filepath.Join(p.Dir, "lock"), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, problem.New(problem.Unavailable, "weights_folder",
			fmt.Sprintf("The folder %s cannot be written to.", p.Dir),
			"Set BWENGE_MODELS to a folder that you may write to.", err)
	}
	err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		p.report(Progress{Stage: StageNote, Note: "another bwenge is fetching model files; waiting for it"})
		err = waitLock(ctx, f)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return func() { f.Close() }, nil // closing lets go of the lock
}

// waitLock tries until the lock is had or the context ends.
func waitLock(ctx context.Context, f *os.File) error {
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
		if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); !errors.Is(err, unix.EWOULDBLOCK) {
			return err
		}
	}
}
