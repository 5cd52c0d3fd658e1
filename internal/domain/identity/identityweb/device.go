package identityweb

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"tongban/internal/base/errs"
	"tongban/internal/base/ident"
	"tongban/internal/base/web"
	"tongban/internal/domain/identity"
)

// deviceLife is how long a browser is known; agentMost is how much of its own name is kept.
const (
	deviceLife = 365 * 24 * time.Hour
	agentMost  = 300
)

// from says from where a request comes. A browser without a device cookie is given one: a random word that says nothing of the device and only
// tells the browser somebody signs in with from a stranger's, so that strangers cannot lock an account for its holder.
func (h *Handler) from(w http.ResponseWriter, r *http.Request) identity.From {
	f := identity.From{Origin: web.Origin(r), Agent: cut(r.UserAgent(), agentMost)}
	if f.Device = h.device(r); f.Device != "" {
		return f
	}
	f.Device = ident.Secret(20)
	h.setCookie(w, h.prefixed("device"), f.Device, deviceLife)
	return f
}

// device is the browser's own word for itself, or empty.
func (h *Handler) device(r *http.Request) string {
	c, err := r.Cookie(h.prefixed("device"))
	if err != nil || len(c.Value) < 20 || len(c.Value) > 100 {
		return ""
	}
	return c.Value
}

// From is from for rooms that end in a sign-in.
func (h *Handler) From(w http.ResponseWriter, r *http.Request) identity.From { return h.from(w, r) }

// prefixed is a cookie's name: over https browsers then hold it to this host and to https.
func (h *Handler) prefixed(name string) string {
	if h.cfg.HTTPS {
		return "__Host-" + name
	}
	return name
}

// setCookie sets a cookie for the whole site that scripts cannot read; a negative life takes it away, 0 lets it live as long as the browser.
func (h *Handler) setCookie(w http.ResponseWriter, name, value string, life time.Duration) {
	c := &http.Cookie{Name: name, Value: value, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: h.cfg.HTTPS, MaxAge: int(life.Seconds())}
	if life < 0 {
		c.MaxAge = -1
	}
	http.SetCookie(w, c)
}

func cut(s string, most int) string {
	if len(s) > most {
		return strings.ToValidUTF8(s[:most], "")
	}
	return s
}

// deviceName is the browser in few words, as the service read it. It is what the browser claims, so nothing is decided by it.
func deviceName(ctx context.Context, name string) string {
	if name == "" || name == "—" {
		return t(ctx, "identityweb.device_unknown")
	}
	return name
}

// placeOf says where an address is without a map of the world's addresses: the same network as the reader, this computer, or the address with its
// last part covered.
func placeOf(ctx context.Context, address, mine string) string {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return t(ctx, "identityweb.place_unknown")
	}
	a = a.Unmap().WithZone("")
	net := hidden(a)
	if m, err := netip.ParseAddr(mine); err == nil && hidden(m.Unmap().WithZone("")) == net {
		return t(ctx, "identityweb.place_same", errs.P{"net": net})
	}
	return net
}

// hidden covers what tells one connection of a network from another: the last part of IPv4, all but three parts of IPv6.
func hidden(a netip.Addr) string {
	if a.Is4() {
		b := a.As4()
		return fmt.Sprintf("%d.%d.%d.*", b[0], b[1], b[2])
	}
	p, err := a.Prefix(48)
	if err != nil {
		return ""
	}
	return strings.TrimSuffix(p.Addr().String(), ":") + ":*"
}

// clock is the time of day in China.
func clock(at time.Time) string { return at.In(china).Format("15:04") }
