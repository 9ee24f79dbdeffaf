package sqlite

import (
	"context"
	"encoding/hex"

	"github.com/google/uuid"

	"github.com/bwenge-os/bwenge/appliance"
)

// Memories are what the tutor keeps about a user, newest first.
func (s *Store) Memories(ctx context.Context, org appliance.OrgID, user appliance.UserID) (list []appliance.Memory, err error) {
	err = s.read(ctx, func(t *tx) error {
		list, err = all(t, func(row scanner) (m appliance.Memory, err error) {
			var created int64
			var vector string
			if err := row.Scan(&m.ID, &m.Text, &vector, &created); err != nil {
				return m, err
			}
			m.CreatedAt = timeOf(created)
			blob, err := hex.DecodeString(vector)
			m.Vector = decodeVector(blob)
			return m, err
		}, `SELECT id, unseal(org_id, 'memory', text), unseal(org_id, 'memory', vector), created_at FROM memory
			WHERE org_id = ? AND user_id = ? ORDER BY n DESC`, org, user)
		return err
	})
	return list, err
}

// memoriesKept is how many facts about one user are kept; the oldest go first.
const memoriesKept = 100

// AddMemory keeps a fact about a user.
func (s *Store) AddMemory(ctx context.Context, org appliance.OrgID, user appliance.UserID, m appliance.Memory) error {
	return s.write(ctx, func(t *tx) error {
		if _, err := t.Exec(`INSERT INTO memory (id, org_id, user_id, text, vector, created_at)
			VALUES (?1, ?2, ?3, seal(?2, 'memory', ?4), seal(?2, 'memory', ?5), ?6)`,
			uuid.Must(uuid.NewV7()).String(), org, user, m.Text, hex.EncodeToString(encodeVector(m.Vector)), t.now); err != nil {
			return err
		}
		result, err := t.Exec(`DELETE FROM memory WHERE org_id = ?1 AND user_id = ?2 AND n NOT IN (
			SELECT n FROM memory WHERE org_id = ?1 AND user_id = ?2 ORDER BY n DESC LIMIT ?3)`, org, user, memoriesKept)
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return err
		}
		return dueErase(t) // for the night
	})
}

// DeleteMemory forgets one fact about a user for good, or, with an empty id,
// all. The fact is gone at once; Clean sees to what the file still holds of it.
func (s *Store) DeleteMemory(ctx context.Context, org appliance.OrgID, user appliance.UserID, id string, entries ...appliance.AuditEntry) error {
	if err := s.write(ctx, func(t *tx) error {
		result, err := t.Exec(`DELETE FROM memory WHERE org_id = ?1 AND user_id = ?2 AND (?3 = '' OR id = ?3)`, org, user, id)
		if err != nil {
			return err
		}
		n, err := result.RowsAffected()
		switch {
		case err != nil:
			return err
		case n == 0 && id != "":
			return notFound("memory", "memory_not_found")
		case n == 0:
			return nil
		case id == "":
			id = string(user)
		}
		if err := s.record(t, org, id, entries); err != nil {
			return err
		}
		return dueErase(t)
	}); err != nil {
		return err
	}
	s.cleanSoon()
	return nil
}
