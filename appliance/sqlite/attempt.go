package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"github.com/bwenge-os/bwenge/appliance"
)

// ReserveAttempt counts an attempt under each limit before anybody looks at it,
// so that many at once are counted like many in a row. If one of them is used up
// it counts nothing and returns that one, with the time until it begins anew.
func (s *Store) ReserveAttempt(ctx context.Context, org appliance.OrgID, limits []appliance.AttemptLimit, now time.Time) (
	full *appliance.AttemptLimit, wait time.Duration, err error) {
	look := func(t *tx) error {
		full, wait, err = usedUp(t, org, limits, now)
		return err
	}
	// Whoever is refused does not take the writer's turn from others.
	if err := s.read(ctx, look); err != nil || full != nil {
		return full, wait, err
	}
	err = s.write(ctx, func(t *tx) error {
		if err := look(t); err != nil || full != nil {
			return err
		}
		for _, b := range limits {
			if _, err := t.Exec(`INSERT INTO failed_attempt (org_id, key, user_id, count, until) VALUES (?1, ?2, ?3, 1, ?5)
				ON CONFLICT (org_id, key) DO UPDATE SET count = iif(until <= ?4, 1, count + 1), until = iif(until <= ?4, ?5, until)`,
				org, b.Key, b.User, now.UnixMilli(), now.Add(b.Window).UnixMilli()); err != nil {
				return err
			}
		}
		return nil
	})
	return full, wait, err
}

func usedUp(t *tx, org appliance.OrgID, limits []appliance.AttemptLimit, now time.Time) (full *appliance.AttemptLimit, wait time.Duration, err error) {
	for i, b := range limits {
		a, err := attemptsUnder(t, org, b.Key)
		if err != nil {
			return nil, 0, err
		}
		if left := a.Until.Sub(now); a.Count >= b.Most && left > wait {
			full, wait = &limits[i], left
		}
	}
	return full, wait, nil
}

func attemptsUnder(t *tx, org appliance.OrgID, key string) (a appliance.Attempts, err error) {
	var until int64
	err = t.QueryRow(`SELECT count, until FROM failed_attempt WHERE org_id = ? AND key = ?`, org, key).Scan(&a.Count, &until)
	if errors.Is(err, sql.ErrNoRows) {
		return a, nil
	}
	a.Until = timeOf(until)
	return a, err
}

// ReturnAttempt gives back one that was not looked at, or was right.
func (s *Store) ReturnAttempt(ctx context.Context, org appliance.OrgID, limits []appliance.AttemptLimit) error {
	return s.write(ctx, func(t *tx) error { return returnAttempt(t, org, limits, false) })
}

func returnAttempt(t *tx, org appliance.OrgID, limits []appliance.AttemptLimit, right bool) error {
	for _, b := range limits {
		if _, err := t.Exec(`UPDATE failed_attempt SET count = iif(?3, 0, max(count - 1, 0)) WHERE org_id = ?1 AND key = ?2`,
			org, b.Key, right && b.Proves); err != nil {
			return err
		}
	}
	_, err := t.Exec(`DELETE FROM failed_attempt WHERE org_id = ? AND count = 0 AND key IN (SELECT value FROM json_each(?))`, org, keysOf(limits))
	return err
}

func keysOf(limits []appliance.AttemptLimit) string {
	keys := make([]string, len(limits))
	for i, b := range limits {
		keys[i] = b.Key
	}
	text, err := json.Marshal(keys)
	if err != nil {
		panic(err) // strings
	}
	return string(text)
}

// FailedAttempts are those under a key, none if its time is over.
func (s *Store) FailedAttempts(ctx context.Context, org appliance.OrgID, key string, now time.Time) (a appliance.Attempts, err error) {
	err = s.read(ctx, func(t *tx) error {
		if a, err = attemptsUnder(t, org, key); !a.Until.After(now) {
			a = appliance.Attempts{}
		}
		return err
	})
	return a, err
}

// LetIn forgets the failed attempts of a class: those under keys, and those of
// its members. open is a count that stands for the door being open.
func (s *Store) LetIn(ctx context.Context, org appliance.OrgID, class appliance.ClassID, keys []appliance.AttemptLimit, open appliance.AttemptLimit, now time.Time, entries ...appliance.AuditEntry) error {
	return s.write(ctx, func(t *tx) error {
		if _, err := findClass(t, org, class); err != nil {
			return err
		}
		if _, err := t.Exec(`DELETE FROM failed_attempt WHERE org_id = ?1 AND (key IN (SELECT value FROM json_each(?2))
			OR user_id IN (SELECT user_id FROM member WHERE org_id = ?1 AND class_id = ?3))`, org, keysOf(keys), class); err != nil {
			return err
		}
		if _, err := t.Exec(`INSERT OR REPLACE INTO failed_attempt (org_id, key, user_id, count, until) VALUES (?, ?, '', 1, ?)`,
			org, open.Key, now.Add(open.Window).UnixMilli()); err != nil {
			return err
		}
		return s.record(t, org, string(class), entries)
	})
}

// PurgeAttempts forgets counts whose time is over, and devices that nobody has
// signed in on for longer than their cookie lasts.
func (s *Store) PurgeAttempts(ctx context.Context, now time.Time, deviceLife time.Duration) error {
	return s.write(ctx, func(t *tx) error {
		if _, err := t.Exec(`DELETE FROM failed_attempt WHERE until < ?`, now.UnixMilli()); err != nil {
			return err
		}
		_, err := t.Exec(`DELETE FROM known_device WHERE seen_at < ?`, now.Add(-deviceLife).UnixMilli())
		return err
	})
}

// mostDevices are the devices on which one person is known: the latest.
const mostDevices = 50

func rememberDevice(t *tx, x appliance.Session) error {
	if x.DeviceID == "" {
		return nil
	}
	if _, err := t.Exec(`INSERT INTO known_device (org_id, user_id, device, first_at, seen_at) VALUES (?1, ?2, ?3, ?4, ?4)
		ON CONFLICT (org_id, user_id, device) DO UPDATE SET seen_at = ?4`, x.Org, x.User, x.DeviceID, x.SeenAt.UnixMilli()); err != nil {
		return err
	}
	_, err := t.Exec(`DELETE FROM known_device WHERE org_id = ?1 AND user_id = ?2 AND device NOT IN (
		SELECT device FROM known_device WHERE org_id = ?1 AND user_id = ?2 ORDER BY seen_at DESC, device LIMIT ?3)`, x.Org, x.User, mostDevices)
	return err
}

// KnownDevice says whether somebody has signed in on a device before, and if
// not, who of a class was the first to.
func (s *Store) KnownDevice(ctx context.Context, org appliance.OrgID, user appliance.UserID, class appliance.ClassID, device string) (
	own bool, first appliance.UserID, err error) {
	err = s.read(ctx, func(t *tx) error {
		if err := t.QueryRow(`SELECT count(*) > 0 FROM known_device WHERE org_id = ? AND user_id = ? AND device = ?`, org, user, device).
			Scan(&own); err != nil || own {
			return err
		}
		err := t.QueryRow(`SELECT user_id FROM known_device WHERE org_id = ?1 AND device = ?2
			AND user_id IN (SELECT user_id FROM member WHERE org_id = ?1 AND class_id = ?3)
			ORDER BY first_at, user_id LIMIT 1`, org, device, class).Scan(&first)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		return err
	})
	return own, first, err
}
