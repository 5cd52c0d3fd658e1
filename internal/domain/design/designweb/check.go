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
	Same   bool   // it alters nothing, so it cannot be sent
	Ended  bool   // published or dropped: nothing is checked any more
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
	v.Good, v.Ended = len(ps) == 0 && v.Away == "" && !c.Ended(), c.Ended()
	v.Table = ui.TableView{Caption: t(ctx, "design.check_findings", errs.P{"n": len(ps)}), Columns: []ui.Column{{Label: t(ctx, "design.col_what")}, {Label: t(ctx, "design.col_remedy")}, {Label: t(ctx, "design.col_where")}}}
	in, err := h.places(r, c.ID)
	if err != nil {
		return err
	}
	v.Same = unaltered(c, in.files)
	for _, p := range ps {
		v.Table.Rows = append(v.Table.Rows, []ui.Cell{{Text: in.text(p)}, {Text: remedyText(ctx, p)}, {Text: in.name(ctx, p), Href: h.placeHref(o, p, in.files)}})
	}
	if o.Has && !c.Ended() {
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
func (h *Handler) placeHref(o opened, p packfile.Problem, fs []design.File) string {
	id := o.Change.ID
	if p.Key == "design.outdated" {
		return outdatedHref(id, p.File)
	}
	k, key := design.KindOf(p.File)
	switch {
	case k == design.ItemFile && o.Has && p.File == o.File.Path:
		if rest, _, _ := strings.Cut(strings.TrimPrefix(p.Pointer, "/"), "/"); rest == "trials" || rest == "scenario" {
			return scenarioHref(id, o.Item.Key)
		}
		return itemHref(id, p.Pointer)
	case k == design.SampleFile:
		return changeHref(id, "samples")
	case k == design.OtherFile:
		return changeHref(id)
	}
	f := design.File{Path: p.File, Kind: k, Key: key}
	if i := slices.IndexFunc(fs, func(f design.File) bool { return f.Path == p.File }); i >= 0 {
		f = fs[i]
	}
	return definitionHref(id, f)
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

// places says where findings are, in words.
type places struct {
	words *design.Words
	files []design.File
}

func (h *Handler) places(r *http.Request, id string) (places, error) {
	w, err := h.words(r, id)
	if err != nil {
		return places{}, err
	}
	fs, err := h.design.Files(r.Context(), actor(r), id)
	return places{w, fs}, err
}

// name says where a finding is: the part of the change, what it is called, and the place inside it.
func (s places) name(ctx context.Context, p packfile.Problem) string {
	k, key := design.KindOf(p.File)
	f := design.File{Path: p.File, Kind: k, Key: key}
	if i := slices.IndexFunc(s.files, func(f design.File) bool { return f.Path == p.File }); i >= 0 {
		f = s.files[i]
	}
	name := partTitle(ctx, k, p.File, design.Title(f))
	if at := s.words.Place(f, p.Pointer); at != "" {
		name += " › " + at
	}
	return name
}

// partTitle names a part of a change: what kind it is and what people call it.
func partTitle(ctx context.Context, k design.Kind, path, title string) string {
	switch k {
	case design.OtherFile:
		if path == "pack.yaml" || path == "." {
			return t(ctx, "design.part_pack")
		}
		return path
	case design.SampleFile:
		return t(ctx, "design.task_files") + " › " + title
	}
	return t(ctx, "design.task_"+kindText(k)) + "“" + title + "”"
}

// text says what a finding is, with names in the place of keys.
func (s places) text(p packfile.Problem) string {
	return s.words.Text(p)
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
