package tutor

import (
	"context"

	"github.com/bwenge-os/bwenge/appliance"
)

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
	f, err := t.retriever.Search(ctx, within(who, p), question, k)
	out := appliance.Found{Query: f.Query, Language: f.Language, Answerable: f.Evidence.Answerable, Score: f.Evidence.Score, Hits: []appliance.Reason{}}
	for _, passage := range f.Passages {
		held := stems(passage.Heading + "\n" + passage.Text)
		why := appliance.Reason{Passage: passage, Words: f.Weights.Coverage(f.Terms, held), Matched: []string{}}
		for _, h := range f.Near {
			if h.ChunkID == passage.ID {
				why.Meaning = h.Score
			}
		}
		for _, term := range f.Terms {
			if held[stem(term)] {
				why.Matched = append(why.Matched, term)
			}
		}
		out.Hits = append(out.Hits, why)
	}
	return out, err
}
