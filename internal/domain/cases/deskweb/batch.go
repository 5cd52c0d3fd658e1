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
	"tongban/internal/base/i18n"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/desk"
)

// batchActs may be done on many cases at once. Whatever ends a case, asks the applicant for something, decides or hands out does not stand here: it
// wants its own reasons, or a person at the counter, for each case.
var batchActs = []cases.Act{cases.ActTakeUp, cases.ActRelease, cases.ActAssign, cases.ActReceive, cases.ActAccept, cases.ActOpinion}

// judging are those that say something about a case: the officer must have opened it as it is now (行政许可法 第三十二条, 第三十四条: what was handed in is
// examined).
var judging = []cases.Act{cases.ActAccept, cases.ActOpinion}

// batchLine is one chosen case.
type batchLine struct {
	Case cases.Case
	Why  string // why the act cannot be done on it; empty when it can be tried
}

type batchView struct {
	Tools      tools
	Act        cases.Act
	Lines      []batchLine
	Fit        int
	Colleagues []ui.Option
	Staff      string
	Text       string
	Key        string
	List, Back string
	Errors     []errs.Field
}

// chosen is one case as the list showed it.
type chosen struct {
	id      string
	version int64
}

func chosenOf(v url.Values) []chosen {
	var out []chosen
	for _, s := range v["case"] {
		id, ver, _ := strings.Cut(s, ":")
		n, err := strconv.ParseInt(ver, 10, 64)
		if err != nil || id == "" || slices.ContainsFunc(out, func(c chosen) bool { return c.id == id }) || len(out) == desk.MostLines {
			continue
		}
		out = append(out, chosen{id, n})
	}
	return out
}

func listOf(v url.Values) (list, back string) {
	q, err := url.ParseQuery(v.Get("list"))
	if err != nil {
		q = url.Values{}
	}
	c := condsOf(q)
	return queryOf(c).Encode(), listURL(c, "")
}

// batchAsk shows the chosen cases with what stands in the way of each, and asks what the act needs.
func (h handlers) batchAsk(w http.ResponseWriter, r *http.Request) error {
	in, err := web.Form(r)
	if err != nil {
		return err
	}
	v, err := h.batchView(r.Context(), actor(r), in)
	if err != nil {
		return err
	}
	v.Key = newKey()
	return web.RenderStatus(w, r, statusOf(v), batchPage(v))
}

func statusOf(v batchView) int {
	if len(v.Errors) > 0 {
		return http.StatusUnprocessableEntity
	}
	return http.StatusOK
}

func (h handlers) batchView(ctx context.Context, a authz.Actor, in url.Values) (v batchView, err error) {
	v = batchView{Act: cases.Act(in.Get("act")), Staff: in.Get("staff"), Text: text(in, "text"), Key: in.Get("_key")}
	v.List, v.Back = listOf(in)
	if !slices.Contains(batchActs, v.Act) {
		return v, errs.New(errs.BadRequest, "desk.batch_unknown")
	}
	if v.Tools, err = h.tools(ctx, a); err != nil {
		return v, err
	}
	picked := chosenOf(in)
	if len(picked) == 0 {
		v.Errors = []errs.Field{{Key: "desk.batch_nothing"}}
		return v, nil
	}
	seen, err := h.Desk.LookedAt(ctx, a, idsOf(picked))
	if err != nil {
		return v, err
	}
	for _, p := range picked {
		d, err := h.Cases.Case(ctx, a, p.id)
		if errs.KindOf(err) == errs.NotFound {
			v.Lines = append(v.Lines, batchLine{Case: cases.Case{ID: p.id}, Why: i18n.Err(ctx, err)})
			continue
		}
		if err != nil {
			return v, err
		}
		l := batchLine{Case: d.Case, Why: h.batchWhy(ctx, a, d, v.Act, p.version, seen[p.id])}
		l.Case.Version = p.version
		if v.Lines = append(v.Lines, l); l.Why == "" {
			v.Fit++
		}
		if v.Act == cases.ActAssign && l.Why == "" {
			v.Colleagues = common(v.Colleagues, h.colleagues(ctx, a, focus(d, "").Post), v.Fit == 1)
		}
	}
	return v, nil
}

func idsOf(picked []chosen) []string {
	var out []string
	for _, p := range picked {
		out = append(out, p.id)
	}
	return out
}

// common keeps the colleagues who can take every case so far.
func common(have, more []ui.Option, first bool) []ui.Option {
	if first {
		return more
	}
	return slices.DeleteFunc(have, func(o ui.Option) bool {
		return !slices.ContainsFunc(more, func(x ui.Option) bool { return x.Value == o.Value })
	})
}

