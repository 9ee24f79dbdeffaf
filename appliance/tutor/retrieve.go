package tutor

import (
	"cmp"
	"context"
	"slices"

	"github.com/bwenge-os/bwenge/appliance"
)

// depth is how many chunks each part of the search contributes.
const depth = 100

// found is what a search brought back, with what later steps need of it.
type found struct {
	language string   // of the question, empty if unknown
	asked    []string // its content words
	weights  weigher  // their weight in this material
	chunks   int      // in all of the material
	passages []appliance.Passage
	evidence Evidence
}

// Retrieve returns the k passages most likely to answer a question, best
// first, and what they are worth as evidence.
func (t *Tutor) Retrieve(ctx context.Context, who appliance.Principal, question string, k int) ([]appliance.Passage, Evidence, error) {
	f, err := t.search(ctx, who, question, k)
	return f.passages, f.evidence, err
}

// RetrieveText is the word half of Retrieve alone, by BM25.
func (t *Tutor) RetrieveText(ctx context.Context, who appliance.Principal, question string, k int) ([]appliance.Passage, error) {
	hits, err := t.store.SearchText(ctx, who.Org, who.Scope, terms(question, languageOf(question)), k)
	if err != nil {
		return nil, err
	}
	return t.load(ctx, who, hits)
}

// RetrieveVector is the meaning half of Retrieve alone, by cosine.
func (t *Tutor) RetrieveVector(ctx context.Context, who appliance.Principal, question string, k int) ([]appliance.Passage, error) {
	vector, err := t.emb.EmbedQuery(ctx, t.short(question))
	if err != nil {
		return nil, err
	}
	hits, err := t.store.SearchVector(ctx, who.Org, who.Scope, vector, k)
	if err != nil {
		return nil, err
	}
	return t.load(ctx, who, hits)
}

// short cuts a question to what one vector certainly holds: no tokenizer makes
// more than a token out of two characters of running text.
func (t *Tutor) short(question string) string { return shorten(question, 2*t.emb.MaxTokens()) }

func (t *Tutor) search(ctx context.Context, who appliance.Principal, question string, k int) (found, error) {
	f := found{language: languageOf(question)}
	f.asked = terms(question, f.language)
	chunks, df, err := t.store.TermCounts(ctx, who.Org, who.Scope, f.asked)
	if err != nil || chunks == 0 {
		return f, err
	}
	f.chunks = chunks
	f.weights = weigher{weight: map[string]float64{}, rare: idf(chunks, 0)}
	for i, term := range f.asked {
		f.weights.weight[term] = idf(chunks, df[i])
	}
	text, err := t.store.SearchText(ctx, who.Org, who.Scope, f.asked, depth)
	if err != nil {
		return f, err
	}
	var near []appliance.Hit
	vector, failed := t.emb.EmbedQuery(ctx, t.short(question))
	if failed == nil {
		if near, err = t.store.SearchVector(ctx, who.Org, who.Scope, vector, depth); err != nil {
			return f, err
		}
	} else if ctx.Err() != nil {
		return f, failed
	}
	c := calibrationOf(t.emb.Name())
	ranked := fuse(near, text, f.weights.sum(f.asked), c.words)
	if f.passages, err = t.load(ctx, who, ranked[:min(k, len(ranked))]); err != nil {
		return f, err
	}
	f.evidence = f.weigh(near, c)
	if failed != nil && !f.evidence.Answerable {
		return f, failed // words alone cannot tell that something is not there
	}
	return f, nil
}

// load fetches the passages of hits and keeps their order and scores.
func (t *Tutor) load(ctx context.Context, who appliance.Principal, hits []appliance.Hit) ([]appliance.Passage, error) {
	ids := make([]int64, len(hits))
	score := map[int64]float64{}
	for i, h := range hits {
		ids[i] = h.ChunkID
		score[h.ChunkID] = h.Score
	}
	passages, err := t.store.Passages(ctx, who.Org, who.Scope, ids)
	for i := range passages {
		passages[i].Score = score[passages[i].ID]
	}
	return passages, err
}

// original returns the whole passage of which a cut may have been shown.
func (f found) original(id int64) appliance.Passage {
	i := slices.IndexFunc(f.passages, func(p appliance.Passage) bool { return p.ID == id })
	return f.passages[i]
}

func (f found) originals(cut []appliance.Passage) []appliance.Passage {
	whole := make([]appliance.Passage, len(cut))
	for i, p := range cut {
		whole[i] = f.original(p.ID)
	}
	return whole
}

// writable reports whether the model is able to answer in the question's
// language.
func (f found) writable() bool {
	return f.language == english || f.language == french || f.language == ""
}

// fuse orders the chunks of both searches by cosine plus the share of the
// question's weight that BM25 finds in a chunk, times words. Ranks are left out
// on purpose: a rank hides how good a match is. A question in another language
// than the chunks matches a name at most; its BM25 is a small share of what all
// its words would bring, and so the cosines decide. A question in their own
// language brings a large share, and exact words can overrule meaning.
//
// A chunk that only the words found is given the least cosine of those that
// were near.
func fuse(near, text []appliance.Hit, mass, words float64) []appliance.Hit {
	score := map[int64]float64{}
	floor := 0.0
	if len(near) > 0 {
		floor = near[len(near)-1].Score
	}
	for _, h := range near {
		score[h.ChunkID] = h.Score
	}
	for _, h := range text {
		if _, ok := score[h.ChunkID]; !ok {
			score[h.ChunkID] = floor
		}
		score[h.ChunkID] += words * h.Score / (saturation * max(mass, 1e-9))
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

// saturation is k1 + 1 of FTS5's BM25: the most that a term can bring, in units
// of its IDF.
const saturation = 2.2
