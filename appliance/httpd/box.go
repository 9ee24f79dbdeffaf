package httpd

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/transport"
)

// Public is what somebody who has not signed in may know.
type Public interface {
	NeedsSetup(ctx context.Context) (bool, error)
	Organizations(ctx context.Context) ([]appliance.Organization, error)
	OrganizationBySlug(ctx context.Context, slugOrID string) (appliance.Organization, error)
	FirstOrganization(ctx context.Context) (appliance.Organization, error)
}

// Cards draws what pupils sign in with; package school/cards does.
type Cards struct {
	Pictures func() []string
	Picture  func(id string) (svg []byte)
	QR       func(text string) (svg []byte, err error)
}

type boxRoutes struct {
	*Server
	cards Cards
}

// School is a school as it shows itself before the sign-in.
type School struct {
	ID       appliance.OrgID `json:"id"`
	Name     string          `json:"name"`
	Slug     string          `json:"slug"`
	Language string          `json:"language"`
}

func schoolOf(o appliance.Organization) School { return School{o.ID, o.Name, o.Slug, o.Language} }

func schoolsOf(all []appliance.Organization) []School {
	list := make([]School, len(all))
	for i, o := range all {
		list[i] = schoolOf(o)
	}
	return list
}

// BoxInfo is the first thing that a page asks for.
type BoxInfo struct {
	Version     string   `json:"version"`
	SetupNeeded bool     `json:"setup_needed" doc:"Nobody owns this box yet"`
	ClaimNeeded bool     `json:"claim_code_needed" doc:"Setting it up from here needs its claim code"`
	ClaimCode   string   `json:"claim_code,omitempty" doc:"That code: to the box's own command line alone"`
	Secure      bool     `json:"secure" doc:"Passwords sent from here cannot be read on the way"`
	HTTPSURL    string   `json:"https_url,omitempty"`
	Authority   bool     `json:"authority" doc:"The box has a certificate authority of its own: GET /ca.crt"`
	Fingerprint string   `json:"authority_fingerprint,omitempty" doc:"SHA-256 of its certificate, to compare with what the cards, the poster and the box itself show"`
	Address     string   `json:"address" doc:"Where tablets find the box"`
	Schools     []School `json:"schools"`
	School      *School  `json:"school,omitempty" doc:"The one that this page is about"`
}

type boxOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         BoxInfo
}

// Pictures are the ids of the pictures that pupils sign in with.
type Pictures struct {
	Pictures []string `json:"pictures"`
}

type picturesOutput struct{ Body Pictures }

type pictureInput struct {
	ID string `path:"id" maxLength:"20" pattern:"^[a-z]+$"`
}

type svgOutput struct {
	ContentType  string `header:"Content-Type"`
	CacheControl string `header:"Cache-Control"`
	Body         []byte
}

type qrInput struct {
	Path string `query:"path" maxLength:"300" doc:"A path on the box, which the code leads to"`
}

func (s *boxRoutes) register(api *transport.Server) {
	svg := map[string]*huma.Response{"200": {Description: "SVG", Content: map[string]*huma.MediaType{
		"image/svg+xml": {Schema: &huma.Schema{Type: huma.TypeString}}}}}
	transport.Register(api, huma.Operation{OperationID: "getBox", Method: http.MethodGet, Path: "/api/v1/box",
		Summary: "What a page needs before anybody has signed in", Tags: []string{"sign-in"}}, s.getBox)
	transport.Register(api, huma.Operation{OperationID: "getQR", Method: http.MethodGet, Path: "/api/v1/box/qr.svg",
		Summary: "A QR code that leads tablets to a page of the box", Tags: []string{"sign-in"}, Responses: svg}, s.getQR)
	transport.Register(api, huma.Operation{OperationID: "listPictures", Method: http.MethodGet, Path: "/api/v1/auth/pictures",
		Summary: "The pictures that pupils sign in with", Tags: []string{"sign-in"}},
		func(context.Context, *struct{}) (*picturesOutput, error) {
			return &picturesOutput{Pictures{s.cards.Pictures()}}, nil
		})
	transport.Register(api, huma.Operation{OperationID: "getPicture", Method: http.MethodGet, Path: "/api/v1/auth/pictures/{id}",
		Summary: "One of the pictures", Tags: []string{"sign-in"}, Responses: svg, Errors: []int{http.StatusNotFound}}, s.getPicture)
}

