package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/bwenge-os/bwenge/appliance"
)

const apiKeyColumns = `api_key.id, api_key.name, api_key.persona_id, api_key.prefix,
	coalesce((SELECT unseal(user.org_id, 'user', user.name) FROM user WHERE user.id = api_key.by_user AND user.org_id = api_key.org_id), ''),
	api_key.created_at, api_key.last_used_at, api_key.expires_at, api_key.ended_at IS NOT NULL`

func scanAPIKey(row scanner) (k appliance.APIKey, err error) {
	var created, expires int64
	var used sql.NullInt64
	var ended bool
	if err := row.Scan(&k.ID, &k.Name, &k.PersonaID, &k.Prefix, &k.By, &created, &used, &expires, &ended); err != nil {
		return k, err
	}
	k.CreatedAt, k.ExpiresAt = timeOf(created), timeOf(expires)
	if ended {
		k.Ended = appliance.KeyMakerLeft
	}
	if used.Valid {
		at := timeOf(used.Int64)
		k.LastUsedAt = &at
	}
	return k, nil
}

// AddAPIKey stores a key by its hash.
func (s *Store) AddAPIKey(ctx context.Context, org appliance.OrgID, by appliance.UserID, n appliance.APIKey, hash []byte, entries ...appliance.AuditEntry) (
	k appliance.APIKey, err error) {
	err = s.write(ctx, func(t *tx) error {
		id := uuid.Must(uuid.NewV7()).String()
		if n.PersonaID != "" {
			if _, err := findPersona(t, org, whole, n.PersonaID); err != nil {
				return err
			}
		}
		if _, err := t.Exec(`INSERT INTO api_key (id, org_id, name, persona_id, prefix, hash, by_user, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			id, org, n.Name, n.PersonaID, n.Prefix, hash, by, t.now, n.ExpiresAt.UnixMilli()); err != nil {
			return err
		}
		k, err = scanAPIKey(t.QueryRow(`SELECT `+apiKeyColumns+` FROM api_key WHERE org_id = ? AND id = ?`, org, id))
		if err != nil {
			return err
		}
		return s.record(t, org, id, entries)
	})
	return k, err
}

// APIKeys lists an organization's keys, newest first.
func (s *Store) APIKeys(ctx context.Context, org appliance.OrgID) (list []appliance.APIKey, err error) {
	err = s.read(ctx, func(t *tx) error {
		list, err = all(t, scanAPIKey, `SELECT `+apiKeyColumns+` FROM api_key WHERE org_id = ? ORDER BY created_at DESC, id`, org)
		return err
	})
	return list, err
}

// DeleteAPIKey ends a key.
func (s *Store) DeleteAPIKey(ctx context.Context, org appliance.OrgID, id string, entries ...appliance.AuditEntry) error {
	return s.write(ctx, func(t *tx) error {
		result, err := t.Exec(`DELETE FROM api_key WHERE org_id = ? AND id = ?`, org, id)
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, notFound("key", "key_not_found"))
		}
		return s.record(t, org, id, entries)
	})
}

// endAPIKeys ends the keys that somebody made who has left the office. They stay
// in the list, so that the school sees why a program has stopped.
func endAPIKeys(t *tx, org appliance.OrgID, by appliance.UserID) error {
	_, err := t.Exec(`UPDATE api_key SET ended_at = ? WHERE org_id = ? AND by_user = ? AND ended_at IS NULL`, t.now, org, by)
	return err
}

const keyUseNoted = time.Minute

// APIKeyByHash finds the key of any school that a program showed, also one that
// has ended, and who the program is: it sees the whole school's material, or,
// with a persona, what that persona's classes see. That it was used is noted
// once in keyUseNoted, so that most requests of a program wait for no writer.
func (s *Store) APIKeyByHash(ctx context.Context, hash []byte) (p appliance.Principal, err error) {
	var k appliance.APIKey
	err = s.read(ctx, func(t *tx) error {
		k, err = scanAPIKey(prefixed{t.QueryRow(`SELECT api_key.org_id, `+apiKeyColumns+` FROM api_key
			JOIN organization ON organization.id = api_key.org_id WHERE hash = ? AND organization.erased_at IS NULL`, hash), &p.Org})
		if errors.Is(err, sql.ErrNoRows) {
			return notFound("key", "key_not_found")
		} else if err != nil {
			return err
		}
		p.Role, p.Key = appliance.RoleProgram, &k
		if p.Scope.All = k.PersonaID == ""; p.Scope.All {
			return nil
		}
		p.Scope.Classes, err = all(t, column[appliance.ClassID], `SELECT class_id FROM persona_class WHERE org_id = ? AND persona_id = ?`, p.Org, k.PersonaID)
		return err
	})
	if err != nil || k.LastUsedAt != nil && s.Now().Sub(*k.LastUsedAt) < keyUseNoted {
		return p, err
	}
	return p, s.write(ctx, func(t *tx) error {
		_, err := t.Exec(`UPDATE api_key SET last_used_at = ? WHERE org_id = ? AND id = ?`, t.now, p.Org, k.ID)
		return err
	})
}
