// Package zimfile reads the container of offline encyclopaedias, the ZIM file.
package zimfile

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/url"
	"path"
	"strings"

	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"

	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/clean"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/fault"
)

// A ZIM file is a header, a list of media types, entries (the name of a page and
// where it lies), lists of pointers to them in the order of their names, and
// clusters: blobs that are compressed together. Nothing but the header is held
// in memory whole; every place and size is checked before it is used.

var Magic = []byte("ZIM\x04")

const (
	headerSize = 80
	// MaxEntries is ten times the largest Wikipedia.
	MaxEntries = 100_000_000
	maxName    = 8 << 10 // bytes of an address and a title together
	maxMimes   = 64 << 10
	// maxCluster bounds what one cluster inflates to, maxWindow what a
	// decompressor holds. Writers use clusters of 2 MB and windows of 64 MB at
	// most, but a cluster with one large blob is as large as that.
	maxCluster = 256 << 20
	maxWindow  = 64 << 20
)

// File is an open archive.
type File struct {
	r    io.ReaderAt
	size int64

	Entries, clusters      uint32
	paths, clusterPointers int64 // where the lists are
	mimes                  []string
	modern                 bool // articles stand in namespace C, their list in X
	zstd                   *zstd.Decoder
	name, pointer          []byte // scratch of entry
}

// Entry is one name in an archive.
type Entry struct {
	Index         uint32
	Space         byte
	Path, Title   string
	Mime          string // empty for redirects
	Redirect      bool
	target        uint32 // of a redirect
	Cluster, Blob uint32
}

var (
	errEntry   = errors.New("zim: bad entry")
	ErrCluster = errors.New("zim: bad cluster")
)

// Open reads the header. What lies behind the end of the file is an archive
// that was not copied completely.
func Open(r io.ReaderAt, size int64) (*File, error) {
	head := make([]byte, headerSize)
	if _, err := r.ReadAt(head, 0); err != nil {
		return nil, fault.Damaged(err)
	}
	le := binary.LittleEndian
	z := &File{r: r, size: size, Entries: le.Uint32(head[24:]), clusters: le.Uint32(head[28:])}
	major, minor := le.Uint16(head[4:]), le.Uint16(head[6:])
	paths, clusters := le.Uint64(head[32:]), le.Uint64(head[48:])
	mimes, checksum := le.Uint64(head[56:]), le.Uint64(head[72:])
	switch {
	case !bytes.HasPrefix(head, Magic):
		return nil, fault.Damaged(errors.New("zim: no magic"))
	case major != 5 && major != 6:
		return nil, fault.Damaged(fmt.Errorf("zim: version %d.%d", major, minor))
	case z.Entries > MaxEntries || z.clusters > MaxEntries:
		return nil, fault.TooComplex(fmt.Errorf("zim: %d entries in %d clusters", z.Entries, z.clusters))
	}
	z.modern = major == 6 && minor >= 1
	within := func(at uint64, length int64) bool { return at <= uint64(size) && int64(at)+length <= size }
	if !within(paths, 8*int64(z.Entries)) || !within(clusters, 8*int64(z.clusters)) || !within(mimes, 1) {
		end := max(paths+8*uint64(z.Entries), clusters+8*uint64(z.clusters), checksum)
		if end > uint64(size) && end < 1<<50 {
			return nil, fault.ArchiveCut(size, int64(end))
		}
		return nil, fault.Damaged(errors.New("zim: lists outside of the file"))
	}
	z.paths, z.clusterPointers = int64(paths), int64(clusters)
	if z.Entries == 0 || z.clusters == 0 {
		return nil, fault.NoText()
	}
	return z, z.readMimes(int64(mimes))
}

// Cut says how long the file should be, if it is shorter.
func (z *File) Cut() (want int64, short bool) {
	at := make([]byte, 8)
	if _, err := z.r.ReadAt(at, 72); err != nil {
		return 0, false
	}
	checksum := binary.LittleEndian.Uint64(at)
	return int64(checksum) + 16, checksum > 0 && checksum < 1<<50 && int64(checksum)+16 > z.size
}

