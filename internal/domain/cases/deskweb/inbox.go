package deskweb

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/desk"
)

var tabs = []string{cases.TabTodo, cases.TabDoing, cases.TabDone, cases.TabAll}

const perPage = 20

// inboxView is the inbox or the answer to a search in it.
type inboxView struct {
	Conds      desk.Conditions
	Using      desk.Filter // the saved filter that is shown, if one is
	Filters    []desk.Filter
	Counts     map[string]int
	Tally      cases.Tally
	Urged      int
	Unread     int
	Talks      bool // urging and messages are known
	Posts      []ui.Option
	Items      []ui.Option
	Regions    []ui.Option
	Table      ui.TableView
	NextHref   string
	Query      string // of a search; numbers stay out of addresses
	Searched   bool
	NextSearch string
	Error      string
	Errors     []ui.ErrorItem
	FilterName string
	Status     string
	None       bool
	Clerk      bool
	Unsent     int
	Tools      tools
	Export     string // where this list is exported; empty: it is not
}

func (h handlers) inbox(w http.ResponseWriter, r *http.Request) error {
	v, err := h.inboxView(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, inboxPage(v))
}

// inboxView reads the inbox an address asks for: by its conditions, a saved filter, or with neither the officer's standard filter.
func (h handlers) inboxView(r *http.Request) (inboxView, error) {
	ctx, a, q := r.Context(), actor(r), r.URL.Query()
	v := inboxView{Conds: condsOf(q), Clerk: a.May(authz.WindowDesk)}
	if end := q.Get("end"); end == "last" || end == "first" {
		v.Status = tr(ctx, "desk.list_"+end)
	}
	if done := q.Get("kept"); slices.Contains([]string{"filter", "dropped", "standard", "keys"}, done) {
		v.Status = tr(ctx, "desk.kept_"+done)
	}
	var err error
	if v.Filters, err = h.Desk.Filters(ctx, a); err != nil {
		return v, err
	}
	asked := q.Get("filter")
	for _, f := range v.Filters {
		if asked != "" && f.ID == asked || asked == "" && f.Standard && !q.Has("tab") && r.Method == http.MethodGet {
			v.Using, v.Conds = f, f.Conditions
		}
	}
	if !slices.Contains(tabs, v.Conds.Tab) {
		v.Conds.Tab = cases.TabTodo
	}
	f, err := h.filterOf(ctx, a, v.Conds)
	if err != nil {
		return v, err
	}
	f.After, f.Limit = q.Get("after"), perPage
	p, err := h.Cases.Inbox(ctx, a, f)
	if errs.Is(err, "cases.not_your_post") && v.Using.ID != "" { // a saved filter outlived the post
		v.Conds.Post, f.Post, v.Status = "", "", tr(ctx, "desk.post_gone")
		p, err = h.Cases.Inbox(ctx, a, f)
	}
	if err != nil {
		return v, err
	}
	if p.Next != "" {
		v.NextHref = listURL(v.Conds, p.Next)
	}
	return v, h.fill(ctx, a, &v, p)
}

// search answers with the page itself instead of a redirect: an identity number must stand neither in an address nor in a log.
func (h handlers) search(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	ctx, a := r.Context(), actor(r)
	a.Via = "search"
	v := inboxView{Conds: desk.Conditions{Tab: cases.TabAll}, Query: strings.TrimSpace(form.Get("q")), Searched: true, Clerk: a.May(authz.WindowDesk)}
	status, p := http.StatusOK, cases.Page{}
	if n := len([]rune(v.Query)); n < 6 || n > 60 {
		status, v.Error = http.StatusUnprocessableEntity, tr(ctx, "deskweb.search_whole")
	} else if p, err = h.Cases.Inbox(ctx, a, cases.Filter{Tab: cases.TabAll, Query: v.Query, After: form.Get("after"), Limit: perPage}); err != nil {
		return err
	}
	v.NextSearch = p.Next
	if err := h.fill(ctx, a, &v, p); err != nil {
		return err
	}
	return web.RenderStatus(w, r, status, inboxPage(v))
}

