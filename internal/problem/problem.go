// Package problem is the one kind of error that people read: what happened and
// what to do, with a code for programs. Everything else is an internal error,
// whose text only the log sees.
package problem

import (
	"errors"
	"fmt"
)

// Code is the word for a kind of failure; internal/transport maps it to a status.
type Code string

const (
	Invalid      Code = "invalid"      // the request is wrong
	Unsupported  Code = "unsupported"  // a file of a kind that the box does not read
	Unreadable   Code = "unreadable"   // a file that is damaged, empty or locked
	NotFound     Code = "not_found"    // no such thing in this organization
	Conflict     Code = "conflict"     // someone else changed it first
	TooLarge     Code = "too_large"    // over a stated limit
	NoSpace      Code = "no_space"     // the disk is nearly full
	Busy         Code = "busy"         // too many are waiting; try again
	TooMany      Code = "too_many"     // more tries or requests than one may make
	Unavailable  Code = "unavailable"  // an engine or its weights are missing or down
	Timeout      Code = "timeout"      // it took longer than allowed
	Cancelled    Code = "cancelled"    // the asker stopped it
	Unauthorized Code = "unauthorized" // not signed in
	Forbidden    Code = "forbidden"    // signed in, but not allowed
	Internal     Code = "internal"     // our fault; the text is not shown
)

// Problem is an error as a teacher reads it: one sentence on what happened and
// one on what to do. Reason is a stable word below Code (such as
// "pdf_encrypted") by which a screen finds its own translation.
type Problem struct {
	Code    Code           `json:"code"`
	Reason  string         `json:"reason,omitempty"`
	Message string         `json:"message"`
	Hint    string         `json:"hint,omitempty"`
	Params  map[string]any `json:"params,omitempty"`
}

// Error is a Problem with the cause that only the log sees.
type Error struct {
	Problem
	Err error
}

func (e *Error) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("%s: %v", e.Message, e.Err)
	}
	return e.Message
}

func (e *Error) Unwrap() error { return e.Err }

// New makes an Error. The message and the hint are whole sentences in plain
// English; cause may be nil.
func New(code Code, reason, message, hint string, cause error) *Error {
	return &Error{Problem{Code: code, Reason: reason, Message: message, Hint: hint}, cause}
}

// With adds a value that a translated message needs.
func (e *Error) With(key string, value any) *Error {
	if e.Params == nil {
		e.Params = map[string]any{}
	}
	e.Params[key] = value
	return e
}

// CodeOf returns an error's code; errors that are not ours are Internal.
func CodeOf(err error) Code {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return Internal
}

// Of returns what may be shown of an error. Errors that are not ours
// show nothing of themselves.
func Of(err error) Problem {
	if e, ok := errors.AsType[*Error](err); ok && e.Code != Internal {
		return e.Problem
	}
	return Problem{
		Code:    Internal,
		Reason:  "internal",
		Message: "Something went wrong inside the box.",
		Hint:    "Try again. If it happens again, run the check-up on the box (bwenge doctor).",
	}
}

// OneLine is an error and its remedy in one line.
func OneLine(err error) string {
	if e, ok := errors.AsType[*Error](err); ok {
		if e.Hint != "" {
			return e.Message + " " + e.Hint
		}
		return e.Message
	}
	return err.Error()
}
