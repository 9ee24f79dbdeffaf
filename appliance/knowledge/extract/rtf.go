package extract

import (
	"bufio"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"

	"golang.org/x/text/encoding/charmap"

	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/clean"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/letters"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/parts"
)

// maxRTFDepth bounds nested groups.
const maxRTFDepth = 512

// rtfSkipped are groups that hold no reading matter. Groups marked with \* are
// for programs that know them and are skipped, too.
var rtfSkipped = map[string]bool{
	"colortbl": true, "info": true, "shprslt": true, "mmath": true, "pict": true, "object": true,
	"header": true, "headerl": true, "headerr": true, "headerf": true,
	"footer": true, "footerl": true, "footerr": true, "footerf": true,
	"listtable": true, "listoverridetable": true, "revtbl": true, "rsidtbl": true, "generator": true,
	"fldinst": true, "themedata": true, "xmlnstbl": true, "nonshppict": true, "datastore": true,
}

// rtfSymbols are control words that stand for characters.
var rtfSymbols = map[string]string{
	"tab": " ", "line": "\n", "emdash": "—", "endash": "–", "bullet": "•",
	"lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”",
	"emspace": " ", "enspace": " ", "qmspace": " ",
}

// rtfGroup is what braces save and restore.
type rtfGroup struct {
	skip  bool
	into  rtfInto
	uc    int // bytes that stand for a \u character in old programs
	place int // 1 raised, -1 lowered
	font  int
	gone  bool // hidden or deleted
}

// rtfInto is where the text of a group goes.
type rtfInto int

const (
	intoText   rtfInto = iota
	intoMarker         // the number of a list's item
	intoFonts
	intoStyles
	intoClass // the program of an object
)

// rtf is the walk through a rich text file.
type rtf struct {
	in     *bufio.Reader
	flow   *flow
	decode *charmap.Charmap
	fonts  map[int]rtfFont
	styles map[int]int // levels of headings by number of the style

	groups []rtfGroup
	now    rtfGroup
	ignore int // bytes after a \u that old programs would show
	high   rune

	para    strings.Builder
	script  strings.Builder // raised or lowered text that is not in para yet
	place   int             // of it
	marker  strings.Builder
	level   int
	inTable bool
	hidden  bool // the text before was hidden: one stretch counts once
	after   []string
	inside  []rtfInside
	notes   int

	name  strings.Builder // of the font, the style or the program that is being read
	at    int             // its number
	outer int             // the level that the style says

	cells  []string
	defs   []rtfCellDef
	def    rtfCellDef
	header bool
	rows   []rtfRow
	edges  []int // right edges of columns, once rows were sent
	above  map[int]string
	grid   *grid
}

type rtfFont struct {
	name   string
	signs  bool // its letters are pictures
	decode *charmap.Charmap
}

// rtfInside is a note or a text box: what stands around it waits.
type rtfInside struct {
	depth   int
	note    string // its mark, "" for a box
	para    string
	marker  string
	level   int
	inTable bool
	texts   []string
}

// rtfCellDef is what a row says of a cell before its text comes.
type rtfCellDef struct {
	x      int  // its right edge
	merged bool // with the one above
	joined bool // with the one before
}

type rtfRow struct {
	cells  []string
	defs   []rtfCellDef
	header bool
}

// rtfMaxRows is how many rows are held to find the edges of columns.
const rtfMaxRows = 300

// readRTF reads rich text: paragraphs, lists, tables, notes, headings by style
// and outline level.
func readRTF(j *job) error {
	r := &rtf{
		in:     bufio.NewReader(io.NewSectionReader(j.file, 0, j.size)),
		flow:   &flow{out: j.out},
		decode: charmap.Windows1252,
		now:    rtfGroup{uc: 1},
		fonts:  map[int]rtfFont{},
		styles: map[int]int{},
	}
	damage := r.walk()
	r.now = rtfGroup{}
	for len(r.inside) > 0 {
		r.endInside()
	}
	r.endRow()
	r.inTable = false
	r.endPara()
	r.endTable()
	if err := r.flow.end(); err != nil {
		return err
	}
	return damage
}

