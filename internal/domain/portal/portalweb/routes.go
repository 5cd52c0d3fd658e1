package portalweb

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
)

// Space is what my space shows of a person.
type Space struct {
	Name     string // masked
	Level    int
	Firm     string // acted for, or empty
	Drafts   []Line
	Cases    []Line
	Licences int
	Unread   int
}

// Line is one draft or case in my space.
type Line struct {
	Href, Title, Note, Status string
	Tone                      ui.Tone
	When                      string
}

// Ops is what an operator looks at first.
type Ops struct {
	Version, Engine string
	Waiting, Dead   int // jobs
	Packs           []LoadedPack
}

// LoadedPack is one pack in the database.
type LoadedPack struct {
	Key     string
	Version int64
	At      string
}

// Account is one demo account.
type Account struct {
	Kind, ID          string // person or staff; phone number or staff id
	Name, Role, Label string
	Agency            string
}

// SentSMS is a text message the demo's gateway took.
type SentSMS struct{ At, Phone, Text string }

// RegistryState is one of the demo's registries.
type RegistryState struct {
	Name string // population or firms
	Up   bool
}

// Demo is what demo mode adds; nil in production.
type Demo interface {
	Accounts(ctx context.Context) ([]Account, error)
	Sent(ctx context.Context) []SentSMS
	Registries(ctx context.Context) []RegistryState
	// Switch turns a registry on or off, to see what people are told when it does not answer.
	Switch(ctx context.Context, name string, on bool) error
	// Change changes one value a registry holds; the next draft shows it. An unknown person, firm or field is errs.NotFound.
	Change(ctx context.Context, number, field, value string) error
	// SignIn makes a session and gives its token.
	SignIn(ctx context.Context, kind, id string) (token string, err error)
}

// Config is what package app hands in.
type Config struct {
	Space     func(ctx context.Context, a authz.Actor) (Space, error)
	Spec      func() *huma.OpenAPI
	JSON      func() ([]byte, error)
	Demo      Demo
	Record    Record
	OpsState  func(ctx context.Context) (Ops, error)
	SetCookie func(w http.ResponseWriter, token string)
	HTTPS     bool
	Contact   string // of the accessibility statement
}

type handlers struct{ Config }

// Routes is the room's route table.
func Routes(c Config) []web.Route {
	h := handlers{c}
	rs := []web.Route{
		web.To("GET /my", authz.PersonSelf, h.space),
		web.To("GET /desk", authz.SignedIn, h.desk),
		web.To("POST /prefs", authz.Public, h.prefs),
		web.To("GET /accessibility", authz.Public, h.accessibility),
		web.To("GET /design-system", authz.Public, h.designSystem),
		web.To("GET /api", authz.Public, h.api),
		web.To("GET /api/openapi.json", authz.Public, h.openapi),
	}
	rs = append(rs, auditRoutes(h)...)
	rs = append(rs, web.To("GET /ops", authz.Operate, h.ops))
	if c.Demo != nil {
		rs = append(rs,
			web.To("GET /demo", authz.DemoOnly, h.demo),
			web.To("POST /demo/sign-in", authz.DemoOnly, h.demoSignIn),
			web.To("POST /demo/registry/switch", authz.DemoOnly, h.demoSwitch),
			web.To("POST /demo/registry/change", authz.DemoOnly, h.demoChange))
	}
	return rs
}

func (h handlers) space(w http.ResponseWriter, r *http.Request) error {
	v, err := h.Space(r.Context(), authz.From(r.Context()))
	if err != nil {
		return err
	}
	return web.Render(w, r, spacePage(v))
}

// homes says where each kind of staff begins.
var homes = []struct {
	perm authz.Permission
	href string
}{
	{authz.CaseDesk, "/desk/cases"},
	{authz.Supervise, "/supervision"},
	{authz.CatalogEdit, "/office/items"},
	{authz.OrgAdmin, "/admin/agencies"},
	{authz.StaffAdmin, "/admin/staff"},
	{authz.AuditRead, "/audit"},
	{authz.ArchiveSee, "/archive"},
	{authz.Operate, "/ops"},
	{authz.PersonSelf, "/my"},
}

