package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/bwenge-os/bwenge/appliance"
)

const pinColumns = `pin.id, unseal(pin.org_id, 'pin', pin.question), unseal(pin.org_id, 'pin', pin.text), pin.passages, pin.persona_id,
	pin.created_by, pin.written_by, pin.created_at, pin.updated_at,
	coalesce((SELECT unseal(user.org_id, 'user', user.name) FROM user WHERE user.id = pin.written_by AND user.org_id = pin.org_id), ''),
	(SELECT json_group_array(json_object('id', class.id, 'name', class.name)) FROM pin_class
		JOIN class ON class.id = pin_class.class_id AND class.org_id = pin_class.org_id
		WHERE pin_class.pin_id = pin.id AND pin_class.org_id = pin.org_id)`

func scanPin(row scanner) (p appliance.Pin, err error) {
	var created, updated int64
	var passages, classes string
	if err := row.Scan(&p.ID, &p.Question, &p.Text, &passages, &p.PersonaID, &p.CreatedBy, &p.WrittenBy, &created, &updated, &p.By, &classes); err != nil {
		return p, err
	}
	p.CreatedAt, p.UpdatedAt = timeOf(created), timeOf(updated)
	err = errors.Join(json.Unmarshal([]byte(passages), &p.Passages), json.Unmarshal([]byte(classes), &p.Classes))
	for _, c := range p.Classes {
		p.ClassIDs = append(p.ClassIDs, c.ID)
	}
	return p, err
}

// pinned is the condition on a row of pin that a scope sets, and its arguments:
// one that is for classes shows to those and its maker alone.
func pinned(scope appliance.Scope) (condition string, args []any) {
	if scope.All {
		return `true`, nil
	}
	classes, err := json.Marshal(scope.Classes)
	if err != nil || scope.Classes == nil {
		classes = []byte("[]")
	}
	return `(NOT EXISTS (SELECT 1 FROM pin_class WHERE pin_class.pin_id = pin.id AND pin_class.org_id = pin.org_id)
		OR EXISTS (SELECT 1 FROM pin_class WHERE pin_class.pin_id = pin.id AND pin_class.org_id = pin.org_id
			AND pin_class.class_id IN (SELECT value FROM json_each(?)))
		OR pin.created_by <> '' AND pin.created_by = ?)`, []any{string(classes), scope.Maker}
}

// pinMAC is by what a question is known again although it is stored sealed.
func (s *Store) pinMAC(org appliance.OrgID, key string) []byte {
	if key == "" {
		return nil
	}
	return s.seals.box.MAC("pin", []byte(org), []byte(key))
}

func findPin(t *tx, org appliance.OrgID, scope appliance.Scope, id string, deleted bool) (p appliance.Pin, err error) {
	seen, args := pinned(scope)
	p, err = scanPin(t.QueryRow(`SELECT `+pinColumns+` FROM pin WHERE pin.org_id = ? AND pin.id = ? AND (pin.deleted_at IS NOT NULL) = ? AND `+seen,
		append([]any{org, id, deleted}, args...)...))
	if errors.Is(err, sql.ErrNoRows) {
		return p, notFound("pinned answer", "pin_not_found")
	} else if err != nil {
		return p, err
	}
	return p, citePins(t, org, scope, &p)
}

// citePins puts the passages of pins into words, as far as a scope shows them
// and nobody has marked them as wrong.
func citePins(t *tx, org appliance.OrgID, scope appliance.Scope, pins ...*appliance.Pin) error {
	for _, p := range pins {
		found, err := passages(t, org, scope, p.Passages)
		if err != nil {
			return err
		}
		if err := dropWrong(t, org, found); err != nil {
			return err
		}
		p.Citations = []appliance.Citation{}
		for _, id := range p.Passages {
			if c, ok := found[id]; ok {
				p.Citations = append(p.Citations, appliance.Citation{Number: len(p.Citations) + 1, ChunkID: c.ID, SourceID: c.SourceID, SourceTitle: c.SourceTitle,
					SourceKind: c.SourceKind, MediaType: c.MediaType, Place: c.Place, Heading: c.Heading, Text: c.Text})
			}
		}
	}
	return nil
}

