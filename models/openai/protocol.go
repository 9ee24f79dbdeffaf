// Package openai is OpenAI's protocol as the box speaks it. Server is the wire:
// requests of a fixed list of fields, replies of a bounded length, refusals told
// apart. models/llama asks the box's own engine by it; Client writes text with a
// model on another machine: llama.cpp, Ollama or vLLM at the district, OpenAI,
// or Gemini. It asks once; whether to ask again, or somebody else, is for
// appliance/tutor/orchestrator to say.
package openai

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"mime"
	"net/http"

	"github.com/bwenge-os/bwenge/models"
)

// Server is one that speaks the protocol.
type Server struct {
	HTTP *http.Client
	Key  string // bearer token, or empty
	// Own says that it is a process of the box: what it says of an error is kept
	// for the log, and its replies may be long. What a server elsewhere says may
	// repeat the question.
	Own bool
}

const (
	maxStream   = 4 << 20  // of a reply in pieces
	maxReply    = 4 << 20  // of one in one piece
	maxOwnReply = 32 << 20 // of the box's own: the vectors of a batch are 0.6 MB, the tokens of a long book 10 MB
	maxRefusal  = 64 << 10
)

var (
	errTooBig = errors.New("the reply is too long")
	// ErrCut is a stream that ended without saying that it was at its end.
	ErrCut = errors.New("the reply broke off")
)

// ChatRequest is every field that is ever sent for a chat.
type ChatRequest struct {
	Messages      []Message     `json:"messages"`
	Model         string        `json:"model,omitempty"`
	MaxTokens     int           `json:"max_tokens,omitempty"`
	Temperature   float64       `json:"temperature"`
	Stop          []string      `json:"stop,omitempty"`
	StreamOptions StreamOptions `json:"stream_options"`
	Stream        bool          `json:"stream"`

	// These only llama-server knows.
	Grammar        string `json:"grammar,omitempty"`
	Slot           *int   `json:"id_slot,omitempty"`
	CachePrompt    bool   `json:"cache_prompt,omitempty"`
	ReturnProgress bool   `json:"return_progress,omitempty"`
}

// Message is one turn of a chat.
type Message struct {
	Content string `json:"content"`
	Role    string `json:"role"`
}

// StreamOptions ask for the count of tokens at the end.
type StreamOptions struct {
	IncludeUsage bool `json:"include_usage"`
}

// NewChat makes the request for a prompt, without what a chat template would
// take for its own.
func NewChat(model string, p models.Prompt) ChatRequest {
	r := ChatRequest{Model: model, Messages: make([]Message, len(p.Turns)), MaxTokens: p.MaxTokens, Temperature: p.Temperature,
		Stop: p.Stop, Stream: true, StreamOptions: StreamOptions{IncludeUsage: true}}
	for i, t := range p.Turns {
		r.Messages[i] = Message{Content: WithoutMarkers(t.Content), Role: t.Role}
	}
	return r
}

// Chunk is one event of a reply.
type Chunk struct {
	Choices []Choice `json:"choices"`
	Usage   *struct {
		PromptTokens     int `json:"prompt_tokens"`
		CompletionTokens int `json:"completion_tokens"`
		Details          struct {
			CachedTokens int `json:"cached_tokens"`
		} `json:"prompt_tokens_details"`
	} `json:"usage"`
	// Of llama-server: how far it has read the prompt, and what the reply took.
	Progress *struct {
		Total int `json:"total"`
		Cache int `json:"cache"`
	} `json:"prompt_progress"`
	Timings *struct {
		CacheN     int `json:"cache_n"`
		PromptN    int `json:"prompt_n"`
		PredictedN int `json:"predicted_n"`
	} `json:"timings"`
}

// Choice is a piece of the reply, or why it ended.
type Choice struct {
	Delta struct {
		Content string `json:"content"`
	} `json:"delta"`
	FinishReason string `json:"finish_reason"`
}

