package ingest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract"
	"github.com/bwenge-os/bwenge/internal/problem"
)

// The fake's archives begin as real ones do; then come the articles, parted by
// form feeds.
const zimHead = "ZIM\x04"

func archiveOf(articles int) string {
	return zimHead + strings.TrimPrefix(book(articles), "\f")
}

func (r *reader) chosen(a extract.ArchiveJob) ([]string, error) {
	text, err := io.ReadAll(io.NewSectionReader(a.File, int64(len(zimHead)), a.Size))
	if err != nil {
		return nil, err
	}
	var chosen []string
	for _, article := range strings.Split(string(text), "\f") {
		if len(a.Select.Prefixes) == 0 || strings.HasPrefix(article, a.Select.Prefixes[0]) {
			chosen = append(chosen, article)
		}
	}
	if n := a.Select.First; n > 0 && n < len(chosen) {
		chosen = chosen[:n]
	}
	return chosen, nil
}

func (r *reader) Survey(_ context.Context, a extract.ArchiveJob) (appliance.Archive, appliance.ArchiveSample, []appliance.Notice, error) {
	chosen, err := r.chosen(a)
	every, _ := r.chosen(extract.ArchiveJob{File: a.File, Size: a.Size})
	return appliance.Archive{Title: "A Little Book", Articles: len(every)},
		appliance.ArchiveSample{Selected: len(chosen), Articles: min(len(chosen), 3), Text: 3 * 1500, Sections: 3}, nil, err
}

func (r *reader) ReadArchive(ctx context.Context, a extract.ArchiveJob, onInfo func(extract.Info),
	onSection func(appliance.Section, extract.Progress) error) (extract.Result, error) {

	chosen, err := r.chosen(a)
	info := extract.Info{Kind: appliance.KindArchive, MediaType: "application/x-zim", Pages: len(chosen)}
	onInfo(info)
	for i := max(a.From-1, 0); i < len(chosen) && err == nil; i++ {
		if r.before != nil {
			err = errors.Join(err, r.before(i+1))
		}
		if err = errors.Join(err, ctx.Err()); err != nil {
			break
		}
		title := fmt.Sprintf("Article %d", i+1)
		err = onSection(appliance.Section{Text: chosen[i], Heading: title, Place: appliance.Place{Article: title}},
			extract.Progress{Done: int64(i + 1), Of: int64(len(chosen))})
	}
	return extract.Result{Info: info}, err
}

func (r *rig) take(id string, sel appliance.ArchiveSelection) appliance.Source {
	r.Helper()
	src, err := r.TakeArchive(r.Context(), org, id, sel)
	if err != nil {
		r.Fatal(err)
	}
	return src
}

func (r *rig) source(id string) appliance.Source {
	r.Helper()
	src, err := r.store.Source(r.Context(), org, whole, id)
	if err != nil {
		r.Fatal(err)
	}
	return src
}

// done waits until a source that is ready has all its vectors.
func (r *rig) done(id string) appliance.Source {
	r.Helper()
	changes := r.Watch(r.Context(), org)
	for {
		if src := r.source(id); src.Status == appliance.StatusReady && src.Progress == 1 {
			return src
		} else if src.Problem != nil {
			r.Fatalf("%+v", src.Problem)
		}
		select {
		case <-changes:
		case <-r.Context().Done():
			r.Fatal("the test ended first")
		}
	}
}

func (r *rig) words(word string) int {
	r.Helper()
	hits, err := r.store.SearchText(r.Context(), org, whole, []string{word}, 1000)
	if err != nil {
		r.Fatal(err)
	}
	return len(hits)
}

