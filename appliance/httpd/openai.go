package httpd

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/problem"
	"github.com/bwenge-os/bwenge/internal/transport"
)

// Routes for programs that speak OpenAI's protocol. A model there is a
// persona, by its id; "tutor" is the box's plain one, or the one of the key.
// Answers come from the school's material, with citations beside the fields of
// the protocol.

// Embedder makes vectors for programs.
type Embedder interface {
	EmbedPassages(ctx context.Context, texts []string) ([][]float32, error)
	CountTokens(ctx context.Context, texts []string) ([]int, error)
	Name() string
	MaxTokens() int
}

type programRoutes struct {
	personas Personas
	previews Previews
	embedder Embedder
}

// plainTutor is the model that is the box's plain tutor.
const plainTutor = "tutor"

// ChatCompletionRequest is what is used of OpenAI's request; its other fields
// are taken and passed over.
type ChatCompletionRequest struct {
	_        struct{}  `additionalProperties:"true"`
	Model    string    `json:"model" maxLength:"200" doc:"tutor, or a persona's id"`
	Messages []ChatMsg `json:"messages" minItems:"1" maxItems:"200"`
	Stream   bool      `json:"stream,omitempty"`
	Options  *struct {
		_            struct{} `additionalProperties:"true"`
		IncludeUsage bool     `json:"include_usage,omitempty"`
	} `json:"stream_options,omitempty"`
}

// ChatMsg is one message. Messages of the role system are passed over: who the
// tutor is, the school says.
type ChatMsg struct {
	_       struct{}    `additionalProperties:"true"`
	Role    string      `json:"role" maxLength:"20"`
	Content chatContent `json:"content,omitempty"`
}

// chatContent is a text, or a list of parts of which the texts count.
type chatContent string

// UnmarshalJSON takes both forms.
func (c *chatContent) UnmarshalJSON(data []byte) error {
	var text *string
	if json.Unmarshal(data, &text) == nil {
		if text != nil {
			*c = chatContent(*text)
		}
		return nil
	}
	var parts []struct {
		Type string `json:"type"`
		Text string `json:"text"`
	}
	if err := json.Unmarshal(data, &parts); err != nil {
		return err
	}
	var all []string
	for _, p := range parts {
		all = append(all, p.Text)
	}
	*c = chatContent(strings.Join(all, "\n"))
	return nil
}

// Schema lets the document say so.
func (chatContent) Schema(huma.Registry) *huma.Schema { return &huma.Schema{} }

type chatCompletionsInput struct{ Body ChatCompletionRequest }

// ChatCompletion is an answer; streamed ones are its chunks.
type ChatCompletion struct {
	ID        string               `json:"id"`
	Object    string               `json:"object"`
	Created   int64                `json:"created"`
	Model     string               `json:"model"`
	Choices   []chatChoice         `json:"choices"`
	Usage     *v1Usage             `json:"usage,omitempty"`
	Citations []appliance.Citation `json:"citations,omitempty" doc:"Beside OpenAI's fields"`
}

type chatChoice struct {
	Index        int        `json:"index"`
	Message      *chatReply `json:"message,omitempty"`
	Delta        *chatReply `json:"delta,omitempty"`
	FinishReason *string    `json:"finish_reason"`
}

type chatReply struct {
	Role    string `json:"role,omitempty"`
	Content string `json:"content"`
}

type v1Usage struct {
	PromptTokens     int `json:"prompt_tokens"`
	CompletionTokens int `json:"completion_tokens"`
	TotalTokens      int `json:"total_tokens"`
}

// ModelList are the tutors and the embedding model.
type ModelList struct {
	Object string    `json:"object"`
	Data   []v1Model `json:"data"`
}

type v1Model struct {
	ID      string `json:"id"`
	Object  string `json:"object"`
	Created int64  `json:"created"`
	OwnedBy string `json:"owned_by"`
}

// EmbeddingRequest is what is used of OpenAI's request.
type EmbeddingRequest struct {
	_        struct{} `additionalProperties:"true"`
	Model    string   `json:"model" maxLength:"200"`
	Input    v1Inputs `json:"input"`
	Encoding string   `json:"encoding_format,omitempty" enum:"float,base64"`
}

type embeddingInput struct{ Body EmbeddingRequest }

// v1Inputs is a text or a list of texts.
type v1Inputs []string

// UnmarshalJSON takes both forms.
func (in *v1Inputs) UnmarshalJSON(data []byte) error {
	var one string
	if json.Unmarshal(data, &one) == nil {
		*in = v1Inputs{one}
		return nil
	}
	var many []string
	if err := json.Unmarshal(data, &many); err != nil {
		return errors.New("input must be a text or a list of texts")
	}
	*in = many
	return nil
}

// Schema lets the document say so.
func (v1Inputs) Schema(huma.Registry) *huma.Schema { return &huma.Schema{} }

// EmbeddingList are vectors in the order of the texts.
type EmbeddingList struct {
	Object string        `json:"object"`
	Data   []v1Embedding `json:"data"`
	Model  string        `json:"model"`
	Usage  v1Usage       `json:"usage"`
}

