package casesweb

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"tongban/internal/base/authz"
	"tongban/internal/base/web"
	"tongban/internal/domain/cases"
)

// Windows begins applications for people who stand at a counter.
type Windows interface {
	CreateDraftFor(ctx context.Context, a authz.Actor, itemKey, clientKey string, who cases.Applicant) (cases.Detail, error)
}

// WindowBehalf is who stands at a counter for the applicant, and on what.
type WindowBehalf struct {
	Name       string `json:"name,omitempty" maxLength:"100"`
	Number     string `json:"number,omitempty" maxLength:"40"`
	NumberKind string `json:"number_kind,omitempty" maxLength:"20"`
	Phone      string `json:"phone,omitempty" maxLength:"40"`
	Relation   string `json:"relation,omitempty" maxLength:"50"`
	Basis      string `json:"basis" enum:"letter,guardian,legal_person,firm_agent,court"`
	Seen       bool   `json:"seen,omitempty" doc:"the original of the basis was seen"`
}

type windowDraftIn struct {
	Body struct {
		Item       string        `json:"item" maxLength:"100" doc:"key of the item"`
		ClientKey  string        `json:"client_key" minLength:"8" maxLength:"100" doc:"the same key gives the same draft"`
		Kind       string        `json:"kind" enum:"person,firm"`
		Name       string        `json:"name" maxLength:"100" doc:"of the person present, or applied for"`
		Number     string        `json:"number" maxLength:"40"`
		NumberKind string        `json:"number_kind,omitempty" maxLength:"20" doc:"citizen, hkmt, permanent, permanent_old"`
		Phone      string        `json:"phone,omitempty" maxLength:"40"`
		CreditCode string        `json:"credit_code,omitempty" maxLength:"40" doc:"of the firm"`
		Behalf     *WindowBehalf `json:"behalf,omitempty" doc:"who stands there for the applicant, and on what"`
	}
}

func (in windowDraftIn) applicant() cases.Applicant {
	b := in.Body
	out := cases.Applicant{Kind: b.Kind, Name: b.Name, Number: b.Number, NumberKind: b.NumberKind, Phone: b.Phone, CreditCode: b.CreditCode}
	if x := b.Behalf; x != nil {
		out.Behalf = &cases.Behalf{Name: x.Name, Number: x.Number, NumberKind: x.NumberKind, Phone: x.Phone, Relation: x.Relation, Basis: x.Basis, Seen: x.Seen}
	}
	return out
}

