package designweb

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/packfile"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/catalog/item"
	"tongban/internal/domain/design"
)

// addView is the small form that makes a new definition.
type addView struct {
	Kind      design.Kind
	Key, Hint string
	Acts      []ui.Option // what a paper documents
	Submit    string
}

type overviewView struct {
	Page    ui.PageView
	ID      string
	Facts   []ui.KVRow
	Tasks   []taskView
	Adds    []addView
	History ui.TableView
	Acts    []ui.Act
	Note    string // why it came back
	Saved   bool
	Clashes []string
}

func (h *Handler) overview(w http.ResponseWriter, r *http.Request) error {
	return h.showOverview(w, r, http.StatusOK, nil)
}

func (h *Handler) showOverview(w http.ResponseWriter, r *http.Request, status int, wrong *errs.E) error {
	ctx, a := r.Context(), actor(r)
	o, err := h.opened(r)
	if err != nil {
		return err
	}
	c := o.Change
	steps, err := h.design.History(ctx, a, c.ID)
	if err != nil {
		return err
	}
	v := overviewView{ID: c.ID, Page: ui.PageView{Title: c.Title, Eyebrow: t(ctx, "design.act_"+string(c.Act)), Wide: true, Crumbs: listCrumbs(ctx, c.Title)}, Saved: r.URL.Query().Has("saved")}
	if v.Facts, err = h.factsOf(ctx, a, c); err != nil {
		return err
	}
	v.History = h.history(ctx, steps)
	if n := len(steps); n > 0 && c.State == design.Draft && steps[n-1].Act == "refuse" || n > 0 && steps[n-1].Act == "failed" {
		v.Note = steps[n-1].Reason
	}
	if c.Act == design.Publish {
		fs, err := h.design.Files(ctx, a, c.ID)
		if err != nil {
			return err
		}
		ps, err := h.design.Check(ctx, a, c.ID)
		if err != nil && errs.KindOf(err) != errs.Conflict {
			return err
		}
		v.Tasks = h.tasks(ctx, o, fs, ps)
		if o.May && o.Has {
			v.Adds = h.adds(ctx, o.Item, fs)
		}
		if c.Reason != "" {
			v.Clashes = strings.Split(c.Reason, "\n")
		}
	}
	v.Acts = acts(ctx, a, c)
	if wrong != nil {
		mark(ctx, &v.Page, nil, wrong)
	}
	return web.RenderStatus(w, r, status, overviewPage(v))
}

func (h *Handler) facts(ctx context.Context, c design.Change) []ui.KVRow {
	rows := []ui.KVRow{
		{Key: t(ctx, "design.col_state"), Value: t(ctx, "design.state_"+string(c.State))},
		{Key: t(ctx, "design.col_agency"), Value: h.agencyName(ctx, c.Agency)},
		{Key: t(ctx, "design.col_author"), Value: h.staffName(ctx, c.Author)},
	}
	if c.Act == design.Publish {
		rows = append(rows, ui.KVRow{Key: t(ctx, "design.col_pack"), Value: cmp.Or(c.PackName, c.Pack)})
	}
	if c.Second != "" {
		rows = append(rows, ui.KVRow{Key: t(ctx, "design.col_second"), Value: h.staffName(ctx, c.Second)})
	}
	if c.Legal != "" {
		rows = append(rows, ui.KVRow{Key: t(ctx, "design.col_legal"), Value: h.staffName(ctx, c.Legal)})
	}
	if !c.Effective.IsZero() {
		rows = append(rows, ui.KVRow{Key: t(ctx, "design.col_effective"), Value: stamp(c.Effective), Num: true})
	}
	return rows
}

func (h *Handler) history(ctx context.Context, steps []design.Step) ui.TableView {
	v := ui.TableView{Caption: t(ctx, "design.history"), Columns: []ui.Column{
		{Label: t(ctx, "design.col_when")}, {Label: t(ctx, "design.col_who")}, {Label: t(ctx, "design.col_what")}, {Label: t(ctx, "design.col_note")},
	}}
	for _, s := range slices.Backward(steps) {
		v.Rows = append(v.Rows, []ui.Cell{{Text: stamp(s.At)}, {Text: h.staffName(ctx, s.By)}, {Text: t(ctx, "design.step_"+s.Act)}, {Text: s.Reason}})
	}
	return v
}

