package casesweb

import (
	"context"
	"net/http"
	"slices"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/cases"
)

// Prechecking is a pre-review before anything is applied for (预审), and what is put right on the spot before acceptance (当场更正).
type Prechecking interface {
	AskPrecheck(ctx context.Context, a authz.Actor, id string, version int64, note string) (cases.Case, error)
	TakeBackPrecheck(ctx context.Context, a authz.Actor, id string, version int64) (cases.Case, error)
	AnswerPrecheck(ctx context.Context, a authz.Actor, id string, version int64, in cases.Precheck) (cases.Case, error)
	CorrectOnTheSpot(ctx context.Context, a authz.Actor, id string, version int64, in cases.Spot) (cases.Case, error)
}

// precheckView is the page on which a pre-review is asked for.
type precheckView struct {
	Detail cases.Detail
	Note   string
	Errors []ui.ErrorItem
}

func (h handlers) precheckPage(w http.ResponseWriter, r *http.Request, d cases.Detail) error {
	if !slices.Contains(d.May, cases.ActAskPrecheck) {
		return web.SeeOther(w, r, draftHref(d.ID))
	}
	return web.Render(w, r, precheckPage(precheckView{Detail: d}))
}

func (h handlers) precheck(w http.ResponseWriter, r *http.Request, d cases.Detail) error {
	ctx := r.Context()
	f, err := web.Form(r)
	if err != nil {
		return err
	}
	_, err = h.Cases.AskPrecheck(ctx, authz.From(ctx), d.ID, posted(f, d), f.Get("note"))
	if e := errs.As(err); e != nil && (e.Kind == errs.Invalid || e.Kind == errs.Conflict) {
		v := precheckView{Detail: d, Note: f.Get("note"), Errors: errorItems(ctx, refused(e))}
		return web.RenderStatus(w, r, web.StatusOf(err), precheckPage(v))
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, caseHref(d.ID)+"?done=pre_review_asked")
}

func (h handlers) takeBackPrecheck(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f, err := web.Form(r)
	if err != nil {
		return err
	}
	d, err := h.own(r)
	if err != nil {
		return err
	}
	_, err = h.Cases.TakeBackPrecheck(ctx, authz.From(ctx), d.ID, posted(f, d))
	if err != nil && errs.KindOf(err) != errs.Conflict { // answered meanwhile: the draft is back already
		return err
	}
	return web.SeeOther(w, r, draftHref(d.ID)+"?done=pre_review_taken_back")
}

// advised gives the newest advice on a draft; ok is false where none was asked for, or none has come.
func advised(d cases.Detail) (cases.Precheck, bool) {
	if n := len(d.Prechecks); n > 0 && !d.Prechecks[n-1].At.IsZero() {
		return d.Prechecks[n-1], true
	}
	return cases.Precheck{}, false
}

// advice gives the places of the newest advice, for the pages on which they are filled in.
func advice(ctx context.Context, d cases.Detail) []defectView {
	p, ok := advised(d)
	if !ok || d.State != cases.Draft {
		return nil
	}
	out := defectViews(ctx, d, p.Defects)
	for i := range out {
		out[i].Advice = true
	}
	return out
}

// spotRows are what was put right on the spot: what was, and what is.
func spotRows(ctx context.Context, x cases.Spot) []ui.DiffRow {
	var out []ui.DiffRow
	for _, c := range x.Changes {
		out = append(out, ui.DiffRow{Label: c.Label, Old: c.Old, New: c.New})
	}
	return out
}

func spotHow(ctx context.Context, x cases.Spot) string {
	return t(ctx, "spot_how", errs.P{"time": when(x.At), "how": i18n.Key("cases.spot_way_" + x.How)})
}
