package httpd

import (
	"maps"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/problem"
	"github.com/bwenge-os/bwenge/internal/transport"
)

// frameSchemas describes the socket's messages, which no HTTP operation
// mentions, so that the web app's types for them come from here as well.
func frameSchemas(r huma.Registry) {
	text := &huma.Schema{Type: huma.TypeString}
	count := &huma.Schema{Type: huma.TypeInteger}

	// From the box.
	server := func(name string, kind appliance.EventType, payload *huma.Schema) *huma.Schema {
		return frame(r, name, string(kind), map[string]*huma.Schema{"request": text, "seq": count, "data": payload})
	}
	r.Map()["ServerFrame"] = &huma.Schema{OneOf: []*huma.Schema{
		server("AcceptedFrame", appliance.EventAccepted, transport.Schema[appliance.AcceptedEvent](r)),
		server("PositionFrame", appliance.EventPosition, transport.Schema[appliance.PositionEvent](r)),
		server("SourcesFrame", appliance.EventSources, transport.Schema[SourcesData](r)),
		server("TokenFrame", appliance.EventToken, transport.Schema[TokenData](r)),
		server("RestartFrame", appliance.EventRestart, transport.Object(nil)),
		server("DoneFrame", appliance.EventDone, transport.Schema[appliance.Answer](r)),
		server("ActionsFrame", appliance.EventActions, transport.Schema[ActionsData](r)),
		server("ErrorFrame", appliance.EventError, transport.Schema[problem.Problem](r)),
		server("PongFrame", framePong, transport.Object(nil)),
	}}

	// To the box.
	question := transport.Object(map[string]*huma.Schema{"text": text, "conversation": text, "persona": text}, "text")
	r.Map()["ClientFrame"] = &huma.Schema{OneOf: []*huma.Schema{
		frame(r, "AskFrame", frameAsk, map[string]*huma.Schema{"request": text, "data": question}),
		frame(r, "ResumeFrame", frameResume, map[string]*huma.Schema{
			"request": text, "data": transport.Object(map[string]*huma.Schema{"after": count}, "after"),
		}),
		frame(r, "CancelFrame", frameCancel, map[string]*huma.Schema{"request": text}),
		frame(r, "PingFrame", framePing, nil),
	}}
}

// frame registers the schema of one type of message and returns a reference.
func frame(r huma.Registry, name, kind string, fields map[string]*huma.Schema) *huma.Schema {
	properties := map[string]*huma.Schema{
		"v":    {Type: huma.TypeInteger, Enum: []any{frameVersion}},
		"type": {Type: huma.TypeString, Enum: []any{kind}},
	}
	maps.Copy(properties, fields)
	r.Map()[name] = transport.Object(properties, slices.Sorted(maps.Keys(properties))...)
	return &huma.Schema{Ref: "#/components/schemas/" + name}
}
