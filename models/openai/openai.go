// Package openai writes text with a model on another machine: llama.cpp, Ollama
// or vLLM at the district, OpenAI, or Gemini, all by OpenAI's protocol. It asks
// once; whether to ask again, or somebody else, is appliance/orchestrator's to
// say, and so are the kinds of error told apart here.
package openai

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"math"
	"mime"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/packages/ssestream"
	"github.com/openai/openai-go/v3/shared"

	"github.com/bwenge-os/bwenge/models"
)

// Config says where a model is. Zero fields take the value in their comment.
type Config struct {
	Name    string // as shown to people
	BaseURL string // up to and with /v1
	Key     string
	Model   string
	Context int // tokens of a prompt and its reply; 8192
	Slots   int // replies at once; 4
	// Connect is how long the server may take to begin its reply: Silence if
	// that is set, otherwise 20 s. Silence is the longest gap between two events
	// after that; 30 s.
	Connect, Silence time.Duration
	HTTP             *http.Client // one that follows no redirects and knows no proxy
}

// Client is one model elsewhere. Its methods may be called from many
// goroutines.
type Client struct {
	cfg    Config
	http   *http.Client
	chat   openai.ChatCompletionService
	models openai.ModelService

	tokenizer tokenizer
}

var _ models.Generator = (*Client)(nil)

// Where the services are that need no address.
const (
	OpenAIURL = "https://api.openai.com/v1"
	GeminiURL = "https://generativelanguage.googleapis.com/v1beta/openai"
)

const (
	maxReply   = 4 << 20  // of what is read of one reply
	maxRefusal = 64 << 10 // of what is read of a refusal
)

// New describes a model elsewhere; nothing is asked yet.
func New(cfg Config) (*Client, error) {
	u, err := url.Parse(cfg.BaseURL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil ||
		u.RawQuery != "" || u.Fragment != "" {
		// The address is not repeated: it may hold a password.
		return nil, errors.New("a model's address must be http:// or https://, a host and a path")
	}
	if cfg.Context == 0 {
		cfg.Context = 8192
	}
	if cfg.Slots == 0 {
		cfg.Slots = 4
	}
	if cfg.Connect == 0 {
		cfg.Connect = 20 * time.Second
		if cfg.Silence != 0 {
			cfg.Connect = cfg.Silence
		}
	}
	if cfg.Silence == 0 {
		cfg.Silence = 30 * time.Second
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
	base := strings.TrimSuffix(cfg.BaseURL, "/")
	options := []option.RequestOption{option.WithBaseURL(base + "/"), option.WithHTTPClient(c.http), option.WithMaxRetries(0)}
	if cfg.Key != "" {
		options = append(options, option.WithAPIKey(cfg.Key))
	}
	// Unlike the library's whole client, a service does not read keys, addresses
	// and headers from the environment.
	c.chat = openai.NewChatCompletionService(options...)
	c.models = openai.NewModelService(options...)

	// These have no tokenizer, and need not be asked.
	if host := strings.ToLower(u.Hostname()); host != "api.openai.com" && !strings.HasSuffix(host, ".googleapis.com") {
		c.tokenizer.url = strings.TrimSuffix(base, "/v1") + "/tokenize"
	}
	return c, nil
}

// guard looks at a response before the library does. The library forgets the
// status of a refusal whose body is not OpenAI's JSON, and would wait for the
// end of a page that is no stream.
func guard(watched *body, stream bool) option.RequestOption {
	return option.WithMiddleware(func(r *http.Request, next option.MiddlewareNext) (*http.Response, error) {
		for name := range r.Header {
			if strings.HasPrefix(name, "X-Stainless-") { // what machine the box is
				r.Header.Del(name)
			}
		}
		resp, err := next(r)
		if err != nil {
			return nil, err
		}
		if resp.StatusCode != http.StatusOK {
			defer resp.Body.Close()
			return nil, refusal(resp)
		}
		kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
		if page := kind == "text/html"; page || (kind == "application/json") == stream {
			_ = resp.Body.Close()
			return nil, &Error{Kind: BadReply, Status: resp.StatusCode}
		}
		watched.ReadCloser, watched.left = resp.Body, maxReply
		resp.Body = watched
		return resp, nil
	})
}

var errTooBig = errors.New("the reply is too long")

// body bounds a reply and remembers its last bytes.
type body struct {
	io.ReadCloser
	left int
	tail []byte
}

func (b *body) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errTooBig
	}
	n, err := b.ReadCloser.Read(p[:min(len(p), b.left)])
	b.left -= n
	b.tail = append(b.tail, p[:n]...)
	b.tail = append(b.tail[:0], b.tail[max(0, len(b.tail)-64):]...)
	return n, err
}

// done reports whether the stream said that it was at its end, which the
// library does not tell from a connection that was closed.
func (b *body) done() bool {
	last := bytes.TrimRight(b.tail, "\r\n ")
	return bytes.HasSuffix(last, []byte("data: [DONE]")) || bytes.HasSuffix(last, []byte("data:[DONE]"))
}

// Name is the model's name as shown to people.
func (c *Client) Name() string { return c.cfg.Name }

