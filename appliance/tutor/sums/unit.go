package sums

import (
	"maps"
	"math/big"
	"sort"
	"strconv"
	"strings"

	"github.com/bwenge-os/bwenge/internal/text"
)

// dim is a dimension: the powers of what is measured, "m" for a length, "kg", "s",
// "A", "K", "yr", a currency, or "#pupil" for things that are counted.
type dim map[string]int

func (d dim) times(e dim, power int) dim {
	out := maps.Clone(d)
	if out == nil {
		out = dim{}
	}
	for k, n := range e {
		if out[k] += n * power; out[k] == 0 {
			delete(out, k)
		}
	}
	return out
}

func (d dim) is(e dim) bool { return maps.Equal(d, e) }

// counted is what a number counts, "" if it is not a number of things.
func (d dim) counted() string {
	for k, n := range d {
		if len(d) == 1 && n == 1 && strings.HasPrefix(k, "#") {
			return k
		}
	}
	return ""
}

// money reports a sum of money.
func (d dim) money() bool {
	for k, n := range d {
		if len(d) == 1 && n == 1 && strings.HasPrefix(k, "$") {
			return true
		}
	}
	return false
}

// unit is what a number is written with.
type unit struct {
	name   string
	dim    dim
	factor *big.Rat // to the base units of its dimension
	parts  []part   // of which base units it is made; none if it has a name of its own, as the newton
	offset bool     // degrees that do not begin at absolute zero
}

type part struct {
	name  string
	power int
}

func dimension(list string) dim {
	d := dim{}
	for _, f := range strings.Fields(list) {
		base, power, ok := strings.Cut(f, "^")
		n := 1
		if ok {
			n, _ = strconv.Atoi(power)
		}
		d[base] = n
	}
	return d
}

// The dimensions that have a unit of their own.
const (
	newton = "kg m s^-2"
	joule  = "kg m^2 s^-2"
	watt   = "kg m^2 s^-3"
	volt   = "kg m^2 s^-3 A^-1"
	ohm    = "kg m^2 s^-3 A^-2"
	pascal = "kg m^-1 s^-2"
)

// units by the way they are written: the symbols as they stand, the words folded.
var units = func() map[string]unit {
	all := map[string]unit{}
	add := func(name, factor, dims, words string) {
		f, ok := new(big.Rat).SetString(factor)
		if !ok {
			panic("sums: factor " + factor)
		}
		u := unit{name: name, dim: dimension(dims), factor: f, offset: name == "°C"}
		switch dims {
		case "m", "kg", "s":
			u.parts = []part{{name, 1}}
		case "m^2", "m^3":
			if base, ok := strings.CutSuffix(name, map[string]string{"m^2": "²", "m^3": "³"}[dims]); ok {
				u.parts = []part{{base, int(dims[2] - '0')}}
			}
		}
		for _, w := range append(strings.Fields(words), name) {
			all[strings.ReplaceAll(w, "_", " ")] = u
		}
	}
	add("mm", "1/1000", "m", "millimetre millimetres millimeter millimeters milimita")
	add("cm", "1/100", "m", "centimetre centimetres centimeter centimeters sentimita santimetero Cm CM")
	add("dm", "1/10", "m", "decimetre decimetres decimeter decimeters")
	add("m", "1", "m", "metre metres meter meters mita metero")
	add("km", "1000", "m", "kilometre kilometres kilometer kilometers kilomita kilometero Km KM kms")
	add("mg", "1/1000000", "kg", "milligram milligrams milligramme milligrammes")
	add("g", "1/1000", "kg", "gram grams gramme grammes gramu garama")
	add("kg", "1", "kg", "kilogram kilograms kilogramme kilogrammes kilo kilos kilogramu kilogarama Kg KG kgs")
	add("t", "1000", "kg", "tonne tonnes")
	add("ms", "1/1000", "s", "millisecond milliseconds milliseconde millisecondes")
	add("s", "1", "s", "second seconds seconde secondes sec secs sekunde isegonda amasegonda")
	add("min", "60", "s", "minute minutes mins dakika iminota umunota")
	add("h", "3600", "s", "hour hours hr hrs heure heures saa isaha amasaha")
	add("days", "86400", "s", "day jour jours siku")
	add("weeks", "604800", "s", "week semaine semaines wiki")
	add("years", "1", "yr", "year an ans annee annees mwaka miaka umwaka imyaka")
	add("months", "1/12", "yr", "month mois miezi")
	add("mm²", "1/1000000", "m^2", "mm2")
	add("cm²", "1/10000", "m^2", "cm2")
	add("dm²", "1/100", "m^2", "dm2")
	add("m²", "1", "m^2", "m2")
	add("km²", "1000000", "m^2", "km2")
	add("ha", "10000", "m^2", "hectare hectares hekta hegitari")
	add("ares", "100", "m^2", "")
	add("mm³", "1/1000000000", "m^3", "mm3")
	add("cm³", "1/1000000", "m^3", "cm3 cc")
	add("dm³", "1/1000", "m^3", "dm3")
	add("m³", "1", "m^3", "m3")
	add("L", "1/1000", "m^3", "l litre litres liter liters lita litiro")
	add("ml", "1/1000000", "m^3", "mL millilitre millilitres milliliter milliliters")
	add("cl", "1/100000", "m^3", "cL centilitre centilitres")
	add("N", "1", newton, "newton newtons n")
	add("kN", "1000", newton, "kilonewton kilonewtons KN kn")
	add("J", "1", joule, "joule joules j")
	add("kJ", "1000", joule, "kilojoule kilojoules KJ kj")
	add("MJ", "1000000", joule, "megajoule megajoules")
	add("Wh", "3600", joule, "watt_hour watt_hours wattheure wattheures wh")
	add("kWh", "3600000", joule, "kilowatt_hour kilowatt_hours kilowattheure kilowattheures kwh KWh")
	add("W", "1", watt, "watt watts w")
	add("kW", "1000", watt, "kilowatt kilowatts KW kw")
	add("MW", "1000000", watt, "megawatt megawatts")
	add("V", "1", volt, "volt volts v")
	add("kV", "1000", volt, "kilovolt kilovolts")
	add("mV", "1/1000", volt, "millivolt millivolts")
	add("A", "1", "A", "ampere amperes amp amps")
	add("mA", "1/1000", "A", "milliampere milliamperes milliamp milliamps")
	add("Ω", "1", ohm, "ohm ohms Ω")
	add("kΩ", "1000", ohm, "kilohm kilohms kiloohm kiloohms kΩ")
	add("C", "1", "A s", "coulomb coulombs")
	add("Pa", "1", pascal, "pascal pascals pa")
	add("hPa", "100", pascal, "hectopascal hectopascals")
	add("kPa", "1000", pascal, "kilopascal kilopascals kpa")
	add("Hz", "1", "s^-1", "hertz hz")
	add("kHz", "1000", "s^-1", "kilohertz khz")
	add("MHz", "1000000", "s^-1", "megahertz mhz")
	add("K", "1", "K", "kelvin kelvins")
	add("°C", "1", "K", "ºC")
	add("francs", "1", "$", "franc frw rwf Frw FRW RWF Rwf faranga amafaranga")
	add("dollars", "1", "$", "dollar USD usd $")
	add("euros", "1", "$", "euro EUR eur €")
	add("shillings", "1", "$", "shilling shilingi sh Ksh KES Tsh TZS Ush UGX")
	add("%", "1/100", "", "percent pourcent asilimia")
	for _, w := range []string{"km/h", "m/s"} { // also in one word
		top, bottom, _ := strings.Cut(w, "/")
		u := all[top].per(all[bottom], -1)
		all[map[string]string{"km/h": "kmh", "m/s": "mps"}[w]] = u
		if w == "km/h" {
			all["kph"] = u
		}
	}
	return all
}()

