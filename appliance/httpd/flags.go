package httpd

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/transport"
)

// Safeguarding is what teachers should look at; *sqlite.Store is the real one.
type Safeguarding interface {
	AddFlag(ctx context.Context, org appliance.OrgID, f appliance.Flag) error
	// Flags lists all, or, with a teacher, those of the pupils whom they teach.
	Flags(ctx context.Context, org appliance.OrgID, teacher appliance.UserID, open bool, cursor string, limit int) (appliance.Page[appliance.Flag], error)
	CountFlags(ctx context.Context, org appliance.OrgID, teacher appliance.UserID) (appliance.FlagCount, error)
	TeachersOf(ctx context.Context, org appliance.OrgID, user appliance.UserID) ([]string, error)
	SeeFlag(ctx context.Context, org appliance.OrgID, teacher, by appliance.UserID, id string, entries ...appliance.AuditEntry) (appliance.Flag, error)
}

type flagRoutes struct {
	flags Safeguarding
	log   Audit
}

type flagsInput struct {
	OrgPath
	Open   bool   `query:"open" doc:"Only those that nobody has looked at"`
	Cursor string `query:"cursor" maxLength:"200"`
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"50"`
}

type flagInput struct {
	OrgPath
	Flag string `path:"flag" maxLength:"64" doc:"The entry's id"`
}

type helpInput struct {
	Body struct {
		ConversationID string `json:"conversation_id,omitempty" maxLength:"64" pattern:"^[A-Za-z0-9_-]*$"`
		Message        string `json:"message,omitempty" maxLength:"500" doc:"What they would like to say"`
	}
}

// HelpIsComing is who will see that a pupil asked for help.
type HelpIsComing struct {
	Teachers []string `json:"teachers" doc:"Names of those who teach their classes; with none, the school's office sees it"`
}

// askedForHelp is the category of a pupil who asked for their teacher.
const askedForHelp = "asked_for_help"

func (s *flagRoutes) register(api *transport.Server) {
	transport.Register(api, huma.Operation{OperationID: "askForHelp", Method: http.MethodPost, Path: "/api/v1/ai/help",
		Summary: "Ask for a teacher", Tags: []string{"answers"}}, s.askForHelp)
	transport.Register(api, huma.Operation{OperationID: "listFlags", Method: http.MethodGet, Path: "/api/v1/orgs/{org}/flags",
		Summary: "Exchanges that a teacher should look at, newest first", Tags: []string{"people"},
		Description: "Teachers see those of the pupils of their classes, the office all."}, s.listFlags)
	transport.Register(api, huma.Operation{OperationID: "countFlags", Method: http.MethodGet, Path: "/api/v1/orgs/{org}/flags/count",
		Summary: "How many of them nobody has looked at", Tags: []string{"people"}},
		func(ctx context.Context, _ *OrgPath) (*output[appliance.FlagCount], error) {
			p := principalOf(ctx)
			n, err := s.flags.CountFlags(ctx, p.Org, taughtBy(p))
			return &output[appliance.FlagCount]{n}, err
		})
	transport.Register(api, huma.Operation{OperationID: "seeFlag", Method: http.MethodPost, Path: "/api/v1/orgs/{org}/flags/{flag}/seen",
		Summary: "Note that somebody has looked at it", Tags: []string{"people"}}, s.seeFlag)
}

func (s *flagRoutes) askForHelp(ctx context.Context, in *helpInput) (*output[HelpIsComing], error) {
	p := principalOf(ctx)
	if err := s.flags.AddFlag(ctx, p.Org, appliance.Flag{User: appliance.UserRef{ID: p.User}, Category: askedForHelp, Severity: 1,
		Side: "question", Text: in.Body.Message, ConversationID: in.Body.ConversationID}); err != nil {
		return nil, err
	}
	teachers, err := s.flags.TeachersOf(ctx, p.Org, p.User)
	if teachers == nil {
		teachers = []string{}
	}
	return &output[HelpIsComing]{HelpIsComing{teachers}}, err
}

// taughtBy is whose pupils somebody sees: their own, or, in the office, all.
func taughtBy(p appliance.Principal) appliance.UserID {
	if p.Role.Rank() >= appliance.RoleAdmin.Rank() {
		return ""
	}
	return p.User
}

func (s *flagRoutes) listFlags(ctx context.Context, in *flagsInput) (*output[appliance.Page[appliance.Flag]], error) {
	p := principalOf(ctx)
	// What is not written down does not leave the box.
	if err := s.log.AppendAudit(ctx, p.Org, p.Did("flags.read", string(p.Org)).With("open", in.Open)); err != nil {
		return nil, err
	}
	page, err := s.flags.Flags(ctx, p.Org, taughtBy(p), in.Open, in.Cursor, in.Limit)
	return &output[appliance.Page[appliance.Flag]]{noNull(page)}, err
}

func (s *flagRoutes) seeFlag(ctx context.Context, in *flagInput) (*output[appliance.Flag], error) {
	p := principalOf(ctx)
	f, err := s.flags.SeeFlag(ctx, p.Org, taughtBy(p), p.User, in.Flag, p.Did("flag.seen", ""))
	return &output[appliance.Flag]{f}, err
}
