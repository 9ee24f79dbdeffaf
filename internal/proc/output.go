package proc

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"sync"
)

// Tail keeps the last lines that a program wrote, for messages about its end.
type Tail struct {
	mu    sync.Mutex
	lines []string // a ring
	next  int
	width int
	part  []byte // of an unfinished line
	total int64
}

// NewTail keeps so many lines, each cut to a width.
func NewTail(lines, width int) *Tail {
	return &Tail{lines: make([]string, lines), width: width}
}

// Write never fails.
func (t *Tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := len(p)
	t.total += int64(n)
	for {
		line, rest, whole := bytes.Cut(p, []byte{'\n'})
		if room := t.width - len(t.part); room > 0 {
			t.part = append(t.part, line[:min(room, len(line))]...)
		}
		if !whole {
			return n, nil
		}
		if s := strings.TrimSpace(strings.ToValidUTF8(string(t.part), "?")); s != "" {
			t.lines[t.next] = s
			t.next = (t.next + 1) % len(t.lines)
		}
		t.part, p = t.part[:0], rest
	}
}

// Written is how many bytes there were in all.
func (t *Tail) Written() int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.total
}

// String joins the last lines, oldest first.
func (t *Tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	var all []string
	for i := range t.lines {
		if s := t.lines[(t.next+i)%len(t.lines)]; s != "" {
			all = append(all, s)
		}
	}
	if s := strings.TrimSpace(strings.ToValidUTF8(string(t.part), "?")); s != "" {
		all = append(all, s)
	}
	if len(all) == 0 {
		return "(none)"
	}
	return strings.Join(all, " | ")
}

// Explain adds what the program wrote last to what is known of its end.
func (t *Tail) Explain(err error) error {
	if err == nil || t.Written() == 0 {
		return err
	}
	return fmt.Errorf("%w: %s", err, t)
}

// Limit returns a writer that drops what is past n bytes.
func Limit(w io.Writer, n int) io.Writer { return &limited{w, n} }

type limited struct {
	w    io.Writer
	left int
}

func (l *limited) Write(p []byte) (int, error) {
	n := min(len(p), l.left)
	l.left -= n
	if _, err := l.w.Write(p[:n]); err != nil {
		return 0, err
	}
	return len(p), nil
}
