package extract

import (
	"encoding/xml"
	"strconv"
	"strings"

	"github.com/bwenge-os/bwenge/appliance"
)

// readODF reads OpenDocument text and slides: one vocabulary.
func readODF(j *job) error {
	a, err := openArchive(j.file, j.size, maxEntries)
	if err != nil {
		return err
	}
	if encrypted, err := odfEncrypted(a); err != nil || encrypted {
		if err == nil {
			err = errPassword(nil)
		}
		return err
	}
	o := &odf{out: j.out, flow: &flow{out: j.out}}
	info := infoOf(j.format)
	counts := odfCounts(a)
	switch j.format {
	case formatODT:
		breaks, err := countElements(a, "content.xml", "soft-page-break")
		if isLimit(err) {
			return err
		}
		if info.Pages = counts["page-count"]; breaks > 0 || info.Pages == 1 {
			info.Pages = max(info.Pages, breaks+1)
			o.flow.place.Page = 1
		}
	case formatODP:
		info.Pages, err = countElements(a, "content.xml", "page")
	}
	if isLimit(err) {
		return err
	}
	if err := j.out.info(info); err != nil {
		return err
	}
	o.pages = info.Pages
	damage := walkPart(a, "content.xml", false, o.token)
	if isLimit(damage) || o.flow.err != nil {
		return damage
	}
	if err := o.flow.end(); err != nil {
		return err
	}
	return damage
}

// odfEncrypted looks for encrypted parts in the manifest.
func odfEncrypted(a *archive) (bool, error) {
	n, err := countElements(a, "META-INF/manifest.xml", "encryption-data")
	if isLimit(err) {
		return false, err
	}
	return n > 0, nil
}

func countElements(a *archive, part, name string) (n int, err error) {
	err = walkPart(a, part, true, func(_ *xmlReader, t xml.Token) error {
		if e, ok := t.(xml.StartElement); ok && e.Name.Local == name {
			n++
		}
		return nil
	})
	return n, err
}

// odfCounts reads the writing program's own statistics.
func odfCounts(a *archive) map[string]int {
	counts := map[string]int{}
	_ = walkPart(a, "meta.xml", true, func(_ *xmlReader, t xml.Token) error {
		if e, ok := t.(xml.StartElement); ok && e.Name.Local == "document-statistic" {
			for _, attr := range e.Attr {
				counts[attr.Name.Local], _ = strconv.Atoi(attr.Value)
			}
		}
		return nil
	})
	return counts
}

// odf is the walk through content.xml.
type odf struct {
	out   *sink
	flow  *flow
	pages int

	paras []*odfPara
	lists int
	slide int
	title string // of the slide
	class string // of the frame on the slide

	tables []*odfTable
}

type odfPara struct {
	b     strings.Builder
	level int
}

type odfTable struct {
	table
	repeat int // of the open cell
	empty  int // cells since the last one with text
}

func (o *odf) token(x *xmlReader, t xml.Token) error {
	switch t := t.(type) {
	case xml.StartElement:
		if err := o.start(x, t); err != nil {
			return err
		}
	case xml.EndElement:
		if err := o.end(t.Name.Local); err != nil {
			return err
		}
	case xml.CharData:
		o.write(string(t))
	}
	return o.flow.err
}

func (o *odf) write(s string) {
	if n := len(o.paras); n > 0 {
		o.paras[n-1].b.WriteString(s)
	}
}

