package casesweb

import (
	"context"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/ident"
	"tongban/internal/base/web"
	"tongban/internal/domain/cases"
)

// attachIn keeps the body as a stream: huma's own reading of multipart forms would write parts to disk in plain.
type attachIn struct {
	ID        string `path:"id" maxLength:"64"`
	Key       string `path:"key" maxLength:"100" doc:"key of the material"`
	ClientKey string `header:"Idempotency-Key" maxLength:"200" doc:"the same key stores the file once"`
	Type      string `header:"Content-Type"`
	body      io.Reader
}

// Resolve takes the body over.
func (in *attachIn) Resolve(c huma.Context) []error {
	in.body = c.BodyReader()
	return nil
}

type useLicenceIn struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Material string `json:"material" maxLength:"100"`
		Ref      string `json:"ref" maxLength:"200" doc:"of GET /drafts/{id}/licences"`
	}
}

type fileOut struct{ Body cases.File }

type reusableIn struct {
	ID       string `path:"id" maxLength:"64"`
	Material string `query:"material" required:"true" maxLength:"100"`
}

type reusableOut struct {
	Body struct {
		Licences []cases.Proof `json:"licences"`
		Away     bool          `json:"away" doc:"the register did not answer: a copy may be uploaded"`
	}
}

type draftFileID struct {
	ID   string `path:"id" maxLength:"64"`
	File string `path:"file" maxLength:"64"`
}

func materialOps(a *web.API, h handlers) {
	const tag = "materials"
	attach := operation(http.MethodPost, "/drafts/{id}/materials/{key}", "attach-material", "Upload a file (multipart, field file)", tag)
	attach.DefaultStatus = http.StatusCreated
	op(a, authz.CaseApply, attach, h.apiAttach, web.Upload(uploadLimit))
	// Told to huma beforehand, it would read the body itself.
	a.Spec().Paths["/api/v1"+attach.Path].Post.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"multipart/form-data": {Schema: &huma.Schema{
		Type: huma.TypeObject, Required: []string{"file"}, Properties: map[string]*huma.Schema{"file": {Type: huma.TypeString, Format: "binary"}},
	}}}}
	op(a, authz.CaseApply, operation(http.MethodDelete, "/drafts/{id}/files/{file}", "remove-material", "Take a file away", tag), func(ctx context.Context, who authz.Actor, in *draftFileID) (*struct{}, error) {
		return nil, h.Cases.RemoveMaterial(ctx, who, in.ID, in.File)
	})
	op(a, authz.CaseApply, operation(http.MethodGet, "/drafts/{id}/licences", "reusable-licences", "What can stand in for an upload", tag), func(ctx context.Context, who authz.Actor, in *reusableIn) (*reusableOut, error) {
		re, err := h.Cases.Reusable(ctx, who, in.ID, in.Material)
		out := &reusableOut{}
		out.Body.Licences, out.Body.Away = append([]cases.Proof{}, re.Proofs...), re.Away
		return out, err
	})
	op(a, authz.CaseApply, operation(http.MethodPost, "/drafts/{id}/licences", "use-licence", "Use a licence or register document as a material", tag), func(ctx context.Context, who authz.Actor, in *useLicenceIn) (*fileOut, error) {
		f, err := h.Cases.UseLicence(ctx, who, in.ID, in.Body.Material, in.Body.Ref)
		return &fileOut{f}, err
	})
}

// apiAttach stores the part called file. The rest of the body is read away, so that the caller gets the answer.
func (h handlers) apiAttach(ctx context.Context, who authz.Actor, in *attachIn) (*fileOut, error) {
	kind, params, err := mime.ParseMediaType(in.Type)
	if err != nil || kind != "multipart/form-data" || params["boundary"] == "" {
		return nil, errs.New(errs.BadRequest, "base.bad_request")
	}
	if in.ClientKey == "" {
		in.ClientKey = ident.Secret(12)
	}
	mr := multipart.NewReader(in.body, params["boundary"])
	for {
		part, err := mr.NextPart()
		if errors.Is(err, io.EOF) {
			return nil, errs.New(errs.Invalid, "casesweb.no_file")
		}
		if err != nil {
			return nil, cut(err)
		}
		if part.FormName() != "file" || part.FileName() == "" {
			continue
		}
		f, err := h.Cases.Attach(ctx, who, in.ID, cases.Upload{Material: in.Key, ClientKey: in.ClientKey, Name: part.FileName(), Body: part})
		_, _ = io.Copy(io.Discard, in.body)
		return &fileOut{f}, cut(err)
	}
}
