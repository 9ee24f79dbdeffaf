package tutor

import (
	"cmp"
	"context"
	"slices"
	"strings"

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
	query    string    // the question as it was searched
	vector   []float32 // of the query, nil without an embedding model
	near     []appliance.Hit
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
	f := found{language: languageOf(question), query: question}
	f.asked = terms(question, f.language)
	chunks, df, err := t.store.TermCounts(ctx, who.Org, who.Scope, f.asked)
	if err != nil || chunks == 0 {
		return f, err
	}
	f.chunks = chunks
	if f.query, f.asked, err = t.respell(ctx, who, question, f.asked, df); err != nil {
		return f, err
	}
	if f.query != question {
		if _, df, err = t.store.TermCounts(ctx, who.Org, who.Scope, f.asked); err != nil {
			return f, err
		}
	}
	f.weights = weigher{weight: map[string]float64{}, rare: idf(chunks, 0)}
	for i, term := range f.asked {
		f.weights.weight[term] = idf(chunks, df[i])
	}
	text, err := t.store.SearchText(ctx, who.Org, who.Scope, f.asked, depth)
	if err != nil {
		return f, err
	}
	var near []appliance.Hit
	vector, failed := t.emb.EmbedQuery(ctx, t.short(f.query))
	if failed == nil {
		f.vector = vector
		if near, err = t.store.SearchVector(ctx, who.Org, who.Scope, vector, depth); err != nil {
			return f, err
		}
	} else if ctx.Err() != nil {
		return f, failed
	}
	c := calibrationOf(t.emb.Name())
	ranked := fuse(near, text, f.weights.sum(f.asked), c.words)
	// A few more than asked for, since some may say the same.
	passages, err := t.load(ctx, who, ranked[:min(k+k/2+1, len(ranked))])
	if err != nil {
		return f, err
	}
	f.passages = distinct(passages)
	f.passages = f.passages[:min(k, len(f.passages))]
	f.near = near
	f.evidence = f.weigh(near, c)
	if failed != nil && !f.evidence.Answerable {
		return f, failed // words alone cannot tell that something is not there
	}
	return f, nil
}

// respell replaces words of a question that the material does not hold by ones
// that it does hold and that are spelled nearly so, if exactly one or by far the
// most frequent comes into question.
func (t *Tutor) respell(ctx context.Context, who appliance.Principal, question string, asked []string, df []int) (string, []string, error) {
	mended := slices.Clone(asked)
	for i, term := range asked {
		if df[i] > 0 || isNumber(term) || len([]rune(term)) < 5 {
			continue
		}
		similar, err := t.store.Spellings(ctx, who.Org, who.Scope, term)
		if err != nil {
			return question, asked, err
		}
		// Another form of the same word is found by meaning; changing it could only
		// change what was asked.
		if len(similar) == 0 || stem(similar[0]) == stem(term) {
			continue
		}
		mended[i] = similar[0]
	}
	if slices.Equal(mended, asked) {
		return question, asked, nil
	}
	var out strings.Builder
	for i, w := range strings.Fields(question) {
		if i > 0 {
			out.WriteByte(' ')
		}
		if parts := words(w); len(parts) == 1 {
			if j := slices.Index(asked, parts[0]); j >= 0 && mended[j] != asked[j] {
				w = mended[j] + w[len(strings.TrimRight(w, ".,;:!?")):]
			}
		}
		out.WriteString(w)
	}
	return out.String(), mended, nil
}

// distinct drops passages that say nearly the same as one before: the same
// chapter in two files, a page and its printout.
func distinct(passages []appliance.Passage) []appliance.Passage {
	var kept []appliance.Passage
	var seen []map[string]bool
	for _, p := range passages {
		words := stems(p.Text)
		same := slices.ContainsFunc(seen, func(other map[string]bool) bool { return alike(words, other) > 0.9 })
		if !same {
			kept, seen = append(kept, p), append(seen, words)
		}
	}
	return kept
}

// alike is the Jaccard index of two sets.
func alike(a, b map[string]bool) float64 {
	both := 0
	for w := range a {
		if b[w] {
			both++
		}
	}
	if len(a)+len(b) == both {
		return 1
	}
	return float64(both) / float64(len(a)+len(b)-both)
}

// beside returns the passages that the model reads from: the best ones, and the
// neighbours of the first, where a sentence may go on.
func (t *Tutor) beside(ctx context.Context, who appliance.Principal, f found) ([]appliance.Passage, error) {
	list := slices.Clone(f.passages[:min(read, len(f.passages))])
	first := list[0]
	page, err := t.store.Chunks(ctx, who.Org, who.Scope, first.SourceID, max(first.Seq-1, 0), 3)
	if err != nil {
		return list, err
	}
	for _, c := range page.Items {
		if c.Seq-first.Seq > 1 || c.Seq-first.Seq < -1 || slices.ContainsFunc(list, func(p appliance.Passage) bool { return p.ID == c.ID }) {
			continue
		}
		neighbour := first
		neighbour.Chunk, neighbour.Score = c, first.Score
		list = append(list, neighbour)
	}
	return list, nil
}

// Explain is what a search finds for a persona, and why: for teachers.
func (t *Tutor) Explain(ctx context.Context, who appliance.Principal, personaID, question string, k int) (appliance.Found, error) {
	question, err := cleanQuestion(question)
	if err != nil {
		return appliance.Found{}, err
	}
	p, err := t.store.Persona(ctx, who.Org, who.Scope, personaID)
	if err != nil {
		return appliance.Found{}, err
	}
	f, err := t.search(ctx, within(who, p), question, k)
	out := appliance.Found{Query: f.query, Language: f.language, Answerable: f.evidence.Answerable, Score: f.evidence.Score, Hits: []appliance.Reason{}}
	for _, passage := range f.passages {
		held := stems(passage.Heading + "\n" + passage.Text)
		why := appliance.Reason{Passage: passage, Words: coverage(f.asked, held, f.weights), Matched: []string{}}
		for _, h := range f.near {
			if h.ChunkID == passage.ID {
				why.Meaning = h.Score
			}
		}
		for _, term := range f.asked {
			if held[stem(term)] {
				why.Matched = append(why.Matched, term)
			}
		}
		out.Hits = append(out.Hits, why)
	}
	return out, err
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
func original(passages []appliance.Passage, id int64) appliance.Passage {
	i := slices.IndexFunc(passages, func(p appliance.Passage) bool { return p.ID == id })
	return passages[i]
}

func originals(passages, cut []appliance.Passage) []appliance.Passage {
	whole := make([]appliance.Passage, len(cut))
	for i, p := range cut {
		whole[i] = original(passages, p.ID)
	}
	return whole
}

// writes reports whether the models are able to answer in a language.
func (t *Tutor) writes(language string) bool {
	return language == "" || slices.Contains(t.cfg.Writes, language)
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
