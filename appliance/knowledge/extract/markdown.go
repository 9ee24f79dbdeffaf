package extract

import (
	"html"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/letters"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/mathtext"
)

// readMarkdown reads text with headings, lists and tables, line by line.
func readMarkdown(j *job) error {
	m := &markdown{}
	err := j.eachLine(func(f *flow, para *paragraph, line string) {
		m.flow, m.para = f, para
		m.line(line)
	}, func() { m.end() })
	return err
}

// markdown is the walk through a text with marks.
type markdown struct {
	flow   *flow
	para   *paragraph
	seen   int    // lines
	front  bool   // within the head of settings
	fence  string // that ends the open block of code
	html   strings.Builder
	ending string // tag that ends the open block of HTML, "" outside
	lists  []mdList
	item   *mdItem
	blank  bool // the line before was
	table  *grid
}

// mdList is an open list.
type mdList struct {
	indent int // where its marks stand
	mark   byte
	number int // of the last item
}

// mdItem is the open item.
type mdItem struct {
	marker string
	text   strings.Builder
}

var (
	atxHeading = regexp.MustCompile(`^(#{1,6})(?:[ \t]+(.+?))?[ \t]*#*$`)
	mdAnchor   = regexp.MustCompile(`[ \t]*\{[#.:][^{}]*\}$`)
	underline  = regexp.MustCompile(`^(=+|-{2,})$`)
	rule       = regexp.MustCompile(`^([-*_][ \t]*){3,}$`)
	tableRule  = regexp.MustCompile(`^\|?[ \t]*:?-+:?[ \t]*(\|[ \t]*:?-+:?[ \t]*)*\|?$`)
	// mdTableRule is a row of names with the rule below it.
	mdTableRule = regexp.MustCompile(`(?m)^[^\n]*\|[^\n]*\n[ \t]*\|?[ \t]*:?-+:?[ \t]*(\|[ \t]*:?-+:?[ \t]*)+\|?[ \t\r]*$`)
	listMark    = regexp.MustCompile(`^([ \t]*)([-*+]|\d{1,9}[.)])(?:([ \t]+)(.*)|)$`)
	mdSetting   = regexp.MustCompile(`^[A-Za-z_][\w -]*:`)
	mdTitle     = regexp.MustCompile(`^title:[ \t]*["']?(.*?)["']?$`)
	mdHTML      = regexp.MustCompile(`(?i)^<(table|details|div|ul|ol|dl|figure|section|article|p|center|h[1-6]|blockquote|math|style|script|pre|img|svg)\b`)
	mdNote      = regexp.MustCompile(`^\[\^([^\]\s]{1,40})\]:[ \t]*(.*)$`)
	mdLabel     = regexp.MustCompile(`^\[[^\]]+\]:[ \t]*\S+([ \t]+["'(].*)?$`)

	mdImage    = regexp.MustCompile(`!\[([^\]]*)\](?:\([^()]*(?:\([^()]*\)[^()]*)*\)|\[[^\]]*\])`)
	mdLink     = regexp.MustCompile(`\[([^\]]+)\]\([^()]*(?:\([^()]*\)[^()]*)*\)`)
	mdRefLink  = regexp.MustCompile(`\[([^\]^]+)\]\[[^\]]*\]`)
	mdNoteMark = regexp.MustCompile(`\[\^([^\]\s]{1,40})\]`)
	mdEmphasis = regexp.MustCompile(`(\*\*|__)(\S.*?\S|\S)(\*\*|__)|\*(\S[^*]*?\S|\S)\*`)
	mdUnder    = regexp.MustCompile(`(^|[\s(])_(\S[^_]*?\S|\S)_($|[\s).,;:!?])`)
	mdDeleted  = regexp.MustCompile(`~~(\S.*?\S|\S)~~`)
	mdRaised   = regexp.MustCompile(`([\pL\pN)\]])\^([^\s^*]{1,12})\^|([\pL\pN)\]])<sup>(.{1,40}?)</sup>`)
	mdLowered  = regexp.MustCompile(`(\pL)~([^\s~]{1,12})~|([\pL\pN)\]])<sub>(.{1,40}?)</sub>`)
	mdBreak    = regexp.MustCompile(`(?i)<br[ \t]*/?>`)
	mdTag      = regexp.MustCompile(`</?[a-zA-Z][^<>]{0,300}>|<!--.*?-->`)
	mdAuto     = regexp.MustCompile(`<((?:https?|mailto):[^<>\s]+)>`)
	mdMath     = regexp.MustCompile(`(^|[^\\$\pL\pN])\$([^\s$]|[^\s$][^$]{0,500}?[^\s$\\])\$($|[^\pN$])`)
	mdEscape   = regexp.MustCompile("\\\\([!-/:-@\\[-`{-~])")
)

