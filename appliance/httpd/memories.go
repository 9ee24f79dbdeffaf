package httpd

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/transport"
)

// MemoryStore is what the tutor keeps about people; *sqlite.Store is the real
// one.
type MemoryStore interface {
	Memories(ctx context.Context, org appliance.OrgID, user appliance.UserID) ([]appliance.Memory, error)
	DeleteMemory(ctx context.Context, org appliance.OrgID, user appliance.UserID, id string, entries ...appliance.AuditEntry) error
}

type memoryRoutes struct {
	memories MemoryStore
	schools  Schools
}

// Memories is what the tutor keeps about somebody.
type Memories struct {
	Memories []appliance.Memory `json:"memories"`
	Enabled  bool               `json:"enabled" doc:"Whether the school lets the tutor keep anything"`
}

type memoryInput struct {
	Memory string `path:"memory" maxLength:"64" doc:"Its id"`
}

func (s *memoryRoutes) register(api *transport.Server) {
	transport.Register(api, huma.Operation{OperationID: "listMemories", Method: http.MethodGet, Path: "/api/v1/users/me/memories",
		Summary: "What the tutor remembers about oneself", Tags: []string{"sign-in"}}, s.listMemories)
	transport.Register(api, huma.Operation{OperationID: "deleteMemory", Method: http.MethodDelete, Path: "/api/v1/users/me/memories/{memory}",
		Summary: "Let the tutor forget one thing", Tags: []string{"sign-in"}},
		func(ctx context.Context, in *memoryInput) (*struct{}, error) {
			p := principalOf(ctx)
			return nil, s.memories.DeleteMemory(ctx, p.Org, p.User, in.Memory, p.Did("memory.deleted", ""))
		})
	transport.Register(api, huma.Operation{OperationID: "deleteMemories", Method: http.MethodDelete, Path: "/api/v1/users/me/memories",
		Summary: "Let the tutor forget everything about oneself", Tags: []string{"sign-in"}},
		func(ctx context.Context, _ *struct{}) (*struct{}, error) {
			p := principalOf(ctx)
			return nil, s.memories.DeleteMemory(ctx, p.Org, p.User, "", p.Did("memory.deleted", "").With("all", true))
		})
}

func (s *memoryRoutes) listMemories(ctx context.Context, _ *struct{}) (*output[Memories], error) {
	p := principalOf(ctx)
	list, err := s.memories.Memories(ctx, p.Org, p.User)
	if err != nil {
		return nil, err
	}
	o, err := s.schools.Organization(ctx, p)
	return &output[Memories]{Memories{list, o.Settings.Memory}}, err
}
