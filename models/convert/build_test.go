package convert

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"maps"
	"math"
	"slices"
	"testing"
)

// golden hashes what is written to it and keeps it.
type golden struct {
	bytes.Buffer
	h hash.Hash
}

func newGolden() *golden { return &golden{h: sha256.New()} }

func (g *golden) Write(p []byte) (int, error) {
	g.h.Write(p)
	return g.Buffer.Write(p)
}

// want compares the sum with the one that was right when the test was written
// (every converter's result was compared with the published file then).
func (g *golden) want(t *testing.T, sum string) {
	t.Helper()
	if got := hex.EncodeToString(g.h.Sum(nil)); got != sum {
		t.Errorf("sha256 of %d bytes is %s, want %s", g.Len(), got, sum)
	}
}

func bytesBlob(p []byte) *blob { return &blob{r: bytes.NewReader(p), size: int64(len(p))} }

// ramp makes n distinct small numbers that float16 holds exactly.
func ramp(n int, start float32) []float32 {
	out := make([]float32, n)
	for i := range out {
		out[i] = start + float32(i%1024)/8
	}
	return out
}

func floats(v []float32) []byte {
	var p []byte
	for _, x := range v {
		p = binary.LittleEndian.AppendUint32(p, math.Float32bits(x))
	}
	return p
}

func halves(v []float32) []byte {
	var p []byte
	for _, x := range v {
		p = binary.LittleEndian.AppendUint16(p, floatToHalf(x))
	}
	return p
}

// le appends little-endian values; strings and bytes as they are.
func le(p []byte, values ...any) []byte {
	for _, v := range values {
		switch v := v.(type) {
		case string:
			p = append(p, v...)
		case []byte:
			p = append(p, v...)
		default:
			p, _ = binary.Append(p, binary.LittleEndian, v)
		}
	}
	return p
}

// ct2Builder writes CTranslate2 files.
type ct2Builder struct {
	n    uint32
	body []byte
	next float32
}

func (b *ct2Builder) add(name string, kind uint8, data []byte, dims ...int) {
	b.n++
	b.body = le(b.body, uint16(len(name)+1), name, uint8(0), uint8(len(dims)))
	for _, d := range dims {
		b.body = le(b.body, uint32(d))
	}
	b.body = le(b.body, kind, uint32(len(data)), data)
}

// half adds a float16 tensor whose values differ from every other's.
func (b *ct2Builder) half(name string, dims ...int) {
	n := 1
	for _, d := range dims {
		n *= d
	}
	b.next++
	b.add(name, ct2Float16, halves(ramp(n, b.next)), dims...)
}

func (b *ct2Builder) file(spec string) []byte {
	p := le(nil, uint32(6), uint16(len(spec)+1), spec, uint8(0), uint32(3), b.n, b.body)
	return le(p, uint32(0))
}

// tinyWhisper is a Whisper of width 4 with one layer a side.
func tinyWhisper() []byte {
	const d = 4
	b := &ct2Builder{}
	b.half("decoder/embeddings/weight", 100, d)
	b.half("decoder/position_encodings/encodings", 3, d)
	b.half("encoder/position_encodings/encodings", 5, d)
	b.half("encoder/conv1/weight", d, 80, 3)
	b.half("encoder/conv1/bias", d)
	b.half("encoder/conv2/weight", d, d, 3)
	b.half("encoder/conv2/bias", d)
	for _, side := range []string{"encoder", "decoder"} {
		b.add(side+"/num_heads", ct2Int16, le(nil, int16(2)))
		norm := func(name string) { b.half(name+"/gamma", d); b.half(name+"/beta", d) }
		linear := func(name string, to, from int) { b.half(name+"/weight", to, from); b.half(name+"/bias", to) }
		norm(side + "/layer_norm")
		l := side + "/layer_0/"
		norm(l + "self_attention/layer_norm")
		linear(l+"self_attention/linear_0", 3*d, d)
		linear(l+"self_attention/linear_1", d, d)
		norm(l + "ffn/layer_norm")
		linear(l+"ffn/linear_0", 4*d, d)
		linear(l+"ffn/linear_1", d, 4*d)
		if side == "decoder" {
			norm(l + "attention/layer_norm")
			linear(l+"attention/linear_0", d, d)
			linear(l+"attention/linear_1", 2*d, d)
			linear(l+"attention/linear_2", d, d)
		}
	}
	return b.file("WhisperSpec")
}

