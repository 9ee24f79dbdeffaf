package box

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/bwenge-os/bwenge/appliance/tutor/orchestrator"
	"github.com/bwenge-os/bwenge/models"
)

// newTestWarmer is a warmer whose clock and askers a test moves.
func newTestWarmer(t *testing.T) (w *warmer, now, asked *time.Time) {
	t.Helper()
	now, asked = new(time.Time), new(time.Time)
	w = &warmer{path: filepath.Join(t.TempDir(), hoursFile), cores: models.NewCores(1, time.Second), came: map[string]int{},
		now: func() time.Time { return *now }, asked: func() (time.Time, bool) { return *asked, !asked.IsZero() }}
	return w, now, asked
}

func at(day, hour, minute int) time.Time {
	return time.Date(2026, 3, day, hour, minute, 0, 0, time.UTC)
} // the 2nd is a Monday

func TestModelsAreReadyBeforeTheHourOfTheDaysBefore(t *testing.T) {
	w, now, asked := newTestWarmer(t)
	*now = at(2, 7, 45)
	if w.due() {
		t.Error("due on the first day of all: nothing is known of it")
	}
	*asked = at(2, 8, 5)
	w.learn()
	*asked = at(2, 11, 0)
	w.learn() // the first counts
	*asked = at(3, 7, 55)
	w.learn()
	for _, c := range []struct {
		now  time.Time
		want bool
	}{
		{at(4, 6, 0), false},
		{at(4, 7, 44), false},
		{at(4, 7, 45), true}, // ten minutes before five to eight
		{at(4, 8, 40), true},
		{at(4, 8, 46), false},
		{at(3, 7, 50), false}, // they have come
		{at(7, 7, 50), false}, // Saturday
		{at(9, 7, 50), false}, // Monday again, when they came at 8:05
		{at(9, 7, 56), true},
	} {
		*now = c.now
		if got := w.due(); got != c.want {
			t.Errorf("%s: due is %v", c.now.Format("Mon 15:04"), got)
		}
	}
	*now, w.last = at(4, 8, 10), at(4, 7, 46)
	if w.due() {
		t.Error("due, and the models are loaded since 7:46")
	}
	if *now = at(4, 8, 12); !w.due() {
		t.Error("not due when they will be unloaded soon")
	}

	kept := newWarmerAt(w.path)
	if kept.came["2026-03-02"] != 8*60+5 || len(kept.came) != 2 {
		t.Errorf("after a restart %v is known", kept.came)
	}
	for day := 4; day < 30; day++ {
		*asked = at(day, 8, 0)
		w.learn()
	}
	if len(w.came) != daysKept {
		t.Errorf("%d days are kept, want %d", len(w.came), daysKept)
	}
}

func newWarmerAt(path string) *warmer {
	w := &warmer{path: path, came: map[string]int{}}
	w.load()
	return w
}

func TestWhatIsKeptOfTheHoursMayBeBroken(t *testing.T) {
	for _, text := range []string{"null", "{", "[]", `{"tomorrow": 5}`} {
		path := filepath.Join(t.TempDir(), hoursFile)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		w := newWarmerAt(path)
		w.now = func() time.Time { return at(4, 8, 0) }
		w.asked = func() (time.Time, bool) { return at(4, 8, 0), true }
		if w.due() {
			t.Errorf("%s: due", text)
		}
		w.learn()
		if len(newWarmerAt(path).came) == 0 {
			t.Errorf("%s: nothing is learned any more", text)
		}
	}
}

// TestModelsAreNotMadeReadyWhileSomebodyWaits lets somebody wait, and leave.
func TestModelsAreNotMadeReadyWhileSomebodyWaits(t *testing.T) {
	w, now, _ := newTestWarmer(t)
	*now, w.quiet = at(4, 8, 0), 1
	reads := 0
	w.read = func(context.Context) error { reads++; return nil }
	done := w.cores.Live()
	if err := w.ready(t.Context()); !errors.Is(err, orchestrator.ErrBusy) || reads > 0 {
		t.Errorf("while somebody waits: %v, read %d times", err, reads)
	}
	done()
	time.Sleep(time.Microsecond)
	if err := w.ready(t.Context()); err != nil || reads != 1 || !w.last.Equal(*now) {
		t.Errorf("while nobody does: %v, read %d times, last at %s", err, reads, w.last)
	}
}

// TestModelsAreReadySoonAfterTheStart runs a warmer until it has done its work.
func TestModelsAreReadySoonAfterTheStart(t *testing.T) {
	w, now, _ := newTestWarmer(t)
	*now, w.look = at(7, 20, 0), time.Hour // a Saturday evening: somebody has switched it on
	ctx, stop := context.WithTimeout(t.Context(), 30*time.Second)
	w.read = func(context.Context) error { stop(); return nil }
	if err := w.run(ctx); err != nil || w.last.IsZero() {
		t.Errorf("%v, last ready at %s", err, w.last)
	}
}
