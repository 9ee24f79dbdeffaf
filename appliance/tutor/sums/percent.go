package sums

import (
	"math/big"
	"slices"
	"strings"

	"github.com/bwenge-os/bwenge/internal/text"
)

var (
	percentWords = text.Set("percent percentage percentages pourcentage pourcentages pourcent asilimia % ijanisha cent")
	offWords     = text.Set("off discount discounts reduction remise rabais reduced reduces reduce reduit baisse punguzo cheaper solde")
	upWords      = text.Set("rises rise rose raises raised increases increase increased augmente augmentation added adds kuongezeka dearer")
	newWords     = text.Set("pay pays paid new now payer paie paye nouveau nouvelle sale final reduced kulipa nitalipa atalipa mpya payez paierai")
	partWords    = text.Set("discount save saved saving reduction remise rabais economie economise punguzo increase augmentation rise")
	oldWords     = text.Set("original originally before initial initially old first avant ancien ancienne normal usual was initiale depart")
	paidWords    = text.Set("pay pays paid spend spends spent paie paye payer payé now sale bought buys buy achete")
	after        = text.Set("after apres baada")
	restWords    = text.Set("left remain remains remaining rest not reste restent restant other others autre autres each every both more less fewer plus moins than twice double triple half again another without sans chaque same unlike")
	themWords    = text.Set("them these those this it which eux ceux celles ceci")
	ofWords      = text.Set("of out the sur parmi les des de d ya kati from among ' his her their our")
)

// rulesOf finds the sentences that say how to take a percentage, and how to
// express a part as one.
func rulesOf(t Text) (of, as string) {
	about := hasAny(text.Words(t.Heading), percentWords)
	for line := range strings.Lines(t.Text) {
		inLine := hasAny(text.Words(line), percentWords)
		if strings.HasPrefix(line, "#") {
			about = inLine
		}
		for _, s := range text.Sentences(line) {
			tokens := split(s, text.English)
			divided, multiplied, other, signs, percent := false, false, false, 0, about && len(line) < 400 || inLine
			percent = percent && (about || hasAny(text.Words(s), percentWords) || strings.Contains(s, "%"))
			for i, x := range tokens {
				if x.number != nil {
					if x.text != "100" {
						other = true
						continue
					}
					for j := i - 1; j >= max(0, i-4); j-- {
						w := tokens[j].fold
						if w == "/" || w == "÷" || strings.HasPrefix(w, "divi") {
							divided = true
							break
						}
						if w == "×" || w == "x" || strings.HasPrefix(w, "multipl") || w == "times" || w == "fois" {
							multiplied = true
							break
						}
					}
				}
				if w := x.fold; w == "/" || w == "÷" || w == "×" || w == "x" || w == "times" || w == "fois" || strings.HasPrefix(w, "divi") || strings.HasPrefix(w, "multipl") {
					signs++
				}
			}
			if other || !percent || signs < 2 || example.MatchString(s) || len(s) > 300 || hasAny(text.Words(s), text.Set("efficiency interest profit loss gain increase decrease rendement interet benefice perte error mistake forget forgetting not never")) {
				continue
			}
			switch {
			case divided && !multiplied && of == "":
				of = strings.TrimSpace(s)
			case multiplied && !divided && as == "":
				as = strings.TrimSpace(s)
			}
		}
	}
	return plain(of), plain(as)
}

// plain takes emphasis off.
func plain(s string) string {
	return strings.TrimSpace(strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(strings.ReplaceAll(s, "**", "")), "*"), "*"))
}

func hasAny(words []string, set map[string]bool) bool {
	return slices.ContainsFunc(words, func(w string) bool { return set[w] })
}

func (q *problem) has(set map[string]bool) bool {
	for w := range q.words {
		if set[w] {
			return true
		}
	}
	return false
}

