package convert

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// smallGGUF is a valid file: one field, one Q4_0 and one float32 tensor.
func smallGGUF(t testing.TB) []byte {
	var out bytes.Buffer
	err := writeGGUF(&out, []ggufField{
		{"general.architecture", "bert"},
		{"words", []string{"a", "bc"}},
		{"scores", []float32{1, 2}},
		{"kinds", []int32{1}},
		{"map", []byte("xyz")},
		{"yes", true},
		{"no", false},
		{"n", uint32(7)},
		{"f", float32(0.5)},
	}, []ggufTensor{
		{"q", []int64{2, 32}, typeQ4_0, zeros(36)},
		{"f", []int64{3}, typeF32, zeros(12)},
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func zeros(n int) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := w.Write(make([]byte, n))
		return err
	}
}

func TestGGUFRefusesWrongSizes(t *testing.T) {
	tensor := []ggufTensor{{"f", []int64{3}, typeF32, zeros(11)}}
	if err := writeGGUF(&bytes.Buffer{}, nil, tensor); err == nil {
		t.Error("a tensor that is too short was written")
	}
	if err := writeGGUF(&bytes.Buffer{}, []ggufField{{"k", 7}}, nil); err == nil {
		t.Error("an int is no metadata type of ours")
	}
}

func TestCheck(t *testing.T) {
	good := smallGGUF(t)
	if err := check(bytesBlob(good)); err != nil {
		t.Fatalf("a good file: %v", err)
	}
	gguf := func(tensors, fields uint64, rest ...any) []byte {
		return le(le(nil, "GGUF", uint32(3), tensors, fields), rest...)
	}
	arch := le(nil, uint64(20), "general.architecture", uint32(8), uint64(4), "bert")
	whisper := func(change int, to int32) []byte {
		p := le(nil, uint32(ggmlMagic), []int32{51864, 1500, 384, 6, 4, 448, 384, 6, 4, 80, 1}, int32(80), int32(201))
		copy(p[4+4*change:], le(nil, to))
		return p
	}
	bad := map[string][]byte{
		"empty":                nil,
		"too short":            []byte("GG"),
		"zeroes":               make([]byte, 4096),
		"a page":               []byte("<!doctype html><html>not found</html>"),
		"cut short":            good[:len(good)-40],
		"only the header":      good[:24],
		"version":              le(nil, "GGUF", uint32(99), uint64(0), uint64(0)),
		"many tensors":         gguf(1<<40, 0),
		"many fields":          gguf(0, 1<<40),
		"no architecture":      gguf(0, 0),
		"long key":             gguf(0, 1, uint64(1<<50)),
		"unknown value":        gguf(0, 1, uint64(1), "k", uint32(99)),
		"array of arrays":      gguf(0, 1, uint64(1), "k", uint32(9), uint32(9), uint64(1)),
		"long array":           gguf(0, 1, uint64(1), "k", uint32(9), uint32(4), uint64(1<<62)),
		"array length times 8": gguf(0, 1, uint64(1), "k", uint32(9), uint32(10), uint64(1)<<61, uint64(0)),
		"long string":          gguf(0, 1, uint64(1), "k", uint32(8), uint64(1<<63)),
		"alignment":            gguf(0, 2, arch, uint64(17), "general.alignment", uint32(4), uint32(48)),
		"no dimensions":        gguf(1, 1, arch, uint64(1), "t", uint32(0), uint32(0), uint64(0)),
		"five dimensions":      gguf(1, 1, arch, uint64(1), "t", uint32(5), make([]byte, 64)),
		"unknown tensor":       gguf(1, 1, arch, uint64(1), "t", uint32(1), uint64(1), uint32(77), uint64(0)),
		"product overflows":    gguf(1, 1, arch, uint64(1), "t", uint32(3), uint64(1)<<32, uint64(1)<<32, uint64(4), uint32(0), uint64(0)),
		"negative dimension":   gguf(1, 1, arch, uint64(1), "t", uint32(1), uint64(1)<<63, uint32(0), uint64(0)),
		"half a block":         gguf(1, 1, arch, uint64(1), "t", uint32(1), uint64(16), uint32(2), uint64(0), make([]byte, 99)),
		"odd offset":           gguf(1, 1, arch, uint64(1), "t", uint32(1), uint64(1), uint32(0), uint64(5), make([]byte, 99)),
		"far offset":           gguf(1, 1, arch, uint64(1), "t", uint32(1), uint64(1), uint32(0), uint64(1)<<40),
		"negative offset":      gguf(1, 1, arch, uint64(1), "t", uint32(1), uint64(1), uint32(0), uint64(1)<<63),
		"whisper sizes":        whisper(3, -1),
		"whisper vocabulary":   append(whisper(0, 51864), le(make([]byte, 80*201*4), uint32(1<<30))...),
		"whisper mels":         whisper(11, 1<<20),
		"whisper, no tensors":  append(whisper(0, 51864), make([]byte, 80*201*4+4)...),
		"other ggml":           le(nil, uint32(ggmlMagic), uint32(4), "clip", make([]byte, 99)),
		"silero layers":        le(nil, uint32(ggmlMagic), uint32(10), "silero-16k", make([]byte, 20), int32(1<<30)),
	}
	for name, p := range bad {
		var err error
		used := allocatedBytes(func() { err = check(bytesBlob(p)) })
		if err == nil {
			t.Errorf("%s passes", name)
		}
		if used > 4<<20 {
			t.Errorf("%s: %d bytes were allocated", name, used)
		}
	}
}

func TestCheckNamesTwice(t *testing.T) {
	var out bytes.Buffer
	err := writeGGUF(&out, []ggufField{{"general.architecture", "bert"}}, []ggufTensor{
		{"f", []int64{1}, typeF32, zeros(4)}, {"f", []int64{1}, typeF32, zeros(4)},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := check(bytesBlob(out.Bytes())); err == nil {
		t.Error("two tensors of one name pass")
	}
}

func TestCheckFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "model.gguf")
	if err := Check(path); err == nil {
		t.Error("a missing file passes")
	}
	if err := os.WriteFile(path, smallGGUF(t), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := Check(path); err != nil {
		t.Error(err)
	}
}

// FuzzCheck looks for files that panic, hang or make the checker allocate more
// than in proportion to their length.
func FuzzCheck(f *testing.F) {
	f.Add(smallGGUF(f))
	for name, files := range sources(f) {
		var out bytes.Buffer
		if err := runTiny(name, files, &out); err != nil {
			f.Fatal(err)
		}
		f.Add(out.Bytes()[:min(out.Len(), 1<<12)])
	}
	f.Fuzz(func(t *testing.T, p []byte) {
		used := allocatedBytes(func() { _ = check(bytesBlob(p)) })
		if limit := uint64(1<<20 + 64*len(p)); used > limit {
			t.Errorf("%d bytes allocated for a file of %d", used, len(p))
		}
	})
}

// FuzzSources does the same to the readers of source files.
func FuzzSources(f *testing.F) {
	f.Add(tinyWhisper())
	f.Add(tinyE5())
	f.Add(tinySafetensors(f))
	f.Fuzz(func(t *testing.T, p []byte) {
		_, _ = readCT2(bytesBlob(p))
		_, _ = readE5(bytesBlob(p))
		_, _ = readSafetensors(bytesBlob(p))
	})
}
