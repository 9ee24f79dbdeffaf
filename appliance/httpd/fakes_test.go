package httpd

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/transport"
)

// The fakes are structs of functions: a test sets what it needs, and anything
// else that is called panics, which fails the test as an internal error.

type fakeMaterial struct {
	Material  // what is not set panics
	AddFn     func(ctx context.Context, p appliance.Principal, n appliance.NewFile, r io.Reader, size int64) (appliance.Source, bool, error)
	SourceFn  func(ctx context.Context, p appliance.Principal, id string) (appliance.Source, error)
	SourcesFn func(ctx context.Context, p appliance.Principal, f appliance.SourceFilter) (appliance.Page[appliance.Source], error)
	ChunksFn  func(ctx context.Context, p appliance.Principal, id string, wrong bool, from, limit int) (appliance.Page[appliance.Chunk], error)
	DeleteFn  func(ctx context.Context, p appliance.Principal, id string) error
	RetryFn   func(ctx context.Context, p appliance.Principal, id string) (appliance.Source, error)
	CancelFn  func(ctx context.Context, p appliance.Principal, id string) (appliance.Source, error)
	OpenFn    func(ctx context.Context, p appliance.Principal, id string) (io.ReadSeekCloser, appliance.Source, error)
	WatchFn   func(ctx context.Context, p appliance.Principal) <-chan appliance.Source
}

func (f *fakeMaterial) Add(ctx context.Context, p appliance.Principal, n appliance.NewFile, r io.Reader, size int64) (appliance.Source, bool, error) {
	return f.AddFn(ctx, p, n, r, size)
}

func (f *fakeMaterial) Source(ctx context.Context, p appliance.Principal, id string) (appliance.Source, error) {
	return f.SourceFn(ctx, p, id)
}

func (f *fakeMaterial) Sources(ctx context.Context, p appliance.Principal, filter appliance.SourceFilter) (appliance.Page[appliance.Source], error) {
	return f.SourcesFn(ctx, p, filter)
}

func (f *fakeMaterial) Chunks(ctx context.Context, p appliance.Principal, id string, wrong bool, from, limit int) (appliance.Page[appliance.Chunk], error) {
	return f.ChunksFn(ctx, p, id, wrong, from, limit)
}

func (f *fakeMaterial) Delete(ctx context.Context, p appliance.Principal, id string) error {
	return f.DeleteFn(ctx, p, id)
}

func (f *fakeMaterial) Retry(ctx context.Context, p appliance.Principal, id string) (appliance.Source, error) {
	return f.RetryFn(ctx, p, id)
}

func (f *fakeMaterial) Cancel(ctx context.Context, p appliance.Principal, id string) (appliance.Source, error) {
	return f.CancelFn(ctx, p, id)
}

func (f *fakeMaterial) Open(ctx context.Context, p appliance.Principal, id string) (io.ReadSeekCloser, appliance.Source, error) {
	return f.OpenFn(ctx, p, id)
}

func (f *fakeMaterial) Watch(ctx context.Context, p appliance.Principal) <-chan appliance.Source {
	return f.WatchFn(ctx, p)
}

func (f *fakeMaterial) Share(context.Context, appliance.Principal, string, []appliance.ClassID) (appliance.Source, error) {
	panic("not set")
}

type fakeTutor struct {
	AskFn    func(ctx context.Context, p appliance.Principal, q appliance.Question) (Run, error)
	ResumeFn func(ctx context.Context, p appliance.Principal, id string) (Run, error)
	CancelFn func(p appliance.Principal, id string)
}

func (f *fakeTutor) Ask(ctx context.Context, p appliance.Principal, q appliance.Question) (Run, error) {
	return f.AskFn(ctx, p, q)
}

func (f *fakeTutor) Resume(ctx context.Context, p appliance.Principal, id string) (Run, error) {
	return f.ResumeFn(ctx, p, id)
}

func (f *fakeTutor) Cancel(p appliance.Principal, id string) { f.CancelFn(p, id) }

// runFunc is a Run.
type runFunc func(ctx context.Context, after int, emit func(appliance.Event) error) error

func (f runFunc) Follow(ctx context.Context, after int, emit func(appliance.Event) error) error {
	return f(ctx, after, emit)
}

