package extract

import (
	"bytes"
	"encoding/xml"
	"path"
	"strconv"
	"strings"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/clean"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/fault"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/letters"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/mathtext"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/parts"
)

// openODF opens an OpenDocument that no password locks.
func openODF(j *job) (*parts.Archive, error) {
	a, err := parts.Open(j.file, j.size, parts.MaxParts)
	if err != nil {
		return nil, err
	}
	encrypted, err := odfEncrypted(a)
	if err == nil && encrypted {
		err = fault.Password(nil)
	}
	return a, err
}

// readODF reads OpenDocument text and slides: one vocabulary.
func readODF(j *job) error {
	a, err := openODF(j)
	if err != nil {
		return err
	}
	o := &odf{job: j, archive: a, out: j.out, flow: &flow{out: j.out}}
	info := infoOf(j.format)
	counts := odfCounts(a)
	switch j.format {
	case formatODT:
		breaks, err := countElements(a, "content.xml", "soft-page-break")
		if parts.IsLimit(err) {
			return err
		}
		if info.Pages = counts["page-count"]; breaks > 0 || info.Pages == 1 {
			info.Pages = max(info.Pages, breaks+1)
			o.flow.place.Page = 1
		}
	case formatODP:
		info.Pages, err = countElements(a, "content.xml", "page")
	}
	if parts.IsLimit(err) {
		return err
	}
	if err := j.out.info(info); err != nil {
		return err
	}
	o.pages = info.Pages
	if o.styles, err = readODFStyles(a); err != nil {
		return err
	}
	damage := parts.Walk(a, "content.xml", false, o.token)
	if parts.IsLimit(damage) || o.flow.err != nil {
		return damage
	}
	o.endCaption()
	if err := o.flow.end(); err != nil {
		return err
	}
	return damage
}

// odfEncrypted looks for encrypted parts in the manifest.
func odfEncrypted(a *parts.Archive) (bool, error) {
	n, err := countElements(a, "META-INF/manifest.xml", "encryption-data")
	if parts.IsLimit(err) {
		return false, err
	}
	return n > 0, nil
}

func countElements(a *parts.Archive, part, name string) (n int, err error) {
	err = parts.Walk(a, part, true, func(_ *parts.Reader, t xml.Token) error {
		if e, ok := t.(xml.StartElement); ok && e.Name.Local == name {
			n++
		}
		return nil
	})
	return n, err
}

