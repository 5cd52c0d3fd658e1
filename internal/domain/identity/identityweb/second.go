package identityweb

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"tongban/internal/base/errs"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/factor"
	"tongban/internal/domain/identity"
)

// secondWays are the second factors a page can ask for, in the order of the page.
var secondWays = []string{identity.WayPasskey, identity.WayCertificate, identity.WayTOTP, identity.WaySMS, identity.WayRecovery}

type secondView struct {
	Ticket, Next string
	Needs        string // the ways that will do, with commas between
	Method       string
	Others       []string
	Sent         bool   // a code has been sent
	Phone        string // masked, to which codes go
	Staff        string // "1" for staff
	Back         string
	problems
}

func (v secondView) hidden() []ui.KV {
	return []ui.KV{{Key: "t", Value: v.Ticket}, {Key: "next", Value: v.Next}, {Key: "needs", Value: v.Needs}, {Key: "staff", Value: v.Staff}}
}

func (v secondView) query() url.Values {
	return queryOf("t", v.Ticket, "next", v.Next, "needs", v.Needs, "staff", v.Staff)
}

func sendLabel(ctx context.Context, sent bool) string {
	if sent {
		return t(ctx, "identity.send_again")
	}
	return t(ctx, "identity.send_code")
}

func (v secondView) href(method string) string {
	return to("/sign-in/second", v.Next, "t", v.Ticket, "needs", v.Needs, "method", method, "staff", v.Staff)
}

// secondHref is where the second factor is asked for. The address names what will do for the page's sake; the service asks its own ticket.
func secondHref(in identity.SignedIn, next string) string {
	staff := ""
	if in.Staff {
		staff = "1"
	}
	return to("/sign-in/second", next, "t", in.Ticket, "needs", strings.Join(in.Needs, ","), "staff", staff)
}

func (h *Handler) secondOf(r *http.Request) (secondView, bool) {
	v := secondView{Ticket: r.FormValue("t"), Next: next(r, "/my"), Needs: r.FormValue("needs"), Method: r.FormValue("method")}
	v.Back = to("/sign-in", v.Next)
	if r.FormValue("staff") == "1" {
		v.Staff, v.Back = "1", to("/sign-in/staff", v.Next)
	}
	needs := strings.Split(v.Needs, ",")
	for _, m := range secondWays {
		if !slices.Contains(needs, m) {
			continue
		}
		if v.Method == "" {
			v.Method = m
		}
		if m != v.Method {
			v.Others = append(v.Others, m)
		}
	}
	if !slices.Contains(needs, v.Method) || !slices.Contains(secondWays, v.Method) {
		return v, false
	}
	if v.Method == identity.WaySMS {
		v.Phone = h.s.SecondPhone(r.Context(), v.Ticket)
		v.Sent = r.FormValue("sent") == "1" || v.Needs == identity.WaySMS
	}
	return v, v.Ticket != ""
}

func (h *Handler) secondPage(w http.ResponseWriter, r *http.Request) error {
	v, ok := h.secondOf(r)
	if !ok {
		return web.SeeOther(w, r, v.Back)
	}
	return web.Render(w, r, secondPage(v))
}

// secondSend sends a code by SMS for the second factor.
func (h *Handler) secondSend(w http.ResponseWriter, r *http.Request) error {
	v, ok := h.secondOf(r)
	if !ok {
		return web.SeeOther(w, r, v.Back)
	}
	if err := h.s.SendSecondCode(r.Context(), v.Ticket, h.from(w, r)); err != nil {
		return again(w, r, err, func(p problems) templ.Component { v.problems = p; return secondPage(v) })
	}
	return web.SeeOther(w, r, v.href(identity.WaySMS)+"&sent=1")
}

func (h *Handler) second(w http.ResponseWriter, r *http.Request) error {
	v, ok := h.secondOf(r)
	if !ok {
		return web.SeeOther(w, r, v.Back)
	}
	in, err := h.s.SecondFactor(r.Context(), v.Ticket, v.Method, r.FormValue("code"), h.from(w, r))
	if err != nil {
		return again(w, r, err, func(p problems) templ.Component { v.problems = p; return secondPage(v) })
	}
	return h.done(w, r, in, v.Next)
}

