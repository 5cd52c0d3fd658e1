package designweb

import (
	"context"
	"net/http"

	"tongban/internal/base/authz"
	"tongban/internal/base/web"
	"tongban/internal/domain/catalog/item"
	"tongban/internal/domain/design"
)

// licenceRoutes are the pages of the designer of licence types, with the same rights as those of papers.
func (h *Handler) licenceRoutes() []web.Route {
	at := "/office/changes/{id}/licence-types/{key}"
	return []web.Route{
		web.To("GET "+at, authz.CatalogSee, h.licencePage),
		web.To("POST "+at, authz.CatalogEdit, h.designerText(licenceDesignerOf), web.Upload(maxData)),
		web.To("POST "+at+"/preview", authz.CatalogSee, h.samplePrint(design.LicenceFile), web.Upload(maxData), web.PerMinute(previewsMinute)),
	}
}

// licenceStart is what the licence designer's page carries.
type licenceStart struct {
	designerStart
	Values  []sourceOption `json:"values"`  // what every layout may show beside the type's fields
	Sources []sourceOption `json:"sources"` // where a field may come from
	Purpose string         `json:"purpose"`
}

func licenceDesignerOf(r *http.Request) designerPageOf {
	return designerPageOf{Kind: design.LicenceFile, Name: "licence", Prefix: "designer_paper.", Title: t(r.Context(), "designer_paper.licence_title")}
}

func (h *Handler) licencePage(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	about, err := h.aboutPrint(r)
	if err != nil {
		return err
	}
	start := licenceStart{Values: []sourceOption{}, Sources: licenceSources(ctx, about), Purpose: about.agency.SealPurpose}
	for _, n := range licenceNames {
		start.Values = append(start.Values, sourceOption{Value: n, Label: t(ctx, "designer_paper.licence_value_"+n)})
	}
	allowPreview(w)
	return h.designer(w, r, licenceDesignerOf(r), func(d designerStart) any {
		start.designerStart = d
		return start
	})
}

// licenceNames are the names every layout of a licence may use, in the order they are offered in; licence-types add their fields.
var licenceNames = []string{"holder_name", "holder_number", "name", "number", "licence_id", "valid_from", "valid_until", "issued", "agency", "definer", "verify_url"}

// licenceOwn are the sources that come from the licence and its decision.
var licenceOwn = []string{"licence.number", "licence.valid_from", "licence.valid_until", "agency.name", "decision.date"}

// licenceSources are the sources a field may be picked from: applicant, form, scenario, the licence itself, agency and decision.
func licenceSources(ctx context.Context, about printAbout) []sourceOption {
	group := func(key string) string { return t(ctx, "designer_paper.from_"+key) }
	var out []sourceOption
	for _, from := range []string{"applicant.name", "applicant.number"} {
		out = append(out, sourceOption{from, t(ctx, "designer_paper.source_"+from), group("applicant")})
	}
	for _, q := range about.item.Scenario {
		out = append(out, sourceOption{item.ScenarioPrefix + q.Key, q.Ask, group("scenario")})
	}
	for _, f := range about.form {
		out = append(out, sourceOption{item.FormPrefix + f.Key, f.Label, group("form") + " · " + f.Group})
	}
	for _, from := range licenceOwn {
		out = append(out, sourceOption{from, t(ctx, "designer_paper.source_"+from), group("licence")})
	}
	return out
}
