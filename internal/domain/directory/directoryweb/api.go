package directoryweb

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"tongban/internal/base/authz"
	"tongban/internal/base/web"
)

// ListSummary is one code list.
type ListSummary struct {
	List    string `json:"list"`
	Name    string `json:"name"`
	Codes   int    `json:"codes" doc:"how many are valid today"`
	Edition string `json:"edition,omitempty" doc:"day since which the list is as it is; absent: since it was made"`
}

type listsOutput struct {
	Body struct {
		Lists []ListSummary `json:"lists"`
	}
}

// CodeEntry is one code.
type CodeEntry struct {
	Code      string `json:"code"`
	Name      string `json:"name"`
	NameEn    string `json:"name_en"`
	Source    string `json:"source"`
	ValidFrom string `json:"valid_from,omitempty" doc:"first day; absent: always"`
	ValidTo   string `json:"valid_to,omitempty" doc:"last day; absent: open"`
	Local     bool   `json:"local" doc:"added here, not in the national list"`
}

type codesInput struct {
	List string `path:"list" maxLength:"60"`
	On   string `query:"on" doc:"codes valid on this day, YYYY-MM-DD; none: today"`
}

type codesOutput struct {
	Body struct {
		List  string      `json:"list"`
		Name  string      `json:"name"`
		On    string      `json:"on,omitempty"`
		Codes []CodeEntry `json:"codes"`
	}
}

// AddAPI adds the public operations of the code lists.
func (p *Pages) AddAPI(a *web.API) {
	tags := []string{"codelists"}
	web.Op(a, authz.Public, huma.Operation{OperationID: "list-codelists", Method: http.MethodGet, Path: "/codelists", Summary: "Code lists 代码集", Tags: tags}, p.apiLists)
	web.Op(a, authz.Public, huma.Operation{OperationID: "get-codelist", Method: http.MethodGet, Path: "/codelists/{list}", Summary: "Codes of a list on a day 某日有效的代码", Tags: tags}, p.apiCodes)
}

func (p *Pages) apiLists(ctx context.Context, _ *struct{}) (*listsOutput, error) {
	ls, err := p.dir.Lists(ctx)
	if err != nil {
		return nil, err
	}
	out := &listsOutput{}
	out.Body.Lists = []ListSummary{}
	for _, l := range ls {
		out.Body.Lists = append(out.Body.Lists, ListSummary{List: l.Key, Name: listName(ctx, l.Key), Codes: l.Count, Edition: l.Edition})
	}
	return out, nil
}

func (p *Pages) apiCodes(ctx context.Context, in *codesInput) (*codesOutput, error) {
	cs, err := p.dir.Codes(ctx, in.List, in.On)
	if err != nil {
		return nil, err
	}
	out := &codesOutput{}
	out.Body.List, out.Body.Name, out.Body.On, out.Body.Codes = in.List, listName(ctx, in.List), in.On, []CodeEntry{}
	for _, c := range cs {
		out.Body.Codes = append(out.Body.Codes, CodeEntry{Code: c.Code, Name: c.Name, NameEn: c.NameEn, Source: c.Source, ValidFrom: c.From, ValidTo: c.To, Local: c.Local})
	}
	return out, nil
}