// percentages takes a percentage of an amount, changes an amount by one, or
// expresses a part of a whole as one.
func percentages(q *problem, t Text) []worked {
	if q.ask < 0 {
		return nil
	}
	var rates, amounts []quantity
	for _, g := range q.given {
		if g.yearly() {
			return nil
		}
		if g.percent() {
			rates = append(rates, g)
		} else {
			amounts = append(amounts, g)
		}
	}
	of, as := rulesOf(t)
	switch {
	case len(rates) == 1 && len(amounts) == 1 && of != "" && amounts[0].over == nil:
		return share(q, rates[0], amounts[0], of)
	case len(rates) == 0 && as != "" && q.asked == kinds["percentage"]:
		return portion(q, amounts, as)
	}
	return nil
}

// share works out a percentage of an amount, or the amount changed by it.
func share(q *problem, rate, amount quantity, rule string) []worked {
	part := new(big.Rat).Mul(amount.value, rate.value)
	part.Quo(part, big.NewRat(100, 1))
	if rate.value.Cmp(big.NewRat(100, 1)) > 0 || rate.value.Sign() <= 0 {
		return nil
	}
	unit := amount.unit.name
	off, up := q.has(offWords), q.has(upWords) || q.words["goes"] && q.words["up"]
	if q.has(oldWords) && !(q.words["was"] && q.has(text.Set("now new"))) || q.has(restWords) {
		return nil
	}
	for i := q.sentenceOf(rate.start); i < min(rate.start, q.ask); i++ {
		if after[q.tokens[i].fold] {
			return nil // the amount may be what is left
		}
	}
	if off || up { // "I paid 4,800 francs", "20 % off for 4,800 francs": what is left of it
		for i := q.sentenceOf(amount.start); i < amount.start; i++ {
			if i < q.ask && paidWords[q.tokens[i].fold] {
				return nil
			}
		}
		before := ""
		if amount.start > 0 {
			before = q.tokens[amount.start-1].fold
		}
		if rate.start < amount.start && (before == "for" || before == "at" || before == "pour" || before == "only") {
			return nil
		}
		if amount.end <= rate.start && !q.askWords["new"] && !q.askWords["nouveau"] && !hasAnyIn(q.askWords, partWords) {
			for i := amount.end; i < rate.start; i++ {
				if w := q.tokens[i].fold; w == "with" || w == "at" || w == "avec" || w == "including" {
					return nil
				}
			}
		}
	}
	result, steps := part, []string{rule}
	show := func(v *big.Rat) string { s, _ := with(v, unit, q.language); return s }
	percent, _ := number(rate.value, q.language)
	steps = append(steps, show(amount.value)+" × "+percent+" ÷ 100 = "+show(part))
	answer, target := "", "part"
	switch {
	case off && up:
		return nil
	case off || up:
		wantsNew, wantsPart := hasAnyIn(q.askWords, newWords), hasAnyIn(q.askWords, partWords)
		if wantsNew && q.askWords["reduction"] || wantsNew == wantsPart && !(wantsNew && (q.askWords["pay"] || q.askWords["new"] || q.askWords["price"])) {
			return nil
		}
		if !amount.unit.dim.money() {
			return nil
		}
		name := [2]string{"discount", "La réduction"}
		if up {
			name = [2]string{"increase", "L'augmentation"}
		}
		if wantsNew {
			target, name = "new", [2]string{"new price", "Le nouveau prix"}
			sign := " − "
			if result = new(big.Rat).Sub(amount.value, part); up {
				sign, result = " + ", new(big.Rat).Add(amount.value, part)
			}
			steps = append(steps, show(amount.value)+sign+show(part)+" = "+show(result))
		}
		if answer = sentence(nil, "", show(result), q.language); q.language == text.French {
			answer = name[1] + " est de " + show(result) + "."
		} else if q.language != text.Swahili && q.language != text.Kinyarwanda {
			answer = "The " + name[0] + " is " + show(result) + "."
		}
	default:
		direct := rate.end <= amount.start
		whole := ""
		for i := rate.end; i < len(q.tokens) && i < rate.end+5 && i < amount.start; i++ {
			direct = direct && ofWords[q.tokens[i].fold]
		}
		if rate.end < len(q.tokens) && ofWords[q.tokens[rate.end].fold] {
			for i := rate.end; i < len(q.tokens) && !themWords[q.tokens[i].fold]; i++ {
				if !ofWords[q.tokens[i].fold] && q.tokens[i].number == nil {
					whole = text.Stem(q.tokens[i].fold)
					break
				}
			}
		}
		direct = direct && amount.start-rate.end <= 4 && amount.start > rate.end
		asksHere := q.ask < rate.start && rate.end <= q.askEnd
		switch {
		case direct && asksHere && q.nothingElse(rate.start, amount.end):
		case rate.start < q.ask:
			// How many girls? The girls must be what the percentage is about, and not what the amount counts.
			asked := q.content()
			if len(asked) == 0 {
				return nil
			}
			thing := text.Stem(text.Fold(amount.thing))
			about := false
			for _, w := range asked {
				switch {
				case direct && w == thing:
				case w == whole || w == thing:
					return nil
				case rate.clause[w]:
					about = true
				case !amount.clause[w]:
					return nil
				}
			}
			if !about || !direct && whole != "" && (whole != thing || thing == "") {
				return nil
			}
		default:
			return nil
		}
		said := percent + " % of " + show(amount.value) + " is " + show(part) + "."
		switch q.language {
		case text.French:
			said = percent + " % de " + show(amount.value) + " font " + show(part) + "."
		case text.Swahili, text.Kinyarwanda:
			said = sentence(nil, "", show(part), q.language)
		}
		answer = said
	}
	if amount.unit.dim.counted() != "" && !result.IsInt() {
		return nil
	}
	return []worked{{Solution{Answer: answer, Steps: steps, Rule: rule}, result, target}}
}

