package appliance

import (
	"maps"
	"time"
)

// AuditEntry is one line of an organization's audit log.
type AuditEntry struct {
	Org       OrgID          `json:"-"` // of whoever did it
	N         int64          `json:"n" doc:"1 for an organization's first entry, without gaps"`
	At        time.Time      `json:"at" doc:"By the machine's clock, which may have been wrong"`
	Actor     UserID         `json:"actor,omitempty" doc:"Empty for the command line, the box itself and people who did not sign in"`
	ActorName string         `json:"actor_name,omitempty"`
	Action    string         `json:"action" doc:"Such as user.disabled; see docs/access.md"`
	Target    string         `json:"target,omitempty" doc:"Id of what it was done to"`
	Detail    map[string]any `json:"detail,omitempty" doc:"Ids and words of the box, never what people wrote"`
	Remote    string         `json:"remote,omitempty" doc:"Address of the device"`
	RequestID string         `json:"request_id,omitempty"`
}

// AuditFilter narrows an audit log.
type AuditFilter struct {
	Action string // the action or its first part, such as "user"
	Actor  UserID
	Target string
	From   time.Time
	To     time.Time
	Cursor string
	Limit  int // 1 to 100
}

// Did is the line about what somebody does. Whoever does it hands the line to
// the transaction that makes the change, so that the log holds what happened and
// nothing else. Without a target it is given the id of what was made.
func (p Principal) Did(action, target string) AuditEntry {
	return AuditEntry{Org: p.Org, Actor: p.User, Action: action, Target: target, Remote: p.Remote, RequestID: p.RequestID}
}

// Did is the line about what somebody does who comes from a device and is not
// signed in yet. An empty actor is nobody known.
func (d Device) Did(actor UserID, action, target string) AuditEntry {
	return AuditEntry{Actor: actor, Action: action, Target: target, Remote: d.Address, RequestID: d.RequestID}
}

// With returns the line with one more detail: an id or a word of the box.
func (e AuditEntry) With(key string, value any) AuditEntry {
	detail := maps.Clone(e.Detail)
	if detail == nil {
		detail = map[string]any{}
	}
	detail[key] = value
	e.Detail = detail
	return e
}

// AuditDamage is a place where an audit log is not as the box wrote it.
type AuditDamage struct {
	Org  OrgID
	N    int64
	What string // altered, missing or reordered, in words
}
