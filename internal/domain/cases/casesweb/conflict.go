package casesweb

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/cases"
	"tongban/internal/engine/form"
)

// conflictView shows what was typed beside what another tab or device stored meanwhile.
type conflictView struct {
	Detail cases.Detail
	View   ui.ConflictView
}

// moved answers a save on a version that is not the newest. If nothing differs it simply goes on.
func (h handlers) moved(w http.ResponseWriter, r *http.Request, d cases.Detail, p page, f url.Values) error {
	ctx, a := r.Context(), authz.From(r.Context())
	mine := p.merged(f)
	c, err := h.Cases.DraftDiff(ctx, a, d.ID, p.patch(mine))
	if err != nil {
		return err
	}
	rows := conflictRows(ctx, c, p.patch(mine))
	if len(rows) == 0 {
		return h.goOn(w, r, d, p, f, mine, c.Version)
	}
	v := conflictView{Detail: d, View: ui.ConflictView{
		Who: t(ctx, "conflict_who"), When: when(d.Updated), Rows: rows, Action: draftHref(d.ID, "conflict"),
		Hidden: append(typed(f), hidden("_page", p.name, "_v", strconv.FormatInt(c.Version, 10))...),
	}}
	return web.RenderStatus(w, r, http.StatusConflict, conflictPage(v))
}

// settle stores what was typed over what was stored, or leaves it. Another save in between shows the page again.
func (h handlers) settle(w http.ResponseWriter, r *http.Request, d cases.Detail) error {
	ctx := r.Context()
	f, err := web.Form(r)
	if err != nil {
		return err
	}
	p, _, err := h.find(ctx, d, f.Get("_page"))
	if err != nil {
		return err
	}
	if f.Get("keep") != "mine" {
		return web.SeeOther(w, r, draftHref(d.ID, p.name))
	}
	p, mine := h.asked(ctx, d, p, f)
	version, err := h.Cases.SaveDraft(ctx, authz.From(ctx), d.ID, posted(f, d), p.patch(mine))
	if errs.Is(err, "cases.draft_moved") {
		return h.moved(w, r, d, p, f)
	}
	if err != nil {
		return err
	}
	return h.goOn(w, r, d, p, f, mine, version)
}

// typed carries a post on as hidden inputs.
func typed(f url.Values) []ui.KV {
	var out []ui.KV
	for name, vs := range f {
		if name == "_v" || name == "_page" || name == "keep" {
			continue
		}
		for _, v := range vs {
			out = append(out, ui.KV{Key: name, Value: v})
		}
	}
	slices.SortStableFunc(out, func(a, b ui.KV) int { return strings.Compare(a.Key, b.Key) })
	return out
}

func conflictRows(ctx context.Context, c cases.DraftConflict, mine cases.Patch) []ui.DiffRow {
	var out []ui.DiffRow
	add := func(cs []form.Change) {
		for _, x := range cs {
			out = append(out, ui.DiffRow{Label: x.Label, Old: x.Old, New: x.New})
		}
	}
	add(c.Scenario)
	add(c.Changes)
	if c.Stored.Contact.Name != mine.Contact.Name {
		out = append(out, ui.DiffRow{Label: t(ctx, "contact_name"), Old: c.Stored.Contact.Name, New: mine.Contact.Name})
	}
	if c.Stored.Contact.Phone != mine.Contact.Phone {
		out = append(out, ui.DiffRow{Label: t(ctx, "contact_phone"), Old: c.Stored.Contact.Phone, New: mine.Contact.Phone})
	}
	return out
}
