package box

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/bwenge-os/bwenge/appliance"
)

// deed is an operation that changes something, done the way it succeeds. Its
// line is in the log of the school of whoever does it.
type deed struct {
	as     appliance.Role // owner if empty
	path   map[string]string
	query  string
	body   any
	fails  bool   // here: its line tells how it ended
	action string // of its one line; empty where it leaves none
	why    string // it leaves none
}

func (d deed) who() appliance.Role {
	if d.as == "" {
		return appliance.RoleOwner
	}
	return d.as
}

// deeds says for every operation that changes something how it is done, and what
// the audit log says then. An operation that is missing here fails the test, so
// a new one cannot be left out of the log by mistake.
func (p *probe) deeds() map[string]func() deed {
	ctx, store, x := p.t.Context(), p.box.Store, p.ours
	org := x.org
	must := func(err error) {
		p.t.Helper()
		if err != nil {
			p.t.Fatal(err)
		}
	}
	pupil := func() appliance.User {
		c, err := p.box.Auth.NewPictures(ctx, []string{"sun", "moon", "star", "tree"})
		must(err)
		u, err := store.AddUser(ctx, org, appliance.NewUser{User: appliance.User{Role: appliance.RoleStudent, Name: "pupil"}, Credential: c})
		must(err)
		return u
	}
	class := func() appliance.Class {
		c, err := store.AddClass(ctx, org, appliance.Class{Name: fmt.Sprint("class ", time.Now().UnixNano()), Code: fmt.Sprint(time.Now().UnixNano() % 1e9), SignIn: appliance.SignInPIN}, nil)
		must(err)
		return c
	}
	persona := func() appliance.Persona {
		n, err := store.AddPersona(ctx, org, "", appliance.PersonaContent{Name: "tutor"}, appliance.Audience{})
		must(err)
		return n
	}
	source := func() appliance.Source {
		n, _, err := store.AddSource(ctx, org, appliance.Source{Title: "x", SHA256: fmt.Sprintf("%064d", time.Now().UnixNano()), Bytes: 1}, nil, appliance.Principal{})
		must(err)
		return n
	}
	// They are made before others wait to be read.
	made := make([]string, 11)
	for i := range made {
		made[i] = p.addMaterial(org, fmt.Sprint("deed ", i), "")
	}
	ready := func() string {
		id := made[0]
		made = made[1:]
		return id
	}
	page := func() map[string]string { return map[string]string{"id": ready(), "number": "1"} }
	school := func() appliance.Organization {
		o, err := store.Organization(ctx, org)
		must(err)
		return o
	}
	invitation := func() string {
		i, err := store.AddInvitation(ctx, org, appliance.Invitation{Role: appliance.RoleTeacher, Code: fmt.Sprint(time.Now().UnixNano() % 1e9), ExpiresAt: time.Now().AddDate(1, 0, 0)}, "")
		must(err)
		return i.ID
	}
	another := func(role appliance.Role) string {
		m := x.members[role]
		p.signIn(org, m.user, "", appliance.Credential{})
		list, err := store.Sessions(ctx, org, m.user.ID)
		must(err)
		current, err := p.box.Auth.Authenticate(ctx, m.token)
		must(err)
		for _, s := range list {
			if s.ID != current.Session {
				return s.ID
			}
		}
		p.t.Fatal("no other session")
		return ""
	}
	at := func(key, value string) map[string]string { return map[string]string{key: value} }
	type m = map[string]any
	none := func(why string) func() deed { return func() deed { return deed{why: why} } }
	changed := func(id string) m {
		n, err := store.Persona(ctx, org, appliance.Scope{All: true}, id)
		must(err)
		return m{"content": m{"name": "tutor"}, "version": n.Version}
	}
	rated := func() string { // an answer, rated
		u, q := x.members[appliance.RoleStudent].user.ID, fmt.Sprint("rated", time.Now().UnixNano())
		_, _, _, err := store.SaveQuestion(ctx, org, u, appliance.Question{ID: q, Text: "x"})
		must(err)
		a, err := store.SaveAnswer(ctx, org, u, q, appliance.Answer{ResponseText: "x"})
		must(err)
		must(store.Rate(ctx, org, u, a.MessageID, appliance.Thumb{}))
		return a.MessageID
	}
	feedback := func() string { // the last one
		page, err := store.Feedbacks(ctx, org, "", appliance.Scope{All: true}, appliance.FeedbackFilter{Limit: 1})
		must(err)
		return page.Items[0].ID
	}
	pinned := m{"question": "How high is the volcano?", "text": "3,470 metres"}
	pin := func() string {
		n, err := store.AddPin(ctx, org, "", appliance.PinContent{Question: "x", Text: "y"}, appliance.PinKeys{Same: "x"})
		must(err)
		return n.ID
	}
	return map[string]func() deed{
		"register":    none("TestAuditOfSignIns: who did it has no id before"),
		"login":       none("TestAuditOfSignIns"),
		"signInPupil": none("TestAuditOfSignIns"),
		"refresh":     none("a session goes on; that one was begun is in the log"),
		"logout":      func() deed { return deed{as: appliance.RoleAdmin, action: "session.signed_out"} },
		"endMySession": func() deed {
			return deed{as: appliance.RoleTeacher, path: at("session", another(appliance.RoleTeacher)), action: "session.ended"}
		},
		"changePassword": func() deed {
			return deed{body: m{"current": "seven green hills", "next": "eight blue lakes"}, action: "password.changed"}
		},
		"updateMe":           func() deed { return deed{body: m{"language": "fr"}, action: "user.language"} },
		"createOrganization": none("TestAuditOfSchools: only the host may"),
		"eraseOrganization":  none("TestAuditOfSchools: the host's log has it"),
		"updateOrganization": func() deed {
			o := school()
			return deed{body: m{"name": o.Name, "language": "en", "settings": o.Settings, "version": o.Version}, action: "org.changed"}
		},
		"addMember": func() deed { return deed{body: m{"name": "New"}, action: "user.added"} },
		"updateMember": func() deed {
			u := pupil()
			return deed{path: at("user", string(u.ID)), body: m{"name": "X", "role": "student", "disabled": true, "version": u.Version}, action: "user.changed"}
		},
		"removeMember": func() deed { return deed{path: at("user", string(pupil().ID)), action: "user.erased"} },
		"resetMember":  func() deed { return deed{path: at("user", string(pupil().ID)), action: "user.sign_in_reset"} },
		"invite":       func() deed { return deed{body: m{"role": "teacher"}, action: "invitation.added"} },
		"revokeInvitation": func() deed {
			return deed{path: at("invitation", invitation()), action: "invitation.revoked"}
		},
		"addClass": func() deed { return deed{body: m{"name": "P7"}, action: "class.added"} },
		"updateClass": func() deed {
			c := class()
			return deed{path: at("class", string(c.ID)), body: m{"name": c.Name + " x", "sign_in": "pin", "version": c.Version}, action: "class.changed"}
		},
		"deleteClass":  func() deed { return deed{path: at("class", string(class().ID)), action: "class.deleted"} },
		"newClassCode": func() deed { return deed{path: at("class", string(class().ID)), action: "class.code_changed"} },
		"letClassIn":   func() deed { return deed{action: "class.let_in"} },
		"joinClass":    func() deed { return deed{path: at("user", string(pupil().ID)), action: "class.joined"} },
		"leaveClass": func() deed {
			u := pupil()
			must(store.JoinClass(ctx, org, appliance.ClassID(x.ids["class"]), []appliance.UserID{u.ID}))
			return deed{path: at("user", string(u.ID)), action: "class.left"}
		},
		"previewImport": none("nothing is stored"),
		"importRoster":  func() deed { return deed{body: m{"text": "Uwase Marie", "new_class": "P8"}, action: "roster.imported"} },
		"undoImport":    func() deed { return deed{action: "roster.undone"} },

		"addSample": func() deed { return deed{body: m{"language": "en"}, action: "source.added"} },
		"uploadSource": func() deed {
			return deed{body: "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\nsomething new\r\n--x--\r\n", action: "source.added"}
		},
		"retrySource": func() deed {
			id := source().ID
			_, err := store.CancelSource(ctx, org, id)
			must(err)
			return deed{path: at("id", id), action: "source.retried"}
		},
		"cancelSource":    func() deed { return deed{path: at("id", source().ID), action: "source.cancelled"} },
		"deleteSource":    func() deed { return deed{path: at("id", source().ID), action: "source.deleted"} },
		"estimateArchive": none("nothing is stored"),
		"takeArchive": func() deed {
			return deed{path: at("id", p.archive(org)), body: m{"first": 2}, action: "source.archive_taken"}
		},
		"shareSource": func() deed {
			return deed{path: at("id", source().ID), body: m{"classes": []string{x.ids["class"]}}, action: "source.shared"}
		},

		"mendText": func() deed {
			return deed{path: page(), body: m{"sections": []m{{"text": "mended"}}}, action: "source.mended"}
		},
		"restoreText": func() deed { return deed{path: page(), action: "source.restored"} },
		"movePage":    func() deed { return deed{path: page(), body: m{"by": 1}, action: "source.page_moved"} },
		"turnPage":    func() deed { return deed{path: page(), body: m{"degrees": 90}, action: "source.page_turned"} },
		"markWrong": func() deed {
			id := ready()
			return deed{path: map[string]string{"id": id, "passage": p.passageOf(org, id)}, action: "source.marked_wrong"}
		},
		"unmarkWrong": func() deed {
			id := ready()
			passage := p.passageOf(org, id)
			n, err := strconv.ParseInt(passage, 10, 64)
			must(err)
			_, err = store.MarkWrong(ctx, org, "", id, n, true)
			must(err)
			return deed{path: map[string]string{"id": id, "passage": passage}, action: "source.unmarked_wrong"}
		},
		"readAgain": func() deed { return deed{path: at("id", ready()), action: "source.read_again"} },
		"changeSources": func() deed {
			return deed{path: at("id", "x"), body: m{"ids": []string{ready()}, "grade": "P5"}, action: "source.edited"}
		},
		"bringBackSource": func() deed {
			id := ready()
			must(store.TrashSource(ctx, org, id))
			return deed{path: at("id", id), action: "source.brought_back"}
		},
		"eraseSource": func() deed {
			id := ready()
			must(store.TrashSource(ctx, org, id))
			return deed{path: at("id", id), action: "source.erased"}
		},
		"editSource": func() deed { return deed{path: at("id", ready()), body: m{"title": "other"}, action: "source.edited"} },

		"respond":    none("a question of a pupil's is no deed; it is in their conversation"),
		"transcribe": none("nothing is stored"),
		"speak":      none("nothing is stored"),
		"askForHelp": none("it is on the teachers' list"),
		"deleteConversation": func() deed {
			return deed{as: appliance.RoleStudent, path: at("id", x.ids["conversation"]), action: "conversation.deleted"}
		},
		"createPersona": func() deed { return deed{body: m{"content": m{"name": "T"}}, action: "persona.added"} },
		"updatePersona": func() deed {
			id := persona().ID
			return deed{path: at("persona", id), body: changed(id), action: "persona.changed"}
		},
		"setPersonaSettings": func() deed {
			id := persona().ID
			return deed{path: at("persona", id), body: changed(id), action: "persona.changed"}
		},
		"deletePersona": func() deed { return deed{path: at("persona", persona().ID), action: "persona.deleted"} },
		"sharePersona": func() deed {
			return deed{path: at("persona", persona().ID), body: m{"classes": []string{x.ids["class"]}}, action: "persona.shared"}
		},
		"copyPersona": func() deed { return deed{path: at("persona", persona().ID), body: m{}, action: "persona.copied"} },
		"restoreVersion": func() deed {
			n := persona()
			return deed{path: map[string]string{"persona": n.ID, "number": "1"}, body: m{"version": n.Version}, action: "persona.restored"}
		},
		"previewPersona": none("nothing is stored"),

		"rateAnswer": func() deed {
			return deed{as: appliance.RoleStudent, body: m{"up": false, "reason": "wrong"}, action: "answer.rated"}
		},
		"unrateAnswer": func() deed {
			return deed{as: appliance.RoleStudent, path: at("message", rated()), action: "answer.unrated"}
		},
		"finishFeedback": func() deed {
			rated()
			return deed{path: at("feedback", feedback()), action: "feedback.done"}
		},
		"reopenFeedback": func() deed {
			rated()
			id := feedback()
			must(store.FinishFeedback(ctx, org, "", "", id, true))
			return deed{path: at("feedback", id), action: "feedback.reopened"}
		},
		"addPin":    func() deed { return deed{body: pinned, action: "pin.added"} },
		"updatePin": func() deed { return deed{path: at("pin", pin()), body: pinned, action: "pin.edited"} },
		"removePin": func() deed { return deed{path: at("pin", pin()), action: "pin.removed"} },
		"bringBackPin": func() deed {
			id := pin()
			must(store.RemovePin(ctx, org, id))
			return deed{path: at("pin", id), action: "pin.brought_back"}
		},
		"seeFlag":      func() deed { return deed{action: "flag.seen"} },
		"deleteMemory": func() deed { return deed{as: appliance.RoleStudent, action: "memory.deleted"} },
		"deleteMemories": func() deed {
			must(store.AddMemory(ctx, org, x.members[appliance.RoleStudent].user.ID, appliance.Memory{Text: "x"}))
			return deed{as: appliance.RoleStudent, action: "memory.deleted"}
		},
		"setModels": func() deed {
			now, err := store.ModelSettings(ctx, org)
			must(err)
			return deed{body: m{"providers": []any{}, "order": []any{}, "budget": now.Budget, "version": now.Version}, action: "models.changed"}
		},
		"tryModel": func() deed {
			return deed{body: appliance.Provider{ID: "x", Name: "x", Kind: appliance.ProviderServer, URL: "http://nothing.invalid/v1", Model: "m"}, action: "models.tried", fails: true}
		},
		"addAPIKey": func() deed {
			return deed{body: m{"name": "program"}, action: "key.added"}
		},
		"deleteAPIKey":    func() deed { return deed{action: "key.deleted"} },
		"chatCompletions": none("a program's question; its tokens are counted"),
		"embeddings":      none("nothing is stored"),
	}
}

