package sums

import (
	"math/big"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/bwenge-os/bwenge/internal/text"
)

// rule is an equation that stands in the material.
type rule struct {
	left, right *node
	vars        []variable
	text        string // as it stands there
	figure      string // the shape that it is for
	machine     string
	its         map[string]bool // "its length": stems of what "its" may mean; nil for others
	hundred     bool            // it has a number of a hundred in it, so percentages are plain numbers
	also        map[string]bool // folded words of the line before, and of the sentence
}

// variable is a quantity in a rule: named, or a letter.
type variable struct {
	name   string
	words  []string
	kinds  []*kind // what it may be; none for a name that is not known
	letter bool
	marks  map[string]bool // what tells it from another of its kind: effort arm, load arm
}

// maxRules bounds how many equations are read from one text.
const maxRules = 60

var (
	apposition = regexp.MustCompile(`,\s*(?:\p{L}|Δ\p{L}|\p{Lu}\p{Ll}|\p{L}(?:avg|net|moy))\s*(?:,|([.;]?\s*)$)`)
	example    = regexp.MustCompile(`(?i)\b(example|exemple|suppose|for instance|mfano|urugero)\b`)
	sentenceIs = text.Set("is are equals equal est sont egale egal")
)

// rules reads the equations of a text, in figures and in words.
func rules(t Text) []rule {
	var out []rule
	meaning := explained(t.Text)
	var header []string
	label := ""
	for line := range strings.Lines(t.Text) {
		line = strings.TrimSpace(strings.TrimLeft(strings.TrimSpace(line), "#>"))
		for _, bullet := range []string{"- ", "• ", "* "} {
			line = strings.TrimPrefix(line, bullet)
		}
		if line == "" {
			continue
		}
		if strings.Contains(line, "|") && !strings.Contains(line, "||") {
			cells := cellsOf(line)
			if header == nil || len(cells) != len(header) {
				header = cells
			}
			for i, cell := range cells {
				target, about := "", label
				if i < len(header) && i > 0 {
					target, about = header[i], cells[0]
				}
				out = append(out, equations(cell, line, about, target, t.Heading, meaning)...)
			}
			continue
		}
		header = nil
		var before []string
		for _, s := range text.Sentences(line) {
			for _, r := range equations(s, s, label, "", t.Heading, meaning) {
				if words := strings.Fields(text.Fold(s)); len(words) > 0 && (words[0] == "its" || words[0] == "son" || words[0] == "sa") {
					r.its = map[string]bool{}
					for _, w := range text.Terms(strings.Join(before, " "), text.English) {
						if len(w) > 2 {
							r.its[text.Stem(w)] = true
						}
					}
				}
				out = append(out, r)
			}
			before = append(before[max(0, len(before)-2):], s)
		}
		if label = ""; len(line) < 120 && !strings.Contains(line, "=") {
			label = line
		}
		if len(out) > maxRules {
			return out[:maxRules]
		}
	}
	return out
}

func cellsOf(line string) []string {
	var cells []string
	for _, c := range strings.Split(strings.Trim(line, "| "), "|") {
		cells = append(cells, strings.TrimSpace(c))
	}
	return cells
}

// signs in words, folded, longest first.
var signsInWords = []struct{ words, sign string }{
	{"is equal to", "="}, {"are equal to", "="}, {"is given by", "="}, {"is found by", "="}, {"is calculated by", "="}, {"is worked out by", "="},
	{"est egale a", "="}, {"est egal a", "="}, {"est donnee par", "="}, {"est donne par", "="}, {"se calcule en", "="}, {"is defined as", "="}, {"is obtained by", "="}, {"also equals", "="},
	{"gives the amount of", "="}, {"gives the", "="}, {"gives", "="}, {"donne le", "="}, {"donne la", "="},
	{"divided by", "÷"}, {"divisee par", "÷"}, {"divise par", "÷"}, {"divises par", "÷"},
	{"multiplied by", "×"}, {"multipliee par", "×"}, {"multiplie par", "×"}, {"multiplies par", "×"}, {"times", "×"}, {"fois", "×"},
	{"plus", "+"}, {"minus", "-"}, {"moins", "-"},
}