func (o *odf) start(x *xmlReader, e xml.StartElement) error {
	switch e.Name.Local {
	case "p":
		o.paras = append(o.paras, &odfPara{})
	case "h":
		level, _ := strconv.Atoi(attr(e, "outline-level"))
		o.paras = append(o.paras, &odfPara{level: max(level, 1)})
	case "s":
		o.write(" ")
	case "tab":
		o.write(" ")
	case "line-break":
		o.write("\n")
	case "soft-page-break":
		if place := o.flow.place; place.Page > 0 && len(o.tables) == 0 {
			place.Page++
			o.flow.at(place)
		}
	case "list":
		o.lists++
	case "page": // a slide
		o.slide++
		o.title = ""
		if err := o.out.working(o.slide, o.pages); err != nil {
			return err
		}
		o.flow.close(1)
		o.flow.at(appliance.Place{Slide: o.slide})
	case "frame":
		o.class = attr(e, "class")
	case "note-citation", "tracked-changes", "table-of-content", "alphabetical-index", "bibliography",
		"annotation", "script", "forms", "object", "desc", "shapes":
		return x.skip()
	case "note-body":
		o.write(" (")
	case "table":
		o.tables = append(o.tables, &odfTable{})
	case "table-cell", "covered-table-cell":
		if t := o.table(); t != nil {
			t.repeat, _ = strconv.Atoi(attr(e, "number-columns-repeated"))
		}
	}
	return nil
}

func (o *odf) table() *odfTable {
	if n := len(o.tables); n > 0 {
		return o.tables[n-1]
	}
	return nil
}

func (o *odf) end(name string) error {
	switch name {
	case "p", "h":
		if n := len(o.paras); n > 0 {
			p := o.paras[n-1]
			o.paras = o.paras[:n-1]
			o.endPara(p)
		}
	case "note-body":
		o.write(")")
	case "list":
		o.lists--
	case "frame":
		o.class = ""
	case "page":
		if o.title != "" && o.flow.text.Len() == 0 {
			o.flow.close(1)
		}
		o.flow.flush()
	case "table-cell", "covered-table-cell":
		if t := o.table(); t != nil {
			o.endCell(t)
		}
	case "table-row":
		if t := o.table(); t != nil {
			o.endRow(t)
		}
	case "table":
		if t := o.table(); t != nil {
			o.tables = o.tables[:len(o.tables)-1]
			o.endTable(t)
		}
	}
	return nil
}

func (o *odf) endPara(p *odfPara) {
	text := strings.TrimSpace(p.b.String())
	if text == "" {
		return
	}
	if n := len(o.paras); n > 0 { // a note or a frame within a paragraph
		o.write(text + " ")
		return
	}
	if t := o.table(); t != nil {
		if t.cell.Len() > 0 {
			t.cell.WriteByte(' ')
		}
		t.cell.WriteString(text)
		return
	}
	switch {
	case o.class == "title" && o.title == "":
		o.title = text
		o.flow.heading(1, text)
	case o.class == "page-number" || o.class == "date-time" || o.class == "header" || o.class == "footer":
	case p.level > 0:
		o.flow.heading(float64(p.level), text)
	case o.lists > 0:
		o.flow.line("- " + text)
	default:
		o.flow.para(text)
	}
}

// endCell stands for as many cells as it is repeated. Empty ones wait for one
// with text: a row's end is often a cell that is repeated a thousand times.
func (o *odf) endCell(t *odfTable) {
	text := t.cell.String()
	t.cell.Reset()
	repeat := min(max(t.repeat, 1), maxColumns)
	t.repeat = 0
	if text == "" {
		t.empty += repeat
		return
	}
	for range min(t.empty, max(maxColumns-len(t.cells), 0)) {
		t.cells = append(t.cells, "")
	}
	t.empty = 0
	for range min(repeat, max(maxColumns-len(t.cells), 0)) {
		t.cells = append(t.cells, text)
	}
}

func (o *odf) endRow(t *odfTable) {
	t.empty = 0
	t.endRow()
	if len(o.tables) == 1 && t.bytes > maxSection {
		o.flow.para(strings.Join(t.rows, "\n"))
		t.rows, t.bytes = nil, 0
	}
}

func (o *odf) endTable(t *odfTable) {
	switch {
	case len(o.tables) > 0:
		outer := o.table()
		outer.cell.WriteString(" " + strings.Join(t.rows, "; ") + " ")
	default:
		o.flow.para(strings.Join(t.rows, "\n"))
	}
}
