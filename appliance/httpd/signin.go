package httpd

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/problem"
	"github.com/bwenge-os/bwenge/internal/transport"
)

// Auth signs people in and out; *auth.Service is the real one.
type Auth interface {
	Authenticate(ctx context.Context, access string) (appliance.Principal, error)
	// Now is who somebody is by now: their role and classes may have changed.
	Now(ctx context.Context, p appliance.Principal) (appliance.Principal, error)
	SignIn(ctx context.Context, org appliance.OrgID, login, password string, d appliance.Device) (appliance.Tokens, error)
	SignInPupil(ctx context.Context, code string, user appliance.UserID, pictures []string, pin string, d appliance.Device) (appliance.Tokens, error)
	Refresh(ctx context.Context, token string, d appliance.Device) (appliance.Tokens, error)
	ClaimCode(ctx context.Context) (string, error)
	SetUp(ctx context.Context, o appliance.Organization, n appliance.NewStaff, code string, atBox bool, d appliance.Device) (appliance.Tokens, error)
	Accept(ctx context.Context, code string, n appliance.NewStaff, d appliance.Device) (appliance.Tokens, error)
	Class(ctx context.Context, code string, d appliance.Device) (appliance.OrgID, appliance.Class, []appliance.User, error)
	Invitation(ctx context.Context, code string, d appliance.Device) (appliance.OrgID, appliance.Invitation, error)
	SignOut(ctx context.Context, p appliance.Principal) error
	Sessions(ctx context.Context, p appliance.Principal) ([]appliance.Session, error)
	EndSession(ctx context.Context, p appliance.Principal, id string) error
	ChangePassword(ctx context.Context, p appliance.Principal, current, next string) error
	DeviceID(token string) string
	OnEnd(fn func(session string))
}

type signInRoutes struct{ *Server }

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
	if t.Device != "" {
		out.SetCookie = append(out.SetCookie, cookie(r, deviceCookie, t.Device, 400*24*3600))
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
		ClaimCode           string `json:"claim_code,omitempty" maxLength:"20" doc:"First boot, from another machine: the code that the box shows on its console, by bwenge claim and in claim-code.txt of its data folder"`
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
		Pictures []string         `json:"pictures,omitempty" maxItems:"4" doc:"In order: as many as the class says of the pupil"`
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

// PublicClass is what a class code opens: the names to pick one's own from.
type PublicClass struct {
	School   School             `json:"school"`
	Class    appliance.ClassRef `json:"class"`
	Students []StudentName      `json:"students"`
}

// StudentName is a pupil as a class code shows them.
type StudentName struct {
	ID     appliance.UserID     `json:"id"`
	Name   string               `json:"name"`
	SignIn appliance.SignInKind `json:"sign_in"`
	// Cards that were printed before there were sixteen pictures have three.
	Pictures int `json:"pictures" doc:"How many pictures they tap; 0 with a PIN"`
}

type publicClassOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         PublicClass
}

// PublicInvitation is what an invitation's code opens.
type PublicInvitation struct {
	School School              `json:"school"`
	Role   appliance.Role      `json:"role"`
	Class  *appliance.ClassRef `json:"class,omitempty"`
}

type publicInvitationOutput struct{ Body PublicInvitation }

func (s *signInRoutes) register(api *transport.Server) {
	transport.Register(api, huma.Operation{OperationID: "register", Method: http.MethodPost, Path: "/api/v1/auth/register",
		Summary: "Set the box up, or accept an invitation", Tags: []string{"sign-in"}}, s.registerUser)
	transport.Register(api, huma.Operation{OperationID: "login", Method: http.MethodPost, Path: "/api/v1/auth/login",
		Summary: "Sign in with a password", Tags: []string{"sign-in"},
		Description: "The school is the one in X-Tenant-Id, the one that the host name begins with, or the only one."}, s.login)
	transport.Register(api, huma.Operation{OperationID: "getPublicClass", Method: http.MethodGet, Path: "/api/v1/auth/class/{code}",
		Summary: "The names of a class, by its code", Tags: []string{"sign-in"}}, s.publicClass)
	transport.Register(api, huma.Operation{OperationID: "signInPupil", Method: http.MethodPost, Path: "/api/v1/auth/pupil",
		Summary: "Sign in with pictures or a PIN", Tags: []string{"sign-in"}}, s.signInPupil)
	transport.Register(api, huma.Operation{OperationID: "refresh", Method: http.MethodPost, Path: "/api/v1/auth/refresh",
		Summary: "Get the next tokens", Tags: []string{"sign-in"},
		Description: "A token may be sent again for a minute, when its answer was lost. A token that is older than that, or that was followed by another one, ends the session: somebody else may hold it."}, s.refresh)
	transport.Register(api, huma.Operation{OperationID: "getPublicInvitation", Method: http.MethodGet, Path: "/api/v1/auth/invitation/{code}",
		Summary: "What an invitation is for", Tags: []string{"sign-in"}}, s.publicInvitation)
}

