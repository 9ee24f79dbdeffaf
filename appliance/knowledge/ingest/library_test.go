package ingest

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/problem"
)

// The same name with other bytes asks; what replaces keeps what hangs on the
// old one, which answers until the new one is ready.
func TestNewerFileTakesThePlace(t *testing.T) {
	r := newRig(t)
	stop := r.start()
	old := r.until(r.add("exam.pdf", "The exam takes place on Monday in room seven.").ID, appliance.StatusReady)
	before := r.chunks(old.ID)
	add := func(name, text string, what appliance.SameName) (appliance.Source, bool, error) {
		return r.Add(t.Context(), org, appliance.NewFile{Name: name, By: appliance.Operator(org), SameName: what}, strings.NewReader(text), -1)
	}
	if _, _, err := add("EXAM.pdf", "The exam takes place on Friday in room seven.", appliance.SameNameAsk); problem.Of(err).Reason != "same_name" || problem.Of(err).Params["source"] != old.ID {
		t.Fatal(err)
	}
	if len(r.left("files")) != 1 {
		t.Error("what was refused is kept")
	}
	if src, existed, err := add("exam.pdf", "The exam takes place on Monday in room seven.", appliance.SameNameAsk); err != nil || !existed || src.ID != old.ID {
		t.Error(src, existed, err)
	}
	stop()
	now, existed, err := add("exam.pdf", "The exam takes place on Friday in room seven.", appliance.SameNameReplace)
	if err != nil || existed || now.ID != old.ID || now.Update == nil || !now.Update.NewFile || now.Status != appliance.StatusReady {
		t.Fatalf("%+v %v %v", now, existed, err)
	}
	if text := r.said(old.ID); !strings.Contains(text, "Monday") {
		t.Errorf("the old one does not answer meanwhile: %q", text)
	}
	again := reopen(t, r.dir, nil)
	again.start()
	now = again.settled(old.ID)
	if text := again.said(old.ID); !strings.Contains(text, "Friday") || strings.Contains(text, "Monday") || now.SHA256 == old.SHA256 || now.Title != "exam.pdf" {
		t.Errorf("%q %+v", text, now)
	}
	if names := again.left("files"); !slices.Equal(names, []string{now.SHA256}) {
		t.Error("files:", names)
	}
	found, err := again.store.Passages(t.Context(), org, whole, []int64{before[0].ID})
	if err != nil || len(found) != 1 || !strings.Contains(found[0].Text, "Friday") {
		t.Errorf("what cited it does not find it: %+v %v", found, err)
	}
	if src, _, err := again.Add(t.Context(), org, appliance.NewFile{Name: "exam.pdf", By: appliance.Operator(org), SameName: appliance.SameNameKeep},
		strings.NewReader("A third one, kept beside it."), -1); err != nil || src.ID == old.ID {
		t.Error(src, err)
	}
}

func TestDeletedIsBroughtBack(t *testing.T) {
	r := newRig(t)
	r.start()
	src := r.until(r.add("a.pdf", "The volcano is four thousand metres high.").ID, appliance.StatusReady)
	find := func() int {
		hits, err := r.store.SearchText(t.Context(), org, whole, []string{"volcano"}, 5)
		near, err2 := r.store.SearchVector(t.Context(), org, whole, vectorOf("x"), 5)
		if err != nil || err2 != nil || len(hits) != len(near) {
			t.Fatal(hits, near, err, err2)
		}
		return len(hits)
	}
	if err := r.Trash(t.Context(), org, src.ID); err != nil || find() != 0 {
		t.Fatal("found although deleted", err)
	}
	if _, err := r.store.Source(t.Context(), org, whole, src.ID); problem.CodeOf(err) != problem.NotFound {
		t.Error(err)
	}
	list, err := r.store.Sources(t.Context(), org, whole, appliance.SourceFilter{Deleted: true})
	if err != nil || len(list.Items) != 1 || list.Items[0].KeptUntil == nil || list.Items[0].Title != "a.pdf" {
		t.Fatalf("%+v %v", list, err)
	}
	if err := r.Sweep(t.Context()); err != nil || len(r.left("files")) != 1 {
		t.Fatal("its file is gone", err)
	}
	if _, err := r.BringBack(t.Context(), org, src.ID); err != nil || find() != 1 {
		t.Fatal("it is not back", err)
	}
	if err := r.Trash(t.Context(), org, src.ID); err != nil {
		t.Fatal(err)
	}
	if err := r.PurgeExpired(t.Context()); err != nil || len(r.left("files")) != 1 {
		t.Fatal("erased too early", err)
	}
	r.store.Now = func() time.Time { return time.Now().Add(25 * time.Hour) }
	if err := r.PurgeExpired(t.Context()); err != nil || len(r.left("files")) != 0 {
		t.Fatal("not erased after a day", err, r.left("files"))
	}
	if _, err := r.BringBack(t.Context(), org, src.ID); problem.CodeOf(err) != problem.NotFound {
		t.Error(err)
	}
}

