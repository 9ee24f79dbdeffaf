package httpd

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/textproto"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/problem"
)

// form writes parts as a multipart body. A part without a file name is a field.
type formPart struct{ field, file, content string }

func form(t testing.TB, parts ...formPart) (body, contentType string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, p := range parts {
		var out io.Writer
		var err error
		if p.file != "" {
			out, err = w.CreateFormFile(p.field, p.file)
		} else {
			out, err = w.CreateFormField(p.field)
		}
		if err == nil {
			_, err = io.WriteString(out, p.content)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String(), w.FormDataContentType()
}

// stored is a material that keeps what it was given, if it was given all of it.
func stored(b *box) *string {
	var kept string
	b.material.AddFn = func(_ context.Context, _ appliance.Principal, file appliance.NewFile, r io.Reader, _ int64) (appliance.Source, bool, error) {
		content, err := io.ReadAll(r)
		if err != nil {
			return appliance.Source{}, false, fmt.Errorf("storing: %w", err)
		}
		kept = file.Name + ":" + string(content)
		return appliance.Source{ID: "s1", Title: file.Name}, false, nil
	}
	return &kept
}

func TestBadUploads(t *testing.T) {
	whole, kind := form(t, formPart{"file", "a.txt", strings.Repeat("hello ", 1000)})
	noFile, noFileKind := form(t, formPart{"title", "", "x"})
	otherName, otherKind := form(t, formPart{"document", "a.txt", "x"})
	noName, noNameKind := form(t, formPart{"file", "", "x"})
	bigField, bigKind := form(t, formPart{"classes", "", strings.Repeat("x", maxFormField+1)}, formPart{"file", "a.txt", "x"})
	var many []formPart
	for range maxFormFields {
		many = append(many, formPart{"classes", "", "x"})
	}
	manyFields, manyKind := form(t, append(many, formPart{"file", "a.txt", "x"})...)
	large, largeKind := form(t, formPart{"file", "a.txt", strings.Repeat("x", 20_000)})

	for _, c := range []struct {
		name, body, kind string
		code             int
		reason           string
	}{
		{"no form", "hello", "text/plain", 400, "not_a_file_form"},
		{"no media type", "hello", "", 400, "not_a_file_form"},
		{"no boundary", whole, "multipart/form-data", 400, "not_a_file_form"},
		{"wrong boundary", whole, "multipart/form-data; boundary=x", 400, ""},
		{"empty body", "", kind, 400, ""},
		{"no file", noFile, noFileKind, 400, "upload_field"},
		{"another field's file", otherName, otherKind, 400, "upload_field"},
		{"file without a name", noName, noNameKind, 400, "not_a_file_form"},
		{"long field first", bigField, bigKind, 400, "not_a_file_form"},
		{"many fields first", manyFields, manyKind, 400, "not_a_file_form"},
		{"cut off in the file", whole[:3000], kind, 400, "upload_broken"},
		{"cut off in the boundary", whole[:len(whole)-10], kind, 400, "upload_broken"},
		{"over the limit", large, largeKind, 413, "file_too_large"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBox(t, func(cfg *Config) { cfg.MaxUpload = 10_000 })
			kept := stored(b)
			w := b.do("POST", "/api/v1/knowledge/upload", c.body, "Content-Type", c.kind)
			p := problemIn(t, w.Header(), w.Code, w.Body.Bytes())
			if w.Code != c.code || c.reason != "" && p.Reason != c.reason {
				t.Errorf("%d %s, want %d %s", w.Code, w.Body, c.code, c.reason)
			}
			if *kept != "" {
				t.Errorf("something was kept: %.50q", *kept)
			}
			whole := c.body == "" || c.reason == "upload_broken" // read to its end
			if !whole && w.Header().Get("Connection") != "close" {
				t.Error("the rest of the body would be taken for a request")
			}
		})
	}
}

func TestUpload(t *testing.T) {
	body, kind := form(t, formPart{"file", "Mes plantes é.pdf", "%PDF"})
	b := newBox(t)
	kept := stored(b)
	w := b.do("POST", "/api/v1/knowledge/upload", body, "Content-Type", kind)
	var got Uploaded
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != http.StatusAccepted || got.Source.ID != "s1" {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if *kept != "Mes plantes é.pdf:%PDF" {
		t.Errorf("kept %q", *kept)
	}
}

// Whom an upload is for is never widened by what the box did not read.
func TestUploadClasses(t *testing.T) {
	file := formPart{"file", "a.txt", "hello"}
	classes := func(value string) formPart { return formPart{"classes", "", value} }
	for _, c := range []struct {
		name, query string
		parts       []formPart
		want        string // the classes, or the reason of a refusal
	}{
		{"none", "", []formPart{file}, "[]"},
		{"query", "?classes=c1,c2", []formPart{file}, "[c1 c2]"},
		{"query twice", "?classes=c1&classes=c2", []formPart{file}, "[c1 c2]"},
		{"field", "", []formPart{classes("c1, c2"), file}, "[c1 c2]"},
		{"fields", "", []formPart{classes("c1"), classes("c2,c1"), file}, "[c1 c2]"},
		{"both", "?classes=c1", []formPart{classes("c2"), file}, "[c1 c2]"},
		{"query without an id", "?classes=,", []formPart{file}, "upload_classes"},
		{"empty query", "?classes=", []formPart{file}, "upload_classes"},
		{"broken query", "?classes=%zz", []formPart{file}, "upload_classes"},
		{"field without an id", "", []formPart{classes(" , "), file}, "upload_classes"},
		{"one field without an id", "", []formPart{classes("c1"), classes(""), file}, "upload_classes"},
		{"other field", "", []formPart{{"class", "", "c1"}, file}, "upload_field"},
		{"field after the file", "", []formPart{file, classes("c1")}, "upload_field"},
		{"second file", "", []formPart{file, file}, "upload_field"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBox(t)
			kept := ""
			b.material.AddFn = func(_ context.Context, _ appliance.Principal, file appliance.NewFile, r io.Reader, _ int64) (appliance.Source, bool, error) {
				if _, err := io.Copy(io.Discard, r); err != nil {
					return appliance.Source{}, false, err
				}
				kept = fmt.Sprint(file.Classes)
				return appliance.Source{ID: "s1"}, false, nil
			}
			body, kind := form(t, c.parts...)
			w := b.do("POST", "/api/v1/knowledge/upload"+c.query, body, "Content-Type", kind)
			if strings.HasPrefix(c.want, "[") {
				if w.Code != http.StatusAccepted || kept != c.want {
					t.Errorf("%d, for %s, want %s: %s", w.Code, kept, c.want, w.Body)
				}
				return
			}
			p := problemIn(t, w.Header(), w.Code, w.Body.Bytes())
			if w.Code != http.StatusBadRequest || p.Reason != c.want || kept != "" {
				t.Errorf("%d %s, kept for %q, want %s", w.Code, p.Reason, kept, c.want)
			}
		})
	}
}

func TestUploadErrorsOfTheMaterial(t *testing.T) {
	body, kind := form(t, formPart{"file", "a.exe", "MZ"})
	for _, c := range []struct {
		err  error
		code int
	}{
		{problem.New(problem.NoSpace, "disk_full", "The disk is nearly full.", "Delete something.", nil).With("need_bytes", 5), 507},
		{problem.New(problem.Unsupported, "kind", "The box does not read this.", "Save it as PDF.", nil), 415},
		{errors.New("disk broken"), 500},
	} {
		b := newBox(t)
		b.material.AddFn = func(context.Context, appliance.Principal, appliance.NewFile, io.Reader, int64) (appliance.Source, bool, error) {
			return appliance.Source{}, false, c.err
		}
		w := b.do("POST", "/api/v1/knowledge/upload", body, "Content-Type", kind)
		p := problemIn(t, w.Header(), w.Code, w.Body.Bytes())
		if w.Code != c.code || c.code == 507 && p.Params["need_bytes"] != float64(5) {
			t.Errorf("%v: %d %s", c.err, w.Code, w.Body)
		}
	}
}

// An upload is refused while the client still sends; it finds the answer, not
// a reset connection.
func TestUploadRefusedEarly(t *testing.T) {
	b := newBox(t)
	var size int64
	b.material.AddFn = func(_ context.Context, _ appliance.Principal, _ appliance.NewFile, _ io.Reader, n int64) (appliance.Source, bool, error) {
		size = n
		return appliance.Source{}, false, problem.New(problem.NoSpace, "disk_full", "The disk is nearly full.", "Delete something.", nil)
	}
	srv := b.start(t)
	const length = 2 << 30
	conn, err := net.Dial("tcp", srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "POST /api/v1/knowledge/upload HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: %d\r\n\r\n", length)
	io.WriteString(conn, "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.mp4\"\r\n\r\n")
	// Like a browser: write first, look for the answer when writing is over or
	// fails. The answer must be there then.
	if _, err := conn.Write(make([]byte, 4<<20)); err != nil {
		t.Fatalf("reset while sending: %v", err)
	}
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := readAll(res)
	if err != nil || res.StatusCode != http.StatusInsufficientStorage || !strings.Contains(answer, "disk_full") || !res.Close {
		t.Errorf("%v %d %v %s", err, res.StatusCode, res.Close, answer)
	}
	if size != length {
		t.Errorf("the material was told %d", size)
	}
}

// Who asks first is refused before sending anything.
func TestUploadExpectContinue(t *testing.T) {
	b := newBox(t, func(c *Config) { c.MaxUpload = 1 << 20 })
	srv := b.start(t)
	conn, err := net.Dial("tcp", srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "POST /api/v1/knowledge/upload HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: %d\r\n\r\n", 2<<30)
	answer, err := io.ReadAll(conn)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(answer), "HTTP/1.1 413 ") {
		t.Errorf("answer %.300q", answer)
	}
}

