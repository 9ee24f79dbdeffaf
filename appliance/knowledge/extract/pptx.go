package extract

import (
	"encoding/xml"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/clean"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/fault"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/letters"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/paper"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/parts"
)

// readPPTX reads slides in the order they are shown. A slide stands under its
// title: text, lists, tables, charts and diagrams, then the speaker's notes. A
// slide with nearly no text has its pictures read.
func readPPTX(j *job) error {
	a, part, err := parts.OpenOOXML(j.file, j.size, "ppt/presentation.xml")
	if err != nil {
		return err
	}
	rels := parts.RelationsOf(a, part)
	var slides []string
	err = parts.Walk(a, part, false, func(_ *parts.Reader, t xml.Token) error {
		if e, ok := t.(xml.StartElement); ok && e.Name.Local == "sldId" {
			if rel, ok := rels[parts.AttrNS(e, "relationships", "id")]; ok && rel.Kind == "slide" {
				slides = append(slides, rel.Target)
			}
		}
		return nil
	})
	if err != nil && (parts.IsLimit(err) || len(slides) == 0) {
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
		case parts.IsLimit(err), err == errTextLimit:
			return err
		default:
			fmt.Fprintf(os.Stderr, "extract: slide %d: %v\n", i+1, err)
			bad++
		}
	}
	if bad > 0 && j.out.text > 0 {
		return j.out.notice(fault.NoticePagesUnreadable(bad, len(slides)))
	}
	return nil
}

func readSlide(j *job, a *parts.Archive, part string, number int) error {
	before := j.out.text
	f := &flow{out: j.out, place: appliance.Place{Slide: number}}
	rels := parts.RelationsOf(a, part)
	s := &slide{job: j, archive: a, rels: rels, flow: f}
	damage := parts.Walk(a, part, false, s.token)
	if parts.IsLimit(damage) {
		return damage
	}
	if s.title != "" {
		f.heading(1, s.title)
	}
	if s.unseen {
		j.out.count("hidden_slides", 1)
	}
	if s.cut {
		j.out.count("texts_cut", 1)
	}
	if err := s.send(); err != nil {
		return err
	}
	if part := rels.First("notesSlide"); part != "" {
		notes := &slide{job: j, archive: a, rels: parts.RelationsOf(a, part), flow: f, notes: true}
		if err := parts.Walk(a, part, true, notes.token); parts.IsLimit(err) {
			return err
		}
		if len(notes.blocks) > 0 {
			j.out.count("notes", 1)
		}
		if err := notes.send(); err != nil {
			return err
		}
	}
	for _, kind := range []string{"comments", "comment"} {
		if part := rels.First(kind); part != "" {
			n, err := countElements(a, part, "cm")
			if parts.IsLimit(err) {
				return err
			}
			j.out.count("comments", n)
		}
	}
	if err := f.end(); err != nil {
		return err
	}
	if j.out.text-before < paper.StampLetters/4 {
		if err := ocrImages(j, a, rels, f.place); err != nil {
			return err
		}
	}
	return damage
}

// maxSlide bounds the text of one slide in memory.
const maxSlide = 4 << 20

// slide gathers the shapes of one slide: its title may stand anywhere among them.
type slide struct {
	job     *job
	archive *parts.Archive
	rels    parts.Relations
	flow    *flow
	notes   bool // it is the notes of one

	title  string
	unseen bool           // it is left out of the show
	blocks []func() error // that send the shapes' content, in order
	size   int
	cut    bool

	// of the open shape
	holder  string // type of the placeholder that it stands for
	alt     string
	hidden  bool
	picture bool
	lines   []slideLine
	levels  []*parts.Node // how its lists look, by level
	counts  [listLevels]slideCount
	frames  []bool // of open alternatives: one was read

	table *slideTable
}

// slideLine is a paragraph.
type slideLine struct {
	marker string
	dmlText
}

// slideCount is where the numbering of a level stands.
type slideCount struct {
	kind string
	n    int
}

func (s *slide) send() error {
	for _, block := range s.blocks {
		if err := block(); err != nil {
			return err
		}
		if s.flow.err != nil {
			return s.flow.err
		}
	}
	return nil
}

func (s *slide) token(x *parts.Reader, t xml.Token) error {
	switch t := t.(type) {
	case xml.StartElement:
		return s.start(x, t)
	case xml.EndElement:
		s.end(t.Name.Local)
	}
	return nil
}

