package convert

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
)

// halfToFloat widens an IEEE 754 binary16; every value is exact in float32.
func halfToFloat(h uint16) float32 {
	sign := uint32(h>>15) << 31
	exp := uint32(h>>10) & 0x1f
	frac := uint32(h) & 0x3ff
	switch exp {
	case 0: // zero and subnormals: frac × 2^-24
		v := float32(frac) * (1.0 / (1 << 24))
		return math.Float32frombits(sign | math.Float32bits(v))
	case 0x1f: // infinity and NaN
		return math.Float32frombits(sign | 0x7f800000 | frac<<13)
	}
	return math.Float32frombits(sign | (exp+112)<<23 | frac<<13)
}

// floatToHalf narrows to binary16, rounding to nearest, ties to even, as
// PyTorch and ggml do.
func floatToHalf(f float32) uint16 {
	bits := math.Float32bits(f)
	sign := uint16(bits>>16) & 0x8000
	exp := int(bits>>23) & 0xff
	frac := bits & 0x7fffff
	if exp == 0xff {
		if frac != 0 {
			return sign | 0x7e00
		}
		return sign | 0x7c00
	}
	e := exp - 127 + 15
	if e >= 0x1f {
		return sign | 0x7c00
	}
	shift := uint(13)
	if e <= 0 { // subnormal: the hidden bit becomes part of the fraction
		if e < -10 {
			return sign
		}
		frac |= 0x800000
		shift = uint(14 - e)
		e = 0
	}
	half := uint32(e)<<10 + frac>>shift
	rest, tie := frac&(1<<shift-1), uint32(1)<<(shift-1)
	if rest > tie || rest == tie && half&1 == 1 {
		half++ // a carry runs into the exponent, which is what rounding up means
	}
	return sign | uint16(half)
}

// widen copies binary16 values from r to w as float32.
func widen(w io.Writer, r io.Reader) error {
	return eachBlock(r, 2, func(in []byte) error {
		out := make([]byte, 0, 2*len(in))
		for i := 0; i < len(in); i += 2 {
			v := halfToFloat(binary.LittleEndian.Uint16(in[i:]))
			out = binary.LittleEndian.AppendUint32(out, math.Float32bits(v))
		}
		_, err := w.Write(out)
		return err
	})
}

// narrow copies float32 values from r to w as binary16.
func narrow(w io.Writer, r io.Reader) error {
	return eachBlock(r, 4, func(in []byte) error {
		out := make([]byte, 0, len(in)/2)
		for i := 0; i < len(in); i += 4 {
			v := math.Float32frombits(binary.LittleEndian.Uint32(in[i:]))
			out = binary.LittleEndian.AppendUint16(out, floatToHalf(v))
		}
		_, err := w.Write(out)
		return err
	})
}

// eachBlock calls f with blocks of whole values of the given size.
func eachBlock(r io.Reader, size int, f func([]byte) error) error {
	buf := make([]byte, 1<<16)
	for {
		n, err := io.ReadFull(r, buf)
		if n%size != 0 {
			return fmt.Errorf("a tensor ends in the middle of a value")
		}
		if n > 0 {
			if err := f(buf[:n]); err != nil {
				return err
			}
		}
		switch err {
		case nil:
		case io.EOF, io.ErrUnexpectedEOF:
			return nil
		default:
			return err
		}
	}
}
