package extract

import (
	"encoding/xml"
	"errors"
	"strings"

	"github.com/bwenge-os/bwenge/appliance"
)

// readDOCX reads a Word document: text with headings, lists, tables, formulas
// and notes in order. Pages are those that Word noted when it last laid the
// document out; a document that was never laid out has none.
func readDOCX(j *job) error {
	a, part, err := openOOXML(j, "word/document.xml")
	if err != nil {
		return err
	}
	rels := relationsOf(a, part)
	levels, err := headingStyles(a, rels.first("styles"))
	if err != nil {
		return err
	}
	breaks, err := findPageBreaks(a, part)
	if err != nil && isLimit(err) {
		return err
	}
	info := infoOf(formatDOCX)
	if info.Pages = appPages(a); breaks.tag != "" {
		info.Pages = max(info.Pages, breaks.count+1)
	}
	if err := j.out.info(info); err != nil {
		return err
	}
	d := &docx{flow: &flow{out: j.out}, levels: levels, breaks: breaks}
	if breaks.tag != "" {
		d.flow.place.Page = 1
	}
	damage := walkPart(a, part, false, d.token)
	if isLimit(damage) {
		return damage
	}
	for _, notes := range []string{"footnotes", "endnotes"} {
		d.flow.at(appliance.Place{})
		if err := walkPart(a, rels.first(notes), true, d.token); err != nil && damage == nil {
			damage = err
		}
	}
	if err := d.flow.end(); err != nil {
		return err
	}
	if err := ocrPictures(j, a, rels, appliance.Place{}); err != nil {
		return err
	}
	return damage
}

// pageBreaks says which element ends a page in this document.
type pageBreaks struct {
	tag   string // "" if pages are unknown
	count int
}

// findPageBreaks looks for the breaks that Word noted. Where it noted none, the
// author's own are the pages only if the program's page count agrees.
func findPageBreaks(a *archive, part string) (pageBreaks, error) {
	var noted, manual int
	err := walkPart(a, part, false, func(_ *xmlReader, t xml.Token) error {
		if e, ok := t.(xml.StartElement); ok {
			switch {
			case e.Name.Local == "lastRenderedPageBreak":
				noted++
			case e.Name.Local == "br" && attr(e, "type") == "page":
				manual++
			}
		}
		return nil
	})
	pages := appPages(a)
	switch {
	case noted > 0:
		return pageBreaks{"lastRenderedPageBreak", noted}, err
	case manual > 0 && (pages == 0 || pages == manual+1):
		return pageBreaks{"br", manual}, err
	case pages == 1:
		return pageBreaks{"none", 0}, err
	}
	return pageBreaks{}, err
}

// headingStyles maps style ids to levels 1 to 9. Word translates ids ("Titre1")
// but not names ("heading 1"), and styles inherit. Tables of contents get level
// -1: they only repeat the headings.
func headingStyles(a *archive, part string) (map[string]int, error) {
	type style struct {
		level int
		based string
	}
	styles := map[string]*style{}
	var s *style
	err := walkPart(a, part, true, func(_ *xmlReader, t xml.Token) error {
		e, ok := t.(xml.StartElement)
		if !ok {
			return nil
		}
		switch e.Name.Local {
		case "style":
			s = &style{}
			if len(styles) < 5000 {
				styles[attr(e, "styleId")] = s
			}
		case "name":
			if s != nil {
				s.level = levelOfName(attr(e, "val"))
			}
		case "basedOn":
			if s != nil {
				s.based = attr(e, "val")
			}
		case "outlineLvl":
			if v := attr(e, "val"); s != nil && s.level == 0 && len(v) == 1 && v >= "0" && v <= "8" {
				s.level = int(v[0]-'0') + 1
			}
		}
		return nil
	})
	if err != nil && isLimit(err) {
		return nil, err
	}
	levels := map[string]int{}
	for id := range styles {
		at := styles[id]
		for range 10 { // a chain of styles may be a loop
			if at == nil || at.level != 0 {
				break
			}
			at = styles[at.based]
		}
		if at != nil && at.level != 0 {
			levels[id] = at.level
		}
	}
	return levels, nil
}

func levelOfName(name string) int {
	name = strings.ToLower(name)
	switch {
	case name == "title":
		return 1
	case strings.HasPrefix(name, "heading ") && len(name) == 9 && name[8] >= '1' && name[8] <= '9':
		return int(name[8] - '0')
	case strings.HasPrefix(name, "toc ") || name == "toc heading":
		return -1
	}
	return 0
}

// docx is the walk through the document's paragraphs.
type docx struct {
	flow   *flow
	levels map[string]int
	breaks pageBreaks
	paras  []*docxPara // open ones: text boxes stand within paragraphs
	tables []*table
}

type docxPara struct {
	b      strings.Builder
	level  int
	listed bool
}

// table gathers rows; nested tables become text of their cell.
type table struct {
	cells []string
	cell  strings.Builder
	rows  []string
	bytes int
}

func (t *table) endCell() {
	t.cells = append(t.cells, strings.ReplaceAll(t.cell.String(), "\n", " "))
	t.cell.Reset()
}

func (t *table) endRow() {
	if row := joinCells(t.cells); row != "" {
		t.rows = append(t.rows, row)
		t.bytes += len(row)
	}
	t.cells = t.cells[:0]
}

