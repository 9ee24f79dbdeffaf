package extract

import (
	"encoding/xml"
	"fmt"
	"os"
	"strings"

	"github.com/bwenge-os/bwenge/appliance"
)

// readPPTX reads slides in the order they are shown. A slide is a section with
// its title as heading: text, tables, diagrams, then the speaker's notes. A
// slide with nearly no text has its pictures read.
func readPPTX(j *job) error {
	a, part, err := openOOXML(j, "ppt/presentation.xml")
	if err != nil {
		return err
	}
	rels := relationsOf(a, part)
	var slides []string
	err = walkPart(a, part, false, func(_ *xmlReader, t xml.Token) error {
		if e, ok := t.(xml.StartElement); ok && e.Name.Local == "sldId" {
			if rel, ok := rels[attrNS(e, "relationships", "id")]; ok && rel.kind == "slide" {
				slides = append(slides, rel.target)
			}
		}
		return nil
	})
	if err != nil && (isLimit(err) || len(slides) == 0) {
		return err
	}
	info := infoOf(formatPPTX)
	info.Pages = len(slides)
	if err := j.out.info(info); err != nil {
		return err
	}
	bad := 0
	for i, slide := range slides {
		if err := j.out.working(i+1, len(slides)); err != nil {
			return err
		}
		err := readSlide(j, a, slide, i+1)
		switch {
		case err == nil:
		case isLimit(err), err == errTextLimit:
			return err
		default:
			fmt.Fprintf(os.Stderr, "extract: slide %d: %v\n", i+1, err)
			bad++
		}
	}
	if bad > 0 && j.out.text > 0 {
		return j.out.notice(noticePagesUnreadable(bad, len(slides)))
	}
	return nil
}

func readSlide(j *job, a *archive, part string, number int) error {
	s := &slide{}
	damage := walkPart(a, part, false, s.token)
	if isLimit(damage) {
		return damage
	}
	rels := relationsOf(a, part)
	if data := rels.first("diagramData"); data != "" {
		d := &slide{}
		if err := walkPart(a, data, true, d.token); err == nil {
			s.texts = append(s.texts, d.texts...)
		}
	}
	notes := &slide{}
	if part := rels.first("notesSlide"); part != "" {
		if err := walkPart(a, part, true, notes.token); isLimit(err) {
			return err
		}
	}
	before := j.out.text
	texts := append(s.texts, notes.texts...)
	place := appliance.Place{Slide: number}
	if len(texts) == 0 && s.title != "" {
		texts = []string{s.title}
	}
	err := j.out.section(appliance.Section{Text: strings.Join(texts, "\n\n"), Heading: s.title, Place: place})
	if err != nil {
		return err
	}
	if j.out.text-before < stampLetters/4 {
		if err := ocrImages(j, a, rels, place); err != nil {
			return err
		}
	}
	return damage
}

// slide gathers the text of one slide's shapes.
type slide struct {
	title string
	texts []string // of shapes, in order

	holder string // type of the placeholder that the shape stands for
	shape  strings.Builder
	para   strings.Builder
	bullet bool
	table  *table
}

func (s *slide) token(x *xmlReader, t xml.Token) error {
	switch t := t.(type) {
	case xml.StartElement:
		switch t.Name.Local {
		case "sp", "graphicFrame", "pt":
			s.endShape()
		case "ph":
			if s.holder = attr(t, "type"); s.holder == "" {
				s.holder = "body"
			}
		case "tbl":
			s.table = &table{}
		case "t":
			text, err := x.text()
			s.para.WriteString(text)
			return err
		case "br":
			s.para.WriteByte('\n')
		case "tab":
			s.para.WriteByte(' ')
		case "buChar", "buAutoNum":
			s.bullet = true
		case "Fallback":
			return x.skip()
		}
	case xml.EndElement:
		switch t.Name.Local {
		case "p":
			s.endPara()
		case "tc":
			if s.table != nil {
				s.table.endCell()
			}
		case "tr":
			if s.table != nil {
				s.table.endRow()
			}
		case "tbl":
			if s.table != nil {
				s.shape.WriteString(strings.Join(s.table.rows, "\n"))
				s.table = nil
			}
		case "sp", "graphicFrame", "pt":
			s.endShape()
		}
	}
	return nil
}

func (s *slide) endPara() {
	text := strings.TrimSpace(s.para.String())
	s.para.Reset()
	bullet := s.bullet
	s.bullet = false
	if text == "" {
		return
	}
	if s.table != nil {
		if s.table.cell.Len() > 0 {
			s.table.cell.WriteByte(' ')
		}
		s.table.cell.WriteString(text)
		return
	}
	if s.shape.Len() > 0 {
		s.shape.WriteByte('\n')
	}
	if bullet {
		s.shape.WriteString("- ")
	}
	s.shape.WriteString(text)
}

func (s *slide) endShape() {
	text := strings.TrimSpace(s.shape.String())
	s.shape.Reset()
	holder := s.holder
	s.holder = ""
	switch holder {
	case "title", "ctrTitle":
		if s.title == "" {
			s.title = cleanLine(text)
			return
		}
	case "sldNum", "dt", "hdr", "ftr", "sldImg":
		return
	}
	if text != "" {
		s.texts = append(s.texts, text)
	}
}
