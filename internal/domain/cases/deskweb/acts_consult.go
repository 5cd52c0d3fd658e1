package deskweb

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ui"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/org"
	"tongban/internal/engine/flow"
)

// inquiry is a question to another agency as typed.
type inquiry struct {
	Post, Text, N, Silence string
	Wait                   bool
}

// waits is how the page writes that silence means nothing.
const waits = "wait"

func asking() kind[inquiry] {
	return kind[inquiry]{
		act: cases.ActConsult, path: "ask",
		begin: func(context.Context, handlers, cases.Detail) inquiry {
			return inquiry{N: "5", Silence: waits, Wait: true}
		},
		read: func(v url.Values, _ cases.Detail) inquiry {
			return inquiry{v.Get("post"), text(v, "text"), text(v, "n"), v.Get("silence"), v.Get("wait") == "true"}
		},
		do: func(ctx context.Context, s *cases.Service, a authz.Actor, d cases.Detail, version int64, f inquiry) error {
			n, _ := strconv.Atoi(f.N) // what is no number is refused as no length
			in := cases.Question{Step: d.Step, Post: f.Post, Text: f.Text, N: n, Silence: f.Silence, Wait: f.Wait}
			if f.Silence == waits {
				in.Silence = flow.SilenceWaits
			}
			_, err := s.Ask(ctx, a, d.ID, version, in)
			return err
		},
		page: askPage,
	}
}

func silenceOptions(ctx context.Context) []ui.Option {
	return []ui.Option{
		{Value: waits, Label: tr(ctx, "cases.silence_wait")}, {Value: flow.SilenceAgree, Label: tr(ctx, "cases.silence_agree")}, {Value: flow.SilenceNone, Label: tr(ctx, "cases.silence_none")},
	}
}

// askable lists the posts of other agencies of the same city that examine or decide, by agency.
func (h handlers) askable(ctx context.Context, d cases.Detail) []ui.Option {
	rosters, ok := h.Offices.(cases.Rosters)
	if !ok {
		return nil
	}
	city := func(code string) string { return code[:min(4, len(code))] }
	var out []ui.Option
	for _, p := range rosters.Posts(ctx, "") {
		if p.Agency == d.Agency || org.IsHall(p.Agency) || !slices.ContainsFunc([]string{flow.Review, flow.Inspect, flow.Decide}, func(act string) bool { return slices.Contains(p.Acts, act) }) {
			continue
		}
		if g, err := h.Offices.Agency(ctx, p.Agency); err == nil && city(g.Region) == city(d.Region) {
			out = append(out, ui.Option{Value: p.Key, Label: g.Name + " · " + p.Name})
		}
	}
	slices.SortFunc(out, func(a, b ui.Option) int { return cmp.Compare(a.Label, b.Label) })
	return out
}

// agencyPost names a post with its agency.
func (h handlers) agencyPost(ctx context.Context, key string) string {
	p, err := h.Offices.Post(ctx, key)
	if err != nil {
		return key
	}
	g, err := h.Offices.Agency(ctx, p.Agency)
	if err != nil {
		return p.Name
	}
	return cmp.Or(g.Short, g.Name) + " · " + p.Name
}

func answering() kind[cases.Answer] {
	return kind[cases.Answer]{
		act: cases.ActAnswer, path: "answer",
		begin: func(_ context.Context, _ handlers, d cases.Detail) cases.Answer {
			if mine := toAnswer(d); len(mine) > 0 {
				return cases.Answer{ID: mine[0].ID}
			}
			return cases.Answer{}
		},
		read: func(v url.Values, _ cases.Detail) cases.Answer {
			return cases.Answer{ID: v.Get("id"), Outcome: v.Get("outcome"), Text: text(v, "text")}
		},
		do: func(ctx context.Context, s *cases.Service, a authz.Actor, d cases.Detail, version int64, f cases.Answer) error {
			_, err := s.Answer(ctx, a, d.ID, version, f)
			return err
		},
		page: answerPage,
	}
}

// toAnswer are the questions the reader may answer.
func toAnswer(d cases.Detail) []cases.Consult {
	return slices.DeleteFunc(slices.Clone(d.Consults), func(c cases.Consult) bool { return !c.Mine })
}

func answerOptions(ctx context.Context) []ui.Option {
	var out []ui.Option
	for _, o := range cases.AnswerOutcomes {
		out = append(out, ui.Option{Value: o, Label: tr(ctx, "cases.answer_"+o)})
	}
	return out
}

