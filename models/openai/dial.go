package openai

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"syscall"
	"time"
)

// Allowed are addresses of the box itself or its own links that a model may be
// asked at, though such are refused otherwise: an address, a network or an
// address with its port, each as somebody who runs the box has listed it.
type Allowed struct {
	networks []netip.Prefix
	ports    []netip.AddrPort
}

// ParseAllowed reads a list such as "127.0.0.1:8081, 169.254.0.0/16".
func ParseAllowed(list string) (a Allowed, err error) {
	for _, text := range strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' }) {
		if port, err := netip.ParseAddrPort(text); err == nil {
			a.ports = append(a.ports, netip.AddrPortFrom(port.Addr().Unmap(), port.Port()))
		} else if network, err := netip.ParsePrefix(text); err == nil {
			a.networks = append(a.networks, network.Masked())
		} else if addr, err := netip.ParseAddr(text); err == nil {
			a.networks = append(a.networks, netip.PrefixFrom(addr.Unmap(), addr.Unmap().BitLen()))
		} else {
			return a, fmt.Errorf("%q is none of an address, an address with a port, a network", text)
		}
	}
	return a, nil
}

// ErrAddress is the cause of an Error of kind Forbidden.
var ErrAddress = errors.New("an address of the box itself or of its own links")

// Check refuses an address at which no model of others can be: the box's own,
// from where its other services believe whoever asks, and those that mean
// something else on each link, such as a cloud's 169.254.169.254.
func (a Allowed) Check(to netip.AddrPort) error {
	addr := to.Addr().Unmap()
	inside := func(p netip.Prefix) bool { return p.Contains(addr.WithZone("")) }
	if slices.ContainsFunc(a.networks, inside) || slices.Contains(a.ports, netip.AddrPortFrom(addr, to.Port())) {
		return nil
	}
	for _, x := range append(embedded(addr), addr) {
		if x.IsLoopback() || x.IsUnspecified() || x.IsMulticast() || x.IsLinkLocalUnicast() || slices.ContainsFunc(nowhere, func(p netip.Prefix) bool { return p.Contains(x) }) || own(x) {
			return ErrAddress
		}
	}
	return nil
}

var nowhere = []netip.Prefix{netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("255.255.255.255/32")}

// embedded are the IPv4 addresses that an IPv6 one leads to: by NAT64, 6to4, or
// written as compatible.
func embedded(a netip.Addr) (list []netip.Addr) {
	if !a.Is6() {
		return nil
	}
	b := a.As16()
	switch {
	case netip.MustParsePrefix("64:ff9b::/96").Contains(a), netip.MustParsePrefix("::/96").Contains(a):
		list = append(list, netip.AddrFrom4([4]byte(b[12:])))
	case netip.MustParsePrefix("2002::/16").Contains(a):
		list = append(list, netip.AddrFrom4([4]byte(b[2:])))
	}
	return list
}

// own reports whether an address is one of the box's; they may change.
func own(a netip.Addr) bool {
	all, _ := net.InterfaceAddrs()
	return slices.ContainsFunc(all, func(x net.Addr) bool {
		p, err := netip.ParsePrefix(x.String())
		return err == nil && p.Addr().Unmap().WithZone("") == a.WithZone("")
	})
}

// dialer looks at the address that a name has come to, so that a name which says
// something else from one moment to the next gains nothing.
func (a Allowed) dialer() *net.Dialer {
	return &net.Dialer{Timeout: 10 * time.Second, ControlContext: func(_ context.Context, _, address string, _ syscall.RawConn) error {
		to, err := netip.ParseAddrPort(address)
		if err != nil {
			return err
		}
		return a.Check(to)
	}}
}
