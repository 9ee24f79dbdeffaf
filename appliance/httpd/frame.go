package httpd

import (
	"encoding/json"
	"errors"
	"regexp"
	"unicode/utf8"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/problem"
)

// frameVersion is the version of the socket's envelope. A client that speaks
// another one is told so.
const frameVersion = 1

// framePong answers a client's ping; all other types are appliance.EventType.
const framePong appliance.EventType = "pong"

// ServerFrame is one message from the box on the chat socket. Data is the
// payload of its type: see docs/websocket.md.
type ServerFrame struct {
	V       int                 `json:"v"`
	Type    appliance.EventType `json:"type"`
	Request string              `json:"request"`
	Seq     int                 `json:"seq"`
	Data    any                 `json:"data"`
}

// SourcesData is the payload of a sources frame.
type SourcesData struct {
	Passages []appliance.Passage `json:"passages"`
}

// TokenData is the payload of a token frame.
type TokenData struct {
	Text string `json:"text"`
}

// ActionsData is the payload of an actions frame.
type ActionsData struct {
	Actions []appliance.Action `json:"actions"`
}

// eventFrame puts an event of an answer into the envelope.
func eventFrame(request string, e appliance.Event) ServerFrame {
	f := ServerFrame{V: frameVersion, Type: e.Type, Request: request, Seq: e.Seq}
	switch e.Type {
	case appliance.EventAccepted:
		f.Data = e.Accepted
	case appliance.EventPosition:
		f.Data = e.Position
	case appliance.EventSources:
		passages := e.Sources
		if passages == nil {
			passages = []appliance.Passage{}
		}
		f.Data = SourcesData{passages}
	case appliance.EventToken:
		f.Data = TokenData{e.Token}
	case appliance.EventRestart:
		f.Data = struct{}{}
	case appliance.EventDone:
		f.Data = wholeAnswer(e.Done)
	case appliance.EventActions:
		f.Data = ActionsData{e.Actions}
	case appliance.EventError:
		f.Data = e.Error
	}
	return f
}

// Types of client frames.
const (
	frameAsk    = "ask"
	frameResume = "resume"
	frameCancel = "cancel"
	framePing   = "ping"
)

// clientFrame is one message from a client, checked.
type clientFrame struct {
	Type    string
	Request string
	Data    clientData
}

type clientData struct {
	Text         string `json:"text"`
	Conversation string `json:"conversation"`
	Persona      string `json:"persona"`
	After        int    `json:"after"`
}

var idPattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// parseFrame reads a client's message. The request is returned also with an
// error, as far as it is known, so that the client can tell which one failed.
func parseFrame(message []byte) (clientFrame, error) {
	var wire struct {
		V       int             `json:"v"`
		Type    string          `json:"type"`
		Request string          `json:"request"`
		Data    json.RawMessage `json:"data"`
	}
	if !utf8.Valid(message) {
		return clientFrame{}, badFrame("bad_message", errors.New("not UTF-8"))
	}
	if err := json.Unmarshal(message, &wire); err != nil {
		return clientFrame{}, badFrame("bad_message", err)
	}
	f := clientFrame{Type: wire.Type}
	if idPattern.MatchString(wire.Request) {
		f.Request = wire.Request
	}
	if wire.V != frameVersion {
		return f, badFrame("bad_version", nil)
	}
	if len(wire.Data) > 0 {
		if err := json.Unmarshal(wire.Data, &f.Data); err != nil {
			return f, badFrame("bad_message", err)
		}
	}
	switch f.Type {
	case framePing:
		return f, nil
	case frameAsk, frameResume, frameCancel:
	default:
		return f, badFrame("bad_type", nil)
	}
	if f.Request == "" {
		return f, badFrame("bad_request_id", nil)
	}
	if f.Data.After < 0 {
		return f, badFrame("bad_message", nil)
	}
	if f.Data.Conversation != "" && !idPattern.MatchString(f.Data.Conversation) ||
		f.Data.Persona != "" && !idPattern.MatchString(f.Data.Persona) {
		return f, badFrame("bad_message", nil)
	}
	return f, nil
}

func badFrame(reason string, cause error) error {
	return problem.New(problem.Invalid, reason,
		"The page sent something that the box does not understand.", "Reload the page and try again.", cause)
}
