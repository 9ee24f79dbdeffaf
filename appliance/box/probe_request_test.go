package box

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/transport"
)

var param = regexp.MustCompile(`\{(\w+)\}`)

func (p *probe) try(route transport.Route, a attempt) {
	t := p.t
	t.Helper()
	path := param.ReplaceAllStringFunc(route.Path, func(s string) string { return url.PathEscape(a.ids[strings.Trim(s, "{}")]) })
	query := url.Values{}
	if a.foreign != "" {
		for _, name := range []string{"org", "org_id", "orgId", "tenant"} {
			query.Set(name, a.foreign)
		}
	}
	if route.Operation == "eraseOrganization" {
		query.Set("name", "not its name")
	}
	if route.Operation == "retrieve" {
		query.Set("q", "How high is the volcano?")
	}
	if route.Operation == "getQR" {
		query.Set("path", "/x")
	}
	address := p.http.URL + path + "?" + query.Encode()
	body, kind := p.body(route, a)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, route.Method, address, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	if a.token != "" {
		r.Header.Set("Authorization", "Bearer "+a.token)
	}
	if a.foreign != "" {
		r.Header.Set("X-Tenant-Id", a.foreign)
		r.Header.Set("X-Org-Id", a.foreign)
	}
	if route.Policy.Creates {
		r.Header.Set("Idempotency-Key", "same-key")
		if a.mine == p.ours && a.want != nil && route.Policy.Least == appliance.RoleTeacher.Rank() && a.token == p.ours.members[appliance.RoleTeacher].token {
			r.Header.Set("Idempotency-Key", fmt.Sprintf("key-%s-%s", route.Operation, a.name))
		}
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatalf("%s: %v", a.name, err)
	}
	defer res.Body.Close()
	if route.Operation == "watchSources" { // it never ends: what comes first is enough
		time.AfterFunc(150*time.Millisecond, cancel)
	}
	text, _ := io.ReadAll(res.Body)
	if !a.want(res.StatusCode) {
		t.Errorf("%s: %s %s: %d %.300s", a.name, route.Method, path, res.StatusCode, text)
	}
	shown := string(text) + fmt.Sprint(res.Header)
	hidden := a.hidden
	if hidden == nil {
		hidden = []*probedSchool{p.ours, p.other, p.host}
	}
	for _, school := range hidden {
		if school == a.mine {
			continue
		}
		for _, secret := range school.secrets {
			if route.Operation == "listAudit" && secret != school.canary {
				continue // it names what we have just asked for, such as a file that is not there
			}
			if asked := strings.Contains(path+string(body), secret) && refused(res.StatusCode); strings.Contains(shown, secret) && !asked {
				t.Errorf("%s: %q of %s shows in the answer to %s %s: %.300s", a.name, secret, school.canary, route.Method, path, text)
			}
		}
	}
}

// body is what the document says that a route takes, filled with values that
// name the other school and its things wherever something is named.
func (p *probe) body(route transport.Route, a attempt) ([]byte, string) {
	if route.Operation == "uploadSource" {
		return []byte("--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\nhello " + a.name + "\r\n--x--\r\n"), "multipart/form-data; boundary=x"
	}
	switch route.Operation {
	case "transcribe":
		return []byte("no sound"), "audio/wav"
	case "chatCompletions":
		return []byte(`{"model":"` + a.ids["persona"] + `","messages":[{"role":"user","content":"How high is the volcano?"}]}`), "application/json"
	case "embeddings":
		return []byte(`{"model":"x","input":["a volcano"]}`), "application/json"
	}
	operation := p.doc["paths"].(map[string]any)[route.Path].(map[string]any)
	described, ok := operation[strings.ToLower(route.Method)].(map[string]any)
	if !ok {
		return nil, ""
	}
	request, ok := described["requestBody"].(map[string]any)
	if !ok {
		return nil, ""
	}
	schema := request["content"].(map[string]any)["application/json"].(map[string]any)["schema"].(map[string]any)
	value, _ := p.value("", schema, a).(map[string]any)
	text, err := json.Marshal(value)
	if err != nil {
		p.t.Fatal(err)
	}
	return text, "application/json"
}

func (p *probe) value(name string, schema map[string]any, a attempt) any {
	if ref, ok := schema["$ref"].(string); ok {
		return p.value(name, p.doc["components"].(map[string]any)["schemas"].(map[string]any)[ref[strings.LastIndex(ref, "/")+1:]].(map[string]any), a)
	}
	if words, ok := schema["enum"].([]any); ok {
		return words[len(words)-1]
	}
	kind, _ := schema["type"].(string)
	if list, ok := schema["type"].([]any); ok {
		kind, _ = list[0].(string)
	}
	switch kind {
	case "object":
		out := map[string]any{}
		properties, _ := schema["properties"].(map[string]any)
		for _, key := range slices.Sorted(maps.Keys(properties)) {
			if key == "$schema" {
				continue
			}
			out[key] = p.value(key, properties[key].(map[string]any), a)
		}
		return out
	case "array":
		return []any{p.value(name, schema["items"].(map[string]any), a)}
	case "integer", "number":
		return 1
	case "boolean":
		return false
	}
	switch name {
	case "persona_id", "personaId":
		return a.ids["persona"]
	case "question", "text", "q":
		return "How high is the volcano?"
	case "url":
		return "http://127.0.0.1:9/v1"
	case "class_id", "classes":
		return a.ids["class"]
	case "user_id":
		return a.ids["user"]
	case "code":
		return strings.ToUpper(p.other.canary[:4]) + "23"
	case "invitation", "new_class", "files":
		return ""
	case "sessionId":
		return a.ids["conversation"]
	case "requestId":
		return "question-student"
	case "content":
		return ""
	case "userMessage":
		return "How high is the volcano?" // all schools have one, each its own
	case "refresh_token", "password", "current", "next":
		return "wrong words here"
	}
	return "probe"
}
