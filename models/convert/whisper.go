package convert

import (
	"bufio"
	"fmt"
	"io"
)

// whisper converts a CTranslate2 float16 Whisper to whisper.cpp's ggml file.
// The tensors are written in the order of OpenAI's checkpoints, with OpenAI's
// names. Matrices stay float16; what whisper.cpp adds up in float32 (biases,
// norms, positions) is widened.
func whisper(files map[string]*blob, w io.Writer) error {
	m, err := readCT2(files[RoleModel])
	if err != nil {
		return err
	}
	if m.spec != "WhisperSpec" {
		return fmt.Errorf("the model is a %q, not a Whisper", m.spec)
	}
	words, err := whisperVocabulary(files[RoleVocabulary])
	if err != nil {
		return err
	}
	p, err := whisperShape(m)
	if err != nil {
		return err
	}
	tensors, err := p.tensors(m)
	if err != nil {
		return err
	}
	g := newGGMLWriter(w)
	g.ints(ggmlMagic, int32(p.vocabulary),
		int32(p.audioContext), int32(p.width), int32(p.audioHeads), int32(p.audioLayers),
		int32(p.textContext), int32(p.width), int32(p.textHeads), int32(p.textLayers),
		int32(p.mels), typeF16)
	g.ints(int32(p.mels), melBins)
	g.floats(melFilters(int(p.mels)))
	g.ints(int32(len(words)))
	for _, word := range words {
		g.str(word)
	}
	for _, t := range tensors {
		g.tensor(t)
	}
	return g.close()
}

// whisperParams are the sizes of a Whisper.
type whisperParams struct {
	vocabulary, width, mels   int64
	audioContext, textContext int64
	audioHeads, textHeads     int
	audioLayers, textLayers   int
}

func whisperShape(m *ct2) (p whisperParams, err error) {
	words, err := m.half("decoder/embeddings/weight", 0, 0)
	if err != nil {
		return p, err
	}
	p.vocabulary, p.width = words.dims[0], words.dims[1]
	conv, err := m.half("encoder/conv1/weight", p.width, 0, 3)
	if err != nil {
		return p, err
	}
	audio, err := m.half("encoder/position_encodings/encodings", 0, p.width)
	if err != nil {
		return p, err
	}
	text, err := m.half("decoder/position_encodings/encodings", 0, p.width)
	if err != nil {
		return p, err
	}
	p.mels, p.audioContext, p.textContext = conv.dims[1], audio.dims[0], text.dims[0]
	if p.audioHeads, err = m.int16("encoder/num_heads"); err != nil {
		return p, err
	}
	if p.textHeads, err = m.int16("decoder/num_heads"); err != nil {
		return p, err
	}
	p.audioLayers, p.textLayers = m.layers("encoder/"), m.layers("decoder/")
	if p.audioLayers == 0 || p.textLayers == 0 || p.mels != 80 && p.mels != 128 {
		return p, fmt.Errorf("a Whisper of %d and %d layers and %d mel filters is not one",
			p.audioLayers, p.textLayers, p.mels)
	}
	return p, nil
}

// whisperTensors collects the output tensors; the first missing one sticks.
type whisperTensors struct {
	m   *ct2
	p   whisperParams
	out []ggmlTensor
	err error
}

func (p whisperParams) tensors(m *ct2) ([]ggmlTensor, error) {
	l := &whisperTensors{m: m, p: p}
	d := p.width
	l.float("decoder.positional_embedding", "decoder/position_encodings/encodings", p.textContext, d)
	l.float("encoder.positional_embedding", "encoder/position_encodings/encodings", p.audioContext, d)
	l.half("decoder.token_embedding.weight", "decoder/embeddings/weight", 0, 1, p.vocabulary, d)
	for i := range p.textLayers {
		to, from := fmt.Sprintf("decoder.blocks.%d.", i), fmt.Sprintf("decoder/layer_%d/", i)
		l.feed(to, from)
		l.self(to, from)
		l.norm(to+"cross_attn_ln", from+"attention/layer_norm")
		l.linear(to+"cross_attn.query", from+"attention/linear_0", 0, 1, d, d, true)
		l.linear(to+"cross_attn.key", from+"attention/linear_1", 0, 2, d, d, false)
		l.linear(to+"cross_attn.value", from+"attention/linear_1", 1, 2, d, d, true)
		l.linear(to+"cross_attn.out", from+"attention/linear_2", 0, 1, d, d, true)
	}
	l.norm("decoder.ln", "decoder/layer_norm")
	l.conv("encoder.conv1", "encoder/conv1", p.mels)
	l.conv("encoder.conv2", "encoder/conv2", d)
	for i := range p.audioLayers {
		to, from := fmt.Sprintf("encoder.blocks.%d.", i), fmt.Sprintf("encoder/layer_%d/", i)
		l.feed(to, from)
		l.self(to, from)
	}
	l.norm("encoder.ln_post", "encoder/layer_norm")
	return l.out, l.err
}

