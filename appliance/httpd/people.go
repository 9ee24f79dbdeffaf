package httpd

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/transport"
)

// People is the school's office; *people.Service is the real one.
type People interface {
	Organizations(ctx context.Context, p appliance.Principal) ([]appliance.Organization, error)
	Organization(ctx context.Context, p appliance.Principal) (appliance.Organization, error)
	CreateOrganization(ctx context.Context, p appliance.Principal, name, language string) (appliance.Organization, appliance.Invitation, error)
	UpdateOrganization(ctx context.Context, p appliance.Principal, o appliance.Organization) (appliance.Organization, error)
	EraseOrganization(ctx context.Context, p appliance.Principal, typed string) error

	Members(ctx context.Context, p appliance.Principal, f appliance.UserFilter) (appliance.Page[appliance.User], error)
	Member(ctx context.Context, p appliance.Principal, id appliance.UserID) (appliance.User, error)
	UpdateMe(ctx context.Context, p appliance.Principal, language string) (appliance.User, error)
	UpdateMember(ctx context.Context, p appliance.Principal, u appliance.User) (appliance.User, error)
	RemoveMember(ctx context.Context, p appliance.Principal, id appliance.UserID) error
	AddStudent(ctx context.Context, p appliance.Principal, name string, classes []appliance.ClassID) (appliance.User, appliance.NewSecret, error)
	ResetSignIn(ctx context.Context, p appliance.Principal, id appliance.UserID) (appliance.NewSecret, error)

	Invite(ctx context.Context, p appliance.Principal, role appliance.Role, email string, class appliance.ClassID, link func(code string) string) (appliance.Invitation, error)
	Invitations(ctx context.Context, p appliance.Principal) ([]appliance.Invitation, error)
	RevokeInvitation(ctx context.Context, p appliance.Principal, id string) error

	Classes(ctx context.Context, p appliance.Principal, search, cursor string, limit int) (appliance.Page[appliance.Class], error)
	Class(ctx context.Context, p appliance.Principal, id appliance.ClassID) (appliance.Class, error)
	AddClass(ctx context.Context, p appliance.Principal, name string, kind appliance.SignInKind) (appliance.Class, error)
	UpdateClass(ctx context.Context, p appliance.Principal, c appliance.Class) (appliance.Class, error)
	DeleteClass(ctx context.Context, p appliance.Principal, id appliance.ClassID) error
	NewCode(ctx context.Context, p appliance.Principal, id appliance.ClassID) (appliance.Class, error)
	JoinClass(ctx context.Context, p appliance.Principal, class appliance.ClassID, user appliance.UserID) error
	LeaveClass(ctx context.Context, p appliance.Principal, class appliance.ClassID, user appliance.UserID) error
	CardsPDF(ctx context.Context, p appliance.Principal, class appliance.ClassID, user appliance.UserID, baseURL string, w io.Writer) error

	Preview(ctx context.Context, p appliance.Principal, r appliance.ImportRequest) (appliance.ImportPreview, error)
	Import(ctx context.Context, p appliance.Principal, r appliance.ImportRequest) (appliance.Import, []appliance.User, error)
	Imports(ctx context.Context, p appliance.Principal) ([]appliance.Import, error)
	UndoImport(ctx context.Context, p appliance.Principal, id string) (appliance.Import, error)
}

// Audit is the audit log.
type Audit interface {
	AppendAudit(ctx context.Context, org appliance.OrgID, entries ...appliance.AuditEntry) error
	Audit(ctx context.Context, org appliance.OrgID, f appliance.AuditFilter) (appliance.Page[appliance.AuditEntry], error)
}

// Requests remembers answers to requests that may be sent again.
type Requests interface {
	BeginRequest(ctx context.Context, org appliance.OrgID, user appliance.UserID, key, fingerprint string) (*appliance.StoredResponse, error)
	FinishRequest(ctx context.Context, org appliance.OrgID, user appliance.UserID, key string, r appliance.StoredResponse) error
	DropRequest(ctx context.Context, org appliance.OrgID, user appliance.UserID, key string) error
}

// OrgPath, ClassPath and MemberPath are what paths name. They are exported
// because huma passes over unexported structs that are embedded.
type OrgPath struct {
	Org appliance.OrgID `path:"org" maxLength:"64" doc:"The school's id"`
}

