package main

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/box"
	"github.com/bwenge-os/bwenge/cmd/bwenge-lab/eval"
	"github.com/bwenge-os/bwenge/internal/problem"
)

func evalPupilsCommand(cfg *box.Config) *cobra.Command {
	var set, out, kept string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "pupils --set DIR",
		Short: "What pupils' own questions get: right, partly right, wrong or refused",
		Long: "DIR holds docs/, questions.jsonl and judge.py. Every question goes the way that a\n" +
			"pupil's goes; the answers are written to a file and judged by the set's judge.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			questions, err := readLines[eval.PupilQuestion](filepath.Join(set, "questions.jsonl"))
			if err != nil {
				return err
			}
			var answers []eval.PupilAnswer
			var report eval.PupilReport
			err = withKeptBox(cmd.Context(), cfg, kept, filepath.Join(set, "docs"), cmd.ErrOrStderr(), func(ctx context.Context, b *labBox) error {
				progress := everyFew(cmd.ErrOrStderr(), "questions", len(questions))
				answers, report, err = eval.Pupils(ctx, questions, b.askIn, func(done int, a eval.PupilAnswer) {
					if a.Error != "" {
						fmt.Fprintf(cmd.ErrOrStderr(), "%s failed: %s\n", a.ID, a.Error)
					}
					progress(done)
				})
				return err
			})
			if err != nil {
				return err
			}
			if report.Judge, err = eval.Judge(cmd.Context(), set, out, answers); err != nil {
				return err
			}
			return printReport(cmd.OutOrStdout(), report, asJSON)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&set, "set", "", "folder with docs/, questions.jsonl and judge.py")
	flags.StringVar(&out, "answers", "answers.jsonl", "file that the answers are written to")
	flags.StringVar(&kept, "box", "", "data folder of the box that is asked, kept for the next time (a temporary one)")
	flags.BoolVar(&asJSON, "json", false, "print one JSON object")
	_ = cmd.MarkFlagRequired("set")
	return cmd
}

// askIn asks in a conversation and notes when what came.
func (b *labBox) askIn(ctx context.Context, conversation, question string) (eval.PupilAnswer, string, error) {
	began := time.Now()
	since := func() int64 { return max(1, time.Since(began).Milliseconds()) }
	run, err := b.Tutor.Ask(ctx, appliance.Operator(appliance.DefaultOrg),
		appliance.Question{ID: uuid.NewString(), ConversationID: conversation, Text: question})
	if err != nil {
		return eval.PupilAnswer{}, conversation, err
	}
	var a eval.PupilAnswer
	shown := false
	err = run.Follow(ctx, 0, func(e appliance.Event) error {
		switch e.Type {
		case appliance.EventSources:
			a.SourcesMS = since()
		case appliance.EventToken:
			if shown = true; a.FirstMS == 0 {
				a.FirstMS = since()
			}
		case appliance.EventRestart:
			if shown {
				a.Withdrawn++
			}
			shown = false
		case appliance.EventDone:
			a.DoneMS, a.Mode, a.Text, a.Model = since(), e.Done.Mode, e.Done.ResponseText, e.Done.Model
			conversation = e.Done.ConversationID
			a.Citations = []eval.PupilCitation{}
			for _, c := range e.Done.Citations {
				a.Citations = append(a.Citations, eval.PupilCitation{Doc: c.SourceTitle, Heading: c.Heading})
			}
		case appliance.EventError:
			return &problem.Error{Problem: *e.Error}
		}
		return nil
	})
	return a, conversation, err
}