// pairs in words: "the product of A and B".
var pairsInWords = []struct{ begin, middle, sign string }{
	{"product of", "and", "×"}, {"produit de", "et", "×"}, {"produit du", "et", "×"}, {"produit de", "par", "×"},
	{"ratio of", "to", "÷"}, {"rapport de", "a", "÷"}, {"quotient of", "and", "÷"}, {"quotient de", "par", "÷"}, {"quotient du", "par", "÷"},
	{"sum of", "and", "+"}, {"somme de", "et", "+"},
	{"dividing", "by", "÷"}, {"divide", "by", "÷"}, {"divisant", "par", "÷"},
	{"multiplying", "by", "×"}, {"multiply", "by", "×"}, {"multipliant", "par", "×"},
}

// thenInWords go on with what was reckoned.
var thenInWords = []struct{ words, sign string }{
	{"and multiplying by", "×"}, {"and multiply by", "×"}, {"then multiply by", "×"}, {"and then multiplying by", "×"}, {"and multiplying the result by", "×"}, {"and multiply the result by", "×"},
	{"and dividing by", "÷"}, {"and divide by", "÷"}, {"then divide by", "÷"}, {"and dividing the result by", "÷"}, {"and divide the result by", "÷"}, {"et divisant par", "÷"}, {"et multipliant par", "×"},
}

// figured replaces words that are signs by these.
func figured(t []token) []token {
	var out []token
	at := func(i int, phrase string) int {
		words := strings.Fields(phrase)
		for n, w := range words {
			if i+n >= len(t) || t[i+n].fold != w {
				return 0
			}
		}
		return len(words)
	}
	sign := func(s string) token { return token{text: s, fold: s} }
	var pending [][2]string // the middle words to come, and their signs
	many := false           // "multiply by" may go on: by the width, by the height
next:
	for i := 0; i < len(t); {
		for _, s := range thenInWords {
			if n := at(i, s.words); n > 0 && len(out) > 0 {
				if slices.ContainsFunc(out, func(x token) bool { return x.text == "+" || x.text == "-" }) {
					return nil // of the sum, or of its last part
				}
				out = append(out, sign(s.sign))
				i += n
				continue next
			}
		}
		if many && t[i].fold == "by" && len(pending) == 0 {
			out = append(out, sign("×"))
			i++
			continue
		}
		for _, p := range pairsInWords {
			if n := at(i, p.begin); n > 0 {
				pending = append(pending, [2]string{p.middle, p.sign})
				i += n
				continue next
			}
		}
		if n := len(pending); n > 0 && t[i].fold == pending[n-1][0] {
			out = append(out, sign(pending[n-1][1]))
			many = pending[n-1][0] == "by" && pending[n-1][1] == "×"
			pending = pending[:n-1]
			i++
			continue
		}
		for _, s := range signsInWords {
			if n := at(i, s.words); n > 0 {
				if last := len(out) - 1; last >= 0 && out[last].text == "," {
					out = out[:last]
				}
				out = append(out, sign(s.sign))
				i += n
				continue next
			}
		}
		switch {
		case (t[i].fold == "half" || t[i].fold == "moitie") && len(out) > 0:
			out = append(out, token{text: "½", fold: "½", number: big.NewRat(1, 2)}, sign("×"))
		case t[i].fold == "twice":
			out = append(out, token{text: "2", fold: "2", number: big.NewRat(2, 1)}, sign("×"))
		case t[i].fold == "squared":
			out = append(out, sign("²"))
		case t[i].text == "¯" || t[i].text == "→" || t[i].text == "\"" || t[i].text == "“" || t[i].text == "”" || t[i].text == "$":
		case strings.HasSuffix(t[i].text, "²") || strings.HasSuffix(t[i].text, "³"):
			if name := strings.TrimRight(t[i].text, "²³"); called[text.Fold(name)] != nil && len(name) > 2 { // side²
				out = append(out, token{text: name, fold: text.Fold(name)}, token{text: t[i].text[len(name):], fold: t[i].text[len(name):], glued: true})
			} else {
				out = append(out, t[i])
			}
		default:
			out = append(out, t[i])
		}
		i++
	}
	if len(pending) > 0 {
		return nil
	}
	return out
}

