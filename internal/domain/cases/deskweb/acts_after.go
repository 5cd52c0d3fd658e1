package deskweb

import (
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
	"tongban/internal/domain/paper"
)

// taking is the form of a revocation, or of its announcement, as typed. Ground is kind:ground, so that one choice cannot contradict the other.
type taking struct {
	Ground, Reason, Basis, Compensation, Penalty, Heard, Days string
	Answered                                                  bool
}

func (f taking) kind() string   { k, _, _ := strings.Cut(f.Ground, ":"); return k }
func (f taking) ground() string { _, g, _ := strings.Cut(f.Ground, ":"); return g }

// toldBefore are the kinds a holder is told of before.
var toldBefore = []string{cases.TakeRevoke, cases.TakeForfeit}

func announcing() kind[taking] {
	return kind[taking]{
		act: cases.ActAnnounce, path: "announce-revocation",
		begin: func(context.Context, handlers, cases.Detail) taking { return taking{Days: "5"} },
		read:  readTaking,
		do: func(ctx context.Context, s *cases.Service, a authz.Actor, d cases.Detail, version int64, f taking) error {
			days, _ := strconv.Atoi(f.Days) // what is no number is refused as no length
			_, err := s.Announce(ctx, a, d.ID, version, cases.Announcement{Kind: f.kind(), Ground: f.ground(), Reason: f.Reason, Basis: f.Basis, Days: days})
			return err
		},
		page: announcePage,
	}
}

func revoking() kind[taking] {
	return kind[taking]{
		act: cases.ActRevoke, path: "revoke",
		begin: func(_ context.Context, _ handlers, d cases.Detail) taking {
			var f taking
			if n := len(d.After.Announced); n > 0 && len(d.After.Taken) == 0 { // what the holder was told of is what is decided
				t := d.After.Announced[n-1]
				f.Ground, f.Reason, f.Basis = t.Kind+":"+t.Ground, t.Reason, t.Basis
			}
			return f
		},
		read: readTaking,
		do: func(ctx context.Context, s *cases.Service, a authz.Actor, d cases.Detail, version int64, f taking) error {
			_, err := s.Revoke(ctx, a, d.ID, version, cases.Revocation{
				Kind: f.kind(), Ground: f.ground(), Reason: f.Reason, Basis: f.Basis, Penalty: f.Penalty, Compensation: f.Compensation, Heard: f.Heard, Answered: f.Answered,
			})
			return err
		},
		page: revokePage,
	}
}

func readTaking(v url.Values, _ cases.Detail) taking {
	return taking{
		Ground: v.Get("ground"), Reason: text(v, "reason"), Basis: text(v, "basis"), Compensation: text(v, "compensation"), Penalty: text(v, "penalty"), Heard: text(v, "heard"),
		Days: text(v, "days"), Answered: v.Get("answered") != "",
	}
}

// takeOptions are the grounds of these kinds, each with the kind it belongs to.
func takeOptions(ctx context.Context, kinds ...string) []ui.Option {
	var out []ui.Option
	for _, k := range kinds {
		for _, g := range cases.TakeGrounds(k) {
			out = append(out, ui.Option{Value: k + ":" + g, Label: tr(ctx, "deskweb.take_option", errs.P{"kind": tr(ctx, "cases.take_"+k), "ground": tr(ctx, "cases.take_ground_"+g)})})
		}
	}
	return out
}

// groundError is what is wrong with the one choice of kind and ground.
func groundError(ctx context.Context, fs []errs.Field) string {
	if e := errorAt(ctx, fs, "kind"); e != "" {
		return e
	}
	return errorAt(ctx, fs, "ground")
}

// fixing is the form of a correction as typed. What is paper:<id> or licence:<field>.
type fixing struct{ What, Old, New, Reason string }

func rectifying() kind[fixing] {
	return kind[fixing]{
		act: cases.ActRectify, path: "rectify",
		begin: func(context.Context, handlers, cases.Detail) fixing { return fixing{} },
		read: func(v url.Values, _ cases.Detail) fixing {
			return fixing{v.Get("what"), text(v, "old"), text(v, "new"), text(v, "reason")}
		},
		do: func(ctx context.Context, s *cases.Service, a authz.Actor, d cases.Detail, version int64, f fixing) error {
			in := cases.Rectification{Old: f.Old, New: f.New, Reason: f.Reason}
			what, key, _ := strings.Cut(f.What, ":")
			if in.What = what; what == cases.RectifyLicence {
				in.Field = key
			} else {
				in.PaperID = key
			}
			_, err := s.Rectify(ctx, a, d.ID, version, in)
			return err
		},
		page: rectifyPage,
	}
}

