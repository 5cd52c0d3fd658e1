package designweb

import (
	"slices"

	"tongban/internal/base/authz"
	"tongban/internal/base/web"
	"tongban/internal/domain/design"
)

// Routes is the route table of the room. Who may touch which change is decided by the room: officers and legal reviewers whose agency looks after the
// item's agency; to everybody else a change does not exist (404).
func (h *Handler) Routes() []web.Route {
	own := []web.Route{
		web.To("GET /office/changes", authz.CatalogSee, h.list),
		web.To("POST /office/changes", authz.CatalogEdit, h.begin),
		web.To("GET /office/changes/new", authz.CatalogEdit, h.newForm),
		web.To("POST /office/changes/import", authz.CatalogEdit, h.importZip, web.Upload(maxFolder+1<<20), web.PerMinute(20)),
		web.To("GET /office/changes/{id}", authz.CatalogSee, h.overview),
		web.To("POST /office/changes/{id}/add", authz.CatalogEdit, h.add),
		web.To("GET /office/changes/{id}/item/{group}", authz.CatalogSee, h.itemForm),
		web.To("POST /office/changes/{id}/item/{group}", authz.CatalogEdit, h.saveItem),
		web.To("GET /office/changes/{id}/rows/{child}", authz.CatalogSee, h.rows),
		web.To("GET /office/changes/{id}/rows/{child}/{row}", authz.CatalogSee, h.row),
		web.To("POST /office/changes/{id}/rows/{child}/{row}", authz.CatalogEdit, h.saveRow),
		web.To("POST /office/changes/{id}/rows/{child}/{row}/{act}", authz.CatalogEdit, h.rowAct),
		web.To("GET /office/changes/{id}/source", authz.CatalogSee, h.source),
		web.To("POST /office/changes/{id}/source", authz.CatalogEdit, h.saveSource),
		web.To("GET /office/changes/{id}/samples", authz.CatalogSee, h.samples),
		web.To("POST /office/changes/{id}/samples", authz.CatalogEdit, h.addSample, web.Upload(maxSample+1<<20)),
		web.To("POST /office/changes/{id}/samples/drop", authz.CatalogEdit, h.dropSample),
		web.To("GET /office/changes/{id}/sample", authz.CatalogSee, h.sample),
		web.To("GET /office/changes/{id}/check", authz.CatalogSee, h.check),
		web.To("GET /office/changes/{id}/outdated", authz.CatalogSee, h.outdated),
		web.To("POST /office/changes/{id}/outdated", authz.CatalogEdit, h.settle),
		web.To("GET /office/changes/{id}/review", authz.CatalogSee, h.review),
		web.To("POST /office/changes/{id}/send", authz.CatalogEdit, h.act(h.send)),
		web.To("POST /office/changes/{id}/second", authz.CatalogEdit, h.act(h.second)),
		web.To("POST /office/changes/{id}/legal", authz.LegalReview, h.act(h.legal)),
		web.To("POST /office/changes/{id}/publish", authz.CatalogEdit, h.act(h.publish)),
		web.To("POST /office/changes/{id}/back", authz.CatalogEdit, h.act(h.back)),
		web.To("POST /office/changes/{id}/drop", authz.CatalogEdit, h.act(h.drop)),
		web.To("GET /office/changes/{id}/export", authz.CatalogSee, h.export),
	}
	return slices.Concat(own, h.dataRoutes(), h.designerRoutes())
}

// designed are the kinds that have a designer of their own; an item is edited on pages.
var designed = []design.Kind{design.FormFile, design.FlowFile, design.PaperFile, design.LicenceFile, design.TableFile}

// dataRoutes are where the designers' islands save definitions.
func (h *Handler) dataRoutes() []web.Route {
	var out []web.Route
	for _, k := range designed {
		at := "/office/changes/{id}/" + string(k) + "/{key}/data"
		out = append(out, web.To("POST "+at, authz.CatalogEdit, h.dataHandler(k), web.Upload(maxData)))
	}
	return out
}
