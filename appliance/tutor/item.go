package tutor

import (
	"regexp"
	"slices"
	"strings"

	"github.com/bwenge-os/bwenge/appliance"
)

// askedItem is a question for an item of a list by its number: "What is step 3?"
var askedItem = regexp.MustCompile(`(?i)\b(?:step|number|point|item|rule|question|étape|etape|numéro|numero|point|règle|hatua|namba|nambari|kanuni|intambwe|nimero|ingingo)\s+(?:number\s+|no\.?\s+|n°\s*)?(\d{1,3})\b`)

// itemWords say that an item is asked for, and not what it is about.
var itemWords = set("step number point item rule question etape numero regle hatua namba nambari kanuni intambwe nimero ingingo what which tell give say")

// numberedItem returns the item of a list that a question asks for by its number,
// and the passage that it stands in: of the passages that were found, the one
// that holds most of what else is asked, and none if several lists might be
// meant.
func numberedItem(question, language string, f appliance.Finding) (item string, from appliance.Passage, ok bool) {
	m := askedItem.FindStringSubmatch(question)
	if m == nil {
		return "", from, false
	}
	about := slices.DeleteFunc(terms(question, language), func(w string) bool {
		return itemWords[w] || w == m[1] || stopWord(language, w)
	})
	best, rivals := 0.0, 0
	for _, p := range f.Passages {
		line := lineOfItem(p.Text, m[1])
		if line == "" || p.Table != nil {
			continue
		}
		held := 1.0
		if len(about) > 0 {
			if held = f.Weights.Coverage(about, stems(p.SourceTitle+"\n"+p.Heading+"\n"+p.Text)); held < 0.5 {
				continue
			}
		}
		switch {
		case held > best:
			item, from, best, rivals = line, p, held, 0
		case held == best && line != item:
			rivals++
		}
	}
	return item, from, item != "" && rivals == 0
}

// lineOfItem is the line of a text that a number stands before.
func lineOfItem(text, number string) string {
	for _, line := range strings.Split(text, "\n") {
		for _, mark := range []string{".", ")", ":"} {
			if strings.HasPrefix(line, number+mark+" ") || strings.HasPrefix(line, "("+number+mark+" ") {
				return line
			}
			if i := strings.Index(line, " "+number+mark+" "); i > 0 && i < 12 { // "Step 3: Stir."
				return line
			}
		}
	}
	return ""
}
