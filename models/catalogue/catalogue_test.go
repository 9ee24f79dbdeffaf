package catalogue

import (
	"encoding/hex"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/bwenge-os/bwenge/models/convert"
)

// free are the licences under which a school, or a company that serves
// schools, may use and pass on a model without asking.
var free = []string{"Apache-2.0", "MIT", "BSD-3-Clause", "CC-BY-4.0", "CC0-1.0"}

func TestCatalogueIsWhole(t *testing.T) {
	seen := map[string]bool{}
	for _, w := range Weights() {
		if sum, err := hex.DecodeString(w.SHA256); err != nil || len(sum) != 32 || strings.ToLower(w.SHA256) != w.SHA256 {
			t.Errorf("%s: sha256 %q", w.File, w.SHA256)
		}
		for _, key := range []string{w.SHA256, w.File, w.Name} {
			if seen[key] {
				t.Errorf("%s: %s is there twice", w.File, key)
			}
			seen[key] = true
		}
		if w.File != filepath.Base(w.File) || w.File == "" || w.Size <= 0 || w.RAM < w.Size/2 || w.Context <= 0 {
			t.Errorf("%s: size %d, memory %d, context %d", w.File, w.Size, w.RAM, w.Context)
		}
		if !slices.Contains(free, w.Licence) {
			t.Errorf("%s: licence %q is not a free one", w.File, w.Licence)
		}
		if w.Note == "" || !strings.HasPrefix(w.Origin, "https://") || len(w.Languages) == 0 {
			t.Errorf("%s: the note, origin or languages are missing", w.File)
		}
		if (w.Kind == KindEmbedding) != (w.Embedding != nil && w.Embedding.Dimensions > 0) {
			t.Errorf("%s: an embedding model, and no other, has dimensions", w.File)
		}
		for _, tier := range w.Tiers {
			if !tier.Valid() {
				t.Errorf("%s: tier %q", w.File, tier)
			}
		}
	}
}

var version = regexp.MustCompile(`^\d+(\.\d+)+$`)

func TestCatalogueSources(t *testing.T) {
	order := []string{sourceMirror, sourceHub, sourcePip}
	for _, w := range Weights() {
		last := -1
		for _, src := range w.Sources {
			at := slices.Index(order, src.Kind)
			if at <= last {
				t.Errorf("%s: source %q is unknown or out of order", w.File, src.Kind)
			}
			last = at
			if (src.Kind == sourceHub) != strings.HasPrefix(src.URL, "https://") || (src.Kind == sourcePip) != (len(src.Packages) > 0) {
				t.Errorf("%s: source %+v", w.File, src)
			}
			checkPackages(t, w, src)
		}
		if w.Sources[0].Kind != sourceMirror || last != slices.Index(order, sourcePip) {
			t.Errorf("%s must be had from a mirror first and from packages last", w.File)
		}
	}
}

func checkPackages(t *testing.T, w Weight, src Source) {
	t.Helper()
	roles := map[string]bool{}
	for _, pkg := range src.Packages {
		if pkg.Name == "" || !version.MatchString(pkg.Version) || pkg.Bytes <= 0 || len(pkg.Members) == 0 {
			t.Errorf("%s: package %+v", w.File, pkg)
		}
		for _, m := range pkg.Members {
			roles[m.Role] = true
			if m.Path == "" {
				t.Errorf("%s: a member of %s has no path", w.File, pkg.Name)
			}
		}
	}
	want := []string{convert.RoleModel}
	if src.Recipe != "" {
		want = convert.Roles(src.Recipe)
	}
	if src.Kind != sourcePip {
		want = nil
	}
	for _, role := range want {
		if !roles[role] {
			t.Errorf("%s: no package has its %s", w.File, role)
		}
	}
	if len(roles) != len(want) || src.Recipe != "" && want == nil {
		t.Errorf("%s: recipe %q takes %v, the packages have %v", w.File, src.Recipe, want, roles)
	}
}

func TestTiersAreComplete(t *testing.T) {
	for _, tier := range []Tier{TierTiny, TierStandard, TierPlus} {
		kinds := map[Kind]int{}
		for _, w := range ForTier(tier) {
			kinds[w.Kind]++
		}
		for _, k := range []Kind{KindChat, KindSpeech, KindEmbedding, KindVAD} {
			if kinds[k] != 1 {
				t.Errorf("tier %s has %d files for %s", tier, kinds[k], k)
			}
		}
	}
	if Tier("huge").Valid() || ForTier("huge") != nil {
		t.Error("there is a tier huge")
	}
}

func TestPickTier(t *testing.T) {
	const gb = 1_000_000_000
	tests := []struct {
		ram   uint64
		cores int
		want  Tier
	}{
		{0, 1, TierTiny},
		{2 * gb, 8, TierTiny},
		{4 * gb * 95 / 100, 2, TierStandard}, // what a 4 GB machine has left
		{8 * gb, 8, TierStandard},
		{12 * gb, 4, TierPlus},
		{24 * gb, 2, TierStandard}, // memory does not make two cores read faster
		{64 * gb, 16, TierPlus},
	}
	for _, test := range tests {
		if got := PickTier(test.ram, test.cores); got != test.want {
			t.Errorf("%d bytes and %d cores: %s, want %s", test.ram, test.cores, got, test.want)
		}
	}
}

func TestDefaultDir(t *testing.T) {
	t.Setenv("HOME", "/home/box")
	for _, name := range []string{"BWENGE_MODELS", "BWENGE_CACHE", "XDG_CACHE_HOME"} {
		t.Setenv(name, "")
	}
	steps := []struct{ name, value, want string }{
		{"HOME", "/home/box", "/home/box/.cache/bwenge/models"},
		{"XDG_CACHE_HOME", "/xdg", "/xdg/bwenge/models"},
		{"BWENGE_CACHE", "/cache", "/cache/models"},
		{"BWENGE_MODELS", "/weights", "/weights"},
	}
	for _, step := range steps { // each goes before those set until then
		t.Setenv(step.name, step.value)
		if got := DefaultDir(); got != step.want {
			t.Errorf("with %s: %s, want %s", step.name, got, step.want)
		}
	}
}

func TestFind(t *testing.T) {
	for _, name := range []string{"whisper BASE", "ggml-base.bin"} {
		if w, ok := Find(name); !ok || w.File != "ggml-base.bin" {
			t.Errorf("%q finds %q", name, w.File)
		}
	}
	if _, ok := Find("ggml"); ok {
		t.Error("part of a name finds something")
	}
}

func TestBytes(t *testing.T) {
	for n, want := range map[int64]string{885_098: "885 kB", 491_400_064: "491 MB", 1_117_320_768: "1.1 GB"} {
		if got := Bytes(n); got != want {
			t.Errorf("%d is %q, want %q", n, got, want)
		}
	}
}