// odfCounts reads the writing program's own statistics.
func odfCounts(a *parts.Archive) map[string]int {
	counts := map[string]int{}
	_ = parts.Walk(a, "meta.xml", true, func(_ *parts.Reader, t xml.Token) error {
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
	job     *job
	archive *parts.Archive
	out     *sink
	flow    *flow
	styles  odfStyles
	pages   int

	paras    []*odfPara // open ones: notes and text boxes stand within paragraphs
	after    []func()   // what stands in the outermost paragraph, and comes behind it
	note     *odfNote
	lists    []*odfList
	counting map[string]*odfCounters // of lists that others go on with, by style and by id
	outline  odfCounters
	slide    int
	title    string // of the slide
	notes    int    // open pages of notes
	frames   []*odfFrame
	tables   []*odfTable
	caption  string // a paragraph that may belong to the table behind it
	math     *mathtext.Builder
}

type odfPara struct {
	b     bytes.Buffer
	level int    // of a heading
	style string // by name
	plain bool   // a heading without a number
	spans []odfSpan
	start int // of a heading's number; 0 for none
}

type odfSpan struct {
	place int // 1 raised, -1 lowered
	from  int
}

type odfNote struct {
	mark  bytes.Buffer
	texts []string
	body  bool
}

type odfFrame struct {
	class           string // on a slide
	title, alt      string
	picture, filled bool
	object          string
}

// odfList is an open list.
type odfList struct {
	style    string
	counters *odfCounters
	header   bool // the open item has no number
	said     bool // the open item has said its number
	start    int  // of the open item; 0 for the next number
	goesOn   bool
}

// odfLevels bounds the levels of a list, as the format does.
const odfLevels = 10

// maxODFStyles bounds the styles of a document.
const maxODFStyles = 20_000

func (o *odf) token(x *parts.Reader, t xml.Token) error {
	switch t := t.(type) {
	case xml.StartElement:
		if err := o.start(x, t); err != nil {
			return err
		}
	case xml.EndElement:
		if o.math != nil {
			o.endMath(t.Name.Local)
		} else {
			o.end(t.Name.Local)
		}
	case xml.CharData:
		if o.math != nil {
			o.math.Write(string(t))
		} else {
			o.write(string(t))
		}
	}
	return o.flow.err
}

func (o *odf) endMath(name string) {
	if name != "math" {
		o.math.End()
		return
	}
	text, tex := o.math.Result()
	o.math = nil
	o.formula(text, tex)
}

func (o *odf) formula(text, tex string) {
	if text == "" {
		return
	}
	o.flow.formula(tex)
	if len(o.paras) == 0 {
		o.flow.para(text)
		return
	}
	o.write(text)
}

func (o *odf) write(s string) {
	if o.note != nil && !o.note.body {
		o.note.mark.WriteString(s)
		return
	}
	if n := len(o.paras); n > 0 {
		o.paras[n-1].b.WriteString(s)
	}
}

func (o *odf) start(x *parts.Reader, e xml.StartElement) error {
	if o.math != nil {
		attrs := map[string]string{}
		for _, at := range e.Attr {
			attrs[at.Name.Local] = at.Value
		}
		o.math.Start(e.Name.Local, attrs)
		return nil
	}
	switch e.Name.Local {
	case "p", "h":
		return o.startPara(x, e)
	case "span":
		return o.startSpan(x, e)
	case "s", "tab":
		o.write(" ")
	case "line-break":
		o.write("\n")
	case "soft-page-break":
		if place := o.flow.place; place.Page > 0 && len(o.tables) == 0 {
			place.Page++
			o.flow.at(place)
		}
	case "section":
		if parts.Attr(e, "display") == "none" {
			return o.hide(x)
		}
	case "hidden-text":
		return o.hide(x)
	case "list":
		o.startList(e)
	case "list-item", "list-header":
		if n := len(o.lists); n > 0 {
			l := o.lists[n-1]
			l.header, l.said = e.Name.Local == "list-header", false
			l.start, _ = strconv.Atoi(parts.Attr(e, "start-value"))
		}
	case "page":
		return o.startSlide()
	case "notes":
		if o.slide > 0 {
			o.notes++
			o.out.count("notes", 1)
		}
	case "frame", "image", "text-box", "object", "object-ole", "plugin", "applet", "floating-frame", "math", "title", "desc":
		return o.startInFrame(x, e)
	case "annotation":
		o.out.count("comments", 1)
		return x.Skip()
	case "tracked-changes", "table-of-content", "alphabetical-index", "bibliography", "illustration-index", "table-index",
		"script", "forms", "shapes", "ruby-text", "annotation-end":
		return x.Skip()
	case "note", "note-body":
		o.startNote(e.Name.Local == "note-body")
	case "table", "table-header-rows", "table-row", "covered-table-cell", "table-cell":
		return o.startInTable(x, e)
	}
	return nil
}

func (o *odf) startSpan(x *parts.Reader, e xml.StartElement) error {
	name := parts.Attr(e, "style-name")
	if o.styles.hidden("text", name) {
		return o.hide(x)
	}
	if n := len(o.paras); n > 0 {
		p := o.paras[n-1]
		p.spans = append(p.spans, odfSpan{o.styles.place(name), p.b.Len()})
	}
	return nil
}

func (o *odf) startSlide() error {
	o.slide++
	o.title = ""
	if err := o.out.working(o.slide, o.pages); err != nil {
		return err
	}
	o.flow.close(1)
	o.flow.at(appliance.Place{Slide: o.slide})
	return nil
}

// startInFrame begins a frame or what stands in one: a picture, a text, an object.
func (o *odf) startInFrame(x *parts.Reader, e xml.StartElement) error {
	if e.Name.Local == "frame" {
		o.frames = append(o.frames, &odfFrame{class: parts.Attr(e, "class")})
		return nil
	}
	f := o.frame()
	if f == nil {
		f = &odfFrame{} // which nobody asks
	}
	switch e.Name.Local {
	case "image":
		f.picture = true
		return x.Skip() // words in it are its replacement's
	case "text-box":
		f.filled = true
	case "object":
		if href := parts.Attr(e, "href"); href != "" && o.frame() != nil {
			f.object = href
			return x.Skip()
		}
	case "object-ole", "plugin", "applet", "floating-frame":
		f.filled = true
		o.out.count("embedded_lost", 1)
		return x.Skip()
	case "math":
		o.math = &mathtext.Builder{}
		f.filled = true
	case "title":
		text, err := x.Text()
		f.title = text
		return err
	case "desc":
		text, err := x.Text()
		f.alt = text
		return err
	}
	return nil
}

// startNote begins a footnote, or the body behind its mark.
func (o *odf) startNote(body bool) {
	if !body {
		o.note = &odfNote{}
		o.out.count("footnotes", 1)
		return
	}
	if o.note == nil {
		return
	}
	o.note.body = true
	mark := clean.Line(o.note.mark.String())
	if n := len(o.paras); n > 0 && mark != "" {
		o.paras[n-1].b.WriteString(footnoteMark(mark))
	}
}

// hide passes over what the document does not show, and says so.
func (o *odf) hide(x *parts.Reader) error {
	text, err := x.Text()
	if strings.TrimSpace(text) != "" {
		o.out.count("hidden", 1)
	}
	return err
}

func (o *odf) startPara(x *parts.Reader, e xml.StartElement) error {
	p := &odfPara{style: parts.Attr(e, "style-name")}
	if o.styles.hidden("paragraph", p.style) {
		return o.hide(x)
	}
	if e.Name.Local == "h" {
		level, _ := strconv.Atoi(parts.Attr(e, "outline-level"))
		p.level = min(max(level, 1), odfLevels)
		p.plain = parts.Attr(e, "is-list-header") == "true"
		if parts.Attr(e, "restart-numbering") == "true" {
			p.start, _ = strconv.Atoi(parts.Attr(e, "start-value"))
			p.start = max(p.start, 1)
		}
	}
	o.paras = append(o.paras, p)
	return nil
}

func (o *odf) frame() *odfFrame {
	if n := len(o.frames); n > 0 {
		return o.frames[n-1]
	}
	return nil
}

// class is what the open frame is on its slide.
func (o *odf) class() string {
	if f := o.frame(); f != nil {
		return f.class
	}
	return ""
}

func (o *odf) startList(e xml.StartElement) {
	l := &odfList{style: parts.Attr(e, "style-name"), goesOn: parts.Attr(e, "continue-numbering") == "true"}
	if o.counting == nil {
		o.counting = map[string]*odfCounters{}
	}
	if n := len(o.lists); n > 0 {
		if l.style == "" {
			l.style = o.lists[n-1].style
		}
		l.counters = o.lists[n-1].counters
		if level := n; level < odfLevels && !l.goesOn {
			l.counters[level] = 0
		}
	} else {
		l.counters = &odfCounters{}
		if before := o.counting["list "+parts.Attr(e, "continue-list")]; before != nil {
			l.counters, l.goesOn = before, true
		} else if before := o.counting["style "+l.style]; before != nil && l.goesOn {
			l.counters = before
		}
		if len(o.counting) < maxODFStyles {
			o.counting["style "+l.style] = l.counters
			if id := parts.Attr(e, "id"); id != "" {
				o.counting["list "+id] = l.counters
			}
		}
	}
	o.lists = append(o.lists, l)
}

// itemMarker is what stands before the paragraph that is ending: the number of
// its item if it is the first, or nothing.
func (o *odf) itemMarker(p *odfPara) string {
	depth := len(o.lists)
	l := o.lists[depth-1]
	if l.said || l.header {
		return ""
	}
	l.said = true
	level := min(depth, odfLevels) - 1
	style := l.style
	if own, set := o.styles.listOf(p.style); style == "" && set {
		style = own
	}
	levels := o.styles.lists[style]
	if levels == nil || !levels[level].known { // steps whose form the file does not say
		levels = &plainLevels
	}
	if l.start > 0 {
		l.counters[level] = l.start - 1
		if l.start == 1 {
			l.counters[level] = 0
		}
		l.counters.next(level, l.start)
	} else {
		l.counters.next(level, levels[level].start)
	}
	return odfMarker(levels, l.counters, level)
}

// plainLevels number a list whose style is not known.
var plainLevels = func() (levels [odfLevels]odfLevel) {
	for i := range levels {
		levels[i] = odfLevel{form: letters.Decimal, start: 1, suffix: "."}
	}
	return levels
}()

// headingNumber is the number that the program puts before a heading.
func (o *odf) headingNumber(p *odfPara) string {
	l := o.styles.outline[p.level-1]
	if own, set := o.styles.listOf(p.style); p.plain || set && own == "" || !l.known {
		return ""
	}
	if p.start > 0 {
		o.outline[p.level-1] = 0
		o.outline.next(p.level-1, p.start)
	} else {
		o.outline.next(p.level-1, max(l.start, 1))
	}
	if l.form == letters.NoNumber || l.form == letters.BulletForm {
		return ""
	}
	return strings.TrimSuffix(odfMarker(&o.styles.outline, &o.outline, p.level-1), ".") + " "
}

func (o *odf) end(name string) {
	switch name {
	case "p", "h":
		if n := len(o.paras); n > 0 {
			p := o.paras[n-1]
			o.paras = o.paras[:n-1]
			o.endPara(p)
		}
	case "span":
		if n := len(o.paras); n > 0 {
			o.paras[n-1].endSpan()
		}
	case "note":
		o.endNote()
	case "list":
		if n := len(o.lists); n > 0 {
			o.lists = o.lists[:n-1]
		}
	case "frame":
		o.endFrame()
	case "notes":
		o.notes = max(o.notes-1, 0)
	case "page":
		if o.title != "" && o.flow.text.Len() == 0 {
			o.flow.close(1)
		}
		o.flow.flush()
	case "table-cell":
		if t := o.table(); t != nil {
			t.endCell()
		}
	case "table-row":
		if t := o.table(); t != nil {
			o.endRow(t)
		}
	case "table-header-rows":
		if t := o.table(); t != nil {
			t.header = max(t.header-1, 0)
		}
	case "table":
		if t := o.table(); t != nil {
			o.endTable(t)
		}
	}
}

// endSpan writes a raised or lowered text.
func (p *odfPara) endSpan() {
	n := len(p.spans)
	if n == 0 {
		return
	}
	s := p.spans[n-1]
	p.spans = p.spans[:n-1]
	if s.place == 0 || s.from >= p.b.Len() {
		return
	}
	inner := clean.Line(string(p.b.Bytes()[s.from:]))
	if inner == "" || len(inner) > 200 || strings.HasPrefix(inner, "[") { // the mark of a note
		return
	}
	base := string(p.b.Bytes()[max(0, s.from-8):s.from])
	p.b.Truncate(s.from)
	if s.place > 0 {
		p.b.WriteString(letters.Superscript(base, inner))
	} else {
		p.b.WriteString(letters.Subscript(base, inner))
	}
}

// endNote puts a note behind the paragraph that it belongs to.
func (o *odf) endNote() {
	n := o.note
	o.note = nil
	if n == nil || len(n.texts) == 0 {
		return
	}
	text := footnoteMark(clean.Line(n.mark.String())) + " " + strings.Join(n.texts, " ")
	o.behind(text, func() { o.flow.para(text) })
}

// behind sends something when the outermost paragraph is over; within a table it
// belongs to the cell.
func (o *odf) behind(text string, send func()) {
	switch t := o.table(); {
	case t != nil:
		t.b.WriteString(" " + text)
	case len(o.paras) > 0:
		o.after = append(o.after, send)
	default:
		send()
	}
}

func (o *odf) endPara(p *odfPara) {
	for len(p.spans) > 0 {
		p.endSpan()
	}
	text := strings.TrimSpace(p.b.String())
	switch {
	case text == "":
	case o.note != nil && o.note.body:
		o.note.texts = append(o.note.texts, clean.Line(text))
		return
	case len(o.paras) > 0: // a text box within a paragraph
		o.behind(text, func() { o.flow.para(text) })
		return
	case o.table() != nil:
		t := o.table()
		if t.b.Len() > 0 {
			t.b.WriteByte(' ')
		}
		if len(o.lists) > 0 {
			if marker := o.itemMarker(p); marker != "" {
				text = marker + " " + text
			}
		}
		t.b.WriteString(text)
		if t.b.Len() > maxSection {
			o.spill()
		}
	default:
		o.say(p, text)
	}
	if len(o.paras) == 0 {
		after := o.after
		o.after = nil
		for _, send := range after {
			send()
		}
	}
}

// say sends a paragraph of the text or of a slide.
func (o *odf) say(p *odfPara, text string) {
	switch class := o.class(); {
	case class == "title" && o.title == "":
		o.title = text
		o.flow.heading(1, text)
		return
	case class == "page-number" || class == "date-time" || class == "header" || class == "footer":
		return
	case o.slide == 0 && p.level == 0 && len(o.lists) == 0 && len(text) < 300 && o.styles.named(p.style, "Table", "Caption", "Tabelle", "Tableau"):
		o.endCaption()
		o.caption = text
		return
	}
	o.endCaption()
	switch {
	case p.level > 0 && len(o.lists) > 0 && o.styles.lists[o.lists[len(o.lists)-1].style] != nil:
		if marker := o.itemMarker(p); marker != "" && marker != "-" {
			text = strings.TrimSuffix(marker, ".") + " " + text
		}
		o.flow.heading(float64(p.level), text)
	case p.level > 0:
		o.flow.heading(float64(p.level), o.headingNumber(p)+text)
	case o.slide == 0 && o.styles.named(p.style, "Title") && len(text) < 300:
		o.flow.heading(0.5, text)
	case len(o.lists) > 0:
		o.flow.item(o.itemMarker(p), text)
	default:
		o.flow.para(text)
	}
}

// endCaption sends a caption behind which no table came.
func (o *odf) endCaption() {
	if o.caption != "" {
		text := o.caption
		o.caption = ""
		o.flow.para(text)
	}
}

// endFrame reads the object in a frame, or says what its picture shows.
func (o *odf) endFrame() {
	f := o.frame()
	if f == nil {
		return
	}
	o.frames = o.frames[:len(o.frames)-1]
	if f.object != "" {
		o.object(path.Clean(f.object))
		return
	}
	if !f.picture || f.filled || o.notes > 0 {
		return
	}
	o.out.count("pictures", 1)
	text := pictureText(f.alt)
	if text == "" {
		text = pictureText(f.title)
	}
	if text == "" {
		o.out.count("pictures_without_text", 1)
		return
	}
	switch {
	case len(o.paras) > 0:
		o.write(" " + text + " ")
	case o.table() != nil:
		o.table().b.WriteString(" " + text)
	default:
		o.flow.para(text)
	}
}

// maxRepeat bounds how often a row stands for itself.
const maxRepeat = 1000

// maxObjectRows bounds what is taken of a chart or a sheet that is only shown.
const maxObjectRows = 2000
