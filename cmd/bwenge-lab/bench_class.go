package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/box"
	"github.com/bwenge-os/bwenge/internal/problem"
	"github.com/bwenge-os/bwenge/models"
)

const (
	pupilsAtOnce = 30
	classAnswers = pupilsAtOnce * lakeQuestions
	cachedTries  = 200
)

// measureClass lets thirty pupils ask at once, each all questions about a lake of
// their own one after the other, and asks one question again and again. The same
// prompts then go to a bare llama-server with 1, 2 and 4 slots.
func measureClass(ctx context.Context, b *bench) ([]row, error) {
	e, rec, dir, err := lessonAndRecorder(b.cfg)
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	var rows []row
	var rate float64
	var prompts []models.Prompt // of the class
	err = withTemporaryBox(ctx, b.cfg, e, dir, io.Discard, func(ctx context.Context, x *labBox) error {
		if err := follow(ctx, box.NewClient(x.Socket), uuid.NewString(), lakeQuestion(0, 0), func(appliance.Event) {}); err != nil {
			return err
		}
		var times []float64
		for range cachedTries {
			began := time.Now()
			if err := follow(ctx, box.NewClient(x.Socket), uuid.NewString(), lakeQuestion(0, 0), func(appliance.Event) {}); err != nil {
				return err
			}
			times = append(times, 1000*time.Since(began).Seconds())
		}
		rows = append(rows, row{What: "cached answer, p95", Value: percentile(times, 0.95), Unit: "ms", Target: 150, AtMost: true,
			Note: fmt.Sprintf("p50 %.1f ms, %d times", percentile(times, 0.5), cachedTries)})
		before := rec.replies()
		began := time.Now()
		c, err := x.class(ctx)
		if err != nil {
			return err
		}
		took := time.Since(began)
		var usages []models.Usage
		prompts, usages = rec.since(before)
		tokens := 0
		for _, u := range usages {
			tokens += u.CompletionTokens
		}
		rate = float64(tokens) / took.Seconds()
		reached := fmt.Sprintf("%d of %d questions reached the model", len(usages), classAnswers)
		rows = append(rows,
			row{What: "30 pupils: slowest ÷ quickest served, by their mean times", Value: slices.Max(c.means) / slices.Min(c.means), Unit: "×", Target: 1.5, AtMost: true,
				Note: fmt.Sprintf("%d answers in %.0f s, means %.1f to %.1f s; %s", classAnswers, took.Seconds(), slices.Min(c.means), slices.Max(c.means), reached)},
			row{What: "30 pupils: waiting ones who saw their position", Value: float64(c.told) / float64(max(c.waited, 1)), Unit: "of all", Target: 1,
				Note: fmt.Sprintf("%d of %d", c.told, c.waited)},
			row{What: "30 pupils: sources on the screen, p95", Value: percentile(c.sources, 0.95), Unit: "ms", Target: 1000, AtMost: true,
				Note: fmt.Sprintf("p50 %.0f ms, one lesson", percentile(c.sources, 0.5))})
		return nil
	})
	if err != nil {
		return rows, err
	}
	if len(prompts) < classAnswers/2 {
		return rows, fmt.Errorf("the model was asked %d of %d questions", len(prompts), classAnswers)
	}
	best, slots := 0.0, 0
	for _, np := range []int{1, 2, 4} {
		r, err := b.bareRate(ctx, prompts, np)
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
	means        []float64 // of each, in seconds from a question to its end
	sources      []float64 // in milliseconds
	waited, told int
}

// class lets every pupil ask all their questions.
func (x *labBox) class(ctx context.Context) (*class, error) {
	c := &class{means: make([]float64, pupilsAtOnce)}
	var mu sync.Mutex
	group, ctx := errgroup.WithContext(ctx)
	for pupil := range pupilsAtOnce {
		group.Go(func() error {
			who := appliance.Principal{Org: appliance.DefaultOrg, User: appliance.UserID(fmt.Sprintf("pupil-%d", pupil)),
				Role: appliance.RoleStudent, Scope: appliance.Scope{All: true}}
			for n := range lakeQuestions {
				began := time.Now()
				run, err := x.Tutor.Ask(ctx, who, appliance.Question{ID: uuid.NewString(), Text: lakeQuestion(pupil, pupil+n)})
				if err != nil {
					return err
				}
				var seen, first time.Duration
				told, done := false, time.Duration(0)
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
					case appliance.EventDone:
						done = time.Since(began) // suggestions come later
					case appliance.EventError:
						return &problem.Error{Problem: *e.Error}
					}
					return nil
				}); err != nil {
					return err
				}
				mu.Lock()
				c.means[pupil] += done.Seconds() / lakeQuestions
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
func (b *bench) bareRate(ctx context.Context, prompts []models.Prompt, slots int) (float64, error) {
	addr, stop, err := b.bareServer(ctx, slots)
	if err != nil {
		return 0, err
	}
	defer stop()
	prompts = prompts[:min(barePrompts, len(prompts))]
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
