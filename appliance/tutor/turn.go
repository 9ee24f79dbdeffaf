package tutor

import (
	"context"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/tutor/orchestrator"
	"github.com/bwenge-os/bwenge/internal/text"
	"github.com/bwenge-os/bwenge/models"
)

// ofTurn answers what is asked about the answer before, and what asks for no fact
// of the material but for something made of it: a summary, a question.
func (t *Tutor) ofTurn(r *Run, f appliance.Finding, before []exchange, began time.Time) (a appliance.Answer, sources []appliance.Passage, done bool) {
	language := speaks(r.persona, f.Language)
	question := r.question.Text
	var last exchange
	if len(before) > 0 {
		last = before[len(before)-1]
	}
	switch want := kindOf(question); {
	case want == wantsSummary:
		a, done = t.summary(r, f)
		a.ResponseText = framed(a.ResponseText, language)
	case want == wantsPractice:
		a, done = t.practice(f, language)
	case last.answer == "" || len(f.Passages) == 0:
	case want == wantsAgain:
		a, done = t.otherwise(r, f, last, language)
	case want == wantsLanguage:
		a, done = t.translated(r, f, last, question, began)
		language = a.Language
	case ordinal.MatchString(fold(question)):
		item := itemOf(question, last.answer)
		if from, ok := holder(item, f); ok && len(words(item)) >= 6 {
			a, done = appliance.Answer{Mode: appliance.ModeAnswer, ResponseText: framed(clean(item)+" [1]", language), Citations: []appliance.Citation{citation(1, from)}}, true
		}
	}
	if !done {
		return a, nil, false
	}
	r.add(appliance.Event{Type: appliance.EventSources, Sources: f.Passages})
	a.FirstTokenMS = time.Since(began).Milliseconds()
	r.add(appliance.Event{Type: appliance.EventToken, Token: a.ResponseText})
	return t.finish(r, began, language, a), f.Passages, true
}

// ordinal points at an item of the list before.
var ordinal = regexp.MustCompile(`\b(?:(?:the|la|le) |l')(first|second|third|fourth|fifth|sixth|last|premier|premiere|deuxieme|troisieme|quatrieme|cinquieme|dernier|derniere)(?: (?:one|step|stage|item|point|part|way|etape|partie|of (?:them|these))\b|[ ?.!]*$|\?)|\b(ya kwanza|ya pili|ya tatu|ya nne|ya mwisho|wa mbere|ya mbere|cya mbere|ya kabiri|cya kabiri|ya gatatu|cya gatatu)(?: (?:one|step|stage|item|point|part|way|of (?:them|these))\b|[ ?.!]*$|\?)`)

var ordinals = map[string]int{"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "last": -1,
	"premier": 1, "premiere": 1, "deuxieme": 2, "troisieme": 3, "quatrieme": 4, "cinquieme": 5, "dernier": -1, "derniere": -1,
	"ya kwanza": 1, "ya pili": 2, "ya tatu": 3, "ya nne": 4, "ya mwisho": -1,
	"wa mbere": 1, "ya mbere": 1, "cya mbere": 1, "ya kabiri": 2, "cya kabiri": 2, "ya gatatu": 3, "cya gatatu": 3}

// itemOf is the item of the list in an answer that a question points at, without
// its mark.
func itemOf(question, answer string) string {
	m := ordinal.FindStringSubmatch(fold(question))
	if m == nil {
		return ""
	}
	var items []string
	for line := range strings.Lines(answer) {
		if listMark.MatchString(line) {
			items = append(items, strings.TrimSpace(withoutMark(line)))
		}
	}
	n := ordinals[m[1]+m[2]]
	if n < 0 {
		n = len(items)
	}
	if n == 0 || n > len(items) {
		return ""
	}
	return items[n-1]
}

// personal are the words that stand for a person.
var personal = regexp.MustCompile(`\b(?:he|she|him|her|his|hers|il|elle|lui)\b`)

// namesIn are the names in a text: words in capitals within a sentence, and at
// its beginning where they stand elsewhere too or are no common words.
func namesIn(text string) []string {
	var names []string
	for _, s := range sentences(text) {
		for i, w := range strings.Fields(s) {
			w = strings.Trim(w, `.,;:!?()[]“”"'’«»`)
			r, _ := utf8.DecodeRuneInString(w)
			if len(w) < 3 || !unicode.IsUpper(r) || stopWord(english, fold(w)) || stopWord(french, fold(w)) || i == 0 && !strings.ContainsAny(w, "’'") && languageOf(w) != "" {
				continue
			}
			if !slices.Contains(names, w) {
				names = append(names, w)
			}
		}
	}
	return names[:min(len(names), 4)]
}

