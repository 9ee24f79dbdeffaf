package auth

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/school/cards"
	"github.com/bwenge-os/bwenge/appliance/school/keys"
	"github.com/bwenge-os/bwenge/appliance/sqlite"
	"github.com/bwenge-os/bwenge/internal/problem"
)

// rig is the service on a real database, with a clock that the test moves.
type rig struct {
	*Service
	store *sqlite.Store
	dir   string
	keys  *keys.Box
	mu    sync.Mutex
	time  time.Duration
	ended []string
	class appliance.Class
}

func newRig(t *testing.T) *rig {
	t.Helper()
	return reopenRig(t, t.TempDir())
}

func reopenRig(t *testing.T, dir string) *rig {
	t.Helper()
	box, err := keys.Open(filepath.Join(dir, "keys"))
	if err != nil {
		t.Fatal(err)
	}
	store, err := sqlite.Open(t.Context(), filepath.Join(dir, "bwenge.db"), box)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	saved, err := store.BoxClock(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{store: store, keys: box}
	clock := NewClock(saved)
	clock.since = func() time.Duration {
		r.mu.Lock()
		defer r.mu.Unlock()
		return r.time
	}
	r.Service = New(store, box, clock, filepath.Join(dir, "claim-code.txt"), nil)
	r.dir = dir
	r.OnEnd(func(session string) { r.ended = append(r.ended, session) })
	return r
}

func (r *rig) pass(d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.time += d
}

const org = appliance.DefaultOrg

func (r *rig) setUp(t *testing.T) appliance.Tokens {
	t.Helper()
	tokens, err := r.SetUp(t.Context(), appliance.Organization{Name: "School", Slug: "school", Language: "en"}, NewStaff{Name: "Claudine", Login: "claudine", Email: "c@example.org", Password: "seven green hills"}, "", true, Device{})
	if err != nil {
		t.Fatal(err)
	}
	return tokens
}

// pupil makes a pupil of a class with pictures.
func (r *rig) pupil(t *testing.T, name string) (appliance.User, []string) {
	t.Helper()
	if r.class.ID == "" {
		var err error
		if r.class, err = r.store.AddClass(t.Context(), org, appliance.Class{Name: "P5", Code: "BCD234", SignIn: appliance.SignInPictures}, nil); err != nil {
			t.Fatal(err)
		}
	}
	c, err := r.NewPictures(t.Context(), cards.Pictures())
	if err != nil {
		t.Fatal(err)
	}
	u, err := r.store.AddUser(t.Context(), org, appliance.NewUser{User: appliance.User{Role: appliance.RoleStudent, Name: name,
		Classes: []appliance.ClassRef{{ID: r.class.ID}}}, Credential: c})
	if err != nil {
		t.Fatal(err)
	}
	return u, strings.Fields(c.Card)
}

func reason(err error) string {
	if err == nil {
		return ""
	}
	return problem.Of(err).Reason
}

// Tablets on a bad link: 30 % of the answers to a refresh are lost, some are
// asked for by two tabs at once. Nobody is signed out by that.
func TestLostAnswers(t *testing.T) {
	r := newRig(t)
	tablets := make([]string, 40)
	for i := range tablets {
		u, pictures := r.pupil(t, fmt.Sprint("pupil ", i))
		tokens, err := r.SignInPupil(t.Context(), "bcd-234", u.ID, pictures, "", Device{})
		if err != nil {
			t.Fatal(err)
		}
		tablets[i] = tokens.Refresh
	}
	rounds, lost, raced := 10_000, 0, 0
	if testing.Short() || underRace {
		rounds = 500
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range rounds {
		i := random.IntN(len(tablets))
		var next appliance.Tokens
		if random.IntN(5) == 0 { // two tabs
			raced++
			results := make(chan appliance.Tokens, 2)
			for range 2 {
				go func() {
					tokens, err := r.Refresh(context.Background(), tablets[i], Device{})
					if err != nil {
						t.Error(err)
					}
					results <- tokens
				}()
			}
			one, two := <-results, <-results
			if one.Refresh != two.Refresh {
				t.Fatal("two tabs got different tokens")
			}
			next = one
		} else {
			for {
				tokens, err := r.Refresh(t.Context(), tablets[i], Device{})
				if err != nil {
					t.Fatalf("signed out after %d lost answers: %v", lost, err)
				}
				if random.IntN(10) < 3 {
					lost++
					r.pass(time.Duration(random.IntN(5)) * time.Second)
					continue // and asked again with the old one
				}
				next = tokens
				break
			}
		}
		tablets[i] = next.Refresh
		if p, err := r.Authenticate(t.Context(), next.Access); err != nil || p.Role != appliance.RoleStudent {
			t.Fatal(p, err)
		}
		// The time between two refreshes; a day in all, since a pupil's session
		// lasts no longer.
		r.pass(2 * time.Second)
	}
	if lost < rounds/5 || len(r.ended) != 0 {
		t.Errorf("%d answers lost, %d sessions ended", lost, len(r.ended))
	}
	t.Logf("%d refreshes, %d answers lost, %d by two tabs at once: nobody signed out", rounds, lost, raced)
}

// A token that is used after its successor was ends the session for both.
func TestThefts(t *testing.T) {
	r := newRig(t)
	u, pictures := r.pupil(t, "pupil")
	thefts := 500
	if testing.Short() || underRace {
		thefts = 50
	}
	for i := range thefts {
		first, err := r.SignInPupil(t.Context(), "BCD234", u.ID, pictures, "", Device{})
		if err != nil {
			t.Fatal(err)
		}
		stolen := first.Refresh
		second, err := r.Refresh(t.Context(), first.Refresh, Device{})
		if err != nil {
			t.Fatal(err)
		}
		if i%2 == 0 { // its successor has been used
			if second, err = r.Refresh(t.Context(), second.Refresh, Device{}); err != nil {
				t.Fatal(err)
			}
		} else { // it comes too late
			r.pass(refreshGrace + time.Second)
		}
		if _, err := r.Refresh(t.Context(), stolen, Device{}); reason(err) != "session_stolen" {
			t.Fatalf("theft %d: %v", i, err)
		}
		if _, err := r.Refresh(t.Context(), second.Refresh, Device{}); reason(err) != "session_ended" {
			t.Fatalf("after theft %d: %v", i, err)
		}
		if _, err := r.Authenticate(t.Context(), second.Access); reason(err) != "session_ended" {
			t.Fatalf("after theft %d: %v", i, err)
		}
	}
	if len(r.ended) != thefts {
		t.Errorf("%d sessions ended of %d", len(r.ended), thefts)
	}
	page, err := r.store.Audit(t.Context(), org, appliance.AuditFilter{Action: "session.reuse_detected"})
	if err != nil || page.Total != thefts {
		t.Error(page.Total, err)
	}
}

func TestForgedTokens(t *testing.T) {
	r := newRig(t)
	good := r.setUp(t)
	if _, err := r.Authenticate(t.Context(), good.Access); err != nil {
		t.Fatal(err)
	}
	sid, _, _ := strings.Cut(good.Refresh, ".")
	claim := func(change func(c jwt.MapClaims)) jwt.MapClaims {
		now := r.clock.Now()
		c := jwt.MapClaims{"iss": issuer, "aud": audience, "sub": string(good.User.ID), "org": string(org), "sid": sid, "iat": now.Unix(), "exp": now.Add(time.Minute).Unix()}
		if change != nil {
			change(c)
		}
		return c
	}
	sign := func(method jwt.SigningMethod, key any, typ string, c jwt.MapClaims) string {
		token := jwt.NewWithClaims(method, c)
		token.Header["typ"] = typ
		text, err := token.SignedString(key)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	own := r.keys.SigningKey()
	_, foreign, _ := ed25519.GenerateKey(nil)
	if _, err := r.Authenticate(t.Context(), sign(jwt.SigningMethodEdDSA, own, tokenType, claim(nil))); err != nil {
		t.Fatal("the control is refused:", err)
	}
	public := own.Public().(ed25519.PublicKey)
	for name, token := range map[string]string{
		"empty":                   "",
		"words":                   "not a token",
		"alg none":                sign(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, tokenType, claim(nil)),
		"HS256 by the public key": sign(jwt.SigningMethodHS256, []byte(public), tokenType, claim(nil)),
		"another key":             sign(jwt.SigningMethodEdDSA, foreign, tokenType, claim(nil)),
		"another type":            sign(jwt.SigningMethodEdDSA, own, "JWT", claim(nil)),
		"another issuer":          sign(jwt.SigningMethodEdDSA, own, tokenType, claim(func(c jwt.MapClaims) { c["iss"] = "other" })),
		"another audience":        sign(jwt.SigningMethodEdDSA, own, tokenType, claim(func(c jwt.MapClaims) { c["aud"] = "other" })),
		"another user":            sign(jwt.SigningMethodEdDSA, own, tokenType, claim(func(c jwt.MapClaims) { c["sub"] = "other" })),
		"another school":          sign(jwt.SigningMethodEdDSA, own, tokenType, claim(func(c jwt.MapClaims) { c["org"] = "other" })),
		"another session":         sign(jwt.SigningMethodEdDSA, own, tokenType, claim(func(c jwt.MapClaims) { c["sid"] = "other" })),
		"expired":                 sign(jwt.SigningMethodEdDSA, own, tokenType, claim(func(c jwt.MapClaims) { c["exp"] = r.clock.Now().Add(-time.Hour).Unix() })),
		"without an end":          sign(jwt.SigningMethodEdDSA, own, tokenType, claim(func(c jwt.MapClaims) { delete(c, "exp") })),
		"of the future":           sign(jwt.SigningMethodEdDSA, own, tokenType, claim(func(c jwt.MapClaims) { c["iat"] = r.clock.Now().Add(time.Hour).Unix() })),
		"tampered":                good.Access[:len(good.Access)-4] + "AAAA",
		"cut off":                 good.Access[:len(good.Access)/2],
		"the refresh one":         good.Refresh,
		"a megabyte of dots":      strings.Repeat(".", 1<<20),
	} {
		began := time.Now()
		if _, err := r.Authenticate(t.Context(), token); problem.CodeOf(err) != problem.Unauthorized || err == nil {
			t.Errorf("%s: %v", name, err)
		}
		if took := time.Since(began); took > 30*time.Second {
			t.Errorf("%s: took %s", name, took)
		}
	}
	for name, token := range map[string]string{
		"empty": "", "words": "a.b.c", "without a mac": sid + ".1.", "another generation": strings.Replace(good.Refresh, ".1.", ".2.", 1),
		"long": strings.Repeat("a.", 1<<19), "negative": strings.Replace(good.Refresh, ".1.", ".-1.", 1), "the access one": good.Access,
	} {
		if _, err := r.Refresh(t.Context(), token, Device{}); problem.CodeOf(err) != problem.Unauthorized || err == nil {
			t.Errorf("refresh by %s: %v", name, err)
		}
	}
	// None of that has ended the session.
	if _, err := r.Refresh(t.Context(), good.Refresh, Device{}); err != nil || len(r.ended) != 0 {
		t.Error(err, r.ended)
	}
}

// The machine's clock may say anything: nobody is signed out, nothing lasts
// longer, and after a restart time goes on where it was.
func TestWrongClock(t *testing.T) {
	dir := t.TempDir()
	r := reopenRig(t, dir)
	tokens := r.setUp(t)
	for _, years := range []int{10, -10} {
		r.store.Now = func() time.Time { return time.Now().AddDate(years, 0, 0) }
		var err error
		if _, err = r.Authenticate(t.Context(), tokens.Access); err != nil {
			t.Errorf("%d years: %v", years, err)
		}
		if tokens, err = r.Refresh(t.Context(), tokens.Refresh, Device{}); err != nil {
			t.Fatalf("%d years: %v", years, err)
		}
	}
	r.pass(accessLife + 2*time.Minute)
	if _, err := r.Authenticate(t.Context(), tokens.Access); reason(err) != "token_expired" {
		t.Error(err)
	}
	tokens, err := r.Refresh(t.Context(), tokens.Refresh, Device{})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(r.store.SaveBoxClock(t.Context(), r.clock.Now()), r.store.Close()); err != nil {
		t.Fatal(err)
	}
	again := reopenRig(t, dir)
	if _, err := again.Authenticate(t.Context(), tokens.Access); err != nil {
		t.Error("after a restart:", err)
	}
	again.pass(15 * 24 * time.Hour)
	if _, err := again.Refresh(t.Context(), tokens.Refresh, Device{}); reason(err) != "session_ended" {
		t.Error("after two weeks of not being used:", err)
	}
}

func TestStaff(t *testing.T) {
	r := newRig(t)
	r.setUp(t)
	if _, err := r.SetUp(t.Context(), appliance.Organization{Name: "x", Slug: "x"}, NewStaff{Name: "x", Login: "y", Password: "seven green hills"}, "", true, Device{}); reason(err) != "already_set_up" {
		t.Error(err)
	}
	for _, login := range []string{"claudine", "CLAUDINE", " c@example.org "} {
		if _, err := r.SignIn(t.Context(), org, login, "seven green hills", Device{}); err != nil {
			t.Error(login, err)
		}
	}
	for _, login := range []string{"nobody", "", "' OR 1=1 --"} {
		if _, err := r.SignIn(t.Context(), org, login, "seven green hills", Device{}); reason(err) != "wrong_sign_in" {
			t.Error(login, err)
		}
	}
	for password, want := range map[string]string{"short": "password_short", "password1": "password_common", "aaaaaaaaaa": "password_common", strings.Repeat("x1", 200): "password_long", "claudine": "password_is_name"} {
		if _, err := r.PasswordCredential(t.Context(), "claudine", password); reason(err) != want {
			t.Error(password, err)
		}
	}
	here, err := r.SignIn(t.Context(), org, "claudine", "seven green hills", Device{})
	if err != nil {
		t.Fatal(err)
	}
	p, err := r.Authenticate(t.Context(), here.Access)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.ChangePassword(t.Context(), p, "wrong", "eight green hills"); reason(err) != "wrong_password" {
		t.Error(err)
	}
	if err := r.ChangePassword(t.Context(), p, "seven green hills", "eight green hills"); err != nil {
		t.Error(err)
	}
	if len(r.ended) != 4 { // the set-up's and three sign-ins
		t.Errorf("%d other sessions ended", len(r.ended))
	}
	if _, err := r.Authenticate(t.Context(), here.Access); err != nil {
		t.Error("the one who changed it is signed out:", err)
	}
	if err := r.SignOut(t.Context(), p); err != nil {
		t.Error(err)
	}
	// Somebody who is disabled is out at once, with what they have open.
	u, pictures := r.pupil(t, "pupil")
	pupil, err := r.SignInPupil(t.Context(), "BCD234", u.ID, pictures, "", Device{})
	if err != nil {
		t.Fatal(err)
	}
	if u, err = r.store.User(t.Context(), org, u.ID); err != nil {
		t.Fatal(err)
	}
	u.Disabled = true
	if _, err := r.store.UpdateUser(t.Context(), org, u); err != nil {
		t.Fatal(err)
	}
	before := len(r.ended)
	if err := r.SignOutUser(t.Context(), org, u.ID); err != nil || len(r.ended) != before+1 {
		t.Error("what they have open stays open:", err, r.ended)
	}
	if _, err := r.Authenticate(t.Context(), pupil.Access); reason(err) != "session_ended" {
		t.Error(err)
	}
	if _, err := r.Refresh(t.Context(), here.Refresh, Device{}); reason(err) != "session_ended" {
		t.Error(err)
	}
}
