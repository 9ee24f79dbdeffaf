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

// wings are the parts of the house from the ground up, and which of the others
// each may know. A package belongs to the longest name that it begins with, and
// may always know its own wing. cmd sees all.
var wings = map[string][]string{
	"internal":            nil,
	"models":              {"internal"},
	"web":                 nil,
	"appliance":           {"internal"}, // the nouns
	"appliance/knowledge": {"internal", "models", "appliance"},
	"appliance/tutor":     {"internal", "models", "appliance"},
	"appliance/school":    {"internal", "appliance"},
	"appliance/lan":       {"internal", "appliance"},
	"appliance/sqlite":    {"internal", "appliance", "appliance/school"}, // seals with the school's keys
	"appliance/httpd":     {"internal", "appliance"},
	"appliance/box":       {"internal", "models", "web", "appliance", "appliance/knowledge", "appliance/tutor", "appliance/school", "appliance/lan", "appliance/sqlite", "appliance/httpd"},
}

func wingOf(pkg string) string {
	best := ""
	for w := range wings {
		if (pkg == w || strings.HasPrefix(pkg, w+"/")) && len(w) > len(best) {
			best = w
		}
	}
	return best
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
		wing := wingOf(name)
		if wing == "" {
			t.Errorf("%s is in no wing: decide where it stands before it grows", name)
		}
		for _, imp := range p.Imports {
			if imp == "database/sql" && wing != "appliance/sqlite" {
				t.Errorf("%s imports database/sql: SQL stands in appliance/sqlite", name)
			}
			ours, ok := strings.CutPrefix(imp, module)
			if !ok || wingOf(ours) == wing || slices.Contains(wings[wing], wingOf(ours)) {
				continue
			}
			t.Errorf("%s imports %s: %s may know %v alone", name, ours, wing, wings[wing])
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
