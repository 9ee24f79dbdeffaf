package lan

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"
	"golang.org/x/sys/unix"
)

// hops is the TTL of all packets: it shows that they have passed no router.
const hops = 255

// largest packet (RFC 6762, 17).
const mostBytes = 9000

var (
	group4 = &net.UDPAddr{IP: net.IPv4(224, 0, 0, 251), Port: mdnsPort}
	group6 = &net.UDPAddr{IP: net.ParseIP("ff02::fb"), Port: mdnsPort}
)

// sockets are one a family for all interfaces: control messages say by which
// one a packet has come, and by which it goes. So no route is needed.
type sockets struct {
	v4 *ipv4.PacketConn
	v6 *ipv6.PacketConn
}

// listen opens them. Either family is enough.
func listen(ctx context.Context) (*sockets, error) {
	shared := net.ListenConfig{Control: func(_, _ string, c syscall.RawConn) (err error) {
		err2 := c.Control(func(fd uintptr) {
			// Avahi and browsers use the port as well.
			err = errors.Join(unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEADDR, 1),
				unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEPORT, 1))
		})
		return errors.Join(err, err2)
	}}
	s := &sockets{}
	c4, err4 := shared.ListenPacket(ctx, "udp4", net.JoinHostPort("0.0.0.0", strconv.Itoa(mdnsPort)))
	if err4 == nil {
		s.v4 = ipv4.NewPacketConn(c4)
		err4 = errors.Join(s.v4.SetControlMessage(ipv4.FlagInterface|ipv4.FlagDst, true), s.v4.SetTTL(hops),
			s.v4.SetMulticastTTL(hops), s.v4.SetMulticastLoopback(true))
		if err4 != nil {
			s.v4.Close()
			s.v4 = nil
		}
	}
	c6, err6 := shared.ListenPacket(ctx, "udp6", net.JoinHostPort("::", strconv.Itoa(mdnsPort)))
	if err6 == nil {
		s.v6 = ipv6.NewPacketConn(c6)
		err6 = errors.Join(s.v6.SetControlMessage(ipv6.FlagInterface|ipv6.FlagDst, true), s.v6.SetHopLimit(hops),
			s.v6.SetMulticastHopLimit(hops), s.v6.SetMulticastLoopback(true))
		if err6 != nil {
			s.v6.Close()
			s.v6 = nil
		}
	}
	if s.v4 == nil && s.v6 == nil {
		return nil, errors.Join(err4, err6)
	}
	return s, nil
}

func (s *sockets) close() {
	if s.v4 != nil {
		s.v4.Close()
	}
	if s.v6 != nil {
		s.v6.Close()
	}
}

// join hears what is sent to everybody on a link. It is asked again and again,
// since an interface forgets when it goes.
func (s *sockets) join(l Link) {
	for _, f := range l.families() {
		i := &net.Interface{Index: l.Index}
		var err error
		switch {
		case f == v4 && s.v4 != nil:
			err = s.v4.JoinGroup(i, group4)
		case f == v6 && s.v6 != nil:
			err = s.v6.JoinGroup(i, group6)
		}
		if err != nil && !errors.Is(err, unix.EADDRINUSE) {
			slog.Warn("lan: this interface cannot hear multicast", "interface", l.Name, "error", err)
		}
	}
}

// read hands over packets until the sockets are closed. When more come than can
// be looked at, the rest is dropped: askers ask again.
func (s *sockets) read(to chan<- incoming) {
	hand := func(in incoming) {
		select {
		case to <- in:
		default:
		}
	}
	if s.v4 != nil {
		go reading(func(buf []byte) error {
			n, cm, from, err := s.v4.ReadFrom(buf)
			if err == nil && cm != nil {
				hand(incoming{cm.IfIndex, v4, addrPort(from), cm.Dst.IsMulticast(), append([]byte(nil), buf[:n]...)})
			}
			return err
		})
	}
	if s.v6 != nil {
		go reading(func(buf []byte) error {
			n, cm, from, err := s.v6.ReadFrom(buf)
			if err == nil && cm != nil {
				hand(incoming{cm.IfIndex, v6, addrPort(from), cm.Dst.IsMulticast(), append([]byte(nil), buf[:n]...)})
			}
			return err
		})
	}
}

// reading goes on after any error but the socket's end: an interface that goes
// down makes one.
func reading(one func([]byte) error) {
	buf := make([]byte, mostBytes)
	for {
		if err := one(buf); errors.Is(err, net.ErrClosed) {
			return
		} else if err != nil {
			time.Sleep(50 * time.Millisecond)
		}
	}
}

func addrPort(a net.Addr) netip.AddrPort {
	if u, ok := a.(*net.UDPAddr); ok {
		return u.AddrPort()
	}
	return netip.AddrPort{}
}

func (s *sockets) send(out outgoing) {
	data, err := out.msg.Pack()
	if err != nil {
		slog.Error("lan: a packet cannot be written", "error", err)
		return
	}
	var to net.Addr
	switch {
	case out.to.IsValid():
		to = net.UDPAddrFromAddrPort(out.to)
	case out.family == v4:
		to = group4
	default:
		to = group6
	}
	switch {
	case out.family == v4 && s.v4 != nil:
		_, err = s.v4.WriteTo(data, &ipv4.ControlMessage{IfIndex: out.link}, to)
	case out.family == v6 && s.v6 != nil:
		_, err = s.v6.WriteTo(data, &ipv6.ControlMessage{IfIndex: out.link}, to)
	}
	if err != nil {
		slog.Debug("lan: not sent", "interface", out.link, "error", err) // it has just gone
	}
}

// watch calls back when an interface or an address has changed, until ctx ends.
// It reports whether the kernel tells.
func watch(ctx context.Context, changed func()) bool {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_ROUTE)
	if err != nil {
		return false
	}
	err = unix.Bind(fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK, Groups: unix.RTMGRP_LINK | unix.RTMGRP_IPV4_IFADDR | unix.RTMGRP_IPV6_IFADDR})
	if err != nil {
		unix.Close(fd)
		return false
	}
	go func() {
		defer unix.Close(fd)
		buf := make([]byte, 1<<16)
		for ctx.Err() == nil {
			wait := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
			if n, err := unix.Poll(wait, 1000); n == 0 || errors.Is(err, unix.EINTR) {
				continue // looks whether it is to end
			}
			// What has changed is looked up; that messages were lost is a change as well.
			if _, _, err := unix.Recvfrom(fd, buf, unix.MSG_DONTWAIT); err != nil && !errors.Is(err, unix.ENOBUFS) {
				time.Sleep(50 * time.Millisecond)
			}
			changed()
		}
	}()
	return true
}
