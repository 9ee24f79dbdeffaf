package transport

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"
)

// Eight addresses that hold all connections and leave them idle keep nobody
// out; one at work is not closed for it.
func TestFullOfIdleConnections(t *testing.T) {
	s := newServer(t, func(c *Config) { c.MaxConnections, c.MaxConnectionsPerAddress = 16, 2 })
	address := serve(t, s)
	from := func(last byte) net.Conn {
		conn, err := (&net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, last)}}).Dial("tcp", address)
		if err != nil {
			t.Skip("no such address here:", err)
		}
		t.Cleanup(func() { conn.Close() })
		_ = conn.SetDeadline(time.Now().Add(5 * time.Second))
		return conn
	}
	alive := func(conn net.Conn) bool {
		fmt.Fprint(conn, "GET /api/read HTTP/1.1\r\nHost: localhost\r\n\r\n")
		line, err := bufio.NewReader(conn).ReadString('\n')
		return err == nil && strings.HasPrefix(line, "HTTP/1.1 200")
	}
	idle := func() (n int) {
		s.conns.mu.Lock()
		defer s.conns.mu.Unlock()
		for _, of := range s.conns.open {
			if !of.idle.IsZero() {
				n++
			}
		}
		return n
	}
	var held []net.Conn
	for last := byte(2); last <= 9; last++ {
		for range 2 {
			conn := from(last)
			if !alive(conn) {
				t.Fatalf("127.0.0.%d is refused while there is room", last)
			}
			held = append(held, conn)
			for range 200 { // in order, so that the first is idle for longest
				if idle() == len(held) {
					break
				}
				time.Sleep(5 * time.Millisecond)
			}
		}
	}
	if !alive(from(10)) {
		t.Fatal("another address is kept out")
	}
	if alive(held[0]) {
		t.Error("the longest idle was not the one closed")
	}
	if !alive(held[len(held)-1]) {
		t.Error("the last to be idle was closed")
	}
	s.conns.mu.Lock()
	defer s.conns.mu.Unlock()
	if len(s.conns.open) > 16 {
		t.Errorf("%d are open", len(s.conns.open))
	}
}

func TestCountedAs(t *testing.T) {
	for host, want := range map[string]string{
		"10.0.0.1":          "10.0.0.1",
		"::ffff:10.0.0.1":   "10.0.0.1",
		"2001:db8:1:2:3::4": "2001:db8:1:2::/64",
		"2001:db8:1:2::9":   "2001:db8:1:2::/64",
		"2001:db8:1:3::9":   "2001:db8:1:3::/64",
		"fe80::1%eth0":      "fe80::1%eth0",
		"not an address":    "not an address",
	} {
		if got := countedAs(host); got != want {
			t.Errorf("%s counts as %s, want %s", host, got, want)
		}
	}
}
