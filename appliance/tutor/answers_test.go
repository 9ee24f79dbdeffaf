package tutor

import (
	"slices"
	"strings"
	"testing"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/text"
)

func tableOf(heading, above string, columns []string, rows ...[]string) appliance.Passage {
	var p appliance.Passage
	p.Heading = heading
	p.Table = &appliance.Table{Columns: columns, Rows: rows}
	p.Text = strings.Join(p.Table.Lines(), "\n")
	if above != "" {
		p.Text = above + "\n\n" + p.Text
	}
	return p
}

func findingOf(question string, passages ...appliance.Passage) appliance.Finding {
	for i := range passages {
		passages[i].ID, passages[i].Score = int64(i+1), 0.9-float64(i)/100
	}
	return appliance.Finding{Query: question, Language: languageOf(question), Terms: terms(question, languageOf(question)),
		Weights: text.Weights{Rare: 5}, Passages: passages, Evidence: appliance.Evidence{Answerable: true, Score: 5}}
}

func textOf(s string) (p appliance.Passage) { p.Text = s; return p }

// A question about one row gets that row, one about something else gets none.
func TestTheRowThatIsMeant(t *testing.T) {
	birds := tableOf("Birds of the lake", "", []string{"Bird", "Nests in", "Eats"},
		[]string{"Kingfisher", "river bank", "fish"}, []string{"Weaver", "tree", "seeds"}, []string{"Ibis", "reeds", "worms"})
	metals := tableOf("Metals › Melting", "", []string{"Metal", "Melting point"}, []string{"Tin", "232 °C"}, []string{"Zinc", "420 °C"}, []string{"Iron", "1,538 °C"})
	runners := tableOf("Animals › How they run", "", []string{"Runner", "Speed"}, []string{"Hare", "70 km/h"}, []string{"Ostrich", "69 km/h"}, []string{"Hen", "14 km/h"})
	prose := textOf("Birds of the lake make nests early in the year. Metals melt when they are hot enough; iron is a metal. Some animals run faster than others.")
	for _, test := range []struct {
		question string
		passages []appliance.Passage
		want     string
	}{
		{"which bird nests in the reeds?", []appliance.Passage{birds, prose}, "Ibis"},
		{"Which bird eats seeds and where does it nest?", []appliance.Passage{birds, prose}, "Weaver"},
		{"what is the melting point of zinc", []appliance.Passage{prose, metals}, "420"},
		{"how fast can an ostrich run", []appliance.Passage{runners, prose}, "69 km/h"},
		{"the ibis eats worms, right?", []appliance.Passage{birds, prose}, "Ibis"},
		{"the ibis sings loudly all night, right?", []appliance.Passage{birds, prose}, ""},      // says nothing of the claim
		{"what is iron", []appliance.Passage{prose, metals}, ""},                                // asks for no cell
		{"why does zinc have a melting point", []appliance.Passage{metals, prose}, ""},          // a reason is in no cell
		{"what is the melting point of copper", []appliance.Passage{prose, metals}, ""},         // no such row
		{"what is the difference between tin and zinc", []appliance.Passage{metals}, ""},        // two rows
		{"which bird has the longest wings of the lake", []appliance.Passage{birds, prose}, ""}, // no such column
	} {
		a, _, ok := namedRow(test.question, findingOf(test.question, slices.Clone(test.passages)...))
		if ok != (test.want != "") || !strings.Contains(a.ResponseText, test.want) {
			t.Errorf("%q: %v %q, want %q", test.question, ok, a.ResponseText, test.want)
		}
	}
}

// What stands above the rows of a table is text like any other.
func TestTheTextAboveATable(t *testing.T) {
	with := tableOf("Forests", "Only 30 % of the country is forest. The rest is farmed.", []string{"Forest", "Share"}, []string{"Nyungwe", "60 %"})
	without := tableOf("Forests", "Table 3. Forests", []string{"Forest", "Share"}, []string{"Nyungwe", "60 %"})
	texts := textsOf([]appliance.Passage{with, without, textOf("A forest is land with many trees.")})
	if len(texts) != 2 || texts[0].Text != "Only 30 % of the country is forest. The rest is farmed." || texts[0].Table != nil {
		t.Errorf("%+v", texts)
	}
}

func TestPartsKeepTheirQuestionWord(t *testing.T) {
	for question, want := range map[string]string{
		"What is the unit of force and how do we write it?":     "What is the unit of force|how do we write it",
		"How many wings has a bee, and how many have flies?":    "How many wings has a bee|how many have flies",
		"Where is Nyungwe and which animals live there?":        "Where is Nyungwe|which animals live there",
		"Qui a fondé la ville et en quelle année ?":             "Qui a fondé la ville et en quelle année",
		"Quand pleut-il et pourquoi fait-il froid ?":            "Quand pleut-il|pourquoi fait-il froid",
		"Who carries the water? And why do they carry it home?": "Who carries the water|And why do they carry it home",
	} {
		if got := strings.Join(partsOf(question), "|"); got != want {
			t.Errorf("%q: %q, want %q", question, got, want)
		}
	}
}

