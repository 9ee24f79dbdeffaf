package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io/fs"
	"time"

	"github.com/bwenge-os/bwenge/appliance"
)

// The audit log is a chain for each organization: a row's mac covers the row
// and the mac of the one before, and the head says which row is the last. Macs
// are made with the box's key, so that whoever can write to the file but has
// not the key can change, remove or reorder nothing unnoticed.

// auditRow is a row as it is stored and covered.
type auditRow struct {
	org                                              appliance.OrgID
	n, at                                            int64
	actor, action, target, detail, remote, requestID string
	mac                                              []byte
}

func number(n int64) []byte { return binary.BigEndian.AppendUint64(nil, uint64(n)) }

func (s *Store) auditMAC(r auditRow, before []byte) []byte {
	return s.seals.box.MAC("audit", before, []byte(r.org), number(r.n), number(r.at), []byte(r.actor), []byte(r.action),
		[]byte(r.target), []byte(r.detail), []byte(r.remote), []byte(r.requestID))
}

func (s *Store) headMAC(org appliance.OrgID, n int64, last []byte) []byte {
	return s.seals.box.MAC("audit-head", []byte(org), number(n), last)
}

// AppendAudit adds lines to a school's audit log: of what changes nothing, such
// as what is given out.
func (s *Store) AppendAudit(ctx context.Context, org appliance.OrgID, entries ...appliance.AuditEntry) error {
	return s.write(ctx, func(t *tx) error { return s.record(t, org, "", entries) })
}

// record adds the lines about what a transaction has done, so that the log holds
// it if and only if it is done. A line without a target gets this one.
func (s *Store) record(t *tx, org appliance.OrgID, target string, entries []appliance.AuditEntry) error {
	for _, e := range entries {
		if e.Target == "" {
			e.Target = target
		}
		if err := s.appendAudit(t, org, e); err != nil {
			return err
		}
	}
	return nil
}

// by are lines about what somebody did who had no id before they did it.
func by(user appliance.UserID, entries []appliance.AuditEntry) []appliance.AuditEntry {
	for i := range entries {
		entries[i].Actor = user
	}
	return entries
}

