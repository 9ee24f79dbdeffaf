package appliance

import "time"

// Flag is an exchange that a teacher should look at.
type Flag struct {
	ID             string     `json:"id"`
	User           UserRef    `json:"user"`
	Classes        []ClassRef `json:"classes" doc:"Theirs, as far as whoever asks teaches them"`
	Category       string     `json:"category" doc:"Such as self_harm; see docs/tutor.md"`
	Severity       int        `json:"severity" doc:"2: the pupil may need help; 1: they were led back to the lesson"`
	Side           string     `json:"side" enum:"question,answer" doc:"Whose words"`
	Text           string     `json:"text"`
	ConversationID string     `json:"conversation_id"`
	Asked          []string   `json:"asked" doc:"What they had asked in that conversation, newest last: at most five questions"`
	CreatedAt      time.Time  `json:"created_at"`
	SeenAt         *time.Time `json:"seen_at,omitempty"`
	SeenBy         string     `json:"seen_by,omitempty"`
}

// FlagCount is how many flagged exchanges nobody has looked at.
type FlagCount struct {
	Open   int `json:"open"`
	Urgent int `json:"urgent" doc:"Of these: where the pupil may need help"`
}
