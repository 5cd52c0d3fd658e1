package federationweb

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"github.com/go-jose/go-jose/v4"

	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ident"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/federation"
	"tongban/internal/domain/identity"
)

// cookieName is the cookie that ties a sign-in to the browser in which it began. SameSite=Lax: it comes back with the provider's redirect, which
// is a GET, and not with a form the provider's page posts; therefore hop.
const (
	cookieName = "federation"
	cookiePath = "/sign-in/with/"
	cookieLife = 600 // seconds
)

// begin leads to the provider: ?next= where to go on, and for a step up of who is signed in ?step=1&level=.
func (h handlers) begin(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	b := federation.Start{Browser: cookieOf(r), Next: local(q.Get("next"))}
	if q.Get("step") != "" {
		b.Step = true
		b.Level, _ = strconv.Atoi(q.Get("level")) // anything else is no level above the one there is
	}
	if b.Browser == "" {
		b.Browser = ident.Secret(20)
	}
	to, err := h.s.Begin(r.Context(), r.PathValue("key"), b)
	if err != nil {
		return h.trouble(w, r, federation.Done{Next: b.Next, Step: b.Step, Level: b.Level}, err)
	}
	http.SetCookie(w, &http.Cookie{
		Name: cookieName, Value: b.Browser, Path: cookiePath, MaxAge: cookieLife, HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: h.HTTPS,
	})
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

func cookieOf(r *http.Request) string {
	c, err := r.Cookie(cookieName)
	if err != nil || len(c.Value) > 100 {
		return ""
	}
	return c.Value
}

func local(next string) string {
	if to := web.LocalPath(next); to != "/" {
		return to
	}
	return "/my"
}

// answerKeys are the parameters of an answer we read; what else comes is dropped.
var answerKeys = []string{"state", "code", "iss", "error"}

const longest = 4 << 10 // of one parameter

// hop takes an answer that the provider's page posted (response_mode form_post). Our cookies do not come with it, so it leads on to the same
// address by GET from a page of ours.
func (h handlers) hop(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Form(r)
	if err != nil {
		return err
	}
	q := url.Values{}
	for _, k := range answerKeys {
		if v := f.Get(k); v != "" && len(v) <= longest {
			q.Set(k, v)
		}
	}
	to := cookiePath + url.PathEscape(r.PathValue("key")) + "/back?" + q.Encode()
	w.Header().Set("Refresh", "0; url="+to)
	return web.Render(w, r, hopPage(to))
}

// back ends the sign-in with what the provider sent.
func (h handlers) back(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	for _, k := range answerKeys {
		if len(q[k]) > 1 || len(q.Get(k)) > longest { // RFC 6749, section 3.1: no parameter twice
			return h.trouble(w, r, federation.Done{}, errs.New(errs.Forbidden, "federation.answer_wrong"))
		}
	}
	a := federation.Answer{State: q.Get("state"), Code: q.Get("code"), Iss: q.Get("iss"), Error: q.Get("error")}
	done, err := h.s.Finish(r.Context(), r.PathValue("key"), cookieOf(r), a, h.From(w, r))
	if err != nil {
		return h.trouble(w, r, done, err)
	}
	return h.Finish(w, r, done.SignedIn, local(done.Next))
}

type troubleView struct {
	Step  bool
	Text  string
	Links []ui.Link
}

// trouble says what went wrong and which other ways there are. Only what is our own failure becomes the general error page.
func (h handlers) trouble(w http.ResponseWriter, r *http.Request, d federation.Done, err error) error {
	kind := errs.KindOf(err)
	if kind == errs.Internal || kind == errs.Unauthorized {
		return err
	}
	ctx := r.Context()
	v := troubleView{Step: d.Step, Text: i18n.Err(ctx, err)}
	next := local(d.Next)
	again := url.Values{"next": {next}}
	other := "/sign-in?" + again.Encode()
	label := "federation.trouble_other"
	if errs.Is(err, "federation.name_first") {
		again.Set("level", strconv.Itoa(identity.LevelChecked))
		other, label = "/sign-in/step-up?"+again.Encode(), "federation.trouble_name_first"
	} else if d.Step {
		again.Set("level", strconv.Itoa(d.Level))
		other, label = "/sign-in/step-up?"+again.Encode(), "federation.trouble_step_other"
		again.Set("step", "1")
	}
	if p, e := h.s.Provider(ctx, r.PathValue("key")); e == nil && p.Enabled && !errs.Is(err, "federation.not_enough") && !errs.Is(err, "federation.name_first") {
		v.Links = append(v.Links, ui.Link{
			Label: t(ctx, "federation.trouble_again", errs.P{"provider": p.Label(i18n.From(ctx))}), Href: cookiePath + p.Key + "?" + again.Encode(),
		})
	}
	v.Links = append(v.Links, ui.Link{Label: t(ctx, label), Href: other})
	if d.Step {
		v.Links = append(v.Links, ui.Link{Label: t(ctx, "federation.trouble_back"), Href: next})
	}
	return web.RenderStatus(w, r, web.StatusOf(err), troublePage(v))
}

// keys publishes our public keys (RFC 7517), so that a platform can check our assertions.
func (h handlers) keys(w http.ResponseWriter, r *http.Request) error {
	ks, err := h.s.Keys(r.Context())
	if err != nil {
		return err
	}
	set := jose.JSONWebKeySet{Keys: []jose.JSONWebKey{}}
	for _, k := range ks {
		pub := jose.JSONWebKey{Key: k.Private.Public(), KeyID: k.ID, Algorithm: string(jose.ES256), Use: "sig"}
		if !pub.Valid() || !pub.IsPublic() {
			return errors.New("federation: a key that is not public would be published")
		}
		set.Keys = append(set.Keys, pub)
	}
	return web.JSON(w, http.StatusOK, set)
}