// consultOptions lets one of several questions be chosen.
func consultOptions(cs []cases.Consult) []ui.Option {
	var out []ui.Option
	for _, c := range cs {
		out = append(out, ui.Option{Value: c.ID, Label: c.Question, Hint: day(c.Due)})
	}
	return out
}

// recall is which question is taken back.
type recall struct{ ID string }

func recalling() kind[recall] {
	return kind[recall]{
		act: cases.ActRecall, path: "recall",
		begin: func(_ context.Context, _ handlers, d cases.Detail) recall {
			if cs := toRecall(d); len(cs) > 0 {
				return recall{cs[0].ID}
			}
			return recall{}
		},
		read: func(v url.Values, _ cases.Detail) recall { return recall{v.Get("id")} },
		do: func(ctx context.Context, s *cases.Service, a authz.Actor, d cases.Detail, version int64, f recall) error {
			_, err := s.Recall(ctx, a, d.ID, version, f.ID)
			return err
		},
		page: recallPage,
	}
}

func toRecall(d cases.Detail) []cases.Consult {
	return slices.DeleteFunc(slices.Clone(d.Consults), func(c cases.Consult) bool { return !c.Recall })
}

// consultRows are the facts of one question.
func consultRows(ctx context.Context, v caseView, c cases.Consult) []ui.KVRow {
	rows := []ui.KVRow{
		{Key: tr(ctx, "deskweb.consult_post"), Value: v.Posts[c.Post]},
		{Key: tr(ctx, "deskweb.consult_question"), Value: c.Question},
		{Key: tr(ctx, "deskweb.consult_asked"), Value: v.By(c.By) + " · " + minute(c.At), Num: true},
		{Key: tr(ctx, "deskweb.consult_due"), Value: day(c.Due) + "（" + tr(ctx, "cases.silence_"+cmp.Or(c.Silence, waits)) + "）"},
	}
	if !c.Answered.IsZero() {
		who := byFor(ctx, v.By, c.AnsweredBy, c.For) + " · " + minute(c.Answered)
		if c.Late() {
			who += "（" + tr(ctx, "deskweb.consult_late") + "）"
		}
		rows = append(rows, ui.KVRow{Key: tr(ctx, "deskweb.consult_answer"), Value: strings.TrimSpace(tr(ctx, "cases.answer_"+c.Outcome) + "\n" + c.Answer)}, ui.KVRow{Key: tr(ctx, "deskweb.consult_answered"), Value: who})
	}
	if !c.Silent.IsZero() {
		key := "cases.answer_silent_none"
		if c.Silence == flow.SilenceAgree {
			key = "cases.answer_silent_agree"
		}
		rows = append(rows, ui.KVRow{Key: tr(ctx, "deskweb.consult_silent"), Value: tr(ctx, key) + " · " + minute(c.Silent)})
	}
	return rows
}

// consultTag says where a question stands.
func consultTag(ctx context.Context, c cases.Consult) ui.TagView {
	switch {
	case !c.Withdrawn.IsZero():
		return ui.TagView{Tone: ui.Neutral, Text: tr(ctx, "deskweb.consult_withdrawn")}
	case c.Answered.IsZero() && c.Silent.IsZero() && c.Open():
		return ui.TagView{Tone: ui.Info, Text: tr(ctx, "deskweb.consult_waits")}
	case c.Outcome == cases.AnswerObject:
		return ui.TagView{Tone: ui.Bad, Text: tr(ctx, "cases.answer_object")}
	case c.Outcome == cases.AnswerAdvise:
		return ui.TagView{Tone: ui.Warn, Text: tr(ctx, "cases.answer_advise")}
	case c.Outcome == "":
		return ui.TagView{Tone: ui.Neutral, Text: tr(ctx, "deskweb.consult_closed")}
	}
	return ui.TagView{Tone: ui.Success, Text: tr(ctx, "cases.answer_"+c.Outcome)}
}

