package orchestrator

import (
	"regexp"
	"strings"
	"unicode"

	"github.com/bwenge-os/bwenge/models"
)

// redactor takes out of a prompt what could say who asks, before it leaves the
// box: the full names of the school's people wherever they stand, the parts of
// the asker's own name in what she wrote, e-mail addresses and telephone
// numbers. What the school's material says of kings and cells stays.
type redactor struct{ names *strings.Replacer }

const hidden = "[name]"

var (
	address = regexp.MustCompile(`[\pL\pN._%+-]+@[\pL\pN-]+(?:\.[\pL\pN-]+)+`)
	// Seven digits or more with what people put between them; years and sums are
	// shorter, and bigger numbers of a lesson have no + or spaces in threes.
	telephone = regexp.MustCompile(`\+\d[\d ().-]{6,18}\d|\b0\d{2,3}[ .-]?\d{3}[ .-]?\d{3,4}\b`)
)

func newRedactor(names []string) *redactor {
	var pairs []string
	for _, name := range names {
		parts := strings.Fields(name)
		if len(parts) < 2 {
			continue // a single word may be one of the lesson's
		}
		turned := strings.Join(append(parts[1:len(parts):len(parts)], parts[0]), " ")
		for _, n := range []string{strings.Join(parts, " "), turned} {
			pairs = append(pairs, n, hidden, strings.ToUpper(n), hidden, strings.ToLower(n), hidden)
		}
	}
	return &redactor{strings.NewReplacer(pairs...)}
}

// clean returns the prompt as it may leave the box. asker is her name.
func (r *redactor) clean(p models.Prompt, asker string) models.Prompt {
	turns := make([]models.Turn, len(p.Turns))
	for i, t := range p.Turns {
		text := r.names.Replace(t.Content)
		text = address.ReplaceAllString(text, "[address]")
		text = telephone.ReplaceAllString(text, "[number]")
		if t.Role == "user" {
			for _, part := range strings.Fields(asker) {
				text = withoutWord(text, part)
			}
		}
		turns[i] = t
		turns[i].Content = text
	}
	p.Turns = turns
	return p
}

// withoutWord hides a name where it is written as one: alone, in any case. A
// part of less than three letters could be any word.
func withoutWord(text, name string) string {
	if len([]rune(name)) < 3 {
		return text
	}
	var out strings.Builder
	word := func(from, to int) {
		if w := text[from:to]; strings.EqualFold(w, name) {
			out.WriteString(hidden)
		} else {
			out.WriteString(w)
		}
	}
	start := -1
	for i, c := range text {
		letter := unicode.IsLetter(c) || c == '\'' || c == '-'
		switch {
		case letter && start < 0:
			start = i
		case !letter && start >= 0:
			word(start, i)
			start = -1
		}
		if !letter {
			out.WriteRune(c)
		}
	}
	if start >= 0 {
		word(start, len(text))
	}
	return out.String()
}
