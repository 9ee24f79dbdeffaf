// Package models is the box's view of its AI models: what a text generator, an
// embedder and a transcriber can do, whoever serves them. Engines live in
// subpackages; weights are listed in models/catalogue.
package models

import (
	"context"
	"time"
)

// Generator writes text.
type Generator interface {
	// Generate streams a reply. emit is called for each piece in order; its
	// error stops the reply. Usage is valid also after an error.
	Generate(ctx context.Context, p Prompt, emit func(piece string) error) (Usage, error)
	// CountTokens measures text with the model's own tokenizer.
	CountTokens(ctx context.Context, text string) (int, error)
	// Name is the model's name as shown to people.
	Name() string
	// Context is how many tokens one prompt and its reply may hold together.
	Context() int
	// Slots is how many replies can be written at once.
	Slots() int
}

// Turn is one message of a prompt; Role is system, user or assistant.
type Turn struct {
	Role    string `json:"role"`
	Content string `json:"content"`
}

// Prompt is what a Generator continues.
type Prompt struct {
	Turns       []Turn
	MaxTokens   int
	Temperature float64
	Stop        []string
	Grammar     string // GBNF, or empty
	// Material is what a turn quotes of the school's material, word for word:
	// names in it are not those of the people who ask. It is not sent.
	Material string
	// Slot pins the prompt to an engine slot so that a shared prefix is reused;
	// -1 lets the engine choose.
	Slot int
}

// Usage is what a reply cost.
type Usage struct {
	PromptTokens     int // whole prompt
	CachedTokens     int // of which were still in the slot
	CompletionTokens int
	FirstToken       time.Duration // from the request to the first piece
	Total            time.Duration
	Truncated        bool // stopped by MaxTokens
	Repeated         bool // stopped because the model said the same again and again
}

// Embedder turns text into unit-length vectors.
type Embedder interface {
	// EmbedPassages embeds texts that will be searched, in order. Each must be
	// at most MaxTokens long.
	EmbedPassages(ctx context.Context, texts []string) ([][]float32, error)
	// EmbedQuery embeds a question.
	EmbedQuery(ctx context.Context, text string) ([]float32, error)
	// CountTokens measures each text with the model's own tokenizer, without
	// the prefix and special tokens that embedding adds.
	CountTokens(ctx context.Context, texts []string) ([]int, error)
	// Name is the model's name; vectors of different names do not mix.
	Name() string
	// Dimensions is the length of a vector.
	Dimensions() int
	// MaxTokens is the longest text that one vector can hold, as CountTokens
	// counts.
	MaxTokens() int
}

// Transcriber turns speech into text.
type Transcriber interface {
	// Transcribe reads 16 kHz mono signed 16-bit little-endian samples (no
	// header) from a file, from the given offset for the given length (0: to
	// the end), and calls emit for each segment in order, with times from the
	// start of the file. It returns the language that it heard or was told.
	Transcribe(ctx context.Context, r Recording, emit func(Segment) error) (language string, err error)
	// Name is the model's name.
	Name() string
}

// Recording is a stretch of a PCM file.
type Recording struct {
	Path     string
	From     time.Duration
	Length   time.Duration
	Language string // ISO 639-1, or empty to detect
}

// Segment is a stretch of speech.
type Segment struct {
	Start time.Duration `json:"start"`
	End   time.Duration `json:"end"`
	Text  string        `json:"text"`
}