func (r *rtf) walk() error {
	for r.flow.err == nil {
		c, err := r.in.ReadByte()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		switch c {
		case '{':
			if len(r.groups) >= maxRTFDepth {
				return parts.ErrDepth
			}
			r.groups = append(r.groups, r.now)
		case '}':
			if n := len(r.groups); n > 0 {
				r.endGroup(r.groups[n-1])
				r.now = r.groups[n-1]
				r.groups = r.groups[:n-1]
			}
		case '\\':
			if err := r.control(); err != nil && err != io.EOF {
				return err
			}
		case '\r', '\n':
		default:
			r.byte(c)
		}
	}
	return nil
}

// byte takes a character of the file's old encoding.
func (r *rtf) byte(c byte) {
	if r.ignore > 0 {
		r.ignore--
		return
	}
	decode := r.decode
	if f := r.fonts[r.now.font]; r.now.into == intoText || r.now.into == intoMarker {
		if f.signs {
			r.rune(rune(c) | 0xf000)
			return
		}
		if f.decode != nil {
			decode = f.decode
		}
	}
	r.rune(decode.DecodeByte(c))
}

func (r *rtf) rune(c rune) {
	if r.now.skip && r.now.into != intoClass {
		return
	}
	switch r.now.into {
	case intoFonts, intoStyles, intoClass:
		r.named(c)
		return
	}
	if c >= 0xf000 && c <= 0xf0ff || c < 0x100 && r.fonts[r.now.font].signs {
		text, certain := letters.Symbol(r.fonts[r.now.font].name, c)
		if !certain {
			r.flow.doubt("symbols")
		}
		r.write(text)
		return
	}
	r.write(string(c))
}

// write adds text to the paragraph.
func (r *rtf) write(text string) {
	switch {
	case r.now.skip:
		return
	case r.now.gone:
		if !r.hidden && strings.TrimSpace(text) != "" {
			r.flow.out.count("hidden", 1)
			r.hidden = true
		}
		return
	case r.now.into == intoMarker:
		if r.marker.Len() < 100 {
			r.marker.WriteString(text)
		}
		return
	}
	r.hidden = false
	if r.now.place != r.place {
		r.endScript()
		r.place = r.now.place
	}
	if r.place != 0 {
		if r.script.WriteString(text); r.script.Len() < 200 {
			return
		}
		text = r.script.String() // no power is that long
		r.script.Reset()
		r.now.place, r.place = 0, 0
	}
	r.para.WriteString(text)
	if r.para.Len() > maxSection {
		r.overflow()
	}
}

// overflow keeps what is gathered short.
func (r *rtf) overflow() {
	if len(r.inside) > 0 {
		in := &r.inside[len(r.inside)-1]
		r.flow.para(strings.Join(append(in.texts, r.para.String()), " "))
		in.texts = nil
		r.para.Reset()
		return
	}
	r.inTable = false
	r.endTable()
	r.endPara()
}

// endScript writes the raised or lowered text that has ended.
func (r *rtf) endScript() {
	text := clean.Line(r.script.String())
	r.script.Reset()
	switch base := r.para.String(); {
	case text == "":
	case strings.HasPrefix(text, "["): // the mark of a note
		r.para.WriteString(text)
	case r.place > 0:
		r.para.WriteString(letters.Superscript(base[max(0, len(base)-8):], text))
	default:
		r.para.WriteString(letters.Subscript(base[max(0, len(base)-8):], text))
	}
	r.place = 0
}

// named reads the names of fonts, styles and programs; a semicolon ends one.
func (r *rtf) named(c rune) {
	if c != ';' || r.now.into == intoClass {
		if r.name.Len() < 200 {
			r.name.WriteRune(c)
		}
		return
	}
	name := strings.TrimSpace(r.name.String())
	r.name.Reset()
	const most = 5000
	switch {
	case r.now.into == intoFonts && len(r.fonts) < most:
		f := r.fonts[r.at]
		f.name, f.signs = name, letters.SymbolFont(name) != ""
		r.fonts[r.at] = f
	case r.now.into == intoStyles && len(r.styles) < most:
		level := levelOfName(name)
		if level == 0 {
			level = r.outer
		}
		if level > 0 {
			r.styles[r.at] = level
		}
		r.outer = 0
	}
}

