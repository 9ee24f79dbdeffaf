package convert

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"math"
)

// GGUF constants; version 3 is what llama.cpp has written since 2023.
const (
	ggufMagic     = "GGUF"
	ggufVersion   = 3
	ggufAlignment = 32 // of the tensor data, the format's default
)

// Types of GGUF metadata values.
const (
	ggufU8 uint32 = iota
	ggufI8
	ggufU16
	ggufI16
	ggufU32
	ggufI32
	ggufF32
	ggufBool
	ggufString
	ggufArray
	ggufU64
	ggufI64
	ggufF64
)

// ggufField is one entry of the metadata. The value is a bool, uint32,
// float32, string, []byte, []int32, []float32 or []string.
type ggufField struct {
	key   string
	value any
}

// ggufTensor is one tensor of a GGUF file.
type ggufTensor struct {
	name  string
	dims  []int64 // slowest first
	kind  uint32  // typeF32, typeF16 or typeQ4_0
	write func(io.Writer) error
}

// size is the tensor's length in bytes: block_q4_0 is 32 weights in 18 bytes.
func (t ggufTensor) size() int64 {
	n := int64(1)
	for _, d := range t.dims {
		n *= d
	}
	switch t.kind {
	case typeF16:
		return 2 * n
	case typeQ4_0:
		return n / 32 * 18
	}
	return 4 * n
}

// writeGGUF writes a whole GGUF file.
func writeGGUF(w io.Writer, meta []ggufField, tensors []ggufTensor) error {
	g := &ggufWriter{w: bufio.NewWriterSize(w, 1<<16)}
	g.raw([]byte(ggufMagic))
	g.u32(ggufVersion)
	g.u64(uint64(len(tensors)))
	g.u64(uint64(len(meta)))
	for _, f := range meta {
		g.str(f.key)
		g.value(f.value)
	}
	var at int64
	for _, t := range tensors {
		g.str(t.name)
		g.u32(uint32(len(t.dims)))
		for i := len(t.dims) - 1; i >= 0; i-- {
			g.u64(uint64(t.dims[i]))
		}
		g.u32(t.kind)
		g.u64(uint64(at))
		at = aligned(at + t.size())
	}
	g.pad()
	for _, t := range tensors {
		if g.err != nil {
			return g.err
		}
		before := g.n
		if err := t.write(g); err != nil {
			return fmt.Errorf("tensor %s: %w", t.name, err)
		}
		if g.n-before != t.size() {
			return fmt.Errorf("tensor %s has %d bytes, not %d", t.name, g.n-before, t.size())
		}
		g.pad()
	}
	if g.err != nil {
		return g.err
	}
	return g.w.Flush()
}

func aligned(n int64) int64 { return (n + ggufAlignment - 1) / ggufAlignment * ggufAlignment }

// ggufWriter counts what it writes; the first failure sticks.
type ggufWriter struct {
	w   *bufio.Writer
	n   int64
	err error
}

// Write makes the writer usable for tensor data.
func (g *ggufWriter) Write(p []byte) (int, error) {
	g.raw(p)
	return len(p), g.err
}

func (g *ggufWriter) raw(p []byte) {
	if g.err == nil {
		_, g.err = g.w.Write(p)
		g.n += int64(len(p))
	}
}

func (g *ggufWriter) u32(v uint32) { g.raw(binary.LittleEndian.AppendUint32(nil, v)) }
func (g *ggufWriter) u64(v uint64) { g.raw(binary.LittleEndian.AppendUint64(nil, v)) }
func (g *ggufWriter) pad()         { g.raw(make([]byte, aligned(g.n)-g.n)) }

func (g *ggufWriter) str(s string) {
	g.u64(uint64(len(s)))
	g.raw([]byte(s))
}

func (g *ggufWriter) array(kind uint32, n int) {
	g.u32(ggufArray)
	g.u32(kind)
	g.u64(uint64(n))
}

func (g *ggufWriter) value(v any) {
	switch v := v.(type) {
	case bool:
		g.u32(ggufBool)
		if v {
			g.raw([]byte{1})
		} else {
			g.raw([]byte{0})
		}
	case uint32:
		g.u32(ggufU32)
		g.u32(v)
	case float32:
		g.u32(ggufF32)
		g.u32(math.Float32bits(v))
	case string:
		g.u32(ggufString)
		g.str(v)
	case []byte:
		g.array(ggufU8, len(v))
		g.raw(v)
	case []int32:
		g.array(ggufI32, len(v))
		for _, x := range v {
			g.u32(uint32(x))
		}
	case []float32:
		g.array(ggufF32, len(v))
		for _, x := range v {
			g.u32(math.Float32bits(x))
		}
	case []string:
		g.array(ggufString, len(v))
		for _, x := range v {
			g.str(x)
		}
	default:
		if g.err == nil {
			g.err = fmt.Errorf("a metadata value of type %T", v)
		}
	}
}
