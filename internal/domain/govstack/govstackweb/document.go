package govstackweb

import (
	"net/http"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"tongban/internal/base/authz"
	"tongban/internal/base/web"
	"tongban/internal/domain/govstack"
)

// Document describes the operations in the site's OpenAPI. They have a base of their own, so they are no operations of /api/v1.
func Document(a *huma.OpenAPI) {
	schema := func(v any, name string) *huma.Schema {
		return a.Components.Schemas.Schema(reflect.TypeOf(v), true, name)
	}
	list := func(s *huma.Schema) *huma.Schema { return &huma.Schema{Type: huma.TypeArray, Items: s} }
	text := func(name, in, doc string) *huma.Param {
		return &huma.Param{Name: name, In: in, Required: in == "path", Description: doc, Schema: &huma.Schema{Type: huma.TypeString}}
	}
	paging := []*huma.Param{
		{Name: "firstResult", In: "query", Schema: &huma.Schema{Type: huma.TypeInteger}, Description: "how many to leave out, from 0"},
		{Name: "maxResult", In: "query", Schema: &huma.Schema{Type: huma.TypeInteger}, Description: "20 if left out, at most 100"},
		text("sortOrder", "query", "asc or desc, by creation"),
	}
	app := schema(ApplicationFile{}, "ApplicationFile")
	problem := &huma.Response{
		Description: "problem (RFC 9457) with GovStack's traceId, message and localizedMessage: 400 header missing or malformed, 401 no token, 403 not registered or not granted, 404, 409, 422",
		Content:     map[string]*huma.MediaType{"application/problem+json": {Schema: schema(web.Problem{}, "Problem")}},
	}
	for _, o := range []struct {
		id, method, path, summary string
		params                    []*huma.Param
		body                      *huma.RequestBody
		answer                    *huma.Schema
	}{
		{"govstack-services", http.MethodGet, "/services", "Services of the grant", []*huma.Param{text("name", "query", "part of the name")}, nil, list(schema(Service{}, "GovStackService"))},
		{"govstack-service", http.MethodGet, "/services/{id}", "One service", nil, nil, schema(Service{}, "GovStackService")},
		{"govstack-service-eforms", http.MethodGet, "/services/{id}/eForms", "Forms of a service", nil, nil, list(schema(EFormListItem{}, "EFormListItem"))},
		{"govstack-eform", http.MethodGet, "/eForms/{id}", "A form with its schema", nil, nil, schema(EForm{}, "EForm")},
		{"govstack-file", http.MethodPost, "/services/{id}/applications", "Send an application", []*huma.Param{text("Idempotency-Key", "header", "the same key files one case")}, jsonBody(schema(ApplicationFileSubmit{}, "ApplicationFileSubmit")), app},
		{"govstack-document", http.MethodPost, "/documents", "Upload a document", []*huma.Param{text("additionalMetadata", "query", "key of the material, alone or as {\"material\": …, \"name\": …}")}, fileBody(), schema(UploadResponse{}, "UploadResponse")},
		{"govstack-applications", http.MethodGet, "/applications", "Applications the member sent", append([]*huma.Param{text("serviceId", "query", ""), text("applicantId", "query", "")}, paging...), nil, list(schema(ApplicationListItem{}, "ApplicationListItem"))},
		{"govstack-application", http.MethodGet, "/applications/{id}", "One application", nil, nil, app},
		{"govstack-answer", http.MethodPut, "/applications/{id}", "Answer a correction notice", nil, jsonBody(schema(ApplicationFileSubmit{}, "ApplicationFileSubmit")), app},
		{"govstack-tasks", http.MethodGet, "/tasks", "Officers' work", append([]*huma.Param{text("fileId", "query", ""), text("mainTaskId", "query", "the case, as fileId"), text("assigneeId", "query", "staff id")}, paging...), nil, list(schema(UserTask{}, "UserTask"))},
		{"govstack-task", http.MethodGet, "/tasks/{id}", "One task, and what can be said on it", nil, nil, schema(UserTaskData{}, "UserTaskData")},
		{"govstack-complete", http.MethodPost, "/tasks/{id}/complete", "Complete a task as an officer of the grant", nil, jsonBody(schema(TaskCompletion{}, "TaskCompletion")), schema(CompletedTask{}, "CompletedTask")},
		{"govstack-statistics", http.MethodGet, "/data/statistics/1.0", "How many applications were answered how", []*huma.Param{
			text("startDate", "query", "YYYY-MM-DD; 30 days back if left out"),
			text("endDate", "query", "YYYY-MM-DD, included; today if left out"),
			text("registrationName", "query", "id or whole name of a service"),
			text("operator", "query", "staff id or name"),
			text("role", "query", "key of a post"),
			text("timeframe", "query", "day, week, month or year: a line for each"),
		}, nil, list(schema(Statistics{}, "Statistics"))},
	} {
		params := []*huma.Param{{Name: Header, In: "header", Required: true, Description: "INSTANCE/CLASS/MEMBER/SUBSYSTEM", Schema: &huma.Schema{Type: huma.TypeString}}}
		if strings.Contains(o.path, "{id}") {
			params = append(params, text("id", "path", ""))
		}
		a.AddOperation(&huma.Operation{
			OperationID: o.id, Method: o.method, Path: govstack.Base + o.path, Summary: o.summary, Tags: []string{"govstack"}, Extensions: map[string]any{"x-permission": string(authz.Public)},
			Parameters: append(params, o.params...), RequestBody: o.body,
			Responses: map[string]*huma.Response{"200": {Description: "OK", Content: map[string]*huma.MediaType{"application/json": {Schema: o.answer}}}, "default": problem},
		})
	}
}

func jsonBody(s *huma.Schema) *huma.RequestBody {
	return &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"application/json": {Schema: s}}}
}

func fileBody() *huma.RequestBody {
	return &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"multipart/form-data": {Schema: &huma.Schema{
		Type: huma.TypeObject, Required: []string{"file"}, Properties: map[string]*huma.Schema{"file": {Type: huma.TypeString, Format: "binary"}},
	}}}}
}
