package mathtext

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/clean"
)

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

// Line reads TeX and writes it as people type a formula.
func Line(tex string) string {
	p := texParser{rest: clean.Clip(tex, maxTeXBytes)}
	return clean.Line((&node{kids: p.list("", 0)}).line())
}

// texParser makes the same tree of TeX that MathML gives.
type texParser struct {
	rest  string
	nodes int
}

// list reads up to the closing word until, or the end.
func (p *texParser) list(until string, depth int) (kids []*node) {
	for p.rest != "" && p.nodes < maxNodes {
		if until != "" && strings.HasPrefix(p.rest, until) {
			p.rest = p.rest[len(until):]
			return kids
		}
		p.nodes++
		switch c := p.rest[0]; c {
		case '^', '_':
			p.rest = p.rest[1:]
			var base *node
			if n := len(kids); n > 0 {
				base, kids = kids[n-1], kids[:n-1]
			} else {
				base = &node{name: "mi"}
			}
			kids = append(kids, scripted(base, c, p.one(depth+1)))
		case '&', '~', ' ', '\t', '\n', '\r':
			p.rest = p.rest[1:]
			if c == '&' || c == '~' {
				kids = append(kids, &node{name: "mspace"})
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
func scripted(base *node, mark byte, s *node) *node {
	switch {
	case mark == '^' && base.name == "msub":
		return &node{name: "msubsup", kids: []*node{base.kid(0), base.kid(1), s}}
	case mark == '_' && base.name == "msup":
		return &node{name: "msubsup", kids: []*node{base.kid(0), s, base.kid(1)}}
	case mark == '^':
		return &node{name: "msup", kids: []*node{base, s}}
	}
	return &node{name: "msub", kids: []*node{base, s}}
}

// one reads a sign, a number, a command with its arguments, or a group.
func (p *texParser) one(depth int) *node {
	p.rest = strings.TrimLeft(p.rest, " \t\r\n")
	if p.rest == "" || depth > maxDepth {
		p.rest = ""
		return &node{}
	}
	c, size := utf8.DecodeRuneInString(p.rest)
	switch {
	case c == '{':
		p.rest = p.rest[1:]
		return &node{name: "mrow", kids: p.list("}", depth)}
	case c == '\\':
		return p.command(depth)
	case unicode.IsDigit(c):
		end := strings.IndexFunc(p.rest, func(r rune) bool { return !unicode.IsDigit(r) && r != '.' && r != ',' })
		if end < 0 {
			end = len(p.rest)
		}
		number := strings.TrimRight(p.rest[:end], ".,")
		p.rest = p.rest[len(number):]
		return &node{name: "mn", text: number}
	case unicode.IsLetter(c):
		p.rest = p.rest[size:]
		return &node{name: "mi", text: string(c)}
	}
	p.rest = p.rest[size:]
	return &node{name: "mo", text: string(c)}
}

func (p *texParser) command(depth int) *node {
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
		return &node{name: "mfrac", kids: []*node{p.one(depth), p.one(depth)}}
	case "sqrt":
		p.rest = strings.TrimLeft(p.rest, " ")
		if strings.HasPrefix(p.rest, "[") {
			p.rest = p.rest[1:]
			index := &node{name: "mrow", kids: p.list("]", depth+1)}
			return &node{name: "mroot", kids: []*node{p.one(depth), index}}
		}
		return &node{name: "msqrt", kids: []*node{p.one(depth)}}
	case "text", "mathrm", "textrm", "mbox", "operatorname", "ce", "textbf", "mathbf", "mathit", "unit":
		return &node{name: "mtext", text: p.argument()}
	case "vec", "bar", "hat", "overline", "tilde", "dot", "ddot", "overrightarrow", "widehat":
		marks := map[string]string{"vec": "→", "overrightarrow": "→", "hat": "^", "widehat": "^", "tilde": "~", "dot": "˙", "ddot": "¨"}
		mark := marks[name]
		if mark == "" {
			mark = "¯"
		}
		return &node{name: "mover", kids: []*node{p.one(depth), {name: "mo", text: mark}}}
	case "begin", "end":
		if p.argument() == "array" && name == "begin" {
			p.argument() // how the columns stand
		}
		return &node{name: "mspace"}
	case "left", "right", "big", "Big", "bigg", "Bigg", "displaystyle", "textstyle", "limits", "nolimits", "!", "middle":
		if p.rest = strings.TrimLeft(p.rest, " "); strings.HasPrefix(p.rest, ".") && (name == "left" || name == "right") {
			p.rest = p.rest[1:]
		}
		return &node{}
	case "\\", "newline", "cr":
		return &node{name: "mo", text: ";"}
	}
	if sign := texSigns[name]; sign != "" {
		r, _ := utf8.DecodeRuneInString(sign)
		if unicode.IsLetter(r) {
			return &node{name: "mi", text: sign}
		}
		return &node{name: "mo", text: sign}
	}
	return &node{name: "mi", text: name}
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
