package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/box"
	"github.com/bwenge-os/bwenge/internal/problem"
)

func askCommand(cfg *box.Config) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   `ask "QUESTION"`,
		Short: "Ask the tutor a question about the material",
		Args:  cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return ask(cmd.Context(), cfg, strings.Join(args, " "), asJSON, cmd.OutOrStdout())
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the whole answer as one JSON object")
	return cmd
}

func ask(ctx context.Context, cfg *box.Config, question string, asJSON bool, out io.Writer) error {
	// The same id on every try: a box that comes back goes on with the answer.
	id := uuid.NewString()
	var answer *appliance.Answer
	streamed := false
	err := box.With(ctx, cfg, func(ctx context.Context, c *box.Client) error {
		return c.Ask(ctx, id, "", question, func(e appliance.Event) error {
			switch e.Type {
			case appliance.EventToken:
				if !asJSON {
					streamed = true
					fmt.Fprint(out, e.Token)
				}
			case appliance.EventDone:
				answer = e.Done
			case appliance.EventError:
				return &problem.Error{Problem: *e.Error}
			}
			return nil
		})
	})
	if err != nil {
		return err
	}
	if asJSON {
		return json.NewEncoder(out).Encode(answer)
	}
	if !streamed {
		fmt.Fprint(out, answer.ResponseText)
	}
	fmt.Fprintln(out)
	for _, c := range answer.Citations {
		fmt.Fprintf(out, "  [%d] %s%s\n", c.Number, c.SourceTitle, placeInWords(c.Place))
	}
	return nil
}

// placeInWords is ", page 3", ", slide 3", ", 2:05" or nothing.
func placeInWords(p appliance.Place) string {
	switch {
	case p.End > 0:
		return fmt.Sprintf(", %d:%02d", int(p.Start)/60, int(p.Start)%60)
	case p.Slide > 0:
		return fmt.Sprintf(", slide %d", p.Slide)
	case p.Page > 0:
		return fmt.Sprintf(", page %d", p.Page)
	case p.Sheet != "":
		return ", sheet " + p.Sheet
	case p.Article != "":
		return ", article " + p.Article
	}
	return ""
}
