package appliance

import "context"

// AuditNote is an audit entry on its way. It travels in a request's context, so
// that the first transaction which changes something writes it too: the change
// and its line in the log happen both or not at all.
type AuditNote struct {
	Org     OrgID
	Entry   AuditEntry
	Written bool // by the store, once its transaction is in
}

type auditKey struct{}

// WithAudit gives a request its note.
func WithAudit(ctx context.Context, n *AuditNote) context.Context {
	return context.WithValue(ctx, auditKey{}, n)
}

// AuditOf returns the note of a request, nil if it has none.
func AuditOf(ctx context.Context) *AuditNote {
	n, _ := ctx.Value(auditKey{}).(*AuditNote)
	return n
}
