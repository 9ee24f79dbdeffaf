package convert

import (
	"fmt"
	"io"
	"strings"
)

// CTranslate2's types of values, of those that we meet.
const (
	ct2Int16   = 2
	ct2Float16 = 4
)

// ct2Tensor is where a variable of a CTranslate2 model lies in its file.
type ct2Tensor struct {
	dims []int64 // slowest first
	kind uint8
	off  int64
	size int64 // bytes
}

// ct2 is the table of contents of a CTranslate2 model.bin.
type ct2 struct {
	file *blob
	spec string
	vars map[string]ct2Tensor
}

// readCT2 reads the table of contents: u32 version, string name, u32
// revision, u32 n, n × (string key, u8 rank, u32 dims, u8 type, u32 bytes,
// data), then aliases. Strings are a u16 length that counts a trailing NUL.
func readCT2(b *blob) (*ct2, error) {
	c := newCursor(b, 0)
	str := func() string { return strings.TrimSuffix(string(c.bytes(int64(c.u16()))), "\x00") }
	if v := c.u32(); c.err == nil && (v < 4 || v > 6) {
		return nil, fmt.Errorf("CTranslate2 file of version %d, 4 to 6 are known", v)
	}
	m := &ct2{file: b, spec: str(), vars: map[string]ct2Tensor{}}
	c.u32() // revision
	for range c.count(2 + 1 + 1 + 4) {
		name := str()
		dims := make([]int64, c.u8())
		elements := int64(1)
		for i := range dims {
			dims[i] = int64(c.u32())
			if dims[i] != 0 && elements > b.size/dims[i] {
				return nil, fmt.Errorf("tensor %q is larger than the file", name)
			}
			elements *= dims[i]
		}
		kind := c.u8()
		t := ct2Tensor{dims: dims, kind: kind, size: int64(c.u32()), off: c.at}
		if kind == ct2Float16 && c.err == nil && t.size != 2*elements {
			return nil, fmt.Errorf("tensor %q has %d values in %d bytes", name, elements, t.size)
		}
		c.skip(t.size)
		if c.err != nil {
			return nil, c.err
		}
		m.vars[name] = t
	}
	return m, c.err
}

// half looks up a float16 tensor of the given shape; a dimension of 0 fits
// any length.
func (m *ct2) half(name string, dims ...int64) (ct2Tensor, error) {
	t, ok := m.vars[name]
	if !ok {
		return t, fmt.Errorf("tensor %q is missing", name)
	}
	if t.kind != ct2Float16 {
		return t, fmt.Errorf("tensor %q is not float16", name)
	}
	fits := len(dims) == len(t.dims)
	for i := range dims {
		fits = fits && (dims[i] == 0 || dims[i] == t.dims[i])
	}
	if !fits {
		return t, fmt.Errorf("tensor %q has shape %v, not %v", name, t.dims, dims)
	}
	return t, nil
}

// int16 reads a single number.
func (m *ct2) int16(name string) (int, error) {
	t, ok := m.vars[name]
	if !ok || t.kind != ct2Int16 || t.size != 2 {
		return 0, fmt.Errorf("number %q is missing", name)
	}
	c := newCursor(m.file, t.off)
	return int(int16(c.u16())), c.err
}

// layers counts the layers whose names begin with prefix + "layer_".
func (m *ct2) layers(prefix string) int {
	n := 0
	for {
		if _, ok := m.vars[fmt.Sprintf("%slayer_%d/ffn/linear_0/weight", prefix, n)]; !ok {
			return n
		}
		n++
	}
}

// rows are the bytes of part k of n equal parts of a tensor that fuses several
// along its first dimension.
func (m *ct2) rows(t ct2Tensor, k, n int64) io.Reader {
	return m.file.section(t.off+t.size/n*k, t.size/n)
}