// Pin returns one that a scope shows.
func (s *Store) Pin(ctx context.Context, org appliance.OrgID, scope appliance.Scope, id string) (p appliance.Pin, err error) {
	err = s.read(ctx, func(t *tx) error {
		p, err = findPin(t, org, scope, id, false)
		return err
	})
	return p, err
}

// DeletedPin returns one that can still be brought back.
func (s *Store) DeletedPin(ctx context.Context, org appliance.OrgID, scope appliance.Scope, id string) (p appliance.Pin, err error) {
	err = s.read(ctx, func(t *tx) error {
		p, err = findPin(t, org, scope, id, true)
		return err
	})
	return p, err
}

// Pins lists those that a scope shows whose question or text holds every word of
// search, the newest first.
func (s *Store) Pins(ctx context.Context, org appliance.OrgID, scope appliance.Scope, search, cursor string, limit int) (
	page appliance.Page[appliance.Pin], err error) {
	limit = clamp(limit)
	before, err := parseCursor(cursor)
	if err != nil {
		return page, err
	}
	seen, args := pinned(scope)
	where := ` FROM pin WHERE pin.org_id = ? AND pin.deleted_at IS NULL AND ` + seen
	args = append([]any{org}, args...)
	for _, word := range strings.Fields(fold(search)) {
		where += ` AND instr(fold(unseal(pin.org_id, 'pin', pin.question) || ' ' || unseal(pin.org_id, 'pin', pin.text)), ?) > 0`
		args = append(args, word)
	}
	err = s.read(ctx, func(t *tx) error {
		if err := t.QueryRow(`SELECT count(*)`+where, args...).Scan(&page.Total); err != nil {
			return err
		}
		page.Items, page.Next, err = newestFirst(t, scanPin, limit, `SELECT pin.n, `+pinColumns+where+` AND pin.n < ? ORDER BY pin.n DESC LIMIT ?`, append(args, before, limit+1)...)
		for i := range page.Items {
			err = errors.Join(err, citePins(t, org, scope, &page.Items[i]))
		}
		return err
	})
	return page, err
}

// Pinned finds the pin for a question that somebody asks: one for the same words
// before one for the same words in another order, one for their class or this
// tutor before one for all, and then the newest.
func (s *Store) Pinned(ctx context.Context, org appliance.OrgID, scope appliance.Scope, persona string, keys appliance.PinKeys) (p appliance.Pin, ok bool, err error) {
	same, alike := s.pinMAC(org, keys.Same), s.pinMAC(org, keys.Alike)
	if same == nil {
		return p, false, nil
	}
	scope.Sources = nil // what a tutor knows does not narrow what a teacher says
	seen, args := pinned(scope)
	err = s.read(ctx, func(t *tx) error {
		p, err = scanPin(t.QueryRow(`SELECT `+pinColumns+` FROM pin WHERE pin.org_id = ? AND pin.deleted_at IS NULL AND pin.persona_id IN ('', ?)
			AND (pin.same = ? OR pin.alike = ?) AND `+seen+`
			ORDER BY pin.same = ? DESC, pin.persona_id = '', NOT EXISTS (SELECT 1 FROM pin_class WHERE pin_class.pin_id = pin.id AND pin_class.org_id = pin.org_id),
				pin.updated_at DESC, pin.n DESC LIMIT 1`,
			slices.Concat([]any{org, persona, same, alike}, args, []any{same})...))
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		} else if err != nil {
			return err
		}
		ok = true
		return citePins(t, org, scope, &p)
	})
	return p, ok, err
}

// AddPin pins an answer to a question.
func (s *Store) AddPin(ctx context.Context, org appliance.OrgID, by appliance.UserID, n appliance.PinContent, keys appliance.PinKeys, entries ...appliance.AuditEntry) (
	p appliance.Pin, err error) {
	err = s.write(ctx, func(t *tx) error {
		id := uuid.Must(uuid.NewV7()).String()
		list, err := toList(n.Passages)
		if err != nil {
			return err
		}
		if _, err := t.Exec(`INSERT INTO pin (id, org_id, persona_id, question, text, passages, same, alike, created_by, written_by, created_at, updated_at)
			VALUES (?1, ?2, ?3, seal(?2, 'pin', ?4), seal(?2, 'pin', ?5), ?6, ?7, ?8, ?9, ?9, ?10, ?10)`,
			id, org, n.PersonaID, n.Question, n.Text, list, s.pinMAC(org, keys.Same), s.pinMAC(org, keys.Alike), by, t.now); err != nil {
			return err
		}
		if err := pinFor(t, org, id, n.ClassIDs); err != nil {
			return err
		}
		if p, err = findPin(t, org, whole, id, false); err != nil {
			return err
		}
		return s.record(t, org, id, entries)
	})
	return p, err
}

