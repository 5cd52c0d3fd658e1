package identityweb

import (
	"context"
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
	"tongban/internal/engine/cnid"
)

// recoverWays are the ways a person can prove, besides name and number, that an account is theirs, in the order of the page.
var recoverWays = []string{identity.WayFace, identity.WayPasskey, identity.WayTOTP, identity.WayRecovery, identity.WayPassword}

type recoverView struct {
	Name, Number string
	problems
}

// proveView asks for the second way.
type proveView struct {
	Ticket string
	Needs  string
	Ways   []string
	Open   string
	Half   bool // something was proved, and one more is needed
	problems
}

func (v proveView) href(path string) string {
	return path + "?" + queryOf("t", v.Ticket, "needs", v.Needs).Encode()
}

func (v proveView) query() url.Values { return queryOf("t", v.Ticket, "needs", v.Needs) }

// newPhoneView names the new phone and answers the code sent to it.
type newPhoneView struct {
	Ticket string // of the recovery
	Phone  string
	To     string // ticket of the phone a code was sent to
	Masked string
	problems
}

func (h *Handler) recoverPage(w http.ResponseWriter, r *http.Request) error {
	return web.Render(w, r, recoverPage(recoverView{}))
}

// recover is answered alike whether or not there is such an account: somebody who is not there is asked for the same proofs.
func (h *Handler) recover(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Form(r)
	if err != nil {
		return err
	}
	v := recoverView{Name: f.Get("name"), Number: f.Get("number")}
	ticket, ways, err := h.s.BeginRecovery(r.Context(), v.Name, v.Number, h.from(w, r))
	if err != nil {
		return again(w, r, err, func(p problems) templ.Component { v.problems = p; return recoverPage(v) })
	}
	p := proveView{Ticket: ticket, Needs: strings.Join(ways, ",")}
	return web.SeeOther(w, r, p.href("/sign-in/recover/prove"))
}

func proveOf(r *http.Request) proveView {
	v := proveView{Ticket: r.FormValue("t"), Needs: r.FormValue("needs"), Open: r.FormValue("method"), Half: r.FormValue("half") == "1"}
	for _, m := range recoverWays {
		if slices.Contains(strings.Split(v.Needs, ","), m) {
			v.Ways = append(v.Ways, m)
		}
	}
	return v
}

func (h *Handler) provePage(w http.ResponseWriter, r *http.Request) error {
	v := proveOf(r)
	if v.Ticket == "" {
		return web.SeeOther(w, r, "/sign-in/recover")
	}
	return web.Render(w, r, provePage(v))
}

func (h *Handler) prove(w http.ResponseWriter, r *http.Request) error {
	v := proveOf(r)
	if !slices.Contains([]string{identity.WayTOTP, identity.WayRecovery, identity.WayPassword}, v.Open) {
		return errs.New(errs.BadRequest, "base.bad_request")
	}
	if err := h.s.ProveRecovery(r.Context(), v.Ticket, v.Open, r.FormValue(answerName(v.Open)), h.from(w, r)); err != nil {
		return again(w, r, err, func(p problems) templ.Component {
			v.problems = p.renamed("code", answerName(v.Open))
			return provePage(v)
		})
	}
	return h.proved(w, r, v)
}

// proved leads on to the new phone, or back for one more proof.
func (h *Handler) proved(w http.ResponseWriter, r *http.Request, v proveView) error {
	where, err := h.provedHref(w, r, v)
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, where)
}

func (h *Handler) provedHref(w http.ResponseWriter, r *http.Request, v proveView) (string, error) {
	more, err := h.s.RecoveryNeeds(r.Context(), v.Ticket, h.from(w, r))
	if err != nil || len(more) == 0 {
		return v.href("/sign-in/recover/phone"), err
	}
	v.Needs = strings.Join(more, ",")
	return v.href("/sign-in/recover/prove") + "&half=1", nil
}

func (h *Handler) provePasskeyBegin(w http.ResponseWriter, r *http.Request) error {
	return challenge(w, r, func(ctx context.Context) (factor.Challenge, error) {
		return h.s.BeginRecoveryPasskey(ctx, r.URL.Query().Get("t"))
	})
}

func (h *Handler) provePasskeyFinish(w http.ResponseWriter, r *http.Request) error {
	return h.passkeyDone(w, r, func(ctx context.Context, a passkeyAnswer) (string, error) {
		v := proveOf(r)
		err := h.s.ProveRecovery(ctx, v.Ticket, identity.WayPasskey, identity.PasskeyAnswer(a.ID, a.Response), h.from(w, r))
		if err != nil {
			return "", err
		}
		return h.provedHref(w, r, v)
	})
}

func (h *Handler) proveFace(w http.ResponseWriter, r *http.Request) error {
	v := proveOf(r)
	url, err := h.s.BeginRecoveryFace(r.Context(), v.Ticket, h.site()+v.href("/sign-in/recover/face"))
	if err != nil {
		return again(w, r, err, func(p problems) templ.Component { v.problems = p; return provePage(v) })
	}
	return hop(w, r, url)
}

func (h *Handler) proveFaceBack(w http.ResponseWriter, r *http.Request) error {
	v := proveOf(r)
	v.Open = identity.WayFace
	if err := h.s.ProveRecovery(r.Context(), v.Ticket, identity.WayFace, r.FormValue("id"), h.from(w, r)); err != nil {
		return again(w, r, err, func(p problems) templ.Component { v.problems = p; return provePage(v) })
	}
	return h.proved(w, r, v)
}

func (h *Handler) newPhoneOf(r *http.Request) newPhoneView {
	v := newPhoneView{Ticket: r.FormValue("t"), To: r.FormValue("p")}
	if v.To != "" {
		v.Phone = h.s.PhoneOf(v.To)
		v.Masked = cnid.MaskPhone(v.Phone)
	}
	return v
}

func (h *Handler) newPhonePage(w http.ResponseWriter, r *http.Request) error {
	v := h.newPhoneOf(r)
	if v.Ticket == "" {
		return web.SeeOther(w, r, "/sign-in/recover")
	}
	return web.Render(w, r, newPhonePage(v))
}

func (h *Handler) newPhone(w http.ResponseWriter, r *http.Request) error {
	v := newPhoneView{Ticket: r.FormValue("t"), Phone: r.FormValue("phone")}
	ticket, err := h.s.PhoneTicket(v.Phone)
	if err == nil {
		err = h.s.SendRecoveryCode(r.Context(), v.Ticket, v.Phone, h.from(w, r))
	}
	if err != nil {
		return again(w, r, err, func(p problems) templ.Component { v.problems = p; return newPhonePage(v) })
	}
	return web.SeeOther(w, r, "/sign-in/recover/phone?"+queryOf("t", v.Ticket, "p", ticket).Encode())
}

func (h *Handler) newPhoneCode(w http.ResponseWriter, r *http.Request) error {
	v := h.newPhoneOf(r)
	if v.Phone == "" {
		return web.SeeOther(w, r, "/sign-in/recover")
	}
	in, err := h.s.Recover(r.Context(), v.Ticket, v.Phone, r.FormValue("code"), h.from(w, r))
	if err != nil {
		return again(w, r, err, func(p problems) templ.Component { v.problems = p; return newPhonePage(v) })
	}
	return h.done(w, r, in, "/my/devices")
}

func proveField(ctx context.Context, v proveView, method string) ui.FormField {
	return typedField(ctx, method, v.Open == method, v.problems)
}