// HomeOf is the start page of an actor.
func HomeOf(a authz.Actor) string {
	for _, h := range homes {
		if a.May(h.perm) {
			return h.href
		}
	}
	return "/"
}

func (h handlers) desk(w http.ResponseWriter, r *http.Request) error {
	return web.SeeOther(w, r, HomeOf(authz.From(r.Context())))
}

// prefs keeps language and elder mode in cookies and leads back.
func (h handlers) prefs(w http.ResponseWriter, r *http.Request) error {
	v, err := web.Form(r)
	if err != nil {
		return err
	}
	for name, allowed := range map[string][]string{"lang": {"zh-CN", "en"}, "mode": {"elder", "standard"}, "font": {"plus", "normal"}} {
		for _, a := range allowed {
			if v.Get(name) == a {
				http.SetCookie(w, &http.Cookie{Name: name, Value: a, Path: "/", MaxAge: int((365 * 24 * time.Hour).Seconds()), SameSite: http.SameSiteLaxMode, HttpOnly: true, Secure: h.HTTPS})
			}
		}
	}
	return web.SeeOther(w, r, v.Get("back"))
}

// Prefs reads the display preferences of a request.
func Prefs(r *http.Request) (elder, fontPlus bool) {
	is := func(name, want string) bool { c, err := r.Cookie(name); return err == nil && c.Value == want }
	return is("mode", "elder"), is("font", "plus")
}

func (h handlers) accessibility(w http.ResponseWriter, r *http.Request) error {
	return web.Render(w, r, accessibilityPage(h.Contact))
}

func (h handlers) designSystem(w http.ResponseWriter, r *http.Request) error {
	return web.Render(w, r, designSystemPage())
}

func (h handlers) openapi(w http.ResponseWriter, _ *http.Request) error {
	b, err := h.JSON()
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "public, max-age=300")
	_, _ = w.Write(b)
	return nil
}

func (h handlers) ops(w http.ResponseWriter, r *http.Request) error {
	o, err := h.OpsState(r.Context())
	if err != nil {
		return err
	}
	return web.Render(w, r, opsPage(o))
}

func (h handlers) demo(w http.ResponseWriter, r *http.Request) error {
	as, err := h.Demo.Accounts(r.Context())
	if err != nil {
		return err
	}
	return web.Render(w, r, demoPage(as, h.Demo.Sent(r.Context()), h.Demo.Registries(r.Context())))
}

func (h handlers) demoSignIn(w http.ResponseWriter, r *http.Request) error {
	v, err := web.Form(r)
	if err != nil {
		return err
	}
	kind, id, ok := strings.Cut(v.Get("account"), ":")
	if !ok {
		return errs.New(errs.BadRequest, "base.bad_request")
	}
	token, err := h.Demo.SignIn(r.Context(), kind, id)
	if err != nil {
		return err
	}
	h.SetCookie(w, token)
	if next := v.Get("next"); next != "" {
		return web.SeeOther(w, r, next)
	}
	if kind == "staff" {
		return web.SeeOther(w, r, "/desk")
	}
	return web.SeeOther(w, r, "/my")
}

func (h handlers) demoSwitch(w http.ResponseWriter, r *http.Request) error {
	v, err := web.Form(r)
	if err != nil {
		return err
	}
	if err := h.Demo.Switch(r.Context(), v.Get("registry"), v.Get("on") == "true"); err != nil {
		return err
	}
	return web.SeeOther(w, r, "/demo#registries")
}

func (h handlers) demoChange(w http.ResponseWriter, r *http.Request) error {
	v, err := web.Form(r)
	if err != nil {
		return err
	}
	if err := h.Demo.Change(r.Context(), strings.TrimSpace(v.Get("number")), v.Get("field"), strings.TrimSpace(v.Get("value"))); err != nil {
		return err
	}
	return web.SeeOther(w, r, "/demo#registries")
}
