package identityweb

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/factor"
	"tongban/internal/domain/identity"
	"tongban/internal/engine/cnid"
)

// freshFor is how long a proof counts as fresh: to change what one signs in with, one has just proved who one is.
const freshFor = 10 * time.Minute

// topLevel is the highest level of identity.
const topLevel = 4

// StepUp answers a request that needs a higher level of identity; it is web.Config.StepUp. What was typed is kept and waits behind the proof.
func (h *Handler) StepUp(w http.ResponseWriter, r *http.Request, need int) error {
	if where, err := h.firstThing(r); err != nil || where != "" {
		return orLeave(w, r, where, err)
	}
	back := r.URL.RequestURI()
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		var err error
		if back, err = h.keep(w, r, "step-up"); err != nil {
			return err
		}
	}
	if back == "" {
		back = "/my"
	}
	if need == levelChecked {
		p, err := h.s.Person(r.Context(), authz.From(r.Context()).PersonID)
		if err == nil && p.Number == "" { // there is one way, so nothing to choose
			return leave(w, r, to("/sign-in/verify-name", back))
		}
	}
	return leave(w, r, stepUpHref(need, back))
}

func orLeave(w http.ResponseWriter, r *http.Request, where string, err error) error {
	if err != nil {
		return err
	}
	return leave(w, r, where)
}

func stepUpHref(need int, next string) string {
	return to("/sign-in/step-up", next, "level", strconv.Itoa(need))
}

// leave leads the whole page elsewhere: htmx would swap the other page into a corner of this one.
func leave(w http.ResponseWriter, r *http.Request, where string) error {
	if r.Header.Get("HX-Request") != "" {
		w.Header().Set("HX-Redirect", where)
		w.WriteHeader(http.StatusOK)
		return nil
	}
	return web.SeeOther(w, r, where)
}

type stepUpView struct {
	Need  int
	Fresh bool
	Next  string
	Away  string // where to go who does not want to

	Title, Lead, Why string
	Ways             []stepWayView
	Providers        []wayLink // outside providers who can vouch for the level
	Open             string    // the way that is shown open
	Done             bool
	Sent             bool
	Phone            string
	Desk             bool
	problems
}

type stepWayView struct {
	Key   string
	Level int
}

func (v stepUpView) rest() []string {
	var out []string
	if v.Need > 0 {
		out = append(out, "level", strconv.Itoa(v.Need))
	}
	if v.Fresh {
		out = append(out, "fresh", "1")
	}
	return out
}

func (v stepUpView) href(more ...string) string {
	return to("/sign-in/step-up", v.Next, append(v.rest(), more...)...)
}

func (v stepUpView) hidden() []ui.KV {
	out := []ui.KV{{Key: "next", Value: v.Next}}
	rest := v.rest()
	for i := 0; i+1 < len(rest); i += 2 {
		out = append(out, ui.KV{Key: rest[i], Value: rest[i+1]})
	}
	return out
}

func (v stepUpView) query() url.Values {
	q := url.Values{}
	for _, kv := range v.hidden() {
		q.Set(kv.Key, kv.Value)
	}
	return q
}

// stepUpAsked reads what was asked for, without looking anything up.
func stepUpAsked(r *http.Request) stepUpView {
	a := authz.From(r.Context())
	home := "/my"
	if a.StaffID != "" {
		home = "/desk"
	}
	v := stepUpView{Fresh: r.FormValue("fresh") == "1", Next: next(r, home), Away: home, Desk: a.StaffID != "", Open: r.FormValue("way"), Sent: r.FormValue("sent") == "1"}
	if n, err := strconv.Atoi(r.FormValue("level")); err == nil && n >= 1 && n <= topLevel && !v.Desk {
		v.Need = n
	}
	if strings.HasPrefix(v.Next, "/oauth/resume/") { // a system waits for the answer, whichever it is
		v.Away = v.Next
	}
	return v
}

// enough reports whether what was asked for has been reached.
func (h *Handler) enough(a authz.Actor, v stepUpView) bool {
	return a.Level >= v.Need && (!v.Fresh || h.s.Fresh(a, freshFor) == nil)
}