func (s *slide) start(x *parts.Reader, e xml.StartElement) error {
	switch e.Name.Local {
	case "sld":
		s.unseen = parts.Attr(e, "show") == "0" || parts.Attr(e, "show") == "false"
	case "sp", "graphicFrame", "pic", "cxnSp":
		s.endShape()
		s.picture = e.Name.Local == "pic"
	case "grpSp":
		s.endShape()
	case "cNvPr":
		s.alt = altText(parts.Attr(e, "descr"))
		if s.hidden = parts.Attr(e, "hidden") == "1" || parts.Attr(e, "hidden") == "true"; s.hidden {
			s.job.out.count("hidden", 1)
		}
	case "ph":
		if s.holder = parts.Attr(e, "type"); s.holder == "" {
			s.holder = "body"
		}
	case "lstStyle":
		tree, err := x.Tree(e, 2000)
		s.levels = tree.Kids
		return err
	case "p":
		tree, err := x.Tree(e, 50_000)
		if err != nil {
			return err
		}
		s.para(tree)
	case "chart":
		if id := parts.AttrNS(e, "relationships", "id"); id != "" && !s.hidden {
			s.add(0, func() error { return readChart(s.job, s.archive, s.rels[id].Target, s.flow) })
		}
	case "relIds":
		if id := parts.AttrNS(e, "relationships", "dm"); id != "" && !s.hidden {
			s.add(0, func() error { return readDiagram(s.archive, s.rels[id].Target, s.flow) })
		}
	case "oleObj":
		s.object(parts.Attr(e, "progId"), parts.AttrNS(e, "relationships", "id"))
		return x.Skip() // a picture of it
	case "AlternateContent":
		s.frames = append(s.frames, false)
	case "Choice", "Fallback":
		n := len(s.frames)
		if n == 0 {
			return nil
		}
		if s.frames[n-1] {
			return x.Skip()
		}
		s.frames[n-1] = true
	case "timing", "transition", "extLst":
		return x.Skip()
	case "tbl":
		s.table = &slideTable{}
	case "tblPr":
		if s.table != nil {
			s.table.names = parts.Attr(e, "firstRow") == "1" || parts.Attr(e, "firstRow") == "true"
		}
	case "tr":
		if s.table != nil {
			s.table.rows = append(s.table.rows, nil)
		}
	case "tc":
		s.lines = nil
		s.counts = [listLevels]slideCount{}
		if s.table != nil {
			s.table.open(e)
		}
	}
	return nil
}

func (s *slide) end(name string) {
	switch name {
	case "AlternateContent":
		s.frames = s.frames[:max(len(s.frames)-1, 0)]
	case "tc":
		if s.table != nil {
			texts := make([]string, len(s.lines))
			for i, l := range s.lines {
				texts[i] = strings.TrimSpace(l.marker + " " + l.text)
				s.table.keep(l.dmlText)
			}
			s.table.close(strings.Join(texts, " "))
			s.lines = nil
		}
	case "tbl":
		if t := s.table; t != nil && !s.hidden {
			s.add(0, func() error { return t.send(s.flow) })
		}
		s.table = nil
	case "sp", "graphicFrame", "pic", "cxnSp":
		s.endShape()
	}
}

// add keeps a block for when the title is known.
func (s *slide) add(size int, block func() error) {
	if s.size += size + 64; s.size > maxSlide {
		s.cut = true
		return
	}
	s.blocks = append(s.blocks, block)
}

// object notes an object of another program.
func (s *slide) object(program, id string) {
	if s.hidden {
		return
	}
	if isEquation(program) {
		s.job.out.count("formulas_lost", 1)
		s.add(0, func() error {
			s.flow.para(lostFormula)
			s.flow.doubt("formula")
			return nil
		})
		return
	}
	s.add(0, func() error {
		return readEmbedded(s.job, s.archive, s.rels[id].Target, s.flow)
	})
}

// para adds a paragraph of the open shape or cell.
func (s *slide) para(p *parts.Node) {
	line := slideLine{dmlText: dmlPara(p)}
	if line.text == "" {
		return
	}
	if s.size += len(line.text); s.size > maxSlide {
		s.cut = true
		return
	}
	line.marker = s.marker(p.Child("pPr"))
	s.lines = append(s.lines, line)
}

// marker computes what a list puts before a paragraph.
func (s *slide) marker(pPr *parts.Node) string {
	level, _ := strconv.Atoi(pPr.Attr("lvl"))
	level = min(max(level, 0), listLevels-1)
	looks := []*parts.Node{pPr}
	for _, k := range s.levels { // lvl1pPr to lvl9pPr
		if k.Name == fmt.Sprintf("lvl%dpPr", level+1) {
			looks = append(looks, k)
		}
	}
	for i := level + 1; i < listLevels; i++ {
		s.counts[i] = slideCount{}
	}
	count := &s.counts[level]
	for _, look := range looks {
		switch {
		case look.Child("buNone") != nil:
			*count = slideCount{}
			return ""
		case look.Child("buAutoNum") != nil:
			auto := look.Child("buAutoNum")
			start, err := strconv.Atoi(auto.Attr("startAt"))
			if err != nil {
				start = 1
			}
			if kind := auto.Attr("type") + strconv.Itoa(start); count.kind != kind {
				*count = slideCount{kind, start - 1}
			}
			count.n++
			return autoNumber(auto.Attr("type"), min(count.n, maxNumber))
		case look.Child("buChar") != nil:
			*count = slideCount{}
			return bulletMark(look.Child("buFont").Attr("typeface"), look.Child("buChar").Attr("char"))
		case look.Child("buBlip") != nil:
			*count = slideCount{}
			return "-"
		}
	}
	*count = slideCount{}
	return ""
}

