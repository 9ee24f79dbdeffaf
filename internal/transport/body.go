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
	idle    time.Duration
	status  int
	bytes   int64
}

func (w *response) WriteHeader(status int) {
	if w.status == 0 && status >= 200 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *response) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
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

// body gives up on clients who send nothing for idle. The deadline is taken
// back at the end of the body: net/http goes on reading the connection to
// notice a client that leaves, and a deadline would look like one.
type body struct {
	io.ReadCloser
	control *http.ResponseController
	idle    time.Duration
	begun   bool // something of it was asked for
}

func (b *body) Read(p []byte) (int, error) {
	b.begun = true
	_ = b.control.SetReadDeadline(time.Now().Add(b.idle))
	n, err := b.ReadCloser.Read(p)
	if err != nil {
		_ = b.control.SetReadDeadline(time.Time{})
	}
	return n, err
}

// BodyError says what went wrong while a body was read.
func BodyError(err error, limit int64) error {
	var known *problem.Error
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &known):
		return err
	case errors.As(err, &tooLarge):
		return problem.New(problem.TooLarge, "request_too_large", "The request is too large.", "Send less at once.", nil).With("limit_bytes", limit)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return statusError{http.StatusRequestTimeout, problem.New(problem.Timeout, "request_stalled",
			"The request stood still for too long.", "Move closer to the access point and try again.", err)}
	}
	return problem.New(problem.Invalid, "request_broken",
		"The request broke off before it was complete.", "Try again.", err)
}

// A refused body is read on for a moment, so that the client finds the answer
// rather than a reset connection: most look only when they are done or their
// writes fail.
const (
	lingerBytes = 256 << 20
	lingerTime  = 3 * time.Second
)

// Linger reads on for a moment what a refused client still sends. One that
// asks first (100-continue) and was refused before the first read sends nothing.
func Linger(r io.Reader, asks bool) {
	if b, ok := r.(*body); ok {
		if asks && !b.begun {
			return
		}
		b.idle = lingerTime
	}
	buf := make([]byte, 32<<10)
	end := time.Now().Add(lingerTime)
	for left := lingerBytes; left > 0 && time.Now().Before(end); {
		n, err := r.Read(buf)
		if err != nil {
			return
		}
		left -= n
	}
}
