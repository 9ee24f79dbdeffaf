package extract

import (
	"math"
	"strings"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/clean"
)

// flow gathers headings and paragraphs in reading order into sections. A
// section ends where the heading or the place changes, or when it is long.
type flow struct {
	out      *sink
	place    appliance.Place
	headings []heading
	text     strings.Builder
	tex      []string // formulas in it
	doubtful string   // why it may have been misread
	err      error    // the first one; later calls do nothing
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
	text = clean.Line(text)
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

func (f *flow) paras(texts []string) {
	for _, text := range texts {
		f.para(text)
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

// item adds an item of a list below the sentence that introduces it. marker is
// what stands before it on paper: "3.", "b)", "iv.", "-".
func (f *flow) item(marker, text string) {
	if text = clean.Line(text); text != "" {
		f.line(strings.TrimSpace(marker + " " + text))
	}
}

// formula keeps the TeX of a formula whose readable form stands in the text that
// is being gathered.
func (f *flow) formula(tex string) {
	f.out.count("formulas", 1)
	if tex = clean.Line(tex); tex != "" && len(f.tex) < maxTeX {
		f.tex = append(f.tex, clean.Clip(tex, 1000))
	}
}

// maxTeX is how many formulas of one section are kept as TeX.
const maxTeX = 50

// doubt marks what is being gathered as perhaps misread.
func (f *flow) doubt(reason string) { f.doubtful = reason }

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

// table sends a part of a table.
func (f *flow) table(t appliance.Table) {
	f.flush()
	f.sendSection(appliance.Section{Table: &t, Place: f.place})
}

func (f *flow) send(text string, place appliance.Place) {
	f.sendSection(appliance.Section{Text: text, Place: place})
}

func (f *flow) sendSection(s appliance.Section) {
	if f.err != nil {
		return
	}
	for i := range f.headings {
		f.headings[i].used = true
	}
	s.Heading = f.path()
	s.TeX, s.Doubt = f.tex, f.doubtful
	f.tex, f.doubtful = nil, ""
	f.err = f.out.section(s)
}

// path is the open headings, outermost first.
func (f *flow) path() string {
	path := make([]string, len(f.headings))
	for i := range f.headings {
		path[i] = f.headings[i].text
	}
	return strings.Join(path, appliance.HeadingSeparator)
}

// end sends the rest, lone headings too, and returns the first error.
func (f *flow) end() error {
	f.flush()
	f.close(math.Inf(-1))
	return f.err
}
