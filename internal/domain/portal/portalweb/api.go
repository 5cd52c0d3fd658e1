package portalweb

import (
	"net/http"
	"sort"

	"github.com/danielgtaylor/huma/v2"

	"tongban/internal/base/web"
)

// Operation is one endpoint as the readable page shows it.
type Operation struct {
	Method, Path, Summary, Permission string
	Params                            []Param
	Body                              string // type of the request body, or empty
	Statuses                          []string
}

// Param is one parameter of an endpoint.
type Param struct {
	Name, In, Text string
	Required       bool
}

// Operations lists the endpoints of a description, sorted by path and method.
func Operations(spec *huma.OpenAPI) []Operation {
	var out []Operation
	for path, item := range spec.Paths {
		for method, op := range map[string]*huma.Operation{"GET": item.Get, "POST": item.Post, "PUT": item.Put, "PATCH": item.Patch, "DELETE": item.Delete} {
			if op != nil {
				out = append(out, operation(method, path, op))
			}
		}
	}
	sort.Slice(out, func(i, j int) bool {
		if out[i].Path != out[j].Path {
			return out[i].Path < out[j].Path
		}
		return out[i].Method < out[j].Method
	})
	return out
}

func operation(method, path string, op *huma.Operation) Operation {
	o := Operation{Method: method, Path: path, Summary: op.Summary}
	if p, ok := op.Extensions["x-permission"].(string); ok {
		o.Permission = p
	}
	for _, p := range op.Parameters {
		o.Params = append(o.Params, Param{Name: p.Name, In: p.In, Text: p.Description, Required: p.Required})
	}
	if op.RequestBody != nil {
		for mime := range op.RequestBody.Content {
			o.Body = mime
		}
	}
	for status := range op.Responses {
		o.Statuses = append(o.Statuses, status)
	}
	sort.Strings(o.Statuses)
	return o
}

func (h handlers) api(w http.ResponseWriter, r *http.Request) error {
	return web.Render(w, r, apiPage(Operations(h.Spec())))
}