func (s *Store) appendAudit(t *tx, org appliance.OrgID, e appliance.AuditEntry) error {
	var gone bool
	if err := t.QueryRow(`SELECT count(*) = 0 FROM organization WHERE id = ? AND erased_at IS NULL`, org).Scan(&gone); err != nil || gone {
		return err // of an erased school nothing is kept
	}
	detail := "{}"
	if len(e.Detail) > 0 {
		text, err := json.Marshal(e.Detail)
		if err != nil {
			return err
		}
		detail = string(text)
	}
	var last int64
	var before []byte
	err := t.QueryRow(`SELECT n, mac FROM audit WHERE org_id = ? ORDER BY n DESC LIMIT 1`, org).Scan(&last, &before)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	r := auditRow{org: org, n: last + 1, at: t.now, actor: string(e.Actor), action: e.Action, target: e.Target,
		detail: detail, remote: e.Remote, requestID: e.RequestID}
	r.mac = s.auditMAC(r, before)
	if _, err := t.Exec(`INSERT INTO audit (org_id, n, at, actor, action, target, detail, remote, request_id, mac)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, org, r.n, r.at, r.actor, r.action, r.target, r.detail, r.remote, r.requestID, r.mac); err != nil {
		return err
	}
	if t.ends == nil {
		t.ends = map[appliance.OrgID]chainEnd{}
	}
	t.ends[org] = chainEnd{r.n, r.mac}
	_, err = t.Exec(`INSERT INTO audit_head (org_id, n, mac) VALUES (?1, ?2, ?3)
		ON CONFLICT (org_id) DO UPDATE SET n = ?2, mac = ?3`, org, r.n, s.headMAC(org, r.n, r.mac))
	return err
}

// Audit lists a school's audit log, the newest line first.
func (s *Store) Audit(ctx context.Context, org appliance.OrgID, f appliance.AuditFilter) (page appliance.Page[appliance.AuditEntry], err error) {
	limit := clamp(f.Limit)
	where := `FROM audit WHERE org_id = ?`
	args := []any{org}
	if f.Action != "" {
		where += ` AND (action = ? OR substr(action, 1, length(?) + 1) = ? || '.')`
		args = append(args, f.Action, f.Action, f.Action)
	}
	if f.Actor != "" {
		where += ` AND actor = ?`
		args = append(args, f.Actor)
	}
	if f.Target != "" {
		where += ` AND target = ?`
		args = append(args, f.Target)
	}
	if !f.From.IsZero() {
		where += ` AND at >= ?`
		args = append(args, f.From.UnixMilli())
	}
	if !f.To.IsZero() {
		where += ` AND at < ?`
		args = append(args, f.To.UnixMilli())
	}
	before, err := parseCursor(f.Cursor)
	if err != nil {
		return page, err
	}
	err = s.read(ctx, func(t *tx) error {
		if err := t.QueryRow(`SELECT count(*) `+where, args...).Scan(&page.Total); err != nil {
			return err
		}
		page.Items, err = all(t, scanAudit, `SELECT n, at, actor,
			coalesce((SELECT unseal(user.org_id, 'user', user.name) FROM user WHERE user.id = audit.actor AND user.org_id = audit.org_id), ''),
			action, target, detail, remote, request_id `+where+` AND n < ? ORDER BY n DESC LIMIT ?`, append(args, before, limit+1)...)
		if len(page.Items) > limit {
			page.Items = page.Items[:limit]
			page.Next = numberText(page.Items[limit-1].N)
		}
		return err
	})
	return page, err
}

func scanAudit(row scanner) (e appliance.AuditEntry, err error) {
	var at int64
	var detail string
	if err := row.Scan(&e.N, &at, &e.Actor, &e.ActorName, &e.Action, &e.Target, &detail, &e.Remote, &e.RequestID); err != nil {
		return e, err
	}
	e.At = timeOf(at)
	return e, json.Unmarshal([]byte(detail), &e.Detail)
}

// CheckAudit follows every audit log from its first line to its head, compares
// it with its anchor, and returns where it is not as the box wrote it.
func (s *Store) CheckAudit(ctx context.Context) (damage []appliance.AuditDamage, err error) {
	c, err := s.anchor.anchored() // before the database, which may be ahead of it
	if err != nil {
		damage = append(damage, appliance.AuditDamage{What: "the anchor of the audit logs cannot be read: " + err.Error()})
		if errors.Is(err, fs.ErrNotExist) {
			damage = nil
		}
	}
	for _, g := range c.Gaps {
		damage = append(damage, appliance.AuditDamage{Org: g.Org, N: g.N, What: g.What + ", found on " + g.At.Format(time.DateOnly)})
	}
	err = s.read(ctx, func(t *tx) error {
		orgs, err := all(t, column[appliance.OrgID], `SELECT org_id FROM audit UNION SELECT org_id FROM audit_head`)
		for _, org := range orgs {
			if err == nil {
				damage, err = s.checkChain(t, org, damage)
			}
		}
		if err != nil {
			return err
		}
		// An owner came by a line of the log, so a school that has one has a log.
		empty, err := all(t, column[appliance.OrgID], `SELECT id FROM organization WHERE erased_at IS NULL
			AND EXISTS (SELECT 1 FROM user WHERE user.org_id = organization.id AND user.role = 'owner')
			AND NOT EXISTS (SELECT 1 FROM audit WHERE audit.org_id = organization.id)`)
		for _, org := range empty {
			if _, told := c.Chains[org]; !told {
				damage = append(damage, appliance.AuditDamage{Org: org, N: 1, What: "the whole log is missing"})
			}
		}
		for org, end := range c.Chains {
			if err != nil {
				break
			}
			var what string
			var left int64
			if what, left, err = behind(t, org, end); what != "" {
				damage = append(damage, appliance.AuditDamage{Org: org, N: left + 1, What: what})
			}
		}
		return err
	})
	return damage, err
}

func (s *Store) checkChain(t *tx, org appliance.OrgID, damage []appliance.AuditDamage) ([]appliance.AuditDamage, error) {
	rows, err := t.Query(`SELECT n, at, actor, action, target, detail, remote, request_id, mac FROM audit WHERE org_id = ? ORDER BY n`, org)
	if err != nil {
		return damage, err
	}
	defer rows.Close()
	var before []byte
	var last int64
	found := func(n int64, what string) { damage = append(damage, appliance.AuditDamage{Org: org, N: n, What: what}) }
	for rows.Next() {
		r := auditRow{org: org}
		if err := rows.Scan(&r.n, &r.at, &r.actor, &r.action, &r.target, &r.detail, &r.remote, &r.requestID, &r.mac); err != nil {
			return damage, err
		}
		if r.n != last+1 {
			found(last+1, "missing")
		} else if !bytes.Equal(r.mac, s.auditMAC(r, before)) {
			found(r.n, "altered or moved")
		}
		before, last = r.mac, r.n
	}
	if err := rows.Err(); err != nil {
		return damage, err
	}
	var n int64
	var mac []byte
	err = t.QueryRow(`SELECT n, mac FROM audit_head WHERE org_id = ?`, org).Scan(&n, &mac)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		found(last, "the log's end is missing")
	case err != nil:
		return damage, err
	case n > last:
		found(last+1, "missing at the end")
	case n != last || !bytes.Equal(mac, s.headMAC(org, n, before)):
		found(last, "the log's end was altered")
	}
	return damage, nil
}
