package httpd

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/transport"
)

// Models are those that the tutor asks; *orchestrator.Service is the real one.
type Models interface {
	Settings(ctx context.Context, who appliance.Principal) (appliance.ModelSettings, error)
	SaveSettings(ctx context.Context, who appliance.Principal, m appliance.ModelSettings) (appliance.ModelSettings, error)
	Try(ctx context.Context, who appliance.Principal, p appliance.Provider) ([]string, error)
	Usage(ctx context.Context, who appliance.Principal, days int) ([]appliance.Usage, error)
}

type modelRoutes struct {
	models Models
	onBox  func() []appliance.BoxModel
}

// BoxModelList is the catalogue.
type BoxModelList struct {
	Models []appliance.BoxModel `json:"models"`
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

func (s *modelRoutes) register(api *transport.Server) {
	tag := []string{"models"}
	transport.Register(api, huma.Operation{OperationID: "getModels", Method: http.MethodGet, Path: "/api/v1/orgs/{org}/models",
		Summary: "Which models the tutor may ask", Tags: tag, Description: "Keys are never told."},
		func(ctx context.Context, _ *OrgPath) (*output[appliance.ModelSettings], error) {
			m, err := s.models.Settings(ctx, principalOf(ctx))
			return &output[appliance.ModelSettings]{m}, err
		})
	transport.Register(api, huma.Operation{OperationID: "setModels", Method: http.MethodPut, Path: "/api/v1/orgs/{org}/models",
		Summary: "Say which models the tutor may ask", Tags: tag,
		Description: "Nothing leaves the box for a provider whose `allow_external` is off."},
		func(ctx context.Context, in *setModelsInput) (*output[appliance.ModelSettings], error) {
			m, err := s.models.SaveSettings(ctx, principalOf(ctx), in.Body)
			return &output[appliance.ModelSettings]{m}, err
		})
	transport.Register(api, huma.Operation{OperationID: "listBoxModels", Method: http.MethodGet, Path: "/api/v1/orgs/{org}/models/box",
		Summary: "Models that the box has or could have", Tags: tag,
		Description: "With their licences, the notices that these want shown, and how chat models did in the box's self-test. They are fetched and chosen at the box itself."},
		func(context.Context, *OrgPath) (*output[BoxModelList], error) {
			return &output[BoxModelList]{BoxModelList{s.onBox()}}, nil
		})
	transport.Register(api, huma.Operation{OperationID: "tryModel", Method: http.MethodPost, Path: "/api/v1/orgs/{org}/models/try",
		Summary: "Try a connection, without a question of anybody", Tags: tag},
		func(ctx context.Context, in *tryModelInput) (*output[Offered], error) {
			names, err := s.models.Try(ctx, principalOf(ctx), in.Body)
			return &output[Offered]{Offered{names}}, err
		})
	transport.Register(api, huma.Operation{OperationID: "getUsage", Method: http.MethodGet, Path: "/api/v1/orgs/{org}/usage",
		Summary: "Tokens, seconds and cost of each model", Tags: tag},
		func(ctx context.Context, in *usageInput) (*output[UsageReport], error) {
			days, err := s.models.Usage(ctx, principalOf(ctx), in.Days)
			return &output[UsageReport]{UsageReport{days, totals(days)}}, err
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
