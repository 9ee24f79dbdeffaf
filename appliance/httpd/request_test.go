package httpd

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/problem"
	"github.com/bwenge-os/bwenge/internal/transport"
)

func TestHost(t *testing.T) {
	b := newBox(t, func(c *Config) { c.Hosts = []string{"box.school.rw"} })
	b.material.SourcesFn = func(context.Context, appliance.Principal, appliance.SourceFilter) (appliance.Page[appliance.Source], error) {
		return appliance.Page[appliance.Source]{}, nil
	}
	for _, c := range []struct {
		host string
		want int
	}{
		{"", http.StatusMisdirectedRequest},
		{"evil.com", http.StatusMisdirectedRequest},
		{"bwenge.local.evil.com", http.StatusMisdirectedRequest},
		{"localhost.evil.com:8080", http.StatusMisdirectedRequest},
		{"evillocal", http.StatusMisdirectedRequest},
		{"192.168.1.5.evil.com", http.StatusMisdirectedRequest},
		{"box.school.rw.evil.com", http.StatusMisdirectedRequest},
		{"xbox.school.rw", http.StatusMisdirectedRequest},
		{"bwenge.local", http.StatusOK},
		{"BWENGE.local.:8080", http.StatusOK},
		{"localhost:8080", http.StatusOK},
		{"192.168.1.5:8080", http.StatusOK},
		{"[fe80::1]:8080", http.StatusOK},
		{"[::1]", http.StatusOK},
		{"Box.School.rw", http.StatusOK},
	} {
		w := b.do("GET", "/api/v1/knowledge", "", "Host", c.host)
		if w.Code != c.want {
			t.Errorf("Host %q: %d, want %d", c.host, w.Code, c.want)
		}
	}
}

func TestForeignPagesCannotChangeAnything(t *testing.T) {
	for _, c := range []struct {
		name    string
		method  string
		headers []string
		want    int
	}{
		{"other site", "DELETE", []string{"Origin", "http://evil.com"}, http.StatusForbidden},
		{"null origin", "DELETE", []string{"Origin", "null"}, http.StatusForbidden},
		{"empty origin", "DELETE", []string{"Origin", ""}, http.StatusForbidden},
		{"host as a prefix", "DELETE", []string{"Origin", "http://bwenge.local.evil.com"}, http.StatusForbidden},
		{"other port", "DELETE", []string{"Origin", "http://bwenge.local:81"}, http.StatusForbidden},
		{"fetch metadata", "DELETE", []string{"Sec-Fetch-Site", "cross-site"}, http.StatusForbidden},
		{"fetch metadata beside our origin", "DELETE", []string{"Sec-Fetch-Site", "cross-site", "Origin", "http://bwenge.local"}, http.StatusForbidden},
		{"our own page", "DELETE", []string{"Origin", "http://bwenge.local", "Sec-Fetch-Site", "same-origin"}, http.StatusNoContent},
		{"no page", "DELETE", nil, http.StatusNoContent},
		{"reading from elsewhere", "GET", []string{"Origin", "http://evil.com"}, http.StatusOK},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBox(t)
			deleted := false
			b.material.DeleteFn = func(context.Context, appliance.Principal, string) error { deleted = true; return nil }
			b.material.SourceFn = func(context.Context, appliance.Principal, string) (appliance.Source, error) {
				return appliance.Source{}, nil
			}
			path := "/api/v1/knowledge/s1"
			if c.method == "GET" {
				path += "/status"
			}
			w := b.do(c.method, path, "", c.headers...)
			if w.Code != c.want {
				t.Errorf("%d, want %d: %s", w.Code, c.want, w.Body)
			}
			if deleted != (c.want == http.StatusNoContent) {
				t.Errorf("deleted is %v", deleted)
			}
			if c.want == http.StatusForbidden {
				problemIn(t, w.Header(), w.Code, w.Body.Bytes())
			}
			if w.Header().Get("Access-Control-Allow-Origin") != "" {
				t.Error("an answer allows other origins")
			}
		})
	}
}

