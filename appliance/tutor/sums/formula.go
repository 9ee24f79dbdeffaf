package sums

import (
	"maps"
	"math/big"
	"slices"
	"strings"

	"github.com/bwenge-os/bwenge/internal/text"
)

// worked is a solution with what it is compared by.
type worked struct {
	Solution
	value  *big.Rat // in base units
	target string
}

// formulas works the question out by the equations of a text.
func formulas(q *problem, t Text) []worked {
	if q.ask < 0 || len(q.given) > 6 || q.changed() || q.asked != nil && (q.asked.id == "mean" || q.asked.id == "percentage") {
		return nil
	}
	if q.asked != nil {
		switch q.asked.id {
		case "distance", "time", "speed", "velocity", "displacement":
			if q.has(moving) {
				return nil
			}
		case "acceleration":
			if !q.has(faster) {
				return nil
			}
		}
	}
	for _, g := range q.given {
		for _, h := range q.given {
			if g.unit.dim.money() && h.unit.dim.money() && g.unit.name != h.unit.name {
				return nil
			}
		}
	}
	var out []worked
	for _, r := range rules(t) {
		if !r.suits(q) {
			continue
		}
		with, step := r.halved(q)
		for _, types := range r.types() {
			for _, w := range r.apply(with, t, types) {
				if step != "" {
					w.Steps = slices.Insert(w.Steps, len(w.Steps)-1, step)
				}
				out = append(out, w)
			}
		}
	}
	return out
}

// halved gives a rule that asks for a radius the half of a diameter, and the step
// that says so; and one that asks for a diameter the double of a radius.
func (r *rule) halved(q *problem) (*problem, string) {
	of := func(id string) bool {
		return slices.ContainsFunc(r.vars, func(v variable) bool { return slices.Contains(v.kinds, kinds[id]) })
	}
	for _, way := range []struct {
		from, to, step string
		factor         *big.Rat
	}{{"diameter", "radius", " ÷ 2 = ", big.NewRat(1, 2)}, {"radius", "diameter", " × 2 = ", big.NewRat(2, 1)}} {
		i := slices.IndexFunc(q.given, func(g quantity) bool { return g.role == kinds[way.from] })
		if i < 0 || !of(way.to) || of(way.from) || slices.ContainsFunc(q.given, func(g quantity) bool { return g.role == kinds[way.to] }) {
			continue
		}
		p := *q
		p.given = slices.Clone(q.given)
		g := &p.given[i]
		before, _ := with(g.value, g.unit.name, q.language)
		g.value, g.role = new(big.Rat).Mul(g.value, way.factor), kinds[way.to]
		after, _ := with(g.value, g.unit.name, q.language)
		return &p, upper(q.nameOf(variable{letter: true}, g.role)) + " = " + before + way.step + after
	}
	return q, ""
}

// changed reports a word that makes another problem of it.
func (q *problem) changed() bool {
	for w := range q.near {
		if changing[w] {
			return true
		}
	}
	// There and back is twice the way, unless it is said that it is all of it.
	if q.words["back"] || q.words["return"] || q.words["returns"] || q.words["returned"] || q.words["round"] && q.words["trip"] || q.words["retour"] || q.words["revient"] {
		if q.asked != nil && (q.asked.id == "velocity" || q.asked.id == "displacement") {
			return true
		}
		return !(q.words["all"] || q.words["total"] || q.words["altogether"] || q.words["tout"] || q.words["whole"])
	}
	return false
}

// suits reports whether a rule may be about what the question is about.
func (r *rule) suits(q *problem) bool {
	if r.figure == "several" {
		return false
	}
	if r.its != nil {
		shared := false
		for w := range q.words {
			shared = shared || len(w) > 2 && called[w] == nil && r.its[text.Stem(w)]
		}
		if !shared {
			return false
		}
	}
	if r.machine != "" {
		lever := q.machine == "" && r.machine == "lever"
		if q.machine != r.machine && !lever && !(r.its != nil && q.machine == "") {
			return false
		}
	}
	return true
}

