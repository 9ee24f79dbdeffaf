package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"sync/atomic"
	"testing"
)

func serve(t *testing.T, e engine) *httptest.Server {
	t.Helper()
	s := &server{}
	srv := httptest.NewServer(s.routes())
	t.Cleanup(srv.Close)
	resp, err := http.Get(srv.URL + "/health")
	if err != nil || resp.StatusCode != http.StatusServiceUnavailable {
		t.Fatalf("before loading: %v, %v, want 503", resp, err)
	}
	_ = resp.Body.Close()
	s.ready(e)
	resp, err = http.Get(srv.URL + "/health")
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("after loading: %v, %v, want 200", resp, err)
	}
	_ = resp.Body.Close()
	return srv
}

func post(ctx context.Context, url string, rec *recording) (*http.Response, error) {
	body := fmt.Appendf(nil, `{"samples":%d,"from_ms":0,"length_ms":0}`+"\n", len(rec.data)/2)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/transcribe", bytes.NewReader(append(body, rec.data...)))
	if err != nil {
		return nil, err
	}
	return http.DefaultClient.Do(req)
}

func lines(t *testing.T, resp *http.Response) (all []line) {
	t.Helper()
	defer resp.Body.Close()
	for scan := bufio.NewScanner(resp.Body); scan.Scan(); {
		var l line
		if err := json.Unmarshal(scan.Bytes(), &l); err != nil {
			t.Fatal(err)
		}
		if !l.Alive {
			all = append(all, l)
		}
	}
	return all
}

func TestServeStreamsAndEnds(t *testing.T) {
	srv := serve(t, &fakeEngine{})
	resp, err := post(t.Context(), srv.URL, pcm(t, -1, 3, -40, 3, -1))
	if err != nil {
		t.Fatal(err)
	}
	got := lines(t, resp)
	if len(got) != 3 || got[0].Segment == nil || got[1].Segment == nil || got[2].Done == nil || got[2].Done.Language != "fr" {
		t.Errorf("got %+v, want two segments and the end in fr", got)
	}
}

// stuck decodes until it is told to stop.
type stuck struct {
	fakeEngine
	began, ended chan struct{}
}

func (s *stuck) decode(_ []float32, _ string, abort *atomic.Bool) ([]decoded, error) {
	close(s.began)
	for !abort.Load() {
		runtime.Gosched()
	}
	close(s.ended)
	return nil, context.Canceled
}

func TestServeStopsWhenTheBoxHangsUp(t *testing.T) {
	e := &stuck{began: make(chan struct{}), ended: make(chan struct{})}
	srv := serve(t, e)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-e.began
		cancel()
	}()
	if resp, err := post(ctx, srv.URL, pcm(t, 2)); err == nil {
		_ = resp.Body.Close()
	}
	<-e.ended
}