func hasAnyIn(words, set map[string]bool) bool {
	for w := range words {
		if set[w] {
			return true
		}
	}
	return false
}

// nothingElse reports whether the part that asks says no more than the tokens in
// [from, to) and what they count.
func (q *problem) nothingElse(from, to int) bool {
	for i := q.ask; i < q.askEnd; i++ {
		if i >= from && i < to || around[q.tokens[i].fold] || q.tokens[i].fold == "are" || q.tokens[i].fold == "many" || q.countedAs(q.tokens[i].fold) || strings.Contains(",'", q.tokens[i].text) {
			continue
		}
		if u, ok := named(q.tokens[i].text); ok && u.factor != nil {
			continue
		}
		return false
	}
	return true
}

// countedAs reports whether a word is what one of the numbers counts.
func (q *problem) countedAs(word string) bool {
	return slices.ContainsFunc(q.given, func(g quantity) bool { return g.thing != "" && text.Stem(text.Fold(g.thing)) == text.Stem(word) })
}

// content are the stems of the words that the asking part is about.
func (q *problem) content() []string {
	var out []string
	for i := q.ask; i < q.askEnd; i++ {
		w := q.tokens[i].fold
		if q.tokens[i].number != nil || !isLetter(q.tokens[i].text) || len(w) < 3 || asking[w] || percentWords[w] || text.StopWord(text.English, w) || text.StopWord(text.French, w) || around[w] || w == "there" {
			continue
		}
		out = append(out, text.Stem(w))
	}
	return out
}

