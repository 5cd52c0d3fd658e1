package casesweb

import (
	"context"
	"net/http"

	"tongban/internal/base/authz"
	"tongban/internal/base/web"
	"tongban/internal/domain/cases"
	"tongban/internal/engine/clock"
)

type promiseChoicesIn struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Later   []string `json:"later" maxItems:"100" doc:"keys of materials that follow after the acceptance"`
		Promise bool     `json:"promise" doc:"promise the item's conditions instead of proving them"`
	}
}

type supplyLaterIn struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Version   int64    `json:"version"`
		Materials []string `json:"materials,omitempty" maxItems:"100" doc:"left out: all whose files are there"`
	}
}

type checkPromiseIn struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Version int64  `json:"version"`
		Result  string `json:"result" enum:"true,mend,mended,false"`
		Reason  string `json:"reason" maxLength:"2000"`
		Basis   string `json:"basis,omitempty" maxLength:"2000" doc:"of false"`
		N       int    `json:"n,omitempty" doc:"of mend: within what"`
		Unit    string `json:"unit,omitempty" enum:"workday,naturalday,month"`
	}
}

// promiseOps are the choices of an applicant, and what becomes of the promises.
func promiseOps(a *web.API, h handlers) {
	op(a, authz.CaseApply, operation(http.MethodPost, "/drafts/{id}/choices", "choose-draft", "Choose what to promise: materials that follow, or conditions instead of proof", "drafts"), func(ctx context.Context, who authz.Actor, in *promiseChoicesIn) (*struct{}, error) {
		return nil, h.Cases.Choose(ctx, who, in.ID, cases.Choices{Later: in.Body.Later, Promise: in.Body.Promise})
	})
	act(a, "supply", "Hand in promised materials at a window", func(ctx context.Context, who authz.Actor, in *supplyLaterIn) (cases.Case, error) {
		return h.Cases.Supply(ctx, who, in.ID, in.Body.Version, in.Body.Materials)
	})
	act(a, "check-promise", "Record what the check of a promise found", func(ctx context.Context, who authz.Actor, in *checkPromiseIn) (cases.Case, error) {
		b := in.Body
		return h.Cases.FollowUp(ctx, who, in.ID, b.Version, cases.FollowUp{Result: b.Result, Reason: b.Reason, Basis: b.Basis, N: b.N, Unit: clock.Unit(b.Unit)})
	})
}
