package deskweb

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/catalog"
)

// windowView is the start of the window: what can be received here and what was left half done.
type windowView struct {
	Query  string
	Items  []catalog.Item
	Drafts []cases.Case
	Done   bool // a draft was thrown away
}

func (h handlers) window(w http.ResponseWriter, r *http.Request) error {
	ctx, a := r.Context(), actor(r)
	v := windowView{Query: strings.TrimSpace(r.URL.Query().Get("q")), Done: r.URL.Query().Get("done") == "discard"}
	p, err := h.Items.Search(ctx, catalog.Query{Text: v.Query, Online: catalog.OnlineFull, Limit: 100})
	if err != nil {
		return err
	}
	for _, it := range p.Items {
		ok, err := h.Cases.Takes(ctx, a, it)
		if err != nil {
			return err
		}
		if ok && it.Applicable() {
			v.Items = append(v.Items, it)
		}
	}
	if v.Drafts, err = h.Cases.Drafts(ctx, a); err != nil {
		return err
	}
	return web.Render(w, r, windowStart(v))
}

// personView is the page that asks who is at the counter.
type personView struct {
	Item   catalog.Item
	Who    cases.Applicant
	Other  bool         // somebody stands there for the applicant
	Behalf cases.Behalf // as typed
	Key    string
	Errors []errs.Field
}

func (h handlers) person(w http.ResponseWriter, r *http.Request) error {
	it, err := h.Items.Item(r.Context(), r.PathValue("item"))
	if err != nil {
		return err
	}
	if !it.Applicable() {
		return errs.New(errs.Conflict, "cases.not_online", errs.P{"item": it.Name})
	}
	v := personView{Item: it, Key: newKey(), Who: cases.Applicant{Kind: kinds(it)[0], NumberKind: "citizen"}}
	return web.Render(w, r, personPage(v))
}

// kinds are who may apply for an item; the code 1 of 服务对象 is 自然人.
func kinds(it catalog.Item) []string {
	var out []string
	if slices.Contains(it.Audience, "1") {
		out = append(out, cases.ByPerson)
	}
	if len(out) == 0 || slices.ContainsFunc(it.Audience, func(c string) bool { return c != "1" }) {
		out = append(out, cases.ByFirm)
	}
	return out
}

var numberKinds = []string{"citizen", "hkmt", "permanent", "permanent_old"}

// begin makes the draft. The key of the page makes a second click harmless.
func (h handlers) begin(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	it, err := h.Items.Item(ctx, r.PathValue("item"))
	if err != nil {
		return err
	}
	in, err := web.Form(r)
	if err != nil {
		return err
	}
	v := personView{Item: it, Key: text(in, "_key"), Who: cases.Applicant{
		Kind: in.Get("kind"), Name: text(in, "name"), Number: text(in, "number"), NumberKind: in.Get("number_kind"), Phone: text(in, "phone"), CreditCode: text(in, "credit_code"),
	}}
	if len(kinds(it)) == 1 {
		v.Who.Kind = kinds(it)[0]
	}
	v.represented(in)
	v.Errors = checkPerson(v.Who)
	if len(v.Errors) > 0 {
		return web.RenderStatus(w, r, http.StatusUnprocessableEntity, personPage(v))
	}
	d, err := h.Cases.CreateDraftFor(ctx, actor(r), it.Key, v.Key, v.Who)
	if e := errs.As(err); e != nil && slices.Contains([]errs.Kind{errs.Invalid, errs.Conflict, errs.NotFound, errs.Forbidden}, e.Kind) {
		for _, f := range e.Fields {
			if f.Path == "kind" { // of the document; the page's own kind is person or firm
				f.Path = "number_kind"
			}
			v.Errors = append(v.Errors, f)
		}
		if len(v.Errors) == 0 {
			v.Errors = []errs.Field{{Path: personField(e.Key), Key: e.Key, Params: e.Params}}
		}
		return web.RenderStatus(w, r, web.StatusOf(err), personPage(v))
	}
	if err != nil {
		return err
	}
	if len(questionsOf(d)) > 0 {
		return web.SeeOther(w, r, draftURL(d.ID, "questions"))
	}
	return web.SeeOther(w, r, draftURL(d.ID, "form"))
}