// UpdatePin changes what is pinned.
func (s *Store) UpdatePin(ctx context.Context, org appliance.OrgID, by appliance.UserID, id string, n appliance.PinContent, keys appliance.PinKeys, entries ...appliance.AuditEntry) (
	p appliance.Pin, err error) {
	err = s.write(ctx, func(t *tx) error {
		if _, err := findPin(t, org, whole, id, false); err != nil {
			return err
		}
		list, err := toList(n.Passages)
		if err != nil {
			return err
		}
		if _, err := t.Exec(`UPDATE pin SET persona_id = ?3, question = seal(?2, 'pin', ?4), text = seal(?2, 'pin', ?5), passages = ?6, same = ?7, alike = ?8,
			written_by = ?9, updated_at = ?10 WHERE id = ?1 AND org_id = ?2`,
			id, org, n.PersonaID, n.Question, n.Text, list, s.pinMAC(org, keys.Same), s.pinMAC(org, keys.Alike), by, t.now); err != nil {
			return err
		}
		if err := pinFor(t, org, id, n.ClassIDs); err != nil {
			return err
		}
		if p, err = findPin(t, org, whole, id, false); err != nil {
			return err
		}
		return errors.Join(dueErase(t), s.record(t, org, id, entries))
	})
	return p, err
}

func toList(ids []int64) (string, error) {
	if ids == nil {
		ids = []int64{}
	}
	text, err := json.Marshal(ids)
	return string(text), err
}

func pinFor(t *tx, org appliance.OrgID, id string, classes []appliance.ClassID) error {
	if _, err := t.Exec(`DELETE FROM pin_class WHERE pin_id = ? AND org_id = ?`, id, org); err != nil {
		return err
	}
	for _, class := range classes {
		if _, err := findClass(t, org, class); err != nil {
			return err
		}
		if _, err := t.Exec(`INSERT OR IGNORE INTO pin_class (org_id, pin_id, class_id) VALUES (?, ?, ?)`, org, id, class); err != nil {
			return err
		}
	}
	return nil
}

// RemovePin takes a pin away. Until Maintain comes it can be brought back.
func (s *Store) RemovePin(ctx context.Context, org appliance.OrgID, id string, entries ...appliance.AuditEntry) error {
	return s.write(ctx, func(t *tx) error {
		if _, err := findPin(t, org, whole, id, false); err != nil {
			return err
		}
		if _, err := t.Exec(`UPDATE pin SET deleted_at = ? WHERE id = ? AND org_id = ?`, t.now, id, org); err != nil {
			return err
		}
		return s.record(t, org, id, entries)
	})
}

// BringBackPin takes back that a pin was removed.
func (s *Store) BringBackPin(ctx context.Context, org appliance.OrgID, id string, entries ...appliance.AuditEntry) (p appliance.Pin, err error) {
	err = s.write(ctx, func(t *tx) error {
		if _, err := findPin(t, org, whole, id, true); err != nil {
			return err
		}
		if _, err := t.Exec(`UPDATE pin SET deleted_at = NULL WHERE id = ? AND org_id = ?`, id, org); err != nil {
			return err
		}
		if p, err = findPin(t, org, whole, id, false); err != nil {
			return err
		}
		return s.record(t, org, id, entries)
	})
	return p, err
}

// purgePins removes what was removed a while ago for good.
func purgePins(t *tx) error {
	before := t.now - time.Hour.Milliseconds()
	if _, err := t.Exec(`DELETE FROM pin_class WHERE pin_id IN (SELECT id FROM pin WHERE deleted_at < ?)`, before); err != nil {
		return err
	}
	result, err := t.Exec(`DELETE FROM pin WHERE deleted_at < ?`, before)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return err
	}
	return dueErase(t)
}