func TestArchiveTellsFirst(t *testing.T) {
	r := newRig(t)
	r.start()
	src := r.until(r.add("wiki.zim", archiveOf(30)).ID, appliance.StatusChoosing)
	if src.Kind != appliance.KindArchive || src.Title != "A Little Book" || src.Pages != 30 {
		t.Errorf("%+v", src)
	}
	a, err := r.Archive(t.Context(), org, whole, src.ID)
	if err != nil || a.Articles != 30 || a.Whole.Articles != 30 || a.Whole.Passages < 60 || a.Whole.DiskBytes < 60*1000 ||
		a.Whole.VectorSeconds <= 0 || !a.Whole.Fits || a.Selection != nil {
		t.Errorf("%+v, %v", a, err)
	}
	if n := r.words("plant"); n > 0 || len(r.chunks(src.ID)) > 0 {
		t.Errorf("%d chunks before anybody has chosen", n)
	}
	if files := r.left("work"); len(files) > 0 {
		t.Errorf("left: %v", files)
	}
	part := appliance.ArchiveSelection{First: 7}
	if e, err := r.EstimateArchive(t.Context(), org, whole, src.ID, part); err != nil || e.Articles != 7 || e.Passages >= a.Whole.Passages {
		t.Errorf("%+v, %v", e, err)
	}
	_, err = r.TakeArchive(t.Context(), org, src.ID, appliance.ArchiveSelection{Prefixes: []string{"nothing like that"}})
	if problem.Of(err).Reason != "nothing_selected" {
		t.Error(err)
	}
	r.take(src.ID, part)
	src = r.done(src.ID)
	if last := r.chunks(src.ID); src.Pages != 7 || src.Vectors != src.Chunks || last[len(last)-1].Place.Article != "Article 7" {
		t.Errorf("%+v", src)
	}
	if a, err := r.Archive(t.Context(), org, whole, src.ID); err != nil || a.Chosen != 7 || a.Done != 7 || a.Selection.First != 7 {
		t.Errorf("%+v, %v", a, err)
	}
	if _, err := r.TakeArchive(t.Context(), org, src.ID, part); problem.Of(err).Reason != "archive_chosen" {
		t.Error(err)
	}
	if _, err := r.ReadAgain(t.Context(), org, src.ID); problem.Of(err).Reason != "archive_replaced" {
		t.Error(err)
	}
}

// Words are found before there is any vector, and stay found while vectors come.
func TestArchiveIsFoundByItsWordsAtOnce(t *testing.T) {
	r := newRig(t)
	start, goOn := make(chan struct{}), make(chan struct{})
	var stopped atomic.Bool
	r.embed.before = func([]string) error {
		if stopped.CompareAndSwap(false, true) {
			close(start)
			<-goOn
		}
		return nil
	}
	r.start()
	src := r.until(r.add("wiki.zim", archiveOf(200)).ID, appliance.StatusChoosing)
	r.take(src.ID, appliance.ArchiveSelection{})
	<-start
	src = r.source(src.ID)
	if src.Status != appliance.StatusReady || src.Step != appliance.StepIndexing || src.Vectors != 0 || src.Chunks < 400 || src.Progress != 0 {
		t.Errorf("%+v", src)
	}
	if n := r.words("19900"); n == 0 {
		t.Error("the last article is not found by its words")
	}
	hits, err := r.store.SearchText(t.Context(), org, whole, []string{"19900"}, 5)
	if err != nil {
		t.Fatal(err)
	}
	found, err := r.store.Passages(t.Context(), org, whole, []int64{hits[0].ChunkID})
	if err != nil || len(found) != 1 || !found[0].NoVector || found[0].Place.Article != "Article 200" {
		t.Errorf("%+v, %v", found, err)
	}
	near, err := r.store.SearchVector(t.Context(), org, whole, vectorOf("x"), 2000)
	if err != nil || len(near) != 0 {
		t.Errorf("%d near, %v", len(near), err)
	}
	close(goOn)
	src = r.done(src.ID)
	if src.Vectors != src.Chunks || src.Progress != 1 {
		t.Errorf("%+v", src)
	}
	if near, err := r.store.SearchVector(t.Context(), org, whole, vectorOf("x"), 2000); err != nil || len(near) != src.Chunks {
		t.Errorf("%d near of %d, %v", len(near), src.Chunks, err)
	}
}

// archiveHalfway is an archive whose vectors are being made, until goOn is closed.
func archiveHalfway(t *testing.T) (r *rig, src appliance.Source, goOn chan struct{}) {
	r = newRig(t)
	start, goOn := make(chan struct{}), make(chan struct{})
	var calls atomic.Int64
	r.embed.before = func([]string) error {
		if calls.Add(1) == 2 {
			close(start)
			<-goOn
		}
		return nil
	}
	r.start()
	src = r.until(r.add("wiki.zim", archiveOf(60)).ID, appliance.StatusChoosing)
	r.take(src.ID, appliance.ArchiveSelection{})
	<-start
	return r, src, goOn
}

// Other material does not wait for an archive's vectors.
func TestArchiveMakesWay(t *testing.T) {
	r, src, goOn := archiveHalfway(t)
	other := r.add("lesson.txt", book(2))
	close(goOn)
	r.until(other.ID, appliance.StatusReady)
	if src := r.source(src.ID); src.Status != appliance.StatusReady || src.Step == "" {
		t.Errorf("the archive came first, or is gone: %+v", src)
	}
	if src = r.done(src.ID); src.Vectors != src.Chunks {
		t.Errorf("%+v", src)
	}
}

