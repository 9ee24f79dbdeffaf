package convert

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"math"
)

// blob is a file of known length that is read at any place.
type blob struct {
	r    io.ReaderAt
	size int64
}

// section is a stretch of the file; the caller has checked that it lies inside.
func (b *blob) section(off, n int64) io.Reader { return io.NewSectionReader(b.r, off, n) }

// inside reports whether n bytes at off lie in the file.
func (b *blob) inside(off, n int64) bool {
	return off >= 0 && n >= 0 && off <= b.size && n <= b.size-off
}

// cursor reads little-endian values in order. The first failure sticks: later
// reads return zeros, so a parser checks err once per loop and not per value.
type cursor struct {
	b   *blob
	r   *bufio.Reader
	at  int64
	err error
}

func newCursor(b *blob, at int64) *cursor {
	c := &cursor{b: b, r: bufio.NewReaderSize(nil, 1<<16)}
	c.seek(at)
	return c
}

func (c *cursor) seek(at int64) {
	if !c.b.inside(at, 0) {
		c.fail("offset %d is outside the file of %d bytes", at, c.b.size)
		return
	}
	c.at = at
	c.r.Reset(c.b.section(at, c.b.size-at))
}

func (c *cursor) fail(format string, args ...any) {
	if c.err == nil {
		c.err = fmt.Errorf(format, args...)
	}
}

func (c *cursor) left() int64 { return c.b.size - c.at }

// bytes returns the next n bytes. Asking for more than the file holds fails
// before anything is allocated.
func (c *cursor) bytes(n int64) []byte {
	if c.err != nil {
		return nil
	}
	if n < 0 || n > c.left() {
		c.fail("%d bytes announced at byte %d, %d are left", n, c.at, c.left())
		return nil
	}
	p := make([]byte, n)
	if _, err := io.ReadFull(c.r, p); err != nil {
		c.fail("read at byte %d: %w", c.at, err)
		return nil
	}
	c.at += n
	return p
}

func (c *cursor) skip(n int64) {
	if c.err != nil {
		return
	}
	if n < 0 || n > c.left() {
		c.fail("%d bytes announced at byte %d, %d are left", n, c.at, c.left())
		return
	}
	if n < 1<<12 { // mostly still in the buffer
		m, err := c.r.Discard(int(n))
		c.at += int64(m)
		if err != nil {
			c.fail("read at byte %d: %w", c.at, err)
		}
		return
	}
	c.seek(c.at + n)
}

// next returns the next n bytes, at most 8, until the next read; zeros after a
// failure.
func (c *cursor) next(n int) []byte {
	if c.err == nil && int64(n) > c.left() {
		c.fail("the file ends at byte %d, in the middle of something", c.b.size)
	}
	if c.err != nil {
		return make([]byte, n)
	}
	p, err := c.r.Peek(n)
	if err != nil {
		c.fail("read at byte %d: %w", c.at, err)
		return make([]byte, n)
	}
	c.r.Discard(n) // cannot fail: they were just seen
	c.at += int64(n)
	return p
}

func (c *cursor) u8() uint8   { return c.next(1)[0] }
func (c *cursor) u16() uint16 { return binary.LittleEndian.Uint16(c.next(2)) }
func (c *cursor) u32() uint32 { return binary.LittleEndian.Uint32(c.next(4)) }
func (c *cursor) u64() uint64 { return binary.LittleEndian.Uint64(c.next(8)) }

func (c *cursor) i32() int32 { return int32(c.u32()) }

func (c *cursor) f32() float32 { return math.Float32frombits(c.u32()) }

// count reads a u32 that announces items of at least size bytes each, and
// fails when the rest of the file cannot hold that many.
func (c *cursor) count(size int64) int {
	n := int64(c.u32())
	if c.err == nil && n > c.left()/size {
		c.fail("%d items announced at byte %d, the rest of the file cannot hold them", n, c.at)
		return 0
	}
	return int(n)
}