// Context is how many tokens a prompt and its reply may hold together.
func (c *Client) Context() int { return c.cfg.Context }

// Slots is how many replies are asked for at once.
func (c *Client) Slots() int { return c.cfg.Slots }

// CountTokens asks the server where it can count (llama.cpp and vLLM have
// /tokenize beside /v1). Otherwise it estimates, rather high for English and
// French: a token for every three and a half bytes, or four for three words,
// whichever is more.
func (c *Client) CountTokens(ctx context.Context, text string) (int, error) {
	text = withoutMarkers(text)
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
	ask, err := json.Marshal(map[string]string{"content": text, "prompt": text, "model": c.cfg.Model})
	if err != nil {
		return 0, false
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.tokenizer.url, bytes.NewReader(ask))
	if err != nil {
		return 0, true
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
	if resp.StatusCode != http.StatusOK {
		busy := resp.StatusCode == http.StatusTooManyRequests || resp.StatusCode == http.StatusRequestTimeout ||
			resp.StatusCode >= 500 && resp.StatusCode != http.StatusNotImplemented
		return 0, !busy
	}
	var reply struct {
		Tokens []json.RawMessage `json:"tokens"`
		Count  int               `json:"count"`
	}
	if err := json.NewDecoder(io.LimitReader(resp.Body, maxReply)).Decode(&reply); err != nil {
		return 0, ctx.Err() == nil
	}
	n = max(len(reply.Tokens), reply.Count)
	return n, n == 0
}

// Models lists what the server offers, to try a connection. Its errors are
// *Error or the context's.
func (c *Client) Models(ctx context.Context) ([]string, error) {
	bounded, cancel := context.WithTimeoutCause(ctx, c.cfg.Connect, errSilent)
	defer cancel()
	page, err := c.models.List(bounded, guard(&body{}, false))
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		return nil, explain(bounded, err, false)
	}
	names := []string{}
	for _, m := range page.Data {
		if m.ID != "" {
			names = append(names, m.ID)
		}
	}
	if len(names) == 0 {
		return nil, &Error{Kind: BadReply, Status: http.StatusOK}
	}
	return names, nil
}

// ErrGrammar is the cause of an Error: servers elsewhere do not agree on
// grammars, so such a prompt is for the box's own model.
var ErrGrammar = errors.New("a grammar needs the box's own model")

var errSilent = errors.New("no word in time")

// perTurn is about what a chat template adds to a message.
const perTurn = 4

// Generate streams a reply. Its errors are *Error, or the context's, or emit's.
// Usage is estimated where the server does not say it.
func (c *Client) Generate(ctx context.Context, p models.Prompt, emit func(piece string) error) (u models.Usage, err error) {
	if p.Grammar != "" {
		return u, &Error{Kind: Refused, err: ErrGrammar}
	}
	began := time.Now()
	params, asked := c.params(p)
	bounded, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	silence := time.AfterFunc(c.cfg.Connect, func() { cancel(errSilent) })
	defer silence.Stop()

	reply := &body{}
	var text strings.Builder
	defer func() {
		u.Total = time.Since(began)
		if u.PromptTokens == 0 && reply.ReadCloser != nil {
			u.PromptTokens = asked
		}
		if u.CompletionTokens == 0 {
			u.CompletionTokens = estimate(text.String())
		}
	}()
	stream := c.chat.NewStreaming(bounded, params, guard(reply, true))
	defer stream.Close()

	understood, finish := false, ""
	for {
		silence.Reset(c.cfg.Silence)
		if !stream.Next() {
			break
		}
		silence.Stop() // a slow reader is not the server's silence
		chunk := stream.Current()
		if chunk.Usage.PromptTokens > 0 || chunk.Usage.CompletionTokens > 0 {
			understood = true
			u.PromptTokens, u.CompletionTokens = int(chunk.Usage.PromptTokens), int(chunk.Usage.CompletionTokens)
			u.CachedTokens = int(chunk.Usage.PromptTokensDetails.CachedTokens)
		}
		for _, choice := range chunk.Choices {
			understood = true
			if choice.FinishReason != "" {
				finish = choice.FinishReason
			}
			piece := choice.Delta.Content
			if piece == "" {
				continue
			}
			if u.FirstToken == 0 {
				u.FirstToken = time.Since(began)
			}
			text.WriteString(piece)
			if err := emit(piece); err != nil {
				return u, err
			}
		}
	}
	u.Truncated = finish == "length"
	started := text.Len() > 0
	switch err := stream.Err(); {
	case ctx.Err() != nil:
		return u, ctx.Err()
	case err != nil:
		return u, explain(bounded, err, started)
	case finish == "content_filter": // half an answer is none
		return u, &Error{Kind: Refused, Status: http.StatusOK, Started: started}
	case finish == "" && !reply.done() && understood:
		return u, &Error{Kind: CutOff, Status: http.StatusOK, Started: started}
	case !started:
		return u, &Error{Kind: BadReply, Status: http.StatusOK}
	}
	return u, nil
}

