package accounts

import (
	"context"
	"errors"
	"testing"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/problem"
)

type buggySecrets struct{ *secrets }

func (buggySecrets) NewPictures(context.Context, []string) (appliance.Credential, error) {
	panic("a bug")
}

// A bug on the goroutines that make secrets fails the import, not the box.
func TestPanicInSecretsFailsTheImport(t *testing.T) {
	r := newRig(t)
	r.Service.secrets = buggySecrets{r.secrets}
	err := r.secretsFor(t.Context(), r.who["owner"], make([]appliance.NewUser, 3))
	if _, ok := errors.AsType[*problem.Panic](err); !ok {
		t.Error(err)
	}
}
