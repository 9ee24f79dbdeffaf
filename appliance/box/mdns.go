package box

import (
	"fmt"
	"log/slog"
	"net"
	"strconv"

	"github.com/hashicorp/mdns"
)

// Announce answers mDNS questions for NAME.local and the http service on this
// machine's own addresses until the returned function is called. Without a
// network that can do multicast the box works all the same: tablets then use
// its address.
func Announce(name, addr string) (stop func(), err error) {
	_, portText, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	port, err := strconv.Atoi(portText)
	if err != nil {
		return nil, fmt.Errorf("port %q: %w", portText, err)
	}
	ips := LocalAddresses()
	if len(ips) == 0 {
		return nil, fmt.Errorf("this machine has no address on a network")
	}
	service, err := mdns.NewMDNSService("Bwenge", "_http._tcp", "local.", name+".local.", port, ips, []string{"path=/"})
	if err != nil {
		return nil, err
	}
	server, err := mdns.NewServer(&mdns.Config{Zone: service})
	if err != nil {
		return nil, err
	}
	return func() {
		if err := server.Shutdown(); err != nil {
			slog.Warn("mdns: cannot stop", "error", err)
		}
	}, nil
}

// LocalAddresses are the addresses at which tablets reach this machine.
func LocalAddresses() []net.IP {
	var ips []net.IP
	interfaces, err := net.Interfaces()
	if err != nil {
		return nil
	}
	for _, i := range interfaces {
		if i.Flags&net.FlagUp == 0 || i.Flags&net.FlagLoopback != 0 {
			continue
		}
		addrs, err := i.Addrs()
		if err != nil {
			continue
		}
		for _, a := range addrs {
			if n, ok := a.(*net.IPNet); ok && (n.IP.IsPrivate() || n.IP.IsGlobalUnicast()) {
				ips = append(ips, n.IP)
			}
		}
	}
	return ips
}
