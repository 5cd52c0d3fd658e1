package identityweb

import (
	"context"
	"encoding/base64"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/a-h/templ"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/factor"
	"tongban/internal/domain/identity"
)

// certMost bounds a certificate or signature that is sent; the largest chains are a tenth of it.
const certMost = 64 << 10

type certificateView struct {
	Ask    factor.CertAsk
	Action string
	Back   string
	TLS    string // where a certificate the browser holds is used; empty = not here
	Do     string
	Next   string
	More   []ui.KV // of the step the certificate is asked for in
	problems
}

// dataURL lets the text be saved byte for byte: a text copied by hand gains a line end, and then no signature fits.
func dataURL(text string) templ.SafeURL {
	return templ.SafeURL("data:text/plain;base64," + base64.StdEncoding.EncodeToString([]byte(text)))
}

func (h *Handler) certificateView(ctx context.Context, next string) (certificateView, error) {
	if !h.cfg.Certificates {
		return certificateView{}, errs.New(errs.NotFound, "base.not_found")
	}
	ask, err := h.s.CertChallenge(ctx)
	return certificateView{
		Ask: ask, Action: "/sign-in/certificate", Back: to("/sign-in", next), TLS: "/sign-in/certificate/tls", Do: t(ctx, "identity.sign_in_do"), Next: next,
	}, err
}

func (h *Handler) certificatePage(w http.ResponseWriter, r *http.Request) error {
	v, err := h.certificateView(r.Context(), next(r, "/my"))
	if err != nil {
		return err
	}
	return web.Render(w, r, certificatePage(v))
}

func (h *Handler) certificate(w http.ResponseWriter, r *http.Request) error {
	next := next(r, "/my")
	id, cert, sig, err := signed(r)
	if err == nil {
		var in identity.SignedIn
		if in, err = h.s.SignInWithCertificate(r.Context(), id, cert, sig, h.from(w, r)); err == nil {
			return h.done(w, r, in, next)
		}
	}
	v, e := h.certificateView(r.Context(), next) // a text is good for one try
	if e != nil {
		return e
	}
	return again(w, r, err, func(p problems) templ.Component { v.problems = p; return certificatePage(v) })
}

// signed reads a certificate and the signature over a text, in whatever form the tools write them.
func signed(r *http.Request) (id string, cert, sig []byte, err error) {
	f, err := web.Form(r)
	if err != nil {
		return "", nil, nil, err
	}
	var fs []errs.Field
	if cert = upload(r, "certificate"); len(cert) == 0 {
		fs = append(fs, errs.Field{Path: "certificate", Key: "identityweb.cert_file_missing"})
	}
	if sig = upload(r, "signature"); len(sig) == 0 {
		fs = append(fs, errs.Field{Path: "signature", Key: "identityweb.cert_signature_missing"})
	}
	if len(fs) > 0 {
		return "", nil, nil, &errs.E{Kind: errs.Invalid, Key: "base.invalid", Params: errs.P{"n": len(fs)}, Fields: fs}
	}
	return f.Get("id"), cert, sig, nil
}

// upload reads a file of a form, or the same as text; nothing if it is missing or too large.
func upload(r *http.Request, name string) []byte {
	file, _, err := r.FormFile(name)
	if err != nil {
		if s := r.PostFormValue(name); len(s) <= certMost {
			return []byte(s)
		}
		return nil
	}
	defer func() { _ = file.Close() }()
	b, err := io.ReadAll(io.LimitReader(file, certMost+1))
	if err != nil || len(b) > certMost {
		return nil
	}
	return b
}

func (h *Handler) stepUpCertificateView(r *http.Request) (certificateView, error) {
	v := stepUpAsked(r)
	c, err := h.certificateView(r.Context(), v.Next)
	c.Action, c.Back, c.TLS, c.Do, c.More = "/sign-in/step-up/certificate", v.href(), "", t(r.Context(), "identityweb.step_do"), v.hidden()[1:]
	return c, err
}