// endGroup does what the end of the open group means, before what stood in the
// group around it holds again.
func (r *rtf) endGroup(around rtfGroup) {
	if n := len(r.inside); n > 0 && r.inside[n-1].depth == len(r.groups) {
		r.endInside()
	}
	if r.now.into == intoClass && around.into != intoClass {
		class := strings.ToLower(r.name.String())
		r.name.Reset()
		if strings.Contains(class, "equation") || strings.Contains(class, "mathtype") {
			r.lostFormula()
		} else {
			r.flow.out.count("embedded_lost", 1)
		}
	}
}

// lostFormula tells a formula that cannot be read.
func (r *rtf) lostFormula() {
	r.endScript()
	r.para.WriteString(" [formula that could not be read] ")
	r.flow.out.count("formulas_lost", 1)
	r.flow.doubt("formula")
}

// beginInside begins a note or a text box within a paragraph.
func (r *rtf) beginInside(note string) {
	const most = 20 // notes within notes
	if len(r.inside) >= most {
		r.now.skip = true
		return
	}
	r.endScript()
	r.inside = append(r.inside, rtfInside{depth: len(r.groups), note: note, para: r.para.String(), marker: r.marker.String(),
		level: r.level, inTable: r.inTable})
	r.para.Reset()
	r.marker.Reset()
	r.now.skip, r.now.place, r.now.into = false, 0, intoText
}

func (r *rtf) endInside() {
	r.endScript()
	n := len(r.inside)
	in := r.inside[n-1]
	texts := append(in.texts, r.para.String())
	r.inside = r.inside[:n-1]
	r.para.Reset()
	r.para.WriteString(in.para)
	r.marker.Reset()
	r.marker.WriteString(in.marker)
	r.level, r.inTable = in.level, in.inTable
	text := clean.Line(strings.Join(texts, " "))
	switch {
	case text == "":
	case n > 1:
		outer := &r.inside[n-2]
		outer.texts = append(outer.texts, text)
	default:
		r.after = append(r.after, strings.TrimSpace(in.note+" "+text))
	}
}

func (r *rtf) control() error {
	c, err := r.in.ReadByte()
	if err != nil {
		return err
	}
	if c < 'A' || c > 'z' || c > 'Z' && c < 'a' {
		return r.symbol(c)
	}
	word := []byte{c}
	for len(word) < 32 {
		if c, err = r.in.ReadByte(); err != nil || c < 'A' || c > 'z' || c > 'Z' && c < 'a' {
			break
		}
		word = append(word, c)
	}
	var digits []byte
	for err == nil && len(digits) < 11 && (c >= '0' && c <= '9' || c == '-' && len(digits) == 0) {
		digits = append(digits, c)
		c, err = r.in.ReadByte()
	}
	if err == nil && c != ' ' {
		_ = r.in.UnreadByte()
	}
	number, numberErr := strconv.Atoi(string(digits))
	return r.word(string(word), number, numberErr == nil)
}

func (r *rtf) symbol(c byte) error {
	switch c {
	case '\'':
		var hex [2]byte
		if _, err := io.ReadFull(r.in, hex[:]); err != nil {
			return err
		}
		if v, err := strconv.ParseUint(string(hex[:]), 16, 8); err == nil {
			r.byte(byte(v))
		}
	case '*':
		r.now.skip = true
	case '~':
		r.rune(' ')
	case '_':
		r.rune('-')
	case '\r', '\n':
		if !r.now.skip {
			r.endPara()
		}
	case '{', '}', '\\':
		r.byte(c)
	}
	return nil
}

// destination begins a group that is no running text, and reports whether it did.
func (r *rtf) destination(word string) bool {
	switch word {
	case "fonttbl":
		r.now.into = intoFonts
		return true
	case "stylesheet":
		r.now.into = intoStyles
		return true
	case "objclass":
		r.now.into = intoClass
		return true
	case "shptxt":
		r.beginInside("")
		return true
	case "shppict", "pict":
		if word == "shppict" || !r.now.skip {
			r.flow.out.count("pictures", 1)
			r.flow.out.count("pictures_without_text", 1)
		}
		r.now.skip = true
		return true
	case "annotation":
		r.flow.out.count("comments", 1)
	case "mmath":
		if !r.now.skip {
			r.lostFormula()
		}
	case "object":
		r.now.skip = true
		return true
	}
	if rtfSkipped[word] {
		r.now.skip = true
		return true
	}
	return false
}

