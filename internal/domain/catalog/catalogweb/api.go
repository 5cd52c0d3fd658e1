package catalogweb

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/web"
	"tongban/internal/domain/catalog"
	"tongban/internal/domain/catalog/item"
)

// ItemSummary is one item in a list.
type ItemSummary struct {
	ID           string   `json:"id"`
	Code         string   `json:"code" doc:"实施编码 (31 characters), or the local code of an imported item"`
	VariantCode  string   `json:"variant_code,omitempty" doc:"业务办理项编码 (33 characters)"`
	Name         string   `json:"name"`
	Short        string   `json:"short,omitempty"`
	Agency       string   `json:"agency" doc:"key of the agency, or the code a list gave for an agency that is not registered here"`
	AgencyName   string   `json:"agency_name"`
	Region       string   `json:"region" doc:"code of the division"`
	ItemType     string   `json:"item_type" doc:"事项类型, code list L1"`
	ItemTypeName string   `json:"item_type_name,omitempty"`
	Online       string   `json:"online" enum:"full,guide,external"`
	URL          string   `json:"url,omitempty" doc:"the other system, when online is external"`
	Audience     []string `json:"audience" doc:"服务对象, code list L4"`
	Unreviewed   bool     `json:"unreviewed" doc:"未复核: imported, not yet looked at by the item office"`
	State        string   `json:"state" enum:"1,2,3" doc:"1 在用, 2 暂停, 3 取消; only 1 takes applications"`
	Star         int      `json:"star" doc:"网办星级 3, 4 or 5, from what can really be done online; 0 below"`
	Version      int      `json:"version"`
	Published    string   `json:"published" format:"date-time"`
}

func summary(ctx context.Context, it *catalog.Item) ItemSummary {
	s := ItemSummary{
		ID: it.Key, Code: it.Code, VariantCode: it.VariantCode, Name: it.Name, Short: it.Short, Agency: it.Agency, AgencyName: it.AgencyName, Region: it.Region,
		ItemType: it.ItemType, ItemTypeName: catalog.CodeName(i18n.From(ctx), "type", it.ItemType), Online: it.Online, URL: it.URL, Audience: it.Audience, Unreviewed: it.Unreviewed,
		State: cmp.Or(it.State, catalog.InUse), Star: item.Star(it), Version: it.Version, Published: it.Published.UTC().Format(time.RFC3339),
	}
	if s.Audience == nil {
		s.Audience = []string{}
	}
	return s
}

type listInput struct {
	Q        string `query:"q" maxLength:"2000" doc:"plain words, a code, or nothing"`
	Region   string `query:"region" doc:"code of a division, with everything below it; none: everywhere"`
	Agency   string `query:"agency"`
	Theme    string `query:"theme" doc:"person:CODE or firm:CODE"`
	Audience string `query:"audience" doc:"person, firm, or a code of 服务对象"`
	Near     string `query:"near" doc:"code of a division: what serves it, from above too; with a question: the nearest first"`
	Life     string `query:"life" doc:"life event, code list life_event"`
	Base     string `query:"base" doc:"基本编码: the items of all agencies that implement it"`
	Online   string `query:"online" doc:"full, guide or external"`
	Type     string `query:"type" doc:"事项类型, such as 01"`
	Limit    int    `query:"limit" default:"20" minimum:"1" maximum:"100"`
	After    string `query:"after" doc:"next of the page before"`
}

// ItemList is a page of items.
type ItemList struct {
	Items []ItemSummary `json:"items" doc:"best first"`
	Next  *string       `json:"next" doc:"for after; null on the last page"`
	Count string        `json:"count" doc:"how many in all, 1,000+ beyond a thousand"`
	Loose bool          `json:"loose,omitempty" doc:"no item has all of the words; these have some"`

	Corrected string `json:"corrected,omitempty" doc:"the question as it was understood when a word was mistyped"`
	Nearest   bool   `json:"nearest,omitempty" doc:"nothing matched; these have the nearest names"`
}