// fill adds what stands around the list: figures, choices, and the list as a table.
func (h handlers) fill(ctx context.Context, a authz.Actor, v *inboxView, p cases.Page) (err error) {
	if v.Counts, err = h.Cases.Counts(ctx, a); err != nil {
		return err
	}
	if v.Tally, err = h.Cases.Tally(ctx, a); err != nil {
		return err
	}
	kept, err := h.Desk.AllKept(ctx, a, "")
	if err != nil {
		return err
	}
	v.Unsent = len(kept)
	if v.Tools, err = h.tools(ctx, a); err != nil {
		return err
	}
	if err := h.voices(ctx, a, v); err != nil {
		return err
	}
	for _, key := range a.Posts {
		v.Posts = append(v.Posts, ui.Option{Value: key, Label: h.postName(ctx, key)})
	}
	v.Items, v.Regions = h.itemOptions(ctx, a, v.Conds.Item), regionOptions(h.Offices.Regions(ctx))
	t := trail{conds: v.Conds, known: !v.Searched}
	marks, err := h.marks(ctx, p.Cases)
	if err != nil {
		return err
	}
	if a.May(authz.ExportOwn) && !v.Searched && !v.Conds.Urged && !v.Conds.Unread { // who waits for a word is no condition of an export
		v.Export = "/exports/new?of=inbox&" + queryOf(v.Conds).Encode()
	}
	v.Table = h.inboxTable(ctx, p.Cases, marks, !v.Searched && v.Conds.Tab != cases.TabDone, func(c cases.Case) string {
		if v.Searched {
			return caseURL(c.ID)
		}
		return t.at(c).on(caseURL(c.ID))
	})
	v.None = len(p.Cases) == 0
	return nil
}

// voices counts the cases in which applicants wait for a word.
func (h handlers) voices(ctx context.Context, a authz.Actor, v *inboxView) error {
	if h.Voices == nil {
		return nil
	}
	v.Talks = true
	for _, x := range []struct {
		n *int
		c desk.Conditions
	}{{&v.Urged, desk.Conditions{Tab: cases.TabTodo, Urged: true}}, {&v.Unread, desk.Conditions{Tab: cases.TabTodo, Unread: true}}} {
		f, err := h.filterOf(ctx, a, x.c)
		if err != nil {
			return err
		}
		if len(f.Only) == 0 { // the usual day: nobody waits for a word
			continue
		}
		if *x.n, err = h.Cases.CountOf(ctx, a, f); err != nil {
			return err
		}
	}
	return nil
}

// marks are what applicants wait for in these cases.
func (h handlers) marks(ctx context.Context, cs []cases.Case) (map[string]Mark, error) {
	if h.Voices == nil || len(cs) == 0 {
		return nil, nil
	}
	ids := make([]string, 0, len(cs))
	for _, c := range cs {
		ids = append(ids, c.ID)
	}
	return h.Voices.Marks(ctx, ids)
}

// mostItems is how many items the filter offers; who handles more finds a case by its number.
const mostItems = 200

// itemOptions are the items the actor's posts name, and the one that is asked for.
func (h handlers) itemOptions(ctx context.Context, a authz.Actor, asked string) []ui.Option {
	keys := []string{}
	if asked != "" {
		keys = append(keys, asked)
	}
	for _, post := range a.Posts {
		p, err := h.Offices.Post(ctx, post)
		if err != nil {
			continue
		}
		for _, key := range p.Items {
			if key != "*" && !slices.Contains(keys, key) && len(keys) < mostItems {
				keys = append(keys, key)
			}
		}
	}
	var out []ui.Option
	for _, key := range keys {
		if it, err := h.Items.Item(ctx, key); err == nil {
			out = append(out, ui.Option{Value: key, Label: it.Name})
		}
	}
	slices.SortFunc(out, func(x, y ui.Option) int { return strings.Compare(x.Label, y.Label) })
	return out
}

// tabItems are the tabs with their figures; a thousand is shown as it is, the service counts no further.
func tabItems(ctx context.Context, v inboxView) []ui.NavItem {
	var out []ui.NavItem
	for _, t := range tabs {
		c := v.Conds
		c.Tab = t
		if v.Searched {
			c = desk.Conditions{Tab: t}
		}
		out = append(out, ui.NavItem{Href: listURL(c, ""), Label: tr(ctx, "deskweb.tab_"+t), Current: t == v.Conds.Tab && !v.Searched, Count: v.Counts[t]})
	}
	return out
}

// quick are the lists that press: what is over, what will be, who urged; then each post by itself.
func quick(ctx context.Context, v inboxView) []ui.NavItem {
	todo := func(label string, n int, c desk.Conditions) ui.NavItem {
		c.Tab = cases.TabTodo
		return ui.NavItem{Href: listURL(c, ""), Label: label, Count: n, Current: c == v.Conds && !v.Searched}
	}
	out := []ui.NavItem{
		todo(tr(ctx, "desk.all_posts"), v.Tally.Todo, desk.Conditions{}),
		todo(tr(ctx, "desk.overdue"), v.Tally.Overdue, desk.Conditions{Overdue: true}),
		todo(tr(ctx, "desk.soon", errs.P{"n": cases.SoonDays}), v.Tally.Soon, desk.Conditions{Days: cases.SoonDays}),
	}
	if v.Talks {
		out = append(out, todo(tr(ctx, "desk.urged"), v.Urged, desk.Conditions{Urged: true}), todo(tr(ctx, "desk.unread"), v.Unread, desk.Conditions{Unread: true}))
	}
	out = append(out, todo(tr(ctx, "desk.mine"), 0, desk.Conditions{Mine: true}))
	if len(v.Posts) > 1 {
		for _, p := range v.Posts {
			out = append(out, todo(p.Label, v.Tally.Posts[p.Value], desk.Conditions{Post: p.Value}))
		}
	}
	return out
}

