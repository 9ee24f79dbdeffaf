package httpd

import (
	"context"
	"encoding/json"
	"io"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/transport"
)

// Voice hears and speaks; *speech.Service is the real one.
type Voice interface {
	Transcribe(ctx context.Context, r io.Reader, language string) (appliance.Heard, error)
	Speak(ctx context.Context, who appliance.Principal, personaID, language, text string) (appliance.Spoken, error)
	Voices() []appliance.Voice
	Hears() []string
}

type voiceRoutes struct{ voice Voice }

type transcribeInput struct {
	Language string `query:"language" enum:",en,fr,rw,sw" doc:"What is spoken; empty to find out"`
}

type speakInput struct {
	Body struct {
		Text      string `json:"text" minLength:"1" maxLength:"1000" doc:"A sentence or two"`
		Language  string `json:"language" enum:"en,fr,rw,sw"`
		PersonaID string `json:"persona_id,omitempty" maxLength:"64" pattern:"^[A-Za-z0-9_-]*$" doc:"In whose voice; the box's own if empty"`
	}
}

// Voices are what the box can sound like, and hear.
type Voices struct {
	Voices []appliance.Voice `json:"voices"`
	Hears  []string          `json:"hears" doc:"Languages in which one can speak to the box"`
}

func (s *voiceRoutes) register(api *transport.Server) {
	const path = "/api/v1/ai/transcribe"
	transport.Register(api, huma.Operation{OperationID: "transcribe", Method: http.MethodPost, Path: path,
		Summary: "Turn a spoken question into text", Tags: []string{"answers"},
		Description: "The body is a recording of up to a minute, as the browser makes it (WebM, Ogg, MP4, WAV). Nothing of it is kept.",
		Responses: map[string]*huma.Response{"200": {Description: "What was said", Content: map[string]*huma.MediaType{"application/json": {
			Schema: transport.Schema[appliance.Heard](api.Schemas())}}}}},
		func(_ context.Context, in *transcribeInput) (*huma.StreamResponse, error) {
			return transport.Raw(func(w http.ResponseWriter, r *http.Request) error { return s.transcribe(w, r, in.Language) }), nil
		})
	api.API.OpenAPI().Paths[path].Post.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
		"audio/*": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}}}
	transport.Register(api, huma.Operation{OperationID: "speak", Method: http.MethodPost, Path: "/api/v1/ai/speak",
		Summary: "Say a sentence", Tags: []string{"answers"}, Description: "Sound, and the shapes of the mouth with their times."},
		func(ctx context.Context, in *speakInput) (*output[appliance.Spoken], error) {
			x, err := s.voice.Speak(ctx, principalOf(ctx), in.Body.PersonaID, in.Body.Language, in.Body.Text)
			return &output[appliance.Spoken]{x}, err
		})
	transport.Register(api, huma.Operation{OperationID: "listVoices", Method: http.MethodGet, Path: "/api/v1/ai/voices",
		Summary: "What the box can sound like, and hear", Tags: []string{"answers"}},
		func(context.Context, *struct{}) (*output[Voices], error) {
			return &output[Voices]{Voices{s.voice.Voices(), s.voice.Hears()}}, nil
		})
}

func (s *voiceRoutes) transcribe(w http.ResponseWriter, r *http.Request, language string) error {
	heard, err := s.voice.Transcribe(r.Context(), r.Body, language)
	if err != nil {
		return err
	}
	body, err := json.Marshal(heard)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(body) // a client that left needs no text
	return nil
}
