package box

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bwenge-os/bwenge/appliance/tutor/orchestrator"
	"github.com/bwenge-os/bwenge/models"
	"github.com/bwenge-os/bwenge/models/catalogue"
	"github.com/bwenge-os/bwenge/models/modeltest"
	"github.com/bwenge-os/bwenge/models/selftest"
)

// The box tests what is installed by itself: its own model through the queue,
// another one with an engine that is stopped afterwards. What is known is not
// tested again.
func TestInstalledModelsAreTested(t *testing.T) {
	cfg, _ := machine(t, 0, nil, catalogue.TierTiny, catalogue.TierStandard)
	own, other := chatOf(t, catalogue.TierStandard), chatOf(t, catalogue.TierTiny)
	cfg.Tier = "standard"
	fake, second := modeltest.StartLlama(t), modeltest.StartLlama(t)
	fake.Reply = func([]models.Turn) string { return "The text does not say." }
	cores := models.NewCores(1, time.Second)
	m := orchestrator.New(orchestrator.Config{Box: liveGenerator{fake.Chat(), cores}})
	var started, stopped atomic.Int32
	tester := newTester(cfg, &Engines{chatWeight: own}, m, cores)
	tester.after, tester.quiet = time.Millisecond, time.Millisecond
	tester.engine = func(w catalogue.Weight) (models.Generator, func() error, error) {
		if w.SHA256 != other.SHA256 {
			t.Errorf("an engine is made for %s", w.Name)
		}
		started.Add(1)
		return second.Chat(), func() error { stopped.Add(1); return nil }, nil
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- tester.run(ctx) }()
	for deadline := time.Now().Add(30 * time.Second); cfg.SelfTest(own) == nil || cfg.SelfTest(other) == nil; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("not tested")
		}
	}
	time.Sleep(20 * time.Millisecond) // rounds in which there is nothing to do
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if r := cfg.SelfTest(own); r.Right != 6 || r.Wrong != 0 || r.Total != 30 || r.Model != own.Name {
		t.Errorf("own: %+v", r)
	}
	if len(fake.Asked()) != 30 || len(second.Asked()) != 30 || started.Load() != 1 || stopped.Load() != 1 {
		t.Errorf("asked %d and %d times, %d engines started and %d stopped", len(fake.Asked()), len(second.Asked()), started.Load(), stopped.Load())
	}
	for _, b := range cfg.BoxModels() {
		tested := b.File == own.File || b.File == other.File
		if (b.Test != nil) != tested || b.Installed != tested || b.InUse != (b.File == own.File) {
			t.Errorf("%+v", b)
		}
	}
	// A result of another version of the questions says nothing.
	r := cfg.SelfTest(own)
	r.Version++
	if err := writeJSON(cfg.testFile(own), r); err != nil || cfg.SelfTest(own) != nil {
		t.Error("an old result counts", err)
	}
}

// While somebody asks nothing is tested, and what was under way is put again.
func TestSelfTestGivesWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cores := models.NewCores(1, time.Second)
		tester := &tester{cores: cores, quiet: 30 * time.Second}
		began := time.Now()
		var at []time.Duration
		ask := tester.whenQuiet(tester.undisturbed(func(ctx context.Context, _ models.Prompt) (string, time.Duration, error) {
			at = append(at, time.Since(began))
			if !pause(ctx, 4*time.Second) {
				return "", 0, context.Cause(ctx)
			}
			return "ok", time.Second, nil
		}))
		go func() {
			pupil := cores.Live() // asks before the first question, until 0:10
			time.Sleep(10 * time.Second)
			pupil()
			time.Sleep(31 * time.Second) // and in the middle of it
			pupil = cores.Live()
			time.Sleep(5 * time.Second)
			pupil()
		}()
		synctest.Wait()
		answer, _, err := ask(t.Context(), models.Prompt{})
		if answer != "ok" || err != nil || len(at) != 2 || at[0] != 40*time.Second || at[1] < 76*time.Second || at[1] > 80*time.Second {
			t.Errorf("%q, %v: asked at %v, want at 0:40, thirty seconds after the pupil, and again thirty after the next", answer, err, at)
		}
		reading, err := cores.Background(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		began, at = time.Now(), nil
		time.AfterFunc(50*time.Second, reading)
		if _, _, err := ask(t.Context(), models.Prompt{}); err != nil || len(at) != 1 || at[0] != 50*time.Second {
			t.Errorf("%v: asked at %v, want it to take turns with material that is read until 0:50", err, at)
		}
		at = at[:0]
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		live := cores.Live()
		defer live()
		if _, _, err := ask(ctx, models.Prompt{}); !errors.Is(err, context.DeadlineExceeded) || len(at) != 0 {
			t.Errorf("%v, asked %d times: want it to wait for the end", err, len(at))
		}
	})
}

func TestModelThatCannotBeTested(t *testing.T) {
	cfg, _ := machine(t, 0, nil, catalogue.TierTiny)
	fake := modeltest.StartLlama(t)
	fake.Refuse = func(path string) int {
		if strings.HasSuffix(path, "completions") {
			return http.StatusInternalServerError
		}
		return 0
	}
	w := chatOf(t, catalogue.TierTiny)
	if r, err := cfg.TestModel(t.Context(), w, selftest.Of(fake.Chat()), nil); err == nil || cfg.SelfTest(w) != nil {
		t.Errorf("%+v", r)
	}
}

func TestChoice(t *testing.T) {
	cfg, _ := machine(t, 150, nil, catalogue.TierTiny, catalogue.TierStandard)
	got := start(t, *cfg)
	tiny := chatOf(t, catalogue.TierTiny)
	if err := writeJSON(cfg.Path(choiceFile), map[catalogue.Kind]string{catalogue.KindChat: tiny.SHA256}); err != nil {
		t.Fatal(err)
	}
	if w := got.Weights(); w[catalogue.KindChat].SHA256 != tiny.SHA256 || w[catalogue.KindEmbedding].File == "" {
		t.Errorf("runs on %s", w[catalogue.KindChat].Name)
	}
	given := *cfg
	given.Tier = "standard" // overrules
	if w := start(t, given); w.Weights()[catalogue.KindChat].SHA256 == tiny.SHA256 {
		t.Error("a given tier does not overrule what was chosen")
	} else if err := w.Choose(tiny); err == nil {
		t.Error("chosen without any effect")
	}
	for _, name := range []string{"Llama-3.2-1B-Instruct", "multilingual-e5-small"} { // not here; no choice
		if w, _ := catalogue.Find(name); got.Choose(w) == nil {
			t.Errorf("%s is chosen", name)
		}
	}
	if err := got.ChooseTier(); err != nil || got.Weights()[catalogue.KindChat].SHA256 == tiny.SHA256 {
		t.Error("the choice stays", err)
	}
}
