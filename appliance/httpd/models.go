package httpd

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/bwenge-os/bwenge/appliance"
)

// Models is the door to the models; *orchestrator.Service is the real one.
type Models interface {
	Settings(ctx context.Context, who appliance.Principal) (appliance.ModelSettings, error)
	SaveSettings(ctx context.Context, who appliance.Principal, m appliance.ModelSettings) (appliance.ModelSettings, error)
	Try(ctx context.Context, who appliance.Principal, p appliance.Provider) ([]string, error)
	Usage(ctx context.Context, who appliance.Principal, days int) ([]appliance.Usage, error)
}

// Keys are an organization's API keys; *auth.Service is the real one.
type Keys interface {
	NewAPIKey(ctx context.Context, who appliance.Principal, name, personaID string) (key string, k appliance.APIKey, err error)
	APIKeys(ctx context.Context, who appliance.Principal) ([]appliance.APIKey, error)
	DeleteAPIKey(ctx context.Context, who appliance.Principal, id string) error
	// Program says who a key belongs to.
	Program(ctx context.Context, key string) (appliance.Principal, error)
}

type setModelsInput struct {
	OrgPath
	Body appliance.ModelSettings
}

type tryModelInput struct {
	OrgPath
	Body appliance.Provider
}

// Offered is what a model server has.
type Offered struct {
	Models []string `json:"models"`
}

type usageInput struct {
	OrgPath
	Days int `query:"days" minimum:"1" maximum:"366" default:"30" doc:"Today and the days before"`
}

// UsageReport is what models have cost.
type UsageReport struct {
	Days  []appliance.Usage `json:"days" doc:"By day, provider and model; newest first"`
	Total []appliance.Usage `json:"total" doc:"By provider and model"`
}

type keyInput struct {
	OrgPath
	Key string `path:"key" maxLength:"64" doc:"The key's id"`
}

type newKeyInput struct {
	OrgPath
	Body struct {
		Name      string `json:"name" minLength:"1" maxLength:"80" doc:"What it is for"`
		PersonaID string `json:"persona_id,omitempty" maxLength:"64" pattern:"^[A-Za-z0-9_-]*$"`
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

func (s *Server) modelRoutes(api huma.API) {
	tag := []string{"models"}
	register(s, api, huma.Operation{OperationID: "getModels", Method: http.MethodGet, Path: "/api/v1/orgs/{org}/models",
		Summary: "Which models the tutor may ask", Tags: tag, Description: "Keys are never told."},
		func(ctx context.Context, _ *OrgPath) (*output[appliance.ModelSettings], error) {
			m, err := s.parts.Models.Settings(ctx, principalOf(ctx))
			return &output[appliance.ModelSettings]{m}, err
		})
	register(s, api, huma.Operation{OperationID: "setModels", Method: http.MethodPut, Path: "/api/v1/orgs/{org}/models",
		Summary: "Say which models the tutor may ask", Tags: tag,
		Description: "Nothing leaves the box for a provider whose `leaves` is off."},
		func(ctx context.Context, in *setModelsInput) (*output[appliance.ModelSettings], error) {
			m, err := s.parts.Models.SaveSettings(ctx, principalOf(ctx), in.Body)
			return &output[appliance.ModelSettings]{m}, err
		})
	register(s, api, huma.Operation{OperationID: "tryModel", Method: http.MethodPost, Path: "/api/v1/orgs/{org}/models/try",
		Summary: "Try a connection, without a question of anybody", Tags: tag},
		func(ctx context.Context, in *tryModelInput) (*output[Offered], error) {
			names, err := s.parts.Models.Try(ctx, principalOf(ctx), in.Body)
			return &output[Offered]{Offered{names}}, err
		})
	register(s, api, huma.Operation{OperationID: "getUsage", Method: http.MethodGet, Path: "/api/v1/orgs/{org}/usage",
		Summary: "Tokens, seconds and cost of each model", Tags: tag},
		func(ctx context.Context, in *usageInput) (*output[UsageReport], error) {
			days, err := s.parts.Models.Usage(ctx, principalOf(ctx), in.Days)
			return &output[UsageReport]{UsageReport{days, totals(days)}}, err
		})
	register(s, api, huma.Operation{OperationID: "listAPIKeys", Method: http.MethodGet, Path: "/api/v1/orgs/{org}/keys",
		Summary: "Keys by which programs use the tutor", Tags: tag},
		func(ctx context.Context, _ *OrgPath) (*output[APIKeys], error) {
			list, err := s.parts.Keys.APIKeys(ctx, principalOf(ctx))
			return &output[APIKeys]{APIKeys{list}}, err
		})
	register(s, api, huma.Operation{OperationID: "addAPIKey", Method: http.MethodPost, Path: "/api/v1/orgs/{org}/keys", DefaultStatus: http.StatusCreated,
		Summary: "Make a key for a program", Tags: tag, Description: "The secret is told only now. The program reads what the whole school's material says, or the persona's."},
		func(ctx context.Context, in *newKeyInput) (*output[NewKey], error) {
			secret, k, err := s.parts.Keys.NewAPIKey(ctx, principalOf(ctx), in.Body.Name, in.Body.PersonaID)
			return &output[NewKey]{NewKey{secret, k}}, err
		})
	register(s, api, huma.Operation{OperationID: "deleteAPIKey", Method: http.MethodDelete, Path: "/api/v1/orgs/{org}/keys/{key}",
		Summary: "End a key", Tags: tag},
		func(ctx context.Context, in *keyInput) (*struct{}, error) {
			return nil, s.parts.Keys.DeleteAPIKey(ctx, principalOf(ctx), in.Key)
		})
}

func totals(days []appliance.Usage) []appliance.Usage {
	list := []appliance.Usage{}
	at := map[[2]string]int{}
	for _, u := range days {
		key := [2]string{u.Provider, u.Model}
		i, ok := at[key]
		if !ok {
			i = len(list)
			at[key] = i
			list = append(list, appliance.Usage{Provider: u.Provider, Model: u.Model})
		}
		x := &list[i]
		x.Requests += u.Requests
		x.PromptTokens += u.PromptTokens
		x.CompletionTokens += u.CompletionTokens
		x.Seconds += u.Seconds
		x.Cost += u.Cost
	}
	return list
}
