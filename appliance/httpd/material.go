package httpd

import (
	"bytes"
	"context"
	"io"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/transport"
)

// Material is the school's material as somebody may use it; *material.Service
// is the real one.
type Material interface {
	Text
	Library
	Wrongs
	// Add stores a file and queues it. size is what r will give at most, -1 if
	// nobody knows; a disk without that much room is ENoSpace before the first
	// read. A source with the same bytes is returned with existed true. When r
	// fails, nothing stays behind.
	Add(ctx context.Context, p appliance.Principal, n appliance.NewFile, r io.Reader, size int64) (src appliance.Source, existed bool, err error)
	Source(ctx context.Context, p appliance.Principal, id string) (appliance.Source, error)
	Sources(ctx context.Context, p appliance.Principal, f appliance.SourceFilter) (appliance.Page[appliance.Source], error)
	Chunks(ctx context.Context, p appliance.Principal, id string, wrong bool, fromSeq, limit int) (appliance.Page[appliance.Chunk], error)
	Delete(ctx context.Context, p appliance.Principal, id string) error
	Retry(ctx context.Context, p appliance.Principal, id string) (appliance.Source, error)
	Cancel(ctx context.Context, p appliance.Principal, id string) (appliance.Source, error)
	// Open returns the original file; the caller closes it.
	Open(ctx context.Context, p appliance.Principal, id string) (io.ReadSeekCloser, appliance.Source, error)
	Share(ctx context.Context, p appliance.Principal, id string, classes []appliance.ClassID) (appliance.Source, error)
	Archive(ctx context.Context, p appliance.Principal, id string) (appliance.ArchiveState, error)
	EstimateArchive(ctx context.Context, p appliance.Principal, id string, sel appliance.ArchiveSelection) (appliance.ArchiveEstimate, error)
	TakeArchive(ctx context.Context, p appliance.Principal, id string, sel appliance.ArchiveSelection) (appliance.Source, error)
	// Watch tells of each change of a source of the school until ctx ends;
	// Source says who may see it. It closes the channel of a reader who falls
	// behind.
	Watch(ctx context.Context, p appliance.Principal) <-chan appliance.Source
}

type materialRoutes struct {
	*Server
	material Material
}

// SourcePath names a source.
type SourcePath struct {
	ID string `path:"id" maxLength:"64" pattern:"^[A-Za-z0-9_-]+$" doc:"The source's id"`
}

type sourceOutput struct{ Body appliance.Source }

type sourcesInput struct {
	Search   string               `query:"search" maxLength:"200" doc:"Words in the title, any case"`
	Status   appliance.Status     `query:"status" doc:"Only sources of this status"`
	Kind     appliance.Kind       `query:"kind" doc:"Only sources of this kind"`
	Language string               `query:"language" maxLength:"10" doc:"Only sources in this language"`
	Subject  string               `query:"subject" maxLength:"200"`
	Grade    string               `query:"grade" maxLength:"200"`
	Folder   string               `query:"folder" maxLength:"1000" doc:"Only what lies in this folder, or in folders in it"`
	Class    appliance.ClassID    `query:"class" maxLength:"64" doc:"Only what is for this class"`
	Sort     appliance.SourceSort `query:"sort" enum:"newest,oldest,name,largest" doc:"The newest first if absent"`
	Deleted  bool                 `query:"deleted" doc:"Only what was deleted and can be brought back"`
	Cursor   string               `query:"cursor" maxLength:"200" doc:"next of the page before"`
	Limit    int                  `query:"limit" minimum:"1" maximum:"100" default:"50"`
}

type sourcesOutput struct {
	Body appliance.Page[appliance.Source]
}

type chunksInput struct {
	ID    string `path:"id" maxLength:"64" pattern:"^[A-Za-z0-9_-]+$" doc:"The source's id"`
	Wrong bool   `query:"wrong" doc:"Only what is marked as wrong"`
	From  int    `query:"from" minimum:"0" doc:"First seq"`
	Limit int    `query:"limit" minimum:"1" maximum:"100" default:"50"`
}

type chunksOutput struct {
	Body appliance.Page[appliance.Chunk]
}

