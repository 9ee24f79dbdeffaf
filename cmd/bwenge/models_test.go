package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/bwenge-os/bwenge/appliance/box"
	"github.com/bwenge-os/bwenge/internal/problem"
	"github.com/bwenge-os/bwenge/models/catalogue"
)

func runModels(t *testing.T, dir string, args ...string) (string, error) {
	t.Helper()
	cmd := modelsCommand(&box.Config{Models: dir, Tier: string(catalogue.TierStandard)})
	var out bytes.Buffer
	cmd.SetOut(&out)
	cmd.SetErr(&out)
	cmd.SilenceErrors, cmd.SilenceUsage = true, true
	cmd.SetArgs(args)
	err := cmd.ExecuteContext(t.Context())
	return out.String(), err
}

func TestModelsListOfEmptyFolder(t *testing.T) {
	out, err := runModels(t, t.TempDir(), "list", "--json")
	if err != nil {
		t.Fatal(err)
	}
	var lines []struct{ File, Licence, State string }
	if err := json.Unmarshal([]byte(out), &lines); err != nil || len(lines) != len(catalogue.Weights()) {
		t.Fatalf("%d lines, %v", len(lines), err)
	}
	for _, l := range lines {
		if l.State != "missing" || l.Licence == "" {
			t.Errorf("%+v", l)
		}
	}
	if out, err = runModels(t, t.TempDir(), "list"); err != nil || !strings.Contains(out, "tier standard") {
		t.Errorf("%s, %v", out, err)
	}
}

func TestModelsVerifyNamesWhatIsMissing(t *testing.T) {
	out, err := runModels(t, t.TempDir(), "verify", "whisper base")
	if problem.CodeOf(err) != problem.Unavailable || !strings.Contains(out, "missing  ggml-base.bin") {
		t.Errorf("%s, %v", out, err)
	}
}

func TestModelsOfUnknownName(t *testing.T) {
	for _, verb := range []string{"pull", "verify"} {
		if _, err := runModels(t, t.TempDir(), verb, "gpt-9"); problem.CodeOf(err) != problem.NotFound {
			t.Errorf("%s: %v", verb, err)
		}
	}
}

func TestModelsImportOfEmptyStick(t *testing.T) {
	if _, err := runModels(t, t.TempDir(), "import", t.TempDir()); problem.CodeOf(err) != problem.NotFound {
		t.Error(err)
	}
}

// Without a terminal a pull says what happens in a few whole lines.
func TestPullSpeaksInLines(t *testing.T) {
	var out bytes.Buffer
	d := &pullDisplay{out: &out}
	w := catalogue.Weight{Name: "Model", File: "m.gguf", Size: 2_000_000}
	for done := range int64(1000) {
		d.report(catalogue.Progress{Weight: w, Stage: catalogue.StageFetch, From: "the mirror", Done: done * 2000, Total: w.Size})
	}
	d.report(catalogue.Progress{Weight: w, Stage: catalogue.StageNote, Note: "it broke off"})
	d.report(catalogue.Progress{Weight: w, Stage: catalogue.StageDone})
	d.end()
	want := "fetching  m.gguf (2 MB) from the mirror\nit broke off\nready     m.gguf (Model, 2 MB)\n"
	if out.String() != want {
		t.Errorf("said %q, want %q", out.String(), want)
	}
}

func TestModelsListShowsLicences(t *testing.T) {
	out, err := runModels(t, t.TempDir(), "list")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Llama-3.2-1B-Instruct: Built with Llama", "Gemma Terms of Use", "SELF-TEST"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in %s", want, out)
		}
	}
}

func TestTermsAreShownFirst(t *testing.T) {
	for _, verb := range []string{"pull", "choose"} {
		out, err := runModels(t, t.TempDir(), verb, "gemma-3-1b-it")
		if problem.Of(err).Reason != "terms_not_accepted" || !strings.Contains(out, "Prohibited Use Policy") {
			t.Errorf("%s: %s, %v", verb, out, err)
		}
	}
	// Accepted, it is another matter that it is not here.
	if _, err := runModels(t, t.TempDir(), "choose", "gemma-3-1b-it", "--accept-terms"); err == nil || problem.Of(err).Reason == "terms_not_accepted" {
		t.Error(err)
	}
}

func TestModelsTestWantsAChatModelThatIsHere(t *testing.T) {
	if _, err := runModels(t, t.TempDir(), "test", "whisper base"); problem.Of(err).Reason != "model_not_tested" {
		t.Error(err)
	}
	if _, err := runModels(t, t.TempDir(), "test"); problem.CodeOf(err) != problem.Unavailable {
		t.Error(err)
	}
}