// portion expresses a part of a whole in percent.
func portion(q *problem, amounts []quantity, rule string) []worked {
	if q.has(restWords) || q.has(text.Set("increase increased decrease decreased reduced discount profit loss gain interest efficiency efficient rendement error slope grade")) {
		return nil
	}
	var part, whole quantity
	switch {
	case len(amounts) == 1 && amounts[0].over != nil:
		part, whole = amounts[0], amounts[0]
		part.value = new(big.Rat).Mul(amounts[0].value, amounts[0].over)
		whole.value = amounts[0].over
	case len(amounts) == 2 && amounts[0].over == nil && amounts[1].over == nil:
		a, b := amounts[0], amounts[1]
		between := q.tokens[a.end:max(a.end, b.start)]
		if a.thing != "" && len(between) > 1 {
			between = between[1:]
		}
		outOf := len(between) > 0 && len(between) < 5 && !slices.ContainsFunc(between, func(x token) bool { return !ofWords[x.fold] }) &&
			slices.ContainsFunc(between, func(x token) bool {
				return x.fold == "of" || x.fold == "out" || x.fold == "sur" || x.fold == "parmi" || x.fold == "ya" || x.fold == "from" || x.fold == "among"
			})
		switch wa, wb := q.isWhole(a), q.isWhole(b); {
		case outOf:
			part, whole = a, b
		case wa && !wb:
			part, whole = b, a
		case wb && !wa:
			part, whole = a, b
		default:
			return nil
		}
	default:
		return nil
	}
	one, two := part.unit.dim, whole.unit.dim
	counts := (part.bare || part.thing != "") && (whole.bare || whole.thing != "")
	if !one.is(two) && !counts || part.percent() || one.money() && part.unit.name != whole.unit.name {
		return nil
	}
	// What is asked about must be the part: of 15 boys nobody asks how many percent are girls.
	for _, w := range q.content() {
		if part.clause[w] || whole.clause[w] && w == text.Stem(text.Fold(whole.thing)) || text.Set("score scor mark get got note class clas percentag express writ repres cela font")[w] || percentWords[w] {
			continue
		}
		return nil
	}
	p, w := part.base(), whole.base()
	if counts {
		p, w = part.value, whole.value
	}
	if w.Sign() <= 0 || p.Cmp(w) > 0 {
		return nil
	}
	result := new(big.Rat).Quo(p, w)
	result.Mul(result, big.NewRat(100, 1))
	a, _ := number(part.value, q.language)
	b, _ := number(whole.value, q.language)
	if !counts && part.unit.name != "" {
		a, b = a+" "+part.unit.name, b+" "+whole.unit.name
	}
	shown, about := with(result, "%", q.language)
	sign, said := " = ", shown
	if about {
		sign, said = " ≈ ", rounded(q.language)+shown
	}
	answer := "That is " + said + "."
	switch q.language {
	case text.French:
		answer = "Cela fait " + said + "."
	case text.Swahili, text.Kinyarwanda:
		answer = sentence(nil, "", said, q.language)
	}
	return []worked{{Solution{Answer: answer, Steps: []string{rule, a + " ÷ " + b + " × 100" + sign + shown}, Rule: rule}, result, "percentage"}}
}

// isWhole reports whether a quantity is called the whole.
func (q *problem) isWhole(g quantity) bool {
	for i := g.start - 1; i >= max(0, g.start-3); i-- {
		switch w := q.tokens[i].fold; {
		case w == "class" || w == "total" || w == "classe" || w == "group" || w == "altogether":
			return true
		case percentWords[w] && i+1 < len(q.tokens) && (q.tokens[i+1].fold == "of" || q.tokens[i+1].fold == "de"):
			return true
		case !ofWords[w] && !text.Set("a une has have with are there contains compte il y")[w]:
			return false
		}
	}
	return false
}

// means works out an average, if the text says how.
func means(q *problem, t Text) []worked {
	if q.ask < 0 || q.asked == nil || q.asked.id != "mean" || q.has(restWords) || q.words["weighted"] {
		return nil
	}
	rule := ""
	for line := range strings.Lines(t.Text) {
		for _, s := range text.Sentences(line) {
			words := text.Words(s)
			if rule == "" && len(s) < 300 && !slices.ContainsFunc(words, text.HasDigit) && hasAny(words, text.Set("mean average moyenne wastani")) &&
				hasAny(words, text.Set("sum add adding total somme additionne additionner jumla")) &&
				(strings.ContainsAny(s, "÷/") || slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(w, "divi") })) &&
				hasAny(words, text.Set("number count many nombre numbers values idadi")) && !hasAny(words, text.Set("speed velocity vitesse speeds")) {
				rule = plain(s)
			}
		}
	}
	if rule == "" {
		return nil
	}
	// The numbers stand in one list; before it there may be how many they are.
	list := q.given
	if n := len(list); n > 2 && list[0].value.IsInt() && list[0].value.Cmp(big.NewRat(int64(n-1), 1)) == 0 && list[0].thing != "" {
		list = list[1:]
	}
	if len(list) < 2 {
		return nil
	}
	unit := list[len(list)-1].unit
	for i, g := range list {
		if g.bare && !unit.dim.is(dim{}) {
			list = slices.Clone(list) // 4, 6 and 8 cm
			g.unit, list[i] = unit, g
		} else if !g.unit.dim.is(unit.dim) || g.unit.name != unit.name || g.percent() {
			return nil
		}
		if i > 0 {
			between := q.tokens[list[i-1].end:g.start]
			if len(between) == 0 || len(between) > 2 || slices.ContainsFunc(between, func(x token) bool {
				return x.text != "," && x.fold != "and" && x.fold != "et" && x.text != ";" && x.fold != "na"
			}) {
				return nil
			}
		}
	}
	sum := new(big.Rat)
	var shown []string
	for _, g := range list {
		sum.Add(sum, g.value)
		s, _ := number(g.value, q.language)
		shown = append(shown, s)
	}
	n := big.NewRat(int64(len(list)), 1)
	result := new(big.Rat).Quo(sum, n)
	name := unit.name
	total, _ := with(sum, name, q.language)
	said, about := with(result, name, q.language)
	sign := " = "
	if about {
		sign = " ≈ "
	}
	steps := []string{rule, strings.Join(shown, " + ") + " = " + total, total + " ÷ " + n.RatString() + sign + said}
	if about {
		said = rounded(q.language) + said
	}
	return []worked{{Solution{Answer: sentence(q.asked, "mean", said, q.language), Steps: steps, Rule: rule}, result, "mean"}}
}

