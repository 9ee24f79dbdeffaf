package ingest

import (
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
	"github.com/bwenge-os/bwenge/appliance/school/keys"
	"github.com/bwenge-os/bwenge/internal/problem"
)

// files is the data folder: originals under files/, each sealed with its
// organization's key; uploads on their way, sealed too, under uploads/; and the
// scratch of jobs, which is plain while a file is being read, under work/.
type files struct {
	dir  string
	live *sync.Map // names of uploads on their way
}

func newFiles(dir string) (files, error) {
	f := files{dir, &sync.Map{}}
	for _, sub := range []string{"files", "uploads", "work"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o750); err != nil {
			return f, err
		}
	}
	return f, syncDir(dir)
}

// original is where an organization's bytes of a sha256 are. An organization's
// id is a name that the box gave, never what anybody wrote.
func (f files) original(org appliance.OrgID, sha256 string) string {
	return filepath.Join(f.dir, "files", string(org), sha256[:2], sha256)
}

// work is the scratch folder of a source's job.
func (f files) work(sourceID string) string {
	return filepath.Join(f.dir, "work", sourceID)
}

// spaceStep is how much of an upload is written between two looks at the disk.
const spaceStep = 16 << 20

// receive seals r into a .part file. It returns its path, the sha256 and length of the
// plain bytes; the file is synced. On any error nothing is left.
func (f files) receive(key *keys.DataKey, r io.Reader, size int64) (part, sum string, n int64, err error) {
	if err := f.room(max(size, 0)); err != nil {
		return "", "", 0, err
	}
	name := uuid.NewString() + ".part"
	f.live.Store(name, true)
	defer f.live.Delete(name)
	path := filepath.Join(f.dir, "uploads", name)
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o640)
	if err != nil {
		return "", "", 0, diskError(err)
	}
	defer func() {
		if closeErr := file.Close(); err == nil {
			err = diskError(closeErr)
		}
		if err != nil {
			os.Remove(path)
		}
	}()
	sealing, err := key.Writer(writer{file})
	if err != nil {
		return "", "", 0, diskError(err)
	}
	hash := sha256.New()
	both := io.MultiWriter(hash, sealing)
	for {
		got, err := io.CopyN(both, r, spaceStep)
		n += got
		if errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return "", "", 0, uploadError(err)
		}
		// Others write too, and a size may not have been known.
		if err := f.room(max(size-n, 0)); err != nil {
			return "", "", 0, err
		}
	}
	if n == 0 {
		return "", "", 0, problem.New(problem.Unreadable, "file_empty", "This file is empty.",
			"Copy it again from where it came from.", nil)
	}
	if err := sealing.Close(); err != nil {
		return "", "", 0, uploadError(err)
	}
	return path, hex.EncodeToString(hash.Sum(nil)), n, diskError(file.Sync())
}

// keep makes a received file an original. The name appears only whole, and
// stays after a power cut.
func (f files) keep(part string, org appliance.OrgID, sum string) error {
	path := f.original(org, sum)
	folder := filepath.Dir(path)
	if err := os.Mkdir(filepath.Dir(folder), 0o750); err == nil {
		if err := syncDir(filepath.Join(f.dir, "files")); err != nil {
			return diskError(err)
		}
	} else if !errors.Is(err, fs.ErrExist) {
		return diskError(err)
	}
	if err := os.Mkdir(folder, 0o750); err == nil {
		if err := syncDir(filepath.Dir(folder)); err != nil {
			return diskError(err)
		}
	} else if !errors.Is(err, fs.ErrExist) {
		return diskError(err)
	}
	if err := os.Rename(part, path); err != nil {
		return diskError(err)
	}
	return diskError(syncDir(folder))
}

// drop removes an original, if it is there.
func (f files) drop(org appliance.OrgID, sum string) error {
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

// open opens an original.
func (f files) open(key *keys.DataKey, org appliance.OrgID, sum string) (io.ReadSeekCloser, error) {
	file, err := os.Open(f.original(org, sum))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errFileMissing(err)
	} else if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err == nil {
		var r *keys.Reader
		if r, err = key.Reader(file, info.Size()); err == nil {
			return sealedFile{r, file}, nil
		}
	}
	return nil, errors.Join(err, file.Close())
}

type sealedFile struct {
	*keys.Reader
	io.Closer
}

// unseal makes a plain copy of an original in a job's scratch folder, for the
// programs that read it. It goes with the folder, at the end of the reading.
func (f files) unseal(key *keys.DataKey, org appliance.OrgID, sum, folder string) (string, error) {
	sealed, err := f.open(key, org, sum)
	if err != nil {
		return "", err
	}
	defer sealed.Close()
	path := filepath.Join(folder, "original")
	plain, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return "", err
	}
	_, err = io.Copy(plain, sealed)
	return path, errors.Join(err, plain.Close())
}

// dropAll removes an organization's originals.
func (f files) dropAll(org appliance.OrgID) error {
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

// room fails with ENoSpace unless size more bytes fit beside the reserve.
func (f files) room(size int64) error {
	var st unix.Statfs_t
	if err := unix.Statfs(f.dir, &st); err != nil {
		return nil // the write itself will tell
	}
	free, need := st.Bavail*uint64(st.Bsize), uint64(size)+reserve(st.Blocks*uint64(st.Bsize))
	if free >= need {
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

// diskError tells a full disk from other errors of the disk.
func diskError(err error) error {
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
		return diskError(own.error)
	}
	if _, ok := errors.AsType[*problem.Error](err); ok {
		return err
	}
	return problem.New(problem.Cancelled, "upload_interrupted", "The file did not arrive completely.",
		"Send it again.", err)
}

var sumName = regexp.MustCompile(`^[0-9a-f]{64}$`)

// sweep removes what a crash left: uploads that are not on their way, originals
// without a source (drop checks that), and scratch folders without a job.
func (f files) sweep(drop func(org appliance.OrgID, sum string) error, unfinished func(sourceID string) (bool, error)) error {
	uploads, err := os.ReadDir(filepath.Join(f.dir, "uploads"))
	for _, e := range uploads {
		if _, live := f.live.Load(e.Name()); !live {
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
	return errors.Join(err, f.sweepWork(unfinished))
}

// sweepWork removes scratch folders without a job.
func (f files) sweepWork(unfinished func(sourceID string) (bool, error)) error {
	jobs, err := os.ReadDir(filepath.Join(f.dir, "work"))
	for _, e := range jobs {
		needed, askErr := unfinished(e.Name())
		if err = errors.Join(err, askErr); askErr == nil && !needed {
			err = errors.Join(err, os.RemoveAll(f.work(e.Name())))
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
