package parts

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"path"
	"strings"

	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/fault"
)

const (
	// MaxParts bounds the parts of an office file; books have one file per
	// picture and get MaxBookParts.
	MaxParts     = 2000
	MaxBookParts = 5000
	// maxDirectory bounds what is read of a zip's table of contents: 400
	// bytes for each entry of the largest archive allowed.
	maxDirectory = 2 << 20
	// An archive may inflate to maxRatio times its size beyond a floor that
	// leaves room for small files full of repeats, and never past
	// maxInflated. The bytes are counted as they come: the sizes in the
	// headers lie.
	maxRatio      = 100
	inflatedFloor = 8 << 20
	maxInflated   = 200 << 20
)

// ErrInflated is a bomb's end.
var ErrInflated = errors.New("zip: inflates past the limit")

// Archive is a zip whose inflated bytes are counted over all entries.
type Archive struct {
	entries map[string]*zip.File // by normalised name, see Name
	Left    int64                // bytes that may still be inflated
}

// Open reads the table of contents, at most maxDirectory bytes of it.
func Open(r io.ReaderAt, size int64, limit int) (*Archive, error) {
	budget := &directoryReader{r: r, left: maxDirectory}
	zr, err := zip.NewReader(budget, size)
	if errors.Is(err, ErrInflated) {
		return nil, fault.TooComplex(err)
	}
	if err != nil {
		return nil, fault.Damaged(err)
	}
	budget.left = -1
	if len(zr.File) > limit {
		return nil, fault.TooComplex(errors.New("zip: too many entries"))
	}
	a := &Archive{
		entries: make(map[string]*zip.File, len(zr.File)),
		Left:    min(inflatedFloor+maxRatio*size, maxInflated),
	}
	for _, f := range zr.File {
		name := Name(f.Name)
		if _, twice := a.entries[name]; !twice { // the first wins, as in Word
			a.entries[name] = f
		}
	}
	return a, nil
}

// Name makes an entry's name comparable: OOXML part names are absolute and
// know no case, and careless writers use backslashes. The result is a key only,
// never a path on disk.
func Name(name string) string {
	name = strings.ReplaceAll(name, `\`, "/")
	return strings.ToLower(strings.TrimPrefix(path.Clean("/"+name), "/"))
}

// Has reports whether there is an entry of this name.
func (a *Archive) Has(name string) bool {
	_, ok := a.entries[Name(name)]
	return ok
}

// errNoPart is the cause when a part that a format needs is not in the archive.
var errNoPart = errors.New("zip: part is missing")

// Open starts reading a part. It fails with errNoPart if there is none.
func (a *Archive) Open(name string) (io.ReadCloser, error) {
	f, ok := a.entries[Name(name)]
	if !ok {
		return nil, errNoPart
	}
	if f.Flags&1 != 0 {
		return nil, fault.Password(nil)
	}
	rc, err := f.Open()
	if err != nil {
		return nil, err
	}
	return &inflating{ReadCloser: rc, archive: a}, nil
}

// Bytes reads a whole part of at most limit bytes.
func (a *Archive) Bytes(name string, limit int64) ([]byte, error) {
	rc, err := a.Open(name)
	if err != nil {
		return nil, err
	}
	defer rc.Close()
	var b bytes.Buffer
	n, err := io.Copy(&b, io.LimitReader(rc, limit+1))
	if err != nil {
		return nil, err
	}
	if n > limit {
		return nil, ErrInflated
	}
	return b.Bytes(), nil
}

// inflating counts what comes out of one entry against the whole archive.
type inflating struct {
	io.ReadCloser
	archive *Archive
}

func (r *inflating) Read(p []byte) (int, error) {
	if r.archive.Left <= 0 {
		return 0, ErrInflated
	}
	if int64(len(p)) > r.archive.Left {
		p = p[:r.archive.Left]
	}
	n, err := r.ReadCloser.Read(p)
	r.archive.Left -= int64(n)
	return n, err
}

// directoryReader bounds the bytes read while left is not negative.
type directoryReader struct {
	r    io.ReaderAt
	left int64
}

func (d *directoryReader) ReadAt(p []byte, off int64) (int, error) {
	if d.left >= 0 {
		if int64(len(p)) > d.left {
			return 0, ErrInflated
		}
		d.left -= int64(len(p))
	}
	return d.r.ReadAt(p, off)
}
