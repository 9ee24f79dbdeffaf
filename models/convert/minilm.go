package convert

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// miniLMShape is all-MiniLM-L6-v2, from its config.json.
var miniLMShape = bert{
	name: "all-MiniLM-L6-v2", layers: 6, context: 512, width: 384, heads: 12,
	feedForward: 1536, epsilon: 1e-12, fileType: fileMostF16,
}

// miniLM converts all-MiniLM-L6-v2's safetensors and WordPiece vocabulary to
// GGUF, matrices as float16.
func miniLM(files map[string]*blob, w io.Writer) error {
	return miniLMShape.fromSafetensors(files, w)
}

func (b bert) fromSafetensors(files map[string]*blob, w io.Writer) error {
	source, err := readSafetensors(files[RoleModel])
	if err != nil {
		return err
	}
	v, err := readWordPiece(files[RoleVocabulary])
	if err != nil {
		return err
	}
	const types = 2
	tensors, err := b.tensors((*miniLMSource)(source), int64(len(v.tokens)), types)
	if err != nil {
		return err
	}
	return writeGGUF(w, append(b.fields(), []ggufField{
		{"tokenizer.ggml.model", "bert"},
		{"tokenizer.ggml.tokens", v.tokens},
		{"tokenizer.ggml.token_type", v.kinds},
		{"tokenizer.ggml.token_type_count", uint32(types)},
		{"tokenizer.ggml.bos_token_id", v.ids["[CLS]"]},
		{"tokenizer.ggml.eos_token_id", v.ids["[SEP]"]},
		{"tokenizer.ggml.unknown_token_id", v.ids["[UNK]"]},
		{"tokenizer.ggml.seperator_token_id", v.ids["[SEP]"]},
		{"tokenizer.ggml.padding_token_id", v.ids["[PAD]"]},
		{"tokenizer.ggml.cls_token_id", v.ids["[CLS]"]},
		{"tokenizer.ggml.mask_token_id", v.ids["[MASK]"]},
	}...), tensors)
}

// miniLMSource finds tensors by BERT's original names.
type miniLMSource safetensors

var miniLMNames = strings.NewReplacer(
	"token_embd_norm", "embeddings.LayerNorm",
	"token_embd", "embeddings.word_embeddings",
	"position_embd", "embeddings.position_embeddings",
	"token_types", "embeddings.token_type_embeddings",
	"blk.", "encoder.layer.",
	"attn_q", "attention.self.query",
	"attn_k", "attention.self.key",
	"attn_v", "attention.self.value",
	"attn_output_norm", "attention.output.LayerNorm",
	"attn_output", "attention.output.dense",
	"ffn_up", "intermediate.dense",
	"ffn_down", "output.dense",
	"layer_output_norm", "output.LayerNorm",
)

func (s *miniLMSource) tensor(name string, matrix bool, shape ...int64) (uint32, func(io.Writer) error, error) {
	r, err := (*safetensors)(s).float(miniLMNames.Replace(name), shape...)
	if err != nil {
		return 0, nil, err
	}
	if matrix {
		return typeF16, func(w io.Writer) error { return narrow(w, r) }, nil
	}
	return typeF32, func(w io.Writer) error {
		_, err := io.Copy(w, r)
		return err
	}, nil
}

// wordPiece is a BERT vocabulary as llama.cpp spells it.
type wordPiece struct {
	tokens []string
	kinds  []int32
	ids    map[string]uint32 // of the special tokens
}

// readWordPiece reads a vocab.txt. Where WordPiece marks what continues a word
// (##ing), llama.cpp marks what begins one (▁go), as SentencePiece does.
func readWordPiece(b *blob) (*wordPiece, error) {
	v := &wordPiece{ids: map[string]uint32{}}
	special := map[string]int32{
		"[CLS]": tokenControl, "[SEP]": tokenControl, "[PAD]": tokenControl, "[MASK]": tokenControl,
		"[UNK]": tokenUnknown,
	}
	s := bufio.NewScanner(b.section(0, b.size))
	for s.Scan() {
		word, kind := s.Text(), int32(tokenNormal)
		if k, ok := special[word]; ok {
			v.ids[word], kind = uint32(len(v.tokens)), k
		}
		piece, continues := strings.CutPrefix(word, "##")
		if !continues && !(strings.HasPrefix(word, "[") && strings.HasSuffix(word, "]")) {
			piece = "▁" + word
		}
		v.tokens, v.kinds = append(v.tokens, piece), append(v.kinds, kind)
	}
	if s.Err() != nil {
		return nil, s.Err()
	}
	for word := range special {
		if _, ok := v.ids[word]; !ok {
			return nil, fmt.Errorf("the vocabulary has no %s", word)
		}
	}
	return v, nil
}
