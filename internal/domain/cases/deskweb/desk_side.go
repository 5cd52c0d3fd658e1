package deskweb

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/ui"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/catalog"
	"tongban/internal/domain/desk"
	"tongban/internal/engine/clock"
	"tongban/internal/engine/form"
)

// panes are the parts of a case that stand side by side.
var panes = []string{"all", "form", "files", "law"}

// beside of a case page: what the officer keeps and saw, and what is shown in the panes.
type sideView struct {
	Trail    trail
	Tools    tools
	Pane     string
	Since    since
	Notes    []desk.Note
	NoteText string
	Kept     []keptText
	Shown    *cases.File
	NextFile string
	Status   string
}

// since is what is new in a case after an earlier look.
type since struct {
	At     time.Time
	Rows   []desk.RowChange
	Files  []desk.FileChange
	Events []cases.Event // by others
}

func (s since) any() bool { return len(s.Rows)+len(s.Files)+len(s.Events) > 0 }

// side reads what stands beside a case; the look goes on record as the officer's own.
func (h handlers) side(r *http.Request, d cases.Detail) (v sideView, err error) {
	ctx, a := r.Context(), actor(r)
	v = sideView{Trail: trailOf(r), Pane: r.URL.Query().Get("pane")}
	if !slices.Contains(panes, v.Pane) {
		v.Pane = "all"
	}
	if v.Tools, err = h.tools(ctx, a); err != nil {
		return v, err
	}
	is := seen(d)
	was, had, err := h.Desk.Look(ctx, a, d.ID, is)
	if err != nil {
		return v, err
	}
	if had {
		v.Since = sinceOf(a, d, was, is)
	}
	if v.Notes, err = h.Desk.Notes(ctx, a, d.ID); err != nil {
		return v, err
	}
	us, err := h.Desk.AllKept(ctx, a, d.ID)
	if err != nil {
		return v, err
	}
	for _, u := range us {
		v.Kept = append(v.Kept, keptOf(ctx, u))
	}
	v.Shown, v.NextFile = shownFile(r, d, v.Trail)
	return v, nil
}

// seen is what a look at a case shows: masked as it is shown.
func seen(d cases.Detail) desk.Seen {
	s := desk.Seen{Version: d.Version, Round: d.Round, Events: len(d.Events), State: string(d.State)}
	for _, sec := range d.Review {
		for _, r := range sec.Rows {
			s.Rows = append(s.Rows, desk.SeenRow{Key: r.Key, Label: r.Label, Value: r.Value + lineWords(r)})
		}
	}
	for _, sl := range d.Slots {
		for _, f := range sl.Files {
			if !f.Removed {
				s.Files = append(s.Files, desk.SeenFile{ID: f.ID, Name: sl.Material.Name + "：" + fileName(f)})
			}
		}
	}
	return s
}

func lineWords(r form.ReviewRow) string {
	var b strings.Builder
	for _, line := range r.Lines {
		for _, c := range line {
			b.WriteString(c.Value + " ")
		}
		b.WriteString("\n")
	}
	return strings.TrimSpace(b.String())
}

// sinceOf compares what is shown now with an earlier look. What a mask hides is found through the rounds: an answer that a later submission changed is
// listed even if it reads the same.
func sinceOf(a authz.Actor, d cases.Detail, was, is desk.Seen) since {
	s := since{At: was.At}
	s.Rows, s.Files = desk.Since(was, is)
	if was.Round < d.Round {
		for _, c := range d.Changes {
			key, _, _ := strings.Cut(c.Key, ".")
			if !slices.ContainsFunc(s.Rows, func(x desk.RowChange) bool { return x.Key == key || x.Key == c.Key }) {
				s.Rows = append(s.Rows, desk.RowChange{Key: c.Key, Label: c.Label, Old: c.Old, New: c.New})
			}
		}
	}
	for _, e := range plainEvents(d.Events[min(was.Events, len(d.Events)):]) {
		if e.By != a.Name() {
			s.Events = append(s.Events, e)
		}
	}
	return s
}