func (r *rtf) word(word string, number int, has bool) error {
	if r.destination(word) {
		return nil
	}
	switch {
	case word == "bin": // raw bytes follow
		if has && number > 0 {
			_, err := r.in.Discard(number)
			return err
		}
		return nil
	case word == "uc":
		if has && number >= 0 && number < 16 {
			r.now.uc = number
		}
		return nil
	case word == "u" && has:
		r.unicode(number)
		return nil
	case word == "ansicpg":
		if m, ok := codePages[number]; ok {
			r.decode = m
		}
		return nil
	case word == "mac":
		r.decode = charmap.Macintosh
		return nil
	case r.now.into == intoFonts || r.now.into == intoStyles:
		r.tableWord(word, number)
		return nil
	case r.now.skip:
		return nil
	}
	if s, ok := rtfSymbols[word]; ok {
		r.write(s)
		return nil
	}
	if !r.character(word, number, has) {
		r.paragraph(word, number)
	}
	return nil
}

// tableWord takes what is said of a font or a style before its name.
func (r *rtf) tableWord(word string, number int) {
	switch word {
	case "f":
		if r.now.into == intoFonts {
			r.at = number
		}
	case "fcharset":
		f := r.fonts[r.at]
		f.decode = codePages[charsetPages[number]]
		if len(r.fonts) < 5000 {
			r.fonts[r.at] = f
		}
	case "s":
		r.at, r.outer = number, 0
		r.name.Reset()
	case "cs", "ds", "ts":
		r.at, r.outer = -1, 0
		r.name.Reset()
	case "outlinelevel":
		if number >= 0 && number < 9 {
			r.outer = number + 1
		}
	}
}

// charsetPages are the code pages of fonts' character sets.
var charsetPages = map[int]int{77: 10000, 161: 1253, 162: 1254, 163: 1258, 177: 1255, 178: 1256, 186: 1257, 204: 1251, 238: 1250, 255: 437}

// character takes what changes how the following text looks.
func (r *rtf) character(word string, number int, has bool) bool {
	on := !has || number != 0
	switch word {
	case "super":
		r.now.place = onOff(on, 1)
	case "sub":
		r.now.place = onOff(on, -1)
	case "up":
		r.now.place = onOff(!has || number > 2, 1)
	case "dn":
		r.now.place = onOff(!has || number > 2, -1)
	case "nosupersub":
		r.now.place = 0
	case "v", "deleted":
		r.now.gone = on
	case "f":
		r.now.font = number
	case "plain":
		r.now.place, r.now.gone, r.now.font = 0, false, 0
	default:
		return false
	}
	return true
}

func onOff(on bool, value int) int {
	if on {
		return value
	}
	return 0
}

// paragraph takes what makes paragraphs, lists, notes and tables.
func (r *rtf) paragraph(word string, number int) {
	switch word {
	case "par", "page", "sect":
		r.endPara()
	case "pard":
		r.inTable, r.level = false, 0
	case "s":
		r.level = r.styles[number]
	case "outlinelevel":
		if number >= 0 && number < 9 {
			r.level = number + 1
		}
	case "pntext", "listtext":
		r.marker.Reset()
		r.now.into = intoMarker
	case "chftn":
		if len(r.inside) == 0 {
			r.notes++
			r.write("[" + strconv.Itoa(r.notes) + "]")
		}
	case "footnote":
		r.flow.out.count("footnotes", 1)
		r.endScript()
		mark := ""
		if before := r.para.String(); len(before) > 0 {
			mark = lastMark.FindString(before[max(0, len(before)-10):])
		}
		r.beginInside(mark)
	case "intbl":
		r.inTable = true
	case "nestcell":
		r.write(" | ")
	case "nestrow":
		r.write("; ")
	case "trowd":
		r.defs, r.def, r.header = nil, rtfCellDef{}, false
	case "trhdr":
		r.header = true
	case "clvmrg":
		r.def.merged = true
	case "clmrg":
		r.def.joined = true
	case "cellx":
		r.def.x = number
		if len(r.defs) < maxColumns {
			r.defs = append(r.defs, r.def)
		}
		r.def = rtfCellDef{}
	case "cell":
		r.endCell()
	case "row":
		r.endRow()
	}
}

var lastMark = regexp.MustCompile(`\[\d+\]$`)