// types are the ways to read the letters of a rule in which its dimensions agree.
func (r *rule) types() [][]*kind {
	var out [][]*kind
	now := make([]*kind, len(r.vars))
	dims := make([]dim, len(r.vars))
	tries := 0
	var next func(i int)
	next = func(i int) {
		if tries > 2000 {
			return
		}
		if i < len(r.vars) {
			if len(r.vars[i].kinds) == 0 {
				now[i], dims[i] = nil, nil
				next(i + 1)
				return
			}
			for _, k := range r.vars[i].kinds {
				if r.vars[i].letter && slices.Contains(now[:i], k) {
					continue // two letters for the same would need to be told apart
				}
				now[i], dims[i] = k, k.dim
				next(i + 1)
			}
			return
		}
		tries++
		left, known, ok := r.left.dims(dims)
		right, known2, ok2 := r.right.dims(dims)
		if ok && ok2 && (!known || !known2 || left.is(right)) {
			out = append(out, slices.Clone(now))
		}
	}
	next(0)
	return out
}

// asksFor reports whether a variable is what the question asks for.
func (q *problem) asksFor(v variable, k *kind, types []*kind) bool {
	if k == nil {
		return q.asked == nil && len(v.words) > 0 && !slices.ContainsFunc(v.words, func(w string) bool { return !articles[w] && !q.askWords[w] })
	}
	if q.asked == nil && q.askedIn.factor == nil {
		return false
	}
	if q.askedIn.factor != nil && !k.dim.is(q.askedIn.dim) && !q.percentOf(k) {
		return false
	}
	switch {
	case q.asked == nil:
		return true
	case q.asked == k:
	case q.asked.id == "speed" && k.id == "velocity":
		if !slices.Contains(types, kinds["distance"]) {
			return false
		}
	case q.asked.id == "force" && (k.id == "effort" || k.id == "load"):
	case q.asked.id == "time" && k.id == "years":
	case q.asked.id == "weight" && k.id == "mass" && q.askedIn.dim.is(k.dim):
	case q.asked.id == "distance" && k.id == "arm" && q.words["fulcrum"]:
	default:
		return false
	}
	return true
}

func (q *problem) percentOf(k *kind) bool {
	return q.askedIn.name == "%" && (k.id == "efficiency" || k.id == "rate")
}

// apply puts the quantities of the question into a rule.
func (r *rule) apply(q *problem, t Text, types []*kind) []worked {
	var out []worked
	all := distinct(r.left, r.right)
	var wanted []int
	for _, v := range all {
		if !q.asksFor(r.vars[v], types[v], types) {
			continue
		}
		wanted = append(wanted, v)
	}
	// Of several of one kind, the question says which: the effort arm.
	for _, target := range wanted {
		if twins(types, target) && !hits(r.vars[target].marks, q.askWords) {
			continue
		}
		if k := types[target]; k != nil && k.shape && q.figure != r.figure && !r.upright(q) {
			continue
		}
		if w, ok := r.solveFor(q, t, types, target); ok {
			out = append(out, w...)
		}
	}
	if len(wanted) > 1 && len(out) > 1 {
		return nil
	}
	return out
}

// upright reports a rule for what is so long and so wide: that needs no name of a figure.
func (r *rule) upright(q *problem) bool {
	if q.figure != "" || r.figure != "rectangle" && r.figure != "cuboid" && r.figure != "" {
		return false
	}
	lengths := 0
	for _, g := range q.given {
		if g.unit.dim.is(dim{"m": 1}) {
			lengths++
			if g.role == nil || g.role.id != "length" && g.role.id != "width" && g.role.id != "height" && g.role.id != "depth" {
				return false
			}
		}
	}
	return lengths >= 1
}

// twins reports whether a rule has another variable of the same kind.
func twins(types []*kind, v int) bool {
	for i, k := range types {
		if i != v && k == types[v] && k != nil {
			return true
		}
	}
	return false
}

// hits reports whether one of the marks stands among words.
func hits(marks, words map[string]bool) bool {
	for w := range words {
		if marks[sameAs(w)] {
			return true
		}
	}
	return false
}