func (h *Handler) stepUpView(r *http.Request) (stepUpView, error) {
	ctx := r.Context()
	a := authz.From(ctx)
	v := stepUpAsked(r)
	v.Done = h.enough(a, v)
	if a.Level >= v.Need {
		v.Title, v.Lead = t(ctx, "identityweb.fresh_title"), t(ctx, "identityweb.fresh_lead")
	} else {
		v.Title = t(ctx, "identityweb.step_title")
		v.Lead = t(ctx, "identityweb.step_lead", errs.P{"need": levelName(ctx, v.Need), "have": levelName(ctx, a.Level)})
		v.Why = t(ctx, "identityweb.step_why_"+strconv.Itoa(v.Need))
	}
	all, err := h.s.StepUpWays(ctx, a, v.Need)
	if err != nil || v.Done {
		return v, err
	}
	if a.PersonID != "" && a.Level < levelChecked && v.Need > levelChecked { // every higher level builds on the name; the page comes after it
		all = slices.Insert(all, 0, identity.Way{Method: identity.WayName, Level: levelChecked, Here: true})
	}
	for _, way := range all {
		if way.Here && (way.Method != identity.WayCertificate || h.cfg.Certificates) {
			v.Ways = append(v.Ways, stepWayView{Key: way.Method, Level: way.Level})
		}
	}
	if v.Open != "" {
		slices.SortStableFunc(v.Ways, func(x, y stepWayView) int { return first(y.Key == v.Open) - first(x.Key == v.Open) })
	}
	v.Providers = h.stepProviders(ctx, a, v)
	v.Phone, err = h.ownPhone(ctx, a)
	return v, err
}

func (h *Handler) stepProviders(ctx context.Context, a authz.Actor, v stepUpView) []wayLink {
	if h.cfg.StepProviders == nil || a.PersonID == "" || v.Need <= a.Level {
		return nil
	}
	var out []wayLink
	for _, p := range h.cfg.StepProviders(ctx, v.Need) {
		out = append(out, wayLink{
			href:  to("/sign-in/with/"+url.PathEscape(p.Key), v.Next, "step", "1", "level", strconv.Itoa(v.Need)),
			label: t(ctx, "identityweb.by_provider", errs.P{"name": p.Name}),
		})
	}
	return out
}

func first(b bool) int {
	if b {
		return 1
	}
	return 0
}

// ownPhone is one's own phone, masked.
func (h *Handler) ownPhone(ctx context.Context, a authz.Actor) (string, error) {
	if a.PersonID == "" {
		return t(ctx, "identityweb.phone_registered"), nil
	}
	p, err := h.s.Person(ctx, a.PersonID)
	return cnid.MaskPhone(p.Phone), err
}

func (h *Handler) stepUpPage(w http.ResponseWriter, r *http.Request) error {
	v, err := h.stepUpView(r)
	if err != nil {
		return err
	}
	if v.Done {
		return web.SeeOther(w, r, v.Next)
	}
	return web.Render(w, r, stepUpPage(v))
}

// stepAgain shows the page with what is wrong with one of its ways.
func (h *Handler) stepAgain(w http.ResponseWriter, r *http.Request, err error, way string) error {
	v, e := h.stepUpView(r)
	if e != nil {
		return e
	}
	v.Open, v.Sent = way, v.Sent || way == identity.WaySMS
	return again(w, r, err, func(p problems) templ.Component {
		v.problems = p.renamed("code", answerName(way))
		return stepUpPage(v)
	})
}

func (h *Handler) stepUpSend(w http.ResponseWriter, r *http.Request) error {
	v := stepUpAsked(r)
	if err := h.s.SendStepUpCode(r.Context(), authz.From(r.Context()), h.from(w, r)); err != nil {
		return h.stepAgain(w, r, err, identity.WaySMS)
	}
	return web.SeeOther(w, r, v.href("way", identity.WaySMS, "sent", "1"))
}

