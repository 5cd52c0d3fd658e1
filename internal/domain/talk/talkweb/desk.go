package talkweb

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"tongban/internal/base/errs"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/org"
	"tongban/internal/domain/talk"
)

func (h handlers) answer(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Form(r)
	if err != nil {
		return err
	}
	id, urge, text := r.PathValue("id"), r.PathValue("urge"), f.Get(fieldAnswer)
	if err := h.s.Answer(r.Context(), actor(r), id, urge, text); err != nil {
		return h.failed(w, r, desk, err, map[string]string{fieldAnswer: text, "urge": urge})
	}
	return web.SeeOther(w, r, at(desk.back, id)+"?talk=answered#talk")
}

// copyView is the form of a copy: first the agency, then who in it.
type copyView struct {
	Thread   talk.Thread
	Agency   string
	Agencies []ui.Option
	To       []talk.Receiver
	Most     int
	problems
}

func (h handlers) copyPage(w http.ResponseWriter, r *http.Request) error {
	return h.drawCopy(w, r, http.StatusOK, r.URL.Query().Get("agency"), problems{})
}

func (h handlers) drawCopy(w http.ResponseWriter, r *http.Request, status int, agency string, wrong problems) error {
	ctx, a := r.Context(), actor(r)
	th, err := h.s.Thread(ctx, a, r.PathValue("id"))
	if err != nil {
		return err
	}
	if !th.MayCopy {
		return errs.New(errs.Forbidden, "talk.no_right")
	}
	v := copyView{Thread: th, Agency: agency, Most: h.s.Rules().Copy.MostDays, problems: wrong}
	for _, g := range h.s.Agencies(ctx) {
		v.Agencies = append(v.Agencies, ui.Option{Value: g.Key, Label: g.Name, Selected: g.Key == agency})
	}
	if agency != "" {
		v.To = h.s.Receivers(ctx, a, agency)
	}
	return web.RenderStatus(w, r, status, copyPage(v))
}

func (h handlers) copy(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Form(r)
	if err != nil {
		return err
	}
	id := r.PathValue("id")
	kind, key, _ := strings.Cut(f.Get("to"), ":")
	days, _ := strconv.Atoi(strings.TrimSpace(f.Get("days"))) // 0 for what is no number, which is said to be wrong
	_, err = h.s.Copy(r.Context(), actor(r), id, talk.NewCopy{Kind: kind, Key: key, Reason: f.Get("reason"), Days: days})
	if err == nil {
		return web.SeeOther(w, r, at(desk.back, id)+"?talk=copied#talk")
	}
	wrong, ok := explain(r.Context(), err, nil)
	if !ok {
		return err
	}
	wrong.Typed = map[string]string{"to": f.Get("to"), "days": f.Get("days"), "reason": f.Get("reason")}
	return h.drawCopy(w, r, web.StatusOf(err), f.Get("agency"), wrong)
}

func (v copyView) agency(ctx context.Context) ui.FormField {
	return ui.FormField{Name: "agency", Kind: "select", Label: t(ctx, "copy_agency"), Value: v.Agency, Options: v.Agencies, Required: true}
}

func (v copyView) fields(ctx context.Context) []ui.FormField {
	to := ui.FormField{Name: "to", Kind: "select", Label: t(ctx, "copy_whom"), Hint: t(ctx, "copy_whom_hint"), Value: v.Typed["to"], Required: true, Error: v.Errors["to"]}
	for _, x := range v.To {
		to.Options = append(to.Options, ui.Option{Value: x.Kind + ":" + x.Key, Label: t(ctx, "to_"+x.Kind, errs.P{"name": x.Name})})
	}
	return []ui.FormField{
		to,
		{Name: "days", Kind: "number", Label: t(ctx, "copy_term"), Hint: t(ctx, "copy_term_hint", errs.P{"max": v.Most}), Value: v.Typed["days"], Unit: t(ctx, "days_unit"), Required: true, Error: v.Errors["days"]},
		{Name: "reason", Kind: "textarea", Label: t(ctx, "copy_reason"), Hint: t(ctx, "copy_reason_hint"), Value: v.Typed["reason"], MaxLength: talk.MaxReason, Required: true, Error: v.Errors["reason"]},
	}
}

func (h handlers) endCopy(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	if err := h.s.EndCopy(r.Context(), actor(r), id, r.PathValue("copy")); err != nil {
		return err
	}
	return web.SeeOther(w, r, at(desk.back, id)+"?talk=ended#talk")
}