// tinyE5 is a packed e5 of width 32 with one layer and a padded vocabulary.
func tinyE5() []byte {
	const width, feed, rows, context = 32, 64, 8, 4
	words := []string{"<s>", "<pad>", "</s>", "<unk>", "▁a", "<mask>"}
	p := le(nil, "E5S1", uint32(1), int32(width), int32(1), int32(2), int32(feed), int32(rows),
		int32(context), int32(2), float32(1e-12), int32(32))
	p = le(p, int32(len(words)), int32(0), int32(2), int32(1), int32(3))
	var text string
	offsets := []uint32{0}
	for _, w := range words {
		text += w
		offsets = append(offsets, uint32(len(text)))
	}
	p = le(p, uint64(len(text)), offsets, ramp(len(words), -3), text)
	p = le(p, int32(1), uint32(5), "norms")
	type tensor struct {
		name string
		q4   bool
		n    int
	}
	tensors := []tensor{
		{"emb.word", true, rows * width}, {"emb.pos", false, context * width}, {"emb.type", false, 2 * width},
		{"emb.ln.w", false, width}, {"emb.ln.b", false, width},
	}
	for _, name := range []string{"q", "k", "v", "ao"} {
		tensors = append(tensors, tensor{"l0." + name + ".w", true, width * width}, tensor{"l0." + name + ".b", false, width})
	}
	tensors = append(tensors, tensor{"l0.fi.w", true, feed * width}, tensor{"l0.fi.b", false, feed},
		tensor{"l0.fo.w", true, feed * width}, tensor{"l0.fo.b", false, width})
	for _, name := range []string{"aln", "oln"} {
		tensors = append(tensors, tensor{"l0." + name + ".w", false, width}, tensor{"l0." + name + ".b", false, width})
	}
	head := len(p) + 4
	for _, x := range tensors {
		head += 2 + len(x.name) + 21
	}
	p = le(p, int32(len(tensors)))
	var data []byte
	for i, x := range tensors {
		body, kind := floats(ramp(x.n, float32(i))), uint8(0)
		if x.q4 {
			body, kind = bytes.Repeat([]byte{byte(i)}, x.n/32*18), 1
		}
		data = append(data, make([]byte, 7)...) // a gap, as in the real file
		p = le(p, uint16(len(x.name)), x.name, kind, uint32(x.n), uint64(head+len(data)), uint64(len(body)))
		data = append(data, body...)
	}
	return append(p, data...)
}

func tinyTokenizer() []byte {
	charsmap := base64.StdEncoding.EncodeToString([]byte("charsmap"))
	return fmt.Appendf(nil, `{"model":{"vocab":[]},"normalizer":{"type":"Sequence","normalizers":[`+
		`{"type":"Strip"},{"type":"Precompiled","precompiled_charsmap":%q}]}}`, charsmap)
}

// tinyBert is a BERT with one layer; tinySafetensors holds its weights.
var tinyBert = bert{name: "tiny", layers: 1, context: 4, width: 8, heads: 2, feedForward: 16, epsilon: 1e-12, fileType: fileMostF16}

const tinyVocabulary = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\ngo\n##ing\n["

// shapeSource notes which tensors a BERT is made of.
type shapeSource map[string][]int64

func (s shapeSource) tensor(name string, _ bool, shape ...int64) (uint32, func(io.Writer) error, error) {
	s[name] = shape
	return typeF32, nil, nil
}

func tinySafetensors(t testing.TB) []byte {
	shapes := shapeSource{}
	if _, err := tinyBert.tensors(shapes, 8, 2); err != nil {
		t.Fatal(err)
	}
	header := map[string]any{"__metadata__": map[string]string{"format": "pt"}}
	var data []byte
	for i, name := range slices.Sorted(maps.Keys(shapes)) {
		n := int64(1)
		for _, d := range shapes[name] {
			n *= d
		}
		body := floats(ramp(int(n), float32(i)))
		header[miniLMNames.Replace(name)] = safeTensor{"F32", shapes[name], [2]int64{int64(len(data)), int64(len(data) + len(body))}}
		data = append(data, body...)
	}
	text, err := json.Marshal(header)
	if err != nil {
		t.Fatal(err)
	}
	return le(nil, uint64(len(text)), text, data)
}

// tinyTorch is a TorchScript archive with the shapes of the real detector.
func tinyTorch(t testing.TB) []byte {
	sizes := []int{2: 258 * 256, 3: 128 * 129 * 3, 4: 128, 5: 64 * 128 * 3, 6: 64, 7: 64 * 64 * 3, 8: 64,
		9: 128 * 64 * 3, 10: 128, 11: 512 * 128, 12: 512 * 128, 13: 512, 14: 512, 15: 128, 16: 1, 17: 99}
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for i, n := range sizes {
		w, err := z.Create(fmt.Sprintf("model/data/%d", i))
		if err == nil {
			_, err = w.Write(floats(ramp(n, float32(i))))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
