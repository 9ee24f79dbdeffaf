package main

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/bwenge-os/bwenge/"

// allowed lists, for each of our packages, which of our packages it may import
// outside its tests. A package that is not listed fails the test: decide where
// it stands before it grows. Only cmd sees all.
var allowed = map[string][]string{
	"internal/problem":             nil,
	"internal/proc":                nil,
	"appliance":                    {"internal/problem"},
	"internal/text":                {"internal/problem"},
	"appliance/school/keys":        {"internal/problem", "appliance"},
	"appliance/school/certs":       {"internal/problem", "appliance/school/keys"},
	"appliance/knowledge/extract":  {"internal/problem", "internal/proc", "appliance"},
	"appliance/knowledge/ingest":   {"internal/problem", "appliance", "appliance/knowledge/extract", "appliance/school/keys", "internal/text", "models"},
	"appliance/tutor/personas":     {"internal/problem", "appliance", "appliance/tutor/safety"},
	"appliance/tutor/speech":       {"internal/problem", "appliance", "appliance/knowledge/extract", "models", "models/voice"},
	"models/voice":                 {"internal/problem", "internal/proc"},
	"appliance/tutor/safety":       {"internal/problem"},
	"appliance/tutor/orchestrator": {"internal/problem", "appliance", "models", "models/openai"},
	"appliance/tutor":              {"internal/problem", "appliance", "appliance/tutor/safety", "internal/text", "appliance/tutor/orchestrator", "models"},
	"appliance/sqlite":             {"internal/problem", "appliance", "appliance/school/keys"},
	"appliance/school/auth":        {"internal/problem", "appliance"},
	"appliance/school/roster":      {"internal/problem", "appliance"},
	"appliance/school/cards":       {"internal/problem", "appliance"},
	"appliance/school/accounts":    {"internal/problem", "appliance", "appliance/school/cards", "appliance/school/roster"},
	"internal/transport":           {"internal/problem"},
	"appliance/httpd":              {"internal/problem", "internal/transport", "appliance"},
	"cmd/bwenge-lab/eval":          {"appliance", "models"},
	"models":                       {"internal/problem"},
	"models/worker":                {"internal/problem", "internal/proc"},
	"models/llama":                 {"internal/problem", "internal/proc", "models", "models/openai", "models/worker"},
	"models/openai":                {"internal/problem", "models"},
	"models/whisper":               {"internal/problem", "internal/proc", "models", "models/worker"},
	"models/modeltest":             {"internal/problem", "models", "models/llama", "models/worker"},
	"models/convert":               {"internal/problem"},
	"models/catalogue":             {"internal/problem", "models/convert"},
	"web":                          nil,
}

type goPackage struct {
	ImportPath string
	Doc        string
	Imports    []string
	GoFiles    []string
}

func listPackages(t *testing.T) []goPackage {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Doc,Imports,GoFiles", "-tags", "sqlite_fts5", "../../...")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var stderr strings.Builder
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var packages []goPackage
	for d := json.NewDecoder(out); ; {
		var p goPackage
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("%v\n%s", err, stderr.String())
		}
		packages = append(packages, p)
	}
	if err := cmd.Wait(); err != nil {
		t.Fatalf("%v\n%s", err, stderr.String())
	}
	return packages
}

func TestImportDirections(t *testing.T) {
	for _, p := range listPackages(t) {
		name := strings.TrimPrefix(p.ImportPath, module)
		if strings.HasPrefix(name, "cmd/") {
			continue
		}
		may, listed := allowed[name]
		if !listed {
			t.Errorf("%s is not in the layout: add it to the list with what it may import", name)
			continue
		}
		for _, imp := range p.Imports {
			if ours, ok := strings.CutPrefix(imp, module); ok && !slices.Contains(may, ours) {
				t.Errorf("%s imports %s: only %v", name, ours, may)
			}
			if imp == "database/sql" && name != "appliance/sqlite" {
				t.Errorf("%s imports database/sql: SQL stands in appliance/sqlite", name)
			}
		}
	}
}

func TestEveryPackageSaysWhatItIsFor(t *testing.T) {
	for _, p := range listPackages(t) {
		if len(p.GoFiles) > 0 && p.Doc == "" {
			t.Errorf("%s has no package comment", p.ImportPath)
		}
	}
}
