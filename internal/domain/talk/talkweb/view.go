package talkweb

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"tongban/internal/base/blob"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ident"
	"tongban/internal/base/ui"
	"tongban/internal/domain/talk"
)

// view is a conversation on one of its pages.
type view struct {
	talk.Thread
	place
	Key   string // makes a second press of the button harmless
	Done  string
	Whole bool // a page of its own
	problems
}

// shownHere is how many messages stand on the page of a case; the others are on the page of the conversation.
const shownHere = 6

func (h handlers) view(r *http.Request, p place, id string) (view, error) {
	th, err := h.s.Thread(r.Context(), actor(r), id)
	v := view{Thread: th, place: p, Key: ident.Secret(12)}
	if done := r.URL.Query().Get("talk"); slices.Contains([]string{"sent", "urged", "answered", "copied", "ended"}, done) {
		v.Done = t(r.Context(), "done_"+done)
	}
	return v, err
}

// OwnPanel is the conversation on the applicant's page of a case.
func OwnPanel(s *talk.Service) func(r *http.Request, id string) (templ.Component, error) {
	return panelOf(s, own)
}

// DeskPanel is the conversation on the officer's page of a case.
func DeskPanel(s *talk.Service) func(r *http.Request, id string) (templ.Component, error) {
	return panelOf(s, desk)
}

func panelOf(s *talk.Service, p place) func(r *http.Request, id string) (templ.Component, error) {
	h := handlers{s}
	return func(r *http.Request, id string) (templ.Component, error) {
		v, err := h.view(r, p, id)
		if err != nil {
			return nil, err
		}
		return panel(v), nil
	}
}

func (v view) url(pattern string) string { return at(pattern, v.CaseID) }

func (v view) shown() []talk.Message {
	if v.Whole || len(v.Messages) <= shownHere {
		return v.Messages
	}
	return v.Messages[len(v.Messages)-shownHere:]
}

func (v view) older() int { return len(v.Messages) - len(v.shown()) }

// who names the writer of a message.
func (v view) who(ctx context.Context, m talk.Message) string {
	switch {
	case m.Mine:
		return t(ctx, "you")
	case m.Side == talk.Officer && v.Own:
		return t(ctx, "officer_of", errs.P{"agency": m.Agency, "name": m.By})
	case m.Side == talk.Officer:
		return m.Agency + " " + m.By
	case m.By == "" && v.Own:
		return t(ctx, "other_own")
	case m.By == "":
		return t(ctx, "agent")
	}
	return t(ctx, "applicant_named", errs.P{"name": m.By})
}

func lines(text string) []string { return strings.Split(text, "\n") }

func (v view) hint(ctx context.Context) string {
	if v.Own {
		return t(ctx, "hint_own")
	}
	return t(ctx, "hint_desk")
}

func (v view) text(ctx context.Context) ui.FormField {
	label := "write_own"
	if !v.Own {
		label = "write_desk"
	}
	return ui.FormField{
		Name: fieldText, Kind: "textarea", Label: t(ctx, label), Hint: v.hint(ctx), Value: v.Typed[fieldText], MaxLength: talk.MaxText, Required: true, Error: v.Errors[fieldText],
	}
}

func fileHint(ctx context.Context) string {
	return t(ctx, "file_hint", errs.P{"formats": strings.ToUpper(strings.Join(talk.Formats, "、")), "max": blob.Human(talk.MaxFile)})
}

func accept() string { return "." + strings.Join(talk.Formats, ",.") }

// why says why the reader cannot write; a reader who only looks needs no word about it.
func (v view) why(ctx context.Context) string {
	if v.Why == nil || v.page == watch.page {
		return ""
	}
	return i18n.Err(ctx, v.Why)
}

// urgeNote says when one may urge, while the case goes on.
func (v view) urgeNote(ctx context.Context) string {
	if v.WhyUrge == nil || errs.Is(v.WhyUrge, "talk.no_right") || errs.Is(v.WhyUrge, "talk.urge_closed") {
		return ""
	}
	return i18n.Err(ctx, v.WhyUrge)
}

