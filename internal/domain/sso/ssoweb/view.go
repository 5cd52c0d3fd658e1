package ssoweb

import (
	"context"
	"slices"

	"tongban/internal/base/i18n"
	"tongban/internal/base/ui"
	"tongban/internal/domain/sso"
)

func consentRows(ctx context.Context, v consentView) []ui.KVRow {
	rows := []ui.KVRow{{Key: t(ctx, "sso.account"), Value: v.Who}}
	if v.For != "" {
		rows = append(rows, ui.KVRow{Key: t(ctx, "sso.acting_for"), Value: v.For})
	}
	return append(rows, ui.KVRow{Key: t(ctx, "sso.goes_to"), Value: v.Host, Num: true})
}

func releaseRows(ctx context.Context, items []release) []ui.KVRow {
	var out []ui.KVRow
	for _, it := range items {
		why := it.Why
		if why == "" {
			why = t(ctx, "sso.openid_why")
		}
		out = append(out, ui.KVRow{Key: it.What, Value: why})
	}
	return out
}

// clientName names a system; one that is gone keeps its id.
func clientName(ctx context.Context, c sso.Consent) string {
	if c.Client.Name == "" {
		return t(ctx, "sso.client_gone") + " " + c.ClientID
	}
	return c.Client.Name
}

func givenRows(ctx context.Context, c sso.Consent) []ui.KVRow {
	what := ""
	for _, sc := range append(slices.Clone(sso.Scopes), "number") {
		if slices.Contains(c.Scopes, sc) {
			if what != "" {
				what += t(ctx, "sso.semicolon")
			}
			what += t(ctx, "sso.gives_"+sc)
		}
	}
	return []ui.KVRow{
		{Key: t(ctx, "sso.agency"), Value: c.Client.Agency},
		{Key: t(ctx, "sso.may_know"), Value: what},
		{Key: t(ctx, "sso.agreed_at"), Value: moment(c.At), Num: true},
		{Key: t(ctx, "sso.last_signin"), Value: moment(c.Last), Num: true},
	}
}

func has(key string) bool { return i18n.Has(key) }

var stateTones = map[string]ui.Tone{sso.Asked: ui.Warn, sso.Active: ui.Success, sso.Suspended: ui.Bad, sso.Approved: ui.Success, sso.Refused: ui.Neutral}

func formAction(v formView) string {
	if v.ID == "" {
		return "/admin/clients"
	}
	return "/admin/clients/" + v.ID
}

func clientsTable(ctx context.Context, v clientsView) ui.TableView {
	tv := ui.TableView{Caption: t(ctx, "sso.clients_title"), CaptionHide: true, Sticky: true, Empty: t(ctx, "sso.clients_none")}
	for _, k := range []string{"sso.f_name", "sso.agency", "sso.f_audience", "sso.state", "sso.since"} {
		tv.Columns = append(tv.Columns, ui.Column{Label: t(ctx, k)})
	}
	for _, c := range v.Clients {
		state := ui.Cell{Text: t(ctx, "sso.state_"+c.State), Tone: stateTones[c.State]}
		if v.Waiting[c.ID] {
			state.Sub = t(ctx, "sso.waits")
		}
		tv.Rows = append(tv.Rows, []ui.Cell{
			{Text: c.Name, Href: "/admin/clients/" + c.ID, Sub: c.ID}, {Text: v.Agency(c.Agency)}, {Text: t(ctx, "sso.audience_"+c.Audience)}, state, {Text: moment(c.Since)},
		})
	}
	return tv
}

func historyTable(ctx context.Context, v clientView) ui.TableView {
	tv := ui.TableView{Caption: t(ctx, "sso.history"), CaptionHide: true, Empty: t(ctx, "sso.history_none")}
	for _, k := range []string{"sso.asked_at", "sso.asked_by", "sso.state", "sso.decided_by", "sso.decided_at"} {
		tv.Columns = append(tv.Columns, ui.Column{Label: t(ctx, k)})
	}
	for _, p := range v.Proposals {
		tv.Rows = append(tv.Rows, []ui.Cell{
			{Text: moment(p.AskedAt)}, {Text: p.By}, {Text: t(ctx, "sso.proposal_"+p.State), Tone: stateTones[p.State]}, {Text: p.Decided}, {Text: moment(p.DecidedAt)},
		})
	}
	return tv
}
