package httpd

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/problem"
)

var errGone = problem.New(problem.NotFound, "source_not_found", "There is no such source.", "Reload the page.", nil)

// Every operation passes on the organization and the id, and an error becomes
// its status.
func TestMaterialOperations(t *testing.T) {
	one := appliance.Source{ID: "s1", Title: "Plants.pdf", Status: appliance.StatusReady, CreatedAt: time.Unix(0, 0)}
	for _, c := range []struct {
		method, path string
		want         int
	}{
		{"GET", "/api/v1/knowledge/s1/status", 200},
		{"GET", "/api/v1/knowledge/s1/chunks?from=3&limit=7", 200},
		{"POST", "/api/v1/knowledge/s1/retry", 200},
		{"POST", "/api/v1/knowledge/s1/cancel", 200},
		{"DELETE", "/api/v1/knowledge/s1", 204},
	} {
		for _, fail := range []error{errGone, nil} {
			b := newBox(t)
			check := func(org appliance.OrgID, id string) (appliance.Source, error) {
				if org != appliance.DefaultOrg || id != "s1" {
					t.Errorf("%s %s: %q %q", c.method, c.path, org, id)
				}
				return one, fail
			}
			b.material.SourceFn = func(_ context.Context, who appliance.Principal, id string) (appliance.Source, error) {
				return check(who.Org, id)
			}
			b.material.RetryFn = func(_ context.Context, who appliance.Principal, id string) (appliance.Source, error) {
				return check(who.Org, id)
			}
			b.material.CancelFn = b.material.RetryFn
			b.material.DeleteFn = func(_ context.Context, who appliance.Principal, id string) error {
				_, err := check(who.Org, id)
				return err
			}
			b.material.ChunksFn = func(_ context.Context, who appliance.Principal, id string, _ bool, from, limit int) (appliance.Page[appliance.Chunk], error) {
				if from != 3 || limit != 7 {
					t.Errorf("from %d limit %d", from, limit)
				}
				_, err := check(who.Org, id)
				return appliance.Page[appliance.Chunk]{}, err
			}
			w := b.do(c.method, c.path, "")
			if fail != nil {
				if p := problemIn(t, w.Header(), w.Code, w.Body.Bytes()); w.Code != 404 || p.Reason != "source_not_found" {
					t.Errorf("%s %s: %d %s", c.method, c.path, w.Code, w.Body)
				}
				continue
			}
			if w.Code != c.want {
				t.Errorf("%s %s: %d, want %d: %s", c.method, c.path, w.Code, c.want, w.Body)
			}
			if strings.Contains(w.Body.String(), `"items":null`) {
				t.Errorf("%s %s: an empty list is null", c.method, c.path)
			}
		}
	}
}

func TestListSources(t *testing.T) {
	for _, c := range []struct {
		query string
		code  int
		want  appliance.SourceFilter
	}{
		{"?limit=0", 422, appliance.SourceFilter{}},
		{"?limit=101", 422, appliance.SourceFilter{}},
		{"?limit=x", 422, appliance.SourceFilter{}},
		{"?status=nonsense", 422, appliance.SourceFilter{}},
		{"?search=" + strings.Repeat("a", 201), 422, appliance.SourceFilter{}},
		{"", 200, appliance.SourceFilter{Limit: 50}},
		{"?search=plants&status=ready&cursor=abc&limit=5", 200, appliance.SourceFilter{Search: "plants", Status: appliance.StatusReady, Cursor: "abc", Limit: 5}},
	} {
		b := newBox(t)
		var got appliance.SourceFilter
		b.material.SourcesFn = func(_ context.Context, _ appliance.Principal, f appliance.SourceFilter) (appliance.Page[appliance.Source], error) {
			got = f
			return appliance.Page[appliance.Source]{}, nil
		}
		w := b.do("GET", "/api/v1/knowledge"+c.query, "")
		if w.Code != c.code || got != c.want {
			t.Errorf("%s: %d %+v", c.query, w.Code, got)
		}
		if c.code == 200 && strings.TrimSpace(w.Body.String()) != `{"items":[],"total":0}` {
			t.Errorf("%s: %s", c.query, w.Body)
		}
	}
}

func TestWatchSources(t *testing.T) {
	b := newBox(t)
	changes := make(chan appliance.Source)
	watching := make(chan context.Context, 1)
	b.material.WatchFn = func(ctx context.Context, _ appliance.Principal) <-chan appliance.Source {
		watching <- ctx
		return changes
	}
	b.material.SourceFn = func(_ context.Context, _ appliance.Principal, id string) (appliance.Source, error) {
		return appliance.Source{ID: id}, nil
	}
	srv := b.start(t)
	res, err := http.Get(srv.URL + "/api/v1/knowledge/events")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	select {
	case <-watching: // before the headers, or the client could miss a change
	default:
		t.Fatal("the stream opened before the watching began")
	}
	lines := bufio.NewScanner(res.Body)
	next := func(prefix string) string {
		for lines.Scan() {
			if rest, ok := strings.CutPrefix(lines.Text(), prefix); ok {
				return rest
			}
		}
		t.Fatalf("the stream ended: %v", lines.Err())
		return ""
	}
	for _, id := range []string{"a", "b"} {
		changes <- appliance.Source{ID: id}
		if event := next("event: "); event != "source" {
			t.Errorf("event %q", event)
		}
		var src appliance.Source
		if err := json.Unmarshal([]byte(next("data: ")), &src); err != nil || src.ID != id {
			t.Errorf("%v %v", src, err)
		}
	}
	close(changes) // a reader who fell behind
	if lines.Scan() && lines.Text() != "" {
		t.Errorf("after the end: %s", lines.Text())
	}
}

