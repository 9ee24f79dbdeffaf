// Package mathtext writes formulas as people type them, and as TeX: those of MathML, of
// Office and of TeX itself.
package mathtext

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/clean"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/letters"
)

// node is a formula: MathML's elements, or TeX turned into them.
type node struct {
	name string // of the element: "mi", "mfrac"; "mrow" for what only groups
	text string // of mi, mn, mo, mtext
	attr map[string]string
	kids []*node
}

const (
	maxNodes    = 5000
	maxDepth    = 60
	maxTeXBytes = 4000
)

// Builder makes a formula of start tags, end tags and text.
type Builder struct {
	root  node
	open  []*node
	nodes int
	over  int    // open elements beyond the limits
	tex   string // of an annotation
	note  *strings.Builder
}

// knownAttrs are the attributes that change what a formula says.
var knownAttrs = map[string]bool{"open": true, "close": true, "separators": true, "encoding": true, "alttext": true, "accent": true}

// Alt takes what an author wrote about a formula, in TeX. An annotation within
// the formula counts more.
func (b *Builder) Alt(tex string) { b.tex = TrimTeX(tex) }

// Start opens an element; of its attributes only those of knownAttrs are kept.
func (b *Builder) Start(name string, attr map[string]string) {
	if b.over > 0 || len(b.open) >= maxDepth || b.nodes >= maxNodes {
		b.over++
		return
	}
	b.nodes++
	n := &node{name: name, attr: map[string]string{}}
	for k, v := range attr {
		if knownAttrs[k] {
			n.attr[k] = v
		}
	}
	if name == "annotation" {
		b.note = &strings.Builder{}
	}
	at := b.at()
	at.kids = append(at.kids, n)
	b.open = append(b.open, n)
}

func (b *Builder) at() *node {
	if n := len(b.open); n > 0 {
		return b.open[n-1]
	}
	return &b.root
}

// Write adds to the text of the open element.
func (b *Builder) Write(s string) {
	switch {
	case b.over > 0:
	case b.note != nil:
		if b.note.Len() < maxTeXBytes {
			b.note.WriteString(s)
		}
	default:
		if at := b.at(); len(at.text) < maxTeXBytes {
			at.text += s
		}
	}
}

// End closes the open element.
func (b *Builder) End() {
	if b.over > 0 {
		b.over--
		return
	}
	n := len(b.open)
	if n == 0 {
		return
	}
	e := b.open[n-1]
	b.open = b.open[:n-1]
	if e.name == "annotation" && b.note != nil {
		if kind := strings.ToLower(e.attr["encoding"]); strings.Contains(kind, "tex") {
			b.tex = strings.TrimSpace(b.note.String())
		}
		b.note = nil
	}
}

// Result is the formula in a line, and as TeX.
func (b *Builder) Result() (text, tex string) {
	text = clean.Line(b.root.line())
	tex = b.tex
	if tex == "" {
		tex = clean.Line(b.root.tex())
	}
	return text, TrimTeX(tex)
}

// TrimTeX takes away what only says how a formula is set.
func TrimTeX(tex string) string {
	tex = clean.Line(tex)
	if strings.HasPrefix(tex, `{\displaystyle`) && strings.HasSuffix(tex, "}") {
		tex = strings.TrimSpace(tex[len(`{\displaystyle`) : len(tex)-1])
	}
	return strings.TrimSpace(strings.TrimPrefix(tex, `\displaystyle`))
}

func (m *node) kid(i int) *node {
	if i < len(m.kids) {
		return m.kids[i]
	}
	return &node{}
}

// line writes the formula as people type one: (a + b)/c, x², √(2gh).
func (m *node) line() string {
	switch m.name {
	case "annotation", "annotation-xml", "mphantom":
		return ""
	case "mi", "mn", "mo", "mtext", "ms":
		return clean.Line(invisibleOperators.Replace(m.text))
	case "mspace":
		return " "
	case "semantics":
		return m.kid(0).line()
	case "mfrac":
		if m.attr["linethickness"] == "0" {
			return "(" + m.kid(0).line() + " over " + m.kid(1).line() + ")"
		}
		return grouped(m.kid(0)) + "/" + grouped(m.kid(1))
	case "msqrt":
		return "√" + grouped(&node{name: "mrow", kids: m.kids})
	case "mroot":
		return letters.Raise(m.kid(1).line()) + "√" + grouped(m.kid(0))
	case "msup":
		return based(m.kid(0)) + letters.Raise(m.kid(1).line())
	case "msub":
		return based(m.kid(0)) + letters.Lower(m.kid(1).line())
	case "msubsup":
		return based(m.kid(0)) + letters.Lower(m.kid(1).line()) + letters.Raise(m.kid(2).line())
	case "munder":
		return bounded(m.kid(0), m.kid(1), nil)
	case "mover":
		if accent := m.accent(); accent != "" {
			base := m.kid(0).line()
			if utf8.RuneCountInString(base) == 1 {
				return base + accent
			}
			return accentNames[accent] + "(" + base + ")"
		}
		return bounded(m.kid(0), nil, m.kid(1))
	case "munderover":
		return bounded(m.kid(0), m.kid(1), m.kid(2))
	case "mfenced":
		parts := make([]string, len(m.kids))
		for i, k := range m.kids {
			parts[i] = k.line()
		}
		return orElse(m.attr, "open", "(") + strings.Join(parts, ", ") + orElse(m.attr, "close", ")")
	case "mtable":
		rows := make([]string, len(m.kids))
		for i, r := range m.kids {
			cells := make([]string, len(r.kids))
			for k, c := range r.kids {
				cells[k] = c.line()
			}
			rows[i] = strings.Join(cells, " ")
		}
		return strings.Join(rows, "; ")
	case "mmultiscripts": // an isotope: the numbers stand before it
		return multiscripts(m)
	}
	return row(m.kids)
}

