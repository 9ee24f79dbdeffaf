package openai

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"strings"
	"sync"
	"time"
)

// CountTokens asks the server where it can count (llama.cpp and vLLM have
// /tokenize beside /v1). Otherwise it estimates, rather high for English and
// French: a token for every three and a half bytes, or four for three words,
// whichever is more.
func (c *Client) CountTokens(ctx context.Context, text string) (int, error) {
	text = WithoutMarkers(text)
	if text == "" {
		return 0, ctx.Err()
	}
	if n, ok := c.tokenize(ctx, text); ok {
		return n, nil
	}
	return estimate(text), ctx.Err()
}

func estimate(text string) int {
	return int(math.Ceil(max(float64(len(text))/3.5, float64(len(strings.Fields(text)))*1.35)))
}

// tokenizer is what is known of a server's /tokenize.
type tokenizer struct {
	url string // empty: there is none

	mu     sync.Mutex
	absent bool
	works  bool
	rest   time.Time // not asked again before
}

const (
	tokenizeTime = 2 * time.Second
	tokenizeRest = time.Minute // after no answer: a prompt is measured in many pieces
)

// tokenize first asks about a word of its own, so that a server without a
// tokenizer is not sent a pupil's text for nothing.
func (c *Client) tokenize(ctx context.Context, text string) (int, bool) {
	t := &c.tokenizer
	t.mu.Lock()
	works := t.works
	ask := t.url != "" && !t.absent && !time.Now().Before(t.rest)
	if ask && !works {
		t.rest = time.Now().Add(tokenizeRest) // one probe at a time
	}
	t.mu.Unlock()
	if !ask {
		return 0, false
	}
	if !works {
		n, absent := c.tokenizeOnce(ctx, "hello")
		t.mu.Lock()
		t.absent, t.works = absent, n > 0
		if t.works || ctx.Err() != nil {
			t.rest = time.Time{}
		}
		t.mu.Unlock()
		if n == 0 {
			return 0, false
		}
	}
	n, absent := c.tokenizeOnce(ctx, text)
	if n == 0 && ctx.Err() == nil {
		t.mu.Lock()
		t.absent, t.rest = absent, time.Now().Add(tokenizeRest)
		t.mu.Unlock()
	}
	return n, n > 0
}

// tokenizeOnce returns 0 if there was no answer, and whether there never will
// be one.
func (c *Client) tokenizeOnce(ctx context.Context, text string) (n int, absent bool) {
	ctx, cancel := context.WithTimeout(ctx, tokenizeTime)
	defer cancel()
	// llama.cpp reads content, vLLM prompt and model.
	request := map[string]string{"content": text, "prompt": text, "model": c.cfg.Model}
	var reply struct {
		Tokens []json.RawMessage `json:"tokens"`
		Count  int               `json:"count"`
	}
	err := c.server.Ask(ctx, c.tokenizer.url, request, &reply)
	if refused, ok := errors.AsType[*Error](err); ok {
		busy := refused.Kind == RateLimited || refused.Status == http.StatusRequestTimeout ||
			refused.Status >= 500 && refused.Status != http.StatusNotImplemented
		return 0, !busy
	}
	_, syntax := errors.AsType[*json.SyntaxError](err)
	_, mismatch := errors.AsType[*json.UnmarshalTypeError](err)
	if err != nil {
		return 0, syntax || mismatch
	}
	n = max(len(reply.Tokens), reply.Count)
	return n, n == 0
}
