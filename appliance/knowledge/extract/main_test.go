package extract

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/ocr"
	"github.com/bwenge-os/bwenge/internal/problem"
)

// The test binary is its own child: children get no environment, so what they
// are to do stands in their arguments.
const childArg = "extract-child"

var cacheDir string

func TestMain(m *testing.M) {
	if len(os.Args) > 2 {
		switch os.Args[1] {
		case childArg:
			os.Exit(Main(os.Args[2:], os.Stdin, os.Stdout))
		case actorArg:
			act(os.Args[2])
			os.Exit(0)
		case parentArg:
			parent(os.Args[2], os.Args[3])
			os.Exit(0)
		}
	}
	dir, err := os.MkdirTemp("", "extract-test")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	cacheDir = dir
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

func testReader() *Reader {
	return &Reader{Command: []string{os.Args[0], childArg}, CacheDir: cacheDir,
		Limits: Limits{Memory: costs * 512 << 20, CPU: costs * time.Minute, Silence: costs * time.Minute}}
}

// found is everything that came out of a file.
type found struct {
	Result
	sections []appliance.Section
	err      error
}

func (f found) text() string {
	var b strings.Builder
	for _, s := range f.sections {
		b.WriteString(s.Text + "\n\n")
	}
	return b.String()
}

func (f found) notice(code string) *appliance.Notice {
	for i := range f.Notices {
		if f.Notices[i].Code == code {
			return &f.Notices[i]
		}
	}
	return nil
}

// section returns the first section whose text contains s.
func (f found) section(t *testing.T, s string) appliance.Section {
	t.Helper()
	for _, sec := range f.sections {
		if strings.Contains(sec.Text, s) {
			return sec
		}
	}
	t.Fatalf("no section contains %q; sections: %+v", s, f.sections)
	return appliance.Section{}
}

func readWith(t *testing.T, r *Reader, path string) found {
	t.Helper()
	work := t.TempDir()
	var f found
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	f.Result, f.err = r.Read(ctx, path, work, nil, func(s appliance.Section, _ Progress) error {
		f.sections = append(f.sections, s)
		return nil
	})
	left, err := os.ReadDir(work)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range left {
		if e.Name() == keptDir {
			continue
		}
		t.Errorf("left behind in the work directory: %s", e.Name())
	}
	if ctx.Err() != nil {
		t.Fatal("the reader did not end")
	}
	return f
}

func readPath(t *testing.T, path string) found {
	t.Helper()
	return readWith(t, testReader(), path)
}

func readBytes(t *testing.T, data []byte) found {
	t.Helper()
	return readPath(t, write(t, data))
}

// write puts data into a file without a telling name.
func write(t *testing.T, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "original")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// inProcess reads data in this process, for fuzzing and for what needs no child.
func inProcess(data []byte, limit int64) (out string, err error) {
	var b bytes.Buffer
	j := &job{file: bytes.NewReader(data), size: int64(len(data)), out: newSink(&b, limit), from: 1,
		ocr: &ocr.Reader{Missing: true}}
	err = j.run()
	j.out.w.Flush()
	return b.String(), err
}

func wantText(t *testing.T, f found, wanted ...string) {
	t.Helper()
	if f.err != nil {
		t.Fatalf("not read: %v", f.err)
	}
	text := f.text()
	for _, w := range wanted {
		if !strings.Contains(text, w) {
			t.Errorf("text lacks %q:\n%s", w, text)
		}
	}
}

func wantProblem(t *testing.T, f found, code problem.Code, reason string) {
	t.Helper()
	if f.err == nil {
		t.Fatalf("read, want %s; text: %.300s", reason, f.text())
	}
	p := problem.Of(f.err)
	if p.Code != code || p.Reason != reason {
		t.Fatalf("problem %s/%s (%v), want %s/%s", p.Code, p.Reason, f.err, code, reason)
	}
	for _, sentence := range []string{p.Message, p.Hint} {
		if !strings.HasSuffix(sentence, ".") {
			t.Errorf("not a sentence: %q", sentence)
		}
	}
}
