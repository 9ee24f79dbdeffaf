package tutor

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/bwenge-os/bwenge/appliance"
	"golang.org/x/text/unicode/norm"
)

// longest question, in characters: about one page.
const maxQuestion = 2000

// cleanQuestion trims and normalises what a pupil typed.
func cleanQuestion(text string) (string, error) {
	text = strings.TrimSpace(norm.NFC.String(strings.ToValidUTF8(text, "")))
	switch n := utf8.RuneCountInString(text); {
	case n == 0:
		return "", appliance.Fail(appliance.EInvalid, "question_empty",
			"There is no question.", "Type or say what you would like to know.", nil)
	case n > maxQuestion:
		return "", appliance.Fail(appliance.EInvalid, "question_long",
			"The question is too long.", "Ask it in a few sentences.", nil).With("limit", maxQuestion)
	}
	return text, nil
}

// answer takes one question through the steps of the package comment.
func (t *Tutor) answer(r *Run) (appliance.Answer, error) {
	began := time.Now()
	passages, _, err := t.Retrieve(r.ctx, r.org, r.question.Text, 5)
	if err != nil {
		return appliance.Answer{}, err
	}
	r.add(appliance.Event{Type: appliance.EventSources, Sources: passages})
	return appliance.Answer{Mode: appliance.ModePassages, ConversationID: r.question.ConversationID,
		Citations: []appliance.Citation{}, Actions: []appliance.Action{}, TotalMS: time.Since(began).Milliseconds()}, nil
}
