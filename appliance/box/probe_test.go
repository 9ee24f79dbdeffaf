package box

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/gorilla/websocket"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/httpd"
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

// attempt is one request of the probe.
type attempt struct {
	name    string
	token   string
	ids     map[string]string // what stands in the path
	foreign string            // an organization that query, header and body name
	mine    *probedSchool     // whose answers may come; nil: nobody's
	want    func(status int) bool
	hidden  []*probedSchool // whose must not; nil: every school's but mine
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
			{"no key", "", own, "", nil, notSignedIn, nil},
			{"a person's token", teacher, own, "", nil, notSignedIn, nil},
			{"a made-up key", "bw-" + strings.Repeat("A", 43), own, "", nil, notSignedIn, nil},
			{"our key", p.ours.program, own, string(p.other.org), p.ours, anything, nil},
			{"our key and their things", p.ours.program, theirs, string(p.other.org), p.ours, anything, nil},
		}
	}
	if route.Policy.Least == 0 {
		// Open to everybody: nothing of any school may show but its door.
		return []attempt{
			{"nobody", "", own, string(p.other.org), nil, anything, nil},
			{"another school's token", p.other.members[appliance.RoleTeacher].token, own, string(p.ours.org), p.other, anything, nil},
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
		attempt{"no token", "", own, "", nil, notSignedIn, nil},
		attempt{"garbage", "x.y.z", own, "", nil, notSignedIn, nil},
		attempt{"a program's key", p.ours.program, own, "", nil, notSignedIn, nil},
		attempt{"expired", expired, own, "", nil, notSignedIn, nil},
	)
	for role, m := range p.ours.members {
		if role.Rank() < least {
			list = append(list, attempt{"as " + string(role), m.token, own, "", p.ours, forbidden, nil})
		}
	}
	if strings.Contains(route.Path, "{") {
		for role, m := range p.ours.members {
			if role.Rank() >= least {
				list = append(list,
					attempt{"ids of the other school as " + string(role), m.token, theirs, "", p.ours, unseen, nil},
					attempt{"their things in one's own path as " + string(role), m.token, mixed, string(p.other.org), p.ours, anything, nil})
			}
		}
	}
	return append(list, attempt{"naming the other school", me.token, mixed, string(p.other.org), p.ours, anything, nil})
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

// dial opens a chat socket.
func (p *probe) dial(token string) (*websocket.Conn, *http.Response, error) {
	header := http.Header{}
	if token != "" {
		header.Set("Authorization", "Bearer "+token)
	}
	return websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(p.http.URL, "http")+"/ws/chat", header)
}

// frameKinds are the types of messages that the document knows.
func (p *probe) frameKinds() (kinds []string) {
	components := p.doc["components"].(map[string]any)["schemas"].(map[string]any)
	for _, ref := range components["ClientFrame"].(map[string]any)["oneOf"].([]any) {
		name := ref.(map[string]any)["$ref"].(string)
		frame := components[name[strings.LastIndex(name, "/")+1:]].(map[string]any)
		kinds = append(kinds, frame["properties"].(map[string]any)["type"].(map[string]any)["enum"].([]any)[0].(string))
	}
	if len(kinds) < 4 {
		p.t.Fatal(kinds)
	}
	return kinds
}

// listen hands on what comes until nothing has come for half a second, and
// closes the socket.
func (p *probe) listen(conn *websocket.Conn, seen func(message []byte)) {
	defer conn.Close()
	_ = conn.SetReadDeadline(time.Now().Add(500 * time.Millisecond))
	for {
		_, message, err := conn.ReadMessage()
		if err != nil {
			return
		}
		seen(message)
	}
}

// sockets tries every type of message with another school's and another
// person's questions.
func (p *probe) sockets() {
	t := p.t
	for _, token := range []string{"", "x.y.z", p.expired()} {
		if conn, res, err := p.dial(token); err == nil || res == nil || res.StatusCode != http.StatusUnauthorized {
			t.Errorf("a socket opens with the token %.10q: %v", token, err)
			if conn != nil {
				conn.Close()
			}
		}
	}
	kinds := p.frameKinds()
	for role, m := range p.ours.members {
		conn, _, err := p.dial(m.token)
		if err != nil {
			t.Fatal(role, err)
		}
		for _, kind := range kinds {
			for other := range p.other.members {
				if other == role {
					continue // their own question has the same name
				}
				frame := map[string]any{"v": 1, "type": kind, "request": "question-" + string(other), "org_id": p.other.org,
					"data": map[string]any{"text": "what is the volcano", "conversation": p.other.ids["conversation"], "org_id": p.other.org}}
				if err := conn.WriteJSON(frame); err != nil {
					t.Fatal(err)
				}
			}
		}
		p.listen(conn, func(message []byte) {
			for _, secret := range append(slices.Clone(p.other.secrets), p.host.secrets...) {
				if bytes.Contains(message, []byte(secret)) {
					t.Errorf("as %s, %q comes over the socket: %.300s", role, secret, message)
				}
			}
		})
	}
}
