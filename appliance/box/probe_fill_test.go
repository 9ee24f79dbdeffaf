package box

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/school/cards"
)

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// fill gives a school one of everything, with its canary in every text.
func (p *probe) fill(org appliance.OrgID, canary string) *probedSchool {
	t, ctx, store := p.t, p.t.Context(), p.box.Store
	t.Helper()
	x := &probedSchool{org: org, canary: canary, members: map[appliance.Role]member{}, ids: map[string]string{"org": string(org)}}
	class := must[appliance.Class](t)(store.AddClass(ctx, org, appliance.Class{Name: "P5 " + canary, Code: strings.ToUpper(canary[:4]) + "23", SignIn: appliance.SignInPictures}, nil))
	for _, role := range []appliance.Role{appliance.RoleOwner, appliance.RoleAdmin, appliance.RoleTeacher, appliance.RoleStudent} {
		n := appliance.NewUser{User: appliance.User{Role: role, Name: string(role) + " " + canary, Email: string(role) + "@" + canary + ".example",
			Classes: []appliance.ClassRef{{ID: class.ID}}}, ExternalID: string(role) + canary}
		var err error
		if role == appliance.RoleStudent {
			n.Credential, err = p.box.Auth.NewPictures(ctx, cards.Pictures())
		} else {
			n.User.Username = string(role)
			n.Credential, err = p.box.Auth.PasswordCredential(ctx, string(role), "seven green hills")
		}
		if err != nil {
			t.Fatal(err)
		}
		u := must[appliance.User](t)(store.AddUser(ctx, org, n))
		x.members[role] = member{role, u, p.signIn(org, u, class.Code, n.Credential)}
		x.secrets = append(x.secrets, string(u.ID))
	}
	x.ids["class"], x.ids["user"] = string(class.ID), string(x.members[appliance.RoleStudent].user.ID)
	invitation := must[appliance.Invitation](t)(store.AddInvitation(ctx, org, appliance.Invitation{Role: appliance.RoleTeacher, Code: strings.ToUpper(canary[:5]) + "234",
		Email: "guest@" + canary + ".example", ExpiresAt: time.Now().AddDate(1, 0, 0)}, x.members[appliance.RoleOwner].user.ID))
	x.ids["invitation"] = invitation.ID
	loaded, _, err := store.ImportRoster(ctx, org, appliance.RosterChange{By: x.members[appliance.RoleTeacher].user.ID, Add: []appliance.NewUser{{User: appliance.User{Role: appliance.RoleStudent, Name: "imported " + canary}, Credential: appliance.Credential{Kind: appliance.SignInPIN, Hash: "x"}}}})
	if err != nil {
		t.Fatal(err)
	}
	x.ids["import"] = loaded.ID
	teacher := x.members[appliance.RoleTeacher]
	sessions := must[[]appliance.Session](t)(store.Sessions(ctx, org, teacher.user.ID))
	x.ids["session"] = sessions[0].ID

	source := p.addMaterial(org, canary, teacher.user.ID, class.ID)
	x.ids["id"] = source // of a source; a conversation's is put in where it belongs
	for role, m := range x.members {
		question := appliance.Question{ID: "question-" + string(role), Text: "what is the volcano " + canary}
		conv, _, _, err := store.SaveQuestion(ctx, org, m.user.ID, question)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := store.SaveAnswer(ctx, org, m.user.ID, question.ID, appliance.Answer{ResponseText: "it is " + canary}); err != nil {
			t.Fatal(err)
		}
		if role == appliance.RoleStudent {
			x.ids["conversation"] = conv.ID
		}
		x.secrets = append(x.secrets, conv.ID)
	}
	if err := store.AppendAudit(ctx, org, appliance.AuditEntry{Action: "test", Target: canary, Detail: map[string]any{"x": canary}}); err != nil {
		t.Fatal(err)
	}
	if _, err := store.BeginRequest(ctx, org, teacher.user.ID, "same-key", "x"); err != nil {
		t.Fatal(err)
	}
	if err := store.FinishRequest(ctx, org, teacher.user.ID, "same-key", appliance.StoredResponse{Status: 200, Body: []byte(`"` + canary + `"`)}); err != nil {
		t.Fatal(err)
	}
	p.fillTutor(x)
	x.secrets = append(x.secrets, canary, source, invitation.ID, loaded.ID, string(class.ID))
	return x
}

