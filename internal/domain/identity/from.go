package identity

import "net/netip"

// From says from where somebody signs in. Every step of one sign-in must come with the same Device.
type From struct {
	Origin string // network address
	Agent  string // User-Agent of the browser
	Device string // secret of the device cookie, which outlives sessions; empty = a browser without one, never known
}

// network is the network an address belongs to, /24 of IPv4 and /48 of IPv6, the smallest that strangers can buy alone; empty if it is no address.
func network(address string) string {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return ""
	}
	a, bits := a.Unmap().WithZone(""), 48
	if a.Is4() {
		bits = 24
	}
	p, err := a.Prefix(bits)
	if err != nil {
		return ""
	}
	return p.String()
}
