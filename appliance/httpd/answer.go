package httpd

import (
	"context"
	"encoding/json"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/problem"
	"github.com/bwenge-os/bwenge/internal/transport"
)

// Tutor answers questions.
type Tutor interface {
	// Ask stores the question and queues it. Asking again with the same id
	// joins the answer that is on its way, or tells the stored one again.
	Ask(ctx context.Context, p appliance.Principal, q appliance.Question) (Run, error)
	// Resume joins the answer to a question that was asked before.
	Resume(ctx context.Context, p appliance.Principal, questionID string) (Run, error)
	// Cancel stops an answer; one that has ended or never began is left alone.
	Cancel(p appliance.Principal, questionID string)
}

type answerRoutes struct{ tutor Tutor }

// Run is an answer on its way.
type Run interface {
	// Follow calls emit for each event with Seq > after, until the answer ends
	// (nil), ctx does, or emit fails. Leaving does not stop the answer.
	Follow(ctx context.Context, after int, emit func(appliance.Event) error) error
}

// tutorOf is a tutor with its own type of run.
type tutorOf[R Run] interface {
	Ask(ctx context.Context, p appliance.Principal, q appliance.Question) (R, error)
	Resume(ctx context.Context, p appliance.Principal, questionID string) (R, error)
	Cancel(p appliance.Principal, questionID string)
}

type tutorAdapter[R Run] struct{ tutorOf[R] }

// TutorOf makes a Tutor of anything with the same methods whose runs have a
// type of their own.
func TutorOf[R Run](t tutorOf[R]) Tutor { return tutorAdapter[R]{t} }

func (t tutorAdapter[R]) Ask(ctx context.Context, p appliance.Principal, q appliance.Question) (Run, error) {
	run, err := t.tutorOf.Ask(ctx, p, q)
	if err != nil {
		return nil, err
	}
	return run, nil
}

func (t tutorAdapter[R]) Resume(ctx context.Context, p appliance.Principal, questionID string) (Run, error) {
	run, err := t.tutorOf.Resume(ctx, p, questionID)
	if err != nil {
		return nil, err
	}
	return run, nil
}

// AskRequest is a question over HTTP. The names are the seed design's.
type AskRequest struct {
	UserMessage string `json:"userMessage" minLength:"1" maxLength:"4000" doc:"The question"`
	SessionID   string `json:"sessionId,omitempty" maxLength:"64" pattern:"^[A-Za-z0-9_-]*$" doc:"The conversation to go on with; empty starts one"`
	RequestID   string `json:"requestId,omitempty" maxLength:"64" pattern:"^[A-Za-z0-9_-]*$" doc:"Chosen by the asker, so that asking again resumes rather than repeats"`
	PersonaID   string `json:"personaId,omitempty" maxLength:"64" pattern:"^[A-Za-z0-9_-]*$" doc:"Who should answer; empty is who answers this conversation, or the box's plain tutor"`
}

type askInput struct {
	Accept      string `header:"Accept" doc:"text/event-stream for the events of the answer, else the whole answer at its end"`
	LastEventID string `header:"Last-Event-ID" pattern:"^[0-9]{0,9}$" doc:"With a requestId: the id of the last event seen, to resume after it"`
	Body        AskRequest
}

// maxQuestionBody is far above the longest valid question, in any script.
const maxQuestionBody = 64 << 10

func (s *answerRoutes) register(api *transport.Server) {
	responses := transport.EventStream(api.Schemas(), "The whole answer, or its events", appliance.Event{})
	responses["200"].Content["application/json"] = &huma.MediaType{
		Schema: transport.Schema[appliance.Answer](api.Schemas()),
	}
	transport.Register(api, huma.Operation{
		OperationID: "respond", Method: http.MethodPost, Path: "/api/v1/ai/respond",
		Summary:     "Ask the tutor",
		Description: "As events: one message for each, `event` is the type, `id` the seq, `data` the event. Errors before the stream opens have a status and a problem body; later ones are an event `error`, after which the stream ends. A client that lost the link asks again with the same requestId and Last-Event-ID.",
		Tags:        []string{"answers"},
		Responses:   responses, MaxBodyBytes: maxQuestionBody,
		// The body's deadline is ours (see body): huma's stays on the connection
		// and would end an answer five seconds after the question.
		BodyReadTimeout: -1,
	}, s.respond)
}

func (s *answerRoutes) respond(ctx context.Context, in *askInput) (*huma.StreamResponse, error) {
	q := question(in.Body.RequestID, in.Body.SessionID, in.Body.PersonaID, in.Body.UserMessage)
	run, err := s.tutor.Ask(ctx, principalOf(ctx), q)
	if err != nil {
		return nil, err
	}
	if !wantsEvents(in.Accept) {
		return transport.Raw(func(w http.ResponseWriter, r *http.Request) error { return respondWhole(w, r, run) }), nil
	}
	after, _ := strconv.Atoi(in.LastEventID) // empty is 0; the pattern admits only digits
	return transport.Raw(func(w http.ResponseWriter, r *http.Request) error {
		stream, ctx, stop := transport.OpenStream(w, r)
		defer stop()
		var broken error
		err := run.Follow(ctx, after, func(e appliance.Event) error {
			broken = stream.Send(string(e.Type), strconv.Itoa(e.Seq), wholeEvent(e))
			return broken
		})
		if err != nil && broken == nil && ctx.Err() == nil {
			shown := transport.Shown(r.Context(), err)
			_ = stream.Send(string(appliance.EventError), "", appliance.Event{Type: appliance.EventError, Error: &shown})
		}
		return nil
	}), nil
}

// respondWhole waits for the answer and sends it in one piece.
func respondWhole(w http.ResponseWriter, r *http.Request, run Run) error {
	var answer *appliance.Answer
	var failed *problem.Problem
	err := run.Follow(r.Context(), 0, func(e appliance.Event) error {
		switch e.Type {
		case appliance.EventDone:
			answer = e.Done
		case appliance.EventActions:
			whole := *answer
			whole.Actions = e.Actions
			answer = &whole
		case appliance.EventError:
			failed = e.Error
		}
		return nil
	})
	switch {
	case err != nil:
		return err
	case failed != nil:
		return &problem.Error{Problem: *failed}
	case answer == nil:
		return problem.New(problem.Internal, "", "The answer ended without a result.", "", nil)
	}
	body, err := json.Marshal(wholeAnswer(answer))
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(body) // a client that left needs no answer
	return nil
}

// question is what is asked, under an id that the asker may choose. The tutor
// says whether it is one.
func question(id, conversation, persona, text string) appliance.Question {
	if id == "" {
		id = uuid.NewString()
	}
	return appliance.Question{ID: id, ConversationID: conversation, PersonaID: persona, Text: text}
}

// wantsEvents reports whether an Accept header names the event stream.
func wantsEvents(accept string) bool {
	for one := range strings.SplitSeq(accept, ",") {
		if kind, _, err := mime.ParseMediaType(one); err == nil && kind == "text/event-stream" {
			return true
		}
	}
	return false
}

// wholeAnswer makes empty lists [] in JSON.
func wholeAnswer(a *appliance.Answer) *appliance.Answer {
	if a == nil || a.Citations != nil && a.Actions != nil {
		return a
	}
	whole := *a // the original may be shared with other followers
	if whole.Citations == nil {
		whole.Citations = []appliance.Citation{}
	}
	if whole.Actions == nil {
		whole.Actions = []appliance.Action{}
	}
	return &whole
}

func wholeEvent(e appliance.Event) appliance.Event {
	e.Done = wholeAnswer(e.Done)
	return e
}
