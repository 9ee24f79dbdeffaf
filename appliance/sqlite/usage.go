package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"github.com/bwenge-os/bwenge/appliance"
)

// ModelSettings returns which models an organization may ask, with the
// providers' keys. Before anybody has said anything, that is the box's alone.
func (s *Store) ModelSettings(ctx context.Context, org appliance.OrgID) (m appliance.ModelSettings, err error) {
	err = s.read(ctx, func(t *tx) error {
		m, err = modelSettings(t, org)
		return err
	})
	return m, err
}

func modelSettings(t *tx, org appliance.OrgID) (m appliance.ModelSettings, err error) {
	var text string
	err = t.QueryRow(`SELECT unseal(org_id, 'models', settings), version FROM model_settings WHERE org_id = ?`, org).Scan(&text, &m.Version)
	if errors.Is(err, sql.ErrNoRows) {
		return appliance.ModelSettings{Providers: []appliance.Provider{}, Order: []string{appliance.BoxProvider}}, nil
	} else if err != nil {
		return m, err
	}
	// The version before called it leaves.
	var stored struct {
		appliance.ModelSettings
		Providers []struct {
			appliance.Provider
			Leaves bool `json:"leaves"`
		} `json:"providers"`
	}
	if err := json.Unmarshal([]byte(text), &stored); err != nil {
		return m, err
	}
	version := m.Version
	m, m.Providers = stored.ModelSettings, make([]appliance.Provider, len(stored.Providers))
	for i, p := range stored.Providers {
		m.Providers[i] = p.Provider
		m.Providers[i].AllowExternal = p.AllowExternal || p.Leaves
	}
	m.Version = version
	return m, nil
}

// SaveModelSettings replaces them, if they still are what the changer saw.
func (s *Store) SaveModelSettings(ctx context.Context, org appliance.OrgID, n appliance.ModelSettings, entries ...appliance.AuditEntry) (
	m appliance.ModelSettings, err error) {
	err = s.write(ctx, func(t *tx) error {
		now, err := modelSettings(t, org)
		if err != nil {
			return err
		}
		if now.Version != n.Version {
			return errChanged("current_version", now.Version)
		}
		text, err := json.Marshal(n)
		if err != nil {
			return err
		}
		if _, err := t.Exec(`INSERT INTO model_settings (org_id, settings, version) VALUES (?1, seal(?1, 'models', ?2), 1)
			ON CONFLICT (org_id) DO UPDATE SET settings = excluded.settings, version = version + 1`, org, string(text)); err != nil {
			return err
		}
		if m, err = modelSettings(t, org); err != nil {
			return err
		}
		return s.record(t, org, string(org), entries)
	})
	return m, err
}

const dayFormat = "2006-01-02"

// AddUsage counts what one request to a model has cost.
func (s *Store) AddUsage(ctx context.Context, org appliance.OrgID, user appliance.UserID, u appliance.Usage) error {
	return s.write(ctx, func(t *tx) error {
		_, err := t.Exec(`INSERT INTO usage (org_id, day, user_id, provider, model, requests, prompt_tokens, completion_tokens, seconds, cost)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (org_id, day, user_id, provider, model) DO UPDATE SET
			requests = requests + excluded.requests, prompt_tokens = prompt_tokens + excluded.prompt_tokens,
			completion_tokens = completion_tokens + excluded.completion_tokens, seconds = seconds + excluded.seconds, cost = cost + excluded.cost`,
			org, timeOf(t.now).Local().Format(dayFormat), user, u.Provider, u.Model, u.Requests, u.PromptTokens, u.CompletionTokens, u.Seconds, u.Cost)
		return err
	})
}

func scanUsage(row scanner) (u appliance.Usage, err error) {
	return u, row.Scan(&u.Day, &u.Provider, &u.Model, &u.Requests, &u.PromptTokens, &u.CompletionTokens, &u.Seconds, &u.Cost)
}

const usageSums = `sum(requests), sum(prompt_tokens), sum(completion_tokens), sum(seconds), sum(cost)`

// Usage lists what models have cost from one day to another, both included, by
// day, provider and model; newest first.
func (s *Store) Usage(ctx context.Context, org appliance.OrgID, from, to time.Time) (list []appliance.Usage, err error) {
	err = s.read(ctx, func(t *tx) error {
		list, err = all(t, scanUsage, `SELECT day, provider, model, `+usageSums+` FROM usage
			WHERE org_id = ? AND day BETWEEN ? AND ? GROUP BY day, provider, model ORDER BY day DESC, provider, model LIMIT 1000`,
			org, from.Format(dayFormat), to.Format(dayFormat))
		return err
	})
	return list, err
}

// SpentToday is what remote providers have cost an organization today, and of it
// one user.
func (s *Store) SpentToday(ctx context.Context, org appliance.OrgID, user appliance.UserID) (school, theirs appliance.Usage, err error) {
	err = s.read(ctx, func(t *tx) error {
		day := time.Now().Format(dayFormat)
		const sums = `SELECT coalesce(sum(prompt_tokens), 0), coalesce(sum(completion_tokens), 0), coalesce(sum(cost), 0) FROM usage
			WHERE org_id = ?1 AND day = ?2 AND provider <> 'box' AND (?3 OR user_id = ?4)`
		if err := t.QueryRow(sums, org, day, true, "").Scan(&school.PromptTokens, &school.CompletionTokens, &school.Cost); err != nil {
			return err
		}
		return t.QueryRow(sums, org, day, false, user).Scan(&theirs.PromptTokens, &theirs.CompletionTokens, &theirs.Cost)
	})
	return school, theirs, err
}
