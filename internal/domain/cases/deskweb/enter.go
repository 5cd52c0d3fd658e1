package deskweb

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/web"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/catalog"
	"tongban/internal/engine/clock"
)

func enterRoutes(h handlers) []web.Route {
	return []web.Route{
		web.To("GET /desk/enter", authz.CaseDesk, h.enterable),
		web.To("GET /desk/enter/{item}", authz.CaseDesk, h.enterPage),
		web.To("POST /desk/enter/{item}", authz.CaseDesk, h.enter),
	}
}

// enterableView lists the items whose cases are worked on paper or elsewhere and recorded afterwards (事后录入).
type enterableView struct {
	Query string
	Items []catalog.Item
}

// mostEnterable is how many items are looked through for one page.
const mostEnterable = 100

func (h handlers) enterable(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	v := enterableView{Query: strings.TrimSpace(r.URL.Query().Get("q"))}
	p, err := h.Items.Search(ctx, catalog.Query{Text: v.Query, Agency: actor(r).AgencyID, Limit: mostEnterable})
	if err != nil {
		return err
	}
	for _, it := range p.Items {
		if it.Integration.Mode != "entered" {
			continue
		}
		ok, err := h.Cases.Takes(ctx, actor(r), it)
		if err != nil {
			return err
		}
		if ok {
			v.Items = append(v.Items, it)
		}
	}
	return web.Render(w, r, enterablePage(v))
}

// enterView is the form: who applied, and the dates and the decision of the file.
type enterView struct {
	personView
	Days     map[string]string // submitted, accepted, decided and delivered, as typed
	Decision cases.Decision
}

// stations are the dates of a file, in their order.
var stations = []string{"submitted", "accepted", "decided", "delivered"}

func (h handlers) enterPage(w http.ResponseWriter, r *http.Request) error {
	it, err := h.Items.Item(r.Context(), r.PathValue("item"))
	if err != nil {
		return err
	}
	return web.Render(w, r, enterFormPage(enterView{personView: personView{Item: it, Key: newKey(), Who: cases.Applicant{Kind: kinds(it)[0], NumberKind: numberKinds[0]}}}))
}

// enter records the case. The key of the page makes a second click harmless.
func (h handlers) enter(w http.ResponseWriter, r *http.Request) error {
	it, err := h.Items.Item(r.Context(), r.PathValue("item"))
	if err != nil {
		return err
	}
	in, err := web.Form(r)
	if err != nil {
		return err
	}
	v := enterView{personView: personView{Item: it}, Days: map[string]string{}}
	v.read(in)
	entered := cases.Entered{Item: it.Key, Applicant: v.Who, Decision: v.Decision}
	for i, at := range []*time.Time{&entered.Submitted, &entered.Accepted, &entered.Decided, &entered.Delivered} {
		v.Days[stations[i]] = text(in, stations[i])
		*at = officeTime(v.Days[stations[i]], i)
	}
	v.Errors = checkPerson(v.Who)
	if len(v.Errors) == 0 {
		c, err := h.Cases.Enter(r.Context(), actor(r), v.Key, entered)
		if err == nil {
			return web.SeeOther(w, r, caseURL(c.ID)+"?done=enter")
		}
		if v.Errors = identityErrors(err); len(v.Errors) == 0 {
			return err
		}
	}
	return web.RenderStatus(w, r, http.StatusUnprocessableEntity, enterFormPage(v))
}

func (v *enterView) read(in url.Values) {
	v.Key = text(in, "_key")
	v.Who = cases.Applicant{
		Kind: in.Get("kind"), Name: text(in, "name"), Number: text(in, "number"), NumberKind: in.Get("number_kind"), Phone: text(in, "phone"), CreditCode: text(in, "credit_code"),
	}
	if ks := kinds(v.Item); len(ks) == 1 {
		v.Who.Kind = ks[0]
	}
	v.represented(in)
	v.Decision = cases.Decision{Outcome: cases.Outcome(in.Get("outcome")), Reason: text(in, "reason"), Basis: text(in, "basis"), Conditions: text(in, "conditions")}
}

// enterHint says that the day of delivery may be left open.
func enterHint(ctx context.Context, station string) string {
	if station == "delivered" {
		return tr(ctx, "deskweb.enter_delivered_hint")
	}
	return ""
}

// officeTime reads a day of the file: files give days, not hours, so that stations of one day keep their order by an hour each.
func officeTime(day string, station int) time.Time {
	t, err := time.ParseInLocation(time.DateOnly, day, clock.Shanghai)
	if err != nil {
		return time.Time{}
	}
	return t.Add(time.Duration(9+station) * time.Hour)
}
