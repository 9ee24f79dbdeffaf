package transport

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/bwenge-os/bwenge/internal/problem"
)

// statuses maps the words of problem.Code to HTTP. 499 is what proxies write
// into their logs for a client that left; nobody is there to read it.
var statuses = map[problem.Code]int{
	problem.Invalid:      http.StatusBadRequest,
	problem.Unsupported:  http.StatusUnsupportedMediaType,
	problem.Unreadable:   http.StatusUnprocessableEntity,
	problem.NotFound:     http.StatusNotFound,
	problem.Conflict:     http.StatusConflict,
	problem.TooLarge:     http.StatusRequestEntityTooLarge,
	problem.NoSpace:      http.StatusInsufficientStorage,
	problem.Busy:         http.StatusServiceUnavailable,
	problem.TooMany:      http.StatusTooManyRequests,
	problem.Unavailable:  http.StatusServiceUnavailable,
	problem.Timeout:      http.StatusGatewayTimeout,
	problem.Cancelled:    499,
	problem.Unauthorized: http.StatusUnauthorized,
	problem.Forbidden:    http.StatusForbidden,
	problem.Internal:     http.StatusInternalServerError,
}

// Status is the HTTP status of a code; 0 for a word that is none.
func Status(code problem.Code) int { return statuses[code] }

// retryAfter is how many seconds a busy box asks clients to wait.
const retryAfter = 5

// ProblemDetails is an error as it goes over the wire: RFC 9457, with the box's own
// words beside the standard ones.
type ProblemDetails struct {
	Type      string         `json:"type" doc:"urn:bwenge:problem: and the code"`
	Title     string         `json:"title" doc:"What the status means"`
	Status    int            `json:"status"`
	Detail    string         `json:"detail" doc:"One sentence that a teacher understands"`
	Code      problem.Code   `json:"code"`
	Reason    string         `json:"reason,omitempty" doc:"Stable word below code, by which a screen finds its translation"`
	Hint      string         `json:"hint,omitempty" doc:"What to do next"`
	Params    map[string]any `json:"params,omitempty" doc:"Values that a translated message needs"`
	RequestID string         `json:"request_id,omitempty" doc:"The same as in the box's log"`
}

// Error makes ProblemDetails something that huma can return.
func (p *ProblemDetails) Error() string { return p.Detail }

// GetStatus tells huma the status.
func (p *ProblemDetails) GetStatus() int { return p.Status }

// ContentType tells huma the media type.
func (p *ProblemDetails) ContentType(string) string { return "application/problem+json" }

var (
	// ErrNoRoute is the answer where there is nothing.
	ErrNoRoute = problem.New(problem.NotFound, "no_route",
		"The box has no such address.", "Check the address, or go back to the start page.", nil)
	errStopping = problem.New(problem.Unavailable, "stopping",
		"The box is shutting down.", "Wait until it is back, then try again.", nil)
)

// statusError is an error whose HTTP status is finer than its code.
type statusError struct {
	status int
	error
}

func (e statusError) Unwrap() error { return e.error }

// WithStatus gives an error an HTTP status that is finer than its code.
func WithStatus(status int, err error) error { return statusError{status, err} }

// ErrMethod is the answer to a method that an address does not understand.
func ErrMethod(method string) error {
	return statusError{http.StatusMethodNotAllowed, problem.New(problem.Invalid, "method_not_allowed",
		"This address does not understand "+method+".", "Check how the address is meant to be used.", nil)}
}

