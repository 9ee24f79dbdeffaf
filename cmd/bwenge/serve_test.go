package main

import (
	"bytes"
	"log/slog"
	"net"
	"strings"
	"testing"

	"github.com/bwenge-os/bwenge/appliance/box"
)

// The console shows what a teacher compares before a tablet trusts the box, and
// the check-up shows the same.
func TestConsoleShowsTheFingerprint(t *testing.T) {
	cfg := &box.Config{Data: t.TempDir(), Addr: "127.0.0.1:0", TLSAddr: "127.0.0.1:0", Tier: "tiny", Engines: "/nonexistent", Models: "/nonexistent", Name: "bwenge"}
	b, err := box.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	var console bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&console, nil)))
	err = greet(t.Context(), cfg, b, &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 80})
	slog.SetDefault(before)
	if err != nil {
		t.Fatal(err)
	}
	want := b.Certs.Fingerprint()
	if len(want) != 32*3-1 || !strings.Contains(console.String(), want) {
		t.Errorf("%q is not on the console: %s", want, &console)
	}
	if f := checkCertificate(cfg); !f.OK || !strings.Contains(f.Detail, want) {
		t.Errorf("the check-up says %+v, not %s", f, want)
	}
}
