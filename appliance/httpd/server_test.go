package httpd

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"path/filepath"
	"testing"

	"github.com/gorilla/websocket"

	"github.com/bwenge-os/bwenge/appliance"
)

// A stop ends streams and sockets, and returns when nothing runs any more.
func TestServeStops(t *testing.T) {
	b := newBox(t)
	open := make(chan struct{}, 2)
	b.tutor.AskFn = func(context.Context, appliance.Principal, appliance.Question) (Run, error) {
		return runFunc(func(ctx context.Context, _ int, emit func(appliance.Event) error) error {
			_ = emit(anAnswer()[0])
			open <- struct{}{}
			<-ctx.Done()
			return ctx.Err()
		}), nil
	}
	b.healthParts.CountsFn = func(appliance.OrgID) (MaterialCounts, error) { return MaterialCounts{}, nil }
	b.healthParts.EnginesFn = func() []EngineHealth { return nil }

	tcp, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "box.sock")
	local, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	served := make(chan error, 1)
	go func() { served <- b.Serve(ctx, tcp, local) }()
	base := "http://" + tcp.Addr().String()

	// The command line comes by the unix socket, under any name.
	cli := http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", path)
	}}}
	defer cli.CloseIdleConnections()
	res, err := cli.Get("http://the-box/api/v1/health")
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != 200 {
		t.Errorf("by the unix socket: %d", res.StatusCode)
	}

	stream, err := http.DefaultClient.Do(askRequest(t, base, `{"userMessage":"Why?"}`, "Accept", "text/event-stream"))
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Body.Close()
	conn, _, err := websocket.DefaultDialer.Dial("ws"+base[4:]+"/ws/chat", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.WriteMessage(websocket.TextMessage, []byte(`{"v":1,"type":"ask","request":"q1","data":{"text":"Why?"}}`)); err != nil {
		t.Fatal(err)
	}
	<-open
	<-open
	stop()
	if _, err := readAll(stream); err != nil {
		t.Errorf("the stream did not end in order: %v", err)
	}
	if code := (&tablet{t, conn}).closedWith(); code != websocket.CloseGoingAway {
		t.Errorf("the socket was closed with %d", code)
	}
	if err := <-served; err != nil {
		t.Error(err)
	}
	if _, err := net.Dial("tcp", tcp.Addr().String()); err == nil {
		t.Error("the box still listens")
	}
	if w := b.do("GET", "/api/v1/health", ""); w.Code != 503 {
		t.Errorf("after the stop: %d", w.Code)
	}
}

// A listener that fails stops the server with its error.
func TestServeFails(t *testing.T) {
	b := newBox(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	broken := errors.New("broken")
	if err := b.Serve(t.Context(), l, brokenListener{l, broken}); !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
}

type brokenListener struct {
	net.Listener
	err error
}

func (l brokenListener) Accept() (net.Conn, error) { return nil, l.err }

// TutorOf must not hand out a run that is not there.
func TestTutorOf(t *testing.T) {
	tutor := TutorOf(&ownTutor{})
	if run, err := tutor.Ask(t.Context(), aTeacher, appliance.Question{}); run != nil || err == nil {
		t.Errorf("%v %v", run, err)
	}
	if run, err := tutor.Resume(t.Context(), aTeacher, ""); run == nil || err != nil {
		t.Errorf("%v %v", run, err)
	}
}

type ownTutor struct{}

type ownRun struct{}

func (*ownRun) Follow(context.Context, int, func(appliance.Event) error) error { return nil }

func (*ownTutor) Ask(context.Context, appliance.Principal, appliance.Question) (*ownRun, error) {
	return nil, errGone
}

func (*ownTutor) Resume(context.Context, appliance.Principal, string) (*ownRun, error) {
	return &ownRun{}, nil
}

func (*ownTutor) Cancel(appliance.Principal, string) {}

// The document that the box serves is the one that the web app was built from.
func TestServedDocument(t *testing.T) {
	b := newBox(t)
	w := b.do("GET", "/api/openapi.json", "")
	made, err := OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	if w.Body.String() != string(made) {
		t.Error("the served document differs")
	}
	var doc struct {
		OpenAPI string `json:"openapi"`
	}
	if err := json.Unmarshal(made, &doc); err != nil || doc.OpenAPI != "3.1.0" {
		t.Errorf("%v %s", err, doc.OpenAPI)
	}
}
