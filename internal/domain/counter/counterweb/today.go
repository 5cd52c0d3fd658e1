package counterweb

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ident"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/counter"
)

// todayView is the window's page of the day: who is here, and the form for who comes next.
type todayView struct {
	Here, Gone []counter.Visitor
	In         counter.SignIn
	Key        string
	Errors     []errs.Field
	Done       string
	Notes      []counter.Shift
	Shift      *counter.Shift
	Reader     string
	Now        time.Time
	Who        func(string) string
}

func (h handlers) today(w http.ResponseWriter, r *http.Request) error {
	in := counter.SignIn{Kind: counter.Self, Purpose: counter.ToApply}
	if p := r.URL.Query().Get("purpose"); slices.Contains(counter.Purposes, p) {
		in.Purpose = p
	}
	v, err := h.todayView(r, in)
	if err != nil {
		return err
	}
	v.Done = done(r)
	h.allowReader(w)
	return web.Render(w, r, todayPage(v))
}

// done puts what the last act did into words.
func done(r *http.Request) string {
	key := "done_" + r.URL.Query().Get("done")
	if !i18n.Has("counter." + key) {
		return ""
	}
	return t(r.Context(), key, errs.P{"n": r.URL.Query().Get("n")})
}

func (h handlers) todayView(r *http.Request, in counter.SignIn) (todayView, error) {
	ctx, a := r.Context(), actor(r)
	v := todayView{In: in, Key: ident.New(), Reader: h.ReaderURL, Now: h.Now(), Who: func(id string) string { return h.who(ctx, id) }}
	vs, err := h.Counter.Today(ctx, a, "")
	if err != nil {
		return v, err
	}
	for _, x := range vs {
		if x.Ended.IsZero() {
			v.Here = append(v.Here, x)
		} else {
			v.Gone = append(v.Gone, x)
		}
	}
	slices.Reverse(v.Gone)
	if v.Notes, err = h.Counter.Notes(ctx, a); err != nil {
		return v, err
	}
	sh, err := h.Counter.Shift(ctx, a)
	if err == nil {
		v.Shift = &sh
	} else if errs.KindOf(err) != errs.NotFound {
		return v, err
	}
	return v, nil
}

func (h handlers) signIn(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Form(r)
	if err != nil {
		return err
	}
	get := func(name string) string { return strings.TrimSpace(f.Get(name)) }
	in := counter.SignIn{
		Kind: get("kind"), Purpose: get("purpose"), Why: get("why"), Line: get("line"), Nonce: get("nonce"), Card: f.Get("card"), Proof: get("proof"),
		Who: counter.Who{
			Name: get("name"), Number: get("number"), Phone: get("phone"), CreditCode: get("credit_code"), ForName: get("for_name"), ForNumber: get("for_number"),
			Relation: get("relation"), Seen: f.Get("seen") != "",
		},
	}
	switch in.Kind {
	case counter.Firm:
		in.Who.Basis = get("firm_basis")
	case counter.Other:
		in.Who.Basis = get("basis")
	}
	x, err := h.Counter.SignIn(r.Context(), actor(r), get("_key"), in)
	if err == nil {
		if x.Kind == counter.Enquiry {
			return web.SeeOther(w, r, "/window/visitors?done=enquiry")
		}
		return web.SeeOther(w, r, visitorURL(x.ID))
	}
	fs, ok := explain(err)
	if !ok {
		return err
	}
	in.Nonce, in.Card, in.Proof = "", "", ""
	v, lerr := h.todayView(r, in)
	if lerr != nil {
		return lerr
	}
	v.Errors = fs
	h.allowReader(w)
	return web.RenderStatus(w, r, web.StatusOf(err), todayPage(v))
}

// ask gives the page's script a question for the reader.
func (h handlers) ask(w http.ResponseWriter, r *http.Request) error {
	q, err := h.Counter.Ask(r.Context(), actor(r))
	if err != nil {
		return err
	}
	return web.JSON(w, http.StatusOK, q)
}

