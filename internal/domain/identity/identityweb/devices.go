package identityweb

import (
	"context"
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"tongban/internal/base/authz"
	"tongban/internal/base/web"
	"tongban/internal/domain/identity"
	"tongban/internal/engine/cnid"
)

type devicesView struct {
	Sessions []deviceRow
	Done     string
	Desk     bool
}

type deviceRow struct {
	ID                              string
	Device, How, Since, Seen, Where string
	This                            bool
}

func (h *Handler) devices(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	a := authz.From(ctx)
	open, err := h.s.Sessions(ctx, a)
	if err != nil {
		return err
	}
	v := devicesView{Desk: a.StaffID != ""}
	if done := r.URL.Query().Get("done"); done == "one" || done == "others" {
		v.Done = t(ctx, "identityweb.device_ended_"+done)
	}
	for _, s := range open {
		v.Sessions = append(v.Sessions, sessionRow(ctx, s, a.Origin))
	}
	return web.Render(w, r, devicesPage(v))
}

func sessionRow(ctx context.Context, s identity.SessionInfo, mine string) deviceRow {
	row := deviceRow{ID: s.ID, Device: deviceName(ctx, s.Agent), How: howIn(ctx, s.AMR), Since: minute(s.Created), Seen: minute(s.Seen), Where: placeOf(ctx, s.Origin, mine), This: s.Current}
	if s.Locked {
		row.Seen += t(ctx, "identityweb.device_locked")
	}
	return row
}

// howIn says in words how a session proved who it is (RFC 8176 names).
func howIn(ctx context.Context, amr []string) string {
	var words []string
	for _, m := range amr {
		if key := "identityweb.amr_" + m; hasText(key) {
			words = append(words, t(ctx, key))
		}
	}
	return strings.Join(words, t(ctx, "identityweb.plus"))
}

func (h *Handler) endDevice(w http.ResponseWriter, r *http.Request) error {
	if err := h.s.EndSession(r.Context(), authz.From(r.Context()), r.PathValue("id")); err != nil {
		return err
	}
	return web.SeeOther(w, r, "/my/devices?done=one")
}

func (h *Handler) endOthers(w http.ResponseWriter, r *http.Request) error {
	if err := h.s.EndOthers(r.Context(), authz.From(r.Context())); err != nil {
		return err
	}
	return web.SeeOther(w, r, "/my/devices?done=others")
}

type phoneChangeView struct {
	Now    string // masked
	Phone  string // as typed
	Ticket string // of the new phone, on the second page
	Masked string
	Done   string
	problems
}

// phoneChange asks for a proof that is fresh before a new phone can be named: who holds the phone holds the account.
func (h *Handler) phoneChangePage(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	a := authz.From(ctx)
	v := phoneChangeView{}
	var err error
	if v.Now, err = h.ownPhone(ctx, a); err != nil {
		return err
	}
	if r.URL.Query().Get("done") != "" {
		v.Done = t(ctx, "identityweb.phone_done")
	} else if h.s.Fresh(a, freshFor) != nil {
		return web.SeeOther(w, r, freshHref("/my/phone"))
	}
	return web.Render(w, r, phoneChangePage(v))
}

func freshHref(next string) string { return to("/sign-in/step-up", next, "fresh", "1") }

func (h *Handler) phoneChange(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	a := authz.From(ctx)
	if h.s.Fresh(a, freshFor) != nil {
		return web.SeeOther(w, r, freshHref("/my/phone"))
	}
	v := phoneChangeView{Phone: r.FormValue("phone")}
	ticket, err := h.s.PhoneTicket(v.Phone)
	if err == nil {
		err = h.s.SendPhoneCode(ctx, a, v.Phone, h.from(w, r))
	}
	if err != nil {
		v.Now, _ = h.ownPhone(ctx, a)
		return again(w, r, err, func(p problems) templ.Component { v.problems = p; return phoneChangePage(v) })
	}
	return web.SeeOther(w, r, "/my/phone/code?"+queryOf("t", ticket).Encode())
}

func (h *Handler) phoneCodeView(r *http.Request) phoneChangeView {
	v := phoneChangeView{Ticket: r.FormValue("t")}
	v.Phone = h.s.PhoneOf(v.Ticket)
	v.Masked = cnid.MaskPhone(v.Phone)
	return v
}

func (h *Handler) phoneCodePage(w http.ResponseWriter, r *http.Request) error {
	v := h.phoneCodeView(r)
	if v.Phone == "" {
		return web.SeeOther(w, r, "/my/phone")
	}
	return web.Render(w, r, phoneChangePage(v))
}

func (h *Handler) phoneCode(w http.ResponseWriter, r *http.Request) error {
	v := h.phoneCodeView(r)
	if v.Phone == "" {
		return web.SeeOther(w, r, "/my/phone")
	}
	if err := h.s.ChangePhone(r.Context(), authz.From(r.Context()), v.Phone, r.FormValue("code"), h.from(w, r)); err != nil {
		return again(w, r, err, func(p problems) templ.Component { v.problems = p; return phoneChangePage(v) })
	}
	return web.SeeOther(w, r, "/my/phone?done=1")
}
