package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/problem"
)

const userColumns = `user.id, user.role, unseal(user.org_id, 'user', user.name), coalesce(user.username, ''),
	coalesce(unseal(user.org_id, 'user', user.email), ''), user.language, user.sign_in, user.pictures, user.version, user.created_at,
	user.last_seen_at, user.disabled,
	(SELECT json_group_array(json_object('id', class.id, 'name', class.name)) FROM member
		JOIN class ON class.id = member.class_id AND class.org_id = member.org_id
		WHERE member.user_id = user.id AND member.org_id = user.org_id)`

func scanUser(row scanner) (u appliance.User, err error) {
	var created int64
	var seen sql.NullInt64
	var classes string
	if err := row.Scan(&u.ID, &u.Role, &u.Name, &u.Username, &u.Email, &u.Language, &u.SignIn, &u.Pictures, &u.Version, &created,
		&seen, &u.Disabled, &classes); err != nil {
		return u, err
	}
	u.CreatedAt = timeOf(created)
	if seen.Valid {
		at := timeOf(seen.Int64)
		u.LastSeenAt = &at
	}
	return u, json.Unmarshal([]byte(classes), &u.Classes)
}

func findUser(t *tx, org appliance.OrgID, id appliance.UserID) (appliance.User, error) {
	u, err := scanUser(t.QueryRow(`SELECT `+userColumns+` FROM user WHERE org_id = ? AND id = ?`, org, id))
	if errors.Is(err, sql.ErrNoRows) {
		err = notFound("person", "user_not_found")
	}
	return u, err
}

// emailMAC is by what an address is found although it is stored sealed.
func (s *Store) emailMAC(org appliance.OrgID, email string) []byte {
	if email == "" {
		return nil
	}
	return s.seals.box.MAC("email", []byte(org), []byte(strings.ToLower(email)))
}

func orNull(text string) sql.NullString { return sql.NullString{String: text, Valid: text != ""} }

// AddUser makes a user and joins them to their classes.
func (s *Store) AddUser(ctx context.Context, org appliance.OrgID, n appliance.NewUser, entries ...appliance.AuditEntry) (u appliance.User, err error) {
	err = s.write(ctx, func(t *tx) error {
		if u, err = addUser(s, t, org, n, ""); err != nil {
			return err
		}
		return s.record(t, org, string(u.ID), entries)
	})
	return u, err
}

func addUser(s *Store, t *tx, org appliance.OrgID, n appliance.NewUser, importID string) (appliance.User, error) {
	id := appliance.UserID(uuid.Must(uuid.NewV7()).String())
	u := n.User
	_, err := t.Exec(`INSERT INTO user (id, org_id, role, name, username, email, email_mac, language, sign_in, hash, card,
			external_id, import_id, created_at, pictures)
		VALUES (?1, ?2, ?3, seal(?2, 'user', ?4), ?5, seal(?2, 'user', ?6), ?7, ?8, ?9, ?10, seal(?2, 'card', ?11), ?12, ?13, ?14, ?15)`,
		id, org, u.Role, u.Name, orNull(fold(u.Username)), orNull(u.Email), s.emailMAC(org, u.Email), u.Language,
		n.Credential.Kind, n.Credential.Hash, orNull(n.Credential.Card), orNull(n.ExternalID), orNull(importID), t.now, len(strings.Fields(n.Credential.Card)))
	if err != nil {
		return appliance.User{}, taken(err)
	}
	for _, c := range u.Classes {
		if _, err := join(t, org, c.ID, id, ""); err != nil {
			return appliance.User{}, err
		}
	}
	return findUser(t, org, id)
}

// taken says which of a user's names another one has.
func taken(err error) error {
	switch {
	case !isUnique(err):
		return err
	case strings.Contains(err.Error(), "email_mac"):
		return problem.New(problem.Conflict, "email_taken", "Somebody here has this e-mail address already.",
			"Use another one, or leave it out.", err)
	}
	return problem.New(problem.Conflict, "username_taken", "Somebody here has this user name already.",
		"Choose another one.", err)
}

// User returns one user.
func (s *Store) User(ctx context.Context, org appliance.OrgID, id appliance.UserID) (u appliance.User, err error) {
	err = s.read(ctx, func(t *tx) error {
		u, err = findUser(t, org, id)
		return err
	})
	return u, err
}