func (r *rule) solveFor(q *problem, t Text, types []*kind, target int) ([]worked, bool) {
	solved := solve(r.left, r.right, target)
	if solved == nil {
		return nil, false
	}
	others := distinct(solved)
	fixed := map[int]quantity{}
	if len(others) == len(q.given)+1 { // the one that is not given may be a constant
		for _, v := range others {
			if g, ok := q.gravity(types[v], t); ok {
				fixed[v] = g
			}
		}
	}
	if len(others)-len(fixed) != len(q.given) {
		return nil, false
	}
	var out []worked
	chosen := make([]int, len(r.vars)) // which quantity, from 1
	taken := make([]bool, len(q.given))
	var next func(i int)
	next = func(i int) {
		if len(out) > 20 {
			return
		}
		if i == len(others) {
			if w, ok := r.work(q, types, target, solved, chosen, fixed); ok {
				out = append(out, w)
			}
			return
		}
		v := others[i]
		if _, ok := fixed[v]; ok {
			next(i + 1)
			return
		}
		for g := range q.given {
			if taken[g] || !r.fits(q, types, target, v, q.given[g]) {
				continue
			}
			taken[g], chosen[v] = true, g+1
			next(i + 1)
			taken[g], chosen[v] = false, 0
		}
	}
	next(0)
	return out, len(out) > 0
}

// gravity is g, if the text says how large it is, or all the others agree.
func (q *problem) gravity(k *kind, t Text) (quantity, bool) {
	if k == nil || k.id != "gravity" {
		return quantity{}, false
	}
	value := stated(t.Text)
	if value == nil {
		for _, other := range q.texts {
			v := stated(other.Text)
			if v != nil && value != nil && v.Cmp(value) != 0 {
				return quantity{}, false
			}
			if v != nil {
				value = v
			}
		}
	}
	if value == nil {
		return quantity{}, false
	}
	return quantity{value: value, unit: units["m"].per(units["s"], -2), role: k}, true
}

// stated is the value that a text gives for g, in m/s².
func stated(s string) *big.Rat {
	if len(s) > 20_000 || !strings.Contains(s, "g") {
		return nil
	}
	tokens := split(s, text.English)
	for i := 0; i+3 < len(tokens); i++ {
		if tokens[i].text == "g" && tokens[i+1].text == "=" && tokens[i+2].number != nil {
			u, _, ok := readUnit(tokens, i+3)
			if v := tokens[i+2].number; ok && u.dim["m"] == 1 && u.dim["kg"] == 0 && v.Cmp(big.NewRat(97, 10)) > 0 && v.Cmp(big.NewRat(10, 1)) <= 0 {
				return v
			}
		}
	}
	return nil
}

// fits reports whether a quantity may stand for a variable.
func (r *rule) fits(q *problem, types []*kind, target, v int, g quantity) bool {
	k := types[v]
	if k == nil { // a name that is not known must be said
		for _, w := range r.vars[v].words {
			if !articles[w] && !g.clause[sameAs(w)] && text.Stem(w) != text.Stem(text.Fold(g.thing)) {
				return false
			}
		}
		return g.role == nil
	}
	if g.thing != "" || g.over != nil && g.bare {
		return false
	}
	switch {
	case k.id == "rate":
		if !g.percent() && !(g.unit.dim.is(k.dim)) {
			return false
		}
	case len(k.dim) == 0 && g.percent():
		if k.id != "efficiency" && k.id != "percentage" || g.yearly() {
			return false
		}
	case !g.unit.dim.is(k.dim):
		return false
	}
	if k.id == "temperature" && g.unit.offset {
		return false
	}
	if k.id == "speed of light" || g.role != nil && !k.takes(g.role) {
		return false
	}
	// Where others have the same dimension, or a figure has several, it must be called by its name.
	strict := types[target] != nil && (types[target].shape && k.dim.is(dim{"m": 1}) || types[target].dim.is(k.dim))
	for _, w := range distinct(r.left, r.right) {
		strict = strict || w != v && w != target && types[w] != nil && types[w].dim.is(k.dim)
	}
	if t := types[target]; strict && t != nil && k.dim.money() && (t.id == "interest" || t.id == "discount") {
		// The one sum of money that is given is what it is reckoned from.
		sums := 0
		for _, h := range q.given {
			if h.unit.dim.money() {
				sums++
			}
		}
		strict = sums != 1
	}
	if !strict {
		return true
	}
	if twins(types, v) || g.role == nil {
		// The words of its clause say which it is, or else those over the comma.
		for _, clause := range []map[string]bool{g.clause, g.wide} {
			other := false
			for w := range types {
				other = other || w != v && w != target && types[w] == k && hits(without(r.vars[w].marks, r.vars[v].marks), clause)
			}
			other = other || types[target] == k && hits(without(r.vars[target].marks, r.vars[v].marks), clause)
			switch mine := hits(r.vars[v].marks, clause); {
			case other:
				return false
			case mine:
				return true
			}
		}
		return false
	}
	return true
}

