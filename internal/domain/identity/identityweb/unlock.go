package identityweb

import (
	"context"
	"net/http"

	"tongban/internal/base/errs"
	"tongban/internal/base/web"
	"tongban/internal/domain/factor"
	"tongban/internal/domain/identity"
)

// unlockPage is the form in the dialog that covers a staff page after fifteen idle minutes. It offers every way, whatever the account has: the
// page is for whoever stands at the computer.
func (h *Handler) unlockPage(w http.ResponseWriter, r *http.Request) error {
	if !h.s.WasStaff(r.Context(), h.cookie(r)) {
		return errs.New(errs.NotFound, "base.not_found")
	}
	return web.Render(w, r, unlockForm())
}

// lock locks a staff session at once: the page's clock says that nobody is there, whatever its scripts have asked for meanwhile.
func (h *Handler) lock(w http.ResponseWriter, r *http.Request) error {
	if err := h.s.Lock(r.Context(), h.cookie(r)); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// unlock opens the locked session again, under a new token. It answers the script; the page with what was typed never leaves the screen.
func (h *Handler) unlock(w http.ResponseWriter, r *http.Request) error {
	method, answer := identity.WayPassword, r.FormValue("unlock_password")
	if code := r.FormValue("unlock_totp"); answer == "" && code != "" {
		method, answer = identity.WayTOTP, code
	}
	token, err := h.s.Unlock(r.Context(), h.cookie(r), method, answer, h.from(w, r))
	if err != nil {
		return sayJSON(w, r, err)
	}
	return h.unlocked(w, r, token)
}

func (h *Handler) unlocked(w http.ResponseWriter, r *http.Request, token string) error {
	ctx := r.Context()
	h.SetSession(w, token)
	a, err := h.s.Actor(ctx, token)
	if err != nil {
		return err
	}
	ends, err := h.s.SessionEnds(ctx, a)
	if err != nil {
		return err
	}
	return web.JSON(w, http.StatusOK, map[string]int64{"session_ends_ms": ends.UnixMilli()})
}

func (h *Handler) unlockPasskeyBegin(w http.ResponseWriter, r *http.Request) error {
	return challenge(w, r, func(ctx context.Context) (factor.Challenge, error) { return h.s.BeginUnlockPasskey(ctx, h.cookie(r)) })
}

func (h *Handler) unlockPasskeyFinish(w http.ResponseWriter, r *http.Request) error {
	a, err := readPasskey(r)
	if err != nil {
		return sayJSON(w, r, err)
	}
	token, err := h.s.Unlock(r.Context(), h.cookie(r), identity.WayPasskey, identity.PasskeyAnswer(a.ID, a.Response), h.from(w, r))
	if err != nil {
		return sayJSON(w, r, err)
	}
	return h.unlocked(w, r, token)
}