func TestListsAreFilteredAndSorted(t *testing.T) {
	r := newRig(t)
	r.start()
	text := func(v string) *string { return &v }
	ids := map[string]string{}
	for name, folder := range map[string]string{"b.pdf": "P5/Maths", "a.pdf": "P5", "c.pdf": "P55"} {
		src := r.until(r.add(name, strings.Repeat(name+" says much about volcanoes. ", 30+len(folder))).ID, appliance.StatusReady)
		ids[name] = src.ID
		if _, err := r.store.EditSource(t.Context(), org, src.ID, appliance.SourceChange{Folder: text(folder), Subject: text("Geo")}); err != nil {
			t.Fatal(err)
		}
	}
	titles := func(f appliance.SourceFilter) (list []string) {
		page, err := r.store.Sources(t.Context(), org, whole, f)
		if err != nil {
			t.Fatal(err)
		}
		for _, src := range page.Items {
			list = append(list, src.Title)
		}
		if page.Next != "" {
			f.Cursor = page.Next
			page, err := r.store.Sources(t.Context(), org, whole, f)
			if err != nil {
				t.Fatal(err)
			}
			for _, src := range page.Items {
				list = append(list, "/"+src.Title)
			}
		}
		return list
	}
	for _, c := range []struct {
		filter appliance.SourceFilter
		want   []string
	}{
		{appliance.SourceFilter{Folder: "P5", Sort: appliance.SortName}, []string{"a.pdf", "b.pdf"}},
		{appliance.SourceFilter{Subject: "Geo", Sort: appliance.SortName, Limit: 2}, []string{"a.pdf", "b.pdf", "/c.pdf"}},
		{appliance.SourceFilter{Sort: appliance.SortLargest, Limit: 1}, []string{"b.pdf", "/c.pdf"}},
		{appliance.SourceFilter{Subject: "Music"}, nil},
		{appliance.SourceFilter{Folder: "P5/*"}, nil},
	} {
		if got := titles(c.filter); !slices.Equal(got, c.want) {
			t.Errorf("%+v: %v, want %v", c.filter, got, c.want)
		}
	}
	labels, err := r.store.SourceLabels(t.Context(), org, whole)
	if err != nil || !slices.Equal(labels.Subjects, []string{"Geo"}) || !slices.Equal(labels.Folders, []string{"P5", "P5/Maths", "P55"}) {
		t.Errorf("%+v %v", labels, err)
	}
}

func TestNearlyTheSameIsShown(t *testing.T) {
	r := newRig(t)
	r.start()
	one := r.until(r.add("one.pdf", book(2)).ID, appliance.StatusReady)
	two := r.until(r.add("two.pdf", strings.Replace(book(2), "number 3", "number three", 1)).ID, appliance.StatusReady)
	r.until(r.add("three.pdf", strings.Repeat("Rivers flow from the hills to the lake and on to the sea. ", 20)).ID, appliance.StatusReady)
	page, err := r.store.Sources(t.Context(), org, whole, appliance.SourceFilter{})
	if err != nil {
		t.Fatal(err)
	}
	for _, src := range page.Items {
		switch src.ID {
		case one.ID, two.ID:
			if len(src.Near) != 1 || src.Near[0].Percent < 80 || src.Near[0].Percent > 99 {
				t.Errorf("%s: %+v", src.Title, src.Near)
			}
		default:
			if len(src.Near) != 0 {
				t.Errorf("%s: %+v", src.Title, src.Near)
			}
		}
	}
}