type v1Embedding struct {
	Object    string `json:"object"`
	Index     int    `json:"index"`
	Embedding any    `json:"embedding" doc:"Numbers, or base64 of 32-bit floats, little-endian"`
}

// maxInputs is how many texts are embedded at once.
const maxInputs = 64

func (s *programRoutes) register(api *transport.Server) {
	tag := []string{"programs"}
	responses := transport.EventStream(api.Schemas(), "The whole answer, or its chunks", ChatCompletion{})
	responses["200"].Content["application/json"] = &huma.MediaType{Schema: transport.Schema[ChatCompletion](api.Schemas())}
	transport.Register(api, huma.Operation{OperationID: "chatCompletions", Method: http.MethodPost, Path: "/v1/chat/completions",
		Summary: "Ask a tutor, by OpenAI's protocol", Tags: tag, Responses: responses}, s.chatCompletions)
	transport.Register(api, huma.Operation{OperationID: "listModels", Method: http.MethodGet, Path: "/v1/models",
		Summary: "The tutors, by OpenAI's protocol", Tags: tag}, s.listModels)
	transport.Register(api, huma.Operation{OperationID: "embeddings", Method: http.MethodPost, Path: "/v1/embeddings",
		Summary: "Vectors of texts, by OpenAI's protocol", Tags: tag}, s.embeddings)
}

// authenticateProgram says which program makes a request.
func (s *Server) authenticateProgram(r *http.Request) (transport.Caller, error) {
	key, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return transport.Caller{}, errNoKey
	}
	p, err := s.programs.Program(r.Context(), strings.TrimSpace(key))
	if err != nil && problem.CodeOf(err) == problem.NotFound {
		return transport.Caller{}, errNoKey
	} else if err != nil {
		return transport.Caller{}, err
	}
	caller := callerOf(p)
	caller.Subject = "key-" + p.Key.ID
	return caller, nil
}

var errNoKey = problem.New(problem.Unauthorized, "bad_api_key", "This address is for programs with a key of the school.",
	"Make a key under School, Models, and send it as a bearer token.", nil)

func (s *programRoutes) previewOf(ctx context.Context, model string, messages []ChatMsg) (t appliance.Preview, err error) {
	p := principalOf(ctx)
	id := model
	if id == plainTutor || id == "" {
		id = p.Key.PersonaID
	}
	if p.Key.PersonaID != "" && id != p.Key.PersonaID {
		return t, problem.New(problem.Forbidden, "key_other_tutor", "This key was made for another tutor.",
			"Leave the model out, or make a key for this tutor under School, Models.", nil).With("tutor", p.Key.PersonaID)
	}
	if id != "" {
		if t.Persona, err = s.personas.Get(ctx, p, id); err != nil {
			return t, err
		}
	}
	t.QueueKey = "key-" + p.Key.ID
	for _, m := range messages {
		switch m.Role {
		case "user":
			t.Before = append(t.Before, appliance.Turn{Role: appliance.SpeakerUser, Text: string(m.Content)})
		case "assistant":
			t.Before = append(t.Before, appliance.Turn{Role: appliance.SpeakerAssistant, Text: string(m.Content)})
		}
	}
	last := len(t.Before) - 1
	if last < 0 || t.Before[last].Role != appliance.SpeakerUser {
		return t, problem.New(problem.Invalid, "no_question", "The last message must be a user's.", "Send the question last.", nil)
	}
	t.Text, t.Before = t.Before[last].Text, t.Before[:last]
	return t, nil
}

func (s *programRoutes) chatCompletions(ctx context.Context, in *chatCompletionsInput) (*huma.StreamResponse, error) {
	preview, err := s.previewOf(ctx, in.Body.Model, in.Body.Messages)
	if err != nil {
		return nil, err
	}
	who := principalOf(ctx)
	whole := ChatCompletion{ID: "chatcmpl-" + uuid.NewString(), Object: "chat.completion", Created: time.Now().Unix(), Model: in.Body.Model}
	if !in.Body.Stream {
		return transport.Raw(func(w http.ResponseWriter, r *http.Request) error {
			a, used, err := s.previews.Preview(r.Context(), who, preview, func(appliance.Event) error { return nil })
			if err != nil {
				return err
			}
			stop := "stop"
			whole.Choices = []chatChoice{{Message: &chatReply{"assistant", a.ResponseText}, FinishReason: &stop}}
			whole.Usage, whole.Citations = usageOf(used), a.Citations
			w.Header().Set("Content-Type", "application/json")
			return json.NewEncoder(w).Encode(whole)
		}), nil
	}
	return transport.Raw(func(w http.ResponseWriter, r *http.Request) error {
		return s.streamCompletion(w, r, who, preview, whole, in.Body.Options != nil && in.Body.Options.IncludeUsage)
	}), nil
}

