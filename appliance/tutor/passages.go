package tutor

import (
	"context"
	"slices"

	"github.com/bwenge-os/bwenge/appliance"
)

// reaching are the passages found, each followed by those beside it in its source,
// where a list or a sentence may go on: of the best so many, or of all.
func (t *Tutor) reaching(ctx context.Context, who appliance.Principal, f appliance.Finding, of int) []appliance.Passage {
	var list []appliance.Passage
	add := func(p appliance.Passage) {
		if !slices.ContainsFunc(list, func(q appliance.Passage) bool { return q.ID == p.ID }) {
			list = append(list, p)
		}
	}
	for i, p := range f.Passages {
		add(p)
		if i >= of {
			continue
		}
		page, err := t.store.Chunks(ctx, who.Org, who.Scope, p.SourceID, max(p.Seq-1, 0), 3)
		if err != nil {
			t.cfg.Log.Warn("the neighbours of a passage are not read", "error", err)
		}
		for _, c := range page.Items {
			at := slices.IndexFunc(f.Passages, func(q appliance.Passage) bool { return q.ID == c.ID })
			switch {
			case c.Seq < p.Seq-1 || c.Seq > p.Seq+1:
			case at >= 0:
				add(f.Passages[at]) // with the score that it was found by
			default:
				neighbour := p
				neighbour.Chunk = c
				neighbour.Score -= 0.01 // it was not found by itself
				add(neighbour)
			}
		}
	}
	return list
}

// candidates are the passages that an answer may be made of: those found, best
// first, then the neighbours of the first. Of tables, the text above the rows.
func (t *Tutor) candidates(ctx context.Context, who appliance.Principal, f appliance.Finding) []appliance.Passage {
	list := slices.Clone(f.Passages)
	for _, p := range t.reaching(ctx, who, f, 1) {
		if !slices.ContainsFunc(list, func(q appliance.Passage) bool { return q.ID == p.ID }) {
			list = append(list, p)
		}
	}
	return textsOf(list)
}

// textsOf are the passages as running text: of tables, what stands above the rows,
// if that is more than a name.
func textsOf(list []appliance.Passage) []appliance.Passage {
	var texts []appliance.Passage
	for _, p := range list {
		if p.Table != nil {
			p.Text, p.Table = introduction(p), nil
			if !slices.ContainsFunc(sentences(p.Text), says) {
				continue
			}
		}
		texts = append(texts, p)
	}
	return texts
}

// writes reports whether the models are able to answer in a language.
func (t *Tutor) writes(language string) bool {
	return language == "" || slices.Contains(t.cfg.Writes, language)
}
