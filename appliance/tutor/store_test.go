package tutor

import (
	"crypto/sha256"
	"encoding/hex"
	"path/filepath"
	"testing"
	"time"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/school/keys"
	"github.com/bwenge-os/bwenge/appliance/sqlite"
)

// openStore returns an empty database in a file of the test's own.
func openStore(t testing.TB) *sqlite.Store {
	t.Helper()
	box, err := keys.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	store, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "bwenge.db"), box)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	return store
}

// addSource stores a ready source of the given chunks, with their vectors, the
// way ingest does.
func addSource(t testing.TB, store *sqlite.Store, org appliance.OrgID, title string, chunks []appliance.Chunk) {
	t.Helper()
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	sum := sha256.Sum256([]byte(string(org) + title))
	src, _, err := store.AddSource(t.Context(), org, appliance.Source{Title: title, Kind: appliance.KindText, Bytes: 1, SHA256: hex.EncodeToString(sum[:])}, nil, appliance.Operator(org))
	check(err)
	job, ok, err := store.ClaimJob(t.Context(), "test", time.Hour)
	check(err)
	if !ok || job.Source.ID != src.ID {
		t.Fatalf("claimed %v, want the job of %q", job.Source.ID, title)
	}
	vectors := map[int][]float32{}
	for i := range chunks {
		chunks[i].Seq = i
		vectors[i] = chunks[i].Vector
	}
	check(store.AddChunks(t.Context(), job, chunks))
	for {
		some, _, err := store.Unembedded(t.Context(), job, 100)
		check(err)
		if len(some) == 0 {
			break
		}
		for i := range some {
			some[i].Vector = vectors[some[i].Seq]
		}
		check(store.SaveVectors(t.Context(), job, "test", some))
	}
	check(store.FinishJob(t.Context(), job, src))
}
