package counterweb

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/catalog"
	"tongban/internal/domain/counter"
)

// visitorView is one visitor: what they have open, what they came for, and how the visit goes on.
type visitorView struct {
	counter.Visitor
	Mine     bool // this clerk serves them
	ServedAs string
	Matters  counter.Matters
	Lines    []counter.LineView
	Query    string
	Offers   []catalog.Item
	Outcome  []counter.Done // of the last act on several things
	Errors   []errs.Field
	Done     string
	Rows     []ui.KVRow
}

func (h handlers) visitor(w http.ResponseWriter, r *http.Request) error {
	v, err := h.visitorView(r)
	if err != nil {
		return err
	}
	v.Done = done(r)
	return web.Render(w, r, visitorPage(v))
}

func (h handlers) visitorView(r *http.Request) (visitorView, error) {
	ctx, a, id := r.Context(), actor(r), r.PathValue("id")
	x, err := h.Counter.Visitor(ctx, a, id)
	if err != nil {
		return visitorView{}, err
	}
	v := visitorView{Visitor: x, Mine: x.ServedBy == a.StaffID && x.Ended.IsZero(), ServedAs: h.who(ctx, x.ServedBy), Query: strings.TrimSpace(r.URL.Query().Get("q"))}
	v.Rows = v.rows(ctx, h)
	if v.Lines, err = h.Counter.Lines(ctx, a, id); err != nil {
		return v, err
	}
	if x.Kind == counter.Enquiry || !x.Ended.IsZero() {
		return v, nil
	}
	if v.Matters, err = h.Counter.Matters(ctx, a, id); err != nil {
		return v, err
	}
	v.drop()
	v.Offers, err = h.offers(ctx, r, v)
	return v, err
}

// drop leaves out of what is open what stands among the things of this visit already.
func (v *visitorView) drop() {
	here := func(c cases.Case) bool {
		return slices.ContainsFunc(v.Lines, func(l counter.LineView) bool { return l.CaseID == c.ID && l.Purpose == counter.ToApply })
	}
	v.Matters.Drafts = slices.DeleteFunc(v.Matters.Drafts, here)
	v.Matters.Running = slices.DeleteFunc(v.Matters.Running, here)
}

// offers are the items this clerk may take in and this visit has not begun; beginning one again gives the same case.
func (h handlers) offers(ctx context.Context, r *http.Request, v visitorView) ([]catalog.Item, error) {
	p, err := h.Items.Search(ctx, catalog.Query{Text: v.Query, Online: catalog.OnlineFull, Limit: 100})
	if err != nil {
		return nil, err
	}
	var out []catalog.Item
	for _, it := range p.Items {
		if !it.Applicable() || !fits(v.Kind, it) || slices.ContainsFunc(v.Lines, func(l counter.LineView) bool { return l.Case.ItemKey == it.Key && l.Purpose == counter.ToApply }) {
			continue
		}
		ok, err := h.Cases.Takes(ctx, actor(r), it)
		if err != nil {
			return nil, err
		}
		if ok {
			out = append(out, it)
		}
	}
	return out, nil
}

// fits reports whether the visitor's kind of applicant may apply for an item; the code 1 of 服务对象 is 自然人.
func fits(kind string, it catalog.Item) bool {
	person := slices.Contains(it.Audience, "1")
	if kind == counter.Firm {
		return !person || len(it.Audience) > 1
	}
	return person
}

func (v visitorView) rows(ctx context.Context, h handlers) []ui.KVRow {
	rows := []ui.KVRow{{Key: t(ctx, "col_who"), Value: called(ctx, v.Visitor)}}
	if v.Number != "" {
		rows = append(rows, ui.KVRow{Key: t(ctx, "number"), Value: v.Number, Num: true})
	}
	rows = append(rows, ui.KVRow{Key: t(ctx, "col_source"), Value: t(ctx, "source_"+v.Source)}, ui.KVRow{Key: t(ctx, "col_purpose"), Value: t(ctx, "purpose_"+v.Purpose)})
	if v.Why != "" {
		rows = append(rows, ui.KVRow{Key: t(ctx, "why"), Value: v.Why})
	}
	rows = append(rows, ui.KVRow{Key: t(ctx, "col_arrived"), Value: minute(v.Arrived), Num: true}, ui.KVRow{Key: t(ctx, "col_waiting"), Value: span(ctx, v.Waiting(h.Now()))})
	if !v.Called.IsZero() {
		rows = append(rows, ui.KVRow{Key: t(ctx, "col_serving"), Value: span(ctx, v.Serving(h.Now()))}, ui.KVRow{Key: t(ctx, "col_served"), Value: strings.TrimSpace(v.ServedAs + " " + v.Desk)})
	}
	if v.Result != "" {
		rows = append(rows, ui.KVRow{Key: t(ctx, "col_result"), Value: t(ctx, "result_"+v.Result)})
	}
	return rows
}

