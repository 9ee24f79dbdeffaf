package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/bwenge-os/bwenge/appliance"
)

const sessionColumns = `session.id, session.org_id, session.user_id, session.device, session.remote, session.generation,
	session.created_at, session.rotated_at, session.seen_at, session.expires_at`

func scanSession(row scanner) (x appliance.Session, err error) {
	var created, rotated, seen, expires int64
	err = row.Scan(&x.ID, &x.Org, &x.User, &x.Device, &x.Remote, &x.Generation, &created, &rotated, &seen, &expires)
	x.CreatedAt, x.RotatedAt, x.SeenAt, x.ExpiresAt = timeOf(created), timeOf(rotated), timeOf(seen), timeOf(expires)
	return x, err
}

// AddSession begins a session, with the line about it in the audit log. The
// attempt that led to it was no failed one, and its device is known from now on.
func (s *Store) AddSession(ctx context.Context, x appliance.Session, reserved []appliance.AttemptLimit, entry appliance.AuditEntry) error {
	return s.write(ctx, func(t *tx) error {
		if _, err := t.Exec(`INSERT INTO session (id, org_id, user_id, device, remote, generation, created_at, rotated_at, seen_at, expires_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, x.ID, x.Org, x.User, x.Device, x.Remote, x.Generation,
			x.CreatedAt.UnixMilli(), x.RotatedAt.UnixMilli(), x.SeenAt.UnixMilli(), x.ExpiresAt.UnixMilli()); err != nil {
			return err
		}
		if err := errors.Join(seen(t, x.Org, x.User), returnAttempt(t, x.Org, reserved, true), rememberDevice(t, x)); err != nil {
			return err
		}
		if err := saveClock(t, x.SeenAt); err != nil {
			return err
		}
		return s.appendAudit(t, x.Org, entry)
	})
}

// Session returns a session that has not been ended, and who it is: their role
// and classes as they are now. Whether its time is over is the caller's to say.
func (s *Store) Session(ctx context.Context, id string) (x appliance.Session, p appliance.Principal, err error) {
	err = s.read(ctx, func(t *tx) error {
		var classes string
		x, err = scanSession(suffixed{t.QueryRow(`SELECT `+sessionColumns+`, user.role, unseal(user.org_id, 'user', user.name),
			(SELECT json_group_array(class_id) FROM member WHERE member.user_id = user.id AND member.org_id = user.org_id)
			FROM session JOIN user ON user.id = session.user_id AND user.org_id = session.org_id
			JOIN organization ON organization.id = session.org_id
			WHERE session.id = ? AND session.ended = 0 AND user.disabled = 0 AND organization.erased_at IS NULL`, id),
			[]any{&p.Role, &p.Name, &classes}})
		if errors.Is(err, sql.ErrNoRows) {
			return notFound("session", "session_ended")
		} else if err != nil {
			return err
		}
		p.Org, p.User, p.Session = x.Org, x.User, x.ID
		p.Scope, err = scopeOf(p.Role, p.User, classes)
		return err
	})
	return x, p, err
}

// scopeOf is what somebody of a role sees who belongs to classes, a JSON list.
func scopeOf(role appliance.Role, user appliance.UserID, classes string) (scope appliance.Scope, err error) {
	switch {
	case appliance.Principal{Role: role}.Office():
		scope.All = true
	case role == appliance.RoleTeacher:
		scope.Maker = user
	}
	return scope, json.Unmarshal([]byte(classes), &scope.Classes)
}

// Scope is what somebody sees at this moment.
func (s *Store) Scope(ctx context.Context, org appliance.OrgID, user appliance.UserID) (scope appliance.Scope, err error) {
	err = s.read(ctx, func(t *tx) error {
		var role appliance.Role
		var classes string
		err := t.QueryRow(`SELECT role, (SELECT json_group_array(class_id) FROM member WHERE member.user_id = user.id AND member.org_id = user.org_id)
			FROM user WHERE org_id = ? AND id = ?`, org, user).Scan(&role, &classes)
		if errors.Is(err, sql.ErrNoRows) {
			return notFound("person", "user_not_found")
		} else if err != nil {
			return err
		}
		scope, err = scopeOf(role, user, classes)
		return err
	})
	return scope, err
}

// AdvanceSession moves a session on by one generation, if it still is at from.
func (s *Store) AdvanceSession(ctx context.Context, org appliance.OrgID, id string, from int, rotated, expires time.Time) (ok bool, err error) {
	err = s.write(ctx, func(t *tx) error {
		result, err := t.Exec(`UPDATE session SET generation = generation + 1, rotated_at = ?1, seen_at = ?1, expires_at = ?2
			WHERE id = ?3 AND org_id = ?4 AND generation = ?5 AND ended = 0`, rotated.UnixMilli(), expires.UnixMilli(), id, org, from)
		if err != nil {
			return err
		}
		n, err := result.RowsAffected()
		ok = n == 1
		return errors.Join(err, saveClock(t, rotated))
	})
	return ok, err
}

// EndSession ends one session.
func (s *Store) EndSession(ctx context.Context, org appliance.OrgID, id string, entries ...appliance.AuditEntry) error {
	return s.write(ctx, func(t *tx) error {
		result, err := t.Exec(`UPDATE session SET ended = 1 WHERE id = ? AND org_id = ? AND ended = 0`, id, org)
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return err
		}
		return s.record(t, org, id, entries)
	})
}

// EndSessions ends a user's sessions but one, and returns them, also those that
// had ended: what they have open is closed by their ids.
func (s *Store) EndSessions(ctx context.Context, org appliance.OrgID, user appliance.UserID, except string) (ended []string, err error) {
	err = s.write(ctx, func(t *tx) error {
		ended, err = endSessions(t, org, user, except)
		return err
	})
	return ended, err
}

func endSessions(t *tx, org appliance.OrgID, user appliance.UserID, except string) ([]string, error) {
	return all(t, column[string], `UPDATE session SET ended = 1 WHERE org_id = ? AND user_id = ? AND id <> ? RETURNING id`, org, user, except)
}

// Sessions lists where a user is signed in, the latest first.
func (s *Store) Sessions(ctx context.Context, org appliance.OrgID, user appliance.UserID) (list []appliance.Session, err error) {
	err = s.read(ctx, func(t *tx) error {
		list, err = all(t, scanSession, `SELECT `+sessionColumns+` FROM session WHERE org_id = ? AND user_id = ? AND ended = 0
			ORDER BY seen_at DESC LIMIT 100`, org, user)
		return err
	})
	return list, err
}

// PurgeSessions forgets sessions that were over before a time of the box clock.
func (s *Store) PurgeSessions(ctx context.Context, before time.Time) error {
	return s.write(ctx, func(t *tx) error {
		_, err := t.Exec(`DELETE FROM session WHERE expires_at < ?1 OR ended = 1 AND seen_at < ?1`, before.UnixMilli())
		return err
	})
}

// clockSetting is where the box clock is kept, in milliseconds.
const clockSetting = "box_clock"

// BoxClock is what SaveBoxClock kept, zero if it never did.
func (s *Store) BoxClock(ctx context.Context) (at time.Time, err error) {
	err = s.read(ctx, func(t *tx) error {
		var ms int64
		err := t.QueryRow(`SELECT CAST(value AS INTEGER) FROM setting WHERE key = ?`, clockSetting).Scan(&ms)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		at = timeOf(ms)
		return err
	})
	return at, err
}

// SaveBoxClock keeps the box clock. It never goes back.
func (s *Store) SaveBoxClock(ctx context.Context, at time.Time) error {
	return s.write(ctx, func(t *tx) error { return saveClock(t, at) })
}

func saveClock(t *tx, at time.Time) error {
	_, err := t.Exec(`INSERT INTO setting (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = ?2
		WHERE CAST(value AS INTEGER) < CAST(?2 AS INTEGER)`, clockSetting, fmt.Sprint(at.UnixMilli()))
	return err
}
