package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"slices"

	"github.com/google/uuid"

	"github.com/bwenge-os/bwenge/appliance"
)

// flagColumns are of a row of flag, asked for by teacher ?2.
const flagColumns = `flag.id, flag.user_id,
	coalesce((SELECT unseal(user.org_id, 'user', user.name) FROM user WHERE user.id = flag.user_id AND user.org_id = flag.org_id), ''),
	flag.category, flag.severity, flag.side, unseal(flag.org_id, 'flag', flag.text), flag.conversation_id, flag.created_at, flag.seen_at,
	coalesce((SELECT unseal(user.org_id, 'user', user.name) FROM user WHERE user.id = flag.seen_by AND user.org_id = flag.org_id), ''),
	(SELECT json_group_array(json_object('id', class.id, 'name', class.name)) FROM member JOIN class ON class.id = member.class_id AND class.org_id = member.org_id
		WHERE member.user_id = flag.user_id AND member.org_id = flag.org_id AND (?2 = '' OR EXISTS (
			SELECT 1 FROM member AS mine WHERE mine.class_id = class.id AND mine.user_id = ?2 AND mine.org_id = class.org_id))),
	(SELECT json_group_array(text) FROM (SELECT unseal(message.org_id, 'message', message.text) AS text FROM message
		JOIN conversation ON conversation.id = message.conversation_id AND conversation.org_id = message.org_id AND conversation.deleted_at IS NULL
		WHERE message.conversation_id = flag.conversation_id AND message.org_id = flag.org_id AND message.user_id = flag.user_id
			AND message.role = 'user' AND message.created_at <= flag.created_at ORDER BY message.n DESC LIMIT 5))`

func scanFlag(row scanner) (f appliance.Flag, err error) {
	var created int64
	var seen sql.NullInt64
	var classes, asked sql.NullString
	if err := row.Scan(&f.ID, &f.User.ID, &f.User.Name, &f.Category, &f.Severity, &f.Side, &f.Text, &f.ConversationID,
		&created, &seen, &f.SeenBy, &classes, &asked); err != nil {
		return f, err
	}
	f.CreatedAt = timeOf(created)
	if seen.Valid {
		at := timeOf(seen.Int64)
		f.SeenAt = &at
	}
	if err := errors.Join(fromJSON(classes, &f.Classes), fromJSON(asked, &f.Asked)); err != nil {
		return f, err
	}
	slices.Reverse(f.Asked) // the database gave the last ones
	return f, nil
}

// AddFlag puts an exchange on the teachers' list.
func (s *Store) AddFlag(ctx context.Context, org appliance.OrgID, f appliance.Flag) error {
	return s.write(ctx, func(t *tx) error {
		_, err := t.Exec(`INSERT INTO flag (id, org_id, user_id, conversation_id, category, severity, side, text, created_at)
			VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, seal(?2, 'flag', ?8), ?9)`,
			uuid.Must(uuid.NewV7()).String(), org, f.User.ID, f.ConversationID, f.Category, f.Severity, f.Side, f.Text, t.now)
		return err
	})
}

// taught is the condition on flag.user_id that a teacher sets: pupils of their
// classes. Nobody named is the office, which sees all.
const taught = ` AND (?2 = '' OR flag.user_id IN (SELECT theirs.user_id FROM member AS mine JOIN member AS theirs ON theirs.class_id = mine.class_id
	WHERE mine.org_id = ?1 AND theirs.org_id = ?1 AND mine.user_id = ?2))`

// Flags lists flagged exchanges, newest first: all, or those of the pupils that
// a teacher teaches; open ones only, or also those that were seen.
func (s *Store) Flags(ctx context.Context, org appliance.OrgID, teacher appliance.UserID, open bool, cursor string, limit int) (page appliance.Page[appliance.Flag], err error) {
	limit = clamp(limit)
	before, err := parseCursor(cursor)
	if err != nil {
		return page, err
	}
	err = s.read(ctx, func(t *tx) error {
		const where = ` FROM flag WHERE flag.org_id = ?1 AND (NOT ?3 OR flag.seen_at IS NULL)` + taught
		if err := t.QueryRow(`SELECT count(*)`+where, org, teacher, open).Scan(&page.Total); err != nil {
			return err
		}
		page.Items, page.Next, err = newestFirst(t, scanFlag, limit, `SELECT flag.n, `+flagColumns+where+` AND flag.n < ?4 ORDER BY flag.n DESC LIMIT ?5`, org, teacher, open, before, limit+1)
		return err
	})
	return page, err
}

// CountFlags counts the flagged exchanges that nobody has looked at.
func (s *Store) CountFlags(ctx context.Context, org appliance.OrgID, teacher appliance.UserID) (n appliance.FlagCount, err error) {
	err = s.read(ctx, func(t *tx) error {
		return t.QueryRow(`SELECT count(*), count(*) FILTER (WHERE flag.severity > 1) FROM flag WHERE flag.org_id = ?1 AND flag.seen_at IS NULL`+taught,
			org, teacher).Scan(&n.Open, &n.Urgent)
	})
	return n, err
}

// TeachersOf are the names of those who teach somebody's classes.
func (s *Store) TeachersOf(ctx context.Context, org appliance.OrgID, user appliance.UserID) (names []string, err error) {
	err = s.read(ctx, func(t *tx) error {
		names, err = all(t, column[string], `SELECT DISTINCT unseal(user.org_id, 'user', user.name) AS name FROM member AS mine
			JOIN member AS theirs ON theirs.class_id = mine.class_id AND theirs.org_id = mine.org_id
			JOIN user ON user.id = theirs.user_id AND user.org_id = theirs.org_id
			WHERE mine.org_id = ? AND mine.user_id = ? AND user.id <> mine.user_id AND user.role <> 'student' AND user.disabled = 0 ORDER BY fold(name) LIMIT 10`, org, user)
		return err
	})
	return names, err
}

// SeeFlag notes that somebody has looked at a flagged exchange, the first time.
func (s *Store) SeeFlag(ctx context.Context, org appliance.OrgID, teacher, by appliance.UserID, id string, entries ...appliance.AuditEntry) (
	f appliance.Flag, err error) {
	err = s.write(ctx, func(t *tx) error {
		result, err := t.Exec(`UPDATE flag SET seen_at = ?4, seen_by = ?5 WHERE flag.org_id = ?1 AND flag.id = ?3 AND flag.seen_at IS NULL`+taught,
			org, teacher, id, t.now, by)
		if err != nil {
			return err
		}
		f, err = scanFlag(t.QueryRow(`SELECT `+flagColumns+` FROM flag WHERE flag.org_id = ?1 AND flag.id = ?3`+taught, org, teacher, id))
		if errors.Is(err, sql.ErrNoRows) {
			return notFound("message", "flag_not_found")
		} else if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return err
		}
		return s.record(t, org, id, entries)
	})
	return f, err
}
