package tutor

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/tutor/sums"
)

// Who asks three things at once gets an answer to each, or is told which of them
// the material does not answer. Each is looked up by itself: the words of one
// would lead the search for another astray. Two questions in one are mostly one
// matter, and are answered as one.

const (
	severalFrom = 3
	severalMost = 6
)

// several are the questions in a text that asks at least three, each with an
// end of its own.
func several(said string) []string {
	var list []string
	for _, s := range sentences(strings.ReplaceAll(said, "\n", " ")) {
		if !strings.HasSuffix(strings.TrimSpace(s), "?") {
			continue
		}
		for _, part := range joined(s) {
			if len(words(part)) >= 3 && !slices.Contains(list, part) {
				list = append(list, part)
			}
		}
	}
	if len(list) < severalFrom {
		return nil
	}
	return list
}

// joined cuts a sentence that joins questions by "and" into these, each with the
// word that asks.
func joined(s string) (list []string) {
	from := 0
	for _, m := range conjoined.FindAllStringIndex(s, -1) {
		list = append(list, s[from:m[0]])
		from = m[0]
	}
	list = append(list, s[from:])
	for i := range list {
		list[i] = strings.Trim(conjunction.ReplaceAllString(list[i], ""), " ,;.?!")
	}
	return list
}

var conjunction = regexp.MustCompile(`(?i)^,? (?:and|et|na|kandi) (?:also )?`)

// partMark is the number of a citation within one of several answers.
var partMark = regexp.MustCompile(`\[(\d{1,2})\]`)

// each answers several questions by code, one after the other.
func (t *Tutor) each(r *Run, questions []string, began time.Time) (a appliance.Answer, sources []appliance.Passage, done bool, err error) {
	language := speaks(r.persona, languageOf(r.question.Text))
	a.Mode = appliance.ModeAnswer
	var pieces []string
	answered := 0
	for i, question := range questions {
		head := strconv.Itoa(i+1) + ". " + question + "?"
		if i == severalMost {
			pieces = append(pieces, sayFewer.in(language))
			break
		}
		if i > 0 && leans(question, languageOf(question)) {
			question = questions[i-1] + " " + question
		}
		f, err := t.retriever.Search(r.ctx, r.who, question, shown)
		if err != nil {
			return a, nil, false, err
		}
		text := sayPartNotFound.in(language)
		if f.Evidence.Answerable || sums.Asks(question, f.Language) {
			part, from := t.solution(r, question, f, nil, language)
			if part.Mode == appliance.ModePassages { // of several, one is enough
				f.Passages = f.Passages[:1]
				part, from = quote(f, sayPassages, language), f.Passages
			}
			if len(part.Citations) > 0 {
				answered++
				text = takeIn(&a, part)
				for _, p := range from {
					if !slices.ContainsFunc(sources, func(q appliance.Passage) bool { return q.ID == p.ID }) && slices.ContainsFunc(a.Citations, func(c appliance.Citation) bool { return c.ChunkID == p.ID }) {
						sources = append(sources, p)
					}
				}
			}
		}
		pieces = append(pieces, head+"\n"+text)
	}
	if answered == 0 {
		return appliance.Answer{}, nil, false, nil
	}
	r.add(appliance.Event{Type: appliance.EventSources, Sources: sources})
	a.FirstTokenMS = time.Since(began).Milliseconds()
	for i, piece := range pieces {
		if i < len(pieces)-1 {
			piece += "\n\n"
		}
		a.ResponseText += piece
		r.add(appliance.Event{Type: appliance.EventToken, Token: piece})
	}
	return t.finish(r, began, language, a), sources, true, nil
}

// takeIn adds the citations of one answer to another, and returns its text with
// their numbers there.
func takeIn(a *appliance.Answer, part appliance.Answer) string {
	number := map[string]string{}
	for _, c := range part.Citations {
		mark := "[" + strconv.Itoa(c.Number) + "]"
		n := slices.IndexFunc(a.Citations, func(o appliance.Citation) bool { return o.ChunkID == c.ChunkID }) + 1
		if n == 0 {
			n = len(a.Citations) + 1
			c.Number = n
			a.Citations = append(a.Citations, c)
		}
		number[mark] = "[" + strconv.Itoa(n) + "]"
	}
	return partMark.ReplaceAllStringFunc(part.ResponseText, func(m string) string {
		if n := number[m]; n != "" {
			return n
		}
		return m
	})
}