// Words that a side of an equation neither begins nor ends in.
var (
	stopLeft = text.Set(`is are by that equation equations formula formulas use using from then so and or if when where to with as get have find we can
		therefore thus est par donc alors relation formule que because for gives give write rewrite says states called means`)
	stopRight = text.Set(`where when if so or and then because which as but since we you to ou si donc alors quand car et`)
	condition = text.Set(`when if for si quand only`)
	articles  = text.Set(`the a an its their this that each any of le la les l un une son sa ses du des de d general simply just total amount quantity`)
	cutName   = text.Set(`that which during over when where while who traveled travelled in on during per from under between being it for past through moving needed`)
)

// equations reads the equations of a sentence, or of a cell below the name of what
// it gives.
func equations(sentence, shown, label, target, heading string, meaning map[string][]*kind) []rule {
	if len(sentence) > 600 || example.MatchString(sentence) || example.MatchString(label) {
		return nil
	}
	plain := strings.NewReplacer("**", "", "*", "×", "_", "").Replace(sentence)
	if strings.Count(sentence, "*")%2 == 0 && strings.Count(sentence, "*") > 0 && !strings.Contains(sentence, " * ") {
		plain = strings.NewReplacer("*", "", "_", "").Replace(sentence)
	}
	plain = strings.ReplaceAll(plain, "due to gravity", "of gravity")
	plain = apposition.ReplaceAllString(plain, " $1")
	t := figured(split(plain, text.English))
	if t == nil {
		return nil
	}
	operator := slices.IndexFunc(t, func(x token) bool { return strings.Contains("×÷/+-²", x.text) })
	if operator < 0 && !slices.ContainsFunc(t, func(x token) bool { return x.text == "=" }) {
		return nil
	}
	if !slices.ContainsFunc(t, func(x token) bool { return x.text == "=" }) {
		if operator < 0 {
			return nil
		}
		at := -1
		for i := range operator {
			if sentenceIs[t[i].fold] {
				at = i
			}
		}
		switch {
		case at < 0 && target == "" && colon(t) > 0: // Area of a triangle: base × height ÷ 2
			t = slices.Clone(t)
			t[colon(t)] = token{text: "=", fold: "="}
		case at > 0:
			t = slices.Clone(t)
			t[at] = token{text: "=", fold: "="}
		case target != "" && at < 0:
			if len(mentions(text.Words(target))) == 0 {
				return nil
			}
			name := target
			if i := strings.IndexAny(name, "(["); i > 0 {
				name = name[:i]
			}
			t = append(append(split(name, text.English), token{text: "=", fold: "="}), t...)
		default:
			return nil
		}
	}
	var out []rule
	for i, x := range t {
		if x.text != "=" {
			continue
		}
		from := i
		depth := 0
		for from > 0 {
			w := t[from-1]
			if w.text == ")" {
				depth++
			} else if w.text == "(" {
				depth--
			}
			if depth < 0 || strings.Contains(",:;.?!=<>", w.text) && len(w.text) == 1 || stopLeft[w.fold] && len(w.text) > 1 {
				break
			}
			from--
		}
		to, depth := i+1, 0
		for to < len(t) {
			w := t[to]
			if w.text == "(" && depth == 0 && to+1 < len(t) && condition[t[to+1].fold] {
				break
			}
			if w.text == "(" {
				depth++
			} else if w.text == ")" {
				depth--
			}
			if depth < 0 || strings.Contains(",:;.?!=<>", w.text) && len(w.text) == 1 || stopRight[w.fold] {
				break
			}
			to++
		}
		if to < len(t) && (condition[t[to].fold] || t[to].text == "(") || to+1 < len(t) && t[to].text == "," && condition[t[to+1].fold] {
			continue
		}
		p := &parser{meaning: meaning, t: t[from:i]}
		left, ok := p.whole()
		if !ok {
			continue
		}
		p.t, p.at = t[i+1:to], 0
		right, ok := p.whole()
		if !ok {
			continue
		}
		// A rule says how one quantity follows from others.
		if len(distinct(left)) == 0 || len(distinct(right)) == 0 || len(distinct(left, right)) < 2 || left.op == 'v' && right.op == 'v' || len(p.vars) > 7 {
			continue
		}
		r := rule{left: left, right: right, vars: p.vars, text: strings.TrimSpace(shown), hundred: p.hundred}
		r.about(t[from:i], sentence, label, heading, meaning)
		if r.units() || r.loose() {
			continue
		}
		if len(r.types()) == 0 && r.spread(t[i+1:to]) && !r.fraction() {
			continue
		}
		out = append(out, r)
	}
	return out
}

