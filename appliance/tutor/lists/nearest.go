package lists

import (
	"slices"
	"strings"

	"github.com/bwenge-os/bwenge/internal/text"
)

// deeds asks what is to be done, which mostly is several things, but may be one.
var deeds = phrases(
	`what (should|must|can|could|do|does|shall) ((a|an|the) )?\pL+ do (to|so|if|when|for|against|about|after|before|in)`, `what (is|has|must) to be done`, `what to do`,
	`qu est ce qu il faut faire`, `que (faut il|doit on|dois je|peut on|doivent \pL+) faire`, `qu est ce qu on (doit|peut) faire`,
	`(tufanye|nifanye|afanye|wafanye|ufanye) nini`, `(inafaa|tunapaswa|anapaswa|unapaswa) kufanya nini`,
	`(nakora|twakora|bakora|yakora|wakora) iki`, `(agomba|tugomba|ugomba|bagomba) gukora iki`,
)

// Nearest returns the list of the text that search found best by meaning, for a
// question whose words it does not have: "how a volcano erupts, step by step" and a
// list below "How an eruption happens". It must be the only one there, with marks and
// of three items or more, and the question has to ask for several things by a word
// for them. texts are as in Find.
func Nearest(asked, language string, terms []string, w text.Weights, texts []Text) (List, bool) {
	q := read(asked, language, terms, w)
	said := strings.Join(text.Words(asked), " ")
	inSteps := q.ordered && (!q.howTo || q.concepts["step"])
	several := q.wanted && (!q.howTo || plurals[q.noun] || q.concepts["step"])
	if len(texts) == 0 || texts[0].Table || !several && !deeds.MatchString(said) {
		return List{}, false
	}
	own := texts[:1]
	for _, x := range texts[1:min(len(texts), maxTexts)] {
		if x.Source == texts[0].Source && (x.Seq == texts[0].Seq-1 || x.Seq == texts[0].Seq+1) {
			own = append(own[:len(own):len(own)], x)
		}
	}
	own = slices.Clone(own)
	for i := range own {
		own[i].Text = strings.ToValidUTF8(own[i].Text[:min(len(own[i].Text), maxBytes)], "")
	}
	var only *candidate
	for _, c := range gather(q, own) {
		here := slices.ContainsFunc(c.items, func(i item) bool { return slices.Contains(i.from, 0) })
		if !here || c.form != marked || len(c.items) < 3 || only != nil && c.same(only) {
			continue
		}
		if only != nil {
			return List{}, false
		}
		only = c
	}
	if only == nil || !q.counts(only) || q.refuses(only) || inSteps && !only.ordered {
		return List{}, false
	}
	l := only.list()
	for i, from := range l.From { // back to where they stand among all
		l.From[i] = slices.IndexFunc(texts, func(x Text) bool { return x.Source == own[from].Source && x.Seq == own[from].Seq })
	}
	return l, true
}
