package httpd

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/problem"
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

// overSocket reports whether a request came over the unix socket in the data
// folder: from the command line, which needs no sign-in.
func overSocket(r *http.Request) bool {
	local, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	return ok && local.Network() == "unix"
}

// authenticate says who makes a request. Cookies count for unsafe methods only
// if the box's own pages caused them: a foreign page cannot set an Origin.
func (s *Server) authenticate(r *http.Request) (appliance.Principal, error) {
	token, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !bearer {
		if overSocket(r) {
			org, err := s.tenant(r)
			return appliance.Operator(org), err
		}
		if token = cookieOf(r, accessCookie); token != "" && !safe(r) && !fromOwnPage(r) {
			return appliance.Principal{}, problem.New(problem.Forbidden, "csrf",
				"The box cannot tell that its own page sent this.", "Reload the page and try again.", nil)
		}
		if token == "" && cookieOf(r, deviceCookie) != "" {
			// The browser has let the access token go when its time was over.
			return appliance.Principal{}, problem.New(problem.Unauthorized, "token_expired", "You are not signed in any more.", "Sign in again.", nil)
		}
	}
	return s.parts.Auth.Authenticate(r.Context(), token)
}

// fromOwnPage reports whether a browser says that a page of the box sent the
// request. sameOrigin has refused those that say otherwise.
func fromOwnPage(r *http.Request) bool {
	return r.Header.Get("Origin") != "" || r.Header.Get("Sec-Fetch-Site") == "same-origin"
}

// tenant is the school that a request without a token is about: the one it
// names, the one that the host name begins with, or the only one.
func (s *Server) tenant(r *http.Request) (appliance.OrgID, error) {
	ctx := r.Context()
	if name := r.Header.Get("X-Tenant-Id"); name != "" {
		o, err := s.parts.Door.OrganizationBySlug(ctx, name)
		return o.ID, err
	}
	if label, rest, ok := strings.Cut(strings.ToLower(r.Host), "."); ok && strings.Contains(rest, ".") {
		if _, err := netip.ParseAddr(strings.Split(r.Host, ":")[0]); err != nil {
			if o, err := s.parts.Door.OrganizationBySlug(ctx, label); err == nil {
				return o.ID, nil
			}
		}
	}
	all, err := s.parts.Door.Organizations(ctx)
	if err != nil {
		return "", err
	}
	if len(all) == 1 {
		return all[0].ID, nil
	}
	if overSocket(r) {
		return appliance.DefaultOrg, nil
	}
	return "", problem.New(problem.Invalid, "choose_school", "There are several schools on this box.",
		"Choose yours.", nil).With("schools", schoolsOf(all))
}

// safeForPasswords reports whether nobody on the way can read a request: TLS,
// or it never leaves this machine.
func safeForPasswords(r *http.Request) bool {
	if r.TLS != nil || overSocket(r) {
		return true
	}
	addr, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && addr.Addr().Unmap().IsLoopback()
}

// address is the client's IP address. Headers that proxies set are believed
// only from proxies that the operator named.
func (s *Server) address(r *http.Request) string {
	address := remoteAddress(r)
	if len(s.cfg.TrustedProxies) == 0 {
		return address
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for slices.Contains(s.cfg.TrustedProxies, address) && len(hops) > 0 {
		last := strings.TrimSpace(hops[len(hops)-1])
		hops = hops[:len(hops)-1]
		if _, err := netip.ParseAddr(last); err != nil {
			break
		}
		address = last
	}
	return address
}

func (s *Server) deviceOf(r *http.Request) appliance.Device {
	return appliance.Device{ID: s.parts.Auth.DeviceID(cookieOf(r, deviceCookie)), Address: s.address(r), Agent: r.UserAgent()}
}

// live knows what is open for each session, so that it closes when the session
// is ended.
type live struct {
	mu   sync.Mutex
	open map[string]map[*func()]struct{}
}

func (l *live) add(session string, end func()) (remove func()) {
	if session == "" {
		return func() {}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open[session] == nil {
		l.open[session] = map[*func()]struct{}{}
	}
	l.open[session][&end] = struct{}{}
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		if delete(l.open[session], &end); len(l.open[session]) == 0 {
			delete(l.open, session)
		}
	}
}

func (l *live) end(session string) {
	l.mu.Lock()
	var all []func()
	for end := range l.open[session] {
		all = append(all, *end)
	}
	l.mu.Unlock()
	for _, end := range all {
		end()
	}
}

var errSignedOut = errors.New("the session was ended")

// principalOf is who makes a request; the zero Principal before it is known.
func principalOf(ctx context.Context) appliance.Principal {
	if i, ok := ctx.Value(identityKey{}).(*identity); ok {
		return i.principal
	}
	return appliance.Principal{}
}

// requestOf is the HTTP request that a handler of huma's answers.
func requestOf(ctx context.Context) *http.Request {
	if i, ok := ctx.Value(identityKey{}).(*identity); ok {
		return i.request
	}
	return nil
}