func sinceTable(ctx context.Context, s since) ui.TableView {
	t := ui.TableView{Caption: tr(ctx, "desk.since_caption"), CaptionHide: true, Columns: []ui.Column{{Label: tr(ctx, "ui.diff_what")}, {Label: tr(ctx, "deskweb.before")}, {Label: tr(ctx, "deskweb.after")}}}
	for _, r := range s.Rows {
		t.Rows = append(t.Rows, []ui.Cell{{Text: r.Label}, {Part: diffSide(r.Old, true)}, {Part: diffSide(r.New, false)}})
	}
	for _, f := range s.Files {
		old, now := f.Name, ""
		if f.Added {
			old, now = "", f.Name
		}
		t.Rows = append(t.Rows, []ui.Cell{{Text: tr(ctx, "deskweb.materials")}, {Part: diffSide(old, true)}, {Part: diffSide(now, false)}})
	}
	return t
}

// viewable reports whether a file can be shown in the page.
func viewable(f cases.File) bool { return f.Proof == nil && !f.Removed && inline(f.MIME) }

// shownFile is the file the viewer shows, the one asked for or the first, and where the one after it is.
func shownFile(r *http.Request, d cases.Detail, t trail) (*cases.File, string) {
	var all []cases.File
	for _, s := range d.Slots {
		all = append(all, slices.DeleteFunc(slices.Clone(s.Files), func(f cases.File) bool { return !viewable(f) })...)
	}
	if len(all) == 0 {
		return nil, ""
	}
	i := max(0, slices.IndexFunc(all, func(f cases.File) bool { return f.ID == r.URL.Query().Get("file") }))
	if len(all) == 1 {
		return &all[i], ""
	}
	return &all[i], fileURL(d.ID, all[(i+1)%len(all)].ID, r.URL.Query().Get("pane"), t)
}

// fileURL shows a file in the viewer of the case's page.
func fileURL(id, file, pane string, t trail) string {
	q := url.Values{"file": {file}}
	if slices.Contains(panes, pane) && pane != "all" {
		q.Set("pane", "files")
	}
	return t.on(caseURL(id)+"?"+q.Encode()) + "#viewer"
}

func (v caseView) paneURL(pane string) string {
	q := url.Values{"pane": {pane}}
	if v.Shown != nil {
		q.Set("file", v.Shown.ID)
	}
	return v.Trail.on(caseURL(v.ID)+"?"+q.Encode()) + "#panes"
}

// framed lets one answer show a file of this site in a frame: the page only if it shows a PDF, the file only where it was asked for as one. Nothing
// else of the policy moves.
func framed(w http.ResponseWriter, old, now string) {
	csp := w.Header().Get("Content-Security-Policy")
	w.Header().Set("Content-Security-Policy", strings.Replace(csp, old, now, 1))
}

func lawName(b catalog.Basis) string {
	if b.Number == "" {
		return b.Law
	}
	return b.Law + "（" + b.Number + "）"
}

func lawNote(ctx context.Context, b catalog.Basis) string {
	var parts []string
	if b.Issuer != "" {
		parts = append(parts, b.Issuer)
	}
	if b.Effective != "" {
		parts = append(parts, tr(ctx, "desk.law_from", errs.P{"day": b.Effective}))
	}
	return strings.Join(parts, " · ")
}

// facts are what the places of a prepared phrase may be filled with. A person's name stays masked: a phrase must not be a way around the record of
// who saw it.
func (h handlers) facts(ctx context.Context, d cases.Detail, me string) map[string]string {
	due := d.Clock.Due()
	return map[string]string{
		"申请人": d.Applicant, "事项": d.ItemName, "办件编号": d.CaseNo, "部门": d.AgencyName, "环节": d.StepName, "经办人": me,
		"提交日期": chinese(d.Submitted), "受理日期": chinese(d.Accepted), "办结期限": chinese(due), "今日": chinese(h.Now()),
		"applicant": d.Applicant, "item": d.ItemName, "case_no": d.CaseNo, "accepted": day(d.Accepted), "due": day(due), "today": day(h.Now()),
	}
}

// chinese writes a day as papers do.
func chinese(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(clock.Shanghai).Format("2006年1月2日")
}

// inSlots reports whether a file answers a material of the item, which the viewer shows.
func (v caseView) inSlots(f cases.File) bool {
	return slices.ContainsFunc(v.Slots, func(s cases.Slot) bool {
		return slices.ContainsFunc(s.Files, func(x cases.File) bool { return x.ID == f.ID })
	})
}

// phrasePlaces are the places people are told of; facts fills them, and their English names too.
const phrasePlaces = "{申请人} {事项} {办件编号} {环节} {部门} {经办人} {提交日期} {受理日期} {办结期限} {今日}"
