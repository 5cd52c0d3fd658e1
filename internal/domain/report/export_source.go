package report

import (
	"context"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/i18n"
	"tongban/internal/domain/cases"
	"tongban/internal/engine/clock"
)

// pageRows is how many rows are read at once.
const pageRows = 100

// page reads the next rows of what is exported; next is empty behind the last.
func (s *Service) page(ctx context.Context, a authz.Actor, x Export) (rows [][]any, next string, err error) {
	switch x.Of {
	case OfInbox, OfRegion:
		f := x.wanted.Cases
		f.After, f.Limit = x.after, pageRows
		p, err := s.Cases.Walk(ctx, a, x.Of, f)
		for _, c := range p.Cases {
			rows = append(rows, caseRow(ctx, c))
		}
		return rows, p.Next, err
	case OfReport:
		v, err := s.Report(ctx, a, x.wanted.Report)
		for _, l := range v.Lines {
			rows = append(rows, lineRow(ctx, v.Report, l))
		}
		return rows, "", err
	}
	r, err := s.seen(ctx, a, x.wanted.Report)
	if err != nil {
		return nil, "", err
	}
	w, err := s.behind(ctx, r, x.wanted.Behind)
	if err != nil {
		return nil, "", err
	}
	bs, next, err := factPage(ctx, s.DB.R(), w, x.after, pageRows)
	for _, b := range bs {
		rows = append(rows, s.factRow(ctx, b))
	}
	return rows, next, err
}

var (
	caseHeads = []string{"case_no", "item", "agency", "region", "channel", "applicant", "state", "outcome", "step", "submitted", "accepted", "decided", "concluded", "due", "overdue"}
	factHeads = []string{"case_no", "what", "outcome", "item", "agency", "channel", "at", "noted", "days_taken", "legal_days", "planned_trips", "trips", "reused", "uploaded"}
	lineHeads = []string{"month", "version", "breakdown", "name"}
	rateHeads = []string{"on_time_percent", "median", "p90"}
)

// heads are the headings of what is exported.
func heads(ctx context.Context, x Export) (out []string) {
	add := func(prefix string, keys ...string) {
		for _, k := range keys {
			out = append(out, i18n.T(ctx, prefix+k))
		}
	}
	switch x.Of {
	case OfInbox, OfRegion:
		add("report.c_", caseHeads...)
	case OfReport:
		add("report.c_", lineHeads...)
		for _, f := range Fields {
			add("report.n_", f.Key)
		}
		add("report.n_", rateHeads...)
	default:
		add("report.c_", factHeads...)
	}
	return out
}

func minute(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(clock.Shanghai).Format("2006-01-02 15:04")
}

// word is the text of another room's value; the value itself where there is none.
func word(ctx context.Context, prefix, value string) string {
	if value == "" || !i18n.Has(prefix+value) {
		return value
	}
	return i18n.T(ctx, prefix+value)
}

// caseRow is a case as the list shows it: the applicant is masked there already.
func caseRow(ctx context.Context, c cases.Case) []any {
	overdue := ""
	if c.Overdue {
		overdue = i18n.T(ctx, "report.yes")
	}
	return []any{
		c.CaseNo, c.ItemName, c.AgencyName, c.Region, word(ctx, "cases.channel_", c.Channel), c.Applicant, word(ctx, "cases.state_", string(c.State)),
		word(ctx, "cases.outcome_", string(c.Outcome)), c.StepName, minute(c.Submitted), minute(c.Accepted), minute(c.Decided), minute(c.Concluded), minute(c.Clock.Due()), overdue,
	}
}

// LineName is what a line is called.
func LineName(ctx context.Context, l Line) string {
	switch {
	case l.By == Total:
		return i18n.T(ctx, "report.by_total")
	case l.Key == "":
		return i18n.T(ctx, "report.none_"+string(l.By))
	case l.By == ByChannel:
		return word(ctx, "cases.channel_", l.Key)
	case l.Name == "":
		return l.Key
	}
	return l.Name
}

func lineRow(ctx context.Context, r Report, l Line) []any {
	row := []any{r.Month, r.Version, i18n.T(ctx, "report.by_"+string(l.By)), LineName(ctx, l)}
	for _, f := range Fields {
		row = append(row, f.Get(l.Numbers))
	}
	if p := l.OnTimePercent(); p >= 0 {
		row = append(row, float64(p)/10)
	} else {
		row = append(row, "")
	}
	if l.Measured == 0 {
		return append(row, "", "")
	}
	return append(row, l.At(50), l.At(90))
}

func (s *Service) factRow(ctx context.Context, b Behind) []any {
	days := any("")
	if b.Days >= 0 {
		days = b.Days
	}
	return []any{
		b.CaseNo, word(ctx, "report.fact_", b.Kind), Outcome(ctx, b), s.name(ctx, ByItem, b.Item), s.name(ctx, ByAgency, b.Agency), word(ctx, "cases.channel_", b.Channel),
		minute(b.At), minute(b.Noted), days, b.Legal, max(0, b.Planned), b.Trips, b.Reused, b.Uploaded,
	}
}

// Outcome is the word for how a fact came out: a decision, an end, the colour of a card.
func Outcome(ctx context.Context, b Behind) string {
	switch b.Kind {
	case factDecided:
		return word(ctx, "cases.outcome_", b.Outcome)
	case factEnded:
		return word(ctx, "cases.act_", b.Outcome)
	case factCard, factCancelled:
		return word(ctx, "report.card_", b.Outcome)
	}
	return ""
}
