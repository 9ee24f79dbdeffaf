package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"

	"github.com/google/uuid"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/problem"
)

const organizationColumns = `id, name, slug, language, settings, version, created_at`

func scanOrganization(row scanner) (o appliance.Organization, err error) {
	var settings string
	var created int64
	if err := row.Scan(&o.ID, &o.Name, &o.Slug, &o.Language, &settings, &o.Version, &created); err != nil {
		return o, err
	}
	o.CreatedAt = timeOf(created)
	if err := json.Unmarshal([]byte(settings), &o.Settings); err != nil {
		return o, err
	}
	if o.Settings.IdleMinutes == 0 {
		o.Settings.IdleMinutes = 10
	}
	return o, nil
}

func findOrganization(t *tx, org appliance.OrgID) (appliance.Organization, error) {
	o, err := scanOrganization(t.QueryRow(`SELECT `+organizationColumns+` FROM organization
		WHERE id = ? AND erased_at IS NULL`, org))
	if errors.Is(err, sql.ErrNoRows) {
		err = notFound("school", "org_not_found")
	}
	return o, err
}

// NeedsSetup reports whether nobody owns the box yet.
func (s *Store) NeedsSetup(ctx context.Context) (needs bool, err error) {
	err = s.read(ctx, func(t *tx) error {
		return t.QueryRow(`SELECT count(*) = 0 FROM user WHERE role = ?`, appliance.RoleOwner).Scan(&needs)
	})
	return needs, err
}

// Organizations lists the schools on the box, by name.
func (s *Store) Organizations(ctx context.Context) (list []appliance.Organization, err error) {
	err = s.read(ctx, func(t *tx) error {
		list, err = all(t, scanOrganization, `SELECT `+organizationColumns+` FROM organization
			WHERE erased_at IS NULL ORDER BY fold(name), id`)
		return err
	})
	return list, err
}

// OrganizationBySlug finds a school by its slug or its id.
func (s *Store) OrganizationBySlug(ctx context.Context, slugOrID string) (o appliance.Organization, err error) {
	err = s.read(ctx, func(t *tx) error {
		o, err = scanOrganization(t.QueryRow(`SELECT `+organizationColumns+` FROM organization
			WHERE (slug = ?1 OR id = ?1) AND erased_at IS NULL`, slugOrID))
		if errors.Is(err, sql.ErrNoRows) {
			err = notFound("school", "org_not_found")
		}
		return err
	})
	return o, err
}

// FirstOrganization is the school that was first on the box (by order of rows:
// clocks may be wrong), which hosts it: whoever
// sits at the box works for it unless they name another. A box that nobody owns
// has one that waits for its name.
func (s *Store) FirstOrganization(ctx context.Context) (o appliance.Organization, err error) {
	err = s.read(ctx, func(t *tx) error {
		o, err = firstOrganization(t)
		return err
	})
	return o, err
}

func firstOrganization(t *tx) (appliance.Organization, error) {
	o, err := scanOrganization(t.QueryRow(`SELECT ` + organizationColumns + ` FROM organization
		WHERE erased_at IS NULL ORDER BY rowid LIMIT 1`))
	if errors.Is(err, sql.ErrNoRows) {
		err = notFound("school", "org_not_found")
	}
	return o, err
}

// Organization returns a school.
func (s *Store) Organization(ctx context.Context, org appliance.OrgID) (o appliance.Organization, err error) {
	err = s.read(ctx, func(t *tx) error {
		o, err = findOrganization(t, org)
		return err
	})
	return o, err
}

// CreateOrganization makes a school with a data key of its own. The lines about
// it go into the log of the school that made it.
func (s *Store) CreateOrganization(ctx context.Context, n appliance.Organization, entries ...appliance.AuditEntry) (
	o appliance.Organization, err error) {
	n.ID = appliance.OrgID(uuid.Must(uuid.NewV7()).String())
	err = s.write(ctx, func(t *tx) error {
		settings, err := json.Marshal(n.Settings)
		if err != nil {
			return err
		}
		_, err = t.Exec(`INSERT INTO organization (id, name, slug, language, settings, created_at) VALUES (?, ?, ?, ?, ?, ?)`,
			n.ID, n.Name, n.Slug, n.Language, string(settings), t.now)
		if isUnique(err) {
			return errSlug(err)
		} else if err != nil {
			return err
		}
		if err := s.makeKey(t, n.ID); err != nil {
			return err
		}
		if o, err = findOrganization(t, n.ID); err != nil {
			return err
		}
		for _, e := range entries {
			if err := s.record(t, e.Org, string(n.ID), []appliance.AuditEntry{e}); err != nil {
				return err
			}
		}
		return nil
	})
	return o, err
}

