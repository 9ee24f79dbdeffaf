package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/box"
	"github.com/bwenge-os/bwenge/internal/problem"
)

func ingestCommand(cfg *box.Config) *cobra.Command {
	var asJSON bool
	var sel appliance.ArchiveSelection
	cmd := &cobra.Command{
		Use:   "ingest PATH…",
		Short: "Add files or folders to the material and wait until they are read",
		Args:  cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			files, err := box.ListFiles(args)
			if err != nil {
				return err
			}
			in := ingestion{out: cmd.OutOrStdout(), progress: cmd.ErrOrStderr(), asJSON: asJSON, selection: sel}
			return in.run(cmd.Context(), cfg, files)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object a file")
	cmd.Flags().StringArrayVar(&sel.Categories, "category", nil, "of a ZIM file: only the articles of this category (repeatable)")
	cmd.Flags().StringArrayVar(&sel.Prefixes, "prefix", nil, "of a ZIM file: only the articles whose title begins so (repeatable)")
	cmd.Flags().IntVar(&sel.First, "first", 0, "of a ZIM file: only so many articles")
	return cmd
}

// ingested is a file's line with --json.
type ingested struct {
	File    string  `json:"file"`
	Status  string  `json:"status"` // ready or failed
	Error   string  `json:"error"`  // empty when ready
	Pages   int     `json:"pages"`
	Chunks  int     `json:"chunks"`
	Seconds float64 `json:"seconds"` // from upload to the end of the work on it
}

type ingestion struct {
	out, progress io.Writer
	asJSON        bool
	selection     appliance.ArchiveSelection // of ZIM files
}

func (in *ingestion) run(ctx context.Context, cfg *box.Config, files []string) error {
	done := make([]bool, len(files))
	failed := false
	err := box.With(ctx, cfg, func(ctx context.Context, c *box.Client) error {
		return in.through(ctx, c, files, done, &failed)
	})
	if err != nil {
		return err
	}
	if failed {
		return exitStatus(1)
	}
	return nil
}

// through uploads every file that is not done and waits for each in turn. The
// box works on one while the next are queued. Calling it again goes on where
// it stopped: the box knows bytes that it has.
func (in *ingestion) through(ctx context.Context, c *box.Client, files []string, done []bool, failed *bool) error {
	type upload struct {
		src     appliance.Source
		existed bool
		err     error
		began   time.Time
	}
	uploads := make([]upload, len(files))
	for i, file := range files {
		if done[i] {
			continue
		}
		u := &uploads[i]
		u.began = time.Now()
		u.src, u.existed, u.err = c.Upload(ctx, file)
		if errors.Is(u.err, box.ErrGone) || ctx.Err() != nil {
			return u.err
		}
	}
	for i, file := range files {
		if done[i] {
			continue
		}
		u := uploads[i]
		line := ingested{File: file, Status: string(appliance.StatusFailed)}
		if u.err != nil {
			line.Error = problem.OneLine(u.err)
		} else {
			src, err := in.wait(ctx, c, u.src)
			if err != nil {
				return err
			}
			line.Pages, line.Chunks = src.Pages, src.Chunks
			switch {
			case src.Status == appliance.StatusReady:
				line.Status = string(appliance.StatusReady)
			case src.Problem != nil:
				line.Error = problem.OneLine(&problem.Error{Problem: *src.Problem})
			default:
				line.Error = "It was " + string(src.Status) + "."
			}
		}
		line.Seconds = time.Since(u.began).Seconds()
		done[i] = true
		*failed = *failed || line.Status != string(appliance.StatusReady)
		if err := in.print(line, u.existed); err != nil {
			return err
		}
	}
	return nil
}

func (in *ingestion) wait(ctx context.Context, c *box.Client, src appliance.Source) (appliance.Source, error) {
	shown := ""
	pause := 50 * time.Millisecond // small files take no longer than they must
	for !src.Status.Ended() || src.Status == appliance.StatusReady && src.Step == appliance.StepReading {
		if src.Status == appliance.StatusChoosing {
			if err := in.choose(ctx, c, src); err != nil {
				src.Status, src.Problem = appliance.StatusFailed, new(problem.Of(err))
				return src, ctx.Err()
			}
		}
		select {
		case <-ctx.Done():
			return src, ctx.Err()
		case <-time.After(pause):
		}
		pause = min(2*pause, time.Second)
		next, err := c.Source(ctx, src.ID)
		if err != nil {
			return src, err
		}
		src = next
		now := fmt.Sprintf("%s: %s %.0f%%", src.Title, src.Step, 100*src.Progress)
		if !in.asJSON && src.Step != "" && now != shown {
			fmt.Fprintln(in.progress, now)
			shown = now
		}
	}
	return src, nil
}

// choose says what a ZIM file holds and takes in what the flags say.
func (in *ingestion) choose(ctx context.Context, c *box.Client, src appliance.Source) error {
	a, err := c.Archive(ctx, src.ID)
	if err != nil {
		return err
	}
	fmt.Fprintf(in.progress, "%s: %d articles (%s); all of it takes about %.1f GB, %.0f min until its words and %.0f min until its meaning can be searched\n",
		src.Title, a.Articles, cmp.Or(a.License, a.Creator, "no licence given"), float64(a.Whole.DiskBytes)/1e9, a.Whole.TextSeconds/60, a.Whole.VectorSeconds/60)
	return c.TakeArchive(ctx, src.ID, in.selection)
}

func (in *ingestion) print(line ingested, existed bool) error {
	if in.asJSON {
		line.Seconds = float64(int(line.Seconds*100)) / 100
		return json.NewEncoder(in.out).Encode(line)
	}
	var err error
	switch {
	case line.Error != "":
		_, err = fmt.Fprintf(in.out, "failed  %s: %s\n", line.File, line.Error)
	case existed:
		_, err = fmt.Fprintf(in.out, "ready   %s: already in the material\n", line.File)
	default:
		_, err = fmt.Fprintf(in.out, "ready   %s: %d chunks in %.1f s\n", line.File, line.Chunks, line.Seconds)
	}
	return err
}
