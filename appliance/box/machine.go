package box

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/bwenge-os/bwenge/internal/problem"
	"github.com/bwenge-os/bwenge/models"
	"github.com/bwenge-os/bwenge/models/catalogue"
)

// Which models a machine can carry is measured: how fast it reads a prompt with
// the smallest chat model that it has. Two cores of one kind read four times as
// fast as two of another.

const (
	speedFile = "speed.json" // in the data folder
	// startMeasure bounds what the first start waits for the measurement, the
	// loading of the model included; ending the engine takes a moment more.
	startMeasure = 5 * time.Second
)

// Speed is how fast this machine was measured to read.
type Speed struct {
	CPU    string    `json:"cpu"`
	Model  string    `json:"model"`  // sha256 of the file that was read with
	Tokens float64   `json:"tokens"` // a second; 0 if it could not be measured in time
	At     time.Time `json:"at"`
}

// Plus is the speed at which the model of the tier plus would read, 0 if that
// is not known.
func (s Speed) Plus() float64 {
	for _, w := range catalogue.Weights() {
		if w.SHA256 == s.Model && w.Reading > 0 {
			return s.Tokens / w.Reading
		}
	}
	return 0
}

// Speed is what was measured on this machine; ok is false if nothing was. Of
// another processor nothing is known.
func (c *Config) Speed() (s Speed, ok bool) {
	text, err := os.ReadFile(c.Path(speedFile))
	if err != nil || json.Unmarshal(text, &s) != nil || s.CPU != CPU() || s.Tokens > 0 && s.Plus() == 0 {
		return Speed{}, false
	}
	return s, true
}

// pickTier chooses the tier where nobody has: the best that memory and the
// measured speed allow, and of that what is installed.
func (c *Config) pickTier() error {
	ram, err := Memory()
	if err != nil {
		return fmt.Errorf("cannot tell how much memory this machine has; choose --tier: %w", err)
	}
	speed, _ := c.Speed()
	c.picked, c.Best = true, catalogue.PickTier(ram, runtime.NumCPU(), speed.Plus())
	c.Tier = string(catalogue.Installed(c.Models, c.Best))
	if c.Tier == "" {
		c.Tier = string(c.Best)
	}
	return nil
}

// MeasureOnce measures how fast this machine reads, if that decides about the
// tier and is not known yet, and picks the tier anew. It takes at most six
// seconds, once: what is not done by then counts as not measurable, until
// somebody asks for it by bwenge models choose.
func (c *Config) MeasureOnce(ctx context.Context) {
	if _, known := c.Speed(); known || !c.picked {
		return
	}
	bounded, cancel := context.WithTimeout(ctx, startMeasure)
	defer cancel()
	speed, err := c.Measure(bounded)
	switch {
	case ctx.Err() != nil || errors.Is(err, errNothingToRead):
		return
	case err != nil:
		slog.Warn("how fast this machine reads could not be measured; its cores decide", "error", problem.OneLine(err))
	default:
		slog.Info("measured how fast this machine reads", "tokens_per_second", int(speed.Tokens), "with_1.5B", int(speed.Plus()))
	}
	if err := c.pickTier(); err != nil {
		slog.Warn("the tier is not picked anew", "error", err)
	}
	if c.Tier != string(c.Best) {
		slog.Info("this machine can carry other models than it has: bwenge models pull fetches them", "tier", c.Best)
	}
}

// errNothingToRead says that there is no engine, or no model that the others'
// speed follows from.
var errNothingToRead = problem.New(problem.Unavailable, "nothing_to_measure",
	"There is no chat model on this box to measure with.", "Run bwenge models pull first.", nil)

// Measure reads with the smallest chat model that is installed, for about five
// seconds once it is loaded, and keeps the result.
func (c *Config) Measure(ctx context.Context) (Speed, error) {
	if _, err := os.Stat(filepath.Join(c.Engines, "llama-server")); err != nil {
		return Speed{}, errNothingToRead
	}
	var smallest catalogue.Weight
	for _, w := range catalogue.Weights() {
		if w.Reading > 0 && (smallest.Size == 0 || w.Size < smallest.Size) && catalogue.Present(c.Models, w) {
			smallest = w
		}
	}
	if smallest.Size == 0 {
		return Speed{}, errNothingToRead
	}
	s := Speed{CPU: CPU(), Model: smallest.SHA256, At: time.Now().UTC()}
	var err error
	s.Tokens, err = c.read(ctx, smallest)
	if errors.Is(context.Cause(ctx), context.Canceled) { // somebody stops the box
		return s, ctx.Err()
	}
	return s, errors.Join(err, writeJSON(c.Path(speedFile), s))
}

// read loads a chat model, measures it and unloads it.
func (c *Config) read(ctx context.Context, w catalogue.Weight) (float64, error) {
	if c.reading != nil {
		return c.reading(ctx, w)
	}
	chat, err := c.ChatModel(w, 0)
	if err != nil {
		return 0, err
	}
	defer func() {
		if err := chat.Close(); err != nil {
			slog.Error("the engine of the measurement cannot be stopped", "error", err)
		}
	}()
	return models.ReadingSpeed(ctx, chat)
}

// CPU names this machine's processor and how many cores of it there are.
func CPU() string {
	name := runtime.GOARCH
	text, _ := os.ReadFile("/proc/cpuinfo")
	fields := map[string]string{}
	for line := range bytes.Lines(text) {
		key, value, _ := strings.Cut(string(line), ":")
		fields[strings.TrimSpace(key)] = strings.TrimSpace(value) // of the last core
	}
	switch {
	case fields["model name"] != "":
		name = fields["model name"]
	case fields["Model"] != "": // a Raspberry Pi names itself, its cores do not
		name = fields["Model"]
	case fields["CPU part"] != "":
		name = strings.Join([]string{fields["CPU implementer"], fields["CPU part"], fields["CPU variant"]}, " ")
	}
	return fmt.Sprintf("%s, %d cores", name, runtime.NumCPU())
}

// writeJSON replaces a file whole.
func writeJSON(path string, value any) error {
	text, err := json.MarshalIndent(value, "", "\t")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(append(text, '\n'))
	if err = errors.Join(err, f.Sync(), f.Chmod(0o644), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