func options(ctx context.Context, prefix string, values []string) []ui.Option {
	var out []ui.Option
	for _, v := range values {
		out = append(out, ui.Option{Value: v, Label: t(ctx, prefix+v)})
	}
	return out
}

func basisOptions(ctx context.Context, kind string) []ui.Option {
	var out []ui.Option
	for _, b := range cases.Bases[kind] {
		out = append(out, ui.Option{Value: b, Label: i18n.T(ctx, "cases.basis_"+b)})
	}
	return out
}

// called is what a visitor is called in lists: masked, or that they stay anonymous.
func called(ctx context.Context, v counter.Visitor) string {
	switch {
	case v.Kind == counter.Enquiry:
		return t(ctx, "anonymous")
	case v.Name == "":
		return t(ctx, "erased")
	case v.ForName != "":
		return t(ctx, "for", errs.P{"name": v.Name, "for": v.ForName})
	}
	return v.Name
}

func sourceTag(ctx context.Context, v counter.Visitor) ui.TagView {
	tones := map[string]ui.Tone{counter.ByReader: ui.Success, counter.ByWedge: ui.Info, counter.ByHand: ui.Neutral}
	tone := tones[v.Source]
	if tone == "" {
		tone = ui.Neutral
	}
	return ui.TagView{Tone: tone, Text: t(ctx, "source_"+v.Source)}
}

// hereTable lists who waits and who is served.
func (v todayView) hereTable(ctx context.Context) ui.TableView {
	tv := ui.TableView{Caption: t(ctx, "here"), CaptionHide: true, Empty: t(ctx, "here_none"), Columns: []ui.Column{
		{Label: t(ctx, "col_who")}, {Label: t(ctx, "col_purpose")}, {Label: t(ctx, "col_arrived"), Num: true}, {Label: t(ctx, "col_waiting"), Num: true}, {Label: t(ctx, "col_served")},
	}}
	for _, x := range v.Here {
		served := ui.Cell{Tone: ui.Warn, Text: t(ctx, "waiting")}
		if x.ServedBy != "" {
			served = ui.Cell{Text: strings.TrimSpace(v.Who(x.ServedBy) + " " + x.Desk)}
		}
		tv.Rows = append(tv.Rows, []ui.Cell{
			{Text: called(ctx, x), Href: visitorURL(x.ID)}, {Text: t(ctx, "purpose_"+x.Purpose)}, {Text: clockTime(x.Arrived)}, {Text: span(ctx, x.Waiting(v.Now))}, served,
		})
	}
	return tv
}

// goneTable lists who was here.
func (v todayView) goneTable(ctx context.Context) ui.TableView {
	tv := ui.TableView{Caption: t(ctx, "gone"), CaptionHide: true, Empty: t(ctx, "gone_none"), Columns: []ui.Column{
		{Label: t(ctx, "col_who")},
		{Label: t(ctx, "col_purpose")},
		{Label: t(ctx, "col_arrived"), Num: true},
		{Label: t(ctx, "col_waiting"), Num: true},
		{Label: t(ctx, "col_serving"), Num: true},
		{Label: t(ctx, "col_served")},
		{Label: t(ctx, "col_source")},
		{Label: t(ctx, "col_cases"), Num: true},
		{Label: t(ctx, "col_result")},
	}}
	for _, x := range v.Gone {
		tag := sourceTag(ctx, x)
		serving := t(ctx, "not_served")
		if !x.Called.IsZero() {
			serving = span(ctx, x.Serving(v.Now))
		}
		tv.Rows = append(tv.Rows, []ui.Cell{
			{Text: called(ctx, x), Href: visitorURL(x.ID)},
			{Text: t(ctx, "purpose_"+x.Purpose)},
			{Text: clockTime(x.Arrived)},
			{Text: span(ctx, x.Waiting(v.Now))},
			{Text: serving},
			{Text: strings.TrimSpace(v.Who(x.ServedBy) + " " + x.Desk)},
			{Tone: tag.Tone, Text: tag.Text},
			{Text: itoa(x.Cases)},
			{Text: t(ctx, "result_"+x.Result)},
		})
	}
	return tv
}