func without(a, b map[string]bool) map[string]bool {
	out := maps.Clone(a)
	for w := range b {
		delete(out, w)
	}
	return out
}

// simple are the kinds whose results are left in the units of the question.
var simple = map[string]bool{"distance": true, "displacement": true, "time": true, "speed": true, "velocity": true, "mass": true, "density": true, "period": true, "wavelength": true, "arm": true, "years": true, "population density": true}

// choose picks the units to work in.
func choose(k *kind, given []quantity) system {
	s := system{base: map[string]unit{"yr": units["years"]}}
	used := map[string]map[string]bool{}
	derived := k != nil && len(k.dim) > 0 && !k.shape && !simple[k.id]
	for _, g := range given {
		if len(g.unit.parts) == 0 && (g.unit.dim["m"] != 0 || g.unit.dim["kg"] != 0 || g.unit.dim["s"] != 0) {
			derived = derived || g.unit.dim["A"] != 0 || g.unit.dim["kg"] != 0
		}
		for _, p := range g.unit.parts {
			for base, power := range units[p.name].dim {
				if power == 1 && len(units[p.name].dim) == 1 {
					if used[base] == nil {
						used[base] = map[string]bool{}
					}
					used[base][p.name] = true
				}
			}
		}
		for base := range g.unit.dim {
			if len(g.unit.parts) == 0 && (base == "m" || base == "s") {
				if used[base] == nil {
					used[base] = map[string]bool{}
				}
				used[base][base] = true
			}
		}
	}
	for _, base := range []string{"m", "kg", "s"} {
		s.base[base] = units[base]
		if derived {
			continue
		}
		names := used[base]
		if len(names) > 1 && base != "kg" { // km/h and minutes: hours
			names = map[string]bool{}
			for _, g := range given {
				for _, p := range g.unit.parts {
					if u := units[p.name]; len(g.unit.parts) > 1 && u.dim.is(dim{base: 1}) {
						names[p.name] = true
					}
				}
			}
		}
		if len(names) == 1 {
			for name := range names {
				s.base[base] = units[name]
			}
		}
	}
	if k != nil && (k.id == "speed" || k.id == "velocity") && !derived {
		if s.base["m"].name == "km" {
			s.base["s"] = units["h"]
		} else {
			s.base["s"] = units["s"]
		}
	}
	s.own = derived
	return s
}

