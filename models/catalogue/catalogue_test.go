package catalogue

import (
	"encoding/hex"
	"os"
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
		if !slices.Contains(free, w.Licence) && (!w.Optional || w.Notice == "" || w.Terms == "" || !strings.HasPrefix(w.TermsURL, "https://")) {
			t.Errorf("%s: licence %q is not a free one, and its terms and notice are not told", w.File, w.Licence)
		}
		if w.Optional && len(w.Tiers) > 0 {
			t.Errorf("%s: a tier's model is not optional", w.File)
		}
		if w.Kind == KindChat && len(w.Writes) == 0 {
			t.Errorf("%s writes no language", w.File)
		}
		if w.Reasoning != "" && w.Reasoning != "off" {
			t.Errorf("%s: reasoning %q", w.File, w.Reasoning)
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

// What is offered is pinned by its sha256, and by a revision where one is known.
func TestOfferedModels(t *testing.T) {
	revision := regexp.MustCompile(`/resolve/([0-9a-f]{40}|main)/`)
	offered := 0
	for _, w := range Weights() {
		if !w.Optional {
			continue
		}
		offered++
		if url := w.Sources[1].URL; !revision.MatchString(url) || !strings.HasSuffix(url, w.File) {
			t.Errorf("%s is fetched from %s", w.File, url)
		}
		if thinks := strings.HasPrefix(w.Name, "Qwen3"); thinks != slices.Equal(w.Flags(), []string{"--reasoning", "off"}) {
			t.Errorf("%s: the engine is told %v", w.Name, w.Flags())
		}
		switch {
		case strings.HasPrefix(w.Name, "Llama") && w.Notice != "Built with Llama",
			strings.HasPrefix(w.Name, "Gemma") && !strings.Contains(w.Terms, "Prohibited Use Policy"):
			t.Errorf("%s: notice %q, terms %q", w.Name, w.Notice, w.Terms)
		}
	}
	if offered < 12 || len(Shipped())+offered != len(Weights()) {
		t.Errorf("%d are offered and %d shipped of %d", offered, len(Shipped()), len(Weights()))
	}
	if w := Weights()[len(Shipped())]; w.Name != "Llama-3.2-1B-Instruct" {
		t.Errorf("%s is offered first", w.Name)
	}
}

func TestNoticeGoesWithTheFile(t *testing.T) {
	dir := t.TempDir()
	w, _ := Find("Gemma-3-1B-it")
	put(t, dir, w)
	store{dir}.name(w)
	text, err := os.ReadFile(filepath.Join(dir, w.File+".NOTICE.txt"))
	if err != nil || !strings.Contains(string(text), w.Notice) || !strings.Contains(string(text), w.TermsURL) {
		t.Errorf("%s, %v", text, err)
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
		want := sourcePip
		if w.Optional {
			want = sourceHub
		}
		if w.Sources[0].Kind != sourceMirror || last != slices.Index(order, want) {
			t.Errorf("%s must be had from a mirror first and from %s last", w.File, want)
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
		ram     uint64
		cores   int
		reading float64
		want    Tier
	}{
		{0, 1, 0, TierTiny},
		{2 * gb, 8, 0, TierTiny},
		{4 * gb * 95 / 100, 2, 0, TierStandard}, // what a 4 GB machine has left
		{8 * gb, 8, 0, TierStandard},
		{12 * gb, 4, 0, TierPlus},
		{24 * gb, 2, 0, TierStandard}, // memory does not make two cores read faster
		{64 * gb, 16, 0, TierPlus},

		{24 * gb, 2, 151, TierPlus}, // fast cores are few and still fast
		{24 * gb, 2, 100, TierPlus},
		{24 * gb, 2, 99, TierStandard},
		{64 * gb, 16, 42, TierStandard}, // and slow ones many
		{8 * gb * 95 / 100, 4, 130, TierPlus},
		{4 * gb, 4, 500, TierStandard}, // never more than memory allows
		{2 * gb, 4, 500, TierTiny},
	}
	for _, test := range tests {
		if got := PickTier(test.ram, test.cores, test.reading); got != test.want {
			t.Errorf("%d bytes, %d cores, %v tokens a second: %s, want %s", test.ram, test.cores, test.reading, got, test.want)
		}
	}
}

// put makes a file of a weight's length, with nothing in it.
func put(t *testing.T, dir string, w Weight) {
	t.Helper()
	path := store{dir}.blob(w)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := f.Truncate(w.Size); err != nil {
		t.Fatal(err)
	}
}

func TestInstalled(t *testing.T) {
	chat := map[Tier]Weight{}
	for _, tier := range []Tier{TierTiny, TierStandard, TierPlus} {
		for _, w := range ForTier(tier) {
			if w.Kind == KindChat {
				chat[tier] = w
			}
		}
		if chat[tier].Reading <= 0 {
			t.Errorf("%s: nobody knows how fast %s reads", tier, chat[tier].Name)
		}
	}
	for _, test := range []struct {
		have []Tier
		best Tier
		want Tier
	}{
		{nil, TierPlus, ""},
		{[]Tier{TierStandard}, TierPlus, TierStandard},
		{[]Tier{TierTiny, TierStandard}, TierPlus, TierStandard},
		{[]Tier{TierPlus, TierStandard}, TierStandard, TierStandard},
		{[]Tier{TierPlus}, TierTiny, TierPlus},
		{[]Tier{TierPlus, TierTiny}, TierStandard, TierTiny},
		{[]Tier{TierPlus, TierStandard}, TierTiny, TierStandard},
	} {
		dir := t.TempDir()
		for _, tier := range test.have {
			put(t, dir, chat[tier])
		}
		if got := Installed(dir, test.best); got != test.want {
			t.Errorf("with %v, of %s: %q, want %q", test.have, test.best, got, test.want)
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
