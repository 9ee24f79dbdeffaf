package httpd

import (
	"context"
	"net"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/school/cards"
	"github.com/bwenge-os/bwenge/internal/problem"
	"github.com/bwenge-os/bwenge/internal/transport"
)

// Door is what somebody who has not signed in may know.
type Door interface {
	NeedsSetup(ctx context.Context) (bool, error)
	Organizations(ctx context.Context) ([]appliance.Organization, error)
	OrganizationBySlug(ctx context.Context, slugOrID string) (appliance.Organization, error)
}

// Auth signs people in and out; *auth.Service is the real one.
type Auth interface {
	Authenticate(ctx context.Context, access string) (appliance.Principal, error)
	SignIn(ctx context.Context, org appliance.OrgID, login, password string, d appliance.Device) (appliance.Tokens, error)
	SignInPupil(ctx context.Context, code string, user appliance.UserID, pictures []string, pin string, d appliance.Device) (appliance.Tokens, error)
	Refresh(ctx context.Context, token string, d appliance.Device) (appliance.Tokens, error)
	SetUp(ctx context.Context, o appliance.Organization, name, login, email, password string, d appliance.Device) (appliance.Tokens, error)
	Accept(ctx context.Context, code, name, login, email, password string, d appliance.Device) (appliance.Tokens, error)
	Class(ctx context.Context, code string, d appliance.Device) (appliance.OrgID, appliance.Class, []appliance.User, error)
	Invitation(ctx context.Context, code string, d appliance.Device) (appliance.OrgID, appliance.Invitation, error)
	SignOut(ctx context.Context, p appliance.Principal) error
	Sessions(ctx context.Context, p appliance.Principal) ([]appliance.Session, error)
	EndSession(ctx context.Context, p appliance.Principal, id string) error
	ChangePassword(ctx context.Context, p appliance.Principal, current, next string) error
	NewDevice() string
	DeviceID(token string) string
	OnEnd(fn func(session string))
}

// School is a school as its door shows it.
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
	Secure      bool     `json:"secure" doc:"Passwords sent from here cannot be read on the way"`
	HTTPSURL    string   `json:"https_url,omitempty"`
	Authority   bool     `json:"authority" doc:"The box has a certificate authority of its own: GET /ca.crt"`
	Address     string   `json:"address" doc:"Where tablets find the box"`
	Schools     []School `json:"schools"`
	School      *School  `json:"school,omitempty" doc:"The one that this page is about"`
}

type boxOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         BoxInfo
}

// SignedIn is the answer to every sign-in.
type SignedIn struct {
	User         appliance.User         `json:"user"`
	Organization appliance.Organization `json:"organization"`
	AccessToken  string                 `json:"access_token,omitempty" doc:"Absent where cookies were asked for"`
	RefreshToken string                 `json:"refresh_token,omitempty"`
	TokenType    string                 `json:"token_type" enum:"Bearer,Cookie"`
	ExpiresIn    int                    `json:"expires_in" doc:"Seconds until the access token has to be refreshed"`
}

type signedInOutput struct {
	CacheControl string        `header:"Cache-Control"`
	SetCookie    []http.Cookie `header:"Set-Cookie"`
	Body         SignedIn
}

// signedIn answers with tokens, or with cookies alone: then no script ever sees
// a token.
func (s *Server) signedIn(r *http.Request, t appliance.Tokens, cookies bool) *signedInOutput {
	out := &signedInOutput{CacheControl: "no-store", Body: SignedIn{
		User: wholeUser(t.User), Organization: t.Organization, ExpiresIn: int(t.ExpiresIn.Seconds())}}
	if s.parts.Auth.DeviceID(cookieOf(r, deviceCookie)) == "" {
		out.SetCookie = append(out.SetCookie, cookie(r, deviceCookie, s.parts.Auth.NewDevice(), 400*24*3600))
	}
	if !cookies {
		out.Body.AccessToken, out.Body.RefreshToken, out.Body.TokenType = t.Access, t.Refresh, "Bearer"
		return out
	}
	out.Body.TokenType = "Cookie"
	out.SetCookie = append(out.SetCookie, cookie(r, accessCookie, t.Access, out.Body.ExpiresIn), cookie(r, refreshCookie, t.Refresh, 90*24*3600))
	return out
}

func wholeUser(u appliance.User) appliance.User {
	if u.Classes == nil {
		u.Classes = []appliance.ClassRef{}
	}
	return u
}

