package extract

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/clean"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/letters"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/parts"
)

// maxFormulaNodes bounds the elements of one formula.
const maxFormulaNodes = 20_000

// lostFormula stands where a formula was that could not be read.
const lostFormula = "[formula that could not be read]"

// formulaText is a formula as a line that people read, and as TeX.
type formulaText struct{ plain, tex string }

// ommlText reads a formula of Office (m:oMath or m:oMathPara).
func ommlText(n *parts.Node) formulaText {
	f := ommlChildren(n)
	return formulaText{clean.Line(f.plain), clean.Line(f.tex)}
}

func ommlChildren(n *parts.Node) formulaText {
	var plain, tex strings.Builder
	if n != nil {
		for _, k := range n.Kids {
			f := ommlNode(k)
			plain.WriteString(f.plain)
			if f.tex != "" && f.tex[0] != '\\' && isTeXWord(tex.String()) {
				tex.WriteByte(' ') // \alpha x is not \alphax
			}
			tex.WriteString(f.tex)
		}
	}
	return formulaText{plain.String(), tex.String()}
}

// isTeXWord reports whether a text ends in a command such as \alpha.
func isTeXWord(s string) bool {
	i := strings.LastIndexByte(s, '\\')
	return i >= 0 && i+1 < len(s) && strings.IndexFunc(s[i+1:], func(r rune) bool {
		return r >= utf8.RuneSelf || !unicode.IsLetter(r)
	}) < 0
}

func ommlNode(n *parts.Node) formulaText {
	part := func(name string) formulaText { return ommlChildren(n.Child(name)) }
	switch n.Name {
	case "r":
		return ommlRun(n)
	case "f":
		return ommlFraction(n.Child("fPr").Child("type").Val(), part("num"), part("den"))
	case "rad":
		deg, e := part("deg"), part("e")
		if n.Child("radPr").Child("degHide").On() {
			deg = formulaText{}
		}
		root := map[string]string{"": "√", "2": "√", "3": "∛", "4": "∜"}[deg.plain]
		if root == "" {
			root = letters.Raise(deg.plain) + "√"
		}
		tex := `\sqrt`
		if deg.tex != "" {
			tex += "[" + deg.tex + "]"
		}
		return formulaText{root + ommlGrouped(e.plain), tex + "{" + e.tex + "}"}
	case "sSup", "sSub", "sSubSup":
		e, sub, sup := part("e"), part("sub"), part("sup")
		base := e.plain
		if strings.Contains(base, "/") && !inBrackets(base) { // a fraction as a whole
			base = "(" + base + ")"
		}
		return formulaText{base + low(sub.plain) + high(sup.plain),
			ommlGroup(e.tex) + texScript('_', sub.tex) + texScript('^', sup.tex)}
	case "sPre":
		e, sub, sup := part("e"), part("sub"), part("sup")
		return formulaText{high(sup.plain) + low(sub.plain) + e.plain,
			"{}" + texScript('_', sub.tex) + texScript('^', sup.tex) + e.tex}
	case "nary":
		sign := n.Child("naryPr").Child("chr").Val()
		if sign == "" {
			sign = "∫"
		}
		sub, sup, e := part("sub"), part("sup"), part("e")
		return formulaText{sign + low(sub.plain) + high(sup.plain) + " " + e.plain,
			teX(sign) + texScript('_', sub.tex) + texScript('^', sup.tex) + " " + e.tex}
	case "d":
		return ommlDelimited(n)
	case "m":
		return ommlMatrix(n, "[", "]")
	case "eqArr":
		return ommlRows(n)
	case "func":
		name, e := part("fName"), part("e")
		arg := e.plain
		if !isTerm(arg) && !strings.HasPrefix(arg, "(") {
			arg = "(" + arg + ")"
		}
		if !strings.HasPrefix(arg, "(") {
			arg = " " + arg
		}
		return formulaText{name.plain + arg, texFunction(name.tex) + "{" + e.tex + "}"}
	case "limLow":
		e, lim := part("e"), part("lim")
		return formulaText{e.plain + low(lim.plain), texFunction(e.tex) + texScript('_', lim.tex)}
	case "limUpp":
		e, lim := part("e"), part("lim")
		return formulaText{e.plain + high(lim.plain), texFunction(e.tex) + texScript('^', lim.tex)}
	case "acc":
		mark := n.Child("accPr").Child("chr").Val()
		if mark == "" {
			mark = "\u0302"
		}
		e := part("e")
		return formulaText{accented(e.plain, mark), texAccent(mark) + "{" + e.tex + "}"}
	case "bar":
		e := part("e")
		if n.Child("barPr").Child("pos").Val() == "top" {
			return formulaText{accented(e.plain, "\u0305"), `\overline{` + e.tex + "}"}
		}
		return formulaText{e.plain, `\underline{` + e.tex + "}"}
	case "phant":
		if show := n.Child("phantPr").Child("show"); show != nil && !show.On() {
			return formulaText{}
		}
		return part("e")
	case "box", "borderBox", "groupChr":
		return part("e")
	case "del", "moveFrom":
		return formulaText{}
	case "t": // a text outside of a run
		return formulaText{n.Text, teX(n.Text)}
	}
	if strings.HasSuffix(n.Name, "Pr") {
		return formulaText{}
	}
	return ommlChildren(n) // an inserted stretch, a hyperlink, several formulas
}

// ommlRun is a run of letters.
func ommlRun(n *parts.Node) formulaText {
	var text string
	font := ""
	if rPr := n.Child("rPr"); rPr != nil {
		font = fontOfRun(n)
	}
	for _, k := range n.Kids {
		switch k.Name {
		case "t":
			s, _ := letters.SymbolText(font, k.Text)
			text += s
		case "sym":
			s, _ := letters.Symbol(k.Attr("font"), letters.FromHex(k.Attr("char")))
			text += s
		case "br":
			text += " "
		}
	}
	if plain := unstyled(text); n.Child("rPr").Child("nor").On() && strings.IndexFunc(plain, unicode.IsLetter) >= 0 {
		return formulaText{plain, `\text{` + strings.NewReplacer("{", `\{`, "}", `\}`, "%", `\%`, "&", `\&`, "#", `\#`, "$", `\$`, "_", `\_`).Replace(plain) + "}"}
	}
	text = unstyled(text)
	return formulaText{text, teX(text)}
}

// fontOfRun is the font of a run's letters, among its two sets of properties.
func fontOfRun(n *parts.Node) string {
	for _, k := range n.Kids {
		if k.Name == "rPr" {
			if f := k.Child("rFonts").Attr("ascii"); f != "" {
				return f
			}
		}
	}
	return ""
}

// unstyled turns the slanted and bold letters that Unicode has for mathematics
// into plain ones, which are searched for.
func unstyled(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == 'ℎ':
			return 'h'
		case r >= 0x1d400 && r <= 0x1d6a3: // 13 alphabets of 52 letters
			i := (r - 0x1d400) % 52
			if i < 26 {
				return 'A' + i
			}
			return 'a' + i - 26
		case r >= 0x1d6a8 && r <= 0x1d7c9: // five Greek alphabets of 58
			i := (r - 0x1d6a8) % 58
			switch {
			case i < 25 && i != 17 && i != 25:
				return 'Α' + i
			case i == 17:
				return 'ϴ'
			case i == 25:
				return '∇'
			case i < 51:
				return 'α' + i - 26
			}
			return []rune("∂ϵϑϰϕϱϖ")[i-51]
		case r >= 0x1d7ce && r <= 0x1d7ff:
			return '0' + (r-0x1d7ce)%10
		case r == '\u2061', r == '\u2062', r == '\u2063', r == '\u2064': // applied to, times: not written
			return -1
		}
		return r
	}, s)
}

func ommlFraction(kind string, num, den formulaText) formulaText {
	if kind == "noBar" { // a binomial coefficient, within its brackets
		return formulaText{num.plain + " over " + den.plain, num.tex + ` \atop ` + den.tex}
	}
	top, bottom := num.plain, den.plain
	if !isProduct(top) {
		top = "(" + top + ")"
	}
	if !isTerm(bottom) {
		bottom = "(" + bottom + ")"
	}
	return formulaText{top + "/" + bottom, `\frac{` + num.tex + "}{" + den.tex + "}"}
}

func ommlDelimited(n *parts.Node) formulaText {
	pr := n.Child("dPr")
	mark := func(name, usual string) string {
		if k := pr.Child(name); k != nil {
			return k.Val()
		}
		return usual
	}
	left, right, between := mark("begChr", "("), mark("endChr", ")"), mark("sepChr", "|")
	var es []*parts.Node
	for _, k := range n.Kids {
		if k.Name == "e" {
			es = append(es, k)
		}
	}
	tex := `\left` + texDelimiter(left)
	if len(es) == 1 {
		if inner := onlyChild(es[0]); inner != nil && inner.Name == "m" {
			f := ommlMatrix(inner, left, right)
			return formulaText{f.plain, tex + f.tex + `\right` + texDelimiter(right)}
		} else if inner != nil && inner.Name == "f" && inner.Child("fPr").Child("type").Val() == "noBar" {
			top, bottom := ommlChildren(inner.Child("num")), ommlChildren(inner.Child("den"))
			return formulaText{"C(" + top.plain + ", " + bottom.plain + ")", `\binom{` + top.tex + "}{" + bottom.tex + "}"}
		}
	}
	plain := left
	for i, e := range es {
		if i > 0 {
			plain += between
			tex += teX(between)
		}
		f := ommlChildren(e)
		plain += f.plain
		tex += f.tex
	}
	return formulaText{plain + right, tex + `\right` + texDelimiter(right)}
}

// onlyChild is the one element in n besides properties.
func onlyChild(n *parts.Node) *parts.Node {
	var only *parts.Node
	for _, k := range n.Kids {
		if strings.HasSuffix(k.Name, "Pr") {
			continue
		}
		if only != nil {
			return nil
		}
		only = k
	}
	return only
}

// ommlMatrix writes the rows of a matrix between marks: [1, 2; 3, 4].
func ommlMatrix(n *parts.Node, left, right string) formulaText {
	var rows, texRows []string
	for _, r := range n.Kids {
		if r.Name != "mr" {
			continue
		}
		var cells, texCells []string
		for _, e := range r.Kids {
			if e.Name == "e" {
				f := ommlChildren(e)
				cells, texCells = append(cells, f.plain), append(texCells, f.tex)
			}
		}
		rows, texRows = append(rows, strings.Join(cells, ", ")), append(texRows, strings.Join(texCells, " & "))
	}
	return formulaText{left + strings.Join(rows, "; ") + right,
		`\begin{matrix}` + strings.Join(texRows, ` \\ `) + `\end{matrix}`}
}

// ommlRows are equations below each other.
func ommlRows(n *parts.Node) formulaText {
	var rows, texRows []string
	for _, e := range n.Kids {
		if e.Name == "e" {
			f := ommlChildren(e)
			rows = append(rows, strings.TrimSpace(strings.ReplaceAll(f.plain, "&", "")))
			texRows = append(texRows, strings.ReplaceAll(f.tex, `\&`, "&"))
		}
	}
	return formulaText{strings.Join(rows, "; "), `\begin{aligned}` + strings.Join(texRows, ` \\ `) + `\end{aligned}`}
}

func high(s string) string { return limitText(s, letters.Raise, '^') }
func low(s string) string  { return limitText(s, letters.Lower, '_') }

// limitText writes what stands above or below: in small letters if they are few.
func limitText(s string, small func(string) string, mark rune) string {
	s = strings.TrimSpace(s)
	if utf8.RuneCountInString(s) <= 3 {
		return small(s)
	}
	return string(mark) + "(" + s + ")"
}

// isTerm reports whether a text binds more strongly than any operator: a number,
// a letter with what hangs on it, a word, something in brackets.
func isTerm(s string) bool {
	s = strings.TrimSpace(s)
	if inBrackets(s) {
		return true
	}
	letters, digits := 0, 0
	for _, r := range s {
		switch {
		case unicode.Is(unicode.Mn, r), strings.ContainsRune(scriptLetters, r), r == '′', r == '°', r == '%', r == '!':
		case unicode.IsDigit(r), r == '.', r == ',':
			digits++
		case unicode.IsLetter(r):
			letters++
		default:
			return false
		}
	}
	return letters == 0 || digits == 0 && (letters == 1 || letters > 2)
}

const scriptLetters = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿⁱ₀₁₂₃₄₅₆₇₈₉ₙᵢⱼₓ"

// isProduct reports whether a text has no operator weaker than a fraction.
func isProduct(s string) bool {
	s = strings.TrimSpace(s)
	return inBrackets(s) || !strings.ContainsAny(s, "+-−–±=<>≤≥/ ,;|")
}

// inBrackets reports whether one pair of brackets holds all of s.
func inBrackets(s string) bool {
	if len(s) < 2 || s[0] != '(' || s[len(s)-1] != ')' {
		return false
	}
	depth := 0
	for i, r := range s {
		switch r {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 && i != len(s)-1 {
				return false
			}
		}
	}
	return depth == 0
}

func ommlGrouped(s string) string {
	s = strings.TrimSpace(s)
	if isTerm(s) {
		return s
	}
	return "(" + s + ")"
}

// accented puts a combining mark on each letter.
func accented(s, mark string) string {
	if m, ok := spacingMarks[mark]; ok {
		mark = m
	}
	var b strings.Builder
	for _, r := range s {
		b.WriteRune(r)
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			b.WriteString(mark)
		}
	}
	return b.String()
}

