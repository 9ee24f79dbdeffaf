package sqlite

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"math"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/problem"
)

const org = appliance.DefaultOrg

// open returns a store in a temporary folder whose name needs escaping.
func open(tb testing.TB) *Store {
	tb.Helper()
	s, err := Open(tb.Context(), filepath.Join(tb.TempDir(), "a b%20?#.db"), testBox(tb))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Error(err)
		}
	})
	return s
}

func must[T any](tb testing.TB) func(T, error) T {
	return func(v T, err error) T {
		tb.Helper()
		if err != nil {
			tb.Fatal(err)
		}
		return v
	}
}

func sum(text string) string {
	h := sha256.Sum256([]byte(text))
	return hex.EncodeToString(h[:])
}

// vectorOf is a unit vector that depends on the text only.
func vectorOf(text string) []float32 {
	r := rand.New(rand.NewChaCha8(sha256.Sum256([]byte(text))))
	v := make([]float32, dimensions)
	var norm float64
	for i := range v {
		v[i] = float32(r.NormFloat64())
		norm += float64(v[i]) * float64(v[i])
	}
	for i := range v {
		v[i] /= float32(math.Sqrt(norm))
	}
	return v
}

// addSource queues a source of the given title.
func addSource(tb testing.TB, s *Store, org appliance.OrgID, title string) appliance.Source {
	tb.Helper()
	src, existed, err := s.AddSource(tb.Context(), org, appliance.Source{Title: title, Bytes: 9, SHA256: sum(title)}, nil, appliance.Operator(org))
	if err != nil || existed {
		tb.Fatal(existed, err)
	}
	return src
}

func claim(tb testing.TB, s *Store) appliance.Job {
	tb.Helper()
	job, ok, err := s.ClaimJob(tb.Context(), "me", time.Minute)
	if err != nil || !ok {
		tb.Fatal("nothing to claim:", err)
	}
	return job
}

// process takes the claimed job's source to where only FinishJob is missing.
func process(tb testing.TB, s *Store, job appliance.Job, texts ...string) {
	tb.Helper()
	ctx := tb.Context()
	var chunks []appliance.Chunk
	for i, text := range texts {
		chunks = append(chunks, appliance.Chunk{Seq: i, Text: text, Heading: "Heading", Place: appliance.Place{Page: i + 1}, Language: "en", Tokens: 7})
	}
	if len(chunks) > 0 { // the first is a piece of a table
		chunks[0].TableNo, chunks[0].Table = 1, &appliance.Table{Columns: []string{"Text"}, Rows: [][]string{{texts[0]}}}
		chunks[0].Marks = []appliance.Mark{{At: 1, Start: 2, End: 3.5}}
	}
	if err := s.AddChunks(ctx, job, chunks); err != nil {
		tb.Fatal(err)
	}
	for {
		some, left, err := s.Unembedded(ctx, job, 100)
		if err != nil {
			tb.Fatal(err)
		}
		if left == 0 {
			return
		}
		for i := range some {
			some[i].Vector = vectorOf(some[i].Text)
		}
		if err := s.SaveVectors(ctx, job, "test", some); err != nil {
			tb.Fatal(err)
		}
	}
}

// addReady stores a source with a chunk of each text.
func addReady(tb testing.TB, s *Store, org appliance.OrgID, title string, texts ...string) appliance.Source {
	tb.Helper()
	src := addSource(tb, s, org, title)
	job := claim(tb, s)
	if job.Source.ID != src.ID {
		tb.Fatalf("claimed %s, want %s", job.Source.Title, title)
	}
	process(tb, s, job, texts...)
	job.Source.Kind = appliance.KindPDF
	if err := s.SaveParts(tb.Context(), job, appliance.Part{Key: "p1", Data: []byte(strings.Join(texts, " "))}); err != nil {
		tb.Fatal(err)
	}
	if err := s.FinishJob(tb.Context(), job, job.Source); err != nil {
		tb.Fatal(err)
	}
	return must[appliance.Source](tb)(s.Source(tb.Context(), org, whole, src.ID))
}

func addOrg(tb testing.TB, s *Store, id appliance.OrgID) {
	tb.Helper()
	if err := s.write(tb.Context(), func(t *tx) error {
		if _, err := t.Exec(`INSERT INTO organization (id, name, slug, created_at) VALUES (?, ?, ?, 0)`, id, id, id); err != nil {
			return err
		}
		return s.makeKey(t, id)
	}); err != nil {
		tb.Fatal(err)
	}
}

