package pdf

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
)

// catalogObject finds the root of a PDF's objects.
var catalogObject = regexp.MustCompile(`(?s)(\d{1,10})\s+(\d{1,5})\s+obj\s*<<.{0,300}?/Type\s*/Catalog\b`)

// maxRepair bounds how much of a broken PDF is looked through.
const maxRepair = 256 << 20

// withTrailer puts a trailer behind a PDF that was cut off: with the name of
// the root object the engine finds the others itself. It returns nil if the
// root is not to be found (it may be in the missing part, or compressed).
func withTrailer(r io.ReaderAt, size int64) *io.SectionReader {
	const window, overlap = 1 << 20, 1 << 10
	buf := make([]byte, window)
	for off := int64(0); off < min(size, maxRepair); off += window - overlap {
		n, err := r.ReadAt(buf, off)
		if m := catalogObject.FindSubmatch(buf[:n]); m != nil {
			trailer := fmt.Appendf(nil, "\nendobj\ntrailer\n<< /Root %s %s R >>\nstartxref\n0\n%%%%EOF\n", m[1], m[2])
			return io.NewSectionReader(&appended{r, size, trailer}, 0, size+int64(len(trailer)))
		}
		if err != nil {
			break
		}
	}
	return nil
}

// appended is a file with something behind it.
type appended struct {
	r    io.ReaderAt
	size int64
	tail []byte
}

func (a *appended) ReadAt(p []byte, off int64) (int, error) {
	n := 0
	if off < a.size {
		var err error
		n, err = a.r.ReadAt(p[:min(int64(len(p)), a.size-off)], off)
		if err != nil && err != io.EOF || n == len(p) {
			return n, err
		}
	}
	m, err := bytes.NewReader(a.tail).ReadAt(p[n:], off+int64(n)-a.size)
	return n + m, err
}
