package push

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"syscall"
)

// errInside is the refusal of an address inside the network.
var errInside = errors.New("push: the address leads inside the network")

// never are addresses that no allow list opens: this host's "any", link-local ones (with them the metadata services of clouds), multicast, broadcast.
var never = prefixes("0.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "255.255.255.255/32", "::/128", "fe80::/10", "fec0::/10", "ff00::/8", "fd00:ec2::254/128", "100.100.100.200/32")

// inside are addresses that are not of the public network (RFC 6890 and its registries).
var inside = prefixes(
	"10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
	"2001::/23", "2001:db8::/32", "3fff::/20", "5f00::/16",
)

// public6 is the part of IPv6 that is handed out; everything outside it is inside, or nowhere.
var public6 = netip.MustParsePrefix("2000::/3")

// sixToFour holds an IPv4 address in its bytes 2 to 5; nat64 in its last four.
var sixToFour, nat64 = netip.MustParsePrefix("2002::/16"), netip.MustParsePrefix("64:ff9b::/96")

func prefixes(ss ...string) []netip.Prefix {
	out := make([]netip.Prefix, 0, len(ss))
	for _, s := range ss {
		out = append(out, netip.MustParsePrefix(s))
	}
	return out
}

func in(ps []netip.Prefix, a netip.Addr) bool {
	return slices.ContainsFunc(ps, func(p netip.Prefix) bool { return p.Contains(a) })
}

// allowed reports whether a message may go to an address. Addresses that carry another one are judged by that.
func allowed(a netip.Addr, allow []netip.Prefix) bool {
	a = a.Unmap()
	switch {
	case !a.IsValid(), a.Zone() != "", in(never, a):
		return false
	case in(allow, a):
		return true
	case in(inside, a):
		return false
	case a.Is4():
		return true
	}
	b := a.As16()
	switch {
	case nat64.Contains(a):
		return allowed(netip.AddrFrom4([4]byte(b[12:16])), allow)
	case sixToFour.Contains(a):
		return allowed(netip.AddrFrom4([4]byte(b[2:6])), allow)
	}
	return public6.Contains(a)
}

// lookUp gives the addresses of a host, none unless all of them are allowed.
func (s *Sender) lookUp(ctx context.Context, host string) ([]netip.Addr, error) {
	as, err := s.Resolve(ctx, host)
	if err != nil {
		return nil, err
	}
	if len(as) == 0 {
		return nil, &net.DNSError{Err: "no address", Name: host, IsNotFound: true}
	}
	for _, a := range as {
		if !allowed(a, s.Allow) {
			return nil, errInside
		}
	}
	return as, nil
}

// dial connects to an address that was judged, never to a name.
func (s *Sender) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	as, err := s.lookUp(ctx, host)
	if err != nil {
		return nil, err
	}
	d := net.Dialer{Timeout: s.Timeout / 2, Control: s.lastLook}
	var failed []error
	for _, a := range as {
		c, err := d.DialContext(ctx, network, net.JoinHostPort(a.Unmap().String(), port))
		if err == nil {
			return c, nil
		}
		failed = append(failed, err)
	}
	return nil, errors.Join(failed...)
}

// lastLook judges the address of the socket itself.
func (s *Sender) lastLook(_, address string, _ syscall.RawConn) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil || !allowed(ap.Addr(), s.Allow) {
		return errInside
	}
	return nil
}
