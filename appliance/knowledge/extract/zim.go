package extract

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
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

var zimMagic = []byte("ZIM\x04")

const (
	zimHeaderSize = 80
	// maxZIMEntries is ten times the largest Wikipedia.
	maxZIMEntries = 100_000_000
	maxZIMName    = 8 << 10 // bytes of an address and a title together
	maxZIMMimes   = 64 << 10
	// maxZIMCluster bounds what one cluster inflates to, maxZIMWindow what a
	// decompressor holds. Writers use clusters of 2 MB and windows of 64 MB at
	// most, but a cluster with one large blob is as large as that.
	maxZIMCluster = 256 << 20
	maxZIMWindow  = 64 << 20
)

// zimFile is an open archive.
type zimFile struct {
	r    io.ReaderAt
	size int64

	entries, clusters      uint32
	paths, clusterPointers int64 // where the lists are
	mimes                  []string
	modern                 bool // articles stand in namespace C, their list in X
	zstd                   *zstd.Decoder
	name, pointer          []byte // scratch of entry
}

// zimEntry is one name in an archive.
type zimEntry struct {
	index         uint32
	space         byte
	path, title   string
	mime          string // empty for redirects
	redirect      bool
	target        uint32 // of a redirect
	cluster, blob uint32
}

var (
	errZIMEntry   = errors.New("zim: bad entry")
	errZIMCluster = errors.New("zim: bad cluster")
)

// openZIM reads the header. What lies behind the end of the file is an archive
// that was not copied completely.
func openZIM(r io.ReaderAt, size int64) (*zimFile, error) {
	head := make([]byte, zimHeaderSize)
	if _, err := r.ReadAt(head, 0); err != nil {
		return nil, fault.Damaged(err)
	}
	le := binary.LittleEndian
	z := &zimFile{r: r, size: size, entries: le.Uint32(head[24:]), clusters: le.Uint32(head[28:])}
	major, minor := le.Uint16(head[4:]), le.Uint16(head[6:])
	paths, clusters := le.Uint64(head[32:]), le.Uint64(head[48:])
	mimes, checksum := le.Uint64(head[56:]), le.Uint64(head[72:])
	switch {
	case !bytes.HasPrefix(head, zimMagic):
		return nil, fault.Damaged(errors.New("zim: no magic"))
	case major != 5 && major != 6:
		return nil, fault.Damaged(fmt.Errorf("zim: version %d.%d", major, minor))
	case z.entries > maxZIMEntries || z.clusters > maxZIMEntries:
		return nil, fault.TooComplex(fmt.Errorf("zim: %d entries in %d clusters", z.entries, z.clusters))
	}
	z.modern = major == 6 && minor >= 1
	within := func(at uint64, length int64) bool { return at <= uint64(size) && int64(at)+length <= size }
	if !within(paths, 8*int64(z.entries)) || !within(clusters, 8*int64(z.clusters)) || !within(mimes, 1) {
		end := max(paths+8*uint64(z.entries), clusters+8*uint64(z.clusters), checksum)
		if end > uint64(size) && end < 1<<50 {
			return nil, fault.ArchiveCut(size, int64(end))
		}
		return nil, fault.Damaged(errors.New("zim: lists outside of the file"))
	}
	z.paths, z.clusterPointers = int64(paths), int64(clusters)
	if z.entries == 0 || z.clusters == 0 {
		return nil, fault.NoText()
	}
	return z, z.readMimes(int64(mimes))
}

// cut says how long the file should be, if it is shorter.
func (z *zimFile) cut() (want int64, short bool) {
	at := make([]byte, 8)
	if _, err := z.r.ReadAt(at, 72); err != nil {
		return 0, false
	}
	checksum := binary.LittleEndian.Uint64(at)
	return int64(checksum) + 16, checksum > 0 && checksum < 1<<50 && int64(checksum)+16 > z.size
}

