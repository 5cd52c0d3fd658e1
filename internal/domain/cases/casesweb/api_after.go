package casesweb

import (
	"context"
	"net/http"

	"tongban/internal/base/authz"
	"tongban/internal/base/web"
	"tongban/internal/domain/cases"
)

type targetIn struct {
	ID string `path:"id" maxLength:"64"`
}

type targetsOut struct{ Body cases.Targets }

type chooseLicenceIn struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Licence string `json:"licence" maxLength:"64" doc:"id of a licence that is in force and the applicant's"`
	}
}

type afterOut struct{ Body cases.After }

type announceIn struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Version int64  `json:"version"`
		Kind    string `json:"kind" enum:"revoked,forfeited"`
		Ground  string `json:"ground" maxLength:"40"`
		Reason  string `json:"reason" maxLength:"2000"`
		Basis   string `json:"basis" maxLength:"2000"`
		Days    int    `json:"days" doc:"working days in which the holder may state their view"`
	}
}

type revokeIn struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Version      int64  `json:"version"`
		Kind         string `json:"kind" enum:"withdrawn,revoked,forfeited,cancelled" doc:"撤回, 撤销, 吊销, 注销"`
		Ground       string `json:"ground" maxLength:"40" doc:"withdrawn: law_changed, facts_changed; revoked: abuse, beyond_powers, procedure, unqualified, other_revocable, fraud; forfeited: penalty; cancelled: expired, dead, dissolved, taken_back, force_majeure, other_law"`
		Reason       string `json:"reason" maxLength:"2000"`
		Basis        string `json:"basis" maxLength:"2000"`
		Penalty      string `json:"penalty,omitempty" maxLength:"200" doc:"of forfeited: number of the penalty decision"`
		Compensation string `json:"compensation,omitempty" maxLength:"2000" doc:"of withdrawn: how losses are made good"`
		Heard        string `json:"heard,omitempty" maxLength:"2000" doc:"of revoked and forfeited: what the holder stated and how it was weighed"`
		Answered     bool   `json:"answered,omitempty" doc:"the holder has answered, the time need not run out"`
	}
}

type rectifyIn struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Version int64  `json:"version"`
		What    string `json:"what" enum:"paper,licence"`
		Paper   string `json:"paper,omitempty" maxLength:"64" doc:"of a paper: which; left out, the decision"`
		Field   string `json:"field,omitempty" maxLength:"64" doc:"of a licence: key of the field"`
		Old     string `json:"old" maxLength:"200"`
		New     string `json:"new" maxLength:"200"`
		Reason  string `json:"reason" maxLength:"2000"`
	}
}

// afterOps are the licence a draft acts on, and the acts after a decision.
func afterOps(a *web.API, h handlers) {
	op(a, authz.CaseApply, operation(http.MethodGet, "/drafts/{id}/licences-in-force", "draft-licences", "Licences a draft can change, renew or cancel", "drafts"), func(ctx context.Context, who authz.Actor, in *targetIn) (*targetsOut, error) {
		out, err := h.Cases.Targets(ctx, who, in.ID)
		return &targetsOut{out}, err
	})
	op(a, authz.CaseApply, operation(http.MethodPost, "/drafts/{id}/licence", "choose-draft-licence", "Choose the licence a draft acts on; the form is filled from it", "drafts"), func(ctx context.Context, who authz.Actor, in *chooseLicenceIn) (*struct{}, error) {
		return nil, h.Cases.ChooseLicence(ctx, who, in.ID, in.Body.Licence)
	})
	op(a, authz.CasePapers, operation(http.MethodGet, "/cases/{id}/after", "case-after", "What happened after the decision, and the licence as it is now", "cases"), func(ctx context.Context, who authz.Actor, in *targetIn) (*afterOut, error) {
		d, err := h.Cases.Case(ctx, who, in.ID)
		return &afterOut{d.After}, err
	})
	act(a, "announce-revocation", "Tell the holder of an intended revocation or forfeiture", func(ctx context.Context, who authz.Actor, in *announceIn) (cases.Case, error) {
		b := in.Body
		return h.Cases.Announce(ctx, who, in.ID, b.Version, cases.Announcement{Kind: b.Kind, Ground: b.Ground, Reason: b.Reason, Basis: b.Basis, Days: b.Days})
	})
	act(a, "revoke", "Withdraw, revoke, forfeit or cancel what was granted", func(ctx context.Context, who authz.Actor, in *revokeIn) (cases.Case, error) {
		b := in.Body
		return h.Cases.Revoke(ctx, who, in.ID, b.Version, cases.Revocation{
			Kind: b.Kind, Ground: b.Ground, Reason: b.Reason, Basis: b.Basis, Penalty: b.Penalty, Compensation: b.Compensation, Heard: b.Heard, Answered: b.Answered,
		})
	})
	act(a, "rectify", "Correct a clerical error in a paper or the licence", func(ctx context.Context, who authz.Actor, in *rectifyIn) (cases.Case, error) {
		b := in.Body
		return h.Cases.Rectify(ctx, who, in.ID, b.Version, cases.Rectification{What: b.What, PaperID: b.Paper, Field: b.Field, Old: b.Old, New: b.New, Reason: b.Reason})
	})
}