func (h *Handler) secondCertificateView(r *http.Request, v secondView) (certificateView, error) {
	c, err := h.certificateView(r.Context(), v.Next)
	c.Action, c.Back, c.TLS = "/sign-in/second/certificate", v.href(""), ""
	c.More = []ui.KV{{Key: "t", Value: v.Ticket}, {Key: "needs", Value: v.Needs}, {Key: "staff", Value: v.Staff}}
	return c, err
}

func (h *Handler) secondCertificatePage(w http.ResponseWriter, r *http.Request) error {
	v, ok := h.secondOf(r)
	if !ok {
		return web.SeeOther(w, r, v.Back)
	}
	c, err := h.secondCertificateView(r, v)
	if err != nil {
		return err
	}
	return web.Render(w, r, certificatePage(c))
}

func (h *Handler) secondCertificate(w http.ResponseWriter, r *http.Request) error {
	id, cert, sig, err := signed(r)
	v, _ := h.secondOf(r)
	if err == nil {
		var in identity.SignedIn
		if in, err = h.s.SecondFactor(r.Context(), v.Ticket, identity.WayCertificate, identity.CertificateAnswer(id, cert, sig), h.from(w, r)); err == nil {
			return h.done(w, r, in, v.Next)
		}
	}
	c, e := h.secondCertificateView(r, v) // a text is good for one try
	if e != nil {
		return e
	}
	return again(w, r, err, func(p problems) templ.Component { c.problems = p; return certificatePage(c) })
}

func (h *Handler) secondPasskeyBegin(w http.ResponseWriter, r *http.Request) error {
	return challenge(w, r, func(ctx context.Context) (factor.Challenge, error) {
		return h.s.BeginSecondPasskey(ctx, r.FormValue("t"))
	})
}

func (h *Handler) secondPasskeyFinish(w http.ResponseWriter, r *http.Request) error {
	return h.passkeyDone(w, r, func(ctx context.Context, a passkeyAnswer) (string, error) {
		in, err := h.s.SecondFactor(ctx, r.URL.Query().Get("t"), identity.WayPasskey, identity.PasskeyAnswer(a.ID, a.Response), h.from(w, r))
		if err != nil {
			return "", err
		}
		return h.lead(w, r, in, next(r, "/my"))
	})
}

// passkeyAsk is a form whose script asks the browser for a passkey.
type passkeyAsk struct {
	Path  string // begin and finish below it
	Query url.Values
	Label string
	Aside bool // beside another way on the same page
}

func (p passkeyAsk) button() ui.ButtonView {
	v := ui.ButtonView{Label: p.Label, Kind: ui.Primary}
	if p.Aside {
		v.Kind = ui.Secondary
	}
	return v
}

func (p passkeyAsk) url(step string) string {
	if len(p.Query) == 0 {
		return p.Path + "/" + step
	}
	return p.Path + "/" + step + "?" + p.Query.Encode()
}

// passkeyAnswer is what the script sends: the challenge's id and the browser's answer to it.
type passkeyAnswer struct {
	ID       string          `json:"id"`
	Response json.RawMessage `json:"response"`
}

// challenge answers the script with what to ask the browser's authenticator.
func challenge(w http.ResponseWriter, r *http.Request, begin func(context.Context) (factor.Challenge, error)) error {
	c, err := begin(r.Context())
	if err != nil {
		return sayJSON(w, r, err)
	}
	return web.JSON(w, http.StatusOK, c)
}

// passkeyDone takes the script's answer and tells it where to go.
func (h *Handler) passkeyDone(w http.ResponseWriter, r *http.Request, finish func(context.Context, passkeyAnswer) (string, error)) error {
	a, err := readPasskey(r)
	if err != nil {
		return sayJSON(w, r, err)
	}
	where, err := finish(r.Context(), a)
	if err != nil {
		return sayJSON(w, r, err)
	}
	return web.JSON(w, http.StatusOK, map[string]string{"next": web.LocalPath(where)})
}

func readPasskey(r *http.Request) (passkeyAnswer, error) {
	var a passkeyAnswer
	if err := json.NewDecoder(r.Body).Decode(&a); err != nil {
		return a, errs.Wrap(err, errs.BadRequest, "base.bad_request")
	}
	return a, nil
}

// sayJSON tells a script what is wrong in words; what is our own fault goes the usual way, into the log.
func sayJSON(w http.ResponseWriter, r *http.Request, err error) error {
	if k := errs.KindOf(err); k == errs.Internal {
		return err
	}
	retryAfter(w, err)
	p := web.ProblemOf(r.Context(), err)
	return web.JSON(w, p.Status, p)
}
