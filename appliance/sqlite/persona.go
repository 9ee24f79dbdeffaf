package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"strings"

	"github.com/google/uuid"

	"github.com/bwenge-os/bwenge/appliance"
)

const personaColumns = `persona.id, persona.shipped, persona.version, persona.created_at, persona.updated_at, persona.created_by, persona.draft,
	(SELECT json_group_array(json_object('id', class.id, 'name', class.name)) FROM persona_class
		JOIN class ON class.id = persona_class.class_id AND class.org_id = persona_class.org_id
		WHERE persona_class.persona_id = persona.id AND persona_class.org_id = persona.org_id),
	v.content, coalesce((SELECT unseal(user.org_id, 'user', user.name) FROM user WHERE user.id = v.by_user AND user.org_id = v.org_id), '')`

// personaTables joins a persona with its present version.
const personaTables = `persona JOIN persona_version AS v ON v.org_id = persona.org_id AND v.persona_id = persona.id AND v.version = persona.version`

func scanPersona(row scanner) (p appliance.Persona, err error) {
	var created, updated int64
	var classes, content string
	if err := row.Scan(&p.ID, &p.Shipped, &p.Version, &created, &updated, &p.CreatedBy, &p.Draft, &classes, &content, &p.By); err != nil {
		return p, err
	}
	p.CreatedAt, p.UpdatedAt = timeOf(created), timeOf(updated)
	return p, errors.Join(json.Unmarshal([]byte(classes), &p.Classes), json.Unmarshal([]byte(content), &p.PersonaContent))
}

// usable is the condition on a row of persona that a scope sets, and its
// arguments: a persona that is for classes shows to those and its maker alone,
// and a draft to its maker.
func usable(scope appliance.Scope) (condition string, args []any) {
	if scope.All {
		return `true`, nil
	}
	classes, err := json.Marshal(scope.Classes)
	if err != nil || scope.Classes == nil {
		classes = []byte("[]")
	}
	return `(persona.draft = 0 AND (NOT EXISTS (SELECT 1 FROM persona_class WHERE persona_class.persona_id = persona.id AND persona_class.org_id = persona.org_id)
		OR EXISTS (SELECT 1 FROM persona_class WHERE persona_class.persona_id = persona.id AND persona_class.org_id = persona.org_id
			AND persona_class.class_id IN (SELECT value FROM json_each(?))))
		OR persona.created_by <> '' AND persona.created_by = ?)`, []any{string(classes), scope.Maker}
}

func findPersona(t *tx, org appliance.OrgID, scope appliance.Scope, id string) (appliance.Persona, error) {
	may, args := usable(scope)
	p, err := scanPersona(t.QueryRow(`SELECT `+personaColumns+` FROM `+personaTables+`
		WHERE persona.org_id = ? AND persona.id = ? AND persona.deleted_at IS NULL AND `+may, append([]any{org, id}, args...)...))
	if errors.Is(err, sql.ErrNoRows) {
		err = notFound("persona", "persona_not_found")
	}
	return p, err
}

// Persona returns one that a scope shows.
func (s *Store) Persona(ctx context.Context, org appliance.OrgID, scope appliance.Scope, id string) (p appliance.Persona, err error) {
	err = s.read(ctx, func(t *tx) error {
		p, err = findPersona(t, org, scope, id)
		return err
	})
	return p, err
}

// Personas lists those that a scope shows whose name or subject holds every
// word of search, by name.
func (s *Store) Personas(ctx context.Context, org appliance.OrgID, scope appliance.Scope, search, cursor string, limit int) (
	page appliance.Page[appliance.Persona], err error) {
	limit = clamp(limit)
	may, args := usable(scope)
	where := ` FROM ` + personaTables + ` WHERE persona.org_id = ? AND persona.deleted_at IS NULL AND ` + may
	args = append([]any{org}, args...)
	for _, word := range strings.Fields(fold(search)) {
		where += ` AND instr(fold(v.name || ' ' || coalesce(v.content ->> 'subject', '')), ?) > 0`
		args = append(args, word)
	}
	from, err := position(cursor)
	if err != nil {
		return page, err
	}
	err = s.read(ctx, func(t *tx) error {
		if err := t.QueryRow(`SELECT count(*)`+where, args...).Scan(&page.Total); err != nil {
			return err
		}
		page.Items, err = all(t, scanPersona, `SELECT `+personaColumns+where+` ORDER BY fold(v.name), persona.id LIMIT ? OFFSET ?`,
			append(args, limit, from)...)
		page.Next = nextPosition(from, len(page.Items), page.Total)
		return err
	})
	return page, err
}

// AddPersona makes a persona for an audience.
func (s *Store) AddPersona(ctx context.Context, org appliance.OrgID, by appliance.UserID, n appliance.PersonaContent, audience appliance.Audience, entries ...appliance.AuditEntry) (
	p appliance.Persona, err error) {
	err = s.write(ctx, func(t *tx) error {
		id := uuid.Must(uuid.NewV7()).String()
		if err := addPersona(t, org, by, id, false, n); err != nil {
			return err
		}
		if err := personaFor(t, org, id, audience); err != nil {
			return err
		}
		if p, err = findPersona(t, org, whole, id); err != nil {
			return err
		}
		return s.record(t, org, id, entries)
	})
	return p, err
}

func addPersona(t *tx, org appliance.OrgID, by appliance.UserID, id string, shipped bool, n appliance.PersonaContent) error {
	if _, err := t.Exec(`INSERT INTO persona (org_id, id, shipped, version, created_at, updated_at, created_by) VALUES (?, ?, ?, 1, ?, ?, ?)`,
		org, id, shipped, t.now, t.now, by); err != nil {
		return err
	}
	return addPersonaVersion(t, org, by, id, 1, n)
}

