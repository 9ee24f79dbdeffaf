package box

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/tutor/orchestrator"
	"github.com/bwenge-os/bwenge/internal/problem"
	"github.com/bwenge-os/bwenge/models"
	"github.com/bwenge-os/bwenge/models/catalogue"
	"github.com/bwenge-os/bwenge/models/llama"
	"github.com/bwenge-os/bwenge/models/selftest"
)

// Every chat model that is installed is tested once, while nobody asks, one
// question at a time. There is no hurry: somebody who wants to know at once has
// bwenge models test.
const (
	testAfter  = 2 * time.Minute  // the start, and between looks at what is new
	testQuiet  = 30 * time.Second // for so long nobody has asked anything
	testUnload = time.Minute      // a model that is not the box's own
)

// testFile is where the result of a model is kept.
func (c *Config) testFile(w catalogue.Weight) string { return c.Path("selftest", w.SHA256+".json") }

// SelfTest is the result of a model; nil if this version has not tested it.
func (c *Config) SelfTest(w catalogue.Weight) *selftest.Result {
	text, err := os.ReadFile(c.testFile(w))
	if err != nil {
		return nil
	}
	var r selftest.Result
	if json.Unmarshal(text, &r) != nil || r.Version != selftest.Version() || r.SHA256 != w.SHA256 || r.Total == 0 {
		return nil
	}
	return &r
}

// TestModel asks a model the questions of the self-test and keeps the result.
func (c *Config) TestModel(ctx context.Context, w catalogue.Weight, ask selftest.Ask, done func(selftest.Answer)) (selftest.Result, error) {
	r, err := selftest.Run(ctx, ask, done)
	if err != nil {
		return r, err
	}
	r.Model, r.SHA256 = w.Name, w.SHA256
	return r, writeJSON(c.testFile(w), r)
}

// ChatModel is an engine of its own for a chat model that is installed.
func (c *Config) ChatModel(w catalogue.Weight, idle time.Duration) (*llama.Chat, error) {
	found, err := locate(c, w, filepath.Join(c.Engines, "llama-server"))
	if err != nil {
		return nil, err
	}
	return llama.NewChat(llama.ChatConfig{Name: w.Name, Context: ChatContext, Slots: 1,
		Local: llama.Local{Binary: filepath.Join(c.Engines, "llama-server"), Model: found.Path, Idle: idle, Flags: w.Flags()}}), nil
}

// BoxModels lists the catalogue as it stands on this box.
func (c *Config) BoxModels() []appliance.BoxModel {
	list := []appliance.BoxModel{}
	used := c.Weights()
	for _, w := range catalogue.Weights() {
		m := appliance.BoxModel{Name: w.Name, Kind: string(w.Kind), File: w.File, Size: w.Size, Memory: w.RAM,
			Licence: w.Licence, Notice: w.Notice, Terms: w.Terms, TermsURL: w.TermsURL, Origin: w.Origin,
			Installed: catalogue.Present(c.Models, w), Offered: w.Optional}
		m.InUse = m.Installed && used[w.Kind].SHA256 == w.SHA256
		if r := c.SelfTest(w); r != nil && m.Installed {
			m.Test = &appliance.ModelTest{Right: r.Right, Wrong: r.Wrong, Total: r.Total, Seconds: r.Seconds, At: r.At}
		}
		list = append(list, m)
	}
	return list
}

// tester tests models while nobody asks.
type tester struct {
	cfg    *Config
	own    catalogue.Weight // that the box runs on
	models *orchestrator.Service
	cores  *models.Cores
	after  time.Duration
	quiet  time.Duration
	engine func(catalogue.Weight) (models.Generator, func() error, error) // of a model that is not the own
}

func newTester(cfg *Config, e *Engines, m *orchestrator.Service, cores *models.Cores) *tester {
	return &tester{cfg: cfg, own: e.chatWeight, models: m, cores: cores, after: testAfter, quiet: testQuiet,
		engine: func(w catalogue.Weight) (models.Generator, func() error, error) {
			chat, err := cfg.ChatModel(w, testUnload)
			if err != nil {
				return nil, nil, err
			}
			return chat, chat.Close, nil
		}}
}

