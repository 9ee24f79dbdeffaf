package httpd

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/bwenge-os/bwenge/internal/problem"
	"github.com/bwenge-os/bwenge/internal/transport"
)

// webApp serves the built web app: index.html for its own routes, assets with
// a hash in their name for ever, and .br or .gz siblings where the browser
// takes them.
type webApp struct {
	files fs.FS
	etags map[string]func() (string, error) // of every file, by content; read when first asked for
}

var errNoWeb = problem.New(problem.Unavailable, "no_web_app",
	"This box was built without its pages.", "Build it again with make build.", nil)

// encodings are the compressed siblings, the better one first.
var encodings = []struct{ name, suffix string }{{"br", ".br"}, {"gzip", ".gz"}}

func newWebApp(files fs.FS) (http.Handler, error) {
	if files == nil {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { transport.WriteProblem(w, r, errNoWeb) }), nil
	}
	app := &webApp{files, map[string]func() (string, error){}}
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		app.etags[name] = sync.OnceValues(func() (string, error) { return etag(files, name) })
		return nil
	})
	return app, err
}

func etag(files fs.FS, name string) (string, error) {
	f, err := files.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return "", err
	}
	return `"` + hex.EncodeToString(sum.Sum(nil)[:16]) + `"`, nil
}

func (a *webApp) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		transport.WriteProblem(w, r, transport.ErrMethod(r.Method))
		return
	}
	name := strings.TrimPrefix(path.Clean("/"+r.URL.Path), "/")
	if _, ok := a.etags[name]; !ok {
		if path.Ext(name) != "" {
			transport.WriteProblem(w, r, transport.ErrNoRoute) // a file that is not there, not a route of the app
			return
		}
		name = "index.html"
		if _, ok := a.etags[name]; !ok {
			transport.WriteProblem(w, r, errNoWeb)
			return
		}
	}
	if err := a.serveFile(w, r, name); err != nil {
		transport.WriteProblem(w, r, err)
	}
}

func (a *webApp) serveFile(w http.ResponseWriter, r *http.Request, name string) error {
	h := w.Header()
	h.Set("Content-Type", contentType(name))
	h.Set("Cache-Control", "no-cache")
	if strings.HasPrefix(name, "assets/") { // Vite puts a hash into these names
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	h.Add("Vary", "Accept-Encoding")
	stored := name
	for _, e := range encodings {
		if _, ok := a.etags[name+e.suffix]; ok && accepts(r.Header.Get("Accept-Encoding"), e.name) {
			stored = name + e.suffix
			h.Set("Content-Encoding", e.name)
			break
		}
	}
	tag, err := a.etags[stored]()
	if err != nil {
		return err
	}
	h.Set("ETag", tag)
	f, err := a.files.Open(stored)
	if err != nil {
		return err
	}
	defer f.Close()
	content, ok := f.(io.ReadSeeker)
	if !ok {
		return errors.New("the web app's files cannot seek")
	}
	http.ServeContent(w, r, "", time.Time{}, content)
	return nil
}

// contentType knows what a web app is made of, so that it does not depend on
// the tables of the machine.
func contentType(name string) string {
	switch ext := path.Ext(name); ext {
	case ".js", ".mjs":
		return "text/javascript; charset=utf-8"
	case ".wasm":
		return "application/wasm"
	case ".webmanifest":
		return "application/manifest+json"
	case ".woff2":
		return "font/woff2"
	case ".glb":
		return "model/gltf-binary"
	default:
		if t := mime.TypeByExtension(ext); t != "" {
			return t
		}
		return "application/octet-stream"
	}
}

// accepts reports whether an Accept-Encoding header takes an encoding.
func accepts(header, encoding string) bool {
	for one := range strings.SplitSeq(header, ",") {
		name, params, _ := strings.Cut(strings.TrimSpace(one), ";")
		if !strings.EqualFold(strings.TrimSpace(name), encoding) {
			continue
		}
		weight, weighted := strings.CutPrefix(strings.TrimSpace(params), "q=")
		if !weighted {
			return true
		}
		q, err := strconv.ParseFloat(weight, 64)
		return err == nil && q > 0
	}
	return false
}
