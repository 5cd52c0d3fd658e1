package casesweb

import (
	"context"
	"net/http"
	"slices"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/cases"
)

// Afterwards is what happens to a licence that was granted: its holder asks for a change, a renewal or a cancellation, the agency takes it back or
// corrects an error.
type Afterwards interface {
	Targets(ctx context.Context, a authz.Actor, id string) (cases.Targets, error)
	ChooseLicence(ctx context.Context, a authz.Actor, id, licence string) error
	Announce(ctx context.Context, a authz.Actor, id string, version int64, in cases.Announcement) (cases.Case, error)
	Revoke(ctx context.Context, a authz.Actor, id string, version int64, in cases.Revocation) (cases.Case, error)
	Rectify(ctx context.Context, a authz.Actor, id string, version int64, in cases.Rectification) (cases.Case, error)
}

// pageLicence is the page on which the licence is chosen that an application acts on.
const pageLicence = "licence"

// targetView is that page.
type targetView struct {
	Detail   cases.Detail
	Act      string
	Field    ui.FormField
	Late     []string // what is said of licences that are asked to be renewed too late
	None     bool
	Errors   []ui.ErrorItem
	Step, Of int
}

// actsOnLicence reports whether a draft asks for the licence it acts on.
func actsOnLicence(d cases.Detail) bool { return d.Item.OnLicence != nil && d.State == cases.Draft }

func (h handlers) target(w http.ResponseWriter, r *http.Request, d cases.Detail) error {
	if !actsOnLicence(d) {
		return web.SeeOther(w, r, draftHref(d.ID))
	}
	return h.drawTarget(w, r, d, nil)
}

func (h handlers) drawTarget(w http.ResponseWriter, r *http.Request, d cases.Detail, bad error) error {
	ctx := r.Context()
	ts, err := h.Cases.Targets(ctx, authz.From(ctx), d.ID)
	if err != nil {
		return err
	}
	v := targetView{Detail: d, Act: ts.Act, None: len(ts.Open) == 0, Field: ui.FormField{Name: "licence", Kind: "radio", Label: t(ctx, "target_label_"+ts.Act), Required: true}}
	v.Step, v.Of = stepOf(steps(ctx, d), pageLicence)
	for _, x := range ts.Open {
		v.Field.Options = append(v.Field.Options, ui.Option{Value: x.ID, Label: x.TypeName + " " + x.Number, Hint: targetHint(ctx, x), Selected: x.Chosen || len(ts.Open) == 1})
		if x.Late {
			v.Late = append(v.Late, t(ctx, "target_late", errs.P{"number": x.Number, "date": x.AskBy, "until": x.ValidUntil}))
		}
	}
	status := http.StatusOK
	if bad != nil {
		status = web.StatusOf(bad)
		v.Field.Error = i18n.Err(ctx, bad)
		v.Errors = []ui.ErrorItem{{Field: "licence", Text: v.Field.Error}}
	}
	return web.RenderStatus(w, r, status, targetPage(v))
}

func targetHint(ctx context.Context, x cases.Target) string {
	key := "target_hint_open"
	switch {
	case x.AskBy != "":
		key = "target_hint_renew"
	case x.ValidUntil != "":
		key = "target_hint"
	}
	return t(ctx, key, errs.P{"agency": x.Agency, "until": x.ValidUntil, "date": x.AskBy})
}

func (h handlers) chooseTarget(w http.ResponseWriter, r *http.Request, d cases.Detail) error {
	ctx := r.Context()
	f, err := web.Form(r)
	if err != nil {
		return err
	}
	id := f.Get("licence")
	if id == "" {
		return h.drawTarget(w, r, d, errs.New(errs.Invalid, "cases.choose_licence"))
	}
	err = h.Cases.ChooseLicence(ctx, authz.From(ctx), d.ID, id)
	if errs.Is(err, "cases.no_such_licence") || errs.Is(err, "cases.acts_on_none") {
		return h.drawTarget(w, r, d, err)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, after(ctx, d, pageLicence))
}

// afterLine is one thing that happened after the decision, as the holder reads it.
type afterLine struct{ At, Title, Text string }

// afterLines lists what was told, taken back and corrected, newest first.
func afterLines(ctx context.Context, a cases.After) []afterLine {
	var out []afterLine
	for _, x := range a.Announced {
		out = append(out, afterLine{when(x.At), i18n.T(ctx, "cases.act_announce_revocation"), t(ctx, "after_told", errs.P{
			"kind": i18n.T(ctx, "cases.take_"+x.Kind), "ground": i18n.T(ctx, "cases.take_ground_"+x.Ground), "reason": x.Reason, "basis": x.Basis, "date": day(ctx, x.Until),
		})})
	}
	for _, x := range a.Taken {
		out = append(out, afterLine{when(x.At), i18n.T(ctx, "cases.take_"+x.Kind), t(ctx, "after_taken", errs.P{
			"ground": i18n.T(ctx, "cases.take_ground_"+x.Ground), "reason": x.Reason, "basis": x.Basis,
		})})
	}
	for _, x := range a.Rectified {
		out = append(out, afterLine{when(x.At), i18n.T(ctx, "cases.act_rectify"), t(ctx, "after_rectified", errs.P{"title": x.Title, "old": x.Old, "new": x.New, "reason": x.Reason})})
	}
	slices.SortStableFunc(out, func(x, y afterLine) int {
		switch {
		case x.At > y.At:
			return -1
		case x.At < y.At:
			return 1
		}
		return 0
	})
	return out
}

// endedLicence is the licence of the case when it is not in force any more.
func endedLicence(d cases.Detail) *cases.Held {
	if l := d.After.Licence; l != nil && l.State != "valid" {
		return l
	}
	return nil
}

func endedTitle(ctx context.Context, l *cases.Held) string {
	state := i18n.T(ctx, "licence.state_"+l.State)
	if l.Since.IsZero() {
		return t(ctx, "after_ended", errs.P{"licence": l.TypeName, "state": state, "date": l.ValidUntil})
	}
	return t(ctx, "after_ended", errs.P{"licence": l.TypeName, "state": state, "date": day(ctx, l.Since)})
}

// targetFacts is the licence an application acts on.
func targetFacts(ctx context.Context, x *cases.Target) []ui.KVRow {
	return []ui.KVRow{
		{Key: x.TypeName, Value: x.Number, Num: true},
		{Key: i18n.T(ctx, "licence.col_until"), Value: untilWords(ctx, x.ValidUntil)},
		{Key: i18n.T(ctx, "licence.col_state"), Value: i18n.T(ctx, "licence.state_"+x.State)},
	}
}

func untilWords(ctx context.Context, date string) string {
	if date == "" {
		return i18n.T(ctx, "licence.open_end")
	}
	return date
}
