package notifyweb

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/notify"
	"tongban/internal/engine/clock"
)

// Reporter checks delivery reports of one provider; package gateway has it.
type Reporter interface {
	App() string
	Delivery(body []byte, signature string) (notify.Report, error)
}

// Pages are the inbox and the address for delivery reports.
type Pages struct {
	notify    *notify.Service
	reporters []Reporter
}

// New makes the pages. Delivery reports are taken from the reporters only.
func New(s *notify.Service, reporters ...Reporter) *Pages {
	return &Pages{notify: s, reporters: reporters}
}

// reportsPerMinute is how many delivery reports one provider may send: each text message has one.
const reportsPerMinute = 6000

// Routes is the route table of the room.
func (p *Pages) Routes() []web.Route {
	return []web.Route{
		web.To("GET /my/messages", authz.PersonSelf, p.inbox),
		web.To("POST /my/messages/read", authz.PersonSelf, p.readAll),
		web.To("GET /my/messages/{id}", authz.PersonSelf, p.message),
		web.To("POST /hooks/sms", authz.Public, p.report, web.PerMinute(reportsPerMinute)),
	}
}

const perPage = 20

func t(ctx context.Context, key string, p ...errs.P) string { return i18n.T(ctx, key, p...) }

func (p *Pages) inbox(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	person := authz.From(ctx).PersonID
	items, err := p.notify.Inbox(ctx, person, r.URL.Query().Get("after"), perPage+1)
	if err != nil {
		return err
	}
	v := inboxView{Unread: p.notify.Unread(ctx, person), AllRead: r.URL.Query().Has("read")}
	if len(items) > perPage {
		items = items[:perPage]
		v.Pager.NextHref = "/my/messages?after=" + url.QueryEscape(items[perPage-1].ID)
	}
	if r.URL.Query().Get("after") != "" {
		v.Pager.PrevHref = "/my/messages"
	}
	v.Table = table(ctx, items)
	return web.Render(w, r, inboxPage(v))
}

func table(ctx context.Context, items []notify.Item) ui.TableView {
	tv := ui.TableView{
		Caption: t(ctx, "notify.inbox_title"), CaptionHide: true,
		Columns: []ui.Column{{Label: t(ctx, "notify.col_title")}, {Label: t(ctx, "notify.col_time")}, {Label: t(ctx, "notify.col_state")}},
	}
	lang := i18n.From(ctx)
	for _, it := range items {
		state := ui.Cell{Text: t(ctx, "notify.read"), Tone: ui.Neutral}
		if !it.Read {
			state = ui.Cell{Text: t(ctx, "notify.unread"), Tone: ui.Info}
		}
		tv.Rows = append(tv.Rows, []ui.Cell{{Text: it.Title(lang), Href: "/my/messages/" + it.ID, Sub: clip(it.Text(lang), 60)}, {Text: timeOf(it.At)}, state})
	}
	return tv
}

func timeOf(at time.Time) string { return at.In(clock.Shanghai).Format("2006-01-02 15:04") }

func clip(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n]) + "…"
	}
	return s
}

// message shows one message and marks it read: reading is what a person comes here for.
func (p *Pages) message(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	person, id := authz.From(ctx).PersonID, r.PathValue("id")
	it, err := p.notify.Message(ctx, person, id)
	if err != nil {
		return err
	}
	if !it.Read {
		if err := p.notify.MarkRead(ctx, person, id); err != nil {
			return err
		}
	}
	lang := i18n.From(ctx)
	return web.Render(w, r, messagePage(messageView{Title: it.Title(lang), Text: it.Text(lang), Time: timeOf(it.At), Link: it.Link}))
}

func (p *Pages) readAll(w http.ResponseWriter, r *http.Request) error {
	if err := p.notify.MarkRead(r.Context(), authz.From(r.Context()).PersonID, ""); err != nil {
		return err
	}
	return web.SeeOther(w, r, "/my/messages?read=1")
}

const maxReport = 64 << 10

// report takes a provider's delivery report. A report taken before is answered 409, so that a copy has no effect.
func (p *Pages) report(w http.ResponseWriter, r *http.Request) error {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxReport))
	if err != nil {
		return err
	}
	var who struct {
		App string `json:"app"`
	}
	if err := json.Unmarshal(body, &who); err != nil {
		return errs.Wrap(err, errs.BadRequest, "base.bad_request")
	}
	refused := error(errs.New(errs.Forbidden, "notify.bad_report"))
	for _, rep := range p.reporters {
		if rep.App() != who.App {
			continue
		}
		d, err := rep.Delivery(body, r.Header.Get("X-Signature"))
		if err != nil { // two providers may know us by one account name; each has its own secret
			refused = err
			continue
		}
		if err := p.notify.Take(r.Context(), d); err != nil {
			return err
		}
		return web.JSON(w, http.StatusOK, map[string]string{"code": "ok"})
	}
	return refused
}
