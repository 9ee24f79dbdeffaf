package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/problem"
)

// inOrder is the order of a source's pages: as they were read, but for those
// that a teacher has moved.
const inOrder = `coalesce(mend.rank, part.seq), part.seq`

// mended joins a page with what a teacher made of it. While a source is made
// anew from the text that was read, its pages are those of the source whose
// place it takes, and what was made of pages is always that one's.
const mended = `part LEFT JOIN mend ON mend.key = part.key AND mend.source_id = ?2 AND mend.org_id = part.org_id`

const pageColumns = `part.seq, part.key, part.place, iif(mend.data IS NULL, part.doubts, 0), mend.data IS NOT NULL, mend.rank IS NOT NULL,
	(SELECT sheet.turn FROM mend AS sheet WHERE sheet.org_id = part.org_id AND sheet.source_id = ?2 AND sheet.key = substr(part.key, 1, instr(part.key || char(31), char(31)) - 1))`

func scanPage(row scanner) (p appliance.TextPage, err error) {
	var place string
	if err := row.Scan(&p.Number, &p.Key, &place, &p.Doubts, &p.Mended, &p.Moved, &p.Turn); err != nil {
		return p, err
	}
	p.Number++
	return p, json.Unmarshal([]byte(place), &p.Place)
}

// TextPages lists the pages of a source's text, in order.
func (s *Store) TextPages(ctx context.Context, org appliance.OrgID, scope appliance.Scope, id string, f appliance.TextFilter) (page appliance.Page[appliance.TextPage], err error) {
	limit := clamp(f.Limit)
	err = s.read(ctx, func(t *tx) error {
		if _, err := findSource(t, org, scope, id); err != nil {
			return err
		}
		// Minutes in which nobody was heard, and which were listened to once more,
		// are shown once.
		const from = ` FROM (SELECT ` + pageColumns + `, row_number() OVER (ORDER BY ` + inOrder + `) AS position, iif(mend.data IS NULL, part.doubts, 0) AS open
			FROM ` + mended + ` WHERE part.org_id = ?1 AND part.source_id = ?2 AND NOT (part.key GLOB 'w*' AND EXISTS (SELECT 1 FROM part AS later WHERE later.org_id = part.org_id
				AND later.source_id = part.source_id AND later.place = part.place AND later.seq > part.seq)))
			WHERE NOT ?3 OR open > 0`
		if err := t.QueryRow(`SELECT count(*)`+from, org, id, f.Doubtful).Scan(&page.Total); err != nil {
			return err
		}
		page.Items, err = all(t, func(row scanner) (p appliance.TextPage, err error) {
			var position, open int
			p, err = scanPage(suffixed{row, []any{&position, &open}})
			p.Position = position
			return p, err
		}, `SELECT *`+from+` ORDER BY position LIMIT ?4 OFFSET ?5`, org, id, f.Doubtful, limit, max(f.From, 0))
		if next := f.From + len(page.Items); next < page.Total && len(page.Items) > 0 {
			page.Next = strconv.Itoa(next)
		}
		return err
	})
	return page, err
}

// TextPage returns a page of a source's text: as it was read, and as a teacher
// has made it, nil if nobody has.
func (s *Store) TextPage(ctx context.Context, org appliance.OrgID, scope appliance.Scope, id string, number int) (page appliance.TextPage, read, made []byte, err error) {
	err = s.read(ctx, func(t *tx) error {
		if _, err := findSource(t, org, scope, id); err != nil {
			return err
		}
		page, err = scanPage(suffixed{t.QueryRow(`SELECT `+pageColumns+`, part.data, mend.data FROM `+mended+`
			WHERE part.org_id = ?1 AND part.source_id = ?2 AND part.seq = ?3`, org, id, number-1), []any{&read, &made}})
		if errors.Is(err, sql.ErrNoRows) {
			return errNoPage
		}
		return err
	})
	return page, read, made, err
}

var errNoPage = problem.New(problem.NotFound, "page_not_found", "There is no such page in the text that was read.",
	"It may have been read again in the meantime. Open the text anew.", nil)

// ChangePage does to a page of a source what a teacher wants, and has the source
// made anew.
func (s *Store) ChangePage(ctx context.Context, org appliance.OrgID, id string, c appliance.PageChange, entries ...appliance.AuditEntry) (src appliance.Source, err error) {
	err = s.write(ctx, func(t *tx) error {
		if src, err = findSource(t, org, whole, id); err != nil {
			return err
		}
		if src.Update != nil && src.Update.NewFile {
			return problem.New(problem.Conflict, "source_updating", "A newer file is taking the place of this one.",
				"Wait until it is ready, and look at its text then.", nil)
		}
		var key string
		err := t.QueryRow(`SELECT key FROM part WHERE org_id = ? AND source_id = ? AND seq = ?`, org, id, c.Number-1).Scan(&key)
		if errors.Is(err, sql.ErrNoRows) {
			return errNoPage
		} else if err != nil {
			return err
		}
		// All parts of a page are turned at once.
		sheet, _, _ := strings.Cut(key, "\x1f")
		stage := appliance.StageChunk
		switch {
		case c.Turn != nil:
			stage = appliance.StageRead
			err = changeMend(t, org, id, sheet, `turn`, *c.Turn)
		case c.Text != nil:
			err = changeMend(t, org, id, key, `data`, c.Text.Data)
		case c.Undo:
			var turned bool
			if err := t.QueryRow(`SELECT count(*) > 0 FROM mend WHERE org_id = ? AND source_id = ? AND key = ? AND turn IS NOT NULL`,
				org, id, sheet).Scan(&turned); err != nil {
				return err
			}
			if turned {
				stage = appliance.StageRead
			}
			_, err = t.Exec(`UPDATE mend SET data = iif(key = ?4, NULL, data), turn = NULL WHERE org_id = ?1 AND source_id = ?2 AND key IN (?3, ?4)`, org, id, sheet, key)
		case c.Move != 0:
			err = movePage(t, org, id, c.Number, c.Move)
		}
		if err != nil {
			return err
		}
		if err := makeAnew(t, org, src, stage); err != nil {
			return err
		}
		if src, err = findSource(t, org, whole, id); err != nil {
			return err
		}
		return s.record(t, org, id, entries)
	})
	return src, err
}