type registerInput struct {
	Body struct {
		Invitation          string `json:"invitation,omitempty" maxLength:"20" doc:"Code of an invitation; without one, the first boot"`
		SchoolName          string `json:"school_name,omitempty" maxLength:"200"`
		OrgName             string `json:"orgName,omitempty" maxLength:"200" doc:"The same as school_name"`
		Language            string `json:"language,omitempty" enum:"en,fr,rw,sw"`
		Name                string `json:"name" maxLength:"200" doc:"As others see it"`
		Login               string `json:"login,omitempty" maxLength:"100" doc:"User name; the e-mail address if absent"`
		Email               string `json:"email,omitempty" maxLength:"200"`
		Password            string `json:"password" maxLength:"1000"`
		AllowPlainPasswords bool   `json:"allow_plain_passwords,omitempty" doc:"First boot: staff may send passwords over plain HTTP, where anyone on the Wi-Fi can read them"`
		Cookies             bool   `json:"cookies,omitempty" doc:"Keep the tokens in cookies that scripts cannot read"`
	}
}

type loginInput struct {
	Body struct {
		Login    string `json:"login,omitempty" maxLength:"200" doc:"User name or e-mail address"`
		Email    string `json:"email,omitempty" maxLength:"200" doc:"The same as login"`
		Password string `json:"password" maxLength:"1000"`
		Cookies  bool   `json:"cookies,omitempty"`
	}
}

type pupilInput struct {
	Body struct {
		Code     string           `json:"code" maxLength:"20" doc:"The class code"`
		UserID   appliance.UserID `json:"user_id" maxLength:"64"`
		Pictures []string         `json:"pictures,omitempty" maxItems:"3" doc:"In order"`
		PIN      string           `json:"pin,omitempty" maxLength:"12"`
		Cookies  bool             `json:"cookies,omitempty"`
	}
}

type refreshInput struct {
	Body struct {
		RefreshToken string `json:"refresh_token,omitempty" maxLength:"400" doc:"Absent: the cookie's"`
	}
}

type codeInput struct {
	Code string `path:"code" maxLength:"20"`
}

// ClassDoor is what a class code opens: the names to pick one's own from.
type ClassDoor struct {
	School   School             `json:"school"`
	Class    appliance.ClassRef `json:"class"`
	Students []StudentName      `json:"students"`
}

// StudentName is a pupil as the class door shows her.
type StudentName struct {
	ID     appliance.UserID     `json:"id"`
	Name   string               `json:"name"`
	SignIn appliance.SignInKind `json:"sign_in"`
}

type classDoorOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         ClassDoor
}

// InvitationDoor is what an invitation's code opens.
type InvitationDoor struct {
	School School              `json:"school"`
	Role   appliance.Role      `json:"role"`
	Class  *appliance.ClassRef `json:"class,omitempty"`
}

type invitationDoorOutput struct{ Body InvitationDoor }

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