func usageOf(u appliance.Usage) *v1Usage {
	return &v1Usage{u.PromptTokens, u.CompletionTokens, u.PromptTokens + u.CompletionTokens}
}

// streamCompletion sends an answer as it is written. The protocol cannot take
// words back: where the end is another text than what was streamed, the whole
// text follows.
func (s *programRoutes) streamCompletion(w http.ResponseWriter, r *http.Request, who appliance.Principal, preview appliance.Preview, whole ChatCompletion, withUsage bool) error {
	whole.Object = "chat.completion.chunk"
	var stream *transport.Stream
	ctx := r.Context()
	stop := func() {}
	defer func() { stop() }()
	send := func(c ChatCompletion) error {
		if stream == nil { // not before the first word, so that an error has its status
			stream, ctx, stop = transport.OpenStream(w, r)
			first := whole
			first.Choices = []chatChoice{{Delta: &chatReply{Role: "assistant"}}}
			if err := stream.Data(first); err != nil {
				return err
			}
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		return stream.Data(c)
	}
	say := func(text string) error {
		c := whole
		c.Choices = []chatChoice{{Delta: &chatReply{Content: text}}}
		return send(c)
	}
	var said strings.Builder
	a, used, err := s.previews.Preview(r.Context(), who, preview, func(e appliance.Event) error {
		if e.Type != appliance.EventToken {
			return nil
		}
		said.WriteString(e.Token)
		return say(e.Token)
	})
	if err != nil {
		if stream == nil {
			return err
		}
		p := transport.Shown(r.Context(), err)
		return stream.Data(map[string]any{"error": map[string]any{"message": p.Message + " " + p.Hint, "type": p.Code, "code": p.Reason}})
	}
	rest := a.ResponseText
	if begun := strings.TrimSpace(said.String()); begun != "" {
		if rest, _ = strings.CutPrefix(a.ResponseText, begun); rest == a.ResponseText {
			rest = "\n\n" + a.ResponseText
		}
	}
	if rest != "" {
		if err := say(rest); err != nil {
			return err
		}
	}
	end, reason := whole, "stop"
	end.Choices, end.Citations = []chatChoice{{Delta: &chatReply{}, FinishReason: &reason}}, a.Citations
	if err := send(end); err != nil {
		return err
	}
	if withUsage {
		end.Choices, end.Citations, end.Usage = []chatChoice{}, nil, usageOf(used)
		if err := send(end); err != nil {
			return err
		}
	}
	return stream.Text("[DONE]")
}

func (s *programRoutes) listModels(ctx context.Context, _ *struct{}) (*output[ModelList], error) {
	list := ModelList{Object: "list", Data: []v1Model{{plainTutor, "model", 0, "bwenge"}}}
	for cursor := ""; ; {
		page, err := s.personas.List(ctx, principalOf(ctx), "", cursor, 100)
		if err != nil {
			return nil, err
		}
		for _, p := range page.Items {
			if only := principalOf(ctx).Key.PersonaID; only != "" && p.ID != only {
				continue
			}
			list.Data = append(list.Data, v1Model{p.ID, "model", p.CreatedAt.Unix(), "school"})
		}
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	list.Data = append(list.Data, v1Model{s.embedder.Name(), "model", 0, "bwenge"})
	return &output[ModelList]{list}, nil
}

func (s *programRoutes) embeddings(ctx context.Context, in *embeddingInput) (*output[EmbeddingList], error) {
	texts := []string(in.Body.Input)
	if len(texts) == 0 || len(texts) > maxInputs {
		return nil, problem.New(problem.Invalid, "bad_input", "There are too many texts, or none.", "Send 1 to 64 at once.", nil)
	}
	for _, t := range texts {
		if strings.TrimSpace(t) == "" {
			return nil, problem.New(problem.Invalid, "bad_input", "One of the texts is empty.", "Leave it out.", nil)
		}
	}
	counts, err := s.embedder.CountTokens(ctx, texts)
	if err != nil {
		return nil, err
	}
	out := EmbeddingList{Object: "list", Model: s.embedder.Name(), Data: []v1Embedding{}}
	for i, n := range counts {
		if n > s.embedder.MaxTokens() {
			return nil, problem.New(problem.TooLarge, "text_too_long", "One of the texts is longer than the model can read at once.",
				"Send it in parts.", nil).With("index", i).With("limit", s.embedder.MaxTokens())
		}
		out.Usage.PromptTokens += n
	}
	out.Usage.TotalTokens = out.Usage.PromptTokens
	vectors, err := s.embedder.EmbedPassages(ctx, texts)
	if err != nil {
		return nil, err
	}
	for i, v := range vectors {
		e := v1Embedding{Object: "embedding", Index: i, Embedding: v}
		if in.Body.Encoding == "base64" {
			raw := make([]byte, 0, 4*len(v))
			for _, x := range v {
				raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(x))
			}
			e.Embedding = base64.StdEncoding.EncodeToString(raw)
		}
		out.Data = append(out.Data, e)
	}
	return &output[EmbeddingList]{out}, nil
}
