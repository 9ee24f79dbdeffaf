package material

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/sqlite"
)

// paged is an ingester whose source has pages with a text.
type paged struct {
	ingester
	pages map[int]appliance.TextPage
}

func (p paged) TextPage(ctx context.Context, org appliance.OrgID, scope appliance.Scope, id string, number int) (appliance.TextPage, []appliance.Section, error) {
	if _, err := p.store.Source(ctx, org, scope, id); err != nil {
		return appliance.TextPage{}, nil, err
	}
	return p.pages[number], nil, nil
}

// ready gives a source the chunks that it would be read into.
func ready(t *testing.T, store *sqlite.Store, id string, chunks ...appliance.Chunk) {
	t.Helper()
	ctx := t.Context()
	for {
		job, ok, err := store.ClaimJob(ctx, "test", time.Hour)
		if err != nil || !ok {
			t.Fatal("no job", err)
		}
		if job.Source.ID != id {
			continue
		}
		if err := store.AddChunks(ctx, job, chunks); err != nil {
			t.Fatal(err)
		}
		some, _, err := store.Unembedded(ctx, job, 100)
		if err != nil {
			t.Fatal(err)
		}
		for i := range some {
			some[i].Vector = make([]float32, 384)
			some[i].Vector[i] = 1
		}
		if err := store.SaveVectors(ctx, job, "test", some); err != nil {
			t.Fatal(err)
		}
		if err := store.FinishJob(ctx, job, job.Source); err != nil {
			t.Fatal(err)
		}
		return
	}
}

// The passages of a page are those that stand on it, also where pages are only
// stretches of a text; who marks one is whoever may change the source.
func TestPassagesOfAPageAreMarkedAsWrong(t *testing.T) {
	r := newRig(t)
	ctx := t.Context()
	in := paged{ingester: r.ingester.(ingester), pages: map[int]appliance.TextPage{
		1: {Number: 1, Sections: []appliance.Section{{Text: "The lake is 480\nmetres deep. Fish live in it."}}},
		2: {Number: 2, Sections: []appliance.Section{{Text: "Its water holds methane."},
			{Text: "x", Table: &appliance.Table{Columns: []string{"Lake", "Depth"}, Rows: [][]string{{"Kivu", "480"}}}}}},
		3: {Number: 3, Place: appliance.Place{Page: 3}, Sections: []appliance.Section{{Text: "The lake is 480 metres deep. Fish live in it."}}},
	}}
	s := New(in.store, in)
	ready(t, in.store, r.exam.ID, appliance.Chunk{Seq: 0, Text: "The lake is 480 metres deep. Fish live in it."},
		appliance.Chunk{Seq: 1, Text: "Its water holds methane."}, appliance.Chunk{Seq: 2, Text: "Lake | Depth\nKivu | 480"})
	texts := func(page int) (list []string) {
		t.Helper()
		passages, err := s.Passages(ctx, r.of["a"], r.exam.ID, page)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range passages {
			list = append(list, c.Text)
		}
		return list
	}
	for page, want := range map[int][]string{1: {"The lake is 480 metres deep. Fish live in it."}, 2: {"Its water holds methane.", "Lake | Depth\nKivu | 480"}, 3: nil} {
		if got := texts(page); !slices.Equal(got, want) {
			t.Errorf("page %d: %q", page, got)
		}
	}
	if _, err := s.Passages(ctx, r.of["b"], r.exam.ID, 1); reasonOf(err) != "source_not_found" {
		t.Error("another class's:", err)
	}
	first, err := s.Passages(ctx, r.of["a"], r.exam.ID, 1)
	if err != nil {
		t.Fatal(err)
	}
	if c, err := s.MarkWrong(ctx, r.of["both"], r.exam.ID, first[0].ID, true); err != nil || c.Wrong == nil {
		t.Error("a teacher of its class:", c, err)
	}
	if _, err := s.MarkWrong(ctx, r.of["a"], r.general.ID, first[0].ID, true); reasonOf(err) != "passage_not_found" {
		t.Error("of another source:", err)
	}
	if again, err := s.Passages(ctx, r.of["a"], r.exam.ID, 1); err != nil || again[0].Wrong == nil {
		t.Error(again, err)
	}
	if wrong, err := s.Chunks(ctx, r.of["a"], r.exam.ID, true, 0, 10); err != nil || wrong.Total != 1 || len(wrong.Items) != 1 {
		t.Error(wrong, err)
	}
}