// loose reports an equation that is no rule: letters beside a name that means
// nothing here, or one letter that is a number of times another, in some case.
func (r *rule) loose() bool {
	letters, unknown := 0, 0
	for _, v := range r.vars {
		if v.letter {
			letters++
		} else if len(v.kinds) == 0 {
			unknown++
		}
	}
	if letters > 0 && unknown > 0 {
		return true
	}
	return letters == 2 && len(r.vars) == 2 && r.left.op == 'v' && (r.right.scaled() || r.right.op == '/' && r.right.b.op == 'n')
}

// scaled reports a number of times a variable.
func (e *node) scaled() bool { return e.op == '*' && e.a.op == 'n' && !e.a.pi && e.b.op == 'v' }

// units reports an equation between units: J = V × C.
func (r *rule) units() bool {
	derived := false
	for _, v := range r.vars {
		u, ok := units[v.name]
		if !ok || !v.letter {
			return false
		}
		derived = derived || len(u.parts) == 0
	}
	return derived && slices.ContainsFunc(distinct(r.right), func(v int) bool { return len(units[r.vars[v].name].parts) == 0 })
}

// spread reports letters with space between them: "ρ = m V", as a fraction reads
// whose line was lost.
func (r *rule) spread(t []token) bool {
	for i, x := range t {
		if x.number != nil && (i == 0 || x.text != "2" && x.text != "3") || !isLetter(x.text) && x.number == nil || i > 0 && x.glued {
			return false
		}
	}
	return true
}

// fraction puts the line back where the dimensions leave one place for it.
func (r *rule) fraction() bool {
	var factors []*node
	var flat func(e *node)
	flat = func(e *node) {
		if e.op == '*' {
			flat(e.a)
			flat(e.b)
			return
		}
		factors = append(factors, e)
	}
	flat(r.right)
	product := func(list []*node) *node {
		e := list[0]
		for _, f := range list[1:] {
			e = &node{op: '*', a: e, b: f}
		}
		return e
	}
	var found *node
	for i := 1; i < len(factors); i++ {
		try := *r
		try.right = &node{op: '/', a: product(factors[:i]), b: product(factors[i:])}
		if len(try.types()) > 0 {
			if found != nil {
				return false
			}
			found = try.right
		}
	}
	if found == nil {
		return false
	}
	r.right = found
	return true
}

// colon is where the colon stands behind a name at the beginning, if its rest reckons.
func colon(t []token) int {
	i := slices.IndexFunc(t, func(x token) bool { return x.text == ":" })
	if i < 1 || i > 7 || slices.ContainsFunc(t[:i], func(x token) bool { return !isLetter(x.text) }) {
		return 0
	}
	var words []string
	for _, x := range t[:i] {
		words = append(words, x.fold)
	}
	if len(mentions(words)) == 0 {
		return 0
	}
	return i
}