type output[T any] struct{ Body T }

// Organizations are the schools on a box.
type Organizations struct {
	Organizations []appliance.Organization `json:"organizations"`
}

type createOrgInput struct {
	Body struct {
		Name     string `json:"name" maxLength:"200"`
		Language string `json:"language,omitempty" enum:"en,fr,rw,sw"`
	}
}

// CreatedOrganization is a new school and the invitation for its owner.
type CreatedOrganization struct {
	Organization appliance.Organization `json:"organization"`
	Invitation   SentInvitation         `json:"invitation"`
}

// SentInvitation is an invitation with the link to hand on.
type SentInvitation struct {
	appliance.Invitation
	URL string `json:"url"`
}

type updateOrgInput struct {
	OrgPath
	Body struct {
		Name     string             `json:"name" maxLength:"200"`
		Slug     string             `json:"slug,omitempty" maxLength:"60"`
		Language string             `json:"language" enum:"en,fr,rw,sw"`
		Settings appliance.Settings `json:"settings"`
		Version  int                `json:"version" doc:"The one that the change was made on"`
	}
}

type eraseOrgInput struct {
	OrgPath
	Name string `query:"name" maxLength:"200" doc:"The school's name, typed by hand"`
}

type membersInput struct {
	OrgPath
	Search string            `query:"search" maxLength:"200"`
	Role   appliance.Role    `query:"role"`
	Class  appliance.ClassID `query:"class" maxLength:"64"`
	Cursor string            `query:"cursor" maxLength:"200"`
	Limit  int               `query:"limit" minimum:"1" maximum:"100" default:"50"`
}

type addMemberInput struct {
	OrgPath
	Body struct {
		Name    string              `json:"name" maxLength:"200"`
		Classes []appliance.ClassID `json:"classes,omitempty" maxItems:"50"`
	}
}

// AddedMember is a new pupil and what she signs in with.
type AddedMember struct {
	User   appliance.User      `json:"user"`
	Secret appliance.NewSecret `json:"secret"`
}

// MemberPath names a person.
type MemberPath struct {
	OrgPath
	User appliance.UserID `path:"user" maxLength:"64" doc:"The person's id"`
}

type updateMemberInput struct {
	MemberPath
	Body struct {
		Name     string         `json:"name" maxLength:"200"`
		Email    string         `json:"email,omitempty" maxLength:"200"`
		Language string         `json:"language,omitempty" maxLength:"2"`
		Role     appliance.Role `json:"role"`
		Disabled bool           `json:"disabled"`
		Version  int            `json:"version"`
	}
}

type inviteInput struct {
	OrgPath
	Body struct {
		Role    appliance.Role    `json:"role"`
		Email   string            `json:"email,omitempty" maxLength:"200" doc:"Where the box has a mail server, it is sent there"`
		ClassID appliance.ClassID `json:"class_id,omitempty" maxLength:"64"`
	}
}

// Invitations are those of a school.
type Invitations struct {
	Invitations []SentInvitation `json:"invitations"`
}

type invitationInput struct {
	OrgPath
	Invitation string `path:"invitation" maxLength:"64"`
}

