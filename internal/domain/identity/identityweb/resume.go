package identityweb

import (
	"net/http"
	"net/url"
	"sort"
	"strings"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/identity"
)

// stashMax is the largest form kept over a sign-in; uploads are sent again by hand.
const stashMax = 256 << 10

// neverKept are the fields that hold secrets.
var neverKept = []string{"password", "old", "code", "totp", "recovery", "repeat", "unlock_password", "unlock_totp"}

// SignIn answers a request for which nobody is signed in; it is web.Config.SignIn. A page leads to the sign-in page and back. A form that was
// sent after the session ended is kept, sealed, and waits behind the sign-in page with a button that sends it.
func (h *Handler) SignIn(w http.ResponseWriter, r *http.Request) error {
	page := "/sign-in"
	if h.forStaff(r) {
		page = "/sign-in/staff"
	}
	back := r.URL.RequestURI()
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		var err error
		if back, err = h.keep(w, r, ""); err != nil {
			return err
		}
	}
	where := to(page, back)
	if back == "" {
		where = page
	}
	return leave(w, r, where)
}

// forStaff guesses which sign-in page is meant: by whose session it was, else by the address.
func (h *Handler) forStaff(r *http.Request) bool {
	if token := h.cookie(r); token != "" && h.s.WasStaff(r.Context(), token) {
		return true
	}
	for _, p := range []string{"/desk", "/window", "/admin", "/supervise"} {
		if r.URL.Path == p || strings.HasPrefix(r.URL.Path, p+"/") {
			return true
		}
	}
	return false
}

// keep stores the form and gives the address to come back to; without a form it is the page the form stood on. why says on the page that gives
// the form back what was in between; empty = the session had ended.
func (h *Handler) keep(w http.ResponseWriter, r *http.Request, why string) (string, error) {
	from := ""
	if u, err := url.Parse(r.Referer()); err == nil && u.Host == r.Host {
		from = u.RequestURI()
	}
	if r.Method != http.MethodPost || r.ContentLength > stashMax {
		return from, nil
	}
	r.Body = http.MaxBytesReader(nil, r.Body, stashMax)
	values, err := web.Form(r)
	if err != nil || len(values) == 0 {
		return from, nil //nolint:nilerr // a body that cannot be kept is not a reason to refuse the way to the sign-in page
	}
	kept := url.Values{}
	for k, v := range values {
		kept[k] = v
	}
	for _, k := range neverKept {
		kept.Del(k)
	}
	token, err := h.s.KeepStash(r.Context(), h.cookie(r), h.from(w, r), identity.Stash{Path: r.URL.RequestURI(), Values: kept})
	if errs.KindOf(err) == errs.TooMany {
		return from, nil
	}
	back := "/resume/" + token
	if why != "" {
		back += "?why=" + why
	}
	return back, err
}

type resumeView struct {
	Path   string
	Hidden []ui.KV
	Typed  []string
	Raised bool // a level was proved in between, not a sign-in
}

func (h *Handler) resume(w http.ResponseWriter, r *http.Request) error {
	st, err := h.s.OpenStash(r.Context(), authz.From(r.Context()), r.PathValue("token"), h.from(w, r))
	if err != nil {
		return err
	}
	v := resumeView{Path: web.LocalPath(st.Path), Raised: r.URL.Query().Get("why") == "step-up"}
	keys := make([]string, 0, len(st.Values))
	for k := range st.Values {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	for _, k := range keys {
		for _, value := range st.Values[k] {
			v.Hidden = append(v.Hidden, ui.KV{Key: k, Value: value})
			if !strings.HasPrefix(k, "_") && strings.TrimSpace(value) != "" {
				v.Typed = append(v.Typed, value)
			}
		}
	}
	return web.Render(w, r, resumePage(v, authz.From(r.Context()).StaffID != ""))
}
