package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/box"
)

const (
	pupilsAtOnce = 30
	classAnswers = 120 // in all: four each, if all are served alike
	cachedTries  = 200
)

// measureClass lets thirty pupils ask at once and on, each a question of their
// own, and asks one question again and again. The same prompts then go to a bare
// llama-server with 1, 2 and 4 slots.
func measureClass(ctx context.Context, b *bench) ([]row, error) {
	e, rec, dir, err := lessonAndRecorder(b.cfg)
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	var rows []row
	var rate float64
	err = withTemporaryBox(ctx, b.cfg, e, dir, io.Discard, func(ctx context.Context, x *labBox) error {
		if err := follow(ctx, box.NewClient(x.Socket), uuid.NewString(), benchQuestions[0], func(appliance.Event) {}); err != nil {
			return err
		}
		var times []float64
		for range cachedTries {
			began := time.Now()
			if err := follow(ctx, box.NewClient(x.Socket), uuid.NewString(), benchQuestions[0], func(appliance.Event) {}); err != nil {
				return err
			}
			times = append(times, 1000*time.Since(began).Seconds())
		}
		rows = append(rows, row{What: "cached answer, p95", Value: percentile(times, 0.95), Unit: "ms", Target: 150, AtMost: true,
			Note: fmt.Sprintf("p50 %.1f ms, %d times", percentile(times, 0.5), cachedTries)})
		before := len(rec.usages)
		began := time.Now()
		c, err := x.class(ctx)
		if err != nil {
			return err
		}
		took := time.Since(began)
		tokens := 0
		for _, u := range rec.usages[before:] {
			tokens += u.CompletionTokens
		}
		rate = float64(tokens) / took.Seconds()
		most, least := slices.Max(c.answers), slices.Min(c.answers)
		rows = append(rows,
			row{What: "30 pupils: most ÷ least served", Value: float64(most) / float64(max(least, 1)), Unit: "×", Target: 1.5, AtMost: true,
				Note: fmt.Sprintf("%d answers in %.0f s: %d to %d each", classAnswers, took.Seconds(), least, most)},
			row{What: "30 pupils: waiting ones who saw their position", Value: float64(c.told) / float64(max(c.waited, 1)), Unit: "of all", Target: 1,
				Note: fmt.Sprintf("%d of %d", c.told, c.waited)},
			row{What: "30 pupils: sources on the screen, p95", Value: percentile(c.sources, 0.95), Unit: "ms", Target: 1000, AtMost: true,
				Note: fmt.Sprintf("p50 %.0f ms, one lesson", percentile(c.sources, 0.5))})
		rec.prompts = rec.prompts[before:]
		return nil
	})
	if err != nil {
		return rows, err
	}
	best, slots := 0.0, 0
	for _, np := range []int{1, 2, 4} {
		r, err := b.bareRate(ctx, rec, np)
		if err != nil {
			return rows, err
		}
		if r > best {
			best, slots = r, np
		}
	}
	return append(rows, row{What: "30 pupils: tokens a second in all, box ÷ bare", Value: rate / best, Unit: "×", Target: 0.9,
		Note: fmt.Sprintf("%.1f tokens/s; bare is best with -np %d, %.1f", rate, slots, best)}), nil
}

// class is what thirty pupils saw.
type class struct {
	answers      []int // of each
	sources      []float64
	waited, told int
}

// class lets pupils ask until there are enough answers.
func (x *labBox) class(ctx context.Context) (*class, error) {
	c := &class{answers: make([]int, pupilsAtOnce)}
	var mu sync.Mutex
	var done atomic.Int64
	group, ctx := errgroup.WithContext(ctx)
	for pupil := range pupilsAtOnce {
		group.Go(func() error {
			who := appliance.Principal{Org: appliance.DefaultOrg, User: appliance.UserID(fmt.Sprintf("pupil-%d", pupil)),
				Role: appliance.RoleStudent, Scope: appliance.Scope{All: true}}
			for n := 0; done.Load() < classAnswers; n++ {
				// Each question is a little different, or the cache would answer.
				question := strings.TrimSuffix(benchQuestions[(pupil+n)%len(benchQuestions)], "?") + fmt.Sprintf(" (tablet %d, question %d)?", pupil+1, n+1)
				began := time.Now()
				run, err := x.Tutor.Ask(ctx, who, appliance.Question{ID: uuid.NewString(), Text: question})
				if err != nil {
					return err
				}
				var seen time.Duration
				var first time.Duration
				told := false
				if err := run.Follow(ctx, 0, func(e appliance.Event) error {
					switch e.Type {
					case appliance.EventSources:
						seen = time.Since(began)
					case appliance.EventPosition:
						told = true
					case appliance.EventToken:
						if first == 0 {
							first = time.Since(began)
						}
					}
					return nil
				}); err != nil {
					return err
				}
				mu.Lock()
				// Who is told that there is nothing to find needs no turn at the model,
				// and asks again at once.
				if first > 0 && done.Add(1) <= classAnswers {
					c.answers[pupil]++
				}
				if seen > 0 {
					c.sources = append(c.sources, 1000*seen.Seconds())
				}
				// Whoever waits for longer than an answer takes must have been told.
				if first > seen+5*time.Second {
					c.waited++
					if told {
						c.told++
					}
				}
				mu.Unlock()
			}
			return nil
		})
	}
	return c, group.Wait()
}

// barePrompts is how many of the class's prompts a bare server is given.
const barePrompts = 32

// bareRate is how many tokens a second a bare server writes on so many slots,
// for the prompts that the class asked.
func (b *bench) bareRate(ctx context.Context, rec *recorder, slots int) (float64, error) {
	addr, stop, err := b.bareServer(ctx, slots)
	if err != nil {
		return 0, err
	}
	defer stop()
	prompts := rec.prompts[:min(barePrompts, len(rec.prompts))]
	// The box has read the beginning of all prompts before, too.
	if err := bareStream(ctx, addr, prompts[0], func() {}); err != nil {
		return 0, err
	}
	var tokens atomic.Int64
	began := time.Now()
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(pupilsAtOnce)
	for _, p := range prompts {
		group.Go(func() error { return bareStream(ctx, addr, p, func() { tokens.Add(1) }) })
	}
	err = group.Wait()
	return float64(tokens.Load()) / time.Since(began).Seconds(), err
}
