package tutor

import (
	"context"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bwenge-os/bwenge/appliance"
)

// PinStore finds what a teacher has pinned to a question.
type PinStore interface {
	Pinned(ctx context.Context, org appliance.OrgID, scope appliance.Scope, persona string, keys appliance.PinKeys) (appliance.Pin, bool, error)
}

// pinned answers with what a teacher has pinned to the question, if one has. No
// model reads or writes any of it.
func (t *Tutor) pinned(r *Run, began time.Time) (a appliance.Answer, ok bool, err error) {
	if pointsBack(r.question.Text) {
		return a, false, nil
	}
	pin, ok, err := t.store.Pinned(r.ctx, r.who.Org, r.who.Scope, r.persona.ID, keysOf(r.question.Text))
	if err != nil || !ok {
		return a, false, err
	}
	a = appliance.Answer{Mode: appliance.ModeTeacher, ResponseText: pin.Text, Citations: pin.Citations, Teacher: pin.By, TeacherID: pin.WrittenBy}
	var sources []appliance.Passage
	marks := ""
	for _, c := range pin.Citations {
		sources = append(sources, appliance.Passage{Chunk: appliance.Chunk{ID: c.ChunkID, SourceID: c.SourceID, Text: c.Text, Heading: c.Heading, Place: c.Place},
			SourceTitle: c.SourceTitle, SourceKind: c.SourceKind, MediaType: c.MediaType})
		marks += " [" + strconv.Itoa(c.Number) + "]"
	}
	a.ResponseText += marks
	if len(sources) > 0 {
		r.add(appliance.Event{Type: appliance.EventSources, Sources: sources})
	}
	a.FirstTokenMS = time.Since(began).Milliseconds()
	r.add(appliance.Event{Type: appliance.EventToken, Token: a.ResponseText})
	language := languageOf(pin.Text)
	if language == "" {
		language = languageOf(r.question.Text)
	}
	return t.finish(r, began, language, a), true, nil
}

// keysOf is what a question is known by when it is asked again. A teacher's
// answer is given to the same question and to no other one, so this is narrower
// than meaning: what differs by a number, a sign, a question word, a negation or
// a comparison is another question, and so is what changes who does it to whom.
//
// Another order of the same words is one that moves the end to the front: "Lake
// Kivu is how deep?" but not "Do goats eat lions?" for "Do lions eat goats?".
func keysOf(question string) appliance.PinKeys {
	language := languageOf(question)
	said := canonical(question, language)
	if said == "" {
		return appliance.PinKeys{}
	}
	figures := strings.Join(figure.FindAllString(fold(question), -1), " ")
	keys := appliance.PinKeys{Same: said + "\n" + figures}
	var kept []string
	asks := false
	for _, w := range words(question) {
		switch {
		case doing[w]:
			w = "do"
		case fillers[language][w], linking[language][w]:
			continue
		}
		asks = asks || asking[language][w]
		kept = append(kept, stem(w))
	}
	if len(kept) < 2 {
		return keys
	}
	if asks {
		kept = rotated(kept)
	}
	keys.Alike = language + " " + strings.Join(kept, " ") + "\n" + figures
	return keys
}

// rotated is a list turned so that all that are turns of each other are the same.
func rotated(list []string) []string {
	least := list
	for i := range list {
		if turn := slices.Concat(list[i:], list[:i]); slices.Compare(turn, least) < 0 {
			least = turn
		}
	}
	return least
}

// figure is a number with what belongs to it, or a sign of arithmetic: words
// have no signs.
var figure = regexp.MustCompile(`\pL*\d+(?:[.,:/]\d+)*[\pL%°]*|[+×·*÷=<>≤≥^√%]|[-−–/]\s*\d+(?:[.,:/]\d+)*`)

// linking are the words that only hold a question together: it stays the same
// without them, or with others. Question words, negations, pronouns, what
// compares and what points from one thing to another are none.
var linking = map[string]map[string]bool{
	english:     set("of in on at for be been being has have had s our there some called named"),
	french:      set("a au aux en dans sur pour ai as ont avait t y il c cette ces cet notre nos"),
	swahili:     set("ya wa za la cha vya katika kwenye kwa ni"),
	kinyarwanda: set("ya wa za cya ry bya rya ba mu ku ni y w z"),
}

// doing are words that tell "What does a lion eat?" from "What eats a lion?".
var doing = set("do does did")

// asking are the words that stand for what is asked.
var asking = map[string]map[string]bool{
	english:     set("what who whom whose which when where why how"),
	french:      set("qui quoi quel quelle quels quelles quand ou comment pourquoi combien lequel laquelle"),
	swahili:     set("nani nini lini wapi gani ngapi vipi kwanini mbona ipi yupi"),
	kinyarwanda: set("nde ninde iki niki ryari he hehe gute kuki kangahe ngahe bangahe zingahe ibihe izihe"),
}

// backward are the words by which a question points to what was said before.
var backward = map[string]map[string]bool{
	english: set("he she it they him her his its their them this these those"),
	french:  set("elle ils elles lui leur leurs son sa ses cela ca celui celle"),
}

// pointsBack reports whether a question is about what was said before it, so
// that the same words mean something else elsewhere.
func pointsBack(question string) bool {
	language := languageOf(question)
	content, back := 0, false
	for _, w := range words(question) {
		if !stopWord(language, w) {
			content++
		}
		back = back || backward[language][w]
	}
	return content == 0 || content <= 2 && back
}
