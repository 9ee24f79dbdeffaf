package problem

import (
	"errors"
	"strings"
	"testing"
)

func TestTry(t *testing.T) {
	wrong := errors.New("wrong")
	if err := Try(func() error { return wrong }); err != wrong {
		t.Error(err)
	}
	err := Try(func() error { panic("a bug") })
	if p, ok := errors.AsType[*Panic](err); !ok || !strings.Contains(string(p.Stack), "TestTry") || Of(err).Code != Internal {
		t.Errorf("%+v", err)
	}
}
