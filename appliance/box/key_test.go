package box

import (
	"net/http"
	"strings"
	"testing"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"

	"github.com/bwenge-os/bwenge/appliance"
)

// A key that was made for a tutor asks that one alone, and reads what is for its
// classes.
func TestAKeyOfATutorAsksNoOtherAndReadsNoOtherClass(t *testing.T) {
	s := serveBox(t, "Lake Kivu is 480 metres deep.")
	ctx := t.Context()
	page, err := s.Store.Sources(ctx, appliance.DefaultOrg, appliance.Scope{All: true}, appliance.SourceFilter{})
	if err != nil || len(page.Items) != 1 {
		t.Fatal(page, err)
	}
	keys := map[string]string{}
	for i, name := range []string{"P5", "P6"} {
		class := s.call(t, http.MethodPost, "/api/v1/orgs/default/classes", map[string]any{"name": name})["id"]
		persona := s.call(t, http.MethodPost, "/api/v1/personas", map[string]any{"content": map[string]any{"name": name}, "classes": []any{class}})["id"]
		keys[name] = s.call(t, http.MethodPost, "/api/v1/orgs/default/keys", map[string]any{"name": name, "persona_id": persona, "days": 7})["secret"].(string)
		if i == 0 { // the lesson is for P5
			s.call(t, http.MethodPut, "/api/v1/knowledge/"+page.Items[0].ID+"/classes", map[string]any{"classes": []any{class}})
		}
	}
	ask := func(key, model string) (string, error) {
		client := openai.NewClient(option.WithBaseURL(s.http.URL+"/v1/"), option.WithAPIKey(key), option.WithMaxRetries(0))
		answer, err := client.Chat.Completions.New(ctx, openai.ChatCompletionNewParams{Model: model, Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage("How deep is Lake Kivu?")}})
		if err != nil {
			return "", err
		}
		return answer.Choices[0].Message.Content, nil
	}
	if text, err := ask(keys["P5"], "tutor"); err != nil || !strings.Contains(text, "480") {
		t.Error("its own class's lesson:", text, err)
	}
	if text, err := ask(keys["P6"], "tutor"); err != nil || strings.Contains(text, "480") {
		t.Error("another class's lesson is read out:", text, err)
	}
	_, err = ask(keys["P6"], "science")
	if refusal, ok := err.(*openai.Error); !ok || refusal.StatusCode != http.StatusForbidden {
		t.Error("another tutor answers:", err)
	}
	client := openai.NewClient(option.WithBaseURL(s.http.URL+"/v1/"), option.WithAPIKey(keys["P6"]), option.WithMaxRetries(0))
	if list, err := client.Models.List(ctx); err != nil || len(list.Data) != 3 { // the plain name, its own, embeddings
		t.Error(list, err)
	}
}
