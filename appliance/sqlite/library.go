package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"strings"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/problem"
)

// EditSource sets what people know of a source better than its file does.
func (s *Store) EditSource(ctx context.Context, org appliance.OrgID, id string, c appliance.SourceChange, entries ...appliance.AuditEntry) (src appliance.Source, err error) {
	err = s.write(ctx, func(t *tx) error {
		if src, err = findSource(t, org, whole, id); err != nil {
			return err
		}
		if err := editSource(t, org, src, c); err != nil {
			return err
		}
		if src, err = findSource(t, org, whole, id); err != nil {
			return err
		}
		return s.record(t, org, id, entries)
	})
	if c.Title != nil || c.Language != nil {
		s.vectors.changed.Add(1) // answers that are kept say them
	}
	return src, err
}

func editSource(t *tx, org appliance.OrgID, src appliance.Source, c appliance.SourceChange) error {
	if _, err := t.Exec(`UPDATE source SET title = coalesce(?, title), subject = coalesce(?, subject), grade = coalesce(?, grade),
		folder = coalesce(?, folder) WHERE org_id = ? AND id = ?`, c.Title, c.Subject, c.Grade, c.Folder, org, src.ID); err != nil {
		return err
	}
	if c.Language == nil || *c.Language == src.ToldLanguage {
		return nil
	}
	if _, err := t.Exec(`UPDATE source SET told_language = ? WHERE org_id = ? AND (id = ? OR replaces = ?)`, *c.Language, org, src.ID, src.ID); err != nil {
		return err
	}
	if *c.Language == "" {
		return makeAnew(t, org, src, appliance.StageChunk) // only its text knows
	}
	for _, id := range append([]string{src.ID}, updateOf(src)...) {
		if _, err := t.Exec(`UPDATE source SET language = ? WHERE org_id = ? AND id = ?`, *c.Language, org, id); err != nil {
			return err
		}
		if _, err := t.Exec(`UPDATE chunk SET language = ? WHERE org_id = ? AND source_id = ?`, *c.Language, org, id); err != nil {
			return err
		}
	}
	return nil
}

// updateOf is the source that takes another one's place, if there is one.
func updateOf(src appliance.Source) []string {
	if src.Update == nil {
		return nil
	}
	return []string{src.Update.ID}
}

// orders are those of lists that are not the newest first.
var orders = map[appliance.SourceSort]string{
	appliance.SortOldest:  `n`,
	appliance.SortName:    `fold(title), n`,
	appliance.SortLargest: `bytes DESC, n`,
}

// sorted is a page of a list in another order; its cursor is a position.
func sorted(t *tx, where string, args []any, order, cursor string, limit int) (page appliance.Page[appliance.Source], err error) {
	from := 0
	if cursor != "" {
		if from, err = strconv.Atoi(cursor); err != nil || from < 0 {
			_, err = parseCursor("x")
			return page, err
		}
	}
	if err := t.QueryRow(`SELECT count(*) `+where, args...).Scan(&page.Total); err != nil {
		return page, err
	}
	page.Items, err = all(t, scanSource, `SELECT `+sourceColumns+` `+where+` ORDER BY `+order+` LIMIT ? OFFSET ?`, append(args, limit, from)...)
	if next := from + len(page.Items); next < page.Total && len(page.Items) > 0 {
		page.Next = strconv.Itoa(next)
	}
	return page, err
}

// globUnder is the pattern of a folder and those in it.
func globUnder(folder string) string {
	if folder == "" {
		return ""
	}
	var b strings.Builder
	for _, r := range folder {
		if strings.ContainsRune("*?[", r) {
			b.WriteString("[" + string(r) + "]")
			continue
		}
		b.WriteRune(r)
	}
	return b.String() + "/*"
}

// SourceLabels are the subjects, grades and folders of what a scope shows.
func (s *Store) SourceLabels(ctx context.Context, org appliance.OrgID, scope appliance.Scope) (labels appliance.SourceLabels, err error) {
	seen, args := visible(scope)
	args = append([]any{org}, args...)
	err = s.read(ctx, func(t *tx) error {
		for _, label := range []struct {
			column string
			to     *[]string
		}{{`subject`, &labels.Subjects}, {`grade`, &labels.Grades}, {`folder`, &labels.Folders}} {
			if *label.to, err = all(t, column[string], `SELECT DISTINCT `+label.column+` FROM source WHERE org_id = ? AND deleted_at IS NULL
				AND replaces IS NULL AND `+label.column+` <> '' AND `+seen+` ORDER BY 1 LIMIT 500`, args...); err != nil {
				return err
			}
		}
		return nil
	})
	return labels, err
}

