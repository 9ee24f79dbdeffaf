// Package blobs keeps the bytes of the data folder: originals under files/, each
// sealed with its organization's key; uploads on their way, sealed too, under
// uploads/; and the scratch of jobs, which is plain while a file is being read,
// under work/.
//
// An upload is one from Receive until Keep or Drop, and no sweep touches it in
// between. Its name among the originals appears only whole and stays after a
// power cut. What a crash leaves behind, Sweep removes.
package blobs

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"sync"

	"github.com/google/uuid"
	"golang.org/x/sys/unix"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/problem"
)

// Key seals an organization's files.
type Key interface {
	// Writer seals what is written to it; Close writes the end and leaves w open.
	Writer(w io.Writer) (io.WriteCloser, error)
	// Reader reads a sealed file of size bytes at any place.
	Reader(r io.ReaderAt, size int64) (*io.SectionReader, error)
}

// Keys finds an organization's key.
type Keys func(ctx context.Context, org appliance.OrgID) (Key, error)

// Folder is a data folder.
type Folder struct {
	dir  string
	keys Keys

	mu   sync.Mutex
	live map[string]bool // names of uploads that are neither kept nor dropped
}

// Open makes the folders that are missing.
func Open(dir string, keys Keys) (*Folder, error) {
	f := &Folder{dir: dir, keys: keys, live: map[string]bool{}}
	for _, sub := range []string{"files", "uploads", "work"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o750); err != nil {
			return nil, err
		}
	}
	return f, syncDir(dir)
}

// original is where an organization's bytes of a sha256 are. An organization's
// id is a name that the box gave, never what anybody wrote.
func (f *Folder) original(org appliance.OrgID, sha256 string) string {
	return filepath.Join(f.dir, "files", string(org), sha256[:2], sha256)
}

// Work is the scratch folder of a source's job.
func (f *Folder) Work(sourceID string) string {
	return filepath.Join(f.dir, "work", sourceID)
}

// DropWork removes the scratch folder of a source's job.
func (f *Folder) DropWork(sourceID string) error { return os.RemoveAll(f.Work(sourceID)) }

// Upload is a file that has arrived whole: synced, sealed, and nobody's yet.
type Upload struct {
	SHA256 string // of the plain bytes
	Bytes  int64

	folder *Folder
	org    appliance.OrgID
	name   string
}

func (u *Upload) path() string { return filepath.Join(u.folder.dir, "uploads", u.name) }

// settle lets the sweep have what is left of an upload.
func (u *Upload) settle() {
	u.folder.mu.Lock()
	defer u.folder.mu.Unlock()
	delete(u.folder.live, u.name)
}

// spaceStep is how much of an upload is written between two looks at the disk.
const spaceStep = 16 << 20

// Receive seals r into a file of its own, which the caller keeps or drops. size
// is what r will give at most, or -1. On any error nothing is left.
func (f *Folder) Receive(ctx context.Context, org appliance.OrgID, r io.Reader, size int64) (_ *Upload, err error) {
	key, err := f.keys(ctx, org)
	if err != nil {
		return nil, err
	}
	if err := f.Room(max(size, 0)); err != nil {
		return nil, err
	}
	u := &Upload{folder: f, org: org, name: uuid.NewString() + ".part"}
	f.mu.Lock()
	f.live[u.name] = true
	f.mu.Unlock()
	defer func() {
		if err != nil {
			err = errors.Join(err, u.Drop())
		}
	}()
	file, err := os.OpenFile(u.path(), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o640)
	if err != nil {
		return nil, DiskError(err)
	}
	if err = errors.Join(u.fill(key, file, untilDone{ctx, r}, size), DiskError(file.Close())); err != nil {
		return nil, err
	}
	return u, nil
}