// about finds which figure or machine a rule is for.
func (r *rule) about(left []token, sentence, label, heading string, _ map[string][]*kind) {
	var name []string
	for _, t := range left {
		name = append(name, t.fold)
	}
	last := heading[strings.LastIndexAny(heading, ">›/|\n")+1:]
	for _, words := range [][]string{name, text.Words(label), text.Words(sentence), text.Words(last)} {
		found := map[string]bool{}
		for _, w := range words {
			if f, ok := figures[w]; ok {
				found[f] = true
			}
		}
		if len(found) == 1 {
			for f := range found {
				r.figure = f
			}
			break
		}
		if len(found) > 1 {
			r.figure = "several"
			break
		}
	}
	for _, words := range [][]string{name, text.Words(label), text.Words(sentence)} {
		for _, w := range words {
			if m, ok := machines[w]; ok && r.machine == "" {
				r.machine = m
			}
		}
	}
	r.also = map[string]bool{}
	for _, w := range append(text.Words(label), text.Words(sentence)...) {
		r.also[w] = true
	}
	// A letter that stands alone on the left means what the line before names.
	if r.left.op == 'v' && r.vars[r.left.v].letter {
		v := &r.vars[r.left.v]
		var named []*kind
		for _, m := range mentions(text.Words(label)) {
			if slices.Contains(v.kinds, m.kind) {
				named = append(named, m.kind)
			}
		}
		if len(named) == 1 {
			v.kinds = named
		}
	}
}

// explained finds the letters that a text explains: "where v is speed", "the mass m".
func explained(s string) map[string][]*kind {
	if len(s) > 20_000 {
		s = s[:20_000]
	}
	t := split(s, text.English)
	words := make([]string, len(t))
	for i := range t {
		words[i] = t[i].fold
	}
	out := map[string][]*kind{}
	add := func(letter string, k *kind) {
		if !slices.Contains(out[letter], k) {
			out[letter] = append(out[letter], k)
		}
	}
	all := mentions(words)
	starts, ends := map[int]*kind{}, map[int]*kind{}
	for _, m := range all {
		starts[m.start], ends[m.end] = m.kind, m.kind
	}
	for i, x := range t {
		if !lettering(x.text) {
			continue
		}
		article := x.text == "a" || x.text == "I" && i+1 < len(t) && !strings.Contains(".,;)", t[i+1].text) && !sentenceIs[words[i+1]] || x.text == "A" && i+1 < len(t) && isLetter(t[i+1].text)
		before := func(far bool) bool { // the mass m; the mass, m
			j := i
			for j > 0 && far && (words[j-1] == "," || words[j-1] == "(") || j > 0 && words[j-1] == "of" {
				j--
			}
			k := ends[j]
			if k == nil || article || j == 0 || len(t[j-1].text) < 3 || j < i && words[j] == "of" && x.glued {
				return false
			}
			add(x.text, k)
			return true
		}
		if before(false) {
			continue
		}
		j := i + 1
		if j < len(t) && (words[j] == "is" || words[j] == "=" || words[j] == ":" || words[j] == "est" || words[j] == "means") {
			for j++; j < len(t) && articles[words[j]]; j++ {
			}
			if k := starts[j]; k != nil && len(t[j].text) > 2 && k != kinds["mean"] {
				add(x.text, k)
				continue
			}
		}
		if j < len(t) && (words[j] == "the" || words[j] == "la" || words[j] == "le") && starts[j+1] != nil { // f the frequency
			add(x.text, starts[j+1])
			continue
		}
		before(true)
	}
	return out
}

// lettering reports what may be a letter of a formula.
func lettering(s string) bool {
	runes := []rune(s)
	switch {
	case len(runes) == 1:
		return unicode.IsLetter(runes[0])
	case len(runes) == 2:
		return runes[0] == 'Δ' && unicode.IsLetter(runes[1]) || unicode.IsUpper(runes[0]) && (unicode.IsUpper(runes[1]) || lettered[s] != nil)
	case len(runes) == 3:
		return lettered[s] != nil
	}
	return false
}

// parser reads one side of an equation.
type parser struct {
	t       []token
	at      int
	depth   int
	meaning map[string][]*kind
	vars    []variable
	hundred bool
}

func (p *parser) peek() string {
	if p.at < len(p.t) {
		return p.t[p.at].text
	}
	return ""
}

func (p *parser) whole() (*node, bool) {
	e, ok := p.sum()
	return e, ok && p.at == len(p.t)
}

func (p *parser) sum() (*node, bool) {
	e, ok := p.term()
	for ok && (p.peek() == "+" || p.peek() == "-") {
		op := p.peek()[0]
		p.at++
		var f *node
		if f, ok = p.term(); ok {
			e = &node{op: op, a: e, b: f}
		}
	}
	return e, ok
}

