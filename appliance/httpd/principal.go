package httpd

import (
	"context"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/problem"
	"github.com/bwenge-os/bwenge/internal/transport"
)

// Names of cookies. Over TLS they have names of their own: cookies do not keep
// ports and schemes apart, and a secure one must not be overwritten by another.
const (
	accessCookie  = "access"
	refreshCookie = "refresh"
	deviceCookie  = "device"
	refreshPath   = "/api/v1/auth"
)

func cookieName(r *http.Request, name string) string {
	if r.TLS != nil {
		return "bwenge_tls_" + name
	}
	return "bwenge_" + name
}

func cookieOf(r *http.Request, name string) string {
	c, err := r.Cookie(cookieName(r, name))
	if err != nil {
		return ""
	}
	return c.Value
}

// cookie makes one that scripts cannot read and other sites do not cause to be
// sent. A negative age removes it.
func cookie(r *http.Request, name, value string, maxAge int) http.Cookie {
	path := "/"
	if name == refreshCookie {
		path = refreshPath
	}
	return http.Cookie{Name: cookieName(r, name), Value: value, Path: path, MaxAge: maxAge, HttpOnly: true,
		Secure: r.TLS != nil, SameSite: http.SameSiteStrictMode}
}

// authenticate says who makes a request, and from where.
func (s *Server) authenticate(r *http.Request) (transport.Caller, error) {
	p, err := s.principal(r)
	p.Remote, p.RequestID = transport.Address(r), transport.RequestID(r.Context())
	return callerOf(p), err
}

// principal says who makes a request. Cookies count for unsafe methods only if the
// box's own pages caused them: a foreign page cannot set an Origin.
func (s *Server) principal(r *http.Request) (appliance.Principal, error) {
	token, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !bearer {
		if transport.OverUnixSocket(r) {
			org, err := s.tenant(r)
			return appliance.Operator(org), err
		}
		if token = cookieOf(r, accessCookie); token != "" && !transport.Safe(r) && !transport.FromOwnPage(r) {
			return appliance.Principal{}, problem.New(problem.Forbidden, "csrf",
				"The box cannot tell that its own page sent this.", "Reload the page and try again.", nil)
		}
		if token == "" && cookieOf(r, deviceCookie) != "" {
			// The browser has let the access token go when its time was over.
			return appliance.Principal{}, problem.New(problem.Unauthorized, "token_expired", "You are not signed in any more.", "Sign in again.", nil)
		}
	}
	return s.auth.Authenticate(r.Context(), token)
}

// tenant is the school that a request without a token is about: the one it
// names, the one that the host name begins with, or the only one.
func (s *Server) tenant(r *http.Request) (appliance.OrgID, error) {
	ctx := r.Context()
	if name := r.Header.Get("X-Tenant-Id"); name != "" {
		o, err := s.public.OrganizationBySlug(ctx, name)
		return o.ID, err
	}
	if label, rest, ok := strings.Cut(strings.ToLower(r.Host), "."); ok && strings.Contains(rest, ".") {
		if _, err := netip.ParseAddr(strings.Split(r.Host, ":")[0]); err != nil {
			if o, err := s.public.OrganizationBySlug(ctx, label); err == nil {
				return o.ID, nil
			}
		}
	}
	all, err := s.public.Organizations(ctx)
	if err != nil {
		return "", err
	}
	if len(all) == 1 {
		return all[0].ID, nil
	}
	if transport.OverUnixSocket(r) {
		o, err := s.public.FirstOrganization(ctx)
		return o.ID, err
	}
	return "", problem.New(problem.Invalid, "choose_school", "There are several schools on this box.",
		"Choose yours.", nil).With("schools", schoolsOf(all))
}

// safeForPasswords reports whether nobody on the way can read a request: TLS,
// also up to a proxy that is trusted, or it never leaves this machine.
func (s *Server) safeForPasswords(r *http.Request) bool {
	if r.TLS != nil || s.atBox(r) {
		return true
	}
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && slices.Contains(s.cfg.TrustedProxies, from.Addr().Unmap().String()) && r.Header.Get("X-Forwarded-Proto") == "https"
}

// atBox reports whether a request comes from the box itself: over its unix
// socket, or from its own loopback by no proxy. What a proxy says is believed
// here in any case, since it takes something away.
func (s *Server) atBox(r *http.Request) bool {
	if transport.OverUnixSocket(r) {
		return true
	}
	for _, header := range []string{"X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip", "Forwarded", "Via"} {
		if r.Header.Get(header) != "" {
			return false
		}
	}
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && from.Addr().Unmap().IsLoopback() && !slices.Contains(s.cfg.TrustedProxies, from.Addr().Unmap().String())
}

func (s *Server) deviceOf(r *http.Request) appliance.Device {
	return appliance.Device{ID: s.auth.DeviceID(cookieOf(r, deviceCookie)), Address: transport.Address(r), Agent: r.UserAgent(),
		RequestID: transport.RequestID(r.Context())}
}

// principalOf is who makes a request; the zero Principal before it is known.
func principalOf(ctx context.Context) appliance.Principal {
	p, _ := transport.CallerOf(ctx).Who.(appliance.Principal)
	return p
}

func callerOf(p appliance.Principal) transport.Caller {
	return transport.Caller{Tenant: string(p.Org), Subject: string(p.User), Session: p.Session, Rank: p.Role.Rank(), Who: p}
}
