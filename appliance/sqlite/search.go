package sqlite

import (
	"context"
	"errors"
	"strings"

	"github.com/bwenge-os/bwenge/appliance"
)

// BM25 weights of the word index's columns: the organization only narrows, a
// heading counts as much as the text that it stands over.
const weights = `0.0, 1.0, 1.0`

// SearchVector returns the k chunks of ready sources whose vectors are nearest
// to the given one, best first. The score is the cosine.
func (s *Store) SearchVector(ctx context.Context, org appliance.OrgID, vector []float32, k int) (hits []appliance.Hit, err error) {
	if k <= 0 || len(vector) != dimensions {
		return []appliance.Hit{}, nil
	}
	err = s.read(ctx, func(t *tx) error {
		var inMemory bool
		if hits, inMemory, err = s.near.search(t, org, vector, k); err != nil || inMemory {
			return err
		}
		// The index narrows by organization before it ranks; the joined rows are
		// checked all the same. (A CROSS JOIN keeps its order: the planner likes
		// to begin with every source.)
		hits, err = all(t, scanHit, `WITH near AS MATERIALIZED (
				SELECT id, distance FROM chunk_vec
				WHERE vector MATCH ? AND k = ? AND org_id = ? AND ready = 1)
			SELECT near.id, 1 - near.distance FROM near
			CROSS JOIN chunk ON chunk.id = near.id AND chunk.org_id = ?
			CROSS JOIN source ON source.id = chunk.source_id AND source.org_id = ? AND source.status = 'ready' AND source.deleted_at IS NULL
			ORDER BY near.distance, near.id`, encodeVector(vector), min(k, maxNear), org, org, org)
		return err
	})
	return hits, err
}

func scanHit(row scanner) (h appliance.Hit, err error) {
	return h, row.Scan(&h.ChunkID, &h.Score)
}

// SearchText returns the k chunks of ready sources that match any of the terms
// best, by BM25 as a positive number. A term of several words is a phrase.
func (s *Store) SearchText(ctx context.Context, org appliance.OrgID, terms []string, k int) (hits []appliance.Hit, err error) {
	match := matching(org, terms)
	if match == "" || k <= 0 {
		return []appliance.Hit{}, nil
	}
	err = s.read(ctx, func(t *tx) error {
		// Chunks of sources that are not ready yet can crowd out others, so a
		// full list that shrank is asked for again, longer.
		for ask := k; ; ask *= 4 {
			found := 0
			hits = hits[:0]
			rows, err := t.Query(`WITH found AS MATERIALIZED (
					SELECT rowid AS id, bm25(chunk_fts, `+weights+`) AS score FROM chunk_fts
					WHERE chunk_fts MATCH ? ORDER BY score, rowid LIMIT ?)
				SELECT found.id, -found.score, source.id IS NOT NULL FROM found
				CROSS JOIN chunk ON chunk.id = found.id
				LEFT JOIN source ON source.id = chunk.source_id AND source.org_id = ? AND chunk.org_id = source.org_id
					AND source.status = 'ready' AND source.deleted_at IS NULL
				ORDER BY found.score, found.id`, match, ask, org)
			if err != nil {
				return err
			}
			for rows.Next() {
				var hit appliance.Hit
				var visible bool
				if err := rows.Scan(&hit.ChunkID, &hit.Score, &visible); err != nil {
					return errors.Join(err, rows.Close())
				}
				if found++; visible && len(hits) < k {
					hits = append(hits, hit)
				}
			}
			if err := rows.Err(); err != nil || len(hits) == k || found < ask {
				return err
			}
		}
	})
	return hits, err
}

// TermCounts returns how many chunks the organization can search, and in how
// many of them each term stands, as the word index splits and folds it.
func (s *Store) TermCounts(ctx context.Context, org appliance.OrgID, terms []string) (chunks int, df []int, err error) {
	df = make([]int, len(terms))
	err = s.read(ctx, func(t *tx) error {
		if err := t.QueryRow(`SELECT coalesce(sum(chunks), 0) FROM source WHERE org_id = ? AND status = 'ready'
			AND deleted_at IS NULL`, org).Scan(&chunks); err != nil {
			return err
		}
		for i, term := range terms {
			match := matching(org, []string{term})
			if match == "" {
				continue
			}
			if err := t.QueryRow(`SELECT count(*) FROM chunk_fts WHERE chunk_fts MATCH ?`, match).Scan(&df[i]); err != nil {
				return err
			}
			df[i] = min(df[i], chunks) // chunks being ingested are in the word index already
		}
		return nil
	})
	return chunks, df, err
}

// matching is the FTS5 expression for any of the terms within an organization,
// or empty if there is nothing to look for. Everything is quoted, so that no
// term is read as syntax.
func matching(org appliance.OrgID, terms []string) string {
	quoted := make([]string, 0, len(terms))
	for _, term := range terms {
		if strings.TrimSpace(term) != "" {
			quoted = append(quoted, quote(term))
		}
	}
	if len(quoted) == 0 || org == "" {
		return ""
	}
	return `org_id : ` + quote(string(org)) + ` AND {heading text} : (` + strings.Join(quoted, " OR ") + `)`
}

func quote(term string) string {
	term = strings.ReplaceAll(term, "\x00", " ")
	return `"` + strings.ReplaceAll(term, `"`, `""`) + `"`
}