// otherwise says the answer before in other words of the material: the sentences
// beside and below those that were given.
func (t *Tutor) otherwise(r *Run, f appliance.Finding, last exchange, language string) (appliance.Answer, bool) {
	p := poolOf(f, t.candidates(r.ctx, r.who, f))
	t.compare(r.ctx, p, f.Vector)
	told := fold(last.answer)
	q := query{last.question, text.Subjects(f.Terms), kindOf(last.question)}
	for _, k := range p.rank(q.terms, q.kind, q.text) {
		if strings.Contains(told, fold(strings.TrimSpace(withoutMark(p.sentences[k.from].text)))) || !k.near() || k.score < surely {
			continue
		}
		for k.to < len(p.sentences) && k.to-k.from < 3 && p.sentences[k.to].passage == p.sentences[k.from].passage &&
			!strings.Contains(told, fold(strings.TrimSpace(withoutMark(p.sentences[k.to].text)))) {
			k.to++
		}
		a := say([]saying{p.saying(k)}, language)
		a.ResponseText = sayOtherwise.in(language) + "\n" + a.ResponseText
		return a, true
	}
	return appliance.Answer{}, false
}

// tongues are the languages by the words that ask for them.
var tongues = []struct{ word, code, name string }{
	{"french", french, "French"}, {"francais", french, "French"}, {"kifaransa", french, "French"}, {"gifaransa", french, "French"},
	{"english", english, "English"}, {"anglais", english, "English"}, {"kiingereza", english, "English"}, {"cyongereza", english, "English"},
	{"swahili", swahili, "Swahili"}, {"kinyarwanda", kinyarwanda, "Kinyarwanda"},
}

// translated is the answer before in another language, as far as a model of the
// box writes it. Its numbers must be the same; that it is a machine's is told.
func (t *Tutor) translated(r *Run, f appliance.Finding, last exchange, question string, began time.Time) (appliance.Answer, bool) {
	asked := fold(question)
	i := slices.IndexFunc(tongues, func(l struct{ word, code, name string }) bool { return strings.Contains(asked, l.word) })
	if i < 0 {
		return appliance.Answer{}, false
	}
	to := tongues[i]
	from, held := holder(last.answer, f)
	if t.gen == nil || !t.writes(to.code) || !held {
		a := quote(f, sayCannotWrite, to.code)
		a.Language = to.code
		return a, true
	}
	ctx, cancel := context.WithTimeout(r.ctx, t.cfg.MaxAnswer)
	defer cancel()
	turns := []models.Turn{{Role: "system", Content: "Translate into " + to.name + ". Write nothing but the translation."},
		{Role: "user", Content: plain(last.answer)}}
	var text strings.Builder
	reply, err := t.gen.Write(ctx, orchestrator.Request{Who: r.who, QueueKey: queueKey(r), Prefix: turns[0].Content, MaxWait: t.cfg.MaxWait,
		Compose: func(context.Context, orchestrator.Meter) (models.Prompt, error) {
			return models.Prompt{Turns: turns, MaxTokens: 200, Material: last.answer}, nil
		},
		Position: r.waits,
		Restart:  text.Reset,
		Emit:     func(piece string) error { text.WriteString(piece); return nil },
	})
	r.usage = reply.Usage
	said := clean(text.String())
	_, unfit := newScreen([]string{last.answer}).unfit(said)
	good := err == nil && !unfit && !reply.Usage.Truncated && languageOf(said) == to.code && !unspeakable.MatchString(said) && holdsFigures(last.answer, said) && holdsFigures(said, last.answer) &&
		len(said) > len(last.answer)/3 && len(said) < 3*len(last.answer)
	if !good {
		a := quote(f, sayPassages, to.code)
		a.Language = to.code
		return a, true
	}
	return appliance.Answer{Mode: appliance.ModeAnswer, Language: to.code, Model: reply.Model, Provider: reply.Provider,
		ResponseText: said + " [1]\n" + sayTranslated.in(to.code), Citations: []appliance.Citation{citation(1, from)}}, true
}

// holder is the passage that holds what was said before.
func holder(said string, f appliance.Finding) (appliance.Passage, bool) {
	claim := terms(said, languageOf(said))
	for _, p := range f.Passages {
		if len(claim) > 0 && f.Weights.Coverage(claim, stems(p.Heading+"\n"+p.Text)) >= provenShare {
			return p, true
		}
	}
	return appliance.Passage{}, false
}

