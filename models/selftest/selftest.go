// Package selftest asks a chat model thirty questions about short texts of our
// own and judges the answers by rules, so that a school sees what a model is
// worth before it is chosen. It tells good from bad models, not good answers
// from better ones; docs/evaluation.md has the tests that do.
package selftest

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/bwenge-os/bwenge/internal/text"
	"github.com/bwenge-os/bwenge/models"
)

//go:embed set.json
var setJSON []byte

// Set is what is asked.
type Set struct {
	Version int    `json:"version"` // a result of another version says nothing of this one
	Texts   []Text `json:"texts"`
}

// Text is what questions are about.
type Text struct {
	ID        string     `json:"id"`
	Language  string     `json:"language"`
	Text      string     `json:"text"`
	Questions []Question `json:"questions"`
}

// Question is one of the thirty. Words of the rules are folded; one that ends in
// * stands for all that begin so.
type Question struct {
	ID       string     `json:"id"`
	Kind     string     `json:"kind"` // fact, number, list, why, definition, negation, yesno; none has no answer in the text
	Question string     `json:"question"`
	Accept   [][]string `json:"accept"` // of each group one has to be in the answer
	Forbid   []string   `json:"forbid"` // none of these
}

// The test's own set.
var set = func() Set {
	var s Set
	if err := json.Unmarshal(setJSON, &s); err != nil {
		panic("set.json: " + err.Error()) // built into the program: a test reads it
	}
	return s
}()

// Version is that of the set.
func Version() int { return set.Version }

// Verdict is what an answer is worth.
type Verdict string

// The verdicts. Missed is an answer that was held back, or half of one: a pupil
// learns nothing, and nothing false.
const (
	Right  Verdict = "right"
	Missed Verdict = "missed"
	Wrong  Verdict = "wrong"
)

// Result is how a model did.
type Result struct {
	Version int       `json:"version"`
	Model   string    `json:"model"`
	SHA256  string    `json:"sha256"`
	Right   int       `json:"right"`
	Wrong   int       `json:"wrong"`
	Total   int       `json:"total"`
	Seconds float64   `json:"seconds"` // median of an answer on the machine that was tested
	At      time.Time `json:"at"`
	Answers []Answer  `json:"answers"`
}

// Answer is one of them.
type Answer struct {
	ID       string  `json:"id"`
	Kind     string  `json:"kind"`
	Question string  `json:"question"`
	Answer   string  `json:"answer"`
	Verdict  Verdict `json:"verdict"`
	Seconds  float64 `json:"seconds"`
}

// String is the result in a line: 24 of 30 right, 1 wrong, 2.1 s.
func (r Result) String() string {
	return fmt.Sprintf("%d of %d right, %d wrong, %.1f s", r.Right, r.Total, r.Wrong, r.Seconds)
}

// Ask has a model answer a prompt, at a time that suits the others.
type Ask func(ctx context.Context, p models.Prompt) (answer string, took time.Duration, err error)

// Of asks a model that nobody else needs.
func Of(g models.Generator) Ask {
	return func(ctx context.Context, p models.Prompt) (string, time.Duration, error) {
		var answer strings.Builder
		u, err := g.Generate(ctx, p, func(piece string) error { answer.WriteString(piece); return nil })
		return answer.String(), u.Total, err
	}
}

// Run asks all questions, one after the other. done, which may be nil, is told
// of each answer.
func Run(ctx context.Context, ask Ask, done func(Answer)) (Result, error) {
	r := Result{Version: set.Version}
	var took []float64
	for _, t := range set.Texts {
		for _, q := range t.Questions {
			answer, d, err := ask(ctx, prompt(t, q))
			if err != nil {
				return Result{}, err
			}
			a := Answer{ID: q.ID, Kind: q.Kind, Question: q.Question, Answer: strings.TrimSpace(answer), Seconds: d.Seconds()}
			a.Verdict = q.judge(a.Answer)
			switch r.Total++; a.Verdict {
			case Right:
				r.Right++
			case Wrong:
				r.Wrong++
			}
			took = append(took, a.Seconds)
			r.Answers = append(r.Answers, a)
			if done != nil {
				done(a)
			}
		}
	}
	slices.Sort(took)
	r.Seconds = took[len(took)/2]
	r.At = time.Now().UTC()
	return r, nil
}

const longest = 120 // tokens of an answer

var instructions = map[string]string{
	"en": "You are a friendly tutor. Answer the pupil's question in one to three short sentences, only from the text. If the text does not say it, write: The text does not say.",
	"fr": "Tu es un tuteur aimable. Réponds à la question de l'élève en une à trois phrases courtes, uniquement d'après le texte. Si le texte ne le dit pas, écris : Le texte ne le dit pas.",
}

// prompt has the form in which the tutor shows a model a passage and a question.
func prompt(t Text, q Question) models.Prompt {
	return models.Prompt{
		Turns: []models.Turn{
			{Role: "system", Content: instructions[t.Language]},
			{Role: "user", Content: "Text: " + t.Text + "\n\nQuestion: " + q.Question},
		},
		MaxTokens: longest, Material: t.Text, Slot: -1,
	}
}

// judge goes by the words of an answer.
func (q Question) judge(answer string) Verdict {
	words := " " + strings.Join(text.Words(answer), " ") + " "
	refused := slices.ContainsFunc(refusals, func(r string) bool { return has(words, r) })
	if q.Kind == "none" {
		switch {
		case refused:
			return Right
		case strings.TrimSpace(words) == "":
			return Missed
		}
		return Wrong
	}
	met := 0
	for _, group := range q.Accept {
		if slices.ContainsFunc(group, func(w string) bool { return has(words, w) }) {
			met++
		}
	}
	switch {
	case slices.ContainsFunc(q.Forbid, func(w string) bool { return has(words, w) }):
		return Wrong
	case refused && q.Kind == "yesno": // its "not" is no no
		return Missed
	case met == len(q.Accept):
		return Right
	case met > 0 || refused || strings.TrimSpace(words) == "":
		return Missed
	}
	return Wrong
}

// has looks for a word or words in folded words with spaces around them.
func has(words, want string) bool {
	if begin, ok := strings.CutSuffix(want, "*"); ok {
		return strings.Contains(words, " "+begin)
	}
	return strings.Contains(words, " "+want+" ")
}

// refusals are words of an answer that says that there is none.
var refusals = []string{
	"does not say", "doesn t say", "do not say", "not say", "does not mention", "doesn t mention", "not mentioned", "not stated", "not specified",
	"does not specify", "does not provide", "does not give", "not provided", "not given", "no information", "not in the text", "does not state",
	"does not contain", "does not tell", "cannot be answered", "can not be answered", "cannot answer", "i don t know", "i do not know", "not known", "unknown",
	"ne le dit pas", "ne dit pas", "ne dit rien", "ne mentionne pas", "pas mentionne*", "ne precise pas", "pas precise*", "n indique pas", "pas indique*",
	"n est pas dit", "aucune information", "pas d information", "ne donne pas", "ne contient pas", "ne sais pas", "ne parle pas", "pas dans le texte",
}
