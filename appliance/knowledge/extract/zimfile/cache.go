package zimfile

import (
	"errors"
	"io"
	"slices"
)

// Cache keeps the blocks of a file that were read last: names and pointers
// lie close to each other, but not in one order.
type Cache struct {
	r      io.ReaderAt
	size   int64
	blocks map[int64][]byte
	order  []int64 // oldest first
}

const (
	CacheBlock  = 64 << 10 // of a sealed file's packages, too
	cacheBlocks = 256
)

// NewCache is a cache over a file of so many bytes.
func NewCache(r io.ReaderAt, size int64) *Cache {
	return &Cache{r: r, size: size, blocks: map[int64][]byte{}}
}

func (c *Cache) ReadAt(p []byte, off int64) (n int, err error) {
	if off < 0 {
		return 0, errors.New("negative offset")
	}
	for n < len(p) {
		if off >= c.size {
			return n, io.EOF
		}
		block, err := c.block(off / CacheBlock)
		if err != nil {
			return n, err
		}
		got := copy(p[n:], block[min(off%CacheBlock, int64(len(block))):])
		if got == 0 {
			return n, io.ErrUnexpectedEOF
		}
		n, off = n+got, off+int64(got)
	}
	return n, nil
}

func (c *Cache) block(i int64) ([]byte, error) {
	if b, ok := c.blocks[i]; ok {
		return b, nil
	}
	var b []byte
	if len(c.order) >= cacheBlocks {
		b = c.blocks[c.order[0]][:0]
		delete(c.blocks, c.order[0])
		c.order = slices.Delete(c.order, 0, 1)
	}
	length := min(CacheBlock, c.size-i*CacheBlock)
	b = slices.Grow(b, int(length))[:length]
	if n, err := c.r.ReadAt(b, i*CacheBlock); err != nil && !(err == io.EOF && n == len(b)) {
		return nil, err
	}
	c.blocks[i] = b
	c.order = append(c.order, i)
	return b, nil
}
