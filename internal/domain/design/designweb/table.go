package designweb

import (
	"net/http"

	"tongban/internal/base/authz"
	"tongban/internal/base/web"
	"tongban/internal/domain/catalog/item"
	"tongban/internal/domain/design"
	"tongban/internal/engine/cond"
	"tongban/internal/engine/table"
)

// tableRoutes are the pages of the decision tables.
func (h *Handler) tableRoutes() []web.Route {
	at := "/office/changes/{id}/tables/{key}"
	return []web.Route{web.To("GET "+at, authz.CatalogSee, h.tablePage), web.To("POST "+at, authz.CatalogEdit, h.designerText(tableDesignerOf), web.Upload(maxData))}
}

// tableStart is what the page of a decision table carries.
type tableStart struct {
	designerStart
	Questions []readable    `json:"questions"`
	Materials []answerLabel `json:"materials"`
}

func tableDesignerOf(r *http.Request) designerPageOf {
	return designerPageOf{Kind: design.TableFile, Name: "table", Prefix: "designer_table.", Title: t(r.Context(), "designer_table.title")}
}

func scenarioDesignerOf(r *http.Request) designerPageOf {
	return designerPageOf{Kind: design.ItemFile, Name: "scenario", Prefix: "designer_table.", Title: t(r.Context(), "designer_table.scenario_title")}
}

func (h *Handler) tablePage(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	it, fm, err := h.aboutItem(r)
	if err != nil {
		return err
	}
	start := tableStart{Questions: readables(ctx, it, fm), Materials: []answerLabel{}}
	for _, m := range it.Materials {
		start.Materials = append(start.Materials, answerLabel{m.Key, m.Name})
	}
	return h.designer(w, r, tableDesignerOf(r), func(d designerStart) any {
		start.designerStart = d
		return start
	})
}

// scenarioRoutes are the pages of the scenario designer.
func (h *Handler) scenarioRoutes() []web.Route {
	at := "/office/changes/{id}/items/{key}"
	return []web.Route{
		web.To("GET "+at+"/scenario", authz.CatalogSee, h.scenarioPage),
		web.To("POST "+at+"/scenario", authz.CatalogEdit, h.designerText(scenarioDesignerOf), web.Upload(maxData)),
		web.To("POST "+at+"/scenario/data", authz.CatalogEdit, h.dataHandler(design.ItemFile), web.Upload(maxData)),
	}
}

// scenarioStart is what the scenario's page carries. Materials and rules are those of the item with its decision tables applied.
type scenarioStart struct {
	designerStart
	Questions []readable   `json:"questions"`
	Materials []whenLabel  `json:"materials"`
	Rules     []whenRule   `json:"rules"`
	Items     []itemOption `json:"items"`
}

type whenLabel struct {
	Key   string    `json:"key"`
	Label string    `json:"label"`
	When  cond.Expr `json:"when,omitzero"`
}

type whenRule struct {
	Name string    `json:"name"`
	Text string    `json:"text"`
	When cond.Expr `json:"when,omitzero"`
}

type itemOption struct {
	Value string `json:"value"`
	Label string `json:"label"`
}

func (h *Handler) scenarioPage(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	v, _, err := h.design.Definition(ctx, actor(r), idOf(r), design.ItemFile, r.PathValue("key"))
	if err != nil {
		return err
	}
	it := *v.(*item.Item)
	_, fm, err := h.aboutItem(r)
	if err != nil {
		return err
	}
	own := it
	own.Scenario = nil // the page takes the scenario's own questions from the item, as they are being changed
	start := scenarioStart{Questions: readables(ctx, own, fm), Materials: []whenLabel{}, Rules: []whenRule{}, Items: []itemOption{}}
	it, err = h.decided(r, it)
	if err != nil {
		return err
	}
	for _, m := range it.Materials {
		start.Materials = append(start.Materials, whenLabel{m.Key, m.Name, m.When})
	}
	for _, c := range it.CheckRules {
		start.Rules = append(start.Rules, whenRule{c.Name, c.Text, c.When})
	}
	if h.cfg.Items != nil {
		for _, o := range h.cfg.Items(ctx) {
			start.Items = append(start.Items, itemOption{o.Value, o.Label})
		}
	}
	return h.designer(w, r, scenarioDesignerOf(r), func(d designerStart) any {
		start.designerStart = d
		return start
	})
}

// decided gives the item with the decision tables it names applied, as the change has them; one that is missing is left out and found by the check.
func (h *Handler) decided(r *http.Request, it item.Item) (item.Item, error) {
	var tables []table.Definition
	for _, key := range it.Tables {
		v, _, err := h.design.Definition(r.Context(), actor(r), idOf(r), design.TableFile, key)
		if err = ignoreMissing(err); err != nil {
			return it, err
		}
		if d, ok := v.(*table.Definition); ok && d != nil {
			tables = append(tables, *d)
		}
	}
	return it.Decide(tables), nil
}