// taskView is one part of a change: Mark says in a word where it stands.
type taskView struct {
	Label, Href, Note, Mark string
	Tone                    ui.Tone
}

// tasks are the parts of a change, each with what is left to do.
func (h *Handler) tasks(ctx context.Context, o opened, fs []design.File, ps []packfile.Problem) []taskView {
	c := o.Change
	in := func(k design.Kind, pointers ...string) int {
		n := 0
		for _, p := range ps {
			if kind, _ := design.KindOf(p.File); kind != k {
				continue
			}
			if len(pointers) == 0 || slices.ContainsFunc(pointers, func(at string) bool { return at == p.Pointer || strings.HasPrefix(p.Pointer, at+"/") }) {
				n++
			}
		}
		return n
	}
	var out []taskView
	add := func(key, href string, wrong int, there bool) *taskView {
		k := taskView{Label: t(ctx, "design.task_"+key), Href: href}
		switch {
		case wrong > 0 && there:
			k.mark(ctx, "wrong", ui.Bad)
			k.Note = t(ctx, "design.task_wrong", errs.P{"n": wrong})
		case wrong > 0:
			k.mark(ctx, "open", ui.Warn)
		case there:
			k.mark(ctx, "done", ui.Success)
		case c.Open():
			k.mark(ctx, "optional", ui.Neutral)
		default:
			k.mark(ctx, "none", ui.Neutral)
		}
		out = append(out, k)
		return &out[len(out)-1]
	}
	if o.Has {
		rest := in(design.ItemFile) - in(design.ItemFile, "/scenario", "/materials")
		add("item", changeHref(c.ID, "item", item.Groups[0]), rest, true)
		add("scenario", scenarioHref(c.ID, o.Item.Key), in(design.ItemFile, "/scenario"), len(o.Item.Scenario) > 0)
		add("materials", changeHref(c.ID, "rows", "materials"), in(design.ItemFile, "/materials"), len(o.Item.Materials) > 0)
	}
	for _, k := range designed {
		there := false
		for _, f := range fs {
			if f.Kind == k && (f.Own() || o.Has && used(o.Item, k, f.Key)) {
				there = true
				add(string(k), definitionHref(c.ID, f), wrongIn(ps, f.Path), true).Label += "：" + design.Title(f)
			}
		}
		if !there {
			x := add(string(k), "", in(design.ItemFile, namedAt[k]), false)
			if x.Note = t(ctx, "design.task_none"); c.Open() {
				x.Href = changeHref(c.ID) + "#add-" + string(k)
			}
		}
	}
	add("files", changeHref(c.ID, "samples"), 0, slices.ContainsFunc(fs, func(f design.File) bool {
		return f.Kind == design.SampleFile && (f.Own() || o.Has && o.Item.Names(f.Path))
	}))
	add("check", changeHref(c.ID, "check"), len(ps), true)
	return append(out, sending(ctx, c, fs, ps))
}

// namedAt is where an item names its definitions of a kind.
var namedAt = map[design.Kind]string{design.FormFile: "/form", design.FlowFile: "/flow", design.PaperFile: "/papers", design.LicenceFile: "/result/licence_type", design.TableFile: "/tables"}

func (k *taskView) mark(ctx context.Context, mark string, tone ui.Tone) {
	k.Mark, k.Tone = t(ctx, "design.mark_"+mark), tone
}

// sending is the last task: where the change stands on its way to being published.
func sending(ctx context.Context, c design.Change, fs []design.File, ps []packfile.Problem) taskView {
	v := taskView{Label: t(ctx, "design.task_review"), Href: changeHref(c.ID, "review"), Mark: t(ctx, "design.state_"+string(c.State)), Tone: tones[c.State]}
	if c.State != design.Draft {
		return v
	}
	v.mark(ctx, "send", ui.Neutral)
	switch {
	case unaltered(c, fs):
		v.Note = t(ctx, "design.task_same")
	case len(ps) > 0:
		v.Note = t(ctx, "design.task_blocked")
	}
	return v
}