func orElse(attr map[string]string, name, usual string) string {
	if v, ok := attr[name]; ok {
		return v
	}
	return usual
}

// invisibleOperators stand between what is multiplied or applied.
var invisibleOperators = strings.NewReplacer("\u2061", "", "\u2062", "", "\u2063", "", "\u2064", "", "\u00a0", " ")

// row writes neighbours: with spaces around what relates two sides.
func row(kids []*node) string {
	var b strings.Builder
	before := "" // the operator before, or "" behind an operand
	first := true
	for _, k := range kids {
		s := k.line()
		if s == "" {
			continue
		}
		op := k
		for len(op.kids) == 1 && (op.name == "mrow" || op.name == "mstyle" || op.name == "mpadded") {
			op = op.kids[0]
		}
		text := b.String()
		switch {
		case op.name == "mo" && relations[s] && !first && before == "":
			b.WriteString(" " + s + " ")
			before = s
		case op.name == "mo" && (s == "," || s == ";"):
			b.WriteString(s + " ")
			before = s
		case op.name == "mo":
			b.WriteString(s)
			before = s
			if closing[s] || s == "!" || s == "%" || s == "′" || s == "°" {
				before = ""
			}
		default:
			if before == "" && op.name == "mi" && (len(s) > 1 || isWord(text)) && letterLast(text) && letterFirst(s) {
				b.WriteByte(' ') // sin x
			}
			b.WriteString(s)
			before = ""
		}
		first = false
	}
	return b.String()
}

// isWord reports whether text ends in a name of several letters.
func isWord(text string) bool {
	word := text[strings.LastIndexFunc(text, func(r rune) bool { return !unicode.IsLetter(r) })+1:]
	return len(word) > 1 && word == strings.ToLower(word) && functions[word]
}

var functions = map[string]bool{"sin": true, "cos": true, "tan": true, "log": true, "ln": true, "exp": true, "lim": true, "max": true, "min": true, "det": true, "cot": true, "sec": true, "csc": true, "arcsin": true, "arccos": true, "arctan": true}

func letterLast(s string) bool {
	r, _ := utf8.DecodeLastRuneInString(s)
	return unicode.IsLetter(r)
}

func letterFirst(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return unicode.IsLetter(r)
}

var relations = letters.SetOf("= + - − ± ∓ × ÷ ⋅ · ∗ * < > ≤ ≥ ≠ ≈ ≡ ∼ ≅ ∝ → ← ↔ ⇒ ⇐ ⇔ ⇌ ∈ ∉ ⊂ ⊆ ∪ ∩ ∧ ∨ ⊥ ∥ ⟶ ⟹ :=")
var closing = letters.SetOf(") ] } ⟩ | ‖")

// grouped puts a side into brackets if it is more than one thing.
func grouped(m *node) string {
	s := strings.TrimSpace(m.line())
	if one := m.alone(); s == "" || one != nil && one.name != "mfrac" && !strings.Contains(s, " ") || inBrackets(s) {
		return s
	}
	return "(" + s + ")"
}

// based is what a power stands on: brackets of the author's stay as they are.
func based(m *node) string {
	if one := m.alone(); one != nil && one.name == "mo" {
		return one.line()
	}
	return grouped(m)
}

// alone is the only thing in a group, or nil.
func (m *node) alone() *node {
	for m.name == "mrow" || m.name == "mstyle" || m.name == "mpadded" || m.name == "semantics" || m.name == "" {
		var only *node
		for _, k := range m.kids {
			if k.name == "annotation" || k.name == "annotation-xml" || k.name == "mspace" || len(k.kids) == 0 && strings.TrimSpace(k.text) == "" {
				continue
			}
			if only != nil {
				return nil
			}
			only = k
		}
		if only == nil {
			return nil
		}
		m = only
	}
	return m
}

