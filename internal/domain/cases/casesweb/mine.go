package casesweb

import (
	"net/http"
	"net/url"
	"strings"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/paper"
)

// perPage is how many applications a page lists.
const perPage = 20

type mineView struct {
	Drafts   []cases.Case
	Others   []nameView
	Cases    []cases.Case
	First    bool // page of the list
	NextHref string
	Done     string
	Unread   map[string]int // messages of the authority, by case
}

func (h handlers) mine(w http.ResponseWriter, r *http.Request) error {
	ctx, a, q := r.Context(), authz.From(r.Context()), r.URL.Query()
	p, err := h.Cases.ListMine(ctx, a, q.Get("after"), perPage)
	if err != nil {
		return err
	}
	v := mineView{Cases: p.Cases, First: q.Get("after") == "", Done: doneText(ctx, q.Get("done"))}
	if p.Next != "" {
		v.NextHref = "/my/cases?after=" + url.QueryEscape(p.Next)
	}
	if h.Unread != nil {
		var ids []string
		for _, c := range p.Cases {
			ids = append(ids, c.ID)
		}
		if v.Unread, err = h.Unread(ctx, ids); err != nil {
			return err
		}
	}
	if v.First {
		if v.Drafts, err = h.Cases.Drafts(ctx, a); err != nil {
			return err
		}
		if v.Others, err = h.otherNames(ctx, a); err != nil {
			return err
		}
	}
	return web.Render(w, r, minePage(v))
}

func (h handlers) receipt(w http.ResponseWriter, r *http.Request) error {
	ctx, a := r.Context(), authz.From(r.Context())
	rc, err := h.Cases.Receipt(ctx, a, r.PathValue("id"))
	if err != nil {
		return err
	}
	ps, err := h.Papers.OfCase(ctx, rc.CaseID)
	if err != nil {
		return err
	}
	who, err := h.Who(ctx, a)
	if err != nil {
		return err
	}
	v := ui.ReceiptView{
		Title: t(ctx, "receipt_done"), Number: rc.CaseNo, QueryCode: rc.QueryCode, QRText: h.lookupURL(rc.CaseNo),
		Facts: []ui.KVRow{
			{Key: t(ctx, "item"), Value: rc.ItemName},
			{Key: t(ctx, "agency"), Value: rc.Agency},
			{Key: t(ctx, "sent_at"), Value: when(rc.Submitted), Num: true},
			{Key: t(ctx, "state"), Value: stateWords(ctx, rc.Nature, rc.State, rc.Outcome)},
		},
		NextSteps: receiptNext(r, rc), PrintedAt: when(h.Now()), PrintedBy: who.Person,
	}
	if due := rc.Clock.Due(); !due.IsZero() {
		v.Facts = append(v.Facts, ui.KVRow{Key: t(ctx, "due_"+dueKind(rc.Clock.Phase)), Value: day(ctx, due), Num: true})
	}
	for _, p := range ps {
		if p.Act == "receipt" && p.State == paper.Ready {
			v.PDFHref = paperHref(p.ID)
		}
	}
	return web.Render(w, r, receiptPage(rc, v))
}

func (h handlers) lookupURL(no string) string {
	return h.PublicURL + "/lookup?no=" + url.QueryEscape(no)
}

// dueKind names what a deadline is for: the answer to a receipt, or the decision.
func dueKind(phase string) string {
	if phase == "receipt" || phase == "correction" || phase == "certificate" || phase == "delivery" {
		return phase
	}
	return "decision"
}

func receiptNext(r *http.Request, rc cases.Receipt) []string {
	ctx := r.Context()
	if rc.Outcome != "" {
		return []string{t(ctx, "next_result"), t(ctx, "next_rate")}
	}
	if rc.State != cases.Submitted && rc.State != cases.Received {
		return []string{t(ctx, "next_message"), t(ctx, "next_keep")}
	}
	return []string{t(ctx, "next_check", errs.P{"agency": rc.Agency}), t(ctx, "next_message"), t(ctx, "next_keep")}
}

// file gives one of the reader's own uploads; images and PDFs open in the browser.
func (h handlers) file(w http.ResponseWriter, r *http.Request) error {
	f, body, err := h.Cases.MaterialFile(r.Context(), authz.From(r.Context()), r.PathValue("id"), r.PathValue("file"))
	if err != nil {
		return err
	}
	defer body.Close()
	inline := r.URL.Query().Get("save") == "" && (f.MIME == "application/pdf" || f.MIME == "image/png" || f.MIME == "image/jpeg")
	return web.File(w, f.Name, f.MIME, inline, body)
}

type lookupView struct {
	No, Code string
	Errors   []ui.ErrorItem
	Found    *cases.Progress
}

func (h handlers) lookupPage(w http.ResponseWriter, r *http.Request) error {
	return web.Render(w, r, lookupPage(lookupView{No: r.URL.Query().Get("no")}))
}

// unspaced takes out the spaces that copying from a message or typing in groups leaves.
func unspaced(s string) string { return strings.Join(strings.Fields(s), "") }

// lookup answers on the page itself: the query code never stands in an address.
func (h handlers) lookup(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f, err := web.Form(r)
	if err != nil {
		return err
	}
	v := lookupView{No: unspaced(f.Get("no")), Code: unspaced(f.Get("code"))}
	for _, name := range []string{"no", "code"} {
		if unspaced(f.Get(name)) == "" {
			v.Errors = append(v.Errors, ui.ErrorItem{Field: name, Text: t(ctx, "lookup_need_"+name)})
		}
	}
	if len(v.Errors) > 0 {
		return web.RenderStatus(w, r, http.StatusUnprocessableEntity, lookupPage(v))
	}
	p, err := h.Cases.Lookup(ctx, authz.From(ctx), v.No, v.Code)
	if errs.KindOf(err) == errs.NotFound {
		v.Errors = []ui.ErrorItem{{Field: "no", Text: i18n.Err(ctx, err)}}
		return web.RenderStatus(w, r, http.StatusNotFound, lookupPage(v))
	}
	if err != nil {
		return err
	}
	v.Found = &p
	return web.Render(w, r, lookupPage(v))
}
