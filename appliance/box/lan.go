package box

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"strings"

	"github.com/bwenge-os/bwenge/appliance/lan"
	"github.com/bwenge-os/bwenge/appliance/school/keys"
)

// nameFile keeps the name that the box has on the network, if it is not the one
// that was chosen: two boxes are not to change theirs after a power cut.
const nameFile = "name-on-network"

// newAnnouncer prepares what makes the box found.
func newAnnouncer(cfg *Config) *lan.Announcer {
	kept, err := os.ReadFile(cfg.Path(nameFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		slog.Warn("the box's name on the network is forgotten", "error", err)
	}
	if len(kept) == 0 {
		kept = []byte(cfg.Name)
	}
	return lan.New(lan.Config{Name: cfg.Name, Kept: strings.TrimSpace(string(kept)), Keep: func(name string) {
		if err := keys.WriteDurably(cfg.Path(nameFile), []byte(name+"\n")); err != nil {
			slog.Warn("the box's name on the network is not kept", "error", err)
		}
	}})
}

// Announce makes the box found at this port until the returned function is
// called, which says goodbye. Without a network the box works all the same.
func (b *Box) Announce(cfg *Config, port int) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		b.LAN.Run(ctx, port, b.services(cfg))
	}()
	return func() { cancel(); <-done }
}

// services are what programs on the network can look for: a website, and a box.
func (b *Box) services(cfg *Config) []lan.Service {
	about := []string{"txtvers=1", "version=" + cfg.Version}
	if _, port, err := net.SplitHostPort(cfg.TLSAddr); err == nil {
		about = append(about, "https="+port)
	}
	if b.Certs != nil && b.Certs.Fingerprint() != "" {
		about = append(about, "sha256="+strings.ReplaceAll(b.Certs.Fingerprint(), ":", ""))
	}
	return []lan.Service{{Type: "_http._tcp", TXT: []string{"path=/"}}, {Type: "_bwenge._tcp", TXT: about}}
}

// lanAddress is where tablets find the box, for its QR codes: by number, since
// many an Android resolves no .local names. near is an address of the box that
// somebody has used, or theirs: it says which of its networks is meant.
func lanAddress(cfg *Config, near netip.Addr) string {
	host, port, err := net.SplitHostPort(cfg.Addr)
	if err != nil {
		return ""
	}
	if ip := net.ParseIP(host); ip != nil && !ip.IsUnspecified() {
		return "http://" + cfg.Addr
	}
	links, err := lan.Links()
	if err != nil {
		return ""
	}
	address, ok := lan.AddressFor(links, near)
	if !ok {
		return ""
	}
	return "http://" + net.JoinHostPort(address.String(), port)
}
