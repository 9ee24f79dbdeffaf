package box

import (
	"bytes"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/school/cards"
	"github.com/bwenge-os/bwenge/internal/transport"
)

// Within one school, a second class holds one of everything that belongs to a
// class, with canaries of its own. A teacher and a pupil of the first class
// then take every route and every frame with the second one's ids, as the
// members of one school do with another's.

// fillClass gives a school a second class with people and things of its own.
func (p *probe) fillClass(school *probedSchool, canary string) *probedSchool {
	t, ctx, store, org := p.t, p.t.Context(), p.box.Store, school.org
	t.Helper()
	x := &probedSchool{org: org, canary: canary, members: map[appliance.Role]member{}, ids: maps.Clone(school.ids)}
	class := must[appliance.Class](t)(store.AddClass(ctx, org, appliance.Class{Name: "second class", Code: strings.ToUpper(canary[:4]) + "67", SignIn: appliance.SignInPictures}, nil))
	for _, role := range []appliance.Role{appliance.RoleTeacher, appliance.RoleStudent} {
		// Names are known in a school; everything else of a person is not.
		n := appliance.NewUser{User: appliance.User{Role: role, Name: "second " + string(role), Email: string(role) + "@" + canary + ".example",
			Classes: []appliance.ClassRef{{ID: class.ID}}}, ExternalID: string(role) + canary}
		var err error
		if role == appliance.RoleStudent {
			n.Credential, err = p.box.Auth.NewPictures(ctx, cards.Pictures())
		} else {
			n.User.Username = "second"
			n.Credential, err = p.box.Auth.PasswordCredential(ctx, "second", "seven green hills")
		}
		if err != nil {
			t.Fatal(err)
		}
		u := must[appliance.User](t)(store.AddUser(ctx, org, n))
		x.members[role] = member{role, u, p.signIn(org, u, class.Code, n.Credential)}
	}
	teacher, pupil := x.members[appliance.RoleTeacher].user, x.members[appliance.RoleStudent].user
	x.ids["class"], x.ids["user"] = string(class.ID), string(pupil.ID)
	invitation := must[appliance.Invitation](t)(store.AddInvitation(ctx, org, appliance.Invitation{Role: appliance.RoleTeacher, Code: strings.ToUpper(canary[:5]) + "678",
		Class: &appliance.ClassRef{ID: class.ID}, Email: "guest@" + canary + ".example", ExpiresAt: time.Now().AddDate(1, 0, 0)}, teacher.ID))
	loaded, _, err := store.ImportRoster(ctx, org, appliance.RosterChange{By: teacher.ID, Add: []appliance.NewUser{{User: appliance.User{Role: appliance.RoleStudent, Name: "imported",
		Classes: []appliance.ClassRef{{ID: class.ID}}}, Credential: appliance.Credential{Kind: appliance.SignInPIN, Hash: "x"}}}})
	if err != nil {
		t.Fatal(err)
	}
	who := appliance.Principal{Org: org, User: teacher.ID, Role: appliance.RoleTeacher}
	persona := must[appliance.Persona](t)(store.AddPersona(ctx, org, who.User, appliance.PersonaContent{Name: "tutor " + canary, Rules: []string{canary}}, appliance.Audience{Classes: []appliance.ClassID{class.ID}}))
	question := appliance.Question{ID: "question-second", Text: "what is the volcano " + canary}
	conversation, _, _, err := store.SaveQuestion(ctx, org, pupil.ID, question)
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{
		store.AddFlag(ctx, org, appliance.Flag{User: appliance.UserRef{ID: pupil.ID}, Category: "abuse", Severity: 2, Side: "question", Text: canary, ConversationID: conversation.ID}),
		store.AddMemory(ctx, org, pupil.ID, appliance.Memory{Text: "remembers " + canary}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range must[appliance.Page[appliance.Flag]](t)(store.Flags(ctx, org, "", false, "", 100)).Items {
		if f.Text == canary {
			x.ids["flag"] = f.ID
		}
	}
	if _, err := store.SaveAnswer(ctx, org, pupil.ID, question.ID, appliance.Answer{ResponseText: "it is " + canary}); err != nil {
		t.Fatal(err)
	}
	x.ids["message"], x.ids["feedback"], x.ids["pin"] = p.addFeedback(org, pupil.ID, question.ID, canary, teacher.ID, class.ID)
	x.ids["invitation"], x.ids["import"], x.ids["persona"] = invitation.ID, loaded.ID, persona.ID
	x.ids["id"], x.ids["conversation"] = p.addMaterial(org, canary, teacher.ID, class.ID), conversation.ID
	x.ids["passage"] = p.passageOf(org, x.ids["id"])
	x.ids["session"] = must[[]appliance.Session](t)(store.Sessions(ctx, org, teacher.ID))[0].ID
	x.ids["memory"] = must[[]appliance.Memory](t)(store.Memories(ctx, org, pupil.ID))[0].ID
	x.ids["school_source"] = p.addMaterial(org, "forall", teacher.ID)
	x.ids["school_persona"] = must[appliance.Persona](t)(store.AddPersona(ctx, org, who.User, appliance.PersonaContent{Name: "for all"}, appliance.Audience{})).ID
	x.secrets = []string{canary, invitation.Code, class.Code, x.ids["invitation"], x.ids["import"], x.ids["persona"], x.ids["id"], x.ids["flag"], x.ids["conversation"], x.ids["memory"], x.ids["message"], x.ids["feedback"], x.ids["pin"]}
	return x
}

// sees are the routes by which a teacher sees a person of another class, and
// why; the canaries must not show in them either.
var sees = map[string]string{
	"getMember": "names and classes of a school's people are known to its staff",
}

// TestProbeAcrossClasses is the proof that classes of one school are kept apart.
func TestProbeAcrossClasses(t *testing.T) {
	p := newProbe(t)
	second := p.fillClass(p.ours, "secondcanary")
	before := p.rowsOf(second)
	routes := slices.Clone(p.box.Server.Routes())
	slices.SortStableFunc(routes, func(a, b transport.Route) int { return endsSession(a) - endsSession(b) })
	probed := 0
	for _, route := range routes {
		if route.Policy.Program || route.Policy.Least > appliance.RoleTeacher.Rank() || endsSession(route) > 0 {
			continue // programs see what their key is for; the office sees all classes
		}
		probed++
		t.Run(route.Operation, func(t *testing.T) {
			p.t = t
			ids := maps.Clone(second.ids)
			if strings.Contains(route.Path, "/conversations/") {
				ids["id"] = ids["conversation"]
			}
			want := anything
			if strings.Contains(strings.ReplaceAll(route.Path, "{org}", ""), "{") && route.Policy.Least > 0 && sees[route.Operation] == "" {
				want = unseen
			}
			for _, role := range []appliance.Role{appliance.RoleTeacher, appliance.RoleStudent} {
				if role.Rank() < route.Policy.Least {
					continue
				}
				a := attempt{name: "another class's things as " + string(role), token: p.ours.members[role].token, ids: ids, mine: p.ours,
					want: want, hidden: []*probedSchool{second}}
				if route.Policy.Least == 0 {
					a.hidden = []*probedSchool{} // who has a class's code sees its names
				}
				p.try(route, a)
				if route.Operation == "joinClass" {
					a.name, a.ids = "their pupil into one's own class as "+string(role), maps.Clone(ids)
					a.ids["class"] = p.ours.ids["class"]
					p.try(route, a)
				}
				if own := strings.HasPrefix(route.Path, "/api/v1/knowledge/{") || strings.HasPrefix(route.Path, "/api/v1/personas/{"); own &&
					route.Method != http.MethodGet && route.Method != http.MethodHead && route.Operation != "copyPersona" {
					// Everybody sees what is for the whole school; its maker and the office change it.
					a.name, a.ids, a.hidden = "what another teacher gave to the school as "+string(role), maps.Clone(ids), []*probedSchool{}
					a.ids["id"], a.ids["persona"] = second.ids["school_source"], second.ids["school_persona"]
					p.try(route, a)
				}
			}
		})
	}
	p.t = t
	if probed < 40 {
		t.Errorf("%d routes probed", probed)
	}
	p.socketsAcross(second)
	after := p.rowsOf(second)
	for table, was := range before {
		if !slices.Equal(was, after[table]) {
			t.Errorf("rows of the second class in %s have changed:\n%s\nwere\n%s", table, strings.Join(after[table], "\n"), strings.Join(was, "\n"))
		}
	}
}

// rowsOf are the rows that name something of the second class. What only says
// that somebody tried (the audit log, limits, stored requests) is left out.
func (p *probe) rowsOf(second *probedSchool) map[string][]string {
	rows := map[string][]string{}
	for table, text := range p.snapshot(second.org) {
		if slices.Contains([]string{"audit", "audit_head", "request", "session"}, table) {
			continue
		}
		for line := range strings.Lines(text) {
			if slices.ContainsFunc(slices.Collect(maps.Values(second.ids)), func(id string) bool {
				return len(id) > 8 && id != string(second.org) && !slices.Contains(slices.Collect(maps.Values(p.ours.ids)), id) && strings.Contains(line, id)
			}) {
				rows[table] = append(rows[table], strings.TrimSuffix(line, "\n"))
			}
		}
	}
	return rows
}

// socketsAcross sends every type of message about the second class's question.
func (p *probe) socketsAcross(second *probedSchool) {
	for _, role := range []appliance.Role{appliance.RoleTeacher, appliance.RoleStudent} {
		conn, _, err := p.dial(p.ours.members[role].token)
		if err != nil {
			p.t.Fatal(err)
		}
		for _, kind := range p.frameKinds() {
			frame := map[string]any{"v": 1, "type": kind, "request": "question-second",
				"data": map[string]any{"text": "what is the volcano", "conversation": second.ids["conversation"], "persona": second.ids["persona"]}}
			if err := conn.WriteJSON(frame); err != nil {
				p.t.Fatal(err)
			}
		}
		p.listen(conn, func(message []byte) {
			for _, secret := range second.secrets {
				// A refusal may name what was asked for.
				if bytes.Contains(message, []byte(secret)) && !bytes.Contains(message, []byte(`"error"`)) {
					p.t.Errorf("as %s, %q comes over the socket: %.300s", role, secret, message)
				}
			}
		})
	}
}
