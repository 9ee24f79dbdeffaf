package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/box"
	"github.com/bwenge-os/bwenge/internal/problem"
	"github.com/bwenge-os/bwenge/internal/text"
)

// archiveReport tells what taking an archive in was like for the class. Seconds
// count from the moment when the archive was handed over.
type archiveReport struct {
	Articles int `json:"articles"`
	Chunks   int `json:"chunks"`

	EstimatedText    float64 `json:"estimated_text_seconds"`
	EstimatedVectors float64 `json:"estimated_vector_seconds"`
	Ready            float64 `json:"ready_seconds"`   // found by its words
	Vectors          float64 `json:"vectors_seconds"` // and by its meaning

	Before askedReport `json:"asked_when_ready"` // before the vectors were complete
	During askedReport `json:"asked_during"`     // while they were made
	After  askedReport `json:"asked_when_done"`  // by words and meaning
}

// askedReport judges some questions with known answers.
type askedReport struct {
	Questions   int     `json:"questions"`
	Right       int     `json:"right"`
	Refused     int     `json:"refused"`
	Failed      int     `json:"failed"`
	FirstWord   float64 `json:"first_word_p50_ms"`
	FirstWord95 float64 `json:"first_word_p95_ms"`
}

// archiveQuestion is one with the words that a right answer holds.
type archiveQuestion struct {
	Question string `json:"question"`
	Answer   string `json:"answer"`
}

func evalArchiveCommand(cfg *box.Config) *cobra.Command {
	var file, questions string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "archive --zim FILE --questions FILE.jsonl",
		Short: "How soon an offline encyclopaedia answers, and whether the class waits for it",
		Long: "A third of the questions is asked as soon as the archive is ready, a third while its\n" +
			"vectors are made, a third when all is done.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			list, err := readLines[archiveQuestion](questions)
			if err != nil {
				return err
			}
			var report archiveReport
			err = withTemporaryBox(cmd.Context(), cfg, box.NewEngines(cfg), "", cmd.ErrOrStderr(), func(ctx context.Context, b *labBox) error {
				report, err = b.measureArchive(ctx, file, list, func(format string, args ...any) {
					fmt.Fprintf(cmd.ErrOrStderr(), format+"\n", args...)
				})
				return err
			})
			if err != nil {
				return err
			}
			return printReport(cmd.OutOrStdout(), report, asJSON)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&file, "zim", "", "the archive")
	flags.StringVar(&questions, "questions", "", "lines of question and answer")
	flags.BoolVar(&asJSON, "json", false, "print one JSON object")
	_ = cmd.MarkFlagRequired("zim")
	_ = cmd.MarkFlagRequired("questions")
	return cmd
}

func (b *labBox) measureArchive(ctx context.Context, file string, questions []archiveQuestion, tell func(string, ...any)) (archiveReport, error) {
	var r archiveReport
	id, err := b.add(ctx, file)
	if err != nil {
		return r, err
	}
	began := time.Now()
	since := func() float64 { return time.Since(began).Seconds() }
	// The box asks which part is wanted before it takes an archive in.
	if _, err := b.until(ctx, id, func(s appliance.Source) bool { return s.Status == appliance.StatusChoosing }); err != nil {
		return r, err
	}
	everything := appliance.Scope{All: true}
	state, err := b.Ingester.Archive(ctx, appliance.DefaultOrg, everything, id)
	if err != nil {
		return r, err
	}
	r.EstimatedText, r.EstimatedVectors = state.Whole.TextSeconds, state.Whole.VectorSeconds
	tell("%d articles; told: %.0f s to be found by their words, %.0f s by their meaning", state.Articles, r.EstimatedText, r.EstimatedVectors)
	if _, err := b.Ingester.TakeArchive(ctx, appliance.DefaultOrg, id, appliance.ArchiveSelection{}); err != nil {
		return r, err
	}
	src, err := b.until(ctx, id, func(s appliance.Source) bool { return s.Status == appliance.StatusReady })
	if err != nil {
		return r, err
	}
	r.Ready = since()
	tell("ready after %.1f s with %d chunks, %d of them with vectors", r.Ready, src.Chunks, src.Vectors)
	third := len(questions) / 3
	if r.Before, err = b.askAll(ctx, questions[:third]); err != nil {
		return r, err
	}
	if r.During, err = b.askAll(ctx, questions[third:2*third]); err != nil {
		return r, err
	}
	tell("asked %d questions by %.0f s", 2*third, since())
	if src, err = b.until(ctx, id, func(s appliance.Source) bool { return s.Vectors == s.Chunks && s.Chunks > 0 && s.Step == "" }); err != nil {
		return r, err
	}
	r.Vectors, r.Chunks = since(), src.Chunks
	tell("all vectors after %.0f s", r.Vectors)
	if state, err = b.Ingester.Archive(ctx, appliance.DefaultOrg, everything, id); err != nil {
		return r, err
	}
	r.Articles = state.Done
	r.After, err = b.askAll(ctx, questions[2*third:])
	return r, err
}

// until waits for a source to come so far.
func (b *labBox) until(ctx context.Context, id string, there func(appliance.Source) bool) (appliance.Source, error) {
	for {
		src, err := b.Store.Source(ctx, appliance.DefaultOrg, appliance.Scope{All: true}, id)
		if err != nil || there(src) {
			return src, err
		}
		if src.Problem != nil && src.Status.Ended() {
			return src, &problem.Error{Problem: *src.Problem}
		}
		select {
		case <-ctx.Done():
			return src, ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// askAll asks one question after the other, each in a conversation of its own.
func (b *labBox) askAll(ctx context.Context, questions []archiveQuestion) (askedReport, error) {
	r := askedReport{Questions: len(questions)}
	var waits []float64
	for _, q := range questions {
		a, _, err := b.askIn(ctx, uuid.NewString(), q.Question)
		switch {
		case ctx.Err() != nil:
			return r, ctx.Err()
		case err != nil:
			r.Failed++
		case a.Mode == appliance.ModeNotFound:
			r.Refused++
		case slices.Contains(text.Words(a.Text), strings.ToLower(q.Answer)):
			r.Right++
		}
		if err == nil && a.FirstMS > 0 {
			waits = append(waits, float64(a.FirstMS))
		}
	}
	if len(waits) > 0 {
		r.FirstWord, r.FirstWord95 = percentile(waits, 0.5), percentile(waits, 0.95)
	}
	return r, nil
}
