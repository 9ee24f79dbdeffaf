package ingest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/problem"
	"github.com/bwenge-os/bwenge/models"
)

// bigBook has more than one part, one batch of sentences and one batch of
// vectors.
func bigBook() string { return book(40) }

func talk() []models.Segment {
	var list []models.Segment
	for i := range 20 {
		at := time.Duration(i) * time.Second / 2
		list = append(list, models.Segment{Start: at, End: at + time.Second/2,
			Text: fmt.Sprintf("The plant number %d needs light and water and air to grow, says the teacher.", i)})
	}
	return list
}

// At every write of a source's way the process dies once, before the write and
// just after it. The next process must end where an undisturbed one ends.
func TestEveryCrashPoint(t *testing.T) {
	for _, kind := range []appliance.Kind{appliance.KindPDF, appliance.KindAudio} {
		content := bigBook()
		if kind == appliance.KindAudio {
			content = strings.Repeat("x", 100)
		}
		prepare := func(r *rig) *rig {
			r.read.kind, r.hear.Segments, r.hear.Language = kind, talk(), "en"
			return r
		}
		whole := prepare(newRig(t))
		whole.start()
		want := texts(whole.chunks(whole.until(whole.add("it", content).ID, appliance.StatusReady).ID))

		for _, after := range []bool{false, true} {
			for at := 1; ; at++ {
				dir := t.TempDir()
				ctx, die := context.WithCancel(t.Context())
				var d *dying
				first := prepare(reopen(t, dir, func(s Store) Store {
					d = &dying{Store: s, at: at, after: after, die: die}
					return d
				}))
				src, _, addErr := first.Add(ctx, org, appliance.NewFile{Name: "it"}, strings.NewReader(content), -1)
				if addErr == nil {
					changes := first.Watch(ctx, org)
					ended := make(chan error, 1)
					go func() { ended <- first.Run(ctx) }()
					for ctx.Err() == nil {
						select {
						case <-ctx.Done():
						case <-changes:
						}
						if s, err := first.store.Source(t.Context(), org, appliance.Scope{All: true}, src.ID); err == nil && s.Status.Ended() {
							die()
						}
					}
					if err := <-ended; err != nil && !errors.Is(err, context.Canceled) && !errors.Is(err, errDead) {
						t.Fatal(err)
					}
				}
				if err := first.store.Close(); err != nil {
					t.Fatal(err)
				}

				second := prepare(reopen(t, dir, nil))
				stop := second.start()
				if addErr != nil {
					src = second.add("it", content) // it was not acknowledged, so the sender tries again
				}
				got := second.chunks(second.until(src.ID, appliance.StatusReady).ID)
				stop()
				if !slices.Equal(texts(got), want) {
					t.Fatalf("%s, write %d (after: %v): %d chunks, want %d", kind, at, after, len(got), len(want))
				}
				for i, c := range got {
					if c.Seq != i {
						t.Fatalf("%s, write %d: chunk %d has seq %d", kind, at, i, c.Seq)
					}
				}
				if err := second.store.Check(t.Context()); err != nil {
					t.Fatalf("%s, write %d: %v", kind, at, err)
				}
				if err := second.Sweep(t.Context()); err != nil {
					t.Fatal(err)
				}
				if names := append(append(second.left("uploads"), second.left("work")...), second.left("files")...); len(names) != 1 {
					t.Fatalf("%s, write %d: left behind: %v", kind, at, names)
				}
				if err := second.store.Close(); err != nil {
					t.Fatal(err)
				}
				die()
				if !d.dead { // it came to its end undisturbed: every write has had its turn
					if at < 10 {
						t.Fatalf("only %d writes", at)
					}
					break
				}
			}
		}
	}
}

func texts(chunks []appliance.Chunk) (list []string) {
	for _, c := range chunks {
		list = append(list, c.Text)
	}
	return list
}