func (p *parser) term() (*node, bool) {
	e, n, ok := p.group()
	for ok {
		s := p.peek()
		if (s == "x" || s == "X") && p.at+1 < len(p.t) {
			s = "×"
		}
		if s != "×" && s != "÷" && s != "/" {
			break
		}
		p.at++
		var f *node
		var m int
		if f, m, ok = p.group(); !ok {
			break
		}
		if s == "×" {
			e = join(e, f)
			continue
		}
		// a/2b may be read in two ways, and so may ab/c no longer if a number goes before.
		if m > 1 && !(n == 1 && e.op == 'n') {
			return nil, false
		}
		if m > 1 { // 1/2 mv²
			q := f
			for q.a != nil && q.a.op == '*' {
				q = q.a
			}
			if q.op != '*' || q.a.op != 'n' {
				return nil, false
			}
			q.a = &node{op: 'n', n: new(big.Rat).Quo(e.n, q.a.n)}
			e = f
			continue
		}
		if e.op == 'n' && f.op == 'n' && !e.pi && !f.pi && f.n.Sign() > 0 {
			e = &node{op: 'n', n: new(big.Rat).Quo(e.n, f.n)}
			continue
		}
		e = &node{op: '/', a: e, b: f}
	}
	return e, ok
}

// join multiplies by what may itself be a product.
func join(a, b *node) *node {
	if b.op == '*' {
		return product(join(a, b.a), b.b)
	}
	return product(a, b)
}

// group reads factors that stand together without a sign, and how many.
func (p *parser) group() (*node, int, bool) {
	var e *node
	n := 0
	for p.at < len(p.t) && p.depth < 10 {
		x := p.t[p.at]
		var factors []*node
		switch {
		case x.number != nil:
			if e != nil {
				// r 2 is a raised number that lost its place; after anything else it is not clear.
				if f := lastFactor(e); f != nil && f.op == 'v' && p.vars[f.v].letter && !x.unsure && x.number.IsInt() && (x.text == "2" || x.text == "3") {
					p.at++
					for range int(x.text[0] - '1') {
						e = product(e, f)
					}
					continue
				}
				return nil, 0, false
			}
			if x.unsure || x.number.Sign() == 0 {
				return nil, 0, false
			}
			p.at++
			if x.text == "1" && p.at+1 < len(p.t) && p.t[p.at].text == "2" && !p.t[p.at].glued && len(p.t) > p.at+1 && isLetter(p.t[p.at+1].text) {
				p.at++ // 1 2 m v 2: a half that lost its line
				x.number, x.text = big.NewRat(1, 2), "½"
			}
			if x.number.Cmp(big.NewRat(100, 1)) == 0 {
				p.hundred = true
				if p.peek() == "%" {
					p.at++
				}
			} else if p.at < len(p.t) && !p.t[p.at].glued && !x.number.IsInt() && x.text != "½" {
				if _, ok := named(p.peek()); ok {
					return nil, 0, false // a quantity
				}
			}
			if p.peek() == "%" {
				return nil, 0, false
			}
			if p.at+1 < len(p.t) && p.peek() == "/" && p.t[p.at].glued && p.t[p.at+1].glued && p.t[p.at+1].number != nil && p.t[p.at+1].number.Sign() > 0 { // 1/2
				x.number = new(big.Rat).Quo(x.number, p.t[p.at+1].number)
				p.at += 2
			} else if p.at < len(p.t) && x.number.IsInt() && !p.t[p.at].glued && isLetter(p.peek()) && p.peek() != "x" && p.peek() != "X" {
				if _, ok := named(p.peek()); ok {
					return nil, 0, false // 2 m is a quantity
				}
			}
			factors = []*node{{op: 'n', n: x.number}}
		case x.text == "(" && e != nil && lastFactor(e) != nil && lastFactor(e).op == 'v' && !p.vars[lastFactor(e).v].letter:
			// voltage (V): a note on what stands before
			end := p.at + 1
			for end < len(p.t) && p.t[end].text != ")" && !strings.Contains("(×÷+-=", p.t[end].text) {
				end++
			}
			if end >= len(p.t) || p.t[end].text != ")" || end-p.at > 6 {
				return nil, 0, false
			}
			p.at = end + 1
			continue
		case x.text == "(":
			p.at++
			p.depth++
			f, ok := p.sum()
			p.depth--
			if !ok || p.peek() != ")" {
				return nil, 0, false
			}
			p.at++
			factors = []*node{f}
		case x.text == "π":
			p.at++
			factors = []*node{{op: 'n', n: pi, pi: true}}
		case (x.text == "x" || x.text == "X") && e != nil && p.at+1 < len(p.t) && (p.t[p.at+1].number != nil || len([]rune(p.t[p.at+1].text)) > 2 || p.t[p.at+1].text == "("):
			return e, n, true // a sign
		case isLetter(x.text):
			end := p.at
			for end < len(p.t) && isLetter(p.t[end].text) && p.t[end].text != "π" && (end == p.at || p.t[end].text != "x" && p.t[end].text != "X") {
				end++
			}
			// l'aire
			for end+1 < len(p.t) && (p.t[end].text == "'" || p.t[end].text == "’" || p.t[end].hyphen && p.t[end].glued && p.t[end+1].glued && len(p.t[end-1].text) > 2 && len(p.t[end+1].text) > 2) && isLetter(p.t[end+1].text) {
				for end++; end < len(p.t) && isLetter(p.t[end].text); end++ {
				}
			}
			var ok bool
			if factors, ok = p.run(p.t[p.at:end]); !ok {
				return nil, 0, false
			}
			p.at = end
		default:
			return e, n, e != nil
		}
		for _, f := range factors {
			switch p.peek() {
			case "²", "³", "^":
				if f != factors[len(factors)-1] {
					break
				}
				power := 2
				if p.peek() == "³" {
					power = 3
				}
				if p.peek() == "^" {
					p.at++
					if p.peek() != "2" && p.peek() != "3" {
						return nil, 0, false
					}
					power = int(p.peek()[0] - '0')
				}
				p.at++
				f = raise(f, power)
			}
			if e == nil {
				e = f
			} else {
				if p.named(e) || p.named(f) && !(e.op == 'n') {
					return nil, 0, false // names are multiplied by a sign
				}
				e = join(e, f)
			}
			n++
		}
	}
	return e, n, e != nil
}

