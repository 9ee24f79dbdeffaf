package sqlite

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"unicode"

	"github.com/bwenge-os/bwenge/appliance"
)

// BM25 weights of the word index's columns: the organization only narrows, a
// heading counts as much as the text that it stands over.
const weights = `0.0, 1.0, 1.0`

// SearchVector returns the k chunks of ready sources whose vectors are nearest
// to the given one, best first. The score is the cosine.
func (s *Store) SearchVector(ctx context.Context, org appliance.OrgID, scope appliance.Scope, vector []float32, k int) (hits []appliance.Hit, err error) {
	if k <= 0 || len(vector) != dimensions {
		return []appliance.Hit{}, nil
	}
	err = s.read(ctx, func(t *tx) error {
		var inMemory bool
		if hits, inMemory, err = s.vectors.search(t, org, scope, vector, k); err != nil || inMemory {
			return err
		}
		// The index narrows by organization before it ranks; the joined rows are
		// checked all the same. (A CROSS JOIN keeps its order: the planner likes
		// to begin with every source.)
		ask := k
		if !scope.All || scope.Sources != nil {
			ask = maxNear // what they may not see crowds out what they may
		}
		seen, args := visible(scope)
		hits, err = all(t, scanHit, `WITH near AS MATERIALIZED (
				SELECT id, distance FROM chunk_vec
				WHERE vector MATCH ? AND k = ? AND org_id = ? AND ready = 1)
			SELECT near.id, 1 - near.distance FROM near
			CROSS JOIN chunk ON chunk.id = near.id AND chunk.org_id = ?
			CROSS JOIN source ON source.id = chunk.source_id AND source.org_id = ? AND source.status = 'ready' AND source.deleted_at IS NULL
			WHERE `+seen+notWrong+` ORDER BY near.distance, near.id LIMIT ?`,
			slices.Concat([]any{encodeVector(vector), min(ask, maxNear), org, org, org}, args, []any{k})...)
		return err
	})
	return hits, err
}

// visible is the condition on a row of source that a scope sets, and its
// arguments: a source that is shared with classes shows to those alone, and a
// scope that names sources shows no others.
//
// Whoever made a source sees it, whomever it is for.
func visible(scope appliance.Scope) (condition string, args []any) {
	if scope.Sources != nil {
		named := scope.Sources
		scope.Sources = nil
		ids, err := json.Marshal(named)
		if err != nil {
			return `false`, nil
		}
		condition, args = visible(scope)
		return condition + ` AND source.id IN (SELECT value FROM json_each(?))`, append(args, string(ids))
	}
	if scope.All {
		return `true`, nil
	}
	classes, err := json.Marshal(scope.Classes)
	if err != nil || scope.Classes == nil {
		classes = []byte("[]")
	}
	return `(NOT EXISTS (SELECT 1 FROM source_class WHERE source_class.source_id = source.id AND source_class.org_id = source.org_id)
		OR EXISTS (SELECT 1 FROM source_class WHERE source_class.source_id = source.id AND source_class.org_id = source.org_id
			AND source_class.class_id IN (SELECT value FROM json_each(?)))
		OR source.created_by <> '' AND source.created_by = ?)`, []any{string(classes), scope.Maker}
}

func scanHit(row scanner) (h appliance.Hit, err error) {
	return h, row.Scan(&h.ChunkID, &h.Score)
}

