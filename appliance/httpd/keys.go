package httpd

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/transport"
)

// Keys are an organization's API keys; *auth.Service is the real one.
type Keys interface {
	NewAPIKey(ctx context.Context, who appliance.Principal, name, personaID string, days int) (key string, k appliance.APIKey, err error)
	APIKeys(ctx context.Context, who appliance.Principal) ([]appliance.APIKey, error)
	DeleteAPIKey(ctx context.Context, who appliance.Principal, id string) error
	// Program says who a key belongs to.
	Program(ctx context.Context, key string) (appliance.Principal, error)
}

type keyRoutes struct{ keys Keys }

type keyInput struct {
	OrgPath
	Key string `path:"key" maxLength:"64" doc:"The key's id"`
}

type newKeyInput struct {
	OrgPath
	Body struct {
		Name      string `json:"name" minLength:"1" maxLength:"80" doc:"What it is for"`
		PersonaID string `json:"persona_id,omitempty" maxLength:"64" pattern:"^[A-Za-z0-9_-]*$" doc:"The only tutor that it may ask; empty for all"`
		Days      int    `json:"days,omitempty" minimum:"1" maximum:"3660" default:"365" doc:"How long it is good, by the box's own clock"`
	}
}

// NewKey is a key; it is told only now.
type NewKey struct {
	Secret string           `json:"secret"`
	Key    appliance.APIKey `json:"key"`
}

// APIKeys are an organization's keys.
type APIKeys struct {
	Keys []appliance.APIKey `json:"keys"`
}

func (s *keyRoutes) register(api *transport.Server) {
	tag := []string{"models"}
	transport.Register(api, huma.Operation{OperationID: "listAPIKeys", Method: http.MethodGet, Path: "/api/v1/orgs/{org}/keys",
		Summary: "Keys by which programs use the tutor", Tags: tag},
		func(ctx context.Context, _ *OrgPath) (*output[APIKeys], error) {
			list, err := s.keys.APIKeys(ctx, principalOf(ctx))
			return &output[APIKeys]{APIKeys{list}}, err
		})
	transport.Register(api, huma.Operation{OperationID: "addAPIKey", Method: http.MethodPost, Path: "/api/v1/orgs/{org}/keys", DefaultStatus: http.StatusCreated,
		Summary: "Make a key for a program", Tags: tag, Description: "The secret is told only now. The program reads all of the school's material, or, with a persona, what is for that persona's classes, and asks no other persona. It ends after its days, or when whoever made it is erased, disabled or leaves the office."},
		func(ctx context.Context, in *newKeyInput) (*output[NewKey], error) {
			secret, k, err := s.keys.NewAPIKey(ctx, principalOf(ctx), in.Body.Name, in.Body.PersonaID, in.Body.Days)
			return &output[NewKey]{NewKey{secret, k}}, err
		})
	transport.Register(api, huma.Operation{OperationID: "deleteAPIKey", Method: http.MethodDelete, Path: "/api/v1/orgs/{org}/keys/{key}",
		Summary: "End a key", Tags: tag},
		func(ctx context.Context, in *keyInput) (*struct{}, error) {
			return nil, s.keys.DeleteAPIKey(ctx, principalOf(ctx), in.Key)
		})
}
