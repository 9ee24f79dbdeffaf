package box

import (
	"bufio"
	"database/sql"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/bwenge-os/bwenge/appliance"
)

// A school that is erased takes everything with it: the school that comes after
// it finds none of its settings and none of its rows, and what its people have
// open ends.
func TestAnErasedSchoolDoesNotLiveOn(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b := newBoxOn(t, ln, "")
	base := "http://" + ln.Addr().String()
	_, owner := register(t, http.DefaultClient, base, "")
	org := appliance.OrgID(owner["organization"].(map[string]any)["id"].(string))
	as := func(who map[string]any, method, path string, body any) *http.Response {
		t.Helper()
		text, _ := json.Marshal(body)
		r, _ := http.NewRequestWithContext(t.Context(), method, base+path, strings.NewReader(string(text)))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer "+who["access_token"].(string))
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		if res.StatusCode >= 300 {
			text, _ := io.ReadAll(res.Body)
			t.Fatal(path, res.Status, string(text))
		}
		return res
	}
	models := "/api/v1/orgs/" + string(org) + "/models"
	as(owner, http.MethodPut, models, appliance.ModelSettings{Providers: []appliance.Provider{}, Order: []string{appliance.BoxProvider},
		Budget: appliance.Budget{PupilTokens: 4711}}).Body.Close()
	as(owner, http.MethodGet, models, nil).Body.Close() // read, and so held
	stream := as(owner, http.MethodGet, "/api/v1/knowledge/events", nil)
	defer stream.Body.Close()
	streamEnded := make(chan error, 1)
	go func() {
		_, err := io.Copy(io.Discard, bufio.NewReader(stream.Body))
		streamEnded <- err
	}()

	erase(t, http.DefaultClient, base, owner)
	select {
	case <-streamEnded:
	case <-time.After(10 * time.Second):
		t.Error("a stream of the erased school is still open")
	}
	db, err := sql.Open("sqlite3", "file:"+b.Store.Path()+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, table := range tablesOfSchools(t, db) {
		var left int
		if err := db.QueryRow(`SELECT count(*) FROM `+table+` WHERE org_id = ?`, org).Scan(&left); err != nil || left > 0 {
			t.Errorf("%d rows of the erased school are left in %s: %v", left, table, err)
		}
	}

	reason, next := register(t, http.DefaultClient, base, "")
	if reason != "" {
		t.Fatal(reason)
	}
	now := appliance.OrgID(next["organization"].(map[string]any)["id"].(string))
	if now == org {
		t.Fatal("its id is used again")
	}
	res := as(next, http.MethodGet, "/api/v1/orgs/"+string(now)+"/models", nil)
	defer res.Body.Close()
	settings, _ := io.ReadAll(res.Body)
	if strings.Contains(string(settings), "4711") {
		t.Errorf("the next school has the settings of the erased one: %s", settings)
	}
	// What the erased owner holds opens nothing.
	r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, base+"/api/v1/users/me", nil)
	r.Header.Set("Authorization", "Bearer "+owner["access_token"].(string))
	if res, err := http.DefaultClient.Do(r); err != nil || res.StatusCode != http.StatusUnauthorized {
		t.Error("the erased owner's token is still good:", res.Status, err)
	} else {
		res.Body.Close()
	}
	if host, err := b.Store.FirstOrganization(t.Context()); err != nil || host.ID != now {
		t.Error("the command line works for another school:", host.ID, err)
	}
}

func tablesOfSchools(t *testing.T, db *sql.DB) (tables []string) {
	t.Helper()
	rows, err := db.Query(`SELECT name FROM sqlite_schema WHERE type = 'table' AND sql LIKE '%org_id%' AND sql NOT LIKE 'CREATE VIRTUAL%' AND name NOT LIKE 'chunk_%'`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		tables = append(tables, name)
	}
	if len(tables) < 20 {
		t.Fatal("too few tables:", tables)
	}
	return tables
}
