package sqlite

import (
	"testing"

	"github.com/bwenge-os/bwenge/appliance/school/keys"
)

func testBox(tb testing.TB) *keys.Box {
	tb.Helper()
	box, err := keys.Open(tb.TempDir())
	if err != nil {
		tb.Fatal(err)
	}
	return box
}