func (z *File) readMimes(at int64) error {
	list := make([]byte, min(maxMimes, z.size-at))
	if _, err := z.r.ReadAt(list, at); err != nil && err != io.EOF {
		return fault.Damaged(err)
	}
	for {
		mime, rest, ok := bytes.Cut(list, []byte{0})
		if !ok || len(mime) == 0 {
			return nil
		}
		kind, _, _ := strings.Cut(string(mime), ";")
		z.mimes = append(z.mimes, strings.ToLower(strings.TrimSpace(kind)))
		list = rest
	}
}

// Entry reads the entry of an index.
func (z *File) Entry(i uint32) (e Entry, err error) {
	if i >= z.Entries {
		return e, errEntry
	}
	if z.name == nil {
		z.name, z.pointer = make([]byte, 16+maxName), make([]byte, 8)
	}
	if _, err := z.r.ReadAt(z.pointer, z.paths+8*int64(i)); err != nil {
		return e, err
	}
	at := int64(binary.LittleEndian.Uint64(z.pointer))
	if at < headerSize || at > z.size-12 {
		return e, errEntry
	}
	const usual = 256 // bytes; few names are longer
	for _, length := range []int{usual, len(z.name)} {
		n, err := z.r.ReadAt(z.name[:length], at)
		if err != nil && err != io.EOF {
			return e, err
		}
		if e, err = z.parseEntry(i, z.name[:n]); err == nil {
			return e, nil
		}
	}
	return e, errEntry
}

func (z *File) parseEntry(i uint32, b []byte) (e Entry, err error) {
	if len(b) < 12 {
		return e, errEntry
	}
	le := binary.LittleEndian
	kind := le.Uint16(b)
	e.Index, e.Space = i, b[3]
	names := b[12:]
	switch {
	case kind == 0xffff:
		e.Redirect, e.target = true, le.Uint32(b[8:])
	case kind >= 0xfffd: // a link target or a deleted entry: nothing to read
		names = b[8:]
	case int(kind) >= len(z.mimes) || len(b) < 16:
		return e, errEntry
	default:
		e.Mime, e.Cluster, e.Blob = z.mimes[kind], le.Uint32(b[8:]), le.Uint32(b[12:])
		names = b[16:]
	}
	path, rest, ok := bytes.Cut(names, []byte{0})
	title, _, ok2 := bytes.Cut(rest, []byte{0})
	if !ok || !ok2 {
		return e, errEntry
	}
	e.Path, e.Title = string(path), string(title)
	if e.Title == "" {
		e.Title = e.Path
	}
	return e, nil
}

// Find looks an entry up by its name; the list is sorted, unless it lies.
func (z *File) Find(space byte, path string) (Entry, bool) {
	lo, hi := uint32(0), z.Entries
	for lo < hi {
		mid := lo + (hi-lo)/2
		e, err := z.Entry(mid)
		if err != nil {
			return e, false
		}
		switch order := cmp.Or(cmp.Compare(e.Space, space), strings.Compare(e.Path, path)); {
		case order == 0:
			return e, true
		case order < 0:
			lo = mid + 1
		default:
			hi = mid
		}
	}
	return Entry{}, false
}

// Resolve follows redirects to an entry with content.
func (z *File) Resolve(e Entry) (Entry, error) {
	for range 8 {
		if !e.Redirect {
			return e, nil
		}
		var err error
		if e, err = z.Entry(e.target); err != nil {
			return e, err
		}
	}
	return e, errEntry
}

// Meta is a text of the archive about itself, empty if it has none.
func (z *File) Meta(name string) string {
	e, ok := z.Find('M', name)
	if !ok || e.Redirect {
		return ""
	}
	var b strings.Builder
	c, err := z.OpenCluster(e.Cluster)
	if err == nil {
		err = c.Blob(e.Blob, func(r io.Reader) error {
			_, err := io.Copy(&b, io.LimitReader(r, 4<<10))
			return err
		})
	}
	if err != nil {
		return ""
	}
	return clean.Line(strings.ToValidUTF8(b.String(), ""))
}

