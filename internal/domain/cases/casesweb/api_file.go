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

// Seeing is what is shown, seen and photographed of a case beside the acts.
type Seeing interface {
	MarkOriginal(ctx context.Context, a authz.Actor, id, fileID string) (cases.File, error)
	AttachPhoto(ctx context.Context, a authz.Actor, id string, u cases.Upload) (cases.File, error)
	AttachTaken(ctx context.Context, a authz.Actor, id string, u cases.Upload) (cases.File, error)
	Reveal(ctx context.Context, a authz.Actor, id, field, reason string) (string, error)
	Counts(ctx context.Context, a authz.Actor) (map[string]int, error)
	RegionCases(ctx context.Context, a authz.Actor, f cases.Filter) (cases.Page, error)
}

type revealIn struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Field  string `json:"field" maxLength:"200" doc:"applicant.name, applicant.number, contact.name, contact.phone, agent.name, agent.number, taker.name, taker.number, form.<key>"`
		Reason string `json:"reason" minLength:"1" maxLength:"200" doc:"goes on record, where the person sees who looked"`
	}
}

type revealOut struct {
	Body struct {
		Value string `json:"value"`
	}
}

type countsOut struct {
	Body struct {
		Counts map[string]int `json:"counts" doc:"by tab: todo, doing, done, all; at most 1000 each"`
	}
}

type regionIn struct {
	Agency  string `query:"agency" maxLength:"100"`
	Item    string `query:"item" maxLength:"100"`
	State   string `query:"state" maxLength:"20"`
	Overdue bool   `query:"overdue"`
	Query   string `query:"q" maxLength:"40" doc:"a case number, ID number, credit code or phone number, whole"`
	After   string `query:"after" maxLength:"200"`
	Limit   int    `query:"limit" minimum:"1" maximum:"100" default:"20"`
}

// photoIn keeps the body as a stream, as attachIn does.
type photoIn struct {
	ID        string `path:"id" maxLength:"64"`
	ClientKey string `header:"Idempotency-Key" maxLength:"200" doc:"the same key stores the file once"`
	Type      string `header:"Content-Type"`
	body      io.Reader
}

// Resolve takes the body over.
func (in *photoIn) Resolve(c huma.Context) []error {
	in.body = c.BodyReader()
	return nil
}

type bytesOut struct {
	Type string `header:"Content-Type"`
	Name string `header:"Content-Disposition"`
	Body []byte
}

// fileOps are files of cases and what is shown of them: to whoever may see the case, and each look on record.
func fileOps(a *web.API, h handlers) {
	const tag = "files"
	op(a, authz.CasePapers, operation(http.MethodGet, "/cases/{id}/files/{file}", "get-case-file", "A file that was handed in", tag), h.apiFile)
	op(a, authz.CaseDesk, operation(http.MethodPost, "/cases/{id}/files/{file}/original", "mark-original", "The original was seen", tag), func(ctx context.Context, who authz.Actor, in *draftFileID) (*fileOut, error) {
		f, err := h.Cases.MarkOriginal(ctx, who, in.ID, in.File)
		return &fileOut{f}, err
	})
	for _, x := range []struct {
		path, id, summary string
		attach            func(ctx context.Context, a authz.Actor, id string, u cases.Upload) (cases.File, error)
	}{
		{"/cases/{id}/photos", "attach-photo", "Upload a photograph of an inspection (multipart, field file)", h.Cases.AttachPhoto},
		{"/cases/{id}/taken", "attach-taken", "Upload a copy of the basis on which a result is fetched (multipart, field file)", h.Cases.AttachTaken},
	} {
		o := operation(http.MethodPost, x.path, x.id, x.summary, tag)
		o.DefaultStatus = http.StatusCreated
		op(a, authz.CaseDesk, o, func(ctx context.Context, who authz.Actor, in *photoIn) (*fileOut, error) {
			f, err := in.store(func(u cases.Upload) (cases.File, error) { return x.attach(ctx, who, in.ID, u) })
			return &fileOut{f}, err
		}, web.Upload(uploadLimit))
		a.Spec().Paths["/api/v1"+x.path].Post.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"multipart/form-data": {Schema: &huma.Schema{
			Type: huma.TypeObject, Required: []string{"file"}, Properties: map[string]*huma.Schema{"file": {Type: huma.TypeString, Format: "binary"}},
		}}}}
	}
	op(a, authz.CaseDesk, operation(http.MethodPost, "/cases/{id}/reveal", "reveal", "Read one masked value, for a reason", tag), func(ctx context.Context, who authz.Actor, in *revealIn) (*revealOut, error) {
		out := &revealOut{}
		var err error
		out.Body.Value, err = h.Cases.Reveal(ctx, who, in.ID, in.Body.Field, in.Body.Reason)
		return out, err
	})
	op(a, authz.CaseDesk, operation(http.MethodGet, "/inbox/counts", "inbox-counts", "How many cases each tab holds", "desk"), func(ctx context.Context, who authz.Actor, _ *struct{}) (*countsOut, error) {
		out := &countsOut{}
		var err error
		out.Body.Counts, err = h.Cases.Counts(ctx, who)
		return out, err
	})
	op(a, authz.Supervise, operation(http.MethodGet, "/region/cases", "region-cases", "Cases of the region, overdue first", "supervision"), func(ctx context.Context, who authz.Actor, in *regionIn) (*casePageOut, error) {
		p, err := h.Cases.RegionCases(ctx, who, cases.Filter{Agency: in.Agency, Item: in.Item, State: cases.State(in.State), Overdue: in.Overdue, Query: in.Query, After: in.After, Limit: in.Limit})
		return pageOut(p), err
	})
}

func (h handlers) apiFile(ctx context.Context, who authz.Actor, in *draftFileID) (*bytesOut, error) {
	f, body, err := h.Cases.MaterialFile(ctx, who, in.ID, in.File)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	b, err := io.ReadAll(body)
	return &bytesOut{Type: f.MIME, Name: mime.FormatMediaType("attachment", map[string]string{"filename": f.Name}), Body: b}, err
}

// store takes the part called file. The rest of the body is read away, so that the caller gets the answer.
func (in *photoIn) store(attach func(u cases.Upload) (cases.File, error)) (cases.File, error) {
	kind, params, err := mime.ParseMediaType(in.Type)
	if err != nil || kind != "multipart/form-data" || params["boundary"] == "" {
		return cases.File{}, errs.New(errs.BadRequest, "base.bad_request")
	}
	if in.ClientKey == "" {
		in.ClientKey = ident.Secret(12)
	}
	mr := multipart.NewReader(in.body, params["boundary"])
	for {
		part, err := mr.NextPart()
		if errors.Is(err, io.EOF) {
			return cases.File{}, errs.New(errs.Invalid, "casesweb.no_file")
		}
		if err != nil {
			return cases.File{}, cut(err)
		}
		if part.FormName() != "file" || part.FileName() == "" {
			continue
		}
		f, err := attach(cases.Upload{ClientKey: in.ClientKey, Name: part.FileName(), Body: part})
		_, _ = io.Copy(io.Discard, in.body)
		return f, cut(err)
	}
}
