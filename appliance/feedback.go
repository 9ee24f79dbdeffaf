package appliance

import (
	"strings"
	"time"
	"unicode/utf8"
)

// ThumbReason is why an answer did not help.
type ThumbReason string

const (
	ThumbWrong    ThumbReason = "wrong"
	ThumbOffTopic ThumbReason = "off_topic" // not what was asked
	ThumbTooHard  ThumbReason = "too_hard"
	ThumbTooLong  ThumbReason = "too_long"
	ThumbOther    ThumbReason = "other"
)

// Thumb is what somebody thinks of an answer that they got.
type Thumb struct {
	Up     bool        `json:"up"`
	Reason ThumbReason `json:"reason,omitempty" enum:"wrong,off_topic,too_hard,too_long,other" doc:"Only with a thumb down"`
	Note   string      `json:"note,omitempty" maxLength:"300" doc:"What they would like to say about it"`
}

// maxNote is how many characters a pupil's note about an answer may have.
const maxNote = 300

// Clean makes a thumb fit to store: a thumb up has no reason.
func (t Thumb) Clean() Thumb {
	if t.Up {
		return Thumb{Up: true}
	}
	t.Note = OneLine(t.Note)
	if utf8.RuneCountInString(t.Note) > maxNote {
		t.Note = strings.TrimSpace(string([]rune(t.Note)[:maxNote]))
	}
	return t
}

// Feedback is a thumb as a teacher sees it.
type Feedback struct {
	ID string `json:"id"`
	Thumb
	User      UserRef    `json:"user"`
	Classes   []ClassRef `json:"classes" doc:"Of those of the pupil, the ones whose teacher asks; the office sees all"`
	Question  string     `json:"question"`
	Answer    Answer     `json:"answer"`
	PersonaID string     `json:"persona_id,omitempty" doc:"Who answered; empty is the box's plain tutor"`
	Withheld  bool       `json:"withheld,omitempty" doc:"The answer is made from material that the teacher does not see: it has no text here"`
	CreatedAt time.Time  `json:"created_at"`
	DoneAt    *time.Time `json:"done_at,omitempty"`
	DoneBy    string     `json:"done_by,omitempty"`
}

// FeedbackFilter narrows a list of thumbs.
type FeedbackFilter struct {
	Up     bool // thumbs up instead of down
	Open   bool // only those that nobody has dealt with
	Search string
	Cursor string
	Limit  int
}

// FeedbackCount is how many thumbs there are.
type FeedbackCount struct {
	Open int `json:"open" doc:"Thumbs down that nobody has dealt with"`
	Down int `json:"down"`
	Up   int `json:"up"`
}

// MaxPin is how many characters a pinned answer may have.
const MaxPin = 2000

// PinContent is what a teacher pins: the right answer to a question.
type PinContent struct {
	Question  string    `json:"question" minLength:"1" maxLength:"4000"`
	Text      string    `json:"text" minLength:"1" maxLength:"8000" doc:"The answer, of 1 to 2,000 characters"`
	Passages  []int64   `json:"passages,omitempty" maxItems:"4" doc:"Where it stands in the material: ids of chunks"`
	PersonaID string    `json:"persona_id,omitempty" maxLength:"64" pattern:"^[A-Za-z0-9_-]*$" doc:"Only where this tutor is asked; empty for all"`
	ClassIDs  []ClassID `json:"class_ids,omitempty" maxItems:"200" doc:"Whom it is for; none for the whole school, which the office decides"`
}

// Pin is a teacher's answer to a question.
type Pin struct {
	ID string `json:"id"`
	PinContent
	Classes   []ClassRef `json:"classes"`
	Citations []Citation `json:"citations"`
	By        string     `json:"by,omitempty" doc:"Who wrote it, empty once they are gone"`
	CreatedAt time.Time  `json:"created_at"`
	UpdatedAt time.Time  `json:"updated_at"`
	MayChange bool       `json:"may_change"`
	CreatedBy UserID     `json:"-"`
	WrittenBy UserID     `json:"-"`
}

// PinKeys are what a question is known by when it is asked again: the same words
// in the same order, or, empty where that would be guessing, in any.
type PinKeys struct{ Same, Alike string }

// Wrong says that a teacher has marked a passage as wrong: it is left out of
// search and answers.
type Wrong struct {
	At time.Time `json:"at"`
	By string    `json:"by,omitempty" doc:"Who marked it, empty once they are gone"`
}
