package tutor

import (
	"cmp"
	"context"
	"errors"
	"math"
	"slices"
	"strings"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/tutor/orchestrator"
	"github.com/bwenge-os/bwenge/internal/text"
	"github.com/bwenge-os/bwenge/models"
)

// Instructions and examples come first in every prompt of a persona and never
// change, so that an engine slot that has read them once need not read them
// again: on two slow cores that is most of the wait for the first word.

var examples = []models.Turn{
	{Role: "user", Content: ask("Lake Kivu lies on the border between Rwanda and Congo. It empties into the Ruzizi River and is 480 m deep.", "How deep is Lake Kivu?")},
	{Role: "assistant", Content: "Lake Kivu is 480 m deep."},
	{Role: "user", Content: ask("The mitochondria release energy from food. The nucleus of a cell holds the DNA and controls what the cell does. The cell wall of plants is made of cellulose.", "Which part of the cell holds the genetic material?")},
	{Role: "assistant", Content: "The nucleus holds the DNA, the genetic material."},
	{Role: "user", Content: ask("L'évaporation est le passage de l'état liquide à l'état gazeux. L'eau des mers s'évapore sous l'effet du Soleil.", "Comment appelle-t-on le passage de l'état liquide à l'état gazeux ?")},
	{Role: "assistant", Content: "On l'appelle l'évaporation."},
}

// explanations are for questions that want a reason or a way. Their subjects are
// invented: small models copy from examples.
var explanations = []models.Turn{
	{Role: "user", Content: ask("The roof of the market hall in Dunto is painted white. White paint sends most of the sunlight back, so the roof takes in little heat. "+
		"Before that the roof was black, and at noon the sellers sat in hot air.", "Why did they paint the roof white?")},
	{Role: "assistant", Content: "White paint sends most of the sunlight back, so the roof takes in little heat. When the roof was black, the sellers sat in hot air at noon."},
	{Role: "user", Content: ask("À Belmo, on garde les tubercules dans une cave. La cave est sombre et fraîche. Sans lumière, les tubercules ne germent pas vite.",
		"Comment garde-t-on les tubercules à Belmo ?")},
	{Role: "assistant", Content: "On les garde dans une cave sombre et fraîche. Sans lumière, ils ne germent pas vite."},
}

// open reports whether a question of this kind wants more than a fact.
func (k kind) open() bool { return k == wantsReason || k == wantsWay }

// beginning is how a persona's prompts begin, for open questions or for facts.
func beginning(p appliance.Persona, open bool) orchestrator.Beginning {
	samples, name := examples, "facts: "
	if open {
		samples, name = explanations, "explanations: "
	}
	system := instructionsOf(p)
	return orchestrator.Beginning{Name: name + system, Turns: append([]models.Turn{{Role: "system", Content: system}}, samples...)}
}

// Beginnings are how the prompts of the plain tutor begin, the most frequent first,
// to be read by a model before somebody asks. The last turn is that of a question.
func (t *Tutor) Beginnings() []orchestrator.Beginning {
	list := []orchestrator.Beginning{beginning(appliance.Persona{}, false)}
	if t.cfg.Explains {
		list = append(list, beginning(appliance.Persona{}, true))
	} else {
		list = append(list, list[0]) // the same in the second slot
	}
	for i := range list {
		list[i].Turns = append(slices.Clone(list[i].Turns), models.Turn{Role: "user", Content: "Text:"})
	}
	return list
}

// ask is a text and a question about it as one turn.
func ask(text, question string) string { return "Text: " + text + "\n\nQuestion: " + question }

// exchange is an earlier question of the conversation and its answer.
type exchange struct{ question, answer string }

// prompt is what the model reads.
type prompt struct {
	turns  []models.Turn
	quoted string // of the passages, as it stands in the last turn
}

