package llama

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/bwenge-os/bwenge/internal/problem"
	"github.com/bwenge-os/bwenge/models"
	"github.com/bwenge-os/bwenge/models/openai"
	"github.com/bwenge-os/bwenge/models/worker"
)

// EmbedConfig describes an embedding model.
type EmbedConfig struct {
	Name       string // vectors of different names do not mix
	Dimensions int    // 384
	// Window is how many tokens the model reads at once, with the prefix and
	// special tokens (512).
	Window int
	// QueryPrefix and PassagePrefix are what the model was trained to see before
	// a question and a passage; of the e5 family "query: " and "passage: ".
	QueryPrefix, PassagePrefix string
	Slots                      int // texts in flight at once (4)

	Engine Engine
	Local  Local
}

// Embedder turns text into vectors with a llama-server.
type Embedder struct {
	cfg       EmbedConfig
	engine    Engine
	questions collector
	passages  chan struct{} // held while passages are embedded
}

var _ models.Embedder = (*Embedder)(nil)

const (
	// overhead is room in the window for the begin and end tokens and the
	// longest prefix ("passage: " is 4 tokens of e5's).
	overhead = 8
	// batch is how many passages one request holds: large enough to keep the
	// engine busy, small enough to be told of a cancellation soon.
	batch = 16
)

// NewEmbedder describes an embedding model; its engine starts with the first
// request.
func NewEmbedder(cfg EmbedConfig) *Embedder {
	if cfg.Dimensions == 0 {
		cfg.Dimensions = 384
	}
	if cfg.Window == 0 {
		cfg.Window = 512
	}
	if cfg.Slots == 0 {
		cfg.Slots = 4
	}
	if cfg.Engine == nil {
		cfg.Engine = cfg.Local.embedding(cfg.Window, cfg.Slots)
	}
	e := &Embedder{cfg: cfg, engine: cfg.Engine, passages: make(chan struct{}, 1)}
	e.questions.embed = e.embed
	return e
}

// Name is the model's name; vectors of different names do not mix.
func (e *Embedder) Name() string { return e.cfg.Name }

// Dimensions is the length of a vector.
func (e *Embedder) Dimensions() int { return e.cfg.Dimensions }

// MaxTokens is the longest text that one vector can hold, as CountTokens counts.
func (e *Embedder) MaxTokens() int { return e.cfg.Window - overhead }

// Status tells how the engine is.
func (e *Embedder) Status() worker.Status {
	s := e.engine.Status()
	s.Model = e.cfg.Name
	return s
}

// Start loads the model if it is not loaded yet.
func (e *Embedder) Start(ctx context.Context) error { return start(ctx, e.engine) }

// Close stops the engine.
func (e *Embedder) Close() error { return e.engine.Close() }

// EmbedQuery embeds a question, with those of others who ask at the same time.
// What does not fit is cut off: a question has said what it is about long before.
func (e *Embedder) EmbedQuery(ctx context.Context, text string) ([]float32, error) {
	text = clean(text)
	vector, err := e.questions.vector(ctx, e.cfg.QueryPrefix+text)
	if problem.CodeOf(err) == problem.TooLarge {
		// Every token stands for at least one byte, so this many bytes fit.
		short := strings.ToValidUTF8(text[:min(len(text), e.MaxTokens())], "")
		vector, err = e.questions.vector(ctx, e.cfg.QueryPrefix+short)
	}
	return vector, err
}

// EmbedPassages embeds texts that will be searched, in order. A text over
// MaxTokens is an error that says which one it is. Questions go first: no more
// than one batch of passages stands before them in the engine.
func (e *Embedder) EmbedPassages(ctx context.Context, texts []string) ([][]float32, error) {
	vectors := make([][]float32, 0, len(texts))
	for len(texts) > 0 {
		part := make([]string, min(batch, len(texts)))
		for i := range part {
			part[i] = e.cfg.PassagePrefix + clean(texts[i])
		}
		got, err := e.inTurn(ctx, part)
		if err != nil {
			return nil, err
		}
		vectors, texts = append(vectors, got...), texts[len(part):]
	}
	return vectors, nil
}

// inTurn embeds a batch of passages when no question wants the engine.
func (e *Embedder) inTurn(ctx context.Context, part []string) ([][]float32, error) {
	select {
	case e.passages <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-e.passages }()
	if err := e.questions.settled(ctx); err != nil {
		return nil, err
	}
	return e.embed(ctx, part)
}