func TestConversations(t *testing.T) {
	b := newBox(t)
	var search, cursor string
	var limit int
	b.conversations.ListFn = func(_ context.Context, org appliance.OrgID, _ appliance.UserID, s, c string, l int) (appliance.Page[appliance.Conversation], error) {
		search, cursor, limit = s, c, l
		return appliance.Page[appliance.Conversation]{Items: []appliance.Conversation{{ID: "c1"}}, Total: 1}, nil
	}
	b.conversations.GetFn = func(_ context.Context, _ appliance.OrgID, _ appliance.UserID, id string) (appliance.Conversation, []appliance.Message, error) {
		if id != "c1" {
			return appliance.Conversation{}, nil, errGone
		}
		return appliance.Conversation{ID: id}, []appliance.Message{{ID: "m1", Role: appliance.SpeakerAssistant, Answer: &appliance.Answer{}}}, nil
	}
	b.conversations.DeleteFn = func(_ context.Context, _ appliance.OrgID, _ appliance.UserID, id string) error {
		if id != "c1" {
			return errGone
		}
		return nil
	}
	for _, c := range []struct {
		method, path string
		code         int
		contains     string
	}{
		{"GET", "/api/v1/conversations?limit=1000", 422, "fields"},
		{"GET", "/api/v1/conversations/c2", 404, "source_not_found"},
		{"DELETE", "/api/v1/conversations/c2", 404, "source_not_found"},
		{"GET", "/api/v1/conversations?search=plants&cursor=x&limit=2", 200, `"total":1`},
		{"GET", "/api/v1/conversations/c1", 200, `"citations":[]`},
		{"DELETE", "/api/v1/conversations/c1", 204, ""},
	} {
		w := b.do(c.method, c.path, "")
		if w.Code != c.code || !strings.Contains(w.Body.String(), c.contains) {
			t.Errorf("%s %s: %d %s", c.method, c.path, w.Code, w.Body)
		}
	}
	if search != "plants" || cursor != "x" || limit != 2 {
		t.Errorf("%q %q %d", search, cursor, limit)
	}
}

func TestHealth(t *testing.T) {
	b := newBox(t)
	b.healthParts.CountsFn = func(appliance.OrgID) (MaterialCounts, error) { return MaterialCounts{Ready: 2}, errors.New("db") }
	if w := b.do("GET", "/api/v1/health", ""); w.Code != 500 {
		t.Errorf("a broken store: %d", w.Code)
	}
	b.healthParts.CountsFn = func(appliance.OrgID) (MaterialCounts, error) { return MaterialCounts{Ready: 2, Failed: 1}, nil }
	for state, want := range map[EngineState]string{
		EngineIdle: "ok", EngineStarting: "ok", EngineReady: "ok", EngineFailed: "degraded", EngineMissing: "degraded",
	} {
		b.healthParts.EnginesFn = func() []EngineHealth { return []EngineHealth{{Name: "chat", State: state}} }
		var got HealthReport
		w := b.do("GET", "/api/v1/health", "")
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
		if got.Status != want || got.Version != "test" || got.Material.Ready != 2 || got.Engines[0].State != state {
			t.Errorf("%s: %+v", state, got)
		}
	}
}

// A pupil who is taken out of a class has the stream of changes still open.
func TestAnOpenStreamHearsNothingOfAClassThatOneHasLeft(t *testing.T) {
	b := newBox(t)
	pupil := appliance.Principal{Org: appliance.DefaultOrg, User: "u", Role: appliance.RoleStudent, Session: "s", Scope: appliance.Scope{Classes: []appliance.ClassID{"p5"}}}
	var now atomic.Pointer[appliance.Principal]
	now.Store(&pupil)
	b.auth.AuthenticateFn = func(string) (appliance.Principal, error) { return pupil, nil }
	b.auth.NowFn = func(appliance.Principal) (appliance.Principal, error) { return *now.Load(), nil }
	changes := make(chan appliance.Source)
	b.material.WatchFn = func(context.Context, appliance.Principal) <-chan appliance.Source { return changes }
	b.material.SourceFn = func(_ context.Context, p appliance.Principal, id string) (appliance.Source, error) {
		if id == "exam" && len(p.Scope.Classes) == 0 {
			return appliance.Source{}, problem.New(problem.NotFound, "source_not_found", "There is no such material here.", "", nil)
		}
		return appliance.Source{ID: id}, nil
	}
	srv := b.start(t)
	res, err := http.Get(srv.URL + "/api/v1/knowledge/events")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	lines := bufio.NewScanner(res.Body)
	next := func() string {
		for lines.Scan() {
			if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				return data
			}
		}
		t.Fatal("the stream ended:", lines.Err())
		return ""
	}
	changes <- appliance.Source{ID: "exam"}
	if got := next(); !strings.Contains(got, `"exam"`) {
		t.Fatal(got)
	}
	out := pupil
	out.Scope = appliance.Scope{}
	now.Store(&out)
	changes <- appliance.Source{ID: "exam", Title: "Question 1"}
	changes <- appliance.Source{ID: "for all"}
	if got := next(); !strings.Contains(got, `"for all"`) {
		t.Error("they still hear:", got)
	}
}
