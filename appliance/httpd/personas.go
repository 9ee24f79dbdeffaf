package httpd

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/transport"
)

// Personas are the tutors of a school; *personas.Service is the real
// one.
type Personas interface {
	List(ctx context.Context, who appliance.Principal, search, cursor string, limit int) (appliance.Page[appliance.Persona], error)
	Get(ctx context.Context, who appliance.Principal, id string) (appliance.Persona, error)
	Add(ctx context.Context, who appliance.Principal, n appliance.PersonaContent, audience appliance.Audience) (appliance.Persona, error)
	Update(ctx context.Context, who appliance.Principal, id string, seen int, n appliance.PersonaContent) (appliance.Persona, error)
	Copy(ctx context.Context, who appliance.Principal, id, name string) (appliance.Persona, error)
	Share(ctx context.Context, who appliance.Principal, id string, classes []appliance.ClassID) (appliance.Persona, error)
	Versions(ctx context.Context, who appliance.Principal, id string) ([]appliance.PersonaVersion, error)
	Restore(ctx context.Context, who appliance.Principal, id string, version, seen int) (appliance.Persona, error)
	Delete(ctx context.Context, who appliance.Principal, id string) error
	Check(ctx context.Context, who appliance.Principal, n appliance.PersonaContent) (appliance.PersonaContent, error)
}

// Previews are questions whose answers are not stored.
type Previews interface {
	Preview(ctx context.Context, who appliance.Principal, q appliance.Preview, emit func(appliance.Event) error) (appliance.Answer, appliance.Usage, error)
	// Explain is what a persona's search finds, and why.
	Explain(ctx context.Context, who appliance.Principal, personaID, question string, k int) (appliance.Found, error)
}

type personaRoutes struct {
	personas Personas
	previews Previews
}

// PersonaPath names a persona.
type PersonaPath struct {
	Persona string `path:"persona" maxLength:"64" pattern:"^[A-Za-z0-9_-]+$" doc:"The persona's id"`
}

