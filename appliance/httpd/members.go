package httpd

import (
	"context"
	"net/http"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/transport"
)

// Members are the people of a school; *accounts.Service is the real one.
type Members interface {
	Members(ctx context.Context, p appliance.Principal, f appliance.UserFilter) (appliance.Page[appliance.User], error)
	Member(ctx context.Context, p appliance.Principal, id appliance.UserID) (appliance.User, error)
	UpdateMe(ctx context.Context, p appliance.Principal, language string) (appliance.User, error)
	UpdateMember(ctx context.Context, p appliance.Principal, u appliance.User) (appliance.User, error)
	RemoveMember(ctx context.Context, p appliance.Principal, id appliance.UserID) error
	AddStudent(ctx context.Context, p appliance.Principal, name string, classes []appliance.ClassID) (appliance.User, appliance.NewSecret, error)
	ResetSignIn(ctx context.Context, p appliance.Principal, id appliance.UserID) (appliance.NewSecret, error)
}

type memberRoutes struct{ members Members }

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

// AddedMember is a new pupil and what they sign in with.
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

func (s *memberRoutes) register(api *transport.Server) {
	transport.Register(api, peopleOp("listMembers", http.MethodGet, "/{org}/members", "People of the school, by name"), func(ctx context.Context, in *membersInput) (*output[appliance.Page[appliance.User]], error) {
		page, err := s.members.Members(ctx, principalOf(ctx), appliance.UserFilter{Search: in.Search, Role: in.Role, Class: in.Class, Cursor: in.Cursor, Limit: in.Limit})
		return to(noNull(page), err)
	})
	transport.Register(api, peopleOp("addMember", http.MethodPost, "/{org}/members", "Add a pupil"), func(ctx context.Context, in *addMemberInput) (*output[AddedMember], error) {
		u, secret, err := s.members.AddStudent(ctx, principalOf(ctx), in.Body.Name, in.Body.Classes)
		return to(AddedMember{wholeUser(u), secret}, err)
	})
	transport.Register(api, peopleOp("getMember", http.MethodGet, "/{org}/members/{user}", "One person"), func(ctx context.Context, in *MemberPath) (*output[appliance.User], error) {
		return to(s.members.Member(ctx, principalOf(ctx), in.User))
	})
	transport.Register(api, peopleOp("updateMember", http.MethodPatch, "/{org}/members/{user}", "Change a person's name, role, or whether they may sign in"), func(ctx context.Context, in *updateMemberInput) (*output[appliance.User], error) {
		b := in.Body
		return to(s.members.UpdateMember(ctx, principalOf(ctx), appliance.User{ID: in.User, Name: b.Name, Email: b.Email, Language: b.Language, Role: b.Role, Disabled: b.Disabled, Version: b.Version}))
	})
	transport.Register(api, peopleOp("removeMember", http.MethodDelete, "/{org}/members/{user}", "Erase a person with their conversations"), func(ctx context.Context, in *MemberPath) (*struct{}, error) {
		return nil, s.members.RemoveMember(ctx, principalOf(ctx), in.User)
	})
	transport.Register(api, peopleOp("resetMember", http.MethodPost, "/{org}/members/{user}/reset", "Give a person new pictures, a new PIN or a new password"), func(ctx context.Context, in *MemberPath) (*output[appliance.NewSecret], error) {
		return to(s.members.ResetSignIn(ctx, principalOf(ctx), in.User))
	})
}