func (m *markdown) line(line string) {
	m.seen++
	line = strings.ReplaceAll(line, "\t", "    ")
	trimmed := strings.TrimSpace(line)
	switch {
	case m.seen == 1 && trimmed == "---":
		m.front = true
		return
	case m.front:
		if trimmed == "---" || trimmed == "..." {
			m.front = false
			return
		}
		if m.seen < 60 && (trimmed == "" || mdSetting.MatchString(trimmed) || line[0] == ' ' || line[0] == '-') {
			if t := mdTitle.FindStringSubmatch(trimmed); t != nil {
				m.flow.heading(0.5, t[1])
			}
			return
		}
		m.front = false // it was a line only
	case m.fence != "":
		if strings.HasPrefix(trimmed, m.fence) && strings.Trim(trimmed, m.fence[:1]) == "" {
			m.fence = ""
			m.para.end(m.flow)
			return
		}
		m.para.add(m.flow, line)
		return
	case m.ending != "":
		m.htmlLine(line, trimmed)
		return
	}
	m.block(line, trimmed)
	m.blank = trimmed == ""
}

// block takes a line outside of code and HTML.
func (m *markdown) block(line, trimmed string) {
	for strings.HasPrefix(trimmed, ">") { // a quotation reads like the rest
		line = strings.TrimPrefix(trimmed[1:], " ")
		trimmed = strings.TrimSpace(line)
	}
	if m.table != nil {
		if strings.Contains(trimmed, "|") {
			m.row(trimmed, false)
			return
		}
		m.endTable()
	}
	indent := len(line) - len(strings.TrimLeft(line, " "))
	switch {
	case trimmed == "":
		m.endItem()
		m.endPara()
	case strings.HasPrefix(trimmed, "```"), strings.HasPrefix(trimmed, "~~~"):
		m.endItem()
		m.endPara()
		m.fence = trimmed[:len(trimmed)-len(strings.TrimLeft(trimmed, trimmed[:1]))]
	case indent < 4 && atxHeading.MatchString(trimmed):
		m.endAll()
		h := atxHeading.FindStringSubmatch(trimmed)
		m.flow.heading(float64(len(h[1])), m.inline(mdAnchor.ReplaceAllString(h[2], "")))
	case underline.MatchString(trimmed) && m.item == nil && (m.para.lines == 1 || m.para.lines > 1 && trimmed[0] == '='):
		level := 1.0
		if trimmed[0] == '-' {
			level = 2
		}
		before, title := "", m.para.take()
		if i := strings.LastIndexByte(title, '\n'); i >= 0 { // nobody left a blank line before the heading
			before, title = title[:i], title[i+1:]
		}
		m.flow.para(m.inline(before))
		m.lists = nil
		m.flow.heading(level, mdAnchor.ReplaceAllString(m.inline(title), ""))
	case tableRule.MatchString(trimmed) && strings.Contains(trimmed, "|") && m.para.lines > 0:
		m.beginTable()
	case rule.MatchString(trimmed):
		m.endAll()
	case mdNote.MatchString(trimmed):
		m.endAll()
		n := mdNote.FindStringSubmatch(trimmed)
		m.flow.out.count("footnotes", 1)
		m.para.add(m.flow, "["+n[1]+"] "+n[2])
	case mdLabel.MatchString(trimmed):
	case strings.HasPrefix(trimmed, ": ") && m.item == nil && m.para.lines == 1: // what a term means
		term := m.inline(m.para.take())
		m.flow.item(term+":", m.inline(trimmed[2:]))
	case indent < 4 && mdHTML.MatchString(trimmed):
		m.endAll()
		m.ending = strings.ToLower(mdHTML.FindStringSubmatch(trimmed)[1])
		m.htmlLine(line, trimmed)
	case m.listLine(line):
	case m.item != nil: // goes on, indented or not
		m.item.text.WriteString(" " + trimmed)
		if m.item.text.Len() > maxSection {
			m.endItem()
		}
	case len(m.lists) > 0 && indent > m.lists[0].indent: // another paragraph of an item
		m.flow.item("", m.inline(trimmed))
	default:
		m.lists = nil
		m.para.add(m.flow, line)
	}
}