type personasInput struct {
	Search string `query:"search" maxLength:"200" doc:"Words in the name or subject, any case"`
	Cursor string `query:"cursor" maxLength:"200"`
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"50"`
}

// NewPersona is a persona about to be made: typed in, or read from a file that
// another school has shared.
type NewPersona struct {
	Format  string                   `json:"format,omitempty" enum:"bwenge-persona/1" doc:"Of a file"`
	Content appliance.PersonaContent `json:"content"`
	Classes []appliance.ClassID      `json:"classes,omitempty" maxItems:"200" doc:"Whom it is for; the whole school if empty"`
	Draft   bool                     `json:"draft,omitempty" doc:"For nobody else yet; it is one no more once it is shared"`
}

type personaFile struct {
	Format  string                   `json:"format"`
	Content appliance.PersonaContent `json:"content"`
}

const personaFormat = "bwenge-persona/1"

type newPersonaInput struct{ Body NewPersona }

// PersonaChange is new content for a persona.
type PersonaChange struct {
	Content appliance.PersonaContent `json:"content"`
	Version int                      `json:"version" doc:"The one that the change was made on"`
}

type changePersonaInput struct {
	PersonaPath
	Body PersonaChange
}

type sharePersonaInput struct {
	PersonaPath
	Body struct {
		Classes []appliance.ClassID `json:"classes" maxItems:"200"`
	}
}

type copyPersonaInput struct {
	PersonaPath
	Body struct {
		Name string `json:"name,omitempty" maxLength:"80"`
	}
}

type restoreInput struct {
	PersonaPath
	Number int `path:"number" minimum:"1" doc:"The version to go back to"`
	Body   struct {
		Version int `json:"version" doc:"The present one, as seen"`
	}
}

// PersonaVersions is what a persona was.
type PersonaVersions struct {
	Versions []appliance.PersonaVersion `json:"versions"`
}

type previewInput struct {
	Body struct {
		Content  appliance.PersonaContent `json:"content" doc:"A persona that need not be saved"`
		Question string                   `json:"question" minLength:"1" maxLength:"4000"`
	}
}

type retrieveInput struct {
	PersonaPath
	Question string `query:"q" minLength:"1" maxLength:"4000" doc:"The question"`
	Limit    int    `query:"limit" minimum:"1" maximum:"20" default:"8"`
}

type fileOutput struct {
	ContentType        string `header:"Content-Type"`
	ContentDisposition string `header:"Content-Disposition"`
	Body               []byte
}

func (s *personaRoutes) register(api *transport.Server) {
	tag := []string{"tutors"}
	transport.Register(api, huma.Operation{OperationID: "listPersonas", Method: http.MethodGet, Path: "/api/v1/personas",
		Summary: "The tutors that one may ask", Tags: tag},
		func(ctx context.Context, in *personasInput) (*output[appliance.Page[appliance.Persona]], error) {
			page, err := s.personas.List(ctx, principalOf(ctx), in.Search, in.Cursor, in.Limit)
			return &output[appliance.Page[appliance.Persona]]{noNull(page)}, err
		})
	transport.Register(api, huma.Operation{OperationID: "createPersona", Method: http.MethodPost, Path: "/api/v1/personas", DefaultStatus: http.StatusCreated,
		Summary: "Make a tutor", Tags: tag, Description: "Also from a file that another school has shared: send the file as the body."},
		func(ctx context.Context, in *newPersonaInput) (*output[appliance.Persona], error) {
			p, err := s.personas.Add(ctx, principalOf(ctx), in.Body.Content, appliance.Audience{Classes: in.Body.Classes, Draft: in.Body.Draft})
			return &output[appliance.Persona]{p}, err
		})
	transport.Register(api, huma.Operation{OperationID: "getPersona", Method: http.MethodGet, Path: "/api/v1/personas/{persona}",
		Summary: "One tutor", Tags: tag, Description: "Pupils do not see its rules and material."},
		func(ctx context.Context, in *PersonaPath) (*output[appliance.Persona], error) {
			p, err := s.personas.Get(ctx, principalOf(ctx), in.Persona)
			return &output[appliance.Persona]{p}, err
		})
	change := func(ctx context.Context, in *changePersonaInput) (appliance.Persona, error) {
		return s.personas.Update(ctx, principalOf(ctx), in.Persona, in.Body.Version, in.Body.Content)
	}
	transport.Register(api, huma.Operation{OperationID: "updatePersona", Method: http.MethodPut, Path: "/api/v1/personas/{persona}",
		Summary: "Change a tutor", Tags: tag, Description: "What it was stays among its versions."},
		func(ctx context.Context, in *changePersonaInput) (*output[appliance.Persona], error) {
			p, err := change(ctx, in)
			return &output[appliance.Persona]{p}, err
		})
	transport.Register(api, huma.Operation{OperationID: "deletePersona", Method: http.MethodDelete, Path: "/api/v1/personas/{persona}",
		Summary: "Remove a tutor and its versions", Tags: tag, Description: "Conversations with it stay, and go on with the box's plain tutor."},
		func(ctx context.Context, in *PersonaPath) (*struct{}, error) {
			return nil, s.personas.Delete(ctx, principalOf(ctx), in.Persona)
		})
	transport.Register(api, huma.Operation{OperationID: "getPersonaSettings", Method: http.MethodGet, Path: "/api/v1/personas/{persona}/settings",
		Summary: "What a tutor is made of", Tags: tag},
		func(ctx context.Context, in *PersonaPath) (*output[PersonaChange], error) {
			p, err := s.personas.Get(ctx, principalOf(ctx), in.Persona)
			return &output[PersonaChange]{PersonaChange{p.PersonaContent, p.Version}}, err
		})
	transport.Register(api, huma.Operation{OperationID: "setPersonaSettings", Method: http.MethodPut, Path: "/api/v1/personas/{persona}/settings",
		Summary: "Change what a tutor is made of", Tags: tag},
		func(ctx context.Context, in *changePersonaInput) (*output[PersonaChange], error) {
			p, err := change(ctx, in)
			return &output[PersonaChange]{PersonaChange{p.PersonaContent, p.Version}}, err
		})
	transport.Register(api, huma.Operation{OperationID: "sharePersona", Method: http.MethodPut, Path: "/api/v1/personas/{persona}/classes",
		Summary: "Say which classes a tutor is for", Tags: tag, Description: "None means the whole school."},
		func(ctx context.Context, in *sharePersonaInput) (*output[appliance.Persona], error) {
			p, err := s.personas.Share(ctx, principalOf(ctx), in.Persona, in.Body.Classes)
			return &output[appliance.Persona]{p}, err
		})
	transport.Register(api, huma.Operation{OperationID: "copyPersona", Method: http.MethodPost, Path: "/api/v1/personas/{persona}/copy", DefaultStatus: http.StatusCreated,
		Summary: "Make a tutor like another one", Tags: tag},
		func(ctx context.Context, in *copyPersonaInput) (*output[appliance.Persona], error) {
			p, err := s.personas.Copy(ctx, principalOf(ctx), in.Persona, in.Body.Name)
			return &output[appliance.Persona]{p}, err
		})
	transport.Register(api, huma.Operation{OperationID: "listVersions", Method: http.MethodGet, Path: "/api/v1/personas/{persona}/versions",
		Summary: "What a tutor was, newest first", Tags: tag},
		func(ctx context.Context, in *PersonaPath) (*output[PersonaVersions], error) {
			list, err := s.personas.Versions(ctx, principalOf(ctx), in.Persona)
			return &output[PersonaVersions]{PersonaVersions{list}}, err
		})
	transport.Register(api, huma.Operation{OperationID: "restoreVersion", Method: http.MethodPost, Path: "/api/v1/personas/{persona}/versions/{number}/restore",
		Summary: "Make a tutor what it was", Tags: tag},
		func(ctx context.Context, in *restoreInput) (*output[appliance.Persona], error) {
			p, err := s.personas.Restore(ctx, principalOf(ctx), in.Persona, in.Number, in.Body.Version)
			return &output[appliance.Persona]{p}, err
		})
	transport.Register(api, huma.Operation{OperationID: "getPersonaFile", Method: http.MethodGet, Path: "/api/v1/personas/{persona}/file",
		Summary: "A tutor as a file, to share with other schools", Tags: tag,
		Responses: map[string]*huma.Response{"200": {Description: "The file", Content: map[string]*huma.MediaType{"application/json": {
			Schema: transport.Schema[NewPersona](api.Schemas())}}}}}, s.personaFile)
	transport.Register(api, huma.Operation{OperationID: "previewPersona", Method: http.MethodPost, Path: "/api/v1/personas/preview",
		Summary: "Try a tutor before it is saved", Tags: tag, Description: "Nothing of question and answer is stored."}, s.previewPersona)
	transport.Register(api, huma.Operation{OperationID: "retrieve", Method: http.MethodGet, Path: "/api/v1/personas/{persona}/retrieve",
		Summary: "What a tutor would find, and why", Tags: tag},
		func(ctx context.Context, in *retrieveInput) (*output[appliance.Found], error) {
			f, err := s.previews.Explain(ctx, principalOf(ctx), in.Persona, in.Question, in.Limit)
			return &output[appliance.Found]{f}, err
		})
}

func (s *personaRoutes) personaFile(ctx context.Context, in *PersonaPath) (*fileOutput, error) {
	p, err := s.personas.Get(ctx, principalOf(ctx), in.Persona)
	if err != nil {
		return nil, err
	}
	p.Sources = nil // another school has other material
	body, err := json.MarshalIndent(personaFile{personaFormat, p.PersonaContent}, "", "  ")
	return &fileOutput{"application/json", `attachment; filename="tutor.bwenge.json"`, body}, err
}

func (s *personaRoutes) previewPersona(ctx context.Context, in *previewInput) (*output[appliance.Answer], error) {
	who := principalOf(ctx)
	content, err := s.personas.Check(ctx, who, in.Body.Content)
	if err != nil {
		return nil, err
	}
	a, _, err := s.previews.Preview(ctx, who, appliance.Preview{Persona: appliance.Persona{PersonaContent: content}, Text: in.Body.Question},
		func(appliance.Event) error { return nil })
	if err != nil {
		return nil, err
	}
	return &output[appliance.Answer]{*wholeAnswer(&a)}, nil
}