func errSlug(cause error) error {
	return problem.New(problem.Conflict, "slug_taken", "Another school on this box has this short name.",
		"Choose another one.", cause)
}

// ClaimOrganization is the first boot: it names the school that waits on a box
// which nobody owns, and makes its owner. Invitations into it are from before,
// and end. It fails with a conflict once anybody owns the box.
func (s *Store) ClaimOrganization(ctx context.Context, n appliance.Organization, owner appliance.NewUser, entries ...appliance.AuditEntry) (
	o appliance.Organization, u appliance.User, err error) {
	err = s.write(ctx, func(t *tx) error {
		var owned bool
		if err := t.QueryRow(`SELECT count(*) > 0 FROM user WHERE role = ?`, appliance.RoleOwner).Scan(&owned); err != nil {
			return err
		}
		if owned {
			return problem.New(problem.Conflict, "already_set_up", "This box has been set up already.",
				"Sign in, or ask the owner of the box for an invitation.", nil)
		}
		now, err := firstOrganization(t)
		if err != nil {
			return err
		}
		if _, err := t.Exec(`DELETE FROM invitation WHERE org_id = ?`, now.ID); err != nil {
			return err
		}
		n.Version = now.Version
		if o, err = updateOrganization(t, now.ID, n); err != nil {
			return err
		}
		if u, err = addUser(s, t, now.ID, owner, ""); err != nil {
			return err
		}
		return s.record(t, now.ID, string(now.ID), by(u.ID, entries))
	})
	return o, u, err
}

// UpdateOrganization changes a school's name, slug, language and settings, if
// it still is what the changer saw.
func (s *Store) UpdateOrganization(ctx context.Context, org appliance.OrgID, n appliance.Organization, entries ...appliance.AuditEntry) (
	o appliance.Organization, err error) {
	err = s.write(ctx, func(t *tx) error {
		if o, err = updateOrganization(t, org, n); err != nil {
			return err
		}
		return s.record(t, org, string(org), entries)
	})
	return o, err
}

func updateOrganization(t *tx, org appliance.OrgID, n appliance.Organization) (o appliance.Organization, err error) {
	now, err := findOrganization(t, org)
	if err != nil {
		return o, err
	}
	if now.Version != n.Version {
		return o, errChanged("current", now)
	}
	settings, err := json.Marshal(n.Settings)
	if err != nil {
		return o, err
	}
	_, err = t.Exec(`UPDATE organization SET name = ?, slug = ?, language = ?, settings = ?, version = version + 1
		WHERE id = ?`, n.Name, n.Slug, n.Language, string(settings), org)
	if isUnique(err) {
		return o, errSlug(err)
	} else if err != nil {
		return o, err
	}
	return findOrganization(t, org)
}

// errChanged tells the second of two people who change the same thing what the
// first one made of it.
func errChanged(what string, current any) error {
	return problem.New(problem.Conflict, "changed_meanwhile", "Somebody else has changed this in the meantime.",
		"Look at what it is now, and make your change again if it is still needed.", nil).With(what, current)
}

// ofOrganization are the tables with rows of organizations, those that point to
// others first.
var ofOrganization = []string{"audit_head", "audit", "request", "thumb", "pin_class", "pin", "wrong_passage", "source_class", "persona_class", "persona_version", "persona",
	"model_settings", "usage", "flag", "memory", "api_key", "member", "invitation", "session", "roster_import", "message", "conversation", "event", "class", "failed_attempt", "known_device", "user", "part", "mend", "chunk_moved", "job", "archive"}

