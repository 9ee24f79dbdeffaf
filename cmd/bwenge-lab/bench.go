package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/box"
)

// row is one line of the table: what was measured, what it should be, and,
// where it is a ratio, both figures of it from this run.
type row struct {
	What   string  `json:"what"`
	Value  float64 `json:"value"`
	Unit   string  `json:"unit"` // "×" for a ratio to the bare tool
	Target float64 `json:"target"`
	AtMost bool    `json:"at_most"` // the target is an upper bound; else a lower one
	Note   string  `json:"note,omitempty"`
}

func (r row) met() bool {
	if r.AtMost {
		return r.Value <= r.Target
	}
	return r.Value >= r.Target
}

// measurement fills some rows of the table.
type measurement struct {
	name string
	run  func(context.Context, *bench) ([]row, error)
}

var measurements = []measurement{
	{"start", measureStart},
	{"answers", measureAnswers},
	{"class", measureClass},
	{"speech", measureSpeech},
	{"search", measureSearch},
	{"people", measurePeople},
}

// bench is what the measurements share.
type bench struct {
	cfg       *box.Config
	binary    string // the box's program
	recording string
	chunks    int // of the largest organization
	progress  io.Writer
}

func benchCommand(cfg *box.Config) *cobra.Command {
	b := &bench{cfg: cfg}
	var asJSON bool
	var only []string
	cmd := &cobra.Command{
		Use:   "bench",
		Short: "Measure the box, beside the bare engines in the same run",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			b.progress = cmd.ErrOrStderr()
			rows, err := b.measure(cmd.Context(), only)
			if asJSON {
				return errors.Join(printReport(cmd.OutOrStdout(), rows, true), err)
			}
			return errors.Join(printRows(cmd.OutOrStdout(), rows), err)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&b.binary, "box", box.BesideExecutable("bwenge"), "the box's program")
	flags.BoolVar(&asJSON, "json", false, "print the rows as a JSON list")
	flags.StringSliceVar(&only, "only", nil, "some of start, answers, class, speech, search, people")
	flags.StringVar(&b.recording, "recording", "web/e2e/fixtures/speech.mp4", "recording with which speech is measured")
	flags.IntVar(&b.chunks, "chunks", 100_000, "chunks of the largest search")
	return cmd
}

func (b *bench) measure(ctx context.Context, only []string) ([]row, error) {
	var all []row
	var failures []error
	for _, m := range measurements {
		if len(only) > 0 && !slices.Contains(only, m.name) {
			continue
		}
		fmt.Fprintf(b.progress, "measuring %s\n", m.name)
		rows, err := m.run(ctx, b)
		all = append(all, rows...)
		if err != nil {
			failures = append(failures, fmt.Errorf("%s: %w", m.name, err))
		}
	}
	return all, errors.Join(failures...)
}

func printRows(out io.Writer, rows []row) error {
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "WHAT\tMEASURED\tTARGET\t\tNOTE")
	for _, r := range rows {
		bound, verdict := "≥", "met"
		if r.AtMost {
			bound = "≤"
		}
		if !r.met() {
			verdict = fmt.Sprintf("missed by %.3g %s", math.Abs(r.Value-r.Target), r.Unit)
		}
		fmt.Fprintf(t, "%s\t%.3g %s\t%s %.3g\t%s\t%s\n", r.What, r.Value, r.Unit, bound, r.Target, verdict, r.Note)
	}
	return t.Flush()
}

// percentile is the value below which a share of the sorted values lies.
func percentile(values []float64, share float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	slices.Sort(values)
	return values[min(len(values)-1, int(share*float64(len(values))))]
}

// follow asks a box over HTTP and hands out the events.
func follow(ctx context.Context, c *box.Client, id, question string, seen func(appliance.Event)) error {
	return c.Ask(ctx, id, "", question, func(e appliance.Event) error {
		seen(e)
		if e.Type == appliance.EventError {
			text, err := json.Marshal(e.Error)
			if err != nil {
				return err
			}
			return fmt.Errorf("no answer: %s", text)
		}
		return nil
	})
}
