package app_test

import (
	"net/url"
	"strings"
	"testing"

	"tongban/internal/domain/catalog/search"
	"tongban/internal/domain/design"
	"tongban/internal/domain/directory"
)

// Callers of the item offices.
const (
	marketOffice = "item office of the agency"
	lawyer       = "legal review of the region"
	cityOffice   = "item office of the city"
	cityOffice2  = "second item office of the city"
	cityLawyer   = "legal review of the city"
	farOffice    = "item office of another region"
)

// openOffice are routes of the item office whose object every office may see, or whose object belongs to the whole installation.
var openOffice = lines(`
GET /office/directory/{code}
GET /office/directory/{code}/history
GET /office/directory/{code}/adopters
GET /office/directory/{code}/adopt
GET /office/directory-changes/{id}
GET /office/codelists/{list}
GET /office/mappings/{system}
GET /api/v1/codelists/{list}
GET /office/items/{key}/versions/compare
GET /office/quality/{key}
GET /lists/{kind}
GET /lists/{kind}/download
`)

// officeOnly are routes that refuse an item office below the city by a rule of the room: the base directory and the code lists are the city's.
var officeOnly = lines(`
GET /office/directory-changes/new
POST /office/directory-changes
POST /office/directory-changes/{id}
POST /office/directory-changes/{id}/submit
POST /office/directory-changes/{id}/audit
POST /office/directory-changes/{id}/legal
POST /office/directory-changes/{id}/drop
POST /office/codelists/{list}
POST /office/codelists/{list}/rename
POST /office/codelists/{list}/retire
POST /office/mappings
POST /office/mappings/{system}/drop
`)

// offices adds what the item offices work with: a change of the market bureau's service, a change of the base directory, the code lists, an item.
func (m *matrix) offices(t *testing.T, c *city) {
	t.Helper()
	ctx := t.Context()
	ch, err := c.Design.Start(ctx, m.actor(t, c, marketOffice), design.Start{Item: "food-licence-new", Title: "改食品经营许可"})
	if err != nil {
		t.Fatal(err)
	}
	b, ok, err := c.Directory.Base(ctx, "000131006000")
	if err != nil || !ok {
		t.Fatalf("base: %v %v", ok, err)
	}
	b.Name += "（调整）"
	moved, err := c.Directory.Save(ctx, m.actor(t, c, cityOffice), directory.Change{Kind: directory.Amend, Of: []directory.Ref{{Code: b.Code, Version: b.Version}}, Items: []directory.Base{b}, Reason: "国家目录调整", Effective: "2030-01-01"})
	if err != nil {
		t.Fatal(err)
	}
	near := []string{marketOffice, office, lawyer}
	at := map[string]string{"id": ch.ID, "group": "kind", "child": "faq", "row": "0", "act": "up"}
	routes := lines(`
GET /office/changes/{id}
GET /office/changes/{id}/item/{group}
GET /office/changes/{id}/rows/{child}
GET /office/changes/{id}/samples
GET /office/changes/{id}/check
GET /office/changes/{id}/review
GET /office/changes/{id}/export`)
	m.objects = append(m.objects,
		object{name: "a change", at: at, may: near, views: true, routes: routes},
		object{name: "a change, in parts and acts", at: at, may: near, routes: lines(`
POST /office/changes/{id}/add
POST /office/changes/{id}/item/{group}
GET /office/changes/{id}/rows/{child}/{row}
POST /office/changes/{id}/rows/{child}/{row}
POST /office/changes/{id}/rows/{child}/{row}/{act}
GET /office/changes/{id}/source
POST /office/changes/{id}/source
POST /office/changes/{id}/samples
POST /office/changes/{id}/samples/drop
GET /office/changes/{id}/sample
GET /office/changes/{id}/outdated
POST /office/changes/{id}/outdated
POST /office/changes/{id}/send
POST /office/changes/{id}/second
POST /office/changes/{id}/legal
POST /office/changes/{id}/publish
POST /office/changes/{id}/back
POST /office/changes/{id}/drop`)},
	)
	for kind, key := range map[string]string{"forms": "food", "flows": "food", "licence-types": "food-business", "papers": "grant-licensing", "tables": "none", "items": "food-licence-new"} {
		o := object{name: "a change's " + kind, at: map[string]string{"id": ch.ID, "key": key}, may: near, views: kind != "papers" && kind != "tables", forms: map[string]url.Values{}}
		for _, rt := range c.Site.Routes() {
			if strings.HasPrefix(rt.Path, "/office/changes/{id}/"+kind+"/{key}") {
				o.routes = append(o.routes, rt.Pattern())
			}
		}
		m.objects = append(m.objects, o)
	}
	m.objects = append(m.objects,
		object{name: "a draft of the base directory", at: map[string]string{"id": moved.ID}, may: []string{cityOffice}, views: true, routes: lines(`
GET /office/directory-changes/{id}/edit
POST /office/directory-changes/{id}
POST /office/directory-changes/{id}/submit
POST /office/directory-changes/{id}/drop`)},
		object{name: "the audit of the base directory", at: map[string]string{"id": moved.ID}, may: []string{cityOffice, cityOffice2}, routes: lines(`
POST /office/directory-changes/{id}/audit`)},
		object{name: "the legal audit of the base directory", at: map[string]string{"id": moved.ID}, may: []string{cityLawyer}, routes: lines(`
POST /office/directory-changes/{id}/legal`)},
		object{name: "a code list", at: map[string]string{"list": "case_kind"}, may: []string{cityOffice, cityOffice2}, routes: lines(`
POST /office/codelists/{list}
POST /office/codelists/{list}/rename
POST /office/codelists/{list}/retire`)},
		m.mapping(t, c),
	)
	m.proposed(t, c)
	m.shared(t, c)
}

