package extract

import (
	"bytes"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
	"golang.org/x/text/transform"

	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/clean"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/letters"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/mathtext"
)

// readHTML reads a saved web page.
func readHTML(j *job) error {
	in, err := j.decodedHTML()
	if err != nil {
		return err
	}
	f := &flow{out: j.out}
	h := &htmlWalk{flow: f}
	damage := h.walk(in)
	if err := f.end(); err != nil {
		return err
	}
	return damage
}

// decodedHTML returns the page as UTF-8: by its mark or its own declaration, or
// else by what its bytes are.
func (j *job) decodedHTML() (io.Reader, error) {
	head := make([]byte, 1024)
	n, _ := j.file.ReadAt(head, 0)
	whole := io.NewSectionReader(j.file, 0, j.size)
	if declared := declaredEncoding(head[:n]); declared != nil {
		return transform.NewReader(whole, declared.NewDecoder()), nil
	}
	return j.decoded()
}

// xmlEncoding is the declaration of a page that is XML.
var xmlEncoding = regexp.MustCompile(`^\s*<\?xml[^>]*\sencoding\s*=\s*["']([A-Za-z0-9._:-]+)["']`)

// declaredEncoding is what a page's first kilobyte says of its encoding, nil if
// nothing.
func declaredEncoding(head []byte) encoding.Encoding {
	if m := xmlEncoding.FindSubmatch(head); m != nil {
		if e, _ := charset.Lookup(string(m[1])); e != nil {
			return e
		}
	}
	if e, _, certain := charset.DetermineEncoding(head, ""); certain {
		return e
	}
	return nil
}

// maxHTMLToken bounds one tag or text in memory.
const maxHTMLToken = 4 << 20

// htmlWalk turns a stream of tags into headings, paragraphs, lists and tables.
// It builds no tree: nesting costs nothing and tags need not match.
type htmlWalk struct {
	flow    *flow
	chapter string // a title that stands above already: the same heading again is dropped
	css     styleSheet

	b        bytes.Buffer
	head     int    // level of the open heading, 0 for none
	headOpen int    // elements of its name that are open
	headTag  string // by which it was opened
	pre      int
	inline   []inlineTag // open ones
	lists    []*htmlList
	item     *htmlItem // open, nil outside
	terms    []string  // of a definition list, with what follows
	defined  bool      // something has followed
	inTerm   bool      // the open block is a term
	inDef    bool      // the open block is a definition
	tables   []*htmlTable
	math     *mathtext.Builder
	formula  bool // the last that was written is a formula
}

// inlineTag is an open element within a paragraph.
type inlineTag struct {
	name string
	role inlineRole
	from int // where its text begins
}

type inlineRole int

const (
	rolePlain inlineRole = iota
	roleSuper
	roleSub
	roleLink // to a place in the page: perhaps the mark of a footnote
	roleNote // the mark of a footnote
)

// htmlSkipped hold no reading matter. Their text is passed over up to their end
// tag; elements of the same name do nest.
var htmlSkipped = letters.SetOf(`script style nav noscript template svg select button iframe object textarea datalist
	canvas audio video rp rt dialog title del`)

// htmlVoid have no end tag.
var htmlVoid = letters.SetOf(`area base br col embed hr img input link meta source track wbr`)

var htmlBlocks = letters.SetOf(`p div section article main header footer aside blockquote pre ul ol dl dt dd figure
	figcaption hr address form fieldset body caption details summary center li hgroup search menu legend`)

// htmlOptional need no end tag: these start and end tags end them, too.
var htmlOptional = map[string]map[string]bool{
	"p":  letters.SetOf(`p div ul ol table h1 h2 h3 h4 h5 h6 section article blockquote pre hr dl figure /div /section /article /td /li /body`),
	"li": letters.SetOf(`li /ul /ol /menu`), "dt": letters.SetOf(`dd /dl`), "dd": letters.SetOf(`dt /dl`),
	"td": letters.SetOf(`th tr /tr /table`), "th": letters.SetOf(`td tr /tr /table`), "tr": letters.SetOf(`/table /tbody /thead /tfoot`),
}

// htmlSkippedClasses are controls and navigation of well-known programs.
var htmlSkippedClasses = letters.SetOf(`mw-editsection noprint navbox mw-jump-link katex-html mwe-math-fallback-image-inline
	mwe-math-fallback-image-display MathJax_Preview`)

// htmlTop puts a page's own headings below that of the chapter it stands in.
const htmlTop = 1

// tagAttrs are the attributes of a tag by name.
type tagAttrs map[string]string

