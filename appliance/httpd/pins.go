package httpd

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/transport"
)

// Pins are the right answers that teachers pin to questions; *tutor.Pins is the
// real one.
type Pins interface {
	List(ctx context.Context, p appliance.Principal, search, cursor string, limit int) (appliance.Page[appliance.Pin], error)
	Add(ctx context.Context, p appliance.Principal, n appliance.PinContent) (appliance.Pin, error)
	Update(ctx context.Context, p appliance.Principal, id string, n appliance.PinContent) (appliance.Pin, error)
	Remove(ctx context.Context, p appliance.Principal, id string) error
	BringBack(ctx context.Context, p appliance.Principal, id string) (appliance.Pin, error)
}

type pinRoutes struct{ pins Pins }

type pinsInput struct {
	Search string `query:"search" maxLength:"200" doc:"Words in the question or the answer"`
	Cursor string `query:"cursor" maxLength:"200"`
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"50"`
}

// PinPath names a pinned answer.
type PinPath struct {
	Pin string `path:"pin" maxLength:"64" pattern:"^[A-Za-z0-9_-]+$" doc:"Its id"`
}

type newPinInput struct{ Body appliance.PinContent }

type changePinInput struct {
	PinPath
	Body appliance.PinContent
}

func (s *pinRoutes) register(api *transport.Server) {
	tag := []string{"tutors"}
	transport.Register(api, huma.Operation{OperationID: "listPins", Method: http.MethodGet, Path: "/api/v1/pins",
		Summary: "Answers that teachers have pinned to questions, newest first", Tags: tag},
		func(ctx context.Context, in *pinsInput) (*output[appliance.Page[appliance.Pin]], error) {
			page, err := s.pins.List(ctx, principalOf(ctx), in.Search, in.Cursor, in.Limit)
			return &output[appliance.Page[appliance.Pin]]{noNull(page)}, err
		})
	transport.Register(api, huma.Operation{OperationID: "addPin", Method: http.MethodPost, Path: "/api/v1/pins", DefaultStatus: http.StatusCreated,
		Summary: "Pin the right answer to a question", Tags: tag,
		Description: "Whoever asks the same question then gets it, instead of what a model would write."},
		func(ctx context.Context, in *newPinInput) (*output[appliance.Pin], error) {
			pin, err := s.pins.Add(ctx, principalOf(ctx), in.Body)
			return &output[appliance.Pin]{pin}, err
		})
	transport.Register(api, huma.Operation{OperationID: "updatePin", Method: http.MethodPut, Path: "/api/v1/pins/{pin}",
		Summary: "Change a pinned answer", Tags: tag},
		func(ctx context.Context, in *changePinInput) (*output[appliance.Pin], error) {
			pin, err := s.pins.Update(ctx, principalOf(ctx), in.Pin, in.Body)
			return &output[appliance.Pin]{pin}, err
		})
	transport.Register(api, huma.Operation{OperationID: "removePin", Method: http.MethodDelete, Path: "/api/v1/pins/{pin}",
		Summary: "Remove a pinned answer; until the night it can be brought back", Tags: tag},
		func(ctx context.Context, in *PinPath) (*struct{}, error) {
			return nil, s.pins.Remove(ctx, principalOf(ctx), in.Pin)
		})
	transport.Register(api, huma.Operation{OperationID: "bringBackPin", Method: http.MethodPost, Path: "/api/v1/pins/{pin}/back",
		Summary: "Take back that a pinned answer was removed", Tags: tag},
		func(ctx context.Context, in *PinPath) (*output[appliance.Pin], error) {
			pin, err := s.pins.BringBack(ctx, principalOf(ctx), in.Pin)
			return &output[appliance.Pin]{pin}, err
		})
}
