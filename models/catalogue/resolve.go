package catalogue

import (
	"errors"
	"fmt"

	"github.com/bwenge-os/bwenge/internal/problem"
	"github.com/bwenge-os/bwenge/models/convert"
)

// Found is a weight file that is ready for use.
type Found struct {
	Weight
	Path string
}

// Set is what a box runs on.
type Set struct {
	Tier      Tier
	Chat      Found
	Speech    Found
	Embedding Found
	VAD       Found
}

// All lists the set's files.
func (s Set) All() []Found { return []Found{s.Chat, s.Speech, s.Embedding, s.VAD} }

// Names lists the names of the set's models.
func (s Set) Names() []string {
	var names []string
	for _, f := range s.All() {
		names = append(names, f.Name)
	}
	return names
}

// Resolve finds a tier's weight files in dir. What has changed since it was
// last checked is hashed again, so a damaged file is not handed to an engine.
// The error names what is missing or damaged and is EUnavailable.
func Resolve(dir string, tier Tier) (Set, error) {
	set := Set{Tier: tier}
	if !tier.Valid() {
		return set, problem.New(problem.Invalid, "unknown_tier",
			fmt.Sprintf("There is no tier %q of models.", tier), "Choose tiny, standard or plus.", nil)
	}
	var problems []error
	for _, w := range ForTier(tier) {
		f, err := Locate(dir, w)
		if err != nil {
			problems = append(problems, err)
			continue
		}
		switch w.Kind {
		case KindChat:
			set.Chat = f
		case KindSpeech:
			set.Speech = f
		case KindEmbedding:
			set.Embedding = f
		case KindVAD:
			set.VAD = f
		}
	}
	if len(problems) == 0 {
		return set, nil
	}
	if len(problems) == 1 {
		return set, problems[0]
	}
	return set, problem.New(problem.Unavailable, "weights_missing",
		fmt.Sprintf("%d of the box's model files are missing or damaged.", len(problems)),
		hintPull, errors.Join(problems...)).With("count", len(problems))
}

const hintPull = "Run bwenge models pull, or bwenge models import with the folder of a USB stick that holds them."

// Locate finds one weight file in dir and checks it as Resolve does.
func Locate(dir string, w Weight) (Found, error) {
	s := store{dir}
	f := Found{Weight: w, Path: s.blob(w)}
	switch state, err := s.check(w); state {
	case Ready:
		if err := convert.Check(f.Path); err != nil {
			return f, damaged(w, err)
		}
		return f, nil
	case Damaged:
		return f, damaged(w, err)
	default:
		return f, problem.New(problem.Unavailable, "weights_missing",
			fmt.Sprintf("The model file %s (%s) is not on this box.", w.File, w.Name), hintPull, err).
			With("file", w.File).With("model", w.Name)
	}
}

func damaged(w Weight, cause error) error {
	return problem.New(problem.Unavailable, "weights_damaged",
		fmt.Sprintf("The model file %s (%s) is damaged.", w.File, w.Name),
		"Run bwenge models verify --repair.", cause).
		With("file", w.File).With("model", w.Name)
}