// Users lists people by name. The cursor is a position in the list.
func (s *Store) Users(ctx context.Context, org appliance.OrgID, f appliance.UserFilter) (page appliance.Page[appliance.User], err error) {
	limit := clamp(f.Limit)
	where := `FROM user WHERE org_id = ?`
	args := []any{org}
	if f.Role != "" {
		where += ` AND role = ?`
		args = append(args, f.Role)
	}
	if f.Class != "" {
		where += ` AND id IN (SELECT user_id FROM member WHERE class_id = ? AND org_id = ?)`
		args = append(args, f.Class, org)
	}
	// Who does not see an e-mail address does not find people by it either.
	searched := `unseal(org_id, 'user', name) || ' ' || coalesce(username, '') || ' ' || coalesce(unseal(org_id, 'user', email), '')`
	if f.Of != "" {
		searched = `unseal(org_id, 'user', name) || ' ' || coalesce(username, '')`
		where += ` AND (role <> 'student' OR id IN (SELECT theirs.user_id FROM member AS mine JOIN member AS theirs
			ON theirs.class_id = mine.class_id AND theirs.org_id = mine.org_id WHERE mine.org_id = ? AND mine.user_id = ?))`
		args = append(args, org, f.Of)
	}
	for _, word := range strings.Fields(fold(f.Search)) {
		where += ` AND instr(fold(` + searched + `), ?) > 0`
		args = append(args, word)
	}
	from, err := position(f.Cursor)
	if err != nil {
		return page, err
	}
	err = s.read(ctx, func(t *tx) error {
		if err := t.QueryRow(`SELECT count(*) `+where, args...).Scan(&page.Total); err != nil {
			return err
		}
		page.Items, err = all(t, scanUser, `SELECT `+userColumns+` `+where+
			` ORDER BY fold(unseal(org_id, 'user', name)), id LIMIT ? OFFSET ?`, append(args, limit, from)...)
		page.Next = nextPosition(from, len(page.Items), page.Total)
		return err
	})
	return page, err
}

// position reads a cursor that counts rows.
func position(cursor string) (int, error) {
	if cursor == "" {
		return 0, nil
	}
	n, err := parseCursor(cursor)
	if err == nil && n < 0 {
		_, err = parseCursor("-")
	}
	return int(n), err
}

func nextPosition(from, got, total int) string {
	if from+got >= total || got == 0 {
		return ""
	}
	return strconv.Itoa(from + got)
}

// UpdateUser changes a user's name, user name, e-mail, language, role and
// whether they may sign in, if they still are what the changer saw. A new role or
// disabling ends their sessions. The last owner who can sign in stays one.
func (s *Store) UpdateUser(ctx context.Context, org appliance.OrgID, n appliance.User, entries ...appliance.AuditEntry) (u appliance.User, err error) {
	err = s.write(ctx, func(t *tx) error {
		now, err := findUser(t, org, n.ID)
		if err != nil {
			return err
		}
		if now.Version != n.Version {
			return errChanged("current", now)
		}
		if _, err := t.Exec(`UPDATE user SET name = seal(?1, 'user', ?2), username = ?3, email = seal(?1, 'user', ?4), email_mac = ?5,
			language = ?6, role = ?7, disabled = ?8, version = version + 1 WHERE org_id = ?1 AND id = ?9`,
			org, n.Name, orNull(fold(n.Username)), orNull(n.Email), s.emailMAC(org, n.Email), n.Language, n.Role, n.Disabled, n.ID); err != nil {
			return taken(err)
		}
		if err := keepOwner(t, org, now); err != nil {
			return err
		}
		if n.Disabled || n.Role.Rank() < appliance.RoleAdmin.Rank() {
			if err := endAPIKeys(t, org, n.ID); err != nil {
				return err
			}
		}
		if n.Disabled || n.Role.Rank() < now.Role.Rank() {
			if err := endInvitations(t, org, n.ID); err != nil {
				return err
			}
		}
		if n.Role != now.Role || n.Disabled {
			if _, err := t.Exec(`UPDATE session SET ended = 1 WHERE org_id = ? AND user_id = ?`, org, n.ID); err != nil {
				return err
			}
		}
		if u, err = findUser(t, org, n.ID); err != nil {
			return err
		}
		return s.record(t, org, string(n.ID), entries)
	})
	return u, err
}

