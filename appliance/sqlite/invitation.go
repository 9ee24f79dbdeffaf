package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"github.com/google/uuid"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/problem"
)

const invitationColumns = `i.id, i.role, i.code, coalesce(unseal(i.org_id, 'invitation', i.email), ''), i.class_id,
	(SELECT name FROM class WHERE class.id = i.class_id AND class.org_id = i.org_id),
	coalesce((SELECT unseal(user.org_id, 'user', user.name) FROM user WHERE user.id = i.by_user AND user.org_id = i.org_id), ''), i.by_user,
	i.created_at, i.expires_at, i.used_at, i.used_by,
	(SELECT unseal(user.org_id, 'user', user.name) FROM user WHERE user.id = i.used_by AND user.org_id = i.org_id)`

func scanInvitation(row scanner) (i appliance.Invitation, err error) {
	var created, expires int64
	var classID, className, usedBy, usedName sql.NullString
	var used sql.NullInt64
	if err := row.Scan(&i.ID, &i.Role, &i.Code, &i.Email, &classID, &className, &i.By, &i.ByID, &created, &expires, &used, &usedBy, &usedName); err != nil {
		return i, err
	}
	i.CreatedAt, i.ExpiresAt = timeOf(created), timeOf(expires)
	if className.Valid {
		i.Class = &appliance.ClassRef{ID: appliance.ClassID(classID.String), Name: className.String}
	}
	if used.Valid {
		at := timeOf(used.Int64)
		i.UsedAt = &at
	}
	if usedName.Valid {
		i.UsedBy = &appliance.UserRef{ID: appliance.UserID(usedBy.String), Name: usedName.String}
	}
	return i, nil
}

// AddInvitation stores an invitation; its code is the caller's.
func (s *Store) AddInvitation(ctx context.Context, org appliance.OrgID, n appliance.Invitation, by appliance.UserID, entries ...appliance.AuditEntry) (
	i appliance.Invitation, err error) {
	n.ID = uuid.Must(uuid.NewV7()).String()
	err = s.write(ctx, func(t *tx) error {
		class := sql.NullString{}
		if n.Class != nil {
			if _, err := findClass(t, org, n.Class.ID); err != nil {
				return err
			}
			class = orNull(string(n.Class.ID))
		}
		_, err := t.Exec(`INSERT INTO invitation (id, org_id, role, code, email, class_id, by_user, created_at, expires_at)
			VALUES (?1, ?2, ?3, ?4, seal(?2, 'invitation', ?5), ?6, ?7, ?8, ?9)`,
			n.ID, org, n.Role, n.Code, orNull(n.Email), class, by, t.now, n.ExpiresAt.UnixMilli())
		if isUnique(err) {
			return problem.New(problem.Conflict, "code_taken", "Another invitation has this code.", "Try again.", err)
		} else if err != nil {
			return err
		}
		i, err = scanInvitation(t.QueryRow(`SELECT `+invitationColumns+` FROM invitation AS i WHERE id = ? AND org_id = ?`, n.ID, org))
		if err != nil {
			return err
		}
		return s.record(t, org, i.ID, entries)
	})
	return i, err
}

// Invitations lists a school's invitations, the newest first.
func (s *Store) Invitations(ctx context.Context, org appliance.OrgID) (list []appliance.Invitation, err error) {
	err = s.read(ctx, func(t *tx) error {
		list, err = all(t, scanInvitation, `SELECT `+invitationColumns+` FROM invitation AS i WHERE org_id = ? ORDER BY n DESC LIMIT 500`, org)
		return err
	})
	return list, err
}

// RevokeInvitation removes an invitation.
func (s *Store) RevokeInvitation(ctx context.Context, org appliance.OrgID, id string, entries ...appliance.AuditEntry) error {
	return s.write(ctx, func(t *tx) error {
		result, err := t.Exec(`DELETE FROM invitation WHERE id = ? AND org_id = ?`, id, org)
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, notFound("invitation", "invitation_not_found"))
		}
		return s.record(t, org, id, entries)
	})
}

// InvitationByCode finds an invitation of any school that nobody has used.
func (s *Store) InvitationByCode(ctx context.Context, code string) (org appliance.OrgID, i appliance.Invitation, err error) {
	err = s.read(ctx, func(t *tx) error {
		i, err = scanInvitation(suffixed{t.QueryRow(`SELECT `+invitationColumns+`, i.org_id FROM invitation AS i
			WHERE code = ? AND used_at IS NULL AND org_id IN (SELECT id FROM organization WHERE erased_at IS NULL)`, code), []any{&org}})
		if errors.Is(err, sql.ErrNoRows) {
			err = notFound("invitation", "invitation_not_found")
		}
		return err
	})
	return org, i, err
}

// AcceptInvitation makes the invited user, once.
func (s *Store) AcceptInvitation(ctx context.Context, org appliance.OrgID, id string, n appliance.NewUser, entries ...appliance.AuditEntry) (
	u appliance.User, err error) {
	err = s.write(ctx, func(t *tx) error {
		i, err := scanInvitation(t.QueryRow(`SELECT `+invitationColumns+` FROM invitation AS i WHERE id = ? AND org_id = ?`, id, org))
		if errors.Is(err, sql.ErrNoRows) {
			return notFound("invitation", "invitation_not_found")
		} else if err != nil {
			return err
		}
		if i.UsedAt != nil {
			return problem.New(problem.Conflict, "invitation_used", "This invitation has been used already.",
				"Ask for another one, or sign in.", nil)
		}
		n.User.Role, n.User.Classes = i.Role, nil
		if i.Class != nil {
			n.User.Classes = []appliance.ClassRef{*i.Class}
		}
		if u, err = addUser(s, t, org, n, ""); err != nil {
			return err
		}
		_, err = t.Exec(`UPDATE invitation SET used_at = ?, used_by = ? WHERE id = ? AND org_id = ?`, t.now, u.ID, id, org)
		if err != nil {
			return err
		}
		return s.record(t, org, string(u.ID), by(u.ID, entries))
	})
	return u, err
}

// endInvitations withdraws what somebody has invited to and nobody has used:
// whoever goes, or may do less from now on, leaves no way back in.
func endInvitations(t *tx, org appliance.OrgID, by appliance.UserID) error {
	_, err := t.Exec(`DELETE FROM invitation WHERE org_id = ? AND by_user = ? AND used_at IS NULL`, org, by)
	return err
}

// endClassInvitations withdraws those into a class that has gone.
func endClassInvitations(t *tx, org appliance.OrgID, class appliance.ClassID) error {
	if _, err := t.Exec(`DELETE FROM invitation WHERE org_id = ? AND class_id = ? AND used_at IS NULL`, org, class); err != nil {
		return err
	}
	_, err := t.Exec(`UPDATE invitation SET class_id = NULL WHERE class_id = ? AND org_id = ?`, class, org)
	return err
}
