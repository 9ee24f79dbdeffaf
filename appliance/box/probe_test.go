package box

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/gorilla/websocket"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/httpd"
	"github.com/bwenge-os/bwenge/appliance/school/cards"
	"github.com/bwenge-os/bwenge/appliance/school/keys"
	"github.com/bwenge-os/bwenge/internal/transport"
)

// The probe tries every route of the real box, on its real database, as those
// who must not get in or through. The routes come from the server and their
// parameters and bodies from the API's document, so that a new route is probed
// without anybody thinking of it.
//
// Two schools hold the same things, each with a canary of its own in every text
// that it stores. Whatever is asked, nothing of the other school may come back,
// and nothing of it may change.

// member is somebody of a school, signed in.
type member struct {
	role  appliance.Role
	user  appliance.User
	token string
}

type probedSchool struct {
	org     appliance.OrgID
	canary  string
	members map[appliance.Role]member
	ids     map[string]string // by the name of the path parameter
	secrets []string          // that must not be seen by others
	program string            // an API key
}

type probe struct {
	t     *testing.T
	box   *Box
	http  *httptest.Server
	doc   map[string]any
	ours  *probedSchool
	other *probedSchool
	host  *probedSchool // owns the box
}

func newProbe(t *testing.T) *probe {
	t.Helper()
	slog.SetDefault(slog.New(slog.DiscardHandler))
	cfg := &Config{Data: t.TempDir(), Addr: "127.0.0.1:0", Tier: "tiny", Engines: "/nonexistent", Models: "/nonexistent", Name: "bwenge"}
	b, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	p := &probe{t: t, box: b, http: httptest.NewServer(b.Server.Handler())}
	t.Cleanup(func() {
		p.http.Close()
		b.Close()
	})
	document, err := httpd.OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(document, &p.doc); err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	if _, err := b.Auth.SetUp(ctx, appliance.Organization{Name: "Host", Slug: "host", Language: "en"}, appliance.NewStaff{Name: "Host", Login: "host", Password: "seven green hills"}, "", true, appliance.Device{}); err != nil {
		t.Fatal(err)
	}
	p.host = p.fill(appliance.DefaultOrg, "hostcanary")
	for _, name := range []string{"ours", "other"} {
		o, err := b.Store.CreateOrganization(ctx, appliance.Organization{Name: "School", Slug: name, Language: "en"})
		if err != nil {
			t.Fatal(err)
		}
		school := p.fill(o.ID, name+"canary")
		if name == "ours" {
			p.ours = school
		} else {
			p.other = school
		}
	}
	return p
}

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// fill gives a school one of everything, with its canary in every text.
func (p *probe) fill(org appliance.OrgID, canary string) *probedSchool {
	t, ctx, store := p.t, p.t.Context(), p.box.Store
	t.Helper()
	x := &probedSchool{org: org, canary: canary, members: map[appliance.Role]member{}, ids: map[string]string{"org": string(org)}}
	class := must[appliance.Class](t)(store.AddClass(ctx, org, appliance.Class{Name: "P5 " + canary, Code: strings.ToUpper(canary[:4]) + "23", SignIn: appliance.SignInPictures}, nil))
	for _, role := range []appliance.Role{appliance.RoleOwner, appliance.RoleAdmin, appliance.RoleTeacher, appliance.RoleStudent} {
		n := appliance.NewUser{User: appliance.User{Role: role, Name: string(role) + " " + canary, Email: string(role) + "@" + canary + ".example",
			Classes: []appliance.ClassRef{{ID: class.ID}}}, ExternalID: string(role) + canary}
		var err error
		if role == appliance.RoleStudent {
			n.Credential, err = p.box.Auth.NewPictures(ctx, cards.Pictures())
		} else {
			n.User.Username = string(role)
			n.Credential, err = p.box.Auth.PasswordCredential(ctx, string(role), "seven green hills")
		}
		if err != nil {
			t.Fatal(err)
		}
		u := must[appliance.User](t)(store.AddUser(ctx, org, n))
		x.members[role] = member{role, u, p.signIn(org, u, class.Code, n.Credential)}
		x.secrets = append(x.secrets, string(u.ID))
	}
	x.ids["class"], x.ids["user"] = string(class.ID), string(x.members[appliance.RoleStudent].user.ID)
	invitation := must[appliance.Invitation](t)(store.AddInvitation(ctx, org, appliance.Invitation{Role: appliance.RoleTeacher, Code: strings.ToUpper(canary[:5]) + "234",
		Email: "guest@" + canary + ".example", ExpiresAt: time.Now().AddDate(1, 0, 0)}, x.members[appliance.RoleOwner].user.ID))
	x.ids["invitation"] = invitation.ID
	loaded, _, err := store.ImportRoster(ctx, org, x.members[appliance.RoleTeacher].user.ID,
		[]appliance.NewUser{{User: appliance.User{Role: appliance.RoleStudent, Name: "imported " + canary}, Credential: appliance.Credential{Kind: appliance.SignInPIN, Hash: "x"}}}, nil, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	x.ids["import"] = loaded.ID
	teacher := x.members[appliance.RoleTeacher]
	sessions := must[[]appliance.Session](t)(store.Sessions(ctx, org, teacher.user.ID))
	x.ids["session"] = sessions[0].ID

	src, _, err := p.box.Ingester.Add(ctx, org, appliance.NewFile{Name: "lesson " + canary + ".txt", Classes: []appliance.ClassID{class.ID}},
		strings.NewReader("The volcano "+canary+" is high."), -1)
	if err != nil {
		t.Fatal(err)
	}
	x.ids["id"] = src.ID // of a source; a conversation's is put in where it belongs
	job, ok, err := store.ClaimJob(ctx, "probe", time.Hour)
	if err != nil || !ok || job.Source.ID != src.ID {
		t.Fatal(ok, err)
	}
	text := "The volcano " + canary + " is high."
	vector := make([]float32, 384)
	vector[0] = 1
	for _, err := range []error{
		store.AddChunks(ctx, job, []appliance.Chunk{{Text: text, Heading: "About " + canary, Tokens: 5}}),
		func() error {
			chunks, _, err := store.Unembedded(ctx, job, 10)
			for i := range chunks {
				chunks[i].Vector = vector
			}
			if err != nil {
				return err
			}
			return store.SaveVectors(ctx, job, "probe", chunks)
		}(),
		store.FinishJob(ctx, job, job.Source),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for role, m := range x.members {
		question := appliance.Question{ID: "question-" + string(role), Text: "what is the volcano " + canary}
		conv, _, _, err := store.SaveQuestion(ctx, org, m.user.ID, question)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := store.SaveAnswer(ctx, org, m.user.ID, question.ID, appliance.Answer{ResponseText: "it is " + canary}); err != nil {
			t.Fatal(err)
		}
		if role == appliance.RoleStudent {
			x.ids["conversation"] = conv.ID
		}
		x.secrets = append(x.secrets, conv.ID)
	}
	if err := store.AppendAudit(ctx, org, appliance.AuditEntry{Action: "test", Target: canary, Detail: map[string]any{"x": canary}}); err != nil {
		t.Fatal(err)
	}
	if _, err := store.BeginRequest(ctx, org, teacher.user.ID, "same-key", "x"); err != nil {
		t.Fatal(err)
	}
	if err := store.FinishRequest(ctx, org, teacher.user.ID, "same-key", appliance.StoredResponse{Status: 200, Body: []byte(`"` + canary + `"`)}); err != nil {
		t.Fatal(err)
	}
	p.fillTutor(x)
	x.secrets = append(x.secrets, canary, src.ID, invitation.ID, loaded.ID, string(class.ID))
	return x
}

// fillTutor gives a school's tutor one of everything that it keeps.
func (p *probe) fillTutor(x *probedSchool) {
	t, ctx, store := p.t, p.t.Context(), p.box.Store
	t.Helper()
	owner, pupil := appliance.Principal{Org: x.org, User: x.members[appliance.RoleOwner].user.ID, Role: appliance.RoleOwner}, x.members[appliance.RoleStudent].user
	persona := must[appliance.Persona](t)(store.AddPersona(ctx, x.org, owner.User, appliance.PersonaContent{Name: "tutor " + x.canary, Rules: []string{x.canary}}, nil))
	for _, err := range []error{
		store.AddFlag(ctx, x.org, appliance.Flag{User: appliance.UserRef{ID: pupil.ID}, Category: "abuse", Severity: 2, Side: "question", Text: x.canary}),
		store.AddMemory(ctx, x.org, pupil.ID, appliance.Memory{Text: "remembers " + x.canary}),
		store.AddUsage(ctx, x.org, pupil.ID, appliance.Usage{Provider: "p-" + x.canary, Model: x.canary, Requests: 1}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	must[appliance.ModelSettings](t)(store.SaveModelSettings(ctx, x.org, appliance.ModelSettings{
		Providers: []appliance.Provider{{ID: "p", Name: x.canary, Kind: appliance.ProviderServer, URL: "http://" + x.canary + ".invalid/v1", Model: "m", Key: "secret-" + x.canary}}}))
	secret, key, err := p.box.Auth.NewAPIKey(ctx, owner, "key of "+x.canary, "", 1)
	if err != nil {
		t.Fatal(err)
	}
	x.program = secret
	x.ids["persona"], x.ids["key"], x.ids["number"] = persona.ID, key.ID, "1"
	x.ids["flag"] = must[appliance.Page[appliance.Flag]](t)(store.Flags(ctx, x.org, "", false, "", 1)).Items[0].ID
	x.ids["memory"] = must[[]appliance.Memory](t)(store.Memories(ctx, x.org, pupil.ID))[0].ID
	x.secrets = append(x.secrets, persona.ID, key.ID, x.ids["flag"], x.ids["memory"], secret, "secret-"+x.canary)
}

func (p *probe) signIn(org appliance.OrgID, u appliance.User, code string, c appliance.Credential) string {
	p.t.Helper()
	var tokens appliance.Tokens
	var err error
	if u.Role == appliance.RoleStudent {
		tokens, err = p.box.Auth.SignInPupil(p.t.Context(), code, u.ID, strings.Fields(c.Card), "", appliance.Device{})
	} else {
		tokens, err = p.box.Auth.SignIn(p.t.Context(), org, u.Username, "seven green hills", appliance.Device{})
	}
	if err != nil {
		p.t.Fatal(err)
	}
	return tokens.Access
}

// attempt is one request of the probe.
type attempt struct {
	name    string
	token   string
	ids     map[string]string // what stands in the path
	foreign string            // an organization that query, header and body name
	mine    *probedSchool     // whose answers may come; nil: nobody's
	want    func(status int) bool
}

func refused(status int) bool { return status >= 400 && status < 500 }
func notSignedIn(s int) bool  { return s == http.StatusUnauthorized }
func unseen(status int) bool {
	return status == 403 || status == 404 || status == 400 || status == 409 || status == 422
}
func forbidden(status int) bool { return status == 403 }
func anything(status int) bool  { return status < 500 || status == 503 }

// TestProbe is the proof of isolation: see probe.
func TestProbe(t *testing.T) {
	p := newProbe(t)
	expired := p.expired()
	before := p.snapshot(p.other.org)
	probed := 0
	routes := slices.Clone(p.box.Server.Routes())
	slices.SortStableFunc(routes, func(a, b transport.Route) int { return endsSession(a) - endsSession(b) })
	sockets := sync.OnceFunc(p.sockets)
	for _, route := range routes {
		p.t = t
		if endsSession(route) > 0 {
			sockets()
		}
		probed++
		t.Run(route.Operation, func(t *testing.T) {
			p.t = t
			for _, a := range p.attempts(route, expired) {
				p.try(route, a)
			}
		})
	}
	p.t = t
	sockets()
	if probed != len(p.box.Server.Routes()) || probed < 60 {
		t.Errorf("%d routes probed", probed)
	}
	if after := p.snapshot(p.other.org); !maps.Equal(before, after) {
		for table, was := range before {
			if after[table] != was {
				t.Errorf("table %s of the other school has changed", table)
			}
		}
	}
}

// endsSession puts the one route last after which nobody is signed in.
func endsSession(r transport.Route) int {
	if r.Operation == "logout" {
		return 1
	}
	return 0
}

func (p *probe) attempts(route transport.Route, expired string) (list []attempt) {
	own, theirs := maps.Clone(p.ours.ids), maps.Clone(p.other.ids)
	mixed := maps.Clone(theirs) // the path is one's own school, what is in it is not
	mixed["org"] = string(p.ours.org)
	if strings.Contains(route.Path, "/conversations/") {
		for _, ids := range []map[string]string{own, theirs, mixed} {
			ids["id"] = ids["conversation"]
		}
	}
	if route.Policy.Program {
		teacher := p.ours.members[appliance.RoleTeacher].token
		return []attempt{
			{"no key", "", own, "", nil, notSignedIn},
			{"a person's token", teacher, own, "", nil, notSignedIn},
			{"a made-up key", "bw-" + strings.Repeat("A", 43), own, "", nil, notSignedIn},
			{"our key", p.ours.program, own, string(p.other.org), p.ours, anything},
			{"our key and their things", p.ours.program, theirs, string(p.other.org), p.ours, anything},
		}
	}
	if route.Policy.Least == 0 {
		// Open to everybody: nothing of any school may show but its door.
		return []attempt{
			{"nobody", "", own, string(p.other.org), nil, anything},
			{"another school's token", p.other.members[appliance.RoleTeacher].token, own, string(p.ours.org), p.other, anything},
		}
	}
	least := route.Policy.Least
	var me member // the lowest who may
	for role, m := range p.ours.members {
		if role.Rank() == least {
			me = m
		}
	}
	list = append(list,
		attempt{"no token", "", own, "", nil, notSignedIn},
		attempt{"garbage", "x.y.z", own, "", nil, notSignedIn},
		attempt{"a program's key", p.ours.program, own, "", nil, notSignedIn},
		attempt{"expired", expired, own, "", nil, notSignedIn},
	)
	for role, m := range p.ours.members {
		if role.Rank() < least {
			list = append(list, attempt{"as " + string(role), m.token, own, "", p.ours, forbidden})
		}
	}
	if strings.Contains(route.Path, "{") {
		for role, m := range p.ours.members {
			if role.Rank() >= least {
				list = append(list,
					attempt{"ids of the other school as " + string(role), m.token, theirs, "", p.ours, unseen},
					attempt{"their things in one's own path as " + string(role), m.token, mixed, string(p.other.org), p.ours, anything})
			}
		}
	}
	return append(list, attempt{"naming the other school", me.token, mixed, string(p.other.org), p.ours, anything})
}

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
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if route.Operation == "watchSources" {
		ctx, cancel = context.WithTimeout(t.Context(), 150*time.Millisecond)
		defer cancel()
	}
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
		if route.Operation == "watchSources" && ctx.Err() != nil {
			return
		}
		t.Fatalf("%s: %v", a.name, err)
	}
	defer res.Body.Close()
	text, _ := io.ReadAll(res.Body) // a stream ends with its context
	if !a.want(res.StatusCode) {
		t.Errorf("%s: %s %s: %d %.300s", a.name, route.Method, path, res.StatusCode, text)
	}
	shown := string(text) + fmt.Sprint(res.Header)
	for _, school := range []*probedSchool{p.ours, p.other, p.host} {
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

// expired is a token that the box itself has signed, of long ago.
func (p *probe) expired() string {
	box, err := keys.Open(filepath.Join(filepath.Dir(p.box.Store.Path()), "keys"))
	if err != nil {
		p.t.Fatal(err)
	}
	m := p.ours.members[appliance.RoleOwner]
	sessions, err := p.box.Store.Sessions(p.t.Context(), p.ours.org, m.user.ID)
	if err != nil || len(sessions) == 0 {
		p.t.Fatal(err)
	}
	token := jwt.NewWithClaims(jwt.SigningMethodEdDSA, jwt.MapClaims{
		"iss": "bwenge", "aud": "box", "sub": string(m.user.ID), "org": string(p.ours.org), "sid": sessions[0].ID,
		"iat": time.Now().Add(-2 * time.Hour).Unix(), "exp": time.Now().Add(-time.Hour).Unix(),
	})
	token.Header["typ"] = "at+jwt"
	text, err := token.SignedString(box.SigningKey())
	if err != nil {
		p.t.Fatal(err)
	}
	return text
}

// snapshot is what a school's rows are in every table that knows schools, as
// they stand in the file.
func (p *probe) snapshot(org appliance.OrgID) map[string]string {
	t := p.t
	t.Helper()
	db := must[*sql.DB](t)(sql.Open("sqlite3", "file:"+p.box.Store.Path()+"?mode=ro"))
	defer db.Close()
	strs := func(query string, args ...any) (list []string) {
		rows, err := db.Query(query, args...)
		if err != nil {
			t.Fatal(query, err)
		}
		defer rows.Close()
		for rows.Next() {
			var one string
			if err := rows.Scan(&one); err != nil {
				t.Fatal(err)
			}
			list = append(list, one)
		}
		return list
	}
	sums := map[string]string{}
	// What fails before a sign-in is counted against whom it was tried on.
	for _, table := range strs(`SELECT name FROM sqlite_schema WHERE type = 'table' AND sql LIKE '%org_id%' AND sql NOT LIKE 'CREATE VIRTUAL%' AND name NOT LIKE 'chunk_%' AND name <> 'failed_attempt'`) {
		columns := strs(`SELECT 'quote(' || name || ')' FROM pragma_table_info(?)`, table)
		rows := strs(`SELECT `+strings.Join(columns, ` || ',' || `)+` AS line FROM `+table+` WHERE org_id = ? ORDER BY line`, org)
		sums[table] = strings.Join(rows, "\n")
	}
	if len(sums) < 15 {
		t.Fatal("the snapshot sees too few tables:", len(sums))
	}
	return sums
}

// sockets tries every type of message with another school's and another
// person's questions.
func (p *probe) sockets() {
	t := p.t
	dial := func(token string) (*websocket.Conn, *http.Response, error) {
		header := http.Header{}
		if token != "" {
			header.Set("Authorization", "Bearer "+token)
		}
		return websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(p.http.URL, "http")+"/ws/chat", header)
	}
	for _, token := range []string{"", "x.y.z", p.expired()} {
		if conn, res, err := dial(token); err == nil || res == nil || res.StatusCode != http.StatusUnauthorized {
			t.Errorf("a socket opens with the token %.10q: %v", token, err)
			if conn != nil {
				conn.Close()
			}
		}
	}
	components := p.doc["components"].(map[string]any)["schemas"].(map[string]any)
	var kinds []string
	for _, ref := range components["ClientFrame"].(map[string]any)["oneOf"].([]any) {
		name := ref.(map[string]any)["$ref"].(string)
		frame := components[name[strings.LastIndex(name, "/")+1:]].(map[string]any)
		kinds = append(kinds, frame["properties"].(map[string]any)["type"].(map[string]any)["enum"].([]any)[0].(string))
	}
	if len(kinds) < 4 {
		t.Fatal(kinds)
	}
	for role, m := range p.ours.members {
		conn, _, err := dial(m.token)
		if err != nil {
			t.Fatal(role, err)
		}
		for _, kind := range kinds {
			for other := range p.other.members {
				if other == role {
					continue // her own question has the same name
				}
				frame := map[string]any{"v": 1, "type": kind, "request": "question-" + string(other), "org_id": p.other.org,
					"data": map[string]any{"text": "what is the volcano", "conversation": p.other.ids["conversation"], "org_id": p.other.org}}
				if err := conn.WriteJSON(frame); err != nil {
					t.Fatal(err)
				}
			}
		}
		_ = conn.SetReadDeadline(time.Now().Add(500 * time.Millisecond))
		for {
			_, message, err := conn.ReadMessage()
			if err != nil {
				break
			}
			for _, secret := range append(slices.Clone(p.other.secrets), p.host.secrets...) {
				if bytes.Contains(message, []byte(secret)) {
					t.Errorf("as %s, %q comes over the socket: %.300s", role, secret, message)
				}
			}
		}
		conn.Close()
	}
}
