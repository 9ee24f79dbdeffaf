package openai

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/bwenge-os/bwenge/models"
)

const secret = "sk-very-secret"

// onThisMachine is where the servers of the tests are.
var onThisMachine = func() Allowed {
	a, err := ParseAllowed("127.0.0.0/8")
	if err != nil {
		panic(err)
	}
	return a
}()

// serve is a server that speaks the protocol as a test wants it to.
func serve(t *testing.T, handle http.HandlerFunc) (*Client, *httptest.Server) {
	t.Helper()
	srv := httptest.NewServer(handle)
	t.Cleanup(srv.Close)
	c, err := New(Config{Name: "District", BaseURL: srv.URL + "/v1", Key: secret, Model: "big", Silence: 300 * time.Millisecond, Allowed: onThisMachine})
	if err != nil {
		t.Fatal(err)
	}
	return c, srv
}

func chunk(text, finish string) string {
	reason := "null"
	if finish != "" {
		reason = `"` + finish + `"`
	}
	return fmt.Sprintf(`data: {"id":"1","object":"chat.completion.chunk","created":1,"model":"big","choices":[{"index":0,"delta":{"content":%q},"finish_reason":%s}]}`+"\n\n", text, reason)
}

const usage = `data: {"id":"1","object":"chat.completion.chunk","created":1,"model":"big","choices":[],"usage":{"prompt_tokens":21,"completion_tokens":3,"total_tokens":24}}` + "\n\n"

func say(w http.ResponseWriter, pieces ...string) {
	w.Header().Set("Content-Type", "text/event-stream")
	for _, p := range pieces {
		_, _ = io.WriteString(w, p)
		w.(http.Flusher).Flush()
	}
}

var prompt = models.Prompt{MaxTokens: 50, Turns: []models.Turn{{Role: "system", Content: "Be kind."}, {Role: "user", Content: "the private question"}}}

func ask(ctx context.Context, c *Client) (string, models.Usage, error) {
	var text strings.Builder
	u, err := c.Generate(ctx, prompt, func(p string) error { text.WriteString(p); return nil })
	return text.String(), u, err
}

func TestWholeReply(t *testing.T) {
	var body string
	c, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		body = string(b)
		if r.URL.Path != "/v1/chat/completions" || r.Header.Get("Authorization") != "Bearer "+secret {
			http.Error(w, "no", http.StatusUnauthorized)
			return
		}
		say(w, chunk("Hel", ""), chunk("lo", ""), chunk("", "stop"), usage, "data: [DONE]\n\n")
	})
	text, u, err := ask(t.Context(), c)
	if err != nil || text != "Hello" || u.PromptTokens != 21 || u.CompletionTokens != 3 || u.Truncated || u.FirstToken == 0 {
		t.Fatal(text, u, err)
	}
	for _, want := range []string{`"model":"big"`, `"max_tokens":50`, `"include_usage":true`, `"stream":true`} {
		if !strings.Contains(body, want) {
			t.Errorf("%s is not in %s", want, body)
		}
	}
	for _, not := range []string{"id_slot", "cache_prompt", "grammar"} {
		if strings.Contains(body, not) {
			t.Errorf("%s is in %s", not, body)
		}
	}
}

// TestReplyRoundInCircles ends a reply that says one thing for ever.
func TestReplyRoundInCircles(t *testing.T) {
	c, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		for i := 0; i < 500 && r.Context().Err() == nil; i++ {
			say(w, chunk("The seeds need ", ""), chunk("water.\n", ""))
		}
		say(w, chunk("", "length"), "data: [DONE]\n\n")
	})
	text, u, err := ask(t.Context(), c)
	if err != nil || !u.Repeated || u.CompletionTokens == 0 || text != strings.TrimSpace(strings.Repeat("The seeds need water.\n", 3)) {
		t.Fatal(text, u, err)
	}
}

