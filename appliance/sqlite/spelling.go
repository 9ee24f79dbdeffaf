package sqlite

import (
	"context"

	"github.com/bwenge-os/bwenge/appliance"
)

// spellingsKept bounds how many similar words are looked at.
const spellingsKept = 40

// Spellings returns words of the material that somebody may see, which begin
// like a word (folded, without accents) and are about as long, the most
// frequent first. The list of words is the whole box's, so each is only
// returned if it stands in one of their own chunks.
func (s *Store) Spellings(ctx context.Context, org appliance.OrgID, scope appliance.Scope, word string) (similar []string, err error) {
	letters := []rune(word)
	if len(letters) < 4 {
		return nil, nil
	}
	var every []string
	err = s.read(ctx, func(t *tx) error {
		first := string(letters[:1])
		every, err = all(t, column[string], `SELECT term FROM chunk_words WHERE term >= ?1 AND term < ?1 || char(1114111)
			AND length(term) BETWEEN ?2 AND ?3 ORDER BY doc DESC LIMIT 20000`, first, len(letters)-1, len(letters)+1)
		return err
	})
	if err != nil {
		return nil, err
	}
	var close []string
	for _, w := range every {
		if w != word && distance(letters, []rune(w)) <= 1+len(letters)/9 && len(close) < spellingsKept {
			close = append(close, w)
		}
	}
	if len(close) == 0 {
		return nil, nil
	}
	_, df, err := s.TermCounts(ctx, org, scope, close)
	for i, w := range close {
		if err == nil && df[i] > 0 {
			similar = append(similar, w)
		}
	}
	return similar, err
}

// distance counts the letters that have to be added, dropped, changed or
// swapped with their neighbour to make one word of the other (optimal string
// alignment, Damerau 1964).
func distance(a, b []rune) int {
	before, last := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		now := make([]int, len(b)+1)
		now[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			now[j] = min(last[j]+1, now[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				now[j] = min(now[j], before[j-2]+1)
			}
		}
		before, last = last, now
	}
	return last[len(b)]
}
