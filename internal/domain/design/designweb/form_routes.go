package designweb

import (
	"tongban/internal/base/authz"
	"tongban/internal/base/web"
)

const (
	maxSheet       = 2 << 20 // bytes of a spreadsheet of questions
	previewsMinute = 300     // a preview follows every pause in typing
)

// formRoutes are the pages of the form designer. Whoever may look at the change may look at the form and try it; only an item officer in reach may save.
func (h *Handler) formRoutes() []web.Route {
	at := "/office/changes/{id}/forms/{key}"
	return []web.Route{
		web.To("GET "+at, authz.CatalogSee, h.formPage),
		web.To("POST "+at, authz.CatalogEdit, h.designerText(formDesignerOf), web.Upload(maxData)),
		web.To("POST "+at+"/preview", authz.CatalogSee, h.formPreview, web.Upload(maxData), web.PerMinute(previewsMinute)),
		web.To("POST "+at+"/import", authz.CatalogEdit, h.formImport, web.Upload(maxSheet)),
		web.To("GET /office/form-template", authz.CatalogSee, h.formTemplate),
	}
}
