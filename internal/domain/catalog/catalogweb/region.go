package catalogweb

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"time"

	"tongban/internal/base/errs"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/org"
)

// regionCookie holds the code of the region a person chose.
const regionCookie = "region"

// near is the region the reader is in: what they chose, else what their account says; "" when it is not known.
func (p *Pages) near(r *http.Request) string {
	if c, err := r.Cookie(regionCookie); err == nil {
		if c.Value == everywhere {
			return ""
		}
		if _, err := p.offices.Region(r.Context(), c.Value); err == nil {
			return c.Value
		}
	}
	if p.homeRegion == nil {
		return ""
	}
	return p.homeRegion(r.Context())
}

// everywhere is the choice of no region.
const everywhere = "all"

// regionView is the chooser: one level of the tree at a time.
type regionView struct {
	Page    ui.PageView
	Back    string
	Chain   []ui.Crumb // from the top to the region that is open
	Open    string     // code of that region, "" at the top
	Name    string
	Below   []tileView
	Chosen  string // name of the region that is chosen now
	HasHome bool
}

// line is how a page says where the reader is and leads to the chooser.
type regionLine struct{ Name, Href string }

func (p *Pages) regionLine(r *http.Request) regionLine {
	code := p.near(r)
	v := regionLine{Href: "/region?under=" + url.QueryEscape(code) + "&back=" + url.QueryEscape(r.URL.RequestURI())}
	if code != "" {
		v.Name = p.regionName(r.Context(), code)
	}
	return v
}

func (p *Pages) regionName(ctx context.Context, code string) string {
	if reg, err := p.offices.Region(ctx, code); err == nil {
		return reg.Name
	}
	return t(ctx, "region_code", errs.P{"code": code})
}

// chain are a region and those above it, from the top.
func (p *Pages) chain(ctx context.Context, code string) []org.Region {
	var out []org.Region
	for range org.Levels {
		reg, err := p.offices.Region(ctx, code)
		if err != nil {
			break
		}
		out = append(out, reg)
		code = reg.Parent
	}
	slices.Reverse(out)
	return out
}

func (p *Pages) region(w http.ResponseWriter, r *http.Request) error {
	ctx, in := r.Context(), r.URL.Query()
	v := regionView{Back: web.LocalPath(cmp.Or(in.Get("back"), "/")), Page: ui.PageView{Title: t(ctx, "region_title"), Lead: t(ctx, "region_lead"), Crumbs: crumbs(ctx, ui.Crumb{Label: t(ctx, "region_title")})}}
	if code := p.near(r); code != "" {
		v.Chosen, v.HasHome = p.regionName(ctx, code), true
	}
	for _, reg := range p.chain(ctx, in.Get("under")) {
		v.Open, v.Name = reg.Code, reg.Name
		v.Chain = append(v.Chain, ui.Crumb{Label: reg.Name, Href: underHref(reg.Code, v.Back)})
	}
	today := p.catalog.Today()
	for _, reg := range p.offices.Regions(ctx) {
		if reg.Parent != v.Open || reg.Retired(today) {
			continue
		}
		n, err := p.catalog.Count(ctx, reg.Code)
		if err != nil {
			return err
		}
		tile := tileView{Href: underHref(reg.Code, v.Back), Name: reg.Name, Foreign: true}
		if n > 0 {
			tile.Note = t(ctx, "n_items", errs.P{"n": n})
		}
		v.Below = append(v.Below, tile)
	}
	return web.Render(w, r, regionPage(v))
}

func underHref(code, back string) string {
	return "/region?under=" + url.QueryEscape(code) + "&back=" + url.QueryEscape(back)
}

// chooseRegion keeps the choice for a year and leads back.
func (p *Pages) chooseRegion(w http.ResponseWriter, r *http.Request) error {
	v, err := web.Form(r)
	if err != nil {
		return err
	}
	code := v.Get("region")
	if code != everywhere {
		if _, err := p.offices.Region(r.Context(), code); err != nil {
			return err
		}
	}
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // Secure wherever the site is reached by https
		Name: regionCookie, Value: code, Path: "/", MaxAge: int((365 * 24 * time.Hour).Seconds()), SameSite: http.SameSiteLaxMode, HttpOnly: true, Secure: p.https,
	})
	return web.SeeOther(w, r, v.Get("back"))
}

// nearHref adds the reader's region to the address of a list.
func nearHref(href, near string) string {
	if near == "" {
		return href
	}
	return href + "&near=" + url.QueryEscape(near)
}
