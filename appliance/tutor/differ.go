package tutor

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/tutor/sums"
	"github.com/bwenge-os/bwenge/internal/text"
)

// Two documents may give different numbers or names for the same thing. Which is
// right is not for a program to say: both are shown, with where they stand.

// voice is what one source says to a question.
type voice struct {
	passage appliance.Passage
	text    string
	figures []quantity      // that the question has not
	names   map[string]bool // that the question has not, as stems
	rest    []string        // its other content words
}

// How much of a question a sentence must hold to be an answer of its source, and of
// each other two sentences must hold, but for numbers and names, to be about the same.
const (
	speaksTo  = 0.8
	sameThing = 0.5
)

// differing are the sentences of two sources that contradict each other in the
// number or the name that is asked for.
func differing(question string, f appliance.Finding) (a, b voice, ok bool) {
	want := kindOf(question)
	if sums.Asks(question, f.Language) || want != wantsNumber && want != wantsPerson && want != wantsFact && want != wantsMeaning {
		return a, b, false
	}
	asked := text.Subjects(f.Terms)
	if len(asked) < 2 {
		return a, b, false
	}
	var voices []voice
	p := poolOf(f, f.Passages)
	for _, s := range p.sentences {
		passage := p.passages[s.passage]
		if p.weights.Coverage(asked, union(s.stems, s.title)) < speaksTo || slices.ContainsFunc(voices, func(v voice) bool { return v.passage.SourceID == passage.SourceID }) {
			continue
		}
		v := voiceOf(question, strings.TrimSpace(withoutMark(s.text)), passage)
		if want == wantsNumber && len(v.figures) > 0 || want != wantsNumber && len(v.names) > 0 {
			voices = append(voices, v)
		}
	}
	for i, a := range voices {
		for _, b := range voices[i+1:] {
			same := alike(a.rest, b.rest)
			if same && (want == wantsNumber && otherFigures(a.figures, b.figures) || want != wantsNumber && disjoint(a.names, b.names)) {
				return a, b, true
			}
		}
	}
	return a, b, false
}

func voiceOf(question, sentence string, passage appliance.Passage) voice {
	v := voice{passage: passage, text: sentence, names: map[string]bool{}}
	given, asked := figuresIn(question), stems(question)
	for _, q := range figuresIn(sentence) {
		if !slices.ContainsFunc(given, func(g quantity) bool { return g.number == q.number }) {
			v.figures = append(v.figures, q)
		}
	}
	language := languageOf(sentence)
	for i, w := range strings.Fields(sentence) {
		w = strings.Trim(w, `.,;:!?()“”"'’`)
		first, _ := utf8.DecodeRuneInString(w)
		folded := fold(w)
		if !unicode.IsUpper(first) || len(w) < 2 || asked[stem(folded)] || stopWord(language, folded) || i == 0 && languageOf(w) != "" {
			continue
		}
		v.names[stem(folded)] = true
	}
	for _, w := range terms(sentence, language) {
		if !hasDigit(w) && numberWords[w] == "" && !v.names[stem(w)] {
			v.rest = append(v.rest, w)
		}
	}
	return v
}

// alike reports whether two lists of words have most words in common.
func alike(a, b []string) bool {
	in := func(list, other []string) bool {
		held := stems(strings.Join(other, " "))
		n := 0
		for _, w := range list {
			if held[stem(w)] {
				n++
			}
		}
		return len(list) > 0 && float64(n) >= sameThing*float64(len(list))
	}
	return in(a, b) && in(b, a)
}

// otherFigures reports whether two lists have numbers of a unit in common, and no
// such number.
func otherFigures(a, b []quantity) bool {
	units := false
	for _, x := range a {
		for _, y := range b {
			if x.unit == y.unit && x.number == y.number {
				return false
			}
			units = units || x.unit == y.unit
		}
	}
	return units
}

func disjoint(a, b map[string]bool) bool {
	for w := range a {
		if b[w] {
			return false
		}
	}
	return true
}

// bothSides answers with what two documents say that contradict each other.
func (t *Tutor) bothSides(r *Run, f appliance.Finding, began time.Time) (appliance.Answer, []appliance.Passage, bool) {
	one, other, ok := differing(r.question.Text, f)
	if !ok {
		return appliance.Answer{}, nil, false
	}
	language := speaks(r.persona, f.Language)
	a := appliance.Answer{Mode: appliance.ModeAnswer}
	lines := []string{sayDiffer.in(language)}
	for i, v := range []voice{one, other} {
		a.Citations = append(a.Citations, citation(i+1, spoken(v.passage, terms(v.text, f.Language), f.Weights)))
		lines = append(lines, "- “"+v.passage.SourceTitle+"”: "+v.text+" ["+strconv.Itoa(i+1)+"]")
	}
	a.ResponseText = strings.Join(lines, "\n")
	r.add(appliance.Event{Type: appliance.EventSources, Sources: f.Passages})
	a.FirstTokenMS = time.Since(began).Milliseconds()
	r.add(appliance.Event{Type: appliance.EventToken, Token: a.ResponseText})
	return t.finish(r, began, language, a), f.Passages, true
}
