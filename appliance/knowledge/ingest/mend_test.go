package ingest

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract"
	"github.com/bwenge-os/bwenge/internal/problem"
)

// settled waits until a source that was changed is ready and nothing of it is
// made anew any more.
func (r *rig) settled(id string) appliance.Source {
	r.Helper()
	changes := r.Watch(r.Context(), org)
	for {
		src, err := r.store.Source(r.Context(), org, whole, id)
		if err != nil {
			r.Fatal(err)
		}
		if src.Status == appliance.StatusReady && src.Update == nil {
			return src
		}
		if src.Status == appliance.StatusFailed || src.Update != nil && src.Update.Status == appliance.StatusFailed {
			r.Fatalf("%+v %+v", src, src.Update)
		}
		select {
		case <-changes:
		case <-r.Context().Done():
			r.Fatal("the test ended first")
		}
	}
}

func (r *rig) pages(id string) []appliance.TextPage {
	r.Helper()
	page, err := r.store.TextPages(r.Context(), org, whole, id, appliance.TextFilter{})
	if err != nil {
		r.Fatal(err)
	}
	return page.Items
}

func (r *rig) said(id string) string {
	r.Helper()
	return strings.Join(texts(r.chunks(id)), "\n")
}

func TestTextIsKeptByPages(t *testing.T) {
	r := newRig(t)
	r.start()
	src := r.until(r.add("a.pdf", "The first page is about plants and light.\f\f\fThe fourth page is about water.\f").ID, appliance.StatusReady)
	pages := r.pages(src.ID)
	if len(pages) != 5 {
		t.Fatalf("%+v", pages)
	}
	for i, want := range []string{"plants", "", "", "water", ""} {
		page, read, err := r.TextPage(t.Context(), org, whole, src.ID, pages[i].Number)
		if err != nil || page.Place.Page != i+1 || page.Mended || len(read) != min(len(want), 1) {
			t.Fatalf("page %d: %+v %v", i+1, page, err)
		}
		if want != "" && !strings.Contains(page.Sections[0].Text, want) {
			t.Errorf("page %d: %+v", i+1, page)
		}
	}
	if _, _, err := r.TextPage(t.Context(), org, whole, src.ID, 6); problem.Of(err).Reason != "page_not_found" {
		t.Error(err)
	}
}

