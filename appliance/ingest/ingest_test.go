package ingest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/extract"
	"github.com/bwenge-os/bwenge/appliance/sqlite"
	"github.com/bwenge-os/bwenge/models"
	"github.com/bwenge-os/bwenge/models/modeltest"
)

const org = appliance.DefaultOrg

// reader is a fake that reads text files: pages are parted by form feeds.
type reader struct {
	kind   appliance.Kind
	before func(page int) error // called before each page
}

func (r *reader) Read(ctx context.Context, path, workDir string, onInfo func(extract.Info),
	onSection func(appliance.Section, extract.Progress) error) (extract.Result, error) {

	text, err := os.ReadFile(path)
	if err != nil {
		return extract.Result{}, err
	}
	if err := os.WriteFile(filepath.Join(workDir, "scratch"), nil, 0o600); err != nil {
		return extract.Result{}, err
	}
	info := extract.Info{Kind: r.kind, MediaType: "x/" + string(r.kind)}
	if info.Recording() {
		info.Duration = 1
		onInfo(info)
		return extract.Result{Info: info}, nil
	}
	pages := strings.Split(string(text), "\f")
	info.Pages = len(pages)
	onInfo(info)
	for i, page := range pages {
		if r.before != nil {
			if err := r.before(i + 1); err != nil {
				return extract.Result{Info: info}, err
			}
		}
		if err := ctx.Err(); err != nil {
			return extract.Result{Info: info}, err
		}
		if page == "" {
			continue
		}
		if err := onSection(appliance.Section{Text: page, Place: appliance.Place{Page: i + 1}},
			extract.Progress{Done: int64(i), Of: int64(len(pages))}); err != nil {
			return extract.Result{Info: info}, err
		}
	}
	return extract.Result{Info: info, Notices: []appliance.Notice{{Code: "noted", Message: "Noted."}}}, nil
}

// embedder is a fake: a token is a word, a vector is made from the text's hash.
type embedder struct {
	before func(texts []string) error
	texts  atomic.Int64
}

func (e *embedder) EmbedPassages(_ context.Context, texts []string) ([][]float32, error) {
	if e.before != nil {
		if err := e.before(texts); err != nil {
			return nil, err
		}
	}
	e.texts.Add(int64(len(texts)))
	vectors := make([][]float32, len(texts))
	for i, text := range texts {
		vectors[i] = vectorOf(text)
	}
	return vectors, nil
}

func vectorOf(text string) []float32 {
	v := make([]float32, 384)
	sum := sha256.Sum256([]byte(text))
	for i := range v {
		v[i] = (float32(sum[i%32]) - 127.5) / float32(73.9*math.Sqrt(384))
	}
	return v
}

func (e *embedder) EmbedQuery(_ context.Context, text string) ([]float32, error) {
	return vectorOf(text), nil
}
func (e *embedder) CountTokens(_ context.Context, texts []string) ([]int, error) {
	counts := make([]int, len(texts))
	for i, text := range texts {
		counts[i] = len(strings.Fields(text))
	}
	return counts, nil
}
func (*embedder) Name() string    { return "fake" }
func (*embedder) Dimensions() int { return 384 }
func (*embedder) MaxTokens() int  { return 200 }

// rig is an ingester on real files and a real database.
type rig struct {
	testing.TB
	*Ingester
	dir   string
	store *sqlite.Store
	read  *reader
	embed *embedder
	hear  *modeltest.Transcriber
}

func newRig(tb testing.TB) *rig {
	return reopen(tb, tb.TempDir(), nil)
}

// reopen starts on a folder. wrap, if set, stands between the ingester and the
// store.
func reopen(tb testing.TB, dir string, wrap func(Store) Store) *rig {
	tb.Helper()
	store, err := sqlite.Open(tb.Context(), filepath.Join(dir, "bwenge.db"))
	if err != nil {
		tb.Fatal(err)
	}
	r := &rig{TB: tb, dir: dir, store: store, read: &reader{kind: appliance.KindPDF}, embed: &embedder{}, hear: &modeltest.Transcriber{}}
	var seen Store = store
	if wrap != nil {
		seen = wrap(store)
	}
	r.Ingester, err = New(seen, Config{
		Dir: dir, Reader: r.read, Embedder: r.embed, Transcriber: r.hear,
		Decode:  decodeFake,
		Window:  2 * time.Second,
		Backoff: func(n int) (time.Duration, bool) { return 0, n < 3 },
		Log:     slog.New(slog.DiscardHandler),
	})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := store.Close(); err != nil {
			tb.Error(err)
		}
	})
	return r
}

// decodeFake makes a tenth of a second of samples of every byte.
func decodeFake(_ context.Context, src, dst string, _ func(float64)) (float64, []appliance.Notice, error) {
	text, err := os.ReadFile(src)
	if err != nil {
		return 0, nil, err
	}
	seconds := float64(len(text)) / 10
	return seconds, nil, os.WriteFile(dst, make([]byte, len(text)*sampleBytes/10), 0o600)
}

