package httpd

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/transport"
)

// Ratings is how people say what they think of answers; *tutor.Tutor is the real
// one.
type Ratings interface {
	Rate(ctx context.Context, p appliance.Principal, messageID string, thumb appliance.Thumb) error
	Unrate(ctx context.Context, p appliance.Principal, messageID string) error
}

// Feedback is what teachers see of that; *sqlite.Store is the real one.
type Feedback interface {
	// Feedbacks lists all, or, with a teacher, those of the pupils whom they teach.
	Feedbacks(ctx context.Context, org appliance.OrgID, teacher appliance.UserID, scope appliance.Scope, f appliance.FeedbackFilter) (appliance.Page[appliance.Feedback], error)
	CountFeedback(ctx context.Context, org appliance.OrgID, teacher appliance.UserID) (appliance.FeedbackCount, error)
	FinishFeedback(ctx context.Context, org appliance.OrgID, teacher, by appliance.UserID, id string, done bool, entries ...appliance.AuditEntry) error
}

type feedbackRoutes struct {
	ratings  Ratings
	feedback Feedback
	log      Audit
}

// AnswerPath names an answer.
type AnswerPath struct {
	Message string `path:"message" maxLength:"64" pattern:"^[A-Za-z0-9_-]+$" doc:"The answer's message_id"`
}

type rateInput struct {
	AnswerPath
	Body appliance.Thumb
}

type feedbackListInput struct {
	OrgPath
	Up     bool   `query:"up" doc:"Thumbs up instead of down"`
	Open   bool   `query:"open" doc:"Only those that nobody has dealt with"`
	Search string `query:"search" maxLength:"200" doc:"Words in the question, the answer or the note"`
	Cursor string `query:"cursor" maxLength:"200"`
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"50"`
}

type feedbackInput struct {
	OrgPath
	Feedback string `path:"feedback" maxLength:"64" doc:"Its id"`
}

func (s *feedbackRoutes) register(api *transport.Server) {
	transport.Register(api, huma.Operation{OperationID: "rateAnswer", Method: http.MethodPut, Path: "/api/v1/ai/answers/{message}/thumb", DefaultStatus: http.StatusNoContent,
		Summary: "Say whether an answer was good", Tags: []string{"answers"}, Description: "Once for each answer that one got; again changes it."},
		func(ctx context.Context, in *rateInput) (*struct{}, error) {
			return nil, s.ratings.Rate(ctx, principalOf(ctx), in.Message, in.Body)
		})
	transport.Register(api, huma.Operation{OperationID: "unrateAnswer", Method: http.MethodDelete, Path: "/api/v1/ai/answers/{message}/thumb",
		Summary: "Take that back", Tags: []string{"answers"}},
		func(ctx context.Context, in *AnswerPath) (*struct{}, error) {
			return nil, s.ratings.Unrate(ctx, principalOf(ctx), in.Message)
		})
	tag := []string{"people"}
	transport.Register(api, huma.Operation{OperationID: "listFeedback", Method: http.MethodGet, Path: "/api/v1/orgs/{org}/feedback",
		Summary: "What pupils think of answers, newest first", Tags: tag,
		Description: "Teachers see that of the pupils of their classes, the office all."}, s.listFeedback)
	transport.Register(api, huma.Operation{OperationID: "countFeedback", Method: http.MethodGet, Path: "/api/v1/orgs/{org}/feedback/count",
		Summary: "How much of it there is", Tags: tag},
		func(ctx context.Context, _ *OrgPath) (*output[appliance.FeedbackCount], error) {
			p := principalOf(ctx)
			n, err := s.feedback.CountFeedback(ctx, p.Org, taughtBy(p))
			return &output[appliance.FeedbackCount]{n}, err
		})
	finish := func(done bool, action string) func(context.Context, *feedbackInput) (*struct{}, error) {
		return func(ctx context.Context, in *feedbackInput) (*struct{}, error) {
			p := principalOf(ctx)
			return nil, s.feedback.FinishFeedback(ctx, p.Org, taughtBy(p), p.User, in.Feedback, done, p.Did(action, ""))
		}
	}
	transport.Register(api, huma.Operation{OperationID: "finishFeedback", Method: http.MethodPut, Path: "/api/v1/orgs/{org}/feedback/{feedback}/done", DefaultStatus: http.StatusNoContent,
		Summary: "Note that it has been dealt with", Tags: tag}, finish(true, "feedback.done"))
	transport.Register(api, huma.Operation{OperationID: "reopenFeedback", Method: http.MethodDelete, Path: "/api/v1/orgs/{org}/feedback/{feedback}/done",
		Summary: "Take that back", Tags: tag}, finish(false, "feedback.reopened"))
}

func (s *feedbackRoutes) listFeedback(ctx context.Context, in *feedbackListInput) (*output[appliance.Page[appliance.Feedback]], error) {
	p := principalOf(ctx)
	// What is not written down does not leave the box.
	if err := s.log.AppendAudit(ctx, p.Org, p.Did("feedback.read", string(p.Org)).With("open", in.Open).With("up", in.Up)); err != nil {
		return nil, err
	}
	page, err := s.feedback.Feedbacks(ctx, p.Org, taughtBy(p), p.Scope, appliance.FeedbackFilter{Up: in.Up, Open: in.Open, Search: in.Search, Cursor: in.Cursor, Limit: in.Limit})
	return &output[appliance.Page[appliance.Feedback]]{noNull(page)}, err
}