func (r *rtf) endCell() {
	r.endScript()
	text := r.para.String()
	if marker := r.itemMarker(); marker != "" {
		text = marker + " " + text
	}
	r.para.Reset()
	if len(r.cells) < maxColumns {
		r.cells = append(r.cells, clean.Line(strings.Join(append([]string{text}, r.after...), " ")))
	}
	r.after = nil
}

// endRow keeps the row until it is known where columns end.
func (r *rtf) endRow() {
	if len(r.cells) == 0 {
		return
	}
	r.rows = append(r.rows, rtfRow{r.cells, r.defs, r.header})
	r.cells = nil
	if len(r.rows) >= rtfMaxRows {
		r.sendRows()
	}
}

// sendRows gives the rows to a table. A cell reaches over as many columns as
// other rows have edges within it.
func (r *rtf) sendRows() {
	if len(r.rows) == 0 {
		return
	}
	if r.grid == nil {
		r.grid, r.above = r.flow.openTable(""), map[int]string{}
		for _, row := range r.rows {
			for _, d := range row.defs {
				r.edges = append(r.edges, d.x)
			}
		}
		slices.Sort(r.edges)
		const close = 60 // twentieths of a point that nobody sees
		r.edges = slices.CompactFunc(r.edges, func(a, b int) bool { return max(a-b, b-a) < close })
	}
	for _, row := range r.rows {
		column := 0
		for i, text := range row.cells {
			span := 1
			if i < len(row.defs) {
				d := row.defs[i]
				next, _ := slices.BinarySearch(r.edges, d.x+1)
				span = max(next-column, 1)
				if d.joined && i > 0 {
					text = row.cells[i-1]
					row.cells[i] = text
				}
				if d.merged {
					text = r.above[column]
					row.cells[i] = text
				}
			}
			if len(r.above) < maxColumns {
				r.above[column] = text
			}
			r.grid.cell(text, span, 1, row.header)
			column += span
		}
		r.grid.endRow()
	}
	r.rows = nil
}

// endTable sends what is left of a table when a paragraph comes behind it.
func (r *rtf) endTable() {
	for _, text := range r.cells { // a row that was never ended
		r.flow.para(text)
	}
	r.cells = nil
	r.sendRows()
	if r.grid != nil {
		r.grid.close()
	}
	r.grid, r.edges, r.above = nil, nil, nil
}

// itemMarker is the number that the program wrote before a list's item.
func (r *rtf) itemMarker() string {
	marker := clean.Line(r.marker.String())
	r.marker.Reset()
	if strings.Trim(marker, "•·●○◦▪■□➢✓§o-–*\uf0b7") == "" && marker != "" {
		return "-"
	}
	return marker
}

// unicode takes a \u character, a signed 16-bit unit of UTF-16.
func (r *rtf) unicode(number int) {
	c := rune(uint16(number))
	r.ignore = r.now.uc
	if utf16.IsSurrogate(c) {
		if r.high == 0 {
			r.high = c
			return
		}
		c, r.high = utf16.DecodeRune(r.high, c), 0
	}
	r.rune(c)
}

func (r *rtf) endPara() {
	if r.now.skip {
		return
	}
	r.endScript()
	if n := len(r.inside); n > 0 {
		r.inside[n-1].texts = append(r.inside[n-1].texts, r.para.String())
		r.para.Reset()
		return
	}
	if r.inTable && len(r.groups) > 0 {
		r.para.WriteByte(' ')
		return
	}
	text := strings.TrimSpace(r.para.String())
	r.para.Reset()
	marker := r.itemMarker()
	if text != "" {
		r.endTable()
	}
	switch {
	case text == "":
	case r.level > 0 && r.level < 10 && len(text) < 300:
		if marker == "-" {
			marker = ""
		}
		r.flow.heading(float64(r.level), marker+" "+text)
	case marker != "":
		r.flow.item(marker, text)
	default:
		r.flow.para(text)
	}
	after := r.after
	r.after = nil
	r.flow.paras(after)
}

var codePages = map[int]*charmap.Charmap{
	437: charmap.CodePage437, 850: charmap.CodePage850, 1250: charmap.Windows1250, 1251: charmap.Windows1251,
	1252: charmap.Windows1252, 1253: charmap.Windows1253, 1254: charmap.Windows1254, 1255: charmap.Windows1255,
	1256: charmap.Windows1256, 1257: charmap.Windows1257, 1258: charmap.Windows1258, 10000: charmap.Macintosh,
}
