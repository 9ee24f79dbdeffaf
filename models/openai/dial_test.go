package openai

import (
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
)

func TestAddressesOfTheBoxAreRefused(t *testing.T) {
	bad := []string{"127.0.0.1", "127.8.9.1", "::1", "0.0.0.0", "0.1.2.3", "::", "169.254.169.254", "fe80::1", "fe80::1%lo", "224.0.0.251", "ff02::fb",
		"255.255.255.255", "::ffff:127.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::"}
	all, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range all {
		bad = append(bad, netip.MustParsePrefix(a.String()).Addr().String())
	}
	for _, text := range bad {
		if err := (Allowed{}).Check(netip.AddrPortFrom(netip.MustParseAddr(text), 80)); !errors.Is(err, ErrAddress) {
			t.Errorf("%s: %v", text, err)
		}
	}
	for _, text := range []string{"192.0.2.7", "198.51.100.1", "2001:db8::7", "64:ff9b::c000:207"} {
		if err := (Allowed{}).Check(netip.AddrPortFrom(netip.MustParseAddr(text), 80)); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestListedAddressesAreAllowed(t *testing.T) {
	a, err := ParseAllowed("127.0.0.1:8081, 169.254.0.0/16 ::1")
	if err != nil {
		t.Fatal(err)
	}
	for text, good := range map[string]bool{"127.0.0.1:8081": true, "[::ffff:127.0.0.1]:8081": true, "127.0.0.1:8080": false, "127.0.0.2:8081": false,
		"169.254.3.4:1": true, "[::1]:5": true, "[fe80::1]:5": false} {
		if err := a.Check(netip.MustParseAddrPort(text)); (err == nil) != good {
			t.Errorf("%s: %v", text, err)
		}
	}
	for _, bad := range []string{"localhost", "127.0.0.1/40", "http://127.0.0.1", "1.2.3"} {
		if _, err := ParseAllowed(bad); err == nil {
			t.Error(bad)
		}
	}
}

// What counts is where a name leads to when it is dialled, not what was written.
func TestANameThatLeadsToTheBoxIsRefusedAtDialTime(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the box was asked") }))
	defer srv.Close()
	_, port, _ := net.SplitHostPort(srv.Listener.Addr().String())
	c, err := New(Config{BaseURL: "http://localhost:" + port + "/v1", Model: "big"})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Models(t.Context())
	if e, ok := errors.AsType[*Error](err); !ok || e.Kind != Forbidden || !errors.Is(err, ErrAddress) {
		t.Error(err)
	}
	_, _, err = ask(t.Context(), c)
	if e, ok := errors.AsType[*Error](err); !ok || e.Kind != Forbidden {
		t.Error(err)
	}
	if n, err := c.CountTokens(t.Context(), "four words are here"); n != 6 || err != nil {
		t.Error(n, err)
	}
	// An address is refused when it is typed.
	_, err = New(Config{BaseURL: srv.URL + "/v1", Model: "big"})
	if e, ok := errors.AsType[*Error](err); !ok || e.Kind != Forbidden || strings.Contains(err.Error(), port) {
		t.Error(err)
	}
}