// urges reports whether there is anything to say about urging.
func (v view) urges(ctx context.Context) bool {
	return len(v.Urges) > 0 || v.urge != "" && (v.MayUrge || v.urgeNote(ctx) != "")
}

func (v view) urgeWho(ctx context.Context, u talk.Urge) string {
	switch {
	case u.Mine:
		return t(ctx, "you")
	case u.Side == talk.Watcher:
		return t(ctx, "supervisor_named", errs.P{"name": u.Who})
	}
	return t(ctx, "applicant_named", errs.P{"name": u.Who})
}

func (v view) urgeReason(ctx context.Context) ui.FormField {
	return ui.FormField{Name: fieldReason, Kind: "textarea", Label: t(ctx, "urge_reason"), Value: v.Typed[fieldReason], MaxLength: talk.MaxReason, Error: v.Errors[fieldReason]}
}

// answerField is the field of one urge: two open ones on a page have an id each.
func (v view) answerField(ctx context.Context, u talk.Urge) ui.FormField {
	f := ui.FormField{Name: fieldAnswer, Kind: "textarea", Label: t(ctx, "answer_label"), Hint: t(ctx, "answer_hint"), MaxLength: talk.MaxAnswer, Required: true}
	if v.Typed["urge"] == u.ID {
		f.Value, f.Error = v.Typed[fieldAnswer], v.Errors[fieldAnswer]
	}
	return f
}

// answering is the one open urge that gets a form on this page: the one whose answer is owed first. The others follow when it is answered.
func (v view) answering() string {
	if !v.Answers || v.page != desk.page {
		return ""
	}
	if v.Typed["urge"] != "" {
		return v.Typed["urge"]
	}
	for _, u := range v.Urges {
		if u.Open() {
			return u.ID
		}
	}
	return ""
}

func urgeTone(u talk.Urge) (ui.Tone, string) {
	switch {
	case !u.Answered.IsZero():
		return ui.Success, "urge_answered"
	case !u.Overtaken.IsZero():
		return ui.Neutral, "urge_overtaken"
	case !u.Missed.IsZero():
		return ui.Bad, "urge_missed"
	}
	return ui.Warn, "urge_open"
}

func copyState(c talk.Copy, now time.Time) (ui.Tone, string) {
	switch {
	case !c.Ended.IsZero() && c.Ended.Before(c.Until):
		return ui.Neutral, "copy_taken_back"
	case !c.Runs(now):
		return ui.Neutral, "copy_lapsed"
	}
	return ui.Info, "copy_runs"
}

// lastDay is the last day of a copy's term.
func lastDay(c talk.Copy) string { return day(c.Until.Add(-time.Second)) }

func now(ctx context.Context) time.Time { return time.UnixMilli(ui.ShellFrom(ctx).NowMS) }

func dateOf(s string) string {
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return s
	}
	return minute(at)
}

func told(ctx context.Context, e talk.Escalation) string {
	return t(ctx, "told_line", errs.P{"clock": t(ctx, "clock_"+e.Clock), "due": minute(e.Due), "who": strings.Join(e.Told, "、")})
}

func (v view) pageView(ctx context.Context) ui.PageView {
	p := ui.PageView{Title: v.title(ctx), Eyebrow: v.ItemName + " " + v.CaseNo, Robots: "noindex", Errors: v.List, BackHref: v.url(v.back)}
	if v.Own {
		p.Narrow = true
	}
	return p
}

// title names the other side of the conversation.
func (v view) title(ctx context.Context) string {
	if v.Own {
		return t(ctx, "title")
	}
	return t(ctx, "title_desk")
}

// urgeHint says what urging does and how often one may.
func (v view) urgeHint(ctx context.Context) string {
	if v.page == watch.page {
		return t(ctx, "urge_hint_watch")
	}
	return t(ctx, "urge_hint")
}

// lastMoment is the last day on which one may still write.
func lastMoment(until time.Time) string { return day(until.Add(-time.Second)) }
