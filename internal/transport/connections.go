package transport

import (
	"net"
	"net/http"
	"slices"
	"sync"
)

// connections bounds how many are open, in all and from one address. Whoever
// has too many finds the next one closed: there is no request yet to answer.
type connections struct {
	most, mostPerAddress int
	exempt               []string // proxies, behind which everybody is

	mu         sync.Mutex
	open       map[net.Conn]string
	perAddress map[string]int
}

// changed is told of each connection's states; see http.Server.ConnState.
func (c *connections) changed(conn net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		if !c.add(conn) {
			_ = conn.Close() // the server notices when it reads
		}
	case http.StateClosed, http.StateHijacked: // sockets have bounds of their own
		c.remove(conn)
	}
}

func (c *connections) add(conn net.Conn) bool {
	address, _, err := net.SplitHostPort(conn.RemoteAddr().String())
	if err != nil {
		return true // a unix socket
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.open) >= c.most || c.perAddress[address] >= c.mostPerAddress && !slices.Contains(c.exempt, address) {
		return false
	}
	c.open[conn] = address
	c.perAddress[address]++
	return true
}

func (c *connections) remove(conn net.Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	address, ok := c.open[conn]
	if !ok {
		return
	}
	delete(c.open, conn)
	if c.perAddress[address]--; c.perAddress[address] == 0 {
		delete(c.perAddress, address)
	}
}
