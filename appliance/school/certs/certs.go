// Package certs lets the box speak TLS without anybody on the internet: it makes
// a certificate authority of its own, which can vouch for local names and
// addresses alone, and certificates for the names and addresses that the box
// has just now. A school that has a real certificate uses that.
package certs

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/bwenge-os/bwenge/appliance/school/keys"
)

// AuthorityFile is the authority's certificate, in the folder of keys.
const AuthorityFile = "ca.crt"

const (
	authorityYears = 20
	// iOS takes certificates of at most 825 days, counted from their beginning.
	leafDays    = 800
	leafRenewal = 200 * 24 * time.Hour // before its end
	// A leaf begins before now: tablets' clocks are wrong too.
	leafBefore = 30 * 24 * time.Hour
)

// epoch is a time before which no box runs: a clock that says less is wrong.
var epoch = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)

// Manager gives certificates to handshakes.
type Manager struct {
	dir       string
	names     func() []string
	addresses func() []netip.Addr
	now       func() time.Time

	authority *x509.Certificate
	key       *ecdsa.PrivateKey

	certFile, keyFile string // of a certificate that is not ours

	mu      sync.Mutex
	leaf    *tls.Certificate
	checked time.Time
	stamp   time.Time // of certFile
}

// Open loads the authority below dir, or makes it. names are the box's names
// beside localhost; they and the addresses are asked anew from time to time.
func Open(dir string, names func() []string, addresses func() []netip.Addr) (*Manager, error) {
	m := &Manager{dir: dir, names: names, addresses: addresses, now: time.Now}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	err := m.load()
	if errors.Is(err, fs.ErrNotExist) {
		err = m.found()
	}
	if err != nil {
		return nil, fmt.Errorf("the box's certificate authority: %w", err)
	}
	_, err = m.current()
	return m, err
}

// FromFiles serves a certificate of the school's own, read again when its file
// changes.
func FromFiles(certFile, keyFile string) (*Manager, error) {
	m := &Manager{certFile: certFile, keyFile: keyFile, now: time.Now}
	_, err := m.current()
	return m, err
}

func (m *Manager) path(name string) string { return filepath.Join(m.dir, name) }

func (m *Manager) load() error {
	pair, err := tls.LoadX509KeyPair(m.path(AuthorityFile), m.path("ca.key"))
	if err != nil {
		return err
	}
	key, ok := pair.PrivateKey.(*ecdsa.PrivateKey)
	if !ok {
		return errors.New("ca.key is not a key that the box made")
	}
	m.authority, m.key = pair.Leaf, key
	return nil
}

// present is now, or, where the clock is plainly wrong, a time that tablets
// will take.
func (m *Manager) present() time.Time {
	now := m.now()
	if now.Before(epoch) {
		now = epoch
	}
	if m.authority != nil && now.After(m.authority.NotAfter) {
		now = m.authority.NotBefore.Add(leafBefore) // the clock has jumped ahead
	}
	return now
}

// found makes the authority. It can vouch for nothing outside the school's
// network, so trusting it gives the box no power over other sites.
func (m *Manager) found() error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	start := m.now()
	if start.Before(epoch) || start.Year() > epoch.Year()+10 {
		start = epoch
	}
	template := &x509.Certificate{
		SerialNumber: serial(), Subject: pkix.Name{CommonName: "Bwenge box " + serial().Text(36)[:6], Organization: []string{"Bwenge"}},
		NotBefore: start.Add(-leafBefore), NotAfter: start.AddDate(authorityYears, 0, 0),
		IsCA: true, BasicConstraintsValid: true, MaxPathLenZero: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		PermittedDNSDomainsCritical: true, PermittedDNSDomains: append([]string{"local", "localhost"}, m.names()...),
		PermittedIPRanges: localRanges(),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return err
	}
	if m.authority, err = x509.ParseCertificate(der); err != nil {
		return err
	}
	m.key = key
	private, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return err
	}
	// The key first: a certificate without its key would have to be replaced on
	// every tablet.
	if err := keys.WriteDurably(m.path("ca.key"), pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: private})); err != nil {
		return err
	}
	return keys.WriteDurably(m.path(AuthorityFile), m.AuthorityPEM())
}

func serial() *big.Int {
	n, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		panic(err) // never fails
	}
	return n.Add(n, big.NewInt(1<<60))
}

func localRanges() (ranges []*net.IPNet) {
	for _, text := range []string{"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "169.254.0.0/16", "100.64.0.0/10", "fc00::/7", "fe80::/10", "::1/128"} {
		_, n, err := net.ParseCIDR(text)
		if err != nil {
			panic(err) // our own table
		}
		ranges = append(ranges, n)
	}
	return ranges
}