func safe(method string) bool { return method == http.MethodGet || method == http.MethodHead }

// Every operation that changes something leaves one line in the audit log when
// it is done, of the right word, with what it was done to, by whom, from where;
// and none when it is refused.
func TestEveryDeedHasItsLine(t *testing.T) {
	p := newProbe(t)
	deeds := p.deeds()
	for _, route := range p.box.Server.Routes() {
		if safe(route.Method) {
			continue
		}
		find, ok := deeds[route.Operation]
		if !ok {
			t.Errorf("%s changes something: say in this test how, and what the audit log says then", route.Operation)
			continue
		}
		delete(deeds, route.Operation)
		t.Run(route.Operation, func(t *testing.T) {
			p.t = t
			d := find()
			if d.action == "" {
				if d.why == "" {
					t.Error("no line, and no reason")
				}
				return
			}
			n := p.lines(d.action)
			for what, token := range map[string]string{"without a token": "", "of another school": p.other.members[appliance.RoleOwner].token} {
				if status, text := p.do(route.Method, route.Path, d, token); status < 400 && !strings.Contains(route.Path, "/users/me") && strings.Contains(route.Path, "{") {
					t.Errorf("%s: %d %s", what, status, text)
				}
			}
			lower := p.ours.members[appliance.RoleStudent]
			if route.Policy.Least > appliance.RoleStudent.Rank() {
				if status, text := p.do(route.Method, route.Path, d, lower.token); status != http.StatusForbidden {
					t.Errorf("as a pupil: %d %s", status, text)
				}
			}
			if strings.Contains(strings.ReplaceAll(route.Path, "{org}", ""), "{") {
				gone := d
				gone.path = map[string]string{}
				for _, name := range param.FindAllString(route.Path, -1) {
					if name != "{org}" {
						gone.path[strings.Trim(name, "{}")] = "0"
					}
				}
				if status, text := p.do(route.Method, route.Path, gone, p.ours.members[d.who()].token); status < 400 {
					t.Errorf("of what is not there: %d %s", status, text)
				}
			}
			if got := p.lines(d.action); len(got) != len(n) {
				t.Fatalf("refused, and in the log: %+v", got[:len(got)-len(n)])
			}
			as := d.who()
			status, text := p.do(route.Method, route.Path, d, p.ours.members[as].token)
			if status >= 300 && !d.fails {
				t.Fatalf("not done: %d %.300s", status, text)
			}
			got := p.lines(d.action)
			if len(got) != len(n)+1 {
				t.Fatalf("%d lines of %s: %d %.300s", len(got)-len(n), d.action, status, text)
			}
			if line := got[0]; line.Target == "" || line.Actor != p.ours.members[as].user.ID || line.Remote == "" || line.RequestID == "" {
				t.Errorf("%+v", line)
			}
		})
	}
	p.t = t
	for op := range deeds {
		t.Errorf("%s is no operation", op)
	}
}

