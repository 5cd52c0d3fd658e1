package deskweb

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"tongban/internal/base/errs"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/desk"
)

// keepView is what the form of an act carries so that nothing typed is lost: where it is saved, what was saved before, prepared phrases.
type keepView struct {
	Trail       trail
	Tools       tools
	KeepURL     string // empty: the form holds nothing worth keeping
	KeptAt      time.Time
	KeptVersion int64
	KeptMoved   []ui.DiffRow // what happened since it was typed
	Phrases     []desk.Phrase
	Into        []ui.Option // boxes a phrase can go to
	IntoNow     string
	movedSince  since
}

// texts are the boxes of each act's form that hold sentences, by the key of their label.
var texts = map[cases.Act][][2]string{
	cases.ActOpinion: {{"text", "deskweb.opinion_text"}}, cases.ActInspect: {{"conclusion", "deskweb.conclusion"}},
	cases.ActRefuse:    {{"reason", "deskweb.refuse_reason"}},
	cases.ActDecide:    {{"reason", "deskweb.decide_reason"}, {"basis", "deskweb.decide_basis"}, {"conditions", "deskweb.decide_conditions"}},
	cases.ActOnTheSpot: {{"reason", "deskweb.decide_reason"}, {"basis", "deskweb.decide_basis"}, {"conditions", "deskweb.decide_conditions"}},
	cases.ActSuspend:   {{"reason", "deskweb.special_reason"}}, cases.ActResume: {{"result", "deskweb.resume_text"}}, cases.ActExtend: {{"reason", "deskweb.extend_text"}},
	cases.ActTerminate: {{"reason", "deskweb.end_reason"}}, cases.ActTransfer: {{"reason", "deskweb.end_reason"}}, cases.ActLapse: {{"reason", "deskweb.end_reason"}},
	cases.ActVoid: {{"reason", "deskweb.end_reason"}}, cases.ActAnswerPrecheck: {{"advice", "deskweb.precheck_advice"}},
	cases.ActConsult: {{"text", "deskweb.consult_question"}}, cases.ActAnswer: {{"text", "deskweb.answer_text"}}, cases.ActExpertise: {{"conclusion", "deskweb.expert_text"}},
	cases.ActMigrate: {{"reason", "deskweb.migrate_reason"}}, cases.ActFollow: {{"reason", "deskweb.check_reason"}, {"basis", "deskweb.check_basis"}},
	cases.ActAnnounce: {{"reason", "deskweb.take_reason"}, {"basis", "deskweb.take_basis"}},
	cases.ActRevoke:   {{"reason", "deskweb.take_reason"}, {"basis", "deskweb.take_basis"}, {"heard", "deskweb.take_heard"}, {"compensation", "deskweb.take_compensation"}},
	cases.ActRectify:  {{"reason", "deskweb.rectify_reason"}},
}

// bare are the acts that need only a yes, a name, or files, or that are done while the applicant waits: there is no text to keep.
var bare = []cases.Act{cases.ActReceive, cases.ActAccept, cases.ActTakeUp, cases.ActRelease, cases.ActAssign, cases.ActDelegate, cases.ActRecall, cases.ActSpot, cases.ActDeliver, cases.ActSupply}

func keeps(act cases.Act) bool { return !slices.Contains(bare, act) }

func (h handlers) keepView(r *http.Request, d cases.Detail, act cases.Act) keepView {
	ctx, a := r.Context(), actor(r)
	v := keepView{Trail: trailOf(r)}
	v.Tools, _ = h.tools(ctx, a) // without it the keys are on, as they are for everybody who never chose
	if !keeps(act) {
		return v
	}
	v.KeepURL = caseURL(d.ID) + "/unsent?" + url.Values{"act": {string(act)}}.Encode()
	if v.Into = textsOf(ctx, d, act); len(v.Into) == 0 {
		return v
	}
	ps, err := h.Desk.Phrases(ctx, a)
	if err != nil { // the form works without them
		return v
	}
	facts := h.facts(ctx, d, h.who(ctx, "staff:"+a.StaffID))
	for i := range ps {
		ps[i].Text = desk.Fill(ps[i].Text, facts)
	}
	v.Phrases = ps
	return v
}