// mapping is a row of a mapping table that is there, so that dropping it does something.
func (m *matrix) mapping(t *testing.T, c *city) object {
	t.Helper()
	row := directory.Mapping{System: "older", List: "type", There: "77", Here: "20", Takes: true}
	if err := c.Directory.SaveMapping(t.Context(), m.actor(t, c, cityOffice), row); err != nil {
		t.Fatal(err)
	}
	const drop = "POST /office/mappings/{system}/drop"
	return object{
		name: "a mapping", at: map[string]string{"system": row.System}, may: []string{cityOffice, cityOffice2}, routes: []string{drop},
		forms: map[string]url.Values{drop: {"list": {row.List}, "there": {row.There}, "here": {row.Here}}},
	}
}

// proposed adds a change that waits for a second person: who made it is not one.
func (m *matrix) proposed(t *testing.T, c *city) {
	t.Helper()
	ctx, maker := t.Context(), m.actor(t, c, marketOffice)
	ch := must[design.Change](t, "start")(c.Design.Start(ctx, maker, design.Start{Act: design.Suspend, Item: "prepacked-filing", Reason: "系统升级，暂停受理"}))
	if err := c.Design.Submit(ctx, maker, ch.ID); err != nil {
		t.Fatal(err)
	}
	m.objects = append(m.objects, object{name: "a change for a second person", at: map[string]string{"id": ch.ID}, may: []string{office}, routes: lines(`
POST /office/changes/{id}/second`)})
}

// shared adds what belongs to all item offices of the installation and to nobody else: the words of the search, reports; and lists being imported, which
// belong to the agency of who sent them and the halls above it.
func (m *matrix) shared(t *testing.T, c *city) {
	t.Helper()
	ctx, maker := t.Context(), m.actor(t, c, marketOffice)
	if err := c.Catalog.Words().AddSynonym(ctx, maker, search.Synonym{Said: "开小饭馆", Terms: []string{"食品经营许可"}}); err != nil {
		t.Fatal(err)
	}
	word := first(t, c, `SELECT id FROM catalog_synonym WHERE said = $1`, "开小饭馆")
	offices := []string{office, marketOffice, cityOffice, cityOffice2, farOffice}
	m.objects = append(m.objects,
		object{name: "an import of a list", at: map[string]string{"id": m.imported(t, c)}, may: []string{marketOffice, office}, views: true, routes: lines(`
GET /office/items/imports/{id}
GET /office/items/imports/{id}/findings.csv
GET /api/v1/office/items/imports/{id}
POST /office/items/imports/{id}/load
POST /office/items/imports/{id}/cancel
POST /api/v1/office/items/imports/{id}/load
POST /api/v1/office/items/imports/{id}/cancel`)},
		object{name: "lists to import and to take along", may: offices, views: true, routes: lines(`
GET /office/items/import
GET /office/items/export
GET /office/items/export.csv
POST /office/items/import
POST /api/v1/office/items/import`)},
		object{name: "the words of the search", at: map[string]string{"id": word}, may: offices, routes: lines(`
POST /office/search
POST /office/search/{id}/remove`)},
		object{name: "reports of the catalogue", may: append([]string{lawyer, cityLawyer}, offices...), views: true, routes: lines(`
GET /office/search
GET /office/search/test
GET /office/search/missed
GET /office/quality
GET /office/follow`)},
	)
}

// imported is a list that one office has sent.
func (m *matrix) imported(t *testing.T, c *city) string {
	t.Helper()
	p := c.as(t, "staff:qiao-bo").Upload("/office/items/import", url.Values{}, "list", "list.csv", []byte("基本编码,事项名称\n000131006000,食品经营许可\n"), 200)
	id := first(t, c, `SELECT id FROM catalog_import ORDER BY id DESC LIMIT 1`)
	if !strings.Contains(p.URL.Path, id) {
		t.Fatalf("%s is not the import %s", p.URL.Path, id)
	}
	c.settle(t)
	return id
}