// What was said before answers the next question only with the sentence that holds
// what is asked now.
func TestNothingIsSaidTwice(t *testing.T) {
	p, _, _ := poolFor("Where is salt kept?", "Every morning the women boil the salt. The guard keeps it in a dry hut. But the boys may open the hut. He counts the bags at noon.")
	all := p.saying(pick{from: 0, to: 4})
	all.sure = true
	for question, want := range map[string]string{
		"and who boils it?":        "Every morning the women boil the salt.",
		"and the guard?":           "The guard keeps it in a dry hut.",
		"and what about boys?":     "But the boys may open the hut.",
		"and who counts the bags?": "", // who "he" is, is not said
		"and what does it weigh?":  "",
	} {
		got := p.anew(all, "It is so: "+all.text, terms(question, english))
		if got.sure != (want != "") || want != "" && got.text != want {
			t.Errorf("%q: %v %q, want %q", question, got.sure, got.text, want)
		}
	}
	if got := p.anew(all, "Something else.", nil); got.text != all.text || !got.sure {
		t.Errorf("not said before: %q", got.text)
	}
}

func TestBothSidesInOneStretch(t *testing.T) {
	texts := []string{
		"Plants and animals live there. Clay soil holds much water and is heavy. Sandy soil lets the water through and is light. Farmers like neither.",
		"The president leads the cooperative. The treasurer keeps its money.",
		"Les racines boivent l'eau du sol. Les feuilles prennent la lumière. Ici, c'est le soir que tout se repose.",
	}
	for question, want := range map[string][]string{
		"Difference between clay soil and sandy soil?":           {"Clay soil holds much water", "Sandy soil lets the water"},
		"clay soil and sandy soil, how are they different":       {"Clay soil holds much water", "Sandy soil lets the water"},
		"president and treasurer, isn't that the same?":          {"leads the cooperative", "keeps its money"},
		"difference president and treasurer":                     {"leads the cooperative", "keeps its money"},
		"les racines et les feuilles, c'est quoi la différence":  {"boivent l'eau", "prennent la lumière"},
		"What is the difference between clay soil and wet soil?": nil, // nothing is said of one
	} {
		p, q, _ := poolFor(question, texts...)
		var said []string
		sure := true
		for _, s := range p.sayings([]query{q}) {
			said, sure = append(said, s.text), sure && s.sure
		}
		all := strings.Join(said, "\n")
		if sure != (want != nil) || slices.ContainsFunc(want, func(w string) bool { return !strings.Contains(all, w) }) {
			t.Errorf("%q (%s): %v %q, want %q", question, q.kind, sure, all, want)
		}
	}
}

func TestANameIsGiven(t *testing.T) {
	for sentence, want := range map[string]bool{
		"The upper stone is called the runner.":              true,
		"The round stone at the top of the mill is the cap.": true,
		"The upper stone, the runner, turns quickly.":        true,
		"People use a flat basket (the tray) for that.":      true,
		"La pierre du haut s'appelle la meule.":              true,
		"Divide the heap by the same number.":                false,
		"They carry the stones down to the river.":           false,
	} {
		if got := givesName(sentence); got != want {
			t.Errorf("%q: %v", sentence, got)
		}
	}
}

// A reason is one, and no denial of one.
func TestReasonsHaveTheirForm(t *testing.T) {
	for sentence, want := range map[string]float64{
		"The roof leaks because the tiles are broken.":            1,
		"The tiles are broken, so the roof leaks.":                1,
		"The leak is not caused by wind.":                         0.5,
		"If it rains, the roof leaks.":                            0.5,
		"The roof has forty tiles.":                               0,
		"Le toit coule parce que les tuiles sont cassées.":        1,
		"Paa linavuja kwa sababu vigae vimevunjika.":              1,
		"The leak is not caused by wind, but by the broken tile.": 0.5,
	} {
		if got := form(sentence, wantsReason, "Why does the roof leak?"); got != want {
			t.Errorf("%q: %v, want %v", sentence, got, want)
		}
	}
}

// Short sentences are sentences, names of paragraphs are none.
func TestTitles(t *testing.T) {
	for s, want := range map[string]bool{"2. Condensation.": true, "Making compost.": true, "The round dance.": true,
		"Drones are males.": false, "Hens eat grain.": false, "The president leads the cooperative.": false} {
		if got := isTitle(s); got != want {
			t.Errorf("%q: %v", s, got)
		}
	}
}

// In another language only meaning tells; so more is shown of the place.
func TestAWindowInAnotherLanguage(t *testing.T) {
	p, _, _ := poolFor("Mwenyekiti ni nani?", "Forty members meet there. Rose is the chair. "+strings.Repeat("They meet in the hall by the lake every week. ", 8))
	k := p.window(pick{from: 0, to: 1})
	if said := p.saying(k).text; !strings.Contains(said, "Rose") || len(strings.Fields(said)) > longest {
		t.Errorf("%q", said)
	}
}

// A sentence that only says the question again is no answer, and one that
// promises reasons is said with them.
func TestNothingIsPromisedAndNothingRepeated(t *testing.T) {
	p, _, _ := poolFor("why should I not wash the eggs that I store", "Store clean eggs in a cool room. Do not wash eggs that you store.")
	if q := (query{text: "why should I not wash the eggs that I store", kind: wantsReason}); p.saysMore("Do not wash eggs that you store.", q) {
		t.Error("the question is said again as its reason")
	}
	if q := (query{text: "what is a stored egg washed with", kind: wantsFact}); !p.saysMore("Stored eggs are washed with warm water.", q) {
		t.Error("what is new is not seen")
	}
	p, _, _ = poolFor("what made Lindi rich", "Historians agree that Lindi grew rich. There were two reasons. The harbour was deep enough for big ships. It also held the road to the gold.")
	k := p.stretch(pick{from: 0, to: 2}, []string{"rich"}, wantsFact, "what made Lindi rich")
	if said := p.saying(k).text; !strings.Contains(said, "deep enough") {
		t.Errorf("said %q", said)
	}
}