func (z *zimFile) readMimes(at int64) error {
	list := make([]byte, min(maxZIMMimes, z.size-at))
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

// entry reads the entry of an index.
func (z *zimFile) entry(i uint32) (e zimEntry, err error) {
	if i >= z.entries {
		return e, errZIMEntry
	}
	if z.name == nil {
		z.name, z.pointer = make([]byte, 16+maxZIMName), make([]byte, 8)
	}
	if _, err := z.r.ReadAt(z.pointer, z.paths+8*int64(i)); err != nil {
		return e, err
	}
	at := int64(binary.LittleEndian.Uint64(z.pointer))
	if at < zimHeaderSize || at > z.size-12 {
		return e, errZIMEntry
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
	return e, errZIMEntry
}

func (z *zimFile) parseEntry(i uint32, b []byte) (e zimEntry, err error) {
	if len(b) < 12 {
		return e, errZIMEntry
	}
	le := binary.LittleEndian
	kind := le.Uint16(b)
	e.index, e.space = i, b[3]
	names := b[12:]
	switch {
	case kind == 0xffff:
		e.redirect, e.target = true, le.Uint32(b[8:])
	case kind >= 0xfffd: // a link target or a deleted entry: nothing to read
		names = b[8:]
	case int(kind) >= len(z.mimes) || len(b) < 16:
		return e, errZIMEntry
	default:
		e.mime, e.cluster, e.blob = z.mimes[kind], le.Uint32(b[8:]), le.Uint32(b[12:])
		names = b[16:]
	}
	path, rest, ok := bytes.Cut(names, []byte{0})
	title, _, ok2 := bytes.Cut(rest, []byte{0})
	if !ok || !ok2 {
		return e, errZIMEntry
	}
	e.path, e.title = string(path), string(title)
	if e.title == "" {
		e.title = e.path
	}
	return e, nil
}

// find looks an entry up by its name; the list is sorted, unless it lies.
func (z *zimFile) find(space byte, path string) (zimEntry, bool) {
	lo, hi := uint32(0), z.entries
	for lo < hi {
		mid := lo + (hi-lo)/2
		e, err := z.entry(mid)
		if err != nil {
			return e, false
		}
		switch order := cmp.Or(cmp.Compare(e.space, space), strings.Compare(e.path, path)); {
		case order == 0:
			return e, true
		case order < 0:
			lo = mid + 1
		default:
			hi = mid
		}
	}
	return zimEntry{}, false
}

// resolve follows redirects to an entry with content.
func (z *zimFile) resolve(e zimEntry) (zimEntry, error) {
	for range 8 {
		if !e.redirect {
			return e, nil
		}
		var err error
		if e, err = z.entry(e.target); err != nil {
			return e, err
		}
	}
	return e, errZIMEntry
}

// meta is a text of the archive about itself, empty if it has none.
func (z *zimFile) meta(name string) string {
	e, ok := z.find('M', name)
	if !ok || e.redirect {
		return ""
	}
	var b strings.Builder
	c, err := z.openCluster(e.cluster)
	if err == nil {
		err = c.blob(e.blob, func(r io.Reader) error {
			_, err := io.Copy(&b, io.LimitReader(r, 4<<10))
			return err
		})
	}
	if err != nil {
		return ""
	}
	return clean.Line(strings.ToValidUTF8(b.String(), ""))
}

// zimCluster is a cluster that is being inflated from its beginning: blobs are
// read in their order.
type zimCluster struct {
	r       io.Reader // inflated
	at      int64     // bytes of it that have been read
	wide    bool      // offsets take eight bytes
	first   int64     // offset of the first blob
	offsets []byte    // of the blobs
}

// openCluster begins to inflate a cluster.
func (z *zimFile) openCluster(n uint32) (*zimCluster, error) {
	if n >= z.clusters {
		return nil, errZIMCluster
	}
	b := make([]byte, 8)
	if _, err := z.r.ReadAt(b, z.clusterPointers+8*int64(n)); err != nil {
		return nil, err
	}
	at := int64(binary.LittleEndian.Uint64(b))
	if at < zimHeaderSize || at >= z.size {
		return nil, errZIMCluster
	}
	if _, err := z.r.ReadAt(b[:1], at); err != nil {
		return nil, err
	}
	c := &zimCluster{wide: b[0]&0x10 != 0}
	// Where it ends is not said; a decompressor knows, and blobs say it.
	packed := io.NewSectionReader(z.r, at+1, min(z.size-at-1, maxZIMCluster))
	switch b[0] & 0x0f {
	case 0, 1:
		c.r = packed
	case 4:
		if err := checkXZ(packed); err != nil {
			return nil, err
		}
		r, err := xz.ReaderConfig{SingleStream: true}.NewReader(packed)
		if err != nil {
			return nil, errors.Join(errZIMCluster, err)
		}
		c.r = r
	case 5:
		if z.zstd == nil {
			d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxZIMWindow),
				zstd.WithDecoderMaxMemory(maxZIMCluster), zstd.WithDecoderLowmem(true))
			if err != nil {
				return nil, err
			}
			z.zstd = d
		}
		if err := z.zstd.Reset(packed); err != nil {
			return nil, errors.Join(errZIMCluster, err)
		}
		c.r = z.zstd
	default:
		return nil, fmt.Errorf("%w: compression %d", errZIMCluster, b[0]&0x0f)
	}
	c.r = io.LimitReader(c.r, maxZIMCluster)
	return c, c.readOffsets()
}

