package extract

import (
	"math"
	"strings"

	"github.com/bwenge-os/bwenge/appliance"
)

// flow gathers headings and paragraphs in reading order into sections. A
// section ends where the heading or the place changes, or when it is long.
type flow struct {
	out      *sink
	place    appliance.Place
	headings []heading
	text     strings.Builder
	err      error // the first one; later calls do nothing
}

type heading struct {
	level float64 // smaller is further out
	text  string
	place appliance.Place
	used  bool // some text has stood below it
}

// heading begins a stretch below a heading. Levels nest: a heading closes those
// of its own level and further in.
func (f *flow) heading(level float64, text string) {
	text = cleanLine(text)
	if text == "" {
		return
	}
	f.flush()
	f.close(level)
	f.headings = append(f.headings, heading{level: level, text: text, place: f.place})
}

// close ends the headings of this level and further in. One that nothing stood
// below becomes text itself, or it would be lost.
func (f *flow) close(level float64) {
	for n := len(f.headings); n > 0 && f.headings[n-1].level >= level; n-- {
		last := f.headings[n-1]
		f.headings = f.headings[:n-1]
		if !last.used {
			f.send(last.text, last.place)
		}
	}
}

// para adds a paragraph; lines within it are kept.
func (f *flow) para(text string) {
	if strings.TrimSpace(text) == "" {
		return
	}
	if f.text.Len() > 0 {
		f.text.WriteString("\n\n")
	}
	f.text.WriteString(text)
	if f.text.Len() >= maxSection {
		f.flush()
	}
}

// line adds a line to the paragraph before it: rows and list items.
func (f *flow) line(text string) {
	if strings.TrimSpace(text) == "" {
		return
	}
	if f.text.Len() > 0 {
		f.text.WriteByte('\n')
	}
	f.text.WriteString(text)
	if f.text.Len() >= maxSection {
		f.flush()
	}
}

// at moves to another place. Headings stay: a chapter runs over many pages.
func (f *flow) at(p appliance.Place) {
	if p != f.place {
		f.flush()
		f.place = p
	}
}

// flush sends what is gathered.
func (f *flow) flush() {
	if f.text.Len() == 0 {
		return
	}
	text := f.text.String()
	f.text.Reset()
	f.send(text, f.place)
}

func (f *flow) send(text string, place appliance.Place) {
	if f.err != nil {
		return
	}
	path := make([]string, len(f.headings))
	for i := range f.headings {
		path[i] = f.headings[i].text
		f.headings[i].used = true
	}
	f.err = f.out.section(appliance.Section{Text: text, Heading: strings.Join(path, " › "), Place: place})
}

// end sends the rest, lone headings too, and returns the first error.
func (f *flow) end() error {
	f.flush()
	f.close(math.Inf(-1))
	return f.err
}
