package identityweb

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/identity"
	"tongban/internal/engine/cnid"
)

const levelChecked = identity.LevelChecked

type identityView struct {
	Facts  []ui.KVRow
	Level  int
	Acting string // firm id
	Firms  []identity.Firm
	Away   bool // the firm registry does not answer
	Done   string
	Next   string // where the person came from, to go back after switching; or empty
	problems
}

func (h *Handler) identity(w http.ResponseWriter, r *http.Request) error {
	v, err := h.identityView(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, identityPage(v))
}

func (h *Handler) identityView(r *http.Request) (identityView, error) {
	ctx := r.Context()
	a := authz.From(ctx)
	p, err := h.s.Person(ctx, a.PersonID)
	if err != nil {
		return identityView{}, err
	}
	v := identityView{Facts: personFacts(ctx, p), Level: p.Level, Acting: a.FirmID, Next: next(r, "")}
	if r.URL.Query().Get("done") != "" {
		v.Done = t(ctx, "identity.act_for_done")
	}
	v.Firms, err = h.s.FirmsOf(ctx, p.ID)
	if errs.KindOf(err) == errs.Unavailable && errs.Is(err, "identity.registry_away") {
		v.Away, err = true, nil
		if a.FirmID != "" {
			var f identity.Firm
			f, err = h.s.Firm(ctx, a.FirmID)
			v.Firms = append(v.Firms, f)
		}
	}
	return v, err
}

func personFacts(ctx context.Context, p identity.Person) []ui.KVRow {
	rows := []ui.KVRow{{Key: t(ctx, "identity.fact_level"), Value: t(ctx, "identity.level_"+strconv.Itoa(p.Level))}}
	if p.Number != "" {
		rows = append(rows,
			ui.KVRow{Key: t(ctx, "identity.fact_name"), Value: p.Masked()},
			ui.KVRow{Key: t(ctx, "identity.fact_kind"), Value: t(ctx, "identity.kind_"+p.NumberKind)},
			ui.KVRow{Key: t(ctx, "identity.fact_number"), Value: cnid.MaskID(p.Number), Num: true},
		)
	}
	if p.Phone != "" {
		rows = append(rows, ui.KVRow{Key: t(ctx, "identity.fact_phone"), Value: cnid.MaskPhone(p.Phone), Num: true})
	}
	if p.Address != "" {
		rows = append(rows, ui.KVRow{Key: t(ctx, "identity.fact_address"), Value: cnid.MaskAddress(p.Address), Source: t(ctx, identity.SourcePopulation)})
	}
	if !p.VerifiedAt.IsZero() {
		rows = append(rows, ui.KVRow{Key: t(ctx, "identity.fact_verified"), Value: minute(p.VerifiedAt), Num: true})
	}
	return rows
}

func (h *Handler) actFor(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Form(r)
	if err != nil {
		return err
	}
	firm, then := f.Get("firm"), web.LocalPath(f.Get("_then"))
	if then != "/" {
		firm = f.Get("_firm") // a form that was sent in the wrong name: its own fields may be called firm or next
	}
	if err := h.s.ActFor(r.Context(), authz.From(r.Context()), firm); err != nil {
		v, e := h.identityView(r)
		if e != nil {
			return e
		}
		return again(w, r, err, func(p problems) templ.Component { v.problems = p; return identityPage(v) })
	}
	if then != "/" {
		http.Redirect(w, r, then, http.StatusTemporaryRedirect) // the browser sends the same form again
		return nil
	}
	return web.SeeOther(w, r, next(r, "/my/identity?done=act"))
}

const accessPage = 20

type accessView struct {
	Firm     bool
	FirmName string // offered as a second list
	Table    ui.TableView
	Pager    ui.PagerView
}

func (h *Handler) access(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	a := authz.From(ctx)
	q := r.URL.Query()
	v := accessView{Firm: q.Get("of") == "firm" && a.FirmID != ""}
	if a.FirmID != "" {
		f, err := h.s.Firm(ctx, a.FirmID)
		if err != nil {
			return err
		}
		v.FirmName = f.Name
	}
	rows, after, err := h.s.Accesses(ctx, a, v.Firm, q.Get("after"), accessPage)
	if err != nil {
		return err
	}
	v.Table = h.accessTable(ctx, rows)
	if after != "" {
		q.Set("after", after)
		v.Pager.NextHref = "/my/access?" + q.Encode()
	}
	if r.URL.Query().Get("after") != "" {
		v.Pager.PrevHref = "/my/access"
		if v.Firm {
			v.Pager.PrevHref += "?of=firm"
		}
	}
	return web.Render(w, r, accessList(v))
}

func (h *Handler) accessTable(ctx context.Context, rows []identity.Access) ui.TableView {
	table := ui.TableView{Caption: t(ctx, "identity.access_title"), CaptionHide: true, Empty: t(ctx, "identity.access_none"), Columns: []ui.Column{
		{Label: t(ctx, "identity.access_when")},
		{Label: t(ctx, "identity.access_who")},
		{Label: t(ctx, "identity.access_what")},
		{Label: t(ctx, "identity.access_why")},
		{Label: t(ctx, "identity.access_via")},
	}}
	for _, a := range rows {
		what := make([]string, 0, len(a.What))
		for _, key := range a.What {
			what = append(what, t(ctx, key))
		}
		table.Rows = append(table.Rows, []ui.Cell{
			{Text: minute(a.At)}, who(ctx, a), {Text: strings.Join(what, t(ctx, "identity.list_comma"))}, h.why(ctx, a), {Text: t(ctx, "identity.via_"+a.Via)},
		})
	}
	return table
}

func who(ctx context.Context, a identity.Access) ui.Cell {
	if a.Own {
		return ui.Cell{Text: t(ctx, "identity.access_own")}
	}
	if a.Who == "" && a.Agency == "" {
		if a.Nobody {
			return ui.Cell{Text: t(ctx, "identity.access_nobody")}
		}
		return ui.Cell{Text: t(ctx, "identity.access_system")}
	}
	roles := make([]string, 0, len(a.Roles))
	for _, r := range a.Roles {
		roles = append(roles, roleName(ctx, r))
	}
	sub := strings.TrimSpace(a.Who + " " + strings.Join(roles, t(ctx, "identity.list_comma")))
	if a.Agency == "" {
		return ui.Cell{Text: sub}
	}
	return ui.Cell{Text: a.Agency, Sub: sub}
}

func (h *Handler) why(ctx context.Context, a identity.Access) ui.Cell {
	c := ui.Cell{Text: a.Reason}
	if id, ok := strings.CutPrefix(a.Object, "case:"); ok && id != "" {
		c = ui.Cell{Text: t(ctx, "identity.object_case"), Href: h.cfg.CaseHref(url.PathEscape(id)), Sub: a.Reason}
	}
	if c.Text == "" {
		c.Text = t(ctx, "identity.access_no_reason")
	}
	return c
}
