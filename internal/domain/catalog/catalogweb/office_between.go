package catalogweb

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/catalog"
	"tongban/internal/engine/clock"
)

// betweenView shows two versions of an item side by side.
type betweenView struct {
	Page           ui.PageView
	Old, New       string // how the columns are called
	Elements, Form []ui.DiffRow
	Flow           []ui.DiffRow
	Same           bool
	Key            string
	Versions       []ui.Option
	From, To       string
	Newer          bool // the newer one is in use
}

// betweenCell leads from a version to what it changed.
func betweenCell(ctx context.Context, key string, all []catalog.VersionInfo, i int) ui.Cell {
	if i+1 >= len(all) {
		return ui.Cell{Text: t(ctx, "first_version")}
	}
	return ui.Cell{Text: t(ctx, "what_changed"), Href: betweenHref(key, all[i+1].Version, all[i].Version)}
}

func betweenHref(key string, a, b int) string {
	return "/office/items/" + url.PathEscape(key) + "/versions/compare?a=" + strconv.Itoa(a) + "&b=" + strconv.Itoa(b)
}

// between compares two versions; without numbers the newest two.
func (p *Pages) between(w http.ResponseWriter, r *http.Request) error {
	ctx, in, key := r.Context(), r.URL.Query(), r.PathValue("key")
	versions, err := p.catalog.Versions(ctx, key)
	if err != nil {
		return err
	}
	if len(versions) == 0 {
		return errs.New(errs.NotFound, "catalog.no_item", errs.P{"key": key})
	}
	a, b := versions[min(1, len(versions)-1)].Version, versions[0].Version
	if in.Has("a") || in.Has("b") {
		a, _ = strconv.Atoi(in.Get("a")) // 0 is no version: not found
		b, _ = strconv.Atoi(in.Get("b"))
	}
	d, err := p.catalog.Between(ctx, key, a, b)
	if err != nil {
		return err
	}
	name := func(it catalog.Item) string {
		return t(ctx, "version_of", errs.P{"n": it.Version, "date": it.Published.In(clock.Shanghai).Format("2006-01-02")})
	}
	v := betweenView{
		Page: ui.PageView{Title: t(ctx, "between_title", errs.P{"name": d.New.Name}), Crumbs: officeCrumbs(ctx, ui.Crumb{Label: d.New.Name, Href: "/office/items/" + url.PathEscape(key)}, ui.Crumb{Label: t(ctx, "difference")})},
		Old:  name(d.Old), New: name(d.New), Key: key, From: strconv.Itoa(d.Old.Version), To: strconv.Itoa(d.New.Version), Form: differenceRows(ctx, d.Form), Flow: differenceRows(ctx, d.Flow),
	}
	for _, x := range versions {
		v.Versions = append(v.Versions, ui.Option{Value: strconv.Itoa(x.Version), Label: t(ctx, "version_of", errs.P{"n": x.Version, "date": x.Published.In(clock.Shanghai).Format("2006-01-02")})})
	}
	l := i18n.From(ctx)
	for _, c := range d.Elements {
		was, is := c.Words(l)
		v.Elements = append(v.Elements, ui.DiffRow{Label: c.Label(l), Old: was, New: is})
	}
	v.Same = len(v.Elements)+len(v.Form)+len(v.Flow) == 0
	return web.Render(w, r, betweenPage(v))
}

// differenceRows writes each property that changed as a line.
func differenceRows(ctx context.Context, all []catalog.Difference) []ui.DiffRow {
	var out []ui.DiffRow
	for _, d := range all {
		name := t(ctx, "piece_"+d.Kind, errs.P{"name": d.Name})
		switch d.What {
		case catalog.Appeared:
			out = append(out, ui.DiffRow{Label: t(ctx, "piece_added", errs.P{"what": name}), New: pieceWords(ctx, d)})
		case catalog.Vanished:
			out = append(out, ui.DiffRow{Label: t(ctx, "piece_removed", errs.P{"what": name}), Old: d.Name})
		default:
			for _, p := range d.Parts {
				out = append(out, ui.DiffRow{Label: name + t(ctx, "colon") + t(ctx, "part_of_"+p.Name), Old: partWords(ctx, d.Kind, p.Name, p.Was), New: partWords(ctx, d.Kind, p.Name, p.Is)})
			}
		}
	}
	return out
}

// pieceWords sums a new piece up in one text.
func pieceWords(ctx context.Context, d catalog.Difference) string {
	s := ""
	for _, p := range d.Parts {
		if s != "" {
			s += t(ctx, "semicolon")
		}
		s += t(ctx, "part_of_"+p.Name) + t(ctx, "colon") + partWords(ctx, d.Kind, p.Name, p.Is)
	}
	return s
}

// partWords names what a definition writes as a code.
func partWords(ctx context.Context, kind, part, value string) string {
	if value == catalog.On {
		return i18n.T(ctx, "ui.yes")
	}
	if part != "kind" || value == "" {
		return value
	}
	key := "catalog.kind_" + map[bool]string{true: "step_", false: ""}[kind == "step"] + value
	if !i18n.Has(key) {
		return value
	}
	return i18n.T(ctx, key)
}
