package httpd

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/transport"
)

// Wrongs is how teachers say that a passage of their material is wrong.
type Wrongs interface {
	MarkWrong(ctx context.Context, p appliance.Principal, id string, passage int64, wrong bool) (appliance.Chunk, error)
	Passages(ctx context.Context, p appliance.Principal, id string, number int) ([]appliance.Chunk, error)
}

type passageInput struct {
	SourcePath
	Passage int64 `path:"passage" minimum:"1" doc:"The passage's id"`
}

// PagePassages are the passages that stand on a page of a source's text.
type PagePassages struct {
	Passages []appliance.Chunk `json:"passages"`
}

func (s *materialRoutes) wrongRoutes(api *transport.Server) {
	tag := []string{"material"}
	transport.Register(api, huma.Operation{OperationID: "listPassages", Method: http.MethodGet, Path: "/api/v1/knowledge/{id}/text/{number}/passages",
		Summary: "The passages of a page, as they are found", Tags: tag},
		func(ctx context.Context, in *PagePath) (*output[PagePassages], error) {
			list, err := s.material.Passages(ctx, principalOf(ctx), in.ID, in.Number)
			return &output[PagePassages]{PagePassages{list}}, err
		})
	mark := func(wrong bool) func(context.Context, *passageInput) (*output[appliance.Chunk], error) {
		return func(ctx context.Context, in *passageInput) (*output[appliance.Chunk], error) {
			c, err := s.material.MarkWrong(ctx, principalOf(ctx), in.ID, in.Passage, wrong)
			return &output[appliance.Chunk]{c}, err
		}
	}
	transport.Register(api, huma.Operation{OperationID: "markWrong", Method: http.MethodPut, Path: "/api/v1/knowledge/{id}/passages/{passage}/wrong",
		Summary: "Mark a passage as wrong", Tags: tag, Description: "It is left out of search and answers, and stays in the text."}, mark(true))
	transport.Register(api, huma.Operation{OperationID: "unmarkWrong", Method: http.MethodDelete, Path: "/api/v1/knowledge/{id}/passages/{passage}/wrong",
		Summary: "Take that back", Tags: tag}, mark(false))
}