// represented reads who stands at the counter for the applicant. For a firm that is the person named above, and only the basis is asked.
func (v *personView) represented(in url.Values) {
	v.Other = in.Get("present") == "other"
	v.Behalf = cases.Behalf{
		Name: text(in, "behalf.name"), Number: text(in, "behalf.number"), NumberKind: in.Get("behalf.number_kind"), Phone: text(in, "behalf.phone"),
		Relation: text(in, "behalf.relation"), Basis: in.Get("behalf.basis"), Seen: in.Get("behalf.seen") != "",
	}
	firm := v.Who.Kind == cases.ByFirm
	if firm && v.Behalf.Basis != "" || !firm && v.Other {
		v.Who.Behalf = &v.Behalf
	}
}

func checkPerson(p cases.Applicant) []errs.Field {
	var out []errs.Field
	for _, f := range []struct {
		path, value, key string
	}{{"kind", p.Kind, "deskweb.kind_missing"}, {"name", p.Name, "deskweb.name_missing"}, {"number", p.Number, "deskweb.number_missing"}} {
		if f.value == "" {
			out = append(out, errs.Field{Path: f.path, Key: f.key})
		}
	}
	if p.Kind == cases.ByFirm && p.CreditCode == "" {
		out = append(out, errs.Field{Path: "credit_code", Key: "deskweb.credit_missing"})
	}
	return out
}

// personField says which box an error of the rooms below is about, empty for the page as a whole.
func personField(key string) string {
	for _, p := range []struct{ part, field string }{
		{"cnid.name", "name"},
		{"cnid.id", "number"},
		{"cnid.credit", "credit_code"},
		{"cnid.mobile", "phone"},
		{"firm", "credit_code"},
		{"number", "number"},
		{"name", "name"},
		{"phone", "phone"},
	} {
		if strings.Contains(key, p.part) {
			return p.field
		}
	}
	return ""
}

func (h handlers) visit(w http.ResponseWriter, r *http.Request) error {
	in, err := web.Form(r)
	if err != nil {
		return err
	}
	id := r.PathValue("id")
	if err := h.Cases.RecordVisit(r.Context(), actor(r), id, text(in, "_key"), in.Get("purpose")); err != nil {
		return err
	}
	return web.SeeOther(w, r, caseURL(id)+"?done=visit")
}

// handOutView lists what lies ready for the people who come to fetch it.
type handOutView struct {
	State    cases.State
	Table    ui.TableView
	None     bool
	NextHref string
}

func (h handlers) handOut(w http.ResponseWriter, r *http.Request) error {
	ctx, q := r.Context(), r.URL.Query()
	v := handOutView{State: cases.Certified}
	if q.Get("state") == string(cases.Decided) {
		v.State = cases.Decided
	}
	found, next, err := h.ready(ctx, actor(r), v.State, q.Get("after"))
	if err != nil {
		return err
	}
	v.Table, v.None = caseTable(ctx, found, func(c cases.Case) string { return caseURL(c.ID) + "/deliver" }), len(found) == 0
	if next != "" {
		v.NextHref = "/window/hand-out?" + url.Values{"state": {string(v.State)}, "after": {next}}.Encode()
	}
	return web.Render(w, r, handOutPage(v))
}

// ready lists cases of one state that lie at the actor's posts.
func (h handlers) ready(ctx context.Context, a authz.Actor, s cases.State, after string) (found []cases.Case, next string, err error) {
	for range 5 {
		p, err := h.Cases.Inbox(ctx, a, cases.Filter{Tab: cases.TabAll, State: s, After: after, Limit: 100})
		if err != nil {
			return nil, "", err
		}
		for _, c := range p.Cases {
			if c.State == s {
				found = append(found, c)
			}
		}
		after = p.Next
		if after == "" || len(found) >= perPage {
			break
		}
	}
	return found, after, nil
}
