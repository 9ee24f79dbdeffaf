package httpd

import (
	"context"
	"net/http"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/transport"
)

// audit writes what is read before it leaves the box, and gives what changes
// something a note that the change's transaction writes.
func (s *Server) audit(r *http.Request, e transport.Entry) (context.Context, func(status int), error) {
	ctx, p := r.Context(), principalOf(r.Context())
	entry := appliance.AuditEntry{Actor: p.User, Action: e.Policy.Audit, Target: e.Target,
		Remote: transport.Address(r), RequestID: transport.RequestID(ctx)}
	if transport.Safe(r) {
		if !audited(e.Operation, r) {
			return ctx, func(int) {}, nil
		}
		return ctx, func(int) {}, s.parts.Audit.AppendAudit(ctx, p.Org, entry)
	}
	note := &appliance.AuditNote{Org: p.Org, Entry: entry}
	return appliance.WithAudit(ctx, note), func(status int) {
		if note.Written || status >= http.StatusMultipleChoices {
			return
		}
		if err := s.parts.Audit.AppendAudit(context.WithoutCancel(ctx), p.Org, note.Entry); err != nil {
			transport.Logger(ctx).Error("audit", "error", err)
		}
	}, nil
}

// audited reports whether a reading request goes into the audit log: files only
// when they are saved, not when they are looked at.
func audited(op string, r *http.Request) bool {
	return op != "getSourceFile" || r.URL.Query().Get("download") == "true"
}

// storedRequests keeps answers for transport. What it writes is nothing that
// the audit log should hear of.
type storedRequests struct{ store Requests }

func (s storedRequests) BeginRequest(ctx context.Context, k transport.RequestKey, fingerprint string) (*transport.StoredResponse, error) {
	stored, err := s.store.BeginRequest(appliance.WithAudit(ctx, nil), appliance.OrgID(k.Tenant), appliance.UserID(k.Subject), k.Key, fingerprint)
	if stored == nil {
		return nil, err
	}
	return &transport.StoredResponse{Status: stored.Status, Body: stored.Body}, err
}

func (s storedRequests) FinishRequest(ctx context.Context, k transport.RequestKey, r transport.StoredResponse) error {
	return s.store.FinishRequest(appliance.WithAudit(ctx, nil), appliance.OrgID(k.Tenant), appliance.UserID(k.Subject), k.Key,
		appliance.StoredResponse{Status: r.Status, Body: r.Body})
}

func (s storedRequests) DropRequest(ctx context.Context, k transport.RequestKey) error {
	return s.store.DropRequest(appliance.WithAudit(ctx, nil), appliance.OrgID(k.Tenant), appliance.UserID(k.Subject), k.Key)
}