// unaltered reports whether a draft says in all its files what is published, so that there is nothing to send.
func unaltered(c design.Change, fs []design.File) bool {
	return c.Open() && !slices.ContainsFunc(fs, design.File.Alters)
}

// scenarioHref leads to the scenario designer.
func scenarioHref(id, key string) string {
	return changeHref(id, string(design.ItemFile), key, "scenario")
}

func wrongIn(ps []packfile.Problem, path string) int {
	n := 0
	for _, p := range ps {
		if p.File == path {
			n++
		}
	}
	return n
}

func used(it item.Item, k design.Kind, key string) bool {
	switch k {
	case design.FormFile:
		return it.Form == key
	case design.FlowFile:
		return it.Flow == key
	case design.LicenceFile:
		return it.Result.LicenceType == key
	case design.TableFile:
		return slices.Contains(it.Tables, key)
	case design.PaperFile:
		for _, p := range it.Papers {
			if p == key {
				return true
			}
		}
	}
	return false
}

// adds offers new definitions: one form and one flow, one licence, and any number of papers and rule tables.
func (h *Handler) adds(ctx context.Context, it item.Item, fs []design.File) []addView {
	keys := map[design.Kind]string{design.FormFile: strings.ReplaceAll(it.Key, "-", "_"), design.FlowFile: strings.ReplaceAll(it.Key, "-", "_"), design.PaperFile: "grant-" + it.Key, design.LicenceFile: it.Key, design.TableFile: it.Key}
	var out []addView
	for _, k := range designed {
		many := k == design.PaperFile || k == design.TableFile
		if !many && slices.ContainsFunc(fs, func(f design.File) bool { return f.Kind == k && used(it, k, f.Key) }) {
			continue
		}
		v := addView{Kind: k, Submit: t(ctx, "design.add_"+string(k)), Key: keys[k], Hint: t(ctx, "design.bad_key_"+string(k))}
		if slices.ContainsFunc(fs, func(f design.File) bool { return f.Kind == k && f.Key == v.Key }) {
			v.Key = ""
		}
		if k == design.PaperFile {
			for _, act := range item.PaperActs {
				v.Acts = append(v.Acts, ui.Option{Value: act, Label: t(ctx, "design.paper_"+act)})
			}
		}
		out = append(out, v)
	}
	return out
}

// add makes a new definition with a first text.
func (h *Handler) add(w http.ResponseWriter, r *http.Request) error {
	ctx, a := r.Context(), actor(r)
	q, err := web.Form(r)
	if err != nil {
		return err
	}
	k, key := design.Kind(q.Get("kind")), strings.TrimSpace(q.Get("key"))
	err = h.design.Add(ctx, a, idOf(r), k, key, q.Get("act"))
	if e := errs.As(err); e != nil && e.Kind == errs.Invalid {
		return h.showOverview(w, r, http.StatusUnprocessableEntity, e)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, definitionHref(idOf(r), design.File{Path: k.Path(key), Kind: k, Key: key}))
}

// acts is what the actor may do with the change as a whole from the overview.
func acts(ctx context.Context, a authz.Actor, c design.Change) []ui.Act {
	var out []ui.Act
	post := func(act string, kind ui.ButtonKind) {
		out = append(out, ui.Act{Label: t(ctx, "design.do_"+act), Action: changeHref(c.ID, act), Kind: kind, Confirm: t(ctx, "design.ask_"+act)})
	}
	out = append(out, ui.Act{Label: t(ctx, "design.do_review"), Href: changeHref(c.ID, "review"), Kind: ui.Primary})
	if !a.May(authz.CatalogEdit) || c.Ended() {
		return out
	}
	if c.State != design.Draft {
		post("back", ui.Secondary)
	}
	post("drop", ui.Secondary)
	return out
}