// again shows the visitor's page with what went wrong, or with what became of each of several things.
func (h handlers) again(w http.ResponseWriter, r *http.Request, ds []counter.Done, cause error) error {
	fs, ok := explain(cause)
	if cause != nil && !ok {
		return cause
	}
	v, err := h.visitorView(r)
	if err != nil {
		return err
	}
	v.Errors, v.Outcome = fs, ds
	status := http.StatusUnprocessableEntity
	if cause != nil {
		status = web.StatusOf(cause)
	}
	return web.RenderStatus(w, r, status, visitorPage(v))
}

// several leads on when everything went through, and shows each result when something did not.
func (h handlers) several(w http.ResponseWriter, r *http.Request, to, what string, ds []counter.Done, err error) error {
	if err != nil || slices.ContainsFunc(ds, func(d counter.Done) bool { return d.Err != nil }) {
		return h.again(w, r, ds, err)
	}
	return web.SeeOther(w, r, said(to, what, ds))
}

func (h handlers) call(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Form(r)
	if err != nil {
		return err
	}
	if err := h.Counter.Call(r.Context(), actor(r), r.PathValue("id"), f.Get("over") != ""); err != nil {
		return h.again(w, r, nil, err)
	}
	return web.SeeOther(w, r, visitorURL(r.PathValue("id")))
}

func (h handlers) end(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Form(r)
	if err != nil {
		return err
	}
	if err := h.Counter.End(r.Context(), actor(r), r.PathValue("id"), f.Get("result")); err != nil {
		return h.again(w, r, nil, err)
	}
	return web.SeeOther(w, r, "/window/visitors?done=ended")
}

// begin begins an application for each item that was ticked.
func (h handlers) begin(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Form(r)
	if err != nil {
		return err
	}
	id := r.PathValue("id")
	ds, err := h.Counter.Begin(r.Context(), actor(r), id, f["item"])
	return h.several(w, r, visitorURL(id), "begun", ds, err)
}

// openItem leads to the pages of one application, with what the others of the visit already say; or throws it away.
func (h handlers) openItem(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Form(r)
	if err != nil {
		return err
	}
	ctx, a, id, c := r.Context(), actor(r), r.PathValue("id"), r.PathValue("case")
	if f.Get("act") == "drop" {
		if err := h.Counter.Drop(ctx, a, id, c); err != nil {
			return h.again(w, r, nil, err)
		}
		return web.SeeOther(w, r, visitorURL(id)+"?done=dropped")
	}
	if _, err := h.Counter.Carry(ctx, a, id, c); err != nil {
		return h.again(w, r, nil, err)
	}
	d, err := h.Cases.Case(ctx, a, c)
	if err != nil {
		return err
	}
	page := "form"
	if len(d.Item.Scenario) > 0 && len(d.Scenario) == 0 {
		page = "questions"
	}
	return web.SeeOther(w, r, "/window/drafts/"+c+"/"+page)
}

// come notes that the visitor came for a case of theirs, and leads to where it can be finished now.
func (h handlers) come(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Form(r)
	if err != nil {
		return err
	}
	ctx, a, c := r.Context(), actor(r), r.PathValue("case")
	if err := h.Counter.Come(ctx, a, r.PathValue("id"), c, f.Get("purpose")); err != nil {
		return h.again(w, r, nil, err)
	}
	to := "/desk/cases/" + c
	switch f.Get("to") {
	case "correct":
		d, err := h.Cases.Case(ctx, a, c)
		if err != nil {
			return err
		}
		if d.ClerkID == a.StaffID && slices.Contains(d.May, cases.ActSave) {
			to = "/window/drafts/" + c + "/form"
		}
	case "supply":
		to += "/supply"
	}
	return web.SeeOther(w, r, to)
}

func (h handlers) send(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	ds, err := h.Counter.Send(r.Context(), actor(r), id)
	if slices.ContainsFunc(ds, func(d counter.Done) bool { return d.Err == nil }) { // the button names what is ready: what lacks something was not asked for
		ds = slices.DeleteFunc(ds, func(d counter.Done) bool { return errs.Is(d.Err, "counter.still_missing") })
	}
	return h.several(w, r, visitorURL(id)+"/receipts", "sent", ds, err)
}

