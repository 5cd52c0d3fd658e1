package deskweb

import (
	"context"
	"strconv"
	"strings"
	"time"

	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ui"
	"tongban/internal/domain/cases"
	"tongban/internal/engine/clock"
)

func tr(ctx context.Context, key string, p ...errs.P) string { return i18n.T(ctx, key, p...) }

// word gives a text, or the plain fallback when the key has none: codes that packs invent have no text.
func word(ctx context.Context, key, fallback string) string {
	if !i18n.Has(key) {
		return fallback
	}
	return i18n.T(ctx, key)
}

// finding puts one finding into words.
func finding(ctx context.Context, f errs.Field) string { return i18n.T(ctx, f.Key, f.Params) }

// summary turns findings into lines of the error summary.
func summary(ctx context.Context, fs []errs.Field) []ui.ErrorItem {
	out := make([]ui.ErrorItem, 0, len(fs))
	for _, f := range fs {
		out = append(out, ui.ErrorItem{Field: f.Path, Text: finding(ctx, f)})
	}
	return out
}

// errorAt gives the words of the first finding at a path, empty for none.
func errorAt(ctx context.Context, fs []errs.Field, path string) string {
	for _, f := range fs {
		if f.Path == path {
			return finding(ctx, f)
		}
	}
	return ""
}

// day writes an instant as a date in Asia/Shanghai, empty for the zero time.
func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(clock.Shanghai).Format(time.DateOnly)
}

// minute writes an instant with hour and minute in Asia/Shanghai, empty for the zero time.
func minute(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(clock.Shanghai).Format("2006-01-02 15:04")
}

func itoa(n int) string { return strconv.Itoa(n) }

func itoa64(n int64) string { return strconv.FormatInt(n, 10) }

// soon is how many working days before a deadline the badge turns to a warning.
const soon = 2

// clockView puts the clock of a case into a badge. A deadline that rests on an unpublished holiday list says so.
func clockView(ctx context.Context, c cases.Case) *ui.ClockView {
	due := c.Clock.Due()
	v := &ui.ClockView{State: ui.Running, Left: c.DaysLeft, Why: dueWords(ctx, c)}
	switch {
	case c.Clock.Paused:
		v.State, v.Left = ui.Paused, c.Clock.Left
		v.Why = tr(ctx, "deskweb.clock_paused_"+pausedFor(c.State))
	case due.IsZero() || !c.State.Open():
		return nil
	case c.Overdue:
		v.State, v.Left = ui.Overdue, max(-c.DaysLeft, 0)
	case c.DaysLeft <= soon:
		v.State = ui.DueSoon
	}
	if c.Clock.Provisional {
		v.Why = strings.TrimSpace(v.Why + " " + tr(ctx, "deskweb.clock_provisional"))
	}
	return v
}

// dueWords says what must be done until the date that binds now: an answer on acceptance, a decision, the certificate.
func dueWords(ctx context.Context, c cases.Case) string {
	due, key := c.Clock.Due(), "cases.due_"+c.Clock.Phase
	switch {
	case due.IsZero():
		return ""
	case i18n.Has(key):
		return tr(ctx, key, errs.P{"date": day(due)})
	}
	return tr(ctx, "ui.clock_due", errs.P{"date": day(due)})
}

func pausedFor(s cases.State) string {
	if s == cases.Correction {
		return "correction"
	}
	return "special"
}

var stateTones = map[cases.State]ui.Tone{
	cases.Submitted: ui.Info, cases.Received: ui.Info, cases.Accepted: ui.Info, cases.Reviewing: ui.Info, cases.Correction: ui.Warn,
	cases.Suspended: ui.Warn, cases.Certified: ui.Success, cases.Delivered: ui.Success, cases.Concluded: ui.Success, cases.Refused: ui.Bad,
}

// stateTag is the state of a case as a tag; a refusal is red.
func stateTag(ctx context.Context, c cases.Case) ui.TagView {
	tone := stateTones[c.State]
	text := c.Status(ctx)
	if c.Outcome != "" {
		switch {
		case c.Outcome == cases.Refuse:
			tone = ui.Bad
		case tone == "":
			tone = ui.Success
		}
	}
	if tone == "" {
		tone = ui.Neutral
	}
	if c.HandledBy != "" {
		text += " · " + tr(ctx, "cases.handled_in", errs.P{"system": c.HandledBy})
	}
	return ui.TagView{Tone: tone, Text: text}
}

// who names an actor as the record writes it: staff by name, the applicant and the program by role.
func (h handlers) who(ctx context.Context, by string) string {
	id, staff := strings.CutPrefix(by, "staff:")
	switch {
	case strings.HasPrefix(by, "person:"):
		return tr(ctx, "deskweb.by_applicant")
	case strings.HasPrefix(by, "system:"): // of another authority
		return tr(ctx, "cases.handled_in", errs.P{"system": strings.TrimPrefix(by, "system:")})
	case by == "" || id == "system":
		return tr(ctx, "deskweb.by_system")
	}
	s, err := h.Offices.Staff(ctx, id)
	if err == nil {
		return s.Name
	}
	if staff {
		return tr(ctx, "deskweb.by_former")
	}
	return by
}

// byFor names who did something, and the colleague in whose post they stood in (代).
func byFor(ctx context.Context, name func(string) string, by, onBehalf string) string {
	if onBehalf == "" {
		return name(by)
	}
	return tr(ctx, "deskweb.by_for", errs.P{"who": name(by), "other": name(onBehalf)})
}

func (h handlers) postName(ctx context.Context, key string) string {
	p, err := h.Offices.Post(ctx, key)
	if err != nil {
		return key
	}
	return p.Name
}

// page is the shell part every desk page shares.
func page(ctx context.Context, title string, crumbs ...ui.Crumb) ui.PageView {
	root := ui.Crumb{Label: tr(ctx, "deskweb.inbox_title"), Href: "/desk/cases"}
	return ui.PageView{Title: title, Robots: "noindex", Crumbs: append(append([]ui.Crumb{root}, crumbs...), ui.Crumb{Label: title})}
}

func windowPage(ctx context.Context, title string, crumbs ...ui.Crumb) ui.PageView {
	root := ui.Crumb{Label: tr(ctx, "deskweb.window_title"), Href: "/window"}
	return ui.PageView{Title: title, Robots: "noindex", Crumbs: append(append([]ui.Crumb{root}, crumbs...), ui.Crumb{Label: title})}
}