// topic is what a prompt is about.
type topic struct {
	question string
	kind     kind
	asked    []string
	weights  text.Weights
	pool     *pool
	ranked   []pick     // the pool's sentences, best first
	before   []exchange // the turns before, oldest first
	facts    []string   // about the pupil
}

// compose puts what the model needs of the passages, and the earlier exchanges if
// there are some, behind the persona's fixed prefix, within budget tokens. What
// does not fit is left out: passages down to fewest letters, then what was said
// before, the middle of the question, and at last the examples.
func compose(ctx context.Context, m orchestrator.Meter, budget int, p appliance.Persona, x topic) (prompt, error) {
	first, letters, asked := beginning(p, x.kind.open()).Turns, focused, questionRead
	if x.kind.open() {
		letters = contiguous
	}
	for {
		out := x.prompt(first, letters, asked)
		fits, err := fits(ctx, m, out.turns, budget)
		switch {
		case err != nil || fits:
			return out, err
		case letters >= 2*fewest:
			letters /= 2
		case len(x.before) > 0:
			x.before = nil
		case len(x.facts) > 0:
			x.facts = nil
		case asked > fewest:
			asked /= 2
		case len(first) > 1:
			first = first[:1]
		default:
			return out, errNoRoom
		}
	}
}

// fewest letters of the passages, and of the question, are worth reading.
const fewest = 50

var errNoRoom = errors.New("what a persona is told leaves no room for a question")

// prompt is what the model reads after its first turns, with so many letters of the
// passages and of the question.
func (x topic) prompt(first []models.Turn, letters, asked int) (out prompt) {
	out.turns = slices.Clone(first)
	for _, e := range x.before {
		out.turns = append(out.turns,
			models.Turn{Role: "user", Content: plain(shorten(e.question, 200))},
			models.Turn{Role: "assistant", Content: plain(shorten(e.answer, 200))})
	}
	if x.kind.open() {
		out.quoted = x.pool.around(x.ranked, letters)
	} else {
		var texts []string
		for _, p := range focus(x.pool.passages[:min(read, len(x.pool.passages))], x.asked, x.weights, letters) {
			texts = append(texts, plain(underHeading(p)))
		}
		out.quoted = strings.Join(texts, "\n")
	}
	question := ends(plain(x.question), asked)
	if len(x.facts) > 0 {
		question += "\n(The pupil said before: " + plain(strings.Join(x.facts, " ")) + ")"
	}
	out.turns = append(out.turns, models.Turn{Role: "user", Content: ask(out.quoted, question)})
	return out
}

// contiguous is how many characters of whole passages a model reads that explains.
const contiguous = 1500

// around is the passages around the best sentences, contiguous and without
// sentences that stand in two of them, of at most so many characters.
func (p *pool) around(ranked []pick, letters int) string {
	var order []int
	for _, k := range ranked {
		if n := p.sentences[k.from].passage; !slices.Contains(order, n) {
			order = append(order, n)
		}
	}
	seen := map[string]bool{}
	var texts []string
	for _, n := range order[:min(len(order), read)] {
		best := slices.IndexFunc(ranked, func(k pick) bool { return p.sentences[k.from].passage == n })
		from, to := ranked[best].from, ranked[best].to
		size := len(p.sentences[from].text)
		for grown := true; grown; { // on both sides of the best
			grown = false
			if to < len(p.sentences) && p.sentences[to].passage == n && size+len(p.sentences[to].text) < letters {
				size, to, grown = size+len(p.sentences[to].text), to+1, true
			}
			if from > 0 && p.sentences[from-1].passage == n && size+len(p.sentences[from-1].text) < letters {
				from, grown = from-1, true
				size += len(p.sentences[from].text)
			}
		}
		var cut []string
		for _, s := range p.sentences[from:to] {
			if !seen[s.text] {
				seen[s.text] = true
				cut = append(cut, s.text)
			}
		}
		if len(cut) > 0 {
			passage := p.passages[n]
			passage.Text = strings.Join(cut, " ")
			texts = append(texts, plain(underHeading(passage)))
		}
		if letters -= size; letters < 100 {
			break
		}
	}
	return strings.Join(texts, "\n")
}