// A client that vanishes or stands still leaves nothing.
func TestUploadBreaksOff(t *testing.T) {
	for _, c := range []struct {
		name string
		then func(conn net.Conn)
	}{
		{"closed browser", func(conn net.Conn) { conn.Close() }},
		{"stalled", func(net.Conn) {}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBox(t, func(c *Config) { c.Times.BodyIdle = 30 * time.Millisecond })
			result := make(chan error, 1)
			reading := make(chan struct{})
			b.material.AddFn = func(_ context.Context, _ appliance.Principal, _ appliance.NewFile, r io.Reader, _ int64) (appliance.Source, bool, error) {
				close(reading)
				_, err := io.Copy(io.Discard, r)
				result <- err
				return appliance.Source{}, false, err
			}
			srv := b.start(t)
			conn, err := net.Dial("tcp", srv.Listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			fmt.Fprintf(conn, "POST /api/v1/knowledge/upload HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 100000\r\n\r\n"+
				"--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.mp4\"\r\n\r\nhello")
			<-reading
			c.then(conn)
			if err := <-result; err == nil {
				t.Error("half a file looks whole")
			}
		})
	}
}

// 300 MB pass through without staying.
func TestUploadStreams(t *testing.T) {
	const size = 300 << 20
	b := newBox(t)
	var peak uint64
	var got int64
	b.material.AddFn = func(_ context.Context, _ appliance.Principal, _ appliance.NewFile, r io.Reader, _ int64) (appliance.Source, bool, error) {
		buf := make([]byte, 64<<10)
		var stats runtime.MemStats
		for i := 0; ; i++ {
			n, err := r.Read(buf)
			got += int64(n)
			if i%1000 == 0 {
				runtime.ReadMemStats(&stats)
				peak = max(peak, stats.HeapAlloc)
			}
			if errors.Is(err, io.EOF) {
				return appliance.Source{ID: "s1"}, false, nil
			}
			if err != nil {
				return appliance.Source{}, false, err
			}
		}
	}
	srv := b.start(t)
	runtime.GC()
	var before runtime.MemStats
	runtime.ReadMemStats(&before)

	pr, pw := io.Pipe()
	w := multipart.NewWriter(pw)
	go func() {
		part, err := w.CreatePart(textproto.MIMEHeader{"Content-Disposition": {`form-data; name="file"; filename="film.mp4"`}})
		if err == nil {
			_, err = io.CopyN(part, zeros{}, size)
		}
		if err == nil {
			err = w.Close()
		}
		pw.CloseWithError(err)
	}()
	res, err := http.Post(srv.URL+"/api/v1/knowledge/upload", w.FormDataContentType(), pr)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusAccepted || got != size {
		t.Fatalf("status %d, %d bytes", res.StatusCode, got)
	}
	grown := int64(peak) - int64(before.HeapAlloc)
	t.Logf("the heap grew by %d kB", grown>>10)
	if grown > 20<<20 {
		t.Errorf("the heap grew by %d MB", grown>>20)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }
