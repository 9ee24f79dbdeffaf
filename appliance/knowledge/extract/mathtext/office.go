package mathtext

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/clean"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/letters"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/parts"
)

// MaxOfficeNodes bounds the elements of one formula.
const MaxOfficeNodes = 20_000

// Formula is a formula as a line that people read, and as TeX.
type Formula struct{ Plain, TeX string }

// Office reads a formula of Office (m:oMath or m:oMathPara).
func Office(n *parts.Node) Formula {
	f := officeChildren(n)
	return Formula{clean.Line(f.Plain), clean.Line(f.TeX)}
}

func officeChildren(n *parts.Node) Formula {
	var plain, tex strings.Builder
	if n != nil {
		for _, k := range n.Kids {
			f := officeNode(k)
			plain.WriteString(f.Plain)
			if f.TeX != "" && f.TeX[0] != '\\' && isTeXWord(tex.String()) {
				tex.WriteByte(' ') // \alpha x is not \alphax
			}
			tex.WriteString(f.TeX)
		}
	}
	return Formula{plain.String(), tex.String()}
}

// isTeXWord reports whether a text ends in a command such as \alpha.
func isTeXWord(s string) bool {
	i := strings.LastIndexByte(s, '\\')
	return i >= 0 && i+1 < len(s) && strings.IndexFunc(s[i+1:], func(r rune) bool {
		return r >= utf8.RuneSelf || !unicode.IsLetter(r)
	}) < 0
}

// officePart is what stands in a child of a name: a numerator, a base.
func officePart(n *parts.Node, name string) Formula { return officeChildren(n.Child(name)) }

func officeNode(n *parts.Node) Formula {
	switch n.Name {
	case "r":
		return officeRun(n)
	case "f":
		return officeFraction(n)
	case "rad":
		return officeRoot(n)
	case "sSup", "sSub", "sSubSup", "sPre":
		return officeScripts(n)
	case "nary":
		return officeSum(n)
	case "d":
		return officeDelimited(n)
	case "m":
		return officeMatrix(n, "[", "]")
	case "eqArr":
		return officeRows(n)
	case "func":
		return officeFunction(n)
	case "limLow":
		e, lim := officePart(n, "e"), officePart(n, "lim")
		return Formula{e.Plain + low(lim.Plain), texFunction(e.TeX) + texScript('_', lim.TeX)}
	case "limUpp":
		e, lim := officePart(n, "e"), officePart(n, "lim")
		return Formula{e.Plain + high(lim.Plain), texFunction(e.TeX) + texScript('^', lim.TeX)}
	case "acc", "bar":
		return officeMarked(n)
	case "phant":
		if show := n.Child("phantPr").Child("show"); show != nil && !show.On() {
			return Formula{}
		}
		return officePart(n, "e")
	case "box", "borderBox", "groupChr":
		return officePart(n, "e")
	case "del", "moveFrom":
		return Formula{}
	case "t": // a text outside of a run
		return Formula{n.Text, teX(n.Text)}
	}
	if strings.HasSuffix(n.Name, "Pr") {
		return Formula{}
	}
	return officeChildren(n) // an inserted stretch, a hyperlink, several formulas
}

var rootSigns = map[string]string{"": "√", "2": "√", "3": "∛", "4": "∜"}

func officeRoot(n *parts.Node) Formula {
	deg, e := officePart(n, "deg"), officePart(n, "e")
	if n.Child("radPr").Child("degHide").On() {
		deg = Formula{}
	}
	root := rootSigns[deg.Plain]
	if root == "" {
		root = letters.Raise(deg.Plain) + "√"
	}
	tex := `\sqrt`
	if deg.TeX != "" {
		tex += "[" + deg.TeX + "]"
	}
	return Formula{root + officeGrouped(e.Plain), tex + "{" + e.TeX + "}"}
}

// officeScripts are powers and indices, behind their base or, of isotopes, before it.
func officeScripts(n *parts.Node) Formula {
	e, sub, sup := officePart(n, "e"), officePart(n, "sub"), officePart(n, "sup")
	tex := texScript('_', sub.TeX) + texScript('^', sup.TeX)
	if n.Name == "sPre" {
		return Formula{high(sup.Plain) + low(sub.Plain) + e.Plain, "{}" + tex + e.TeX}
	}
	base := e.Plain
	if strings.Contains(base, "/") && !inBrackets(base) { // a fraction as a whole
		base = "(" + base + ")"
	}
	return Formula{base + low(sub.Plain) + high(sup.Plain), officeGroup(e.TeX) + tex}
}