// Count takes from a chunk what it says of the cost, and reports whether it says
// anything of it.
func (k *Chunk) Count(u *models.Usage) bool {
	said := false
	if k.Progress != nil {
		u.PromptTokens, u.CachedTokens = k.Progress.Total, k.Progress.Cache
	}
	if k.Usage != nil && (k.Usage.PromptTokens > 0 || k.Usage.CompletionTokens > 0) {
		u.PromptTokens, u.CompletionTokens = k.Usage.PromptTokens, k.Usage.CompletionTokens
		u.CachedTokens, said = k.Usage.Details.CachedTokens, true
	}
	if k.Timings != nil && k.Timings.PredictedN > 0 {
		u.PromptTokens, u.CachedTokens = k.Timings.CacheN+k.Timings.PromptN, k.Timings.CacheN
		u.CompletionTokens, said = k.Timings.PredictedN, true
	}
	return said
}

// do sends a request (a POST if body is not nil). The caller closes the body of
// the response, which has status 200.
func (s Server) do(ctx context.Context, url string, body any) (*http.Response, error) {
	method, reader := http.MethodGet, io.Reader(nil)
	if body != nil {
		data, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		method, reader = http.MethodPost, bytes.NewReader(data)
	}
	r, err := http.NewRequestWithContext(ctx, method, url, reader)
	if err != nil {
		return nil, err
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if s.Key != "" {
		r.Header.Set("Authorization", "Bearer "+s.Key)
	}
	client := *s.HTTP
	// A redirect would carry the question to somebody whom nobody has agreed to.
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, err := client.Do(r)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		defer resp.Body.Close()
		return nil, s.refusal(resp)
	}
	return resp, nil
}

// Ask sends a request, without a body if request is nil, and reads the answer.
func (s Server) Ask(ctx context.Context, url string, request, answer any) error {
	resp, err := s.do(ctx, url, request)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	limit := int64(maxReply)
	if s.Own {
		limit = maxOwnReply
	}
	return json.NewDecoder(&bounded{resp.Body, limit}).Decode(answer)
}

// Chat asks for a reply in pieces; base is the server's address up to and with
// /v1. The caller ranges over the reply, which an error ends: an *Error, ErrCut,
// or one of the network or of JSON.
func (s Server) Chat(ctx context.Context, base string, request ChatRequest) (iter.Seq2[Chunk, error], error) {
	resp, err := s.do(ctx, base+"/chat/completions", request)
	if err != nil {
		return nil, err
	}
	// A page, or a whole reply, would be waited for to its end.
	if kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type")); kind == "text/html" || kind == "application/json" {
		_ = resp.Body.Close()
		return nil, &Error{Kind: BadReply, Status: resp.StatusCode}
	}
	return func(yield func(Chunk, error) bool) {
		defer resp.Body.Close()
		for data, err := range events(&bounded{resp.Body, maxStream}) {
			var chunk Chunk
			if err == nil {
				chunk, err = s.parse(data)
			}
			if !yield(chunk, err) || err != nil {
				return
			}
		}
	}, nil
}

// parse reads an event, which may be an error.
func (s Server) parse(data []byte) (Chunk, error) {
	var event struct {
		Chunk
		Error json.RawMessage `json:"error"`
	}
	if err := json.Unmarshal(data, &event); err != nil {
		return Chunk{}, err
	}
	if len(event.Error) > 0 && string(event.Error) != "null" {
		return Chunk{}, s.broken(data, event.Error)
	}
	return event.Chunk, nil
}

// events yields the data of each server-sent event up to [DONE].
func events(r io.Reader) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		lines := bufio.NewScanner(r)
		lines.Buffer(make([]byte, 0, 16<<10), maxStream)
		for lines.Scan() && lines.Err() == nil { // not the half of a line before an error
			data, ok := bytes.CutPrefix(lines.Bytes(), []byte("data:"))
			if !ok {
				if data, ok = bytes.CutPrefix(lines.Bytes(), []byte("error:")); !ok {
					continue // blank line or comment
				}
			}
			if data = bytes.TrimSpace(data); string(data) == "[DONE]" || !yield(data, nil) {
				return
			}
		}
		err := lines.Err()
		if err == nil {
			err = ErrCut
		}
		yield(nil, err)
	}
}

// bounded is a reply that may not be longer than what is left; unlike one of
// io.LimitReader it says so.
type bounded struct {
	io.Reader
	left int64
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errTooBig
	}
	n, err := b.Reader.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, err
}
