package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/box"
	"github.com/bwenge-os/bwenge/cmd/bwenge-lab/eval"
)

func evalFieldCommand(cfg *box.Config) *cobra.Command {
	var dir string
	var only []string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "field --set DIR",
		Short: "Whether files that people had trouble with are read as their authors meant",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cases, err := eval.FieldCases()
			if err != nil {
				return err
			}
			if len(only) > 0 {
				cases = slices.DeleteFunc(cases, func(c eval.FieldCase) bool { return !slices.Contains(only, c.Case) })
			}
			var report eval.FieldReport
			err = withEvalBox(cmd.Context(), cfg, "", cmd.ErrOrStderr(), func(ctx context.Context, b *labBox) error {
				report, err = eval.Field(ctx, cases, fieldBox{b, dir}, func(done int, r eval.FieldResult) {
					fmt.Fprintf(cmd.ErrOrStderr(), "%d of %d: %s %s: %s %s\n", done, len(cases), r.Case, r.File, r.Verdict, strings.Join(r.Faults, "; "))
				})
				return err
			})
			if err != nil {
				return err
			}
			if asJSON {
				return printReport(cmd.OutOrStdout(), report, true)
			}
			return report.Print(cmd.OutOrStdout())
		},
	}
	cmd.Flags().StringVar(&dir, "set", "", "folder with the files")
	cmd.Flags().StringSliceVar(&only, "case", nil, "only these cases, such as C01,C05")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	_ = cmd.MarkFlagRequired("set")
	return cmd
}

// fieldBox tries the cases of the field set on a box.
type fieldBox struct {
	*labBox
	dir string
}

// Exists implements [eval.FieldBox].
func (b fieldBox) Exists(c eval.FieldCase) bool {
	if _, _, own := c.Own(); own {
		return true
	}
	_, err := os.Stat(filepath.Join(b.dir, c.File))
	return err == nil
}

// Read implements [eval.FieldBox].
func (b fieldBox) Read(ctx context.Context, c eval.FieldCase) (appliance.Source, []appliance.Chunk, error) {
	var id string
	var err error
	if data, name, own := c.Own(); own {
		var src appliance.Source
		src, _, err = b.Ingester.Add(ctx, appliance.DefaultOrg, appliance.NewFile{Name: name, By: appliance.Operator(appliance.DefaultOrg)}, bytes.NewReader(data), int64(len(data)))
		id = src.ID
	} else {
		id, err = b.add(ctx, filepath.Join(b.dir, c.File))
	}
	if err != nil {
		return appliance.Source{}, nil, err
	}
	for {
		src, err := b.Store.Source(ctx, appliance.DefaultOrg, appliance.Scope{All: true}, id)
		if err != nil || src.Status == appliance.StatusFailed || src.Status == appliance.StatusCancelled {
			return src, nil, err
		}
		if src.Status == appliance.StatusReady {
			page, err := b.Store.Chunks(ctx, appliance.DefaultOrg, appliance.Scope{All: true}, id, 0, 100)
			return src, page.Items, err
		}
		select {
		case <-ctx.Done():
			return src, nil, ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// Pupils implements [eval.FieldBox].
func (b fieldBox) Pupils(ctx context.Context, c eval.FieldCase) ([]string, error) {
	content, err := os.ReadFile(filepath.Join(b.dir, c.File))
	if err != nil {
		return nil, err
	}
	preview, err := box.Send[appliance.ImportPreview](ctx, box.NewClient(b.Socket), http.MethodPost,
		"/orgs/"+string(appliance.DefaultOrg)+"/imports/preview",
		appliance.ImportRequest{Files: []appliance.ImportFile{{Name: c.File, Content: content}}})
	if err != nil {
		return nil, err
	}
	var pupils []string
	for _, row := range preview.Rows {
		if row.Action == "add" {
			pupils = append(pupils, row.Name+" | "+row.Class)
		}
	}
	return pupils, nil
}

// AskAbout implements [eval.FieldBox].
func (b fieldBox) AskAbout(ctx context.Context, sourceID, question string) (appliance.Answer, error) {
	who := appliance.Operator(appliance.DefaultOrg)
	who.Scope.Sources = []string{sourceID}
	return b.ask(ctx, who, appliance.Question{ID: uuid.NewString(), Text: question})
}
