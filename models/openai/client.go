package openai

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

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
	Allowed          Allowed // beside the addresses of other machines
}

// Client is one model elsewhere. Its methods may be called from many
// goroutines.
type Client struct {
	cfg    Config
	base   string
	server Server

	tokenizer tokenizer
}

var _ models.Generator = (*Client)(nil)

// Where the services are that need no address.
const (
	OpenAIURL = "https://api.openai.com/v1"
	GeminiURL = "https://generativelanguage.googleapis.com/v1beta/openai"
)

// New describes a model elsewhere; nothing is asked yet.
func New(cfg Config) (*Client, error) {
	u, err := url.Parse(cfg.BaseURL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil ||
		u.RawQuery != "" || u.Fragment != "" {
		// The address is not repeated: it may hold a password.
		return nil, errors.New("a model's address must be http:// or https://, a host and a path")
	}
	if addr, err := netip.ParseAddr(u.Hostname()); err == nil { // a name is looked at when it is dialled
		port, _ := strconv.ParseUint(u.Port(), 10, 16)
		if err := cfg.Allowed.Check(netip.AddrPortFrom(addr, uint16(port))); err != nil {
			return nil, &Error{Kind: Forbidden, err: err}
		}
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
	c := &Client{cfg: cfg, base: strings.TrimSuffix(cfg.BaseURL, "/")}
	c.server = Server{Key: cfg.Key, HTTP: &http.Client{Transport: &http.Transport{ // knows no proxy
		DialContext:         cfg.Allowed.dialer().DialContext,
		TLSHandshakeTimeout: 10 * time.Second,
		MaxIdleConnsPerHost: cfg.Slots,
		IdleConnTimeout:     time.Minute,
		ForceAttemptHTTP2:   true,
	}}}
	// These have no tokenizer, and need not be asked.
	if host := strings.ToLower(u.Hostname()); host != "api.openai.com" && !strings.HasSuffix(host, ".googleapis.com") {
		c.tokenizer.url = strings.TrimSuffix(c.base, "/v1") + "/tokenize"
	}
	return c, nil
}

// Name is the model's name as shown to people.
func (c *Client) Name() string { return c.cfg.Name }

// Context is how many tokens a prompt and its reply may hold together.
func (c *Client) Context() int { return c.cfg.Context }

// Slots is how many replies are asked for at once.
func (c *Client) Slots() int { return c.cfg.Slots }

// CloseIdle ends the connections that nobody uses now.
func (c *Client) CloseIdle() { c.server.HTTP.CloseIdleConnections() }

// Models lists what the server offers, to try a connection. Its errors are
// *Error or the context's.
func (c *Client) Models(ctx context.Context) ([]string, error) {
	bounded, cancel := context.WithTimeoutCause(ctx, c.cfg.Connect, errSilent)
	defer cancel()
	var page struct {
		Data []struct {
			ID string `json:"id"`
		} `json:"data"`
	}
	err := c.server.Ask(bounded, c.base+"/models", nil, &page)
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
	request, asked := NewChat(c.cfg.Model, p), 0
	for _, m := range request.Messages {
		asked += estimate(m.Content) + perTurn
	}
	bounded, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	silence := time.AfterFunc(c.cfg.Connect, func() { cancel(errSilent) })
	defer silence.Stop()

	events, err := c.server.Chat(bounded, c.base, request)
	if ctx.Err() != nil {
		return u, ctx.Err()
	} else if err != nil {
		return u, explain(bounded, err, false)
	}
	var text strings.Builder
	understood, finish := false, "" // whether the server spoke the protocol, and why it ended
	defer func() {
		u.Total = time.Since(began)
		if u.PromptTokens == 0 {
			u.PromptTokens = asked
		}
		if u.CompletionTokens == 0 {
			u.CompletionTokens = estimate(text.String())
		}
	}()
	var repeats models.Repeats
	silence.Reset(c.cfg.Silence)
	for chunk, failed := range events {
		silence.Stop() // a slow reader is not the server's silence
		if failed != nil {
			err = failed
			break
		}
		understood = chunk.Count(&u) || len(chunk.Choices) > 0 || understood
		for _, choice := range chunk.Choices {
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
			piece, again := repeats.Add(piece)
			text.WriteString(piece)
			if err := emit(piece); err != nil {
				return u, err
			}
			if again {
				u.Repeated = true
				return u, nil
			}
		}
		silence.Reset(c.cfg.Silence)
	}
	u.Truncated = finish == "length"
	started := text.Len() > 0
	switch {
	case ctx.Err() != nil:
		return u, ctx.Err()
	case err != nil && !errors.Is(err, ErrCut):
		return u, explain(bounded, err, started)
	case finish == "content_filter": // half an answer is none
		return u, &Error{Kind: Refused, Status: http.StatusOK, Started: started}
	case err != nil && finish == "" && understood: // some say why they end and not that they do
		return u, &Error{Kind: CutOff, Status: http.StatusOK, Started: started}
	case !started:
		return u, &Error{Kind: BadReply, Status: http.StatusOK}
	}
	return u, nil
}
