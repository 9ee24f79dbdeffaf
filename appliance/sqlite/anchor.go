package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/school/keys"
)

// The anchor is a file beside the box's key that says how far each school's
// audit log has come. The chain alone cannot tell that its end was cut off, head
// and all, or that the database of another day was put in its place; the anchor
// can. It is written at a school's first line, then at most once a minute and
// when the store closes: a database that is ahead of it is what a power cut
// leaves, one that is behind was cut back.
const (
	anchorFile  = "audit-anchor"
	anchorDelay = time.Minute
)

// anchoredSetting is there once an anchor was written, so that a missing file is
// told from the data of a version that had none.
const anchoredSetting = "audit_anchored"

// chainEnd is the last line of a chain.
type chainEnd struct {
	N   int64  `json:"n"`
	MAC []byte `json:"mac"`
}

// auditGap is a place where the log did not go on from its anchor. It stays in
// the file until somebody accepts it.
type auditGap struct {
	Org  appliance.OrgID `json:"org,omitempty"`
	N    int64           `json:"n"` // the line that the anchor knew
	Left int64           `json:"left"`
	At   time.Time       `json:"at"`
	What string          `json:"what"`
}

type anchorContent struct {
	Chains map[appliance.OrgID]chainEnd `json:"chains"`
	Gaps   []auditGap                   `json:"gaps,omitempty"`
}

// keeper keeps a file that nobody alters unnoticed; *keys.Box is the real one.
type keeper interface {
	Kept(name string) ([]byte, error)
	Keep(name string, content []byte) error
}

// anchor is the file and what is to be written to it next.
type anchor struct {
	box keeper

	file sync.Mutex    // over the file's reading and writing; taken before mu
	last anchorContent // of the file, as this process knows it

	mu      sync.Mutex               // over these; never held while the disk works
	known   map[appliance.OrgID]bool // are in the file
	pending map[appliance.OrgID]chainEnd
	erased  map[appliance.OrgID]bool
	timer   *time.Timer
	closed  bool // what still comes is written at once
}

func newAnchor(box keeper) *anchor {
	return &anchor{box: box, known: map[appliance.OrgID]bool{}, pending: map[appliance.OrgID]chainEnd{}, erased: map[appliance.OrgID]bool{}}
}

// read reads the file. The caller holds file.
func (a *anchor) read() (c anchorContent, err error) {
	text, err := a.box.Kept(anchorFile)
	if err == nil {
		err = json.Unmarshal(text, &c)
	}
	if c.Chains == nil {
		c.Chains = map[appliance.OrgID]chainEnd{}
	}
	if err == nil {
		a.know(c)
	}
	return c, err
}

// readOrLast is read, but where the file has gone while the box runs, what it
// said, and that it has gone.
func (a *anchor) readOrLast() (anchorContent, error) {
	c, err := a.read()
	if !errors.Is(err, fs.ErrNotExist) || a.last.Chains == nil {
		return c, err
	}
	c = anchorContent{Chains: maps.Clone(a.last.Chains), Gaps: slices.Clone(a.last.Gaps)}
	c.Gaps = append(c.Gaps, auditGap{At: time.Now(), What: anchorMissing})
	return c, nil
}

const anchorMissing = "the anchor of the audit logs is missing"

// write writes the file. The caller holds file.
func (a *anchor) write(c anchorContent) error {
	text, err := json.Marshal(c)
	if err != nil {
		return err
	}
	if err := a.box.Keep(anchorFile, text); err != nil {
		return err
	}
	a.know(c)
	return nil
}

func (a *anchor) know(c anchorContent) {
	a.last = anchorContent{Chains: maps.Clone(c.Chains), Gaps: slices.Clone(c.Gaps)}
	a.mu.Lock()
	defer a.mu.Unlock()
	for org := range c.Chains {
		a.known[org] = true
	}
}

// advance notes the lines that a transaction has committed.
func (a *anchor) advance(ends map[appliance.OrgID]chainEnd) {
	if a.note(ends) {
		a.flush()
	}
}

