package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/box"
	"github.com/bwenge-os/bwenge/cmd/bwenge-lab/eval"
	"github.com/bwenge-os/bwenge/internal/problem"
)

func evalCommand(cfg *box.Config) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "eval",
		Short: "Measure retrieval, speech and answers on a set with known answers",
		Long: "Each measurement reads its documents into a box of its own in a temporary folder,\n" +
			"so what the school has is neither seen nor changed. docs/evaluation.md says how\n" +
			"each figure is judged.",
	}
	cmd.AddCommand(evalRetrievalCommand(cfg), evalSpeechCommand(cfg), evalAnswersCommand(cfg),
		evalFieldCommand(cfg), evalPupilsCommand(cfg), evalArchiveCommand(cfg), evalIsolationCommand(cfg), evalInjectionCommand(cfg))
	return cmd
}

func evalRetrievalCommand(cfg *box.Config) *cobra.Command {
	var docs, questions string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "retrieval --docs DIR --questions FILE.jsonl",
		Short: "How often a passage of the right file is found",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			lines, err := readLines[eval.Question](questions)
			if err != nil {
				return err
			}
			var report eval.RetrievalReport
			err = withEvalBox(cmd.Context(), cfg, docs, cmd.ErrOrStderr(), func(ctx context.Context, b *labBox) error {
				search := func(find func(context.Context, appliance.Principal, string, int) ([]appliance.Passage, error)) eval.Search {
					return func(ctx context.Context, q string, k int) ([]appliance.Passage, error) {
						return find(ctx, appliance.Operator(appliance.DefaultOrg), q, k)
					}
				}
				report, err = eval.Retrieval(ctx, lines, search(b.Retrieval.ByWords), search(b.Retrieval.ByMeaning), b.search)
				return err
			})
			if err != nil {
				return err
			}
			return printReport(cmd.OutOrStdout(), report, asJSON)
		},
	}
	bindSet(cmd, &docs, &questions, &asJSON)
	return cmd
}

// search is the box's own: both parts, fused.
func (b *labBox) search(ctx context.Context, question string, k int) ([]appliance.Passage, error) {
	found, err := b.Retrieval.Search(ctx, appliance.Operator(appliance.DefaultOrg), question, k)
	return found.Passages, err
}

func evalAnswersCommand(cfg *box.Config) *cobra.Command {
	var docs, questions string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "answers --docs DIR --questions FILE.jsonl",
		Short: "How often answers are right, cited rightly, and rightly refused",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			exams, err := readLines[eval.Exam](questions)
			if err != nil {
				return err
			}
			var report eval.AnswersReport
			err = withEvalBox(cmd.Context(), cfg, docs, cmd.ErrOrStderr(), func(ctx context.Context, b *labBox) error {
				progress := everyFew(cmd.ErrOrStderr(), "questions", len(exams))
				report, err = eval.Answers(ctx, exams, b.answer, progress)
				return err
			})
			if err != nil {
				return err
			}
			return printReport(cmd.OutOrStdout(), report, asJSON)
		},
	}
	bindSet(cmd, &docs, &questions, &asJSON)
	return cmd
}

// answer asks the tutor as a pupil would, in a conversation of its own.
func (b *labBox) answer(ctx context.Context, question string) (appliance.Answer, error) {
	return b.ask(ctx, appliance.Operator(appliance.DefaultOrg), appliance.Question{ID: uuid.NewString(), Text: question})
}

// ask asks the tutor and waits for the answer.
func (b *labBox) ask(ctx context.Context, who appliance.Principal, q appliance.Question) (appliance.Answer, error) {
	run, err := b.Tutor.Ask(ctx, who, q)
	if err != nil {
		return appliance.Answer{}, err
	}
	var answer appliance.Answer
	err = run.Follow(ctx, 0, func(e appliance.Event) error {
		switch e.Type {
		case appliance.EventDone:
			answer = *e.Done
		case appliance.EventError:
			return &problem.Error{Problem: *e.Error}
		}
		return nil
	})
	return answer, err
}

func evalSpeechCommand(cfg *box.Config) *cobra.Command {
	var manifest, dir string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "speech --manifest FILE.json --dir DIR",
		Short: "How many words are heard wrong, and how many where nobody speaks",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			f, err := os.Open(manifest)
			if err != nil {
				return err
			}
			defer f.Close()
			var recordings []eval.Recording
			if err := json.NewDecoder(f).Decode(&recordings); err != nil {
				return fmt.Errorf("%s: %w", manifest, err)
			}
			var report eval.SpeechReport
			err = withEvalBox(cmd.Context(), cfg, "", cmd.ErrOrStderr(), func(ctx context.Context, b *labBox) error {
				listen := func(ctx context.Context, file string) (string, float64, error) {
					return b.listen(ctx, filepath.Join(dir, file))
				}
				report, err = eval.Speech(ctx, recordings, listen)
				return err
			})
			if err != nil {
				return err
			}
			return printReport(cmd.OutOrStdout(), report, asJSON)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&manifest, "manifest", "", "JSON list of recordings: file, lang, ref, kind")
	flags.StringVar(&dir, "dir", "", "folder that the files are below")
	flags.BoolVar(&asJSON, "json", false, "print one JSON object")
	for _, name := range []string{"manifest", "dir"} {
		_ = cmd.MarkFlagRequired(name)
	}
	return cmd
}

