package lan

import (
	"bufio"
	"encoding/hex"
	"net"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"
)

// mostAddresses is how many addresses of one interface are announced: a packet
// has to hold them all.
const mostAddresses = 8

// Link is an interface by which tablets can reach the box, with its addresses
// there. The ones that tablets can use best come first.
type Link struct {
	Index int
	Name  string
	Addrs []netip.Prefix
}

func (l Link) has(a netip.Addr) bool {
	return slices.ContainsFunc(l.Addrs, func(p netip.Prefix) bool { return p.Addr() == a })
}

// near reports whether an address is one of the link's network.
func (l Link) near(a netip.Addr) bool {
	return slices.ContainsFunc(l.Addrs, func(p netip.Prefix) bool { return p.Contains(a) })
}

// families are the kinds of addresses that the link has.
func (l Link) families() (list []family) {
	if slices.ContainsFunc(l.Addrs, func(p netip.Prefix) bool { return p.Addr().Is4() }) {
		list = append(list, v4)
	}
	if slices.ContainsFunc(l.Addrs, func(p netip.Prefix) bool { return p.Addr().Is6() }) {
		list = append(list, v6)
	}
	return list
}

// published are the addresses that tablets are told. One that is good on its
// link alone is told only where there is none other: a browser cannot use
// fe80:: without the name of its own interface.
func (l Link) published() (list []netip.Addr) {
	for _, p := range l.Addrs {
		if !p.Addr().IsLinkLocalUnicast() {
			list = append(list, p.Addr())
		}
	}
	if len(list) == 0 {
		for _, p := range l.Addrs {
			list = append(list, p.Addr())
		}
	}
	return list[:min(len(list), mostAddresses)]
}

// Links are the interfaces by which tablets can reach the box now, those with a
// device behind them (cable, Wi-Fi) before those that programs made.
func Links() ([]Link, error) {
	all, err := net.Interfaces()
	if err != nil {
		return nil, err
	}
	unready := unreadyAddresses()
	var links []Link
	for _, i := range all {
		if !usable(i) {
			continue
		}
		addrs, err := i.Addrs()
		if err != nil {
			continue // it has just gone
		}
		l := Link{Index: i.Index, Name: i.Name}
		for _, a := range addrs {
			p, err := netip.ParsePrefix(a.String())
			if err != nil {
				continue
			}
			p = netip.PrefixFrom(p.Addr().Unmap().WithZone(""), p.Bits())
			if addr := p.Addr(); !addr.IsLoopback() && !addr.IsMulticast() && !addr.IsUnspecified() && !unready[addr] {
				l.Addrs = append(l.Addrs, p)
			}
		}
		if len(l.Addrs) == 0 {
			continue
		}
		slices.SortFunc(l.Addrs, func(a, b netip.Prefix) int {
			if d := rank(a.Addr()) - rank(b.Addr()); d != 0 {
				return d
			}
			return a.Addr().Compare(b.Addr())
		})
		links = append(links, l)
	}
	slices.SortStableFunc(links, func(a, b Link) int { return made(a) - made(b) })
	return links, nil
}

// usable leaves out what leads to no tablet: loopback, tunnels, cables that are
// not plugged in, and ports of a bridge, which has the addresses itself.
func usable(i net.Interface) bool {
	const wanted = net.FlagUp | net.FlagRunning | net.FlagMulticast
	if i.Flags&wanted != wanted || i.Flags&(net.FlagLoopback|net.FlagPointToPoint) != 0 {
		return false
	}
	_, err := os.Lstat("/sys/class/net/" + i.Name + "/master")
	return err != nil
}

// rank puts IPv4 first, which every tablet has.
func rank(a netip.Addr) int {
	r := 0
	if a.Is6() {
		r = 2
	}
	if a.IsLinkLocalUnicast() {
		r++
	}
	return r
}

func made(l Link) int {
	if _, err := os.Stat("/sys/class/net/" + l.Name + "/device"); err == nil {
		return 0
	}
	return 1
}

// unreadyAddresses are IPv6 ones that the kernel still tries, has found taken,
// or is about to give up.
func unreadyAddresses() map[netip.Addr]bool {
	f, err := os.Open("/proc/net/if_inet6")
	if err != nil {
		return nil // a machine without IPv6
	}
	defer f.Close()
	const failed, deprecated, tentative = 0x08, 0x20, 0x40
	list := map[netip.Addr]bool{}
	for s := bufio.NewScanner(f); s.Scan(); {
		fields := strings.Fields(s.Text())
		if len(fields) < 6 {
			continue
		}
		bytes, err := hex.DecodeString(fields[0])
		if err != nil {
			continue
		}
		flags, err := strconv.ParseUint(fields[4], 16, 32)
		if addr, ok := netip.AddrFromSlice(bytes); ok && err == nil && flags&(failed|deprecated|tentative) != 0 {
			list[addr] = true
		}
	}
	return list
}

// Addresses are those at which tablets reach this machine.
func Addresses() (list []netip.Addr) {
	links, err := Links()
	if err != nil {
		return nil
	}
	for _, l := range links {
		for _, p := range l.Addrs {
			if !p.Addr().IsLinkLocalUnicast() || p.Addr().Is4() {
				list = append(list, p.Addr())
			}
		}
	}
	return list
}

// AddressFor is the address at which whoever is at `near` reaches this machine:
// near is an address of the machine itself that they have used, or one of
// theirs. Of somebody on no network that it is part of, or with no address at
// all, it is the one that most tablets can use.
func AddressFor(links []Link, near netip.Addr) (netip.Addr, bool) {
	near = near.Unmap().WithZone("")
	for _, l := range links {
		if l.has(near) && near.Is4() {
			return near, true
		}
	}
	for _, l := range links {
		for _, p := range l.Addrs {
			switch {
			case !p.Contains(near) || near.IsLinkLocalUnicast() && near.Is6(): // fe80:: is on every link
			case near.Is4():
				return p.Addr(), true
			default:
				return l.published()[0], true // its IPv4 address, if there is one, is easier to type
			}
		}
	}
	var best netip.Addr
	for _, l := range links {
		if a := l.published()[0]; !best.IsValid() || rank(a) < rank(best) {
			best = a
		}
	}
	return best, best.IsValid()
}