// run tests what is installed and not tested yet, until ctx ends.
func (t *tester) run(ctx context.Context) error {
	given := map[string]bool{} // up: what cannot be tested is not tried again and again
	for pause(ctx, t.after) {
		for _, w := range catalogue.Weights() {
			if w.Kind != catalogue.KindChat || given[w.SHA256] || !catalogue.Present(t.cfg.Models, w) || t.cfg.SelfTest(w) != nil {
				continue
			}
			if w.SHA256 != t.own.SHA256 && !roomFor(w) {
				continue // perhaps later
			}
			result, err := t.test(ctx, w)
			switch {
			case ctx.Err() != nil:
				return nil
			case err != nil:
				given[w.SHA256] = true
				slog.Warn("a model cannot be tested", "model", w.Name, "error", problem.OneLine(err))
			default:
				slog.Info("tested a model", "model", w.Name, "result", result.String())
			}
		}
	}
	return nil
}

func (t *tester) test(ctx context.Context, w catalogue.Weight) (selftest.Result, error) {
	if w.SHA256 == t.own.SHA256 {
		return t.cfg.TestModel(ctx, w, t.whenQuiet(t.spare), nil)
	}
	g, stop, err := t.engine(w)
	if err != nil {
		return selftest.Result{}, err
	}
	r, err := t.cfg.TestModel(ctx, w, t.whenQuiet(t.undisturbed(selftest.Of(g))), nil)
	return r, errors.Join(err, stop())
}

// errDisturbed says that somebody asks; the question is put again later.
var errDisturbed = errors.New("somebody asks")

// spare asks the box's own model.
func (t *tester) spare(ctx context.Context, p models.Prompt) (string, time.Duration, error) {
	var answer strings.Builder
	u, err := t.models.Spare(ctx, p, func(piece string) error { answer.WriteString(piece); return nil })
	if errors.Is(err, orchestrator.ErrBusy) {
		err = errDisturbed
	}
	return answer.String(), u.Total, err
}

// undisturbed breaks off when somebody asks: a second engine that computes would
// halve the speed of theirs.
func (t *tester) undisturbed(ask selftest.Ask) selftest.Ask {
	return func(ctx context.Context, p models.Prompt) (string, time.Duration, error) {
		bounded, cancel := context.WithCancelCause(ctx)
		defer cancel(nil)
		go func() {
			for pause(bounded, 100*time.Millisecond) {
				if t.cores.Quiet() == 0 {
					cancel(errDisturbed)
				}
			}
		}()
		answer, took, err := ask(bounded, p)
		if err != nil && context.Cause(bounded) == errDisturbed {
			err = errDisturbed
		}
		return answer, took, err
	}
}

// whenQuiet puts each question when nobody has asked for a while, in turns with
// material that is being read.
func (t *tester) whenQuiet(ask selftest.Ask) selftest.Ask {
	return func(ctx context.Context, p models.Prompt) (string, time.Duration, error) {
		for {
			for left := t.quiet - t.cores.Quiet(); left > 0; left = t.quiet - t.cores.Quiet() {
				if !pause(ctx, left) {
					return "", 0, ctx.Err()
				}
			}
			done, err := t.cores.Background(ctx)
			if err != nil {
				return "", 0, err
			}
			answer, took, err := ask(ctx, p)
			done()
			if !errors.Is(err, errDisturbed) {
				return answer, took, err
			}
			if !pause(ctx, t.quiet) {
				return "", 0, ctx.Err()
			}
		}
	}
}

// pause reports whether ctx still goes on after a while.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// roomFor reports whether a second chat model finds memory beside all that runs.
func roomFor(w catalogue.Weight) bool {
	text, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return false
	}
	for line := range strings.Lines(string(text)) {
		var kB int64
		if n, _ := fmt.Sscanf(line, "MemAvailable: %d kB", &kB); n == 1 {
			return kB*1024 > w.RAM+besides/2
		}
	}
	return false
}