func changeMend(t *tx, org appliance.OrgID, id, key, column string, value any) error {
	_, err := t.Exec(`INSERT INTO mend (org_id, source_id, key, `+column+`) VALUES (?, ?, ?, ?)
		ON CONFLICT (source_id, key) DO UPDATE SET `+column+` = excluded.`+column, org, id, key, value)
	return err
}

// movePage changes places with the pages that a page passes.
func movePage(t *tx, org appliance.OrgID, id string, number, by int) error {
	type place struct {
		seq  int
		key  string
		rank int
	}
	pages, err := all(t, func(row scanner) (p place, err error) { return p, row.Scan(&p.seq, &p.key, &p.rank) },
		`SELECT part.seq, part.key, coalesce(mend.rank, part.seq) FROM `+mended+`
		WHERE part.org_id = ?1 AND part.source_id = ?2 ORDER BY `+inOrder, org, id)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(pages, func(p place) bool { return p.seq == number-1 })
	to := min(max(at+by, 0), len(pages)-1)
	step := 1
	if to < at {
		step = -1
	}
	moved := pages[at]
	for i := at; i != to; i += step {
		pages[i] = pages[i+step]
	}
	pages[to] = moved
	for i := min(at, to); i <= max(at, to); i++ {
		// A page that is back where it was read is no longer moved.
		var rank any = i
		if pages[i].seq == i {
			rank = nil
		}
		if err := changeMend(t, org, id, pages[i].key, `rank`, rank); err != nil {
			return err
		}
	}
	return nil
}

// PartOrder returns the Seqs of the parts that a job's source is made of, in
// the order of its pages.
func (s *Store) PartOrder(ctx context.Context, job appliance.Job) (order []int, err error) {
	err = s.read(ctx, func(t *tx) error {
		pages, of, err := partsOf(t, job)
		if err != nil {
			return err
		}
		order, err = all(t, column[int], `SELECT part.seq FROM part LEFT JOIN mend ON mend.key = part.key AND mend.source_id = ?3 AND mend.org_id = part.org_id
			WHERE part.org_id = ?1 AND part.source_id = ?2 ORDER BY `+inOrder, job.Org, pages, of)
		return err
	})
	return order, err
}

// partsOf tells whose parts a job's source is made of, and whose are the changes
// to them: those of the source whose place it takes, unless the file is read
// again.
func partsOf(t *tx, job appliance.Job) (pages, changes string, err error) {
	pages, changes = job.Source.ID, job.Source.ID
	if job.Source.Replaces == "" {
		return pages, changes, nil
	}
	changes = job.Source.Replaces
	var own, same bool
	if err := t.QueryRow(`SELECT (SELECT count(*) > 0 FROM part WHERE org_id = ?1 AND source_id = ?2),
		(SELECT sha256 = ?3 FROM source WHERE org_id = ?1 AND id = ?4)`, job.Org, pages, job.Source.SHA256, changes).Scan(&own, &same); err != nil {
		return pages, changes, err
	}
	if !own {
		pages = changes
	}
	if !same { // another file: what was made of the pages of the old one does not count
		changes = job.Source.ID
	}
	return pages, changes, nil
}

// Mended returns some of the parts that PartOrder named, in the order asked,
// each as a teacher has made it.
func (s *Store) Mended(ctx context.Context, job appliance.Job, seqs []int) (parts []appliance.Part, err error) {
	wanted, err := json.Marshal(seqs)
	if err != nil {
		return nil, err
	}
	err = s.read(ctx, func(t *tx) error {
		pages, of, err := partsOf(t, job)
		if err != nil {
			return err
		}
		parts, err = all(t, func(row scanner) (p appliance.Part, err error) { return p, row.Scan(&p.Seq, &p.Data) },
			`SELECT part.seq, coalesce(mend.data, part.data) FROM json_each(?4) AS wanted
			CROSS JOIN part ON part.seq = wanted.value AND part.org_id = ?1 AND part.source_id = ?2
			LEFT JOIN mend ON mend.key = part.key AND mend.source_id = ?3 AND mend.org_id = part.org_id
			ORDER BY wanted.key`, job.Org, pages, of, string(wanted))
		return err
	})
	return parts, err
}

// turnsOf are the degrees by which pages are turned before they are read.
func turnsOf(t *tx, org appliance.OrgID, id string) (map[int]int, error) {
	turns := map[int]int{}
	_, err := all(t, func(row scanner) (key string, err error) {
		var degrees int
		if err := row.Scan(&key, &degrees); err != nil {
			return key, err
		}
		if page, err := strconv.Atoi(strings.TrimPrefix(key, "p")); err == nil {
			turns[page] = degrees
		}
		return key, nil
	}, `SELECT key, turn FROM mend WHERE org_id = ? AND source_id = ? AND turn IS NOT NULL`, org, id)
	return turns, err
}
