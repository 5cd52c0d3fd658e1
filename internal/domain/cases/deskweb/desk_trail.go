package deskweb

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
	"tongban/internal/domain/desk"
)

// condsOf reads the conditions of an inbox from an address; what is not known is left out.
func condsOf(q url.Values) desk.Conditions {
	c := desk.Conditions{
		Tab: q.Get("tab"), Post: q.Get("post"), Item: q.Get("item"), State: q.Get("state"), Channel: q.Get("channel"), Region: q.Get("region"), Kind: q.Get("kind"),
		Overdue: q.Get("overdue") == "1", Mine: q.Get("mine") == "1", Urged: q.Get("urged") == "1", Unread: q.Get("unread") == "1",
	}
	if !slices.Contains(tabs, c.Tab) {
		c.Tab = cases.TabTodo
	}
	if !slices.Contains(cases.States, cases.State(c.State)) {
		c.State = ""
	}
	if c.Kind != cases.ByPerson && c.Kind != cases.ByFirm {
		c.Kind = ""
	}
	if cases.RegionPrefix(c.Region) == "" {
		c.Region = ""
	}
	if n, err := strconv.Atoi(q.Get("days")); err == nil && n > 0 && n <= 365 {
		c.Days = n
	}
	return c
}

// queryOf writes conditions into an address.
func queryOf(c desk.Conditions) url.Values {
	q := url.Values{"tab": {c.Tab}}
	for k, v := range map[string]string{"post": c.Post, "item": c.Item, "state": c.State, "channel": c.Channel, "region": c.Region, "kind": c.Kind} {
		if v != "" {
			q.Set(k, v)
		}
	}
	for k, on := range map[string]bool{"overdue": c.Overdue, "mine": c.Mine, "urged": c.Urged, "unread": c.Unread} {
		if on {
			q.Set(k, "1")
		}
	}
	if c.Days > 0 {
		q.Set("days", itoa(c.Days))
	}
	return q
}

func listURL(c desk.Conditions, after string) string {
	q := queryOf(c)
	if after != "" {
		q.Set("after", after)
	}
	return "/desk/cases?" + q.Encode()
}

// filterOf puts conditions to the service. Which cases were urged, or hold unread messages, the room of messages says.
func (h handlers) filterOf(ctx context.Context, a authz.Actor, c desk.Conditions) (cases.Filter, error) {
	f := cases.Filter{Tab: c.Tab, Post: c.Post, Item: c.Item, State: cases.State(c.State), Channel: c.Channel, Region: c.Region, Kind: c.Kind, Days: c.Days, Overdue: c.Overdue, Taken: c.Mine}
	if h.Voices == nil || !c.Urged && !c.Unread {
		return f, nil
	}
	f.Only = []string{}
	for _, ask := range []struct {
		on bool
		of func(context.Context, authz.Actor) ([]string, error)
	}{{c.Urged, h.Voices.Urged}, {c.Unread, h.Voices.Unread}} {
		if !ask.on {
			continue
		}
		ids, err := ask.of(ctx, a)
		if err != nil {
			return f, err
		}
		f.Only = append(f.Only, ids...)
	}
	return f, nil
}

// trail is the list an officer came from and how far down it they are, so that the next case is one key away. It travels in addresses: two windows of
// one officer may work on two lists.
type trail struct {
	conds desk.Conditions
	mark  int64
	known bool
}

func trailOf(r *http.Request) trail {
	q := r.URL.Query()
	if !q.Has("list") && r.PostForm != nil {
		q = r.PostForm
	}
	if !q.Has("list") {
		return trail{conds: desk.Conditions{Tab: cases.TabTodo}}
	}
	list, err := url.ParseQuery(q.Get("list"))
	if err != nil {
		list = url.Values{}
	}
	mark, _ := strconv.ParseInt(q.Get("at"), 10, 64)
	return trail{condsOf(list), mark, true}
}

// on adds the trail to an address.
func (t trail) on(u string) string {
	if !t.known || u == "" {
		return u
	}
	sep := "?"
	if strings.Contains(u, "?") {
		sep = "&"
	}
	return u + sep + url.Values{"list": {queryOf(t.conds).Encode()}, "at": {strconv.FormatInt(t.mark, 10)}}.Encode()
}

// hidden is the trail as fields of a form.
func (t trail) hidden() []ui.KV {
	if !t.known {
		return nil
	}
	return []ui.KV{{Key: "list", Value: queryOf(t.conds).Encode()}, {Key: "at", Value: strconv.FormatInt(t.mark, 10)}}
}

// at is the trail at another case of the same list.
func (t trail) at(c cases.Case) trail { return trail{t.conds, c.Mark(), true} }

// beside leads to the next or previous case of the list, or to its end.
func (h handlers) beside(back bool) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		ctx, a, id, t := r.Context(), actor(r), r.PathValue("id"), trailOf(r)
		if !t.known {
			c, err := h.Cases.Handles(ctx, a, id)
			if err != nil {
				return err
			}
			t = t.at(c)
		}
		f, err := h.filterOf(ctx, a, t.conds)
		if err != nil {
			return err
		}
		next, err := h.Cases.Beside(ctx, a, f, t.mark, id, back)
		if err != nil {
			return err
		}
		if next == "" {
			end := "last"
			if back {
				end = "first"
			}
			return web.SeeOther(w, r, listURL(t.conds, "")+"&end="+end)
		}
		c, err := h.Cases.Handles(ctx, a, next)
		if errs.KindOf(err) == errs.NotFound { // copied to the officer: it is in the list and read only
			return web.SeeOther(w, r, t.on(caseURL(next)))
		}
		if err != nil {
			return err
		}
		return web.SeeOther(w, r, t.at(c).on(caseURL(next)))
	}
}