// stepUp takes the answer of a way that is typed.
func (h *Handler) stepUp(w http.ResponseWriter, r *http.Request) error {
	v, method := stepUpAsked(r), r.FormValue("method")
	if !slices.Contains([]string{identity.WaySMS, identity.WayPassword, identity.WayTOTP, identity.WayRecovery}, method) {
		return errs.New(errs.BadRequest, "base.bad_request")
	}
	if (v.Need > 0 || v.Fresh) && h.enough(authz.From(r.Context()), v) { // another tab was quicker; its code is used up
		return web.SeeOther(w, r, v.Next)
	}
	token, err := h.s.StepUp(r.Context(), authz.From(r.Context()), method, r.FormValue(answerName(method)), h.from(w, r))
	if err != nil {
		return h.stepAgain(w, r, err, method)
	}
	h.SetSession(w, token)
	return web.SeeOther(w, r, v.href()) // leads on when it was enough, and asks for more when not
}

// answerName is the name of the input for a way; ids on a page are made of it.
func answerName(method string) string {
	if method == identity.WaySMS {
		return "code"
	}
	return method
}

func stepField(ctx context.Context, v stepUpView, method string) ui.FormField {
	return typedField(ctx, method, v.Open == method || v.Open == "", v.problems)
}

// typedField asks for an answer that is typed. Several stand on one page, so each has a name of its own; only the one that was answered shows
// what is wrong.
func typedField(ctx context.Context, method string, answered bool, p problems) ui.FormField {
	problem := ""
	if answered {
		problem = p.of(answerName(method))
	}
	if method == identity.WayPassword {
		return ui.FormField{Name: "password", Kind: "password", Label: t(ctx, "identity.password_label"), Required: true, MaxLength: 200, Error: problem}
	}
	f := answerField(ctx, method, problem)
	f.Name = answerName(method)
	return f
}

func (h *Handler) stepUpPasskeyBegin(w http.ResponseWriter, r *http.Request) error {
	return challenge(w, r, func(ctx context.Context) (factor.Challenge, error) {
		return h.s.BeginStepUpPasskey(ctx, authz.From(ctx))
	})
}

func (h *Handler) stepUpPasskeyFinish(w http.ResponseWriter, r *http.Request) error {
	return h.passkeyDone(w, r, func(ctx context.Context, a passkeyAnswer) (string, error) {
		token, err := h.s.StepUp(ctx, authz.From(ctx), identity.WayPasskey, identity.PasskeyAnswer(a.ID, a.Response), h.from(w, r))
		if err != nil {
			return "", err
		}
		h.SetSession(w, token)
		return stepUpAsked(r).href(), nil
	})
}

type hopView struct{ URL string }

// hop leads to a foreign site after a form was sent.
func hop(w http.ResponseWriter, r *http.Request, to string) error {
	w.Header().Set("Refresh", "0; url="+to)
	return web.Render(w, r, hopPage(hopView{to}))
}

func (h *Handler) face(w http.ResponseWriter, r *http.Request) error {
	v := stepUpAsked(r)
	url, err := h.s.BeginFace(r.Context(), authz.From(r.Context()), h.site()+"/sign-in/face/back?"+v.query().Encode())
	if err != nil {
		return h.stepAgain(w, r, err, identity.WayFace)
	}
	return hop(w, r, url)
}

type faceBackView struct {
	StepUp string
	Away   string // where to go who gives up
	problems
}

// faceBack is where the provider's page leads back to. What came of the check is asked of the provider, never read from the address.
func (h *Handler) faceBack(w http.ResponseWriter, r *http.Request) error {
	v := stepUpAsked(r)
	token, err := h.s.FinishFace(r.Context(), authz.From(r.Context()), r.FormValue("id"))
	if err != nil {
		return again(w, r, err, func(p problems) templ.Component { return faceBackPage(faceBackView{v.href(), v.Away, p}) })
	}
	h.SetSession(w, token)
	return web.SeeOther(w, r, v.href())
}

func levelName(ctx context.Context, level int) string {
	return t(ctx, "identityweb.level_"+strconv.Itoa(min(max(level, 0), topLevel)))
}