// SearchText returns the k chunks of ready sources that match any of the terms
// best, by BM25 as a positive number. A term of several words is a phrase.
func (s *Store) SearchText(ctx context.Context, org appliance.OrgID, scope appliance.Scope, terms []string, k int) (hits []appliance.Hit, err error) {
	match := matching(org, terms)
	if match == "" || k <= 0 {
		return []appliance.Hit{}, nil
	}
	err = s.read(ctx, func(t *tx) error {
		seen, args := visible(scope)
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
					AND source.status = 'ready' AND source.deleted_at IS NULL AND `+seen+notWrong+`
				ORDER BY found.score, found.id`, append([]any{match, ask, org}, args...)...)
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

// TermCounts returns how many chunks a scope shows, and in how many of them each
// term stands, as the word index splits and folds it.
func (s *Store) TermCounts(ctx context.Context, org appliance.OrgID, scope appliance.Scope, terms []string) (chunks int, df []int, err error) {
	df = make([]int, len(terms))
	err = s.read(ctx, func(t *tx) error {
		seen, args := visible(scope)
		if err := t.QueryRow(`SELECT coalesce(sum(chunks), 0) FROM source WHERE org_id = ? AND status = 'ready'
			AND deleted_at IS NULL AND `+seen, append([]any{org}, args...)...).Scan(&chunks); err != nil {
			return err
		}
		hidden, err := hasHidden(t, org, scope)
		if err != nil {
			return err
		}
		for i, term := range terms {
			match := matching(org, []string{term})
			if match == "" {
				continue
			}
			if !hidden {
				if err := t.QueryRow(`SELECT count(*) FROM chunk_fts WHERE chunk_fts MATCH ?`, match).Scan(&df[i]); err != nil {
					return err
				}
				continue
			}
			if err := t.QueryRow(`SELECT count(*) FROM chunk_fts CROSS JOIN chunk ON chunk.id = chunk_fts.rowid
				WHERE chunk_fts MATCH ? AND chunk.org_id = ? AND chunk.source_id IN (SELECT id FROM source
					WHERE org_id = ? AND status = 'ready' AND deleted_at IS NULL AND `+seen+`)`,
				append([]any{match, org, org}, args...)...).Scan(&df[i]); err != nil {
				return err
			}
		}
		return nil
	})
	return chunks, df, err
}

// hasHidden reports whether the word index holds chunks of the organization that
// a scope does not show: those must not weigh. Most searches see all there is,
// and count without looking at the chunks.
func hasHidden(t *tx, org appliance.OrgID, scope appliance.Scope) (hidden bool, err error) {
	seen, args := visible(scope)
	err = t.QueryRow(`SELECT EXISTS (SELECT 1 FROM source WHERE org_id = ? AND NOT (status = 'ready' AND deleted_at IS NULL AND `+seen+`)
		AND EXISTS (SELECT 1 FROM chunk WHERE chunk.source_id = source.id AND chunk.org_id = source.org_id))`,
		append([]any{org}, args...)...).Scan(&hidden)
	return hidden, err
}

// matching is the FTS5 expression for any of the terms within an organization,
// or empty if there is nothing to look for. Everything is quoted, so that no
// term is read as syntax.
func matching(org appliance.OrgID, terms []string) string {
	quoted := make([]string, 0, len(terms))
	for _, term := range terms {
		if strings.TrimSpace(term) != "" {
			for _, form := range written(term) {
				quoted = append(quoted, quote(form))
			}
		}
	}
	if len(quoted) == 0 || org == "" {
		return ""
	}
	return `org_id : ` + quote(string(org)) + ` AND {heading text} : (` + strings.Join(quoted, " OR ") + `)`
}

// written returns how a term may stand in the index, which keeps raised and
// lowered digits: "co2" also as "co₂", "m2" also as "m²".
func written(term string) []string {
	forms := []string{term}
	if strings.IndexFunc(term, unicode.IsLetter) < 0 || strings.IndexFunc(term, unicode.IsDigit) < 0 {
		return forms
	}
	for _, digits := range []string{"₀₁₂₃₄₅₆₇₈₉", "⁰¹²³⁴⁵⁶⁷⁸⁹"} {
		letters := []rune(digits)
		after := false // a letter stands before it
		forms = append(forms, strings.Map(func(r rune) rune {
			if r >= '0' && r <= '9' && after {
				return letters[r-'0']
			}
			after = unicode.IsLetter(r) || after && unicode.IsDigit(r)
			return r
		}, term))
	}
	return forms
}

func quote(term string) string {
	term = strings.ReplaceAll(term, "\x00", " ")
	return `"` + strings.ReplaceAll(term, `"`, `""`) + `"`
}