func (a tagAttrs) classes() []string { return strings.Fields(a["class"]) }

func (a tagAttrs) number(name string, otherwise int) int {
	n, err := strconv.Atoi(strings.TrimSpace(a[name]))
	if err != nil {
		return otherwise
	}
	return n
}

func (h *htmlWalk) walk(r io.Reader) error {
	z := html.NewTokenizer(r)
	z.SetMaxBuf(maxHTMLToken)
	skip := skipping{}
	for h.flow.err == nil {
		kind := z.Next()
		if kind == html.ErrorToken {
			h.endAll()
			if z.Err() == io.EOF {
				return nil
			}
			return z.Err()
		}
		if kind == html.TextToken {
			switch {
			case skip.style:
				h.css.read(string(z.Text()))
			case skip.tex != nil:
				skip.tex.Write(z.Text())
			case skip.depth > 0:
				skip.text = skip.text || len(bytes.TrimSpace(z.Text())) > 0
			default:
				h.text(string(z.Text()))
			}
			continue
		}
		if kind != html.StartTagToken && kind != html.EndTagToken && kind != html.SelfClosingTagToken {
			continue
		}
		raw, more := z.TagName()
		name := string(raw)
		if i := strings.LastIndexByte(name, ':'); i >= 0 && h.isMath(name[i+1:]) {
			name = name[i+1:]
		}
		open := kind != html.EndTagToken
		if kind == html.SelfClosingTagToken {
			z.NextIsNotRawText() // <script src="x"/> of XHTML ends here
		}
		if skip.depth > 0 && !skip.over(name, kind) {
			continue
		}
		if skip.done {
			own := name == skip.name && !open
			h.skipped(&skip)
			skip = skipping{}
			if own {
				continue
			}
		}
		attrs := tagAttrs{}
		for more {
			var key, value []byte
			key, value, more = z.TagAttr()
			if _, twice := attrs[string(key)]; !twice {
				attrs[string(key)] = string(value)
			}
		}
		if h.math == nil && kind == html.StartTagToken {
			if skip = h.skips(name, attrs); skip.depth > 0 {
				continue
			}
		}
		h.tag(name, attrs, open, kind == html.SelfClosingTagToken)
	}
	return h.flow.err
}

// skipping is an element that is passed over.
type skipping struct {
	name   string
	depth  int
	hidden bool // the page does not show it, though it may be text
	text   bool // there was some
	style  bool
	tex    *strings.Builder
	done   bool
}

// over takes a tag within what is skipped, and reports whether that is over.
func (s *skipping) over(name string, kind html.TokenType) bool {
	ends := htmlOptional[s.name]
	if ends != nil && (kind == html.StartTagToken && (name == s.name || ends[name]) || kind == html.EndTagToken && ends["/"+name]) {
		s.done = true
		return true
	}
	if name != s.name {
		return false
	}
	switch kind {
	case html.StartTagToken:
		s.depth++
	case html.EndTagToken:
		if s.depth--; s.depth == 0 {
			s.done = true
			return true
		}
	}
	return false
}

// skips decides whether an element is passed over.
func (h *htmlWalk) skips(name string, attrs tagAttrs) skipping {
	s := skipping{name: name, depth: 1}
	switch {
	case htmlVoid[name]:
		return skipping{}
	case name == "style":
		s.style = true
		return s
	case name == "script" && strings.HasPrefix(attrs["type"], "math/tex"):
		s.tex = &strings.Builder{}
		return s
	case htmlSkipped[name], attrs["role"] == "navigation", attrs["aria-hidden"] == "true" && name == "nobr":
		return s
	}
	for _, c := range attrs.classes() {
		if htmlSkippedClasses[c] {
			return s
		}
	}
	if _, hidden := attrs["hidden"]; (hidden || hiddenStyle.MatchString(attrs["style"])) && !strings.Contains(attrs["class"], "mwe-math") && name != "body" && name != "html" {
		s.hidden = true
		return s
	}
	return skipping{}
}

var hiddenStyle = regexp.MustCompile(`(?i)(?:^|[;\s])(?:display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all)`)

// skipped notes what was passed over.
func (h *htmlWalk) skipped(s *skipping) {
	if s.hidden && s.text {
		h.flow.out.count("hidden", 1)
	}
	if s.tex != nil && !h.formula {
		h.write(mathtext.Line(s.tex.String()))
		h.flow.formula(s.tex.String())
		h.formula = true
	}
}

func (h *htmlWalk) isMath(name string) bool { return h.math != nil || name == "math" }