// keepOwner fails if a change of an owner has left the school without one.
func keepOwner(t *tx, org appliance.OrgID, before appliance.User) error {
	if before.Role != appliance.RoleOwner {
		return nil
	}
	var owners int
	if err := t.QueryRow(`SELECT count(*) FROM user WHERE org_id = ? AND role = ? AND disabled = 0`, org, appliance.RoleOwner).
		Scan(&owners); err != nil || owners > 0 {
		return err
	}
	return problem.New(problem.Conflict, "last_owner", "A school needs an owner who can sign in.",
		"Make somebody else an owner first.", nil)
}

// seen remembers that somebody signed in.
func seen(t *tx, org appliance.OrgID, id appliance.UserID) error {
	_, err := t.Exec(`UPDATE user SET last_seen_at = ? WHERE org_id = ? AND id = ?`, t.now, org, id)
	return err
}

// ReplaceCredential changes how somebody signs in: the failed attempts with what
// they had are forgotten, and their sessions but one end. It returns these, as
// EndSessions does. All of it happens or nothing, so that a power cut leaves
// nobody signed in with what does not count any more.
func (s *Store) ReplaceCredential(ctx context.Context, org appliance.OrgID, id appliance.UserID, c appliance.Credential, except string, entries ...appliance.AuditEntry) (ended []string, err error) {
	err = s.write(ctx, func(t *tx) error {
		result, err := t.Exec(`UPDATE user SET sign_in = ?2, hash = ?3, card = seal(?1, 'card', ?4), pictures = ?6 WHERE org_id = ?1 AND id = ?5`,
			org, c.Kind, c.Hash, orNull(c.Card), id, len(strings.Fields(c.Card)))
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, notFound("person", "user_not_found"))
		}
		if _, err := t.Exec(`DELETE FROM failed_attempt WHERE org_id = ? AND user_id = ?`, org, id); err != nil {
			return err
		}
		if ended, err = endSessions(t, org, id, except); err != nil {
			return err
		}
		return s.record(t, org, string(id), entries)
	})
	return ended, err
}

const credentialColumns = `user.sign_in, user.hash, coalesce(unseal(user.org_id, 'card', user.card), '')`

// Credential is what a sign-in of somebody is compared with.
func (s *Store) Credential(ctx context.Context, org appliance.OrgID, id appliance.UserID) (c appliance.Credential, err error) {
	err = s.read(ctx, func(t *tx) error {
		err := t.QueryRow(`SELECT `+credentialColumns+` FROM user WHERE org_id = ? AND id = ?`, org, id).Scan(&c.Kind, &c.Hash, &c.Card)
		if errors.Is(err, sql.ErrNoRows) {
			err = notFound("person", "user_not_found")
		}
		return err
	})
	return c, err
}

// UserByLogin finds one of the staff by user name or e-mail.
func (s *Store) UserByLogin(ctx context.Context, org appliance.OrgID, login string) (u appliance.User, c appliance.Credential, err error) {
	login = strings.TrimSpace(login)
	err = s.read(ctx, func(t *tx) error {
		u, err = scanUser(suffixed{t.QueryRow(`SELECT `+userColumns+`, `+credentialColumns+` FROM user
			WHERE org_id = ? AND (username = ? OR email_mac = ?)`, org, fold(login), s.emailMAC(org, login)),
			[]any{&c.Kind, &c.Hash, &c.Card}})
		if errors.Is(err, sql.ErrNoRows) {
			err = notFound("person", "user_not_found")
		}
		return err
	})
	return u, c, err
}

// Cards are the pupils of a class, or one of them, with the pictures that their
// cards show.
func (s *Store) Cards(ctx context.Context, org appliance.OrgID, class appliance.ClassID, user appliance.UserID) (list []appliance.NewUser, err error) {
	err = s.read(ctx, func(t *tx) error {
		list, err = all(t, func(row scanner) (n appliance.NewUser, err error) {
			n.User, err = scanUser(suffixed{row, []any{&n.Credential.Kind, &n.Credential.Hash, &n.Credential.Card}})
			return n, err
		}, `SELECT `+userColumns+`, `+credentialColumns+` FROM user WHERE org_id = ?1 AND role = 'student' AND disabled = 0
			AND id IN (SELECT user_id FROM member WHERE class_id = ?2 AND org_id = ?1) AND (?3 = '' OR id = ?3)
			ORDER BY fold(unseal(org_id, 'user', name)), id`, org, class, user)
		return err
	})
	return list, err
}

