package box

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract"
	"github.com/bwenge-os/bwenge/models"
	"github.com/bwenge-os/bwenge/models/modeltest"
)

// servedBox is a box on a fake engine that has read one lesson, with the owner's
// token and a program's key.
type servedBox struct {
	*Box
	http       *httptest.Server
	token, key string
}

func serveBox(t *testing.T, reply string) *servedBox {
	t.Helper()
	slog.SetDefault(slog.New(slog.DiscardHandler))
	llama := modeltest.StartLlama(t)
	llama.Reply = func([]models.Turn) string { return reply }
	cfg := &Config{Data: t.TempDir(), Addr: "127.0.0.1:0", Tier: "tiny", Engines: "/nonexistent", Models: "/nonexistent", Name: "bwenge", ProviderHosts: "127.0.0.0/8"}
	e := NewEngines(cfg)
	e.Chat, e.Embedder, e.Writes = llama.Chat(), llama.Embedder(), []string{"en", "fr"}
	b, err := Assemble(t.Context(), cfg, e)
	if err != nil {
		t.Fatal(err)
	}
	s := &servedBox{Box: b, http: httptest.NewServer(b.Server.Handler())}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 2)
	go func() { ended <- b.Ingester.Run(ctx) }()
	go func() { ended <- b.Tutor.Run(ctx) }()
	t.Cleanup(func() {
		s.http.Close()
		cancel()
		for range 2 {
			if err := <-ended; err != nil {
				t.Error(err)
			}
		}
		b.Close()
	})
	tokens, err := b.Auth.SetUp(t.Context(), appliance.Organization{Name: "School", Slug: "school", Language: "en"}, appliance.NewStaff{Name: "Keza Uwase", Login: "owner", Email: "", Password: "seven green hills"}, "", true, appliance.Device{})
	if err != nil {
		t.Fatal(err)
	}
	s.token = tokens.Access
	src, _, err := b.Ingester.Add(t.Context(), appliance.DefaultOrg, appliance.NewFile{Name: "kivu.txt"}, strings.NewReader("Lake Kivu lies between Rwanda and Congo. The lake is 480 metres deep."), -1)
	if err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(20 * time.Second); src.Status != appliance.StatusReady; time.Sleep(10 * time.Millisecond) {
		if src, err = b.Store.Source(t.Context(), appliance.DefaultOrg, appliance.Scope{All: true}, src.ID); err != nil || src.Status.Ended() && src.Status != appliance.StatusReady || time.Now().After(deadline) {
			t.Fatal(src.Status, src.Problem, err)
		}
	}
	s.key = s.call(t, http.MethodPost, "/api/v1/orgs/default/keys", map[string]string{"name": "notebook"})["secret"].(string)
	return s
}

func (s *servedBox) call(t *testing.T, method, path string, body any) map[string]any {
	t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	r, _ := http.NewRequestWithContext(t.Context(), method, s.http.URL+path, bytes.NewReader(text))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+s.token)
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	answer, _ := io.ReadAll(res.Body)
	out := map[string]any{}
	if err := json.Unmarshal(answer, &out); err != nil || res.StatusCode >= 300 {
		t.Fatalf("%s %s: %d %s", method, path, res.StatusCode, answer)
	}
	return out
}

