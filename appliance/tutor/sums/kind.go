package sums

import (
	"strings"

	"github.com/bwenge-os/bwenge/internal/text"
)

// kind is a sort of quantity: what it is called, what it is measured in, which
// letters formulas have for it.
type kind struct {
	id      string // its English name
	dim     dim    // nil if it may be anything: a price is in any currency
	names   string // folded phrases, separated by commas
	symbols string
	french  string // with its article
	accepts string // what a question may call it instead, separated by commas
	shape   bool   // a measure of a figure, which has several of the same dimension
}

// kinds are the quantities of school problems. A formula may also have others;
// those have no dimension here and must be called by their names in the question.
var allKinds = func() []*kind {
	list := []kind{
		{id: "area", dim: dimension("m^2"), names: "area, areas, surface area, aire, surface, superficie, eneo, ubuso", symbols: "A S", french: "l'aire", shape: true},
		{id: "volume", dim: dimension("m^3"), names: "volume, capacity, capacite, ujazo, umubumbe", symbols: "V", french: "le volume", shape: true},
		{id: "perimeter", dim: dimension("m"), names: "perimeter, perimetre, mzingo, umuzenguruko", symbols: "P", french: "le périmètre", shape: true},
		{id: "circumference", dim: dimension("m"), names: "circumference, circonference", symbols: "C", french: "la circonférence", shape: true},
		{id: "length", dim: dimension("m"), names: "length, lengths, long, longueur, de long, urefu, uburebure", symbols: "l L", french: "la longueur", accepts: "distance, arm", shape: true},
		{id: "width", dim: dimension("m"), names: "width, breadth, wide, broad, largeur, de large, upana, ubugari", symbols: "w b l", french: "la largeur", shape: true},
		{id: "height", dim: dimension("m"), names: "height, high, tall, altitude, hauteur, de haut, kimo, ubuhagarike", symbols: "h", french: "la hauteur", accepts: "distance, depth", shape: true},
		{id: "depth", dim: dimension("m"), names: "depth, deep, profondeur, de profondeur", symbols: "d h", french: "la profondeur", shape: true},
		{id: "thickness", dim: dimension("m"), names: "thickness, thick, epaisseur", symbols: "t", french: "l'épaisseur", shape: true},
		{id: "base", dim: dimension("m"), names: "base, kitako", symbols: "b", french: "la base", shape: true},
		{id: "side", dim: dimension("m"), names: "side, sides, edge, cote, cotes, arete, upande, uruhande", symbols: "s a c", french: "le côté", shape: true},
		{id: "radius", dim: dimension("m"), names: "radius, radii, rayon, nusu kipenyo", symbols: "r R", french: "le rayon", shape: true},
		{id: "diameter", dim: dimension("m"), names: "diameter, diametre, kipenyo", symbols: "d D", french: "le diamètre", shape: true},
		{id: "arm", dim: dimension("m"), names: "arm, arms, bras, distance from the fulcrum, distance to the fulcrum, distance from the pivot, distance to the pivot", symbols: "L l d", french: "le bras de levier", accepts: "distance, length", shape: true},
		{id: "wavelength", dim: dimension("m"), names: "wavelength, wavelengths, wave length, longueur d onde", symbols: "λ", french: "la longueur d'onde"},
		{id: "distance", dim: dimension("m"), names: "distance, distances, far, umbali, intera", symbols: "d s x D", french: "la distance", accepts: "length, height"},
		{id: "displacement", dim: dimension("m"), names: "displacement, deplacement", symbols: "d s x Δd Δx", french: "le déplacement"},
		{id: "time", dim: dimension("s"), names: "time, elapsed time, time taken, time interval, duration, temps, duree, muda, wakati, igihe", symbols: "t T Δt", french: "le temps"},
		{id: "speed", dim: dimension("m s^-1"), names: "speed, speeds, average speed, wave speed, wave velocity, speed of sound, speed of the wave, vitesse, vitesse moyenne, mwendokasi, kasi, umuvuduko", symbols: "v s V", french: "la vitesse"},
		{id: "velocity", dim: dimension("m s^-1"), names: "velocity, velocities, average velocity", symbols: "v", french: "la vitesse", accepts: "speed"},
		{id: "speed of light", dim: dimension("m s^-1"), names: "speed of light, vitesse de la lumiere", symbols: "c", french: "la vitesse de la lumière"},
		{id: "acceleration", dim: dimension("m s^-2"), names: "acceleration, rate of acceleration, mchapuko", symbols: "a", french: "l'accélération"},
		{id: "centripetal acceleration", dim: dimension("m s^-2"), names: "centripetal acceleration, acceleration centripete", symbols: "ac", french: "l'accélération centripète"},
		{id: "centripetal force", dim: dimension(newton), names: "centripetal force, force centripete", symbols: "Fc", french: "la force centripète"},
		{id: "angular velocity", dim: dimension("s^-1"), names: "angular velocity, angular speed, vitesse angulaire", symbols: "ω", french: "la vitesse angulaire"},
		{id: "gravity", dim: dimension("m s^-2"), names: "acceleration due to gravity, gravity, gravitational field strength, gravitational acceleration, acceleration of gravity, pesanteur, intensite de la pesanteur, acceleration de la pesanteur", symbols: "g", french: "la pesanteur"},
		{id: "mass", dim: dimension("kg"), names: "mass, masse, uzani, uburemere bw ikintu", symbols: "m M", french: "la masse", accepts: "weight"},
		{id: "weight", dim: dimension(newton), names: "weight, weighs, weighing, poids, pese, uzito", symbols: "W w P G", french: "le poids", accepts: "load"},
		{id: "force", dim: dimension(newton), names: "force, forces, net force, net external force, nguvu, imbaraga", symbols: "F f", french: "la force", accepts: "weight, load, effort"},
		{id: "load", dim: dimension(newton), names: "load, resistance force, output force, charge a soulever, umuzigo", symbols: "L", french: "la charge", accepts: "weight"},
		{id: "effort", dim: dimension(newton), names: "effort, efforts, effort force, input force, force motrice", symbols: "E", french: "l'effort", accepts: "force"},
		{id: "moment", dim: dimension(joule), names: "moment, torque, moment of a force, moment d une force", symbols: "M τ", french: "le moment"},
		{id: "work", dim: dimension(joule), names: "work, work done, travail, kazi", symbols: "W", french: "le travail", accepts: "energy"},
		{id: "energy", dim: dimension(joule), names: "energy, electrical energy, electric energy, energie, nishati, ingufu", symbols: "E", french: "l'énergie", accepts: "work, heat"},
		{id: "kinetic energy", dim: dimension(joule), names: "kinetic energy, energie cinetique, nishati mwendo", symbols: "KE Ek K Ec", french: "l'énergie cinétique", accepts: "energy"},
		{id: "potential energy", dim: dimension(joule), names: "potential energy, gravitational potential energy, energie potentielle", symbols: "PE GPE Ep U", french: "l'énergie potentielle", accepts: "energy"},
		{id: "heat", dim: dimension(joule), names: "heat, heat energy, heat transfer, quantity of heat, amount of heat, chaleur, quantite de chaleur, joto", symbols: "Q H", french: "la chaleur", accepts: "energy"},
		{id: "power", dim: dimension(watt), names: "power, electric power, electrical power, puissance", symbols: "P", french: "la puissance"},
		{id: "voltage", dim: dimension(volt), names: "voltage, potential difference, potential drop, emf, tension, difference de potentiel, volteji", symbols: "V U", french: "la tension"},
		{id: "current", dim: dimension("A"), names: "current, electric current, intensity of the current, intensite du courant, intensite, courant, mkondo", symbols: "I", french: "l'intensité du courant"},
		{id: "resistance", dim: dimension(ohm), names: "resistance, ukinzani", symbols: "R", french: "la résistance"},
		{id: "charge", dim: dimension("A s"), names: "charge, electric charge, charge electrique", symbols: "Q q ΔQ", french: "la charge électrique"},
		{id: "pressure", dim: dimension(pascal), names: "pressure, pression, shinikizo, kanieneo", symbols: "P p", french: "la pression"},
		{id: "density", dim: dimension("kg m^-3"), names: "density, densite, masse volumique, ubucucike", symbols: "ρ D d", french: "la masse volumique"},
		{id: "momentum", dim: dimension("kg m s^-1"), names: "momentum, linear momentum, quantite de mouvement", symbols: "p", french: "la quantité de mouvement"},
		{id: "impulse", dim: dimension("kg m s^-1"), names: "impulse, change in momentum, change of momentum", symbols: "J Δp", french: "l'impulsion"},
		{id: "frequency", dim: dimension("s^-1"), names: "frequency, frequence", symbols: "f F", french: "la fréquence"},
		{id: "period", dim: dimension("s"), names: "period, periode", symbols: "T", french: "la période", accepts: "time"},
		{id: "temperature", dim: dimension("K"), names: "temperature, temperatures, joto la", symbols: "T", french: "la température"},
		{id: "temperature change", dim: dimension("K"), names: "temperature change, change in temperature, change of temperature, temperature difference, difference in temperature, rise in temperature, temperature rise, variation de temperature, elevation de temperature", symbols: "ΔT Δθ θ", french: "la variation de température"},
		{id: "specific heat", dim: dimension("m^2 s^-2 K^-1"), names: "specific heat, specific heat capacity, chaleur massique, chaleur specifique", symbols: "c", french: "la chaleur massique"},
		{id: "mechanical advantage", dim: dim{}, names: "mechanical advantage, ima, ideal mechanical advantage, actual mechanical advantage, avantage mecanique", symbols: "MA IMA AMA", french: "l'avantage mécanique"},
		{id: "efficiency", dim: dim{}, names: "efficiency, efficient, rendement", symbols: "η Eff", french: "le rendement"},
		{id: "magnification", dim: dim{}, names: "magnification, grossissement, grandissement", symbols: "M", french: "le grossissement"},
		{id: "population density", names: "population density, densite de population, densite de la population", french: "la densité de population"},
		{id: "price", dim: dimension("$"), names: "price, prices, cost, costs, prix, cout, coute, bei, igiciro", french: "le prix"},
		{id: "discount", dim: dimension("$"), names: "discount, reduction, rebate, remise, rabais, punguzo", french: "la réduction"},
		{id: "profit", dim: dimension("$"), names: "profit, benefice, faida, inyungu", french: "le bénéfice"},
		{id: "interest", dim: dimension("$"), names: "interest, simple interest, interet, interets, interet simple", symbols: "I SI", french: "l'intérêt"},
		{id: "principal", dim: dimension("$"), names: "principal, sum borrowed, sum saved, capital", symbols: "P C", french: "le capital", accepts: "price"},
		{id: "rate", dim: dimension("yr^-1"), names: "rate, interest rate, rate of interest, annual rate, yearly rate, taux, taux d interet, taux annuel", symbols: "R r", french: "le taux"},
		{id: "years", dim: dimension("yr"), names: "number of years, time in years, years, annees, nombre d annees", symbols: "T t n", french: "le nombre d'années", accepts: "time"},
		{id: "percentage", dim: dim{}, accepts: "rate, discount", names: "percent, percentage, discount rate, rate of discount, taux de reduction, taux de remise, per cent, pourcentage, pourcent, asilimia", french: "le pourcentage"},
		{id: "mean", names: "mean, average, arithmetic mean, moyenne, wastani, impuzandengo", french: "la moyenne"},
	}
	all := make([]*kind, len(list))
	for i := range list {
		all[i] = &list[i]
	}
	return all
}()

