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

const classColumns = `class.id, class.name, class.code, class.sign_in, class.version, class.created_at,
	(SELECT count(*) FROM member JOIN user ON user.id = member.user_id AND user.org_id = member.org_id
		WHERE member.class_id = class.id AND member.org_id = class.org_id AND user.role = 'student'),
	(SELECT json_group_array(json_object('id', user.id, 'name', unseal(user.org_id, 'user', user.name))) FROM member
		JOIN user ON user.id = member.user_id AND user.org_id = member.org_id
		WHERE member.class_id = class.id AND member.org_id = class.org_id AND user.role <> 'student')`

func scanClass(row scanner) (c appliance.Class, err error) {
	var created int64
	var teachers string
	if err := row.Scan(&c.ID, &c.Name, &c.Code, &c.SignIn, &c.Version, &created, &c.Students, &teachers); err != nil {
		return c, err
	}
	c.CreatedAt = timeOf(created)
	return c, json.Unmarshal([]byte(teachers), &c.Teachers)
}

func findClass(t *tx, org appliance.OrgID, id appliance.ClassID) (appliance.Class, error) {
	c, err := scanClass(t.QueryRow(`SELECT `+classColumns+` FROM class WHERE org_id = ? AND id = ?`, org, id))
	if errors.Is(err, sql.ErrNoRows) {
		err = notFound("class", "class_not_found")
	}
	return c, err
}

// AddClass makes a class; n gives name, code and way to sign in.
func (s *Store) AddClass(ctx context.Context, org appliance.OrgID, n appliance.Class, teachers []appliance.UserID, entries ...appliance.AuditEntry) (
	c appliance.Class, err error) {
	err = s.write(ctx, func(t *tx) error {
		if c, err = addClass(t, org, n, teachers, ""); err != nil {
			return err
		}
		return s.record(t, org, string(c.ID), entries)
	})
	return c, err
}

