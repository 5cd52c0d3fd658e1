package deskweb

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/a-h/templ"

	"tongban/internal/base/authz"
	"tongban/internal/base/blob"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/catalog"
	"tongban/internal/domain/paper"
	"tongban/internal/engine/form"
)

// caseView is everything an officer needs of one case.
type caseView struct {
	cases.Detail
	Acts   []ui.Act
	Papers []paper.Paper
	Done   string            // the act just done, in words
	Plain  map[string]string // values shown whole on this one answer
	Error  string
	Errors []ui.ErrorItem
	By     func(string) string
	Posts  map[string]string // names of the posts that have or had a part
	Clerk  bool
	Key    string              // client key of a visit
	PostOf func(string) string // name of a post with its agency
	Places func(string) string // name of a region

	Talk     templ.Component
	Evidence bool // of signatures can be downloaded
	sideView
}

func (h handlers) show(w http.ResponseWriter, r *http.Request) error {
	d, err := h.Cases.Case(r.Context(), actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	v, err := h.caseView(r, d)
	if err != nil {
		return err
	}
	if act := cases.Act(r.URL.Query().Get("done")); slices.Contains(cases.Acts, act) {
		v.Done = tr(r.Context(), "deskweb.done", errs.P{"act": i18n.Key(act.Key())})
	} else if act == "visit" {
		v.Done = tr(r.Context(), "deskweb.visit_done")
	} else if act == "keep" {
		v.Status = tr(r.Context(), "desk.kept_done")
	}
	v.frame(w)
	return web.Render(w, r, casePage(v))
}

// frame lets the page show a PDF in its viewer.
func (v caseView) frame(w http.ResponseWriter) {
	if v.Shown != nil && v.Shown.MIME == "application/pdf" {
		framed(w, "default-src 'none';", "default-src 'none'; frame-src 'self';")
	}
}

func (h handlers) caseView(r *http.Request, d cases.Detail) (caseView, error) {
	ctx, a := r.Context(), actor(r)
	v := caseView{Detail: d, Acts: h.officerActs(ctx, a, d), By: func(s string) string { return h.who(ctx, s) }, Clerk: a.May(authz.WindowDesk), Key: newKey(), Evidence: h.Evidence != nil}
	v.Posts = map[string]string{}
	for _, t := range d.Tasks {
		v.Posts[t.Post] = h.postName(ctx, t.Post)
	}
	h.askedNames(ctx, &v)
	var err error
	if h.Talk != nil {
		if v.Talk, err = h.Talk(r, d.ID); err != nil {
			return v, err
		}
	}
	if v.Papers, err = h.Papers.OfCase(ctx, d.ID); err != nil {
		return v, err
	}
	if d.Consulted { // what the deciding agency wrote is not for those it asks
		v.Papers = nil
	}
	if v.sideView, err = h.side(r, d); err != nil {
		return v, err
	}
	for i, u := range v.Acts {
		if v.Acts[i].Href = v.Trail.on(u.Href); u.Action != "" {
			v.Acts[i].Hidden = append(v.Acts[i].Hidden, v.Trail.hidden()...)
		}
	}
	return v, nil
}

// reasons are why a masked value may be shown; the words go on record in Chinese, for the person to read.
var reasons = []string{"identity", "contact", "original", "decision", "complaint"}

// reveal answers the page once more with one value whole. It is not an address of its own: after 60 seconds the masked page takes its place.
func (h handlers) reveal(w http.ResponseWriter, r *http.Request) error {
	ctx, a, id := r.Context(), actor(r), r.PathValue("id")
	in, err := web.Form(r)
	if err != nil {
		return err
	}
	d, err := h.Cases.Case(ctx, a, id)
	if err != nil {
		return err
	}
	v, err := h.caseView(r, d)
	if err != nil {
		return err
	}
	field, reason := in.Get("field"), ""
	if slices.Contains(reasons, in.Get("reason")) {
		reason = i18n.In(i18n.Chinese, "deskweb.reason_"+in.Get("reason"))
	}
	plain, err := h.Cases.Reveal(ctx, a, id, field, reason)
	if errs.KindOf(err) == errs.Invalid {
		v.Errors = []ui.ErrorItem{{Text: i18n.Err(ctx, err)}}
		return web.RenderStatus(w, r, http.StatusUnprocessableEntity, casePage(v))
	}
	if err != nil {
		return err
	}
	v.Plain = map[string]string{field: plain}
	v.frame(w)
	return web.Render(w, r, casePage(v))
}

// masked is a personal value with the way to see it whole.
func (v caseView) masked(ctx context.Context, label, field, value string) *ui.MaskedView {
	m := &ui.MaskedView{Label: label, Masked: value, Plain: v.Plain[field], Action: caseURL(v.ID) + "/reveal", Hidden: append([]ui.KV{{Key: "field", Value: field}}, v.Trail.hidden()...)}
	for _, k := range reasons {
		m.Reasons = append(m.Reasons, ui.Option{Value: k, Label: tr(ctx, "deskweb.reason_"+k)})
	}
	return m
}

func (v caseView) remaskURL() string {
	if len(v.Plain) == 0 {
		return ""
	}
	return v.Trail.on(caseURL(v.ID))
}

// headFacts are the facts that stand over every page of a case.
func headFacts(ctx context.Context, c cases.Case) []ui.KVRow {
	rows := []ui.KVRow{
		{Key: tr(ctx, "deskweb.col_applicant"), Value: withAgent(ctx, c) + "（" + tr(ctx, "deskweb.kind_"+kindOf(c)) + "）"},
		{Key: tr(ctx, "deskweb.col_state"), Value: stateTag(ctx, c).Text},
		{Key: tr(ctx, "deskweb.col_step"), Value: stepOf(c)},
	}
	if due := dueWords(ctx, c); due != "" && c.State.Open() {
		rows = append(rows, ui.KVRow{Key: tr(ctx, "deskweb.due"), Value: due, Num: true})
	}
	return rows
}

// people are who applies and whom to tell, masked.
func (v caseView) people(ctx context.Context) []ui.KVRow {
	hidden := func(label, field, value string) ui.KVRow {
		if value == "" || v.Own && field != "applicant.number" || field == "applicant.name" && v.ApplicantKind == cases.ByFirm {
			return ui.KVRow{Key: label, Value: value}
		}
		return ui.KVRow{Key: label, Masked: v.masked(ctx, label, field, value)}
	}
	number := hidden(tr(ctx, "deskweb.number_"+kindOf(v.Case)), "applicant.number", v.Number)
	if v.ApplicantKind == cases.ByFirm { // a credit code is public
		number = ui.KVRow{Key: number.Key, Value: v.Number, Num: true}
	}
	rows := []ui.KVRow{hidden(tr(ctx, "deskweb.name"), "applicant.name", v.Applicant), number}
	rows = append(rows, v.agents(ctx, hidden)...)
	return append(rows, []ui.KVRow{
		hidden(tr(ctx, "deskweb.contact"), "contact.name", v.Contact.Name),
		hidden(tr(ctx, "deskweb.phone"), "contact.phone", v.Contact.Phone),
		{Key: tr(ctx, "deskweb.channel"), Value: word(ctx, "cases.channel_"+v.Channel, v.Channel)},
		{Key: tr(ctx, "deskweb.visits"), Value: itoa(v.Visits), Num: true},
	}...)
}

// agents are who acts for the applicant: under a mandate, or at the counter with the basis that was recorded.
func (v caseView) agents(ctx context.Context, hidden func(label, field, value string) ui.KVRow) []ui.KVRow {
	label := tr(ctx, "deskweb.behalf_"+kindOf(v.Case))
	switch {
	case v.Agent == "":
		return nil
	case v.Behalf == nil:
		return []ui.KVRow{hidden(label, "agent.name", v.Agent), {Key: tr(ctx, "deskweb.behalf_basis"), Value: tr(ctx, "deskweb.behalf_mandate")}}
	}
	var out []ui.KVRow
	for i, r := range behalfRows(ctx, v.Detail) {
		switch {
		case i == 0:
			r = hidden(label, "agent.name", v.Agent)
		case r.Value == v.Behalf.Number:
			r = hidden(r.Key, "agent.number", r.Value)
		}
		out = append(out, r)
	}
	return out
}

// withAgent is the applicant with who acts for them.
func withAgent(ctx context.Context, c cases.Case) string {
	if c.Agent == "" {
		return c.Applicant
	}
	return c.Applicant + tr(ctx, "deskweb.with_agent", errs.P{"what": i18n.Key("deskweb.behalf_" + kindOf(c)), "name": c.Agent})
}

// times are the clock in full: what runs, until when, and what was left out.
func (v caseView) times(ctx context.Context) []ui.KVRow {
	rows := []ui.KVRow{{Key: tr(ctx, "deskweb.phase"), Value: word(ctx, "cases.phase_"+v.Clock.Phase, v.Clock.Phase)}}
	for _, f := range []struct{ key, value string }{
		{"deskweb.promised_due", day(v.Clock.PromisedDue)},
		{"deskweb.legal_due", day(v.Clock.LegalDue)},
		{"deskweb.step_due", day(v.Clock.StepDue)},
		{"deskweb.special_due", day(v.Clock.SpecialDue)},
		{"deskweb.submitted_at", minute(v.Submitted)},
		{"deskweb.received_at", minute(v.Received)},
		{"deskweb.accepted_at", day(v.Accepted)},
		{"deskweb.decided_at", minute(v.Decided)},
		{"deskweb.delivered_at", minute(v.Delivered)},
	} {
		if f.value != "" {
			rows = append(rows, ui.KVRow{Key: tr(ctx, f.key), Value: f.value, Num: true})
		}
	}
	if v.TakenBy != "" {
		rows = append(rows, ui.KVRow{Key: tr(ctx, "deskweb.taken_by"), Value: v.By(v.TakenBy)})
	}
	return rows
}

// specialRows are the stops of the clock and its extension, with what was announced and what came of it.
func (v caseView) specialRows(ctx context.Context) []ui.KVRow {
	var rows []ui.KVRow
	for _, x := range v.Suspensions {
		text := tr(ctx, "deskweb.special_line", errs.P{"from": minute(x.At), "n": x.N, "unit": tr(ctx, "deskweb.unit_"+string(x.Unit)), "who": v.By(x.By), "reason": x.Reason})
		if !x.Ended.IsZero() {
			text += tr(ctx, "deskweb.special_ended", errs.P{"time": minute(x.Ended), "result": x.Result})
		}
		rows = append(rows, ui.KVRow{Key: tr(ctx, "cases.special_"+x.Ground), Value: text})
	}
	if x := v.Extension; x != nil {
		rows = append(rows, ui.KVRow{Key: tr(ctx, "cases.act_extend"), Value: minute(x.At) + " · " + v.By(x.By) + " · " + x.Reason})
	}
	return rows
}

// changed gives what an answer was before the last submission, ok is false when it did not change.
func (v caseView) changed(key string) (old string, ok bool) {
	for _, c := range v.Changes {
		if c.Key == key || strings.HasPrefix(c.Key, key+".") {
			return c.Old, true
		}
	}
	return "", false
}

// defectOn gives the newest thing told about a place.
func (v caseView) defectOn(kind, key string) (cases.Defect, bool) {
	for _, n := range slices.Backward(v.Corrections) {
		for _, d := range n.Defects {
			if d.Kind == kind && d.Key == key {
				return d, true
			}
		}
	}
	return cases.Defect{}, false
}

// diffTable sets the last submission beside the one before; masked values can be asked for, the old and the new.
func (v caseView) diffTable(ctx context.Context) ui.TableView {
	t := ui.TableView{Caption: tr(ctx, "deskweb.differences_caption"), Columns: []ui.Column{
		{Label: tr(ctx, "ui.diff_what")}, {Label: tr(ctx, "deskweb.before")}, {Label: tr(ctx, "deskweb.after")},
	}}
	side := func(c form.Change, which, value string) ui.Cell {
		if value == "" || !masks(c.Level) || v.Own {
			return ui.Cell{Part: diffSide(value, which == "old")}
		}
		label := c.Label + " " + t.Columns[1].Label
		if which == "new" {
			label = c.Label + " " + t.Columns[2].Label
		}
		return ui.Cell{Part: ui.MaskedValue(*v.masked(ctx, label, which+"."+c.Key, value))}
	}
	for _, c := range v.Changes {
		t.Rows = append(t.Rows, []ui.Cell{{Text: c.Label}, side(c, "old", c.Old), side(c, "new", c.New)})
	}
	for _, f := range v.FileChanges {
		old, now := f.Name, ""
		if f.Added {
			old, now = "", f.Name
		}
		t.Rows = append(t.Rows, []ui.Cell{{Text: f.Label}, {Part: diffSide(old, true)}, {Part: diffSide(now, false)}})
	}
	return t
}

// newFile reports whether a file came with the last submission after a correction.
func (v caseView) newFile(f cases.File) bool {
	return v.Round > 1 && !f.Removed && f.Round == v.Round-1
}

func fileName(f cases.File) string {
	if f.Proof != nil {
		return strings.TrimSpace(f.Proof.Name + " " + f.Proof.Number)
	}
	return f.Name
}

func fileNote(ctx context.Context, f cases.File) string {
	parts := []string{word(ctx, "cases.source_"+f.Source, f.Source)}
	if f.Proof != nil && f.Proof.Ref == cases.SeenOriginal {
		parts[0] = tr(ctx, "deskweb.source_original")
	}
	if f.Size > 0 {
		parts = append(parts, blob.Human(f.Size))
	}
	if !f.Added.IsZero() {
		parts = append(parts, minute(f.Added))
	}
	if f.Proof != nil && f.Proof.ValidUntil != "" {
		parts = append(parts, tr(ctx, "deskweb.valid_until", errs.P{"day": f.Proof.ValidUntil}))
	}
	return strings.Join(parts, " · ")
}

// revealable reports whether a row of the review may be asked for whole: masked ones that are not tables.
func revealable(r form.ReviewRow) bool {
	return masks(r.Level) && r.Value != "" && len(r.Lines) == 0
}

// masks reports whether values of a level are masked for staff.
func masks(level string) bool { return level != "" && level != "none" }

// longLabel reports whether a label is a sentence, as those of declarations are: it stands above its answer, not beside it.
func longLabel(s string) bool { return utf8.RuneCountInString(s) > 20 }

// plainEvents leaves out the steps between the acts; steps gives them too.
func plainEvents(es []cases.Event) []cases.Event {
	return slices.DeleteFunc(slices.Clone(es), func(e cases.Event) bool { return e.Kind == cases.EventStepDone || e.Kind == cases.EventEntered })
}

// generated reports whether the platform makes the material from the answers, so that nobody hands it in.
func generated(s cases.Slot) bool { return s.Material.Source == catalog.FromPlatform }

// scenario gives the answers to the questions that decided what is asked.
func (v caseView) scenario() []ui.KVRow {
	var out []ui.KVRow
	for _, q := range v.Item.Scenario {
		for _, o := range q.Options {
			if o.Value == v.Scenario[q.Key] {
				out = append(out, ui.KVRow{Key: q.Ask, Value: o.Label})
			}
		}
	}
	return out
}

func (v caseView) linesTable(ctx context.Context, r form.ReviewRow) ui.TableView {
	t := ui.TableView{Caption: r.Label, CaptionHide: true}
	for i, line := range r.Lines {
		var cells []ui.Cell
		for _, c := range line {
			if i == 0 {
				t.Columns = append(t.Columns, ui.Column{Label: c.Label})
			}
			cell := ui.Cell{Text: c.Value}
			if revealable(c) && !v.Own {
				cell = ui.Cell{Part: ui.MaskedValue(*v.masked(ctx, c.Label, "form."+r.Key+"."+itoa(i)+"."+c.Key, c.Value))}
			}
			cells = append(cells, cell)
		}
		t.Rows = append(t.Rows, cells)
	}
	return t
}

// checkText gives the words of a line of an inspection's checklist; the flow of the case still has them.
func checkText(d cases.Detail, step, key string) string {
	s, _ := d.Flow.Step(step)
	for _, c := range s.Checklist {
		if c.Key == key {
			return c.Text
		}
	}
	return key
}

// checkKeys gives the keys of an inspection's results in the order of the checklist, unknown ones last.
func checkKeys(d cases.Detail, in cases.Inspection) []string {
	var out []string
	s, _ := d.Flow.Step(in.Step)
	for _, c := range s.Checklist {
		if _, ok := in.Results[c.Key]; ok {
			out = append(out, c.Key)
		}
	}
	for k := range in.Results {
		if !slices.Contains(out, k) {
			out = append(out, k)
		}
	}
	return out
}

func photosOf(d cases.Detail, ids []string) []cases.File {
	return slices.DeleteFunc(slices.Clone(d.Photos), func(f cases.File) bool { return !slices.Contains(ids, f.ID) })
}

func photoOptions(fs []cases.File) []ui.Option {
	var out []ui.Option
	for _, f := range fs {
		out = append(out, ui.Option{Value: f.ID, Label: f.Name, Hint: blob.Human(f.Size)})
	}
	return out
}

// visitOptions are the trips a clerk records by hand; handing in and fetching are counted by themselves.
func visitOptions(ctx context.Context) []ui.Option {
	return []ui.Option{{Value: "ask", Label: tr(ctx, "deskweb.visit_ask")}, {Value: "correct", Label: tr(ctx, "deskweb.visit_correct")}}
}

func ticked(on bool) string {
	if on {
		return "true"
	}
	return ""
}

func stepName(d cases.Detail, key string) string {
	s, ok := d.Flow.Step(key)
	if !ok {
		return key
	}
	return s.Name
}

func lineHint(ctx context.Context, m mark) string {
	if m.Critical {
		return strings.TrimSpace(tr(ctx, "deskweb.line_critical") + " " + m.Basis)
	}
	return m.Basis
}

func opinionTone(outcome string) ui.Tone {
	switch outcome {
	case cases.OpinionFail:
		return ui.Bad
	case cases.OpinionReturn:
		return ui.Warn
	}
	return ui.Success
}
