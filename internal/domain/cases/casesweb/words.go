package casesweb

import (
	"context"
	"strconv"

	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ui"
	"tongban/internal/domain/cases"
)

// version is the version a page was drawn with, for its forms.
func version(d cases.Detail) string { return strconv.FormatInt(d.Version, 10) }

func whoRows(ctx context.Context, w Who) []ui.KVRow {
	switch {
	case w.Principal != "":
		return []ui.KVRow{{Key: t(ctx, "applicant"), Value: w.Principal}, {Key: t(ctx, "by_agent"), Value: w.Person}}
	case w.Firm != "":
		return []ui.KVRow{{Key: t(ctx, "applicant"), Value: w.Firm}, {Key: t(ctx, "by_person"), Value: w.Person}}
	}
	return []ui.KVRow{{Key: t(ctx, "applicant"), Value: w.Person}}
}

// applicantRows say for whom the application is, who acts for them, and where it goes.
func applicantRows(ctx context.Context, d cases.Detail) []ui.KVRow {
	return rows(ctx, "applicant", d.Applicant, agentKey(d), d.Agent, "agency", d.AgencyName)
}

// agentKey is what somebody who acts for a firm, or for a person, is called.
func agentKey(d cases.Detail) string {
	if d.ApplicantKind == cases.ByFirm {
		return "by_person"
	}
	return "by_agent"
}

func draftCrumbs(ctx context.Context, d cases.Detail) []ui.Crumb {
	return []ui.Crumb{{Label: t(ctx, "mine_title"), Href: "/my/cases"}, {Label: d.ItemName}}
}

func caseCrumbs(ctx context.Context, item string) []ui.Crumb {
	return []ui.Crumb{{Label: t(ctx, "mine_title"), Href: "/my/cases"}, {Label: item}}
}

func tasksEyebrow(ctx context.Context, d cases.Detail) string {
	if d.State == cases.Correction {
		return t(ctx, "tasks_amend", errs.P{"no": d.CaseNo})
	}
	return t(ctx, "tasks_new")
}

func tasksLead(ctx context.Context, v taskView) string {
	if v.Open == 0 {
		return t(ctx, "tasks_all_done")
	}
	return t(ctx, "tasks_open", errs.P{"n": v.Open})
}

// stepEyebrow says which item a page belongs to and how far one is.
func stepEyebrow(ctx context.Context, d cases.Detail, n, of int) string {
	if of == 0 {
		return d.ItemName
	}
	return t(ctx, "fill_step", errs.P{"item": d.ItemName, "n": n, "of": of})
}

func materialsLead(ctx context.Context, v materialsView) string {
	if v.Missing == 0 {
		return t(ctx, "materials_complete")
	}
	return t(ctx, "materials_lead", errs.P{"n": v.Missing})
}

// firstPage leads back to the start of a list: keyset paging knows no page before.
func firstPage(v mineView) string {
	if v.First {
		return ""
	}
	return "/my/cases"
}

func errorOf(v lookupView, name string) string {
	for _, e := range v.Errors {
		if e.Field == name {
			return e.Text
		}
	}
	return ""
}

func foundFacts(ctx context.Context, p cases.Progress) []ui.KVRow {
	out := rows(ctx, "case_no", p.CaseNo, "agency", p.Agency, "applicant", p.Applicant, "sent_at", when(p.Submitted))
	if p.Due.IsZero() || p.Paused || !p.State.Open() {
		return out
	}
	due := "due_decision"
	if p.State == cases.Submitted || p.State == cases.Received {
		due = "due_receipt"
	}
	return append(out, rows(ctx, due, day(ctx, p.Due), "lookup_left", lookupLeft(ctx, p))...)
}

func lookupLeft(ctx context.Context, p cases.Progress) string {
	if p.Overdue {
		return i18n.T(ctx, "ui.clock_overdue", errs.P{"n": -p.DaysLeft, "unit": i18n.T(ctx, "ui.workdays")})
	}
	return i18n.T(ctx, "ui.clock_running", errs.P{"n": p.DaysLeft, "unit": i18n.T(ctx, "ui.workdays")})
}