func TestErrors(t *testing.T) {
	secret := errors.New("disk sda1 at /var/secret")
	for _, c := range []struct {
		err    error
		status int
		code   problem.Code
	}{
		{secret, 500, problem.Internal},
		{problem.New(problem.Internal, "x", "Secret internals.", "", secret), 500, problem.Internal},
		{problem.New("made-up", "x", "Something.", "", nil), 500, "made-up"},
		{problem.New(problem.Invalid, "x", "A.", "B.", secret), 400, problem.Invalid},
		{problem.New(problem.Unsupported, "x", "A.", "B.", secret), 415, problem.Unsupported},
		{problem.New(problem.Unreadable, "x", "A.", "B.", secret), 422, problem.Unreadable},
		{problem.New(problem.NotFound, "x", "A.", "B.", secret), 404, problem.NotFound},
		{problem.New(problem.Conflict, "x", "A.", "B.", secret), 409, problem.Conflict},
		{problem.New(problem.TooLarge, "x", "A.", "B.", secret), 413, problem.TooLarge},
		{problem.New(problem.NoSpace, "x", "A.", "B.", secret), 507, problem.NoSpace},
		{problem.New(problem.Busy, "x", "A.", "B.", secret), 503, problem.Busy},
		{problem.New(problem.Unavailable, "x", "A.", "B.", secret), 503, problem.Unavailable},
		{problem.New(problem.Timeout, "x", "A.", "B.", secret), 504, problem.Timeout},
		{problem.New(problem.Cancelled, "x", "A.", "B.", secret), 499, problem.Cancelled},
		{problem.New(problem.Unauthorized, "x", "A.", "B.", secret), 401, problem.Unauthorized},
		{problem.New(problem.Forbidden, "x", "A.", "B.", secret), 403, problem.Forbidden},
		{context.Canceled, 499, problem.Cancelled},
		{context.DeadlineExceeded, 504, problem.Timeout},
	} {
		b := newBox(t)
		b.material.SourceFn = func(context.Context, appliance.Principal, string) (appliance.Source, error) {
			return appliance.Source{}, c.err
		}
		w := b.do("GET", "/api/v1/knowledge/s1/status", "")
		p := problemIn(t, w.Header(), w.Code, w.Body.Bytes())
		if w.Code != c.status || p.Code != c.code {
			t.Errorf("%v: %d %s, want %d %s", c.err, w.Code, p.Code, c.status, c.code)
		}
		if strings.Contains(w.Body.String(), "sda1") || strings.Contains(w.Body.String(), "Secret internals") {
			t.Errorf("%v shows its cause: %s", c.err, w.Body)
		}
		if c.status == 500 && !strings.Contains(b.logged.String(), p.RequestID) {
			t.Errorf("%v is not in the log under its request id", c.err)
		}
		if (c.status == 503) != (w.Header().Get("Retry-After") != "") {
			t.Errorf("%v: Retry-After is %q", c.err, w.Header().Get("Retry-After"))
		}
	}
}

func TestEveryCodeHasAStatus(t *testing.T) {
	for _, code := range (codeWords("")).Schema(nil).Enum {
		if transport.Status(problem.Code(code.(string))) == 0 {
			t.Errorf("%s has no status", code)
		}
	}
}

func TestPanics(t *testing.T) {
	b := newBox(t)
	b.material.SourceFn = func(context.Context, appliance.Principal, string) (appliance.Source, error) {
		panic("a bug")
	}
	w := b.do("GET", "/api/v1/knowledge/s1/status", "")
	p := problemIn(t, w.Header(), w.Code, w.Body.Bytes())
	if w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "a bug") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if log := b.logged.String(); !strings.Contains(log, "a bug") || !strings.Contains(log, p.RequestID) || !strings.Contains(log, "status=500") {
		t.Errorf("the log does not tell: %s", log)
	}
}

// A panic in the middle of an answer must not make it look complete.
func TestPanicAfterTheFirstByte(t *testing.T) {
	b := newBox(t)
	b.tutor.AskFn = func(context.Context, appliance.Principal, appliance.Question) (Run, error) {
		return runFunc(func(_ context.Context, _ int, emit func(appliance.Event) error) error {
			_ = emit(anAnswer()[0])
			panic("a bug")
		}), nil
	}
	srv := b.start(t)
	res, err := http.DefaultClient.Do(askRequest(t, srv.URL, `{"userMessage":"Why?"}`, "Accept", "text/event-stream"))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if _, err := readAll(res); err == nil {
		t.Error("the broken answer ends like a whole one")
	}
}

func TestLogsHoldNoWordsOfPupils(t *testing.T) {
	b := newBox(t)
	b.tutor.AskFn = func(context.Context, appliance.Principal, appliance.Question) (Run, error) {
		return told(anAnswer()...), nil
	}
	b.conversations.ListFn = func(context.Context, appliance.OrgID, appliance.UserID, string, string, int) (appliance.Page[appliance.Conversation], error) {
		return appliance.Page[appliance.Conversation]{}, nil
	}
	b.do("POST", "/api/v1/ai/respond", `{"userMessage":"canary-question"}`)
	b.do("POST", "/api/v1/ai/respond", `{"userMessage":"canary-question","sessionId":"canary question"}`)
	b.do("POST", "/api/v1/ai/respond", `{"userMessage":"canary-question"`)
	b.do("GET", "/api/v1/conversations?search=canary-search", "")
	log := b.logged.String()
	if strings.Contains(log, "canary") || strings.Contains(log, "Leaves") {
		t.Errorf("the log repeats what was said: %s", log)
	}
	if strings.Count(log, "msg=request") != 4 {
		t.Errorf("not one line a request: %s", log)
	}
}

