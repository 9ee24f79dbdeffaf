package tutor

import (
	"strings"
	"testing"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/text"
)

func TestNumberedItems(t *testing.T) {
	soap := appliance.Passage{Chunk: appliance.Chunk{ID: 1, Heading: "Making soap", Text: "To make soap:\n1. Weigh the oil.\n2. Melt it slowly.\n3. Stir in the lye."}}
	tube := appliance.Passage{Chunk: appliance.Chunk{ID: 2, Heading: "How to mend a bicycle tube", Text: "1. Find the hole.\n2. Roughen the rubber.\n3. Spread the glue.\n4. Press the patch on."}}
	spoken := appliance.Passage{Chunk: appliance.Chunk{ID: 3, Text: "Étape 2 : Verser l'eau.\nStep 2: Pour the water."}}
	for _, test := range []struct {
		question, language string
		passages           []appliance.Passage
		want               string
	}{
		{"What is step 4?", "en", []appliance.Passage{soap, tube}, "4. Press the patch on."},
		{"What is step 3?", "en", []appliance.Passage{soap}, "3. Stir in the lye."},
		{"What is step 3?", "en", []appliance.Passage{soap, tube}, ""}, // of which?
		{"What is step 3 of making soap?", "en", []appliance.Passage{tube, soap}, "3. Stir in the lye."},
		{"What is step 7 of making soap?", "en", []appliance.Passage{tube, soap}, ""},
		{"What is step 2?", "en", []appliance.Passage{spoken}, "Step 2: Pour the water."},
		{"Why do we stir in 3 litres?", "en", []appliance.Passage{soap}, ""},
	} {
		asked := text.Terms(test.question, test.language)
		f := appliance.Finding{Passages: test.passages, Weights: text.Weigh(asked, 10, make([]int, len(asked)))}
		item, _, ok := numberedItem(test.question, test.language, f)
		if ok != (test.want != "") || !strings.Contains(item, test.want) {
			t.Errorf("%q: %q %v, want %q", test.question, item, ok, test.want)
		}
	}
}