// selects are the conditions one can choose.
func selects(ctx context.Context, v inboxView) []ui.Filter {
	c := v.Conds
	days := ""
	if c.Days > 0 {
		days = itoa(c.Days)
	}
	flag := func(name string, on bool) ui.Filter {
		return ui.Filter{Name: name, Label: tr(ctx, "desk.cond_"+name), Value: map[bool]string{true: "1"}[on], Options: []ui.Option{{Value: "1", Label: tr(ctx, "desk.only_these")}}}
	}
	fs := []ui.Filter{
		{Name: "post", Label: tr(ctx, "deskweb.post"), Value: c.Post, Options: v.Posts},
		{Name: "item", Label: tr(ctx, "desk.cond_item"), Value: c.Item, Options: v.Items},
		{Name: "state", Label: tr(ctx, "deskweb.col_state"), Value: c.State, Options: stateOptions(ctx)},
		{Name: "days", Label: tr(ctx, "desk.cond_days"), Value: days, Options: dayOptions(ctx, c.Days)},
		flag("overdue", c.Overdue), flag("mine", c.Mine),
		{Name: "channel", Label: tr(ctx, "deskweb.channel"), Value: c.Channel, Options: channelOptions(ctx)},
		{Name: "kind", Label: tr(ctx, "desk.cond_kind"), Value: c.Kind, Options: []ui.Option{{Value: cases.ByPerson, Label: tr(ctx, "deskweb.kind_person")}, {Value: cases.ByFirm, Label: tr(ctx, "deskweb.kind_firm")}}},
		{Name: "region", Label: tr(ctx, "desk.cond_region"), Value: c.Region, Options: v.Regions},
	}
	if v.Talks {
		fs = append(fs, flag("urged", c.Urged), flag("unread", c.Unread))
	}
	return fs
}

func stateOptions(ctx context.Context) []ui.Option {
	var out []ui.Option
	for _, s := range cases.States {
		if s != cases.Draft {
			out = append(out, ui.Option{Value: string(s), Label: tr(ctx, s.Key())})
		}
	}
	return out
}

func dayOptions(ctx context.Context, asked int) []ui.Option {
	days := []int{1, 2, 3, 5, 10}
	if asked > 0 && !slices.Contains(days, asked) {
		days = append(days, asked)
	}
	var out []ui.Option
	for _, n := range days {
		out = append(out, ui.Option{Value: itoa(n), Label: tr(ctx, "desk.within_days", errs.P{"n": n})})
	}
	return out
}

func channelOptions(ctx context.Context) []ui.Option {
	var out []ui.Option
	for _, c := range []string{cases.Online, cases.Window, cases.Afterwards} {
		if key := "cases.channel_" + c; i18n.Has(key) {
			out = append(out, ui.Option{Value: c, Label: tr(ctx, key)})
		}
	}
	return out
}

// inboxTable lists cases with a box to choose each for an act on many.
func (h handlers) inboxTable(ctx context.Context, cs []cases.Case, marks map[string]Mark, pick bool, href func(cases.Case) string) ui.TableView {
	t := caseTable(ctx, cs, href)
	for i, c := range cs {
		if pick {
			t.Rows[i][0] = ui.Cell{Part: pickHead(c, numberOf(ctx, c), href(c), marks[c.ID])}
		} else if m := marks[c.ID]; m != (Mark{}) {
			t.Rows[i][0] = ui.Cell{Part: markedHead(c, numberOf(ctx, c), href(c), m)}
		}
		var under []string
		if c.TakenBy != "" {
			under = append(under, h.who(ctx, "staff:"+c.TakenBy))
		}
		if at := c.Clock.StepDue; !at.IsZero() && c.State.Open() && !c.Clock.Paused {
			under = append(under, tr(ctx, "desk.step_due", errs.P{"date": day(at)}))
		}
		t.Rows[i][3].Sub = strings.Join(under, " · ")
	}
	return t
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
			clockCell = ui.Cell{Part: light(*cv)}
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

// lights are the colours of a clock: green while there is time, yellow when it ends soon, red when it has ended; the words say it too.
var lights = map[ui.ClockState]ui.Tone{ui.Running: ui.Success, ui.DueSoon: ui.Warn, ui.Overdue: ui.Bad, ui.Paused: ui.Neutral, ui.Finished: ui.Neutral}

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

// tools are what every page of the desk carries: whether keys are on.
type tools struct{ NoKeys bool }

func (h handlers) tools(ctx context.Context, a authz.Actor) (t tools, err error) {
	t.NoKeys, err = h.Desk.NoKeys(ctx, a)
	return t, err
}