// EraseUser removes somebody with everything that is theirs alone, and returns
// the sessions that this has ended. Material that they added stays with the
// school.
func (s *Store) EraseUser(ctx context.Context, org appliance.OrgID, id appliance.UserID, entries ...appliance.AuditEntry) (sessions []string, err error) {
	err = s.write(ctx, func(t *tx) error {
		now, err := findUser(t, org, id)
		if err != nil {
			return err
		}
		if sessions, err = all(t, column[string], `SELECT id FROM session WHERE org_id = ? AND user_id = ?`, org, id); err != nil {
			return err
		}
		if err := errors.Join(eraseUser(t, org, id), keepOwner(t, org, now)); err != nil {
			return err
		}
		return s.record(t, org, string(id), entries)
	})
	if err != nil {
		return nil, err
	}
	return sessions, s.eraseTraces(ctx, vacuumAtOnce)
}

func eraseUser(t *tx, org appliance.OrgID, id appliance.UserID) error {
	for _, table := range []string{"thumb", "message", "conversation", "session", "member", "request", "memory", "flag", "failed_attempt", "known_device"} {
		if _, err := t.Exec(`DELETE FROM `+table+` WHERE org_id = ? AND user_id = ?`, org, id); err != nil {
			return err
		}
	}
	// What somebody made stays with the school, but no longer says by whom; what
	// they have deleted goes at once.
	if _, err := t.Exec(`UPDATE source SET kept_until = 0 WHERE org_id = ? AND created_by = ? AND kept_until IS NOT NULL`, org, id); err != nil {
		return err
	}
	for _, statement := range []string{`UPDATE source SET created_by = '' WHERE org_id = ? AND created_by = ?`,
		`UPDATE persona SET created_by = '' WHERE org_id = ? AND created_by = ?`, `UPDATE pin SET created_by = '' WHERE org_id = ? AND created_by = ?`,
		`UPDATE pin SET written_by = '' WHERE org_id = ? AND written_by = ?`, `UPDATE wrong_passage SET marked_by = '' WHERE org_id = ? AND marked_by = ?`,
		`UPDATE thumb SET done_by = '' WHERE org_id = ? AND done_by = ?`} {
		if _, err := t.Exec(statement, org, id); err != nil {
			return err
		}
	}
	if err := endAPIKeys(t, org, id); err != nil {
		return err
	}
	if err := endInvitations(t, org, id); err != nil {
		return err
	}
	// What the school spent stays spent, but no longer says by whom.
	if _, err := t.Exec(`INSERT INTO usage SELECT org_id, day, '', provider, model, requests, prompt_tokens, completion_tokens, seconds, cost
		FROM usage AS theirs WHERE theirs.org_id = ? AND theirs.user_id = ? ON CONFLICT (org_id, day, user_id, provider, model) DO UPDATE SET
		requests = requests + excluded.requests, prompt_tokens = prompt_tokens + excluded.prompt_tokens,
		completion_tokens = completion_tokens + excluded.completion_tokens, seconds = seconds + excluded.seconds, cost = cost + excluded.cost`,
		org, id); err != nil {
		return err
	}
	for _, statement := range []string{`DELETE FROM usage WHERE org_id = ? AND user_id = ?`, `DELETE FROM user WHERE org_id = ? AND id = ?`} {
		if _, err := t.Exec(statement, org, id); err != nil {
			return err
		}
	}
	return dueErase(t)
}

// Names are the names of an organization's people, so that they can be taken
// out of what leaves the box.
func (s *Store) Names(ctx context.Context, org appliance.OrgID) (names []string, err error) {
	err = s.read(ctx, func(t *tx) error {
		names, err = all(t, column[string], `SELECT unseal(org_id, 'user', name) FROM user WHERE org_id = ?`, org)
		return err
	})
	return names, err
}