func (e *Embedder) embed(ctx context.Context, texts []string) ([][]float32, error) {
	request := struct {
		Input  []string `json:"input"`
		Format string   `json:"encoding_format"`
	}{texts, "base64"} // a third of the bytes of decimal numbers
	var answer struct {
		Data []struct {
			Index     int    `json:"index"`
			Embedding string `json:"embedding"`
		} `json:"data"`
	}
	if err := call(ctx, e.engine, "/v1/embeddings", request, &answer); err != nil {
		return nil, err
	}
	vectors := make([][]float32, len(texts))
	for _, d := range answer.Data {
		if d.Index < 0 || d.Index >= len(vectors) {
			continue
		}
		v, err := decode(d.Embedding, e.cfg.Dimensions)
		if err != nil {
			return nil, e.wrong(err)
		}
		vectors[d.Index] = v
	}
	for i, v := range vectors {
		if v == nil {
			return nil, e.wrong(fmt.Errorf("no vector for text %d of %d", i+1, len(texts)))
		}
	}
	return vectors, nil
}

func (e *Embedder) wrong(err error) error {
	return problem.New(problem.Internal, "engine_refused",
		"The embedding engine answered with something else than was asked.",
		"Run the check-up on the box: bwenge doctor.", err)
}

// decode reads a vector (base64 of little-endian float32) and makes its length 1.
func decode(text string, dimensions int) ([]float32, error) {
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, err
	}
	if len(data) != 4*dimensions {
		return nil, fmt.Errorf("a vector of %d bytes, want %d numbers", len(data), dimensions)
	}
	v := make([]float32, dimensions)
	var sum float64
	for i := range v {
		v[i] = math.Float32frombits(binary.LittleEndian.Uint32(data[4*i:]))
		sum += float64(v[i]) * float64(v[i])
	}
	length := math.Sqrt(sum)
	if length == 0 || math.IsNaN(length) || math.IsInf(length, 0) {
		return nil, fmt.Errorf("a vector of length %v", length)
	}
	for i := range v {
		v[i] = float32(float64(v[i]) / length)
	}
	return v, nil
}

// clean makes text what the model was trained on: composed characters (NFC), no
// space around it, and no literal special tokens, which the engine would take
// for the real ones.
func clean(text string) string {
	return strings.TrimSpace(norm.NFC.String(openai.WithoutMarkers(text)))
}

// CountTokens measures each text with the model's own tokenizer, without the
// prefix and special tokens that embedding adds.
func (e *Embedder) CountTokens(ctx context.Context, texts []string) ([]int, error) {
	cleaned := make([]string, len(texts))
	for i, t := range texts {
		cleaned[i] = clean(t)
	}
	counts, err := countTokens(ctx, e.engine, cleaned)
	if err != nil {
		return nil, err
	}
	return counts, nil
}

// boundary stands between texts in a tokenize request. No token has this id.
const boundary = -1

// countTokens measures many texts in one request. llama-server accepts a list
// of strings and token ids and returns all ids in one list, each string
// tokenized on its own; an id that no token has shows where each text ends.
func countTokens(ctx context.Context, engine Engine, texts []string) ([]int, error) {
	if len(texts) == 0 {
		return nil, nil
	}
	content := make([]any, 0, 2*len(texts))
	for _, t := range texts {
		if t != "" {
			content = append(content, t)
		}
		content = append(content, boundary)
	}
	request := struct {
		Content []any `json:"content"`
	}{content}
	var answer struct {
		Tokens []int `json:"tokens"`
	}
	if err := call(ctx, engine, "/tokenize", request, &answer); err != nil {
		return nil, err
	}
	counts, n := make([]int, 0, len(texts)), 0
	for _, id := range answer.Tokens {
		if id == boundary {
			counts, n = append(counts, n), 0
		} else {
			n++
		}
	}
	if len(counts) != len(texts) {
		return nil, problem.New(problem.Internal, "engine_refused",
			"The engine counted the words of a text wrongly.",
			"Run the check-up on the box: bwenge doctor.",
			fmt.Errorf("%d counts for %d texts", len(counts), len(texts)))
	}
	return counts, nil
}
