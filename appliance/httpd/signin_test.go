package httpd

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/problem"
	"github.com/bwenge-os/bwenge/internal/transport"
)

// from makes a request that comes from an address of the school's network.
func (b *box) from(address, method, path, body string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Host, r.RemoteAddr = "bwenge.local", address+":5555"
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	b.Handler().ServeHTTP(w, r)
	return w
}

// signer is an Auth whose sign-ins work.
type signer struct {
	fakeAuth
	refreshed string
}

var someTokens = appliance.Tokens{Access: "access-token", Refresh: "refresh-token", ExpiresIn: 15 * time.Minute,
	User: appliance.User{ID: "u1", Role: appliance.RoleTeacher}, Organization: aSchool}

func (*signer) SignIn(context.Context, appliance.OrgID, string, string, appliance.Device) (appliance.Tokens, error) {
	return someTokens, nil
}

func (s *signer) Refresh(_ context.Context, token string, _ appliance.Device) (appliance.Tokens, error) {
	s.refreshed = token
	return someTokens, nil
}

func (*signer) SignOut(context.Context, appliance.Principal) error { return nil }

const loginBody = `{"login":"claudine","password":"seven green hills"`

func TestPlainPasswords(t *testing.T) {
	b := newBoxOf(t, func(p *Parts) { p.Auth = &signer{} })
	for address, want := range map[string]int{"192.168.4.20": 403, "127.0.0.1": 200, "[::1]": 200} {
		if w := b.from(address, "POST", "/api/v1/auth/login", loginBody+"}"); w.Code != want {
			t.Errorf("%s: %d %s", address, w.Code, w.Body)
		}
	}
	w := b.from("192.168.4.20", "POST", "/api/v1/auth/login", loginBody+"}", "X-Forwarded-For", "127.0.0.1", "X-Forwarded-Proto", "https")
	if p := problemIn(t, w.Header(), w.Code, w.Body.Bytes()); p.Reason != "plain_password" {
		t.Error("a forwarded header is believed:", w.Body)
	}
	allowing := newBoxOf(t, func(p *Parts) { p.Auth, p.Public = &signer{}, lenientSchool{} })
	if w := allowing.from("192.168.4.20", "POST", "/api/v1/auth/login", loginBody+"}"); w.Code != 200 {
		t.Error("the school allows it:", w.Code, w.Body)
	}
}

type lenientSchool struct{ fakePublic }

func (lenientSchool) Organizations(context.Context) ([]appliance.Organization, error) {
	o := aSchool
	o.Settings.AllowPlainPasswords = true
	return []appliance.Organization{o}, nil
}

// Tokens go into cookies that scripts cannot read, or into the answer, never
// both; what came by a cookie goes back by one.
func TestCookies(t *testing.T) {
	auth := &signer{}
	b := newBoxOf(t, func(p *Parts) { p.Auth = auth })
	login := b.from("127.0.0.1", "POST", "/api/v1/auth/login", loginBody+`,"cookies":true}`)
	for _, w := range []*httptest.ResponseRecorder{login,
		b.from("127.0.0.1", "POST", "/api/v1/auth/refresh", `{}`, "Cookie", "bwenge_refresh=old", "Origin", "http://bwenge.local")} {
		if strings.Contains(w.Body.String(), "access-token") || strings.Contains(w.Body.String(), "refresh-token") {
			t.Error("a token shows in the answer:", w.Body)
		}
		seen := map[string]bool{}
		for _, c := range w.Result().Cookies() {
			seen[c.Name] = true
			if !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Secure {
				t.Errorf("%v", c)
			}
		}
		if !seen["bwenge_access"] || !seen["bwenge_refresh"] {
			t.Error(seen)
		}
	}
	if auth.refreshed != "old" {
		t.Error(auth.refreshed)
	}
	if w := b.from("127.0.0.1", "POST", "/api/v1/auth/refresh", `{}`, "Cookie", "bwenge_refresh=old"); w.Code != 403 {
		t.Error("a refresh without an own page:", w.Code)
	}
	w := b.from("127.0.0.1", "POST", "/api/v1/auth/login", loginBody+"}")
	if !strings.Contains(w.Body.String(), "access-token") || slices.ContainsFunc(w.Result().Cookies(), func(c *http.Cookie) bool { return c.Name == "bwenge_access" }) {
		t.Error("a program gets its token in the answer alone:", w.Body)
	}
}

