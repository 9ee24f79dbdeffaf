package orchestrator

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/problem"
	"github.com/bwenge-os/bwenge/models"
	"github.com/bwenge-os/bwenge/models/modeltest"
	"github.com/bwenge-os/bwenge/models/openai"
)

// books is a store in memory.
type books struct {
	mu       sync.Mutex
	settings map[appliance.OrgID]appliance.ModelSettings
	used     []appliance.Usage
	users    []appliance.UserID
}

func (b *books) ModelSettings(_ context.Context, org appliance.OrgID) (appliance.ModelSettings, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.settings[org], nil
}

func (b *books) AppendAudit(context.Context, appliance.OrgID, ...appliance.AuditEntry) error {
	return nil
}

func (b *books) SaveModelSettings(_ context.Context, org appliance.OrgID, m appliance.ModelSettings, _ ...appliance.AuditEntry) (appliance.ModelSettings, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.settings == nil {
		b.settings = map[appliance.OrgID]appliance.ModelSettings{}
	}
	m.Version++
	b.settings[org] = m
	return m, nil
}

func (b *books) AddUsage(_ context.Context, _ appliance.OrgID, user appliance.UserID, u appliance.Usage) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.used, b.users = append(b.used, u), append(b.users, user)
	return nil
}

func (b *books) SpentToday(_ context.Context, _ appliance.OrgID, user appliance.UserID) (school, theirs appliance.Usage, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i, u := range b.used {
		if u.Provider == appliance.BoxProvider {
			continue
		}
		school.PromptTokens += u.PromptTokens + u.CompletionTokens
		school.Cost += u.Cost
		if b.users[i] == user {
			theirs.PromptTokens += u.PromptTokens + u.CompletionTokens
		}
	}
	return school, theirs, nil
}

func (b *books) Usage(context.Context, appliance.OrgID, time.Time, time.Time) ([]appliance.Usage, error) {
	return b.used, nil
}

func (b *books) Names(context.Context, appliance.OrgID) ([]string, error) {
	return []string{"Claudine Mukamana", "Keza Uwase"}, nil
}

// remote is a provider that speaks the protocol, and how it behaves.
type remote struct {
	timeout int // seconds of silence; 0 is the provider's own default
	*httptest.Server
	mu     sync.Mutex
	bodies []string
	behave func(w http.ResponseWriter, n int)
}

func startRemote(t *testing.T, behave func(w http.ResponseWriter, n int)) *remote {
	a := &remote{behave: behave}
	a.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/tokenize") {
			t.Error("text went to be counted before names were out of it")
		}
		body, _ := io.ReadAll(r.Body)
		a.mu.Lock()
		a.bodies = append(a.bodies, string(body))
		n := len(a.bodies)
		a.mu.Unlock()
		a.behave(w, n)
	}))
	t.Cleanup(a.Close)
	return a
}

func (a *remote) asked() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return append([]string{}, a.bodies...)
}

func reply(w http.ResponseWriter, words ...string) {
	w.Header().Set("Content-Type", "text/event-stream")
	for _, word := range words {
		fmt.Fprintf(w, "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":%q},\"finish_reason\":null}]}\n\n", word)
	}
	fmt.Fprint(w, "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n")
	fmt.Fprint(w, "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":100,\"completion_tokens\":10,\"total_tokens\":110}}\n\ndata: [DONE]\n\n")
}

func good(w http.ResponseWriter, _ int) { reply(w, "from ", "the provider") }

// onThisMachine is where the providers of the tests are.
func onThisMachine(t *testing.T) openai.Allowed {
	t.Helper()
	a, err := openai.ParseAllowed("127.0.0.0/8")
	if err != nil {
		t.Fatal(err)
	}
	return a
}

const school = appliance.OrgID("school")

// withProviders has a box that answers "from the box" and the providers given, in order
// before it.
func withProviders(t *testing.T, budget appliance.Budget, servers ...*remote) (*Service, *books) {
	t.Helper()
	llama := modeltest.StartLlama(t)
	llama.Reply = func([]models.Turn) string { return "from the box" }
	b := &books{}
	s := New(Config{Store: b, Box: llama.Chat(), Allowed: onThisMachine(t)})
	s.log = slog.New(slog.DiscardHandler)
	m := appliance.ModelSettings{Budget: budget}
	for i, a := range servers {
		id := fmt.Sprintf("p%d", i)
		m.Providers = append(m.Providers, appliance.Provider{ID: id, Name: id, Kind: appliance.ProviderServer, URL: a.URL + "/v1", Model: "big",
			AllowExternal: true, Timeout: a.timeout, PricePrompt: 1, PriceCompletion: 10})
		m.Order = append(m.Order, id)
	}
	if _, err := s.SaveSettings(t.Context(), appliance.Principal{Org: school}, m); err != nil {
		t.Fatal(err)
	}
	return s, b
}

