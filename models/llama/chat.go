// Package llama speaks to llama.cpp's llama-server: NewChat writes text,
// NewEmbedder turns text into vectors. It uses the OpenAI wire format with
// llama-server's extensions, and builds every request from a fixed list of
// fields.
package llama

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"

	"github.com/bwenge-os/bwenge/internal/problem"
	"github.com/bwenge-os/bwenge/models"
	"github.com/bwenge-os/bwenge/models/worker"
)

// ChatConfig describes a chat model. Engine may be one that runs elsewhere;
// without it NewChat makes a local one from Binary and Model.
type ChatConfig struct {
	Name    string // of the model, as shown to people
	Context int    // tokens of one prompt and its reply (2048)
	Slots   int    // replies written at once (2)
	// Silence is how long the engine may go without reading or writing a token
	// before it counts as hung and is killed (60 s).
	Silence time.Duration

	Engine Engine
	Local  Local
}

// Chat writes text with a llama-server.
type Chat struct {
	cfg    ChatConfig
	engine Engine
	pulse  pulse
}

var _ models.Generator = (*Chat)(nil)

// NewChat describes a chat model; its engine starts with the first request.
func NewChat(cfg ChatConfig) *Chat {
	if cfg.Context == 0 {
		cfg.Context = 2048
	}
	if cfg.Slots == 0 {
		cfg.Slots = 2
	}
	if cfg.Silence == 0 {
		cfg.Silence = 60 * time.Second
	}
	if cfg.Engine == nil {
		cfg.Engine = cfg.Local.chat(cfg.Context, cfg.Slots)
	}
	return &Chat{cfg: cfg, engine: cfg.Engine}
}

// Name is the model's name as shown to people.
func (c *Chat) Name() string { return c.cfg.Name }

// Context is how many tokens a prompt and its reply may hold together.
func (c *Chat) Context() int { return c.cfg.Context }

// Slots is how many replies can be written at once.
func (c *Chat) Slots() int { return c.cfg.Slots }

// Status tells how the engine is.
func (c *Chat) Status() worker.Status {
	s := c.engine.Status()
	s.Model = c.cfg.Name
	return s
}

// Start loads the model if it is not loaded yet, so that the first question
// does not wait for it.
func (c *Chat) Start(ctx context.Context) error { return start(ctx, c.engine) }

// Close stops the engine.
func (c *Chat) Close() error { return c.engine.Close() }

func start(ctx context.Context, e Engine) error {
	lease, err := e.Acquire(ctx)
	if err == nil {
		lease.Release()
	}
	return err
}

// CountTokens measures text with the model's own tokenizer.
func (c *Chat) CountTokens(ctx context.Context, text string) (int, error) {
	n, err := countTokens(ctx, c.engine, []string{withoutMarkers(text)})
	if err != nil {
		return 0, err
	}
	return n[0], nil
}

// chatRequest is every field that is ever sent.
type chatRequest struct {
	Messages       []models.Turn `json:"messages"`
	MaxTokens      int           `json:"max_tokens,omitempty"`
	Temperature    float64       `json:"temperature"`
	Stop           []string      `json:"stop,omitempty"`
	Grammar        string        `json:"grammar,omitempty"`
	Slot           int           `json:"id_slot"`
	CachePrompt    bool          `json:"cache_prompt"`
	Stream         bool          `json:"stream"`
	ReturnProgress bool          `json:"return_progress"`
	StreamOptions  struct {
		IncludeUsage bool `json:"include_usage"`
	} `json:"stream_options"`
}

// chatChunk is one event of the reply.
type chatChunk struct {
	Choices []struct {
		Delta struct {
			Content string `json:"content"`
		} `json:"delta"`
		FinishReason string `json:"finish_reason"`
	} `json:"choices"`
	Progress *struct { // while the prompt is being read
		Total int `json:"total"`
		Cache int `json:"cache"`
	} `json:"prompt_progress"`
	Usage *struct {
		PromptTokens     int `json:"prompt_tokens"`
		CompletionTokens int `json:"completion_tokens"`
		Details          struct {
			CachedTokens int `json:"cached_tokens"`
		} `json:"prompt_tokens_details"`
	} `json:"usage"`
	Timings *struct {
		CacheN     int `json:"cache_n"`
		PromptN    int `json:"prompt_n"`
		PredictedN int `json:"predicted_n"`
	} `json:"timings"`
	Error *apiError `json:"error"`
}