// batchWhy says why an act cannot be done on a case together with others, empty when it can. The act itself asks everything again.
func (h handlers) batchWhy(ctx context.Context, a authz.Actor, d cases.Detail, act cases.Act, listed, seen int64) string {
	d = focus(d, "")
	if why := h.why(ctx, a, d, act); why != "" {
		return why
	}
	if len(mineOf(d)) > 1 {
		return tr(ctx, "desk.batch_many_steps")
	}
	switch {
	case d.Version != listed:
		return tr(ctx, "desk.batch_moved")
	case slices.Contains(judging, act) && seen != d.Version:
		return tr(ctx, "desk.batch_not_seen")
	case act == cases.ActOpinion && !d.Plain():
		return tr(ctx, "desk.batch_checklist")
	case act == cases.ActTakeUp && d.TakenBy != "":
		return tr(ctx, "desk.batch_taken", errs.P{"who": h.who(ctx, "staff:"+d.TakenBy)})
	}
	return ""
}

// batchDo does the act case by case, each in a transaction of its own with the version the list showed. A repeat goes on where the first left off.
func (h handlers) batchDo(w http.ResponseWriter, r *http.Request) error {
	ctx, a := r.Context(), actor(r)
	in, err := web.Form(r)
	if err != nil {
		return err
	}
	list, _ := listOf(in)
	var b desk.Batch
	if id := in.Get("go"); id != "" {
		b, err = h.Desk.Batch(ctx, a, id)
	} else {
		var v batchView
		if v, err = h.batchChecked(ctx, a, in); err != nil {
			return err
		}
		if len(v.Errors) > 0 {
			return web.RenderStatus(w, r, http.StatusUnprocessableEntity, batchPage(v))
		}
		b, err = h.beginBatch(ctx, a, in)
	}
	if err != nil {
		return err
	}
	if err := h.runBatch(ctx, a, b); err != nil {
		return err
	}
	return web.SeeOther(w, r, "/desk/batches/"+b.ID+"?"+url.Values{"list": {list}}.Encode())
}

// batchChecked reads the form and says what is missing; the chosen cases are read again only to show the form once more.
func (h handlers) batchChecked(ctx context.Context, a authz.Actor, in url.Values) (batchView, error) {
	act := cases.Act(in.Get("act"))
	var missing []errs.Field
	switch {
	case act == cases.ActAssign && in.Get("staff") == "":
		missing = []errs.Field{{Path: "staff", Key: "deskweb.assign_missing"}}
	case act == cases.ActOpinion && text(in, "text") == "":
		missing = []errs.Field{{Path: "text", Key: "deskweb.opinion_missing"}}
	case !slices.Contains(batchActs, act):
		return batchView{}, errs.New(errs.BadRequest, "desk.batch_unknown")
	default:
		return batchView{}, nil
	}
	v, err := h.batchView(ctx, a, in)
	v.Errors = append(v.Errors, missing...)
	return v, err
}

func (h handlers) beginBatch(ctx context.Context, a authz.Actor, in url.Values) (desk.Batch, error) {
	b := desk.Batch{Act: in.Get("act"), Input: map[string]string{"staff": in.Get("staff"), "text": text(in, "text")}}
	for _, p := range chosenOf(in) {
		b.Lines = append(b.Lines, desk.Line{Case: p.id, Version: p.version})
	}
	return h.Desk.Begin(ctx, a, in.Get("_key"), b)
}

// runBatch does what is still open of a run. What the service refuses is a result; what breaks stops the run and can be gone on with.
func (h handlers) runBatch(ctx context.Context, a authz.Actor, b desk.Batch) error {
	for i, l := range b.Lines {
		if l.Outcome != desk.LineOpen {
			continue
		}
		l.Outcome = desk.LineDone
		if err := h.batchOne(ctx, a, cases.Act(b.Act), l, b.Input); err != nil {
			if e := errs.As(err); e == nil || e.Kind == errs.Internal || e.Kind == errs.Unavailable {
				return err
			}
			l.Outcome, l.Why = desk.LineNot, h.batchRefused(ctx, a, l, err)
		}
		if err := h.Desk.Told(ctx, b.ID, i, l); err != nil {
			return err
		}
	}
	return nil
}

// batchRefused puts a refusal into words; where somebody was faster it says who, and what they did.
func (h handlers) batchRefused(ctx context.Context, a authz.Actor, l desk.Line, cause error) string {
	if !errs.Is(cause, "cases.moved") {
		return i18n.Err(ctx, cause)
	}
	d, err := h.Cases.Case(ctx, a, l.Case)
	if err != nil {
		return i18n.Err(ctx, cause)
	}
	out := tr(ctx, "desk.batch_moved")
	for _, e := range d.History {
		if e.Version > l.Version {
			out += " " + tr(ctx, "desk.batch_by", errs.P{"time": minute(e.At), "who": byFor(ctx, func(s string) string { return h.who(ctx, s) }, e.By, e.OnBehalf), "act": actName(ctx, e.Act)})
		}
	}
	return out
}

