package box

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/bwenge-os/bwenge/models/catalogue"
)

// chatOf is the chat model of a tier.
func chatOf(t *testing.T, tier catalogue.Tier) catalogue.Weight {
	t.Helper()
	for _, w := range catalogue.ForTier(tier) {
		if w.Kind == catalogue.KindChat {
			return w
		}
	}
	t.Fatal("no chat model for", tier)
	return catalogue.Weight{}
}

// machine is a box of which the chat models of some tiers are installed, as
// files of their length, on a machine that reads at a speed.
func machine(t *testing.T, speed float64, err error, tiers ...catalogue.Tier) (c *Config, measured *int) {
	t.Helper()
	dir := t.TempDir()
	engines := filepath.Join(dir, "engines")
	blobs := filepath.Join(dir, "models", "sha256")
	for _, d := range []string{engines, blobs} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(engines, "llama-server"), nil, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, tier := range tiers {
		w := chatOf(t, tier)
		path := filepath.Join(blobs, w.SHA256)
		if err := errors.Join(os.WriteFile(path, nil, 0o644), os.Truncate(path, w.Size)); err != nil {
			t.Fatal(err)
		}
	}
	measured = new(int)
	return &Config{Data: filepath.Join(dir, "data"), Addr: ":0", TLSAddr: "none", Engines: engines, Models: filepath.Join(dir, "models"),
		reading: func(_ context.Context, w catalogue.Weight) (float64, error) {
			*measured++
			return speed, err
		}}, measured
}

func start(t *testing.T, c Config) Config {
	t.Helper()
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	c.MeasureOnce(t.Context())
	return c
}

func TestTierIsMeasuredOnce(t *testing.T) {
	c, measured := machine(t, 290, nil, catalogue.TierTiny, catalogue.TierStandard)
	for range 3 {
		got := start(t, *c)
		if s, ok := got.Speed(); *measured != 1 || !ok || s.Model != chatOf(t, catalogue.TierTiny).SHA256 || s.Tokens != 290 {
			t.Fatalf("measured %d times, %+v %v", *measured, s, ok)
		}
	}
	// On another processor nothing is known of it.
	s, _ := c.Speed()
	s.CPU = "another"
	if err := writeJSON(c.Path(speedFile), s); err != nil {
		t.Fatal(err)
	}
	if start(t, *c); *measured != 2 {
		t.Errorf("measured %d times, want anew for another processor", *measured)
	}
}

func TestMeasuredTierAndWhatIsInstalled(t *testing.T) {
	ram, err := Memory()
	if err != nil || ram < 8_000_000_000 {
		t.Skip("below 8 GB the memory alone decides the tier, whatever the speed; there is nothing to choose")
	}
	for name, test := range map[string]struct {
		speed      float64 // of the 0.5B
		have       []catalogue.Tier
		best, tier catalogue.Tier
	}{
		"fast":                   {300, []catalogue.Tier{catalogue.TierStandard, catalogue.TierPlus}, catalogue.TierPlus, catalogue.TierPlus},
		"slow":                   {120, []catalogue.Tier{catalogue.TierStandard, catalogue.TierPlus}, catalogue.TierStandard, catalogue.TierStandard},
		"fast, without weights":  {300, []catalogue.Tier{catalogue.TierStandard}, catalogue.TierPlus, catalogue.TierStandard},
		"slow, with the greater": {80, []catalogue.Tier{catalogue.TierPlus}, catalogue.TierStandard, catalogue.TierPlus},
	} {
		t.Run(name, func(t *testing.T) {
			c, _ := machine(t, test.speed, nil, test.have...)
			got := start(t, *c)
			if got.Best != test.best || got.Tier != string(test.tier) {
				t.Errorf("could carry %s and has %s, want %s and %s", got.Best, got.Tier, test.best, test.tier)
			}
		})
	}
}

func TestTierThatSomebodyChose(t *testing.T) {
	c, measured := machine(t, 1000, nil, catalogue.TierStandard)
	c.Tier = "tiny"
	if got := start(t, *c); *measured != 0 || got.Tier != "tiny" {
		t.Errorf("measured %d times, tier %s", *measured, got.Tier)
	}
}

func TestTierWithoutWeightsOrMeasurement(t *testing.T) {
	c, measured := machine(t, 1000, nil)
	got := start(t, *c)
	if _, known := got.Speed(); *measured != 0 || known || got.Tier != string(got.Best) || got.Tier == "" {
		t.Errorf("without weights: measured %d times, tier %q of %q", *measured, got.Tier, got.Best)
	}
	// What cannot be measured in time is not tried at every start.
	c, measured = machine(t, 0, context.DeadlineExceeded, catalogue.TierStandard)
	for range 2 {
		if got = start(t, *c); got.Tier != string(catalogue.TierStandard) || *measured != 1 {
			t.Errorf("measured %d times, tier %q", *measured, got.Tier)
		}
	}
}