func (h *htmlWalk) text(s string) {
	if h.math != nil {
		h.math.Write(s)
		return
	}
	b := h.buf()
	if h.pre > 0 {
		b.WriteString(s)
		return
	}
	if strings.TrimSpace(s) == "" {
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		return
	}
	h.formula = false
	// Line ends in the source are only spaces.
	b.WriteString(strings.NewReplacer("\n", " ", "\r", " ").Replace(s))
	if b.Len() > maxSection {
		h.overflow()
	}
}

// overflow keeps what is gathered short.
func (h *htmlWalk) overflow() {
	for _, t := range h.tables {
		h.becomeLayout(t)
	}
	h.endBlock()
}

func (h *htmlWalk) write(s string) { h.buf().WriteString(s) }

// inCell reports whether text goes into a table.
func (h *htmlWalk) inCell() bool {
	t := h.table()
	return t != nil && (t.cell != nil || t.caption)
}

func (h *htmlWalk) buf() *bytes.Buffer {
	if h.inCell() {
		return &h.table().b
	}
	return &h.b
}

func (h *htmlWalk) tag(name string, attrs tagAttrs, open, selfClosing bool) {
	if h.math != nil || name == "math" {
		h.mathTag(name, attrs, open, selfClosing)
		return
	}
	level := 0
	if len(name) == 2 && name[0] == 'h' && name[1] >= '1' && name[1] <= '6' {
		level = int(name[1] - '0')
	} else if open && attrs["role"] == "heading" {
		level = min(max(attrs.number("aria-level", 2), 1), 6)
	}
	switch {
	case level > 0:
		h.heading(name, level, open)
		return
	case h.head > 0 && name == h.headTag && open:
		h.headOpen++
	case h.head > 0 && name == h.headTag:
		if h.headOpen--; h.headOpen == 0 {
			h.heading(name, 0, false)
			return
		}
	}
	switch name {
	case "br":
		h.write("\n")
	case "img":
		if open {
			h.picture(attrs)
		}
	case "ul", "ol", "menu":
		h.endBlock()
		h.list(name, attrs, open)
	case "li":
		h.endBlock()
		h.item = nil
		if open {
			h.beginItem(attrs)
		}
	case "dt", "dd", "dl":
		h.endBlock()
		h.definition(name, open)
	case "table":
		h.tableTag(attrs, open)
	case "caption":
		if t := h.table(); t != nil && t.cell == nil {
			h.endCaption(t)
			t.caption = open
		}
	case "thead", "tbody", "tfoot":
		if t := h.top(); t != nil {
			h.endRow(t)
			t.head = open && name == "thead"
		}
	case "tr":
		if t := h.top(); t != nil {
			h.endRow(t)
		}
	case "td", "th":
		if t := h.top(); t != nil {
			h.cellTag(t, name, attrs, open)
		}
	default:
		switch {
		case htmlBlocks[name]:
			h.block(name, open)
		case !htmlVoid[name] && !selfClosing:
			h.inlineTag(name, attrs, open)
		}
	}
}

// block begins or ends a paragraph.
func (h *htmlWalk) block(name string, open bool) {
	if h.inCell() {
		h.write("\n\n")
		return
	}
	h.endBlock()
	if name == "pre" {
		if open {
			h.pre++
		} else {
			h.pre = max(h.pre-1, 0)
		}
	}
}

func (h *htmlWalk) heading(name string, level int, open bool) {
	if t := h.table(); t != nil && t.cell != nil {
		if t.headers || len(h.tables) > 1 && !h.onlyLayout() || !open && h.head == 0 {
			h.write(" ")
			return
		}
		h.becomeLayout(t) // a table with headings in it is a page
	}
	h.endBlock()
	h.head, h.headTag = 0, ""
	if open {
		h.head, h.headTag, h.headOpen = level, name, 1
	}
}

// onlyLayout reports whether the tables around the innermost only lay out.
func (h *htmlWalk) onlyLayout() bool {
	for _, t := range h.tables[:len(h.tables)-1] {
		if !t.layout {
			return false
		}
	}
	return true
}

// inlineTag opens or closes an element within a paragraph.
func (h *htmlWalk) inlineTag(name string, attrs tagAttrs, open bool) {
	const most = 300
	if open {
		if len(h.inline) < most {
			h.inline = append(h.inline, inlineTag{name, h.role(name, attrs), h.buf().Len()})
		}
		return
	}
	for i := len(h.inline) - 1; i >= 0; i-- {
		if h.inline[i].name == name {
			for n := len(h.inline); n > i; n-- { // tags may cross
				t := h.inline[n-1]
				h.inline = h.inline[:n-1]
				h.endInline(t)
			}
			return
		}
	}
}

