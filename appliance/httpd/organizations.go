package httpd

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/transport"
)

// Schools are the schools on a box; *accounts.Service is the real one.
type Schools interface {
	Organizations(ctx context.Context, p appliance.Principal) ([]appliance.Organization, error)
	Organization(ctx context.Context, p appliance.Principal) (appliance.Organization, error)
	CreateOrganization(ctx context.Context, p appliance.Principal, name, language string) (appliance.Organization, appliance.Invitation, error)
	UpdateOrganization(ctx context.Context, p appliance.Principal, o appliance.Organization) (appliance.Organization, error)
	EraseOrganization(ctx context.Context, p appliance.Principal, typed string) error
}

type organizationRoutes struct {
	*Server
	schools Schools
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

// to wraps a service's answer as a body.
func to[T any](v T, err error) (*output[T], error) { return &output[T]{v}, err }

// peopleOp is an operation below a school.
func peopleOp(id, method, path, summary string) huma.Operation {
	return huma.Operation{OperationID: id, Method: method, Path: "/api/v1/orgs" + path, Summary: summary, Tags: []string{"people"}}
}

func (s *organizationRoutes) register(api *transport.Server) {
	transport.Register(api, peopleOp("listOrganizations", http.MethodGet, "", "The schools on this box"), func(ctx context.Context, _ *struct{}) (*output[Organizations], error) {
		all, err := s.schools.Organizations(ctx, principalOf(ctx))
		return to(Organizations{all}, err)
	})
	transport.Register(api, peopleOp("createOrganization", http.MethodPost, "", "Make another school on this box"), func(ctx context.Context, in *createOrgInput) (*output[CreatedOrganization], error) {
		o, i, err := s.schools.CreateOrganization(ctx, principalOf(ctx), in.Body.Name, in.Body.Language)
		return to(CreatedOrganization{o, s.sent(ctx, i)}, err)
	})
	transport.Register(api, peopleOp("getOrganization", http.MethodGet, "/{org}", "One's own school"), func(ctx context.Context, _ *OrgPath) (*output[appliance.Organization], error) {
		return to(s.schools.Organization(ctx, principalOf(ctx)))
	})
	transport.Register(api, peopleOp("updateOrganization", http.MethodPatch, "/{org}", "Change the school"), func(ctx context.Context, in *updateOrgInput) (*output[appliance.Organization], error) {
		b := in.Body
		return to(s.schools.UpdateOrganization(ctx, principalOf(ctx), appliance.Organization{Name: b.Name, Slug: b.Slug, Language: b.Language, Settings: b.Settings, Version: b.Version}))
	})
	transport.Register(api, peopleOp("eraseOrganization", http.MethodDelete, "/{org}", "Erase the school with everything in it"), func(ctx context.Context, in *eraseOrgInput) (*struct{}, error) {
		return nil, s.schools.EraseOrganization(context.WithoutCancel(ctx), principalOf(ctx), in.Name)
	})
}