// IsPage reports whether an entry is HTML where articles stand.
func (z *File) IsPage(e Entry) bool {
	space := byte('A')
	if z.modern {
		space = 'C'
	}
	return e.Space == space && !e.Redirect && (e.Mime == "text/html" || e.Mime == "application/xhtml+xml")
}

// FrontArticles gives the entries that are articles to found; other pages are
// parts of them. It reports whether there is such a list: archives from before
// 2021 have none.
func (z *File) FrontArticles(found func(index uint32)) bool {
	e, ok := z.Find('X', "listing/titleOrdered/v1")
	if !z.modern || !ok || e.Redirect {
		return false
	}
	c, err := z.OpenCluster(e.Cluster)
	if err != nil {
		return false
	}
	listed := false
	err = c.Blob(e.Blob, func(r io.Reader) error {
		in := bufio.NewReader(r)
		number := make([]byte, 4)
		for {
			if _, err := io.ReadFull(in, number); err != nil {
				return nil // its end, or as far as it goes
			}
			if i := binary.LittleEndian.Uint32(number); i < z.Entries {
				found(i)
				listed = true
			}
		}
	})
	return err == nil && listed
}

// Linked is the address within the archive that a link of a page means.
func (z *File) Linked(page Entry, href string) string {
	u, err := url.Parse(href)
	if err != nil || u.Scheme != "" && !strings.Contains(href, ":") || u.Host != "" {
		return ""
	}
	plain, _, _ := strings.Cut(href, "#")
	plain, _, _ = strings.Cut(plain, "?")
	if plain, err = url.PathUnescape(plain); err != nil || plain == "" {
		return ""
	}
	if z.modern {
		return strings.TrimLeft(path.Join("/", path.Dir(page.Path), plain), "/")
	}
	// The namespace is the first folder.
	full := path.Join("/", "A", path.Dir(page.Path), plain)
	return strings.TrimPrefix(full, "/A/")
}

// Cluster is a cluster that is being inflated from its beginning: blobs are
// read in their order.
type Cluster struct {
	r       io.Reader // inflated
	at      int64     // bytes of it that have been read
	wide    bool      // offsets take eight bytes
	first   int64     // offset of the first blob
	offsets []byte    // of the blobs
}

// OpenCluster begins to inflate a cluster.
func (z *File) OpenCluster(n uint32) (*Cluster, error) {
	if n >= z.clusters {
		return nil, ErrCluster
	}
	b := make([]byte, 8)
	if _, err := z.r.ReadAt(b, z.clusterPointers+8*int64(n)); err != nil {
		return nil, err
	}
	at := int64(binary.LittleEndian.Uint64(b))
	if at < headerSize || at >= z.size {
		return nil, ErrCluster
	}
	if _, err := z.r.ReadAt(b[:1], at); err != nil {
		return nil, err
	}
	c := &Cluster{wide: b[0]&0x10 != 0}
	// Where it ends is not said; a decompressor knows, and blobs say it.
	packed := io.NewSectionReader(z.r, at+1, min(z.size-at-1, maxCluster))
	switch b[0] & 0x0f {
	case 0, 1:
		c.r = packed
	case 4:
		if err := checkXZ(packed); err != nil {
			return nil, err
		}
		r, err := xz.ReaderConfig{SingleStream: true}.NewReader(packed)
		if err != nil {
			return nil, errors.Join(ErrCluster, err)
		}
		c.r = r
	case 5:
		if z.zstd == nil {
			d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow),
				zstd.WithDecoderMaxMemory(maxCluster), zstd.WithDecoderLowmem(true))
			if err != nil {
				return nil, err
			}
			z.zstd = d
		}
		if err := z.zstd.Reset(packed); err != nil {
			return nil, errors.Join(ErrCluster, err)
		}
		c.r = z.zstd
	default:
		return nil, fmt.Errorf("%w: compression %d", ErrCluster, b[0]&0x0f)
	}
	c.r = io.LimitReader(c.r, maxCluster)
	return c, c.readOffsets()
}

