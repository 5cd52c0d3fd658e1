package webhookweb

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"tongban/internal/base/errs"
	"tongban/internal/base/ui"
	"tongban/internal/domain/webhook"
)

// stateCell is how a target does, in words and colour.
func stateCell(ctx context.Context, x webhook.Target) ui.Cell {
	h := x.Health
	switch {
	case x.State == webhook.Off:
		return ui.Cell{Text: t(ctx, "webhook.is_off"), Tone: ui.Neutral, Sub: moment(x.Since)}
	case !h.PausedSince.IsZero():
		return ui.Cell{Text: t(ctx, "webhook.is_paused"), Tone: ui.Bad, Sub: t(ctx, "webhook.failing_since", errs.P{"time": moment(h.FailingSince)})}
	case h.Failures > 0:
		return ui.Cell{Text: t(ctx, "webhook.is_failing"), Tone: ui.Warn, Sub: t(ctx, "webhook.failing_since", errs.P{"time": moment(h.FailingSince)})}
	}
	return ui.Cell{Text: t(ctx, "webhook.is_on"), Tone: ui.Success}
}

func (h handlers) listTable(ctx context.Context, all []webhook.Target) ui.TableView {
	tv := ui.TableView{Caption: t(ctx, "webhook.title"), CaptionHide: true, Sticky: true, Empty: t(ctx, "webhook.none")}
	for _, k := range []string{"f_name", "f_agency", "f_url", "state", "last_taken"} {
		tv.Columns = append(tv.Columns, ui.Column{Label: t(ctx, "webhook."+k)})
	}
	for _, x := range all {
		tv.Rows = append(tv.Rows, []ui.Cell{
			{Text: x.Name, Href: at(x.ID)}, {Text: h.AgencyName(ctx, x.Agency)}, {Part: code(x.Shown())}, stateCell(ctx, x), {Text: moment(x.Health.LastTaken)},
		})
	}
	return tv
}

func (h handlers) facts(ctx context.Context, x webhook.Target) []ui.KVRow {
	var topics []string
	for _, name := range x.Topics {
		topics = append(topics, topicName(ctx, name))
	}
	rows := []ui.KVRow{}
	add := func(key, value string) {
		rows = append(rows, ui.KVRow{Key: t(ctx, "webhook."+key), Value: value})
	}
	add("f_agency", h.AgencyName(ctx, x.Agency))
	add("f_url", x.Shown())
	add("f_topics", strings.Join(topics, t(ctx, "webhook.comma")))
	add("f_items", or(strings.Join(x.Items, " "), t(ctx, "webhook.all_items")))
	add("f_regions", or(h.regionNames(ctx, x.Regions), t(ctx, "webhook.all_regions")))
	add("f_wide", t(ctx, map[bool]string{true: "ui.yes", false: "ui.no"}[x.Wide]))
	add("f_client", x.Client)
	add("f_contact", x.Contact)
	add("last_taken", moment(x.Health.LastTaken))
	if x.Health.Failures > 0 {
		add("failures", strconv.FormatInt(x.Health.Failures, 10))
		add("why", why(ctx, x.Health.Why))
	}
	if !x.Health.Probe.IsZero() && !x.Health.PausedSince.IsZero() {
		add("paused_since", moment(x.Health.PausedSince))
		add("probe", moment(x.Health.Probe))
	}
	add("made_by", h.StaffName(ctx, x.MadeBy))
	add("made", moment(x.Made))
	return rows
}