func (h *Handler) stepUpCertificatePage(w http.ResponseWriter, r *http.Request) error {
	v, err := h.stepUpCertificateView(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, certificatePage(v))
}

func (h *Handler) stepUpCertificate(w http.ResponseWriter, r *http.Request) error {
	id, cert, sig, err := signed(r)
	if err == nil {
		var token string
		if token, err = h.s.StepUp(r.Context(), authz.From(r.Context()), identity.WayCertificate, identity.CertificateAnswer(id, cert, sig), h.from(w, r)); err == nil {
			h.SetSession(w, token)
			return web.SeeOther(w, r, stepUpAsked(r).href())
		}
	}
	v, e := h.stepUpCertificateView(r)
	if e != nil {
		return e
	}
	return again(w, r, err, func(p problems) templ.Component { v.problems = p; return certificatePage(v) })
}

type tlsView struct {
	Shown bool // the browser showed a certificate
	Next  string
	problems
}

// clientCert is the certificate the browser proved to hold: to this server, or to a proxy that tells of it (RFC 9440).
func (h *Handler) clientCert(r *http.Request) []byte {
	if r.TLS != nil && len(r.TLS.PeerCertificates) > 0 {
		return r.TLS.PeerCertificates[0].Raw
	}
	if !h.cfg.ProxyCertificates {
		return nil
	}
	head := r.Header.Values("Client-Cert")
	if len(head) != 1 || len(head[0]) > certMost {
		return nil
	}
	s, opened := strings.CutPrefix(strings.TrimSpace(head[0]), ":")
	s, closed := strings.CutSuffix(s, ":")
	der, err := base64.StdEncoding.DecodeString(s)
	if !opened || !closed || err != nil {
		return nil
	}
	return der
}

func (h *Handler) tlsPage(w http.ResponseWriter, r *http.Request) error {
	return web.Render(w, r, tlsPage(tlsView{Shown: h.clientCert(r) != nil, Next: next(r, "/my")}))
}

func (h *Handler) tls(w http.ResponseWriter, r *http.Request) error {
	v := tlsView{Next: next(r, "/my")}
	der := h.clientCert(r)
	if der == nil {
		return web.RenderStatus(w, r, http.StatusUnprocessableEntity, tlsPage(v))
	}
	in, err := h.s.SignInWithClientCert(r.Context(), der, h.from(w, r))
	if err != nil {
		v.Shown = true
		return again(w, r, err, func(p problems) templ.Component { v.problems = p; return tlsPage(v) })
	}
	return h.done(w, r, in, v.Next)
}

type passkeySignInView struct {
	Next string
	ways
	problems
}

func (h *Handler) passkeyPage(w http.ResponseWriter, r *http.Request) error {
	to := next(r, "/my")
	return web.Render(w, r, passkeySignIn(passkeySignInView{Next: to, ways: h.ways(r.Context(), identity.WayPasskey, to)}))
}

func (h *Handler) passkeyBegin(w http.ResponseWriter, r *http.Request) error {
	return challenge(w, r, func(ctx context.Context) (factor.Challenge, error) { return h.s.BeginPasskeySignIn(ctx, h.from(w, r)) })
}

func (h *Handler) passkeyFinish(w http.ResponseWriter, r *http.Request) error {
	return h.passkeyDone(w, r, func(ctx context.Context, a passkeyAnswer) (string, error) {
		in, err := h.s.FinishPasskeySignIn(ctx, a.ID, a.Response, h.from(w, r))
		if err != nil {
			return "", err
		}
		otherwise := "/my"
		if in.Staff {
			otherwise = "/desk"
		}
		return h.lead(w, r, in, next(r, otherwise))
	})
}

func queryOf(kvs ...string) url.Values {
	q := url.Values{}
	for i := 0; i+1 < len(kvs); i += 2 {
		if kvs[i+1] != "" {
			q.Set(kvs[i], kvs[i+1])
		}
	}
	return q
}
