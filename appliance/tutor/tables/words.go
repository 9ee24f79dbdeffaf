package tables

import (
	"strings"

	"github.com/bwenge-os/bwenge/internal/text"
)

// operation is what a question wants done with the cells.
type operation int

const (
	opNone operation = iota
	opMost
	opLeast
	opSum
	opMean
	opCount
)

// operations are the words that ask for one, folded. What is an ordinary word of
// another language ("make", "bake") counts in its own alone.
var operations = []struct {
	op       operation
	language string // "" for all
	words    map[string]bool
}{
	{opMost, "", text.Set(`most highest largest biggest greatest maximum max maximal maximale kubwa mkubwa nyingi mengi wengi zaidi
		kinini munini benshi menshi nyinshi kurusha`)},
	{opLeast, "", text.Set(`least fewest smallest lowest minimum min minimal minimale ndogo mdogo chache wachache kidogo gito muto nkeya`)},
	{opLeast, "rw", text.Set(`make bake`)},
	{opSum, "", text.Set(`total totals altogether sum combined together totale somme jumla pamoja hamwe igiteranyo`)},
	{opMean, "", text.Set(`average moyenne wastani impuzandengo`)},
}

// superlatives are adjectives that say which column they mean, and in which
// direction.
var superlatives = []struct {
	op      operation
	words   map[string]bool
	columns map[string]bool // stems
}{
	{opMost, text.Set("tallest highest mrefu"), stemSet("height hauteur taille altitude elevation urefu kimo uburebure ubutumburuke")},
	{opLeast, text.Set("shortest"), stemSet("height length distance duration hauteur longueur urefu uburebure")},
	{opMost, text.Set("longest"), stemSet("length distance duration longueur duree urefu uburebure")},
	{opMost, text.Set("oldest"), stemSet("age umri imyaka")},
	{opLeast, text.Set("youngest"), stemSet("age umri imyaka")},
	{opMost, text.Set("heaviest"), stemSet("weight mass poids masse uzito uburemere")},
	{opLeast, text.Set("lightest"), stemSet("weight mass poids masse uzito uburemere")},
	{opMost, text.Set("hottest warmest"), stemSet("temperature joto ubushyuhe")},
	{opLeast, text.Set("coldest coolest"), stemSet("temperature joto ubushyuhe")},
	{opMost, text.Set("fastest"), stemSet("speed velocity vitesse kasi umuvuduko")},
	{opLeast, text.Set("slowest"), stemSet("speed velocity vitesse kasi umuvuduko")},
	{opMost, text.Set("deepest"), stemSet("depth profondeur kina")},
	{opLeast, text.Set("shallowest"), stemSet("depth profondeur kina")},
	{opMost, text.Set("widest"), stemSet("width largeur upana")},
	{opLeast, text.Set("narrowest"), stemSet("width largeur upana")},
	{opMost, text.Set("dearest expensive"), stemSet("price cost prix cout bei igiciro")},
	{opLeast, text.Set("cheapest"), stemSet("price cost prix cout bei igiciro")},
	{opMost, text.Set("largest biggest"), stemSet("area size surface superficie eneo ukubwa ubuso")},
	{opLeast, text.Set("smallest"), stemSet("area size surface superficie eneo ukubwa ubuso")},
}

// sized are the superlatives that go with any column that is named: the largest
// area, but also the largest population.
var sized = text.Set("largest biggest smallest highest")

// phrases of several words that ask for an operation.
var phrases = []struct {
	words string
	op    operation
}{
	{"le plus", opMost}, {"la plus", opMost}, {"les plus", opMost}, {"plus grand", opMost}, {"plus grande", opMost}, {"plus haut", opMost}, {"plus eleve", opMost}, {"plus elevee", opMost},
	{"le moins", opLeast}, {"la moins", opLeast}, {"les moins", opLeast}, {"plus petit", opLeast}, {"plus petite", opLeast}, {"plus bas", opLeast},
	{"the mean", opMean}, {"mean of", opMean}, {"en moyenne", opMean},
	{"in all", opSum}, {"en tout", opSum}, {"au total", opSum}, {"kwa jumla", opSum}, {"bose hamwe", opSum}, {"yose hamwe", opSum},
}

// comparison is a condition on a number.
type comparison int

const (
	over comparison = iota
	atLeast
	under
	atMost
	exactly
)

var comparisons = []struct {
	words string
	is    comparison
}{
	{"more than", over}, {"greater than", over}, {"higher than", over}, {"larger than", over}, {"above", over}, {"over", over}, {"plus de", over}, {"superieur a", over}, {"zaidi ya", over}, {"hejuru ya", over}, {"birenze", over}, {"barenze", over},
	{"at least", atLeast}, {"au moins", atLeast}, {"angalau", atLeast}, {"nibura", atLeast},
	{"less than", under}, {"fewer than", under}, {"lower than", under}, {"smaller than", under}, {"below", under}, {"under", under}, {"moins de", under}, {"inferieur a", under}, {"chini ya", under}, {"munsi ya", under},
	{"at most", atMost}, {"au plus", atMost},
	{"exactly", exactly}, {"exactement", exactly}, {"hasa", exactly}, {"neza", exactly},
}

func (c comparison) holds(cell, limit float64) bool {
	switch c {
	case over:
		return cell > limit
	case atLeast:
		return cell >= limit
	case under:
		return cell < limit
	case atMost:
		return cell <= limit
	}
	return cell == limit
}