// params makes the request, which has no other fields than these, and estimates
// the tokens of its messages.
func (c *Client) params(p models.Prompt) (params openai.ChatCompletionNewParams, tokens int) {
	params = openai.ChatCompletionNewParams{
		Model:         shared.ChatModel(c.cfg.Model),
		Temperature:   openai.Float(p.Temperature),
		StreamOptions: openai.ChatCompletionStreamOptionsParam{IncludeUsage: openai.Bool(true)},
	}
	if p.MaxTokens > 0 {
		params.MaxTokens = openai.Int(int64(p.MaxTokens))
	}
	if len(p.Stop) > 0 {
		params.Stop = openai.ChatCompletionNewParamsStopUnion{OfStringArray: p.Stop}
	}
	for _, t := range p.Turns {
		content := withoutMarkers(t.Content)
		tokens += estimate(content) + perTurn
		switch t.Role {
		case "system":
			params.Messages = append(params.Messages, openai.SystemMessage(content))
		case "assistant":
			params.Messages = append(params.Messages, openai.AssistantMessage(content))
		default:
			params.Messages = append(params.Messages, openai.UserMessage(content))
		}
	}
	return params, tokens
}

// markers are what chat templates put between turns. Many servers read them as
// such wherever they stand, so a pupil could end their own turn and speak as
// the system. models/llama has the same list.
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

// Kind tells failures apart by what can be done about them.
type Kind string

const (
	Timeout     Kind = "timeout"      // no word in time
	RateLimited Kind = "rate_limited" // asked too often: RetryAfter says how long to wait, if the server did
	BadKey      Kind = "refused_key"  // the key is wrong or may not use this model
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
	if e.err != nil {
		text += ": " + e.err.Error()
	}
	return text
}

func (e *Error) Unwrap() error { return e.err }

// refusal says what a response means that is not a 200. Of its body, which may
// repeat the question, nothing is kept.
func refusal(resp *http.Response) *Error {
	e := &Error{Kind: Unavailable, Status: resp.StatusCode, RetryAfter: retryAfter(resp.Header.Get("Retry-After"), time.Now())}
	text, _ := io.ReadAll(io.LimitReader(resp.Body, maxRefusal))
	switch s := resp.StatusCode; {
	case s == http.StatusTooManyRequests:
		e.Kind = RateLimited
	case s == http.StatusUnauthorized || s == http.StatusForbidden || s == http.StatusBadRequest && badKey.Match(text):
		e.Kind = BadKey
	case s == http.StatusRequestEntityTooLarge || s < 500 && tooLong.Match(text):
		e.Kind = TooLong
	case s == http.StatusNotFound:
		e.Kind = NotFound
	case s == http.StatusRequestTimeout || s == http.StatusGatewayTimeout:
		e.Kind = Timeout
	case s < 400: // a redirect, or a 204
		e.Kind = BadReply
	case s < 500:
		e.Kind = Refused
	}
	return e
}

// Servers say these with a plain 400, each in its own words.
var (
	tooLong = regexp.MustCompile(`context_length_exceeded|exceed_context_size_error|maximum context length|context size|(?i:input token count)`)
	badKey  = regexp.MustCompile(`(?i)api[ _]key[ _](?:not[ _]valid|invalid|expired)|invalid[ _]api[ _]key`)
)

// explain makes an *Error of what the library says.
func explain(ctx context.Context, err error, started bool) *Error {
	if e, ok := errors.AsType[*Error](err); ok && context.Cause(ctx) != errSilent {
		return e
	}
	e := &Error{Kind: Unavailable, Started: started, err: quiet(err)}
	said, inStream := errors.AsType[*ssestream.StreamError](err)
	_, syntax := errors.AsType[*json.SyntaxError](err)
	_, mismatch := errors.AsType[*json.UnmarshalTypeError](err)
	network, isNet := errors.AsType[net.Error](err)
	switch {
	case context.Cause(ctx) == errSilent, isNet && network.Timeout():
		e.Kind, e.err = Timeout, errSilent
	case inStream:
		e.Status = http.StatusOK
		var reply struct {
			Error json.RawMessage `json:"error"`
		}
		if tooLong.Match(said.Event.Data) {
			e.Kind = TooLong
		} else if json.Unmarshal(said.Event.Data, &reply) != nil || len(reply.Error) == 0 || reply.Error[0] != '{' && reply.Error[0] != '"' {
			e.Kind = BadReply
		}
	case syntax, mismatch:
		e.Kind, e.Status = BadReply, http.StatusOK
	case started:
		e.Kind = CutOff
	case errors.Is(err, errTooBig):
		e.Kind = BadReply
	}
	return e
}

// quiet keeps of an error only what neither the server nor the request can have
// put words in.
func quiet(err error) error {
	for _, known := range []error{errTooBig, io.ErrUnexpectedEOF, syscall.ECONNREFUSED, syscall.ECONNRESET, syscall.EHOSTUNREACH, syscall.ENETUNREACH} {
		if errors.Is(err, known) {
			return known
		}
	}
	if e, ok := errors.AsType[*net.DNSError](err); ok {
		return e
	}
	if e, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return e
	}
	return nil
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
