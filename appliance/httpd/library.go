package httpd

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/problem"
	"github.com/bwenge-os/bwenge/internal/transport"
)

// Library is how a school keeps its material in order.
type Library interface {
	Labels(ctx context.Context, p appliance.Principal) (appliance.SourceLabels, error)
	BringBack(ctx context.Context, p appliance.Principal, id string) (appliance.Source, error)
	Erase(ctx context.Context, p appliance.Principal, id string) error
	ChangeMany(ctx context.Context, p appliance.Principal, ids []string, c appliance.ManyChange) (changed []appliance.Source, refused map[string]problem.Problem, err error)
}

func (s *materialRoutes) libraryRoutes(api *transport.Server) {
	transport.Register(api, huma.Operation{
		OperationID: "listLabels", Method: http.MethodGet, Path: "/api/v1/knowledge/labels",
		Summary: "The subjects, grades and folders in use", Tags: []string{"material"},
	}, s.listLabels)
	transport.Register(api, huma.Operation{
		OperationID: "changeSources", Method: http.MethodPost, Path: "/api/v1/knowledge/change",
		Summary: "Change or delete many sources at once", Tags: []string{"material"},
		Description: "In one transaction. What somebody may not change is left out, and told.",
	}, s.changeSources)
	transport.Register(api, huma.Operation{
		OperationID: "bringBackSource", Method: http.MethodPost, Path: "/api/v1/knowledge/{id}/bring-back",
		Summary: "Bring a deleted source back", Tags: []string{"material"},
	}, s.bringBackSource)
	transport.Register(api, huma.Operation{
		OperationID: "eraseSource", Method: http.MethodDelete, Path: "/api/v1/knowledge/{id}/deleted",
		Summary: "Erase a deleted source for good", Tags: []string{"material"},
	}, s.eraseSource)
}

type labelsOutput struct{ Body appliance.SourceLabels }

func (s *materialRoutes) listLabels(ctx context.Context, _ *struct{}) (*labelsOutput, error) {
	labels, err := s.material.Labels(ctx, principalOf(ctx))
	return &labelsOutput{labels}, err
}

type changeSourcesInput struct {
	Body struct {
		IDs     []string             `json:"ids" minItems:"1" maxItems:"200"`
		Subject *string              `json:"subject,omitempty" maxLength:"200"`
		Grade   *string              `json:"grade,omitempty" maxLength:"200"`
		Folder  *string              `json:"folder,omitempty" maxLength:"1000"`
		Classes *[]appliance.ClassID `json:"classes,omitempty" maxItems:"200" doc:"Whom they are for; an empty list for the whole school"`
		Delete  bool                 `json:"delete,omitempty" doc:"Delete them instead; for a day they can be brought back"`
	}
}

// Refused is a source that was left as it is.
type Refused struct {
	ID      string          `json:"id"`
	Problem problem.Problem `json:"problem"`
}

// ChangedSources is what came of changing many.
type ChangedSources struct {
	Changed []appliance.Source `json:"changed"`
	Refused []Refused          `json:"refused"`
}

type changeSourcesOutput struct{ Body ChangedSources }

func (s *materialRoutes) changeSources(ctx context.Context, in *changeSourcesInput) (*changeSourcesOutput, error) {
	changed, refused, err := s.material.ChangeMany(ctx, principalOf(ctx), in.Body.IDs, appliance.ManyChange{
		Change:  appliance.SourceChange{Subject: in.Body.Subject, Grade: in.Body.Grade, Folder: in.Body.Folder},
		Classes: in.Body.Classes, Delete: in.Body.Delete,
	})
	out := ChangedSources{Changed: append([]appliance.Source{}, changed...), Refused: []Refused{}}
	for _, id := range in.Body.IDs {
		if p, ok := refused[id]; ok {
			out.Refused = append(out.Refused, Refused{id, p})
			delete(refused, id)
		}
	}
	return &changeSourcesOutput{out}, err
}

func (s *materialRoutes) bringBackSource(ctx context.Context, in *SourcePath) (*sourceOutput, error) {
	src, err := s.material.BringBack(ctx, principalOf(ctx), in.ID)
	return &sourceOutput{src}, err
}

func (s *materialRoutes) eraseSource(ctx context.Context, in *SourcePath) (*struct{}, error) {
	return nil, s.material.Erase(ctx, principalOf(ctx), in.ID)
}