const perPage = 30

type noticesView struct {
	Notices []talk.Notice
	Next    string
	First   bool
	Unread  int
}

func (h handlers) notices(w http.ResponseWriter, r *http.Request) error {
	ctx, a, after := r.Context(), actor(r), r.URL.Query().Get("after")
	ns, next, err := h.s.Notices(ctx, a, after, perPage)
	if err != nil {
		return err
	}
	return web.Render(w, r, noticesPage(noticesView{Notices: ns, Next: next, First: after == "", Unread: h.s.UnreadNotices(ctx, a.StaffID)}))
}

func (h handlers) readAll(w http.ResponseWriter, r *http.Request) error {
	if err := h.s.ReadAllNotices(r.Context(), actor(r)); err != nil {
		return err
	}
	return web.SeeOther(w, r, "/desk/notices")
}

// readOne marks a notice as read and leads to what it is about.
func (h handlers) readOne(w http.ResponseWriter, r *http.Request) error {
	n, err := h.s.ReadNotice(r.Context(), actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, n.Link)
}

// noticeWords says a notice in the reader's language. Dates are kept as instants.
func noticeWords(ctx context.Context, n talk.Notice) string {
	p := errs.P{}
	for k, v := range n.Words {
		p[k] = v
		if s, ok := v.(string); ok && (k == "due" || k == "until") {
			p[k] = dateOf(s)
		}
	}
	if c, ok := p["clock"].(string); ok {
		p["clock"] = t(ctx, "clock_"+c)
	}
	return t(ctx, "notice_"+n.Kind, p)
}

type headsView struct {
	Agency   string
	Name     string
	Agencies []ui.Option
	Posts    []org.Post
	Staff    []org.Staff
	Heads    []talk.HeadOf
	Done     string
	problems
}

func (h handlers) heads(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	return h.drawHeads(w, r, http.StatusOK, q.Get("agency"), q.Get("done"), problems{})
}

func (h handlers) drawHeads(w http.ResponseWriter, r *http.Request, status int, agency, done string, wrong problems) error {
	ctx, a := r.Context(), actor(r)
	v := headsView{Agency: agency, problems: wrong}
	if slices.Contains([]string{"set", "dropped"}, done) {
		v.Done = t(ctx, "head_"+done)
	}
	for _, g := range h.s.Administered(ctx, a) {
		v.Agencies = append(v.Agencies, ui.Option{Value: g.Key, Label: g.Name, Selected: g.Key == agency})
		if g.Key == agency {
			v.Name = g.Name
		}
	}
	if agency != "" {
		var err error
		if v.Heads, err = h.s.Heads(ctx, a, agency); err != nil {
			return err
		}
		v.Posts, v.Staff = h.s.PostsAndStaff(ctx, agency)
	}
	return web.RenderStatus(w, r, status, headsPage(v))
}

func (h handlers) setHead(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Form(r)
	if err != nil {
		return err
	}
	x, drop, done := talk.HeadOf{Agency: f.Get("agency"), Post: f.Get("post"), Staff: f.Get("staff")}, f.Get("act") == "drop", "set"
	if drop {
		done = "dropped"
	}
	err = h.s.SetHead(r.Context(), actor(r), x, drop)
	if err == nil {
		return web.SeeOther(w, r, "/admin/heads?agency="+x.Agency+"&done="+done)
	}
	wrong, ok := explain(r.Context(), err, nil)
	if !ok {
		return err
	}
	wrong.Typed = map[string]string{"post": x.Post, "staff": x.Staff}
	return h.drawHeads(w, r, web.StatusOf(err), x.Agency, "", wrong)
}

func (v headsView) fields(ctx context.Context) []ui.FormField {
	post := ui.FormField{Name: "post", Kind: "select", Label: t(ctx, "head_for"), Hint: t(ctx, "head_whole"), Value: v.Typed["post"], Error: v.Errors["post"]}
	for _, p := range v.Posts {
		post.Options = append(post.Options, ui.Option{Value: p.Key, Label: p.Name})
	}
	staff := ui.FormField{Name: "staff", Kind: "select", Label: t(ctx, "head_who"), Value: v.Typed["staff"], Required: true, Error: v.Errors["staff"]}
	for _, st := range v.Staff {
		if !st.Disabled {
			staff.Options = append(staff.Options, ui.Option{Value: st.ID, Label: st.Name})
		}
	}
	return []ui.FormField{post, staff}
}
