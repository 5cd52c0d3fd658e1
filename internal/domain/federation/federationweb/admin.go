package federationweb

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/federation"
)

const home = "/admin/providers"

type listView struct {
	Done      string
	Providers ui.TableView
	Changes   ui.TableView
	KeysURL   string
}

func (h handlers) list(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	ps, err := h.s.Providers(ctx)
	if err != nil {
		return err
	}
	cs, err := h.s.Proposals(ctx)
	if err != nil {
		return err
	}
	v := listView{Providers: h.providerTable(ctx, ps), Changes: h.changeTable(ctx, cs), KeysURL: "/federation/keys"}
	if key := map[string]string{"proposed": "federation.proposed", "key": "federation.new_key_done", "decided": "federation.decided_done"}[r.URL.Query().Get("done")]; key != "" {
		v.Done = t(ctx, key)
	}
	return web.Render(w, r, listPage(v))
}

func (h handlers) providerTable(ctx context.Context, ps []federation.Provider) ui.TableView {
	out := ui.TableView{Caption: t(ctx, "federation.admin_list"), Empty: t(ctx, "federation.admin_none"), Columns: columns(ctx, "col_name", "col_key", "col_issuer", "col_state", "col_do")}
	for _, p := range ps {
		state := ui.Cell{Text: t(ctx, "federation.off"), Tone: ui.Neutral}
		if p.Enabled {
			state = ui.Cell{Text: t(ctx, "federation.on"), Tone: ui.Success}
		}
		sub := ""
		if p.Preset {
			sub = t(ctx, "federation.admin_preset")
		}
		out.Rows = append(out.Rows, []ui.Cell{{Text: p.Label(i18n.From(ctx)), Sub: sub}, {Text: p.Key}, {Text: p.Issuer}, state, {Part: providerLinks(p)}})
	}
	return out
}

func (h handlers) changeTable(ctx context.Context, cs []federation.Proposal) ui.TableView {
	out := ui.TableView{
		Caption: t(ctx, "federation.admin_waiting"), Empty: t(ctx, "federation.admin_no_waiting"), Columns: columns(ctx, "col_name", "col_by", "col_when", "col_state"),
	}
	for _, c := range cs {
		out.Rows = append(out.Rows, []ui.Cell{
			{Text: c.Label(i18n.From(ctx)), Href: home + "/changes/" + c.ID}, {Text: h.StaffName(ctx, c.By)}, {Text: minute(c.At)}, stateCell(ctx, c.State),
		})
	}
	return out
}

func stateCell(ctx context.Context, state string) ui.Cell {
	tone := map[string]ui.Tone{federation.Open: ui.Warn, federation.Approved: ui.Success, federation.Refused: ui.Bad, federation.Withdrawn: ui.Neutral}[state]
	return ui.Cell{Text: t(ctx, "federation.state_"+state), Tone: tone}
}

func columns(ctx context.Context, keys ...string) []ui.Column {
	out := make([]ui.Column, 0, len(keys))
	for _, k := range keys {
		out = append(out, ui.Column{Label: t(ctx, "federation."+k)})
	}
	return out
}

func (h handlers) newKey(w http.ResponseWriter, r *http.Request) error {
	if err := h.s.NewKey(r.Context(), authz.From(r.Context())); err != nil {
		return err
	}
	return web.SeeOther(w, r, home+"?done=key")
}

type probeView struct {
	Name string
	Rows []ui.KVRow
	Keys int
	Fail string
}

func (h handlers) probe(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	p, err := h.s.Provider(ctx, r.PathValue("key"))
	if err != nil {
		return err
	}
	v := probeView{Name: p.Label(i18n.From(ctx))}
	says, err := h.s.Probe(ctx, p.Key)
	if errs.KindOf(err) == errs.Unavailable {
		v.Fail = i18n.Err(ctx, err)
	} else if err != nil {
		return err
	}
	yes := func(key string, b bool) ui.KVRow {
		return ui.KVRow{Key: t(ctx, "federation."+key), Value: t(ctx, map[bool]string{true: "federation.yes", false: "federation.no"}[b])}
	}
	v.Keys = says.Keys
	v.Rows = []ui.KVRow{
		{Key: t(ctx, "federation.f_issuer"), Value: p.Issuer},
		{Key: t(ctx, "federation.callback"), Value: h.s.Callback(p.Key)},
		yes("probe_pkce", says.PKCE), yes("probe_iss", says.Iss), yes("probe_post", says.Post),
	}
	if len(says.ACR) > 0 {
		v.Rows = append(v.Rows, ui.KVRow{Key: t(ctx, "federation.probe_acr"), Value: strings.Join(says.ACR, " ")})
	}
	return web.Render(w, r, probePage(v))
}

// levelLines writes a level table as the form shows it.
func levelLines(levels map[string]int) string {
	lines := make([]string, 0, len(levels))
	for acr, n := range levels {
		lines = append(lines, acr+" "+strconv.Itoa(n))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// readLevels undoes levelLines; a line that cannot be read, or an acr that comes twice, becomes level 0, which the room refuses.
func readLevels(text string) map[string]int {
	out := map[string]int{}
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		if len(f) == 0 {
			continue
		}
		n := 0
		if len(f) == 2 {
			n, _ = strconv.Atoi(f[1]) // what is no number is level 0
		}
		if _, twice := out[f[0]]; twice {
			n = 0
		}
		out[f[0]] = n
	}
	return out
}
