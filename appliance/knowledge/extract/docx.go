package extract

import (
	"encoding/xml"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/letters"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/mathtext"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/parts"
)

// readDOCX reads a Word document: text with headings, numbered lists, tables,
// formulas, charts and notes in order. Pages are those that Word noted when it
// last laid the document out; a document that was never laid out has none.
func readDOCX(j *job) error {
	a, part, err := parts.OpenOOXML(j.file, j.size, "word/document.xml")
	if err != nil {
		return err
	}
	rels := parts.RelationsOf(a, part)
	styles, err := readStyles(a, rels.First("styles"))
	if err != nil {
		return err
	}
	lists, err := readNumbering(a, rels.First("numbering"), styles)
	if err != nil {
		return err
	}
	breaks, err := findPageBreaks(a, part)
	if err != nil && parts.IsLimit(err) {
		return err
	}
	info := infoOf(formatDOCX)
	if info.Pages = parts.AppPages(a); breaks.tag != "" {
		info.Pages = max(info.Pages, breaks.count+1)
	}
	if err := j.out.info(info); err != nil {
		return err
	}
	d := &docx{job: j, archive: a, rels: rels, flow: &flow{out: j.out}, styles: styles, lists: lists, breaks: breaks}
	if d.notes, err = readNotes(d); err != nil {
		return err
	}
	if breaks.tag != "" {
		d.flow.place.Page = 1
	}
	damage := parts.Walk(a, part, false, d.token)
	if parts.IsLimit(damage) || d.flow.err != nil {
		return errors.Join(d.flow.err, damage)
	}
	d.settle()
	d.flow.para(d.carry)
	d.endNotes()
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
func findPageBreaks(a *parts.Archive, part string) (pageBreaks, error) {
	var noted, manual int
	err := parts.Walk(a, part, false, func(_ *parts.Reader, t xml.Token) error {
		if e, ok := t.(xml.StartElement); ok {
			switch {
			case e.Name.Local == "lastRenderedPageBreak":
				noted++
			case e.Name.Local == "br" && parts.Attr(e, "type") == "page":
				manual++
			}
		}
		return nil
	})
	pages := parts.AppPages(a)
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

// docx is the walk through the document's paragraphs.
type docx struct {
	job     *job
	archive *parts.Archive
	rels    parts.Relations
	flow    *flow
	styles  *docxStyles
	lists   *numbering
	breaks  pageBreaks
	notes   *docxNotes

	paras  []*docxPara  // open ones: text boxes stand within paragraphs
	tables []*docxTable // open ones
	scopes []*docxScope // what the paragraphs that end go to; none is the body
	fields []*docxField // open ones
	chosen []bool       // of open alternatives: one was read
	shapes []*docxShape // open ones
	run    runProps     // of the open run
	carry  string       // text of a paragraph whose end was deleted

	waiting *grid          // a table that a caption may follow
	caption string         // a paragraph that may be a table's caption
	turned  int            // pages that ended within the open table
	later   []func() error // what comes after the open paragraph or table
}

type docxPara struct {
	b      strings.Builder
	script strings.Builder // a raised or lowered text that has not ended
	vert   int             // which of both
	props  *parts.Node     // pPr
	style  *docxStyle
	id     string // of the style
	tex    []string
	doubt  string
	last   string // text of the run before, to tell powers that lost their mark
	guess  bool   // the script is such a power
}

// docxScope gathers the paragraphs of a cell, a text box or a note.
type docxScope struct {
	texts []string
	size  int
	cut   bool
	outer runProps // of the run that holds a text box
}

// maxScope bounds the text of one cell, box or note.
const maxScope = 256 << 10

func (s *docxScope) add(text string) {
	if s.size += len(text); s.size > maxScope {
		s.cut = true
		return
	}
	s.texts = append(s.texts, text)
}

// docxField is a field: instructions, of which nothing is shown, and a result.
type docxField struct {
	code   strings.Builder
	result bool // the instructions have ended
	wrote  bool
	paras  int // that ended since it began
}

// skips reports whether what a field shows only repeats the document: tables of
// contents and indexes.
func (f *docxField) skips() bool {
	name, _, _ := strings.Cut(strings.TrimSpace(f.code.String()), " ")
	return name == "TOC" || name == "INDEX"
}

func (d *docx) token(x *parts.Reader, t xml.Token) error {
	switch t := t.(type) {
	case xml.StartElement:
		if err := d.start(x, t); err != nil {
			return err
		}
	case xml.EndElement:
		if err := d.end(t.Name.Local); err != nil {
			return err
		}
	}
	return d.flow.err
}

// para is the open paragraph, nil if there is none.
func (d *docx) para() *docxPara {
	if n := len(d.paras); n > 0 {
		return d.paras[n-1]
	}
	return nil
}

// shown reports whether what is read now is seen on paper: not within a field's
// instructions.
func (d *docx) shown() bool {
	for _, f := range d.fields {
		if !f.result || f.skips() {
			return false
		}
	}
	return true
}

// write adds text to the open paragraph as its run says.
func (d *docx) write(s string) {
	p := d.para()
	if p == nil || s == "" || !d.shown() {
		return
	}
	for _, f := range d.fields {
		f.wrote = true
	}
	r := p.style.run.with(d.run)
	if r.hidden {
		d.job.out.count("hidden", 1)
		return
	}
	s, known := letters.SymbolText(r.font, s)
	if !known {
		p.doubt = "symbols"
	}
	if p.guess && strings.HasPrefix(strings.TrimSpace(s), "=") { // 3 × 108 = 324
		p.b.WriteString(p.script.String())
		p.script.Reset()
	}
	p.guess = false
	if r.vert == 0 && p.lostPower(s) {
		r.vert, p.guess = 1, true
		p.doubt = "formula"
	}
	if r.vert != p.vert {
		p.endScript()
		p.vert = r.vert
	}
	if r.vert != 0 {
		p.script.WriteString(s)
	} else {
		p.b.WriteString(s)
	}
	p.last = s
}

// lostPower reports whether a run is a power whose mark was lost on the way
// through other programs: nothing but the small number that follows "× 10" or
// a unit of length. It would not be a run of its own if it looked like the rest.
func (p *docxPara) lostPower(s string) bool {
	if p.vert != 0 || p.script.Len() > 0 {
		return false
	}
	return powerOfTen.MatchString(s) && timesTen.MatchString(p.last) || (s == "2" || s == "3") && lengthUnit.MatchString(p.last)
}

var (
	powerOfTen = regexp.MustCompile(`^[-−–+]?\d{1,3}$`)
	timesTen   = regexp.MustCompile(`\d\s*[×x·⋅*∙]\s*10$`)
	lengthUnit = regexp.MustCompile(`\d[ \x{a0}]?[kcmdhµμ]?m$`)
)

// endScript writes the raised or lowered text that has gathered.
func (p *docxPara) endScript() {
	text := p.script.String()
	p.script.Reset()
	vert := p.vert
	p.vert = 0
	if text != "" {
		p.b.WriteString(scriptText(p.b.String(), text, vert))
	}
}

// scriptText writes a raised or lowered text that follows base. What is too long
// for a power only looks small.
func scriptText(base, text string, vert int) string {
	core := strings.TrimSpace(text)
	if core == "" || vert == 0 || utf8.RuneCountInString(core) > 24 || base == "" && strings.ContainsRune(core, ' ') {
		return text
	}
	lead := text[:strings.Index(text, core)]
	trail := text[len(lead)+len(core):]
	if vert > 0 {
		return lead + letters.Superscript(base, core) + trail
	}
	return lead + letters.Subscript(base, core) + trail
}

func (p *docxPara) text() string {
	p.endScript()
	return strings.TrimSpace(p.b.String())
}

func (d *docx) start(x *parts.Reader, e xml.StartElement) error {
	if e.Name.Local == d.breaks.tag && (d.breaks.tag != "br" || parts.Attr(e, "type") == "page") {
		d.newPage()
		return nil
	}
	switch e.Name.Local {
	case "p":
		d.openPara()
	case "pPr":
		return d.paraProps(x, e)
	case "r":
		d.run = runProps{}
	case "rPr":
		tree, err := x.Tree(e, 5000)
		d.run = d.styles.of(tree.Child("rStyle").Val()).run.with(runPropsOf(tree))
		return err
	case "t":
		text, err := x.Text()
		d.write(text)
		return err
	case "sym":
		d.symbol(parts.Attr(e, "font"), parts.Attr(e, "char"))
	case "tab", "ptab":
		d.write(" ")
	case "br", "cr":
		d.write("\n")
	case "noBreakHyphen":
		d.write("-")
	case "oMath", "oMathPara":
		return d.formula(x, e)
	case "fldChar":
		return d.fieldMark(parts.Attr(e, "fldCharType"))
	case "instrText":
		return d.fieldCode(x)
	case "footnoteReference", "endnoteReference":
		d.noteMark(e)
	case "footnote", "endnote":
		d.notes.open(d, parts.Attr(e, "id"))
	case "commentReference":
		d.job.out.count("comments", 1)
	case "drawing", "pict", "object":
		d.shapes = append(d.shapes, &docxShape{})
	case "txbxContent":
		d.scopes = append(d.scopes, &docxScope{outer: d.run})
	case "altChunk":
		return d.altChunk(parts.AttrNS(e, "relationships", "id"))
	case "sdtPr":
		return d.contentProps(x, e)
	case "AlternateContent":
		d.chosen = append(d.chosen, false)
	case "Choice", "Fallback":
		// One of them is meant: the rest says the same for older programs.
		n := len(d.chosen)
		if n == 0 {
			return nil
		}
		if d.chosen[n-1] {
			return x.Skip()
		}
		d.chosen[n-1] = true
	case "del", "moveFrom", "delText", "delInstrText", "tabs", "rt", "sectPr", "tblGrid", "ffData":
		// Deleted text is not text, and the rest is not the author's.
		return x.Skip()
	default:
		if len(d.shapes) > 0 {
			d.startShape(e)
		}
		return d.startTable(x, e)
	}
	return nil
}

func (d *docx) openPara() {
	p := &docxPara{style: d.styles.of(d.styles.paragraph), id: d.styles.paragraph}
	p.b.WriteString(d.carry)
	d.carry = ""
	d.paras = append(d.paras, p)
	d.run = runProps{}
}

func (d *docx) paraProps(x *parts.Reader, e xml.StartElement) error {
	tree, err := x.Tree(e, 5000)
	if p := d.para(); p != nil {
		p.props = tree
		if id := tree.Child("pStyle").Val(); id != "" {
			p.style, p.id = d.styles.of(id), id
		}
	}
	return err
}

// symbol writes a letter of a font of symbols.
func (d *docx) symbol(font, char string) {
	s, known := letters.Symbol(font, letters.FromHex(char))
	if p := d.para(); p != nil && !known {
		p.doubt = "symbols"
	}
	d.write(s)
}

func (d *docx) formula(x *parts.Reader, e xml.StartElement) error {
	tree, err := x.Tree(e, mathtext.MaxOfficeNodes)
	if err != nil {
		return err
	}
	p := d.para()
	if p == nil { // a formula that stands alone where a paragraph would
		d.openPara()
		defer d.endPara()
		p = d.para()
	}
	f := mathtext.Office(tree)
	if f.Plain == "" || !d.shown() {
		return nil
	}
	p.endScript()
	if s := p.b.String(); s != "" && !strings.HasSuffix(s, " ") && !strings.HasSuffix(s, "(") {
		p.b.WriteByte(' ')
	}
	p.b.WriteString(f.Plain)
	p.last = ""
	p.tex = append(p.tex, f.TeX)
	return nil
}

func (d *docx) end(name string) error {
	switch name {
	case "p":
		d.endPara()
		return d.runLater()
	case "AlternateContent":
		d.chosen = d.chosen[:max(len(d.chosen)-1, 0)]
	case "txbxContent":
		d.endBox()
	case "drawing", "pict", "object":
		d.endShape()
	case "footnote", "endnote":
		d.notes.close(d)
	case "tc", "tr", "tbl":
		d.endTable(name)
		return d.runLater()
	}
	return nil
}

// runLater reads what stands in the block that has ended but is a block itself.
func (d *docx) runLater() error {
	if len(d.later) == 0 || len(d.paras) > 0 || len(d.scopes) > 0 || len(d.tables) > 0 {
		return nil
	}
	later := d.later
	d.later = nil
	d.settle()
	for _, f := range later {
		if err := f(); err != nil {
			return err
		}
	}
	return nil
}

// captionLine is how a paragraph begins that names a table.
var captionLine = regexp.MustCompile(`(?i)^(table|tableau|jedwali|imbonerahamwe|tab\.)\s*(\d+|[ivx]+\b)`)

// figureLine is how a caption begins that does not belong to a table.
var figureLine = regexp.MustCompile(`(?i)^(fig|picha|igishushanyo|ifoto|photo|image|illustration|chart|graph|diagram|sch[ée]ma|mchoro|map|carte)`)

func (d *docx) endPara() {
	n := len(d.paras)
	if n == 0 {
		return
	}
	p := d.paras[n-1]
	d.paras = d.paras[:n-1]
	d.stuckFields()
	text := p.text()
	mark := p.props.Child("rPr")
	if mark.Child("del") != nil || mark.Child("moveFrom") != nil {
		d.carry = strings.TrimLeft(p.b.String(), " \n") // its end was deleted: it goes on in the next one
		return
	}
	level, marker := d.markOf(p)
	if text == "" || level < 0 {
		d.sectionEnd(p)
		return
	}
	if len(d.scopes) > 0 {
		if len(p.tex) > 0 || p.doubt != "" { // which are the table's, not those of the text before it
			d.flow.flush()
		}
		d.keep(p)
		d.scopes[len(d.scopes)-1].add(strings.TrimSpace(marker + " " + text))
		return
	}
	if level == 0 && marker == "" && len(text) < 300 && (captionLine.MatchString(text) || p.style.caption && !figureLine.MatchString(text)) {
		if d.caption != "" {
			d.settle()
		}
		d.caption = text
		d.keep(p)
		return
	}
	d.settle()
	switch {
	case level > 0 && len(text) < 300:
		d.endNotes()
		outer := 0.0
		if p.style.title { // above the chapters, whose level is 1
			outer = 0.5
		}
		d.flow.heading(float64(level)-outer, strings.TrimSpace(marker+" "+text))
		d.keep(p)
	case marker != "":
		d.keep(p)
		d.flow.item(marker, text)
	default:
		d.keep(p)
		d.flow.para(text)
	}
	d.turnWaiting()
	if d.notes.waiting() {
		d.endNotes()
	}
	d.sectionEnd(p)
}

// sectionEnd writes the notes of a section that ends with a paragraph.
func (d *docx) sectionEnd(p *docxPara) {
	if p.props.Child("sectPr") != nil && len(d.scopes) == 0 {
		d.settle()
		d.endNotes()
	}
}

// keep hands what is known of a paragraph's formulas and doubts to the flow.
func (d *docx) keep(p *docxPara) {
	for _, tex := range p.tex {
		d.flow.formula(tex)
	}
	if p.doubt != "" {
		d.flow.doubt(p.doubt)
	}
}

// markOf returns a paragraph's heading level and what its list puts before it.
func (d *docx) markOf(p *docxPara) (level int, marker string) {
	level = p.style.level
	if own := outlineLevel(p.props); own > 0 && level >= 0 {
		level = own
	}
	num, ilvl := p.style.num, p.style.ilvl
	if ilvl < 0 && num != "" {
		ilvl = d.lists.levelOf(num, p.style.numOwner)
	}
	if numPr := p.props.Child("numPr"); numPr != nil {
		if id := numPr.Child("numId").Val(); id != "" {
			num, ilvl = id, 0
		}
		if own := levelIn(numPr); own >= 0 {
			ilvl = own
		}
	}
	if num == "" || num == "0" {
		if num == "" && level == 0 && p.props.Child("numPr") != nil { // of a list that is not there
			return level, "-"
		}
		return level, ""
	}
	if marker = d.lists.next(num, ilvl); marker == "-" && level > 0 {
		marker = ""
	}
	return level, marker
}

// settle decides what the paragraph that may be a caption belongs to: the table
// before it, if that has none.
func (d *docx) settle() {
	g, caption := d.waiting, d.caption
	d.waiting, d.caption = nil, ""
	if g != nil {
		if caption != "" && g.caption == "" && g.part == 0 {
			g.caption, caption = caption, ""
		}
		g.close()
	}
	if caption != "" {
		d.flow.para(caption)
	}
	d.turnWaiting()
}

// newPage moves on. What stands in the open paragraph belongs to the page that
// ends, unless it is a table's cell.
func (d *docx) newPage() {
	if d.flow.place.Page == 0 {
		return
	}
	if len(d.tables) > 0 || len(d.scopes) > 0 {
		if len(d.tables) > 0 {
			d.turned++
		}
		return
	}
	p := d.para()
	switch {
	case p == nil || p.text() == "":
		if d.caption == "" {
			d.settle()
			d.turn(1)
			return
		}
	case p.style.level == 0 && p.style.num == "" && p.props.Child("numPr") == nil:
		d.settle()
		d.keep(p)
		d.flow.para(p.text())
		p.b.Reset()
		p.tex, p.doubt = nil, ""
		d.turn(1)
		return
	}
	d.turned++ // once the paragraph has ended
}

func (d *docx) turn(pages int) {
	if pages > 0 && d.flow.place.Page > 0 {
		d.endNotes()
		place := d.flow.place
		place.Page += pages
		d.flow.at(place)
	}
}

// endBox gives what stands in a text box to what holds it.
func (d *docx) endBox() {
	n := len(d.scopes)
	if n == 0 {
		return
	}
	box := d.scopes[n-1]
	d.scopes = d.scopes[:n-1]
	d.run = box.outer
	if len(box.texts) == 0 {
		return
	}
	d.told(box)
	if n > 1 {
		for _, text := range box.texts {
			d.scopes[n-2].add(text)
		}
		return
	}
	d.later = append(d.later, func() error {
		d.flow.paras(box.texts)
		return d.flow.err
	})
}

// told counts a text that was cut off.
func (d *docx) told(s *docxScope) {
	if s.cut {
		d.job.out.count("texts_cut", 1)
	}
}

// contentProps looks at a content control: a table of contents is left out.
func (d *docx) contentProps(x *parts.Reader, e xml.StartElement) error {
	tree, err := x.Tree(e, 5000)
	if err != nil || tree.Child("docPartObj").Child("docPartGallery").Val() != "Table of Contents" {
		return err
	}
	for depth := x.Depth; x.Depth >= depth; { // to the end of the control
		t, err := x.Next()
		if err != nil {
			return err
		}
		if e, ok := t.(xml.StartElement); ok && e.Name.Local == "sdtContent" {
			return x.Skip()
		}
	}
	return nil
}

// fieldMark begins a field, ends its instructions, or ends it.
func (d *docx) fieldMark(kind string) error {
	n := len(d.fields)
	switch kind {
	case "begin":
		if n < 50 {
			d.fields = append(d.fields, &docxField{})
		}
	case "separate":
		if n > 0 {
			d.fields[n-1].result = true
		}
	case "end":
		if n > 0 {
			f := d.fields[n-1]
			d.fields = d.fields[:n-1]
			if !f.wrote {
				d.fieldText(f.code.String())
			}
		}
	}
	return nil
}

func (d *docx) fieldCode(x *parts.Reader) error {
	text, err := x.Text()
	if n := len(d.fields); n > 0 && !d.fields[n-1].result && d.fields[n-1].code.Len() < 4000 {
		d.fields[n-1].code.WriteString(text)
	}
	return err
}

// fieldText writes what a field without a result shows: a symbol, or a formula
// of the time before there were formulas.
func (d *docx) fieldText(code string) {
	words := strings.Fields(code)
	if len(words) < 2 {
		return
	}
	switch strings.ToUpper(words[0]) {
	case "SYMBOL":
		var n int
		if _, err := fmt.Sscan(words[1], &n); err != nil || n < 1 || n > 0xffff {
			return
		}
		font := "Symbol"
		for i, w := range words {
			if w == `\f` && i+1 < len(words) {
				font = strings.Trim(strings.Join(words[i+1:], " "), `"`)
				font, _, _ = strings.Cut(font, `"`)
			}
		}
		d.symbol(font, fmt.Sprintf("%x", n))
	case "EQ":
		d.lostFormula()
	}
}

// lostFormula says that a formula stands here.
func (d *docx) lostFormula() {
	d.job.out.count("formulas_lost", 1)
	if p := d.para(); p != nil && d.shown() {
		p.endScript()
		if s := p.b.String(); s != "" && !strings.HasSuffix(s, " ") {
			p.b.WriteByte(' ')
		}
		p.b.WriteString(lostFormula)
		p.doubt = "formula"
	}
}

// stuckFields gives up fields that do not end: they would swallow the rest.
func (d *docx) stuckFields() {
	for i, f := range d.fields {
		f.paras++
		if !f.result && f.paras > 3 || f.paras > 5000 {
			d.fields = d.fields[:i]
			return
		}
	}
}
