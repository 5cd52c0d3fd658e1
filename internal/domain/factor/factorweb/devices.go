package factorweb

import (
	"errors"
	"io"
	"net/http"
	"slices"

	"github.com/a-h/templ"

	"tongban/internal/base/errs"
	"tongban/internal/base/web"
	"tongban/internal/domain/factor"
)

type appView struct {
	Desk, Has bool
	Setup     factor.TOTPSetup // waiting to be confirmed
	Query     string
	problems
}

func (h handlers) appView(r *http.Request) (appView, error) {
	v := appView{Desk: actor(r).StaffID != "", Query: query(r)}
	m, err := h.s.Methods(r.Context(), owner(r))
	if err != nil {
		return v, err
	}
	v.Has = m.TOTP
	who, err := h.who(r)
	if err != nil {
		return v, err
	}
	v.Setup, err = h.s.PendingTOTP(r.Context(), owner(r), who.Account)
	if errs.KindOf(err) == errs.NotFound {
		err = nil
	}
	return v, err
}

func (h handlers) appPage(w http.ResponseWriter, r *http.Request) error {
	v, err := h.appView(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, appPage(v))
}

func (h handlers) beginApp(w http.ResponseWriter, r *http.Request) error {
	who, err := h.who(r)
	if err != nil {
		return err
	}
	if _, err := h.s.BeginTOTP(r.Context(), owner(r), who.Account); err != nil {
		return err
	}
	return web.SeeOther(w, r, "/my/security/app"+query(r))
}

func (h handlers) confirmApp(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Form(r)
	if err != nil {
		return err
	}
	if err := h.s.ConfirmTOTP(r.Context(), actor(r), owner(r), f.Get("code")); err != nil {
		v, e := h.appView(r)
		if e != nil {
			return e
		}
		return again(w, r, err, "code", func(p problems) templ.Component { v.problems = p; return appPage(v) })
	}
	return done(w, r, "app")
}

func (h handlers) removeApp(w http.ResponseWriter, r *http.Request) error {
	if err := h.mayRemove(r, func(m *factor.Methods) { m.TOTP = false }); err != nil {
		return err
	}
	if err := h.s.RemoveTOTP(r.Context(), actor(r), owner(r)); err != nil {
		return err
	}
	return done(w, r, "removed")
}

type passkeyView struct {
	Desk  bool
	Key   factor.Passkey
	Query string
	problems
}

func (h handlers) newPasskey(w http.ResponseWriter, r *http.Request) error {
	if !h.s.HasPasskeys() {
		return errs.New(errs.Unavailable, "factor.passkey_off")
	}
	return web.Render(w, r, newPasskeyPage(passkeyView{Desk: actor(r).StaffID != "", Query: query(r)}))
}

func (h handlers) beginPasskey(w http.ResponseWriter, r *http.Request) error {
	if !h.isFresh(r) {
		return leadJSON(w, "/sign-in/step-up?fresh=1&next=/my/security/passkeys/new")
	}
	who, err := h.who(r)
	if err != nil {
		return err
	}
	name := who.Account
	if name == "" {
		name = t(r.Context(), "factor.somebody")
	}
	c, err := h.s.BeginPasskey(r.Context(), owner(r), name, who.Display)
	if err != nil {
		return sayJSON(w, r, err)
	}
	return web.JSON(w, http.StatusOK, c)
}

func (h handlers) finishPasskey(w http.ResponseWriter, r *http.Request) error {
	a, err := readAsk(r)
	if err != nil {
		return sayJSON(w, r, err)
	}
	if !h.isFresh(r) {
		return leadJSON(w, "/sign-in/step-up?fresh=1&next=/my/security/passkeys/new")
	}
	if _, err := h.s.FinishPasskey(r.Context(), actor(r), owner(r), a.ID, a.Fields["label"], a.Response); err != nil {
		return sayJSON(w, r, err)
	}
	if next := r.URL.Query().Get("next"); next != "" {
		return leadJSON(w, next)
	}
	return leadJSON(w, "/my/security?done=passkey")
}

// key finds one of the actor's passkeys.
func (h handlers) key(r *http.Request) (passkeyView, error) {
	v := passkeyView{Desk: actor(r).StaffID != ""}
	m, err := h.s.Methods(r.Context(), owner(r))
	if err != nil {
		return v, err
	}
	for _, k := range m.Passkeys {
		if k.ID == r.PathValue("id") {
			v.Key = k
			return v, nil
		}
	}
	return v, errs.New(errs.NotFound, "factor.not_there")
}