// correctable lists what of a case can be corrected: its papers, and the fields of its licence that came from the application.
func (h handlers) correctable(ctx context.Context, a authz.Actor, d cases.Detail) []ui.Option {
	var out []ui.Option
	ps, err := h.Papers.OfCase(ctx, d.ID)
	if err != nil {
		ps = nil
	}
	for _, p := range ps {
		if p.Act != paper.Receipt && p.Act != paper.Rectify {
			out = append(out, ui.Option{Value: cases.RectifyPaper + ":" + p.ID, Label: tr(ctx, "deskweb.rectify_of_paper", errs.P{"title": p.Title, "number": p.Number})})
		}
	}
	fs, err := h.Cases.RectifiableFields(ctx, a, d.ID)
	if err != nil {
		return out
	}
	for _, f := range fs {
		out = append(out, ui.Option{Value: cases.RectifyLicence + ":" + f.Key, Label: tr(ctx, "deskweb.rectify_of_licence", errs.P{"field": f.Label, "text": f.Text})})
	}
	return out
}

// afterRows lists what happened after the decision, in order.
func afterRows(ctx context.Context, a cases.After, by func(string) string) []ui.KVRow {
	type row struct {
		at  int64
		row ui.KVRow
	}
	var all []row
	add := func(at int64, key, value string) { all = append(all, row{at, ui.KVRow{Key: key, Value: value}}) }
	for _, t := range a.Announced {
		add(t.At.UnixMilli(), minute(t.At)+" "+tr(ctx, "cases.act_announce_revocation"), tr(ctx, "deskweb.after_told", errs.P{
			"kind": tr(ctx, "cases.take_"+t.Kind), "ground": tr(ctx, "cases.take_ground_"+t.Ground), "reason": t.Reason, "date": minute(t.Until), "who": by(t.By),
		}))
	}
	for _, t := range a.Taken {
		add(t.At.UnixMilli(), minute(t.At)+" "+tr(ctx, "cases.take_"+t.Kind), tr(ctx, "deskweb.after_taken", errs.P{
			"ground": tr(ctx, "cases.take_ground_"+t.Ground), "reason": t.Reason, "basis": t.Basis, "who": by(t.By),
		}))
	}
	for _, t := range a.Rectified {
		add(t.At.UnixMilli(), minute(t.At)+" "+tr(ctx, "cases.act_rectify"), tr(ctx, "deskweb.after_rectified", errs.P{
			"title": t.Title, "old": t.Old, "new": t.New, "reason": t.Reason, "who": by(t.By),
		}))
	}
	slices.SortStableFunc(all, func(x, y row) int { return int(x.at - y.at) })
	out := make([]ui.KVRow, 0, len(all))
	for _, r := range all {
		out = append(out, r.row)
	}
	return out
}

// heldRows is the licence as it is now.
func heldRows(ctx context.Context, l *cases.Held) []ui.KVRow {
	state := i18n.T(ctx, "licence.state_"+l.State)
	if !l.Since.IsZero() {
		state = i18n.T(ctx, "licence.state_since", errs.P{"state": state, "date": minute(l.Since)})
	}
	return []ui.KVRow{{Key: l.TypeName, Value: state}, {Key: i18n.T(ctx, "licence.col_until"), Value: untilOf(ctx, l.ValidUntil)}}
}

func untilOf(ctx context.Context, date string) string {
	if date == "" {
		return i18n.T(ctx, "licence.open_end")
	}
	return date
}

// targetRows is the licence the application is about.
func targetRows(ctx context.Context, t *cases.Target) []ui.KVRow {
	out := []ui.KVRow{
		{Key: t.TypeName, Value: t.Number},
		{Key: i18n.T(ctx, "licence.col_until"), Value: untilOf(ctx, t.ValidUntil)},
		{Key: i18n.T(ctx, "licence.col_state"), Value: i18n.T(ctx, "licence.state_"+t.State)},
	}
	if t.AskBy != "" {
		key := "deskweb.asked_in_time"
		if t.Late {
			key = "deskweb.asked_late"
		}
		out = append(out, ui.KVRow{Key: tr(ctx, "deskweb.ask_by"), Value: tr(ctx, key, errs.P{"date": t.AskBy})})
	}
	return out
}
