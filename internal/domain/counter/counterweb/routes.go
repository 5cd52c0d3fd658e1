package counterweb

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/catalog"
	"tongban/internal/domain/counter"
	"tongban/internal/domain/org"
	"tongban/internal/engine/clock"
)

// Items finds what a post may receive.
type Items interface {
	Search(ctx context.Context, q catalog.Query) (catalog.Page, error)
}

// Offices knows colleagues.
type Offices interface {
	Staff(ctx context.Context, id string) (org.Staff, error)
}

// Config is what package app hands in.
type Config struct {
	Counter *counter.Service
	Cases   *cases.Service
	Items   Items
	Offices Offices
	Now     func() time.Time
	// Track gives the full address of the progress page for the QR code of a receipt.
	Track func(caseNo, queryCode string) string
	// PhoneURL is the address phones reach the site at, without a slash at its end.
	PhoneURL string
	// ReaderURL is the origin of the local agent on the counter PC, http://127.0.0.1:PORT; empty: no agent.
	ReaderURL string
}

type handlers struct{ Config }

// phoneBody is the largest body a phone may send: several photographs of one material.
const phoneBody = 60 << 20

// Routes is the room's route table.
func Routes(c Config) []web.Route {
	h := handlers{c}
	return []web.Route{
		web.To("GET /window/visitors", authz.WindowDesk, h.today),
		web.To("POST /window/visitors", authz.WindowDesk, h.signIn, web.PerMinute(120)),
		web.To("POST /window/reader", authz.WindowDesk, h.ask, web.PerMinute(120)),
		web.To("GET /window/visitors/{id}", authz.WindowDesk, h.visitor),
		web.To("POST /window/visitors/{id}/call", authz.WindowDesk, h.call),
		web.To("POST /window/visitors/{id}/end", authz.WindowDesk, h.end),
		web.To("POST /window/visitors/{id}/items", authz.WindowDesk, h.begin),
		web.To("POST /window/visitors/{id}/items/{case}", authz.WindowDesk, h.openItem),
		web.To("POST /window/visitors/{id}/cases/{case}", authz.WindowDesk, h.come),
		web.To("POST /window/visitors/{id}/send", authz.WindowDesk, h.send),
		web.To("POST /window/visitors/{id}/hand-out", authz.WindowDesk, h.handOut),
		web.To("GET /window/visitors/{id}/receipts", authz.WindowDesk, h.receipts),
		web.To("POST /window/drafts/{id}/phone", authz.WindowDesk, h.openPhone),
		web.To("GET /window/phones/{id}", authz.WindowDesk, h.phone),
		web.To("POST /window/phones/{id}/close", authz.WindowDesk, h.closePhone),
		web.To("GET /window/phones/{id}/pages/{page}", authz.WindowDesk, h.page),
		web.To("POST /window/phones/{id}/pages/{page}", authz.WindowDesk, h.settle),
		web.To("GET /window/shift", authz.WindowDesk, h.shift),
		web.To("POST /window/shift", authz.WindowDesk, h.beginShift),
		web.To("POST /window/shift/end", authz.WindowDesk, h.endShift),
		web.To("POST /window/shift/notes/{id}", authz.WindowDesk, h.takeOver),
		web.To("GET /u/{token}", authz.Public, h.upload, web.PerMinute(60)),
		web.To("POST /u/{token}/{material}", authz.Public, h.take, web.Upload(phoneBody), web.PerMinute(60)),
	}
}

func actor(r *http.Request) authz.Actor { return authz.From(r.Context()) }

func t(ctx context.Context, key string, p ...errs.P) string {
	return i18n.T(ctx, "counter."+key, p...)
}

func visitorURL(id string) string { return "/window/visitors/" + id }

func clockTime(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.In(clock.Shanghai).Format("15:04")
}

func minute(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.In(clock.Shanghai).Format("2006-01-02 15:04")
}

func day(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.In(clock.Shanghai).Format(time.DateOnly)
}

// span writes how long something took, in whole minutes; less than one is said so.
func span(ctx context.Context, d time.Duration) string {
	m := int(d.Round(time.Minute) / time.Minute)
	switch {
	case m < 1:
		return t(ctx, "span_short")
	case m < 60:
		return t(ctx, "span_minutes", errs.P{"n": m})
	}
	return t(ctx, "span_hours", errs.P{"h": m / 60, "m": m % 60})
}

func itoa(n int) string { return strconv.Itoa(n) }

func (h handlers) who(ctx context.Context, staff string) string {
	if staff == "" {
		return ""
	}
	st, err := h.Offices.Staff(ctx, staff)
	if err != nil {
		return t(ctx, "colleague")
	}
	return st.Name
}

// explain turns an error into what a page shows beside its fields; others go up.
func explain(err error) ([]errs.Field, bool) {
	e := errs.As(err)
	if e == nil || !slices.Contains([]errs.Kind{errs.Invalid, errs.Conflict, errs.Forbidden, errs.NotFound, errs.Unavailable}, e.Kind) {
		return nil, false
	}
	if len(e.Fields) > 0 {
		return e.Fields, true
	}
	return []errs.Field{{Key: e.Key, Params: e.Params}}, true
}

func summary(ctx context.Context, fs []errs.Field) []ui.ErrorItem {
	var out []ui.ErrorItem
	for _, f := range fs {
		out = append(out, ui.ErrorItem{Field: f.Path, Text: i18n.T(ctx, f.Key, f.Params)})
	}
	return out
}

func errorAt(ctx context.Context, fs []errs.Field, path string) string {
	for _, f := range fs {
		if f.Path == path {
			return i18n.T(ctx, f.Key, f.Params)
		}
	}
	return ""
}

// allowReader lets this one answer's script connect to the local agent, whose address is a setting.
func (h handlers) allowReader(w http.ResponseWriter) {
	const header = "Content-Security-Policy"
	if h.ReaderURL != "" {
		w.Header().Set(header, strings.Replace(w.Header().Get(header), "connect-src 'self'", "connect-src 'self' "+h.ReaderURL, 1))
	}
}

// said carries what became of several things through a redirect: numbers only, the page itself shows the rest.
func said(path, done string, ds []counter.Done) string {
	bad := 0
	for _, d := range ds {
		if d.Err != nil {
			bad++
		}
	}
	return path + "?" + url.Values{"done": {done}, "n": {itoa(len(ds) - bad)}}.Encode()
}