// Details is the one place where an error becomes what a client sees. The
// cause of an internal error goes to the log and no further.
func Details(ctx context.Context, err error) *ProblemDetails {
	var known *problem.Error
	if !errors.As(err, &known) {
		broken := requestOf(ctx).body.broken()
		switch {
		case broken != nil: // whatever came of it
			err = BodyError(broken)
		case errors.Is(err, context.Canceled):
			err = problem.New(problem.Cancelled, "cancelled", "The request was cancelled.", "", err)
		case errors.Is(err, context.DeadlineExceeded):
			err = problem.New(problem.Timeout, "timeout", "The box took too long.", "Try again in a moment.", err)
		}
	}
	shown := problem.Of(err)
	status, ok := statuses[shown.Code]
	if !ok {
		status = http.StatusInternalServerError
	}
	if fine, ok := errors.AsType[statusError](err); ok {
		status = fine.status
	}
	if status == http.StatusInternalServerError {
		Logger(ctx).LogAttrs(ctx, slog.LevelError, "internal error", slog.Any("error", err))
	} else if known != nil && known.Err != nil {
		Logger(ctx).LogAttrs(ctx, slog.LevelDebug, "request failed",
			slog.String("code", string(shown.Code)), slog.String("reason", shown.Reason), slog.Any("cause", known.Err))
	}
	title := http.StatusText(status)
	if status == 499 {
		title = "Client Closed Request"
	}
	return &ProblemDetails{
		Type: "urn:bwenge:problem:" + string(shown.Code), Title: title, Status: status,
		Detail: shown.Message, Code: shown.Code, Reason: shown.Reason, Hint: shown.Hint, Params: shown.Params,
		RequestID: RequestID(ctx),
	}
}

// Shown is what streams and sockets say of an error, where there is no status.
func Shown(ctx context.Context, err error) problem.Problem {
	p := Details(ctx, err)
	return problem.Problem{Code: p.Code, Reason: p.Reason, Message: p.Detail, Hint: p.Hint, Params: p.Params}
}

// WriteProblem answers with an error outside huma's handlers.
// Where an answer has begun there is no room for another; then it breaks off,
// so that it does not look whole.
func WriteProblem(w http.ResponseWriter, r *http.Request, err error) {
	if begun(w) {
		Logger(r.Context()).Error("an error after the answer had begun", slog.Any("error", err))
		panic(http.ErrAbortHandler)
	}
	p := Details(r.Context(), err)
	body, jsonErr := json.Marshal(p)
	if jsonErr != nil { // a param that is not data
		p.Params = nil
		body, _ = json.Marshal(p)
	}
	h := w.Header()
	h.Set("Content-Type", "application/problem+json")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	setRetryAfter(h.Set, p)
	w.WriteHeader(p.Status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // a client that left needs no error
	}
}

func setRetryAfter(set func(name, value string), p *ProblemDetails) {
	switch p.Status {
	case http.StatusServiceUnavailable:
		set("Retry-After", strconv.Itoa(retryAfter))
	case http.StatusTooManyRequests:
		seconds, ok := p.Params["retry_after_seconds"].(int)
		if !ok {
			seconds = retryAfter
		}
		set("Retry-After", strconv.Itoa(seconds))
	case http.StatusUnauthorized:
		set("WWW-Authenticate", `Bearer realm="bwenge"`)
	}
}

// humaProblem turns what huma itself finds wrong, and what our handlers return,
// into ProblemDetails. The offending values stay out of it: they may be a pupil's
// words, and answers to bad requests end up in screenshots.
func humaProblem(hc huma.Context, status int, message string, errs ...error) huma.StatusError {
	ctx := context.Background()
	if hc != nil {
		ctx = hc.Context()
		hc.SetHeader("Cache-Control", "no-store")
	}
	var p *ProblemDetails
	if (status == http.StatusRequestTimeout || status >= http.StatusInternalServerError) && len(errs) <= 1 {
		p = Details(ctx, errors.Join(errs...))
	} else {
		p = Details(ctx, invalid(status, message, errs))
	}
	if hc != nil {
		setRetryAfter(hc.SetHeader, p)
	}
	return p
}

// invalid describes a request that does not fit the API's types.
func invalid(status int, message string, errs []error) error {
	code, reason, text, hint := problem.Invalid, "invalid_request",
		"The request is not what the box expects.", "Reload the page and try again."
	if status == http.StatusRequestEntityTooLarge {
		code, reason, text, hint = problem.TooLarge, "request_too_large",
			"The request is too large.", "Send less at once."
	}
	fields := make([]map[string]string, 0, len(errs))
	for _, err := range errs {
		if d, ok := errors.AsType[*huma.ErrorDetail](err); ok {
			// d.Value, what was sent, is left out on purpose: see humaProblem.
			fields = append(fields, map[string]string{"location": d.Location, "message": d.Message})
		}
	}
	fail := problem.New(code, reason, text, hint, errors.New(strings.ToLower(message)))
	if len(fields) > 0 {
		fail.With("fields", fields)
	}
	return statusError{status, fail}
}