func (h handlers) regionNames(ctx context.Context, codes []string) string {
	var out []string
	all := h.Regions(ctx)
	for _, c := range codes {
		name := c
		if i := slices.IndexFunc(all, func(o ui.Option) bool { return o.Value == c }); i >= 0 {
			name = all[i].Label
		}
		out = append(out, name)
	}
	return strings.Join(out, t(ctx, "webhook.comma"))
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// why says in words what went wrong.
func why(ctx context.Context, w string) string {
	if w == "" {
		return ""
	}
	return t(ctx, "webhook.why_"+w)
}

var deliveryTones = map[string]ui.Tone{webhook.Waiting: ui.Info, webhook.Sending: ui.Info, webhook.Done: ui.Success, webhook.Dead: ui.Bad, webhook.Resent: ui.Neutral}

func deliveryTable(ctx context.Context, sub string, ds []webhook.Delivery) ui.TableView {
	tv := ui.TableView{Caption: t(ctx, "webhook.deliveries"), CaptionHide: true, Sticky: true, Empty: t(ctx, "webhook.deliveries_none")}
	for _, k := range []string{"event", "case_no", "state", "made", "attempts", "next"} {
		tv.Columns = append(tv.Columns, ui.Column{Label: t(ctx, "webhook."+k), Num: k == "attempts"})
	}
	for _, d := range ds {
		next := ""
		if d.State == webhook.Waiting {
			next = moment(d.Next)
		}
		state := ui.Cell{Text: t(ctx, "webhook.is_"+d.State), Tone: deliveryTones[d.State], Sub: why(ctx, d.Why)}
		tv.Rows = append(tv.Rows, []ui.Cell{
			{Text: topicName(ctx, d.Topic), Href: at(sub, "/deliveries/", d.ID), Sub: replayed(ctx, d)}, {Text: d.CaseNo}, state, {Text: moment(d.Made)}, {Text: strconv.Itoa(d.Attempts)}, {Text: next},
		})
	}
	return tv
}

func replayed(ctx context.Context, d webhook.Delivery) string {
	if d.Replay == "" {
		return ""
	}
	return t(ctx, "webhook.replayed")
}

func deliveryFacts(ctx context.Context, d webhook.Delivery) []ui.KVRow {
	rows := []ui.KVRow{
		{Key: t(ctx, "webhook.event"), Value: topicName(ctx, d.Topic)},
		{Key: t(ctx, "webhook.case_no"), Value: d.CaseNo, Num: true},
		{Key: "webhook-id", Value: d.EventID, Num: true},
		{Key: t(ctx, "webhook.made"), Value: moment(d.Made), Num: true},
		{Key: t(ctx, "webhook.attempts"), Value: strconv.Itoa(d.Attempts), Num: true},
	}
	if d.State == webhook.Waiting {
		rows = append(rows, ui.KVRow{Key: t(ctx, "webhook.next"), Value: moment(d.Next), Num: true})
	}
	if d.Why != "" {
		rows = append(rows, ui.KVRow{Key: t(ctx, "webhook.why"), Value: why(ctx, d.Why)})
	}
	return rows
}

func attemptTable(ctx context.Context, as []webhook.Attempt) ui.TableView {
	tv := ui.TableView{Caption: t(ctx, "webhook.attempts_title"), Empty: t(ctx, "webhook.attempts_none")}
	for _, k := range []string{"at", "status", "took", "result", "answer"} {
		tv.Columns = append(tv.Columns, ui.Column{Label: t(ctx, "webhook."+k), Num: k == "took"})
	}
	for _, a := range as {
		tv.Rows = append(tv.Rows, append([]ui.Cell{{Text: moment(a.At)}}, attemptCells(ctx, a)...))
	}
	return tv
}

func attemptCells(ctx context.Context, a webhook.Attempt) []ui.Cell {
	status, result := "—", ui.Cell{Text: t(ctx, "webhook.taken"), Tone: ui.Success}
	if a.Status > 0 {
		status = strconv.Itoa(a.Status)
	}
	if a.Why != "" {
		result = ui.Cell{Text: why(ctx, a.Why), Tone: ui.Bad}
	}
	return []ui.Cell{{Text: status}, {Text: t(ctx, "webhook.ms", errs.P{"n": a.Took.Milliseconds()})}, result, {Part: code(a.Text)}}
}

func replayTable(ctx context.Context, rs []webhook.Replay) ui.TableView {
	tv := ui.TableView{Caption: t(ctx, "webhook.replays"), CaptionHide: true, Empty: t(ctx, "webhook.replays_none")}
	for _, k := range []string{"asked", "replay_what", "found", "state"} {
		tv.Columns = append(tv.Columns, ui.Column{Label: t(ctx, "webhook."+k), Num: k == "found"})
	}
	for _, r := range rs {
		what := t(ctx, "webhook.replay_dead_short")
		if !r.OnlyDead {
			what = t(ctx, "webhook.replay_since", errs.P{"time": moment(r.From)})
		}
		tone := ui.Success
		if r.State == "running" {
			tone = ui.Info
		}
		tv.Rows = append(tv.Rows, []ui.Cell{{Text: moment(r.Made)}, {Text: what}, {Text: strconv.Itoa(r.Found)}, {Text: t(ctx, "webhook.replay_"+r.State), Tone: tone}})
	}
	return tv
}

func secretRows(ctx context.Context, v showView) []ui.KVRow {
	var out []ui.KVRow
	for _, s := range v.Secrets {
		until := t(ctx, "webhook.secret_open")
		if !s.Until.IsZero() {
			until = t(ctx, "webhook.secret_until", errs.P{"time": moment(s.Until)})
		}
		out = append(out, ui.KVRow{Key: t(ctx, "webhook.secret_made", errs.P{"time": moment(s.Made)}), Value: until})
	}
	return out
}
