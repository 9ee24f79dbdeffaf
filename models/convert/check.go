package convert

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
)

// Limits of what a model file may announce. They are far above every file in
// the catalogue, and low enough that checking one is quick.
const (
	maxTensors   = 1 << 16
	maxFields    = 1 << 16
	maxName      = 64 // of a tensor, ggml's limit
	maxKey       = 1 << 16
	maxDims      = 4
	maxAlignment = 1 << 16
)

// Check looks through a GGUF or ggml file's headers before an engine, written
// in C++ and trusting, reads them: every count, length and offset must agree
// with the file's length. It does not read the tensors' data.
func Check(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	return check(&blob{r: f, size: info.Size()})
}

func check(b *blob) error {
	c := newCursor(b, 0)
	magic := c.bytes(4)
	if c.err != nil {
		return c.err
	}
	switch {
	case string(magic) == ggufMagic:
		return checkGGUF(c)
	case binary.LittleEndian.Uint32(magic) == ggmlMagic:
		return checkGGML(c)
	}
	return errors.New("neither a GGUF nor a ggml file")
}

// block is the smallest piece of a type of tensor: so many values in so many
// bytes.
type block struct{ values, bytes int64 }

// blocks are the tensor types that the box accepts, by ggml's numbers.
var blocks = map[uint32]block{
	typeF32:  {1, 4},
	typeF16:  {1, 2},
	typeQ4_0: {32, 18},
	3:        {32, 20},   // Q4_1
	6:        {32, 22},   // Q5_0
	7:        {32, 24},   // Q5_1
	8:        {32, 34},   // Q8_0
	10:       {256, 84},  // Q2_K
	11:       {256, 110}, // Q3_K
	12:       {256, 144}, // Q4_K
	13:       {256, 176}, // Q5_K
	14:       {256, 210}, // Q6_K
	30:       {1, 2},     // BF16
}

// tensorBytes is the length of a tensor's data, which must not exceed limit.
func tensorBytes(kind uint32, dims []int64, limit int64) (int64, error) {
	bl, ok := blocks[kind]
	if !ok {
		return 0, fmt.Errorf("of unknown type %d", kind)
	}
	rows := int64(1)
	for i, d := range dims {
		if d < 1 || i == 0 && d%bl.values != 0 {
			return 0, fmt.Errorf("of impossible shape %v", dims)
		}
		if i == 0 {
			d = d / bl.values
		}
		if d > limit/rows {
			return 0, fmt.Errorf("of shape %v is larger than the file", dims)
		}
		rows *= d
	}
	if rows > limit/bl.bytes {
		return 0, fmt.Errorf("of shape %v is larger than the file", dims)
	}
	return rows * bl.bytes, nil
}

// ggufSizes are the lengths of metadata values of fixed length.
var ggufSizes = map[uint32]int64{
	ggufU8: 1, ggufI8: 1, ggufU16: 2, ggufI16: 2, ggufU32: 4, ggufI32: 4,
	ggufF32: 4, ggufBool: 1, ggufU64: 8, ggufI64: 8, ggufF64: 8,
}

func checkGGUF(c *cursor) error {
	if v := c.u32(); c.err == nil && v != 2 && v != ggufVersion {
		return fmt.Errorf("GGUF of version %d", v)
	}
	tensors, fields := c.u64(), c.u64()
	if c.err == nil && (tensors > maxTensors || fields > maxFields) {
		return fmt.Errorf("%d tensors and %d fields announced", tensors, fields)
	}
	alignment := int64(ggufAlignment)
	architecture := false
	for range fields {
		key := ggufText(c, maxKey)
		kind := c.u32()
		switch {
		case c.err != nil:
			return c.err
		case key == "general.alignment" && kind == ggufU32:
			alignment = int64(c.u32())
		default:
			ggufSkip(c, kind)
		}
		architecture = architecture || key == "general.architecture" && kind == ggufString
	}
	if c.err != nil {
		return c.err
	}
	if alignment < 8 || alignment > maxAlignment || alignment&(alignment-1) != 0 {
		return fmt.Errorf("alignment to %d bytes", alignment)
	}
	if !architecture {
		return errors.New("the model does not say of what architecture it is")
	}
	type span struct {
		name      string
		off, size int64
	}
	var spans []span
	names := map[string]bool{}
	for range tensors {
		name := ggufText(c, maxName)
		n := c.u32()
		if c.err == nil && (n < 1 || n > maxDims) {
			return fmt.Errorf("tensor %q has %d dimensions", name, n)
		}
		dims := make([]int64, min(n, maxDims))
		for i := range dims {
			dims[i] = int64(c.u64())
		}
		kind, off := c.u32(), int64(c.u64())
		if c.err != nil {
			return c.err
		}
		size, err := tensorBytes(kind, dims, c.b.size)
		if err != nil {
			return fmt.Errorf("tensor %q %w", name, err)
		}
		if names[name] || off < 0 || off%alignment != 0 {
			return fmt.Errorf("tensor %q is there twice or at an odd place", name)
		}
		names[name] = true
		spans = append(spans, span{name, off, size})
	}
	data := (c.at + alignment - 1) / alignment * alignment
	for _, s := range spans {
		if s.off > c.b.size || !c.b.inside(data+s.off, s.size) {
			return fmt.Errorf("tensor %q lies outside the file: it was cut short", s.name)
		}
	}
	return c.err
}

