package httpd

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/transport"
)

// Me is who is signed in.
type Me struct {
	User         appliance.User         `json:"user"`
	Organization appliance.Organization `json:"organization"`
}

type meRoutes struct {
	*Server
	members Members
	schools Schools
}

type meOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         Me
}

type updateMeInput struct {
	Body struct {
		Language string `json:"language" enum:"en,fr,rw,sw"`
	}
}

type passwordInput struct {
	Body struct {
		Current string `json:"current" maxLength:"1000"`
		Next    string `json:"next" maxLength:"1000"`
	}
}

// Sessions is where somebody is signed in.
type Sessions struct {
	Sessions []appliance.Session `json:"sessions"`
}

type sessionsOutput struct{ Body Sessions }

type sessionInput struct {
	Session string `path:"session" maxLength:"64" pattern:"^[A-Za-z0-9_-]+$"`
}

type signedOutOutput struct {
	SetCookie []http.Cookie `header:"Set-Cookie"`
}

func (s *meRoutes) register(api *transport.Server) {
	transport.Register(api, huma.Operation{OperationID: "logout", Method: http.MethodPost, Path: "/api/v1/auth/logout",
		Summary: "Sign out", Tags: []string{"sign-in"}}, s.logout)
	transport.Register(api, huma.Operation{OperationID: "getMe", Method: http.MethodGet, Path: "/api/v1/users/me",
		Summary: "Who is signed in", Tags: []string{"sign-in"}}, s.getMe)
	transport.Register(api, huma.Operation{OperationID: "updateMe", Method: http.MethodPatch, Path: "/api/v1/users/me",
		Summary: "Change one's own language", Tags: []string{"sign-in"}}, s.updateMe)
	transport.Register(api, huma.Operation{OperationID: "changePassword", Method: http.MethodPost, Path: "/api/v1/users/me/password",
		Summary: "Change one's own password", Tags: []string{"sign-in"}, Description: "Signs out everywhere else."}, s.changePassword)
	transport.Register(api, huma.Operation{OperationID: "listMySessions", Method: http.MethodGet, Path: "/api/v1/users/me/sessions",
		Summary: "Where one is signed in", Tags: []string{"sign-in"}}, s.mySessions)
	transport.Register(api, huma.Operation{OperationID: "endMySession", Method: http.MethodDelete, Path: "/api/v1/users/me/sessions/{session}",
		Summary: "Sign out somewhere else", Tags: []string{"sign-in"}}, s.endMySession)
}

func (s *meRoutes) logout(ctx context.Context, _ *struct{}) (*signedOutOutput, error) {
	r, p := transport.RequestOf(ctx), principalOf(ctx)
	out := &signedOutOutput{}
	for _, name := range []string{accessCookie, refreshCookie} {
		out.SetCookie = append(out.SetCookie, cookie(r, name, "", -1))
	}
	if p.User == "" {
		return out, nil // the command line has nothing to end
	}
	return out, s.auth.SignOut(context.WithoutCancel(ctx), p)
}

func (s *meRoutes) me(ctx context.Context, u appliance.User) (*meOutput, error) {
	o, err := s.schools.Organization(ctx, principalOf(ctx))
	return &meOutput{"no-store", Me{wholeUser(u), o}}, err
}

func (s *meRoutes) getMe(ctx context.Context, _ *struct{}) (*meOutput, error) {
	p := principalOf(ctx)
	if p.User == "" {
		return s.me(ctx, appliance.User{Role: p.Role})
	}
	u, err := s.members.Member(ctx, p, p.User)
	if err != nil {
		return nil, err
	}
	return s.me(ctx, u)
}

func (s *meRoutes) updateMe(ctx context.Context, in *updateMeInput) (*meOutput, error) {
	u, err := s.members.UpdateMe(ctx, principalOf(ctx), in.Body.Language)
	if err != nil {
		return nil, err
	}
	return s.me(ctx, u)
}

func (s *meRoutes) changePassword(ctx context.Context, in *passwordInput) (*struct{}, error) {
	p := principalOf(ctx)
	if err := s.passwordsAllowed(ctx, p.Org); err != nil {
		return nil, err
	}
	return nil, s.auth.ChangePassword(ctx, p, in.Body.Current, in.Body.Next)
}

func (s *meRoutes) mySessions(ctx context.Context, _ *struct{}) (*sessionsOutput, error) {
	list, err := s.auth.Sessions(ctx, principalOf(ctx))
	if list == nil {
		list = []appliance.Session{}
	}
	return &sessionsOutput{Sessions{list}}, err
}

func (s *meRoutes) endMySession(ctx context.Context, in *sessionInput) (*struct{}, error) {
	return nil, s.auth.EndSession(context.WithoutCancel(ctx), principalOf(ctx), in.Session)
}