// findDeletable finds also a source that was deleted and can be brought back.
func findDeletable(t *tx, org appliance.OrgID, scope appliance.Scope, id string) (appliance.Source, error) {
	seen, args := visible(scope)
	src, err := scanSource(t.QueryRow(`SELECT `+sourceColumns+` FROM source WHERE org_id = ? AND id = ? AND replaces IS NULL
		AND (deleted_at IS NULL OR kept_until IS NOT NULL) AND `+seen, append([]any{org, id}, args...)...))
	if errors.Is(err, sql.ErrNoRows) {
		return src, notFound("material", "source_not_found")
	}
	return src, err
}

// DeletedSource is a source that was deleted and can be brought back.
func (s *Store) DeletedSource(ctx context.Context, org appliance.OrgID, scope appliance.Scope, id string) (src appliance.Source, err error) {
	err = s.read(ctx, func(t *tx) error {
		if src, err = findDeletable(t, org, scope, id); err == nil && src.DeletedAt == nil {
			err = notFound("material", "source_not_found")
		}
		return err
	})
	return src, err
}

// TrashSource deletes a source so that it can be brought back for a while.
// Until then nobody finds it and nothing is answered from it.
func (s *Store) TrashSource(ctx context.Context, org appliance.OrgID, id string, entries ...appliance.AuditEntry) error {
	defer s.vectors.changed.Add(1)
	return s.write(ctx, func(t *tx) error {
		src, err := findSource(t, org, whole, id)
		if err != nil {
			return err
		}
		if err := trash(t, org, src); err != nil {
			return err
		}
		return s.record(t, org, id, entries)
	})
}

func trash(t *tx, org appliance.OrgID, src appliance.Source) error {
	if src.Update != nil {
		if err := dropUpdate(t, org, src.Update); err != nil {
			return err
		}
	}
	if _, err := t.Exec(`UPDATE job SET state = 'ended', lease = '' WHERE source_id = ? AND org_id = ?`, src.ID, org); err != nil {
		return err
	}
	if _, err := t.Exec(`UPDATE source SET deleted_at = ?, kept_until = ? WHERE id = ? AND org_id = ?`,
		t.now, t.now+appliance.KeptDeleted.Milliseconds(), src.ID, org); err != nil {
		return err
	}
	return addEvent(t, org, "source_deleted", map[string]any{"source": src.ID})
}

// BringBack takes back that a source was deleted. One that was not ready yet
// goes on from where it was.
func (s *Store) BringBack(ctx context.Context, org appliance.OrgID, id string, entries ...appliance.AuditEntry) (src appliance.Source, err error) {
	defer s.vectors.changed.Add(1)
	err = s.write(ctx, func(t *tx) error {
		if src, err = findDeletable(t, org, whole, id); err != nil {
			return err
		}
		if src.DeletedAt == nil {
			return s.record(t, org, id, entries)
		}
		if _, err := t.Exec(`UPDATE source SET deleted_at = NULL, kept_until = NULL, status = iif(status = 'processing', 'queued', status)
			WHERE id = ? AND org_id = ?`, id, org); err != nil {
			return err
		}
		if !src.Status.Ended() {
			if _, err := t.Exec(`UPDATE job SET state = 'waiting', run_after = 0 WHERE source_id = ? AND org_id = ?`, id, org); err != nil {
				return err
			}
		}
		if src, err = findSource(t, org, whole, id); err != nil {
			return err
		}
		return s.record(t, org, id, entries)
	})
	return src, err
}

// Expired are the deleted sources that can not be brought back any more.
func (s *Store) Expired(ctx context.Context) (ids map[appliance.OrgID][]string, err error) {
	ids = map[appliance.OrgID][]string{}
	err = s.read(ctx, func(t *tx) error {
		_, err := all(t, func(row scanner) (id string, err error) {
			var org appliance.OrgID
			err = row.Scan(&org, &id)
			ids[org] = append(ids[org], id)
			return id, err
		}, `SELECT org_id, id FROM source WHERE kept_until IS NOT NULL AND (kept_until <= ? OR deleted_at > ?)`, t.now, t.now+appliance.KeptDeleted.Milliseconds())
		return err
	})
	return ids, err
}

