package sqlite

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/school/keys"
)

// anchored is a store whose keys and file stay where they are when it closes.
type anchored struct {
	*Store
	t    *testing.T
	dir  string
	path string
}

func openAnchored(t *testing.T) *anchored {
	a := &anchored{t: t, dir: t.TempDir()}
	a.path = filepath.Join(a.dir, "bwenge.db")
	a.open()
	t.Cleanup(func() { a.Close() })
	return a
}

func (a *anchored) open() {
	a.t.Helper()
	box, err := keys.Open(filepath.Join(a.dir, "keys"))
	if err == nil {
		a.Store, err = Open(context.Background(), a.path, box)
	}
	if err != nil {
		a.t.Fatal(err)
	}
}

func (a *anchored) reopen() {
	a.t.Helper()
	if err := a.Close(); err != nil {
		a.t.Fatal(err)
	}
	a.open()
}

func (a *anchored) lines(n int) {
	a.t.Helper()
	for range n {
		if err := a.AppendAudit(a.t.Context(), org, appliance.AuditEntry{Action: "a.b", Target: "x"}); err != nil {
			a.t.Fatal(err)
		}
	}
}

func (a *anchored) behindItsBack(sql string) {
	a.t.Helper()
	if err := a.within(a.t.Context(), a.writer, func(t *tx) error { _, err := t.Exec(sql); return err }); err != nil {
		a.t.Fatal(err)
	}
}

func (a *anchored) damage() string {
	a.t.Helper()
	list, err := a.CheckAudit(a.t.Context())
	if err != nil {
		a.t.Fatal(err)
	}
	var all []string
	for _, d := range list {
		all = append(all, d.What)
	}
	return strings.Join(all, "; ")
}

const wholeLog = `DELETE FROM audit; DELETE FROM audit_head; DELETE FROM setting WHERE key = 'audit_anchored'`

// Rows and head that are deleted together leave a chain that is sound in itself.
func TestAuditCutBackWithItsHead(t *testing.T) {
	for name, sql := range map[string]string{
		"the whole log": wholeLog,
		"its end":       `DELETE FROM audit WHERE n > 4; DELETE FROM audit_head`,
	} {
		a := openAnchored(t)
		a.lines(9)
		if found := a.damage(); found != "" {
			t.Fatal(found)
		}
		a.reopen()
		a.behindItsBack(sql)
		if a.damage() == "" {
			t.Errorf("%s: not found in the running box", name)
		}
		a.reopen()
		if found := a.damage(); !strings.Contains(found, "cut back") {
			t.Errorf("%s: not found by the next start: %q", name, found)
		}
		// What is written from now on does not hide it.
		a.lines(20)
		a.reopen()
		a.reopen()
		if found := a.damage(); !strings.Contains(found, "cut back") {
			t.Errorf("%s: hidden by new lines: %q", name, found)
		}
		page, err := a.Audit(t.Context(), org, appliance.AuditFilter{Action: "audit.cut_back"})
		if err != nil || page.Total != 1 {
			t.Errorf("%s: the log does not tell of it: %v %v", name, page.Items, err)
		}
		if n, err := a.AcceptAudit(t.Context()); err != nil || n != 1 {
			t.Error(n, err)
		}
		if found := a.damage(); name == "the whole log" && found != "" {
			t.Errorf("%s: accepted, and still there: %q", name, found)
		}
	}
}

// A backup of the database in the place of the present one is told from it.
func TestAuditOlderDatabase(t *testing.T) {
	a := openAnchored(t)
	a.lines(3)
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	backup, err := os.ReadFile(a.path)
	if err != nil {
		t.Fatal(err)
	}
	a.open()
	a.lines(5)
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(a.path, backup, 0o600); err != nil {
		t.Fatal(err)
	}
	a.open()
	if found := a.damage(); !strings.Contains(found, "older copy") {
		t.Errorf("%q", found)
	}
}

// A database that is ahead of its anchor is what a power cut leaves.
func TestAuditAheadOfItsAnchor(t *testing.T) {
	a := openAnchored(t)
	a.lines(3)
	a.reopen()
	anchor, err := os.ReadFile(filepath.Join(a.dir, "keys", anchorFile))
	if err != nil {
		t.Fatal(err)
	}
	a.lines(4)
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(a.dir, "keys", anchorFile), anchor, 0o600); err != nil {
		t.Fatal(err)
	}
	a.open()
	if found := a.damage(); found != "" {
		t.Error(found)
	}
}

