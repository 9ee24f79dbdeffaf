package appliance

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/bwenge-os/bwenge/internal/problem"
)

// Question is what a pupil asks. ID is chosen by the asker, so that asking
// again after a lost link resumes rather than repeats.
type Question struct {
	ID             string
	ConversationID string // empty starts a conversation
	PersonaID      string // who should answer; empty is the one of the conversation, or the box's plain tutor
	Text           string
}

// MaxQuestion is how many characters a question may have, whichever way it
// comes: about two pages.
const MaxQuestion = 4000

// CleanQuestion trims and normalises what somebody asks, and refuses what is no
// question. It is the only place that says how long one may be.
func CleanQuestion(text string) (string, error) {
	text = strings.TrimSpace(norm.NFC.String(strings.ToValidUTF8(text, "")))
	switch n := utf8.RuneCountInString(text); {
	case n == 0:
		return "", problem.New(problem.Invalid, "question_empty",
			"There is no question.", "Type or say what you would like to know.", nil)
	case n > MaxQuestion:
		return "", problem.New(problem.Invalid, "question_long",
			"The question is too long.", "Ask it in a few sentences.", nil).With("limit", MaxQuestion)
	}
	return text, nil
}
