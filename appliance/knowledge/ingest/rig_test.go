package ingest

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
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
	"github.com/bwenge-os/bwenge/appliance/knowledge/blobs"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract"
	"github.com/bwenge-os/bwenge/appliance/school/keys"
	"github.com/bwenge-os/bwenge/appliance/sqlite"
	"github.com/bwenge-os/bwenge/models/modeltest"
)

const org = appliance.DefaultOrg

// reader is a fake that reads text files: pages are parted by form feeds.
type reader struct {
	kind   appliance.Kind
	before func(page int) error // called before each page
	end    func(extract.Info) error
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
	if words, ok := strings.CutPrefix(string(text), "subtitles: "); ok {
		info := extract.Info{Kind: appliance.KindText, MediaType: "text/vtt"}
		return extract.Result{Info: info}, onSection(appliance.Section{Text: words, Place: appliance.Place{Start: 2, End: 4}}, extract.Progress{})
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
		for text := range strings.SplitSeq(page, "\v") {
			if err := onSection(appliance.Section{Text: text, Place: appliance.Place{Page: i + 1}},
				extract.Progress{Done: int64(i), Of: int64(len(pages))}); err != nil {
				return extract.Result{Info: info}, err
			}
		}
	}
	if r.end != nil {
		if err := r.end(info); err != nil {
			return extract.Result{Info: info}, err
		}
	}
	return extract.Result{Info: info, Notices: []appliance.Notice{{Code: "noted", Message: "Noted."}}}, nil
}

// ReadTurned says at the end of each page by how much it was turned.
func (r *reader) ReadTurned(ctx context.Context, path, workDir string, turns map[int]int, onInfo func(extract.Info),
	onSection func(appliance.Section, extract.Progress) error) (extract.Result, error) {
	return r.Read(ctx, path, workDir, onInfo, func(s appliance.Section, p extract.Progress) error {
		if degrees, ok := turns[s.Place.Page]; ok {
			s.Text += fmt.Sprintf(" It was turned by %d degrees.", degrees)
		}
		return onSection(s, p)
	})
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
	box, err := keys.Open(filepath.Join(dir, "keys"))
	if err != nil {
		tb.Fatal(err)
	}
	store, err := sqlite.Open(tb.Context(), filepath.Join(dir, "bwenge.db"), box)
	if err != nil {
		tb.Fatal(err)
	}
	r := &rig{TB: tb, dir: dir, store: store, read: &reader{kind: appliance.KindPDF}, embed: &embedder{}, hear: &modeltest.Transcriber{}}
	var seen Store = store
	if wrap != nil {
		seen = wrap(store)
	}
	files, err := blobs.Open(dir, func(ctx context.Context, org appliance.OrgID) (blobs.Key, error) { return store.DataKey(ctx, org) })
	if err != nil {
		tb.Fatal(err)
	}
	r.Ingester = New(seen, Config{
		Files: files, Reader: r.read, Embedder: r.embed, Transcriber: r.hear,
		Takes:   func(context.Context, string) ([]extract.Take, error) { return []extract.Take{{}}, nil },
		Decode:  decodeFake,
		Window:  2 * time.Second,
		Backoff: func(n int) (time.Duration, bool) { return 0, n < 3 },
		Log:     slog.New(slog.DiscardHandler),
	})
	tb.Cleanup(func() {
		if err := store.Close(); err != nil {
			tb.Error(err)
		}
	})
	return r
}

// decodeFake makes a tenth of a second of samples of every byte.
func decodeFake(_ context.Context, src, dst string, _ extract.Take, _ func(float64)) (float64, []appliance.Notice, error) {
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
	src, _, err := r.Add(r.Context(), org, appliance.NewFile{Name: name}, strings.NewReader(content), int64(len(content)))
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
		src, err := r.store.Source(r.Context(), org, appliance.Scope{All: true}, id)
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
	page, err := r.store.Chunks(r.Context(), org, appliance.Scope{All: true}, id, 0, 100)
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
