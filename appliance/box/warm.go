package box

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/bwenge-os/bwenge/appliance/tutor/orchestrator"
	"github.com/bwenge-os/bwenge/internal/problem"
	"github.com/bwenge-os/bwenge/models"
)

// Before the first lesson the models are in memory and have read how their prompts
// begin: the first question of the day is answered like the second. That is done
// soon after the box is switched on, and each morning before the hour at which people
// have come on the days before.
const (
	warmAfter = 20 * time.Second // the start
	warmLook  = time.Minute      // between looks at the clock
	warmQuiet = 10 * time.Second // for so long nobody has waited for anything
	warmEarly = 10 * time.Minute // before people are expected
	warmLate  = 50 * time.Minute // after which they are not expected any more today
	warmAgain = chatIdle - 5*time.Minute
	daysKept  = 14
)

// hoursFile in the data folder holds when people came: the minute of the day of the
// first question, by date.
const hoursFile = "hours.json"

// warmer has the models ready when people are expected.
type warmer struct {
	path  string
	cores *models.Cores
	asked func() (time.Time, bool) // when somebody asked last
	read  func(context.Context) error
	now   func() time.Time
	after time.Duration
	look  time.Duration
	quiet time.Duration

	came map[string]int // by date, the minute of the first question
	last time.Time      // when the models were made ready
}

func newWarmer(cfg *Config, b *Box, cores *models.Cores) *warmer {
	w := &warmer{path: cfg.Path(hoursFile), cores: cores, read: b.Ready, asked: b.Tutor.LastAsked, now: time.Now, after: warmAfter, look: warmLook, quiet: warmQuiet, came: map[string]int{}}
	w.load()
	return w
}

// Ready loads the models that answer, and has them read how prompts begin.
func (b *Box) Ready(ctx context.Context) error {
	if e, ok := b.Engines.Embedder.(interface{ Start(context.Context) error }); ok {
		if err := e.Start(ctx); err != nil {
			return err
		}
	}
	return b.models.Warm(ctx, b.Tutor.Beginnings())
}

// load reads what is kept. What cannot be read is learned again.
func (w *warmer) load() {
	text, err := os.ReadFile(w.path)
	if err != nil || json.Unmarshal(text, &w.came) != nil || w.came == nil {
		w.came = map[string]int{}
	}
}

// run makes the models ready in time until ctx ends.
func (w *warmer) run(ctx context.Context) error {
	started := false
	for wait := w.after; pause(ctx, wait); wait = w.look {
		w.learn()
		if started && !w.due() {
			continue
		}
		switch err := w.ready(ctx); {
		case errors.Is(err, orchestrator.ErrBusy): // with people, who have it loaded
		case errors.Is(err, orchestrator.ErrNoModel):
			return nil
		case err != nil && ctx.Err() == nil:
			slog.Warn("the models are not made ready before the first lesson", "error", problem.OneLine(err))
			w.last = w.now() // not at once again
		}
		started = true
	}
	return nil
}

// learn notes when somebody has asked for the first time today.
func (w *warmer) learn() {
	at, ever := w.asked()
	if !ever {
		return
	}
	day := at.Format(time.DateOnly)
	if _, known := w.came[day]; known {
		return
	}
	w.came[day] = at.Hour()*60 + at.Minute()
	days := slices.Sorted(maps.Keys(w.came))
	for _, old := range days[:max(0, len(days)-daysKept)] {
		delete(w.came, old)
	}
	if err := writeJSON(w.path, w.came); err != nil {
		slog.Warn("when people came is not kept", "error", err)
	}
}

// due reports whether people are expected now and have not come.
func (w *warmer) due() bool {
	now := w.now()
	if _, came := w.came[now.Format(time.DateOnly)]; came || now.Sub(w.last) < warmAgain {
		return false
	}
	minute, known := w.expected(now)
	if !known {
		return false
	}
	early := time.Duration(now.Hour()*60+now.Minute()-minute) * time.Minute
	return early >= -warmEarly && early <= warmLate
}

// expected is the minute of the day at which people come: that of the same day of
// the week before, else of the days before, of several one of the earliest. One
// single early bird does not move it.
func (w *warmer) expected(now time.Time) (minute int, known bool) {
	var all, alike []int
	for day, minute := range w.came {
		at, err := time.ParseInLocation(time.DateOnly, day, now.Location())
		if err != nil || !at.Before(now) {
			continue
		}
		all = append(all, minute)
		if at.Weekday() == now.Weekday() {
			alike = append(alike, minute)
		}
	}
	if len(alike) > 0 {
		return slices.Max(alike), true
	}
	if len(all) == 0 || now.Weekday() == time.Sunday || now.Weekday() == time.Saturday {
		return 0, false
	}
	slices.Sort(all)
	return all[len(all)/4], true
}

// ready loads the models and has them read, if nobody waits for anything.
func (w *warmer) ready(ctx context.Context) error {
	if w.cores.Quiet() < w.quiet {
		return orchestrator.ErrBusy
	}
	done, err := w.cores.Background(ctx)
	if err != nil {
		return err
	}
	defer done()
	if err := w.read(ctx); err != nil {
		return err
	}
	w.last = w.now()
	slog.Info("the models are ready for the first question")
	return nil
}
