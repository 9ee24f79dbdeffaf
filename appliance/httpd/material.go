package httpd

import (
	"context"
	"io"
	"net/http"
	"os"

	"github.com/danielgtaylor/huma/v2"

	"github.com/bwenge-os/bwenge/appliance"
)

// Material is what the box does with sources.
type Material interface {
	// Add stores a file and queues it. size is what r will give at most, -1 if
	// nobody knows; a disk without that much room is ENoSpace before the first
	// read. A source with the same bytes is returned with existed true. When r
	// fails, nothing stays behind.
	Add(ctx context.Context, org appliance.OrgID, name string, r io.Reader, size int64) (src appliance.Source, existed bool, err error)
	Source(ctx context.Context, org appliance.OrgID, id string) (appliance.Source, error)
	Sources(ctx context.Context, org appliance.OrgID, f appliance.SourceFilter) (appliance.Page[appliance.Source], error)
	Chunks(ctx context.Context, org appliance.OrgID, sourceID string, fromSeq, limit int) (appliance.Page[appliance.Chunk], error)
	Delete(ctx context.Context, org appliance.OrgID, id string) error
	Retry(ctx context.Context, org appliance.OrgID, id string) (appliance.Source, error)
	Cancel(ctx context.Context, org appliance.OrgID, id string) (appliance.Source, error)
	// Open returns the original file; the caller closes it.
	Open(ctx context.Context, org appliance.OrgID, id string) (*os.File, appliance.Source, error)
	// Watch sends each change of a source until ctx ends. It closes the channel
	// of a reader who falls behind.
	Watch(ctx context.Context, org appliance.OrgID) <-chan appliance.Source
}

type sourceInput struct {
	ID string `path:"id" maxLength:"64" pattern:"^[A-Za-z0-9_-]+$" doc:"The source's id"`
}

type sourceOutput struct{ Body appliance.Source }

type sourcesInput struct {
	Search string           `query:"search" maxLength:"200" doc:"Words in the title, any case"`
	Status appliance.Status `query:"status" doc:"Only sources of this status"`
	Cursor string           `query:"cursor" maxLength:"200" doc:"next of the page before"`
	Limit  int              `query:"limit" minimum:"1" maximum:"100" default:"50"`
}

type sourcesOutput struct {
	Body appliance.Page[appliance.Source]
}

type chunksInput struct {
	ID    string `path:"id" maxLength:"64" pattern:"^[A-Za-z0-9_-]+$" doc:"The source's id"`
	From  int    `query:"from" minimum:"0" doc:"First seq"`
	Limit int    `query:"limit" minimum:"1" maximum:"100" default:"50"`
}

type chunksOutput struct {
	Body appliance.Page[appliance.Chunk]
}

func (s *Server) materialRoutes(api huma.API) {
	s.uploadRoute(api)
	s.fileRoute(api)
	huma.Register(api, huma.Operation{
		OperationID: "listSources", Method: http.MethodGet, Path: "/api/v1/knowledge",
		Summary: "List sources, newest first", Tags: []string{"material"},
	}, s.listSources)
	huma.Register(api, huma.Operation{
		OperationID: "getSource", Method: http.MethodGet, Path: "/api/v1/knowledge/{id}/status",
		Summary: "How a source is doing", Tags: []string{"material"},
	}, s.getSource)
	huma.Register(api, huma.Operation{
		OperationID: "listChunks", Method: http.MethodGet, Path: "/api/v1/knowledge/{id}/chunks",
		Summary: "The text that was read from a source", Tags: []string{"material"},
	}, s.listChunks)
	huma.Register(api, huma.Operation{
		OperationID: "retrySource", Method: http.MethodPost, Path: "/api/v1/knowledge/{id}/retry",
		Summary: "Try a failed or cancelled source again", Tags: []string{"material"},
	}, s.retrySource)
	huma.Register(api, huma.Operation{
		OperationID: "cancelSource", Method: http.MethodPost, Path: "/api/v1/knowledge/{id}/cancel",
		Summary: "Stop working on a source", Tags: []string{"material"},
	}, s.cancelSource)
	huma.Register(api, huma.Operation{
		OperationID: "deleteSource", Method: http.MethodDelete, Path: "/api/v1/knowledge/{id}",
		Summary: "Remove a source with its file, text and vectors", Tags: []string{"material"},
	}, s.deleteSource)
	huma.Register(api, huma.Operation{
		OperationID: "watchSources", Method: http.MethodGet, Path: "/api/v1/knowledge/events",
		Summary:     "Follow the changes of all sources",
		Description: "Server-sent events named `source`, each with a source as JSON. The stream begins before its first event, so list the sources when it opens. It has no history: list again after a reconnect.",
		Tags:        []string{"material"},
		Responses:   eventStream(api, "Changes", appliance.Source{}),
	}, s.watchSources)
}

func (s *Server) listSources(ctx context.Context, in *sourcesInput) (*sourcesOutput, error) {
	page, err := s.parts.Material.Sources(ctx, orgOf(ctx), appliance.SourceFilter{
		Search: in.Search, Status: in.Status, Cursor: in.Cursor, Limit: in.Limit,
	})
	return &sourcesOutput{noNull(page)}, err
}

func (s *Server) getSource(ctx context.Context, in *sourceInput) (*sourceOutput, error) {
	src, err := s.parts.Material.Source(ctx, orgOf(ctx), in.ID)
	return &sourceOutput{src}, err
}

func (s *Server) listChunks(ctx context.Context, in *chunksInput) (*chunksOutput, error) {
	page, err := s.parts.Material.Chunks(ctx, orgOf(ctx), in.ID, in.From, in.Limit)
	return &chunksOutput{noNull(page)}, err
}

func (s *Server) retrySource(ctx context.Context, in *sourceInput) (*sourceOutput, error) {
	src, err := s.parts.Material.Retry(ctx, orgOf(ctx), in.ID)
	return &sourceOutput{src}, err
}

func (s *Server) cancelSource(ctx context.Context, in *sourceInput) (*sourceOutput, error) {
	src, err := s.parts.Material.Cancel(ctx, orgOf(ctx), in.ID)
	return &sourceOutput{src}, err
}

func (s *Server) deleteSource(ctx context.Context, in *sourceInput) (*struct{}, error) {
	return nil, s.parts.Material.Delete(ctx, orgOf(ctx), in.ID)
}

func (s *Server) watchSources(ctx context.Context, _ *struct{}) (*huma.StreamResponse, error) {
	// Watching starts before the stream opens, so that a client which lists the
	// sources once it is open misses nothing.
	changes := s.parts.Material.Watch(ctx, orgOf(ctx))
	return raw(func(w http.ResponseWriter, r *http.Request) error {
		stream, ctx, stop := s.openStream(w, r)
		defer stop()
		for {
			select {
			case src, ok := <-changes:
				if !ok {
					return nil // it fell behind, or the box stops: the client reconnects
				}
				if stream.send("source", "", src) != nil {
					return nil
				}
			case <-ctx.Done():
				return nil
			}
		}
	}), nil
}

// noNull makes an empty list [] in JSON.
func noNull[T any](p appliance.Page[T]) appliance.Page[T] {
	if p.Items == nil {
		p.Items = []T{}
	}
	return p
}