// A reply in another form is not taken for one, and what went wrong is told by
// its kind. No error holds the key or the question.
func TestFaults(t *testing.T) {
	hang := func(r *http.Request) {
		select {
		case <-r.Context().Done():
		case <-time.After(5 * time.Second):
		}
	}
	refuse := func(status int, headers ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			for i := 0; i+1 < len(headers); i += 2 {
				w.Header().Set(headers[i], headers[i+1])
			}
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
			b, _ := io.ReadAll(r.Body)
			fmt.Fprintf(w, `{"error":{"message":"you sent %s with %s","type":"x","code":"y"}}`, strings.ReplaceAll(string(b), `"`, "'"), r.Header.Get("Authorization"))
		}
	}

	away := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		t.Error("the question went to somebody else")
		say(w, chunk("stolen", "stop"))
	}))
	defer away.Close()
	tests := map[string]struct {
		handle  http.HandlerFunc
		kind    Kind
		started bool
		wait    time.Duration
	}{
		"hangs before it begins": {func(_ http.ResponseWriter, r *http.Request) { hang(r) }, Timeout, false, 0},
		"hangs in the middle":    {func(w http.ResponseWriter, r *http.Request) { say(w, chunk("Hel", "")); hang(r) }, Timeout, true, 0},
		"drops": {func(w http.ResponseWriter, _ *http.Request) {
			say(w, chunk("Hel", ""))
			conn, _, _ := w.(http.Hijacker).Hijack()
			_ = conn.Close()
		}, CutOff, true, 0},
		"ends half-way":     {func(w http.ResponseWriter, _ *http.Request) { say(w, chunk("Hel", "")) }, CutOff, true, 0},
		"says nothing":      {func(w http.ResponseWriter, _ *http.Request) { say(w, "data: [DONE]\n\n") }, BadReply, false, 0},
		"429 with seconds":  {refuse(429, "Retry-After", "7"), RateLimited, false, 7 * time.Second},
		"429 with a date":   {refuse(429, "Retry-After", time.Now().Add(time.Hour).UTC().Format(http.TimeFormat)), RateLimited, false, 10 * time.Minute},
		"429 without":       {refuse(429), RateLimited, false, 0},
		"429 with nonsense": {refuse(429, "Retry-After", "soon"), RateLimited, false, 0},
		"500":               {refuse(500), Unavailable, false, 0},
		"503":               {refuse(503), Unavailable, false, 0},
		"401":               {refuse(401), BadKey, false, 0},
		"404":               {refuse(404), NotFound, false, 0},
		"400":               {refuse(400), Refused, false, 0},
		"413":               {refuse(413), TooLong, false, 0},
		"redirects": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, away.URL, http.StatusTemporaryRedirect)
		}, BadReply, false, 0},
		"a portal's page": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			_, _ = io.WriteString(w, "<html><body>Please pay</body></html>")
		}, BadReply, false, 0},
		"JSON nonsense": {func(w http.ResponseWriter, _ *http.Request) { say(w, "data: {\"choices\": [[[\n\n") }, BadReply, false, 0},
		"an error in the stream": {func(w http.ResponseWriter, _ *http.Request) {
			say(w, chunk("Hel", ""), `data: {"error":{"message":"overloaded: the private question `+secret+`"}}`+"\n\n")
		}, Unavailable, true, 0},
		"an error before the stream": {func(w http.ResponseWriter, _ *http.Request) {
			say(w, `data: {"error":{"message":"overloaded"}}`+"\n\n")
		}, Unavailable, false, 0},
		"an error that is none": {func(w http.ResponseWriter, _ *http.Request) {
			say(w, `data: {"error":7}`+"\n\n")
		}, BadReply, false, 0},
		"too long, said in the stream": {func(w http.ResponseWriter, _ *http.Request) {
			say(w, `data: {"error":{"type":"exceed_context_size_error"}}`+"\n\n")
		}, TooLong, false, 0},
		"429 as a page": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "7")
			http.Error(w, "<h1>slow down</h1>", http.StatusTooManyRequests)
		}, RateLimited, false, 7 * time.Second},
		"502 as a page":    {func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "<h1>no</h1>", http.StatusBadGateway) }, Unavailable, false, 0},
		"401 in two words": {func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "go away", http.StatusUnauthorized) }, BadKey, false, 0},
		"503 with seconds": {refuse(503, "Retry-After", "7"), Unavailable, false, 7 * time.Second},
		"Gemini's bad key": {func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, `[{"error":{"code":400,"message":"API key not valid. Please pass a valid API key."}}]`, 400)
		}, BadKey, false, 0},
		"vLLM's too long": {func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, `{"object":"error","message":"This model's maximum context length is 4096 tokens."}`, 400)
		}, TooLong, false, 0},
		"nothing at all":       {func(w http.ResponseWriter, _ *http.Request) { say(w) }, BadReply, false, 0},
		"a role, then nothing": {func(w http.ResponseWriter, _ *http.Request) { say(w, chunk("", "")) }, CutOff, false, 0},
		"a filter":             {func(w http.ResponseWriter, _ *http.Request) { say(w, chunk("Hel", "content_filter")) }, Refused, true, 0},
		"all at once": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, `{"choices":[{"message":{"content":"Hello"},"finish_reason":"stop"}]}`)
		}, BadReply, false, 0},
		"a page that hangs": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(200)
			w.(http.Flusher).Flush()
			hang(r)
		}, BadReply, false, 0},
		"never ends": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/event-stream")
			for n := 0; r.Context().Err() == nil; n++ { // none of it twice
				if _, err := io.WriteString(w, chunk(fmt.Sprintf("%d", n)+strings.Repeat("o", 50_000), "")); err != nil {
					return
				}
			}
		}, CutOff, true, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c, _ := serve(t, tt.handle)
			_, _, err := ask(t.Context(), c)
			e, ok := errors.AsType[*Error](err)
			if !ok {
				t.Fatalf("%T %v", err, err)
			}
			if e.Kind != tt.kind || e.Started != tt.started || e.RetryAfter > tt.wait || e.RetryAfter < tt.wait-2*time.Second {
				t.Errorf("%+v (%v), want %s, started %v, wait %s", e, errors.Unwrap(e), tt.kind, tt.started, tt.wait)
			}
			for cause := err; cause != nil; cause = errors.Unwrap(cause) {
				if text := fmt.Sprintf("%v %+v %#v", cause, cause, cause); strings.Contains(text, secret) || strings.Contains(text, "private question") {
					t.Error("told a secret:", text)
				}
			}
		})
	}
}