// practice asks a question whose answer the passages define.
func (t *Tutor) practice(f appliance.Finding, language string) (appliance.Answer, bool) {
	if !f.Evidence.Answerable {
		return appliance.Answer{}, false
	}
	for _, p := range f.Passages {
		ideas := defines(p.Text, languageOf(p.Text))
		if q := quiz([]appliance.Passage{p}); len(ideas) == 0 && len(q) > 0 {
			ideas = []string{q[0].Text + " (" + strings.Join(q[0].Options, " / ") + ") ?"}
		}
		path := strings.Split(p.Heading, appliance.HeadingSeparator)
		if heading := path[len(path)-1]; len(ideas) == 0 && heading != "" {
			ideas = []string{sayTellMe.in(language) + " “" + heading + "” ?"}
		}
		if len(ideas) == 0 {
			continue
		}
		where := p.SourceTitle
		if p.Heading != "" {
			where = strings.ReplaceAll(p.Heading, appliance.HeadingSeparator, ", ")
		}
		return appliance.Answer{Mode: appliance.ModeAnswer, Citations: []appliance.Citation{citation(1, p)},
			ResponseText: sayPractise.in(language) + " " + ideas[0] + "\n" + sayReadThere.in(language) + " " + where + ". [1]"}, true
	}
	return appliance.Answer{}, false
}

// summarized bounds a summary, in headings and in chunks that are read for it.
const summarized, chunksSummarized = 8, 120

// unitNumber names a part of a book by its number.
var unitNumber = regexp.MustCompile(`\b(unit|unite|chapter|chapitre|lesson|lecon|topic|section|module|part|partie|mada|sura|isomo|umutwe|igice)\s+(\d{1,3})\b`)

// summary is the headings of a unit or a text, each with its first sentence.
func (t *Tutor) summary(r *Run, f appliance.Finding) (appliance.Answer, bool) {
	if len(f.Passages) == 0 {
		return appliance.Answer{}, false
	}
	best, within := f.Passages[0], ""
	if m := unitNumber.FindStringSubmatch(fold(r.question.Text)); m != nil {
		named := func(heading string) bool {
			n := unitNumber.FindStringSubmatch(fold(heading))
			return n != nil && n[2] == m[2] && n[1] == m[1]
		}
		found := false
		for _, p := range f.Passages {
			for _, heading := range strings.Split(p.Heading, appliance.HeadingSeparator) {
				if !found && named(heading) {
					best, within, found = p, heading, true
				}
			}
		}
		if !found {
			return appliance.Answer{}, false
		}
	} else if !f.Evidence.Answerable {
		return appliance.Answer{}, false
	} else if path := strings.Split(best.Heading, appliance.HeadingSeparator); len(path) > 1 {
		within = path[0] // the unit of a book that holds several
	}
	page, err := t.store.Chunks(r.ctx, r.who.Org, r.who.Scope, best.SourceID, max(0, best.Seq-chunksSummarized/2), chunksSummarized)
	if err != nil {
		t.cfg.Log.Warn("a text is not summed up", "error", err)
		return appliance.Answer{}, false
	}
	a := appliance.Answer{Mode: appliance.ModeAnswer}
	var lines []string
	told := map[string]bool{}
	for _, c := range page.Items {
		path := strings.Split(c.Heading, appliance.HeadingSeparator)
		heading := path[len(path)-1]
		if c.Table != nil || len(lines) == summarized || told[c.Heading] || within != "" && !slices.Contains(path, within) {
			continue
		}
		passage := best
		passage.Chunk = c
		sentence := firstSentence(passage, f)
		if sentence == "" {
			continue
		}
		told[c.Heading] = true
		a.Citations = append(a.Citations, citation(len(a.Citations)+1, passage))
		if heading != "" && !strings.HasPrefix(fold(sentence), fold(heading)) {
			sentence = heading + ": " + sentence
		}
		lines = append(lines, "- "+sentence+" ["+strconv.Itoa(len(a.Citations))+"]")
	}
	if len(lines) == 0 {
		return appliance.Answer{}, false
	}
	a.ResponseText = strings.Join(lines, "\n")
	return a, true
}

// firstSentence is the sentence of a passage that says most of its heading, the
// first of equals.
func firstSentence(passage appliance.Passage, f appliance.Finding) string {
	p := poolOf(f, []appliance.Passage{passage})
	about := terms(passage.Heading, languageOf(passage.Text))
	best, most := "", -1.0
	for i, s := range p.sentences {
		score := 0.0
		for _, w := range about {
			if s.stems[stem(w)] {
				score += 1 / float64(len(about))
			}
		}
		if leansBack(s.text) {
			score -= 0.5
		}
		if score -= 0.02 * float64(i); score > most+1e-9 {
			best, most = strings.TrimSpace(withoutMark(s.text)), score
		}
	}
	return shorten(best, 220)
}