// perUnit are the units that "a" or "an" may stand before for one of them.
var lone = text.Set(`hour minute second day week year metre meter kilometre kilometer kilo kilogram gram litre liter heure
	minute seconde jour semaine an kilogramme gramme newton joule tonne`)

// per multiplies a unit by a power of another.
func (u unit) per(v unit, power int) unit {
	out := unit{dim: u.dim.times(v.dim, power), factor: new(big.Rat).Set(u.factor), offset: u.offset || v.offset}
	for range max(power, -power) {
		if power > 0 {
			out.factor.Mul(out.factor, v.factor)
		} else {
			out.factor.Quo(out.factor, v.factor)
		}
	}
	out.parts = append(out.parts, u.pieces()...)
	for _, p := range v.pieces() {
		out.parts = append(out.parts, part{p.name, p.power * power})
	}
	out.name = written(out.parts)
	return out
}

func (u unit) pieces() []part {
	if len(u.parts) > 0 || u.name == "" {
		return u.parts
	}
	return []part{{u.name, 1}}
}

var raised = strings.NewReplacer("1", "", "2", "²", "3", "³", "4", "⁴")

// written is the name of a unit that is made of others: kg·m/s².
func written(parts []part) string {
	power := map[string]int{}
	var order []string
	for _, p := range parts {
		if _, ok := power[p.name]; !ok {
			order = append(order, p.name)
		}
		power[p.name] += p.power
	}
	sort.SliceStable(order, func(i, j int) bool { return power[order[i]] > 0 && power[order[j]] < 0 })
	var top, bottom []string
	for _, name := range order {
		switch n := power[name]; {
		case n == 1:
			top = append(top, name)
		case n > 1:
			top = append(top, name+raised.Replace(strconv.Itoa(n)))
		case n == -1:
			bottom = append(bottom, name)
		case n < -1:
			bottom = append(bottom, name+raised.Replace(strconv.Itoa(-n)))
		}
	}
	s := strings.Join(top, "·")
	if len(bottom) > 0 {
		if s == "" {
			s = "1"
		}
		s += "/" + strings.Join(bottom, "/")
	}
	return s
}