// named reports whether a factor is a variable with a name.
func (p *parser) named(e *node) bool { return e.op == 'v' && !p.vars[e.v].letter }

func lastFactor(e *node) *node {
	if e.op == '*' {
		return e.b
	}
	return e
}

func raise(f *node, power int) *node { return &node{op: '^', a: f, power: power} }

// run reads words without a sign between them: the name of a quantity, or letters.
func (p *parser) run(t []token) ([]*node, bool) {
	var words, shown []string
	for _, x := range t {
		if x.text == "'" || x.text == "’" || x.text == "-" {
			continue
		}
		words = append(words, x.fold)
		shown = append(shown, x.text)
	}
	if found := mentions(words); len(found) > 0 && slices.ContainsFunc(found, func(m mention) bool { return m.end-m.start > 1 || len(words[m.start]) > 2 }) || len(words) > 0 && !slices.ContainsFunc(words, func(w string) bool { return len(w) < 3 && !articles[w] }) && !p.letters(shown) {
		v, ok := p.name(words, shown)
		return []*node{v}, ok
	}
	var out []*node
	for i, s := range shown {
		if i > 0 && subscript[s] {
			continue
		}
		if i > 0 && (s == "f" || s == "i" || s == "o") && len(out) > 0 {
			return nil, false // an index, or a factor
		}
		factors, ok := p.word(s)
		if !ok {
			return nil, false
		}
		out = append(out, factors...)
	}
	return out, len(out) > 0 && len(out) < 6
}

var subscript = text.Set("avg net moy")

// letters reports whether words are letters of formulas.
func (p *parser) letters(words []string) bool {
	for _, w := range words {
		if len(w) > 4 && !strings.ContainsAny(w, "Δρλ") {
			return false
		}
		q := &parser{meaning: p.meaning}
		if _, ok := q.word(w); !ok && !subscript[w] {
			return false
		}
	}
	return true
}