// start runs the ingester until the test ends or the returned function is
// called.
func (r *rig) start() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- r.Run(ctx) }()
	var once atomic.Bool
	stop = func() {
		cancel()
		if once.CompareAndSwap(false, true) {
			if err := <-ended; err != nil && !errors.Is(err, context.Canceled) {
				r.Error(err)
			}
		}
	}
	r.Cleanup(stop)
	return stop
}

func (r *rig) add(name, content string) appliance.Source {
	r.Helper()
	src, _, err := r.Add(r.Context(), org, name, strings.NewReader(content), int64(len(content)))
	if err != nil {
		r.Fatal(err)
	}
	return src
}

// until waits for a source to reach a status.
func (r *rig) until(id string, status appliance.Status) appliance.Source {
	r.Helper()
	changes := r.Watch(r.Context(), org)
	for {
		src, err := r.store.Source(r.Context(), org, id)
		if err != nil {
			r.Fatal(err)
		}
		if src.Status == status {
			return src
		}
		if src.Status.Ended() {
			r.Fatalf("the source is %s (%v), want %s", src.Status, src.Problem, status)
		}
		select {
		case <-changes:
		case <-r.Context().Done():
			r.Fatal("the test ended first")
		}
	}
}

func (r *rig) chunks(id string) []appliance.Chunk {
	r.Helper()
	page, err := r.store.Chunks(r.Context(), org, id, 0, 100)
	if err != nil {
		r.Fatal(err)
	}
	return page.Items
}

// left lists the files in a sub-folder of the data folder.
func (r *rig) left(sub string) (names []string) {
	r.Helper()
	if err := filepath.WalkDir(filepath.Join(r.dir, sub), func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, filepath.Base(path))
		}
		return err
	}); err != nil {
		r.Fatal(err)
	}
	return names
}

// book is a text of some pages with some sentences each.
func book(pages int) string {
	var b strings.Builder
	for p := range pages {
		if p > 0 {
			b.WriteByte('\f')
		}
		for s := range 12 {
			fmt.Fprintf(&b, "This is the sentence number %d of page %d, and it says that the plant number %d needs light, water and air to grow. ", s+1, p+1, 100*p+s)
		}
	}
	return b.String()
}

func TestDocument(t *testing.T) {
	r := newRig(t)
	r.start()
	src := r.add("../a/Biology\x00 \u202efdp.exe", book(3))
	if src.Title != "Biology fdp.exe" || src.Status != appliance.StatusQueued {
		t.Fatalf("%+v", src)
	}
	src = r.until(src.ID, appliance.StatusReady)
	if src.Pages != 3 || src.Language != "en" || src.Kind != appliance.KindPDF || len(src.Notices) != 1 || src.Progress != 1 || src.SecondsLeft != nil {
		t.Fatalf("%+v", src)
	}
	chunks := r.chunks(src.ID)
	if len(chunks) != src.Chunks || len(chunks) < 6 {
		t.Fatalf("%d chunks, the source says %d", len(chunks), src.Chunks)
	}
	hits, err := r.store.SearchVector(t.Context(), org, vectorOf(chunks[4].Text), 1)
	if err != nil || len(hits) != 1 || hits[0].ChunkID != chunks[4].ID {
		t.Fatal(hits, err)
	}
	f, _, err := r.Open(t.Context(), org, src.ID)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if content, err := io.ReadAll(f); err != nil || string(content) != book(3) {
		t.Fatal("the original is not what was added", err)
	}

	again, existed, err := r.Add(t.Context(), org, "other name.pdf", strings.NewReader(book(3)), -1)
	if err != nil || !existed || again.ID != src.ID {
		t.Fatal(again, existed, err)
	}
	if names := append(r.left("uploads"), r.left("work")...); len(names) > 0 {
		t.Fatal("left behind:", names)
	}
	if err := r.Delete(t.Context(), org, src.ID); err != nil {
		t.Fatal(err)
	}
	if err := r.Delete(t.Context(), org, src.ID); appliance.CodeOf(err) != appliance.ENotFound {
		t.Fatal("deleted twice:", err)
	}
	if names := r.left("files"); len(names) > 0 {
		t.Fatal("left behind:", names)
	}
}

func TestRecording(t *testing.T) {
	r := newRig(t)
	r.read.kind = appliance.KindAudio
	for i := range 9 {
		at := time.Duration(i) * time.Second
		r.hear.Segments = append(r.hear.Segments, models.Segment{Start: at, End: at + 900*time.Millisecond,
			Text: fmt.Sprintf(" Les plantes ont besoin de lumière et d'eau, dit le professeur pour la leçon %d.", i)})
	}
	r.hear.Language = "fr"
	r.start()
	src := r.until(r.add("leçon.mp3", strings.Repeat("x", 95)).ID, appliance.StatusReady)
	if src.Duration != 9.5 || src.Language != "fr" {
		t.Fatalf("%+v", src)
	}
	asked := r.hear.Asked()
	if len(asked) != 5 { // 2 s each; the last half second joins no other
		t.Fatalf("%d windows: %+v", len(asked), asked)
	}
	if asked[0].Language != "" || asked[2].Language != "fr" {
		t.Fatalf("the language was not kept: %+v", asked)
	}
	text := ""
	for i, c := range r.chunks(src.ID) {
		if c.Place.End <= c.Place.Start && i > 0 || c.Language != "fr" {
			t.Fatalf("chunk %+v", c)
		}
		text += c.Text
	}
	for i := range 9 {
		if n := strings.Count(text, fmt.Sprintf("leçon %d.", i)); n < 1 || n > 2 {
			t.Errorf("segment %d is there %d times", i, n)
		}
	}
}