func (l *whisperTensors) feed(to, from string) {
	d := l.p.width
	l.norm(to+"mlp_ln", from+"ffn/layer_norm")
	l.linear(to+"mlp.0", from+"ffn/linear_0", 0, 1, 4*d, d, true)
	l.linear(to+"mlp.2", from+"ffn/linear_1", 0, 1, d, 4*d, true)
}

// self splits the fused query, key and value of self-attention; Whisper's
// keys have no bias.
func (l *whisperTensors) self(to, from string) {
	d := l.p.width
	l.norm(to+"attn_ln", from+"self_attention/layer_norm")
	l.linear(to+"attn.query", from+"self_attention/linear_0", 0, 3, d, d, true)
	l.linear(to+"attn.key", from+"self_attention/linear_0", 1, 3, d, d, false)
	l.linear(to+"attn.value", from+"self_attention/linear_0", 2, 3, d, d, true)
	l.linear(to+"attn.out", from+"self_attention/linear_1", 0, 1, d, d, true)
}

func (l *whisperTensors) norm(to, from string) {
	l.float(to+".weight", from+"/gamma", l.p.width)
	l.float(to+".bias", from+"/beta", l.p.width)
}

// linear takes part k of n fused layers of rows × cols.
func (l *whisperTensors) linear(to, from string, k, n, rows, cols int64, bias bool) {
	l.half(to+".weight", from+"/weight", k, n, rows, cols)
	if bias {
		l.part(to+".bias", from+"/bias", typeF32, k, n, []int64{rows}, []int64{rows})
	}
}

// conv's bias is written as a column, which is what whisper.cpp asks for.
func (l *whisperTensors) conv(to, from string, in int64) {
	d := l.p.width
	l.part(to+".weight", from+"/weight", typeF16, 0, 1, []int64{d, in, 3}, []int64{d, in, 3})
	l.part(to+".bias", from+"/bias", typeF32, 0, 1, []int64{d}, []int64{d, 1})
}

func (l *whisperTensors) half(to, from string, k, n int64, dims ...int64) {
	l.part(to, from, typeF16, k, n, dims, dims)
}

func (l *whisperTensors) float(to, from string, dims ...int64) {
	l.part(to, from, typeF32, 0, 1, dims, dims)
}

// part adds part k of n of a source tensor whose parts have shape dims, to be
// written with shape as.
func (l *whisperTensors) part(to, from string, kind int32, k, n int64, dims, as []int64) {
	if l.err != nil {
		return
	}
	whole := append([]int64{dims[0] * n}, dims[1:]...)
	t, err := l.m.half(from, whole...)
	if err != nil {
		l.err = err
		return
	}
	l.out = append(l.out, ggmlTensor{name: to, dims: as, kind: kind, write: func(w io.Writer) error {
		r := l.m.rows(t, k, n)
		if kind == typeF32 {
			return widen(w, r)
		}
		_, err := io.Copy(w, r)
		return err
	}})
}

// whisperWords is how many words whisper.cpp's files list. The multilingual
// models have that many (the last one is empty); the English ones have one
// fewer and list the end-of-text token after them, as the published files do.
// whisper.cpp makes the other special tokens itself.
const whisperWords = 50257

const endOfText = "<|endoftext|>"

// whisperVocabulary reads the first words as raw bytes: the file holds GPT-2's
// printable stand-ins for bytes.
func whisperVocabulary(b *blob) ([][]byte, error) {
	stand := gpt2Bytes()
	var words [][]byte
	s := bufio.NewScanner(b.section(0, b.size))
	for s.Scan() {
		if s.Text() == endOfText {
			if len(words) == whisperWords-1 {
				words = append(words, []byte(endOfText))
			}
			return words, nil
		}
		word := []byte{}
		for _, r := range s.Text() {
			v, ok := stand[r]
			if !ok {
				return nil, fmt.Errorf("word %d of the vocabulary has %q, which stands for no byte", len(words), r)
			}
			word = append(word, v)
		}
		words = append(words, word)
	}
	if s.Err() != nil {
		return nil, s.Err()
	}
	return nil, fmt.Errorf("the vocabulary has no %s", endOfText)
}

// gpt2Bytes undoes GPT-2's byte encoder: printable Latin-1 stands for itself,
// the other bytes for the runes from U+0100 in order.
func gpt2Bytes() map[rune]byte {
	out := make(map[rune]byte, 256)
	next := rune(256)
	for b := range 256 {
		r := rune(b)
		if r >= '!' && r <= '~' || r >= '¡' && r <= '¬' || r >= '®' && r <= 'ÿ' {
			out[r] = byte(b)
			continue
		}
		out[next] = byte(b)
		next++
	}
	return out
}
