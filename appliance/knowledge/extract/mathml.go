package extract

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/clean"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/letters"
)

// mathNode is a formula: MathML's elements, or TeX turned into them.
type mathNode struct {
	name string // of the element: "mi", "mfrac"; "mrow" for what only groups
	text string // of mi, mn, mo, mtext
	attr map[string]string
	kids []*mathNode
}

const (
	maxMathNodes = 5000
	maxMathDepth = 60
	maxTeXBytes  = 4000
)

// mathBuilder makes a formula of start tags, end tags and text.
type mathBuilder struct {
	root  mathNode
	open  []*mathNode
	nodes int
	over  int    // open elements beyond the limits
	tex   string // of an annotation
	note  *strings.Builder
}

// mathAttrs are the attributes that change what a formula says.
var mathAttrs = map[string]bool{"open": true, "close": true, "separators": true, "encoding": true, "alttext": true, "accent": true}

func (b *mathBuilder) start(name string, attr map[string]string) {
	if b.over > 0 || len(b.open) >= maxMathDepth || b.nodes >= maxMathNodes {
		b.over++
		return
	}
	b.nodes++
	n := &mathNode{name: name, attr: attr}
	if name == "annotation" {
		b.note = &strings.Builder{}
	}
	at := b.at()
	at.kids = append(at.kids, n)
	b.open = append(b.open, n)
}

func (b *mathBuilder) at() *mathNode {
	if n := len(b.open); n > 0 {
		return b.open[n-1]
	}
	return &b.root
}

