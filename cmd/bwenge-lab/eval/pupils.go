package eval

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/bwenge-os/bwenge/appliance"
)

// PupilQuestion is a line of a set of questions as pupils ask them. What a right
// answer is, only the set's judge knows.
type PupilQuestion struct {
	ID       string `json:"id"`
	Kind     string `json:"kind"`
	Question string `json:"question"`
	After    string `json:"after"` // the question that it follows in a conversation
}

// PupilAnswer is a line for the judge.
type PupilAnswer struct {
	ID        string          `json:"id"`
	Kind      string          `json:"kind"`
	Question  string          `json:"question"`
	Mode      appliance.Mode  `json:"mode"`
	Text      string          `json:"text"`
	Citations []PupilCitation `json:"citations"`
	Model     string          `json:"model,omitempty"`
	SourcesMS int64           `json:"sources_ms,omitempty"`
	FirstMS   int64           `json:"first_ms,omitempty"`
	DoneMS    int64           `json:"done_ms"`
	Withdrawn int             `json:"withdrawn,omitempty"` // how often something shown was taken back
	Error     string          `json:"error,omitempty"`
}

// PupilCitation is what an answer rests on.
type PupilCitation struct {
	Doc     string `json:"doc"`
	Heading string `json:"heading,omitempty"`
}

// PupilReport is what the judge says, and how long the answers took, in
// milliseconds: medians over the answers that had sources, a word, an end.
type PupilReport struct {
	Judge     json.RawMessage `json:"judge,omitempty"`
	N         int             `json:"n"`
	Failed    []string        `json:"failed,omitempty"`    // questions without an answer
	Withdrawn []string        `json:"withdrawn,omitempty"` // and those of which something shown was taken back
	SourcesMS float64         `json:"sources_ms"`
	FirstMS   float64         `json:"first_ms"`
	DoneMS    float64         `json:"done_ms"`
}

// AskIn asks a question in a conversation, "" for a new one, and returns the
// answer with its times; the conversation's id goes with it.
type AskIn func(ctx context.Context, conversation, question string) (PupilAnswer, string, error)

// Pupils asks every question, those that follow another in a conversation of
// their own behind it. One that fails is told and does not end the rest.
func Pupils(ctx context.Context, questions []PupilQuestion, ask AskIn, progress func(done int, a PupilAnswer)) ([]PupilAnswer, PupilReport, error) {
	byID := map[string]PupilQuestion{}
	for _, q := range questions {
		byID[q.ID] = q
	}
	report := PupilReport{N: len(questions)}
	var answers []PupilAnswer
	var sources, first, done []time.Duration
	for i, q := range questions {
		conversation := ""
		var a PupilAnswer
		var err error
		for _, before := range chain(byID, q) {
			if _, conversation, err = ask(ctx, conversation, before.Question); err != nil {
				break
			}
		}
		if err == nil {
			a, _, err = ask(ctx, conversation, q.Question)
		}
		if ctx.Err() != nil {
			return answers, report, ctx.Err()
		}
		a.ID, a.Kind, a.Question = q.ID, q.Kind, q.Question
		if err != nil {
			a.Error = err.Error()
			report.Failed = append(report.Failed, q.ID)
		} else {
			done = append(done, ms(a.DoneMS))
			if a.SourcesMS > 0 {
				sources = append(sources, ms(a.SourcesMS))
			}
			if a.FirstMS > 0 {
				first = append(first, ms(a.FirstMS))
			}
		}
		if a.Withdrawn > 0 {
			report.Withdrawn = append(report.Withdrawn, q.ID)
		}
		answers = append(answers, a)
		if progress != nil {
			progress(i+1, a)
		}
	}
	report.SourcesMS, report.FirstMS, report.DoneMS = percentile(sources, 0.5), percentile(first, 0.5), percentile(done, 0.5)
	return answers, report, nil
}

func ms(n int64) time.Duration { return time.Duration(n) * time.Millisecond }

// chain returns the questions that come before one in its conversation.
func chain(byID map[string]PupilQuestion, q PupilQuestion) []PupilQuestion {
	var before []PupilQuestion
	for q.After != "" && len(before) < len(byID) {
		q = byID[q.After]
		before = append([]PupilQuestion{q}, before...)
	}
	return before
}

// Judge has a set's own judge.py judge answers, which it keeps in out.
func Judge(ctx context.Context, set, out string, answers []PupilAnswer) (json.RawMessage, error) {
	var lines bytes.Buffer
	for _, a := range answers {
		if a.Error != "" {
			continue
		}
		if err := json.NewEncoder(&lines).Encode(a); err != nil {
			return nil, err
		}
	}
	if err := os.WriteFile(out, lines.Bytes(), 0o644); err != nil {
		return nil, err
	}
	var said bytes.Buffer
	cmd := exec.CommandContext(ctx, "python3", filepath.Join(set, "judge.py"), set, out)
	cmd.Stderr = &said
	verdict, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("the set's judge: %w: %s", err, said.String())
	}
	return verdict, nil
}
