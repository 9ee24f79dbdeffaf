package sqlite

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/bwenge-os/bwenge/appliance"
)

func TestSearchVectorIsExact(t *testing.T) {
	s := open(t)
	var texts []string
	for i := range 1500 { // more than one of vec0's blocks
		texts = append(texts, fmt.Sprintf("text %d", i))
	}
	src := addReady(t, s, org, "many", texts...)
	hidden := addSource(t, s, org, "hidden")
	process(t, s, claim(t, s), texts...) // same vectors, never ready
	if page := must[appliance.Page[appliance.Chunk]](t)(s.Chunks(t.Context(), org, whole, hidden.ID, 0, 10)); len(page.Items) != 0 {
		t.Fatal("chunks of a source that is not ready are visible")
	}

	check := func(t *testing.T) {
		query := vectorOf("text 77 perhaps")
		want := make([]appliance.Hit, 0, len(texts))
		for i, text := range texts {
			var dot float64
			for j, x := range vectorOf(text) {
				dot += float64(x) * float64(query[j])
			}
			want = append(want, appliance.Hit{ChunkID: int64(i + 1), Score: dot})
		}
		slices.SortFunc(want, func(a, b appliance.Hit) int { return cmp.Compare(b.Score, a.Score) })
		hits := must[[]appliance.Hit](t)(s.SearchVector(t.Context(), org, whole, query, 20))
		if len(hits) != 20 {
			t.Fatalf("%d hits", len(hits))
		}
		for i, hit := range hits {
			if hit.ChunkID != want[i].ChunkID || hit.Score-want[i].Score > 1e-5 || want[i].Score-hit.Score > 1e-5 {
				t.Fatalf("hit %d is %v, want %v", i, hit, want[i])
			}
		}
	}
	t.Run("in memory", check)
	s.vectors.most = 100 // from here on it is too much for memory
	s.vectors.changed.Add(1)
	t.Run("as ingested", check)
	if err := s.RebuildIndex(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Run("rebuilt", check)
	if err := s.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.DeleteSource(t.Context(), org, src.ID); err != nil {
		t.Fatal(err)
	}
	if hits := must[[]appliance.Hit](t)(s.SearchVector(t.Context(), org, whole, vectorOf("text 7"), 20)); len(hits) != 0 {
		t.Fatalf("found %d chunks after all were deleted", len(hits))
	}
	if err := s.Maintain(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestSearchText(t *testing.T) {
	s := open(t)
	addReady(t, s, org, "biology", "Photosynthesis makes sugar from light.", "La photosynthèse transforme la lumière.",
		"A default value of nothing.", `He said "stop" AND (went) NEAR the org_id: heading.`)
	find := func(terms ...string) []int64 {
		hits, err := s.SearchText(t.Context(), org, whole, terms, 10)
		if err != nil {
			t.Fatalf("%q: %v", terms, err)
		}
		ids := []int64{}
		for i, h := range hits {
			if h.Score <= 0 || i > 0 && h.Score > hits[i-1].Score {
				t.Fatalf("%q: scores %v", terms, hits)
			}
			ids = append(ids, h.ChunkID)
		}
		return ids
	}
	for _, test := range []struct {
		terms []string
		want  []int64
	}{
		{[]string{"PHOTOSYNTHESE"}, []int64{2}},
		{[]string{"sugar", "lumiere"}, []int64{1, 2}},
		{[]string{"sugar from light"}, []int64{1}},
		{[]string{"light sugar"}, []int64{}},
		{[]string{"default"}, []int64{3}}, // also the organization's name
		{[]string{`"stop"`, `a"b`, `*`, `(`, `NEAR(`, `text:`, `^x`, "-", "\x00", "", "  ", "'"}, []int64{4}},
		{[]string{"?"}, []int64{}},
		{nil, []int64{}},
	} {
		if got := find(test.terms...); !slices.Equal(slices.Sorted(slices.Values(got)), test.want) {
			t.Errorf("%q found %v, want %v", test.terms, got, test.want)
		}
	}
	n, df, err := s.TermCounts(t.Context(), org, whole, []string{"photosynthèse", "the", "Lumière", "zebra", "?", ""})
	if err != nil || n != 4 || !slices.Equal(df, []int{1, 1, 1, 0, 0, 0}) {
		t.Fatal(n, df, err)
	}
}

// Words outside a scope must not weigh in it: a term that stands in all of
// another tutor's material is still rare in this one's.
func TestTermsAreCountedWithinTheScope(t *testing.T) {
	s := open(t)
	mine := addReady(t, s, org, "mine", "Photosynthesis makes sugar.", "Rain falls.")
	addReady(t, s, org, "theirs", "Photosynthesis again.", "Photosynthesis and again.", "Photosynthesis once more.")
	scope := appliance.Scope{All: true, Sources: []string{mine.ID}}
	count := func(scope appliance.Scope) []int {
		n, df, err := s.TermCounts(t.Context(), org, scope, []string{"photosynthesis", "rain", "again"})
		if err != nil {
			t.Fatal(err)
		}
		return append(df, n)
	}
	if got := count(scope); !slices.Equal(got, []int{1, 1, 0, 2}) {
		t.Errorf("of one source: %v", got)
	}
	if got := count(whole); !slices.Equal(got, []int{4, 1, 2, 5}) {
		t.Errorf("of all: %v", got)
	}
	addSource(t, s, org, "pending") // not ready yet
	process(t, s, claim(t, s), "Rain and photosynthesis.")
	if got := count(whole); !slices.Equal(got, []int{4, 1, 2, 5}) {
		t.Errorf("of all that is ready: %v", got)
	}
}

// What becomes ready or goes is noticed, also by vectors that are all but the
// same.
func TestSearchVectorKeepsUp(t *testing.T) {
	s := open(t)
	const k = 5
	query := vectorOf("query")
	var sources []appliance.Source
	for i := range 12 {
		src := addSource(t, s, org, fmt.Sprint("source ", i))
		job := claim(t, s)
		chunks := make([]appliance.Chunk, 300)
		for j := range chunks {
			chunks[j] = appliance.Chunk{Seq: j, Text: "text"}
		}
		if err := s.AddChunks(t.Context(), job, chunks); err != nil {
			t.Fatal(err)
		}
		chunks, _, err := s.Unembedded(t.Context(), job, len(chunks))
		if err != nil {
			t.Fatal(err)
		}
		for j := range chunks {
			// Cosines to the query within a thousandth of each other.
			v := vectorOf(fmt.Sprint(i, j))
			for d := range v {
				v[d] = query[d] + v[d]/50
			}
			chunks[j].Vector = v
		}
		if err := s.SaveVectors(t.Context(), job, "test", chunks); err != nil {
			t.Fatal(err)
		}
		if err := s.FinishJob(t.Context(), job, src); err != nil {
			t.Fatal(err)
		}
		sources = append(sources, src)
	}
	check := func() {
		t.Helper()
		got := must[[]appliance.Hit](t)(s.SearchVector(t.Context(), org, whole, query, k))
		s.vectors.most = 0
		s.vectors.changed.Add(1)
		want := must[[]appliance.Hit](t)(s.SearchVector(t.Context(), org, whole, query, k)) // by vec0
		s.vectors.most = vectorsMost
		s.vectors.changed.Add(1)
		if len(got) != k || len(want) != k {
			t.Fatal(len(got), len(want))
		}
		for i := range got {
			if got[i].ChunkID != want[i].ChunkID && got[i].Score < want[i].Score-1e-6 {
				t.Fatalf("hit %d is %v, want %v", i, got[i], want[i])
			}
		}
	}
	check()
	for _, src := range sources[3:9] {
		if _, _, err := s.DeleteSource(t.Context(), org, src.ID); err != nil {
			t.Fatal(err)
		}
		check()
	}
	if _, err := s.Reembed(t.Context(), "another model"); err != nil {
		t.Fatal(err)
	}
	if got := must[[]appliance.Hit](t)(s.SearchVector(t.Context(), org, whole, query, k)); len(got) != 0 {
		t.Fatal("vectors of a former model are found")
	}
}

// A large source that is being read must not hide what can be searched.
func TestSearchTextLooksPastWhatIsNotReady(t *testing.T) {
	s := open(t)
	addReady(t, s, org, "ready", "A long text on the subject of rain, clouds, rivers and much besides, so it ranks low.")
	texts := make([]string, 50)
	for i := range texts {
		texts[i] = "rain rain"
	}
	addSource(t, s, org, "pending")
	process(t, s, claim(t, s), texts...)
	if hits := must[[]appliance.Hit](t)(s.SearchText(t.Context(), org, whole, []string{"rain"}, 3)); len(hits) != 1 || hits[0].ChunkID != 1 {
		t.Fatal(hits)
	}
}

func FuzzSearchText(f *testing.F) {
	s := open(f)
	addReady(f, s, org, "book", "some words to find")
	for _, seed := range []string{`"`, `""`, "a AND b", "NEAR(a b)", "{x}:", "\xff\x00", "﷽", "a*", "+"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, term string) {
		if _, err := s.SearchText(t.Context(), org, whole, []string{term, "words"}, 3); err != nil {
			t.Fatal(err)
		}
	})
}

// BenchmarkSearchVector searches 100,000 chunks, in memory and by vec0.
func BenchmarkSearchVector(b *testing.B) {
	s := open(b)
	texts := make([]string, 10_000)
	for n := range 10 {
		for i := range texts {
			texts[i] = fmt.Sprint(n, i)
		}
		addReady(b, s, org, fmt.Sprint(n), texts...)
	}
	for name, most := range map[string]int{"memory": vectorsMost, "vec0": 0} {
		b.Run(name, func(b *testing.B) {
			s.vectors.most = most
			s.vectors.changed.Add(1)
			if _, err := s.SearchVector(b.Context(), org, whole, vectorOf("first"), 10); err != nil { // loads
				b.Fatal(err)
			}
			for i := 0; b.Loop(); i++ {
				if hits, err := s.SearchVector(b.Context(), org, whole, vectorOf(fmt.Sprint("query", i)), 10); err != nil || len(hits) != 10 {
					b.Fatal(len(hits), err)
				}
			}
		})
	}
}

// BenchmarkSearchText searches 20,000 chunks of 100 words for six words, of
// which some are frequent, and counts them.
func BenchmarkSearchText(b *testing.B) {
	s := open(b)
	r := rand.New(rand.NewPCG(1, 2))
	word := func() string { return fmt.Sprint("w", int(20_000*math.Pow(r.Float64(), 4))) }
	for n := range 10 {
		texts := make([]string, 2000)
		for i := range texts {
			words := make([]string, 100)
			for j := range words {
				words[j] = word()
			}
			texts[i] = strings.Join(words, " ")
		}
		addReady(b, s, org, fmt.Sprint(n), texts...)
	}
	for b.Loop() {
		terms := []string{word(), word(), word(), word(), word(), word()}
		if hits, err := s.SearchText(b.Context(), org, whole, terms, 50); err != nil || len(hits) != 50 {
			b.Fatal(len(hits), err)
		}
		if _, _, err := s.TermCounts(b.Context(), org, whole, terms); err != nil {
			b.Fatal(err)
		}
	}
}
