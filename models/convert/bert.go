package convert

import (
	"fmt"
	"io"
)

// Types of tokens in a GGUF vocabulary.
const (
	tokenNormal  = 1
	tokenUnknown = 2
	tokenControl = 3
)

// llama.cpp's numbers: mean pooling, and the file types "mostly float16" and
// "mostly Q4_0".
const (
	poolingMean  = 1
	fileMostF16  = 1
	fileMostQ4_0 = 2
)

// bert describes a BERT-shaped embedding model.
type bert struct {
	name                                       string
	layers, context, width, heads, feedForward int64
	epsilon                                    float32
	fileType                                   uint32
}

// fields is the metadata that llama.cpp needs for any BERT.
func (b bert) fields() []ggufField {
	return []ggufField{
		{"general.architecture", "bert"},
		{"general.name", b.name},
		{"general.file_type", b.fileType},
		{"bert.block_count", uint32(b.layers)},
		{"bert.context_length", uint32(b.context)},
		{"bert.embedding_length", uint32(b.width)},
		{"bert.feed_forward_length", uint32(b.feedForward)},
		{"bert.attention.head_count", uint32(b.heads)},
		{"bert.attention.layer_norm_epsilon", b.epsilon},
		{"bert.attention.causal", false},
		{"bert.pooling_type", uint32(poolingMean)},
	}
}

// bertSource finds a tensor of the source model by our own name for it.
type bertSource interface {
	// tensor returns kind and data of a tensor; shape is what it must have,
	// matrix whether llama.cpp multiplies with it (and takes it quantized).
	tensor(name string, matrix bool, shape ...int64) (kind uint32, write func(io.Writer) error, err error)
}

// tensors lists a BERT's tensors in llama.cpp's order and under its names.
func (b bert) tensors(src bertSource, words, types int64) (out []ggufTensor, err error) {
	add := func(name string, matrix bool, shape ...int64) {
		if err != nil {
			return
		}
		t := ggufTensor{name: name, dims: shape}
		if t.kind, t.write, err = src.tensor(name, matrix, shape...); err == nil {
			out = append(out, t)
		}
	}
	linear := func(name string, to, from int64) {
		add(name+".weight", true, to, from)
		add(name+".bias", false, to)
	}
	norm := func(name string) {
		add(name+".weight", false, b.width)
		add(name+".bias", false, b.width)
	}
	add("token_embd.weight", true, words, b.width)
	add("position_embd.weight", false, b.context, b.width)
	add("token_types.weight", false, types, b.width)
	norm("token_embd_norm")
	for i := range b.layers {
		block := fmt.Sprintf("blk.%d.", i)
		linear(block+"attn_q", b.width, b.width)
		linear(block+"attn_k", b.width, b.width)
		linear(block+"attn_v", b.width, b.width)
		linear(block+"attn_output", b.width, b.width)
		norm(block + "attn_output_norm")
		linear(block+"ffn_up", b.feedForward, b.width)
		linear(block+"ffn_down", b.width, b.feedForward)
		norm(block + "layer_output_norm")
	}
	return out, err
}