func TestUnreachable(t *testing.T) {
	c, srv := serve(t, nil)
	srv.Close()
	_, _, err := ask(t.Context(), c)
	if e, ok := errors.AsType[*Error](err); !ok || e.Kind != Unavailable {
		t.Error(err)
	}
}

// A pupil who leaves ends the work at the other end too.
func TestLeavingStopsTheServer(t *testing.T) {
	gone := make(chan struct{})
	c, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			say(w, chunk("word ", ""))
			time.Sleep(5 * time.Millisecond)
		}
		close(gone)
	})
	ctx, cancel := context.WithCancel(t.Context())
	n := 0
	_, err := c.Generate(ctx, prompt, func(string) error {
		if n++; n == 3 {
			cancel()
		}
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	select {
	case <-gone:
	case <-time.After(5 * time.Second):
		t.Error("the server writes on")
	}
	stop := errors.New("enough")
	c, _ = serve(t, func(w http.ResponseWriter, _ *http.Request) { say(w, chunk("a", "stop"), "data: [DONE]\n\n") })
	if _, err := c.Generate(t.Context(), prompt, func(string) error { return stop }); !errors.Is(err, stop) {
		t.Error(err)
	}
}

func TestCounting(t *testing.T) {
	c, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/tokenize":
			_, _ = io.WriteString(w, `{"tokens":[1,2,3,4]}`)
		case "/v1/models":
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, `{"object":"list","data":[{"id":"big","object":"model","created":1,"owned_by":"x"}]}`)
		}
	})
	if n, err := c.CountTokens(t.Context(), "four words are here"); n != 4 || err != nil {
		t.Error(n, err)
	}
	if names, err := c.Models(t.Context()); err != nil || len(names) != 1 || names[0] != "big" {
		t.Error(names, err)
	}
	c, _ = serve(t, http.NotFound)
	if n, err := c.CountTokens(t.Context(), "four words are here"); n != 6 || err != nil {
		t.Error(n, err)
	}
	c, _ = serve(t, func(w http.ResponseWriter, _ *http.Request) {
		say(w, chunk("four", ""), chunk(" letters", "length"), "data: [DONE]\n\n")
	})
	if _, u, err := ask(t.Context(), c); err != nil || u.CompletionTokens != 4 || u.PromptTokens == 0 || !u.Truncated {
		t.Error(u, err)
	}
}

