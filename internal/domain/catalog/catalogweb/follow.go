package catalogweb

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

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
	Pager   ui.PagerView
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

// mostWalked is how many items that have to follow are counted: more is said to be more.
const mostWalked = 2000

// walk gives the items that have to follow in the order of their bases and keys, behind a place (base and item with a blank between them), until take
// wants no more.
func (p *Follow) walk(ctx context.Context, after string, take func(directory.Pending) bool) error {
	bases, err := p.c.Directory.Moved(ctx)
	if err != nil {
		return err
	}
	first, item, _ := strings.Cut(after, " ")
	for _, b := range bases {
		if b.Code < first {
			continue
		}
		last := ""
		if b.Code == first {
			last = item
		}
		if more, err := p.walkBase(ctx, b, last, take); err != nil || !more {
			return err
		}
	}
	return nil
}

func (p *Follow) walkBase(ctx context.Context, b directory.Base, after string, take func(directory.Pending) bool) (more bool, err error) {
	for {
		page, err := p.c.Items.Adopters(ctx, b.Code, after, 500)
		if err != nil {
			return false, err
		}
		found, err := p.c.Directory.Pending(ctx, b, page)
		if err != nil {
			return false, err
		}
		for _, x := range found {
			if !take(x) {
				return false, nil
			}
		}
		if len(page) < 500 {
			return true, nil
		}
		after = page[len(page)-1].Item
	}
}

// Mine counts the items that who asks may act for and that have to follow; more says that there are more than were counted.
func (p *Follow) Mine(ctx context.Context) (n int, more bool, err error) {
	walked := 0
	err = p.walk(ctx, "", func(x directory.Pending) bool {
		if walked++; walked > mostWalked {
			more = true
			return false
		}
		if p.mine(ctx, x.Adopter) {
			n++
		}
		return true
	})
	return n, more, err
}

// wanted narrows the items that have to follow.
type wanted struct {
	agency string
	mine   bool
}

func (p *Follow) takes(ctx context.Context, w wanted, x directory.Pending) bool {
	return (w.agency == "" || x.Agency == w.agency) && (!w.mine || p.mine(ctx, x.Adopter))
}

// offices counts the items that are wanted and names the agencies that have any.
func (p *Follow) offices(ctx context.Context, w wanted) (n int, more bool, agencies []ui.Option, err error) {
	seen := map[string]bool{}
	walked := 0
	err = p.walk(ctx, "", func(x directory.Pending) bool {
		if walked++; walked > mostWalked {
			more = true
			return false
		}
		if !seen[x.Agency] {
			seen[x.Agency] = true
			agencies = append(agencies, ui.Option{Value: x.Agency, Label: x.AgencyName})
		}
		if p.takes(ctx, w, x) {
			n++
		}
		return true
	})
	slices.SortFunc(agencies, func(a, b ui.Option) int { return cmp.Compare(a.Label, b.Label) })
	return n, more, agencies, err
}

func (p *Follow) view(ctx context.Context, q url.Values) (followView, error) {
	v := followView{Page: ui.PageView{Title: ft(ctx, "follow_title"), Lead: ft(ctx, "follow_lead"), Wide: true, Crumbs: []ui.Crumb{{Label: ft(ctx, "title"), Href: "/office/directory"}, {Label: ft(ctx, "follow_title")}}}}
	w := wanted{q.Get("agency"), q.Get("whose") == "mine"}
	n, more, agencies, err := p.offices(ctx, w)
	if err != nil {
		return v, err
	}
	var page []directory.Pending
	err = p.walk(ctx, q.Get("after"), func(x directory.Pending) bool {
		if p.takes(ctx, w, x) {
			page = append(page, x)
		}
		return len(page) <= mostFollow
	})
	if err != nil {
		return v, err
	}
	if len(page) > mostFollow {
		page = page[:mostFollow]
		last := page[mostFollow-1]
		v.Pager.NextHref = followHref(q, last.Is.Code+" "+last.Item)
	}
	if q.Get("after") != "" {
		v.Pager.PrevHref, v.Pager.Summary = followHref(q, ""), t(ctx, "further")
	}
	if err := p.groups(ctx, &v, page); err != nil {
		return v, err
	}
	key := "count"
	if more {
		key = "follow_at_least"
	}
	v.Filters = ui.FilterView{Action: "/office/follow", Summary: ft(ctx, key, errs.P{"n": n}), Filters: []ui.Filter{
		{Name: "whose", Label: ft(ctx, "follow_whose"), Value: q.Get("whose"), Options: []ui.Option{{Value: "mine", Label: ft(ctx, "follow_mine")}}},
		{Name: "agency", Label: ft(ctx, "agency"), Value: w.agency, Options: agencies},
	}}
	return v, nil
}

func followHref(q url.Values, after string) string {
	out := url.Values{}
	for _, k := range []string{"whose", "agency"} {
		if q.Get(k) != "" {
			out.Set(k, q.Get(k))
		}
	}
	if after != "" {
		out.Set("after", after)
	}
	if len(out) == 0 {
		return "/office/follow"
	}
	return "/office/follow?" + out.Encode()
}

// groups puts the items of a page by agency.
func (p *Follow) groups(ctx context.Context, v *followView, page []directory.Pending) error {
	slices.SortStableFunc(page, func(a, b directory.Pending) int {
		return cmp.Or(cmp.Compare(a.Region, b.Region), cmp.Compare(a.Agency, b.Agency), cmp.Compare(a.Due, b.Due), cmp.Compare(a.Item, b.Item))
	})
	for _, x := range page {
		row, err := p.row(ctx, x)
		if err != nil {
			return err
		}
		if n := len(v.Groups); n == 0 || v.Groups[n-1].Agency != x.AgencyName {
			v.Groups = append(v.Groups, followGroup{Agency: x.AgencyName})
		}
		g := &v.Groups[len(v.Groups)-1]
		g.Rows = append(g.Rows, row)
	}
	return nil
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
