package designweb

import (
	"bytes"
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/web"
	"tongban/internal/domain/catalog/item"
	"tongban/internal/domain/design"
	"tongban/internal/domain/org"
	"tongban/internal/engine/clock"
	"tongban/internal/engine/flow"
	"tongban/internal/engine/form"
)

// flowRoutes are the pages of the flow designer.
func (h *Handler) flowRoutes() []web.Route {
	at := "/office/changes/{id}/flows/{key}"
	return []web.Route{
		web.To("GET "+at, authz.CatalogSee, h.flowPage),
		web.To("POST "+at, authz.CatalogEdit, h.designerText(flowDesignerOf), web.Upload(maxData)),
		web.To("GET "+at+"/flow.bpmn", authz.CatalogSee, h.flowBPMN),
	}
}

// flowStart is what the flow designer's page carries.
type flowStart struct {
	designerStart
	Posts     []flowPost    `json:"posts"`
	Others    []flowPost    `json:"others"`  // posts of other agencies that can be asked
	Regions   []answerLabel `json:"regions"` // questions answered with a region
	Questions []readable    `json:"questions"`
	Answers   []answerLabel `json:"answers"`
	Promised  *clock.Period `json:"promised,omitempty"`
	BPMN      string        `json:"bpmn"`
}

type flowPost struct {
	Key  string   `json:"key"`
	Name string   `json:"name"`
	Acts []string `json:"acts"`
}

type answerLabel struct {
	Key   string `json:"key"`
	Label string `json:"label"`
}

func flowDesignerOf(r *http.Request) designerPageOf {
	return designerPageOf{Kind: design.FlowFile, Name: "flow", Prefix: "designer_flow.", Title: t(r.Context(), "designer_flow.title")}
}

func (h *Handler) flowPage(w http.ResponseWriter, r *http.Request) error {
	ctx, a := r.Context(), actor(r)
	c, err := h.design.Change(ctx, a, idOf(r))
	if err != nil {
		return err
	}
	it, fm, err := h.aboutItem(r)
	if err != nil {
		return err
	}
	start := flowStart{Posts: []flowPost{}, Questions: readables(ctx, it, fm), Answers: answerLabels(fm), BPMN: r.URL.Path + "/flow.bpmn"}
	if p := it.Limits.Promised.Period(); p.N > 0 {
		start.Promised = &p
	}
	for _, p := range h.offices.Posts(ctx, c.Agency) {
		start.Posts = append(start.Posts, flowPost{Key: p.Key, Name: p.Name, Acts: slices.Clone(p.Acts)})
	}
	start.Others, start.Regions = h.otherPosts(ctx, c.Agency), regionLabels(fm)
	return h.designer(w, r, flowDesignerOf(r), func(d designerStart) any {
		start.designerStart = d
		return start
	})
}

// otherPosts are the posts of other agencies of the same city that examine or decide: those a consultation can ask. They come by agency.
func (h *Handler) otherPosts(ctx context.Context, agency string) []flowPost {
	out := []flowPost{}
	own, err := h.offices.Agency(ctx, agency)
	if err != nil {
		return out
	}
	near := map[string]string{}
	for _, g := range h.offices.Agencies(ctx) {
		if g.Key != agency && !org.IsHall(g.Key) && prefix(g.Region) == prefix(own.Region) {
			near[g.Key] = cmp.Or(g.Short, g.Name)
		}
	}
	for _, p := range h.offices.Posts(ctx, "") {
		asks := slices.ContainsFunc([]string{flow.Review, flow.Inspect, flow.Decide}, func(act string) bool { return slices.Contains(p.Acts, act) })
		if name := near[p.Agency]; name != "" && asks {
			out = append(out, flowPost{Key: p.Key, Name: name + " · " + p.Name, Acts: slices.Clone(p.Acts)})
		}
	}
	slices.SortFunc(out, func(a, b flowPost) int { return cmp.Compare(a.Name, b.Name) })
	return out
}

// prefix is the part of a region code that names the city.
func prefix(code string) string { return code[:min(4, len(code))] }

// regionLabels are the questions answered with a region, by the names conditions use.
func regionLabels(d form.Definition) []answerLabel {
	out := []answerLabel{}
	for _, s := range d.Sections {
		for _, f := range s.Fields {
			if f.Kind == form.Region {
				out = append(out, answerLabel{item.FormPrefix + f.Key, f.Label})
			}
		}
	}
	return out
}

// flowBPMN gives the flow as it stands in the change as BPMN 2.0 XML.
func (h *Handler) flowBPMN(w http.ResponseWriter, r *http.Request) error {
	v, _, err := h.design.Definition(r.Context(), actor(r), idOf(r), design.FlowFile, r.PathValue("key"))
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := v.(*flow.Definition).WriteBPMN(&b); err != nil {
		return err
	}
	return web.File(w, url.PathEscape(r.PathValue("key"))+".bpmn", "application/xml", false, &b)
}

// aboutItem gives the item a change is about and the form it names, as the change has them; empty ones when there are none yet.
func (h *Handler) aboutItem(r *http.Request) (item.Item, form.Definition, error) {
	ctx, a := r.Context(), actor(r)
	it, _, err := h.design.MainItem(ctx, a, idOf(r))
	if err != nil && errs.KindOf(err) != errs.NotFound || it.Form == "" {
		return it, form.Definition{}, ignoreMissing(err)
	}
	v, _, err := h.design.Definition(ctx, a, idOf(r), design.FormFile, it.Form)
	if err != nil {
		return it, form.Definition{}, ignoreMissing(err)
	}
	return it, *v.(*form.Definition), nil
}

func ignoreMissing(err error) error {
	if errs.KindOf(err) == errs.NotFound {
		return nil
	}
	return err
}

// answerLabels are the questions of a form, for steps that hide answers.
func answerLabels(d form.Definition) []answerLabel {
	out := []answerLabel{}
	for _, s := range d.Sections {
		for _, f := range s.Fields {
			if f.Kind != form.Notice {
				out = append(out, answerLabel{f.Key, f.Label})
			}
		}
	}
	return out
}