type ask struct {
	words   string
	columns map[string]bool // stems
}

// explaining words ask for what no cell gives.
var explaining = text.Set(`why explain describe pourquoi comment explique expliquez decris decrivez kwanini mbona eleza elezea kuki sobanura vipi`)

// vague words stand beside a number that is not meant exactly.
var vague = text.Set(`up about around nearly almost approximately roughly more less fewer plus moins environ presque pres
	zaidi pungufu karibu takriban hafi kurenza hejuru munsi`)

// relations change what is asked for, though most of them count as stop words
// elsewhere.
var relations = text.Set(`not no without except besides never neither other others after before between next previous during since until
	first last second third difference instead twice half double percent rank not-in
	pas sans sauf jamais aucun aucune autre autres apres avant entre prochain precedent pendant depuis premier premiere dernier derniere moitie fois
	isipokuwa bila hakuna si hapana baada kabla kati mwingine nyingine kwanza mwisho tofauti
	uretse nta ntabwo nyuma mbere hagati ikindi undi ikurikira itandukaniro`)

// kinds are what the columns of a timetable may be, without saying so.
var kinds = text.Set(`day days month months year years week weeks class classes hour jour jours mois annee semaine classe heure
	siku mwezi mwaka wiki darasa saa umunsi ukwezi umwaka icyumweru ishuri isaha`)

// asks are question words, and what the column that answers them may be called.
var asks = []ask{
	{"people", stemSet("population inhabitants persons habitants wakazi abaturage")},
	{"inhabitants", stemSet("population people habitants")},
	{"habitants", stemSet("population personnes inhabitants")},
	{"watu", stemSet("wakazi population people idadi")},
	{"abantu", stemSet("abaturage population people")},
	{"how large", stemSet("area size surface superficie taille eneo ukubwa ubuso")},
	{"how big", stemSet("area size surface superficie taille eneo ukubwa ubuso")},
	{"how tall", stemSet("height hauteur taille urefu uburebure")},
	{"how high", stemSet("height altitude elevation hauteur kimo ubutumburuke")},
	{"how long", stemSet("length duration time longueur duree urefu muda uburebure")},
	{"how old", stemSet("age umri imyaka")},
	{"how heavy", stemSet("weight mass poids masse uzito uburemere")},
	{"how deep", stemSet("depth profondeur kina ubujyakuzimu")},
	{"how far", stemSet("distance umbali intera")},
	{"how fast", stemSet("speed velocity vitesse kasi umuvuduko")},
	{"how hot", stemSet("temperature joto ubushyuhe")},
	{"how much cost", stemSet("price cost prix cout bei igiciro")},
	{"cost", stemSet("price cost prix cout bei igiciro")},
	{"coute", stemSet("price cost prix cout")},
	{"price", stemSet("price cost")},
	{"who", stemSet("name teacher person author nom enseignant jina izina umwarimu mwalimu")},
	{"qui", stemSet("nom enseignant auteur personne")},
	{"when", stemSet("date day time year hour jour heure annee siku saa umunsi isaha tarehe itariki")},
	{"quand", stemSet("date jour heure annee")},
	{"lini", stemSet("tarehe siku saa mwaka")},
	{"ryari", stemSet("itariki umunsi isaha umwaka")},
	{"where", stemSet("place location room country town city lieu salle pays ville mahali ahantu")},
	{"ou", stemSet("lieu salle pays ville endroit")},
}

// neutral words say nothing of their own in a question about a table.
var neutral = text.Set(`what which who whom whose when where how many much number amount value is are was were be been do does did
	has have had there the a an of in on at by for to from with and or that this these those it its each every per as than
	live lives living lived found find show shown give tell me say says according table list chart graph figure row column called name
	all tout tous toutes yote zote wote vyote yose bose zose
	can could will would should get got take takes taken place happen happens held hold holds contain contains come comes came
	fall falls fell grow grows grew made make makes need needs reach reaches stand stands cost costs weigh weighs measure measures please reported recorded
	quel quelle quels quelles combien est sont etait etaient y a t il elle le la les l un une des du de d dans sur au aux en pour par et ou que qui
	ont avait avoir habitent vivent trouve trouvent compte comptent selon tableau nombre valeur liste graphique se ce cette chaque lequel laquelle
	ni je nini gani ngapi wangapi mangapi vingapi ya wa la za cha vya kwa katika na ina wana kuna iko ziko zina ana lina jedwali idadi gani
	ese ni ingahe bangahe angahe zingahe iki kihe ikihe uwuhe ibihe abahe uyuhe muri mu ku kuri na cya bya za ya wa ba ka afite ifite bafite hari imbonerahamwe umubare`)

func stemSet(list string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(list) {
		set[text.Stem(w)] = true
	}
	return set
}

// ordinary words in the names of columns, which a question need not repeat.
var ordinary = stemSet("mm cm m km kg g mg t l ml ha s h min km2 m2 m3 rwf frw fcfa usd eur percent number no of total the name nombre de nom numero idadi ya umubare wa in per en par and et")

// totalRow names the rows that add up the others.
var totalRow = text.Set("total totals totaux subtotal sum somme jumla igiteranyo ensemble overall national average moyenne mean all tous")
