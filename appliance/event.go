package appliance

import "github.com/bwenge-os/bwenge/internal/problem"

// EventType names a step of an answer as the asker sees it.
type EventType string

const (
	EventAccepted EventType = "accepted" // the question is stored
	EventPosition EventType = "position" // others are served first
	EventSources  EventType = "sources"  // what was found, before the model speaks
	EventToken    EventType = "token"    // the next piece of text
	EventRestart  EventType = "restart"  // another model begins again: the text so far is void
	EventDone     EventType = "done"     // the whole answer, as stored
	EventActions  EventType = "actions"  // what can be done next, found after the answer was done; may not come
	EventError    EventType = "error"    // the answer ended without one
)

// Event is one step of an answer. Seq counts from 1 within a question without
// gaps, so that an asker who lost the link can ask for what came after N.
// Exactly one of the fields below Type is set, the one of that name; restart has
// none. Actions are all of the answer's: they replace those of done.
type Event struct {
	Seq      int              `json:"seq"`
	Type     EventType        `json:"type"`
	Accepted *AcceptedEvent   `json:"accepted,omitempty"`
	Position *PositionEvent   `json:"position,omitempty"`
	Sources  []Passage        `json:"sources,omitempty"`
	Token    string           `json:"token,omitempty"`
	Done     *Answer          `json:"done,omitempty"`
	Actions  []Action         `json:"actions,omitempty"`
	Error    *problem.Problem `json:"error,omitempty"`
}

// AcceptedEvent says where the question was stored.
type AcceptedEvent struct {
	ConversationID string `json:"conversation_id"`
	MessageID      string `json:"message_id"`
}

// PositionEvent says how many are served first and how long that may take.
type PositionEvent struct {
	Ahead       int     `json:"ahead"`
	SecondsLeft float64 `json:"seconds_left"`
}
