package openai

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Kind tells failures apart by what can be done about them.
type Kind string

const (
	Timeout     Kind = "timeout"      // no word in time
	RateLimited Kind = "rate_limited" // asked too often: RetryAfter says how long to wait, if the server did
	BadKey      Kind = "refused_key"  // the key is wrong or may not use this model
	NotFound    Kind = "not_found"    // no such model or address
	TooLong     Kind = "too_long"     // of the prompt
	Refused     Kind = "refused"      // for another reason that will not go away
	BadReply    Kind = "bad_reply"    // what came is not the protocol: a captive portal's page, say
	CutOff      Kind = "cut_off"      // ended in the middle
	Unavailable Kind = "unavailable"  // down, overloaded or unreachable
	Forbidden   Kind = "forbidden"    // the box's own address, or of its own links
)

// Error is a failed request. Its text holds neither key nor question.
type Error struct {
	Kind       Kind
	Status     int
	RetryAfter time.Duration
	Started    bool // some text had come
	err        error
}

func (e *Error) Error() string {
	text := "model server: " + string(e.Kind)
	if e.Status != 0 {
		text += " (" + strconv.Itoa(e.Status) + ")"
	}
	if e.err != nil {
		text += ": " + e.err.Error()
	}
	return text
}

func (e *Error) Unwrap() error { return e.err }

// refusal says what a response means that is not a 200. Of its body, which may
// repeat the question, nothing is kept, unless the server is the box's own.
func (s Server) refusal(resp *http.Response) *Error {
	e := &Error{Kind: Unavailable, Status: resp.StatusCode, RetryAfter: retryAfter(resp.Header.Get("Retry-After"), time.Now())}
	text, _ := io.ReadAll(io.LimitReader(resp.Body, maxRefusal))
	switch status := resp.StatusCode; {
	case status == http.StatusTooManyRequests:
		e.Kind = RateLimited
	case status == http.StatusUnauthorized || status == http.StatusForbidden || status == http.StatusBadRequest && badKey.Match(text):
		e.Kind = BadKey
	case status == http.StatusRequestEntityTooLarge || (status < 500 || s.Own) && tooLong.Match(text):
		e.Kind = TooLong
	case status == http.StatusNotFound:
		e.Kind = NotFound
	case status == http.StatusRequestTimeout || status == http.StatusGatewayTimeout:
		e.Kind = Timeout
	case status < 400: // a redirect, or a 204
		e.Kind = BadReply
	case status < 500:
		e.Kind = Refused
	}
	e.err = s.told(text)
	return e
}

// broken is an error that came in the stream.
func (s Server) broken(event, said []byte) *Error {
	e := &Error{Kind: Unavailable, Status: http.StatusOK, err: s.told(event)}
	switch {
	case tooLong.Match(event):
		e.Kind = TooLong
	case said[0] != '{' && said[0] != '"':
		e.Kind = BadReply
	}
	return e
}

// told keeps what the box's own server says of an error.
func (s Server) told(text []byte) error {
	if !s.Own {
		return nil
	}
	var reply struct {
		Error struct {
			Message string `json:"message"`
			Type    string `json:"type"`
		} `json:"error"`
	}
	if json.Unmarshal(text, &reply) == nil && reply.Error.Message != "" {
		return fmt.Errorf("%s: %s", reply.Error.Type, reply.Error.Message)
	}
	return errors.New(strings.TrimSpace(string(text[:min(len(text), 200)])))
}

// Servers say these each in its own words: llama-server the last of the first
// with a 500, others all with a plain 400.
var (
	tooLong = regexp.MustCompile(`context_length_exceeded|exceed_context_size_error|maximum context length|context size|(?i:input token count)|too large to process`)
	badKey  = regexp.MustCompile(`(?i)api[ _]key[ _](?:not[ _]valid|invalid|expired)|invalid[ _]api[ _]key`)
)

// explain makes an *Error of whatever ended a request.
func explain(ctx context.Context, err error, started bool) *Error {
	silent := context.Cause(ctx) == errSilent
	if e, ok := errors.AsType[*Error](err); ok && !silent {
		e.Started = started
		return e
	}
	e := &Error{Kind: Unavailable, Started: started, err: quiet(err)}
	_, syntax := errors.AsType[*json.SyntaxError](err)
	_, mismatch := errors.AsType[*json.UnmarshalTypeError](err)
	network, isNet := errors.AsType[net.Error](err)
	switch {
	case errors.Is(err, ErrAddress):
		e.Kind = Forbidden
	case silent, isNet && network.Timeout():
		e.Kind, e.err = Timeout, errSilent
	case syntax, mismatch:
		e.Kind, e.Status = BadReply, http.StatusOK
	case started:
		e.Kind = CutOff
	case errors.Is(err, errTooBig):
		e.Kind = BadReply
	}
	return e
}

// quiet keeps of an error only what neither the server nor the request can have
// put words in.
func quiet(err error) error {
	for _, known := range []error{ErrAddress, errTooBig, ErrCut, io.ErrUnexpectedEOF, syscall.ECONNREFUSED, syscall.ECONNRESET, syscall.EHOSTUNREACH, syscall.ENETUNREACH} {
		if errors.Is(err, known) {
			return known
		}
	}
	if e, ok := errors.AsType[*net.DNSError](err); ok {
		return e
	}
	if e, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return e
	}
	return nil
}

// retryAfter reads the header's seconds or date, at most ten minutes.
func retryAfter(header string, now time.Time) time.Duration {
	var wait time.Duration
	if seconds, err := strconv.ParseFloat(header, 64); err == nil {
		wait = time.Duration(min(max(seconds, 0), 600) * float64(time.Second))
	} else if at, err := http.ParseTime(header); err == nil {
		wait = at.Sub(now)
	}
	return min(max(wait, 0), 10*time.Minute)
}
