package designweb

import (
	"context"
	"net/http"

	"tongban/internal/base/authz"
	"tongban/internal/base/i18n"
	"tongban/internal/base/web"
	"tongban/internal/domain/catalog/item"
	"tongban/internal/domain/design"
	"tongban/internal/domain/org"
	"tongban/internal/domain/paper"
)

// paperRoutes are the pages of the designer of papers. Whoever may look at the change may see a sample of the paper; only an item officer in reach may save.
func (h *Handler) paperRoutes() []web.Route {
	at := "/office/changes/{id}/papers/{key}"
	return []web.Route{
		web.To("GET "+at, authz.CatalogSee, h.paperPage),
		web.To("POST "+at, authz.CatalogEdit, h.designerText(paperDesignerOf), web.Upload(maxData)),
		web.To("POST "+at+"/preview", authz.CatalogSee, h.samplePrint(design.PaperFile), web.Upload(maxData), web.PerMinute(previewsMinute)),
	}
}

// paperStart is what the paper designer's page carries.
type paperStart struct {
	designerStart
	Acts    []paperAct     `json:"acts"`
	Types   []sourceOption `json:"types"`
	Values  []sourceOption `json:"values"`
	Purpose string         `json:"purpose"` // of the agency's seal
}

// paperAct is an act with the values its paper may show.
type paperAct struct {
	Value string   `json:"value"`
	Label string   `json:"label"`
	Names []string `json:"names"`
}

// sourceOption is one entry of a picker.
type sourceOption struct {
	Value string `json:"value"`
	Label string `json:"label"`
	Group string `json:"group,omitempty"`
}

func paperDesignerOf(r *http.Request) designerPageOf {
	return designerPageOf{Kind: design.PaperFile, Name: "paper", Prefix: "designer_paper.", Title: t(r.Context(), "designer_paper.title")}
}

func (h *Handler) paperPage(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	about, err := h.aboutPrint(r)
	if err != nil {
		return err
	}
	start := paperStart{Values: valueLabels(ctx, paperNames), Purpose: about.agency.SealPurpose}
	for _, act := range paper.Acts {
		a := paperAct{Value: act, Label: t(ctx, "design.paper_"+act)}
		known := paper.PlaceNames(act)
		for _, n := range paperNames {
			if known[n] {
				a.Names = append(a.Names, n)
			}
		}
		start.Acts = append(start.Acts, a)
	}
	for _, code := range paperTypes {
		start.Types = append(start.Types, sourceOption{Value: code, Label: item.CodeName(i18n.From(ctx), "type", code)})
	}
	allowPreview(w)
	return h.designer(w, r, paperDesignerOf(r), func(d designerStart) any {
		start.designerStart = d
		return start
	})
}

// paperTypes are the item types people apply for, which a template may be the default of.
var paperTypes = []string{"01", "05", "07", "08", "09", "10", "20", "21"}

// paperNames are the values papers show, in the order they are offered in.
var paperNames = []string{
	"applicant", "applicant_number_masked", "agent", "item", "agency", "number", "title", "date_cn", "case_no", "query_code",
	"received_cn", "accepted_cn", "due_cn", "promised_cn", "limit", "basis", "result", "conditions", "reason", "defects", "right_authority",
	"materials", "remedies", "officer", "taker", "window", "phone", "complaint_phone", "verify_url",
}

func valueLabels(ctx context.Context, names []string) []sourceOption {
	out := make([]sourceOption, 0, len(names))
	for _, n := range names {
		out = append(out, sourceOption{Value: n, Label: t(ctx, "designer_paper.value_"+n)})
	}
	return out
}

// allowPreview lets the page show the PDF its island was sent, in a frame, and nothing else in frames.
func allowPreview(w http.ResponseWriter) {
	if csp := w.Header().Get("Content-Security-Policy"); csp != "" {
		w.Header().Set("Content-Security-Policy", csp+"; frame-src blob:")
	}
}

// printAbout is what a sample is filled from.
type printAbout struct {
	item   item.Item
	form   []formAnswer
	agency org.Agency
}

// aboutPrint reads the item, its form and the agency of a change; what is not there yet stays empty.
func (h *Handler) aboutPrint(r *http.Request) (printAbout, error) {
	c, err := h.design.Change(r.Context(), actor(r), idOf(r))
	if err != nil {
		return printAbout{}, err
	}
	it, fm, err := h.aboutItem(r)
	if err != nil {
		return printAbout{}, err
	}
	g, err := h.offices.Agency(r.Context(), c.Agency)
	return printAbout{item: it, form: formAnswers(fm), agency: g}, ignoreMissing(err)
}