func (d *docx) token(x *xmlReader, t xml.Token) error {
	switch t := t.(type) {
	case xml.StartElement:
		return d.start(x, t)
	case xml.EndElement:
		d.end(t.Name.Local)
	}
	if d.flow.err != nil {
		return d.flow.err
	}
	return nil
}

func (d *docx) write(s string) {
	if n := len(d.paras); n > 0 {
		d.paras[n-1].b.WriteString(s)
	}
}

func (d *docx) start(x *xmlReader, e xml.StartElement) error {
	if e.Name.Local == d.breaks.tag && (d.breaks.tag != "br" || attr(e, "type") == "page") {
		d.newPage()
		return nil
	}
	switch e.Name.Local {
	case "p":
		d.paras = append(d.paras, &docxPara{})
	case "tbl":
		d.tables = append(d.tables, &table{})
	case "pStyle":
		if n := len(d.paras); n > 0 {
			d.paras[n-1].level = d.levels[attr(e, "val")]
		}
	case "outlineLvl":
		if v := attr(e, "val"); len(d.paras) > 0 && len(v) == 1 && v >= "0" && v <= "8" {
			d.paras[len(d.paras)-1].level = int(v[0]-'0') + 1
		}
	case "numPr":
		if n := len(d.paras); n > 0 {
			d.paras[n-1].listed = true
		}
	case "t":
		text, err := x.text()
		d.write(text)
		return err
	case "tab", "ptab":
		d.write(" ")
	case "br", "cr":
		d.write("\n")
	case "noBreakHyphen":
		d.write("-")
	case "den": // formulas: a fraction, a power, an index, a root
		d.write("/")
	case "sup":
		d.write("^")
	case "sub":
		d.write("_")
	case "rad":
		d.write("√")
	case "Fallback", "del", "moveFrom", "delText", "instrText", "tabs":
		// Fallbacks repeat their choice for old programs; deleted text is
		// not text.
		return x.skip()
	}
	return nil
}

func (d *docx) end(name string) {
	switch name {
	case "p":
		if n := len(d.paras); n > 0 {
			p := d.paras[n-1]
			d.paras = d.paras[:n-1]
			d.endPara(p)
		}
	case "tc":
		if n := len(d.tables); n > 0 {
			d.tables[n-1].endCell()
		}
	case "tr":
		if n := len(d.tables); n > 0 {
			d.tables[n-1].endRow()
			if n == 1 && d.tables[0].bytes > maxSection { // long tables stream
				d.flow.para(strings.Join(d.tables[0].rows, "\n"))
				d.tables[0].rows, d.tables[0].bytes = nil, 0
			}
		}
	case "tbl":
		if n := len(d.tables); n > 0 {
			t := d.tables[n-1]
			d.tables = d.tables[:n-1]
			if n > 1 {
				d.tables[n-2].cell.WriteString(" " + strings.Join(t.rows, "; ") + " ")
				return
			}
			d.flow.para(strings.Join(t.rows, "\n"))
		}
	}
}

func (d *docx) endPara(p *docxPara) {
	text := strings.TrimSpace(p.b.String())
	if text == "" || p.level < 0 {
		return
	}
	if n := len(d.tables); n > 0 {
		cell := &d.tables[n-1].cell
		if cell.Len() > 0 {
			cell.WriteByte(' ')
		}
		cell.WriteString(text)
		return
	}
	switch {
	case p.level > 0 && len(text) < 300:
		d.flow.heading(float64(p.level), text)
	case p.listed:
		d.flow.para("- " + text)
	default:
		d.flow.para(text)
	}
}

// newPage moves on. What stands in the open paragraph belongs to the page that
// ends, unless it is a table's cell.
func (d *docx) newPage() {
	place := d.flow.place
	if n := len(d.paras); n == 1 && len(d.tables) == 0 && d.paras[0].level == 0 {
		if text := strings.TrimSpace(d.paras[0].b.String()); text != "" {
			d.flow.para(text)
			d.paras[0].b.Reset()
		}
	}
	if place.Page > 0 {
		place.Page++
		d.flow.at(place)
	}
}

// ocrPictures reads the pictures of a part that gave nearly no text: slides and
// documents that are photos of pages.
func ocrPictures(j *job, a *archive, rels relations, place appliance.Place) error {
	if j.out.text >= stampLetters {
		return nil
	}
	return ocrImages(j, a, rels, place)
}

// maxPictures bounds the pictures read in one document.
const maxPictures = 200

func ocrImages(j *job, a *archive, rels relations, place appliance.Place) error {
	for _, name := range rels.images() {
		if j.pictures++; j.pictures > maxPictures {
			return nil
		}
		data, err := a.bytes(name, 32<<20)
		if errors.Is(err, errInflated) && a.left <= 0 {
			return err
		}
		if err != nil {
			continue
		}
		img, err := decodePicture(data)
		if err != nil {
			continue // a format without text or a broken one: the document stays good
		}
		text, err := j.ocr.page(img)
		if errors.Is(err, errNoTesseract) {
			return nil
		}
		if err != nil {
			continue
		}
		if err := j.out.section(appliance.Section{Text: text, Place: place}); err != nil {
			return err
		}
	}
	return nil
}