// told is a run whose events have all happened.
func told(events ...appliance.Event) Run {
	return runFunc(func(_ context.Context, after int, emit func(appliance.Event) error) error {
		for _, e := range events {
			if e.Seq > after {
				if err := emit(e); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// anAnswer is a short run of every type of event.
func anAnswer() []appliance.Event {
	return []appliance.Event{
		{Seq: 1, Type: appliance.EventAccepted, Accepted: &appliance.AcceptedEvent{ConversationID: "c1", MessageID: "m1"}},
		{Seq: 2, Type: appliance.EventPosition, Position: &appliance.PositionEvent{Ahead: 3, SecondsLeft: 12}},
		{Seq: 3, Type: appliance.EventSources, Sources: []appliance.Passage{{SourceTitle: "Plants"}}},
		{Seq: 4, Type: appliance.EventToken, Token: "Leaves "},
		{Seq: 5, Type: appliance.EventToken, Token: "are\ngreen."},
		{Seq: 6, Type: appliance.EventDone, Done: &appliance.Answer{ResponseText: "Leaves are\ngreen.", Mode: appliance.ModeAnswer}},
	}
}

type fakeConversations struct {
	ListFn   func(ctx context.Context, org appliance.OrgID, user appliance.UserID, search, cursor string, limit int) (appliance.Page[appliance.Conversation], error)
	GetFn    func(ctx context.Context, org appliance.OrgID, user appliance.UserID, id string) (appliance.Conversation, []appliance.Message, error)
	DeleteFn func(ctx context.Context, org appliance.OrgID, user appliance.UserID, id string) error
}

func (f *fakeConversations) Conversations(ctx context.Context, org appliance.OrgID, user appliance.UserID, search, cursor string, limit int) (appliance.Page[appliance.Conversation], error) {
	return f.ListFn(ctx, org, user, search, cursor, limit)
}

func (f *fakeConversations) Conversation(ctx context.Context, org appliance.OrgID, user appliance.UserID, id string) (appliance.Conversation, []appliance.Message, error) {
	return f.GetFn(ctx, org, user, id)
}

func (f *fakeConversations) DeleteConversation(ctx context.Context, org appliance.OrgID, user appliance.UserID, id string, _ ...appliance.AuditEntry) error {
	return f.DeleteFn(ctx, org, user, id)
}

type fakeHealth struct {
	EnginesFn func() []EngineHealth
	CountsFn  func(org appliance.OrgID) (MaterialCounts, error)
}

func (f *fakeHealth) Network() NetworkHealth {
	return NetworkHealth{Name: "bwenge-2.local", Chosen: "bwenge.local", Addresses: []string{"192.168.4.1"}}
}

func (f *fakeHealth) Engines(context.Context) []EngineHealth { return f.EnginesFn() }

func (f *fakeHealth) MaterialCounts(_ context.Context, org appliance.OrgID) (MaterialCounts, error) {
	return f.CountsFn(org)
}

// fakeAuth lets everybody in as a teacher, whatever the token says, unless a
// test sets AuthenticateFn. Its other methods are not there.
type fakeAuth struct {
	Auth
	AuthenticateFn func(token string) (appliance.Principal, error)
	NowFn          func(p appliance.Principal) (appliance.Principal, error) // unless nil, nobody changes
	onEnd          func(string)
}

var aTeacher = appliance.Principal{Org: appliance.DefaultOrg, User: "u1", Role: appliance.RoleTeacher, Session: "s1", Scope: appliance.Scope{All: true}}

func (f *fakeAuth) Authenticate(_ context.Context, token string) (appliance.Principal, error) {
	if f.AuthenticateFn == nil {
		return aTeacher, nil
	}
	return f.AuthenticateFn(token)
}

func (f *fakeAuth) Now(_ context.Context, p appliance.Principal) (appliance.Principal, error) {
	if f.NowFn == nil {
		return p, nil
	}
	return f.NowFn(p)
}

func (f *fakeAuth) DeviceID(string) string        { return "" }
func (f *fakeAuth) OnEnd(fn func(session string)) { f.onEnd = fn }

// fakeAudit keeps what was written.
type fakeAudit struct {
	entries []appliance.AuditEntry
	fail    error
}

func (f *fakeAudit) Audit(context.Context, appliance.OrgID, appliance.AuditFilter) (appliance.Page[appliance.AuditEntry], error) {
	return appliance.Page[appliance.AuditEntry]{Items: f.entries}, nil
}

func (f *fakeAudit) AppendAudit(_ context.Context, _ appliance.OrgID, entries ...appliance.AuditEntry) error {
	if f.fail != nil {
		return f.fail
	}
	f.entries = append(f.entries, entries...)
	return nil
}

// box is a server under test with its fakes and its log.
type box struct {
	*Server
	material      *fakeMaterial
	tutor         *fakeTutor
	conversations *fakeConversations
	healthParts   *fakeHealth
	auth          *fakeAuth
	audit         *fakeAudit
	logged        *syncBuffer
}

// newBox makes a server; change may alter its configuration.
func newBox(t testing.TB, change ...func(*Config)) *box {
	return newBoxOf(t, func(*Parts) {}, change...)
}

// newBoxOf makes one of other parts.
func newBoxOf(t testing.TB, with func(*Parts), change ...func(*Config)) *box {
	t.Helper()
	b := &box{
		material: &fakeMaterial{}, tutor: &fakeTutor{}, conversations: &fakeConversations{},
		healthParts: &fakeHealth{}, auth: &fakeAuth{}, audit: &fakeAudit{}, logged: &syncBuffer{},
	}
	cfg := Config{Version: "test", Log: slog.New(slog.NewTextHandler(b.logged, &slog.HandlerOptions{Level: slog.LevelDebug}))}
	for _, f := range change {
		f(&cfg)
	}
	parts := Parts{Material: b.material, Tutor: b.tutor, Conversations: b.conversations, Health: b.healthParts, Auth: b.auth, Audit: b.audit, Public: fakePublic{}}
	with(&parts)
	server, err := New(cfg, parts)
	if err != nil {
		t.Fatal(err)
	}
	b.Server = server
	return b
}

// start serves the box over TCP.
func (b *box) start(t testing.TB) *httptest.Server {
	t.Helper()
	srv := httptest.NewServer(b.Handler())
	t.Cleanup(func() {
		b.CloseSockets()
		srv.Close()
	})
	return srv
}

// do answers one request without a network. headers are name, value pairs.
func (b *box) do(method, path, body string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Host = "bwenge.local"
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		if headers[i] == "Host" {
			r.Host = headers[i+1]
			continue
		}
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	b.Handler().ServeHTTP(w, r)
	return w
}

// problemIn reads an error answer and checks what all of them have in common.
func problemIn(t testing.TB, header http.Header, status int, body []byte) transport.ProblemDetails {
	t.Helper()
	var p transport.ProblemDetails
	if got := header.Get("Content-Type"); got != "application/problem+json" {
		t.Fatalf("status %d has media type %q, body %s", status, got, body)
	}
	if err := json.Unmarshal(body, &p); err != nil {
		t.Fatal(err)
	}
	if p.Status != status || p.Detail == "" || p.Code == "" || p.Title == "" ||
		p.Type != "urn:bwenge:problem:"+string(p.Code) || p.RequestID == "" || p.RequestID != header.Get("X-Request-Id") {
		t.Errorf("status %d has a problem that is not whole: %s", status, body)
	}
	return p
}

// syncBuffer is a log that a test reads while the server writes.
type syncBuffer struct {
	mu sync.Mutex
	b  strings.Builder
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// fakePublic is a box with one school.
type fakePublic struct{}

var aSchool = appliance.Organization{ID: appliance.DefaultOrg, Name: "A school", Slug: "a-school", Language: "en"}

func (fakePublic) FirstOrganization(context.Context) (appliance.Organization, error) {
	return aSchool, nil
}

func (fakePublic) NeedsSetup(context.Context) (bool, error) { return false, nil }

func (fakePublic) Organizations(context.Context) ([]appliance.Organization, error) {
	return []appliance.Organization{aSchool}, nil
}

func (fakePublic) OrganizationBySlug(context.Context, string) (appliance.Organization, error) {
	return aSchool, nil
}
