package httpd

import (
	"context"
	"net/http"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/transport"
)

// Rosters loads lists of pupils; *accounts.Service is the real one.
type Rosters interface {
	Preview(ctx context.Context, p appliance.Principal, r appliance.ImportRequest) (appliance.ImportPreview, error)
	Import(ctx context.Context, p appliance.Principal, r appliance.ImportRequest) (appliance.Import, []appliance.User, error)
	Imports(ctx context.Context, p appliance.Principal) ([]appliance.Import, error)
	UndoImport(ctx context.Context, p appliance.Principal, id string) (appliance.Import, error)
}

type rosterRoutes struct{ rosters Rosters }

type importInput struct {
	OrgPath
	Body appliance.ImportRequest
}

// Imported is an import and the pupils that it made.
type Imported struct {
	Import appliance.Import `json:"import"`
	Users  []appliance.User `json:"users"`
}

// Imports are the rosters that were loaded.
type Imports struct {
	Imports []appliance.Import `json:"imports"`
}

type undoInput struct {
	OrgPath
	Import string `path:"import" maxLength:"64"`
}

func (s *rosterRoutes) register(api *transport.Server) {
	transport.Register(api, peopleOp("previewImport", http.MethodPost, "/{org}/imports/preview", "What loading a roster would do"), func(ctx context.Context, in *importInput) (*output[appliance.ImportPreview], error) {
		preview, err := s.rosters.Preview(ctx, principalOf(ctx), in.Body)
		if preview.Rows == nil {
			preview.Rows = []appliance.ImportRow{}
		}
		return to(preview, err)
	})
	transport.Register(api, peopleOp("importRoster", http.MethodPost, "/{org}/imports", "Load a roster"), func(ctx context.Context, in *importInput) (*output[Imported], error) {
		i, users, err := s.rosters.Import(ctx, principalOf(ctx), in.Body)
		if users == nil {
			users = []appliance.User{}
		}
		return to(Imported{i, users}, err)
	})
	transport.Register(api, peopleOp("listImports", http.MethodGet, "/{org}/imports", "Rosters that were loaded"), func(ctx context.Context, _ *OrgPath) (*output[Imports], error) {
		all, err := s.rosters.Imports(ctx, principalOf(ctx))
		return to(Imports{all}, err)
	})
	transport.Register(api, peopleOp("undoImport", http.MethodPost, "/{org}/imports/{import}/undo", "Take the loading of a roster back"), func(ctx context.Context, in *undoInput) (*output[appliance.Import], error) {
		return to(s.rosters.UndoImport(ctx, principalOf(ctx), in.Import))
	})
}
