package httpd

import (
	"strings"
	"testing"
	"testing/fstest"
)

func TestWebApp(t *testing.T) {
	b := newBox(t, func(c *Config) {
		c.Web = fstest.MapFS{
			"index.html":              {Data: []byte("<!doctype html>")},
			"favicon.svg":             {Data: []byte("<svg/>")},
			"assets/app-1a2b.js":      {Data: []byte("plain js")},
			"assets/app-1a2b.js.br":   {Data: []byte("br js")},
			"assets/app-1a2b.js.gz":   {Data: []byte("gz js")},
			"assets/app-1a2b.css":     {Data: []byte("plain css")},
			"assets/app-1a2b.css.gz":  {Data: []byte("gz css")},
			"assets/worker-1a2b.mjs":  {Data: []byte("worker")},
			"assets/decoder-1a2.wasm": {Data: []byte("wasm")},
		}
	})
	for _, c := range []struct {
		method, path, accept string
		code                 int
		body, kind, encoding string
		forever              bool
	}{
		{"GET", "/assets/gone-1a2b.js", "", 404, "", "", "", false},
		{"GET", "/etc/passwd.txt", "", 404, "", "", "", false},
		{"POST", "/", "", 405, "", "", "", false},
		{"DELETE", "/assets/app-1a2b.js", "", 405, "", "", "", false},
		{"GET", "/", "", 200, "<!doctype html>", "text/html", "", false},
		{"GET", "/index.html", "", 200, "<!doctype html>", "text/html", "", false},
		{"GET", "/material/s1", "", 200, "<!doctype html>", "text/html", "", false},
		{"GET", "/assets/", "", 200, "<!doctype html>", "text/html", "", false}, // no directory is listed
		{"HEAD", "/", "", 200, "", "text/html", "", false},
		{"GET", "/favicon.svg", "", 200, "<svg/>", "image/svg+xml", "", false},
		{"GET", "/assets/app-1a2b.js", "", 200, "plain js", "text/javascript", "", true},
		{"GET", "/assets/app-1a2b.js", "gzip, deflate, br", 200, "br js", "text/javascript", "br", true},
		{"GET", "/assets/app-1a2b.js", "gzip;q=1.0, br;q=0", 200, "gz js", "text/javascript", "gzip", true},
		{"GET", "/assets/app-1a2b.js", "brotli, xgzip", 200, "plain js", "text/javascript", "", true},
		{"GET", "/assets/app-1a2b.css", "br, gzip", 200, "gz css", "text/css", "gzip", true},
		{"GET", "/assets/worker-1a2b.mjs", "br", 200, "worker", "text/javascript", "", true},
		{"GET", "/assets/decoder-1a2.wasm", "", 200, "wasm", "application/wasm", "", true},
	} {
		w := b.do(c.method, c.path, "", "Accept-Encoding", c.accept)
		h := w.Header()
		if w.Code != c.code {
			t.Errorf("%s %s: %d, want %d", c.method, c.path, w.Code, c.code)
			continue
		}
		if c.code != 200 {
			problemIn(t, h, w.Code, w.Body.Bytes())
			continue
		}
		if w.Body.String() != c.body || !strings.HasPrefix(h.Get("Content-Type"), c.kind) || h.Get("Content-Encoding") != c.encoding {
			t.Errorf("%s (%s): %q %v", c.path, c.accept, w.Body, h)
		}
		if strings.Contains(h.Get("Cache-Control"), "immutable") != c.forever || h.Get("Vary") != "Accept-Encoding" || h.Get("ETag") == "" {
			t.Errorf("%s: %v", c.path, h)
		}
		if again := b.do(c.method, c.path, "", "Accept-Encoding", c.accept, "If-None-Match", h.Get("ETag")); again.Code != 304 {
			t.Errorf("%s again: %d", c.path, again.Code)
		}
	}
}
