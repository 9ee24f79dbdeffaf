package httpd

import (
	"bytes"
	"context"
	"io"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/transport"
)

// Classes are those of a school; *accounts.Service is the real one.
type Classes interface {
	Classes(ctx context.Context, p appliance.Principal, search, cursor string, limit int) (appliance.Page[appliance.Class], error)
	Class(ctx context.Context, p appliance.Principal, id appliance.ClassID) (appliance.Class, error)
	AddClass(ctx context.Context, p appliance.Principal, name string, kind appliance.SignInKind) (appliance.Class, error)
	UpdateClass(ctx context.Context, p appliance.Principal, c appliance.Class) (appliance.Class, error)
	DeleteClass(ctx context.Context, p appliance.Principal, id appliance.ClassID) error
	NewCode(ctx context.Context, p appliance.Principal, id appliance.ClassID) (appliance.Class, error)
	JoinClass(ctx context.Context, p appliance.Principal, class appliance.ClassID, user appliance.UserID) error
	LeaveClass(ctx context.Context, p appliance.Principal, class appliance.ClassID, user appliance.UserID) error
	CardsPDF(ctx context.Context, p appliance.Principal, class appliance.ClassID, user appliance.UserID, at appliance.BoxAddress, w io.Writer) error
	LetIn(ctx context.Context, p appliance.Principal, class appliance.ClassID) error
}

type classRoutes struct {
	*Server
	classes Classes
}

type classesInput struct {
	OrgPath
	Search string `query:"search" maxLength:"200"`
	Cursor string `query:"cursor" maxLength:"200"`
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"50"`
}

// ClassPath names a class.
type ClassPath struct {
	OrgPath
	Class appliance.ClassID `path:"class" maxLength:"64" doc:"The class's id"`
}

type addClassInput struct {
	OrgPath
	Body struct {
		Name   string               `json:"name" maxLength:"200"`
		SignIn appliance.SignInKind `json:"sign_in,omitempty" enum:"pictures,pin"`
	}
}

type updateClassInput struct {
	ClassPath
	Body struct {
		Name    string               `json:"name" maxLength:"200"`
		SignIn  appliance.SignInKind `json:"sign_in" enum:"pictures,pin"`
		Version int                  `json:"version"`
	}
}

type classMemberInput struct {
	ClassPath
	User appliance.UserID `path:"user" maxLength:"64" doc:"The person's id"`
}

type cardsInput struct {
	ClassPath
	User appliance.UserID `query:"user" maxLength:"64" doc:"Only this pupil's card"`
}

func (s *classRoutes) register(api *transport.Server) {
	transport.Register(api, peopleOp("listClasses", http.MethodGet, "/{org}/classes", "Classes, by name"), func(ctx context.Context, in *classesInput) (*output[appliance.Page[appliance.Class]], error) {
		page, err := s.classes.Classes(ctx, principalOf(ctx), in.Search, in.Cursor, in.Limit)
		return to(noNull(page), err)
	})
	transport.Register(api, peopleOp("addClass", http.MethodPost, "/{org}/classes", "Make a class"), func(ctx context.Context, in *addClassInput) (*output[appliance.Class], error) {
		return to(s.classes.AddClass(ctx, principalOf(ctx), in.Body.Name, in.Body.SignIn))
	})
	transport.Register(api, peopleOp("getClass", http.MethodGet, "/{org}/classes/{class}", "One class"), func(ctx context.Context, in *ClassPath) (*output[appliance.Class], error) {
		return to(s.classes.Class(ctx, principalOf(ctx), in.Class))
	})
	transport.Register(api, peopleOp("updateClass", http.MethodPatch, "/{org}/classes/{class}", "Change a class"), func(ctx context.Context, in *updateClassInput) (*output[appliance.Class], error) {
		return to(s.classes.UpdateClass(ctx, principalOf(ctx), appliance.Class{ID: in.Class, Name: in.Body.Name, SignIn: in.Body.SignIn, Version: in.Body.Version}))
	})
	transport.Register(api, peopleOp("deleteClass", http.MethodDelete, "/{org}/classes/{class}", "Delete a class; its members stay"), func(ctx context.Context, in *ClassPath) (*struct{}, error) {
		return nil, s.classes.DeleteClass(ctx, principalOf(ctx), in.Class)
	})
	transport.Register(api, peopleOp("newClassCode", http.MethodPost, "/{org}/classes/{class}/code", "Give a class another code"), func(ctx context.Context, in *ClassPath) (*output[appliance.Class], error) {
		return to(s.classes.NewCode(ctx, principalOf(ctx), in.Class))
	})
	transport.Register(api, peopleOp("joinClass", http.MethodPut, "/{org}/classes/{class}/members/{user}", "Put a person into a class"), func(ctx context.Context, in *classMemberInput) (*struct{}, error) {
		return nil, s.classes.JoinClass(ctx, principalOf(ctx), in.Class, in.User)
	})
	transport.Register(api, peopleOp("leaveClass", http.MethodDelete, "/{org}/classes/{class}/members/{user}", "Take a person out of a class"), func(ctx context.Context, in *classMemberInput) (*struct{}, error) {
		return nil, s.classes.LeaveClass(ctx, principalOf(ctx), in.Class, in.User)
	})
	transport.Register(api, peopleOp("letClassIn", http.MethodPost, "/{org}/classes/{class}/let-in", "Open a class that wrong tries to sign in have closed"), func(ctx context.Context, in *ClassPath) (*struct{}, error) {
		return nil, s.classes.LetIn(ctx, principalOf(ctx), in.Class)
	})
	print := peopleOp("getCards", http.MethodGet, "/{org}/classes/{class}/cards.pdf", "Sign-in cards to print")
	print.Responses = map[string]*huma.Response{"200": {Description: "PDF", Content: map[string]*huma.MediaType{
		"application/pdf": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}}}}
	transport.Register(api, print, s.getCards)
}

func (s *classRoutes) getCards(ctx context.Context, in *cardsInput) (*huma.StreamResponse, error) {
	var pdf bytes.Buffer
	at := appliance.BoxAddress{URL: s.lanAddress(transport.RequestOf(ctx)), Fingerprint: s.cfg.Fingerprint}
	if err := s.classes.CardsPDF(ctx, principalOf(ctx), in.Class, in.User, at, &pdf); err != nil {
		return nil, err
	}
	return transport.Raw(func(w http.ResponseWriter, _ *http.Request) error {
		w.Header().Set("Content-Type", "application/pdf")
		w.Header().Set("Content-Disposition", `inline; filename="cards.pdf"`)
		w.Header().Set("Cache-Control", "no-store")
		_, _ = w.Write(pdf.Bytes()) // a client that left needs no cards
		return nil
	}), nil
}
