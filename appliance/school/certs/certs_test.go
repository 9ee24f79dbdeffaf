package certs

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func named(names ...string) func() []string { return func() []string { return names } }

func manager(t *testing.T, dir string, ips ...string) *Manager {
	t.Helper()
	m, err := Open(dir, named("bwenge.local"), func() (list []netip.Addr) {
		for _, ip := range ips {
			list = append(list, netip.MustParseAddr(ip))
		}
		return list
	})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// handshake connects as a tablet that trusts the authority and whose clock is
// right.
func handshake(t *testing.T, m *Manager, name string, at time.Time) error {
	t.Helper()
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(m.AuthorityPEM()) {
		t.Fatal("no authority")
	}
	ours, theirs := net.Pipe()
	defer ours.Close()
	go func() { _ = tls.Server(theirs, m.TLSConfig()).Handshake() }()
	return tls.Client(ours, &tls.Config{RootCAs: roots, ServerName: name, Time: func() time.Time { return at }}).Handshake()
}

func TestHandshake(t *testing.T) {
	dir := t.TempDir()
	m := manager(t, dir, "192.168.4.1", "8.8.8.8")
	now := time.Now()
	for _, name := range []string{"bwenge.local", "lycee.bwenge.local", "localhost", "192.168.4.1", "127.0.0.1"} {
		if err := handshake(t, m, name, now); err != nil {
			t.Error(name, err)
		}
	}
	for _, name := range []string{"example.org", "8.8.8.8", "192.168.4.2"} {
		if handshake(t, m, name, now) == nil {
			t.Error(name, "is vouched for")
		}
	}
	if err := handshake(t, m, "bwenge.local", now.AddDate(1, 6, 0)); err != nil {
		t.Error("a year and a half later:", err)
	}
	again := manager(t, dir)
	if again.Fingerprint() != m.Fingerprint() {
		t.Error("another authority after a restart")
	}
	if info, err := os.Stat(filepath.Join(dir, "ca.key")); err != nil || info.Mode().Perm() != 0o600 {
		t.Error(info, err)
	}
}

// The authority cannot vouch for a site outside, even if somebody steals it.
func TestConstraints(t *testing.T) {
	m := manager(t, t.TempDir())
	m.names = named("bank.example")
	m.leaf = nil
	if handshake(t, m, "bank.example", time.Now()) == nil {
		t.Error("the authority vouches for a foreign name")
	}
}

func TestWrongClocks(t *testing.T) {
	for _, year := range []int{1970, 2019, 2050} {
		dir := t.TempDir()
		m := &Manager{dir: dir, names: named("bwenge.local"), addresses: func() []netip.Addr { return nil },
			now: func() time.Time { return time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC) }}
		if err := m.found(); err != nil {
			t.Fatal(err)
		}
		if err := handshake(t, m, "bwenge.local", epoch.AddDate(0, 6, 0)); err != nil {
			t.Error(year, err)
		}
	}
}

func TestNewAddresses(t *testing.T) {
	m := manager(t, t.TempDir(), "10.0.0.5")
	m.addresses = func() []netip.Addr { return []netip.Addr{netip.MustParseAddr("10.0.0.9")} }
	if handshake(t, m, "10.0.0.9", time.Now()) == nil {
		t.Error("the address was not looked at within a minute, but is known")
	}
	later := time.Now().Add(2 * time.Minute)
	m.now = func() time.Time { return later }
	if err := handshake(t, m, "10.0.0.9", later); err != nil {
		t.Error(err)
	}
}

// A school's own certificate is served, and anew when its file changes; one that
// cannot be read leaves the old one.
func TestFromFiles(t *testing.T) {
	dir := t.TempDir()
	cert, key := filepath.Join(dir, "own.crt"), filepath.Join(dir, "own.key")
	write := func(from *Manager, at time.Time) {
		t.Helper()
		leaf, err := from.current()
		if err != nil {
			t.Fatal(err)
		}
		private, err := x509.MarshalPKCS8PrivateKey(leaf.PrivateKey)
		if err != nil {
			t.Fatal(err)
		}
		for path, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: leaf.Certificate[0]}, key: {Type: "PRIVATE KEY", Bytes: private}} {
			if err := errors.Join(os.WriteFile(path, pem.EncodeToMemory(block), 0o600), os.Chtimes(path, at, at)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := FromFiles(cert, key); err == nil {
		t.Error("files that are not there pass")
	}
	now := time.Now()
	first, second := manager(t, t.TempDir()), manager(t, t.TempDir())
	write(first, now)
	m, err := FromFiles(cert, key)
	if err != nil || m.AuthorityPEM() != nil {
		t.Fatal(err)
	}
	serves := func(want *Manager, when time.Duration) {
		t.Helper()
		m.now = func() time.Time { return now.Add(when) }
		got, err := m.current()
		if err != nil {
			t.Fatal(err)
		}
		if leaf, _ := want.current(); string(got.Certificate[0]) != string(leaf.Certificate[0]) {
			t.Errorf("another certificate after %s", when)
		}
	}
	serves(first, 0)
	write(second, now.Add(time.Second))
	serves(second, 2*time.Minute)
	if err := os.WriteFile(cert, []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	serves(second, 4*time.Minute)
}

// A box that had to take another name on the network vouches for both.
func TestNewName(t *testing.T) {
	m := manager(t, t.TempDir())
	m.names = named("bwenge.local", "bwenge-2.local")
	for _, name := range []string{"bwenge.local", "bwenge-2.local", "lycee.bwenge-2.local"} {
		if err := handshake(t, m, name, time.Now()); err != nil {
			t.Error(name, err)
		}
	}
}