var spacingMarks = map[string]string{"^": "\u0302", "~": "\u0303", "¯": "\u0304", "→": "\u20d7", "˙": "\u0307", "¨": "\u0308"}

func texScript(mark byte, s string) string {
	if s == "" {
		return ""
	}
	return string(mark) + "{" + s + "}"
}

// ommlGroup keeps what a script hangs on together.
func ommlGroup(s string) string {
	if utf8.RuneCountInString(s) <= 1 || isTeXWord(s) && strings.LastIndexByte(s, '\\') == 0 {
		return s
	}
	return "{" + s + "}"
}

func texDelimiter(s string) string {
	switch s {
	case "":
		return "."
	case "{", "}":
		return `\` + s
	case "|", "(", ")", "[", "]", "/":
		return s
	case "‖":
		return `\|`
	}
	return teX(s)
}

// texFunction knows the functions that TeX has names for.
func texFunction(s string) string {
	switch name := strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(s), `\text{`), "}"); name {
	case "sin", "cos", "tan", "cot", "sec", "csc", "log", "ln", "exp", "lim", "max", "min", "arcsin", "arccos", "arctan", "det", "gcd":
		return `\` + name
	}
	return s
}

func texAccent(mark string) string {
	switch mark {
	case "\u0302", "^":
		return `\hat`
	case "\u0303", "~":
		return `\tilde`
	case "\u0304", "\u0305", "¯":
		return `\bar`
	case "\u0307", "˙":
		return `\dot`
	case "\u0308", "¨":
		return `\ddot`
	case "\u20d7", "→":
		return `\vec`
	}
	return `\hat`
}

// teX writes letters and operators in TeX.
func teX(s string) string {
	var b strings.Builder
	for _, r := range s {
		if name, ok := texNames[r]; ok {
			b.WriteByte('\\')
			b.WriteString(name)
			if unicode.IsLetter(rune(name[len(name)-1])) {
				b.WriteByte(' ')
			}
			continue
		}
		switch r {
		case '−', '–':
			b.WriteByte('-')
		case '{', '}', '%', '&', '#', '$', '_':
			b.WriteByte('\\')
			b.WriteRune(r)
		case '\\':
			b.WriteString(`\backslash `)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

var texNames = map[rune]string{
	'α': "alpha", 'β': "beta", 'γ': "gamma", 'δ': "delta", 'ε': "varepsilon", 'ϵ': "epsilon", 'ζ': "zeta", 'η': "eta",
	'θ': "theta", 'ϑ': "vartheta", 'ι': "iota", 'κ': "kappa", 'λ': "lambda", 'μ': "mu", 'µ': "mu", 'ν': "nu", 'ξ': "xi",
	'π': "pi", 'ρ': "rho", 'σ': "sigma", 'ς': "varsigma", 'τ': "tau", 'υ': "upsilon", 'φ': "varphi", 'ϕ': "phi",
	'χ': "chi", 'ψ': "psi", 'ω': "omega", 'Γ': "Gamma", 'Δ': "Delta", 'Θ': "Theta", 'Λ': "Lambda", 'Ξ': "Xi", 'Π': "Pi",
	'Σ': "Sigma", 'Φ': "Phi", 'Ψ': "Psi", 'Ω': "Omega", '∆': "Delta",
	'×': "times", '÷': "div", '·': "cdot", '⋅': "cdot", '∙': "cdot", '±': "pm", '∓': "mp", '≤': "le", '≥': "ge", '≠': "ne",
	'≈': "approx", '≡': "equiv", '∝': "propto", '∞': "infty", '∂': "partial", '∇': "nabla", '→': "to", '←': "gets",
	'↔': "leftrightarrow", '⇒': "Rightarrow", '⇔': "Leftrightarrow", '∈': "in", '∉': "notin", '⊂': "subset", '⊆': "subseteq",
	'∪': "cup", '∩': "cap", '∅': "emptyset", '∀': "forall", '∃': "exists", '∑': "sum", '∏': "prod", '∫': "int", '∬': "iint",
	'∮': "oint", '√': "surd", '…': "dots", '⋯': "cdots", '°': "degree", '′': "prime", '∠': "angle", '⊥': "perp", '∥': "parallel",
	'¬': "neg", '∧': "wedge", '∨': "vee", 'ℕ': "mathbb{N}", 'ℤ': "mathbb{Z}", 'ℚ': "mathbb{Q}", 'ℝ': "mathbb{R}", 'ℂ': "mathbb{C}",
}