// work reckons and writes the steps.
func (r *rule) work(q *problem, types []*kind, target int, solved *node, chosen []int, fixed map[int]quantity) (worked, bool) {
	k := types[target]
	values := make([]*big.Rat, len(r.vars))
	dims := make([]dim, len(r.vars))
	shown := make([]string, len(r.vars))
	var conversions []string
	s := choose(k, q.given)
	money := ""
	for v := range r.vars {
		g, ok := fixed[v]
		if chosen[v] > 0 {
			g, ok = q.given[chosen[v]-1], true
		}
		if !ok {
			continue
		}
		if g.unit.dim.money() {
			money = g.unit.name
		}
		dims[v] = g.unit.dim
		values[v] = g.base()
		if types[v] != nil && types[v].id == "rate" {
			dims[v] = types[v].dim
		}
		if g.percent() {
			if r.hundred {
				values[v] = g.value
			}
			shown[v], _ = with(g.value, "%", q.language)
			if r.hundred {
				shown[v], _ = number(g.value, q.language)
			}
			continue
		}
		factor := s.factor(g.unit.dim)
		values[v] = new(big.Rat).Quo(values[v], factor)
		name := g.unit.name
		if factor.Cmp(g.unit.factor) != 0 {
			name = s.name(g.unit.dim)
			from, _ := with(g.value, g.unit.name, q.language)
			to, about := with(values[v], name, q.language)
			conversions = append(conversions, from+map[bool]string{true: " ≈ ", false: " = "}[about]+to)
		}
		shown[v], _ = with(values[v], name, q.language)
	}
	result, rough, err := solved.value(values)
	if err != nil || result.Sign() <= 0 || result.Num().BitLen() > 400 && !rough {
		return worked{}, false
	}
	d, known, ok := solved.dims(dims)
	if !ok || !known || k != nil && k.dim != nil && !d.is(k.dim) {
		return worked{}, false
	}
	if _, known, ok := r.left.dims(withDim(dims, target, d)); !ok || !known {
		return worked{}, false
	}
	unit := s.name(d)
	for _, g := range q.given {
		if g.thing != "" {
			unit = strings.Replace(unit, text.Stem(text.Fold(g.thing)), g.thing, 1)
		}
	}
	switch {
	case d.money():
		unit = money
	case d.is(dim{"yr": 1}):
		unit = "years"
	case k != nil && k.id == "angular velocity":
		unit = "rad/s"
	case k != nil && k.id == "moment":
		unit = "N m"
	case k != nil && (k.id == "efficiency" || k.id == "rate"):
		unit = ""
		if r.hundred {
			unit = "%"
			if k.id == "efficiency" && result.Cmp(big.NewRat(100, 1)) > 0 {
				return worked{}, false
			}
		}
	case len(d) == 0:
		unit = ""
	}
	name := q.nameOf(r.vars[target], k)
	label := func(v int) string {
		if types[v] != nil && (r.vars[v].letter || r.vars[v].name == "ima") {
			return q.nameOf(r.vars[v], types[v])
		}
		return r.vars[v].name
	}
	numbers := func(n *big.Rat) string { s, _ := number(n, q.language); return s }
	head := upper(label(target))
	if r.figure != "" && k != nil && k.shape && !strings.Contains(head, " of ") && q.language != text.French {
		head += " of a " + r.figure
	}
	steps := []string{head + " = " + solved.show(label, numbers)}
	if original := r.left.op != 'v' && r.right.op != 'v' || r.left.op == 'v' && r.left.v != target && r.right.op != 'v'; original {
		steps = append([]string{upper(r.left.show(label, numbers)) + " = " + r.right.show(label, numbers)}, steps...)
	}
	steps = append(steps, conversions...)
	written, about := with(result, unit, q.language)
	about = about || rough
	if rough {
		written = roughly(result, unit, q.language)
	}
	sign := " = "
	if about {
		sign = " ≈ "
	}
	steps = append(steps, solved.show(func(v int) string { return shown[v] }, numbers)+sign+written)
	base := new(big.Rat).Mul(result, s.factor(d))
	if q.askedIn.factor != nil && q.askedIn.name != "%" && q.askedIn.dim.is(d) && q.askedIn.name != unit {
		wanted := new(big.Rat).Quo(base, q.askedIn.factor)
		to, about2 := with(wanted, q.askedIn.name, q.language)
		if rough {
			to = roughly(wanted, q.askedIn.name, q.language)
		}
		about = rough || about2
		steps = append(steps, written+map[bool]string{true: " ≈ ", false: " = "}[about]+to)
		written = to
	}
	if about {
		written = rounded(q.language) + written
	}
	id := name
	if k != nil && q.asked != nil {
		id = q.asked.id
	} else if k != nil {
		id = k.id
	}
	return worked{Solution{Answer: sentence(k, name, written, q.language), Steps: steps, Rule: r.text}, base, id}, true
}

func withDim(dims []dim, v int, d dim) []dim {
	out := slices.Clone(dims)
	out[v] = d
	return out
}

// roughly writes a number that is known to be rounded.
func roughly(v *big.Rat, unit, language string) string {
	r, _ := new(big.Rat).SetString(v.FloatString(6))
	short, _ := new(big.Rat).SetString(r.FloatString(places))
	if new(big.Rat).Abs(v).Cmp(big.NewRat(1, 1)) < 0 {
		short, _ = new(big.Rat).SetString(r.FloatString(places + 2))
	}
	s, _ := with(short, unit, language)
	return s
}

// nameOf is what a variable is called in the question's language.
func (q *problem) nameOf(v variable, k *kind) string {
	if k == nil {
		return v.name
	}
	if q.language == text.French {
		s := k.french
		for _, article := range []string{"la ", "le ", "l'"} {
			s = strings.TrimPrefix(s, article)
		}
		return s
	}
	if !v.letter && v.name != "ima" {
		return v.name
	}
	if (k.id == "speed" || k.id == "velocity") && q.words["average"] {
		return "average " + k.id
	}
	return k.id
}