// officeSum is a sum, a product or an integral with its bounds.
func officeSum(n *parts.Node) Formula {
	sign := n.Child("naryPr").Child("chr").Val()
	if sign == "" {
		sign = "∫"
	}
	sub, sup, e := officePart(n, "sub"), officePart(n, "sup"), officePart(n, "e")
	return Formula{sign + low(sub.Plain) + high(sup.Plain) + " " + e.Plain,
		teX(sign) + texScript('_', sub.TeX) + texScript('^', sup.TeX) + " " + e.TeX}
}

func officeFunction(n *parts.Node) Formula {
	name, e := officePart(n, "fName"), officePart(n, "e")
	arg := e.Plain
	if !isTerm(arg) && !strings.HasPrefix(arg, "(") {
		arg = "(" + arg + ")"
	}
	if !strings.HasPrefix(arg, "(") {
		arg = " " + arg
	}
	return Formula{name.Plain + arg, texFunction(name.TeX) + "{" + e.TeX + "}"}
}

// officeMarked has an accent or a line above or below.
func officeMarked(n *parts.Node) Formula {
	e := officePart(n, "e")
	if n.Name == "bar" {
		if n.Child("barPr").Child("pos").Val() == "top" {
			return Formula{accented(e.Plain, "\u0305"), `\overline{` + e.TeX + "}"}
		}
		return Formula{e.Plain, `\underline{` + e.TeX + "}"}
	}
	mark := n.Child("accPr").Child("chr").Val()
	if mark == "" {
		mark = "\u0302"
	}
	return Formula{accented(e.Plain, mark), texAccent(mark) + "{" + e.TeX + "}"}
}

// officeRun is a run of letters.
func officeRun(n *parts.Node) Formula {
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
		return Formula{plain, `\text{` + strings.NewReplacer("{", `\{`, "}", `\}`, "%", `\%`, "&", `\&`, "#", `\#`, "$", `\$`, "_", `\_`).Replace(plain) + "}"}
	}
	text = unstyled(text)
	return Formula{text, teX(text)}
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

func officeFraction(n *parts.Node) Formula {
	num, den := officePart(n, "num"), officePart(n, "den")
	if n.Child("fPr").Child("type").Val() == "noBar" { // a binomial coefficient, within its brackets
		return Formula{num.Plain + " over " + den.Plain, num.TeX + ` \atop ` + den.TeX}
	}
	top, bottom := num.Plain, den.Plain
	if !isProduct(top) {
		top = "(" + top + ")"
	}
	if !isTerm(bottom) {
		bottom = "(" + bottom + ")"
	}
	return Formula{top + "/" + bottom, `\frac{` + num.TeX + "}{" + den.TeX + "}"}
}

func officeDelimited(n *parts.Node) Formula {
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
			f := officeMatrix(inner, left, right)
			return Formula{f.Plain, tex + f.TeX + `\right` + texDelimiter(right)}
		} else if inner != nil && inner.Name == "f" && inner.Child("fPr").Child("type").Val() == "noBar" {
			top, bottom := officeChildren(inner.Child("num")), officeChildren(inner.Child("den"))
			return Formula{"C(" + top.Plain + ", " + bottom.Plain + ")", `\binom{` + top.TeX + "}{" + bottom.TeX + "}"}
		}
	}
	plain := left
	for i, e := range es {
		if i > 0 {
			plain += between
			tex += teX(between)
		}
		f := officeChildren(e)
		plain += f.Plain
		tex += f.TeX
	}
	return Formula{plain + right, tex + `\right` + texDelimiter(right)}
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

// officeMatrix writes the rows of a matrix between marks: [1, 2; 3, 4].
func officeMatrix(n *parts.Node, left, right string) Formula {
	var rows, texRows []string
	for _, r := range n.Kids {
		if r.Name != "mr" {
			continue
		}
		var cells, texCells []string
		for _, e := range r.Kids {
			if e.Name == "e" {
				f := officeChildren(e)
				cells, texCells = append(cells, f.Plain), append(texCells, f.TeX)
			}
		}
		rows, texRows = append(rows, strings.Join(cells, ", ")), append(texRows, strings.Join(texCells, " & "))
	}
	return Formula{left + strings.Join(rows, "; ") + right,
		`\begin{matrix}` + strings.Join(texRows, ` \\ `) + `\end{matrix}`}
}

// officeRows are equations below each other.
func officeRows(n *parts.Node) Formula {
	var rows, texRows []string
	for _, e := range n.Kids {
		if e.Name == "e" {
			f := officeChildren(e)
			rows = append(rows, strings.TrimSpace(strings.ReplaceAll(f.Plain, "&", "")))
			texRows = append(texRows, strings.ReplaceAll(f.TeX, `\&`, "&"))
		}
	}
	return Formula{strings.Join(rows, "; "), `\begin{aligned}` + strings.Join(texRows, ` \\ `) + `\end{aligned}`}
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

func officeGrouped(s string) string {
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

// officeGroup keeps what a script hangs on together.
func officeGroup(s string) string {
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