func (h *htmlWalk) role(name string, attrs tagAttrs) inlineRole {
	switch name {
	case "sup":
		for _, c := range attrs.classes() {
			if c == "reference" || c == "footnote" || c == "footnote-ref" || c == "noteref" {
				return roleNote
			}
		}
		if n := len(h.inline); n > 0 && h.inline[n-1].role == roleLink && len(bytes.TrimSpace(h.buf().Bytes()[min(h.inline[n-1].from, h.buf().Len()):])) == 0 {
			return roleNote
		}
		return roleSuper
	case "sub":
		return roleSub
	case "a":
		switch kind := attrs["epub:type"] + " " + attrs["role"] + " " + attrs["class"]; {
		case strings.Contains(kind, "noteref"), strings.Contains(kind, "footnote-ref"):
			return roleNote
		case strings.Contains(attrs["href"], "#"):
			return roleLink
		}
		return rolePlain
	}
	switch h.css.property(name, attrs, "vertical-align") {
	case "super":
		return roleSuper
	case "sub":
		return roleSub
	}
	return rolePlain
}

// endInline writes what the element's place means: powers, indices, marks of
// footnotes.
func (h *htmlWalk) endInline(t inlineTag) {
	b := h.buf()
	if t.role == rolePlain || t.from > b.Len() {
		return
	}
	inner := clean.Line(string(b.Bytes()[t.from:]))
	role := t.role
	if role == roleLink {
		switch {
		case backLinks[inner]:
			b.Truncate(t.from)
		case noteMark.MatchString(inner): // within a raised mark, the link makes it a footnote's
			for i := range h.inline {
				if h.inline[i].role == roleSuper {
					h.inline[i].role = roleNote
				}
			}
		}
		return
	}
	if inner == "" || len(inner) > 200 {
		return
	}
	base := string(bytes.TrimRight(b.Bytes()[:t.from], " \n"))
	lead := b.Len() > t.from && b.Bytes()[t.from] == ' ' && role == roleNote
	b.Truncate(t.from)
	if lead {
		b.WriteByte(' ')
	}
	switch role {
	case roleSuper:
		b.WriteString(letters.Superscript(clean.Clip(base[max(0, len(base)-8):], 8), inner))
	case roleSub:
		b.WriteString(letters.Subscript(base[max(0, len(base)-8):], inner))
	case roleNote:
		b.WriteString(footnoteMark(inner))
	}
}

var (
	noteMark  = regexp.MustCompile(`^[\[(]?(?:\d{1,4}|[*†‡§]{1,3}|[a-z]|(?:note|n\.|nb|N) ?\d{1,3})[\])]?$`)
	backLinks = map[string]bool{"↩": true, "↩︎": true, "↑": true, "^": true, "⏎": true, "[↩]": true}
)

// footnoteMark is how the mark of a note stands in a line: [3].
func footnoteMark(inner string) string {
	if strings.HasPrefix(inner, "[") {
		return inner
	}
	return "[" + strings.Trim(inner, "()") + "]"
}

// clearInline forgets where elements began: their paragraph is over.
func (h *htmlWalk) clearInline() {
	for i := range h.inline {
		h.inline[i].role = rolePlain
	}
}

func (h *htmlWalk) mathTag(name string, attrs tagAttrs, open, selfClosing bool) {
	if h.math == nil {
		if open && !selfClosing {
			h.math = &mathtext.Builder{}
			h.math.Alt(attrs["alttext"])
		}
		return
	}
	switch {
	case name == "math" && !open:
		text, tex := h.math.Result()
		h.math = nil
		if text == "" {
			text = mathtext.Line(tex)
		}
		if text == "" {
			return
		}
		h.write(text)
		h.flow.formula(tex)
		h.formula = true
	case open:
		h.math.Start(name, attrs)
		if selfClosing {
			h.math.End()
		}
	default:
		h.math.End()
	}
}

// picture writes what a picture's author says that it shows.
func (h *htmlWalk) picture(attrs tagAttrs) {
	alt := clean.Line(attrs["alt"])
	class := attrs["class"]
	switch {
	case h.formula && (strings.Contains(class, "math") || strings.Contains(class, "tex")):
		return // the same formula again, as a picture
	case alt != "" && (strings.Contains(class, "tex") || strings.Contains(class, "math") || strings.HasPrefix(alt, `{\displaystyle`)):
		tex := mathtext.TrimTeX(strings.Trim(alt, "$"))
		h.write(mathtext.Line(tex))
		h.flow.formula(tex)
		h.formula = true
		return
	case alt != "" && utf8.RuneCountInString(alt) <= 2: // a face
		h.write(alt)
		return
	}
	if small := attrs.number("width", 1000); small < 48 || attrs.number("height", 1000) < 48 {
		return
	}
	h.flow.out.count("pictures", 1)
	if alt = pictureText(alt); alt == "" {
		h.flow.out.count("pictures_without_text", 1)
		return
	}
	h.write(" " + alt + " ")
}