// listLine takes a line that begins an item of a list.
func (m *markdown) listLine(line string) bool {
	l := listMark.FindStringSubmatch(line)
	if l == nil || l[4] == "" && m.item == nil && m.para.lines > 0 {
		return false
	}
	indent, mark, n := len(l[1]), l[2][len(l[2])-1], 0
	ordered := len(l[2]) > 1
	if ordered {
		n, _ = strconv.Atoi(l[2][:len(l[2])-1])
		if m.para.lines > 0 && n != 1 && len(m.lists) == 0 { // a line of prose that begins with a number
			return false
		}
	}
	if indent >= 4 && len(m.lists) == 0 { // code
		return false
	}
	m.endItem()
	m.endPara()
	for k := len(m.lists); k > 0 && m.lists[k-1].indent > indent+1; k-- {
		m.lists = m.lists[:k-1]
	}
	const deepest = 300
	k := len(m.lists)
	if k == 0 || indent > m.lists[k-1].indent+1 && k < deepest {
		m.lists = append(m.lists, mdList{indent: indent, mark: mark, number: n})
	} else if at := &m.lists[k-1]; at.mark != mark {
		*at = mdList{indent: indent, mark: mark, number: n}
	} else if ordered { // 1. 1. 1. counts, 1. 2. 4. is as it is
		at.number = max(at.number+1, n)
	}
	marker := "-"
	if ordered {
		marker = strconv.Itoa(m.lists[len(m.lists)-1].number) + string(mark)
	}
	m.item = &mdItem{marker: marker}
	m.item.text.WriteString(strings.TrimPrefix(strings.TrimPrefix(l[4], "[ ] "), "[x] "))
	return true
}

func (m *markdown) endItem() {
	if m.item != nil {
		m.flow.item(m.item.marker, m.inline(m.item.text.String()))
		m.item = nil
	}
}

func (m *markdown) endPara() {
	m.flow.para(m.inline(m.para.take()))
}

// endAll ends what is open before a block of another kind.
func (m *markdown) endAll() {
	m.endItem()
	m.endPara()
	m.lists = nil
}

// end closes what the text left open.
func (m *markdown) end() {
	if m.ending != "" {
		m.endHTML()
	}
	m.endItem()
	if m.fence == "" {
		m.endPara()
	}
	m.endTable()
}

// htmlLine gathers a block of HTML up to its end tag, or a blank line.
func (m *markdown) htmlLine(line, trimmed string) {
	m.html.WriteString(line + "\n")
	whole := m.ending == "table" || m.ending == "script" || m.ending == "style" || m.ending == "pre" || m.ending == "math"
	if trimmed == "" && !whole || m.html.Len() > 1<<20 || whole && strings.Contains(strings.ToLower(line), "</"+m.ending) {
		m.endHTML()
	}
}

func (m *markdown) endHTML() {
	m.ending = ""
	block := m.html.String()
	m.html.Reset()
	_ = (&htmlWalk{flow: m.flow}).walk(strings.NewReader(block)) // of a string: only the flow's error, which it keeps
}

// beginTable makes the last line of the paragraph the names of the columns.
func (m *markdown) beginTable() {
	m.endItem()
	before := m.para.take()
	i := strings.LastIndexByte(before, '\n')
	if i > 0 {
		m.flow.para(m.inline(before[:i]))
	}
	m.lists = nil
	m.table = m.flow.openTable("")
	m.row(strings.TrimSpace(before[i+1:]), true)
}

// row takes the cells of a line: a bar within code or behind a backslash
// belongs to its cell.
func (m *markdown) row(line string, header bool) {
	line = strings.TrimSuffix(strings.TrimPrefix(line, "|"), "|")
	var cell strings.Builder
	code := false
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case c == '\\' && i+1 < len(line) && line[i+1] == '|':
			cell.WriteByte('|')
			i++
		case c == '|' && !code:
			m.table.cell(m.inline(cell.String()), 1, 1, header)
			cell.Reset()
		default:
			if c == '`' {
				code = !code
			}
			cell.WriteByte(c)
		}
	}
	m.table.cell(m.inline(cell.String()), 1, 1, header)
	m.table.endRow()
}

