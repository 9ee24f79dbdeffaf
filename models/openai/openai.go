// Package openai writes text with a model on another machine: llama.cpp, Ollama
// or vLLM at the district, OpenAI, or Gemini, all by OpenAI's protocol. It asks
// once; whether to ask again, or somebody else, is appliance/orchestrator's to
// say, and so are the kinds of error told apart here.
package openai

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/shared"

	"github.com/bwenge-os/bwenge/models"
)

// Config says where a model is. Zero fields take the value in their comment.
type Config struct {
	Name    string // as shown to people
	BaseURL string // up to and with /v1
	Key     string
	Model   string
	Context int           // tokens of a prompt and its reply; 8192
	Slots   int           // replies at once; 4
	Silence time.Duration // longest wait for the next word, and for the first; 20 s
	HTTP    *http.Client  // one that follows no redirects and knows no proxy
}

// Client is one model elsewhere. Its methods may be called from many
// goroutines.
type Client struct {
	cfg    Config
	http   *http.Client
	client openai.Client
}

var _ models.Generator = (*Client)(nil)

// Where the services are that need no address.
const (
	OpenAIURL = "https://api.openai.com/v1"
	GeminiURL = "https://generativelanguage.googleapis.com/v1beta/openai"
)

// maxReply bounds what is read of one reply.
const maxReply = 8 << 20