func TestOpenTwice(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bwenge.db")
	box := testBox(t)
	for range 2 {
		s := must[*Store](t)(Open(t.Context(), path, box))
		if err := s.Check(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestOpenRefusesNewerData(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bwenge.db")
	box := testBox(t)
	s := must[*Store](t)(Open(t.Context(), path, box))
	if err := s.write(t.Context(), func(t *tx) error {
		_, err := t.Exec(`INSERT INTO migration (version, name, applied_at) VALUES (999, '0999_future.sql', 0)`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), path, box); problem.CodeOf(err) != problem.Conflict {
		t.Fatalf("opened data of a newer version: %v", err)
	}
}

func TestMigrationIsAllOrNothing(t *testing.T) {
	s := open(t)
	broken := fstest.MapFS{"migration/9999_more.sql": {Data: []byte(`CREATE TABLE more (id INTEGER); INSERT INTO nowhere VALUES (1);`)}}
	for _, file := range must[[]fs.DirEntry](t)(migrations.ReadDir("migration")) {
		name := "migration/" + file.Name()
		broken[name] = &fstest.MapFile{Data: must[[]byte](t)(migrations.ReadFile(name))}
	}
	if err := s.migrateWith(t.Context(), broken); err == nil {
		t.Fatal("a broken migration passed")
	}
	var tables, recorded int // of the broken one
	if err := s.read(t.Context(), func(t *tx) error {
		return t.QueryRow(`SELECT (SELECT count(*) FROM sqlite_schema WHERE name = 'more'), (SELECT count(*) FROM migration WHERE version = 9999)`).
			Scan(&tables, &recorded)
	}); err != nil {
		t.Fatal(err)
	}
	if tables != 0 || recorded != 0 {
		t.Fatalf("half of a migration stayed: %d tables, %d records", tables, recorded)
	}
}

// A connection that was opened with SQLite's or mattn's defaults must not pass.
func TestVerifyRefusesDefaults(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bwenge.db")
	box := testBox(t)
	if err := must[*Store](t)(Open(t.Context(), path, box)).Close(); err != nil {
		t.Fatal(err)
	}
	for _, dsn := range []string{
		"file:" + path,
		"file:" + path + "?_journal_mode=WAL",
		"file:" + path + "?_journal_mode=WAL&_synchronous=FULL&_foreign_keys=1&_busy_timeout=10000",
	} {
		if _, err := (connector{dsn, false, newSeals(box)}).Connect(t.Context()); err == nil {
			t.Errorf("%s passed", dsn)
		}
	}
}

// Each new connection is verified, also those that replace broken ones later.
func TestEveryConnectionHasTheSettings(t *testing.T) {
	s := open(t)
	if err := s.checkSettings(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := s.reader.Stats().OpenConnections; n != readers {
		t.Fatalf("%d readers are open, want %d", n, readers)
	}
	if err := s.read(t.Context(), func(t *tx) error {
		_, err := t.Exec(`DELETE FROM source`)
		return err
	}); err == nil {
		t.Fatal("a reader can write")
	}
}

func TestErrorsAreOurs(t *testing.T) {
	s := open(t)
	err := s.write(t.Context(), func(t *tx) error {
		if _, err := t.Exec(`PRAGMA max_page_count = 1`); err != nil { // clamps to the file's size
			return err
		}
		_, err := t.Exec(`INSERT INTO setting VALUES ('big', hex(zeroblob(1000000)))`)
		return err
	})
	if problem.CodeOf(err) != problem.NoSpace {
		t.Fatalf("a full disk is %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Source(ctx, org, whole, "x"); err == nil {
		t.Fatal("a query ran although its caller had gone")
	}
}

func TestReadersSeeOneSnapshot(t *testing.T) {
	s := open(t)
	if err := s.read(t.Context(), func(r *tx) error {
		count := `SELECT count(*) FROM source`
		var before, after int
		if err := r.QueryRow(count).Scan(&before); err != nil {
			return err
		}
		addSource(t, s, org, "new")
		if err := r.QueryRow(count).Scan(&after); err != nil {
			return err
		}
		if before != after {
			return fmt.Errorf("the snapshot moved from %d to %d", before, after)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}