func engineDied() error {
	return problem.New(problem.Unavailable, "engine_down", "The engine stopped while it was working.", "Try again.", nil)
}

func TestEngineComesBack(t *testing.T) {
	r := newRig(t)
	failed := 0
	r.embed.before = func([]string) error {
		if failed++; failed == 1 || failed == 3 {
			return engineDied() // once on two different batches
		}
		return nil
	}
	r.start()
	r.until(r.add("book", bigBook()).ID, appliance.StatusReady)
	if failed < 4 {
		t.Fatal("the engine was not asked again")
	}
}

func TestTwoCrashesSetAFileAside(t *testing.T) {
	r := newRig(t)
	asked := 0
	r.embed.before = func(texts []string) error {
		if strings.Contains(texts[0], "poison") {
			asked++
			return engineDied()
		}
		return nil
	}
	r.start()
	bad := r.add("bad", "This is poison.")
	src := r.until(bad.ID, appliance.StatusFailed)
	if src.Problem.Reason != "quarantined" || asked != maxCrashes {
		t.Fatalf("%+v after %d crashes", src.Problem, asked)
	}
	r.until(r.add("good", "This is not.").ID, appliance.StatusReady)

	// Adding or retrying it gives it another chance.
	r.embed.before = nil
	if _, err := r.Retry(t.Context(), org, bad.ID); err != nil {
		t.Fatal(err)
	}
	if got := r.until(bad.ID, appliance.StatusReady); got.Problem != nil {
		t.Fatalf("%+v", got.Problem)
	}
}

func TestPanicIsACrash(t *testing.T) {
	r := newRig(t)
	r.read.before = func(int) error { panic("bug") }
	r.start()
	if src := r.until(r.add("bad", "text").ID, appliance.StatusFailed); src.Problem.Reason != "quarantined" {
		t.Fatalf("%+v", src.Problem)
	}
}

func TestMissingEngineFailsAtOnce(t *testing.T) {
	r := newRig(t)
	r.embed.before = func([]string) error {
		return problem.New(problem.Unavailable, "engine_missing", "The engine is not installed.", "Install it.", nil)
	}
	r.start()
	if src := r.until(r.add("book", "Some text.").ID, appliance.StatusFailed); src.Problem.Reason != "engine_missing" {
		t.Fatalf("%+v", src.Problem)
	}
}

func TestBoxDyingOnAJob(t *testing.T) {
	dir := t.TempDir()
	r := reopen(t, dir, nil)
	src := r.add("bad", "text")
	other := r.add("good", "other text")
	for n := 1; n <= maxDeaths; n++ {
		for range 2 { // the other job is finished by the first life
			job, ok, err := r.store.ClaimJob(t.Context(), fmt.Sprint("life ", n), time.Hour)
			if err != nil {
				t.Fatal(err)
			}
			if ok && job.Source.ID == other.ID {
				if err := r.store.FailJob(t.Context(), job, problem.Problem{}); err != nil {
					t.Fatal(err)
				}
			}
		}
		freed, err := r.store.ReleaseDead(t.Context(), fmt.Sprint("life ", n+1), maxDeaths, problem.Problem{Reason: "quarantined"})
		if err != nil || !slices.Equal(freed, []string{src.ID}) {
			t.Fatalf("death %d freed %v: %v", n, freed, err)
		}
		got, err := r.store.Source(t.Context(), org, whole, src.ID)
		if want := n == maxDeaths; err != nil || (got.Status == appliance.StatusFailed) != want {
			t.Fatalf("after %d deaths it is %s", n, got.Status)
		}
		later := r.store.Now().Add(time.Hour / 2)
		r.store.Now = func() time.Time { return later }
	}
}

// blocking holds the embedder until its job's context ends.
type blocking struct {
	embedder
	reached chan struct{}
}

func (b *blocking) EmbedPassages(ctx context.Context, _ []string) ([][]float32, error) {
	b.reached <- struct{}{}
	<-ctx.Done()
	return nil, ctx.Err()
}