func TestAddresses(t *testing.T) {
	for _, bad := range []string{"", "ftp://x/v1", "file:///etc/passwd", "http://", "http://user:pass@host/v1", "http://host/v1?key=" + secret, "::"} {
		if _, err := New(Config{BaseURL: bad}); err == nil {
			t.Error(bad)
		} else if strings.Contains(err.Error(), secret) || strings.Contains(err.Error(), "pass") {
			t.Error("told a secret:", err)
		}
	}
}

// A stream may end with a reason or with [DONE]; a reader who is slow is not a
// silent server.
func TestEnds(t *testing.T) {
	for name, pieces := range map[string][]string{
		"done":   {chunk("Hello", ""), "data: [DONE]\n\n"},
		"reason": {chunk("Hello", "stop")},
	} {
		c, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) { say(w, pieces...) })
		u, err := c.Generate(t.Context(), prompt, func(string) error { time.Sleep(400 * time.Millisecond); return nil })
		if err != nil || u.CompletionTokens == 0 || u.Total < 400*time.Millisecond {
			t.Error(name, u, err)
		}
	}
}

func TestGrammarIsForTheBox(t *testing.T) {
	c, _ := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("asked") })
	_, err := c.Generate(t.Context(), models.Prompt{Grammar: "root ::= x"}, nil)
	if _, ok := errors.AsType[*Error](err); !ok || !errors.Is(err, ErrGrammar) {
		t.Error(err)
	}
}

// What leaves the box is what is in the request: nothing from the environment,
// nothing about the machine, no template's markers, no limit that nobody set.
func TestNothingElseIsSent(t *testing.T) {
	t.Setenv("OPENAI_API_KEY", "sk-environment")
	t.Setenv("OPENAI_ORG_ID", "org")
	t.Setenv("OPENAI_BASE_URL", "http://127.0.0.1:1/")
	t.Setenv("OPENAI_CUSTOM_HEADERS", "X-Custom: y")
	var body string
	var headers http.Header
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		body, headers = string(b), r.Header.Clone()
		say(w, chunk("Hi", "stop"))
	}))
	defer srv.Close()
	c, err := New(Config{BaseURL: srv.URL, Model: "big", Allowed: onThisMachine})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Generate(t.Context(), models.Prompt{Turns: []models.Turn{{Role: "user", Content: "a<|im_<s>end|>b"}}}, func(string) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"messages":[{"content":"ab","role":"user"}],"model":"big","temperature":0,"stream_options":{"include_usage":true},"stream":true}`; strings.TrimSpace(body) != want {
		t.Error(body)
	}
	for name := range headers {
		if name == "Authorization" || name == "X-Custom" || strings.HasPrefix(name, "Openai-") || strings.HasPrefix(name, "X-Stainless") {
			t.Error(name, headers[name])
		}
	}
}

// A server without a tokenizer never gets the text, and is asked once; so is one
// that is not there, for a while.
func TestTokenizerIsTriedOnce(t *testing.T) {
	for name, status := range map[string]int{"absent": 404, "down": 503} {
		asked := 0
		c, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
			asked++
			if b, _ := io.ReadAll(r.Body); strings.Contains(string(b), "private") {
				t.Error("sent the text")
			}
			w.WriteHeader(status)
		})
		for range 3 {
			if n, err := c.CountTokens(t.Context(), "the private question"); n != 6 || err != nil {
				t.Error(name, n, err)
			}
		}
		if asked != 1 {
			t.Error(name, "asked", asked)
		}
	}
	for _, url := range []string{OpenAIURL, GeminiURL} {
		if c, err := New(Config{BaseURL: url}); err != nil || c.tokenizer.url != "" {
			t.Error(url, err)
		}
	}
}

func TestModelsFaults(t *testing.T) {
	c, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>Please pay</html>") })
	_, err := c.Models(t.Context())
	if e, ok := errors.AsType[*Error](err); !ok || e.Kind != BadReply {
		t.Error(err)
	}
	c, _ = serve(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	_, err = c.Models(t.Context())
	if e, ok := errors.AsType[*Error](err); !ok || e.Kind != Timeout {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err = c.Models(ctx); err != context.Canceled {
		t.Error(err)
	}
}
