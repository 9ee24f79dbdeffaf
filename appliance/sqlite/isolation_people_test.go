package sqlite

import (
	"strings"
	"testing"
	"time"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/problem"
)

// tries are a limit that one failed attempt uses up.
func tries(mark string) []appliance.AttemptLimit {
	return []appliance.AttemptLimit{{Key: mark, Most: 1, Window: time.Hour}}
}

// office is a school's people, with ids that another school may guess.
type office struct {
	user       appliance.User
	class      appliance.Class
	invitation appliance.Invitation
	session    appliance.Session
	imported   appliance.Import
}

// staff fills a school with people whose every text holds a mark.
func staff(t *testing.T, s *Store, org appliance.OrgID, mark string) (x office) {
	t.Helper()
	ctx := t.Context()
	x.class = must[appliance.Class](t)(s.AddClass(ctx, org, appliance.Class{Name: "class " + mark, Code: "CODE" + string(org), SignIn: appliance.SignInPictures}, nil))
	x.user = must[appliance.User](t)(s.AddUser(ctx, org, appliance.NewUser{
		User: appliance.User{Role: appliance.RoleStudent, Name: "name " + mark, Username: "user-" + mark, Email: mark + "@example.org",
			Classes: []appliance.ClassRef{{ID: x.class.ID}}},
		Credential: appliance.Credential{Kind: appliance.SignInPictures, Hash: "hash " + mark, Card: "card " + mark}, ExternalID: "ext"}))
	x.invitation = must[appliance.Invitation](t)(s.AddInvitation(ctx, org, appliance.Invitation{Role: appliance.RoleTeacher, Code: "INV" + string(org),
		Email: mark + "@guest.org", ExpiresAt: time.Now().Add(time.Hour)}, x.user.ID))
	now := time.Now()
	x.session = appliance.Session{ID: "session-" + string(org), Org: org, User: x.user.ID, Device: mark, Remote: mark, DeviceID: "device", Generation: 1,
		CreatedAt: now, RotatedAt: now, SeenAt: now, ExpiresAt: now.Add(time.Hour)}
	if _, _, err := s.ReserveAttempt(ctx, org, tries(mark), time.Now()); err != nil {
		t.Fatal(err)
	}
	if err := s.AddSession(ctx, x.session, nil, appliance.AuditEntry{Action: "session.signed_in", Actor: x.user.ID, Target: mark}); err != nil {
		t.Fatal(err)
	}
	var err error
	x.imported, _, err = s.ImportRoster(ctx, org, appliance.RosterChange{By: x.user.ID, Add: []appliance.NewUser{{User: appliance.User{Role: appliance.RoleStudent, Name: "roster " + mark}}}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.BeginRequest(ctx, org, x.user.ID, "key", "print"); err != nil {
		t.Fatal(err)
	}
	if err := s.FinishRequest(ctx, org, x.user.ID, "key", appliance.StoredResponse{Status: 200, Body: []byte(mark)}); err != nil {
		t.Fatal(err)
	}
	return x
}

// peopleProbes tries every method about people with the ids of another school.
func peopleProbes(t *testing.T, s *Store, theirs office, canary string, seen func(any, error), missing func(error)) map[string]func() {
	ctx := t.Context()
	none := func(n int, err error) {
		t.Helper()
		if n != 0 || err != nil {
			t.Errorf("%d of theirs, %v", n, err)
		}
	}
	return map[string]func(){
		"Organization": func() { seen(s.Organization(ctx, org)) },
		"UpdateOrganization": func() {
			o := must[appliance.Organization](t)(s.Organization(ctx, org))
			seen(s.UpdateOrganization(ctx, org, o))
		},
		"ClaimOrganization": func() {
			_, u, err := s.ClaimOrganization(ctx, must[appliance.Organization](t)(s.Organization(ctx, org)), appliance.NewUser{User: appliance.User{Role: appliance.RoleOwner, Name: "us"}})
			seen(u, err)
		},
		"DataKey": func() {
			ours, err := s.DataKey(ctx, org)
			if err != nil {
				t.Fatal(err)
			}
			other := must[interface {
				Seal([]byte, string) []byte
			}](t)(s.DataKey(ctx, "other"))
			if _, err := ours.Open(other.Seal([]byte("x"), "c"), "c"); err == nil {
				t.Error("our key opens what is theirs")
			}
		},
		"AddUser": func() {
			// Their user name and address are free here.
			u, err := s.AddUser(ctx, org, appliance.NewUser{User: appliance.User{Role: appliance.RoleStudent, Name: "us", Username: "user-" + canary, Email: canary + "@example.org"}})
			if err != nil {
				t.Error(err)
			}
			if _, err := s.EraseUser(ctx, org, u.ID); err != nil {
				t.Error(err)
			}
			_, err = s.AddUser(ctx, org, appliance.NewUser{User: appliance.User{Role: appliance.RoleStudent, Name: "us", Classes: []appliance.ClassRef{{ID: theirs.class.ID}}}})
			missing(err)
		},
		"User": func() { u, err := s.User(ctx, org, theirs.user.ID); missing(err); seen(u, nil) },
		"Users": func() {
			page, err := s.Users(ctx, org, appliance.UserFilter{Search: "name " + canary})
			none(page.Total, err)
			page, err = s.Users(ctx, org, appliance.UserFilter{Class: theirs.class.ID})
			none(page.Total, err)
			seen(s.Users(ctx, org, appliance.UserFilter{}))
		},
		"UpdateUser": func() { u, err := s.UpdateUser(ctx, org, theirs.user); missing(err); seen(u, nil) },
		"ReplaceCredential": func() {
			list, err := s.ReplaceCredential(ctx, org, theirs.user.ID, appliance.Credential{Hash: "x"}, "")
			missing(err)
			none(len(list), nil)
		},
		"Credential": func() { c, err := s.Credential(ctx, org, theirs.user.ID); missing(err); seen(c, nil) },
		"UserByLogin": func() {
			u, _, err := s.UserByLogin(ctx, org, "user-"+canary+"x")
			missing(err)
			seen(u, nil)
		},
		"Cards":     func() { list, err := s.Cards(ctx, org, theirs.class.ID, ""); none(len(list), err) },
		"EraseUser": func() { _, err := s.EraseUser(ctx, org, theirs.user.ID); missing(err) },
		"AddClass":  func() { seen(s.AddClass(ctx, org, appliance.Class{Name: "class " + canary[:4], Code: "NEW"}, nil)) },
		"Class":     func() { c, err := s.Class(ctx, org, theirs.class.ID); missing(err); seen(c, nil) },
		"Classes": func() {
			page, err := s.Classes(ctx, org, canary, "", "", 10)
			none(page.Total, err)
			page, err = s.Classes(ctx, org, "", theirs.user.ID, "", 10)
			none(page.Total, err)
		},
		"UpdateClass": func() { c, err := s.UpdateClass(ctx, org, theirs.class); missing(err); seen(c.Version, nil) },
		"DeleteClass": func() { missing(s.DeleteClass(ctx, org, theirs.class.ID)) },
		"JoinClass":   func() { missing(s.JoinClass(ctx, org, theirs.class.ID, []appliance.UserID{theirs.user.ID})) },
		"LeaveClass":  func() { missing(s.LeaveClass(ctx, org, theirs.class.ID, theirs.user.ID)) },
		"Teaches": func() {
			yes, err := s.Teaches(ctx, org, theirs.user.ID, theirs.class.ID)
			if yes || err != nil {
				t.Error(yes, err)
			}
		},
		"TeachesUser": func() {
			yes, err := s.TeachesUser(ctx, org, theirs.user.ID, theirs.user.ID)
			if yes || err != nil {
				t.Error(yes, err)
			}
		},
		"ShareSource": func() {
			src := addSource(t, s, org, "shared")
			_, err := s.ShareSource(ctx, org, src.ID, []appliance.ClassID{theirs.class.ID})
			missing(err)
			_, _, err = s.DeleteSource(ctx, org, src.ID)
			seen(nil, err)
		},
		"AddInvitation": func() {
			_, err := s.AddInvitation(ctx, org, appliance.Invitation{Role: appliance.RoleTeacher, Code: "NEWINV", Class: &appliance.ClassRef{ID: theirs.class.ID}}, "")
			missing(err)
		},
		"Invitations":      func() { seen(s.Invitations(ctx, org)) },
		"RevokeInvitation": func() { missing(s.RevokeInvitation(ctx, org, theirs.invitation.ID)) },
		"AcceptInvitation": func() {
			_, err := s.AcceptInvitation(ctx, org, theirs.invitation.ID, appliance.NewUser{})
			missing(err)
		},
		"ReserveAttempt": func() {
			full, _, err := s.ReserveAttempt(ctx, org, tries(canary), time.Now())
			if full != nil || err != nil {
				t.Error("their failed attempts count for us", full, err)
			}
		},
		"ReturnAttempt":  func() { seen(nil, s.ReturnAttempt(ctx, org, tries(canary))) },
		"FailedAttempts": func() { a, err := s.FailedAttempts(ctx, org, canary, time.Now()); none(a.Count, err) },
		"LetIn": func() {
			missing(s.LetIn(ctx, org, theirs.class.ID, tries(canary), appliance.AttemptLimit{Key: "open"}, time.Now()))
		},
		"KnownDevice": func() {
			own, first, err := s.KnownDevice(ctx, org, theirs.user.ID, theirs.class.ID, "device")
			if own || first != "" || err != nil {
				t.Error("their devices are known to us", own, first, err)
			}
		},
		"AdvanceSession": func() {
			if ok, err := s.AdvanceSession(ctx, org, theirs.session.ID, 1, time.Now(), time.Now()); ok || err != nil {
				t.Error(ok, err)
			}
		},
		"EndSession": func() {
			if err := s.EndSession(ctx, org, theirs.session.ID); err != nil {
				t.Error(err)
			}
		},
		"EndSessions": func() { list, err := s.EndSessions(ctx, org, theirs.user.ID, ""); none(len(list), err) },
		"Sessions":    func() { list, err := s.Sessions(ctx, org, theirs.user.ID); none(len(list), err) },
		"AppendAudit": func() { seen(nil, s.AppendAudit(ctx, org, appliance.AuditEntry{Action: "ours"})) },
		"Audit": func() {
			seen(s.Audit(ctx, org, appliance.AuditFilter{}))
			page, err := s.Audit(ctx, org, appliance.AuditFilter{Actor: theirs.user.ID})
			none(page.Total, err)
		},
		"BeginRequest": func() {
			stored, err := s.BeginRequest(ctx, org, theirs.user.ID, "key", "print")
			if stored != nil || err != nil {
				t.Error(stored, err)
			}
		},
		"FinishRequest": func() {
			seen(nil, s.FinishRequest(ctx, org, theirs.user.ID, "key", appliance.StoredResponse{Status: 201, Body: []byte("ours")}))
		},
		"DropRequest": func() { seen(nil, s.DropRequest(ctx, org, theirs.user.ID, "key")) },
		"ImportRoster": func() {
			_, _, err := s.ImportRoster(ctx, org, appliance.RosterChange{Joins: map[appliance.UserID][]appliance.ClassRef{theirs.user.ID: {{ID: theirs.class.ID}}}})
			missing(err)
		},
		"FindByExternalID": func() { seen(s.FindByExternalID(ctx, org, []string{"ext"})) },
		"FindByNames":      func() { found, err := s.FindByNames(ctx, org, theirs.class.ID); none(len(found), err) },
		"Imports":          func() { seen(s.Imports(ctx, org)) },
		"Scope":            func() { _, err := s.Scope(ctx, org, theirs.user.ID); missing(err) },
		"ImportTouchesOthers": func() {
			if yes, err := s.ImportTouchesOthers(ctx, org, guessed, theirs.imported.ID); err != nil || yes {
				t.Error("another school's import is looked at:", yes, err)
			}
		},
		"UndoImport": func() { _, err := s.UndoImport(ctx, org, theirs.imported.ID); missing(err) },
		"HasFile": func() {
			has, err := s.HasFile(ctx, org, sum("Lesson "+canary))
			if has || err != nil {
				t.Error(has, err)
			}
		},
	}
}

// stays fails unless a school's people are as staff made them.
func (x office) stays(t *testing.T, s *Store, org appliance.OrgID, mark string) {
	t.Helper()
	ctx := t.Context()
	if full, _, err := s.ReserveAttempt(ctx, org, tries(mark), time.Now()); full == nil || err != nil {
		t.Error("their failed attempts were forgotten", err)
	}
	if own, _, err := s.KnownDevice(ctx, org, x.user.ID, "", "device"); !own || err != nil {
		t.Error("their device was forgotten", err)
	}
	if _, p, err := s.Session(ctx, x.session.ID); err != nil || p.User != x.user.ID {
		t.Error("their session was ended", err)
	}
	if u, err := s.User(ctx, org, x.user.ID); err != nil || u.Name != x.user.Name || u.Version != x.user.Version {
		t.Error(u, err)
	}
	if c, err := s.Credential(ctx, org, x.user.ID); err != nil || c.Hash != "hash "+mark {
		t.Error(c, err)
	}
	if c, err := s.Class(ctx, org, x.class.ID); err != nil || c.Version != x.class.Version || c.Students != 1 {
		t.Error(c, err)
	}
	if stored, err := s.BeginRequest(ctx, org, x.user.ID, "key", "print"); err != nil || stored == nil || string(stored.Body) != mark {
		t.Error(stored, err)
	}
	if list, err := s.Imports(ctx, org); err != nil || len(list) != 1 || list[0].UndoneAt != nil {
		t.Error(list, err)
	}
	if list, err := s.Invitations(ctx, org); err != nil || len(list) != 1 || list[0].UsedAt != nil {
		t.Error(list, err)
	}
}

// A pupil sees what is for the whole school and for their classes, everywhere.
func TestScope(t *testing.T) {
	s, ctx := open(t), t.Context()
	mine := must[appliance.Class](t)(s.AddClass(ctx, org, appliance.Class{Name: "mine", Code: "M"}, nil))
	other := must[appliance.Class](t)(s.AddClass(ctx, org, appliance.Class{Name: "other", Code: "O"}, nil))
	shared := addReady(t, s, org, "all", "the plant of all")
	ours := addReady(t, s, org, "ours", "the plant of ours")
	theirs := addReady(t, s, org, "theirs", "the plant of theirs")
	must[appliance.Source](t)(s.ShareSource(ctx, org, ours.ID, []appliance.ClassID{mine.ID}))
	must[appliance.Source](t)(s.ShareSource(ctx, org, theirs.ID, []appliance.ClassID{other.ID}))

	for _, c := range []struct {
		name  string
		scope appliance.Scope
		want  map[string]bool
	}{
		{"a pupil", appliance.Scope{Classes: []appliance.ClassID{mine.ID}}, map[string]bool{shared.ID: true, ours.ID: true}},
		{"nobody's pupil", appliance.Scope{}, map[string]bool{shared.ID: true}},
		{"the office", whole, map[string]bool{shared.ID: true, ours.ID: true, theirs.ID: true}},
	} {
		page := must[appliance.Page[appliance.Source]](t)(s.Sources(ctx, org, c.scope, appliance.SourceFilter{}))
		if page.Total != len(c.want) || len(page.Items) != len(c.want) {
			t.Errorf("%s lists %d", c.name, page.Total)
		}
		var ids []int64
		for _, src := range []appliance.Source{shared, ours, theirs} {
			_, err := s.Source(ctx, org, c.scope, src.ID)
			if (err == nil) != c.want[src.ID] {
				t.Errorf("%s opens %s: %v", c.name, src.Title, err)
			}
			if _, err := s.Chunks(ctx, org, c.scope, src.ID, 0, 10); (err == nil) != c.want[src.ID] {
				t.Errorf("%s reads %s: %v", c.name, src.Title, err)
			}
			for _, chunk := range must[appliance.Page[appliance.Chunk]](t)(s.Chunks(ctx, org, whole, src.ID, 0, 10)).Items {
				ids = append(ids, chunk.ID)
			}
		}
		check := func(how string, got int, err error) {
			t.Helper()
			if got != len(c.want) || err != nil {
				t.Errorf("%s finds %d by %s, %v", c.name, got, how, err)
			}
		}
		passages, err := s.Passages(ctx, org, c.scope, ids)
		check("id", len(passages), err)
		hits, err := s.SearchText(ctx, org, c.scope, []string{"plant"}, 10)
		check("words", len(hits), err)
		for _, most := range []int{vectorsMost, 0} { // in memory, and by the index on disk
			s.vectors.most = most
			s.vectors.changed.Add(1)
			hits, err = s.SearchVector(ctx, org, c.scope, vectorOf("the plant of theirs"), 10)
			check("vector", len(hits), err)
		}
		s.vectors.most = vectorsMost
	}
}

// Whatever is done to the audit log behind the box's back is found.
func TestAuditDamage(t *testing.T) {
	for name, sql := range map[string]string{
		"a byte":          `UPDATE audit SET target = 'target-X' WHERE n = 5`,
		"the time":        `UPDATE audit SET at = at + 1 WHERE n = 5`,
		"a line":          `DELETE FROM audit WHERE n = 5`,
		"the first line":  `DELETE FROM audit WHERE n = 1`,
		"the last lines":  `DELETE FROM audit WHERE n > 8`,
		"all lines":       `DELETE FROM audit`,
		"the end as well": `DELETE FROM audit WHERE n > 8; UPDATE audit_head SET n = 8, mac = (SELECT mac FROM audit WHERE n = 8)`,
		"everything":      `DELETE FROM audit WHERE n > 8; DELETE FROM audit_head`,
		"the order":       `UPDATE audit SET n = 100 WHERE n = 4; UPDATE audit SET n = 4 WHERE n = 5; UPDATE audit SET n = 5 WHERE n = 100`,
	} {
		s, ctx := open(t), t.Context()
		for range 10 {
			if err := s.AppendAudit(ctx, org, appliance.AuditEntry{Action: "a.b", Target: "target-1", Detail: map[string]any{"x": 1}}); err != nil {
				t.Fatal(err)
			}
		}
		if damage, err := s.CheckAudit(ctx); err != nil || len(damage) != 0 {
			t.Fatal(damage, err)
		}
		if err := s.within(ctx, s.writer, func(t *tx) error { _, err := t.Exec(sql); return err }); err != nil {
			t.Fatal(err)
		}
		if damage, err := s.CheckAudit(ctx); err != nil || len(damage) == 0 {
			t.Errorf("%s: not found, %v", name, err)
		}
	}
}

// Who types a wrong class code stands at the door, and has no list to go back to.
func TestAWrongClassCodeSaysSo(t *testing.T) {
	_, _, _, err := open(t).ClassByCode(t.Context(), "NOPE22")
	if told := problem.Of(err); told.Reason != "class_code_unknown" || strings.Contains(told.Hint, "list") || !strings.Contains(told.Hint, "code") {
		t.Error(err)
	}
}
