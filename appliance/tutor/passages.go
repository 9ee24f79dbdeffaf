package tutor

import (
	"context"
	"slices"

	"github.com/bwenge-os/bwenge/appliance"
)

// withNeighbours returns the passages that the model reads from: the best ones, and the
// neighbours of the first, where a sentence may go on.
func (t *Tutor) withNeighbours(ctx context.Context, who appliance.Principal, f appliance.Finding) ([]appliance.Passage, error) {
	list := slices.Clone(f.Passages[:min(read, len(f.Passages))])
	first := list[0]
	page, err := t.store.Chunks(ctx, who.Org, who.Scope, first.SourceID, max(first.Seq-1, 0), 3)
	if err != nil {
		return list, err
	}
	for _, c := range page.Items {
		if c.Table != nil || c.Seq-first.Seq > 1 || c.Seq-first.Seq < -1 || slices.ContainsFunc(list, func(p appliance.Passage) bool { return p.ID == c.ID }) {
			continue
		}
		neighbour := first
		neighbour.Chunk, neighbour.Score = c, first.Score
		list = append(list, neighbour)
	}
	return list, nil
}

// writes reports whether the models are able to answer in a language.
func (t *Tutor) writes(language string) bool {
	return language == "" || slices.Contains(t.cfg.Writes, language)
}
