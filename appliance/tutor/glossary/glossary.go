// Package glossary knows some hundred words of school lessons in the languages of
// the box, for pupils who read a text in another language than their own. It
// translates nothing: a list that people wrote, and can mend, says what a word is
// called elsewhere (words.txt, whose head tells its form).
package glossary

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/text"
)

//go:embed words.txt
var file string

// languages are the columns of the list.
var languages = []string{text.English, text.French, text.Swahili, text.Kinyarwanda}

// unsure stands in the list for a word that its makers were not sure of.
const unsure = "-"

// entry is a thing with its words in each language, the one that is shown first.
type entry [4][]string

// book is the list as it is looked up.
type book struct {
	entries []entry
	forms   []map[string]int // for each language: the entry of a form
	longest int              // words in a form
}

const ambiguous = -1

var words = mustRead(file)

func mustRead(list string) *book {
	b, err := read(list)
	if err != nil {
		panic("glossary: " + err.Error()) // the list is part of the program, and tested
	}
	return b
}

func read(list string) (*book, error) {
	b := &book{forms: make([]map[string]int, len(languages))}
	for i := range b.forms {
		b.forms[i] = map[string]int{}
	}
	n := 0
	for line := range strings.Lines(list) {
		n++
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' || line[0] == '[' {
			continue
		}
		cells := strings.Split(line, " | ")
		if len(cells) != len(languages) {
			return nil, fmt.Errorf("line %d has %d languages, not %d", n, len(cells), len(languages))
		}
		var e entry
		for i, cell := range cells {
			if cell == unsure {
				continue
			}
			for form := range strings.SplitSeq(cell, "/") {
				key, length := keyOf(form)
				if key == "" || strings.TrimSpace(form) != form || slices.Contains(e[i], form) {
					return nil, fmt.Errorf("line %d: %q is no word, or stands twice", n, form)
				}
				e[i] = append(e[i], form)
				b.longest = max(b.longest, length)
				if at, known := b.forms[i][key]; known && at != len(b.entries) {
					b.forms[i][key] = ambiguous
					continue
				}
				b.forms[i][key] = len(b.entries)
			}
		}
		b.entries = append(b.entries, e)
	}
	return b, nil
}

// keyOf is a word or several as they are looked up, without the s of plurals: a
// farmer is not farming, as it is for stems.
func keyOf(form string) (key string, length int) {
	said := text.Words(form)
	for i, w := range said {
		if len(w) > 3 {
			said[i] = strings.TrimSuffix(w, "s")
		}
	}
	return strings.Join(said, " "), len(said)
}

// Words are the words of a text that the list has in both languages, in the order
// in which they stand there, at most so many. A word that means two things in the
// text's language is left out.
func Words(passage, from, to string, most int) []appliance.Gloss {
	return words.in(passage, slices.Index(languages, from), slices.Index(languages, to), most)
}

func (b *book) in(passage string, from, to, most int) []appliance.Gloss {
	if from < 0 || to < 0 || from == to {
		return nil
	}
	var found []appliance.Gloss
	told := map[int]bool{}
	said := text.Words(passage)
	for i := 0; i < len(said) && len(found) < most; i++ {
		for n := min(b.longest, len(said)-i); n > 0; n-- { // "boiling point" before "point"
			key, _ := keyOf(strings.Join(said[i:i+n], " "))
			at, ok := b.forms[from][key]
			if !ok {
				continue
			}
			if at != ambiguous && !told[at] && len(b.entries[at][to]) > 0 {
				told[at] = true
				if e := b.entries[at]; e[from][0] != e[to][0] {
					found = append(found, appliance.Gloss{Word: e[from][0], Meaning: e[to][0]})
				}
			}
			i += n - 1
			break
		}
	}
	return found
}
