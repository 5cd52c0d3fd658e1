package identityweb

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/a-h/templ"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/identity"
)

// qrCookie keeps what ties a shown code to the browser that shows it: who photographs the screen has the code, not this.
const (
	qrCookie = "qr"
	qrLife   = 15 * time.Minute // longer than any code; the service says when one is over
)

// qrSaved is what the screen remembers of its code between two questions; the secret alone opens anything.
type qrSaved struct{ Secret, Code, Match, Ends, Next string }

func (q qrSaved) encode() string {
	return url.Values{"s": {q.Secret}, "c": {q.Code}, "m": {q.Match}, "e": {q.Ends}, "n": {q.Next}}.Encode()
}

func qrDecode(s string) (qrSaved, bool) {
	v, err := url.ParseQuery(s)
	if err != nil || v.Get("s") == "" {
		return qrSaved{}, false
	}
	next := web.LocalPath(v.Get("n"))
	return qrSaved{Secret: v.Get("s"), Code: v.Get("c"), Match: v.Get("m"), Ends: v.Get("e"), Next: next}, true
}

type qrView struct {
	State             string
	Link, Site        string
	Code, Match, Ends string
	Next              string
	ways
}

// startQR makes a code for this screen. It is a post: every code is a row in the database.
func (h *Handler) startQR(w http.ResponseWriter, r *http.Request) error {
	q, err := h.s.StartQR(r.Context(), h.from(w, r))
	if err != nil {
		return err
	}
	saved := qrSaved{Secret: q.Secret, Code: q.Code, Match: q.Match, Ends: clock(q.Ends), Next: next(r, "/my")}
	h.setCookie(w, h.prefixed(qrCookie), url.QueryEscape(saved.encode()), qrLife)
	return web.SeeOther(w, r, "/sign-in/qr")
}

// qr is the screen's page; without scripts it is asked for again and again.
func (h *Handler) qr(w http.ResponseWriter, r *http.Request) error {
	v, where, err := h.qrNow(w, r)
	if err != nil {
		return err
	}
	if where != "" {
		return web.SeeOther(w, r, where)
	}
	v.ways = h.ways(r.Context(), "qr", v.Next)
	return web.Render(w, r, qrPage(v))
}

// qrState answers the page's question what has come of its code: nothing (204), where to go, or the new state.
func (h *Handler) qrState(w http.ResponseWriter, r *http.Request) error {
	v, where, err := h.qrNow(w, r)
	switch {
	case err != nil:
		return err
	case where != "":
		w.Header().Set("HX-Redirect", web.LocalPath(where))
		w.WriteHeader(http.StatusOK)
		return nil
	case v.State == identity.QRWaiting:
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	return web.Render(w, r, qrState(v))
}

// qrNow asks the service; where is set when the browser is to go on.
func (h *Handler) qrNow(w http.ResponseWriter, r *http.Request) (v qrView, where string, err error) {
	c, err := r.Cookie(h.prefixed(qrCookie))
	if err != nil {
		return v, "/sign-in", nil //nolint:nilerr // without the cookie there is no code to wait for
	}
	raw, _ := url.QueryUnescape(c.Value)
	saved, ok := qrDecode(raw)
	if !ok {
		return v, "/sign-in", nil
	}
	state, in, err := h.s.PollQR(r.Context(), saved.Secret)
	if err != nil {
		return v, "", err
	}
	v = qrView{State: state, Code: saved.Code, Match: saved.Match, Ends: saved.Ends, Next: saved.Next, Site: h.site() + "/approve", Link: h.site() + "/approve/" + saved.Code}
	switch state {
	case identity.QRApproved:
		h.setCookie(w, h.prefixed(qrCookie), "", -1)
		where, err = h.lead(w, r, in, saved.Next)
		return v, where, err
	case identity.QRWaiting, identity.QRSeen:
		v.State = identity.QRWaiting
	case identity.QRRefused:
	default:
		v.State = identity.QRExpired
	}
	return v, "", nil
}

// site is the address people reach the site at.
func (h *Handler) site() string { return strings.TrimRight(h.cfg.PublicURL, "/") }

type approveCodeView struct {
	Code string
	problems
}

type approveView struct {
	Code  string
	Who   string
	Match string
	Facts []ui.KVRow
	Done  string // approve or refuse
	problems
}

// approveCodePage is for a phone whose camera does not read: the code is typed.
func (h *Handler) approveCodePage(w http.ResponseWriter, r *http.Request) error {
	return web.Render(w, r, approveCodePage(approveCodeView{}))
}

func (h *Handler) approveCode(w http.ResponseWriter, r *http.Request) error {
	code := strings.ToUpper(strings.NewReplacer(" ", "", "-", "").Replace(r.FormValue("code")))
	if code == "" || strings.Trim(code, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		err := &errs.E{Kind: errs.Invalid, Key: "base.invalid", Params: errs.P{"n": 1}, Fields: []errs.Field{{Path: "code", Key: "identityweb.approve_code_bad"}}}
		return again(w, r, err, func(p problems) templ.Component {
			return approveCodePage(approveCodeView{Code: r.FormValue("code"), problems: p})
		})
	}
	return web.SeeOther(w, r, "/approve/"+code)
}

func (h *Handler) approvePage(w http.ResponseWriter, r *http.Request) error {
	v, err := h.approveOf(r)
	if err != nil {
		return again(w, r, err, func(p problems) templ.Component { return approveCodePage(approveCodeView{problems: p}) })
	}
	return web.Render(w, r, approvePage(v))
}

func (h *Handler) approveOf(r *http.Request) (approveView, error) {
	ctx := r.Context()
	v := approveView{Code: r.PathValue("code"), Who: h.nameOf(ctx)}
	if done := r.URL.Query().Get("done"); done == "approve" || done == "refuse" {
		v.Done = done
		return v, nil
	}
	ask, err := h.s.SeeQR(ctx, authz.From(ctx), v.Code)
	if err != nil {
		return v, err
	}
	v.Match = ask.Match
	v.Facts = []ui.KVRow{
		{Key: t(ctx, "identityweb.fact_device"), Value: deviceName(ctx, ask.Agent)},
		{Key: t(ctx, "identityweb.fact_place"), Value: placeOf(ctx, ask.Origin, web.Origin(r))},
		{Key: t(ctx, "identityweb.fact_asked"), Value: minute(ask.Asked), Num: true},
	}
	return v, nil
}

func (h *Handler) approve(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	code, do := r.PathValue("code"), r.FormValue("do")
	var err error
	switch do {
	case "approve":
		err = h.s.ApproveQR(ctx, authz.From(ctx), code)
	case "refuse":
		err = h.s.RefuseQR(ctx, authz.From(ctx), code)
	default:
		err = errs.New(errs.BadRequest, "base.bad_request")
	}
	if err != nil {
		return again(w, r, err, func(p problems) templ.Component { return approveCodePage(approveCodeView{problems: p}) })
	}
	return web.SeeOther(w, r, "/approve/"+url.PathEscape(code)+"?done="+do)
}
