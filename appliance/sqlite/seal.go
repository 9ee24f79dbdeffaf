package sqlite

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"
	"sync"

	"github.com/mattn/go-sqlite3"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/school/keys"
)

// seals holds the organizations' data keys, unwrapped, and gives SQL the
// functions seal(org, context, text) and unseal(org, context, text), so that
// queries read like any other.
type seals struct {
	box *keys.Box
	mu  sync.RWMutex
	of  map[appliance.OrgID]*keys.DataKey
}

// sealedPrefix begins every sealed value.
const sealedPrefix = "s1:"

func newSeals(box *keys.Box) *seals { return &seals{box: box, of: map[appliance.OrgID]*keys.DataKey{}} }

func (s *seals) key(org appliance.OrgID) (*keys.DataKey, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if k := s.of[org]; k != nil {
		return k, nil
	}
	return nil, fmt.Errorf("organization %s has no data key", org)
}

func (s *seals) add(org appliance.OrgID, wrapped []byte) error {
	k, err := s.box.DataKey(org, wrapped)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.of[org] = k
	return nil
}

func (s *seals) drop(org appliance.OrgID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.of, org)
}

func (s *seals) register(conn *sqlite3.SQLiteConn) error {
	if err := conn.RegisterFunc("seal", s.seal, false); err != nil {
		return err
	}
	return conn.RegisterFunc("unseal", s.unseal, true)
}

func (s *seals) seal(org, context string, plain any) (any, error) {
	text, ok := textOf(plain)
	if !ok {
		return nil, nil // NULL stays NULL
	}
	k, err := s.key(appliance.OrgID(org))
	if err != nil {
		return nil, err
	}
	return sealedPrefix + base64.RawStdEncoding.EncodeToString(k.Seal([]byte(text), context)), nil
}

func (s *seals) unseal(org, context string, sealed any) (any, error) {
	text, ok := textOf(sealed)
	if !ok {
		return nil, nil
	}
	encoded, ok := strings.CutPrefix(text, sealedPrefix)
	if !ok {
		return text, nil // blanks of a deleted message
	}
	blob, err := base64.RawStdEncoding.DecodeString(encoded)
	if err != nil {
		return nil, err
	}
	k, err := s.key(appliance.OrgID(org))
	if err != nil {
		return nil, err
	}
	plain, err := k.Open(blob, context)
	return string(plain), err
}

// textOf is a value as SQLite hands it over, false for NULL.
func textOf(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case []byte:
		return string(v), v != nil
	}
	return "", false
}

// openSeals unwraps every organization's data key, and makes those that are
// missing: the first one's, and those of data from before there were keys.
func (s *Store) openSeals(ctx context.Context) error {
	return s.write(ctx, func(t *tx) error {
		keyless, err := all(t, column[appliance.OrgID], `SELECT id FROM organization WHERE erased_at IS NULL
			AND id NOT IN (SELECT org_id FROM org_key)`)
		if err != nil {
			return err
		}
		for _, org := range keyless {
			if err := s.makeKey(t, org); err != nil {
				return err
			}
		}
		type row struct {
			org     appliance.OrgID
			wrapped []byte
		}
		rows, err := all(t, func(r scanner) (x row, err error) { return x, r.Scan(&x.org, &x.wrapped) },
			`SELECT org_id, wrapped FROM org_key`)
		for _, x := range rows {
			if err == nil {
				err = s.seals.add(x.org, x.wrapped)
			}
		}
		return err
	})
}

func (s *Store) makeKey(t *tx, org appliance.OrgID) error {
	wrapped := s.seals.box.NewDataKey(org)
	if _, err := t.Exec(`INSERT INTO org_key (org_id, wrapped) VALUES (?, ?)`, org, wrapped); err != nil {
		return err
	}
	return s.seals.add(org, wrapped)
}

// sealOld seals messages from before there were keys.
func (s *Store) sealOld(ctx context.Context) error {
	return s.write(ctx, func(t *tx) error {
		result, err := t.Exec(`UPDATE message SET text = seal(org_id, 'message', text), answer = seal(org_id, 'message', answer)
			WHERE substr(text, 1, 3) <> ? AND trim(text) <> ''`, sealedPrefix)
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return err
		}
		return dueErase(t)
	})
}

// DataKey is the key that seals an organization's files.
func (s *Store) DataKey(_ context.Context, org appliance.OrgID) (*keys.DataKey, error) {
	return s.seals.key(org)
}
