package transport

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"sync"
	"time"
)

// connections bounds how many are open, in all and from one address. Whoever
// has too many finds the next one closed: there is no request yet to answer.
// When all are taken, a new one takes the place of an idle one of whoever holds
// the most, so that a few addresses cannot keep everybody else out.
type connections struct {
	most, mostPerAddress int
	exempt               []string // proxies, behind which everybody is

	mu         sync.Mutex
	open       map[net.Conn]*connection
	perAddress map[string]int
}

type connection struct {
	address string // as it is counted
	exempt  bool
	idle    time.Time // since when; zero while it is at work
}

// changed is told of each connection's states; see http.Server.ConnState.
func (c *connections) changed(conn net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		switch unwanted := c.add(conn); unwanted {
		case nil:
		case conn:
			_ = conn.Close() // the server notices when it reads
		default:
			// Over TLS a goodbye may have to wait, and this is where connections
			// are accepted.
			go func() { _ = unwanted.Close() }()
		}
	case http.StateActive:
		c.setIdle(conn, time.Time{})
	case http.StateIdle:
		c.setIdle(conn, time.Now())
	case http.StateClosed, http.StateHijacked: // sockets have bounds of their own
		c.remove(conn)
	}
}

// add counts a connection and returns the one to close: none, itself, or
// another that makes room.
func (c *connections) add(conn net.Conn) (unwanted net.Conn) {
	host, _, err := net.SplitHostPort(conn.RemoteAddr().String())
	if err != nil {
		return nil // a unix socket
	}
	address, exempt := countedAs(host), slices.Contains(c.exempt, host)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.perAddress[address] >= c.mostPerAddress && !exempt {
		return conn
	}
	if len(c.open) >= c.most {
		if unwanted = c.longestIdle(c.perAddress[address]); unwanted == nil {
			return conn
		}
		c.drop(unwanted)
	}
	c.open[conn] = &connection{address: address, exempt: exempt}
	c.perAddress[address]++
	return unwanted
}

// longestIdle is the connection that has been idle for longest, of the address
// that holds the most among those with idle ones; never of one that holds fewer
// than least, nor of a proxy.
func (c *connections) longestIdle(least int) (found net.Conn) {
	held := 0
	var since time.Time
	for conn, of := range c.open {
		n := c.perAddress[of.address]
		if of.idle.IsZero() || of.exempt || n < least || n < held || n == held && !of.idle.Before(since) {
			continue
		}
		found, held, since = conn, n, of.idle
	}
	return found
}

func (c *connections) setIdle(conn net.Conn, since time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if of := c.open[conn]; of != nil {
		of.idle = since
	}
}

func (c *connections) remove(conn net.Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.drop(conn)
}

func (c *connections) drop(conn net.Conn) {
	of, ok := c.open[conn]
	if !ok {
		return
	}
	delete(c.open, conn)
	if c.perAddress[of.address]--; c.perAddress[of.address] == 0 {
		delete(c.perAddress, of.address)
	}
}

// countedAs is what a host counts as: of IPv6 its /64, in which it may choose
// addresses freely. Link-local ones all share theirs, so each stands for itself.
func countedAs(host string) string {
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return host
	}
	ip = ip.Unmap()
	if ip.Is4() || ip.IsLinkLocalUnicast() {
		return ip.String()
	}
	return netip.PrefixFrom(ip.WithZone(""), 64).Masked().String()
}
