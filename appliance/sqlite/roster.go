package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"strings"

	"github.com/google/uuid"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/problem"
)

const importColumns = `i.id, i.by_user, coalesce((SELECT unseal(user.org_id, 'user', user.name) FROM user
	WHERE user.id = i.by_user AND user.org_id = i.org_id), ''), i.added, i.joined, i.created_at, i.undone_at`

func scanImport(row scanner) (i appliance.Import, err error) {
	var created int64
	var undone sql.NullInt64
	err = row.Scan(&i.ID, &i.By.ID, &i.By.Name, &i.Added, &i.Joined, &created, &undone)
	i.CreatedAt = timeOf(created)
	if undone.Valid {
		at := timeOf(undone.Int64)
		i.UndoneAt = &at
	}
	return i, err
}

func findImport(t *tx, org appliance.OrgID, id string) (appliance.Import, error) {
	i, err := scanImport(t.QueryRow(`SELECT `+importColumns+` FROM roster_import AS i WHERE org_id = ? AND id = ?`, org, id))
	if errors.Is(err, sql.ErrNoRows) {
		err = notFound("import", "import_not_found")
	}
	return i, err
}

// ImportRoster makes classes and pupils and joins pupils to classes, all or
// nothing.
func (s *Store) ImportRoster(ctx context.Context, org appliance.OrgID, r appliance.RosterChange, entries ...appliance.AuditEntry) (
	made appliance.Import, users []appliance.User, err error) {
	id := uuid.Must(uuid.NewV7()).String()
	err = s.write(ctx, func(t *tx) error {
		if _, err := t.Exec(`INSERT INTO roster_import (id, org_id, by_user, added, joined, created_at) VALUES (?, ?, ?, ?, ?, ?)`,
			id, org, r.By, len(r.Add), len(r.Joins), t.now); err != nil {
			return err
		}
		byName := map[string]appliance.ClassID{}
		for _, n := range r.Classes {
			c, err := addClass(t, org, n, r.Teachers, id)
			if err != nil {
				return err
			}
			byName[c.Name] = c.ID
		}
		resolve := func(c appliance.ClassRef) appliance.ClassRef {
			if c.ID == "" {
				c.ID = byName[c.Name]
			}
			return c
		}
		for _, n := range r.Add {
			classes := make([]appliance.ClassRef, len(n.User.Classes))
			for i, c := range n.User.Classes {
				classes[i] = resolve(c)
			}
			n.User.Classes = classes
			u, err := addUser(s, t, org, n, id)
			if err != nil {
				return err
			}
			users = append(users, u)
		}
		for user, classes := range r.Joins {
			for _, c := range classes {
				if _, err := join(t, org, resolve(c).ID, user, id); err != nil {
					return err
				}
			}
		}
		if made, err = findImport(t, org, id); err != nil {
			return err
		}
		return s.record(t, org, id, entries)
	})
	return made, users, err
}

// FindByExternalID returns users by their ids in the system that a roster came from.
func (s *Store) FindByExternalID(ctx context.Context, org appliance.OrgID, ids []string) (map[string]appliance.User, error) {
	found := map[string]appliance.User{}
	wanted, err := json.Marshal(ids)
	if err != nil {
		return nil, err
	}
	err = s.read(ctx, func(t *tx) error {
		_, err := all(t, func(row scanner) (u appliance.User, err error) {
			var external string
			u, err = scanUser(suffixed{row, []any{&external}})
			found[external] = u
			return u, err
		}, `SELECT `+userColumns+`, user.external_id FROM user WHERE org_id = ? AND external_id IN (SELECT value FROM json_each(?))`, org, string(wanted))
		return err
	})
	return found, err
}

// FindByNames returns the pupils of a class by their names in small letters.
func (s *Store) FindByNames(ctx context.Context, org appliance.OrgID, class appliance.ClassID) (map[string][]appliance.User, error) {
	found := map[string][]appliance.User{}
	err := s.read(ctx, func(t *tx) error {
		pupils, err := all(t, scanUser, `SELECT `+userColumns+` FROM user WHERE org_id = ?1 AND role = 'student'
			AND id IN (SELECT user_id FROM member WHERE class_id = ?2 AND org_id = ?1)`, org, class)
		for _, u := range pupils {
			name := strings.ToLower(u.Name)
			found[name] = append(found[name], u)
		}
		return err
	})
	return found, err
}