// fill seals what r gives into file, and syncs it.
func (u *Upload) fill(key Key, file *os.File, r io.Reader, size int64) error {
	sealing, err := key.Writer(writer{file})
	if err != nil {
		return DiskError(err)
	}
	hash := sha256.New()
	both := io.MultiWriter(hash, sealing)
	for {
		got, err := io.CopyN(both, r, spaceStep)
		u.Bytes += got
		if errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return uploadError(err)
		}
		// Others write too, and a size may not have been known.
		if err := u.folder.Room(max(size-u.Bytes, 0)); err != nil {
			return err
		}
	}
	if u.Bytes == 0 {
		return problem.New(problem.Unreadable, "file_empty", "This file is empty.",
			"Copy it again from where it came from.", nil)
	}
	if err := sealing.Close(); err != nil {
		return uploadError(err)
	}
	u.SHA256 = hex.EncodeToString(hash.Sum(nil))
	return DiskError(file.Sync())
}

// untilDone stops a copy when the sender has gone.
type untilDone struct {
	ctx context.Context
	r   io.Reader
}

func (u untilDone) Read(p []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	return u.r.Read(p)
}

// Keep makes an upload an original. Where it fails, the caller still drops the
// upload.
func (u *Upload) Keep() error {
	path := u.folder.original(u.org, u.SHA256)
	folder := filepath.Dir(path)
	for _, dir := range []string{filepath.Dir(folder), folder} {
		if err := os.Mkdir(dir, 0o750); err == nil {
			if err := syncDir(filepath.Dir(dir)); err != nil {
				return DiskError(err)
			}
		} else if !errors.Is(err, fs.ErrExist) {
			return DiskError(err)
		}
	}
	if err := os.Rename(u.path(), path); err != nil {
		return DiskError(err)
	}
	u.settle()
	return DiskError(syncDir(folder))
}

// Drop removes an upload that was not kept; afterwards it does nothing.
func (u *Upload) Drop() error {
	err := remove(u.path())
	u.settle()
	return err
}

// Drop removes an original, if it is there.
func (f *Folder) Drop(org appliance.OrgID, sum string) error {
	path := f.original(org, sum)
	if err := remove(path); err != nil {
		return err
	}
	err := syncDir(filepath.Dir(path))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// Original is an original that is open: it is unsealed where it is read.
type Original interface {
	io.ReadSeekCloser
	io.ReaderAt
}

// Open opens an original.
func (f *Folder) Open(ctx context.Context, org appliance.OrgID, sum string) (Original, error) {
	key, err := f.keys(ctx, org)
	if err != nil {
		return nil, err
	}
	file, err := os.Open(f.original(org, sum))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, problem.New(problem.NotFound, "file_missing", "The file of this material is missing on the box.",
			"Delete the material and add the file again.", err)
	} else if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err == nil {
		var r *io.SectionReader
		if r, err = key.Reader(file, info.Size()); err == nil {
			return sealedFile{r, file}, nil
		}
	}
	return nil, errors.Join(err, file.Close())
}

type sealedFile struct {
	*io.SectionReader
	io.Closer
}

// Unseal makes a plain copy of an original in a job's scratch folder, for the
// programs that read it. It goes with the folder, at the end of the reading.
func (f *Folder) Unseal(ctx context.Context, org appliance.OrgID, sum, sourceID string) (string, error) {
	folder := f.Work(sourceID)
	if err := os.MkdirAll(folder, 0o750); err != nil {
		return "", DiskError(err)
	}
	sealed, err := f.Open(ctx, org, sum)
	if err != nil {
		return "", err
	}
	defer sealed.Close()
	path := filepath.Join(folder, "original")
	plain, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return "", DiskError(err)
	}
	_, err = io.Copy(plain, sealed)
	return path, DiskError(errors.Join(err, plain.Close()))
}

// DropAll removes an organization's originals.
func (f *Folder) DropAll(org appliance.OrgID) error {
	if org == "" || string(org) != filepath.Base(string(org)) {
		return fmt.Errorf("organization %q has no folder", org)
	}
	return errors.Join(os.RemoveAll(filepath.Join(f.dir, "files", string(org))), syncDir(filepath.Join(f.dir, "files")))
}

// reserve is how much of the disk uploads leave free, for the database and for
// work in progress: 1 GB or 5 %, but never more than a tenth of the disk.
func reserve(total uint64) uint64 {
	return min(max(1<<30, total/20), total/10)
}