func addClass(t *tx, org appliance.OrgID, n appliance.Class, teachers []appliance.UserID, importID string) (appliance.Class, error) {
	id := appliance.ClassID(uuid.Must(uuid.NewV7()).String())
	if _, err := t.Exec(`INSERT INTO class (id, org_id, name, code, sign_in, import_id, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		id, org, n.Name, n.Code, n.SignIn, orNull(importID), t.now); err != nil {
		return n, classTaken(err)
	}
	for _, teacher := range teachers {
		if _, err := join(t, org, id, teacher, ""); err != nil {
			return n, err
		}
	}
	return findClass(t, org, id)
}

func classTaken(err error) error {
	switch {
	case !isUnique(err):
		return err
	case strings.Contains(err.Error(), "class.code"):
		return problem.New(problem.Conflict, "code_taken", "Another class has this code.", "Try again.", err)
	}
	return problem.New(problem.Conflict, "class_exists", "There is a class of this name already.",
		"Choose another name, or open the class that is there. If you do not see it, ask the school's office to add you to it.", err)
}

// Class returns one class.
func (s *Store) Class(ctx context.Context, org appliance.OrgID, id appliance.ClassID) (c appliance.Class, err error) {
	err = s.read(ctx, func(t *tx) error {
		c, err = findClass(t, org, id)
		return err
	})
	return c, err
}

// Classes lists classes by name: all, or those that a user belongs to.
func (s *Store) Classes(ctx context.Context, org appliance.OrgID, search string, user appliance.UserID, cursor string, limit int) (
	page appliance.Page[appliance.Class], err error) {
	limit = clamp(limit)
	where := `FROM class WHERE org_id = ?`
	args := []any{org}
	if user != "" {
		where += ` AND id IN (SELECT class_id FROM member WHERE user_id = ? AND org_id = ?)`
		args = append(args, user, org)
	}
	for _, word := range strings.Fields(fold(search)) {
		where += ` AND instr(fold(name), ?) > 0`
		args = append(args, word)
	}
	from, err := position(cursor)
	if err != nil {
		return page, err
	}
	err = s.read(ctx, func(t *tx) error {
		if err := t.QueryRow(`SELECT count(*) `+where, args...).Scan(&page.Total); err != nil {
			return err
		}
		page.Items, err = all(t, scanClass, `SELECT `+classColumns+` `+where+` ORDER BY fold(name), id LIMIT ? OFFSET ?`,
			append(args, limit, from)...)
		page.Next = nextPosition(from, len(page.Items), page.Total)
		return err
	})
	return page, err
}

// UpdateClass changes a class's name, code and way to sign in, if it still is
// what the changer saw.
func (s *Store) UpdateClass(ctx context.Context, org appliance.OrgID, n appliance.Class, entries ...appliance.AuditEntry) (c appliance.Class, err error) {
	err = s.write(ctx, func(t *tx) error {
		now, err := findClass(t, org, n.ID)
		if err != nil {
			return err
		}
		if now.Version != n.Version {
			return errChanged("current", now)
		}
		if _, err := t.Exec(`UPDATE class SET name = ?, code = ?, sign_in = ?, version = version + 1 WHERE org_id = ? AND id = ?`,
			n.Name, n.Code, n.SignIn, org, n.ID); err != nil {
			return classTaken(err)
		}
		if c, err = findClass(t, org, n.ID); err != nil {
			return err
		}
		return s.record(t, org, string(n.ID), entries)
	})
	return c, err
}

// ofClassAlone is what a class (?1) may have to itself, which must find another
// place before the class goes.
var ofClassAlone = []struct{ count, reason, message, hint string }{
	{`SELECT count(*) FROM source_class AS mine WHERE class_id = ?1 AND org_id = ?2 AND NOT EXISTS (
		SELECT 1 FROM source_class AS other WHERE other.source_id = mine.source_id AND other.org_id = ?2 AND other.class_id <> ?1)`,
		"class_has_material", "Some material is for this class alone.",
		"Share it with other classes or with the whole school, or delete it, and then delete the class."},
	{`SELECT count(*) FROM persona_class AS mine WHERE class_id = ?1 AND org_id = ?2 AND NOT EXISTS (
		SELECT 1 FROM persona_class AS other WHERE other.persona_id = mine.persona_id AND other.org_id = ?2 AND other.class_id <> ?1)`,
		"class_has_personas", "Some tutors are for this class alone.",
		"Share them with other classes or with the whole school, or delete them, and then delete the class."},
	{`SELECT count(*) FROM pin_class AS mine JOIN pin ON pin.id = mine.pin_id AND pin.org_id = mine.org_id AND pin.deleted_at IS NULL
		WHERE mine.class_id = ?1 AND mine.org_id = ?2 AND NOT EXISTS (
		SELECT 1 FROM pin_class AS other WHERE other.pin_id = mine.pin_id AND other.org_id = ?2 AND other.class_id <> ?1)`,
		"class_has_pins", "Some pinned answers are for this class alone.",
		"Give them to other classes or to the whole school, or remove them, and then delete the class."},
}

// DeleteClass removes a class; its members stay. Material that is for this
// class alone would show to nobody, so it has to be shared or deleted first.
func (s *Store) DeleteClass(ctx context.Context, org appliance.OrgID, id appliance.ClassID, entries ...appliance.AuditEntry) error {
	return s.write(ctx, func(t *tx) error {
		if _, err := findClass(t, org, id); err != nil {
			return err
		}
		for _, of := range ofClassAlone {
			var alone int
			if err := t.QueryRow(of.count, id, org).Scan(&alone); err != nil {
				return err
			}
			if alone > 0 {
				return problem.New(problem.Conflict, of.reason, of.message, of.hint, nil).With("count", alone)
			}
		}
		// What was removed must not come back as everybody's.
		if _, err := t.Exec(`UPDATE pin SET deleted_at = 0 WHERE org_id = ?1 AND deleted_at IS NOT NULL AND id IN (
			SELECT pin_id FROM pin_class WHERE class_id = ?2 AND pin_class.org_id = ?1)`, org, id); err != nil {
			return err
		}
		for _, table := range []string{"source_class", "persona_class", "pin_class", "member"} {
			if _, err := t.Exec(`DELETE FROM `+table+` WHERE class_id = ? AND org_id = ?`, id, org); err != nil {
				return err
			}
		}
		if err := endClassInvitations(t, org, id); err != nil {
			return err
		}
		if _, err := t.Exec(`DELETE FROM class WHERE id = ? AND org_id = ?`, id, org); err != nil {
			return err
		}
		return s.record(t, org, string(id), entries)
	})
}

// JoinClass makes users members of a class; those who are stay so.
func (s *Store) JoinClass(ctx context.Context, org appliance.OrgID, class appliance.ClassID, users []appliance.UserID, entries ...appliance.AuditEntry) error {
	return s.write(ctx, func(t *tx) error {
		changed := false
		for _, user := range users {
			joined, err := join(t, org, class, user, "")
			if err != nil {
				return err
			}
			changed = changed || joined
		}
		if !changed {
			return nil
		}
		return s.record(t, org, string(class), entries)
	})
}

// join makes a user a member, and reports whether they were none before. Both
// must be the organization's own.
func join(t *tx, org appliance.OrgID, class appliance.ClassID, user appliance.UserID, importID string) (joined bool, err error) {
	if _, err := findClass(t, org, class); err != nil {
		return false, err
	}
	if _, err := findUser(t, org, user); err != nil {
		return false, err
	}
	result, err := t.Exec(`INSERT OR IGNORE INTO member (org_id, class_id, user_id, import_id) VALUES (?, ?, ?, ?)`, org, class, user, orNull(importID))
	if err != nil {
		return false, err
	}
	n, err := result.RowsAffected()
	return n > 0, err
}

// LeaveClass ends a membership.
func (s *Store) LeaveClass(ctx context.Context, org appliance.OrgID, class appliance.ClassID, user appliance.UserID, entries ...appliance.AuditEntry) error {
	return s.write(ctx, func(t *tx) error {
		if _, err := findClass(t, org, class); err != nil {
			return err
		}
		result, err := t.Exec(`DELETE FROM member WHERE org_id = ? AND class_id = ? AND user_id = ?`, org, class, user)
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return err // they were not in it
		}
		// Whoever leaves a class leaves no open invitation into it.
		if _, err := t.Exec(`DELETE FROM invitation WHERE org_id = ? AND class_id = ? AND by_user = ? AND used_at IS NULL`, org, class, user); err != nil {
			return err
		}
		return s.record(t, org, string(user), entries)
	})
}

// Teaches reports whether a user belongs to a class.
func (s *Store) Teaches(ctx context.Context, org appliance.OrgID, teacher appliance.UserID, class appliance.ClassID) (yes bool, err error) {
	err = s.read(ctx, func(t *tx) error {
		return t.QueryRow(`SELECT count(*) > 0 FROM member WHERE org_id = ? AND user_id = ? AND class_id = ?`, org, teacher, class).Scan(&yes)
	})
	return yes, err
}

// TeachesUser reports whether two users have a class in common.
func (s *Store) TeachesUser(ctx context.Context, org appliance.OrgID, teacher, user appliance.UserID) (yes bool, err error) {
	err = s.read(ctx, func(t *tx) error {
		return t.QueryRow(`SELECT count(*) > 0 FROM member AS mine JOIN member AS theirs ON theirs.class_id = mine.class_id
			WHERE mine.org_id = ?1 AND theirs.org_id = ?1 AND mine.user_id = ?2 AND theirs.user_id = ?3`, org, teacher, user).Scan(&yes)
	})
	return yes, err
}

// ClassByCode finds a class of any school by its code, with the pupils who may
// sign in to it.
func (s *Store) ClassByCode(ctx context.Context, code string) (org appliance.OrgID, c appliance.Class, pupils []appliance.User, err error) {
	err = s.read(ctx, func(t *tx) error {
		c, err = scanClass(suffixed{t.QueryRow(`SELECT `+classColumns+`, class.org_id FROM class
			WHERE code = ? AND org_id IN (SELECT id FROM organization WHERE erased_at IS NULL)`, code), []any{&org}})
		if errors.Is(err, sql.ErrNoRows) {
			return problem.New(problem.NotFound, "class_code_unknown", "No class has this code.",
				"Look at the code once more: on the card, or ask your teacher. They may have made a new one.", nil)
		} else if err != nil {
			return err
		}
		pupils, err = all(t, scanUser, `SELECT `+userColumns+` FROM user WHERE org_id = ?1 AND role = 'student' AND disabled = 0
			AND id IN (SELECT user_id FROM member WHERE class_id = ?2 AND org_id = ?1)
			ORDER BY fold(unseal(org_id, 'user', name)), id`, org, c.ID)
		return err
	})
	return org, c, pupils, err
}