// note reports whether the lines are to be written at once.
func (a *anchor) note(ends map[appliance.OrgID]chainEnd) (now bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for org, end := range ends {
		if !a.erased[org] && end.N > a.pending[org].N {
			a.pending[org] = end
			now = now || a.closed || !a.known[org]
		}
	}
	if !now && len(a.pending) > 0 && a.timer == nil {
		a.timer = time.AfterFunc(anchorDelay, a.flush)
	}
	return now
}

// flush writes what is pending into the file, beside what other processes wrote
// there. What cannot be written stays pending.
func (a *anchor) flush() {
	a.file.Lock()
	defer a.file.Unlock()
	a.mu.Lock()
	if a.timer != nil {
		a.timer.Stop()
		a.timer = nil
	}
	ends := maps.Clone(a.pending)
	a.mu.Unlock()
	if len(ends) == 0 {
		return
	}
	c, err := a.readOrLast()
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		for org, end := range ends {
			if end.N > c.Chains[org].N {
				c.Chains[org] = end
			}
		}
		err = a.write(c)
	}
	if err != nil {
		slog.Error("the anchor of the audit log is not written", "error", err)
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for org, end := range ends {
		if a.pending[org].N <= end.N {
			delete(a.pending, org)
		}
	}
}

func (a *anchor) close() {
	a.mu.Lock()
	a.closed = true
	a.mu.Unlock()
	a.flush()
}

// drop forgets a school that the box itself erases, before its log goes.
func (a *anchor) drop(org appliance.OrgID) error {
	a.file.Lock()
	defer a.file.Unlock()
	a.mu.Lock()
	a.erased[org] = true
	delete(a.pending, org)
	a.mu.Unlock()
	c, err := a.readOrLast()
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, keys.ErrAltered) {
			return nil // openAnchor tells of it; a school is erased all the same
		}
		return err
	}
	if _, ok := c.Chains[org]; !ok {
		return nil
	}
	delete(c.Chains, org)
	c.Gaps = slices.DeleteFunc(c.Gaps, func(g auditGap) bool { return g.Org == org })
	slog.Info("the audit log of an erased school is not anchored any more", "school", org, "schools_left", len(c.Chains))
	return a.write(c)
}

// openAnchor compares the logs with the anchor. Where one does not go on from it,
// the gap is kept in the file and told in the log itself, and the chain is
// followed from where it is: nothing that is written from now on hides it.
func (s *Store) openAnchor(ctx context.Context) error {
	a := s.anchor
	a.file.Lock()
	defer a.file.Unlock()
	c, err := a.read() // before the database, which may be ahead of it but not behind
	missing, altered := errors.Is(err, fs.ErrNotExist), errors.Is(err, keys.ErrAltered)
	if err != nil && !missing && !altered {
		return err
	}
	ends, anchored, err := s.chainEnds(ctx)
	if err != nil {
		return err
	}
	var gaps []auditGap
	switch {
	case missing && !anchored:
	case missing:
		gaps = append(gaps, auditGap{At: s.Now(), What: anchorMissing})
	case altered:
		gaps = append(gaps, auditGap{At: s.Now(), What: "the anchor of the audit logs was altered"})
	default:
		if gaps, err = s.behind(ctx, c); err == nil && len(gaps) > 0 {
			// A school may have been erased between the two readings.
			if c, err = a.read(); err == nil {
				gaps, err = s.behind(ctx, c)
			}
		}
		if err != nil {
			return err
		}
	}
	if len(gaps) == 0 && (len(ends) == 0 || !missing && anchored) {
		return nil
	}
	for _, g := range gaps {
		slog.Error("the audit log does not go on from its anchor", "school", g.Org, "line", g.N, "lines_left", g.Left, "what", g.What)
	}
	if c.Gaps = append(c.Gaps, gaps...); missing || len(gaps) > 0 {
		c.Chains = ends
		if err := a.write(c); err != nil {
			return err
		}
	}
	return s.within(ctx, s.writer, func(t *tx) error {
		if _, err := t.Exec(`INSERT OR REPLACE INTO setting (key, value) VALUES (?, '1')`, anchoredSetting); err != nil {
			return err
		}
		for _, g := range gaps {
			if g.Org == "" {
				continue
			}
			e := appliance.AuditEntry{Action: "audit.cut_back", Target: string(g.Org), Detail: map[string]any{"line": g.N, "left": g.Left}}
			if err := s.appendAudit(t, g.Org, e); err != nil {
				return err
			}
		}
		return nil
	})
}