func (h handlers) passkey(w http.ResponseWriter, r *http.Request) error {
	v, err := h.key(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, passkeyPage(v))
}

func (h handlers) renamePasskey(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Form(r)
	if err != nil {
		return err
	}
	if err := h.s.RenamePasskey(r.Context(), actor(r), owner(r), r.PathValue("id"), f.Get("label")); err != nil {
		v, e := h.key(r)
		if e != nil {
			return e
		}
		v.Key.Label = f.Get("label")
		return again(w, r, err, "label", func(p problems) templ.Component { v.problems = p; return passkeyPage(v) })
	}
	return done(w, r, "renamed")
}

func (h handlers) removePasskey(w http.ResponseWriter, r *http.Request) error {
	err := h.mayRemove(r, func(m *factor.Methods) {
		m.Passkeys = slices.DeleteFunc(m.Passkeys, func(k factor.Passkey) bool { return k.ID == r.PathValue("id") })
	})
	if err != nil {
		return err
	}
	if err := h.s.RemovePasskey(r.Context(), actor(r), owner(r), r.PathValue("id")); err != nil {
		return err
	}
	return done(w, r, "removed")
}

type certificateView struct {
	Desk  bool
	Ask   factor.CertAsk
	Cert  factor.Certificate
	Query string
	problems
}

func (h handlers) newCertificate(w http.ResponseWriter, r *http.Request) error {
	v, err := h.certificateView(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, newCertificatePage(v))
}

func (h handlers) certificateView(r *http.Request) (certificateView, error) {
	ask, err := h.s.BeginCertificate(r.Context(), owner(r))
	return certificateView{Desk: actor(r).StaffID != "", Ask: ask, Query: query(r)}, err
}

// addCertificate binds a certificate. A challenge counts once, so a mistake shows the page with a new text to sign.
func (h handlers) addCertificate(w http.ResponseWriter, r *http.Request) error {
	cert, sig, err := signed(r)
	if err == nil {
		_, err = h.s.AddCertificate(r.Context(), actor(r), owner(r), r.FormValue("id"), cert, sig)
	}
	if err != nil {
		v, e := h.certificateView(r)
		if e != nil {
			return e
		}
		return again(w, r, err, fieldOf(err), func(p problems) templ.Component { v.problems = p; return newCertificatePage(v) })
	}
	return done(w, r, "certificate")
}

// fieldOf says beside which field an error about a certificate stands.
func fieldOf(err error) string {
	if errs.Is(err, "factor.cert_signature") {
		return "signature"
	}
	return "certificate"
}

// signed reads a certificate and a signature, each from a file or from what was pasted.
func signed(r *http.Request) (cert, sig []byte, err error) {
	f, err := web.Form(r)
	if err != nil {
		return nil, nil, err
	}
	part := func(name string) ([]byte, error) {
		file, _, err := r.FormFile(name + "_file")
		if err != nil {
			return []byte(f.Get(name)), nil //nolint:nilerr // no file was chosen
		}
		b, err := io.ReadAll(file) // bounded by the route's body limit
		if len(b) == 0 {
			b = []byte(f.Get(name))
		}
		return b, errors.Join(err, file.Close())
	}
	if cert, err = part("certificate"); err != nil {
		return nil, nil, err
	}
	sig, err = part("signature")
	return cert, sig, err
}

func (h handlers) certificate(w http.ResponseWriter, r *http.Request) error {
	m, err := h.s.Methods(r.Context(), owner(r))
	if err != nil {
		return err
	}
	for _, c := range m.Certificates {
		if c.ID == r.PathValue("id") {
			return web.Render(w, r, certificatePage(certificateView{Desk: actor(r).StaffID != "", Cert: c}))
		}
	}
	return errs.New(errs.NotFound, "factor.not_there")
}

func (h handlers) removeCertificate(w http.ResponseWriter, r *http.Request) error {
	err := h.mayRemove(r, func(m *factor.Methods) {
		m.Certificates = slices.DeleteFunc(m.Certificates, func(c factor.Certificate) bool { return c.ID == r.PathValue("id") })
	})
	if err != nil {
		return err
	}
	if err := h.s.RemoveCertificate(r.Context(), actor(r), owner(r), r.PathValue("id")); err != nil {
		return err
	}
	return done(w, r, "removed")
}