func local(ip net.IP) bool {
	return slices.ContainsFunc(localRanges(), func(n *net.IPNet) bool { return n.Contains(ip) })
}

// AuthorityPEM is the authority's certificate, which tablets may trust; nil
// with a certificate of the school's own.
func (m *Manager) AuthorityPEM() []byte {
	if m.authority == nil {
		return nil
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: m.authority.Raw})
}

// Fingerprint is what people compare: the authority's SHA-256, in pairs.
func (m *Manager) Fingerprint() string {
	if m.authority == nil {
		return ""
	}
	return fingerprint(m.authority.Raw)
}

// FingerprintOf is that of a certificate in PEM.
func FingerprintOf(text []byte) (string, error) {
	block, _ := pem.Decode(text)
	if block == nil {
		return "", errors.New("this is no certificate")
	}
	_, err := x509.ParseCertificate(block.Bytes)
	return fingerprint(block.Bytes), err
}

func fingerprint(der []byte) string {
	sum := sha256.Sum256(der)
	return strings.ReplaceAll(fmt.Sprintf("% X", sum[:]), " ", ":")
}

// TLSConfig is what a listener serves with.
func (m *Manager) TLSConfig() *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"},
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return m.current() },
	}
}

// current is the certificate for now. It looks at most once a minute whether
// the box's addresses, the time or the file ask for another one, and each time
// whether its name does.
func (m *Manager) current() (*tls.Certificate, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.leaf != nil && m.now().Sub(m.checked).Abs() < time.Minute && (m.certFile != "" || slices.Equal(m.leaf.Leaf.DNSNames, m.dnsNames())) {
		return m.leaf, nil
	}
	m.checked = m.now()
	if m.certFile != "" {
		return m.reload()
	}
	now, ips := m.present(), m.ips()
	if m.leaf != nil && m.leaf.Leaf.NotAfter.Sub(now) > leafRenewal && !now.Before(m.leaf.Leaf.NotBefore) && sameIPs(m.leaf.Leaf.IPAddresses, ips) && slices.Equal(m.leaf.Leaf.DNSNames, m.dnsNames()) {
		return m.leaf, nil
	}
	leaf, err := m.issue(now, ips)
	if err != nil {
		return m.leaf, err
	}
	m.leaf = leaf
	return leaf, nil
}

func (m *Manager) ips() []net.IP {
	ips := []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}
	for _, a := range m.addresses() {
		if ip := net.IP(a.AsSlice()); local(ip) {
			ips = append(ips, ip)
		}
	}
	slices.SortFunc(ips, func(a, b net.IP) int { return bytes.Compare(a.To16(), b.To16()) })
	return slices.CompactFunc(ips, net.IP.Equal)
}

func (m *Manager) dnsNames() []string {
	list := []string{"localhost"}
	for _, name := range m.names() {
		if !slices.Contains(list, name) {
			list = append(list, name, "*."+name)
		}
	}
	return list
}

func sameIPs(a, b []net.IP) bool { return slices.EqualFunc(a, b, net.IP.Equal) }

func (m *Manager) issue(now time.Time, ips []net.IP) (*tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	begin := now.Add(-leafBefore)
	if begin.Before(m.authority.NotBefore) {
		begin = m.authority.NotBefore
	}
	end := begin.AddDate(0, 0, leafDays)
	if end.After(m.authority.NotAfter) {
		end = m.authority.NotAfter
	}
	template := &x509.Certificate{
		SerialNumber: serial(), Subject: pkix.Name{CommonName: "Bwenge box"}, NotBefore: begin, NotAfter: end,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames: m.dnsNames(), IPAddresses: ips,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, m.authority, key.Public(), m.key)
	if err != nil {
		return nil, err
	}
	leaf, err := x509.ParseCertificate(der)
	return &tls.Certificate{Certificate: [][]byte{der, m.authority.Raw}, PrivateKey: key, Leaf: leaf}, err
}

// reload reads the school's own certificate if its file has changed. One that
// cannot be read leaves the old one in use.
func (m *Manager) reload() (*tls.Certificate, error) {
	info, err := os.Stat(m.certFile)
	if err == nil && m.leaf != nil && info.ModTime().Equal(m.stamp) {
		return m.leaf, nil
	}
	if err == nil {
		var pair tls.Certificate
		if pair, err = tls.LoadX509KeyPair(m.certFile, m.keyFile); err == nil {
			m.leaf, m.stamp = &pair, info.ModTime()
		}
	}
	if m.leaf != nil {
		return m.leaf, nil
	}
	return nil, err
}