func (h handlers) batchOne(ctx context.Context, a authz.Actor, act cases.Act, l desk.Line, in map[string]string) error {
	var err error
	switch act {
	case cases.ActTakeUp:
		_, err = h.Cases.TakeUp(ctx, a, l.Case, l.Version, "")
	case cases.ActRelease:
		_, err = h.Cases.Release(ctx, a, l.Case, l.Version, "")
	case cases.ActAssign:
		_, err = h.Cases.Assign(ctx, a, l.Case, l.Version, "", in["staff"])
	case cases.ActReceive:
		_, err = h.Cases.Receive(ctx, a, l.Case, l.Version)
	case cases.ActAccept, cases.ActOpinion:
		return h.judgeOne(ctx, a, act, l, in)
	default:
		return errs.New(errs.BadRequest, "desk.batch_unknown")
	}
	return err
}

// judgeOne accepts a case or passes it, if the officer has opened it as it is.
func (h handlers) judgeOne(ctx context.Context, a authz.Actor, act cases.Act, l desk.Line, in map[string]string) error {
	seen, err := h.Desk.LookedAt(ctx, a, []string{l.Case})
	if err != nil {
		return err
	}
	if seen[l.Case] < l.Version {
		return errs.New(errs.Conflict, "desk.batch_not_seen")
	}
	if act == cases.ActAccept {
		_, err = h.Cases.Accept(ctx, a, l.Case, l.Version)
		return err
	}
	d, err := h.Cases.Case(ctx, a, l.Case)
	if err != nil {
		return err
	}
	if d = focus(d, ""); d.Version == l.Version && !d.Plain() {
		return errs.New(errs.Conflict, "desk.batch_checklist")
	}
	_, err = h.Cases.Opinion(ctx, a, l.Case, l.Version, cases.Opinion{Outcome: cases.OpinionPass, Text: in["text"]})
	return err
}

// batchShow tells what came of a run, case by case.
func (h handlers) batchShow(w http.ResponseWriter, r *http.Request) error {
	ctx, a := r.Context(), actor(r)
	b, err := h.Desk.Batch(ctx, a, r.PathValue("batch"))
	if err != nil {
		return err
	}
	t, err := h.tools(ctx, a)
	if err != nil {
		return err
	}
	rows := ui.TableView{Caption: tr(ctx, "desk.batch_results"), CaptionHide: true, Columns: []ui.Column{{Label: tr(ctx, "deskweb.col_case")}, {Label: tr(ctx, "desk.batch_result")}, {Label: tr(ctx, "desk.batch_why")}}}
	for _, l := range b.Lines {
		head := ui.Cell{Text: tr(ctx, "desk.batch_case_gone")}
		if c, err := h.Cases.Handles(ctx, a, l.Case); err == nil {
			head = ui.Cell{Part: caseHead(c.ItemName, numberOf(ctx, c), caseURL(c.ID))}
		} else if errs.KindOf(err) != errs.NotFound {
			return err
		}
		out := ui.Cell{Tone: ui.Success, Text: tr(ctx, "desk.batch_ok")}
		switch l.Outcome {
		case desk.LineNot:
			out = ui.Cell{Tone: ui.Bad, Text: tr(ctx, "desk.batch_not")}
		case desk.LineOpen:
			out = ui.Cell{Tone: ui.Neutral, Text: tr(ctx, "desk.batch_open")}
		}
		rows.Rows = append(rows.Rows, []ui.Cell{head, out, {Text: l.Why}})
	}
	list, back := listOf(r.URL.Query())
	return web.Render(w, r, batchResult(t, b, rows, back, list))
}

func tallyOf(b desk.Batch) (done, not, left int) {
	for _, l := range b.Lines {
		switch l.Outcome {
		case desk.LineDone:
			done++
		case desk.LineNot:
			not++
		default:
			left++
		}
	}
	return done, not, left
}

func batchTable(ctx context.Context, v batchView) ui.TableView {
	t := ui.TableView{Caption: tr(ctx, "desk.batch_chosen"), CaptionHide: true, Columns: []ui.Column{{Label: tr(ctx, "deskweb.col_case")}, {Label: tr(ctx, "deskweb.col_applicant")}, {Label: tr(ctx, "deskweb.col_step")}, {Label: tr(ctx, "desk.batch_can")}}}
	for _, l := range v.Lines {
		can := ui.Cell{Tone: ui.Success, Text: tr(ctx, "desk.batch_yes")}
		if l.Why != "" {
			can = ui.Cell{Tone: ui.Neutral, Text: tr(ctx, "desk.batch_cannot"), Sub: l.Why}
		}
		head := ui.Cell{Text: tr(ctx, "desk.batch_case_gone")}
		if l.Case.ItemName != "" {
			head = ui.Cell{Part: caseHead(l.Case.ItemName, numberOf(ctx, l.Case), caseURL(l.Case.ID))}
		}
		t.Rows = append(t.Rows, []ui.Cell{head, {Text: l.Case.Applicant}, {Text: stepOf(l.Case)}, can})
	}
	return t
}
