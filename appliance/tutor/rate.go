package tutor

import (
	"context"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/tutor/safety"
)

// RatingStore keeps what people think of answers.
type RatingStore interface {
	Rate(ctx context.Context, org appliance.OrgID, user appliance.UserID, messageID string, thumb appliance.Thumb, entries ...appliance.AuditEntry) error
	Unrate(ctx context.Context, org appliance.OrgID, user appliance.UserID, messageID string, entries ...appliance.AuditEntry) error
}

// Rate keeps what somebody thinks of an answer that they got. A note that an
// adult should see goes on the teachers' list, as a question would.
func (t *Tutor) Rate(ctx context.Context, p appliance.Principal, messageID string, thumb appliance.Thumb) error {
	thumb = thumb.Clean()
	if err := t.store.Rate(ctx, p.Org, p.User, messageID, thumb, p.Did("answer.rated", "").With("up", thumb.Up)); err != nil {
		return err
	}
	f, bad := safety.Question(thumb.Note)
	if !bad {
		return nil
	}
	return t.store.AddFlag(ctx, p.Org, appliance.Flag{User: appliance.UserRef{ID: p.User}, Category: string(f.Category), Severity: f.Severity, Side: "question", Text: thumb.Note})
}

// Unrate takes back what somebody thought of an answer.
func (t *Tutor) Unrate(ctx context.Context, p appliance.Principal, messageID string) error {
	return t.store.Unrate(ctx, p.Org, p.User, messageID, p.Did("answer.unrated", ""))
}