func (s *materialRoutes) register(api *transport.Server) {
	s.uploadRoute(api)
	s.fileRoute(api)
	s.textRoutes(api)
	s.archiveRoutes(api)
	s.libraryRoutes(api)
	s.wrongRoutes(api)
	transport.Register(api, huma.Operation{
		OperationID: "listSources", Method: http.MethodGet, Path: "/api/v1/knowledge",
		Summary: "List sources, newest first", Tags: []string{"material"},
	}, s.listSources)
	transport.Register(api, huma.Operation{
		OperationID: "getSource", Method: http.MethodGet, Path: "/api/v1/knowledge/{id}/status",
		Summary: "How a source is doing", Tags: []string{"material"},
	}, s.getSource)
	transport.Register(api, huma.Operation{
		OperationID: "listChunks", Method: http.MethodGet, Path: "/api/v1/knowledge/{id}/chunks",
		Summary: "The text that was read from a source", Tags: []string{"material"},
	}, s.listChunks)
	transport.Register(api, huma.Operation{
		OperationID: "retrySource", Method: http.MethodPost, Path: "/api/v1/knowledge/{id}/retry",
		Summary: "Try a failed or cancelled source again", Tags: []string{"material"},
	}, s.retrySource)
	transport.Register(api, huma.Operation{
		OperationID: "cancelSource", Method: http.MethodPost, Path: "/api/v1/knowledge/{id}/cancel",
		Summary: "Stop working on a source", Tags: []string{"material"},
	}, s.cancelSource)
	transport.Register(api, huma.Operation{
		OperationID: "deleteSource", Method: http.MethodDelete, Path: "/api/v1/knowledge/{id}",
		Summary: "Delete a source; for a day it can be brought back", Tags: []string{"material"},
	}, s.deleteSource)
	transport.Register(api, huma.Operation{
		OperationID: "shareSource", Method: http.MethodPut, Path: "/api/v1/knowledge/{id}/classes",
		Summary: "Say which classes a source is for", Tags: []string{"material"}, Description: "None means the whole school.",
	}, s.shareSource)
	transport.Register(api, huma.Operation{
		OperationID: "addSample", Method: http.MethodPost, Path: "/api/v1/setup/sample",
		Summary: "Add a short lesson to try the box with", Tags: []string{"material"},
	}, s.addSample)
	transport.Register(api, huma.Operation{
		OperationID: "watchSources", Method: http.MethodGet, Path: "/api/v1/knowledge/events",
		Summary:     "Follow the changes of all sources",
		Description: "Server-sent events named `source`, each with a source as JSON. The stream begins before its first event, so list the sources when it opens. It has no history: list again after a reconnect.",
		Tags:        []string{"material"},
		Responses:   transport.EventStream(api.Schemas(), "Changes", appliance.Source{}),
	}, s.watchSources)
}

func (s *materialRoutes) listSources(ctx context.Context, in *sourcesInput) (*sourcesOutput, error) {
	page, err := s.material.Sources(ctx, principalOf(ctx), appliance.SourceFilter{
		Search: in.Search, Status: in.Status, Kind: in.Kind, Language: in.Language, Subject: in.Subject, Grade: in.Grade,
		Folder: in.Folder, Class: in.Class, Sort: in.Sort, Deleted: in.Deleted, Cursor: in.Cursor, Limit: in.Limit,
	})
	return &sourcesOutput{noNull(page)}, err
}

func (s *materialRoutes) getSource(ctx context.Context, in *SourcePath) (*sourceOutput, error) {
	src, err := s.material.Source(ctx, principalOf(ctx), in.ID)
	return &sourceOutput{src}, err
}

func (s *materialRoutes) listChunks(ctx context.Context, in *chunksInput) (*chunksOutput, error) {
	page, err := s.material.Chunks(ctx, principalOf(ctx), in.ID, in.Wrong, in.From, in.Limit)
	return &chunksOutput{noNull(page)}, err
}

func (s *materialRoutes) retrySource(ctx context.Context, in *SourcePath) (*sourceOutput, error) {
	src, err := s.material.Retry(ctx, principalOf(ctx), in.ID)
	return &sourceOutput{src}, err
}

func (s *materialRoutes) cancelSource(ctx context.Context, in *SourcePath) (*sourceOutput, error) {
	src, err := s.material.Cancel(ctx, principalOf(ctx), in.ID)
	return &sourceOutput{src}, err
}

type shareInput struct {
	SourcePath
	Body struct {
		Classes []appliance.ClassID `json:"classes" maxItems:"200"`
	}
}

func (s *materialRoutes) shareSource(ctx context.Context, in *shareInput) (*sourceOutput, error) {
	src, err := s.material.Share(ctx, principalOf(ctx), in.ID, in.Body.Classes)
	return &sourceOutput{src}, err
}

type sampleInput struct {
	Body struct {
		Language string `json:"language,omitempty" enum:"en,fr,rw,sw"`
	}
}

func (s *materialRoutes) addSample(ctx context.Context, in *sampleInput) (*sourceOutput, error) {
	if s.cfg.Sample == nil {
		return nil, transport.ErrNoRoute
	}
	name, content := s.cfg.Sample(in.Body.Language)
	src, _, err := s.material.Add(ctx, principalOf(ctx), appliance.NewFile{Name: name}, bytes.NewReader(content), int64(len(content)))
	return &sourceOutput{src}, err
}

func (s *materialRoutes) deleteSource(ctx context.Context, in *SourcePath) (*struct{}, error) {
	return nil, s.material.Delete(ctx, principalOf(ctx), in.ID)
}

func (s *materialRoutes) watchSources(ctx context.Context, _ *struct{}) (*huma.StreamResponse, error) {
	// Watching starts before the stream opens, so that a client which lists the
	// sources once it is open misses nothing.
	changes := s.material.Watch(ctx, principalOf(ctx))
	return transport.Raw(func(w http.ResponseWriter, r *http.Request) error {
		stream, ctx, stop := transport.OpenStream(w, r)
		defer stop()
		for {
			select {
			case src, ok := <-changes:
				if !ok {
					return nil // it fell behind, or the box stops: the client reconnects
				}
				// Classes may have changed since the stream was opened.
				p, err := s.auth.Now(ctx, principalOf(ctx))
				if err != nil {
					return nil // signed out: the client reconnects, and hears why
				}
				seen, err := s.material.Source(ctx, p, src.ID)
				if err != nil {
					continue // not theirs to see
				}
				src.MayChange = seen.MayChange
				if stream.Send("source", "", src) != nil {
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