func write(t *testing.T, s *Service, user appliance.UserID, question string) (text string, restarts int, r Reply) {
	t.Helper()
	r, err := s.Write(t.Context(), Request{
		Who: appliance.Principal{Org: school, User: user, Name: "Keza Uwase"},
		Compose: func(context.Context, Meter) (models.Prompt, error) {
			return models.Prompt{MaxTokens: 100, Turns: []models.Turn{{Role: "system", Content: "Be kind."}, {Role: "user", Content: question}}}, nil
		},
		Restart: func() { text = ""; restarts++ },
		Emit:    func(piece string) error { text += piece; return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	return text, restarts, r
}

// Whatever a provider does, the pupil gets one whole answer.
func TestFaultsEndInAnAnswer(t *testing.T) {
	cut := func(w http.ResponseWriter) {
		w.Header().Set("Content-Type", "text/event-stream")
		fmt.Fprint(w, "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"half \"},\"finish_reason\":null}]}\n\n")
	}
	for name, x := range map[string]struct {
		behave   func(w http.ResponseWriter, n int)
		from     string
		asked    int
		restarts int
	}{
		"works":                     {good, "from the provider", 1, 0},
		"500, then works":           {func(w http.ResponseWriter, n int) { first(w, n, 500, "", good) }, "from the provider", 2, 0},
		"429 for a second":          {func(w http.ResponseWriter, n int) { first(w, n, 429, "1", good) }, "from the provider", 2, 0},
		"429 for an hour":           {func(w http.ResponseWriter, _ int) { refuse(w, 429, "3600") }, "from the box", 1, 0},
		"429, no word for how long": {func(w http.ResponseWriter, n int) { first(w, n, 429, "", good) }, "from the provider", 2, 0},
		"always 500":                {func(w http.ResponseWriter, _ int) { refuse(w, 500, "") }, "from the box", 2, 0},
		"wrong key":                 {func(w http.ResponseWriter, _ int) { refuse(w, 401, "") }, "from the box", 1, 0},
		"half a stream, twice":      {func(w http.ResponseWriter, _ int) { cut(w) }, "from the box", 2, 2},
		"half a stream, then whole": {func(w http.ResponseWriter, n int) {
			if n == 1 {
				cut(w)
				return
			}
			good(w, n)
		}, "from the provider", 2, 1},
		"a portal's page": {func(w http.ResponseWriter, _ int) {
			w.Header().Set("Content-Type", "text/html")
			fmt.Fprint(w, "<html>Pay here</html>")
		}, "from the box", 2, 0},
		"nonsense": {func(w http.ResponseWriter, _ int) {
			w.Header().Set("Content-Type", "text/event-stream")
			fmt.Fprint(w, "data: }{\n\n")
		}, "from the box", 2, 0},
		"hangs": {func(http.ResponseWriter, int) { time.Sleep(1500 * time.Millisecond) }, "from the box", 1, 0},
		"drops": {func(w http.ResponseWriter, _ int) {
			conn, _, _ := w.(http.Hijacker).Hijack()
			_ = conn.Close()
		}, "from the box", 2, 0},
	} {
		t.Run(name, func(t *testing.T) {
			a := startRemote(t, x.behave)
			if name == "hangs" {
				a.timeout = 1
			}
			s, _ := withProviders(t, appliance.Budget{}, a)
			text, restarts, r := write(t, s, "u", "How deep is the lake?")
			if text != x.from || restarts != x.restarts || len(a.asked()) != x.asked {
				t.Errorf("%q after %d restarts, asked %d times", text, restarts, len(a.asked()))
			}
			if here := r.Provider == appliance.BoxProvider; here != (x.from == "from the box") || here && r.Notice != NoticeFailed {
				t.Errorf("%+v", r)
			}
		})
	}
}

func refuse(w http.ResponseWriter, status int, after string) {
	if after != "" {
		w.Header().Set("Retry-After", after)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	fmt.Fprint(w, `{"error":{"message":"no"}}`)
}

func first(w http.ResponseWriter, n, status int, after string, then func(http.ResponseWriter, int)) {
	if n == 1 {
		refuse(w, status, after)
		return
	}
	then(w, n)
}

func TestTheSecondProviderComesBeforeTheBox(t *testing.T) {
	broken := startRemote(t, func(w http.ResponseWriter, _ int) { refuse(w, 500, "") })
	s, _ := withProviders(t, appliance.Budget{}, broken, startRemote(t, good))
	for range 5 {
		if text, _, r := write(t, s, "u", "Why?"); text != "from the provider" || r.Provider != "p1" {
			t.Fatal(text, r)
		}
	}
	// After three questions nobody waits for the broken one any more.
	if n := len(broken.asked()); n != failuresToOpen*triesEach {
		t.Errorf("the broken one was asked %d times", n)
	}
}

func TestABrokenProviderIsTriedAgainLater(t *testing.T) {
	healed := false
	a := startRemote(t, func(w http.ResponseWriter, n int) {
		if healed {
			good(w, n)
			return
		}
		refuse(w, 500, "")
	})
	s, _ := withProviders(t, appliance.Budget{}, a)
	now := time.Now()
	s.now = func() time.Time { return now }
	for range failuresToOpen + 1 {
		write(t, s, "u", "Why?")
	}
	healed = true
	if _, _, r := write(t, s, "u", "Why?"); r.Provider != appliance.BoxProvider {
		t.Error("it is asked at once")
	}
	now = now.Add(openAtFirst + time.Second)
	if _, _, r := write(t, s, "u", "Why?"); r.Provider != "p0" {
		t.Error("it is never asked again")
	}
}

func TestBudgets(t *testing.T) {
	a := startRemote(t, good)
	s, b := withProviders(t, appliance.Budget{Tokens: 300}, a)
	var from []string
	notice := ""
	for range 4 {
		_, _, r := write(t, s, "u", "Why?")
		from = append(from, r.Provider)
		notice = r.Notice
	}
	if got := strings.Join(from, " "); got != "p0 p0 box box" || notice != NoticeBudget {
		t.Error(got, notice)
	}
	if b.used[0].Cost != 100/1e6+10*10/1e6 || b.used[0].PromptTokens != 100 {
		t.Errorf("%+v", b.used[0])
	}
	// A class of thirty at once does not go over it either.
	a = startRemote(t, func(w http.ResponseWriter, n int) { time.Sleep(20 * time.Millisecond); good(w, n) })
	s, b = withProviders(t, appliance.Budget{Tokens: 500}, a)
	var all sync.WaitGroup
	for i := range 30 {
		all.Go(func() { write(t, s, appliance.UserID(fmt.Sprint(i)), "Why?") })
	}
	all.Wait()
	spent, _, _ := b.SpentToday(t.Context(), school, "")
	if spent.PromptTokens > 500 || spent.PromptTokens == 0 {
		t.Errorf("%d tokens of 500", spent.PromptTokens)
	}
	// One pupil's budget is not another's.
	s, _ = withProviders(t, appliance.Budget{PupilTokens: 150}, startRemote(t, good))
	for user, want := range map[appliance.UserID]string{"a": "p0 box", "b": "p0 box"} {
		_, _, one := write(t, s, user, "Why?")
		_, _, two := write(t, s, user, "Why?")
		if got := one.Provider + " " + two.Provider; got != want {
			t.Error(user, got)
		}
	}
	// Nor may one ask without end.
	s, _ = withProviders(t, appliance.Budget{PupilRequests: 2}, startRemote(t, good))
	write(t, s, "a", "Why?")
	write(t, s, "a", "Why?")
	if _, _, r := write(t, s, "a", "Why?"); r.Provider != appliance.BoxProvider || r.Notice != NoticeRate {
		t.Error(r)
	}
}

// Names, e-mail addresses and telephone numbers stay in the box.
func TestWhatAllowExternalTheBox(t *testing.T) {
	a := startRemote(t, good)
	s, _ := withProviders(t, appliance.Budget{}, a)
	write(t, s, "u", "I am keza, Uwase is my name; Claudine Mukamana and MUKAMANA CLAUDINE teach me. Write to keza@school.rw or call +250 788 123 456 or 0788 123 456. Who was Mukamanamana? Is 1994 a number like 1,000,000?")
	body := a.asked()[0]
	for _, secret := range []string{"keza", "Uwase", "Claudine", "CLAUDINE", "@school", "788"} {
		if strings.Contains(strings.ToLower(body), strings.ToLower(secret)) {
			t.Errorf("%q leaves the box in %s", secret, body)
		}
	}
	for _, kept := range []string{"Mukamanamana", "1994", "1,000,000", "[name]", "[address]", "[number]"} {
		if !strings.Contains(body, kept) {
			t.Errorf("%q is gone from %s", kept, body)
		}
	}
	if strings.Contains(body, `"user"`) && strings.Contains(body, "school\"") {
		t.Error(body)
	}
}

// Nothing leaves the box for a provider that the school has not agreed to.
func TestOffMeansOff(t *testing.T) {
	a := startRemote(t, good)
	s, b := withProviders(t, appliance.Budget{}, a)
	m := b.settings[school]
	m.Providers[0].AllowExternal = false
	if _, err := s.SaveSettings(t.Context(), appliance.Principal{Org: school}, m); err != nil {
		t.Fatal(err)
	}
	if text, _, _ := write(t, s, "u", "Why?"); text != "from the box" || len(a.asked()) != 0 {
		t.Error(text, a.asked())
	}
	// Another school has nothing of it.
	r, err := s.Write(t.Context(), Request{Who: appliance.Principal{Org: "other"}, Emit: func(string) error { return nil },
		Compose: func(context.Context, Meter) (models.Prompt, error) { return models.Prompt{MaxTokens: 5}, nil }})
	if err != nil || r.Provider != appliance.BoxProvider || len(a.asked()) != 0 {
		t.Error(r, err)
	}
}

func TestSettings(t *testing.T) {
	s, b := withProviders(t, appliance.Budget{}, startRemote(t, good))
	who := appliance.Principal{Org: school}
	m, err := s.Settings(t.Context(), who)
	if err != nil {
		t.Fatal(err)
	}
	m.Providers[0].Key = "secret"
	if m, err = s.SaveSettings(t.Context(), who, m); err != nil {
		t.Fatal(err)
	}
	if m.Providers[0].Key != "" || !m.Providers[0].HasKey {
		t.Errorf("the key is shown: %+v", m.Providers[0])
	}
	// The key stays when it is left empty, and goes nowhere else with the address.
	if _, err = s.SaveSettings(t.Context(), who, m); err != nil || b.settings[school].Providers[0].Key != "secret" {
		t.Error(err, b.settings[school].Providers[0])
	}
	m.Providers[0].URL = "http://127.0.0.1:9/v1"
	if _, err = s.SaveSettings(t.Context(), who, m); err != nil || b.settings[school].Providers[0].Key != "" {
		t.Error("the key would be sent to another address", err)
	}
	for reason, change := range map[string]func(*appliance.ModelSettings){
		"provider_address":    func(m *appliance.ModelSettings) { m.Providers[0].URL = "ftp://x" },
		"provider_incomplete": func(m *appliance.ModelSettings) { m.Providers[0].Model = " " },
		"provider_unknown":    func(m *appliance.ModelSettings) { m.Order = []string{"nobody"} },
		"provider_twice":      func(m *appliance.ModelSettings) { m.Providers = append(m.Providers, m.Providers[0]) },
		"provider_key": func(m *appliance.ModelSettings) {
			m.Providers[0].Kind, m.Providers[0].URL = appliance.ProviderOpenAI, ""
		},
	} {
		bad, _ := s.Settings(t.Context(), who)
		change(&bad)
		if _, err := s.SaveSettings(t.Context(), who, bad); problem.Of(err).Reason != reason {
			t.Errorf("%s: %v", reason, err)
		}
	}
	closed := startRemote(t, good)
	closed.Close()
	if _, err := s.Try(t.Context(), who, appliance.Provider{ID: "x", Kind: appliance.ProviderServer, URL: closed.URL + "/v1"}); problem.CodeOf(err) != problem.Unavailable {
		t.Error(err)
	}
}

func TestLeavingEndsTheWait(t *testing.T) {
	release := make(chan struct{})
	llama := modeltest.StartLlama(t)
	llama.Reply = func([]models.Turn) string { return "yes" }
	llama.BeforePiece = func(r *http.Request, _ int) error {
		select {
		case <-release:
		case <-r.Context().Done():
		}
		return r.Context().Err()
	}
	s := New(Config{Box: llama.Chat()})
	ask := func(ctx context.Context, r Request) error {
		r.Compose = func(context.Context, Meter) (models.Prompt, error) { return models.Prompt{MaxTokens: 5}, nil }
		r.Emit = func(string) error { return nil }
		_, err := s.Write(ctx, r)
		return err
	}
	ended := make(chan error, 8)
	for range 2 { // both slots
		go func() { ended <- ask(t.Context(), Request{}) }()
	}
	free := func() int {
		s.queue.mu.Lock()
		defer s.queue.mu.Unlock()
		return len(s.queue.free)
	}
	for free() > 0 {
		time.Sleep(time.Millisecond)
	}
	if err := ask(t.Context(), Request{Spare: true}); !errors.Is(err, ErrBusy) {
		t.Error(err)
	}
	asked := len(llama.Asked())
	if _, err := s.Spare(t.Context(), models.Prompt{}, func(string) error { return nil }); !errors.Is(err, ErrBusy) || len(llama.Asked()) != asked {
		t.Errorf("for the box itself: %v", err)
	}
	if err := ask(t.Context(), Request{MaxWait: time.Millisecond}); !errors.Is(err, ErrWaited) {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	go func() { ended <- ask(ctx, Request{}) }()
	for s.Waiting() == 0 {
		time.Sleep(time.Millisecond)
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	close(release)
	for range 2 {
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}

// A school that is erased leaves nothing to whoever comes after it, even if its
// settings were just being read.
func TestEraseOrganizationForgetsSettingsKeysAndCounts(t *testing.T) {
	a := startRemote(t, good)
	s, b := withProviders(t, appliance.Budget{PupilRequests: 1}, a)
	write(t, s, "u", "Why?")
	if _, _, r := write(t, s, "u", "Why?"); r.Notice != NoticeRate {
		t.Fatal(r)
	}
	b.mu.Lock()
	delete(b.settings, school)
	b.mu.Unlock()
	if err := s.EraseOrganization(t.Context(), school); err != nil {
		t.Fatal(err)
	}
	if len(s.orgs) != 0 || len(s.minute) != 0 {
		t.Error(s.orgs, s.minute)
	}
	n := len(a.asked())
	if text, _, r := write(t, s, "u", "Why?"); text != "from the box" || r.Notice != "" || len(a.asked()) != n {
		t.Error(text, r)
	}
	if s.orgs[school].names != nil || len(s.orgs[school].before) != 0 {
		t.Error("something is left")
	}
}

func TestSettingsReadBeforeAChangeAreNotKept(t *testing.T) {
	s, b := withProviders(t, appliance.Budget{}, startRemote(t, good))
	s.store = &slowBooks{books: b, read: func() { s.forget(school) }}
	if o, err := s.models(t.Context(), school); err != nil || len(o.before) != 1 {
		t.Fatal(o, err)
	}
	if s.orgs[school] != nil {
		t.Error("what was read before the change is kept")
	}
}

// slowBooks are ones where something happens while settings are read.
type slowBooks struct {
	*books
	read func()
}

func (b *slowBooks) ModelSettings(ctx context.Context, org appliance.OrgID) (appliance.ModelSettings, error) {
	m, err := b.books.ModelSettings(ctx, org)
	b.read()
	return m, err
}

// A school's owner cannot make the box ask itself or its own links.
func TestProvidersAtTheBoxItselfAreRefused(t *testing.T) {
	a := startRemote(t, func(http.ResponseWriter, int) { t.Error("the box was asked") })
	s, b := withProviders(t, appliance.Budget{})
	s.allowed = openai.Allowed{}
	who := appliance.Principal{Org: school}
	provider := appliance.Provider{ID: "p", Name: "p", Kind: appliance.ProviderServer, Model: "big", AllowExternal: true, Timeout: 1}
	for _, url := range []string{a.URL + "/v1", "http://169.254.169.254/latest", "http://[::1]:8080/v1", "http://0.0.0.0/v1"} {
		provider.URL = url
		m, _ := s.Settings(t.Context(), who)
		m.Providers, m.Order = []appliance.Provider{provider}, []string{"p"}
		if _, err := s.SaveSettings(t.Context(), who, m); problem.Of(err).Reason != "provider_forbidden" {
			t.Errorf("%s: %v", url, err)
		}
		if _, err := s.Try(t.Context(), who, provider); problem.Of(err).Reason != "provider_forbidden" {
			t.Errorf("%s: %v", url, err)
		}
	}
	// A name may be typed; what it leads to is looked at when it is dialled.
	provider.URL = strings.Replace(a.URL, "127.0.0.1", "localhost", 1) + "/v1"
	if _, err := s.Try(t.Context(), who, provider); problem.Of(err).Reason != "provider_forbidden" {
		t.Error(err)
	}
	m := b.settings[school]
	m.Providers, m.Order = []appliance.Provider{provider}, []string{"p"}
	if _, err := s.SaveSettings(t.Context(), who, m); err != nil {
		t.Fatal(err)
	}
	if text, _, r := write(t, s, "u", "Why?"); text != "from the box" || r.Notice != NoticeFailed {
		t.Error(text, r)
	}
}