// A mended word is asked for while the rest keeps its vectors, the old text
// answers meanwhile, and what cited the page finds it still.
func TestMendedPage(t *testing.T) {
	r := newRig(t)
	r.start()
	src := r.until(r.add("a.pdf", book(6)).ID, appliance.StatusReady)
	before := r.chunks(src.ID)
	page, _, err := r.TextPage(t.Context(), org, whole, src.ID, 3)
	if err != nil {
		t.Fatal(err)
	}
	const wrong, right = "number 5 of page 3", "number five of page 3"
	page.Sections[0].Text = strings.Replace(page.Sections[0].Text, wrong, right, 1)
	embedded := r.embed.texts.Load()
	now, err := r.Mend(t.Context(), org, src.ID, 3, page.Sections)
	if err != nil || now.Status != appliance.StatusReady || now.Update == nil || now.Update.NewFile {
		t.Fatalf("%+v %v", now, err)
	}
	now = r.settled(src.ID)
	if text := r.said(src.ID); strings.Contains(text, wrong) || !strings.Contains(text, right) {
		t.Error("the chunks do not say what was mended")
	}
	if n := r.embed.texts.Load() - embedded; n < 1 || n > 3 {
		t.Errorf("%d chunks were embedded anew for one word", n)
	}
	if now.Chunks != len(before) || len(r.left("files")) != 1 || now.ID != src.ID || now.Pages != 6 {
		t.Errorf("%+v", now)
	}
	// Each old chunk is found where it stands now.
	var ids []int64
	for _, c := range before {
		ids = append(ids, c.ID)
	}
	found, err := r.store.Passages(t.Context(), org, whole, ids)
	if err != nil || len(found) != len(before) {
		t.Fatal(len(found), err)
	}
	for i, p := range found {
		if p.Place != before[i].Place {
			t.Errorf("chunk %d stands at %+v, not at %+v", i, p.Place, before[i].Place)
		}
	}
	// It survives that the source is read again; then it is taken back.
	if _, err := r.ReadAgain(t.Context(), org, src.ID); err != nil {
		t.Fatal(err)
	}
	r.settled(src.ID)
	if text := r.said(src.ID); strings.Contains(text, wrong) || !strings.Contains(text, right) {
		t.Error("what was mended is lost when the source is read again")
	}
	if pages := r.pages(src.ID); !pages[2].Mended || pages[1].Mended {
		t.Errorf("%+v", pages)
	}
	if _, err := r.ChangePage(t.Context(), org, src.ID, appliance.PageChange{Number: 3, Undo: true}); err != nil {
		t.Fatal(err)
	}
	r.settled(src.ID)
	if !slices.Equal(texts(r.chunks(src.ID)), texts(before)) {
		t.Error("back to what was read is not what was read")
	}
	if err := r.store.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestMovedAndTurnedPages(t *testing.T) {
	r := newRig(t)
	r.start()
	src := r.until(r.add("a.pdf", "One is the first page of all.\fTwo is the second page of all.\fThree is the third page of all.").ID, appliance.StatusReady)
	order := func() (numbers []int) {
		for _, p := range r.pages(src.ID) {
			numbers = append(numbers, p.Number)
		}
		return numbers
	}
	for _, step := range []struct {
		number, by int
		want       []int
		moved      int
	}{{3, -1, []int{1, 3, 2}, 2}, {3, -5, []int{3, 1, 2}, 3}, {3, 2, []int{1, 2, 3}, 0}, {1, 1, []int{2, 1, 3}, 2}} {
		if _, err := r.ChangePage(t.Context(), org, src.ID, appliance.PageChange{Number: step.number, Move: step.by}); err != nil {
			t.Fatal(err)
		}
		if got := order(); !slices.Equal(got, step.want) {
			t.Fatalf("page %d by %d: %v, want %v", step.number, step.by, got, step.want)
		}
		moved := 0
		for _, p := range r.pages(src.ID) {
			if p.Moved {
				moved++
			}
		}
		if moved != step.moved {
			t.Errorf("page %d by %d: %d are moved, want %d", step.number, step.by, moved, step.moved)
		}
	}
	r.settled(src.ID)
	if text := r.said(src.ID); !(strings.Index(text, "Two") < strings.Index(text, "One") && strings.Index(text, "One") < strings.Index(text, "Three")) {
		t.Errorf("the text has another order: %q", text)
	}
	degrees := 180
	if _, err := r.ChangePage(t.Context(), org, src.ID, appliance.PageChange{Number: 2, Turn: &degrees}); err != nil {
		t.Fatal(err)
	}
	r.settled(src.ID)
	if text := r.said(src.ID); !strings.Contains(text, "second page of all. It was turned by 180") || strings.Count(text, "turned") != 1 {
		t.Errorf("%q", text)
	}
	if p := r.pages(src.ID)[0]; p.Number != 2 || p.Turn == nil || *p.Turn != 180 {
		t.Errorf("%+v", p)
	}
}

// A page of much text has several parts, and is turned as one whichever of them
// is shown.
func TestFurtherPartOfAPageIsTurned(t *testing.T) {
	r := newRig(t)
	r.start()
	src := r.until(r.add("a.pdf", "One is short.\f"+strings.Repeat("Two is long. ", partBytes/10)+"\vIts second part.").ID, appliance.StatusReady)
	pages := r.pages(src.ID)
	if len(pages) != 3 || pages[2].Place.Page != 2 {
		t.Fatalf("%+v", pages)
	}
	degrees := 90
	if _, err := r.ChangePage(t.Context(), org, src.ID, appliance.PageChange{Number: 3, Turn: &degrees}); err != nil {
		t.Fatal(err)
	}
	r.settled(src.ID)
	if text := r.said(src.ID); !strings.Contains(text, "Its second part. It was turned by 90") {
		t.Error("the page was not turned")
	}
	for i, p := range r.pages(src.ID) {
		if turned := p.Turn != nil && *p.Turn == 90; turned != (i > 0) {
			t.Errorf("%+v", p)
		}
	}
	if _, err := r.ChangePage(t.Context(), org, src.ID, appliance.PageChange{Number: 3, Undo: true}); err != nil {
		t.Fatal(err)
	}
	r.settled(src.ID)
	if text := r.said(src.ID); strings.Contains(text, "turned") {
		t.Error("the page is still turned")
	}
}

// A scan on which nothing could be read has its pages all the same: they are
// turned, or written by hand.
func TestScanWithoutTextIsWrittenByHand(t *testing.T) {
	r := newRig(t)
	r.read.end = func(info extract.Info) error {
		return problem.New(problem.Unreadable, "no_text", "No text.", "", nil)
	}
	r.start()
	src := r.until(r.add("scan.pdf", "\f").ID, appliance.StatusFailed)
	if pages := r.pages(src.ID); len(pages) != 2 {
		t.Fatalf("%+v", pages)
	}
	if _, err := r.Mend(t.Context(), org, src.ID, 2, []appliance.Section{{Text: "The well is eleven metres deep.\x00"}, {Text: " "}}); err != nil {
		t.Fatal(err)
	}
	src = r.settled(src.ID)
	if text := r.said(src.ID); text != "The well is eleven metres deep." || r.chunks(src.ID)[0].Place.Page != 2 {
		t.Errorf("%q", text)
	}
	// Reading it again finds nothing again: it stays as it is, and says why.
	if _, err := r.ReadAgain(t.Context(), org, src.ID); err != nil {
		t.Fatal(err)
	}
	changes := r.Watch(t.Context(), org)
	for {
		now, err := r.store.Source(t.Context(), org, whole, src.ID)
		if err != nil {
			t.Fatal(err)
		}
		if now.Update != nil && now.Update.Status == appliance.StatusFailed {
			if now.Status != appliance.StatusReady || now.Update.Problem.Reason != "no_text" {
				t.Errorf("%+v", now)
			}
			break
		}
		<-changes
	}
	if _, err := r.Cancel(t.Context(), org, src.ID); err != nil {
		t.Fatal(err)
	}
	if now := r.settled(src.ID); now.Chunks != 1 {
		t.Errorf("%+v", now)
	}
}

func TestDeletedWhileMadeAnew(t *testing.T) {
	r := newRig(t)
	stop := r.start()
	src := r.until(r.add("a.pdf", book(2)).ID, appliance.StatusReady)
	stop()
	if _, err := r.ReadAgain(t.Context(), org, src.ID); err != nil {
		t.Fatal(err)
	}
	if err := r.Delete(t.Context(), org, src.ID); err != nil {
		t.Fatal(err)
	}
	if _, ok, err := r.store.ClaimJob(context.Background(), "x", 1e9); ok || err != nil {
		t.Error("there is work on what was deleted", err)
	}
	if names := r.left("files"); len(names) > 0 {
		t.Error("left behind:", names)
	}
}

func TestMendedSections(t *testing.T) {
	read := []appliance.Section{
		{Text: "v = s/t", TeX: []string{"v"}, Doubt: "formula", Place: appliance.Place{Start: 1, End: 2}},
		{Text: "b", Place: appliance.Place{Start: 2, End: 3}},
	}
	table := &appliance.Table{Columns: []string{"Name", "Marks"}, Rows: [][]string{{"Keza", "81", "!"}, {"", ""}, {"Ineza"}}}
	clean, err := cleanSections([]appliance.Section{{Text: "v = s/t"}, {Text: "  "}, {Text: "c"}, {Table: table}}, appliance.Place{}, read)
	if err != nil || len(clean) != 3 || clean[0].TeX == nil || clean[0].Doubt != "" || clean[0].Place.End != 2 || clean[1].Place.End != 3 {
		t.Fatalf("%+v %v", clean, err)
	}
	if got := clean[2].Table; len(got.Rows) != 2 || len(got.Rows[1]) != 3 || len(got.Columns) != 3 || clean[2].Text != "Name | Marks\nKeza | 81 | !\nIneza" {
		t.Errorf("%+v %q", got, clean[2].Text)
	}
	if _, err := cleanSections([]appliance.Section{{Text: strings.Repeat("x", maxPageText+1)}}, appliance.Place{}, nil); problem.CodeOf(err) != problem.TooLarge {
		t.Error(err)
	}
}
