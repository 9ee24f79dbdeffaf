package httpd

import (
	"context"
	"io"
	"mime"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/bwenge-os/bwenge/appliance"
)

func withFile(t *testing.T, b *box, content string, src appliance.Source) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "original")
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	src.CreatedAt = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	b.material.OpenFn = func(_ context.Context, _ appliance.Principal, id string) (io.ReadSeekCloser, appliance.Source, error) {
		if id != "s1" {
			return nil, appliance.Source{}, errGone
		}
		f, err := os.Open(name)
		return f, src, err
	}
}

func TestFile(t *testing.T) {
	const content = "0123456789"
	b := newBox(t)
	withFile(t, b, content, appliance.Source{ID: "s1", Title: "a.pdf", MediaType: "application/pdf", Kind: appliance.KindPDF, SHA256: "abc"})
	for _, c := range []struct {
		name    string
		method  string
		id      string
		headers []string
		code    int
		body    string
	}{
		{"unknown", "GET", "s2", nil, 404, ""},
		{"range outside", "GET", "s1", []string{"Range", "bytes=20-"}, 416, ""},
		{"whole", "GET", "s1", nil, 200, content},
		{"head", "HEAD", "s1", nil, 200, ""},
		{"range", "GET", "s1", []string{"Range", "bytes=2-4"}, 206, "234"},
		{"last bytes", "GET", "s1", []string{"Range", "bytes=-3"}, 206, "789"},
		{"range of this file", "GET", "s1", []string{"Range", "bytes=2-4", "If-Range", `"abc"`}, 206, "234"},
		{"range of an older file", "GET", "s1", []string{"Range", "bytes=2-4", "If-Range", `"old"`}, 200, content},
		{"unchanged", "GET", "s1", []string{"If-None-Match", `"abc"`}, 304, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := b.do(c.method, "/api/v1/knowledge/"+c.id+"/file", "", c.headers...)
			if w.Code != c.code {
				t.Fatalf("%d, want %d: %s", w.Code, c.code, w.Body)
			}
			switch {
			case c.code == 404:
				problemIn(t, w.Header(), w.Code, w.Body.Bytes())
			case c.code < 300 && w.Body.String() != c.body:
				t.Errorf("body %q", w.Body)
			case c.code < 300 && (w.Header().Get("ETag") != `"abc"` || w.Header().Get("Accept-Ranges") != "bytes"):
				t.Errorf("headers %v", w.Header())
			}
		})
	}
}

// What a teacher uploads must never run on the box's origin.
func TestFileIsShownOnlyWhenHarmless(t *testing.T) {
	for _, c := range []struct {
		mediaType string
		kind      appliance.Kind
		query     string
		wantType  string
		inline    bool
	}{
		{"text/html", appliance.KindPage, "", "application/octet-stream", false},
		{"application/xhtml+xml", appliance.KindPage, "", "application/octet-stream", false},
		{"image/svg+xml", appliance.KindImage, "", "application/octet-stream", false},
		{"text/xml", appliance.KindPage, "", "application/octet-stream", false},
		{"application/epub+zip", appliance.KindBook, "", "application/octet-stream", false},
		{"", "", "", "application/octet-stream", false},
		{"nonsense/", appliance.KindPDF, "", "application/octet-stream", false},
		{"text/html\r\nX-Evil: 1", appliance.KindPage, "", "application/octet-stream", false},
		{"text/markdown", appliance.KindText, "", "text/plain; charset=utf-8", true},
		{"text/plain; charset=utf-8", appliance.KindText, "", "text/plain; charset=utf-8", true},
		{"application/pdf", appliance.KindPDF, "", "application/pdf", true},
		{"application/pdf", appliance.KindPDF, "?download=1", "application/pdf", false},
		{"image/png", appliance.KindImage, "", "image/png", true},
		{"audio/mpeg", appliance.KindAudio, "", "audio/mpeg", true},
		{"video/mp4", appliance.KindVideo, "", "video/mp4", true},
	} {
		b := newBox(t)
		withFile(t, b, "<script>alert(1)</script>", appliance.Source{Title: "x.html", MediaType: c.mediaType, Kind: c.kind})
		h := b.do("GET", "/api/v1/knowledge/s1/file"+c.query, "").Header()
		if got := h.Get("Content-Type"); got != c.wantType {
			t.Errorf("%s: sent as %s", c.mediaType, got)
		}
		if inline := strings.HasPrefix(h.Get("Content-Disposition"), "inline"); inline != c.inline {
			t.Errorf("%s: %s", c.mediaType, h.Get("Content-Disposition"))
		}
		if !strings.HasPrefix(h.Get("Content-Security-Policy"), "sandbox;") || h.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %v", c.mediaType, h)
		}
	}
}

func TestContentDisposition(t *testing.T) {
	for _, name := range []string{
		"plain.pdf", "with space.pdf", "é ü 漢字.pdf", `quo"te.pdf`, `back\slash.pdf`, "new\nline\r\nX-Evil: 1.pdf",
		"semi;colon.pdf", "100%.pdf", "\u202efdp.exe", "bad\xffutf8", "", "a'b*c.pdf",
	} {
		got := contentDisposition("attachment", name)
		kind, params, err := mime.ParseMediaType(got)
		if err != nil || kind != "attachment" {
			t.Errorf("%q: %v in %s", name, err, got)
			continue
		}
		if want := strings.ToValidUTF8(name, "_"); params["filename"] != want {
			t.Errorf("%q reads back as %q from %s", name, params["filename"], got)
		}
		for _, r := range got {
			if r < ' ' || r > '~' {
				t.Errorf("%q: the header holds %q", name, r)
			}
		}
	}
}
