// Package retrieval finds the passages of a school's material that answer a
// question, by meaning and by words, and says what they are worth as evidence:
// whether the material holds an answer at all is decided here, by code.
package retrieval

import (
	"cmp"
	"context"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/text"
	"github.com/bwenge-os/bwenge/models"
)

// depth is how many chunks each part of the search contributes.
const depth = 100

// Store is what a search needs of the box's database.
type Store interface {
	// SearchVector returns the k chunks nearest to a vector; scores are cosines.
	SearchVector(ctx context.Context, org appliance.OrgID, scope appliance.Scope, vector []float32, k int) ([]appliance.Hit, error)
	// SearchText returns the k chunks that match any of the terms best; scores
	// are BM25, higher is better.
	SearchText(ctx context.Context, org appliance.OrgID, scope appliance.Scope, terms []string, k int) ([]appliance.Hit, error)
	// TermCounts returns how many chunks there are, and in how many of them each
	// term stands.
	TermCounts(ctx context.Context, org appliance.OrgID, scope appliance.Scope, terms []string) (chunks int, df []int, err error)
	// Passages returns chunks with their sources, in the order asked.
	Passages(ctx context.Context, org appliance.OrgID, scope appliance.Scope, ids []int64) ([]appliance.Passage, error)
	// Spellings returns words of the material that are spelled like a word.
	Spellings(ctx context.Context, org appliance.OrgID, scope appliance.Scope, word string) ([]string, error)
}

// Service searches. Its methods may be called from many goroutines.
type Service struct {
	store Store
	emb   models.Embedder
}

// New returns a Service.
func New(store Store, emb models.Embedder) *Service { return &Service{store, emb} }

// ByWords is the word half of Search alone, by BM25.
func (s *Service) ByWords(ctx context.Context, who appliance.Principal, question string, k int) ([]appliance.Passage, error) {
	hits, err := s.store.SearchText(ctx, who.Org, who.Scope, text.Terms(question, text.Language(question)), k)
	if err != nil {
		return nil, err
	}
	return s.load(ctx, who, hits)
}

// ByMeaning is the meaning half of Search alone, by cosine.
func (s *Service) ByMeaning(ctx context.Context, who appliance.Principal, question string, k int) ([]appliance.Passage, error) {
	vector, err := s.embed(ctx, question)
	if err != nil {
		return nil, err
	}
	hits, err := s.store.SearchVector(ctx, who.Org, who.Scope, vector, k)
	if err != nil {
		return nil, err
	}
	return s.load(ctx, who, hits)
}

// Search finds the k passages most likely to answer a question, best first. One that finds nothing as it
// is written is searched with its spelling mended: only then, since a word that
// the material does not hold is more often rare than wrong.
func (s *Service) Search(ctx context.Context, who appliance.Principal, question string, k int) (appliance.Finding, error) {
	f, err := s.searchFor(ctx, who, question, k)
	if err != nil || f.Chunks == 0 || f.Evidence.Answerable {
		return f, err
	}
	if g, ok, err := s.glossed(ctx, who, question, f, k); ok || err != nil {
		return g, err
	}
	mended, err := s.respell(ctx, who, question, f.Terms)
	if err != nil || mended == question {
		return f, err
	}
	g, err := s.searchFor(ctx, who, mended, k)
	if err != nil || !g.Evidence.Answerable {
		return f, err
	}
	return g, nil
}

// gloss is a word that stands in brackets behind another: "Msuguano (friction)".
var gloss = regexp.MustCompile(`[(\[]([\p{L}][\p{L} '’-]{2,40})[)\]]`)

// glossed searches for the words that a question gives in brackets in the language
// of the material, if it is in another itself.
func (s *Service) glossed(ctx context.Context, who appliance.Principal, question string, f appliance.Finding, k int) (appliance.Finding, bool, error) {
	m := gloss.FindStringSubmatch(question)
	if m == nil {
		return f, false, nil
	}
	g, err := s.searchFor(ctx, who, m[1], k)
	if err != nil || !g.Evidence.Answerable || g.Evidence.Coverage < 0.99 {
		return f, false, err
	}
	asked := text.Language(gloss.ReplaceAllString(question, ""))
	if asked == text.Language(g.Passages[0].Text) || asked == text.Language(m[1]) && asked != "" {
		return f, false, nil
	}
	g.Language = asked
	return g, true, nil
}

func (s *Service) searchFor(ctx context.Context, who appliance.Principal, question string, k int) (appliance.Finding, error) {
	f := appliance.Finding{Language: text.Language(question), Query: question}
	f.Terms = text.Terms(question, f.Language)
	chunks, df, err := s.store.TermCounts(ctx, who.Org, who.Scope, f.Terms)
	if err != nil || chunks == 0 {
		return f, err
	}
	f.Chunks = chunks
	f.Weights = text.Weigh(f.Terms, chunks, df)
	matching, err := s.store.SearchText(ctx, who.Org, who.Scope, f.Terms, depth)
	if err != nil {
		return f, err
	}
	var near []appliance.Hit
	vector, failed := s.embed(ctx, question)
	if failed == nil {
		f.Vector = vector
		if near, err = s.store.SearchVector(ctx, who.Org, who.Scope, vector, depth); err != nil {
			return f, err
		}
	} else if ctx.Err() != nil {
		return f, failed
	}
	c := calibrationOf(s.emb.Name())
	ranked := fuse(near, matching, f.Weights.Sum(f.Terms), c.words)
	passages, err := s.load(ctx, who, ranked[:min(max(reread, 2*k), len(ranked))])
	if err != nil {
		return f, err
	}
	f.Passages = distinct(rerank(passages, f.Query, f.Language, f.Terms, f.Weights), k)
	f.Near = near
	f.Evidence = weigh(f, c)
	if failed != nil && !f.Evidence.Answerable {
		return f, failed // words alone cannot tell that something is not there
	}
	return f, nil
}