type listOutput struct{ Body ItemList }

// ItemDetail is one item with its whole guide.
type ItemDetail struct {
	ItemSummary
	Guide map[string]any `json:"guide" doc:"every element, named as in a pack's items file"`
}

type idInput struct {
	ID string `path:"id" maxLength:"200"`
}

type detailOutput struct{ Body ItemDetail }

type schemaOutput struct{ Body map[string]any }

// AddAPI adds the room's operations. All but the import are public.
func (p *Pages) AddAPI(a *web.API) {
	tags := []string{"items"}
	web.Op(a, authz.Public, huma.Operation{OperationID: "list-items", Method: http.MethodGet, Path: "/items", Summary: "Find service items 查找事项", Tags: tags}, p.apiList)
	web.Op(a, authz.Public, huma.Operation{OperationID: "get-item", Method: http.MethodGet, Path: "/items/{id}", Summary: "One item with its guide 事项指南", Tags: tags}, p.apiItem)
	web.Op(a, authz.Public, huma.Operation{OperationID: "get-item-form", Method: http.MethodGet, Path: "/items/{id}/form", Summary: "JSON Schema of an item's form 申请表的 JSON Schema", Tags: tags}, p.apiForm)
	p.addBulk(a)
}

func (p *Pages) apiList(ctx context.Context, in *listInput) (*listOutput, error) {
	q := catalog.Query{
		Text: in.Q, Near: in.Near, Life: in.Life, Base: in.Base, Region: in.Region, Agency: in.Agency, Theme: in.Theme, Audience: in.Audience, Online: in.Online, Type: in.Type,
		Limit: in.Limit, After: in.After,
	}
	q = placed(q)
	found, err := p.catalog.Search(ctx, q)
	if err != nil {
		return nil, err
	}
	out := &listOutput{Body: ItemList{Items: make([]ItemSummary, 0, len(found.Items)), Count: found.Count, Loose: found.Loose && len(found.Items) > 0, Corrected: found.Corrected, Nearest: found.Nearest}}
	for i := range found.Items {
		out.Body.Items = append(out.Body.Items, summary(ctx, &found.Items[i]))
	}
	if found.Next != "" {
		out.Body.Next = &found.Next
	}
	return out, nil
}

func (p *Pages) apiItem(ctx context.Context, in *idInput) (*detailOutput, error) {
	it, err := p.catalog.Item(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	guide, err := guideJSON(it, authz.From(ctx).May(authz.CatalogEdit))
	if err != nil {
		return nil, err
	}
	return &detailOutput{Body: ItemDetail{ItemSummary: summary(ctx, &it), Guide: guide}}, nil
}

// guideJSON gives all elements; how far the bases were checked and what an import found is for the item office.
func guideJSON(it catalog.Item, office bool) (map[string]any, error) {
	if !office {
		bases := make([]catalog.Basis, len(it.Basis))
		for i, b := range it.Basis {
			b.Status = ""
			bases[i] = b
		}
		it.Basis = bases
		if it.Imported != nil {
			im := *it.Imported
			im.Findings = nil
			it.Imported = &im
		}
	}
	b, err := json.Marshal(it)
	if err != nil {
		return nil, err
	}
	var m map[string]any
	return m, json.Unmarshal(b, &m)
}

func (p *Pages) apiForm(ctx context.Context, in *idInput) (*schemaOutput, error) {
	it, err := p.catalog.Item(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if it.Form == "" {
		return nil, errs.New(errs.NotFound, "catalog.item_no_form")
	}
	d, version, err := p.catalog.Form(ctx, it.Form, it.FormVersion)
	if err != nil {
		return nil, err
	}
	schema := d.JSONSchema()
	schema["x-form"], schema["x-version"] = it.Form, version
	return &schemaOutput{Body: schema}, nil
}
