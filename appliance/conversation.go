package appliance

import "time"

// Conversation is a list of messages between a pupil and the tutor.
type Conversation struct {
	ID        string    `json:"id"`
	Title     string    `json:"title" doc:"The first question, shortened"`
	PersonaID string    `json:"persona_id,omitempty" doc:"Who answers; empty is the box's plain tutor"`
	Messages  int       `json:"messages"`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
}

// Speaker says who wrote a message.
type Speaker string

const (
	SpeakerUser      Speaker = "user"
	SpeakerAssistant Speaker = "assistant"
)

// Message is one turn of a conversation.
type Message struct {
	ID        string    `json:"id"`
	Role      Speaker   `json:"role"`
	Text      string    `json:"text"`
	RequestID string    `json:"request_id,omitempty" doc:"The question's id: shared by a question and its answer"`
	Answer    *Answer   `json:"answer,omitempty" doc:"Present on the tutor's messages"`
	Thumb     *Thumb    `json:"thumb,omitempty" doc:"What the asker thinks of the answer"`
	CreatedAt time.Time `json:"created_at"`
}