// ChangeSources does the same to many sources, all in one transaction.
func (s *Store) ChangeSources(ctx context.Context, org appliance.OrgID, ids []string, c appliance.ManyChange, entry func(id string) appliance.AuditEntry) (changed []appliance.Source, err error) {
	defer s.vectors.changed.Add(1)
	err = s.write(ctx, func(t *tx) error {
		for _, id := range ids {
			src, err := findSource(t, org, whole, id)
			if err != nil {
				return err
			}
			if c.Delete {
				err = trash(t, org, src)
			} else {
				err = editSource(t, org, src, c.Change)
				if err == nil && c.Classes != nil {
					if _, err = t.Exec(`DELETE FROM source_class WHERE source_id = ? AND org_id = ?`, id, org); err == nil {
						err = shareSource(t, org, id, *c.Classes)
					}
				}
			}
			if err == nil {
				err = s.record(t, org, id, []appliance.AuditEntry{entry(id)})
			}
			if err != nil {
				return err
			}
			if !c.Delete {
				if src, err = findSource(t, org, whole, id); err != nil {
					return err
				}
			}
			changed = append(changed, src)
		}
		return nil
	})
	return changed, err
}

// Namesake is the newest source of the same name and other bytes that somebody
// may change. There is none where the bytes are known already.
func (s *Store) Namesake(ctx context.Context, org appliance.OrgID, by appliance.Principal, title, sha256 string) (found appliance.Source, ok bool, err error) {
	err = s.read(ctx, func(t *tx) error {
		seen, args := visible(by.Scope)
		list, err := all(t, scanSource, `SELECT `+sourceColumns+` FROM source WHERE org_id = ? AND deleted_at IS NULL AND replaces IS NULL
			AND (fold(title) = fold(?) OR sha256 = ?) AND `+seen+` ORDER BY n DESC`, append([]any{org, title, sha256}, args...)...)
		if err != nil {
			return err
		}
		for _, src := range list {
			switch may := by.MayChange(src.CreatedBy, src.Classes); {
			case src.SHA256 == sha256 && (may || len(src.Classes) == 0):
				ok = false
				return nil // AddSource finds it
			case may && !ok:
				found, ok = src, true
			}
		}
		return nil
	})
	return found, ok, err
}

// ReplaceSource puts a newer file in the place of a source, which answers as it
// was until the new one is ready.
func (s *Store) ReplaceSource(ctx context.Context, org appliance.OrgID, id string, file appliance.Source, entries ...appliance.AuditEntry) (src appliance.Source, err error) {
	var dropped []string
	err = s.write(ctx, func(t *tx) error {
		if src, err = findSource(t, org, whole, id); err != nil {
			return err
		}
		switch {
		case src.Status == appliance.StatusReady:
			if src.Update != nil {
				dropped = append(dropped, src.Update.ID)
				if err := dropUpdate(t, org, src.Update); err != nil {
					return err
				}
			}
			made := src
			made.Bytes, made.SHA256, made.Contents, made.Notices = file.Bytes, file.SHA256, nil, nil
			err = addSuccessor(t, org, made, appliance.StageRead)
		case src.Status.Ended():
			if _, err = t.Exec(`UPDATE source SET sha256 = ?, bytes = ?, contents = NULL, notices = NULL WHERE org_id = ? AND id = ?`,
				file.SHA256, file.Bytes, org, id); err == nil {
				_, err = t.Exec(`DELETE FROM mend WHERE org_id = ? AND source_id = ?`, org, id)
			}
			if err == nil {
				err = startOver(t, org, id, appliance.StageRead)
			}
		default:
			err = errBusy
		}
		if err != nil {
			return err
		}
		if src, err = findSource(t, org, whole, id); err != nil {
			return err
		}
		return s.record(t, org, id, entries)
	})
	for _, id := range dropped {
		if err == nil {
			err = s.eraseSource(ctx, org, id)
		}
	}
	return src, err
}

var errBusy = problem.New(problem.Conflict, "source_busy", "The box is still reading the other file of this name.",
	"Wait until it is ready, or keep both.", nil)
