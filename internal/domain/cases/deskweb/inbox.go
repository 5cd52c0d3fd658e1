package deskweb

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"tongban/internal/base/authz"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/cases"
)

var tabs = []string{cases.TabTodo, cases.TabDoing, cases.TabDone, cases.TabAll}

const perPage = 20

// inboxView is the inbox or the answer to a search in it.
type inboxView struct {
	Tab, Post  string
	Counts     map[string]int
	Posts      []ui.Option
	Table      ui.TableView
	NextHref   string
	Query      string // of a search; numbers stay out of addresses
	Searched   bool
	NextSearch string
	Error      string
	None       bool
	Clerk      bool
}

func (h handlers) inbox(w http.ResponseWriter, r *http.Request) error {
	ctx, a, q := r.Context(), actor(r), r.URL.Query()
	v := inboxView{Tab: q.Get("tab"), Post: q.Get("post"), Clerk: a.May(authz.WindowDesk)}
	if !slices.Contains(tabs, v.Tab) {
		v.Tab = cases.TabTodo
	}
	p, err := h.Cases.Inbox(ctx, a, cases.Filter{Tab: v.Tab, Post: v.Post, After: q.Get("after"), Limit: perPage})
	if err != nil {
		return err
	}
	if v.Counts, err = h.Cases.Counts(ctx, a); err != nil {
		return err
	}
	if p.Next != "" {
		v.NextHref = inboxURL(v.Tab, v.Post, p.Next)
	}
	h.fill(ctx, a, &v, p)
	return web.Render(w, r, inboxPage(v))
}

// search answers with the page itself instead of a redirect: an identity number must stand neither in an address nor in a log.
func (h handlers) search(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	ctx, a := r.Context(), actor(r)
	a.Via = "search"
	v := inboxView{Tab: cases.TabAll, Query: strings.TrimSpace(form.Get("q")), Searched: true, Clerk: a.May(authz.WindowDesk)}
	if v.Counts, err = h.Cases.Counts(ctx, a); err != nil {
		return err
	}
	if n := len([]rune(v.Query)); n < 6 || n > 60 {
		v.Error = tr(ctx, "deskweb.search_whole")
		h.fill(ctx, a, &v, cases.Page{})
		return web.RenderStatus(w, r, http.StatusUnprocessableEntity, inboxPage(v))
	}
	p, err := h.Cases.Inbox(ctx, a, cases.Filter{Tab: cases.TabAll, Query: v.Query, After: form.Get("after"), Limit: perPage})
	if err != nil {
		return err
	}
	v.NextSearch = p.Next
	h.fill(ctx, a, &v, p)
	return web.Render(w, r, inboxPage(v))
}

func (h handlers) fill(ctx context.Context, a authz.Actor, v *inboxView, p cases.Page) {
	for _, key := range a.Posts {
		v.Posts = append(v.Posts, ui.Option{Value: key, Label: h.postName(ctx, key)})
	}
	v.Table = caseTable(ctx, p.Cases, func(c cases.Case) string { return caseURL(c.ID) })
	v.None = len(p.Cases) == 0
}

func inboxURL(tab, post, after string) string {
	q := url.Values{"tab": {tab}}
	if post != "" {
		q.Set("post", post)
	}
	if after != "" {
		q.Set("after", after)
	}
	return "/desk/cases?" + q.Encode()
}

// tabItems are the tabs with their figures; a thousand is shown as it is, the service counts no further.
func tabItems(ctx context.Context, v inboxView) []ui.NavItem {
	var out []ui.NavItem
	for _, t := range tabs {
		out = append(out, ui.NavItem{Href: inboxURL(t, v.Post, ""), Label: tr(ctx, "deskweb.tab_"+t), Current: t == v.Tab && !v.Searched, Count: v.Counts[t]})
	}
	return out
}

// caseTable lists cases; href says where a number leads.
func caseTable(ctx context.Context, cs []cases.Case, href func(cases.Case) string) ui.TableView {
	t := ui.TableView{Caption: tr(ctx, "deskweb.inbox_title"), CaptionHide: true, Sticky: true, Columns: []ui.Column{
		{Label: tr(ctx, "deskweb.col_case")},
		{Label: tr(ctx, "deskweb.col_applicant")},
		{Label: tr(ctx, "deskweb.col_filed")},
		{Label: tr(ctx, "deskweb.col_step")},
		{Label: tr(ctx, "deskweb.col_clock")},
		{Label: tr(ctx, "deskweb.col_state")},
	}}
	for _, c := range cs {
		tag := stateTag(ctx, c)
		clockCell := ui.Cell{Text: "—"}
		if cv := clockView(ctx, c); cv != nil {
			clockCell = ui.Cell{Clock: cv}
		}
		t.Rows = append(t.Rows, []ui.Cell{
			{Part: caseHead(c.ItemName, numberOf(ctx, c), href(c))},
			{Text: c.Applicant, Sub: tr(ctx, "deskweb.kind_"+kindOf(c))},
			{Text: day(c.Submitted), Sub: word(ctx, "cases.channel_"+c.Channel, c.Channel)},
			{Text: stepOf(c)},
			clockCell,
			{Text: tag.Text, Tone: tag.Tone},
		})
	}
	return t
}

func kindOf(c cases.Case) string {
	if c.ApplicantKind == cases.ByFirm {
		return cases.ByFirm
	}
	return cases.ByPerson
}

func stepOf(c cases.Case) string {
	if c.StepName == "" {
		return "—"
	}
	return c.StepName
}

func numberOf(ctx context.Context, c cases.Case) string {
	if c.CaseNo == "" {
		return tr(ctx, "deskweb.draft")
	}
	return c.CaseNo
}