// proportions works out what more of the same costs, or weighs, if the text says
// how: the rule of three.
func proportions(q *problem, t Text) []worked {
	if q.ask < 0 || len(q.given) != 3 || q.has(restWords) || q.has(offWords) || q.has(upWords) ||
		q.has(text.Set("workers worker men people days day hours ouvriers ouvrier jours jour hommes taps machines speed")) {
		return nil
	}
	rule := ""
	for line := range strings.Lines(t.Text) {
		for _, s := range text.Sentences(line) {
			words := strings.Join(text.Words(s), " ")
			named := strings.Contains(words, "rule of three") || strings.Contains(words, "regle de trois") || strings.Contains(words, "unitary method") || strings.Contains(words, "proportion")
			one := strings.Contains(words, "of one") || strings.Contains(words, "for one") || strings.Contains(words, "d un") || strings.Contains(words, "by one")
			if rule == "" && !text.HasDigit(words) && len(s) < 300 && (named || one) && strings.Contains(words, "multipl") && !strings.Contains(words, "inverse") {
				rule = plain(s)
			}
		}
	}
	if rule == "" {
		return nil
	}
	a, b, c := q.given[0], q.given[1], q.given[2]
	if c.start < q.sentenceOf(q.ask) || b.end > q.ask {
		return nil
	}
	if a.unit.dim.is(c.unit.dim) == b.unit.dim.is(c.unit.dim) {
		return nil
	}
	if b.unit.dim.is(c.unit.dim) {
		a, b = b, a
	}
	// b is money, or weighs: what is asked for must be that.
	if !b.unit.dim.money() || !hasAnyIn(q.askWords, text.Set("cost costs price pay prix coutent coute payer much cout")) || a.bare || a.percent() {
		return nil
	}
	one := new(big.Rat).Quo(b.value, a.base())
	result := new(big.Rat).Mul(one, c.base())
	if c.value.Sign() <= 0 || a.value.Sign() <= 0 {
		return nil
	}
	per := new(big.Rat).Quo(b.value, a.value)
	same := new(big.Rat).Quo(c.base(), a.unit.factor)
	first, about := with(per, b.unit.name, q.language)
	total, about2 := with(result, b.unit.name, q.language)
	whole, _ := with(b.value, b.unit.name, q.language)
	n, _ := number(a.value, q.language)
	m, _ := number(same, q.language)
	said := total
	if about2 {
		said = rounded(q.language) + total
	}
	steps := []string{rule, whole + " ÷ " + n + equals(about) + first, first + " × " + m + equals(about || about2) + total}
	if about {
		steps = []string{rule, whole + " × " + m + " ÷ " + n + equals(about2) + total}
	}
	return []worked{{Solution{Answer: sentence(kinds["price"], "price", said, q.language), Steps: steps, Rule: rule}, result, "price"}}
}

func equals(about bool) string {
	if about {
		return " ≈ "
	}
	return " = "
}