func (s *Server) doorRoutes(api huma.API) {
	svg := map[string]*huma.Response{"200": {Description: "SVG", Content: map[string]*huma.MediaType{
		"image/svg+xml": {Schema: &huma.Schema{Type: huma.TypeString}}}}}
	register(s, api, huma.Operation{OperationID: "getBox", Method: http.MethodGet, Path: "/api/v1/box",
		Summary: "What a page needs before anybody has signed in", Tags: []string{"sign-in"}}, s.getBox)
	register(s, api, huma.Operation{OperationID: "getQR", Method: http.MethodGet, Path: "/api/v1/box/qr.svg",
		Summary: "A QR code that leads tablets to a page of the box", Tags: []string{"sign-in"}, Responses: svg}, s.getQR)
	register(s, api, huma.Operation{OperationID: "register", Method: http.MethodPost, Path: "/api/v1/auth/register",
		Summary: "Set the box up, or accept an invitation", Tags: []string{"sign-in"}}, s.registerUser)
	register(s, api, huma.Operation{OperationID: "login", Method: http.MethodPost, Path: "/api/v1/auth/login",
		Summary: "Sign in with a password", Tags: []string{"sign-in"},
		Description: "The school is the one in X-Tenant-Id, the one that the host name begins with, or the only one."}, s.login)
	register(s, api, huma.Operation{OperationID: "getClassDoor", Method: http.MethodGet, Path: "/api/v1/auth/class/{code}",
		Summary: "The names of a class, by its code", Tags: []string{"sign-in"}}, s.classDoor)
	register(s, api, huma.Operation{OperationID: "signInPupil", Method: http.MethodPost, Path: "/api/v1/auth/pupil",
		Summary: "Sign in with pictures or a PIN", Tags: []string{"sign-in"}}, s.signInPupil)
	register(s, api, huma.Operation{OperationID: "refresh", Method: http.MethodPost, Path: "/api/v1/auth/refresh",
		Summary: "Get the next tokens", Tags: []string{"sign-in"},
		Description: "A token may be sent again for a minute, when its answer was lost. A token that is older than that, or that was followed by another one, ends the session: somebody else may hold it."}, s.refresh)
	register(s, api, huma.Operation{OperationID: "getInvitationDoor", Method: http.MethodGet, Path: "/api/v1/auth/invitation/{code}",
		Summary: "What an invitation is for", Tags: []string{"sign-in"}}, s.invitationDoor)
	register(s, api, huma.Operation{OperationID: "listPictures", Method: http.MethodGet, Path: "/api/v1/auth/pictures",
		Summary: "The pictures that pupils sign in with", Tags: []string{"sign-in"}},
		func(context.Context, *struct{}) (*picturesOutput, error) {
			return &picturesOutput{Pictures{cards.Pictures()}}, nil
		})
	register(s, api, huma.Operation{OperationID: "getPicture", Method: http.MethodGet, Path: "/api/v1/auth/pictures/{id}",
		Summary: "One of the pictures", Tags: []string{"sign-in"}, Responses: svg, Errors: []int{http.StatusNotFound}}, s.getPicture)
}

