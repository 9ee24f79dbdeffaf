package sqlite

import (
	"encoding/json"
	"slices"
	"strings"
	"unicode"

	"github.com/bwenge-os/bwenge/appliance"
)

// quoteWords is how many words in a row make a stretch of an answer a quotation
// of its source rather than chance.
const quoteWords = 6

// citing is an answer that cites a source.
type citing struct {
	n      int64
	text   string
	chunks []int64 // all that it cites, as they are now
}

func citingOf(t *tx, org appliance.OrgID, sourceID string) ([]citing, error) {
	return all(t, func(row scanner) (c citing, err error) {
		var chunks string
		if err := row.Scan(&c.n, &c.text, &chunks); err != nil {
			return c, err
		}
		return c, json.Unmarshal([]byte(chunks), &c.chunks)
	}, `SELECT n, unseal(org_id, 'message', text), (SELECT json_group_array(coalesce(
			(SELECT new_id FROM chunk_moved WHERE chunk_moved.org_id = message.org_id AND old_id = json_extract(c.value, '$.chunk_id')),
			json_extract(c.value, '$.chunk_id'))) FROM json_each(unseal(message.org_id, 'message', message.answer), '$.citations') AS c)
		FROM message WHERE org_id = ? AND answer IS NOT NULL AND instr(unseal(org_id, 'message', answer), ?) > 0`, org, sourceID)
}

// scrubAnswers takes the words of a source that is being deleted out of the
// answers that cite it: stretches that they quote become "[…]". What a tutor
// said in its own words stays part of the conversation. An answer from a table
// has the rows in another form than the chunk, so all of it goes.
func scrubAnswers(t *tx, org appliance.OrgID, sourceID string) error {
	answers, err := citingOf(t, org, sourceID)
	if err != nil || len(answers) == 0 {
		return err
	}
	var ids []int64
	for _, a := range answers {
		ids = append(ids, a.chunks...)
	}
	wanted, err := json.Marshal(ids)
	if err != nil {
		return err
	}
	known, tables := map[string]bool{}, map[int64]bool{}
	if _, err := all(t, func(row scanner) (text string, err error) {
		var id, table int64
		if err := row.Scan(&id, &table, &text); err != nil {
			return text, err
		}
		if table > 0 {
			tables[id] = true
		}
		eachQuote(words(text), func(key string, _ int) { known[key] = true })
		return "", nil
	}, `SELECT DISTINCT near.id, iif(near.id = chunk.id, near.table_no, 0), near.text FROM chunk
		JOIN chunk AS near ON near.org_id = chunk.org_id AND near.source_id = chunk.source_id AND near.seq BETWEEN chunk.seq - 1 AND chunk.seq + 1
		WHERE chunk.org_id = ? AND chunk.source_id = ? AND chunk.id IN (SELECT value FROM json_each(?))`, org, sourceID, string(wanted)); err != nil {
		return err
	}
	for _, a := range answers {
		table := slices.ContainsFunc(a.chunks, func(id int64) bool { return tables[id] })
		if err := scrubAnswer(t, org, a, known, table); err != nil {
			return err
		}
	}
	return nil
}

// scrubReplaced takes those words out of the answers that cite a source which go
// when it is made anew: once it is deleted, nobody would know them. What still
// stands where a chunk has gone, or next to that, stays.
func scrubReplaced(t *tx, org appliance.OrgID, sourceID string, m remade) error {
	changed := map[int64]bool{}
	at := map[int64]int{}
	for i, c := range m.old {
		at[c.ID] = i
		if to := m.to[i]; to < 0 || m.made[to].Text != c.Text || m.made[to].TableNo == 0 && c.TableNo > 0 {
			for _, near := range around(m.old, i) {
				changed[near.ID] = true
			}
		}
	}
	if len(changed) == 0 {
		return nil
	}
	answers, err := citingOf(t, org, sourceID)
	if err != nil {
		return err
	}
	quotes := map[int64][]string{}
	quotesOf := func(c appliance.Chunk) []string {
		list, ok := quotes[c.ID]
		if !ok {
			eachQuote(words(c.Text), func(key string, _ int) { list = append(list, key) })
			quotes[c.ID] = list
		}
		return list
	}
	for _, a := range answers {
		if !slices.ContainsFunc(a.chunks, func(id int64) bool { return changed[id] }) {
			continue
		}
		gone, table := map[string]bool{}, false
		var stay []appliance.Chunk
		for _, id := range a.chunks {
			i, ok := at[id]
			if !ok {
				continue // another source's
			}
			for _, c := range around(m.old, i) {
				for _, key := range quotesOf(c) {
					gone[key] = true
				}
			}
			if to := m.to[i]; to >= 0 {
				stay = append(stay, around(m.made, to)...)
				table = table || m.old[i].TableNo > 0 && m.made[to].TableNo == 0
			} else {
				table = table || m.old[i].TableNo > 0
			}
		}
		for _, c := range stay {
			for _, key := range quotesOf(c) {
				delete(gone, key)
			}
		}
		if err := scrubAnswer(t, org, a, gone, table); err != nil {
			return err
		}
	}
	return nil
}

// around are a chunk and its neighbours, to which words pass when what is before
// them is mended.
func around(list []appliance.Chunk, i int) []appliance.Chunk {
	return list[max(i-1, 0):min(i+2, len(list))]
}

func scrubAnswer(t *tx, org appliance.OrgID, a citing, known map[string]bool, all bool) error {
	text := "[…]"
	if !all {
		text = scrub(a.text, known)
	}
	if text == a.text {
		return nil
	}
	_, err := t.Exec(`UPDATE message SET text = seal(org_id, 'message', ?) WHERE n = ? AND org_id = ?`, text, a.n, org)
	return err
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