func TestCancelWhileWorking(t *testing.T) {
	r := newRig(t)
	b := &blocking{reached: make(chan struct{})}
	r.cfg.Embedder = b
	r.start()
	src := r.add("book", bigBook())
	<-b.reached
	if _, err := r.Cancel(t.Context(), org, src.ID); err != nil {
		t.Fatal(err)
	}
	other := r.add("other", "Other text.")
	<-b.reached // the worker is free for the next
	if got, err := r.store.Source(t.Context(), org, whole, src.ID); err != nil || got.Status != appliance.StatusCancelled || got.Chunks != 0 {
		t.Fatalf("%+v %v", got, err)
	}
	if err := r.Delete(t.Context(), org, other.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Retry(t.Context(), org, src.ID); err != nil {
		t.Fatal(err)
	}
	<-b.reached
	if err := r.Delete(t.Context(), org, src.ID); err != nil {
		t.Fatal(err)
	}
	if err := r.store.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	if names := append(r.left("files"), r.left("work")...); len(names) > 0 {
		t.Fatal("left behind:", names)
	}
}

func TestStopGivesTheJobBack(t *testing.T) {
	r := newRig(t)
	b := &blocking{reached: make(chan struct{})}
	r.cfg.Embedder = b
	stop := r.start()
	src := r.add("book", bigBook())
	<-b.reached
	stop()
	if got, err := r.store.Source(t.Context(), org, whole, src.ID); err != nil || got.Status != appliance.StatusQueued {
		t.Fatalf("%+v %v", got, err)
	}
	r.cfg.Embedder = r.embed
	r.start()
	r.until(src.ID, appliance.StatusReady)
}

// A worker whose lease was taken must not write.
func TestLostLease(t *testing.T) {
	r := newRig(t)
	r.add("book", "Some text.")
	first, ok, err := r.store.ClaimJob(t.Context(), "first", -time.Second)
	if err != nil || !ok {
		t.Fatal(err)
	}
	if _, err := r.store.ReleaseDead(t.Context(), "first", maxDeaths, problem.Problem{}); err != nil {
		t.Fatal(err)
	}
	second, ok, err := r.store.ClaimJob(t.Context(), "second", time.Hour)
	if err != nil || !ok || first.Lease == second.Lease {
		t.Fatal(ok, err)
	}
	for what, err := range map[string]error{
		"parts":    r.store.SaveParts(t.Context(), first, appliance.Part{}),
		"chunks":   r.store.AddChunks(t.Context(), first, []appliance.Chunk{{Text: "x"}}),
		"clear":    r.store.ClearChunks(t.Context(), first),
		"stage":    r.store.SaveStage(t.Context(), first, appliance.StageEmbed, first.Source),
		"progress": r.store.SaveProgress(t.Context(), first, first.Source),
		"finish":   r.store.FinishJob(t.Context(), first, first.Source),
		"fail":     r.store.FailJob(t.Context(), first, problem.Problem{}),
		"extend":   r.store.ExtendLease(t.Context(), first, time.Hour),
	} {
		if problem.Of(err).Reason != "lease_lost" {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := r.store.ExtendLease(t.Context(), second, time.Hour); err != nil {
		t.Fatal(err)
	}
}

func TestSlowWatcherIsDropped(t *testing.T) {
	var w watchers
	slow, fast := w.add(t.Context(), org), w.add(t.Context(), org)
	other := w.add(t.Context(), "other")
	for i := range watchBuffer + 1 {
		w.tell(org, appliance.Source{Pages: i})
		if got := <-fast; got.Pages != i {
			t.Fatal(got.Pages)
		}
	}
	n := 0
	for range slow { // ends because the channel is closed
		n++
	}
	if n != watchBuffer || len(other) != 0 {
		t.Fatal(n, len(other))
	}
}