// CloseOrganization is the beginning of an erasure: the school's key is gone, so
// that nothing sealed can be read from that moment, and nobody of it gets in or
// stays in. It returns the sessions that there were.
//
// Of an erased school nothing is kept, so the lines about it go into the log of
// the one that was there first.
func (s *Store) CloseOrganization(ctx context.Context, org appliance.OrgID, entries ...appliance.AuditEntry) (sessions []string, err error) {
	err = s.write(ctx, func(t *tx) error {
		if _, err := t.Exec(`DELETE FROM org_key WHERE org_id = ?`, org); err != nil {
			return err
		}
		if _, err := t.Exec(`UPDATE organization SET erased_at = ?, name = '', slug = 'erased-' || id, settings = '{}' WHERE id = ?`, t.now, org); err != nil {
			return err
		}
		if sessions, err = all(t, column[string], `SELECT id FROM session WHERE org_id = ?`, org); err != nil {
			return err
		}
		first, err := firstOrganization(t)
		if problem.CodeOf(err) == problem.NotFound {
			return nil
		} else if err != nil {
			return err
		}
		return s.record(t, first.ID, string(org), entries)
	})
	if err == nil {
		s.seals.drop(org)
	}
	return sessions, err
}

// EraseOrganization erases a school, closed or not, with every row. Its id is
// never used again: a box whose only school it was gets another one, which waits
// to be set up. After a crash, Open goes on with it.
func (s *Store) EraseOrganization(ctx context.Context, org appliance.OrgID, entries ...appliance.AuditEntry) error {
	if _, err := s.CloseOrganization(ctx, org, entries...); err != nil {
		return err
	}
	return s.finishErasure(ctx, org)
}

// finishErasures goes on with erasures that a crash cut short.
func (s *Store) finishErasures(ctx context.Context) error {
	var left []appliance.OrgID
	err := s.read(ctx, func(t *tx) (err error) {
		left, err = all(t, column[appliance.OrgID], `SELECT id FROM organization WHERE erased_at IS NOT NULL`)
		return err
	})
	for _, org := range left {
		err = errors.Join(err, s.finishErasure(ctx, org))
	}
	return err
}

func (s *Store) finishErasure(ctx context.Context, org appliance.OrgID) error {
	if err := s.anchor.drop(org); err != nil {
		return err
	}
	defer s.vectors.changed.Add(1)
	var sources []string
	if err := s.write(ctx, func(t *tx) (err error) {
		// Nothing of it is searched or worked on from here on.
		if _, err := t.Exec(`UPDATE source SET deleted_at = ?, kept_until = NULL, title = '', status = 'cancelled' WHERE org_id = ?`, t.now, org); err != nil {
			return err
		}
		for _, table := range ofOrganization {
			if _, err := t.Exec(`DELETE FROM `+table+` WHERE org_id = ?`, org); err != nil {
				return err
			}
		}
		sources, err = all(t, column[string], `SELECT id FROM source WHERE org_id = ?`, org)
		return errors.Join(err, dueErase(t))
	}); err != nil {
		return err
	}
	for _, id := range sources {
		if err := s.finishDelete(ctx, org, id); err != nil {
			return err
		}
	}
	if err := s.write(ctx, func(t *tx) error {
		if _, err := t.Exec(`DELETE FROM organization WHERE id = ? AND erased_at IS NOT NULL`, org); err != nil {
			return err
		}
		return s.keepOrganization(t)
	}); err != nil {
		return err
	}
	return s.eraseTraces(ctx, vacuumAtOnce)
}

// keepOrganization makes a school that waits to be set up where there is none.
func (s *Store) keepOrganization(t *tx) error {
	var some bool
	if err := t.QueryRow(`SELECT count(*) > 0 FROM organization WHERE erased_at IS NULL`).Scan(&some); err != nil || some {
		return err
	}
	id := appliance.OrgID(uuid.Must(uuid.NewV7()).String())
	if _, err := t.Exec(`INSERT INTO organization (id, name, slug, created_at) VALUES (?1, 'This box', ?1, ?2)`, id, t.now); err != nil {
		return err
	}
	return s.makeKey(t, id)
}