// space is how many bytes of the disk are free, and how many of them are kept.
func (f *Folder) space() (free, kept uint64, ok bool) {
	var st unix.Statfs_t
	if err := unix.Statfs(f.dir, &st); err != nil {
		return 0, 0, false
	}
	return st.Bavail * uint64(st.Bsize), reserve(st.Blocks * uint64(st.Bsize)), true
}

// Free is how many bytes fit beside the reserve.
func (f *Folder) Free() int64 {
	free, kept, _ := f.space()
	return int64(free - min(free, kept))
}

// Room fails with ENoSpace unless size more bytes fit beside the reserve.
func (f *Folder) Room(size int64) error {
	free, kept, ok := f.space()
	need := uint64(size) + kept
	if !ok || free >= need { // if nobody knows, the write itself will tell
		return nil
	}
	return noSpace(fmt.Sprintf("There is not enough room on the box for this file: %s are needed and %s are free.",
		gigabytes(need), gigabytes(free)), nil).With("need_bytes", need).With("free_bytes", free)
}

func gigabytes(n uint64) string { return fmt.Sprintf("%.1f GB", float64(n)/1e9) }

func noSpace(message string, cause error) *problem.Error {
	return problem.New(problem.NoSpace, "disk_full", message,
		"Delete material that is no longer needed, then try again.", cause)
}

// DiskError tells a full disk from other errors of the disk.
func DiskError(err error) error {
	if errors.Is(err, unix.ENOSPC) || errors.Is(err, unix.EDQUOT) {
		return noSpace("The box's disk is full.", err)
	}
	return err
}

// writer marks the disk's errors, so that they are not taken for the sender's.
type writer struct{ io.Writer }

type writeError struct{ error }

func (e writeError) Unwrap() error { return e.error }

func (w writer) Write(p []byte) (int, error) {
	n, err := w.Writer.Write(p)
	if err != nil {
		err = writeError{err}
	}
	return n, err
}

// uploadError is why receiving ended early: our disk, or the other side.
func uploadError(err error) error {
	if own, ok := errors.AsType[writeError](err); ok {
		return DiskError(own.error)
	}
	if _, ok := errors.AsType[*problem.Error](err); ok {
		return err
	}
	return problem.New(problem.Cancelled, "upload_interrupted", "The file did not arrive completely.",
		"Send it again.", err)
}

var sumName = regexp.MustCompile(`^[0-9a-f]{64}$`)

// Sweep removes what a crash left: uploads that are neither on their way nor
// waiting to be kept, originals without a source (drop checks that), and
// scratch folders without a job.
func (f *Folder) Sweep(drop func(org appliance.OrgID, sum string) error, unfinished func(sourceID string) (bool, error)) error {
	uploads, err := os.ReadDir(filepath.Join(f.dir, "uploads"))
	for _, e := range uploads {
		if !f.isLive(e.Name()) {
			err = errors.Join(err, remove(filepath.Join(f.dir, "uploads", e.Name())))
		}
	}
	err = errors.Join(err, filepath.WalkDir(filepath.Join(f.dir, "files"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		if !sumName.MatchString(d.Name()) {
			return nil // somebody else's: not ours to remove
		}
		return drop(appliance.OrgID(filepath.Base(filepath.Dir(filepath.Dir(path)))), d.Name())
	}))
	return errors.Join(err, f.SweepWork(unfinished))
}

func (f *Folder) isLive(name string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.live[name]
}

// SweepWork removes scratch folders without a job.
func (f *Folder) SweepWork(unfinished func(sourceID string) (bool, error)) error {
	jobs, err := os.ReadDir(filepath.Join(f.dir, "work"))
	for _, e := range jobs {
		needed, askErr := unfinished(e.Name())
		if err = errors.Join(err, askErr); askErr == nil && !needed {
			err = errors.Join(err, f.DropWork(e.Name()))
		}
	}
	return err
}

// remove removes a file that may have gone meanwhile.
func remove(path string) error {
	if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// syncDir makes the names in a folder survive a power cut.
func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