func (h handlers) handOut(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Form(r)
	if err != nil {
		return err
	}
	id := r.PathValue("id")
	ds, err := h.Counter.HandOut(r.Context(), actor(r), id, f["case"], f.Get("checked") != "")
	return h.several(w, r, visitorURL(id)+"/receipts", "handed", ds, err)
}

// receiptsView is what a visitor takes away: a receipt for each application, and one for everything that was fetched.
type receiptsView struct {
	counter.Visitor
	Done    string
	Cards   []ui.ReceiptView
	Fetched []fetched
	Printed string
	By      string
}

type fetched struct {
	Case cases.Case
	QR   string
}

func (h handlers) receipts(w http.ResponseWriter, r *http.Request) error {
	ctx, a, id := r.Context(), actor(r), r.PathValue("id")
	x, err := h.Counter.Visitor(ctx, a, id)
	if err != nil {
		return err
	}
	ls, err := h.Counter.Lines(ctx, a, id)
	if err != nil {
		return err
	}
	v := receiptsView{Visitor: x, Done: done(r), Printed: minute(h.Now()), By: h.who(ctx, a.StaffID)}
	for _, l := range ls {
		switch {
		case l.Purpose == counter.ToApply && l.Case.CaseNo != "":
			rec, err := h.Cases.Receipt(ctx, a, l.CaseID)
			if errs.KindOf(err) == errs.NotFound { // a colleague entered it and printed it
				continue
			}
			if err != nil {
				return err
			}
			v.Cards = append(v.Cards, h.card(ctx, rec, l, v))
		case l.Purpose == counter.ToFetch && !l.Case.Delivered.IsZero():
			rec, err := h.Cases.Receipt(ctx, a, l.CaseID) // with the query code only for who entered it
			if err != nil && errs.KindOf(err) != errs.NotFound {
				return err
			}
			v.Fetched = append(v.Fetched, fetched{Case: l.Case, QR: h.Track(l.Case.CaseNo, rec.QueryCode)})
		}
	}
	return web.Render(w, r, receiptsPage(v))
}

// card is one receipt (收件凭证): number, query code, materials taken in and trips so far.
func (h handlers) card(ctx context.Context, rec cases.Receipt, l counter.LineView, v receiptsView) ui.ReceiptView {
	c := ui.ReceiptView{
		Title: t(ctx, "receipt_of", errs.P{"item": rec.ItemName}), Number: rec.CaseNo, QueryCode: rec.QueryCode, QRText: h.Track(rec.CaseNo, rec.QueryCode), PrintedAt: v.Printed, PrintedBy: v.By,
		Facts: []ui.KVRow{
			{Key: t(ctx, "receipt_agency"), Value: rec.Agency},
			{Key: t(ctx, "receipt_applicant"), Value: called(ctx, v.Visitor)},
			{Key: t(ctx, "receipt_at"), Value: minute(rec.Submitted), Num: true},
			{Key: t(ctx, "receipt_state"), Value: i18n.T(ctx, l.Case.StateKey())},
			{Key: t(ctx, "trips"), Value: trips(ctx, l)},
		},
	}
	if due := rec.Clock.Due(); !due.IsZero() && rec.State.Open() {
		c.Facts = append(c.Facts, ui.KVRow{Key: t(ctx, "receipt_due"), Value: day(due), Num: true})
	}
	return c
}

// trips writes how often somebody came for a case, against what the item promises.
func trips(ctx context.Context, l counter.LineView) string {
	switch {
	case l.Planned == nil:
		return t(ctx, "trips_n", errs.P{"n": l.Trips})
	case *l.Planned == 0:
		return t(ctx, "trips_online", errs.P{"n": l.Trips})
	}
	return t(ctx, "trips_of", errs.P{"n": l.Trips, "planned": *l.Planned})
}

func fillLabel(ctx context.Context, l counter.LineView) string {
	if l.Missing == 0 {
		return t(ctx, "look")
	}
	return t(ctx, "fill")
}

func readyToSend(v visitorView) (n int) {
	for _, l := range v.Lines {
		if l.Case.State == cases.Draft && l.Missing == 0 && v.Ended.IsZero() {
			n++
		}
	}
	return n
}

func sentOrFetched(v visitorView) bool {
	return slices.ContainsFunc(v.Lines, func(l counter.LineView) bool {
		return l.Purpose == counter.ToApply && l.Case.CaseNo != "" || l.Purpose == counter.ToFetch
	})
}
