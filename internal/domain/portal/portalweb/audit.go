package portalweb

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/engine/clock"
)

// Record is the audit record as the auditor's page asks for it.
type Record interface {
	List(ctx context.Context, f audit.Filter, after string, limit int) ([]audit.Entry, error)
	// Who names an actor, "staff:<id>" or "person:<id>", for people; people's names are not told.
	Who(ctx context.Context, actor string) string
	// Verify walks the chain; the error says where it does not hold.
	Verify(ctx context.Context) (entries int64, err error)
}

const auditPage = 50

func auditRoutes(h handlers) []web.Route {
	return []web.Route{
		web.To("GET /audit", authz.AuditRead, h.audit),
		web.To("POST /audit/check", authz.AuditRead, h.auditCheck, web.PerMinute(60)),
	}
}

func (h handlers) audit(w http.ResponseWriter, r *http.Request) error {
	return h.showAudit(w, r, nil)
}

// auditCheck walks the whole chain and says what it found on the same page.
func (h handlers) auditCheck(w http.ResponseWriter, r *http.Request) error {
	n, err := h.Record.Verify(r.Context())
	v := &checked{Entries: n}
	if err != nil {
		if errs.KindOf(err) == errs.Unavailable {
			return err
		}
		v.Broken = err.Error()
	}
	return h.showAudit(w, r, v)
}

// checked is the outcome of a check of the chain.
type checked struct {
	Entries int64
	Broken  string
}

type auditView struct {
	Filter  audit.Filter
	Table   ui.TableView
	Next    string
	Checked *checked
}

func (h handlers) showAudit(w http.ResponseWriter, r *http.Request, c *checked) error {
	q := r.URL.Query()
	f := audit.Filter{Actor: strings.TrimSpace(q.Get("actor")), Object: strings.TrimSpace(q.Get("object")), Act: strings.TrimSpace(q.Get("act"))}
	es, err := h.Record.List(r.Context(), f, q.Get("after"), auditPage)
	if err != nil {
		return err
	}
	v := auditView{Filter: f, Table: h.auditTable(r.Context(), es), Checked: c}
	if len(es) == auditPage {
		next := url.Values{"after": {es[len(es)-1].ID}}
		for k, s := range map[string]string{"actor": f.Actor, "object": f.Object, "act": f.Act} {
			if s != "" {
				next.Set(k, s)
			}
		}
		v.Next = "/audit?" + next.Encode()
	}
	return web.Render(w, r, auditPageView(v))
}

func (h handlers) auditTable(ctx context.Context, es []audit.Entry) ui.TableView {
	t := ui.TableView{Caption: i18n.T(ctx, "portal.audit_title"), CaptionHide: true, Sticky: true, Empty: i18n.T(ctx, "portal.audit_none")}
	for _, k := range []string{"when", "actor", "behalf", "act", "object", "what", "reason", "via", "seq"} {
		t.Columns = append(t.Columns, ui.Column{Label: i18n.T(ctx, "portal.audit_"+k)})
	}
	for _, e := range es {
		t.Rows = append(t.Rows, []ui.Cell{
			{Text: e.At.In(clock.Shanghai).Format(time.DateTime)}, {Text: h.Record.Who(ctx, e.Actor), Sub: e.Actor}, h.behalf(ctx, e.OnBehalf), {Text: actText(ctx, e.Act), Sub: e.Act}, {Text: e.Object}, {Text: whatText(ctx, e.What)}, {Text: e.Reason}, {Text: e.Via}, {Text: seqText(e.Seq)},
		})
	}
	return t
}

// actText says an act in words where the room that wrote it has them: "cases.accept" is cases.act_accept.
func actText(ctx context.Context, act string) string {
	room, verb, _ := strings.Cut(act, ".")
	for _, key := range []string{act, room + ".act_" + verb, "portal.audit_act_" + strings.ReplaceAll(act, ".", "_")} {
		if i18n.Has(key) {
			return i18n.T(ctx, key)
		}
	}
	return act
}

// whatText says which data was read: the record holds text keys.
func whatText(ctx context.Context, what string) string {
	var out []string
	for _, key := range strings.Split(what, ",") {
		if key = strings.TrimSpace(key); key != "" && i18n.Has(key) {
			key = i18n.T(ctx, key)
		}
		out = append(out, key)
	}
	return strings.Join(out, " · ")
}

// behalf names whom an act was done for; a colleague stood in for is named like an actor.
func (h handlers) behalf(ctx context.Context, onBehalf string) ui.Cell {
	if strings.HasPrefix(onBehalf, "staff:") {
		return ui.Cell{Text: h.Record.Who(ctx, onBehalf), Sub: onBehalf}
	}
	return ui.Cell{Text: onBehalf}
}
