package casesweb

import (
	"context"
	"net/http"

	"tongban/internal/base/authz"
	"tongban/internal/base/web"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/paper"
	"tongban/internal/engine/cnid"
)

// CaseDoc is a case as one reader may see it: staff read masked answers, applicants their own.
type CaseDoc struct {
	Case        cases.Case               `json:"case"`
	Progress    cases.Progress           `json:"progress"`
	Answers     []AnswerSection          `json:"answers"`
	Materials   []DraftMaterial          `json:"materials"`
	Corrections []cases.CorrectionNotice `json:"corrections"`
	Decision    *cases.Decision          `json:"decision,omitempty"`
	Refusal     *cases.Refusal           `json:"refusal,omitempty"`
	Opinions    []cases.Opinion          `json:"opinions,omitempty" doc:"staff only"`
	Inspections []cases.Inspection       `json:"inspections,omitempty" doc:"staff only"`
	Papers      []PaperDoc               `json:"papers"`
	QueryCode   string                   `json:"query_code,omitempty" doc:"the applicant's own"`
	May         []cases.Act              `json:"may" doc:"acts this reader may do now"`
}

// AnswerSection is a section of the form in words.
type AnswerSection struct {
	Key   string       `json:"key"`
	Title string       `json:"title"`
	Rows  []AnswerLine `json:"rows"`
}

// AnswerLine is one answer in words; a table has lines of cells instead of a value.
type AnswerLine struct {
	Key   string     `json:"key"`
	Label string     `json:"label"`
	Value string     `json:"value"`
	Lines [][]string `json:"lines,omitempty"`
}

// PaperDoc is one paper of a case.
type PaperDoc struct {
	ID     string `json:"id"`
	Act    string `json:"act"`
	Title  string `json:"title"`
	Number string `json:"number"`
	Ready  bool   `json:"ready"`
	Href   string `json:"href"`
}

type caseDocOut struct{ Body *CaseDoc }

type caseOut struct{ Body cases.Case }

type casePageIn struct {
	After string `query:"after" maxLength:"200"`
	Limit int    `query:"limit" minimum:"1" maximum:"100" default:"20"`
}

// CasesPage is one page of cases; next is empty on the last.
type CasesPage struct {
	Cases []cases.Case `json:"cases"`
	Next  string       `json:"next,omitempty"`
}

type casePageOut struct{ Body CasesPage }

type lookupIn struct {
	No   string `query:"no" required:"true" maxLength:"60"`
	Code string `query:"code" required:"true" maxLength:"30"`
}

type lookupOut struct{ Body cases.Progress }

func caseOps(a *web.API, h handlers) {
	const tag = "cases"
	op(a, authz.CaseApply, operation(http.MethodGet, "/cases", "list-cases", "My applications, newest first", tag), func(ctx context.Context, who authz.Actor, in *casePageIn) (*casePageOut, error) {
		p, err := h.Cases.ListMine(ctx, who, in.After, in.Limit)
		return pageOut(p), err
	})
	op(a, authz.CasePapers, operation(http.MethodGet, "/cases/{id}", "get-case", "One case", tag), func(ctx context.Context, who authz.Actor, in *draftID) (*caseDocOut, error) {
		d, err := h.Cases.Case(ctx, who, in.ID)
		if err != nil {
			return nil, err
		}
		ps, err := h.Papers.OfCase(ctx, d.ID)
		return &caseDocOut{caseDoc(d, ps)}, err
	})
	op(a, authz.CaseApply, operation(http.MethodGet, "/cases/{id}/receipt", "get-receipt", "The receipt", tag), func(ctx context.Context, who authz.Actor, in *draftID) (*receiptOut, error) {
		rc, err := h.Cases.Receipt(ctx, who, in.ID)
		return &receiptOut{rc}, err
	})
	op(a, authz.CaseApply, operation(http.MethodPost, "/cases/{id}/withdraw", "withdraw-case", "Take the application back", tag), func(ctx context.Context, who authz.Actor, in *versionIn) (*caseOut, error) {
		c, err := h.Cases.Withdraw(ctx, who, in.ID, in.Body.Version)
		return &caseOut{c}, err
	})
	op(a, authz.CaseApply, operation(http.MethodPost, "/cases/{id}/resubmit", "resubmit-case", "Answer a correction notice", tag), func(ctx context.Context, who authz.Actor, in *versionIn) (*caseOut, error) {
		c, err := h.Cases.Resubmit(ctx, who, in.ID, in.Body.Version)
		return &caseOut{c}, h.pointedFor(ctx, who, in.ID, err)
	})
	op(a, authz.Public, operation(http.MethodGet, "/lookup", "lookup-case", "The progress by case number and query code", tag), func(ctx context.Context, who authz.Actor, in *lookupIn) (*lookupOut, error) {
		p, err := h.Cases.Lookup(ctx, who, in.No, in.Code)
		return &lookupOut{p}, err
	}, web.PerMinute(20))
}

func pageOut(p cases.Page) *casePageOut {
	return &casePageOut{CasesPage{Cases: append([]cases.Case{}, p.Cases...), Next: p.Next}}
}

func caseDoc(d cases.Detail, ps []paper.Paper) *CaseDoc {
	out := &CaseDoc{
		Case: d.Case, Progress: d.Progress, Answers: []AnswerSection{}, Materials: draftDoc(d).Materials, Corrections: append([]cases.CorrectionNotice{}, d.Corrections...),
		Decision: d.Decision, Refusal: d.Refusal, Opinions: d.Opinions, Inspections: d.Inspections, Papers: []PaperDoc{}, QueryCode: d.QueryCode, May: append([]cases.Act{}, d.May...),
	}
	if !d.Own {
		maskHolders(out.Materials)
	}
	for _, s := range d.Review {
		sec := AnswerSection{Key: s.Key, Title: s.Title, Rows: []AnswerLine{}}
		for _, r := range s.Rows {
			line := AnswerLine{Key: r.Key, Label: r.Label, Value: r.Value}
			for _, l := range r.Lines {
				var cells []string
				for _, c := range l {
					cells = append(cells, c.Value)
				}
				line.Lines = append(line.Lines, cells)
			}
			sec.Rows = append(sec.Rows, line)
		}
		out.Answers = append(out.Answers, sec)
	}
	for _, p := range ps {
		out.Papers = append(out.Papers, PaperDoc{ID: p.ID, Act: p.Act, Title: p.Title, Number: p.Number, Ready: p.State == paper.Ready, Href: paperHref(p.ID)})
	}
	return out
}

// maskHolders hides the names on licences from readers other than the applicant.
func maskHolders(ms []DraftMaterial) {
	for _, m := range ms {
		for i, f := range m.Files { // the files are a copy of this reader's
			if f.Proof != nil {
				p := *f.Proof
				p.Holder = cnid.MaskName(p.Holder)
				m.Files[i].Proof = &p
			}
		}
	}
}