var kinds = func() map[string]*kind {
	m := map[string]*kind{}
	for _, k := range allKinds {
		m[k.id] = k
	}
	return m
}()

// called are the kinds by their names, and the longest of these in words.
var called, longestName = func() (map[string]*kind, int) {
	m, longest := map[string]*kind{}, 0
	for _, k := range allKinds {
		for _, name := range strings.Split(k.names, ", ") {
			m[name] = k
			longest = max(longest, strings.Count(name, " ")+1)
		}
	}
	return m, longest
}()

// lettered are the kinds that a letter may stand for where nothing explains it.
var lettered = func() map[string][]*kind {
	m := map[string][]*kind{}
	for _, shape := range []bool{false, true} { // those of figures last
		for _, k := range allKinds {
			for _, s := range strings.Fields(k.symbols) {
				if k.shape == shape {
					m[s] = append(m[s], k)
				}
			}
		}
	}
	return m
}()

// mention is a kind that is named at some place.
type mention struct {
	kind       *kind
	start, end int
}

// mentions finds the kinds that are named among folded words, the longest names first.
func mentions(words []string) []mention {
	var out []mention
	for i := 0; i < len(words); {
		n := 1
		for size := min(longestName, len(words)-i); size > 0; size-- {
			if k, ok := called[strings.Join(words[i:i+size], " ")]; ok {
				out = append(out, mention{k, i, i + size})
				n = size
				break
			}
		}
		i += n
	}
	return out
}