// named finds a unit by how it is written.
func named(word string) (unit, bool) {
	if u, ok := units[word]; ok {
		return u, true
	}
	folded := text.Fold(word)
	if len(folded) > 2 || strings.Contains(folded, "%") {
		if u, ok := units[folded]; ok {
			return u, true
		}
	}
	return unit{}, false
}

// squared are the words for the powers of a length.
var squared = map[string]int{"square": 2, "sq": 2, "cubic": 3, "carre": 2, "carres": 2, "cube": 3, "cubes": 3, "squared": 2, "cubed": 3}

// readUnit reads the unit that begins at token i, and how many tokens it takes.
func readUnit(t []token, i int) (unit, int, bool) {
	u, n, ok := readFactor(t, i)
	if !ok {
		return unit{}, 0, false
	}
	for i+n < len(t) {
		at := i + n
		word := t[at].fold
		skip := 0
		switch {
		case word == "/" || word == "per" || word == "par":
			skip = 1
		case (word == "an" || word == "a" || word == "each" || word == "every") && at+1 < len(t) && lone[t[at+1].fold] && u.dim["s"] == 0:
			skip = 1
		case word == "a" && at+2 < len(t) && t[at+1].fold == "l" && lone[t[at+2].fold]: // à l'heure
			skip = 2
		case word == "°c" && len(u.parts) > 1: // J/kg °C
		default:
			return u, n, true
		}
		if at+skip < len(t) && (t[at+skip].fold == "un" || t[at+skip].fold == "une") {
			skip++
		}
		v, m, ok := readFactor(t, at+skip)
		if !ok {
			return u, n, true
		}
		u = u.per(v, -1)
		n += skip + m
	}
	return u, n, true
}

func readFactor(t []token, i int) (unit, int, bool) {
	if i >= len(t) || t[i].number != nil {
		return unit{}, 0, false
	}
	if power, ok := squared[t[i].fold]; ok && i+1 < len(t) { // square metres
		if u, ok := named(t[i+1].text); ok && u.dim.is(dim{"m": 1}) {
			return lengthPower(u, power), 2, true
		}
		return unit{}, 0, false
	}
	if i+1 < len(t) && t[i+1].number == nil {
		if u, ok := units[t[i].fold+" "+t[i+1].fold]; ok {
			return u, 2, true
		}
		if t[i].fold == "per" && t[i+1].fold == "cent" || t[i].fold == "pour" && t[i+1].fold == "cent" {
			return units["%"], 2, true
		}
	}
	u, ok := named(t[i].text)
	if !ok {
		for suffix, power := range map[string]int{"²": 2, "2": 2, "³": 3, "3": 3} { // m/s²
			if base, cut := strings.CutSuffix(t[i].text, suffix); cut {
				if u, ok = named(base); ok && (u.dim.is(dim{"m": 1}) || u.dim.is(dim{"s": 1})) {
					return lengthPower(u, power), 1, true
				}
			}
		}
		return unit{}, 0, false
	}
	n := 1
	if i+1 < len(t) {
		power, raised := squared[t[i+1].fold]
		if t[i+1].text == "^" && i+2 < len(t) && t[i+2].number != nil && t[i+2].number.IsInt() && t[i+2].number.Num().IsInt64() {
			if p := t[i+2].number.Num().Int64(); p == 2 || p == 3 {
				power, raised, n = int(p), true, 2
			}
		}
		if raised && (u.dim.is(dim{"m": 1}) || u.dim.is(dim{"s": 1})) {
			return lengthPower(u, power), n + 1, true
		}
	}
	return u, 1, true
}

func lengthPower(u unit, power int) unit {
	out := u
	for range power - 1 {
		out = out.per(u, 1)
	}
	if v, ok := units[out.name]; ok {
		return v
	}
	return out
}

// system is a choice of one unit for each base, in which a problem is worked.
type system struct {
	base map[string]unit
	own  bool // base units of the SI, so that newtons and the like go with it
}

func (s system) factor(d dim) *big.Rat {
	f := big.NewRat(1, 1)
	for base, n := range d {
		u, ok := s.base[base]
		if !ok {
			continue
		}
		for range max(n, -n) {
			if n > 0 {
				f.Mul(f, u.factor)
			} else {
				f.Quo(f, u.factor)
			}
		}
	}
	return f
}

// si are the units that have a name, by dimension.
var si = []struct{ name, dim string }{{"N", newton}, {"J", joule}, {"W", watt}, {"V", volt}, {"Ω", ohm}, {"Pa", pascal}, {"C", "A s"}, {"Hz", "s^-1"}}

// name is how a dimension is written in a system.
func (s system) name(d dim) string {
	if s.own {
		for _, u := range si {
			if d.is(dimension(u.dim)) {
				return u.name
			}
		}
	}
	var parts []part
	bases := make([]string, 0, len(d))
	for base := range d {
		bases = append(bases, base)
	}
	sort.Strings(bases)
	for _, base := range bases {
		name := base
		if u, ok := s.base[base]; ok {
			name = u.name
		}
		parts = append(parts, part{strings.TrimLeft(name, "#$"), d[base]})
	}
	return written(parts)
}