// autoNumber writes a number as PowerPoint's kinds of lists do: "romanLcParenR".
func autoNumber(kind string, n int) string {
	number := strconv.Itoa(n)
	switch {
	case strings.HasPrefix(kind, "alphaLc"):
		number = letterNumber(n)
	case strings.HasPrefix(kind, "alphaUc"):
		number = strings.ToUpper(letterNumber(n))
	case strings.HasPrefix(kind, "romanLc"):
		number = letters.LowerRoman.Write(n)
	case strings.HasPrefix(kind, "romanUc"):
		number = letters.UpperRoman.Write(n)
	}
	switch {
	case strings.HasSuffix(kind, "ParenBoth"):
		return "(" + number + ")"
	case strings.HasSuffix(kind, "ParenR"):
		return number + ")"
	case strings.HasSuffix(kind, "Minus"):
		return number + " -"
	}
	return number + "."
}

func (s *slide) endShape() {
	lines, holder, alt, hidden, picture := s.lines, s.holder, s.alt, s.hidden, s.picture
	s.lines, s.holder, s.alt, s.hidden, s.picture, s.levels = nil, "", "", false, false, nil
	s.counts = [listLevels]slideCount{}
	if hidden {
		return
	}
	if picture && !s.notes {
		s.job.out.count("pictures", 1)
		if alt == "" {
			s.job.out.count("pictures_without_text", 1)
		} else {
			s.add(len(alt), func() error { s.flow.para(alt); return nil })
		}
	}
	if len(lines) == 0 {
		return
	}
	switch holder {
	case "title", "ctrTitle":
		if s.title == "" {
			texts := make([]string, len(lines))
			for i, l := range lines {
				texts[i] = l.text
			}
			s.title = clean.Line(strings.Join(texts, " "))
			if len(s.title) < 400 {
				return
			}
			s.title = ""
		}
	case "sldNum", "dt", "hdr", "ftr", "sldImg":
		return
	}
	s.add(0, func() error { sendLines(s.flow, lines); return nil })
}

// sendLines sends the paragraphs of a shape, which belong together.
func sendLines(f *flow, lines []slideLine) {
	for i, l := range lines {
		for _, tex := range l.tex {
			f.formula(tex)
		}
		if l.doubt != "" {
			f.doubt(l.doubt)
		}
		text := strings.TrimSpace(l.marker + " " + l.text)
		if i == 0 {
			f.para(text)
			continue
		}
		f.line(text)
	}
}

// slideTable is a table on a slide.
type slideTable struct {
	names bool // the first row looks unlike the rest
	rows  [][]slideCell
	cells int
	cut   bool
	tex   []string
	doubt string
	at    slideCell // the open one
}

type slideCell struct {
	text      string
	wide, low int
	covered   bool
}

// maxSlideCells bounds a table on a slide.
const maxSlideCells = 50_000

func (t *slideTable) open(e xml.StartElement) {
	t.at = slideCell{}
	t.at.wide, _ = strconv.Atoi(parts.Attr(e, "gridSpan"))
	t.at.low, _ = strconv.Atoi(parts.Attr(e, "rowSpan"))
	for _, name := range []string{"hMerge", "vMerge"} {
		if v := parts.Attr(e, name); v == "1" || v == "true" {
			t.at.covered = true
		}
	}
}

func (t *slideTable) keep(text dmlText) {
	t.tex = append(t.tex, text.tex...)
	if text.doubt != "" {
		t.doubt = text.doubt
	}
}

func (t *slideTable) close(text string) {
	if t.at.covered || len(t.rows) == 0 { // it has the value of the cell that reaches here
		return
	}
	if t.cells++; t.cells > maxSlideCells {
		t.cut = true
		return
	}
	t.at.text = text
	last := len(t.rows) - 1
	t.rows[last] = append(t.rows[last], t.at)
}

func (t *slideTable) send(f *flow) error {
	f.flush()
	for _, tex := range t.tex {
		f.formula(tex)
	}
	if t.doubt != "" {
		f.doubt(t.doubt)
	}
	if t.cut {
		f.out.count("texts_cut", 1)
	}
	g := f.openTable("")
	for i, row := range t.rows {
		for _, c := range row {
			g.cell(c.text, c.wide, c.low, i == 0 && t.names)
		}
		g.endRow()
	}
	g.close()
	return f.err
}