func TestAuditAnchorAlteredOrMissing(t *testing.T) {
	a := openAnchored(t)
	file := filepath.Join(a.dir, "keys", anchorFile)
	a.lines(3)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal("the first line of a school is not anchored at once:", err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(strings.Replace(string(text), `"n":1`, `"n":0`, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	a.open()
	if found := a.damage(); !strings.Contains(found, "altered") {
		t.Errorf("%q", found)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	a.open()
	if found := a.damage(); !strings.Contains(found, "missing") {
		t.Errorf("%q", found)
	}
}

// Also with the anchor, and what says that there was one, a school that has an
// owner has had a log.
func TestAuditGoneWithEverythingThatToldOfIt(t *testing.T) {
	a := openAnchored(t)
	if _, err := a.AddUser(t.Context(), org, appliance.NewUser{User: appliance.User{Role: appliance.RoleOwner, Name: "Keza", Username: "keza"},
		Credential: appliance.Credential{Kind: appliance.SignInPassword, Hash: "x"}}); err != nil {
		t.Fatal(err)
	}
	a.lines(3)
	a.behindItsBack(wholeLog)
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(a.dir, "keys", anchorFile)); err != nil {
		t.Fatal(err)
	}
	a.open()
	if found := a.damage(); !strings.Contains(found, "missing") {
		t.Errorf("%q", found)
	}
}

// Data of the version before has a log and no anchor.
func TestAuditOfAnOlderVersion(t *testing.T) {
	a := openAnchored(t)
	a.lines(3)
	a.behindItsBack(`DELETE FROM setting WHERE key = 'audit_anchored'`)
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(a.dir, "keys", anchorFile)); err != nil {
		t.Fatal(err)
	}
	a.open()
	if found := a.damage(); found != "" {
		t.Error(found)
	}
	a.behindItsBack(wholeLog)
	a.reopen()
	if found := a.damage(); !strings.Contains(found, "cut back") {
		t.Errorf("%q", found)
	}
}

// A school that the box itself erases is no damage.
func TestAuditOfAnErasedSchool(t *testing.T) {
	a := openAnchored(t)
	ctx := t.Context()
	a.lines(1)
	o, err := a.CreateOrganization(ctx, appliance.Organization{Name: "Other", Slug: "other", Language: "en"})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.AppendAudit(ctx, o.ID, appliance.AuditEntry{Action: "a.b"}); err != nil {
		t.Fatal(err)
	}
	a.reopen()
	if err := a.EraseOrganization(ctx, o.ID); err != nil {
		t.Fatal(err)
	}
	a.reopen()
	if found := a.damage(); found != "" {
		t.Error(found)
	}
}

// An anchor file that goes while the box runs takes nothing with it: neither the
// gaps that were found nor where the other schools are. That it went is one more.
func TestAuditAnchorGoneWhileTheBoxRuns(t *testing.T) {
	a := openAnchored(t)
	a.lines(9)
	other, err := a.CreateOrganization(t.Context(), appliance.Organization{Name: "other", Slug: "other"})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.AppendAudit(t.Context(), other.ID, appliance.AuditEntry{Action: "a.b"}); err != nil {
		t.Fatal(err)
	}
	a.reopen()
	a.behindItsBack(`DELETE FROM audit WHERE n > 4 AND org_id = '` + string(org) + `'; DELETE FROM audit_head WHERE org_id = '` + string(org) + `'`)
	a.reopen()
	if err := os.Remove(filepath.Join(a.dir, "keys", anchorFile)); err != nil {
		t.Fatal(err)
	}
	if found := a.damage(); !strings.Contains(found, "missing") {
		t.Errorf("not found in the running box: %q", found)
	}
	a.lines(3)
	a.reopen()
	if found := a.damage(); !strings.Contains(found, "cut back") || !strings.Contains(found, "missing") {
		t.Errorf("%q", found)
	}
	a.behindItsBack(`DELETE FROM audit WHERE org_id = '` + string(other.ID) + `'; DELETE FROM audit_head WHERE org_id = '` + string(other.ID) + `'`)
	if list, err := a.CheckAudit(t.Context()); err != nil || !slices.ContainsFunc(list, func(d appliance.AuditDamage) bool { return d.Org == other.ID }) {
		t.Error("another school's log is not anchored any more:", list, err)
	}
}

// slowDisk keeps nothing until it is told to.
type slowDisk struct {
	keeper
	busy, ready chan struct{}
}

func (d slowDisk) Keep(name string, content []byte) error {
	d.busy <- struct{}{}
	<-d.ready
	return d.keeper.Keep(name, content)
}

// Whoever has written a line does not wait for the disk to take the anchor that
// another school's line asked for; what is noted meanwhile is not lost.
func TestAuditAnchorWaitsForNoDisk(t *testing.T) {
	disk := slowDisk{testBox(t), make(chan struct{}), make(chan struct{})}
	a := newAnchor(disk)
	a.known["known"] = true
	written := make(chan struct{})
	go func() {
		defer close(written)
		a.advance(map[appliance.OrgID]chainEnd{"first": {N: 1}, "known": {N: 1}})
	}()
	<-disk.busy
	noted := make(chan struct{})
	go func() {
		defer close(noted)
		a.advance(map[appliance.OrgID]chainEnd{"known": {N: 2}})
	}()
	select {
	case <-noted:
	case <-time.After(20 * time.Second):
		t.Error("it waits for the disk")
	}
	close(disk.ready)
	<-written
	var late sync.WaitGroup
	defer late.Wait()
	late.Go(a.close)
	<-disk.busy
	if c, err := a.anchored(); err != nil || c.Chains["known"].N != 2 || c.Chains["first"].N != 1 {
		t.Error(c, err)
	}
	// A line that was committed while the store closed is written at once.
	late.Go(func() { a.advance(map[appliance.OrgID]chainEnd{"known": {N: 3}}) })
	<-disk.busy
}

// Closing waits for the transaction that runs, and its lines are in the file.
func TestAuditAnchoredAfterTheLastWrite(t *testing.T) {
	a := openAnchored(t)
	a.lines(1)
	begun, end, written, closed := make(chan struct{}), make(chan struct{}), make(chan error, 1), make(chan error, 1)
	go func() {
		written <- a.write(context.Background(), func(tx *tx) error {
			close(begun)
			<-end
			return a.record(tx, org, "x", []appliance.AuditEntry{{Action: "a.b"}})
		})
	}()
	<-begun
	before := a.writer.Stats().WaitCount
	go func() { closed <- a.Close() }()
	for a.writer.Stats().WaitCount == before && len(closed) == 0 {
		time.Sleep(time.Millisecond)
	}
	close(end)
	if err := errors.Join(<-written, <-closed); err != nil {
		t.Fatal(err)
	}
	if c, err := a.anchor.read(); err != nil || c.Chains[org].N != 2 {
		t.Error("its last line is not anchored:", c, err)
	}
}
