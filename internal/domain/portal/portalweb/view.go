package portalweb

import (
	"context"
	"fmt"
	"strconv"

	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ui"
)

func spaceLead(ctx context.Context, v Space) string {
	if v.Firm == "" {
		return i18n.T(ctx, "portal.my_lead")
	}
	return i18n.T(ctx, "portal.my_lead_firm", errs.P{"firm": v.Firm})
}

func spaceTiles(ctx context.Context, v Space) []ui.TileView {
	t := func(key string, n int) string { return i18n.T(ctx, key, errs.P{"n": n}) }
	return []ui.TileView{
		{Href: "/my/cases", Name: t("portal.tile_cases", 0), Note: t("portal.tile_cases_note", len(v.Cases))},
		{Href: "/my/licences", Name: t("portal.tile_licences", 0), Note: t("portal.tile_licences_note", v.Licences)},
		{Href: "/my/messages", Name: t("portal.tile_messages", 0), Note: t("portal.tile_messages_note", v.Unread)},
		{Href: "/my/identity", Name: t("portal.tile_identity", 0), Note: t("portal.tile_identity_note", v.Level)},
		{Href: "/my/access", Name: t("portal.tile_access", 0), Note: t("portal.tile_access_note", 0)},
		{Href: "/my/mandates", Name: t("portal.tile_mandates", 0), Note: t("portal.tile_mandates_note", 0)},
		{Href: "/my/consents", Name: t("portal.tile_consents", 0), Note: t("portal.tile_consents_note", 0)},
		{Href: "/my/security", Name: t("portal.tile_security", 0), Note: t("portal.tile_security_note", 0)},
		{Href: "/my/devices", Name: t("portal.tile_devices", 0), Note: t("portal.tile_devices_note", 0)},
		{Href: "/my/data", Name: t("portal.tile_data", 0), Note: t("portal.tile_data_note", 0)},
		{Href: "/my/tokens", Name: t("portal.tile_tokens", 0), Note: t("portal.tile_tokens_note", 0)},
	}
}

func paramTable(ctx context.Context, o Operation) ui.TableView {
	v := ui.TableView{Caption: fmt.Sprintf("%s %s", o.Method, o.Path), CaptionHide: true, Columns: []ui.Column{
		{Label: i18n.T(ctx, "portal.api_param")}, {Label: i18n.T(ctx, "portal.api_in")}, {Label: i18n.T(ctx, "portal.api_about")},
	}}
	for _, p := range o.Params {
		about := p.Text
		if p.Required {
			about = i18n.T(ctx, "portal.api_required") + " " + about
		}
		v.Rows = append(v.Rows, []ui.Cell{{Text: p.Name}, {Text: p.In}, {Text: about}})
	}
	return v
}

// seqText is an entry's place in the chain; a young entry has none yet.
func seqText(n int64) string {
	if n == 0 {
		return "–"
	}
	return strconv.FormatInt(n, 10)
}

func opsFigures(ctx context.Context, o Ops) []ui.KPIView {
	dead := ui.KPIView{Label: i18n.T(ctx, "portal.ops_dead"), Value: strconv.Itoa(o.Dead)}
	if o.Dead > 0 {
		dead.Tone = ui.Bad
	}
	return []ui.KPIView{{Label: i18n.T(ctx, "portal.ops_waiting"), Value: strconv.Itoa(o.Waiting)}, dead}
}

func opsPacks(ctx context.Context, o Ops) ui.TableView {
	v := ui.TableView{Caption: i18n.T(ctx, "portal.ops_packs"), CaptionHide: true, Columns: []ui.Column{
		{Label: i18n.T(ctx, "portal.ops_pack")}, {Label: i18n.T(ctx, "portal.ops_version")}, {Label: i18n.T(ctx, "portal.ops_loaded")},
	}}
	for _, p := range o.Packs {
		v.Rows = append(v.Rows, []ui.Cell{{Text: p.Key}, {Text: strconv.FormatInt(p.Version, 10)}, {Text: p.At}})
	}
	return v
}
