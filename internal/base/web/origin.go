package web

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// Origin is the network address of the caller, without its port.
func Origin(r *http.Request) string {
	addr := r.RemoteAddr
	if i := strings.LastIndexByte(addr, ':'); i > 0 {
		addr = addr[:i]
	}
	return strings.Trim(addr, "[]")
}

// ofProxies are headers only a trusted proxy may set: the client certificate it was shown (RFC 9440 §4).
var ofProxies = []string{"Client-Cert", "Client-Cert-Chain"}

// behindProxies puts the caller's own address in place of a trusted proxy's: the last address in X-Forwarded-For that is not a trusted proxy.
// What stands before it was written by the caller and proves nothing.
func (s *Site) behindProxies(r *http.Request) {
	if len(s.cfg.Proxies) == 0 || !s.trusted(Origin(r)) {
		for _, h := range ofProxies {
			r.Header.Del(h)
		}
		return
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, hop := range slices.Backward(hops) {
		if hop = strings.TrimSpace(hop); hop == "" || s.trusted(hop) {
			continue
		}
		if a, err := netip.ParseAddr(hop); err == nil {
			r.RemoteAddr = netip.AddrPortFrom(a, 0).String()
		}
		return
	}
}

func (s *Site) trusted(addr string) bool {
	a, err := netip.ParseAddr(addr)
	return err == nil && slices.ContainsFunc(s.cfg.Proxies, func(p netip.Prefix) bool { return p.Contains(a.Unmap()) })
}