func TestNothingToIndex(t *testing.T) {
	r := newRig(t)
	r.start()
	src := r.until(r.add("blank.pdf", "\f\f").ID, appliance.StatusFailed)
	if src.Problem == nil || src.Problem.Reason != "no_text" {
		t.Fatalf("%+v", src.Problem)
	}
	r2 := newRig(t)
	r2.read.kind = appliance.KindVideo
	r2.start()
	src = r2.until(r2.add("silence.mp4", strings.Repeat("x", 50)).ID, appliance.StatusFailed)
	if src.Problem == nil || src.Problem.Reason != "no_speech" {
		t.Fatalf("%+v", src.Problem)
	}
	if _, _, err := r.Add(t.Context(), org, "nothing", strings.NewReader(""), 0); appliance.CodeOf(err) != appliance.EUnreadable {
		t.Fatal(err)
	}
}

// failing gives some bytes and then an error.
type failing struct{ left int }

func (f *failing) Read(p []byte) (int, error) {
	if f.left == 0 {
		return 0, io.ErrUnexpectedEOF
	}
	n := min(f.left, len(p))
	f.left -= n
	return n, nil
}

func TestSenderGone(t *testing.T) {
	r := newRig(t)
	if _, _, err := r.Add(t.Context(), org, "a", &failing{100_000}, 200_000); appliance.CodeOf(err) != appliance.ECancelled {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := r.Add(ctx, org, "a", strings.NewReader("abc"), 3); err == nil {
		t.Fatal("added for somebody who had gone")
	}
	if names := append(r.left("uploads"), r.left("files")...); len(names) > 0 {
		t.Fatal("left behind:", names)
	}
}

func TestNoRoom(t *testing.T) {
	r := newRig(t)
	src, _, err := r.Add(t.Context(), org, "huge", &failing{0}, math.MaxInt64)
	if appliance.CodeOf(err) != appliance.ENoSpace || appliance.ProblemOf(err).Params["need_bytes"] == nil {
		t.Fatal(src, err)
	}
	if got := reserve(1 << 40); got != 1<<40/20 {
		t.Error("a large disk keeps", got)
	}
	if got := reserve(64 << 30); got != 64<<30/20 {
		t.Error("a 64 GB disk keeps", got)
	}
	if got := reserve(4 << 30); got != 4<<30/10 {
		t.Error("a tiny disk keeps", got)
	}
}

func TestSweep(t *testing.T) {
	r := newRig(t)
	r.start()
	kept := r.until(r.add("kept", book(1)).ID, appliance.StatusReady)
	orphan := strings.Repeat("ab", 32)
	for _, path := range []string{"uploads/x.part", "files/ab/" + orphan, "work/gone/samples"} {
		path = filepath.Join(r.dir, path)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte("x"), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if names := append(append(r.left("uploads"), r.left("work")...), r.left("files")...); len(names) != 1 || names[0] != kept.SHA256 {
		t.Fatal(names)
	}
	sum := sha256.Sum256([]byte(book(1)))
	if kept.SHA256 != hex.EncodeToString(sum[:]) {
		t.Fatal("wrong sha256")
	}
}

func TestCleanTitle(t *testing.T) {
	for name, want := range map[string]string{
		"lesson.pdf":                       "lesson.pdf",
		"../../etc/passwd":                 "passwd",
		`C:\Users\me\Leçon 1.docx`:         "Leçon 1.docx",
		"a\x00b\nc\u202e.pdf":              "ab c.pdf",
		"":                                 "file",
		"..":                               "file",
		"/":                                "file",
		"\xff\xfe.txt":                     "txt",
		strings.Repeat("é", 150) + ".epub": strings.Repeat("é", 96) + "…" + ".epub",
	} {
		if got := cleanTitle(name); got != want {
			t.Errorf("%q becomes %q, want %q", name, got, want)
		}
	}
}

func FuzzCleanTitle(f *testing.F) {
	f.Add("a/b\\c\u202e.pdf")
	f.Fuzz(func(t *testing.T, name string) {
		title := cleanTitle(name)
		if title == "" || len(title) > maxTitle || strings.ContainsAny(title, "/\\\n\x00") || cleanTitle(title) != title {
			t.Fatalf("%q became %q", name, title)
		}
	})
}