func (s *Server) getBox(ctx context.Context, _ *struct{}) (*boxOutput, error) {
	r := transport.RequestOf(ctx)
	needs, err := s.parts.Door.NeedsSetup(ctx)
	if err != nil {
		return nil, err
	}
	all, err := s.parts.Door.Organizations(ctx)
	if err != nil {
		return nil, err
	}
	info := BoxInfo{Version: s.cfg.Version, SetupNeeded: needs, Secure: safeForPasswords(r), Address: s.lanAddress(r),
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
		if own := s.cfg.Address(); own != "" {
			return own
		}
	}
	scheme := "http://"
	if r.TLS != nil {
		scheme = "https://"
	}
	return scheme + r.Host
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

func (s *Server) getQR(ctx context.Context, in *qrInput) (*svgOutput, error) {
	if !strings.HasPrefix(in.Path, "/") || strings.HasPrefix(in.Path, "//") {
		in.Path = "/" + strings.TrimLeft(in.Path, "/")
	}
	svg, err := cards.QR(s.lanAddress(transport.RequestOf(ctx)) + in.Path)
	return &svgOutput{"image/svg+xml", "no-cache", svg}, err
}

func (s *Server) getPicture(_ context.Context, in *pictureInput) (*svgOutput, error) {
	svg := cards.SVG(in.ID)
	if svg == nil {
		return nil, transport.ErrNoRoute
	}
	return &svgOutput{"image/svg+xml", "public, max-age=86400", svg}, nil
}

func (s *Server) registerUser(ctx context.Context, in *registerInput) (*signedInOutput, error) {
	r, b := transport.RequestOf(ctx), in.Body
	if b.Invitation != "" {
		org, _, err := s.parts.Auth.Invitation(ctx, b.Invitation, s.deviceOf(r))
		if err != nil {
			return nil, err
		}
		if err := s.passwordsAllowed(ctx, org); err != nil {
			return nil, err
		}
		t, err := s.parts.Auth.Accept(ctx, b.Invitation, b.Name, b.Login, b.Email, b.Password, s.deviceOf(r))
		if err != nil {
			return nil, err
		}
		return s.signedIn(r, t, b.Cookies), nil
	}
	needs, err := s.parts.Door.NeedsSetup(ctx)
	if err != nil {
		return nil, err
	}
	if !needs {
		return nil, problem.New(problem.Forbidden, "invitation_needed", "This box has been set up already.",
			"Ask the owner of the school for an invitation.", nil)
	}
	if !safeForPasswords(r) && !b.AllowPlainPasswords {
		return nil, s.errPlain(r)
	}
	name := b.SchoolName
	if name == "" {
		name = b.OrgName
	}
	if name, err = appliance.CleanName(name); err != nil {
		return nil, err
	}
	language := b.Language
	if language == "" {
		language = "en"
	}
	o := appliance.Organization{Name: name, Slug: s.cfg.slug(name), Language: language,
		Settings: appliance.Settings{AllowPlainPasswords: b.AllowPlainPasswords, IdleMinutes: 10}}
	t, err := s.parts.Auth.SetUp(ctx, o, b.Name, b.Login, b.Email, b.Password, s.deviceOf(r))
	if err != nil {
		return nil, err
	}
	return s.signedIn(r, t, b.Cookies), nil
}

// passwordsAllowed fails when a password of staff could be read on the way and
// the school has not accepted that.
func (s *Server) passwordsAllowed(ctx context.Context, org appliance.OrgID) error {
	r := transport.RequestOf(ctx)
	if safeForPasswords(r) {
		return nil
	}
	all, err := s.parts.Door.Organizations(ctx)
	if err != nil {
		return err
	}
	for _, o := range all {
		if o.ID == org && o.Settings.AllowPlainPasswords {
			return nil
		}
	}
	return s.errPlain(r)
}

func (s *Server) errPlain(r *http.Request) error {
	return problem.New(problem.Forbidden, "plain_password", "On this page anyone on the Wi-Fi could read the password.",
		"Open the box's secure page and sign in there.", nil).With("https_url", s.httpsURL(r))
}

func (s *Server) login(ctx context.Context, in *loginInput) (*signedInOutput, error) {
	r := transport.RequestOf(ctx)
	org, err := s.tenant(r)
	if err != nil {
		return nil, err
	}
	if err := s.passwordsAllowed(ctx, org); err != nil {
		return nil, err
	}
	name := in.Body.Login
	if name == "" {
		name = in.Body.Email
	}
	t, err := s.parts.Auth.SignIn(ctx, org, name, in.Body.Password, s.deviceOf(r))
	if err != nil {
		return nil, err
	}
	return s.signedIn(r, t, in.Body.Cookies), nil
}

func (s *Server) classDoor(ctx context.Context, in *codeInput) (*classDoorOutput, error) {
	org, class, pupils, err := s.parts.Auth.Class(ctx, in.Code, s.deviceOf(transport.RequestOf(ctx)))
	if err != nil {
		return nil, err
	}
	o, err := s.parts.Door.OrganizationBySlug(ctx, string(org))
	if err != nil {
		return nil, err
	}
	door := ClassDoor{School: schoolOf(o), Class: appliance.ClassRef{ID: class.ID, Name: class.Name}, Students: make([]StudentName, len(pupils))}
	for i, u := range pupils {
		door.Students[i] = StudentName{u.ID, u.Name, u.SignIn}
	}
	return &classDoorOutput{"no-store", door}, nil
}

func (s *Server) signInPupil(ctx context.Context, in *pupilInput) (*signedInOutput, error) {
	r, b := transport.RequestOf(ctx), in.Body
	t, err := s.parts.Auth.SignInPupil(ctx, b.Code, b.UserID, b.Pictures, b.PIN, s.deviceOf(r))
	if err != nil {
		return nil, err
	}
	return s.signedIn(r, t, b.Cookies), nil
}

// refresh answers a cookie with cookies alone, so that a script can never turn
// one into a token that it sees.
func (s *Server) refresh(ctx context.Context, in *refreshInput) (*signedInOutput, error) {
	r := transport.RequestOf(ctx)
	token, cookies := in.Body.RefreshToken, false
	if token == "" {
		token, cookies = cookieOf(r, refreshCookie), true
		if token != "" && !transport.FromOwnPage(r) {
			return nil, problem.New(problem.Forbidden, "csrf", "The box cannot tell that its own page sent this.", "Reload the page and try again.", nil)
		}
	}
	t, err := s.parts.Auth.Refresh(ctx, token, s.deviceOf(r))
	if err != nil {
		return nil, err
	}
	return s.signedIn(r, t, cookies), nil
}

func (s *Server) invitationDoor(ctx context.Context, in *codeInput) (*invitationDoorOutput, error) {
	org, i, err := s.parts.Auth.Invitation(ctx, in.Code, s.deviceOf(transport.RequestOf(ctx)))
	if err != nil {
		return nil, err
	}
	o, err := s.parts.Door.OrganizationBySlug(ctx, string(org))
	return &invitationDoorOutput{InvitationDoor{schoolOf(o), i.Role, i.Class}}, err
}