func (b *mathBuilder) write(s string) {
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

func (b *mathBuilder) end() {
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

// result is the formula in a line, and as TeX.
func (b *mathBuilder) result() (text, tex string) {
	text = clean.Line(b.root.line())
	tex = b.tex
	if tex == "" {
		tex = clean.Line(b.root.tex())
	}
	return text, trimTeX(tex)
}

// trimTeX takes away what only says how a formula is set.
func trimTeX(tex string) string {
	tex = clean.Line(tex)
	if strings.HasPrefix(tex, `{\displaystyle`) && strings.HasSuffix(tex, "}") {
		tex = strings.TrimSpace(tex[len(`{\displaystyle`) : len(tex)-1])
	}
	return strings.TrimSpace(strings.TrimPrefix(tex, `\displaystyle`))
}

func (m *mathNode) kid(i int) *mathNode {
	if i < len(m.kids) {
		return m.kids[i]
	}
	return &mathNode{}
}

// line writes the formula as people type one: (a + b)/c, x², √(2gh).
func (m *mathNode) line() string {
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
		return "√" + grouped(&mathNode{name: "mrow", kids: m.kids})
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
	return mathRow(m.kids)
}

func orElse(attr map[string]string, name, usual string) string {
	if v, ok := attr[name]; ok {
		return v
	}
	return usual
}

// invisibleOperators stand between what is multiplied or applied.
var invisibleOperators = strings.NewReplacer("\u2061", "", "\u2062", "", "\u2063", "", "\u2064", "", "\u00a0", " ")

// mathRow writes neighbours: with spaces around what relates two sides.
func mathRow(kids []*mathNode) string {
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
		case op.name == "mo" && mathRelations[s] && !first && before == "":
			b.WriteString(" " + s + " ")
			before = s
		case op.name == "mo" && (s == "," || s == ";"):
			b.WriteString(s + " ")
			before = s
		case op.name == "mo":
			b.WriteString(s)
			before = s
			if mathClosing[s] || s == "!" || s == "%" || s == "′" || s == "°" {
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

var mathRelations = letters.SetOf("= + - − ± ∓ × ÷ ⋅ · ∗ * < > ≤ ≥ ≠ ≈ ≡ ∼ ≅ ∝ → ← ↔ ⇒ ⇐ ⇔ ⇌ ∈ ∉ ⊂ ⊆ ∪ ∩ ∧ ∨ ⊥ ∥ ⟶ ⟹ :=")
var mathClosing = letters.SetOf(") ] } ⟩ | ‖")

// grouped puts a side into brackets if it is more than one thing.
func grouped(m *mathNode) string {
	s := strings.TrimSpace(m.line())
	if one := m.alone(); s == "" || one != nil && one.name != "mfrac" && !strings.Contains(s, " ") || bracketed(s) {
		return s
	}
	return "(" + s + ")"
}

// based is what a power stands on: brackets of the author's stay as they are.
func based(m *mathNode) string {
	if one := m.alone(); one != nil && one.name == "mo" {
		return one.line()
	}
	return grouped(m)
}

// alone is the only thing in a group, or nil.
func (m *mathNode) alone() *mathNode {
	for m.name == "mrow" || m.name == "mstyle" || m.name == "mpadded" || m.name == "semantics" || m.name == "" {
		var only *mathNode
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

// bracketed reports whether one pair of brackets holds all of s.
func bracketed(s string) bool {
	if !strings.HasPrefix(s, "(") || !strings.HasSuffix(s, ")") {
		return false
	}
	depth := 0
	for i, r := range s {
		switch r {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 && i+1 < len(s) {
				return false
			}
		}
	}
	return true
}

// bounded writes a sum, an integral or a limit with its bounds.
func bounded(base, under, over *mathNode) string {
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
func (m *mathNode) accent() string {
	over := m.kid(1)
	if one := over.alone(); one != nil {
		over = one
	}
	return accents[strings.TrimSpace(over.text)]
}

func multiscripts(m *mathNode) string {
	pre := len(m.kids)
	for i, k := range m.kids {
		if k.name == "mprescripts" {
			pre = i
		}
	}
	scripts := func(kids []*mathNode) (s string) {
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
func (m *mathNode) tex() string {
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
		return `\sqrt{` + (&mathNode{kids: m.kids}).tex() + "}"
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

func texGroup(m *mathNode) string {
	s := strings.TrimSpace(m.tex())
	if utf8.RuneCountInString(s) <= 1 || strings.HasPrefix(s, `\`) && !strings.ContainsAny(s, " {") {
		return s
	}
	return "{" + s + "}"
}

// texSigns are the commands that stand for one sign.
var texSigns = map[string]string{
	"alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "varepsilon": "ε", "zeta": "ζ", "eta": "η", "theta": "θ",
	"iota": "ι", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "pi": "π", "rho": "ρ", "sigma": "σ", "tau": "τ",
	"upsilon": "υ", "phi": "φ", "varphi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω", "Gamma": "Γ", "Delta": "Δ", "Theta": "Θ",
	"Lambda": "Λ", "Xi": "Ξ", "Pi": "Π", "Sigma": "Σ", "Phi": "Φ", "Psi": "Ψ", "Omega": "Ω",
	"times": "×", "div": "÷", "cdot": "·", "pm": "±", "mp": "∓", "leq": "≤", "le": "≤", "geq": "≥", "ge": "≥", "neq": "≠", "ne": "≠",
	"approx": "≈", "equiv": "≡", "sim": "∼", "propto": "∝", "to": "→", "rightarrow": "→", "longrightarrow": "→", "leftarrow": "←",
	"Rightarrow": "⇒", "Leftrightarrow": "⇔", "leftrightarrow": "↔", "rightleftharpoons": "⇌", "implies": "⇒", "iff": "⇔",
	"infty": "∞", "partial": "∂", "nabla": "∇", "sum": "∑", "prod": "∏", "int": "∫", "in": "∈", "notin": "∉", "subset": "⊂",
	"subseteq": "⊆", "cup": "∪", "cap": "∩", "emptyset": "∅", "forall": "∀", "exists": "∃", "land": "∧", "lor": "∨", "neg": "¬",
	"angle": "∠", "perp": "⊥", "parallel": "∥", "triangle": "△", "degree": "°", "circ": "°", "prime": "′", "ldots": "…", "dots": "…",
	"cdots": "…", "therefore": "∴", "because": "∵", "ell": "ℓ", "hbar": "ħ", "Re": "ℜ", "lt": "<", "gt": ">", "langle": "⟨", "rangle": "⟩",
	"quad": " ", "qquad": " ", "%": "%", "$": "$", "{": "{", "}": "}", "&": "&", "#": "#", "_": "_", "|": "‖", " ": " ", ",": " ", ";": " ", ":": " ",
	"euro": "€", "uparrow": "↑", "downarrow": "↓", "ast": "*", "star": "⋆", "lbrace": "{", "rbrace": "}", "vert": "|", "mid": "|",
}

var texOf = func() map[string]string {
	of := map[string]string{"−": "-", "⋅": `\cdot`}
	for name, sign := range texSigns {
		if r, _ := utf8.DecodeRuneInString(sign); r > unicode.MaxASCII && (of[sign] == "" || len(name)+1 < len(of[sign])) {
			of[sign] = `\` + name
		}
	}
	of["ε"], of["φ"], of["°"], of["→"], of["…"] = `\varepsilon`, `\varphi`, `^\circ`, `\to`, `\dots`
	return of
}()

// texLine reads TeX and writes it as people type a formula.
func texLine(tex string) string {
	p := texParser{rest: clean.Clip(tex, maxTeXBytes)}
	return clean.Line((&mathNode{kids: p.list("", 0)}).line())
}

// texParser makes the same tree of TeX that MathML gives.
type texParser struct {
	rest  string
	nodes int
}

// list reads up to the mathClosing word until, or the end.
func (p *texParser) list(until string, depth int) (kids []*mathNode) {
	for p.rest != "" && p.nodes < maxMathNodes {
		if until != "" && strings.HasPrefix(p.rest, until) {
			p.rest = p.rest[len(until):]
			return kids
		}
		p.nodes++
		switch c := p.rest[0]; c {
		case '^', '_':
			p.rest = p.rest[1:]
			var base *mathNode
			if n := len(kids); n > 0 {
				base, kids = kids[n-1], kids[:n-1]
			} else {
				base = &mathNode{name: "mi"}
			}
			kids = append(kids, scripted(base, c, p.one(depth+1)))
		case '&', '~', ' ', '\t', '\n', '\r':
			p.rest = p.rest[1:]
			if c == '&' || c == '~' {
				kids = append(kids, &mathNode{name: "mspace"})
			}
		case '}':
			p.rest = p.rest[1:]
		default:
			kids = append(kids, p.one(depth+1))
		}
	}
	return kids
}

// scripted adds a power or an index, the second to the first.
func scripted(base *mathNode, mark byte, s *mathNode) *mathNode {
	switch {
	case mark == '^' && base.name == "msub":
		return &mathNode{name: "msubsup", kids: []*mathNode{base.kid(0), base.kid(1), s}}
	case mark == '_' && base.name == "msup":
		return &mathNode{name: "msubsup", kids: []*mathNode{base.kid(0), s, base.kid(1)}}
	case mark == '^':
		return &mathNode{name: "msup", kids: []*mathNode{base, s}}
	}
	return &mathNode{name: "msub", kids: []*mathNode{base, s}}
}

// one reads a sign, a number, a command with its arguments, or a group.
func (p *texParser) one(depth int) *mathNode {
	p.rest = strings.TrimLeft(p.rest, " \t\r\n")
	if p.rest == "" || depth > maxMathDepth {
		p.rest = ""
		return &mathNode{}
	}
	c, size := utf8.DecodeRuneInString(p.rest)
	switch {
	case c == '{':
		p.rest = p.rest[1:]
		return &mathNode{name: "mrow", kids: p.list("}", depth)}
	case c == '\\':
		return p.command(depth)
	case unicode.IsDigit(c):
		end := strings.IndexFunc(p.rest, func(r rune) bool { return !unicode.IsDigit(r) && r != '.' && r != ',' })
		if end < 0 {
			end = len(p.rest)
		}
		number := strings.TrimRight(p.rest[:end], ".,")
		p.rest = p.rest[len(number):]
		return &mathNode{name: "mn", text: number}
	case unicode.IsLetter(c):
		p.rest = p.rest[size:]
		return &mathNode{name: "mi", text: string(c)}
	}
	p.rest = p.rest[size:]
	return &mathNode{name: "mo", text: string(c)}
}

func (p *texParser) command(depth int) *mathNode {
	p.rest = p.rest[1:]
	end := strings.IndexFunc(p.rest, func(r rune) bool { return r > unicode.MaxASCII || !unicode.IsLetter(r) })
	switch {
	case end < 0:
		end = len(p.rest)
	case end == 0:
		_, end = utf8.DecodeRuneInString(p.rest)
	}
	name := p.rest[:end]
	p.rest = p.rest[end:]
	switch name {
	case "frac", "dfrac", "tfrac", "cfrac":
		return &mathNode{name: "mfrac", kids: []*mathNode{p.one(depth), p.one(depth)}}
	case "sqrt":
		p.rest = strings.TrimLeft(p.rest, " ")
		if strings.HasPrefix(p.rest, "[") {
			p.rest = p.rest[1:]
			index := &mathNode{name: "mrow", kids: p.list("]", depth+1)}
			return &mathNode{name: "mroot", kids: []*mathNode{p.one(depth), index}}
		}
		return &mathNode{name: "msqrt", kids: []*mathNode{p.one(depth)}}
	case "text", "mathrm", "textrm", "mbox", "operatorname", "ce", "textbf", "mathbf", "mathit", "unit":
		return &mathNode{name: "mtext", text: p.argument()}
	case "vec", "bar", "hat", "overline", "tilde", "dot", "ddot", "overrightarrow", "widehat":
		marks := map[string]string{"vec": "→", "overrightarrow": "→", "hat": "^", "widehat": "^", "tilde": "~", "dot": "˙", "ddot": "¨"}
		mark := marks[name]
		if mark == "" {
			mark = "¯"
		}
		return &mathNode{name: "mover", kids: []*mathNode{p.one(depth), {name: "mo", text: mark}}}
	case "begin", "end":
		if p.argument() == "array" && name == "begin" {
			p.argument() // how the columns stand
		}
		return &mathNode{name: "mspace"}
	case "left", "right", "big", "Big", "bigg", "Bigg", "displaystyle", "textstyle", "limits", "nolimits", "!", "middle":
		if p.rest = strings.TrimLeft(p.rest, " "); strings.HasPrefix(p.rest, ".") && (name == "left" || name == "right") {
			p.rest = p.rest[1:]
		}
		return &mathNode{}
	case "\\", "newline", "cr":
		return &mathNode{name: "mo", text: ";"}
	}
	if sign := texSigns[name]; sign != "" {
		r, _ := utf8.DecodeRuneInString(sign)
		if unicode.IsLetter(r) {
			return &mathNode{name: "mi", text: sign}
		}
		return &mathNode{name: "mo", text: sign}
	}
	return &mathNode{name: "mi", text: name}
}

// argument is a group whose words are words.
func (p *texParser) argument() string {
	p.rest = strings.TrimLeft(p.rest, " *")
	if !strings.HasPrefix(p.rest, "{") {
		return ""
	}
	depth := 0
	for i, r := range p.rest {
		switch r {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				text := p.rest[1:i]
				p.rest = p.rest[i+1:]
				return strings.NewReplacer("{", "", "}", "", `\`, "").Replace(text)
			}
		}
	}
	p.rest = ""
	return ""
}
