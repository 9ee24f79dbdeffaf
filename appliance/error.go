package appliance

import (
	"errors"
	"fmt"
)

// Code is the word for a kind of failure; appliance/httpd maps it to a status.
type Code string

const (
	EInvalid      Code = "invalid"      // the request is wrong
	EUnsupported  Code = "unsupported"  // a file of a kind that the box does not read
	EUnreadable   Code = "unreadable"   // a file that is damaged, empty or locked
	ENotFound     Code = "not_found"    // no such thing in this organization
	EConflict     Code = "conflict"     // someone else changed it first
	ETooLarge     Code = "too_large"    // over a stated limit
	ENoSpace      Code = "no_space"     // the disk is nearly full
	EBusy         Code = "busy"         // too many are waiting; try again
	ETooMany      Code = "too_many"     // more tries or requests than one may make
	EUnavailable  Code = "unavailable"  // an engine or its weights are missing or down
	ETimeout      Code = "timeout"      // it took longer than allowed
	ECancelled    Code = "cancelled"    // the asker stopped it
	EUnauthorized Code = "unauthorized" // not signed in
	EForbidden    Code = "forbidden"    // signed in, but not allowed
	EInternal     Code = "internal"     // our fault; the text is not shown
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

// Fail makes an Error. The message and the hint are whole sentences in plain
// English; cause may be nil.
func Fail(code Code, reason, message, hint string, cause error) *Error {
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

// CodeOf returns an error's code; errors that are not ours are EInternal.
func CodeOf(err error) Code {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return EInternal
}

// ProblemOf returns what may be shown of an error. Errors that are not ours
// show nothing of themselves.
func ProblemOf(err error) Problem {
	if e, ok := errors.AsType[*Error](err); ok && e.Code != EInternal {
		return e.Problem
	}
	return Problem{
		Code:    EInternal,
		Reason:  "internal",
		Message: "Something went wrong inside the box.",
		Hint:    "Try again. If it happens again, run the check-up on the box (bwenge doctor).",
	}
}