func (m *markdown) endTable() {
	if m.table != nil {
		m.table.close()
		m.table = nil
	}
}

// inline takes the marks out of a text and leaves what they say. Code stays as
// it is.
func (m *markdown) inline(s string) string {
	if !strings.ContainsAny(s, "`") {
		return m.marks(s)
	}
	parts := strings.Split(s, "`")
	for i := range parts {
		if i%2 == 0 {
			parts[i] = m.marks(parts[i])
		}
	}
	return strings.Join(parts, "")
}

func (m *markdown) marks(s string) string {
	if strings.IndexFunc(s, func(r rune) bool {
		return r < 0x80 && (unicode.IsPunct(r) || unicode.IsSymbol(r)) && r != '.' && r != ','
	}) < 0 {
		return s
	}
	if strings.Contains(s, "$") {
		s = mdMath.ReplaceAllStringFunc(texIn(m.flow, s), func(all string) string {
			g := mdMath.FindStringSubmatch(all)
			if !strings.ContainsAny(g[2], `\^_=+{`) && len(g[2]) > 2 { // money
				return all
			}
			m.flow.formula(g[2])
			return g[1] + mathtext.Line(g[2]) + g[3]
		})
	} else {
		s = texIn(m.flow, s)
	}
	// What stands behind a backslash is no mark.
	s = mdEscape.ReplaceAllStringFunc(s, func(c string) string { return string(rune(c[1]) + mdEscaped) })
	s = mdImage.ReplaceAllStringFunc(s, func(all string) string {
		m.flow.out.count("pictures", 1)
		text := pictureText(mdImage.FindStringSubmatch(all)[1])
		if text == "" {
			m.flow.out.count("pictures_without_text", 1)
		}
		return text
	})
	s = mdLink.ReplaceAllString(s, "$1")
	s = mdRefLink.ReplaceAllString(s, "$1")
	s = mdNoteMark.ReplaceAllString(s, "[$1]")
	s = scriptedForm(s, mdRaised, letters.Superscript)
	s = mdDeleted.ReplaceAllString(s, "")
	s = scriptedForm(s, mdLowered, letters.Subscript)
	s = mdEmphasis.ReplaceAllString(s, "$2$4")
	s = mdUnder.ReplaceAllString(s, "$1$2$3")
	if strings.ContainsRune(s, '<') {
		s = mdAuto.ReplaceAllString(s, "$1")
		s = mdTag.ReplaceAllString(mdBreak.ReplaceAllString(s, "\n"), "")
	}
	if strings.ContainsRune(s, '&') {
		s = html.UnescapeString(s)
	}
	return strings.Map(func(r rune) rune {
		if r >= mdEscaped && r < mdEscaped+0x80 {
			return r - mdEscaped
		}
		return r
	}, s)
}

// mdEscaped is where characters behind a backslash wait: in a private area that
// texts do not use.
const mdEscaped = 0xe000

// scriptedForm writes powers and indices: a base and a text in either form.
func scriptedForm(s string, form *regexp.Regexp, write func(base, text string) string) string {
	if !form.MatchString(s) {
		return s
	}
	return form.ReplaceAllStringFunc(s, func(all string) string {
		g := form.FindStringSubmatch(all)
		base, text := g[1]+g[3], g[2]+g[4]
		return base + write(base, text)
	})
}

// looksLikeMarkdown asks for headings, which matter to us; one "#" line may be
// a comment.
func looksLikeMarkdown(text string) bool {
	if strings.HasPrefix(text, "#!") {
		return false
	}
	headings, marks := 0, 0
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		switch {
		case len(line) > 1 && atxHeading.MatchString(line) && strings.Trim(line, "# ") != "":
			headings++
		case strings.HasPrefix(line, "```"), mdLink.MatchString(line), strings.HasPrefix(line, "* "),
			strings.HasPrefix(line, "- "), strings.Contains(line, "**"), len(line) > 2 && underline.MatchString(line),
			strings.HasPrefix(line, "|") && tableRule.MatchString(line):
			marks++
		}
	}
	return headings > 1 || headings == 1 && (marks > 0 || strings.HasPrefix(strings.TrimSpace(text), "#")) || marks > 3
}