// chainEnds are the last lines of all logs, and whether they were ever anchored.
func (s *Store) chainEnds(ctx context.Context) (ends map[appliance.OrgID]chainEnd, anchored bool, err error) {
	ends = map[appliance.OrgID]chainEnd{}
	err = s.read(ctx, func(t *tx) error {
		if err := t.QueryRow(`SELECT count(*) > 0 FROM setting WHERE key = ?`, anchoredSetting).Scan(&anchored); err != nil {
			return err
		}
		_, err := all(t, func(row scanner) (end chainEnd, err error) {
			var org appliance.OrgID
			err = row.Scan(&org, &end.N, &end.MAC)
			ends[org] = end
			return end, err
		}, `SELECT org_id, max(n), mac FROM audit GROUP BY org_id`)
		return err
	})
	return ends, anchored, err
}

// behind lists the logs that do not hold the line that the anchor knows.
func (s *Store) behind(ctx context.Context, c anchorContent) (gaps []auditGap, err error) {
	err = s.read(ctx, func(t *tx) error {
		for org, end := range c.Chains {
			what, left, err := behind(t, org, end)
			if err != nil {
				return err
			}
			if what != "" {
				gaps = append(gaps, auditGap{Org: org, N: end.N, Left: left, At: s.Now(), What: what})
			}
		}
		return nil
	})
	return gaps, err
}

// behind says what is wrong with a log that does not hold the line that its
// anchor knows, and how many lines there are.
func behind(t *tx, org appliance.OrgID, end chainEnd) (what string, left int64, err error) {
	if err := t.QueryRow(`SELECT coalesce(max(n), 0) FROM audit WHERE org_id = ?`, org).Scan(&left); err != nil {
		return "", 0, err
	}
	var mac []byte
	err = t.QueryRow(`SELECT mac FROM audit WHERE org_id = ? AND n = ?`, org, end.N).Scan(&mac)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return "cut back: lines are missing at the end, or an older copy of the database was put back", left, nil
	case err != nil:
		return "", 0, err
	case !bytes.Equal(mac, end.MAC):
		return "another log than the one that was written: an older copy of the database was put back and written on, or lines were made again", left, nil
	}
	return "", left, nil
}

// AcceptAudit takes the gaps that were found out of the check-up, because
// somebody knows where they come from, such as a backup that was put back. The
// logs tell of it; the lines about the gaps stay in them.
func (s *Store) AcceptAudit(ctx context.Context) (accepted int, err error) {
	c, err := s.anchor.takeGaps()
	if err != nil || len(c) == 0 {
		return 0, err
	}
	return len(c), s.write(ctx, func(t *tx) error {
		for _, g := range c {
			if g.Org == "" {
				continue
			}
			e := appliance.AuditEntry{Action: "audit.accepted", Target: string(g.Org), Detail: map[string]any{"line": g.N, "left": g.Left}}
			if err := s.appendAudit(t, g.Org, e); err != nil {
				return err
			}
		}
		return nil
	})
}

func (a *anchor) takeGaps() ([]auditGap, error) {
	a.file.Lock()
	defer a.file.Unlock()
	c, err := a.readOrLast()
	if err != nil || len(c.Gaps) == 0 {
		return nil, err
	}
	gaps := c.Gaps
	c.Gaps = nil
	return gaps, a.write(c)
}

// anchored is what the file knows, and what is on its way into it.
func (a *anchor) anchored() (anchorContent, error) {
	a.file.Lock()
	defer a.file.Unlock()
	c, err := a.readOrLast()
	a.mu.Lock()
	defer a.mu.Unlock()
	for org, end := range a.pending {
		if end.N > c.Chains[org].N {
			c.Chains[org] = end
		}
	}
	return c, err
}
