package extract

import (
	"encoding/xml"
	"strings"

	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/parts"
)

// docxShape is a drawing, a picture or an object in the text.
type docxShape struct {
	alt      string
	pictures int
	title    string // of WordArt: letters drawn as a shape
	chart    string // link to its part
	diagram  string
	program  string // of an object: what made it
	object   string // link to its part
}

// startShape notes what a drawing holds.
func (d *docx) startShape(e xml.StartElement) {
	s := d.shapes[len(d.shapes)-1]
	switch e.Name.Local {
	case "docPr", "cNvPr":
		if s.alt == "" {
			s.alt = altText(parts.Attr(e, "descr"))
		}
	case "shape", "rect", "group": // VML
		if s.alt == "" {
			s.alt = altText(parts.Attr(e, "alt"))
		}
	case "blip", "imagedata":
		s.pictures++
	case "textpath":
		s.title = parts.Attr(e, "string")
	case "chart":
		if id := parts.AttrNS(e, "relationships", "id"); id != "" {
			s.chart = id
		}
	case "relIds":
		s.diagram = parts.AttrNS(e, "relationships", "dm")
	case "OLEObject":
		s.program, s.object = parts.Attr(e, "ProgID"), parts.AttrNS(e, "relationships", "id")
	}
}

func (d *docx) endShape() {
	n := len(d.shapes)
	if n == 0 {
		return
	}
	s := d.shapes[n-1]
	d.shapes = d.shapes[:n-1]
	if !d.shown() {
		return
	}
	out := d.job.out
	switch {
	case isEquation(s.program):
		d.lostFormula()
	case s.program != "":
		d.later = append(d.later, func() error {
			return readEmbedded(d.job, d.archive, d.rels[s.object].Target, d.flow)
		})
	case s.chart != "":
		d.later = append(d.later, func() error { return readChart(d.job, d.archive, d.rels[s.chart].Target, d.flow) })
	case s.diagram != "":
		d.later = append(d.later, func() error { return readDiagram(d.archive, d.rels[s.diagram].Target, d.flow) })
	case s.pictures > 0:
		out.count("pictures", s.pictures)
		if s.alt == "" {
			out.count("pictures_without_text", s.pictures)
			return
		}
		d.writeBeside(s.alt)
	}
	if s.title != "" {
		d.writeBeside(s.title)
	}
}

// writeBeside writes what stands in a line without belonging to its words.
func (d *docx) writeBeside(s string) {
	p := d.para()
	if p == nil {
		return
	}
	p.endScript()
	if t := p.b.String(); t != "" && !strings.HasSuffix(t, " ") && !strings.HasSuffix(t, "\n") {
		p.b.WriteByte(' ')
	}
	p.b.WriteString(s + " ")
	p.last = ""
}

// altChunk reads a document that is kept as it was put in: a page from the web,
// another document.
func (d *docx) altChunk(id string) error {
	read := func() error {
		return readEmbedded(d.job, d.archive, d.rels[id].Target, d.flow)
	}
	if len(d.scopes) > 0 || len(d.tables) > 0 || len(d.paras) > 0 {
		d.later = append(d.later, read)
		return nil
	}
	d.settle()
	return read()
}