func (s *signInRoutes) registerUser(ctx context.Context, in *registerInput) (*signedInOutput, error) {
	r, b := transport.RequestOf(ctx), in.Body
	if b.Invitation != "" {
		org, _, err := s.auth.Invitation(ctx, b.Invitation, s.deviceOf(r))
		if err != nil {
			return nil, err
		}
		if err := s.passwordsAllowed(ctx, org); err != nil {
			return nil, err
		}
		t, err := s.auth.Accept(ctx, b.Invitation, appliance.NewStaff{Name: b.Name, Login: b.Login, Email: b.Email, Password: b.Password}, s.deviceOf(r))
		if err != nil {
			return nil, err
		}
		return s.signedIn(r, t, b.Cookies), nil
	}
	needs, err := s.public.NeedsSetup(ctx)
	if err != nil {
		return nil, err
	}
	if !needs {
		return nil, problem.New(problem.Forbidden, "invitation_needed", "This box has been set up already.",
			"Ask the owner of the school for an invitation.", nil)
	}
	if !s.safeForPasswords(r) && !b.AllowPlainPasswords {
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
	t, err := s.auth.SetUp(ctx, o, appliance.NewStaff{Name: b.Name, Login: b.Login, Email: b.Email, Password: b.Password}, b.ClaimCode, s.atBox(r), s.deviceOf(r))
	if err != nil {
		return nil, err
	}
	return s.signedIn(r, t, b.Cookies), nil
}

// passwordsAllowed fails when a password of staff could be read on the way and
// the school has not accepted that.
func (s *Server) passwordsAllowed(ctx context.Context, org appliance.OrgID) error {
	r := transport.RequestOf(ctx)
	if s.safeForPasswords(r) {
		return nil
	}
	all, err := s.public.Organizations(ctx)
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

func (s *signInRoutes) login(ctx context.Context, in *loginInput) (*signedInOutput, error) {
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
	t, err := s.auth.SignIn(ctx, org, name, in.Body.Password, s.deviceOf(r))
	if err != nil {
		return nil, err
	}
	return s.signedIn(r, t, in.Body.Cookies), nil
}

func (s *signInRoutes) publicClass(ctx context.Context, in *codeInput) (*publicClassOutput, error) {
	org, class, pupils, err := s.auth.Class(ctx, in.Code, s.deviceOf(transport.RequestOf(ctx)))
	if err != nil {
		return nil, err
	}
	o, err := s.public.OrganizationBySlug(ctx, string(org))
	if err != nil {
		return nil, err
	}
	out := PublicClass{School: schoolOf(o), Class: appliance.ClassRef{ID: class.ID, Name: class.Name}, Students: make([]StudentName, len(pupils))}
	for i, u := range pupils {
		out.Students[i] = StudentName{u.ID, u.Name, u.SignIn, u.Pictures}
	}
	return &publicClassOutput{"no-store", out}, nil
}

func (s *signInRoutes) signInPupil(ctx context.Context, in *pupilInput) (*signedInOutput, error) {
	r, b := transport.RequestOf(ctx), in.Body
	t, err := s.auth.SignInPupil(ctx, b.Code, b.UserID, b.Pictures, b.PIN, s.deviceOf(r))
	if err != nil {
		return nil, err
	}
	return s.signedIn(r, t, b.Cookies), nil
}

// refresh answers a cookie with cookies alone, so that a script can never turn
// one into a token that it sees.
func (s *signInRoutes) refresh(ctx context.Context, in *refreshInput) (*signedInOutput, error) {
	r := transport.RequestOf(ctx)
	token, cookies := in.Body.RefreshToken, false
	if token == "" {
		token, cookies = cookieOf(r, refreshCookie), true
		if token != "" && !transport.FromOwnPage(r) {
			return nil, problem.New(problem.Forbidden, "csrf", "The box cannot tell that its own page sent this.", "Reload the page and try again.", nil)
		}
	}
	t, err := s.auth.Refresh(ctx, token, s.deviceOf(r))
	if err != nil {
		return nil, err
	}
	return s.signedIn(r, t, cookies), nil
}

func (s *signInRoutes) publicInvitation(ctx context.Context, in *codeInput) (*publicInvitationOutput, error) {
	org, i, err := s.auth.Invitation(ctx, in.Code, s.deviceOf(transport.RequestOf(ctx)))
	if err != nil {
		return nil, err
	}
	o, err := s.public.OrganizationBySlug(ctx, string(org))
	return &publicInvitationOutput{PublicInvitation{schoolOf(o), i.Role, i.Class}}, err
}