// ggufText reads a string of at most limit bytes.
func ggufText(c *cursor, limit uint64) string {
	n := c.u64()
	if n > limit {
		c.fail("a name of %d bytes at byte %d", n, c.at)
		return ""
	}
	return string(c.bytes(int64(n)))
}

// ggufSkip passes over a metadata value.
func ggufSkip(c *cursor, kind uint32) {
	if n, ok := ggufSizes[kind]; ok {
		c.skip(n)
		return
	}
	if kind == ggufString {
		c.skip(ggufLength(c, 1))
		return
	}
	if kind != ggufArray {
		c.fail("a metadata value of unknown type %d", kind)
		return
	}
	of := c.u32()
	if n, ok := ggufSizes[of]; ok {
		c.skip(ggufLength(c, n) * n)
		return
	}
	if of != ggufString { // arrays of arrays are allowed by the format and used by no model
		c.fail("an array of type %d", of)
		return
	}
	for range ggufLength(c, 8) {
		if c.skip(ggufLength(c, 1)); c.err != nil {
			return
		}
	}
}

// ggufLength reads a count of items of at least size bytes, which the rest of
// the file must be able to hold.
func ggufLength(c *cursor, size int64) int64 {
	n := c.u64()
	if c.err == nil && n > uint64(c.left()/size) {
		c.fail("%d items announced at byte %d, the rest of the file cannot hold them", n, c.at)
	}
	if c.err != nil {
		return 0
	}
	return int64(n)
}

// checkGGML checks whisper.cpp's two kinds of files. Whisper's begin with the
// size of the vocabulary, Silero's with the length of a short name.
func checkGGML(c *cursor) error {
	const longestName = 64
	first := int64(c.u32())
	if first <= longestName {
		if name := string(c.bytes(first)); c.err == nil && name != "silero-16k" {
			return fmt.Errorf("a ggml file of unknown kind %q", name)
		}
		c.skip((3 + 2) * 4) // version, window, context
		layers := int64(c.u32())
		if c.err == nil && layers != sileroLayers {
			return fmt.Errorf("a Silero of %d layers", layers) // whisper.cpp allocates for what it reads here
		}
		c.skip((3*layers + 4) * 4)
	} else {
		for i := range 10 { // the other sizes: contexts, widths, heads, layers, mel filters, type
			if v := c.u32(); c.err == nil && (v > 1<<16 || v == 0 && i < 9) {
				return fmt.Errorf("a Whisper with size %d in place %d", v, i)
			}
		}
		mels, bins := int64(c.u32()), int64(c.u32())
		if c.err == nil && (mels > 1<<10 || bins > 1<<16) {
			return fmt.Errorf("%d × %d mel filters", mels, bins)
		}
		c.skip(mels * bins * 4)
		for range c.count(4) {
			if c.skip(int64(c.u32())); c.err != nil {
				return c.err
			}
		}
	}
	n := 0
	for ; c.err == nil && c.left() > 0; n++ {
		if n > maxTensors {
			return fmt.Errorf("more than %d tensors", maxTensors)
		}
		checkGGMLTensor(c)
	}
	if c.err == nil && n == 0 {
		return errors.New("the file has no tensors")
	}
	return c.err
}

func checkGGMLTensor(c *cursor) {
	count, length, kind := c.u32(), c.u32(), c.u32()
	if count > maxDims || length > maxName {
		c.fail("a tensor with %d dimensions and a name of %d bytes", count, length)
		return
	}
	dims := make([]int64, count)
	for i := range dims {
		dims[i] = int64(c.u32())
	}
	name := string(c.bytes(int64(length)))
	if c.err != nil {
		return
	}
	size, err := tensorBytes(kind, dims, c.b.size)
	if err != nil {
		c.fail("tensor %q %w", name, err)
		return
	}
	c.skip(size)
}