// After the box has died, nothing is read again that is stored, and nothing is
// there twice.
func TestArchiveGoesOn(t *testing.T) {
	want := func() []string {
		r := newRig(t)
		r.start()
		src := r.until(r.add("wiki.zim", archiveOf(200)).ID, appliance.StatusChoosing)
		r.take(src.ID, appliance.ArchiveSelection{})
		return textsOf(r, r.done(src.ID).ID)
	}()
	dir := t.TempDir()
	r := reopen(t, dir, nil)
	ctx, die := context.WithCancel(t.Context())
	var stopAt atomic.Int64
	stopAt.Store(150)
	r.read.before = func(article int) error {
		if int64(article) == stopAt.Load() {
			die()
			<-ctx.Done()
			return ctx.Err()
		}
		return nil
	}
	ended := make(chan error, 1)
	go func() { ended <- r.Run(ctx) }()
	src := r.until(r.add("wiki.zim", archiveOf(200)).ID, appliance.StatusChoosing)
	r.take(src.ID, appliance.ArchiveSelection{})
	<-ended
	before := r.source(src.ID)
	a, err := r.Archive(t.Context(), org, whole, src.ID)
	if err != nil || a.Done == 0 || a.Done >= 150 || before.Status != appliance.StatusReady || before.Chunks == 0 {
		t.Fatalf("%+v, %+v, %v", a, before, err)
	}
	stopAt.Store(0)
	first := 0
	r.read.before = func(article int) error {
		if first == 0 {
			first = article
		}
		return nil
	}
	r.start()
	src = r.done(src.ID)
	if first != a.Done+1 {
		t.Errorf("reads on at article %d, with %d in", first, a.Done)
	}
	if got := textsOf(r, src.ID); strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("%d chunks, and undisturbed %d", len(got), len(want))
	}
}

func textsOf(r *rig, id string) (texts []string) {
	r.Helper()
	for from := 0; ; {
		page, err := r.store.Chunks(r.Context(), org, whole, id, from, 100)
		if err != nil {
			r.Fatal(err)
		}
		for _, c := range page.Items {
			texts = append(texts, fmt.Sprint(c.Seq, c.Place.Article, c.Text))
			from = c.Seq + 1
		}
		if page.Next == "" {
			return texts
		}
	}
}

// Stopped while its vectors are made, an archive is gone from the searches, and
// may be chosen anew.
func TestArchiveIsCancelled(t *testing.T) {
	r, src, goOn := archiveHalfway(t)
	cancelled := make(chan error)
	go func() {
		_, err := r.Cancel(t.Context(), org, src.ID)
		cancelled <- err
	}()
	close(goOn)
	if err := <-cancelled; err != nil {
		t.Fatal(err)
	}
	if src := r.source(src.ID); src.Status != appliance.StatusCancelled || src.Chunks != 0 || src.Vectors != 0 || r.words("plant") != 0 {
		t.Errorf("%+v", src)
	}
	if _, err := r.Retry(t.Context(), org, src.ID); err != nil {
		t.Fatal(err)
	}
	r.until(src.ID, appliance.StatusChoosing)
	r.take(src.ID, appliance.ArchiveSelection{First: 3})
	if src := r.done(src.ID); src.Pages != 3 {
		t.Errorf("%+v", src)
	}
	if _, err := r.Cancel(t.Context(), org, src.ID); problem.Of(err).Reason != "source_ended" {
		t.Error(err)
	}
}

// Without an embedding model its text stays searchable, and the teacher reads
// why there is no more.
func TestArchiveWithoutVectors(t *testing.T) {
	r := newRig(t)
	var missing atomic.Bool
	missing.Store(true)
	r.embed.before = func([]string) error {
		if missing.Load() {
			return problem.New(problem.Unavailable, "model_missing", "No model.", "Fetch it.", nil)
		}
		return nil
	}
	r.start()
	src := r.until(r.add("wiki.zim", archiveOf(20)).ID, appliance.StatusChoosing)
	r.take(src.ID, appliance.ArchiveSelection{})
	changes := r.Watch(t.Context(), org)
	for r.source(src.ID).Problem == nil {
		<-changes
	}
	if src := r.source(src.ID); src.Status != appliance.StatusReady || src.Problem.Reason != "model_missing" || r.words("plant") == 0 {
		t.Errorf("%+v", src)
	}
	missing.Store(false)
	if _, err := r.Retry(t.Context(), org, src.ID); err != nil {
		t.Fatal(err)
	}
	if src := r.done(src.ID); src.Vectors != src.Chunks || src.Problem != nil {
		t.Errorf("%+v", src)
	}
}