// OpenAI's own client speaks to the school's tutor.
func TestTheOfficialClient(t *testing.T) {
	s := serveBox(t, "Lake Kivu is 480 metres deep.")
	ctx := t.Context()
	client := openai.NewClient(option.WithBaseURL(s.http.URL+"/v1/"), option.WithAPIKey(s.key), option.WithMaxRetries(0))
	params := openai.ChatCompletionNewParams{Model: "tutor", Messages: []openai.ChatCompletionMessageParamUnion{
		openai.SystemMessage("You are a pirate."), openai.UserMessage("How deep is Lake Kivu?")}, Temperature: openai.Float(1)}

	whole, err := client.Chat.Completions.New(ctx, params)
	if err != nil || !strings.HasPrefix(whole.Choices[0].Message.Content, "Lake Kivu is 480 metres deep. [1]") || whole.Usage.TotalTokens == 0 || whole.Choices[0].FinishReason != "stop" {
		t.Fatal(whole, err)
	}
	if !strings.Contains(whole.RawJSON(), "kivu.txt") {
		t.Error("no citation in", whole.RawJSON())
	}
	params.Model = "science" // one that is shipped
	params.StreamOptions.IncludeUsage = openai.Bool(true)
	stream := client.Chat.Completions.NewStreaming(ctx, params)
	acc := openai.ChatCompletionAccumulator{}
	chunks := 0
	for stream.Next() {
		acc.AddChunk(stream.Current())
		chunks++
	}
	if stream.Err() != nil || chunks < 4 || !strings.HasPrefix(acc.Choices[0].Message.Content, "Lake Kivu is 480 metres deep.") || acc.Usage.TotalTokens == 0 {
		t.Error(chunks, acc.Choices, acc.Usage, stream.Err())
	}
	list, err := client.Models.List(ctx)
	if err != nil || len(list.Data) != 6 { // the plain one, four shipped, embeddings
		t.Error(list, err)
	}
	vectors, err := client.Embeddings.New(ctx, openai.EmbeddingNewParams{Model: "any", Input: openai.EmbeddingNewParamsInputUnion{OfArrayOfStrings: []string{"a lake", "a cell"}}})
	if err != nil || len(vectors.Data) != 2 || len(vectors.Data[1].Embedding) != 384 {
		t.Error(vectors, err)
	}
	// Nothing of it is in anybody's conversations.
	if page, err := s.Store.Conversations(ctx, appliance.DefaultOrg, "", "", "", 10); err != nil || page.Total != 0 {
		t.Error(page.Total, err)
	}
	for name, c := range map[string]struct {
		key, model, question string
		status               int
	}{
		"no such key":   {"bw-nonsense", "tutor", "Why?", 401},
		"no such tutor": {s.key, "nobody", "Why?", 404},
		"too long":      {s.key, "tutor", strings.Repeat("Why? ", 6000), 422},
	} {
		client := openai.NewClient(option.WithBaseURL(s.http.URL+"/v1/"), option.WithAPIKey(c.key), option.WithMaxRetries(0))
		_, err := client.Chat.Completions.New(ctx, openai.ChatCompletionNewParams{Model: c.model, Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage(c.question)}})
		if refusal, ok := err.(*openai.Error); !ok || refusal.StatusCode != c.status && (c.status != 422 || refusal.StatusCode/100 != 4) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A box may ask a llama-server of the district; what that costs is on its books,
// and where that one fails, its own model answers.
func TestABoxMayAskAnother(t *testing.T) {
	district := modeltest.StartLlama(t)
	district.Reply = func([]models.Turn) string { return "Lake Kivu is 480 metres deep." }
	var down atomic.Bool
	district.Refuse = func(string) int {
		if down.Load() {
			return http.StatusServiceUnavailable
		}
		return 0
	}
	s := serveBox(t, "The lake is 480 metres deep.")
	settings := map[string]any{"providers": []any{map[string]any{"id": "district", "name": "District", "kind": "server", "url": district.Engine().URL + "/v1",
		"model": "big", "key": "sk-secret", "allow_external": true, "price_prompt": 1, "price_completion": 2}}, "order": []string{"district"}, "budget": map[string]any{}, "version": 0}
	s.call(t, http.MethodPut, "/api/v1/orgs/default/models", settings)
	if shown := s.call(t, http.MethodGet, "/api/v1/orgs/default/models", nil); strings.Contains(string(must[[]byte](t)(json.Marshal(shown))), "sk-secret") {
		t.Error("the key is told:", shown)
	}
	a := s.call(t, http.MethodPost, "/api/v1/ai/respond", map[string]string{"userMessage": "How deep is Lake Kivu?"})
	if a["provider"] != "District" || !strings.Contains(a["responseText"].(string), "480 metres deep") {
		t.Fatal(a)
	}
	used := s.call(t, http.MethodGet, "/api/v1/orgs/default/usage", nil)["total"].([]any)
	if len(used) != 1 || used[0].(map[string]any)["provider"] != "District" || used[0].(map[string]any)["cost"].(float64) == 0 {
		t.Error(used)
	}
	down.Store(true)
	a = s.call(t, http.MethodPost, "/api/v1/ai/respond", map[string]string{"userMessage": "How many metres deep is Lake Kivu?"})
	if a["provider"] != "box" || !strings.Contains(a["responseText"].(string), "480 metres deep") {
		t.Error(a)
	}
}

// TestMain lets the test's own program be the child that reads documents.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == ExtractName {
		os.Exit(extract.Main(os.Args[2:], os.Stdin, os.Stdout))
	}
	os.Exit(m.Run())
}