// maxZIMBlobs bounds the blobs of a cluster.
const maxZIMBlobs = 1 << 20

func (c *zimCluster) width() int64 {
	if c.wide {
		return 8
	}
	return 4
}

// readOffsets reads where the blobs begin: the first one says how many there are.
func (c *zimCluster) readOffsets() error {
	first := make([]byte, c.width())
	if err := c.read(first); err != nil {
		return err
	}
	c.offsets = first
	c.first = c.offset(0)
	if c.first < 2*c.width() || c.first > maxZIMBlobs*c.width() || c.first%c.width() != 0 {
		return errZIMCluster
	}
	rest := make([]byte, c.first-c.width())
	if err := c.read(rest); err != nil {
		return err
	}
	c.offsets = append(first, rest...)
	return nil
}

func (c *zimCluster) offset(n int64) int64 {
	at := c.offsets[n*c.width():]
	if c.wide {
		return int64(min(binary.LittleEndian.Uint64(at), 1<<62))
	}
	return int64(binary.LittleEndian.Uint32(at))
}

func (c *zimCluster) read(b []byte) error {
	n, err := io.ReadFull(c.r, b)
	c.at += int64(n)
	if err != nil {
		return errors.Join(errZIMCluster, err)
	}
	return nil
}

// blob gives a blob to f, which need not read it to its end. A blob before one
// that was read already cannot be had any more.
func (c *zimCluster) blob(n uint32, f func(io.Reader) error) error {
	if (int64(n)+2)*c.width() > int64(len(c.offsets)) {
		return errZIMCluster
	}
	from, to := c.offset(int64(n)), c.offset(int64(n)+1)
	if from < c.at || to < from || to > maxZIMCluster {
		return errZIMCluster
	}
	skipped, err := io.CopyN(io.Discard, c.r, from-c.at)
	c.at += skipped
	if err != nil {
		return errors.Join(errZIMCluster, err)
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
		return errors.Join(errZIMCluster, err)
	}
	block := head[12:n]
	at := 2
	skip := func() uint64 { // a number in seven bits a byte
		v, used := binary.Uvarint(block[min(at, len(block)):])
		at += max(used, 1)
		return v
	}
	if block[1]&0x03 != 0 {
		return errZIMCluster // more than one filter
	}
	for _, flag := range []byte{0x40, 0x80} {
		if block[1]&flag != 0 {
			skip()
		}
	}
	if id, size := skip(), skip(); id != 0x21 || size != 1 || at >= len(block) {
		return errZIMCluster
	}
	bits := block[at]
	if bits > 40 || (2|uint64(bits&1))<<(bits/2+11) > maxZIMWindow {
		return fmt.Errorf("%w: a dictionary of %d", errZIMCluster, bits)
	}
	return nil
}

// blockCache keeps the blocks of a file that were read last: names and pointers
// lie close to each other, but not in one order.
type blockCache struct {
	r      io.ReaderAt
	size   int64
	blocks map[int64][]byte
	order  []int64 // oldest first
}

const (
	cacheBlock  = 64 << 10 // of a sealed file's packages, too
	cacheBlocks = 256
)

func newBlockCache(r io.ReaderAt, size int64) *blockCache {
	return &blockCache{r: r, size: size, blocks: map[int64][]byte{}}
}

func (c *blockCache) ReadAt(p []byte, off int64) (n int, err error) {
	if off < 0 {
		return 0, errors.New("negative offset")
	}
	for n < len(p) {
		if off >= c.size {
			return n, io.EOF
		}
		block, err := c.block(off / cacheBlock)
		if err != nil {
			return n, err
		}
		got := copy(p[n:], block[min(off%cacheBlock, int64(len(block))):])
		if got == 0 {
			return n, io.ErrUnexpectedEOF
		}
		n, off = n+got, off+int64(got)
	}
	return n, nil
}

func (c *blockCache) block(i int64) ([]byte, error) {
	if b, ok := c.blocks[i]; ok {
		return b, nil
	}
	var b []byte
	if len(c.order) >= cacheBlocks {
		b = c.blocks[c.order[0]][:0]
		delete(c.blocks, c.order[0])
		c.order = slices.Delete(c.order, 0, 1)
	}
	length := min(cacheBlock, c.size-i*cacheBlock)
	b = slices.Grow(b, int(length))[:length]
	if n, err := c.r.ReadAt(b, i*cacheBlock); err != nil && !(err == io.EOF && n == len(b)) {
		return nil, err
	}
	c.blocks[i] = b
	c.order = append(c.order, i)
	return b, nil
}
