package main

import (
	"strings"
	"testing"

	"github.com/bwenge-os/bwenge/appliance/httpd"
)

func TestNameFinding(t *testing.T) {
	for _, c := range []struct {
		is             httpd.NetworkHealth
		ok             bool
		detail, remedy string
	}{
		{httpd.NetworkHealth{Name: "bwenge.local", Chosen: "bwenge.local"}, true, "bwenge.local", ""},
		{httpd.NetworkHealth{Name: "bwenge-2.local", Chosen: "bwenge.local"}, true, "bwenge-2.local", "Another machine"},
		{httpd.NetworkHealth{Chosen: "bwenge.local"}, true, "no network", ""},
		{httpd.NetworkHealth{Chosen: "é.local", Detail: `"é" cannot be a name`}, false, "cannot be", "BWENGE_NAME"},
	} {
		f := nameFinding(c.is)
		if f.OK != c.ok || !strings.Contains(f.Detail, c.detail) || !strings.Contains(f.Remedy, c.remedy) || (f.Remedy == "") != (c.remedy == "") {
			t.Errorf("%+v: %+v", c.is, f)
		}
	}
}