// A cookie counts for a change only if the box's own page asks for it.
func TestForeignPages(t *testing.T) {
	b := newBox(t)
	b.material.DeleteFn = func(context.Context, appliance.Principal, string) error { return nil }
	const cookie = "bwenge_access=token"
	for _, c := range []struct {
		want    int
		headers []string
	}{
		{403, []string{"Cookie", cookie}},
		{403, []string{"Cookie", cookie, "Origin", "http://evil.example"}},
		{403, []string{"Cookie", cookie, "Origin", "null"}},
		{403, []string{"Cookie", cookie, "Sec-Fetch-Site", "cross-site"}},
		{204, []string{"Cookie", cookie, "Origin", "http://bwenge.local"}},
		{204, []string{"Cookie", cookie, "Sec-Fetch-Site", "same-origin"}},
		{204, []string{"Authorization", "Bearer token"}},
	} {
		if w := b.do("DELETE", "/api/v1/knowledge/s1", "", c.headers...); w.Code != c.want {
			t.Errorf("%v: %d, want %d", c.headers, w.Code, c.want)
		}
	}
}

func TestRateLimit(t *testing.T) {
	b := newBoxOf(t, func(p *Parts) { p.Auth = &signer{} })
	refused := 0
	for range signIns.PerMinute + 20 {
		w := b.from("127.0.0.1", "POST", "/api/v1/auth/login", loginBody+"}")
		if w.Code == http.StatusTooManyRequests {
			refused++
			if w.Header().Get("Retry-After") == "" {
				t.Fatal("no Retry-After")
			}
		}
	}
	if refused < 10 {
		t.Errorf("%d refused", refused)
	}
	if w := b.from("127.0.0.2", "POST", "/api/v1/auth/login", loginBody+"}"); w.Code != 200 {
		t.Error("another device is held up:", w.Code)
	}
}

// fakeRequests remembers in memory.
type fakeRequests map[string]*appliance.StoredResponse

func (f fakeRequests) BeginRequest(_ context.Context, _ appliance.OrgID, _ appliance.UserID, key, print string) (*appliance.StoredResponse, error) {
	if stored, ok := f[key+print]; ok {
		return stored, nil
	}
	f[key+print] = nil
	return nil, nil
}

func (f fakeRequests) FinishRequest(_ context.Context, _ appliance.OrgID, _ appliance.UserID, key string, r appliance.StoredResponse) error {
	for k := range f {
		if strings.HasPrefix(k, key) {
			f[k] = &r
		}
	}
	return nil
}

func (f fakeRequests) DropRequest(_ context.Context, _ appliance.OrgID, _ appliance.UserID, key string) error {
	for k := range f {
		if strings.HasPrefix(k, key) {
			delete(f, k)
		}
	}
	return nil
}

type countingPeople struct {
	People
	made int
	fail error
}

func (c *countingPeople) AddClass(context.Context, appliance.Principal, string, appliance.SignInKind) (appliance.Class, error) {
	c.made++
	return appliance.Class{ID: "c1"}, c.fail
}

// The same request twice is carried out once; one that failed may be tried again.
func TestIdempotency(t *testing.T) {
	people := &countingPeople{}
	b := newPeopleBox(t, people)
	const path, name = "/api/v1/orgs/default/classes", `{"name":"P5"}`
	first := b.do("POST", path, name, "Idempotency-Key", "k1")
	second := b.do("POST", path, name, "Idempotency-Key", "k1")
	if people.made != 1 || second.Code != first.Code || second.Body.String() != first.Body.String() || second.Header().Get("Idempotency-Replayed") == "" {
		t.Errorf("made %d, %d %s", people.made, second.Code, second.Body)
	}
	b.do("POST", path, name)
	if people.made != 2 {
		t.Error("a request without a key counts as one with")
	}
	people.fail = errGone
	b.do("POST", path, name, "Idempotency-Key", "k2")
	b.do("POST", path, name, "Idempotency-Key", "k2")
	if people.made != 4 {
		t.Error("a request that failed cannot be sent again")
	}
}

func newPeopleBox(t *testing.T, people People) *box {
	t.Helper()
	return newBoxOf(t, func(p *Parts) { p.People, p.Requests = people, fakeRequests{} })
}