func (s *boxRoutes) getBox(ctx context.Context, _ *struct{}) (*boxOutput, error) {
	r := transport.RequestOf(ctx)
	needs, err := s.public.NeedsSetup(ctx)
	if err != nil {
		return nil, err
	}
	all, err := s.public.Organizations(ctx)
	if err != nil {
		return nil, err
	}
	info := BoxInfo{Version: s.cfg.Version, SetupNeeded: needs, ClaimNeeded: needs && !s.atBox(r), Fingerprint: s.cfg.Fingerprint, Secure: s.safeForPasswords(r), Address: s.lanAddress(r),
		HTTPSURL: s.httpsURL(r), Authority: s.cfg.Authority != nil, Schools: schoolsOf(all)}
	if org, err := s.tenant(r); err == nil {
		for _, o := range all {
			if o.ID == org {
				school := schoolOf(o)
				info.School = &school
				info.Secure = info.Secure || o.Settings.AllowPlainPasswords
			}
		}
	}
	if needs {
		// Asked for by everybody, so that a box whose only school was erased has its
		// next code ready.
		code, err := s.auth.ClaimCode(ctx)
		if err != nil {
			return nil, err
		}
		if transport.OverUnixSocket(r) {
			info.ClaimCode = code
		}
	}
	return &boxOutput{"no-store", info}, nil
}

// lanAddress is where tablets reach the box: as this request did, unless that
// was by a name of this machine for itself.
func (s *Server) lanAddress(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		host = r.Host
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	// A name ending in .local is no use to many Android tablets.
	if s.cfg.Address != nil && (transport.OverUnixSocket(r) || host == "localhost" || strings.HasSuffix(host, ".local") || ip != nil && ip.IsLoopback()) {
		if own := s.cfg.Address(networkOf(r)); own != "" {
			return own
		}
	}
	scheme := "http://"
	if r.TLS != nil {
		scheme = "https://"
	}
	return scheme + r.Host
}

// networkOf is an address on the network that a request came by: the box's own
// there, or, where a proxy on the box stands between, the asker's. It is not
// valid for somebody at the box.
func networkOf(r *http.Request) netip.Addr {
	if local, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr); ok && !local.IP.IsLoopback() {
		return local.AddrPort().Addr().Unmap()
	}
	from, err := netip.ParseAddr(transport.Address(r))
	if err != nil || from.IsLoopback() {
		return netip.Addr{}
	}
	return from.Unmap()
}

// httpsURL is the same host on the box's TLS port.
func (s *Server) httpsURL(r *http.Request) string {
	if s.cfg.TLSPort == "" {
		return ""
	}
	host, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		host = r.Host
	}
	return "https://" + net.JoinHostPort(strings.Trim(host, "[]"), s.cfg.TLSPort)
}

func (s *boxRoutes) getQR(ctx context.Context, in *qrInput) (*svgOutput, error) {
	if !strings.HasPrefix(in.Path, "/") || strings.HasPrefix(in.Path, "//") {
		in.Path = "/" + strings.TrimLeft(in.Path, "/")
	}
	svg, err := s.cards.QR(s.lanAddress(transport.RequestOf(ctx)) + in.Path)
	return &svgOutput{"image/svg+xml", "no-cache", svg}, err
}

func (s *boxRoutes) getPicture(_ context.Context, in *pictureInput) (*svgOutput, error) {
	svg := s.cards.Picture(in.ID)
	if svg == nil {
		return nil, transport.ErrNoRoute
	}
	return &svgOutput{"image/svg+xml", "public, max-age=86400", svg}, nil
}
