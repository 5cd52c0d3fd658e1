package catalogweb

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/catalog/item"
	"tongban/internal/domain/directory"
)

// followItems is what the page asks of the catalogue.
type followItems interface {
	directory.Adopters
	Item(ctx context.Context, key string) (item.Item, error)
}

// followOffices is what the page asks of the agencies.
type followOffices interface {
	Within(ctx context.Context, code, above string) bool
}

// FollowConfig is what the page of items that have to follow their base needs.
type FollowConfig struct {
	Items     followItems
	Directory *directory.Service
	Offices   followOffices
}

// Follow is the page of implementing items that stand on an older version of their base item.
type Follow struct{ c FollowConfig }

// NewFollow makes the page.
func NewFollow(c FollowConfig) *Follow { return &Follow{c} }

// Routes is its route table.
func (p *Follow) Routes() []web.Route {
	return []web.Route{
		web.To("GET /office/follow", authz.CatalogSee, p.list),
		web.To("POST /office/follow", authz.CatalogEdit, p.confirm),
	}
}

func ft(ctx context.Context, key string, ps ...errs.P) string {
	return i18n.T(ctx, "directory."+key, ps...)
}

// mostFollow is how many items one page shows.
const mostFollow = 100

type followRow struct {
	Item, Name, Base, BaseHref, From, Due, Change string
	Late, Mine, Ended                             bool
	Version                                       int
	Diff                                          []ui.DiffRow
	Against                                       []string
	Reason, Error                                 string
}

type followGroup struct {
	Agency string
	Rows   []followRow
}

type followView struct {
	Page    ui.PageView
	Filters ui.FilterView
	Groups  []followGroup
	More    bool
	Done    bool
}

func (p *Follow) list(w http.ResponseWriter, r *http.Request) error {
	v, err := p.view(r.Context(), r.URL.Query())
	if err != nil {
		return err
	}
	v.Done = r.URL.Query().Has("done")
	return web.Render(w, r, followPage(v))
}

// pending gathers the items that have to follow, by agency and item.
func (p *Follow) pending(ctx context.Context) (out []directory.Pending, more bool, err error) {
	bases, err := p.c.Directory.Moved(ctx)
	if err != nil {
		return nil, false, err
	}
	for _, b := range bases {
		for after := ""; ; {
			page, err := p.c.Items.Adopters(ctx, b.Code, after, 500)
			if err != nil {
				return nil, false, err
			}
			found, err := p.c.Directory.Pending(ctx, b, page)
			if err != nil {
				return nil, false, err
			}
			if out = append(out, found...); len(page) < 500 || len(out) > 10*mostFollow {
				break
			}
			after = page[len(page)-1].Item
		}
	}
	slices.SortStableFunc(out, func(a, b directory.Pending) int {
		return cmp.Or(cmp.Compare(a.Region, b.Region), cmp.Compare(a.Agency, b.Agency), cmp.Compare(a.Due, b.Due), cmp.Compare(a.Item, b.Item))
	})
	return out, len(out) > 10*mostFollow, nil
}

func (p *Follow) view(ctx context.Context, q url.Values) (followView, error) {
	v := followView{Page: ui.PageView{Title: ft(ctx, "follow_title"), Lead: ft(ctx, "follow_lead"), Wide: true, Crumbs: []ui.Crumb{{Label: ft(ctx, "title"), Href: "/office/directory"}, {Label: ft(ctx, "follow_title")}}}}
	all, more, err := p.pending(ctx)
	if err != nil {
		return v, err
	}
	v.More = more
	filter := ui.Filter{Name: "agency", Label: ft(ctx, "agency"), Value: q.Get("agency")}
	shown := 0
	for _, x := range all {
		if n := len(filter.Options); n == 0 || filter.Options[n-1].Value != x.Agency {
			filter.Options = append(filter.Options, ui.Option{Value: x.Agency, Label: x.AgencyName})
		}
		if filter.Value != "" && x.Agency != filter.Value {
			continue
		}
		if shown++; shown > mostFollow {
			v.More = true
			continue
		}
		row, err := p.row(ctx, x)
		if err != nil {
			return v, err
		}
		if n := len(v.Groups); n == 0 || v.Groups[n-1].Agency != x.AgencyName {
			v.Groups = append(v.Groups, followGroup{Agency: x.AgencyName})
		}
		g := &v.Groups[len(v.Groups)-1]
		g.Rows = append(g.Rows, row)
	}
	v.Filters = ui.FilterView{Action: "/office/follow", Filters: []ui.Filter{filter}, Summary: ft(ctx, "count", errs.P{"n": len(all)})}
	return v, nil
}

func (p *Follow) row(ctx context.Context, x directory.Pending) (followRow, error) {
	l := i18n.From(ctx)
	it, err := p.c.Items.Item(ctx, x.Item)
	if err != nil {
		return followRow{}, err
	}
	row := followRow{
		Item: x.Item, Name: x.Name, Base: x.Is.Code + " " + x.Is.Name, BaseHref: "/office/directory/" + x.Is.Code + "/history", Due: x.Due, Late: x.Late, Version: x.Is.Version,
		From: ft(ctx, "follow_from", errs.P{"was": x.On(), "is": x.Is.Version}), Ended: x.Is.State == directory.Cancelled, Mine: p.mine(ctx, x.Adopter),
		Change: "/office/changes/new?" + url.Values{"item": {x.Item}, "follow": {"1"}}.Encode(),
	}
	for _, d := range directory.Diff(l, x.Was, x.Is) {
		row.Diff = append(row.Diff, ui.DiffRow{Label: d.Label(l), Old: d.Old, New: d.New})
	}
	for _, c := range directory.Contradicts(x.Is, &it) {
		row.Against = append(row.Against, i18n.In(l, c.Key, c.Params))
	}
	return row, nil
}

// mine reports whether who asks may act for an item: one of the own agency, or of the own region and below.
func (p *Follow) mine(ctx context.Context, a directory.Adopter) bool {
	who := authz.From(ctx)
	return who.May(authz.CatalogEdit) && (who.AgencyID == a.Agency || who.Region != "" && p.c.Offices.Within(ctx, a.Region, who.Region))
}

// confirm notes that an item stands although its base changed.
func (p *Follow) confirm(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	it, err := p.c.Items.Item(ctx, form.Get("item"))
	if err != nil {
		return err
	}
	version, _ := strconv.Atoi(form.Get("version")) // 0 is no version and is refused as a conflict
	err = p.c.Directory.Confirm(ctx, authz.From(ctx), &it, it.Region, version, form.Get("reason"))
	if err == nil {
		return web.SeeOther(w, r, "/office/follow?done=1")
	}
	e := errs.As(err)
	if e == nil || len(e.Fields) == 0 {
		return err
	}
	v, viewErr := p.view(ctx, url.Values{})
	if viewErr != nil {
		return viewErr
	}
	for g := range v.Groups {
		for i := range v.Groups[g].Rows {
			if row := &v.Groups[g].Rows[i]; row.Item == it.Key {
				row.Error = i18n.T(ctx, e.Fields[0].Key, e.Fields[0].Params)
				v.Page.Errors = []ui.ErrorItem{{Field: "reason-" + it.Key, Text: row.Error}}
			}
		}
	}
	return web.RenderStatus(w, r, http.StatusUnprocessableEntity, followPage(v))
}
