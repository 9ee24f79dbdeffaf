package worker

import (
	"bytes"
	"strings"
	"sync"
)

// tail keeps the last lines that an engine wrote, cut to a width.
type tail struct {
	mu    sync.Mutex
	lines []string // a ring
	next  int
	width int
	part  []byte // of an unfinished line
	total int64
}

func newTail(lines, width int) *tail {
	return &tail{lines: make([]string, lines), width: width}
}

func (t *tail) Write(p []byte) (int, error) {
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

// written is how many bytes there were in all.
func (t *tail) written() int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.total
}

// String joins the last lines, oldest first.
func (t *tail) String() string {
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