// bounded writes a sum, an integral or a limit with its bounds.
func bounded(base, under, over *node) string {
	s := based(base)
	if under != nil {
		s += letters.Lower(under.line())
	}
	if over != nil {
		s += letters.Raise(over.line())
	}
	return s + " "
}

var (
	accents = map[string]string{"→": "\u20d7", "⃗": "\u20d7", "¯": "\u0304", "‾": "\u0304", "_": "\u0304", "^": "\u0302", "ˆ": "\u0302",
		"~": "\u0303", "˜": "\u0303", "˙": "\u0307", ".": "\u0307", "¨": "\u0308", "―": "\u0304"}
	accentNames = map[string]string{"\u20d7": "vec", "\u0304": "bar", "\u0302": "hat", "\u0303": "tilde", "\u0307": "dot", "\u0308": "ddot"}
)

// accent is the mark over the base, as a combining letter, or "".
func (m *node) accent() string {
	over := m.kid(1)
	if one := over.alone(); one != nil {
		over = one
	}
	return accents[strings.TrimSpace(over.text)]
}

func multiscripts(m *node) string {
	pre := len(m.kids)
	for i, k := range m.kids {
		if k.name == "mprescripts" {
			pre = i
		}
	}
	scripts := func(kids []*node) (s string) {
		for i, k := range kids {
			write := letters.Lower
			if i%2 == 1 {
				write = letters.Raise
			}
			if k.name != "none" && k.name != "mprescripts" {
				s += write(k.line())
			}
		}
		return s
	}
	if len(m.kids) == 0 {
		return ""
	}
	before := ""
	if pre+1 < len(m.kids) {
		before = scripts(m.kids[pre+1:])
	}
	return before + m.kids[0].line() + scripts(m.kids[1:min(max(pre, 1), len(m.kids))])
}

// tex writes the formula as TeX.
func (m *node) tex() string {
	switch m.name {
	case "annotation", "annotation-xml", "mphantom":
		return ""
	case "mi", "mn", "mo", "ms":
		s := clean.Line(invisibleOperators.Replace(m.text))
		if command := texOf[s]; command != "" {
			return command + " "
		}
		if functions[s] {
			return `\` + s + " "
		}
		if m.name == "mi" && utf8.RuneCountInString(s) > 1 {
			return `\mathrm{` + s + "}"
		}
		return s
	case "mtext":
		return `\text{` + clean.Line(m.text) + "}"
	case "mspace":
		return " "
	case "semantics":
		return m.kid(0).tex()
	case "mfrac":
		return `\frac{` + m.kid(0).tex() + "}{" + m.kid(1).tex() + "}"
	case "msqrt":
		return `\sqrt{` + (&node{kids: m.kids}).tex() + "}"
	case "mroot":
		return `\sqrt[` + m.kid(1).tex() + "]{" + m.kid(0).tex() + "}"
	case "msup":
		return texGroup(m.kid(0)) + "^{" + m.kid(1).tex() + "}"
	case "msub", "munder":
		return texGroup(m.kid(0)) + "_{" + m.kid(1).tex() + "}"
	case "msubsup", "munderover":
		return texGroup(m.kid(0)) + "_{" + m.kid(1).tex() + "}^{" + m.kid(2).tex() + "}"
	case "mover":
		if name := accentNames[m.accent()]; name != "" {
			return `\` + name + "{" + m.kid(0).tex() + "}"
		}
		return texGroup(m.kid(0)) + "^{" + m.kid(1).tex() + "}"
	case "mfenced":
		parts := make([]string, len(m.kids))
		for i, k := range m.kids {
			parts[i] = k.tex()
		}
		return orElse(m.attr, "open", "(") + strings.Join(parts, ",") + orElse(m.attr, "close", ")")
	case "mtable":
		rows := make([]string, len(m.kids))
		for i, r := range m.kids {
			cells := make([]string, len(r.kids))
			for k, c := range r.kids {
				cells[k] = c.tex()
			}
			rows[i] = strings.Join(cells, " & ")
		}
		return `\begin{matrix}` + strings.Join(rows, ` \\ `) + `\end{matrix}`
	}
	var b strings.Builder
	for _, k := range m.kids {
		b.WriteString(k.tex())
	}
	return b.String()
}

func texGroup(m *node) string {
	s := strings.TrimSpace(m.tex())
	if utf8.RuneCountInString(s) <= 1 || strings.HasPrefix(s, `\`) && !strings.ContainsAny(s, " {") {
		return s
	}
	return "{" + s + "}"
}