// Imports lists the rosters that were loaded, the newest first.
func (s *Store) Imports(ctx context.Context, org appliance.OrgID) (list []appliance.Import, err error) {
	err = s.read(ctx, func(t *tx) error {
		list, err = all(t, scanImport, `SELECT `+importColumns+` FROM roster_import AS i WHERE org_id = ? ORDER BY n DESC LIMIT 100`, org)
		return err
	})
	return list, err
}

// ImportTouchesOthers reports whether taking an import back would reach beyond
// a teacher's classes: a pupil whom it made and whom they do not teach, or who is
// in another's class by now, or one whom it joined to a class that they do not teach.
func (s *Store) ImportTouchesOthers(ctx context.Context, org appliance.OrgID, teacher appliance.UserID, id string) (yes bool, err error) {
	err = s.read(ctx, func(t *tx) error {
		return t.QueryRow(`WITH mine AS (SELECT class_id FROM member WHERE org_id = ?1 AND user_id = ?2)
			SELECT EXISTS (SELECT 1 FROM user WHERE org_id = ?1 AND import_id = ?3 AND NOT EXISTS (SELECT 1 FROM member
					WHERE member.org_id = ?1 AND member.user_id = user.id AND class_id IN mine))
				OR EXISTS (SELECT 1 FROM member WHERE org_id = ?1 AND class_id NOT IN mine AND (import_id = ?3
					OR user_id IN (SELECT id FROM user WHERE org_id = ?1 AND import_id = ?3)))`,
			org, teacher, id).Scan(&yes)
	})
	return yes, err
}

// UndoImport takes back what an import did. Pupils who have signed in since
// keep their accounts and what they wrote, and only leave the classes; the
// others are erased, and so are new classes without members, material or tutors.
func (s *Store) UndoImport(ctx context.Context, org appliance.OrgID, id string, entries ...appliance.AuditEntry) (i appliance.Import, err error) {
	err = s.write(ctx, func(t *tx) error {
		if i, err = findImport(t, org, id); err != nil {
			return err
		}
		if i.UndoneAt != nil {
			return problem.New(problem.Conflict, "import_undone", "This import has been taken back already.", "There is nothing left to do.", nil)
		}
		users, err := all(t, column[appliance.UserID], `SELECT id FROM user WHERE org_id = ? AND import_id = ? AND last_seen_at IS NULL`, org, id)
		if err != nil {
			return err
		}
		for _, user := range users {
			if err := eraseUser(t, org, user); err != nil {
				return err
			}
		}
		for _, query := range []string{
			`DELETE FROM member WHERE org_id = ?1 AND (import_id = ?2 OR user_id IN (SELECT id FROM user WHERE org_id = ?1 AND import_id = ?2))`,
			`DELETE FROM member WHERE org_id = ?1 AND class_id IN (SELECT id FROM class WHERE org_id = ?1 AND import_id = ?2)
				AND user_id IN (SELECT id FROM user WHERE org_id = ?1 AND role <> 'student')
				AND class_id NOT IN (SELECT class_id FROM source_class WHERE org_id = ?1)
				AND class_id NOT IN (SELECT class_id FROM persona_class WHERE org_id = ?1)
				AND class_id NOT IN (SELECT class_id FROM member JOIN user ON user.id = member.user_id WHERE member.org_id = ?1 AND user.org_id = ?1 AND user.role = 'student')`,
			`DELETE FROM invitation WHERE org_id = ?1 AND used_at IS NULL AND class_id IN (SELECT id FROM class WHERE org_id = ?1 AND import_id = ?2)`,
			`UPDATE invitation SET class_id = NULL WHERE org_id = ?1 AND class_id IN (SELECT id FROM class WHERE org_id = ?1 AND import_id = ?2)`,
			`DELETE FROM class WHERE org_id = ?1 AND import_id = ?2 AND id NOT IN (SELECT class_id FROM member WHERE org_id = ?1)
				AND id NOT IN (SELECT class_id FROM source_class WHERE org_id = ?1)
				AND id NOT IN (SELECT class_id FROM persona_class WHERE org_id = ?1)`,
			`UPDATE roster_import SET undone_at = unixepoch() * 1000 WHERE org_id = ?1 AND id = ?2`,
		} {
			if _, err := t.Exec(query, org, id); err != nil {
				return err
			}
		}
		if i, err = findImport(t, org, id); err != nil {
			return err
		}
		return s.record(t, org, id, entries)
	})
	if err != nil {
		return i, err
	}
	return i, s.eraseTraces(ctx, vacuumAtOnce)
}
