package extract

import (
	"encoding/xml"
	"fmt"
	"strconv"
	"strings"

	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/clean"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/letters"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/parts"
)

const (
	// maxNotes bounds the text of a document's notes in memory.
	maxNotes = 4 << 20
	// notesAtOnce is how many notes wait for the end of their section.
	notesAtOnce = 12
)

// docxNotes are the footnotes and endnotes of a document. A note is shown as
// [3] in the text, and its own text near the end of the section.
type docxNotes struct {
	texts   map[string]string // by kind and id
	reading string            // kind of the part that is read
	id      string            // of the note that is read
	size    int
	numbers map[string]int // of the marks so far, by kind
	pending []string       // texts of notes whose marks were seen
}

// readNotes reads the notes of a document.
func readNotes(d *docx) (*docxNotes, error) {
	n := &docxNotes{texts: map[string]string{}, numbers: map[string]int{}}
	for _, kind := range []string{"footnote", "endnote"} {
		part := d.rels.First(kind + "s")
		if part == "" {
			continue
		}
		n.reading = kind
		walk := &docx{job: d.job, archive: d.archive, rels: parts.RelationsOf(d.archive, part), flow: &flow{out: d.job.out},
			styles: d.styles, lists: d.lists, notes: n}
		if err := parts.Walk(d.archive, part, true, walk.token); parts.IsLimit(err) {
			return nil, err
		}
	}
	n.reading = ""
	return n, nil
}

func (n *docxNotes) open(d *docx, id string) {
	if n == nil || n.reading == "" {
		return
	}
	n.id = id
	d.scopes = append(d.scopes, &docxScope{})
}

func (n *docxNotes) close(d *docx) {
	if n == nil || n.reading == "" || len(d.scopes) == 0 {
		return
	}
	note := d.scopes[len(d.scopes)-1]
	d.scopes = d.scopes[:len(d.scopes)-1]
	d.later = nil
	text := clean.Clip(clean.Line(strings.Join(note.texts, " ")), maxSection)
	if text == "" {
		return
	}
	if n.size += len(text); n.size > maxNotes {
		d.job.out.count("footnotes_lost", 1)
		return
	}
	n.texts[n.reading+n.id] = text
}

// noteMark writes the mark of a note into the text.
func (d *docx) noteMark(e xml.StartElement) {
	p := d.para()
	if p == nil || !d.shown() || d.notes == nil || d.notes.reading != "" {
		return
	}
	kind := strings.TrimSuffix(e.Name.Local, "Reference")
	d.notes.numbers[kind]++
	mark := strconv.Itoa(d.notes.numbers[kind])
	if kind == "endnote" {
		mark = letters.LowerRoman.Write(d.notes.numbers[kind])
	}
	p.endScript()
	text, ok := d.notes.texts[kind+parts.Attr(e, "id")]
	if !ok {
		return
	}
	d.job.out.count("footnotes", 1)
	fmt.Fprintf(&p.b, " [%s]", mark)
	p.last = ""
	d.notes.pending = append(d.notes.pending, fmt.Sprintf("[%s] %s", mark, text))
}

func (n *docxNotes) waiting() bool { return n != nil && len(n.pending) >= notesAtOnce }

// endNotes writes the notes whose marks were seen.
func (d *docx) endNotes() {
	if d.notes == nil || len(d.notes.pending) == 0 {
		return
	}
	pending := d.notes.pending
	d.notes.pending = nil
	d.flow.para(pending[0])
	for _, text := range pending[1:] {
		d.flow.line(text)
	}
}