type classesInput struct {
	OrgPath
	Search string `query:"search" maxLength:"200"`
	Cursor string `query:"cursor" maxLength:"200"`
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"50"`
}

// ClassPath names a class.
type ClassPath struct {
	OrgPath
	Class appliance.ClassID `path:"class" maxLength:"64" doc:"The class's id"`
}

type addClassInput struct {
	OrgPath
	Body struct {
		Name   string               `json:"name" maxLength:"200"`
		SignIn appliance.SignInKind `json:"sign_in,omitempty" enum:"pictures,pin"`
	}
}

type updateClassInput struct {
	ClassPath
	Body struct {
		Name    string               `json:"name" maxLength:"200"`
		SignIn  appliance.SignInKind `json:"sign_in" enum:"pictures,pin"`
		Version int                  `json:"version"`
	}
}

type classMemberInput struct {
	ClassPath
	User appliance.UserID `path:"user" maxLength:"64" doc:"The person's id"`
}

type cardsInput struct {
	ClassPath
	User appliance.UserID `query:"user" maxLength:"64" doc:"Only this pupil's card"`
}

type importInput struct {
	OrgPath
	Body appliance.ImportRequest
}

// Imported is an import and the pupils that it made.
type Imported struct {
	Import appliance.Import `json:"import"`
	Users  []appliance.User `json:"users"`
}

// Imports are the rosters that were loaded.
type Imports struct {
	Imports []appliance.Import `json:"imports"`
}

type undoInput struct {
	OrgPath
	Import string `path:"import" maxLength:"64"`
}

type auditInput struct {
	OrgPath
	Action string           `query:"action" maxLength:"60" doc:"The action or its first part, such as user"`
	Actor  appliance.UserID `query:"actor" maxLength:"64"`
	Target string           `query:"target" maxLength:"64"`
	From   time.Time        `query:"from"`
	To     time.Time        `query:"to"`
	Cursor string           `query:"cursor" maxLength:"200"`
	Limit  int              `query:"limit" minimum:"1" maximum:"100" default:"50"`
}

func (s *Server) sent(ctx context.Context, i appliance.Invitation) SentInvitation {
	return SentInvitation{i, s.inviteLink(ctx)(i.Code)}
}

func (s *Server) inviteLink(ctx context.Context) func(string) string {
	base := s.lanAddress(transport.RequestOf(ctx))
	return func(code string) string { return base + "/invite/" + code }
}

// to wraps a service's answer as a body.
func to[T any](v T, err error) (*output[T], error) { return &output[T]{v}, err }

func (s *Server) peopleRoutes(api huma.API) {
	op := func(id, method, path, summary string) huma.Operation {
		return huma.Operation{OperationID: id, Method: method, Path: "/api/v1/orgs" + path, Summary: summary, Tags: []string{"people"}}
	}
	people := s.parts.People
	register(s, api, op("listOrganizations", http.MethodGet, "", "The schools on this box"), func(ctx context.Context, _ *struct{}) (*output[Organizations], error) {
		all, err := people.Organizations(ctx, principalOf(ctx))
		return to(Organizations{all}, err)
	})
	register(s, api, op("createOrganization", http.MethodPost, "", "Make another school on this box"), func(ctx context.Context, in *createOrgInput) (*output[CreatedOrganization], error) {
		o, i, err := people.CreateOrganization(ctx, principalOf(ctx), in.Body.Name, in.Body.Language)
		return to(CreatedOrganization{o, s.sent(ctx, i)}, err)
	})
	register(s, api, op("getOrganization", http.MethodGet, "/{org}", "One's own school"), func(ctx context.Context, _ *OrgPath) (*output[appliance.Organization], error) {
		return to(people.Organization(ctx, principalOf(ctx)))
	})
	register(s, api, op("updateOrganization", http.MethodPatch, "/{org}", "Change the school"), func(ctx context.Context, in *updateOrgInput) (*output[appliance.Organization], error) {
		b := in.Body
		return to(people.UpdateOrganization(ctx, principalOf(ctx), appliance.Organization{Name: b.Name, Slug: b.Slug, Language: b.Language, Settings: b.Settings, Version: b.Version}))
	})
	register(s, api, op("eraseOrganization", http.MethodDelete, "/{org}", "Erase the school with everything in it"), func(ctx context.Context, in *eraseOrgInput) (*struct{}, error) {
		return nil, people.EraseOrganization(context.WithoutCancel(ctx), principalOf(ctx), in.Name)
	})
	s.memberRoutes(api, op)
	s.classRoutes(api, op)
	register(s, api, op("listAudit", http.MethodGet, "/{org}/audit", "The audit log, the newest line first"), func(ctx context.Context, in *auditInput) (*output[appliance.Page[appliance.AuditEntry]], error) {
		page, err := s.parts.Audit.Audit(ctx, principalOf(ctx).Org, appliance.AuditFilter{Action: in.Action, Actor: in.Actor,
			Target: in.Target, From: in.From, To: in.To, Cursor: in.Cursor, Limit: in.Limit})
		return to(noNull(page), err)
	})
}

type operation func(id, method, path, summary string) huma.Operation

func (s *Server) memberRoutes(api huma.API, op operation) {
	people := s.parts.People
	register(s, api, op("listMembers", http.MethodGet, "/{org}/members", "People of the school, by name"), func(ctx context.Context, in *membersInput) (*output[appliance.Page[appliance.User]], error) {
		page, err := people.Members(ctx, principalOf(ctx), appliance.UserFilter{Search: in.Search, Role: in.Role, Class: in.Class, Cursor: in.Cursor, Limit: in.Limit})
		return to(noNull(page), err)
	})
	register(s, api, op("addMember", http.MethodPost, "/{org}/members", "Add a pupil"), func(ctx context.Context, in *addMemberInput) (*output[AddedMember], error) {
		u, secret, err := people.AddStudent(ctx, principalOf(ctx), in.Body.Name, in.Body.Classes)
		return to(AddedMember{wholeUser(u), secret}, err)
	})
	register(s, api, op("getMember", http.MethodGet, "/{org}/members/{user}", "One person"), func(ctx context.Context, in *MemberPath) (*output[appliance.User], error) {
		return to(people.Member(ctx, principalOf(ctx), in.User))
	})
	register(s, api, op("updateMember", http.MethodPatch, "/{org}/members/{user}", "Change a person's name, role, or whether she may sign in"), func(ctx context.Context, in *updateMemberInput) (*output[appliance.User], error) {
		b := in.Body
		return to(people.UpdateMember(ctx, principalOf(ctx), appliance.User{ID: in.User, Name: b.Name, Email: b.Email, Language: b.Language, Role: b.Role, Disabled: b.Disabled, Version: b.Version}))
	})
	register(s, api, op("removeMember", http.MethodDelete, "/{org}/members/{user}", "Erase a person with her conversations"), func(ctx context.Context, in *MemberPath) (*struct{}, error) {
		return nil, people.RemoveMember(ctx, principalOf(ctx), in.User)
	})
	register(s, api, op("resetMember", http.MethodPost, "/{org}/members/{user}/reset", "Give a person new pictures, a new PIN or a new password"), func(ctx context.Context, in *MemberPath) (*output[appliance.NewSecret], error) {
		return to(people.ResetSignIn(ctx, principalOf(ctx), in.User))
	})
	register(s, api, op("invite", http.MethodPost, "/{org}/invite", "Invite one of the staff"), func(ctx context.Context, in *inviteInput) (*output[SentInvitation], error) {
		i, err := people.Invite(ctx, principalOf(ctx), in.Body.Role, in.Body.Email, in.Body.ClassID, s.inviteLink(ctx))
		return to(s.sent(ctx, i), err)
	})
	register(s, api, op("listInvitations", http.MethodGet, "/{org}/invitations", "Invitations, the newest first"), func(ctx context.Context, _ *OrgPath) (*output[Invitations], error) {
		all, err := people.Invitations(ctx, principalOf(ctx))
		out := Invitations{make([]SentInvitation, len(all))}
		for i, one := range all {
			out.Invitations[i] = s.sent(ctx, one)
		}
		return to(out, err)
	})
	register(s, api, op("revokeInvitation", http.MethodDelete, "/{org}/invitations/{invitation}", "Take an invitation back"), func(ctx context.Context, in *invitationInput) (*struct{}, error) {
		return nil, people.RevokeInvitation(ctx, principalOf(ctx), in.Invitation)
	})
}

func (s *Server) classRoutes(api huma.API, op operation) {
	people := s.parts.People
	register(s, api, op("listClasses", http.MethodGet, "/{org}/classes", "Classes, by name"), func(ctx context.Context, in *classesInput) (*output[appliance.Page[appliance.Class]], error) {
		page, err := people.Classes(ctx, principalOf(ctx), in.Search, in.Cursor, in.Limit)
		return to(noNull(page), err)
	})
	register(s, api, op("addClass", http.MethodPost, "/{org}/classes", "Make a class"), func(ctx context.Context, in *addClassInput) (*output[appliance.Class], error) {
		return to(people.AddClass(ctx, principalOf(ctx), in.Body.Name, in.Body.SignIn))
	})
	register(s, api, op("getClass", http.MethodGet, "/{org}/classes/{class}", "One class"), func(ctx context.Context, in *ClassPath) (*output[appliance.Class], error) {
		return to(people.Class(ctx, principalOf(ctx), in.Class))
	})
	register(s, api, op("updateClass", http.MethodPatch, "/{org}/classes/{class}", "Change a class"), func(ctx context.Context, in *updateClassInput) (*output[appliance.Class], error) {
		return to(people.UpdateClass(ctx, principalOf(ctx), appliance.Class{ID: in.Class, Name: in.Body.Name, SignIn: in.Body.SignIn, Version: in.Body.Version}))
	})
	register(s, api, op("deleteClass", http.MethodDelete, "/{org}/classes/{class}", "Delete a class; its members stay"), func(ctx context.Context, in *ClassPath) (*struct{}, error) {
		return nil, people.DeleteClass(ctx, principalOf(ctx), in.Class)
	})
	register(s, api, op("newClassCode", http.MethodPost, "/{org}/classes/{class}/code", "Give a class another code"), func(ctx context.Context, in *ClassPath) (*output[appliance.Class], error) {
		return to(people.NewCode(ctx, principalOf(ctx), in.Class))
	})
	register(s, api, op("joinClass", http.MethodPut, "/{org}/classes/{class}/members/{user}", "Put a person into a class"), func(ctx context.Context, in *classMemberInput) (*struct{}, error) {
		return nil, people.JoinClass(ctx, principalOf(ctx), in.Class, in.User)
	})
	register(s, api, op("leaveClass", http.MethodDelete, "/{org}/classes/{class}/members/{user}", "Take a person out of a class"), func(ctx context.Context, in *classMemberInput) (*struct{}, error) {
		return nil, people.LeaveClass(ctx, principalOf(ctx), in.Class, in.User)
	})
	print := op("getCards", http.MethodGet, "/{org}/classes/{class}/cards.pdf", "Sign-in cards to print")
	print.Responses = map[string]*huma.Response{"200": {Description: "PDF", Content: map[string]*huma.MediaType{
		"application/pdf": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}}}}
	register(s, api, print, s.getCards)
	register(s, api, op("previewImport", http.MethodPost, "/{org}/imports/preview", "What loading a roster would do"), func(ctx context.Context, in *importInput) (*output[appliance.ImportPreview], error) {
		preview, err := people.Preview(ctx, principalOf(ctx), in.Body)
		if preview.Rows == nil {
			preview.Rows = []appliance.ImportRow{}
		}
		return to(preview, err)
	})
	register(s, api, op("importRoster", http.MethodPost, "/{org}/imports", "Load a roster"), func(ctx context.Context, in *importInput) (*output[Imported], error) {
		i, users, err := people.Import(ctx, principalOf(ctx), in.Body)
		if users == nil {
			users = []appliance.User{}
		}
		return to(Imported{i, users}, err)
	})
	register(s, api, op("listImports", http.MethodGet, "/{org}/imports", "Rosters that were loaded"), func(ctx context.Context, _ *OrgPath) (*output[Imports], error) {
		all, err := people.Imports(ctx, principalOf(ctx))
		return to(Imports{all}, err)
	})
	register(s, api, op("undoImport", http.MethodPost, "/{org}/imports/{import}/undo", "Take the loading of a roster back"), func(ctx context.Context, in *undoInput) (*output[appliance.Import], error) {
		return to(people.UndoImport(ctx, principalOf(ctx), in.Import))
	})
}

func (s *Server) getCards(ctx context.Context, in *cardsInput) (*huma.StreamResponse, error) {
	var pdf bytes.Buffer
	if err := s.parts.People.CardsPDF(ctx, principalOf(ctx), in.Class, in.User, s.lanAddress(transport.RequestOf(ctx)), &pdf); err != nil {
		return nil, err
	}
	return transport.Raw(func(w http.ResponseWriter, _ *http.Request) error {
		w.Header().Set("Content-Type", "application/pdf")
		w.Header().Set("Content-Disposition", `inline; filename="cards.pdf"`)
		w.Header().Set("Cache-Control", "no-store")
		_, _ = w.Write(pdf.Bytes()) // a client that left needs no cards
		return nil
	}), nil
}