var indexed = regexp.MustCompile(`^(\pL)(?:avg|net|moy)$`)

// word reads letters that are multiplied: mgh, mv².
func (p *parser) word(s string) ([]*node, bool) {
	if m := indexed.FindStringSubmatch(s); m != nil {
		s = m[1]
	}
	if n := len([]rune(s)); n > 6 || n > 1 && s != "at" && text.StopWord(text.English, text.Fold(s)) {
		return nil, false
	}
	var out []*node
	for s != "" {
		letter := ""
		for _, size := range []int{3, 2, 1} {
			if r := []rune(s); len(r) >= size {
				if c := string(r[:size]); p.meaning[c] != nil || lettered[c] != nil {
					letter = c
					break
				}
			}
		}
		if letter == "" {
			return nil, false
		}
		s = s[len(letter):]
		v := p.add(variable{name: letter, letter: true, kinds: p.means(letter)})
		for _, power := range []string{"²", "³", "2", "3"} {
			if rest, ok := strings.CutPrefix(s, power); ok {
				s = rest
				v = raise(v, map[string]int{"²": 2, "³": 3, "2": 2, "3": 3}[power])
				break
			}
		}
		out = append(out, v)
	}
	return out, true
}

func (p *parser) means(letter string) []*kind {
	if k := p.meaning[letter]; k != nil {
		return k
	}
	return lettered[letter]
}

// add returns the variable of that name, a new one if need be.
func (p *parser) add(v variable) *node {
	i := slices.IndexFunc(p.vars, func(w variable) bool { return w.name == v.name && w.letter == v.letter })
	if i < 0 {
		p.vars = append(p.vars, v)
		i = len(p.vars) - 1
	}
	return &node{op: 'v', v: i}
}

// name makes a variable of the words of a name.
func (p *parser) name(words, shown []string) (*node, bool) {
	for len(words) > 0 && articles[words[0]] {
		words, shown = words[1:], shown[1:]
	}
	if len(words) > 1 && len(words[len(words)-1]) == 1 { // distance d
		words, shown = words[:len(words)-1], shown[:len(words)-1]
	}
	cut := false
	for i, w := range words {
		if i > 0 && cutName[w] && !(w == "in" && i+1 == len(words)) && called[strings.Join(words, " ")] == nil {
			words, shown, cut = words[:i], shown[:i], w != "traveled" && w != "travelled"
			break
		}
	}
	if len(words) == 0 || len(words) > 6 {
		return nil, false
	}
	v := variable{name: strings.ToLower(strings.Join(shown, " ")), words: words, marks: map[string]bool{}}
	// The name proper ends before "of": the radius of the wheel.
	end := len(words)
	if i := slices.IndexFunc(words, func(w string) bool { return w == "of" || w == "de" || w == "du" || w == "d" || w == "des" }); i > 0 && called[strings.Join(words, " ")] == nil {
		end = i
	}
	found := mentions(words[:end])
	if whole := mentions(words); len(whole) > 0 && whole[len(whole)-1].end > end && whole[len(whole)-1].start < end {
		found = whole // acceleration of gravity
	}
	if len(found) > 0 {
		m := found[len(found)-1]
		if m.kind.id == "mean" && len(found) > 1 { // vitesse moyenne
			m = found[len(found)-2]
		}
		v.kinds = []*kind{m.kind}
		switch m.kind.id {
		case "time":
			v.kinds = append(v.kinds, kinds["years"])
		case "rate":
			v.kinds = append(v.kinds, kinds["percentage"])
		}
		for i, w := range words {
			if (i < m.start || i >= m.end) && !articles[w] && (len(w) > 2 || w == "in") {
				v.marks[sameAs(w)] = true
			}
		}
		for _, w := range []string{"average", "mean", "moyenn", "averag", sameAs("electric"), sameAs("electrical"), sameAs("average"), sameAs("moyenne"), sameAs("needed"), sameAs("done"), sameAs("parcourue")} {
			delete(v.marks, w)
		}
	}
	for _, w := range p.vars {
		if w.name == v.name && cut {
			return nil, false // two that were told apart by what is cut off
		}
	}
	return p.add(v), true
}
