package convert

import (
	"bufio"
	"encoding/binary"
	"io"
	"math"
)

// ggmlMagic begins whisper.cpp's model files: "ggml" as a number.
const ggmlMagic = 0x67676d6c

// Types of tensors, as in both ggml and GGUF files.
const (
	typeF32  = 0
	typeF16  = 1
	typeQ4_0 = 2
)

// ggmlTensor is one tensor of a ggml file.
type ggmlTensor struct {
	name  string
	dims  []int64 // slowest first
	kind  int32   // typeF32 or typeF16
	write func(io.Writer) error
}

// ggmlWriter writes a ggml file: little-endian 32-bit numbers, strings and
// tensors one after another. The first failure sticks.
type ggmlWriter struct {
	w   *bufio.Writer
	err error
}

func newGGMLWriter(w io.Writer) *ggmlWriter {
	return &ggmlWriter{w: bufio.NewWriterSize(w, 1<<16)}
}

func (g *ggmlWriter) bytes(p []byte) {
	if g.err == nil {
		_, g.err = g.w.Write(p)
	}
}

func (g *ggmlWriter) ints(values ...int32) {
	for _, v := range values {
		g.bytes(binary.LittleEndian.AppendUint32(nil, uint32(v)))
	}
}

func (g *ggmlWriter) floats(values []float32) {
	for _, v := range values {
		g.bytes(binary.LittleEndian.AppendUint32(nil, math.Float32bits(v)))
	}
}

func (g *ggmlWriter) str(s []byte) {
	g.ints(int32(len(s)))
	g.bytes(s)
}

func (g *ggmlWriter) tensor(t ggmlTensor) {
	g.ints(int32(len(t.dims)), int32(len(t.name)), t.kind)
	for i := len(t.dims) - 1; i >= 0; i-- {
		g.ints(int32(t.dims[i]))
	}
	g.bytes([]byte(t.name))
	if g.err == nil {
		g.err = t.write(g.w)
	}
}

func (g *ggmlWriter) close() error {
	if g.err != nil {
		return g.err
	}
	return g.w.Flush()
}
