package httpd

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/transport"
)

func (s *materialRoutes) archiveRoutes(api *transport.Server) {
	transport.Register(api, huma.Operation{
		OperationID: "getArchive", Method: http.MethodGet, Path: "/api/v1/knowledge/{id}/archive",
		Summary:     "What a ZIM file holds, what all of it would cost, and what was chosen of it",
		Description: "A ZIM file that was added waits in the status `choosing` until somebody has taken it or a part of it in.",
		Tags:        []string{"material"},
	}, s.getArchive)
	transport.Register(api, huma.Operation{
		OperationID: "estimateArchive", Method: http.MethodPost, Path: "/api/v1/knowledge/{id}/archive/estimate",
		Summary: "What a part of a ZIM file would cost", Tags: []string{"material"},
		Description: "Without any field it is all of it.",
	}, s.estimateArchive)
	transport.Register(api, huma.Operation{
		OperationID: "takeArchive", Method: http.MethodPost, Path: "/api/v1/knowledge/{id}/archive",
		Summary: "Take a ZIM file or a part of it in", Tags: []string{"material"},
		Description: "Without any field it is all of it. Its articles can be found by their words as they are read, and by their meaning when the background has made their vectors.",
	}, s.takeArchive)
}

type archiveOutput struct{ Body appliance.ArchiveState }

func (s *materialRoutes) getArchive(ctx context.Context, in *SourcePath) (*archiveOutput, error) {
	a, err := s.material.Archive(ctx, principalOf(ctx), in.ID)
	return &archiveOutput{a}, err
}

type selectionInput struct {
	SourcePath
	Body appliance.ArchiveSelection
}

type estimateOutput struct{ Body appliance.ArchiveEstimate }

func (s *materialRoutes) estimateArchive(ctx context.Context, in *selectionInput) (*estimateOutput, error) {
	e, err := s.material.EstimateArchive(ctx, principalOf(ctx), in.ID, in.Body)
	return &estimateOutput{e}, err
}

func (s *materialRoutes) takeArchive(ctx context.Context, in *selectionInput) (*sourceOutput, error) {
	src, err := s.material.TakeArchive(ctx, principalOf(ctx), in.ID, in.Body)
	return &sourceOutput{src}, err
}