func bindSet(cmd *cobra.Command, docs, questions *string, asJSON *bool) {
	flags := cmd.Flags()
	flags.StringVar(docs, "docs", "", "folder with the material")
	flags.StringVar(questions, "questions", "", "JSONL file with the questions")
	flags.BoolVar(asJSON, "json", false, "print one JSON object")
	for _, name := range []string{"docs", "questions"} {
		_ = cmd.MarkFlagRequired(name)
	}
}

func readLines[T any](path string) ([]T, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	lines, err := eval.ReadLines[T](f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return lines, nil
}

// withEvalBox calls fn with a box in a temporary folder that has read docs.
func withEvalBox(ctx context.Context, cfg *box.Config, docs string, progress io.Writer, fn func(context.Context, *labBox) error) error {
	return withTemporaryBox(ctx, cfg, box.NewEngines(cfg), docs, progress, fn)
}

// withTemporaryBox is withEvalBox on given engines.
func withTemporaryBox(ctx context.Context, cfg *box.Config, e *box.Engines, docs string, progress io.Writer, fn func(context.Context, *labBox) error) error {
	b, remove, err := openTemporaryBox(ctx, cfg, e)
	if err != nil {
		return err
	}
	defer remove()
	return b.While(ctx, func(ctx context.Context) error {
		if docs != "" {
			if err := b.readAll(ctx, docs, progress); err != nil {
				return err
			}
		}
		return fn(ctx, b)
	})
}

// labBox is a box under measurement.
type labBox struct{ *box.Box }

// openTemporaryBox opens a box in a folder that remove deletes.
func openTemporaryBox(ctx context.Context, cfg *box.Config, e *box.Engines) (_ *labBox, remove func(), err error) {
	dir, err := os.MkdirTemp("", "bwenge-")
	if err != nil {
		return nil, nil, err
	}
	temporary := *cfg
	temporary.Data = dir
	temporary.TLSAddr = ""
	b, err := box.Assemble(ctx, &temporary, e)
	if err != nil {
		os.RemoveAll(dir)
		return nil, nil, err
	}
	return &labBox{b}, func() {
		b.Close()
		os.RemoveAll(dir)
	}, nil
}

// withKeptBox is withEvalBox in a folder that is kept: what was read is not read
// again. Without a folder, the box is a temporary one.
func withKeptBox(ctx context.Context, cfg *box.Config, dir, docs string, progress io.Writer, fn func(context.Context, *labBox) error) error {
	if dir == "" {
		return withEvalBox(ctx, cfg, docs, progress, fn)
	}
	kept := *cfg
	kept.Data, kept.TLSAddr = dir, ""
	b, err := box.Assemble(ctx, &kept, box.NewEngines(cfg))
	if err != nil {
		return err
	}
	defer b.Close()
	return b.While(ctx, func(ctx context.Context) error {
		lab := &labBox{b}
		page, err := b.Store.Sources(ctx, appliance.DefaultOrg, appliance.Scope{All: true}, appliance.SourceFilter{Limit: 1})
		if err != nil {
			return err
		}
		if len(page.Items) == 0 {
			if err := lab.readAll(ctx, docs, progress); err != nil {
				return err
			}
		}
		return fn(ctx, lab)
	})
}

// readAll ingests every file below a folder. One that cannot be read is told, and
// the measurement goes on without it.
func (b *labBox) readAll(ctx context.Context, dir string, progress io.Writer) error {
	files, err := box.ListFiles([]string{dir})
	if err != nil {
		return err
	}
	ids := make([]string, len(files))
	for i, file := range files {
		if ids[i], err = b.add(ctx, file); err != nil {
			if ctx.Err() != nil {
				return err
			}
			fmt.Fprintf(progress, "goes on without %s: %v\n", file, err)
		}
	}
	told := everyFew(progress, "files", len(files))
	for i, id := range ids {
		for id != "" {
			src, err := b.Store.Source(ctx, appliance.DefaultOrg, appliance.Scope{All: true}, id)
			if err != nil {
				return err
			}
			if src.Status == appliance.StatusReady {
				break
			}
			if src.Status.Ended() {
				fmt.Fprintf(progress, "goes on without %s: %s\n", files[i], problem.OneLine(&problem.Error{Problem: *src.Problem}))
				break
			}
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(20 * time.Millisecond):
			}
		}
		told(i + 1)
	}
	return nil
}

func (b *labBox) add(ctx context.Context, file string) (id string, err error) {
	f, err := os.Open(file)
	if err != nil {
		return "", err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", err
	}
	src, _, err := b.Ingester.Add(ctx, appliance.DefaultOrg, appliance.NewFile{Name: filepath.Base(file), By: appliance.Operator(appliance.DefaultOrg)}, f, info.Size())
	return src.ID, err
}

// everyFew tells at most about twenty times how far a count has come.
func everyFew(out io.Writer, what string, of int) func(done int) {
	step := max(1, of/20)
	return func(done int) {
		if done%step == 0 || done == of {
			fmt.Fprintf(out, "%d of %d %s\n", done, of, what)
		}
	}
}

// printReport prints a report on one line for scripts, on many for people.
func printReport(out io.Writer, report any, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(out).Encode(report)
	}
	e := json.NewEncoder(out)
	e.SetIndent("", "  ")
	return e.Encode(report)
}
