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

// search finds the k best passages for a question. One that finds nothing as it
// is written is searched with its spelling mended: only then, since a word that
// the material does not hold is more often rare than wrong.
func (t *Tutor) search(ctx context.Context, who appliance.Principal, question string, k int) (found, error) {
	f, err := t.searchFor(ctx, who, question, k)
	if err != nil || f.chunks == 0 || f.evidence.Answerable {
		return f, err
	}
	mended, err := t.respell(ctx, who, question, f.asked)
	if err != nil || mended == question {
		return f, err
	}
	g, err := t.searchFor(ctx, who, mended, k)
	if err != nil || !g.evidence.Answerable {
		return f, err
	}
	return g, nil
}

func (t *Tutor) searchFor(ctx context.Context, who appliance.Principal, question string, k int) (found, error) {
	f := found{language: languageOf(question), query: question}
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
	passages, err := t.load(ctx, who, ranked[:min(max(reread, 2*k), len(ranked))])
	if err != nil {
		return f, err
	}
	f.passages = distinct(rerank(passages, f.query, f.language, f.asked, f.weights), k)
	f.near = near
	f.evidence = f.weigh(near, c)
	if failed != nil && !f.evidence.Answerable {
		return f, failed // words alone cannot tell that something is not there
	}
	return f, nil
}

// respell replaces words of a question that the material does not hold by ones
// that it does hold and that are spelled nearly so.
func (t *Tutor) respell(ctx context.Context, who appliance.Principal, question string, asked []string) (string, error) {
	_, df, err := t.store.TermCounts(ctx, who.Org, who.Scope, asked)
	if err != nil {
		return question, err
	}
	mended := map[string]string{}
	for i, term := range asked {
		if df[i] > 0 || isNumber(term) || len([]rune(term)) < 5 {
			continue
		}
		similar, err := t.store.Spellings(ctx, who.Org, who.Scope, term)
		if err != nil {
			return question, err
		}
		// Another form of the same word is found by meaning.
		if len(similar) > 0 && stem(similar[0]) != stem(term) {
			mended[term] = similar[0]
		}
	}
	if len(mended) == 0 {
		return question, nil
	}
	fields := strings.Fields(question)
	for i, w := range fields {
		if parts := words(w); len(parts) == 1 && mended[parts[0]] != "" {
			fields[i] = mended[parts[0]] + w[len(strings.TrimRight(w, ".,;:!?")):]
		}
	}
	return strings.Join(fields, " "), nil
}

// reread is how many of the best chunks are read again.
const reread = 24

// rerank reads the best chunks again, with what neither cosine nor BM25 sees:
// how much of the question stands in a single sentence, and how many of its
// pairs of words stand together. Both weights were chosen on the evaluation sets
// (docs/evaluation.md); as differences of cosines they decide between
// passages that are about equally good, and no more.
func rerank(passages []appliance.Passage, question, language string, asked []string, w weigher) []appliance.Passage {
	pairs := pairsOf(question, language)
	for i, p := range passages {
		best := 0.0
		for _, s := range sentences(p.Text) {
			best = max(best, coverage(asked, stems(s), w))
		}
		together := 0
		there := pairsOf(p.Text, language)
		for pair := range pairs {
			if there[pair] {
				together++
			}
		}
		passages[i].Score += perSentence*best + perPair*float64(together)/float64(max(len(pairs), 1))
	}
	slices.SortStableFunc(passages, func(a, b appliance.Passage) int { return cmp.Compare(b.Score, a.Score) })
	return passages
}

const perSentence, perPair = 0.03, 0.02

// pairsOf returns the pairs of words that stand together in a text and of which
// one at least carries a subject.
func pairsOf(text, language string) map[[2]string]bool {
	said := words(text)
	pairs := make(map[[2]string]bool, len(said))
	for i := 0; i+1 < len(said); i++ {
		if !stopwords[language][said[i]] || !stopwords[language][said[i+1]] {
			pairs[[2]string{stem(said[i]), stem(said[i+1])}] = true
		}
	}
	return pairs
}

// distinct returns the first k passages that do not say nearly the same as one
// before: the same chapter in two files, a page and its printout.
func distinct(passages []appliance.Passage, k int) []appliance.Passage {
	var kept []appliance.Passage
	var seen []map[string]bool
	for _, p := range passages {
		if len(kept) == k {
			break
		}
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
	question, err := appliance.CleanQuestion(question)
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