// Generate streams a reply. Ending the context frees the engine's slot. An
// engine that falls silent is killed, and this reply fails; the next one finds
// a new engine.
func (c *Chat) Generate(ctx context.Context, p models.Prompt, emit func(piece string) error) (models.Usage, error) {
	began := time.Now()
	lease, err := c.engine.Acquire(ctx)
	if err != nil {
		return models.Usage{}, err
	}
	defer lease.Release()

	dog := newWatchdog(ctx, &c.pulse, c.cfg.Silence)
	defer dog.stop()
	var usage models.Usage
	err = c.stream(dog, lease, p, &usage, began, emit)
	usage.Total = time.Since(began)
	if err == nil {
		return usage, nil
	}
	if s, ok := errors.AsType[stopped](err); ok {
		return usage, s.error
	}
	if ctx.Err() != nil {
		return usage, ctx.Err()
	}
	if context.Cause(dog.ctx) == errSilent {
		lease.Kill(fmt.Sprintf("it wrote nothing for %s", c.cfg.Silence))
		return usage, problem.New(problem.Timeout, "engine_silent",
			"The "+c.cfg.Name+" model stopped writing in the middle of the answer.",
			"Ask again: the box has started it anew.", err)
	}
	return usage, lease.Explain(err)
}

// stopped is the error of the one who reads the reply.
type stopped struct{ error }

func (c *Chat) stream(dog *watchdog, lease *worker.Lease, p models.Prompt, usage *models.Usage, began time.Time, emit func(string) error) error {
	request := chatRequest{
		Messages: make([]models.Turn, len(p.Turns)), MaxTokens: p.MaxTokens,
		Temperature: p.Temperature, Stop: p.Stop, Grammar: p.Grammar, Slot: p.Slot,
		CachePrompt: true, Stream: true, ReturnProgress: true,
	}
	request.StreamOptions.IncludeUsage = true
	for i, t := range p.Turns {
		request.Messages[i] = models.Turn{Role: t.Role, Content: withoutMarkers(t.Content)}
	}
	resp, err := post(dog.ctx, lease, "/v1/chat/completions", request)
	if err != nil {
		return readable(err)
	}
	defer resp.Body.Close()

	for data, err := range events(resp.Body) {
		if err != nil {
			return readable(err)
		}
		dog.feed()
		var chunk chatChunk
		if err := json.Unmarshal(data, &chunk); err != nil {
			return readable(err)
		}
		if chunk.Error != nil {
			return readable(chunk.Error)
		}
		chunk.count(usage)
		for _, choice := range chunk.Choices {
			if choice.FinishReason == "length" {
				usage.Truncated = true
			}
			piece := choice.Delta.Content
			if piece == "" {
				continue
			}
			if usage.FirstToken == 0 {
				usage.FirstToken = time.Since(began)
			}
			if chunk.Timings == nil && chunk.Usage == nil {
				usage.CompletionTokens++ // corrected by the last event, if it comes
			}
			if err := emit(piece); err != nil {
				return stopped{err}
			}
		}
	}
	return nil
}

// count takes from a chunk what it says of the cost.
func (k *chatChunk) count(u *models.Usage) {
	if k.Progress != nil {
		u.PromptTokens, u.CachedTokens = k.Progress.Total, k.Progress.Cache
	}
	if k.Usage != nil {
		u.PromptTokens, u.CompletionTokens = k.Usage.PromptTokens, k.Usage.CompletionTokens
		u.CachedTokens = k.Usage.Details.CachedTokens
	}
	if k.Timings != nil {
		u.PromptTokens = k.Timings.CacheN + k.Timings.PromptN
		u.CachedTokens = k.Timings.CacheN
		u.CompletionTokens = k.Timings.PredictedN
	}
}

// errCut is a stream that ended without its closing event.
var errCut = errors.New("the engine's reply broke off")

// events yields the data of each server-sent event up to [DONE].
func events(r io.Reader) func(func([]byte, error) bool) {
	return func(yield func([]byte, error) bool) {
		lines := bufio.NewScanner(r)
		lines.Buffer(make([]byte, 0, 16<<10), 4<<20)
		for lines.Scan() {
			data, ok := strings.CutPrefix(lines.Text(), "data:")
			if !ok {
				if data, ok = strings.CutPrefix(lines.Text(), "error:"); !ok {
					continue // blank line or comment
				}
			}
			if data = strings.TrimSpace(data); data == "[DONE]" {
				return
			}
			if !yield([]byte(data), nil) {
				return
			}
		}
		err := lines.Err()
		if err == nil {
			err = errCut
		}
		yield(nil, err)
	}
}

// markers are what chat templates put between turns: <|im_start|>, <s>,
// </s>, <start_of_turn>, [INST]… The engine reads them as such wherever they
// stand, so a pupil could end their own turn and speak as the system.
var markers = regexp.MustCompile(`<\|[^<>|\n]{1,64}\|>|</?s>|<(?:bos|eos|pad|unk|mask)>|</?(?:start|end)_of_turn>|\[/?INST\]|<</?SYS>>`)

// withoutMarkers removes them, also those that appear when others are removed.
func withoutMarkers(text string) string {
	for {
		clean := markers.ReplaceAllString(text, "")
		if clean == text {
			return text
		}
		text = clean
	}
}