func TestSecurityHeaders(t *testing.T) {
	b := newBox(t)
	for _, path := range []string{"/", "/api/v1/nothing", "/api/openapi.json"} {
		h := b.do("GET", path, "").Header()
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cross-Origin-Resource-Policy": "same-origin",
		} {
			if h.Get(name) != want {
				t.Errorf("%s: %s is %q", path, name, h.Get(name))
			}
		}
		csp := h.Get("Content-Security-Policy")
		for _, want := range []string{"default-src 'self'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"} {
			if !strings.Contains(csp, want) {
				t.Errorf("%s: the policy lacks %s: %s", path, want, csp)
			}
		}
		if strings.Contains(csp, "unsafe") || strings.Contains(csp, "http") {
			t.Errorf("%s: the policy is open: %s", path, csp)
		}
	}
}

func TestUnknownAddresses(t *testing.T) {
	b := newBox(t)
	for _, c := range []struct {
		method, path string
		want         int
	}{
		{"GET", "/api/v1/nothing", 404},
		{"GET", "/api/v2/knowledge", 404},
		{"PUT", "/api/v1/knowledge", 405},
		{"GET", "/api/v1/knowledge/a%2Fb/status", 404},
		{"GET", "/api/v1/knowledge/a.b/status", 422},
		{"GET", "/api/v1/knowledge/" + strings.Repeat("a", 65) + "/status", 422},
		{"GET", "/", 503}, // built without its pages
	} {
		w := b.do(c.method, c.path, "")
		if w.Code != c.want {
			t.Errorf("%s %s: %d, want %d", c.method, c.path, w.Code, c.want)
		}
		problemIn(t, w.Header(), w.Code, w.Body.Bytes())
	}
}

// The organization comes from the token, whatever a request says.
func TestOrganization(t *testing.T) {
	b := newBox(t)
	b.auth.AuthenticateFn = func(string) (appliance.Principal, error) {
		return appliance.Principal{Org: "school", User: "u", Role: appliance.RoleTeacher}, nil
	}
	var seen appliance.OrgID
	b.material.SourcesFn = func(_ context.Context, who appliance.Principal, _ appliance.SourceFilter) (appliance.Page[appliance.Source], error) {
		seen = who.Org
		return appliance.Page[appliance.Source]{}, nil
	}
	b.do("GET", "/api/v1/knowledge?org=evil&org_id=evil", "", "X-Org", "evil", "X-Org-Id", "evil")
	if seen != "school" {
		t.Errorf("organization %q", seen)
	}
	if principalOf(context.Background()).Org != "" {
		t.Error("a request without an identity belongs to somebody")
	}
}

// A QR code shows the address on the network that the tablet is on.
func TestAddressOfTheTabletsNetwork(t *testing.T) {
	b := newBox(t, func(c *Config) {
		c.Hosts, c.TrustedProxies = []string{"box.school.example"}, []string{"127.0.0.1"}
		c.Address = func(near netip.Addr) string { return "near " + near.String() }
	})
	for _, c := range []struct{ host, local, remote, forwarded, want string }{
		{"bwenge.local", "192.168.4.1:8080", "192.168.4.77:5555", "", "near 192.168.4.1"},
		{"bwenge-2.local:8080", "[::ffff:10.0.0.1]:8080", "10.0.0.9:5555", "", "near 10.0.0.1"},
		{"192.168.4.1:8080", "192.168.4.1:8080", "192.168.4.77:5555", "", "http://192.168.4.1:8080"},
		{"localhost:8080", "127.0.0.1:8080", "127.0.0.1:5555", "", "near invalid IP"},
		{"bwenge.local", "127.0.0.1:8080", "127.0.0.1:5555", "10.9.9.9", "near 10.9.9.9"}, // a proxy on the box
		{"box.school.example", "192.168.4.1:8080", "192.168.4.77:5555", "", "http://box.school.example"},
	} {
		r := httptest.NewRequest("GET", "/api/v1/box", nil)
		r.Host, r.RemoteAddr = c.host, c.remote
		if c.forwarded != "" {
			r.Header.Set("X-Forwarded-For", c.forwarded)
		}
		local, err := net.ResolveTCPAddr("tcp", c.local)
		if err != nil {
			t.Fatal(err)
		}
		r = r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey, local))
		w := httptest.NewRecorder()
		b.Handler().ServeHTTP(w, r)
		var info BoxInfo
		if err := json.Unmarshal(w.Body.Bytes(), &info); err != nil || info.Address != c.want {
			t.Errorf("%s on %s from %s: %q, want %q (%v)", c.host, c.local, c.remote, info.Address, c.want, err)
		}
	}
}