// What leaves the box is in the audit log before it does. (What changes something
// is so by whoever does it: see appliance/box.)
func TestAudit(t *testing.T) {
	b := newBox(t)
	withFile(t, b, "x", appliance.Source{ID: "s1", Title: "x"})
	b.do("GET", "/api/v1/knowledge/s1/file", "")
	b.do("GET", "/api/v1/knowledge/gone/file?download=true", "")
	if len(b.audit.entries) != 0 {
		t.Errorf("%+v", b.audit.entries)
	}
	b.do("GET", "/api/v1/knowledge/s1/file?download=true", "")
	if len(b.audit.entries) != 1 || b.audit.entries[0].Action != "source.downloaded" || b.audit.entries[0].Target != "s1" ||
		b.audit.entries[0].Actor != "u1" || b.audit.entries[0].RequestID == "" || b.audit.entries[0].Remote == "" {
		t.Errorf("%+v", b.audit.entries)
	}
	b.audit.fail = errGone
	if r := b.do("GET", "/api/v1/knowledge/s1/file?download=true", ""); r.Code < 400 || r.Body.String() == "x" {
		t.Error("given out without a line:", r.Code)
	}
}

// A session that ends closes what it has open.
func TestSignedOut(t *testing.T) {
	b := newBox(t)
	srv := b.start(t)
	conn, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(srv.URL, "http")+"/ws/chat", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.WriteJSON(map[string]any{"v": 1, "type": "ping"}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := conn.ReadMessage(); err != nil {
		t.Fatal(err)
	}
	b.auth.onEnd("another session")
	b.auth.onEnd(aTeacher.Session)
	_ = conn.SetReadDeadline(time.Now().Add(5 * time.Second))
	if _, _, err := conn.ReadMessage(); !websocket.IsCloseError(err, transport.CloseSignedOut) {
		t.Error(err)
	}
}

// Every operation and every frame has a policy, and no policy is left over.
func TestEveryRouteHasAPolicy(t *testing.T) {
	b := newBox(t)
	known := map[string]bool{}
	for _, route := range b.Routes() {
		known[route.Operation] = true
	}
	var document struct {
		Paths      map[string]map[string]struct{ OperationID string } `json:"paths"`
		Components struct {
			Schemas map[string]json.RawMessage `json:"schemas"`
		} `json:"components"`
	}
	text, err := OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &document); err != nil {
		t.Fatal(err)
	}
	for path, methods := range document.Paths {
		for method, op := range methods {
			if !known[op.OperationID] {
				t.Errorf("%s %s came past register", method, path)
			}
		}
	}
	for _, frame := range []string{frameAsk, frameResume, frameCancel, framePing} {
		if _, ok := policies["frame "+frame]; !ok {
			t.Errorf("the frame %s has no policy", frame)
		}
	}
	for name := range policies {
		if !known[name] && !strings.Contains(name, " ") {
			t.Errorf("a policy for %s, which is not there", name)
		}
	}
}

// manySchools is a box with two schools.
type manySchools struct{ fakePublic }

var lycee = appliance.Organization{ID: "id-of-lycee", Name: "Lycée", Slug: "lycee"}

func (manySchools) NeedsSetup(context.Context) (bool, error) { return false, nil }

func (manySchools) Organizations(context.Context) ([]appliance.Organization, error) {
	return []appliance.Organization{aSchool, lycee}, nil
}

func (manySchools) OrganizationBySlug(_ context.Context, name string) (appliance.Organization, error) {
	for _, o := range []appliance.Organization{aSchool, lycee} {
		if o.Slug == name || string(o.ID) == name {
			return o, nil
		}
	}
	return appliance.Organization{}, errGone
}

// Before a sign-in the school is the one that is named, by header or host.
func TestTenant(t *testing.T) {
	b := newBoxOf(t, func(p *Parts) { p.Public = manySchools{} })
	for _, c := range []struct {
		host, header, want, reason string
	}{
		{"bwenge.local", "lycee", "id-of-lycee", ""},
		{"bwenge.local", "id-of-lycee", "id-of-lycee", ""},
		{"lycee.bwenge.local", "", "id-of-lycee", ""},
		{"LYCEE.bwenge.local:8080", "", "id-of-lycee", ""},
		{"lycee.bwenge.local", "a-school", "default", ""},
		{"bwenge.local", "", "", "choose_school"},
		{"192.168.4.1:8080", "", "", "choose_school"},
		{"bwenge.local", "nothing", "", "source_not_found"},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Host = c.host
		if c.header != "" {
			r.Header.Set("X-Tenant-Id", c.header)
		}
		org, err := b.tenant(r)
		reason := ""
		if err != nil {
			reason = problem.Of(err).Reason
		}
		if string(org) != c.want || reason != c.reason {
			t.Errorf("%s %q: %q %v", c.host, c.header, org, err)
		}
	}
}
