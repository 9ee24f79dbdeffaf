package catalogue

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bwenge-os/bwenge/internal/problem"
)

// breaking serves a file, but breaks the connection off after the given number
// of bytes of each of the first answers.
type breaking struct {
	data   []byte
	after  []int
	ranges []string
	mu     sync.Mutex
}

func (b *breaking) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	b.ranges = append(b.ranges, r.Header.Get("Range"))
	n := len(b.ranges)
	b.mu.Unlock()
	if n > len(b.after) {
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(b.data))
		return
	}
	from := 0
	fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-", &from)
	w.Header().Set("Content-Length", fmt.Sprint(len(b.data)-from))
	if from > 0 {
		w.WriteHeader(http.StatusPartialContent)
	}
	w.Write(b.data[from : from+b.after[n-1]])
	panic(http.ErrAbortHandler)
}

func hubWeight(name string, size int, url string) ([]byte, Weight) {
	data, w := model(name, size)
	w.Sources = []Source{{Kind: sourceHub, URL: url + "/" + name}}
	return data, w
}

func TestPullResumesBrokenDownload(t *testing.T) {
	p, notes := puller(t)
	p.NoHub = false
	server := &breaking{after: []int{100_000, 50_000}}
	http := httptest.NewServer(server)
	defer http.Close()
	data, w := hubWeight("a.gguf", 400_000, http.URL)
	server.data = data
	if err := p.Pull(t.Context(), []Weight{w}); err != nil {
		t.Fatal(err)
	}
	wantFile(t, p, w, data)
	if want := []string{"", "bytes=100000-", "bytes=150000-"}; !slices.Equal(server.ranges, want) {
		t.Errorf("asked for %q, want %q", server.ranges, want)
	}
	if len(*notes) != 2 {
		t.Errorf("notes %q", *notes)
	}
}

func TestPullGoesOnAfterInterruption(t *testing.T) {
	p, _ := puller(t)
	p.NoHub = false
	ctx, cancel := context.WithCancel(t.Context())
	var data []byte
	var ranges []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ranges = append(ranges, r.Header.Get("Range"))
		if len(ranges) > 1 {
			http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
			return
		}
		w.Header().Set("Content-Length", fmt.Sprint(len(data)))
		w.Write(data[:200_000])
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	}))
	defer server.Close()
	var w Weight
	data, w = hubWeight("a.gguf", 500_000, server.URL)
	p.Report = func(pr Progress) {
		if pr.Done >= 200_000 {
			cancel() // as Ctrl-C does
		}
	}
	err := p.Pull(ctx, []Weight{w})
	wantReason(t, err, "pull_stopped", "a.gguf")
	if problem.CodeOf(err) != problem.Cancelled {
		t.Errorf("code %s", problem.CodeOf(err))
	}
	if l := List(p.Dir, []Weight{w}); l[0].State != Missing || l[0].Partial != 200_000 {
		t.Errorf("state %s with %d bytes", l[0].State, l[0].Partial)
	}
	p.Report = nil
	if err := p.Pull(t.Context(), []Weight{w}); err != nil {
		t.Fatal(err)
	}
	wantFile(t, p, w, data)
	if len(ranges) != 2 || ranges[1] != "bytes=200000-" {
		t.Errorf("asked for %q", ranges)
	}
}

func TestPullFromServerWithoutRanges(t *testing.T) {
	p, _ := puller(t)
	var data []byte
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.Contains(r.URL.Path, "/sha256/") {
			http.NotFound(w, r)
			return
		}
		w.Write(data)
	}))
	defer server.Close()
	p.Mirror = server.URL + "/models/"
	var w Weight
	data, w = model("a.gguf", 3000)
	write(t, p.Dir, "partial/"+w.SHA256+".part", data[:1000])
	if err := p.Pull(t.Context(), []Weight{w}); err != nil {
		t.Fatal(err)
	}
	wantFile(t, p, w, data)
}

// A hub that is not there is asked once, and then the next source is used.
func TestUnreachableHubIsRemembered(t *testing.T) {
	p, notes := puller(t)
	p.NoHub = false
	gone := httptest.NewServer(nil)
	gone.Close()
	mirror := t.TempDir()
	var all []Weight
	for _, name := range []string{"a.gguf", "b.gguf"} {
		data, w := hubWeight(name, 2000, gone.URL)
		w.Sources = append(w.Sources, Source{Kind: sourceMirror}) // any that works
		write(t, mirror, name, data)
		all = append(all, w)
	}
	dials := &countingTransport{http.DefaultTransport, 0}
	p.client = &http.Client{Transport: dials}
	p.Mirror = mirror
	if err := p.Pull(t.Context(), all); err != nil {
		t.Fatal(err)
	}
	if dials.n != 1 || len(*notes) != 2 {
		t.Errorf("dialled %d times, notes %q", dials.n, *notes)
	}
}

type countingTransport struct {
	http.RoundTripper
	n int
}

func (c *countingTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	c.n++
	return c.RoundTripper.RoundTrip(r)
}

func TestStatusIsExplained(t *testing.T) {
	p, _ := puller(t)
	p.NoHub = false
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked++
		w.WriteHeader(http.StatusForbidden)
	}))
	defer server.Close()
	_, w := hubWeight("a.gguf", 2000, server.URL)
	wantReason(t, p.Pull(t.Context(), []Weight{w}), "weights_unreachable", "403 Forbidden")
	if asked != 1 {
		t.Errorf("asked %d times for what is forbidden", asked)
	}
}
