// Package appliance holds the words of the box: sources, chunks, questions,
// answers, conversations and the errors that a teacher reads. It imports
// nothing of ours; every other package speaks in these types.
package appliance

import (
	"time"

	"github.com/bwenge-os/bwenge/internal/problem"
)

// OrgID names an organization (a school, the tenant). It is an argument of
// every store method and, once people sign in, comes from the token only.
type OrgID string

// DefaultOrg is the school that a new database begins with. Once it is erased
// its id never comes again, so the box asks its store for the first school that
// there is; only what works on a new database knows this one by name.
const DefaultOrg OrgID = "default"

// Status is where a source stands on its way to being usable.
type Status string

const (
	StatusQueued     Status = "queued"
	StatusProcessing Status = "processing"
	StatusReady      Status = "ready"
	StatusFailed     Status = "failed"
	StatusCancelled  Status = "cancelled"
)

// Ended reports whether the box has finished with a source of this status.
func (s Status) Ended() bool {
	return s == StatusReady || s == StatusFailed || s == StatusCancelled
}

// Step is what the box is doing with a source that is being processed.
type Step string

const (
	StepReading      Step = "reading"      // text out of a document
	StepTranscribing Step = "transcribing" // words out of a recording
	StepIndexing     Step = "indexing"     // chunks into vectors
)

// Kind is the family of a source, from its content and not its name.
type Kind string

const (
	KindPDF   Kind = "pdf"
	KindDoc   Kind = "document" // DOCX, ODT, RTF
	KindDeck  Kind = "slides"   // PPTX, ODP
	KindSheet Kind = "sheet"    // XLSX, ODS, CSV
	KindBook  Kind = "book"     // EPUB
	KindPage  Kind = "page"     // HTML
	KindText  Kind = "text"     // text, Markdown
	KindImage Kind = "image"
	KindAudio Kind = "audio"
	KindVideo Kind = "video"
)

// Source is a piece of teachers' material.
type Source struct {
	ID        string `json:"id"`
	Title     string `json:"title" doc:"The file's name, made safe to show"`
	Kind      Kind   `json:"kind,omitempty" doc:"Empty until the content has been looked at"`
	MediaType string `json:"media_type,omitempty"`
	Bytes     int64  `json:"bytes"`
	SHA256    string `json:"sha256"`
	Language  string `json:"language,omitempty" doc:"ISO 639-1 code of most of its text, empty if unknown"`

	Status      Status           `json:"status"`
	Step        Step             `json:"step,omitempty"`
	Progress    float64          `json:"progress" doc:"0 to 1"`
	SecondsLeft *float64         `json:"seconds_left,omitempty" doc:"A realistic guess; absent when there is none"`
	Problem     *problem.Problem `json:"problem,omitempty" doc:"Why it failed, and what to do"`
	Notices     []Notice         `json:"notices,omitempty" doc:"What was left out of a source that is ready"`

	Pages     int        `json:"pages,omitempty" doc:"Pages, slides or sheets"`
	Duration  float64    `json:"duration,omitempty" doc:"Seconds of a recording"`
	Chunks    int        `json:"chunks"`
	Classes   []ClassRef `json:"classes,omitempty" doc:"Whom it is for; the whole school if absent"`
	CreatedAt time.Time  `json:"created_at"`
	ReadyAt   *time.Time `json:"ready_at,omitempty"`
	CreatedBy UserID     `json:"-"`
	MayChange bool       `json:"may_change" doc:"Whether whoever asks may share, retry and delete it"`
}

// Notice says what could not be read of a source that is otherwise fine, such
// as {"pages_unreadable", "3 of 40 pages could not be read", {"count": 3, "of": 40}}.
// Code and Params let a screen say it in the reader's language.
type Notice struct {
	Code    string         `json:"code"`
	Message string         `json:"message"`
	Params  map[string]any `json:"params,omitempty"`
}

// Place is where in a source a passage stands. Zero fields are unknown.
type Place struct {
	Page  int     `json:"page,omitempty" doc:"1-based page of a document or book chapter number"`
	Slide int     `json:"slide,omitempty" doc:"1-based slide"`
	Sheet string  `json:"sheet,omitempty" doc:"Name of a spreadsheet's sheet"`
	Start float64 `json:"start,omitempty" doc:"Seconds from the start of a recording"`
	End   float64 `json:"end,omitempty" doc:"Seconds; 0 if the source is not a recording"`
}

// Section is a stretch of a source's text as its reader found it: a page, a
// slide, a chapter, a heading's paragraphs or a spoken segment. Paragraphs
// within Text are separated by a blank line.
type Section struct {
	Text    string `json:"text"`
	Heading string `json:"heading,omitempty" doc:"Headings above it, outermost first, joined by ' › '"`
	Place   Place  `json:"place"`
}

// Chunk is a passage of a source, small enough for the embedding model.
type Chunk struct {
	ID       int64     `json:"id"`
	SourceID string    `json:"source_id"`
	Seq      int       `json:"seq" doc:"0-based position within the source"`
	Text     string    `json:"text"`
	Heading  string    `json:"heading,omitempty"`
	Place    Place     `json:"place"`
	Language string    `json:"language,omitempty"`
	Tokens   int       `json:"-"` // by the embedding model's tokenizer
	Vector   []float32 `json:"-"` // unit length
}

// Passage is a chunk that retrieval found, with the source it stands in.
type Passage struct {
	Chunk
	SourceTitle string  `json:"source_title"`
	SourceKind  Kind    `json:"source_kind"`
	MediaType   string  `json:"media_type,omitempty"`
	Score       float64 `json:"score" doc:"0 to 1, higher is better; comparable only within one answer"`
}

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
}

// Mode says how an answer was made.
type Mode string

const (
	ModeAnswer   Mode = "answer"    // written by the model from the passages
	ModePassages Mode = "passages"  // the passages themselves: no model, or too long a queue
	ModeNotFound Mode = "not_found" // the material does not hold the answer
	ModeGeneral  Mode = "general"   // written by the model from what it knows, which may be wrong
	ModeSafety   Mode = "safety"    // a fixed reply: the question or the answer was not for a lesson
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

// Question is what a pupil asks. ID is chosen by the asker, so that asking
// again after a lost link resumes rather than repeats.
type Question struct {
	ID             string
	ConversationID string // empty starts a conversation
	PersonaID      string // who should answer; empty is the one of the conversation, or the box's plain tutor
	Text           string
}

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
	CreatedAt time.Time `json:"created_at"`
}

// Page is a slice of a longer list.
type Page[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next,omitempty" doc:"Cursor of the next page, empty at the end"`
	Total int    `json:"total" doc:"How many there are in all with this filter"`
}

// SourceFilter narrows a list of sources.
type SourceFilter struct {
	Search string // words in the title, any case
	Status Status // empty for all
	Cursor string // from a page's Next
	Limit  int    // 1 to 100
}

// Hit is a chunk that one part of a search found. Scores of different parts do
// not compare.
type Hit struct {
	ChunkID int64
	Score   float64
}
