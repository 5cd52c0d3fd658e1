package designweb

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/packfile"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/catalog/item"
	"tongban/internal/domain/catalog/rule"
	"tongban/internal/domain/design"
)

type checkView struct {
	Page   ui.PageView
	ID     string
	Good   bool
	Table  ui.TableView
	Advice ui.TableView
	Score  string
	Away   string // why it cannot be checked now
}

func (h *Handler) check(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	o, err := h.opened(r)
	if err != nil {
		return err
	}
	c := o.Change
	v := checkView{Page: h.page(ctx, c, t(ctx, "design.task_check")), ID: c.ID}
	ps, err := h.design.Check(ctx, actor(r), c.ID)
	if e := errs.As(err); e != nil && e.Kind == errs.Conflict {
		v.Away, err = t(ctx, e.Key, e.Params), nil
	}
	if err != nil {
		return err
	}
	v.Good = len(ps) == 0 && v.Away == ""
	v.Table = ui.TableView{Caption: t(ctx, "design.check_findings", errs.P{"n": len(ps)}), Columns: []ui.Column{{Label: t(ctx, "design.col_what")}, {Label: t(ctx, "design.col_remedy")}, {Label: t(ctx, "design.col_where")}}}
	for _, p := range ps {
		v.Table.Rows = append(v.Table.Rows, []ui.Cell{{Text: problemText(r, p)}, {Text: remedyText(ctx, p)}, {Text: h.placeName(ctx, p), Href: h.placeHref(o, p)}})
	}
	if o.Has {
		h.advise(ctx, o, &v)
	}
	return web.Render(w, r, checkPage(v))
}

// advise adds what the rules advise without forbidding to publish.
func (h *Handler) advise(ctx context.Context, o opened, v *checkView) {
	found, score, shown := h.hints(ctx, &o.Item)
	if !shown {
		return
	}
	l := i18n.From(ctx)
	v.Score = t(ctx, "design.score", errs.P{"n": score})
	v.Advice = ui.TableView{Caption: t(ctx, "design.check_advice"), Columns: []ui.Column{{Label: t(ctx, "design.col_what")}, {Label: t(ctx, "design.col_remedy")}, {Label: t(ctx, "design.col_where")}}}
	for _, x := range found {
		if x.Level != rule.Block {
			v.Advice.Rows = append(v.Advice.Rows, []ui.Cell{{Text: x.Text(l)}, {Text: x.Remedy(l)}, {Text: x.Place(l), Href: itemHref(o.Change.ID, x.At())}})
		}
	}
}

// placeHref leads to where a finding is mended.
func (h *Handler) placeHref(o opened, p packfile.Problem) string {
	id := o.Change.ID
	if p.Key == "design.outdated" {
		return outdatedHref(id, p.File)
	}
	k, key := design.KindOf(p.File)
	switch {
	case k == design.ItemFile && o.Has && p.File == o.File.Path:
		return itemHref(id, p.Pointer)
	case k == design.SampleFile:
		return changeHref(id, "samples")
	case k == design.OtherFile:
		return changeHref(id)
	}
	return h.definitionHref(id, design.File{Path: p.File, Kind: k, Key: key})
}

// itemHref leads to the question or row a pointer into an item means.
func itemHref(id, pointer string) string {
	if pointer == "/flow" || pointer == "/form" {
		return changeHref(id)
	}
	for _, c := range item.Children {
		if rest, ok := under(pointer, c.Pointer); ok {
			if n, _, _ := strings.Cut(rest, "/"); n != "" {
				if _, err := strconv.Atoi(n); err == nil {
					return changeHref(id, "rows", c.Key, n)
				}
			}
			return changeHref(id, "rows", c.Key)
		}
	}
	best := item.Element{}
	for _, e := range item.Elements {
		if _, ok := under(pointer, e.At()); ok && (best.Key == "" || len(e.At()) > len(best.At())) {
			best = e
		}
	}
	if best.Key == "" {
		i := slices.IndexFunc(item.Elements, func(e item.Element) bool { _, ok := under(e.At(), pointer); return ok })
		if i < 0 {
			return changeHref(id, "item", item.Groups[0]) + "?check=1"
		}
		best = item.Elements[i]
	}
	return changeHref(id, "item", best.Group) + "?check=1#" + ui.FieldID(inputOf(best))
}

// under reports whether a pointer is another or lies below it, and gives what follows.
func under(pointer, above string) (rest string, ok bool) {
	if above == "" {
		return "", false
	}
	if pointer == above {
		return "", true
	}
	rest, ok = strings.CutPrefix(pointer, above+"/")
	return rest, ok
}

// placeName says where a finding is.
func (h *Handler) placeName(ctx context.Context, p packfile.Problem) string {
	k, key := design.KindOf(p.File)
	name := p.File
	if k != design.OtherFile && k != design.SampleFile {
		name = t(ctx, "design.task_"+kindText(k)) + " " + key
	}
	if k == design.ItemFile {
		if e, ok := elementAt(p.Pointer); ok {
			return name + " › " + e
		}
	}
	if p.Pointer != "" {
		name += " " + p.Pointer
	}
	return name
}

func elementAt(pointer string) (string, bool) {
	for _, e := range item.Elements {
		if e.At() == pointer {
			return e.Chinese, true
		}
	}
	return "", false
}

// remedyText says how to mend a finding, where its own words do not say it already.
func remedyText(ctx context.Context, p packfile.Problem) string {
	if key := p.Key + "_remedy"; i18n.Has(key) {
		return t(ctx, key, p.Params)
	}
	return ""
}

// kindText is the name of a kind's task.
func kindText(k design.Kind) string {
	if k == design.ItemFile {
		return "item"
	}
	return string(k)
}
