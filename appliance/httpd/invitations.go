package httpd

import (
	"context"
	"net/http"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/transport"
)

// Inviter invites staff; *accounts.Service is the real one.
type Inviter interface {
	Invite(ctx context.Context, p appliance.Principal, role appliance.Role, email string, class appliance.ClassID, link func(code string) string) (appliance.Invitation, error)
	Invitations(ctx context.Context, p appliance.Principal) ([]appliance.Invitation, error)
	RevokeInvitation(ctx context.Context, p appliance.Principal, id string) error
}

type invitationRoutes struct {
	*Server
	inviter Inviter
}

// SentInvitation is an invitation with the link to hand on.
type SentInvitation struct {
	appliance.Invitation
	URL string `json:"url"`
}

type inviteInput struct {
	OrgPath
	Body struct {
		Role    appliance.Role    `json:"role"`
		Email   string            `json:"email,omitempty" maxLength:"200" doc:"Where the box has a mail server, it is sent there"`
		ClassID appliance.ClassID `json:"class_id,omitempty" maxLength:"64"`
	}
}

// Invitations are those of a school.
type Invitations struct {
	Invitations []SentInvitation `json:"invitations"`
}

type invitationInput struct {
	OrgPath
	Invitation string `path:"invitation" maxLength:"64"`
}

func (s *Server) sent(ctx context.Context, i appliance.Invitation) SentInvitation {
	return SentInvitation{i, s.inviteLink(ctx)(i.Code)}
}

func (s *Server) inviteLink(ctx context.Context) func(string) string {
	base := s.lanAddress(transport.RequestOf(ctx))
	return func(code string) string { return base + "/invite/" + code }
}

func (s *invitationRoutes) register(api *transport.Server) {
	transport.Register(api, peopleOp("invite", http.MethodPost, "/{org}/invite", "Invite one of the staff"), func(ctx context.Context, in *inviteInput) (*output[SentInvitation], error) {
		i, err := s.inviter.Invite(ctx, principalOf(ctx), in.Body.Role, in.Body.Email, in.Body.ClassID, s.inviteLink(ctx))
		return to(s.sent(ctx, i), err)
	})
	transport.Register(api, peopleOp("listInvitations", http.MethodGet, "/{org}/invitations", "Invitations, the newest first"), func(ctx context.Context, _ *OrgPath) (*output[Invitations], error) {
		all, err := s.inviter.Invitations(ctx, principalOf(ctx))
		out := Invitations{make([]SentInvitation, len(all))}
		for i, one := range all {
			out.Invitations[i] = s.sent(ctx, one)
		}
		return to(out, err)
	})
	transport.Register(api, peopleOp("revokeInvitation", http.MethodDelete, "/{org}/invitations/{invitation}", "Take an invitation back"), func(ctx context.Context, in *invitationInput) (*struct{}, error) {
		return nil, s.inviter.RevokeInvitation(ctx, principalOf(ctx), in.Invitation)
	})
}
