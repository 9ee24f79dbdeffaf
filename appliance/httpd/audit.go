package httpd

import (
	"context"
	"net/http"
	"time"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/transport"
)

// Audit is the audit log.
type Audit interface {
	AppendAudit(ctx context.Context, org appliance.OrgID, entries ...appliance.AuditEntry) error
	Audit(ctx context.Context, org appliance.OrgID, f appliance.AuditFilter) (appliance.Page[appliance.AuditEntry], error)
}

type auditRoutes struct{ log Audit }

type auditInput struct {
	OrgPath
	Action string           `query:"action" maxLength:"60" doc:"The action or its first part, such as user"`
	Actor  appliance.UserID `query:"actor" maxLength:"64"`
	Target string           `query:"target" maxLength:"64"`
	From   time.Time        `query:"from"`
	To     time.Time        `query:"to"`
	Cursor string           `query:"cursor" maxLength:"200"`
	Limit  int              `query:"limit" minimum:"1" maximum:"100" default:"50"`
}

func (s *auditRoutes) register(api *transport.Server) {
	transport.Register(api, peopleOp("listAudit", http.MethodGet, "/{org}/audit", "The audit log, the newest line first"), func(ctx context.Context, in *auditInput) (*output[appliance.Page[appliance.AuditEntry]], error) {
		p := principalOf(ctx)
		// What is not written down does not leave the box.
		if err := s.log.AppendAudit(ctx, p.Org, p.Did("audit.read", string(p.Org))); err != nil {
			return nil, err
		}
		page, err := s.log.Audit(ctx, p.Org, appliance.AuditFilter{Action: in.Action, Actor: in.Actor,
			Target: in.Target, From: in.From, To: in.To, Cursor: in.Cursor, Limit: in.Limit})
		return to(noNull(page), err)
	})
}
