package casesweb

import (
	"bytes"
	"context"
	"net/http"
	"slices"
	"strings"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/web"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/paper"
)

// paper gives the PDF of a paper to whoever may see its case; to anybody else it is not there. Every opening goes on record, the applicant's also as
// proof of delivery; when the applicant opens the result, the case has been delivered.
func (h handlers) paper(w http.ResponseWriter, r *http.Request) error {
	ctx, a := r.Context(), authz.From(r.Context())
	p, err := h.Papers.Paper(ctx, strings.TrimSuffix(r.PathValue("id"), ".pdf"))
	if err != nil {
		return err
	}
	d, err := h.Cases.Case(ctx, a, p.CaseID)
	if err != nil {
		return err
	}
	if p.State != paper.Ready {
		return errs.New(errs.Unavailable, "casesweb.paper_making")
	}
	body, p, err := h.Papers.PDF(ctx, p.ID)
	if err != nil {
		return err
	}
	if err := h.Audit.Read(ctx, h.readOf(a, p)); err != nil {
		return err
	}
	if d.Own && a.PersonID != "" {
		if err := h.delivered(ctx, a, d, p); err != nil {
			return err
		}
	}
	return web.File(w, paperName(p)+".pdf", "application/pdf", r.URL.Query().Get("save") == "", bytes.NewReader(body))
}

func (h handlers) readOf(a authz.Actor, p paper.Paper) audit.Entry {
	e := audit.Entry{Actor: a.Name(), OnBehalf: a.OnBehalf(), Object: "paper:" + p.ID, Subject: p.Subject, What: "casesweb.read_paper", Via: "pdf", Agency: a.AgencyID}
	return e.From(h.Seal, a.Origin)
}

// delivered records that the applicant opened a paper, and with the result that the case reached them.
func (h handlers) delivered(ctx context.Context, a authz.Actor, d cases.Detail, p paper.Paper) error {
	if isResult(d, p.Act) {
		if !slices.Contains(d.May, cases.ActDeliver) { // a mandate to view is none to collect
			return nil
		}
		_, err := h.Cases.Deliver(ctx, a, d.ID, 0, cases.Delivery{How: cases.DeliverOnline})
		if err != nil && errs.KindOf(err) != errs.Conflict { // it was delivered otherwise meanwhile
			return err
		}
	}
	_, err := h.Papers.Delivered(ctx, paper.Proof{PaperID: p.ID, How: paper.OnlineOpened, To: a.Name(), At: h.Now(), By: a.Name()})
	return err
}

// isResult reports whether a paper is the end of the matter. Where a licence comes out, the decision alone is not: the licence has to be there too.
func isResult(d cases.Detail, act string) bool {
	if act != "grant" && act != "refuse" {
		return false
	}
	return d.State == cases.Certified || d.State == cases.Decided && (d.Outcome == cases.Refuse || d.Item.Result.Kind != "licence")
}
