package licenceweb

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"tongban/internal/base/authz"
	"tongban/internal/base/web"
	"tongban/internal/domain/licence"
	"tongban/internal/engine/seal"
)

// Licences is what the pages need of the room; *licence.Service is one.
type Licences interface {
	Held(ctx context.Context, number string) ([]licence.Licence, error)
	Owned(ctx context.Context, id string, numbers ...string) (licence.Licence, error)
	PDF(ctx context.Context, id string) ([]byte, licence.Licence, error)
	ReadBy(ctx context.Context, a authz.Actor, l licence.Licence, what, via string) error
	History(ctx context.Context, id string) ([]licence.Use, error)
	Changes(ctx context.Context, id string) ([]licence.Change, error)
	Follower(ctx context.Context, id string) (licence.Licence, error)
	TypeVersion(ctx context.Context, key string, n int) (licence.Type, error)
	Verify(ctx context.Context, file []byte) (seal.Report, error)
	VerifyIdentifier(ctx context.Context, identifier string) (licence.PublicView, error)
}

// Holders tells under which numbers an actor holds licences: the person's own ID number, and the credit code of the firm acted for, or "".
type Holders interface {
	Numbers(ctx context.Context, a authz.Actor) (person, firm string, err error)
}

// Deps is what the pages are given.
type Deps struct {
	Licences Licences
	Holders  Holders
	Now      func() time.Time
	// Principal gives name and number of the person acted for under a mandate, "" where nobody is; nil: nobody acts for others here.
	Principal func(ctx context.Context, a authz.Actor) (name, number string, err error)
	// Opened is told when a holder is given the file, before it is sent; nil: nobody wants to know. Its error goes to the holder instead of the file.
	Opened func(ctx context.Context, a authz.Actor, l licence.Licence) error
}

type pages struct{ Deps }

const verifyAPI = "/api/v1/verify"

// Routes is the route table.
func Routes(d Deps) []web.Route {
	p := pages{d}
	upload := web.Upload(licence.MaxVerify + 64<<10) // the file and the form around it
	return []web.Route{
		web.To("GET /my/licences", authz.LicenceOwn, p.mine),
		web.To("GET /my/licences/{id}", authz.LicenceOwn, p.one),
		web.To("GET /my/licences/{id}/pdf", authz.LicenceOwn, p.pdf),
		web.To("GET /verify", authz.Public, p.ask, web.PerMinute(600)),
		web.To("POST /verify", authz.Public, p.verify, upload, web.PerMinute(60)),
		web.To("POST "+verifyAPI, authz.Public, p.api, upload, web.PerMinute(120)),
	}
}

// Document describes the endpoint in the OpenAPI description. It is a plain route because a file must not pass through a temporary file on
// the disk, which huma's own reading of forms would write.
func Document(a *huma.OpenAPI) {
	schema := func(v any, name string) *huma.Schema { return a.Components.Schemas.Schema(typeOf(v), true, name) }
	a.AddOperation(&huma.Operation{
		OperationID: "verify", Method: http.MethodPost, Path: verifyAPI, Summary: "Verify a licence or paper 查验电子证照",
		Description: "Judges a signed PDF of at most 10 MB against this platform's authority and register. No sign-in. The file is not kept.",
		Tags:        []string{"licence"}, Extensions: map[string]any{"x-permission": string(authz.Public)},
		RequestBody: &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"multipart/form-data": {Schema: &huma.Schema{
			Type: huma.TypeObject, Required: []string{"file"},
			Properties: map[string]*huma.Schema{"file": {Type: huma.TypeString, Format: "binary", Description: "the PDF"}},
		}}}},
		Responses: map[string]*huma.Response{
			"200":     {Description: "the judgement", Content: map[string]*huma.MediaType{"application/json": {Schema: schema(Answer{}, "VerifyAnswer")}}},
			"default": {Description: "problem (RFC 9457): 400 no file, 413 too large, 429 too many", Content: map[string]*huma.MediaType{"application/problem+json": {Schema: schema(web.Problem{}, "Problem")}}},
		},
	})
}