// underHeading is a passage's text below its innermost heading, which often says
// what the sentences are about ("Burns": "Cool with water.").
func underHeading(p appliance.Passage) string {
	path := strings.Split(p.Heading, appliance.HeadingSeparator)
	heading := path[len(path)-1]
	if heading == "" || len(heading) > 100 || strings.Contains(fold(p.Text), fold(heading)) {
		return p.Text
	}
	return heading + ": " + p.Text
}

// fits reports whether turns take at most budget tokens. No tokenizer makes
// more than a token of a byte, so that most prompts need no counting.
func fits(ctx context.Context, m orchestrator.Meter, turns []models.Turn, budget int) (bool, error) {
	var all strings.Builder
	for _, t := range turns {
		all.WriteString(t.Content)
	}
	used := len(turns) * perTurn
	if all.Len()+used <= m.Context()-budget || all.Len()+used <= budget {
		return true, nil
	}
	n, err := m.CountTokens(ctx, all.String())
	return used+n <= budget, err
}

// focused is how many characters of the passages the model reads. Small models
// get lost in more: with 300 to 500 the 0.5B model answers better than with
// 900, and has to read a third of it (docs/evaluation.md).
const focused = 400

// questionRead is how many characters of a question the model reads. Of a longer
// one it reads the beginning and the end, where what is asked mostly stands.
const questionRead = 2000

// ends cuts the middle out of a text of more than n characters.
func ends(text string, n int) string {
	runes := []rune(text)
	if len(runes) <= n {
		return text
	}
	return string(runes[:n/2]) + " … " + string(runes[len(runes)-n/2:])
}

// perTurn is what a chat template adds to a turn, in tokens (ChatML: 5).
const perTurn = 5

// focus keeps of the passages the sentences that match the question best, up to
// a number of characters, in their own order. The first passage is favoured
// over the second and so on. A sentence lends weight to its neighbours, more to
// the one behind it ("It is 480 m deep."), because answers often stand beside
// the words that were asked; what stands beside none of them is left out,
// unless nothing matches at all.
func focus(passages []appliance.Passage, asked []string, w text.Weights, letters int) []appliance.Passage {
	type piece struct {
		passage, at int
		score       float64
	}
	var pieces []piece
	parts := make([][]string, len(passages))
	related := false
	for i, p := range passages {
		parts[i] = sentences(p.Text)
		own := make([]float64, len(parts[i])+2) // with an empty sentence at each end
		for j, s := range parts[i] {
			own[j+1] = w.Coverage(asked, stems(s))
		}
		for j := range parts[i] {
			match := own[j+1] + max(own[j]/2, own[j+2]/3)
			related = related || match > 0
			pieces = append(pieces, piece{i, j, match * math.Pow(0.7, float64(i))})
		}
	}
	slices.SortStableFunc(pieces, func(a, b piece) int { return cmp.Compare(b.score, a.score) })
	kept := map[[2]int]bool{}
	for _, p := range pieces {
		size := len(parts[p.passage][p.at])
		if related && p.score == 0 || size > letters && len(kept) > 0 {
			continue
		}
		kept[[2]int{p.passage, p.at}] = true
		letters -= size + 1
	}
	var out []appliance.Passage
	for i, p := range passages {
		var cut []string
		for j, s := range parts[i] {
			if kept[[2]int{i, j}] {
				cut = append(cut, s)
			}
		}
		if len(cut) > 0 {
			p.Text = strings.Join(cut, " ")
			out = append(out, p)
		}
	}
	return out
}

// plain puts text on one line. The control words of chat templates are the
// engine's client's to take out.
func plain(text string) string { return strings.Join(strings.Fields(text), " ") }