// addMaterial gives classes, or the whole school, a source that is ready, and
// returns its id.
func (p *probe) addMaterial(org appliance.OrgID, canary string, by appliance.UserID, classes ...appliance.ClassID) string {
	t, ctx, store := p.t, p.t.Context(), p.box.Store
	t.Helper()
	src, _, err := p.box.Ingester.Add(ctx, org, appliance.NewFile{Name: "lesson " + canary + ".txt", Classes: classes,
		By: appliance.Principal{Org: org, User: by, Role: appliance.RoleTeacher, Scope: appliance.Scope{Classes: classes}}},
		strings.NewReader("The volcano "+canary+" is high."), -1)
	if err != nil {
		t.Fatal(err)
	}
	job, ok, err := store.ClaimJob(ctx, "probe", time.Hour)
	if err != nil || !ok || job.Source.ID != src.ID {
		t.Fatal(ok, err)
	}
	job.Source.Kind = appliance.KindPDF
	text := "The volcano " + canary + " is high."
	var page bytes.Buffer
	z := gzip.NewWriter(&page)
	if err := errors.Join(json.NewEncoder(z).Encode(map[string]any{"sections": []appliance.Section{{Text: text}}}), z.Close()); err != nil {
		t.Fatal(err)
	}
	vector := make([]float32, 384)
	vector[0] = 1
	for _, err := range []error{
		store.SaveParts(ctx, job, appliance.Part{Key: "p1", Data: page.Bytes()}),
		store.AddChunks(ctx, job, []appliance.Chunk{{Text: text, Heading: "About " + canary, Tokens: 5}}),
		func() error {
			chunks, _, err := store.Unembedded(ctx, job, 10)
			for i := range chunks {
				chunks[i].Vector = vector
			}
			if err != nil {
				return err
			}
			return store.SaveVectors(ctx, job, "probe", chunks)
		}(),
		store.FinishJob(ctx, job, job.Source),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return src.ID
}

// fillTutor gives a school's tutor one of everything that it keeps.
func (p *probe) fillTutor(x *probedSchool) {
	t, ctx, store := p.t, p.t.Context(), p.box.Store
	t.Helper()
	owner, pupil := appliance.Principal{Org: x.org, User: x.members[appliance.RoleOwner].user.ID, Role: appliance.RoleOwner}, x.members[appliance.RoleStudent].user
	persona := must[appliance.Persona](t)(store.AddPersona(ctx, x.org, owner.User, appliance.PersonaContent{Name: "tutor " + x.canary, Rules: []string{x.canary}}, appliance.Audience{}))
	for _, err := range []error{
		store.AddFlag(ctx, x.org, appliance.Flag{User: appliance.UserRef{ID: pupil.ID}, Category: "abuse", Severity: 2, Side: "question", Text: x.canary}),
		store.AddMemory(ctx, x.org, pupil.ID, appliance.Memory{Text: "remembers " + x.canary}),
		store.AddUsage(ctx, x.org, pupil.ID, appliance.Usage{Provider: "p-" + x.canary, Model: x.canary, Requests: 1}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	must[appliance.ModelSettings](t)(store.SaveModelSettings(ctx, x.org, appliance.ModelSettings{
		Providers: []appliance.Provider{{ID: "p", Name: x.canary, Kind: appliance.ProviderServer, URL: "http://" + x.canary + ".invalid/v1", Model: "m", Key: "secret-" + x.canary}}}))
	secret, key, err := p.box.Auth.NewAPIKey(ctx, owner, "key of "+x.canary, "", 1)
	if err != nil {
		t.Fatal(err)
	}
	x.program = secret
	x.ids["persona"], x.ids["key"], x.ids["number"] = persona.ID, key.ID, "1"
	x.ids["flag"] = must[appliance.Page[appliance.Flag]](t)(store.Flags(ctx, x.org, "", false, "", 1)).Items[0].ID
	x.ids["memory"] = must[[]appliance.Memory](t)(store.Memories(ctx, x.org, pupil.ID))[0].ID
	x.ids["message"], x.ids["feedback"], x.ids["pin"] = p.addFeedback(x.org, pupil.ID, "question-student", x.canary, owner.User)
	x.ids["passage"] = p.passageOf(x.org, x.ids["id"])
	x.secrets = append(x.secrets, x.ids["message"], x.ids["feedback"], x.ids["pin"], persona.ID, key.ID, x.ids["flag"], x.ids["memory"], secret, "secret-"+x.canary)
}

// addFeedback rates the answer to a question, pins one to it for classes, or, with
// none, for the whole school, and returns the ids of the answer, the rating and
// the pin.
func (p *probe) addFeedback(org appliance.OrgID, pupil appliance.UserID, question, canary string, teacher appliance.UserID, classes ...appliance.ClassID) (message, feedback, pin string) {
	t, ctx, store := p.t, p.t.Context(), p.box.Store
	t.Helper()
	_, a, err := store.Answer(ctx, org, pupil, question)
	if err != nil || a == nil {
		t.Fatal(a, err)
	}
	if err := store.Rate(ctx, org, pupil, a.MessageID, appliance.Thumb{Reason: appliance.ThumbOther, Note: "not " + canary}); err != nil {
		t.Fatal(err)
	}
	one := must[appliance.Page[appliance.Feedback]](t)(store.Feedbacks(ctx, org, "", appliance.Scope{All: true}, appliance.FeedbackFilter{Search: canary, Limit: 1})).Items[0]
	made := must[appliance.Pin](t)(store.AddPin(ctx, org, teacher, appliance.PinContent{Question: "what is the volcano " + canary, Text: "it is " + canary, ClassIDs: classes},
		appliance.PinKeys{Same: "en how high volcano\n"})) // what the probe asks everywhere
	return a.MessageID, one.ID, made.ID
}

// passageOf is the first passage of a source.
func (p *probe) passageOf(org appliance.OrgID, source string) string {
	return fmt.Sprint(must[appliance.Page[appliance.Chunk]](p.t)(p.box.Store.Chunks(p.t.Context(), org, appliance.Scope{All: true}, source, 0, 1)).Items[0].ID)
}

func (p *probe) signIn(org appliance.OrgID, u appliance.User, code string, c appliance.Credential) string {
	p.t.Helper()
	var tokens appliance.Tokens
	var err error
	if u.Role == appliance.RoleStudent {
		tokens, err = p.box.Auth.SignInPupil(p.t.Context(), code, u.ID, strings.Fields(c.Card), "", appliance.Device{})
	} else {
		tokens, err = p.box.Auth.SignIn(p.t.Context(), org, u.Username, "seven green hills", appliance.Device{})
	}
	if err != nil {
		p.t.Fatal(err)
	}
	return tokens.Access
}