// placedRows say of each step who got it by rule, and why.
func (v caseView) placedRows(ctx context.Context) []ui.KVRow {
	var out []ui.KVRow
	for _, st := range v.Flow.Walk() {
		p, ok := v.Placed[st.Key]
		if !ok {
			continue
		}
		why := []string{tr(ctx, "cases.because_"+p.Reason, errs.P{"role": i18n.Key("cases.right_" + p.Role), "region": v.placeOf(p.Region), "n": p.Rule})}
		if p.Reason == flow.ByLoad {
			why = nil
		}
		switch p.Share {
		case cases.BecauseLoad:
			why = append(why, tr(ctx, "cases.because_load", errs.P{"n": p.Open}))
		case cases.BecauseRule, cases.BecauseNobody:
			why = append(why, tr(ctx, map[string]string{cases.BecauseRule: "cases.because_rule", cases.BecauseNobody: "cases.share_nobody"}[p.Share], errs.P{"n": p.Rule}))
		}
		to := v.PostOf(p.Post)
		if p.Staff != "" {
			to += " · " + v.By("staff:"+p.Staff)
		}
		out = append(out, ui.KVRow{Key: st.Name, Value: tr(ctx, "deskweb.placed", errs.P{"to": to, "why": strings.Join(slices.Compact(why), "，")})})
	}
	return out
}

func (v caseView) placeOf(code string) string {
	if v.Places == nil {
		return code
	}
	return v.Places(code)
}

// lending is the form of a hand-over for a time.
type lending struct{ Staff, Until string }

func delegating() kind[lending] {
	return kind[lending]{
		act: cases.ActDelegate, path: "delegate",
		begin: func(context.Context, handlers, cases.Detail) lending { return lending{} },
		read:  func(v url.Values, _ cases.Detail) lending { return lending{v.Get("staff"), text(v, "until")} },
		do: func(ctx context.Context, s *cases.Service, a authz.Actor, d cases.Detail, version int64, f lending) error {
			_, err := s.Delegate(ctx, a, d.ID, version, cases.Delegation{Step: d.Step, Staff: f.Staff, Until: f.Until})
			return err
		},
		page: delegatePage,
	}
}

func migrating() kind[words] {
	return kind[words]{
		act: cases.ActMigrate, path: "migrate",
		begin: func(context.Context, handlers, cases.Detail) words { return words{} },
		read:  func(v url.Values, _ cases.Detail) words { return words{text(v, "reason")} },
		do: func(ctx context.Context, s *cases.Service, a authz.Actor, d cases.Detail, version int64, f words) error {
			_, err := s.Migrate(ctx, a, d.ID, version, cases.Migration{Reason: f.Text})
			return err
		},
		page: migratePage,
	}
}

// planned finds out what a migration to the newest version would do, or why it cannot be done.
func (h handlers) planned(ctx context.Context, a authz.Actor, d cases.Detail, v *actView) {
	p, err := h.Cases.PlanMigration(ctx, a, d.ID, 0)
	if err != nil {
		v.Why = cmp.Or(v.Why, i18n.Err(ctx, err))
		return
	}
	v.Plan = &p
}

func planRows(ctx context.Context, p cases.MigrationPlan) []ui.KVRow {
	none := tr(ctx, "deskweb.migrate_none")
	list := func(key string, ss []string) ui.KVRow {
		return ui.KVRow{Key: tr(ctx, key), Value: cmp.Or(strings.Join(ss, "、"), none)}
	}
	rows := []ui.KVRow{{Key: tr(ctx, "deskweb.migrate_versions"), Value: tr(ctx, "deskweb.migrate_from_to", errs.P{"from": p.From, "to": p.To})}}
	for _, s := range p.Steps {
		rows = append(rows, ui.KVRow{Key: tr(ctx, "deskweb.migrate_step"), Value: s.Was + " → " + s.Is})
	}
	rows = append(rows, list("deskweb.migrate_begun", p.Begun), list("deskweb.migrate_lost", p.Lost), list("deskweb.migrate_missed", p.Missed), list("deskweb.migrate_unshown", p.Unshown),
		list("deskweb.migrate_unasked", p.Unasked), list("deskweb.migrate_materials", p.Materials), list("deskweb.migrate_wanted", p.Wanted))
	if !p.Due.IsZero() {
		rows = append(rows, ui.KVRow{Key: tr(ctx, "deskweb.migrate_due"), Value: day(p.Due) + " → " + day(p.DueAfter), Num: true})
	}
	return rows
}

// askedNames names the posts that were asked with their agencies, and regions.
func (h handlers) askedNames(ctx context.Context, v *caseView) {
	for _, c := range v.Consults {
		v.Posts[c.Post] = h.agencyPost(ctx, c.Post)
	}
	v.PostOf = func(key string) string { return h.agencyPost(ctx, key) }
	v.Places = func(code string) string {
		for _, r := range h.Offices.Regions(ctx) {
			if r.Code == code {
				return r.Name
			}
		}
		return code
	}
}

func silenceKey(c cases.Consult) string { return cmp.Or(c.Silence, waits) }
