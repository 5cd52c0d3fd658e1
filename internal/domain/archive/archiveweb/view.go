package archiveweb

import (
	"context"
	"maps"
	"net/url"
	"strconv"
	"strings"
	"time"

	"tongban/internal/base/blob"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ui"
	"tongban/internal/domain/archive"
	"tongban/internal/engine/clock"
)

func t(ctx context.Context, key string, p ...errs.P) string {
	return i18n.T(ctx, "archiveweb."+key, p...)
}

func minute(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.In(clock.Shanghai).Format("2006-01-02 15:04")
}

// listView is the list of packages.
type listView struct {
	Page     archive.Page
	Filter   archive.Filter
	Agencies [][2]string
	Query    url.Values
}

func options(ctx context.Context, prefix string, values ...string) (out []ui.Option) {
	for _, v := range values {
		out = append(out, ui.Option{Value: v, Label: t(ctx, prefix+v)})
	}
	return out
}

func agencies(as [][2]string) (out []ui.Option) {
	for _, a := range as {
		label := a[1]
		if label == "" {
			label = a[0]
		}
		out = append(out, ui.Option{Value: a[0], Label: label})
	}
	return out
}

func year(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func (v listView) filters(ctx context.Context) ui.FilterView {
	f := ui.FilterView{
		Action: "/archive", Target: "packages",
		Filters: []ui.Filter{
			{Name: "agency", Label: t(ctx, "agency"), Value: v.Filter.Agency, Options: agencies(v.Agencies)},
			{Name: "period", Label: t(ctx, "period"), Value: v.Filter.Period, Options: options(ctx, "period_", archive.Periods...)},
			{Name: "state", Label: t(ctx, "state"), Value: v.Filter.State, Options: options(ctx, "state_", archive.Waiting, archive.Ready, archive.Unsound)},
		},
		Query: &ui.SearchView{Label: t(ctx, "query"), Query: v.Filter.Query},
	}
	if len(v.Query) > 0 {
		f.ResetHref = "/archive"
	}
	return f
}

func (v listView) table(ctx context.Context) ui.TableView {
	tv := ui.TableView{Caption: t(ctx, "list_title"), CaptionHide: true, Sticky: true, Empty: t(ctx, "list_empty")}
	for _, k := range []string{"archive_no", "case", "agency", "result", "period", "ended", "checked"} {
		tv.Columns = append(tv.Columns, ui.Column{Label: t(ctx, k)})
	}
	for _, p := range v.Page.Packages {
		no := p.ArchiveNo
		if no == "" {
			no = t(ctx, "no_number")
		}
		tv.Rows = append(tv.Rows, []ui.Cell{
			{Text: no, Href: "/archive/packages/" + p.ID},
			{Text: p.ItemName, Sub: p.CaseNo},
			{Text: p.AgencyName},
			{Text: word(ctx, "result_", p.Result)},
			{Text: word(ctx, "period_", p.Period)},
			{Text: minute(p.Ended)},
			soundness(ctx, p),
		})
	}
	return tv
}

func word(ctx context.Context, prefix, value string) string {
	if value == "" {
		return ""
	}
	return t(ctx, prefix+value)
}

// about gives what a waiting package waits for to the text that says so.
func about(p archive.Package) errs.P { return errs.P{"title": p.About, "path": p.About} }

// soundness says how a package stands.
func soundness(ctx context.Context, p archive.Package) ui.Cell {
	switch {
	case p.State == archive.Waiting && p.Failure != "":
		return ui.Cell{Text: t(ctx, "state_waiting"), Tone: ui.Warn, Sub: i18n.T(ctx, p.Failure, about(p))}
	case p.State == archive.Waiting:
		return ui.Cell{Text: t(ctx, "state_waiting"), Tone: ui.Info}
	case !p.Sound:
		return ui.Cell{Text: t(ctx, "state_unsound"), Tone: ui.Bad, Sub: minute(p.Checked)}
	}
	return ui.Cell{Text: t(ctx, "sound"), Tone: ui.Success, Sub: minute(p.Checked)}
}

func (v listView) more() ui.PagerView {
	if v.Page.Next == "" {
		return ui.PagerView{}
	}
	q := maps.Clone(v.Query)
	if q == nil {
		q = url.Values{}
	}
	q.Set("after", v.Page.Next)
	return ui.PagerView{NextHref: "/archive?" + q.Encode()}
}

// exportHref keeps the filter of the list.
func (v listView) exportHref() string {
	q := url.Values{}
	for k, s := range map[string]string{"agency": v.Filter.Agency, "period": v.Filter.Period, "year": year(v.Filter.Year)} {
		if s != "" {
			q.Set(k, s)
		}
	}
	if len(q) == 0 {
		return "/archive/exports"
	}
	return "/archive/exports?" + q.Encode()
}

// packageView is one package.
type packageView struct {
	archive.View
}

func (v packageView) title(ctx context.Context) string {
	if v.ArchiveNo == "" {
		return t(ctx, "no_number")
	}
	return v.ArchiveNo
}

func (v packageView) facts(ctx context.Context) []ui.KVRow {
	row := func(key, value string) ui.KVRow { return ui.KVRow{Key: t(ctx, key), Value: value} }
	rows := []ui.KVRow{
		row("case_no", v.CaseNo), row("item", v.ItemName), row("agency", v.AgencyName), row("result", word(ctx, "result_", v.Result)), row("ended", minute(v.Ended)),
		row("period", word(ctx, "period_", v.Period)),
	}
	if m := v.Manifest; m != nil {
		rows = append(rows, row("period_basis", m.Retention.Basis+"（"+m.Retention.Source+"）"), row("classification", m.Classification), row("made", minute(v.Made)),
			row("signer", m.Signer.Name+" · "+m.Signer.Algorithm), row("chain", t(ctx, "chain_of", errs.P{"n": m.Chain.Count})+" "+m.Chain.Head))
	}
	if v.State == archive.Ready {
		rows = append(rows, row("size", blob.Human(v.Size)), row("digest", v.Digest))
	}
	return rows
}

// checks is the newest examination: the four by name, each with what was found.
func (v packageView) checks(ctx context.Context) ui.TableView {
	tv := ui.TableView{Caption: t(ctx, "checks"), Empty: t(ctx, "checks_none")}
	for _, k := range []string{"check", "outcome", "findings"} {
		tv.Columns = append(tv.Columns, ui.Column{Label: t(ctx, k)})
	}
	if len(v.Runs) == 0 {
		return tv
	}
	for _, c := range v.Runs[0].Checks {
		said := ui.Cell{Text: t(ctx, "passed"), Tone: ui.Success}
		if !c.OK {
			said = ui.Cell{Text: t(ctx, "failed"), Tone: ui.Bad}
		}
		var lines []string
		for i, f := range c.Findings {
			if i == shownFindings {
				lines = append(lines, t(ctx, "more_findings", errs.P{"n": len(c.Findings) - i}))
				break
			}
			lines = append(lines, i18n.T(ctx, f.Key, f.P()))
		}
		tv.Rows = append(tv.Rows, []ui.Cell{{Text: i18n.T(ctx, "archive.check_"+c.Name), Sub: i18n.T(ctx, "archive.about_"+c.Name)}, said, {Text: strings.Join(lines, "；")}})
	}
	return tv
}

const shownFindings = 10

func (v packageView) runs(ctx context.Context) ui.TableView {
	tv := ui.TableView{Caption: t(ctx, "runs"), Empty: t(ctx, "checks_none")}
	for _, k := range []string{"checked", "by", "outcome"} {
		tv.Columns = append(tv.Columns, ui.Column{Label: t(ctx, k)})
	}
	for _, r := range v.Runs {
		said := ui.Cell{Text: t(ctx, "sound"), Tone: ui.Success}
		if !r.Sound {
			said = ui.Cell{Text: t(ctx, "state_unsound"), Tone: ui.Bad}
		}
		by := t(ctx, "by_program")
		if r.Actor != "system" {
			by = t(ctx, "by_staff")
		}
		tv.Rows = append(tv.Rows, []ui.Cell{{Text: minute(r.At)}, {Text: by}, said})
	}
	return tv
}

func (v packageView) entries(ctx context.Context) ui.TableView {
	tv := ui.TableView{Caption: t(ctx, "entries"), Empty: t(ctx, "entries_none")}
	for _, k := range []string{"entry", "kind", "origin", "size", "digest"} {
		tv.Columns = append(tv.Columns, ui.Column{Label: t(ctx, k)})
	}
	if v.Manifest == nil {
		return tv
	}
	for _, e := range v.Manifest.Entries {
		title := ui.Cell{Text: e.Title, Sub: e.Path}
		if e.Taken {
			title.Sub += " · " + t(ctx, "taken_out")
		}
		tv.Rows = append(tv.Rows, []ui.Cell{title, {Text: word(ctx, "kind_", e.Kind)}, {Text: word(ctx, "origin_", e.Origin)}, {Text: blob.Human(e.Size)}, {Text: e.SM3}})
	}
	return tv
}

// exportsView is the hand-overs somebody asked for.
type exportsView struct {
	Exports  []archive.Export
	Agencies [][2]string
	Asked    archive.Filter
	Reason   string
	Error    string
	List     []ui.ErrorItem
}

func (v exportsView) fields(ctx context.Context) []ui.FormField {
	return []ui.FormField{
		{Name: "agency", Kind: "select", Label: t(ctx, "agency"), Value: v.Asked.Agency, Hint: t(ctx, "all"), Options: agencies(v.Agencies)},
		{Name: "year", Kind: "number", Label: t(ctx, "year"), Hint: t(ctx, "year_hint"), Value: year(v.Asked.Year), MaxLength: 4},
		{Name: "period", Kind: "select", Label: t(ctx, "period"), Value: v.Asked.Period, Hint: t(ctx, "all"), Options: options(ctx, "period_", archive.Periods...)},
		{Name: "reason", Kind: "text", Label: t(ctx, "reason"), Hint: t(ctx, "reason_hint"), Value: v.Reason, Required: true, MaxLength: 200, Error: v.Error},
	}
}

func (v exportsView) table(ctx context.Context) ui.TableView {
	tv := ui.TableView{Caption: t(ctx, "exports_mine"), Empty: t(ctx, "exports_empty")}
	for _, k := range []string{"asked", "packages", "outcome", "parts"} {
		tv.Columns = append(tv.Columns, ui.Column{Label: t(ctx, k)})
	}
	for _, x := range v.Exports {
		said := ui.Cell{Text: t(ctx, "export_making"), Tone: ui.Info}
		if !x.Finished.IsZero() {
			said = ui.Cell{Text: t(ctx, "export_ready"), Tone: ui.Success, Sub: t(ctx, "export_until", errs.P{"time": minute(x.Expires)})}
		}
		tv.Rows = append(tv.Rows, []ui.Cell{{Text: minute(x.Created)}, {Text: strconv.Itoa(x.Packages)}, said, {Part: partLinks(x)}})
	}
	return tv
}

func partName(ctx context.Context, p archive.ExportPart) string {
	return t(ctx, "part", errs.P{"n": p.N, "count": p.Count, "size": blob.Human(p.Size)})
}
