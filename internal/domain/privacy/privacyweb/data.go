package privacyweb

import (
	"bytes"
	"context"
	"net/http"
	"net/url"

	"tongban/internal/base/errs"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/privacy"
)

type dataView struct {
	Number ui.MaskedView
	Known  bool // the number is known
	Remask string
	Ready  bool // the person has just proved who they are
	problems
}

func (h handlers) dataView(r *http.Request) (dataView, error) {
	ctx := r.Context()
	masked, err := h.s.MaskedNumber(ctx, actor(r))
	v := dataView{Known: masked != "", Ready: r.URL.Query().Get("ready") != ""}
	v.Number = ui.MaskedView{Label: t(ctx, "privacy.number"), Masked: masked, Action: "/my/data/number", Reasons: reasons(ctx, privacy.OwnReasons)}
	return v, err
}

func reasons(ctx context.Context, keys []string) []ui.Option {
	out := make([]ui.Option, 0, len(keys))
	for _, k := range keys {
		out = append(out, ui.Option{Value: k, Label: t(ctx, "privacy.reason_"+k)})
	}
	return out
}

func (h handlers) data(w http.ResponseWriter, r *http.Request) error {
	v, err := h.dataView(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, dataPage(v))
}

// number shows the number on the answer to the form only, for a minute.
func (h handlers) number(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Form(r)
	if err != nil {
		return err
	}
	v, err := h.dataView(r)
	if err != nil {
		return err
	}
	number, err := h.s.RevealNumber(r.Context(), actor(r), actor(r).PersonID, f.Get("reason"))
	if p, ok := explain(r.Context(), err); ok {
		v.problems = p
		return web.RenderStatus(w, r, web.StatusOf(err), dataPage(v))
	}
	if err != nil {
		return err
	}
	v.Number.Plain, v.Remask = number, "/my/data"
	return web.Render(w, r, dataPage(v))
}

// fresh leads through a new proof of who the person is and back; true means that the answer is given.
func (h handlers) fresh(w http.ResponseWriter, r *http.Request, back string) (bool, error) {
	if h.s.Fresh(actor(r)) == nil {
		return false, nil
	}
	return true, web.SeeOther(w, r, "/sign-in/step-up?"+url.Values{"fresh": {"1"}, "next": {back}}.Encode())
}

func (h handlers) export(w http.ResponseWriter, r *http.Request) error {
	if asked, err := h.fresh(w, r, "/my/data?ready=1"); asked {
		return err
	}
	doc, err := h.s.Export(r.Context(), actor(r))
	if err != nil {
		return err
	}
	return web.File(w, t(r.Context(), "privacy.export_name", errs.P{"site": h.SiteName, "date": day(h.Now())})+".json", "application/json", false, bytes.NewReader(doc))
}

type eraseView struct {
	Remains []string
	problems
}

func (h handlers) eraseView(r *http.Request) (eraseView, error) {
	rs, err := h.s.Remains(r.Context(), actor(r))
	var v eraseView
	for _, x := range rs {
		v.Remains = append(v.Remains, t(r.Context(), x.Key, errs.P{"n": x.N}))
	}
	return v, err
}

func (h handlers) erasePage(w http.ResponseWriter, r *http.Request) error {
	if asked, err := h.fresh(w, r, "/my/data/erase"); asked {
		return err
	}
	v, err := h.eraseView(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, erasePage(v))
}

func (h handlers) erase(w http.ResponseWriter, r *http.Request) error {
	if asked, err := h.fresh(w, r, "/my/data/erase"); asked {
		return err
	}
	f, err := web.Form(r)
	if err != nil {
		return err
	}
	if f.Get("sure") != "true" {
		v, err := h.eraseView(r)
		if err != nil {
			return err
		}
		words := t(r.Context(), "privacy.erase_sure_missing")
		v.problems = problems{List: []ui.ErrorItem{{Field: "sure", Text: words}}, at: map[string]string{"sure": words}}
		return web.RenderStatus(w, r, http.StatusUnprocessableEntity, erasePage(v))
	}
	if err := h.s.Erase(r.Context(), actor(r)); err != nil {
		return err
	}
	if h.SignOut != nil {
		if err := h.SignOut(w, r); err != nil {
			return err
		}
	}
	return web.SeeOther(w, r, "/account-ended")
}

func (h handlers) ended(w http.ResponseWriter, r *http.Request) error {
	return web.Render(w, r, endedPage())
}