// maxBlobs bounds the blobs of a cluster.
const maxBlobs = 1 << 20

func (c *Cluster) width() int64 {
	if c.wide {
		return 8
	}
	return 4
}

// readOffsets reads where the blobs begin: the first one says how many there are.
func (c *Cluster) readOffsets() error {
	first := make([]byte, c.width())
	if err := c.read(first); err != nil {
		return err
	}
	c.offsets = first
	c.first = c.offset(0)
	if c.first < 2*c.width() || c.first > maxBlobs*c.width() || c.first%c.width() != 0 {
		return ErrCluster
	}
	rest := make([]byte, c.first-c.width())
	if err := c.read(rest); err != nil {
		return err
	}
	c.offsets = append(first, rest...)
	return nil
}

func (c *Cluster) offset(n int64) int64 {
	at := c.offsets[n*c.width():]
	if c.wide {
		return int64(min(binary.LittleEndian.Uint64(at), 1<<62))
	}
	return int64(binary.LittleEndian.Uint32(at))
}

func (c *Cluster) read(b []byte) error {
	n, err := io.ReadFull(c.r, b)
	c.at += int64(n)
	if err != nil {
		return errors.Join(ErrCluster, err)
	}
	return nil
}

// Blob gives a blob to f, which need not read it to its end. A blob before one
// that was read already cannot be had any more.
func (c *Cluster) Blob(n uint32, f func(io.Reader) error) error {
	if (int64(n)+2)*c.width() > int64(len(c.offsets)) {
		return ErrCluster
	}
	from, to := c.offset(int64(n)), c.offset(int64(n)+1)
	if from < c.at || to < from || to > maxCluster {
		return ErrCluster
	}
	skipped, err := io.CopyN(io.Discard, c.r, from-c.at)
	c.at += skipped
	if err != nil {
		return errors.Join(ErrCluster, err)
	}
	counted := &countReader{r: io.LimitReader(c.r, to-from)}
	err = f(counted)
	c.at += counted.n
	if err == nil && counted.err != nil && !errors.Is(counted.err, io.EOF) {
		err = counted.err
	}
	if err == nil && counted.err == io.EOF && counted.n < to-from {
		err = io.ErrUnexpectedEOF
	}
	return err
}

type countReader struct {
	r   io.Reader
	n   int64
	err error
}

func (c *countReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	if err != nil {
		c.err = err
	}
	return n, err
}

// checkXZ refuses a dictionary that is larger than any writer's: the library
// makes room for it before it looks further. The block's header has its size,
// flags, two optional lengths, and the filter with the dictionary.
func checkXZ(r *io.SectionReader) error {
	head := make([]byte, 12+64)
	n, err := r.ReadAt(head, 0)
	if err != nil && err != io.EOF || n < 24 {
		return errors.Join(ErrCluster, err)
	}
	block := head[12:n]
	at := 2
	skip := func() uint64 { // a number in seven bits a byte
		v, used := binary.Uvarint(block[min(at, len(block)):])
		at += max(used, 1)
		return v
	}
	if block[1]&0x03 != 0 {
		return ErrCluster // more than one filter
	}
	for _, flag := range []byte{0x40, 0x80} {
		if block[1]&flag != 0 {
			skip()
		}
	}
	if id, size := skip(), skip(); id != 0x21 || size != 1 || at >= len(block) {
		return ErrCluster
	}
	bits := block[at]
	if bits > 40 || (2|uint64(bits&1))<<(bits/2+11) > maxWindow {
		return fmt.Errorf("%w: a dictionary of %d", ErrCluster, bits)
	}
	return nil
}
