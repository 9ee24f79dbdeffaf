package httpd

import (
	"maps"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/problem"
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
		server("AcceptedFrame", appliance.EventAccepted, r.Schema(typeOf[appliance.AcceptedEvent](), true, "")),
		server("PositionFrame", appliance.EventPosition, r.Schema(typeOf[appliance.PositionEvent](), true, "")),
		server("SourcesFrame", appliance.EventSources, r.Schema(typeOf[SourcesData](), true, "")),
		server("TokenFrame", appliance.EventToken, r.Schema(typeOf[TokenData](), true, "")),
		server("RestartFrame", appliance.EventRestart, object(nil)),
		server("DoneFrame", appliance.EventDone, r.Schema(typeOf[appliance.Answer](), true, "")),
		server("ErrorFrame", appliance.EventError, r.Schema(typeOf[problem.Problem](), true, "")),
		server("PongFrame", framePong, object(nil)),
	}}

	// To the box.
	question := object(map[string]*huma.Schema{"text": text, "conversation": text, "persona": text}, "text")
	r.Map()["ClientFrame"] = &huma.Schema{OneOf: []*huma.Schema{
		frame(r, "AskFrame", frameAsk, map[string]*huma.Schema{"request": text, "data": question}),
		frame(r, "ResumeFrame", frameResume, map[string]*huma.Schema{
			"request": text, "data": object(map[string]*huma.Schema{"after": count}, "after"),
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
	r.Map()[name] = object(properties, slices.Sorted(maps.Keys(properties))...)
	return &huma.Schema{Ref: "#/components/schemas/" + name}
}

func object(properties map[string]*huma.Schema, required ...string) *huma.Schema {
	return &huma.Schema{Type: huma.TypeObject, Properties: properties, Required: required}
}