// textsOf names the boxes of a form a phrase can go to.
func textsOf(ctx context.Context, d cases.Detail, act cases.Act) []ui.Option {
	var out []ui.Option
	if act == cases.ActCorrect || act == cases.ActAnswerPrecheck {
		for _, p := range places(d) {
			out = append(out, ui.Option{Value: "text." + p.name(), Label: p.Label})
		}
	}
	for _, t := range texts[act] {
		out = append(out, ui.Option{Value: t[0], Label: tr(ctx, t[1])})
	}
	if act == cases.ActExpertise {
		p, _ := panelOf(d)
		for i, x := range p.Experts {
			if !x.Conflict {
				out = append(out, ui.Option{Value: "opinions." + itoa(i) + ".text", Label: tr(ctx, "deskweb.expert_opinion", errs.P{"name": x.Name})})
			}
		}
	}
	return out
}

// restore gives what was typed into this form before and not sent, and says in the view when that was and what has happened since.
func (h handlers) restore(r *http.Request, v *actView) (url.Values, error) {
	if v.KeepURL == "" {
		return nil, nil
	}
	u, ok, err := h.Desk.Kept(r.Context(), actor(r), v.ID, unsentKey(v.Act, v.Step))
	if err != nil || !ok {
		return nil, err
	}
	v.KeptAt, v.KeptVersion = u.At, u.Version
	if u.Version != v.Version {
		_, v.KeptMoved = h.moved(r.Context(), v.Detail, u.Version)
	}
	return u.Form, nil
}

// aside does what a form's other buttons ask: keep the text for later. done means that the answer has been written.
func (h handlers) aside(w http.ResponseWriter, r *http.Request, act cases.Act, d cases.Detail, v url.Values) (done bool, err error) {
	if v.Get("_act") != "keep" || !keeps(act) {
		return false, nil
	}
	if _, err := h.keep(r.Context(), actor(r), d.ID, act, v.Get("step"), v); err != nil {
		return false, err
	}
	return true, web.SeeOther(w, r, trailOf(r).on(caseURL(d.ID)+"?done=keep"))
}

// phrase puts a prepared phrase behind what stands in a box; it reports whether that was asked for. With the script nothing is sent for it.
func (h handlers) phrase(r *http.Request, d cases.Detail, v url.Values) bool {
	if v.Get("_act") != "phrase" {
		return false
	}
	ctx, a := r.Context(), actor(r)
	ps, err := h.Desk.Phrases(ctx, a)
	i := slices.IndexFunc(ps, func(p desk.Phrase) bool { return p.ID == v.Get("_phrase") })
	into := v.Get("_into")
	if err != nil || i < 0 || into == "" || strings.HasPrefix(into, "_") {
		return true // the form comes back as it was
	}
	text := desk.Fill(ps[i].Text, h.facts(ctx, d, h.who(ctx, "staff:"+a.StaffID)))
	if old := strings.TrimRight(v.Get(into), " \n"); old != "" {
		text = old + "\n" + text
	}
	if strings.HasPrefix(into, "text.") { // one line of a correction notice, which is ticked with it
		text = strings.ReplaceAll(text, "\n", " ")
		if on := strings.TrimPrefix(into, "text."); !slices.Contains(v["on"], on) {
			v.Add("on", on)
		}
	}
	v.Set(into, text)
	return true
}

// sinceShown compares the case with the officer's last look at it: what an act met that was done on an older page.
func (h handlers) sinceShown(r *http.Request, d cases.Detail) (since, error) {
	is := seen(d)
	was, had, err := h.Desk.Look(r.Context(), actor(r), d.ID, is)
	if err != nil || !had {
		return since{}, err
	}
	s := sinceOf(actor(r), d, was, is)
	s.Events = nil // who did what stands in the table above
	return s, nil
}

func (v actView) sinceTable(ctx context.Context) ui.TableView { return sinceTable(ctx, v.movedSince) }
