package sqlite

import (
	"strings"
	"unicode"

	"github.com/bwenge-os/bwenge/appliance"
)

// quoteWords is how many words in a row make a stretch of an answer a quotation
// of its source rather than chance.
const quoteWords = 6

// scrubAnswers takes the words of a source that is being deleted out of the
// answers that cite it: stretches that they quote become "[…]". What a tutor
// said in its own words stays part of the conversation.
func scrubAnswers(t *tx, org appliance.OrgID, sourceID string) error {
	type message struct {
		n    int64
		text string
	}
	cited, err := all(t, func(row scanner) (m message, err error) { return m, row.Scan(&m.n, &m.text) },
		`SELECT n, unseal(org_id, 'message', text) FROM message
		WHERE org_id = ? AND answer IS NOT NULL AND instr(unseal(org_id, 'message', answer), ?) > 0`, org, sourceID)
	if err != nil || len(cited) == 0 {
		return err
	}
	texts, err := all(t, column[string], `SELECT chunk.text FROM chunk WHERE org_id = ? AND source_id = ? AND id IN (
		SELECT coalesce((SELECT new_id FROM chunk_moved WHERE chunk_moved.org_id = message.org_id AND old_id = json_extract(c.value, '$.chunk_id')),
			json_extract(c.value, '$.chunk_id')) FROM message, json_each(unseal(message.org_id, 'message', message.answer), '$.citations') AS c
		WHERE message.org_id = ? AND answer IS NOT NULL AND instr(unseal(message.org_id, 'message', answer), ?) > 0)`, org, sourceID, org, sourceID)
	if err != nil {
		return err
	}
	known := map[string]bool{}
	for _, text := range texts {
		eachQuote(words(text), func(key string, _ int) { known[key] = true })
	}
	for _, m := range cited {
		if scrubbed := scrub(m.text, known); scrubbed != m.text {
			if _, err := t.Exec(`UPDATE message SET text = seal(org_id, 'message', ?) WHERE n = ? AND org_id = ?`, scrubbed, m.n, org); err != nil {
				return err
			}
		}
	}
	return nil
}

// word is a word's folded form and where it stands.
type word struct {
	folded     string
	start, end int
}

func words(text string) (list []word) {
	start := -1
	for i, r := range text + " " {
		inside := unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Mn, r)
		switch {
		case inside && start < 0:
			start = i
		case !inside && start >= 0:
			list = append(list, word{fold(text[start:i]), start, i})
			start = -1
		}
	}
	return list
}

// eachQuote visits every run of quoteWords words.
func eachQuote(list []word, fn func(key string, at int)) {
	for i := 0; i+quoteWords <= len(list); i++ {
		var b strings.Builder
		for _, w := range list[i : i+quoteWords] {
			b.WriteString(w.folded)
			b.WriteByte(' ')
		}
		fn(b.String(), i)
	}
}

// scrub replaces every stretch of text made of known runs.
func scrub(text string, known map[string]bool) string {
	list := words(text)
	var b strings.Builder
	done, from, to := 0, -1, -1 // byte offset copied so far; the open stretch, in words
	flush := func() {
		if from >= 0 {
			b.WriteString(text[done:list[from].start] + "[…]")
			done = list[to].end
			from = -1
		}
	}
	eachQuote(list, func(key string, at int) {
		if !known[key] {
			return
		}
		if from >= 0 && at > to+1 {
			flush()
		}
		if from < 0 {
			from = at
		}
		to = at + quoteWords - 1
	})
	flush()
	return b.String() + text[done:]
}
