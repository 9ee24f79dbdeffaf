package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"time"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/problem"
)

func numberText(n int64) string { return strconv.FormatInt(n, 10) }

// BeginRequest is called before a request that carries an Idempotency-Key is
// carried out. It returns the stored answer if there is one, nil to go ahead.
// fingerprint tells requests apart that differ in anything but the key.
func (s *Store) BeginRequest(ctx context.Context, org appliance.OrgID, user appliance.UserID, key, fingerprint string) (stored *appliance.StoredResponse, err error) {
	err = s.write(ctx, func(t *tx) error {
		var print, process string
		var status int
		var body sql.NullString
		err := t.QueryRow(`SELECT fingerprint, life, status, unseal(org_id, 'request', body) FROM request
			WHERE org_id = ? AND user_id = ? AND key = ?`, org, user, key).Scan(&print, &process, &status, &body)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			_, err = t.Exec(`INSERT INTO request (org_id, user_id, key, fingerprint, life, created_at) VALUES (?, ?, ?, ?, ?, ?)`,
				org, user, key, fingerprint, s.process, t.now)
			return err
		case err != nil:
			return err
		case print != fingerprint:
			return problem.New(problem.Conflict, "key_reused", "Another request was sent under the same Idempotency-Key.",
				"Send this one with a new key.", nil)
		case status != 0:
			stored = &appliance.StoredResponse{Status: status, Body: []byte(body.String)}
			return nil
		case process != s.process:
			return problem.New(problem.Conflict, "request_interrupted", "The box was switched off while it worked on this.",
				"Look whether it was done, and if not, do it again.", nil)
		}
		return problem.New(problem.Conflict, "request_in_flight", "The box is still working on this request.",
			"Wait a moment, then ask again.", nil)
	})
	return stored, err
}

// FinishRequest stores the answer to a request that BeginRequest let go ahead.
func (s *Store) FinishRequest(ctx context.Context, org appliance.OrgID, user appliance.UserID, key string, r appliance.StoredResponse) error {
	return s.write(ctx, func(t *tx) error {
		_, err := t.Exec(`UPDATE request SET status = ?1, body = seal(?2, 'request', ?3) WHERE org_id = ?2 AND user_id = ?4 AND key = ?5`,
			r.Status, org, string(r.Body), user, key)
		return err
	})
}

// DropRequest forgets a request that changed nothing, so that it can be sent
// again.
func (s *Store) DropRequest(ctx context.Context, org appliance.OrgID, user appliance.UserID, key string) error {
	return s.write(ctx, func(t *tx) error {
		_, err := t.Exec(`DELETE FROM request WHERE org_id = ? AND user_id = ? AND key = ?`, org, user, key)
		return err
	})
}

// PurgeRequests forgets answers stored before a time.
func (s *Store) PurgeRequests(ctx context.Context, before time.Time) error {
	return s.write(ctx, func(t *tx) error {
		_, err := t.Exec(`DELETE FROM request WHERE created_at < ?`, before.UnixMilli())
		return err
	})
}
