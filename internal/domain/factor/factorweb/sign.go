package factorweb

import (
	"bytes"
	"net/http"

	"github.com/a-h/templ"

	"tongban/internal/base/errs"
	"tongban/internal/base/web"
	"tongban/internal/domain/factor"
)

type paperView struct {
	factor.Paper
	factor.Methods
	Desk, Takes, Late bool
	problems
}

// ready reports whether the person has any way to sign.
func (v paperView) ready() bool {
	return len(v.Passkeys) > 0 || v.SignPassword || v.TOTP || v.Takes && len(v.Certificates) > 0
}

func (h handlers) paperView(r *http.Request) (paperView, error) {
	v := paperView{Desk: actor(r).StaffID != "", Takes: h.s.TakesCertificates()}
	var err error
	if v.Paper, err = h.s.Paper(r.Context(), owner(r), r.PathValue("id")); err != nil {
		return v, err
	}
	v.Late = v.State == factor.Asked && h.Now().After(v.Ends)
	if v.Methods, err = h.s.Methods(r.Context(), owner(r)); !h.s.HasPasskeys() {
		v.Passkeys = nil
	}
	return v, err
}

func (h handlers) paper(w http.ResponseWriter, r *http.Request) error {
	v, err := h.paperView(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, paperPage(v))
}

// text hands out the bytes to be signed with a certificate.
func (h handlers) text(w http.ResponseWriter, r *http.Request) error {
	p, err := h.s.Paper(r.Context(), owner(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	return web.File(w, "tongban-sign-"+p.ID+".txt", "text/plain; charset=utf-8", false, bytes.NewReader(p.Envelope.Bytes()))
}

func (h handlers) evidence(w http.ResponseWriter, r *http.Request) error {
	p, err := h.s.Paper(r.Context(), owner(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	b, err := h.s.Evidence(r.Context(), p.ID)
	if err != nil {
		return err
	}
	return web.File(w, "tongban-evidence-"+p.ID+".json", "application/json", false, bytes.NewReader(b))
}

func (h handlers) signWithPassword(w http.ResponseWriter, r *http.Request) error {
	return h.signForm(w, r, "password", func(secret string) error {
		return h.s.SignWithPassword(r.Context(), actor(r), owner(r), r.PathValue("id"), secret)
	})
}

func (h handlers) signWithApp(w http.ResponseWriter, r *http.Request) error {
	return h.signForm(w, r, "code", func(code string) error {
		return h.s.SignWithApp(r.Context(), actor(r), owner(r), r.PathValue("id"), code)
	})
}

func (h handlers) signForm(w http.ResponseWriter, r *http.Request, field string, sign func(string) error) error {
	f, err := web.Form(r)
	if err != nil {
		return err
	}
	if err := sign(f.Get(field)); err != nil {
		return h.signAgain(w, r, err, field)
	}
	return web.SeeOther(w, r, h.back(r))
}

func (h handlers) signWithCertificate(w http.ResponseWriter, r *http.Request) error {
	cert, sig, err := signed(r)
	if err == nil {
		err = h.s.SignWithCertificate(r.Context(), actor(r), owner(r), r.PathValue("id"), cert, sig)
	}
	if err != nil {
		return h.signAgain(w, r, err, fieldOf(err))
	}
	return web.SeeOther(w, r, h.back(r))
}

func (h handlers) signAgain(w http.ResponseWriter, r *http.Request, err error, field string) error {
	if k := errs.KindOf(err); k == errs.Conflict || k == errs.Gone {
		field = ""
	}
	v, e := h.paperView(r)
	if e != nil {
		return e
	}
	return again(w, r, err, field, func(p problems) templ.Component { v.problems = p; return paperPage(v) })
}

// back is where the room that asked wants the person; else the paper itself.
func (h handlers) back(r *http.Request) string {
	if p, err := h.s.Paper(r.Context(), owner(r), r.PathValue("id")); err == nil && p.Back != "" {
		return p.Back
	}
	return "/my/sign/" + r.PathValue("id")
}

func (h handlers) beginSign(w http.ResponseWriter, r *http.Request) error {
	c, err := h.s.BeginSignPasskey(r.Context(), owner(r), r.PathValue("id"))
	if err != nil {
		return sayJSON(w, r, err)
	}
	return web.JSON(w, http.StatusOK, c)
}

func (h handlers) finishSign(w http.ResponseWriter, r *http.Request) error {
	a, err := readAsk(r)
	if err == nil {
		err = h.s.FinishSignPasskey(r.Context(), actor(r), owner(r), r.PathValue("id"), a.ID, a.Response)
	}
	if err != nil {
		return sayJSON(w, r, err)
	}
	return leadJSON(w, h.back(r))
}

func (h handlers) refuse(w http.ResponseWriter, r *http.Request) error {
	if err := h.s.RefuseSignature(r.Context(), actor(r), owner(r), r.PathValue("id")); err != nil {
		return h.signAgain(w, r, err, "")
	}
	return web.SeeOther(w, r, h.back(r))
}