// New describes a model elsewhere; nothing is asked yet.
func New(cfg Config) (*Client, error) {
	u, err := url.Parse(cfg.BaseURL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil {
		return nil, fmt.Errorf("%q is no address of a server", cfg.BaseURL)
	}
	if cfg.Context == 0 {
		cfg.Context = 8192
	}
	if cfg.Slots == 0 {
		cfg.Slots = 4
	}
	if cfg.Silence == 0 {
		cfg.Silence = 20 * time.Second
	}
	c := &Client{cfg: cfg, http: cfg.HTTP}
	if c.http == nil {
		c.http = &http.Client{
			Transport: &http.Transport{
				DialContext:         (&net.Dialer{Timeout: 10 * time.Second}).DialContext,
				TLSHandshakeTimeout: 10 * time.Second,
				MaxIdleConnsPerHost: cfg.Slots,
				IdleConnTimeout:     time.Minute,
				ForceAttemptHTTP2:   true,
			},
			// A redirect would carry the question to somebody whom nobody has agreed to.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		}
	}
	key := cfg.Key
	if key == "" {
		key = "none" // the library wants one; servers of one's own ignore it
	}
	c.client = openai.NewClient(
		option.WithBaseURL(strings.TrimSuffix(cfg.BaseURL, "/")+"/"),
		option.WithAPIKey(key), option.WithOrganization(""), option.WithProject(""),
		option.WithHTTPClient(c.http), option.WithMaxRetries(0),
		option.WithMiddleware(func(r *http.Request, next option.MiddlewareNext) (*http.Response, error) {
			resp, err := next(r)
			if err == nil {
				resp.Body = &limited{resp.Body, maxReply}
			}
			return resp, err
		}))
	return c, nil
}

type limited struct {
	io.ReadCloser
	left int
}

func (l *limited) Read(p []byte) (int, error) {
	if l.left <= 0 {
		return 0, errors.New("the reply is too long")
	}
	n, err := l.ReadCloser.Read(p[:min(len(p), l.left)])
	l.left -= n
	return n, err
}

// Name is the model's name as shown to people.
func (c *Client) Name() string { return c.cfg.Name }

// Context is how many tokens a prompt and its reply may hold together.
func (c *Client) Context() int { return c.cfg.Context }

// Slots is how many replies are asked for at once.
func (c *Client) Slots() int { return c.cfg.Slots }

// CountTokens asks the server where it can count (llama.cpp and vLLM have
// /tokenize beside /v1), and otherwise guesses high: a token for every three
// bytes.
func (c *Client) CountTokens(ctx context.Context, text string) (int, error) {
	if n, ok := c.tokenize(ctx, text); ok {
		return n, nil
	}
	return guess(text), nil
}

func guess(text string) int { return (len(text) + 2) / 3 }

func (c *Client) tokenize(ctx context.Context, text string) (int, bool) {
	base, ok := strings.CutSuffix(strings.TrimSuffix(c.cfg.BaseURL, "/"), "/v1")
	if !ok {
		return 0, false
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	body, err := json.Marshal(map[string]string{"content": text, "prompt": text, "model": c.cfg.Model})
	if err != nil {
		return 0, false
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, base+"/tokenize", bytes.NewReader(body))
	if err != nil {
		return 0, false
	}
	req.Header.Set("Content-Type", "application/json")
	if c.cfg.Key != "" {
		req.Header.Set("Authorization", "Bearer "+c.cfg.Key)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return 0, false
	}
	defer resp.Body.Close()
	var reply struct {
		Tokens []json.RawMessage `json:"tokens"`
		Count  int               `json:"count"`
	}
	if resp.StatusCode != http.StatusOK || json.NewDecoder(io.LimitReader(resp.Body, maxReply)).Decode(&reply) != nil {
		return 0, false
	}
	n := max(len(reply.Tokens), reply.Count)
	return n, n > 0
}

// Models lists what the server offers, to try a connection.
func (c *Client) Models(ctx context.Context) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Silence)
	defer cancel()
	page, err := c.client.Models.List(ctx)
	if err != nil {
		return nil, c.explain(ctx, err, false)
	}
	names := []string{}
	for _, m := range page.Data {
		names = append(names, m.ID)
	}
	if len(names) == 0 {
		return nil, &Error{Kind: BadReply}
	}
	return names, nil
}

var errSilent = errors.New("no word in time")

// Generate streams a reply. Its errors are *Error, or the context's, or emit's.
func (c *Client) Generate(ctx context.Context, p models.Prompt, emit func(piece string) error) (u models.Usage, err error) {
	if p.Grammar != "" {
		return u, &Error{Kind: Refused, err: errors.New("grammars are for the box's own model")}
	}
	began := time.Now()
	bounded, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	silence := time.AfterFunc(c.cfg.Silence, func() { cancel(errSilent) })
	defer silence.Stop()
	params := openai.ChatCompletionNewParams{
		Model:         shared.ChatModel(c.cfg.Model),
		MaxTokens:     openai.Int(int64(p.MaxTokens)),
		Temperature:   openai.Float(p.Temperature),
		StreamOptions: openai.ChatCompletionStreamOptionsParam{IncludeUsage: openai.Bool(true)},
	}
	asked := 0
	for _, t := range p.Turns {
		asked += guess(t.Content) + 4
		switch t.Role {
		case "system":
			params.Messages = append(params.Messages, openai.SystemMessage(t.Content))
		case "assistant":
			params.Messages = append(params.Messages, openai.AssistantMessage(t.Content))
		default:
			params.Messages = append(params.Messages, openai.UserMessage(t.Content))
		}
	}
	if len(p.Stop) > 0 {
		params.Stop = openai.ChatCompletionNewParamsStopUnion{OfStringArray: p.Stop}
	}
	stream := c.client.Chat.Completions.NewStreaming(bounded, params)
	defer stream.Close()
	written, finished := 0, false
	for stream.Next() {
		silence.Reset(c.cfg.Silence)
		chunk := stream.Current()
		if chunk.Usage.TotalTokens > 0 {
			u.PromptTokens, u.CompletionTokens = int(chunk.Usage.PromptTokens), int(chunk.Usage.CompletionTokens)
			u.CachedTokens = int(chunk.Usage.PromptTokensDetails.CachedTokens)
		}
		for _, choice := range chunk.Choices {
			if choice.FinishReason != "" {
				finished, u.Truncated = true, choice.FinishReason == "length"
			}
			piece := choice.Delta.Content
			if piece == "" {
				continue
			}
			if u.FirstToken == 0 {
				u.FirstToken = time.Since(began)
			}
			written += len(piece)
			if err := emit(piece); err != nil {
				return u, err
			}
		}
	}
	u.Total = time.Since(began)
	if u.PromptTokens == 0 {
		u.PromptTokens = asked
	}
	if u.CompletionTokens == 0 {
		u.CompletionTokens = (written + 3) / 4
	}
	switch err := stream.Err(); {
	case ctx.Err() != nil:
		return u, ctx.Err()
	case err != nil:
		return u, c.explain(bounded, err, written > 0)
	case !finished && written > 0:
		return u, &Error{Kind: CutOff, Started: true}
	case !finished || written == 0:
		return u, &Error{Kind: BadReply}
	}
	return u, nil
}

// Kind tells failures apart by what can be done about them.
type Kind string

const (
	Timeout     Kind = "timeout"      // no word in time
	RateLimited Kind = "rate_limited" // asked too often: RetryAfter says how long to wait, if the server did
	BadKey      Kind = "bad_key"      // the key is wrong or may not use this model
	NotFound    Kind = "not_found"    // no such model or address
	TooLong     Kind = "too_long"     // of the prompt
	Refused     Kind = "refused"      // for another reason that will not go away
	BadReply    Kind = "bad_reply"    // what came is not the protocol: a captive portal's page, say
	CutOff      Kind = "cut_off"      // ended in the middle
	Unavailable Kind = "unavailable"  // down, overloaded or unreachable
)

// Error is a failed request. Its text holds neither key nor question.
type Error struct {
	Kind       Kind
	Status     int
	RetryAfter time.Duration
	Started    bool // some text had come
	err        error
}

func (e *Error) Error() string {
	text := "model elsewhere: " + string(e.Kind)
	if e.Status != 0 {
		text += " (" + strconv.Itoa(e.Status) + ")"
	}
	return text
}

func (e *Error) Unwrap() error { return e.err }

// explain makes an *Error of what the library says.
func (c *Client) explain(ctx context.Context, err error, started bool) error {
	e := &Error{Kind: Unavailable, Started: started, err: err}
	if refusal, ok := errors.AsType[*openai.Error](err); ok {
		e.Status = refusal.StatusCode
		// The library's error prints the request's address; that is all right, but
		// not the bodies that it can dump.
		e.err = nil
		switch {
		case e.Status == http.StatusTooManyRequests:
			e.Kind = RateLimited
			if refusal.Response != nil {
				e.RetryAfter = retryAfter(refusal.Response.Header.Get("Retry-After"), time.Now())
			}
		case e.Status == http.StatusUnauthorized || e.Status == http.StatusForbidden:
			e.Kind = BadKey
		case e.Status == http.StatusNotFound:
			e.Kind = NotFound
		case e.Status == http.StatusRequestTimeout || e.Status == http.StatusGatewayTimeout:
			e.Kind = Timeout
		case e.Status == http.StatusRequestEntityTooLarge || refusal.Code == "context_length_exceeded" || refusal.Type == "exceed_context_size_error":
			e.Kind = TooLong
		case e.Status >= 300 && e.Status < 500:
			e.Kind = Refused
		}
		return e
	}
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case context.Cause(ctx) == errSilent, errors.Is(err, context.DeadlineExceeded):
		e.Kind = Timeout
	case errors.As(err, &syntax), errors.As(err, &kind):
		e.Kind = BadReply
	case started:
		e.Kind = CutOff
	case strings.Contains(err.Error(), "too long"):
		e.Kind = BadReply
	}
	return e
}

// retryAfter reads the header's seconds or date, at most ten minutes.
func retryAfter(header string, now time.Time) time.Duration {
	var wait time.Duration
	if seconds, err := strconv.ParseFloat(header, 64); err == nil {
		wait = time.Duration(min(max(seconds, 0), 600) * float64(time.Second))
	} else if at, err := http.ParseTime(header); err == nil {
		wait = at.Sub(now)
	}
	return min(max(wait, 0), 10*time.Minute)
}
