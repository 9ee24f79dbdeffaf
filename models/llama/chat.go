// Package llama speaks to llama.cpp's llama-server: NewChat writes text,
// NewEmbedder turns text into vectors. The wire is models/openai's; here is what
// an engine of the box's own needs besides: it is started, watched and killed.
package llama

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/bwenge-os/bwenge/internal/problem"
	"github.com/bwenge-os/bwenge/models"
	"github.com/bwenge-os/bwenge/models/openai"
	"github.com/bwenge-os/bwenge/models/worker"
)

// ChatConfig describes a chat model. Engine may be one that runs elsewhere;
// without it NewChat makes a local one from Binary and Model.
type ChatConfig struct {
	Name    string // of the model, as shown to people
	Context int    // tokens of one prompt and its reply (2048)
	Slots   int    // replies written at once (2)
	// Silence is how long the engine may go without reading or writing a token
	// before it counts as hung and is killed (60 s), unless it waited for the
	// processor most of that time.
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
	n, err := countTokens(ctx, c.engine, []string{openai.WithoutMarkers(text)})
	if err != nil {
		return 0, err
	}
	return n[0], nil
}

// Generate streams a reply. Ending the context frees the engine's slot. A reply
// that goes round in circles ends where it says the same for the third time. An
// engine that falls silent is killed, and this reply fails; the next one finds
// a new engine.
func (c *Chat) Generate(ctx context.Context, p models.Prompt, emit func(piece string) error) (models.Usage, error) {
	began := time.Now()
	lease, err := c.engine.Acquire(ctx)
	if err != nil {
		return models.Usage{}, err
	}
	defer lease.Release()

	dog := newWatchdog(ctx, &c.pulse, c.cfg.Silence, lease.WatchForHang)
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
	request := openai.NewChat("", p)
	request.Grammar, request.Slot, request.CachePrompt, request.ReturnProgress = p.Grammar, &p.Slot, true, true
	events, err := server(lease).Chat(dog.ctx, lease.URL+"/v1", request)
	if err != nil {
		return readable(err)
	}
	var repeats models.Repeats
	for chunk, err := range events {
		if err != nil {
			return readable(err)
		}
		dog.feed()
		chunk.Count(usage)
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
			piece, again := repeats.Add(piece)
			if err := emit(piece); err != nil {
				return stopped{err}
			}
			if again {
				usage.Repeated = true
				return nil // closes the stream, which frees the slot
			}
		}
	}
	return nil
}
