package transport

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/bwenge-os/bwenge/internal/problem"
)

// response remembers what was answered, and gives up on readers who take
// nothing: every write has idle, however long the whole answer is.
type response struct {
	http.ResponseWriter
	control *http.ResponseController
	body    *body // of the request; nil without
	head    bool  // the answer has no body
	idle    time.Duration
	status  int
	bytes   int64
}

func (w *response) WriteHeader(status int) {
	if w.status == 0 && status >= 200 {
		w.status = status
		if status >= http.StatusBadRequest && w.body.unread() {
			w.Header().Set("Connection", "close") // the rest of the body would be taken for a request
			w.body.give(w.body.linger)
		}
	}
	w.ResponseWriter.WriteHeader(status)
}

// begun reports whether a status has been sent through w: what follows cannot
// be another answer.
func begun(w http.ResponseWriter) bool {
	for {
		if out, ok := w.(*response); ok {
			return out.status != 0
		}
		inner, ok := w.(interface{ Unwrap() http.ResponseWriter })
		if !ok {
			return false
		}
		w = inner.Unwrap()
	}
}

func (w *response) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	if w.head {
		return len(p), nil
	}
	_ = w.control.SetWriteDeadline(time.Now().Add(w.idle)) // not every writer in tests has one
	n, err := w.ResponseWriter.Write(p)
	w.bytes += int64(n)
	return n, err
}

// Flush is what gin and http.ResponseController look for.
func (w *response) Flush() {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	_ = w.control.SetWriteDeadline(time.Now().Add(w.idle))
	_ = w.control.Flush() // a broken connection shows at the next write
}

// Hijack is what the socket's upgrade looks for.
func (w *response) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := w.control.Hijack()
	if err == nil {
		w.status = http.StatusSwitchingProtocols
	}
	return conn, rw, err
}

// Unwrap lets http.ResponseController reach the connection.
func (w *response) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// body gives up on clients who send too slowly: a body may stand still for idle
// in all, and a second longer for each slowest bytes that have come. The
// deadline is taken back at the end of the body: net/http goes on reading the
// connection to notice a client that leaves, and a deadline would look like one.
// After an error it stays: net/http reads what is left.
type body struct {
	io.ReadCloser
	control *http.ResponseController
	idle    time.Duration
	linger  time.Duration // how long the rest of a refused body is waited for
	since   time.Time     // the first read
	bytes   int64
	begun   bool  // something of it was asked for
	err     error // the first one, also the end
}

// slowest is how many bytes a second a body has to bring, on the whole.
const slowest = 1 << 10

func (b *body) Read(p []byte) (int, error) {
	if !b.begun {
		b.begun, b.since = true, time.Now()
	}
	if b.err == nil {
		in := time.Until(b.since) + b.idle + time.Duration(b.bytes)*time.Second/slowest
		b.give(min(in, b.idle))
	}
	n, err := b.ReadCloser.Read(p)
	b.bytes += int64(n)
	if err != nil && b.err == nil {
		b.err = err
	}
	if errors.Is(err, io.EOF) {
		_ = b.control.SetReadDeadline(time.Time{})
	}
	return n, err
}

// give lets the rest of the body have so long to come.
func (b *body) give(d time.Duration) { _ = b.control.SetReadDeadline(time.Now().Add(d)) }

// broken is what went wrong on the sender's side.
func (b *body) broken() error {
	if b == nil || b.err == nil || errors.Is(b.err, io.EOF) || errors.Is(b.err, http.ErrBodyReadAfterClose) {
		return nil
	}
	return b.err
}

// unread reports whether something of the body may still come.
func (b *body) unread() bool { return b != nil && !errors.Is(b.err, io.EOF) }

// BodyError says what went wrong while a body was read.
func BodyError(err error) error {
	var known *problem.Error
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &known):
		return err
	case errors.As(err, &tooLarge):
		return problem.New(problem.TooLarge, "request_too_large", "The request is too large.", "Send less at once.", nil).With("limit_bytes", tooLarge.Limit)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return statusError{http.StatusRequestTimeout, problem.New(problem.Timeout, "request_stalled",
			"The request stood still for too long.", "Move closer to the access point and try again.", err)}
	}
	return problem.New(problem.Invalid, "request_broken",
		"The request broke off before it was complete.", "Try again.", err)
}

// lingerBytes is how much of a refused body is taken at most.
const lingerBytes = 256 << 20

// Linger reads on for a moment what a refused client still sends, so that it
// finds the answer rather than a reset connection: most look only when they are
// done or their writes fail. One that asks first (100-continue) and was refused
// before the first read sends nothing.
func Linger(r *http.Request) {
	b := requestOf(r.Context()).body
	if b == nil || r.Header.Get("Expect") != "" && !b.begun {
		return
	}
	b.idle, b.since, b.bytes = b.linger, time.Now(), 0
	end := time.Now().Add(b.linger)
	buf := make([]byte, 32<<10)
	for left := lingerBytes; left > 0 && time.Now().Before(end); {
		n, err := b.Read(buf)
		if err != nil {
			return
		}
		left -= n
	}
}
