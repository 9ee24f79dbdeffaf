package lists

import (
	"strings"
	"testing"

	"github.com/bwenge-os/bwenge/internal/text"
)

// The list of the place that meaning points at answers in other words than its own.
func TestNearest(t *testing.T) {
	soap := Text{Source: "soap", Seq: 1, Heading: "Our workshop › From fat to bar", Text: "1. Melt the fat.\n2. Stir in the lye.\n3. Pour it into a mould.\n4. Cut the bars.\n\nThe bars rest for a month."}
	goats := Text{Source: "goats", Seq: 4, Heading: "Goats › A healthy herd", Text: "Goats get ill quickly.\n- clean the shed\n- cut the hooves\n- give fresh water"}
	two := Text{Source: "two", Seq: 0, Heading: "Water", Text: "By day:\n- boil it\n- filter it\n- cover it\n\nBy night:\n- lock it\n- guard it\n- taste it"}
	sain := Text{Source: "dents", Seq: 2, Heading: "Pour des dents saines", Text: "- se brosser les dents ;\n- manger peu de sucre ;\n- voir le dentiste."}
	short := Text{Source: "short", Seq: 0, Heading: "Doors", Text: "1. Push.\n2. Pull."}
	for _, test := range []struct {
		asked string
		text  Text
		want  string
	}{
		{"tell me how soap gets ready step by step", soap, "Melt the fat."},
		{"which steps do they do in the workshop for soap", soap, "Melt the fat."},
		{"what should a farmer do so the animals do not get sick", goats, "clean the shed"},
		{"how can i look after my animals? all ways", goats, "clean the shed"},
		{"Qu'est-ce qu'il faut faire pour garder une belle bouche ?", sain, "se brosser les dents"},
		{"tell me how goats grow step by step", goats, ""},                         // no steps
		{"how do you wash a goat", goats, ""},                                      // a way, and no word for several things
		{"Name five ways to look after animals.", goats, ""},                       // there are three
		{"what should a child do to drink clean water", two, ""},                   // two lists
		{"which steps do i do to open it", short, ""},                              // too short to be sure
		{"how many steps does the workshop have", soap, ""},                        // a number
		{"why do the bars rest for a month", soap, ""},                             // a reason
		{"what should a farmer do so the bars rest well", goats, "clean the shed"}, // whether it is about it is the search's to tell
	} {
		w := text.Weights{Rare: 5}
		l, ok := Nearest(test.asked, text.Language(test.asked), text.Terms(test.asked, text.Language(test.asked)), w, []Text{test.text})
		if ok != (test.want != "") || ok && strings.Trim(l.Items[0], " ;") != test.want {
			t.Errorf("%q: %v %q, want %q", test.asked, ok, l.Items, test.want)
		}
	}
}