func addPersonaVersion(t *tx, org appliance.OrgID, by appliance.UserID, id string, version int, n appliance.PersonaContent) error {
	text, err := json.Marshal(n)
	if err != nil {
		return err
	}
	_, err = t.Exec(`INSERT INTO persona_version (org_id, persona_id, version, name, content, by_user, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		org, id, version, n.Name, string(text), by, t.now)
	return err
}

func personaFor(t *tx, org appliance.OrgID, id string, audience appliance.Audience) error {
	if _, err := t.Exec(`UPDATE persona SET draft = ? WHERE org_id = ? AND id = ?`, audience.Draft, org, id); err != nil {
		return err
	}
	if _, err := t.Exec(`DELETE FROM persona_class WHERE persona_id = ? AND org_id = ?`, id, org); err != nil {
		return err
	}
	for _, class := range audience.Classes {
		if _, err := findClass(t, org, class); err != nil {
			return err
		}
		if _, err := t.Exec(`INSERT OR IGNORE INTO persona_class (org_id, persona_id, class_id) VALUES (?, ?, ?)`, org, id, class); err != nil {
			return err
		}
	}
	return nil
}

// ShipPersonas adds the personas that come with the box to an organization that
// never had them; those that it deleted stay deleted.
func (s *Store) ShipPersonas(ctx context.Context, org appliance.OrgID, shipped map[string]appliance.PersonaContent) error {
	return s.write(ctx, func(t *tx) error {
		for id, n := range shipped {
			var there bool
			if err := t.QueryRow(`SELECT count(*) > 0 FROM persona WHERE org_id = ? AND id = ?`, org, id).Scan(&there); err != nil {
				return err
			}
			if there {
				continue
			}
			if err := addPersona(t, org, "", id, true, n); err != nil {
				return err
			}
		}
		return nil
	})
}

// UpdatePersona gives a persona a new version, if it still has the one that the
// changer saw.
func (s *Store) UpdatePersona(ctx context.Context, org appliance.OrgID, by appliance.UserID, id string, seen int, n appliance.PersonaContent, entries ...appliance.AuditEntry) (
	p appliance.Persona, err error) {
	err = s.write(ctx, func(t *tx) error {
		now, err := findPersona(t, org, whole, id)
		if err != nil {
			return err
		}
		if now.Version != seen {
			return errChanged("current", now)
		}
		// Going back to an old version is a new one, so numbers never repeat.
		if err := addPersonaVersion(t, org, by, id, now.Version+1, n); err != nil {
			return err
		}
		if _, err := t.Exec(`UPDATE persona SET version = version + 1, updated_at = ? WHERE org_id = ? AND id = ?`, t.now, org, id); err != nil {
			return err
		}
		if p, err = findPersona(t, org, whole, id); err != nil {
			return err
		}
		return s.record(t, org, id, entries)
	})
	return p, err
}

// SharePersona makes a persona one for the given classes, or, with none, for
// the whole school. A draft is one no more.
func (s *Store) SharePersona(ctx context.Context, org appliance.OrgID, id string, classes []appliance.ClassID, entries ...appliance.AuditEntry) (
	p appliance.Persona, err error) {
	err = s.write(ctx, func(t *tx) error {
		if _, err := findPersona(t, org, whole, id); err != nil {
			return err
		}
		if err := personaFor(t, org, id, appliance.Audience{Classes: classes}); err != nil {
			return err
		}
		if p, err = findPersona(t, org, whole, id); err != nil {
			return err
		}
		return s.record(t, org, id, entries)
	})
	return p, err
}

// PersonaVersions lists a persona's versions, newest first: the last hundred.
func (s *Store) PersonaVersions(ctx context.Context, org appliance.OrgID, id string) (list []appliance.PersonaVersion, err error) {
	err = s.read(ctx, func(t *tx) error {
		if _, err := findPersona(t, org, whole, id); err != nil {
			return err
		}
		list, err = all(t, func(row scanner) (v appliance.PersonaVersion, err error) {
			var created int64
			var content string
			if err := row.Scan(&v.Version, &v.By, &created, &content); err != nil {
				return v, err
			}
			v.CreatedAt = timeOf(created)
			return v, json.Unmarshal([]byte(content), &v.Content)
		}, `SELECT v.version, coalesce((SELECT unseal(user.org_id, 'user', user.name) FROM user WHERE user.id = v.by_user AND user.org_id = v.org_id), ''),
			v.created_at, v.content FROM persona_version AS v WHERE v.org_id = ? AND v.persona_id = ? ORDER BY v.version DESC LIMIT 100`, org, id)
		return err
	})
	return list, err
}

// DeletePersona removes a persona and its versions. Conversations with it stay;
// the box's plain tutor goes on with them.
func (s *Store) DeletePersona(ctx context.Context, org appliance.OrgID, id string, entries ...appliance.AuditEntry) error {
	return s.write(ctx, func(t *tx) error {
		p, err := findPersona(t, org, whole, id)
		if err != nil {
			return err
		}
		for _, table := range []string{"persona_class", "persona_version"} {
			if _, err := t.Exec(`DELETE FROM `+table+` WHERE persona_id = ? AND org_id = ?`, id, org); err != nil {
				return err
			}
		}
		if p.Shipped {
			_, err = t.Exec(`UPDATE persona SET deleted_at = ? WHERE org_id = ? AND id = ?`, t.now, org, id)
		} else {
			_, err = t.Exec(`DELETE FROM persona WHERE org_id = ? AND id = ?`, org, id)
		}
		if err != nil {
			return err
		}
		return s.record(t, org, id, entries)
	})
}