// pictureText is how a picture's alternative text stands in a line; "" where it
// only repeats the name of a file.
func pictureText(alt string) string {
	if alt = clean.Line(alt); alt == "" || fileName.MatchString(alt) {
		return ""
	}
	return "[picture: " + clean.Clip(alt, 1000) + "]"
}

var fileName = regexp.MustCompile(`(?i)^\S*\.(?:png|jpe?g|gif|svg|webp|bmp|tiff?|emf|wmf)$|^[\w .()-]{1,80}\.(?:png|jpe?g|gif|svg|webp|bmp|tiff?|emf|wmf)$|^(?:image|img|picture|photo|grafik|graphic|bild|imagen|dsc|screenshot|object)[-_ ]*\d*$|^(?:https?|file|cid|data):\S*$`)

// maxHeld bounds the items that wait for the length of their list.
const maxHeld = 5000

func (h *htmlWalk) endBlock() {
	if h.inCell() {
		return
	}
	h.clearInline()
	h.formula = false
	text := strings.TrimSpace(h.b.String())
	h.b.Reset()
	if text == "" {
		return
	}
	text = texIn(h.flow, text)
	switch {
	case h.head > 0:
		if !strings.EqualFold(clean.Line(text), h.chapter) {
			h.flow.heading(float64(h.head)+htmlTop, text)
		}
	case h.item != nil:
		h.say(h.item, text)
	case h.inTerm && len(h.terms) < 20:
		h.terms = append(h.terms, clean.Clip(clean.Line(text), 300))
	case h.inDef && len(h.terms) > 0:
		h.defined = true
		h.flow.item(strings.Join(h.terms, ", ")+":", text)
	default:
		h.flow.para(text)
	}
}

// endAll closes what the page left open.
func (h *htmlWalk) endAll() {
	for t := h.top(); t != nil; t = h.top() {
		h.endTable(t)
	}
	h.endBlock()
	for i := len(h.lists) - 1; i >= 0; i-- {
		h.endCountdown(h.lists[i])
	}
	h.lists, h.item = nil, nil
	h.definition("dl", false)
}

// texIn makes the TeX between the marks of MathJax readable.
func texIn(f *flow, text string) string {
	if !strings.Contains(text, `\(`) && !strings.Contains(text, `\[`) && !strings.Contains(text, "$$") {
		return text
	}
	return texDelimited.ReplaceAllStringFunc(text, func(s string) string {
		tex := strings.TrimSpace(s[2 : len(s)-2])
		line := mathtext.Line(tex)
		if line == "" {
			return s
		}
		f.formula(tex)
		return line
	})
}

var texDelimited = regexp.MustCompile(`(?s)\\\(.+?\\\)|\\\[.+?\\\]|\$\$.+?\$\$`)

var (
	cssRule     = regexp.MustCompile(`([^{}]+)\{([^{}]*)\}`)
	cssSelector = regexp.MustCompile(`(?:^|[\s>])([a-zA-Z][\w-]*)?(\.[\w-]+)?$`)
	cssProperty = regexp.MustCompile(`(?i)(?:^|[;\s])(vertical-align|list-style-type|list-style)\s*:\s*([^;]+)`)
)

const (
	maxStyles = 5000      // rules that are kept
	maxCSS    = 512 << 10 // bytes of a style sheet that are looked at
)

// listStyles are the forms of numbers by their names in CSS and HTML.
var listStyles = map[string]letters.NumberForm{
	"1": letters.Decimal, "decimal": letters.Decimal, "decimal-leading-zero": letters.LeadingZero,
	"a": letters.LowerLetter, "lower-alpha": letters.LowerLetter, "lower-latin": letters.LowerLetter,
	"A": letters.UpperLetter, "upper-alpha": letters.UpperLetter, "upper-latin": letters.UpperLetter,
	"i": letters.LowerRoman, "lower-roman": letters.LowerRoman, "I": letters.UpperRoman, "upper-roman": letters.UpperRoman,
	"lower-greek": letters.LowerGreek, "none": letters.NoNumber, "disc": letters.BulletForm, "circle": letters.BulletForm, "square": letters.BulletForm,
}
