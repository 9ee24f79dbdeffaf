package appliance

// Citation ties a stretch of an answer to the passage that supports it.
type Citation struct {
	Number      int    `json:"number" doc:"The [n] shown in the answer, 1-based"`
	ChunkID     int64  `json:"chunk_id"`
	SourceID    string `json:"source_id"`
	SourceTitle string `json:"source_title"`
	SourceKind  Kind   `json:"source_kind"`
	MediaType   string `json:"media_type,omitempty"`
	Place       Place  `json:"place"`
	Heading     string `json:"heading,omitempty"`
	Text        string `json:"text" doc:"The passage"`
	// Language and Words are set where the passage is in another language than
	// the answer's frame, for whoever has asked in theirs.
	Language string  `json:"language,omitempty" doc:"Of the passage, where it is not the answer's"`
	Words    []Gloss `json:"words,omitempty" doc:"Words of the passage in the answer's language, where the passage is in another"`
}

// Gloss says what a word of a passage means in the reader's language.
type Gloss struct {
	Word    string `json:"word" doc:"As a word list has it: in the singular"`
	Meaning string `json:"meaning"`
}

// Mode says how an answer was made.
type Mode string

const (
	ModeAnswer   Mode = "answer"    // written by the model from the passages
	ModePassages Mode = "passages"  // the passages themselves: no model, or too long a queue
	ModeNotFound Mode = "not_found" // the material does not hold the answer
	ModeGeneral  Mode = "general"   // written by the model from what it knows, which may be wrong
	ModeSafety   Mode = "safety"    // a fixed reply: the question or the answer was not for a lesson
	ModeGuide    Mode = "guide"     // where to read and what to look for: the pupil tries first
	ModeTeacher  Mode = "teacher"   // what a teacher has pinned to this question
)

// Answer is what the tutor says to a question.
type Answer struct {
	ResponseText     string     `json:"responseText"`
	Mode             Mode       `json:"mode"`
	Citations        []Citation `json:"citations"`
	Actions          []Action   `json:"actions"`
	SuggestedGesture string     `json:"suggested_gesture"`
	AnimationHint    string     `json:"animation_hint"`
	ConversationID   string     `json:"conversation_id"`
	MessageID        string     `json:"message_id"`
	Model            string     `json:"model,omitempty" doc:"Empty where no model wrote"`
	Provider         string     `json:"provider,omitempty" doc:"Whose model wrote: box, or the name of a provider"`
	Teacher          string     `json:"teacher,omitempty" doc:"Who pinned it, in the mode teacher; empty once they are gone"`
	TeacherID        UserID     `json:"-"`
	Cached           bool       `json:"cached,omitempty" doc:"The same question was answered before from the same material"`
	Language         string     `json:"language,omitempty" doc:"Of the answer, empty if unknown"`
	FirstTokenMS     int64      `json:"first_token_ms,omitempty"`
	TotalMS          int64      `json:"total_ms"`
}

// Action is something the screen can offer beside an answer.
type Action struct {
	Type    string         `json:"type"`
	Payload map[string]any `json:"payload,omitempty"`
}