// archive adds a ZIM file that waits for a choice.
func (p *probe) archive(org appliance.OrgID) string {
	p.t.Helper()
	content, err := os.ReadFile("../knowledge/extract/testdata/marovia.zim")
	if err != nil {
		p.t.Fatal(err)
	}
	src, _, err := p.box.Ingester.Add(p.t.Context(), org, appliance.NewFile{Name: "marovia.zim"}, bytes.NewReader(content), int64(len(content)))
	if err != nil {
		p.t.Fatal(err)
	}
	for {
		job, ok, err := p.box.Store.ClaimJob(p.t.Context(), "the probe", time.Hour)
		if err != nil || !ok {
			p.t.Fatal("no job", err)
		}
		if job.Source.ID == src.ID {
			if err := p.box.Store.HoldArchive(p.t.Context(), job, job.Source, appliance.ArchiveState{}); err != nil {
				p.t.Fatal(err)
			}
			return src.ID
		}
	}
}

// lines of one action in our school's log, the newest first.
func (p *probe) lines(action string) []appliance.AuditEntry {
	p.t.Helper()
	page, err := p.box.Store.Audit(p.t.Context(), p.ours.org, appliance.AuditFilter{Action: action, Limit: 100})
	if err != nil {
		p.t.Fatal(err)
	}
	return page.Items
}

func (p *probe) do(method, path string, d deed, token string) (int, string) {
	p.t.Helper()
	path = param.ReplaceAllStringFunc(path, func(s string) string {
		name := strings.Trim(s, "{}")
		if v, ok := d.path[name]; ok {
			return v
		}
		return p.ours.ids[name]
	})
	var body io.Reader
	kind := "application/json"
	switch b := d.body.(type) {
	case nil:
	case string:
		body, kind = strings.NewReader(b), "multipart/form-data; boundary=x"
	default:
		text, err := json.Marshal(b)
		if err != nil {
			p.t.Fatal(err)
		}
		body = bytes.NewReader(text)
	}
	r, err := http.NewRequestWithContext(p.t.Context(), method, p.http.URL+path+"?"+d.query, body)
	if err != nil {
		p.t.Fatal(err)
	}
	if body != nil {
		r.Header.Set("Content-Type", kind)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		p.t.Fatal(err)
	}
	defer res.Body.Close()
	text, _ := io.ReadAll(res.Body)
	return res.StatusCode, string(text)
}