// embed makes a question's vector, of as much as one vector certainly holds: no
// tokenizer makes more than a token out of two characters of running text.
func (s *Service) embed(ctx context.Context, question string) ([]float32, error) {
	return s.emb.EmbedQuery(ctx, text.Shorten(question, 2*s.emb.MaxTokens()))
}

// respell replaces words of a question that the material does not hold by ones
// that it does hold and that are spelled nearly so.
func (s *Service) respell(ctx context.Context, who appliance.Principal, question string, asked []string) (string, error) {
	_, df, err := s.store.TermCounts(ctx, who.Org, who.Scope, asked)
	if err != nil {
		return question, err
	}
	mended := map[string]string{}
	for i, term := range asked {
		if df[i] > 0 || text.HasDigit(term) || len([]rune(term)) < 5 {
			continue
		}
		similar, err := s.store.Spellings(ctx, who.Org, who.Scope, term)
		if err != nil {
			return question, err
		}
		// Another form of the same word is found by meaning.
		if len(similar) > 0 && text.Stem(similar[0]) != text.Stem(term) {
			mended[term] = similar[0]
		}
	}
	if len(mended) == 0 {
		return question, nil
	}
	fields := strings.Fields(question)
	for i, w := range fields {
		if parts := text.Words(w); len(parts) == 1 && mended[parts[0]] != "" {
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
func rerank(passages []appliance.Passage, question, language string, asked []string, w text.Weights) []appliance.Passage {
	pairs := pairsOf(question, language)
	for i, p := range passages {
		best := 0.0
		for _, sentence := range text.Sentences(p.Text) {
			best = max(best, w.Coverage(asked, text.Stems(sentence)))
		}
		together := 0
		there := pairsOf(p.Text, language)
		for pair := range pairs {
			if there[pair] {
				together++
			}
		}
		passages[i].Score += perSentence*best + perPair*float64(together)/float64(max(len(pairs), 1))
		if titlesOnly(p) {
			passages[i].Score -= perTitles
		}
	}
	slices.SortStableFunc(passages, func(a, b appliance.Passage) int { return cmp.Compare(b.Score, a.Score) })
	return passages
}

const perSentence, perPair = 0.03, 0.02

// perTitles is what a passage loses that holds nothing but titles ("Practice
// Problems", "Check Your Understanding"): it is near to everything, and says nothing.
const perTitles = 0.06

// titlesOnly reports whether all lines of a passage are titles: without an end, and
// mostly with several words in capitals. Lines of one word may be a list.
func titlesOnly(p appliance.Passage) bool {
	if p.Table != nil {
		return false
	}
	titles, lines := 0, 0
	for line := range strings.Lines(p.Text) {
		fields := strings.Fields(line)
		if len(fields) == 0 {
			continue
		}
		lines++
		if len(fields) > 10 || strings.ContainsAny(line, ".!:;,|=") || strings.ContainsFunc(line, unicode.IsDigit) {
			return false
		}
		large, small := 0, 0
		for _, w := range fields {
			switch r, _ := utf8.DecodeRuneInString(w); {
			case unicode.IsUpper(r):
				large++
			case !text.StopWord(text.English, text.Fold(w)):
				small++
			}
		}
		if large > 1 && small == 0 {
			titles++
		}
	}
	return lines > 0 && 2*titles >= lines
}

// pairsOf returns the pairs of words that stand together in a text and of which
// one at least carries a subject.
func pairsOf(passage, language string) map[[2]string]bool {
	said := text.Words(passage)
	pairs := make(map[[2]string]bool, len(said))
	for i := 0; i+1 < len(said); i++ {
		if !text.StopWord(language, said[i]) || !text.StopWord(language, said[i+1]) {
			pairs[[2]string{text.Stem(said[i]), text.Stem(said[i+1])}] = true
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
		words := text.Stems(p.Text)
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

// load fetches the passages of hits and keeps their order and scores.
func (s *Service) load(ctx context.Context, who appliance.Principal, hits []appliance.Hit) ([]appliance.Passage, error) {
	ids := make([]int64, len(hits))
	score := map[int64]float64{}
	for i, h := range hits {
		ids[i] = h.ChunkID
		score[h.ChunkID] = h.Score
	}
	passages, err := s.store.Passages(ctx, who.Org, who.Scope, ids)
	for i := range passages {
		passages[i].Score = score[passages[i].ID]
	}
	return passages, err
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
func fuse(near, matching []appliance.Hit, mass, words float64) []appliance.Hit {
	score := map[int64]float64{}
	floor := 0.0
	if len(near) > 0 {
		floor = near[len(near)-1].Score
	}
	for _, h := range near {
		score[h.ChunkID] = h.Score
	}
	for _, h := range matching {
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