// windowOps are the drafts a clerk writes for who stands at the counter: the operations of /drafts, for staff.
func windowOps(a *web.API, h handlers) {
	const tag, base = "window", "/window/drafts"
	create := operation(http.MethodPost, base, "create-window-draft", "Begin an application for a person present", tag)
	create.DefaultStatus = http.StatusCreated
	op(a, authz.WindowDesk, create, func(ctx context.Context, who authz.Actor, in *windowDraftIn) (*draftOut, error) {
		d, err := h.Cases.CreateDraftFor(ctx, who, in.Body.Item, in.Body.ClientKey, in.applicant())
		return &draftOut{draftDoc(d)}, err
	})
	op(a, authz.WindowDesk, operation(http.MethodGet, base+"/{id}", "get-window-draft", "One draft", tag), func(ctx context.Context, who authz.Actor, in *draftID) (*draftOut, error) {
		d, err := h.ownDraft(ctx, who, in.ID)
		return &draftOut{draftDoc(d)}, err
	})
	op(a, authz.WindowDesk, operation(http.MethodPut, base+"/{id}", "save-window-draft", "Save answers; a stale version is a conflict", tag), h.apiSave)
	op(a, authz.WindowDesk, operation(http.MethodDelete, base+"/{id}", "delete-window-draft", "Delete a draft and its files", tag), func(ctx context.Context, who authz.Actor, in *draftID) (*struct{}, error) {
		return nil, h.Cases.DiscardDraft(ctx, who, in.ID)
	})
	op(a, authz.WindowDesk, operation(http.MethodGet, base+"/{id}/ready", "window-draft-ready", "What is missing before it can be sent", tag), h.apiReady)
	op(a, authz.WindowDesk, operation(http.MethodPost, base+"/{id}/choices", "choose-window-draft", "Choose what to promise", tag), func(ctx context.Context, who authz.Actor, in *promiseChoicesIn) (*struct{}, error) {
		return nil, h.Cases.Choose(ctx, who, in.ID, cases.Choices{Later: in.Body.Later, Promise: in.Body.Promise})
	})
	op(a, authz.WindowDesk, operation(http.MethodPost, base+"/{id}/submit", "submit-window-draft", "Send the application; again, the same receipt", tag), func(ctx context.Context, who authz.Actor, in *versionIn) (*receiptOut, error) {
		rc, err := h.Cases.Submit(ctx, who, in.ID, in.Body.Version)
		return &receiptOut{rc}, h.pointedFor(ctx, who, in.ID, err)
	})
	op(a, authz.WindowDesk, operation(http.MethodPost, base+"/{id}/resubmit", "resubmit-window-draft", "Answer a correction notice at the counter", tag), func(ctx context.Context, who authz.Actor, in *versionIn) (*caseOut, error) {
		c, err := h.Cases.Resubmit(ctx, who, in.ID, in.Body.Version)
		return &caseOut{c}, h.pointedFor(ctx, who, in.ID, err)
	})
	op(a, authz.WindowDesk, operation(http.MethodPost, base+"/{id}/licences", "use-window-licence", "Use a licence or register document as a material", tag), func(ctx context.Context, who authz.Actor, in *useLicenceIn) (*fileOut, error) {
		f, err := h.Cases.UseLicence(ctx, who, in.ID, in.Body.Material, in.Body.Ref)
		return &fileOut{f}, err
	})
	op(a, authz.WindowDesk, operation(http.MethodGet, base+"/{id}/licences", "reusable-window-licences", "What can stand in for an upload", tag), func(ctx context.Context, who authz.Actor, in *reusableIn) (*reusableOut, error) {
		re, err := h.Cases.Reusable(ctx, who, in.ID, in.Material)
		out := &reusableOut{}
		out.Body.Licences, out.Body.Away = append([]cases.Proof{}, re.Proofs...), re.Away
		return out, err
	})
	op(a, authz.WindowDesk, operation(http.MethodDelete, base+"/{id}/files/{file}", "remove-window-material", "Take a file away", tag), func(ctx context.Context, who authz.Actor, in *draftFileID) (*struct{}, error) {
		return nil, h.Cases.RemoveMaterial(ctx, who, in.ID, in.File)
	})
	attach := operation(http.MethodPost, base+"/{id}/materials/{key}", "attach-window-material", "Upload a file (multipart, field file)", tag)
	attach.DefaultStatus = http.StatusCreated
	op(a, authz.WindowDesk, attach, h.apiAttach, web.Upload(uploadLimit))
	a.Spec().Paths["/api/v1"+attach.Path].Post.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"multipart/form-data": {Schema: &huma.Schema{
		Type: huma.TypeObject, Required: []string{"file"}, Properties: map[string]*huma.Schema{"file": {Type: huma.TypeString, Format: "binary"}},
	}}}}
	op(a, authz.WindowDesk, operation(http.MethodGet, "/window/cases/{id}/receipt", "get-window-receipt", "The receipt again", tag), func(ctx context.Context, who authz.Actor, in *draftID) (*receiptOut, error) {
		rc, err := h.Cases.Receipt(ctx, who, in.ID)
		return &receiptOut{rc}, err
	})
}

// ownerOps are what an applicant does with a case that goes on.
func ownerOps(a *web.API, h handlers) {
	op(a, authz.CaseApply, operation(http.MethodPost, "/cases/{id}/collect", "collect-case", "Take the result on line; again, the same", "cases"), func(ctx context.Context, who authz.Actor, in *draftID) (*caseOut, error) {
		c, err := h.Cases.Deliver(ctx, who, in.ID, 0, cases.Delivery{How: cases.DeliverOnline})
		return &caseOut{c}, err
	})
	op(a, authz.CaseApply, operation(http.MethodPost, "/cases/{id}/supply", "supply-case", "Hand in promised materials, uploaded as /drafts/{id}/materials/{key}", "cases"), func(ctx context.Context, who authz.Actor, in *supplyLaterIn) (*caseOut, error) {
		c, err := h.Cases.Supply(ctx, who, in.ID, in.Body.Version, in.Body.Materials)
		return &caseOut{c}, err
	})
}
