package tutor

import (
	"strconv"
	"strings"
	"time"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/tutor/lists"
	"github.com/bwenge-os/bwenge/appliance/tutor/sums"
)

// byCode is the step of an answer that needs no model: cells of tables, items of
// lists, whole lists, and sums. done says that nothing is left to do.
func (t *Tutor) byCode(r *Run, f appliance.Finding, before []exchange, began time.Time) (a appliance.Answer, sources []appliance.Passage, done bool) {
	language := speaks(r.persona, f.Language)
	if a, sources, done = t.computed(r, r.question.Text, f, before, language); !done {
		return a, nil, false
	}
	r.add(appliance.Event{Type: appliance.EventSources, Sources: sources})
	a.FirstTokenMS = time.Since(began).Milliseconds()
	for line := range strings.Lines(a.ResponseText) { // a list comes item by item
		r.add(appliance.Event{Type: appliance.EventToken, Token: line})
	}
	return t.finish(r, began, language, a), sources, true
}

// computed is the answer of byCode before it is shown.
func (t *Tutor) computed(r *Run, question string, f appliance.Finding, before []exchange, language string) (a appliance.Answer, sources []appliance.Passage, done bool) {
	if !f.Evidence.Answerable && !sums.Asks(question, f.Language) {
		a, sources, done = t.fromTable(r.ctx, r.who, question, f.Language, f.Passages)
	} else {
		around := t.reaching(r.ctx, r.who, f, len(f.Passages))
		tries := []func() (appliance.Answer, []appliance.Passage, bool){
			func() (appliance.Answer, []appliance.Passage, bool) { return t.workedOut(question, before, f, around) },
			func() (appliance.Answer, []appliance.Passage, bool) {
				return t.fromTable(r.ctx, r.who, question, f.Language, f.Passages)
			},
			func() (appliance.Answer, []appliance.Passage, bool) {
				item, from, ok := numberedItem(question, f.Language, f)
				if !ok {
					return appliance.Answer{}, nil, false
				}
				return appliance.Answer{Mode: appliance.ModeAnswer, ResponseText: framed(clean(item)+" [1]", language), Citations: []appliance.Citation{citation(1, from)}}, first(from, f.Passages), true
			},
			func() (appliance.Answer, []appliance.Passage, bool) { return wholeList(question, language, f, around) },
			func() (appliance.Answer, []appliance.Passage, bool) { return namedRow(question, f) },
		}
		for _, try := range tries {
			if a, sources, done = try(); done {
				break
			}
		}
	}
	return a, sources, done
}

// workedOut answers a question that gives numbers and asks for another, by a rule
// of the material. One that leans on the question before is read with that.
func (t *Tutor) workedOut(question string, before []exchange, f appliance.Finding, around []appliance.Passage) (appliance.Answer, []appliance.Passage, bool) {
	var texts []sums.Text
	for _, p := range around {
		texts = append(texts, sums.Text{Heading: p.SourceTitle + "\n" + p.Heading, Text: p.Text})
	}
	solution, ok := sums.Solve(question, f.Language, texts)
	if !ok && len(before) > 0 {
		solution, ok = sums.Solve(before[len(before)-1].question+" "+question, f.Language, texts)
	}
	if !ok {
		return appliance.Answer{}, nil, false
	}
	a := appliance.Answer{Mode: appliance.ModeAnswer}
	mark := ""
	sources := f.Passages
	if solution.From >= 0 {
		a.Citations = []appliance.Citation{citation(1, around[solution.From])}
		mark, sources = " [1]", first(around[solution.From], f.Passages)
	}
	a.ResponseText = solution.Answer + mark + "\n\n" + strings.Join(solution.Steps, "\n")
	return a, sources, true
}

// wholeList answers a question that wants several things with a list that stands
// in the material, whole and in its order.
func wholeList(question, language string, f appliance.Finding, around []appliance.Passage) (appliance.Answer, []appliance.Passage, bool) {
	var texts []lists.Text
	for _, p := range around {
		texts = append(texts, lists.Text{Source: p.SourceID, Seq: p.Seq, Heading: p.Heading, Text: p.Text, Table: p.Table != nil})
	}
	list, ok := lists.Find(question, f.Language, f.Terms, f.Weights, texts)
	if !ok && f.Evidence.Score >= agreed {
		list, ok = lists.Nearest(question, f.Language, f.Terms, f.Weights, texts)
	}
	if !ok || len(list.From) == 0 {
		return appliance.Answer{}, nil, false
	}
	a := appliance.Answer{Mode: appliance.ModeAnswer}
	var marks string
	for i, from := range list.From {
		a.Citations = append(a.Citations, citation(i+1, around[from]))
		marks += " [" + strconv.Itoa(i+1) + "]"
	}
	lines := []string{strings.TrimRight(list.Lead, " .:") + ":" + marks}
	if strings.Trim(list.Lead, " .:") == "" {
		lines = []string{sayList.in(language) + marks}
	}
	for i, item := range list.Items {
		mark := "- "
		if list.Ordered {
			mark = strconv.Itoa(i+1) + ". "
		}
		lines = append(lines, mark+item)
	}
	a.ResponseText = strings.Join(lines, "\n")
	if items := strings.Join(list.Items, "\n"); framed(items, language) != items {
		a.ResponseText = sayElsewhere.in(language) + "\n" + a.ResponseText
	}
	return a, first(around[list.From[0]], f.Passages), true
}
