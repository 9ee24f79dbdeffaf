package extract

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/clean"
	"github.com/bwenge-os/bwenge/internal/problem"
)

// message is one line of what the child tells its parent. Exactly one field is
// set, but for Given, which goes with Working.
type message struct {
	Info    *Info             `json:"info,omitempty"`
	Section *sectionMessage   `json:"section,omitempty"`
	Working *Progress         `json:"working,omitempty"` // page begun, for restarts and as a sign of life
	Given   int               `json:"given,omitempty"`   // up to this page, all has been said
	Notice  *appliance.Notice `json:"notice,omitempty"`
	Counts  map[string]int    `json:"counts,omitempty"` // found since the last time, see [Result]
	Archive *archiveMessage   `json:"archive,omitempty"`
	Problem *problem.Problem  `json:"problem,omitempty"`
	End     bool              `json:"end,omitempty"`
}

type sectionMessage struct {
	appliance.Section
	Progress Progress `json:"progress"`
}

const (
	// maxSection splits long sections; it also keeps the parent's lines short.
	maxSection = 16 << 10
	// maxLine bounds a line in the parent: JSON can make six bytes of one.
	maxLine = 8*maxSection + 64<<10
)

// errTextLimit ends the reading of a file with more text than is taken.
var errTextLimit = errors.New("extract: text limit reached")

// sink is the child's mouth.
type sink struct {
	w        *bufio.Writer
	enc      *json.Encoder
	limit    int64 // bytes of text
	text     int64 // bytes of text so far
	progress Progress
	given    int            // up to this page, all has been said
	counts   map[string]int // not said yet
	holder   *holder        // set while a file within the file is read
	embedded int            // files within the file
}

func newSink(w io.Writer, limit int64) *sink {
	b := bufio.NewWriterSize(w, 32<<10)
	enc := json.NewEncoder(b)
	enc.SetEscapeHTML(false)
	return &sink{w: b, enc: enc, limit: limit, counts: map[string]int{}}
}

func (s *sink) say(m message) error {
	if err := s.enc.Encode(m); err != nil {
		return err
	}
	if m.Section != nil {
		return nil // sections may wait for each other
	}
	return s.w.Flush()
}

func (s *sink) info(i Info) error {
	if s.holder != nil {
		return nil // the outer file's is said
	}
	return s.say(message{Info: &i})
}

func (s *sink) notice(n appliance.Notice) error { return s.say(message{Notice: &n}) }

// working says that part n of m has begun. Sections that follow carry n as
// their progress.
func (s *sink) working(n, of int) error {
	if err := s.sayCounts(); err != nil {
		return err
	}
	if s.holder == nil {
		s.progress = Progress{Done: int64(n), Of: int64(of)}
	}
	return s.say(message{Working: &s.progress, Given: s.given})
}

// section sends cleaned text. Empty sections are dropped, long ones split. It
// returns errTextLimit when the file has given as much as it may.
func (s *sink) section(sec appliance.Section) error {
	s.holder.put(&sec)
	sec.Heading = clean.Clip(clean.Line(sec.Heading), 500)
	if sec.Table != nil {
		sec.Text = strings.Join(sec.Table.Lines(), "\n")
		return s.send(sec)
	}
	rest := clean.Text(sec.Text)
	for rest != "" {
		sec.Text, rest = clean.Split(rest, maxSection)
		if err := s.send(sec); err != nil {
			return err
		}
		sec.TeX = nil // said once
	}
	return nil
}

func (s *sink) send(sec appliance.Section) error {
	if s.text += int64(len(sec.Text)); s.text > s.limit {
		return errTextLimit
	}
	return s.say(message{Section: &sectionMessage{sec, s.progress}})
}

// count notes that n more of something were found ("tables", "charts") or could
// not be read ("formulas_lost"): the teacher is told.
func (s *sink) count(what string, n int) {
	if s.counts[what] += n; s.counts[what] == 0 {
		delete(s.counts, what)
	}
}

func (s *sink) sayCounts() error {
	if len(s.counts) == 0 {
		return nil
	}
	said := s.counts
	s.counts = map[string]int{}
	return s.say(message{Counts: said})
}

// end says the last words: that all was said, or the problem. What caused it goes
// to the log alone.
func (s *sink) end(err error) error {
	if err == nil {
		if err := s.sayCounts(); err != nil {
			return err
		}
		return s.say(message{End: true})
	}
	cause := err
	if e, ok := errors.AsType[*problem.Error](err); ok {
		cause = e.Err
	}
	if cause != nil {
		fmt.Fprintln(os.Stderr, cause)
	}
	said := problem.Of(err)
	return s.say(message{Problem: &said})
}
