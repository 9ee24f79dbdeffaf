package catalogue

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bwenge-os/bwenge/internal/problem"
)

// isURL tells a mirror on the network from a directory.
func isURL(s string) bool {
	return strings.HasPrefix(s, "http://") || strings.HasPrefix(s, "https://")
}

// fromMirror fetches the file from the operator's mirror: a directory or a
// web server that holds it under its name, or as a copy of a weights folder.
func (p *Puller) fromMirror(ctx context.Context, w Weight, _ Source) error {
	names := []string{w.File, "sha256/" + w.SHA256}
	if !isURL(p.Mirror) {
		for _, name := range names {
			err := p.copyFile(ctx, w, filepath.Join(p.Mirror, filepath.FromSlash(name)), "the mirror")
			if !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
		return fmt.Errorf("it has no %s", w.File)
	}
	for _, name := range names {
		err := p.download(ctx, w, strings.TrimSuffix(p.Mirror, "/")+"/"+name, "the mirror")
		if !errors.Is(err, statusError(http.StatusNotFound)) {
			return err
		}
	}
	return fmt.Errorf("it has no %s", w.File)
}

// copyFile copies a file into the weight's .part file, going on with what is
// there.
func (p *Puller) copyFile(ctx context.Context, w Weight, path, from string) error {
	in, err := os.Open(path)
	if err != nil {
		return err
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return err
	}
	if info.Size() != w.Size {
		return fmt.Errorf("%w: %s has %d bytes instead of %d", errWrongBytes, path, info.Size(), w.Size)
	}
	f, have, err := openPart(store{p.Dir}.part(w), w.Size)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := in.Seek(have, io.SeekStart); err != nil {
		return err
	}
	count := p.counter(w, from, w.Size)
	count(have)
	if _, err := io.Copy(f, &meter{ctx: ctx, r: in, progress: count}); err != nil {
		return err
	}
	return f.Close()
}

// Import copies the known weight files that are in a directory, such as a USB
// stick, wherever in it and under whatever name: files are told by size and
// sha256. It returns those that are now in the folder, or already were.
func (p *Puller) Import(ctx context.Context, dir string, known []Weight) ([]Weight, error) {
	p.init()
	if err := os.MkdirAll(p.Dir, 0o755); err != nil {
		return nil, err
	}
	unlock, err := p.lock(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	candidates, err := findBySize(ctx, dir, known)
	if err != nil {
		return nil, problem.New(problem.NotFound, "import_unreadable",
			fmt.Sprintf("The folder %s cannot be read.", dir),
			"Check that the stick is plugged in and the folder's name is right.", err)
	}
	s := store{p.Dir}
	var found []Weight
	var wrong []string
	for _, w := range known {
		paths := candidates[w.Size]
		if len(paths) == 0 {
			continue
		}
		if state, _ := s.check(w); state == Ready {
			found = append(found, w)
			continue
		}
		if err := p.checkSpace([]Weight{w}); err != nil {
			return found, err
		}
		ok, err := p.importOne(ctx, w, paths)
		if err != nil {
			return found, err
		}
		if ok {
			found = append(found, w)
		} else {
			wrong = append(wrong, w.File)
		}
	}
	if len(found) == 0 {
		message := fmt.Sprintf("No model file that the box knows is in %s.", dir)
		if len(wrong) > 0 {
			message = fmt.Sprintf("What looks like %s in %s is damaged.", strings.Join(wrong, ", "), dir)
		}
		return nil, problem.New(problem.NotFound, "import_nothing", message,
			"bwenge models list shows the files that the box can use; copy them to the stick again.", nil)
	}
	return found, nil
}

func (p *Puller) importOne(ctx context.Context, w Weight, paths []string) (bool, error) {
	part := store{p.Dir}.part(w)
	for _, path := range paths {
		// What an interrupted download left may be of another file.
		if err := os.Remove(part); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return false, err
		}
		err := p.copyFile(ctx, w, path, filepath.Dir(path))
		if err == nil {
			err = p.accept(ctx, w, part)
		}
		if err == nil {
			p.report(Progress{Weight: w, Stage: StageDone, Done: w.Size, Total: w.Size})
			return true, nil
		}
		if !errors.Is(err, errWrongBytes) {
			return false, err
		}
		p.note(w, "%s: %v", path, err)
	}
	return false, nil
}

// findBySize lists the regular files below dir whose size is that of a known
// file. Folders that cannot be read are passed over, but for dir itself.
func findBySize(ctx context.Context, dir string, known []Weight) (map[int64][]string, error) {
	sizes := map[int64]bool{}
	for _, w := range known {
		sizes[w.Size] = true
	}
	out := map[int64][]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			if path == dir {
				return err
			}
			return fs.SkipDir
		}
		if !d.Type().IsRegular() {
			return nil
		}
		if info, err := d.Info(); err == nil && sizes[info.Size()] {
			out[info.Size()] = append(out[info.Size()], path)
		}
		return nil
	})
	for _, paths := range out {
		slices.Sort(paths)
	}
	return out, err
}
