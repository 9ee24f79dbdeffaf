package tutor

import (
	"cmp"
	"context"
	"slices"

	"github.com/bwenge-os/bwenge/appliance"
)

// depth is how many chunks each part of the search contributes.
const depth = 100

// Evidence is what a search says about whether the material holds an answer.
type Evidence struct {
	Cosine     float64 `json:"cosine"`     // of the best passage
	Background float64 `json:"background"` // mean cosine of ranks 20 to 50: what unrelated passages reach
	Coverage   float64 `json:"coverage"`   // share of the question's IDF mass that the best passage matches
	Answerable bool    `json:"answerable"`
}

// Retrieve returns the k passages most likely to answer a question, best
// first, and what they are worth.
func (t *Tutor) Retrieve(ctx context.Context, org appliance.OrgID, question string, k int) ([]appliance.Passage, Evidence, error) {
	asked := terms(question, languageOf(question))
	chunks, df, err := t.store.TermCounts(ctx, org, asked)
	if err != nil || chunks == 0 {
		return nil, Evidence{}, err
	}
	text, err := t.store.SearchText(ctx, org, asked, depth)
	if err != nil {
		return nil, Evidence{}, err
	}
	vector, err := t.emb.EmbedQuery(ctx, question)
	if err != nil {
		return nil, Evidence{}, err
	}
	near, err := t.store.SearchVector(ctx, org, vector, depth)
	if err != nil {
		return nil, Evidence{}, err
	}
	mass := 0.0
	for _, n := range df {
		mass += idf(chunks, n)
	}
	ranked := fuse(near, text, mass)
	best := ranked[:min(k, len(ranked))]
	ids := make([]int64, len(best))
	for i, h := range best {
		ids[i] = h.ChunkID
	}
	passages, err := t.store.Passages(ctx, org, ids)
	if err != nil {
		return nil, Evidence{}, err
	}
	e := Evidence{Answerable: len(passages) > 0}
	return passages, e, nil
}

// fuse orders the chunks of both searches.
func fuse(near, text []appliance.Hit, mass float64) []appliance.Hit {
	score := map[int64]float64{}
	floor := 0.0
	if len(near) > 0 {
		floor = near[len(near)-1].Score
	}
	for _, h := range text {
		score[h.ChunkID] = floor + 0.1*h.Score/max(mass, 1e-9)/2.2
	}
	for _, h := range near {
		if _, ok := score[h.ChunkID]; ok {
			score[h.ChunkID] += h.Score - floor
		} else {
			score[h.ChunkID] = h.Score
		}
	}
	ranked := make([]appliance.Hit, 0, len(score))
	for id, s := range score {
		ranked = append(ranked, appliance.Hit{ChunkID: id, Score: s})
	}
	slices.SortFunc(ranked, func(a, b appliance.Hit) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.ChunkID, b.ChunkID))
	})
	return ranked
}
