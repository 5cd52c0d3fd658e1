package identityweb

import (
	"net/http"
	"slices"
	"strings"

	"tongban/internal/base/authz"
)

// What a limited session can open of the pages for those who are signed in: what it must do, and where it sees itself.
var (
	limitedAreas = []string{"my", "desk", "window", "admin", "audit", "office", "ops", "papers", "privacy", "supervision", "approve"}
	limitedOpens = []string{"security", "password", "devices", "sign", "consents", "tokens"} // below /my
)

// closed reports whether a page is not for a session whose holder must first do something. Programs, forms and public pages go the usual way.
func closed(r *http.Request) bool {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return false
	}
	area, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	page, _, _ := strings.Cut(rest, "/")
	return slices.Contains(limitedAreas, area) && (area != "my" || !slices.Contains(limitedOpens, page))
}

// firstThing is where the holder of a limited session does what must be done first, and from there to the page asked for; empty for everybody else.
func (h *Handler) firstThing(r *http.Request) (string, error) {
	a, err := h.s.ActorAt(r.Context(), h.cookie(r), h.device(r))
	if err != nil || !a.Is(authz.Limited) {
		return "", err
	}
	change, _, err := h.s.Todo(r.Context(), a)
	switch next := r.URL.RequestURI(); {
	case err != nil:
		return "", err
	case change && a.StaffID != "":
		return to("/my/password", next), nil
	case change:
		return to("/my/security/password", next), nil
	default:
		return to("/my/security", next, "enrol", "1"), nil
	}
}