// takes reports whether what a question calls by the name of one kind may stand for another.
func (k *kind) takes(other *kind) bool {
	if k == other {
		return true
	}
	for _, id := range strings.Split(k.accepts, ", ") {
		if id == other.id {
			return true
		}
	}
	return false
}

// figures are the shapes that rules are about, by all their names.
var figures = names(`triangle triangles triangular triangulaire pembetatu
rectangle rectangles rectangular rectangulaire mstatili
square squares carre carree mraba
circle circles circular round cercle circulaire disque disc mduara uruziga
parallelogram parallelogramme
trapezium trapezoid trapeze
rhombus losange
ellipse
cube cubes cubique
cuboid box prism brick parallelepipede pave
cylinder cylinders cylindrical cylindre cylindrique
sphere ball boule
cone conique conical
pyramid pyramide`)

// machines likewise.
var machines = names(`lever levers levier leviers seesaw crowbar
pulley pulleys poulie
ramp slope incline plane
screw vis
wedge coin
wheel axle roue`)

// names reads lists of words that mean the same, one a line.
func names(list string) map[string]string {
	m := map[string]string{}
	for line := range strings.Lines(list) {
		for i, w := range strings.Fields(line) {
			if m[w] = strings.Fields(line)[0]; i == 0 {
				m[w] = w
			}
		}
	}
	return m
}

// alike are words for the same part in a problem.
var alike = names(`effort push pushes pushed pull pulls pulled press presses pushing pressing apply applied applies
load weight weigh weighs stone lies lift lifts lifted raise raises carries rock charge resistance
final end ends ending finish reaches
initial start starts starting beginning
input put in supplied supply spent in
output out useful useful get gets gives
selling sell sells sold vente vend vendu
cost buy buys bought buying achat achete`)

func sameAs(word string) string {
	if w, ok := alike[word]; ok {
		return w
	}
	return text.Stem(word)
}
