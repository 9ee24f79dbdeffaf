package whisper_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/bwenge-os/bwenge/internal/problem"
	"github.com/bwenge-os/bwenge/models"
	"github.com/bwenge-os/bwenge/models/whisper"
	"github.com/bwenge-os/bwenge/models/worker"
)

// request is what the worker is sent.
type request struct {
	Samples  int64  `json:"samples"`
	First    int64  `json:"first"`
	FromMS   int64  `json:"from_ms"`
	LengthMS int64  `json:"length_ms"`
	Language string `json:"language"`
}

// fake speaks the worker's protocol; it is given up after a silence that no busy
// machine brings about.
func fake(t *testing.T, answer func(w http.ResponseWriter, r *http.Request, q request)) *whisper.Transcriber {
	t.Helper()
	return fakeWith(t, time.Minute, answer)
}

func fakeWith(t *testing.T, silence time.Duration, answer func(w http.ResponseWriter, r *http.Request, q request)) *whisper.Transcriber {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var q request
		in := bufio.NewReader(r.Body)
		head, err := in.ReadBytes('\n')
		if err == nil {
			err = json.Unmarshal(head, &q)
		}
		if err != nil || r.URL.Path != "/transcribe" {
			t.Errorf("asked %s, %v", r.URL.Path, err)
		}
		sent, err := io.ReadAll(in)
		// Ten seconds on either side, as far as there are any.
		want := 2 * (min(q.Samples, 16*(q.FromMS+q.LengthMS+10_000)) - max(0, 16*(q.FromMS-10_000)))
		if err != nil || int64(len(sent)) != want {
			t.Errorf("%d bytes sent (%v), want %d for %+v", len(sent), err, want, q)
		}
		answer(w, r, q)
	}))
	t.Cleanup(func() {
		srv.CloseClientConnections()
		srv.Close()
	})
	return whisper.New(whisper.Config{
		Name: "fake", Silence: silence,
		Engine: worker.Remote{Name: "speech", URL: srv.URL, Client: srv.Client()},
	})
}

// sound is a file of so many seconds, which take no space on disk.
func sound(t *testing.T, seconds int64) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a.pcm")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, seconds*32000); err != nil {
		t.Fatal(err)
	}
	return path
}

func segment(w http.ResponseWriter, from, to int64, text string) {
	_, _ = fmt.Fprintf(w, `{"segment":{"start_ms":%d,"end_ms":%d,"text":%q}}`+"\n", from, to, text)
	_ = http.NewResponseController(w).Flush()
}

func done(w http.ResponseWriter, language string) {
	_, _ = fmt.Fprintf(w, `{"done":{"language":%q}}`+"\n", language)
}

func TestLongRecordingsAreDoneInSteps(t *testing.T) {
	var asked []request
	tr := fake(t, func(w http.ResponseWriter, _ *http.Request, q request) {
		asked = append(asked, q)
		language := "fr"
		if q.FromMS == 0 { // a short greeting in another language
			language = "en"
			segment(w, 0, 2000, "Hello.")
		} else {
			segment(w, q.FromMS, q.FromMS+60000, "Bonjour.")
		}
		done(w, language)
	})
	var found []models.Segment
	language, err := tr.Transcribe(t.Context(), models.Recording{Path: sound(t, 700)}, func(s models.Segment) error {
		found = append(found, s)
		return nil
	})
	if err != nil || language != "fr" {
		t.Errorf("language %q, %v, want fr, which was spoken longest", language, err)
	}
	if len(asked) != 3 || asked[1].FromMS != 300_000 || asked[2].LengthMS != 100_000 {
		t.Errorf("asked %+v, want 5 + 5 + 1⅔ minutes", asked)
	}
	if len(found) != 3 || found[2].Start != 10*time.Minute {
		t.Errorf("found %v, want 3 segments, the last from 10 minutes on", found)
	}
}

func TestStretchStaysWithinTheFile(t *testing.T) {
	tr := fake(t, func(w http.ResponseWriter, _ *http.Request, q request) {
		if q.FromMS != 20_000 || q.LengthMS != 10_000 || q.Language != "sw" {
			t.Errorf("asked %+v, want 10 s from 20 s in sw", q)
		}
		done(w, "sw")
	})
	r := models.Recording{Path: sound(t, 30), From: 20 * time.Second, Length: time.Hour, Language: "sw"}
	if language, err := tr.Transcribe(t.Context(), r, nil); err != nil || language != "sw" {
		t.Errorf("%q, %v", language, err)
	}
	r.From = time.Minute // past the end: nothing to ask
	if language, err := tr.Transcribe(t.Context(), r, nil); err != nil || language != "sw" {
		t.Errorf("%q, %v", language, err)
	}
}

func TestFailures(t *testing.T) {
	full := errors.New("full")
	tests := []struct {
		name   string
		answer func(w http.ResponseWriter, r *http.Request, q request)
		reason string
	}{
		{"refused", func(w http.ResponseWriter, _ *http.Request, _ request) {
			_, _ = fmt.Fprintln(w, `{"error":{"code":"failed","message":"no"}}`)
		}, "internal"},
		{"broken off", func(w http.ResponseWriter, _ *http.Request, _ request) {
			segment(w, 0, 1000, "And")
			panic(http.ErrAbortHandler)
		}, "engine_down"},
		{"cut off", func(w http.ResponseWriter, _ *http.Request, _ request) {
			segment(w, 0, 1000, "And")
		}, "engine_down"},
		{"silent", func(_ http.ResponseWriter, r *http.Request, _ request) {
			<-r.Context().Done()
		}, "engine_silent"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			silence := time.Minute
			if tt.reason == "engine_silent" {
				silence = 500 * time.Millisecond
			}
			_, err := fakeWith(t, silence, tt.answer).Transcribe(t.Context(), models.Recording{Path: sound(t, 10)},
				func(models.Segment) error { return nil })
			if got := problem.Of(err).Reason; got != tt.reason {
				t.Errorf("got %q (%v), want %q", got, err, tt.reason)
			}
		})
	}
	t.Run("the reader's own error", func(t *testing.T) {
		tr := fake(t, func(w http.ResponseWriter, _ *http.Request, _ request) { segment(w, 0, 1000, "And"); done(w, "en") })
		_, err := tr.Transcribe(t.Context(), models.Recording{Path: sound(t, 10)}, func(models.Segment) error { return full })
		if err != full {
			t.Errorf("got %v, want the reader's", err)
		}
	})
	t.Run("no file", func(t *testing.T) {
		_, err := fake(t, nil).Transcribe(t.Context(), models.Recording{Path: "/nowhere"}, nil)
		if problem.CodeOf(err) != problem.Unreadable {
			t.Errorf("got %v, want unreadable", err)
		}
	})
}
