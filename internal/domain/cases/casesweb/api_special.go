package casesweb

import (
	"context"

	"tongban/internal/base/authz"
	"tongban/internal/base/web"
	"tongban/internal/domain/cases"
	"tongban/internal/engine/clock"
)

type suspendIn struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Version int64  `json:"version"`
		Ground  string `json:"ground" enum:"hearing,tender,auction,inspection,testing,quarantine,appraisal,expert_review" doc:"行政许可法 第四十五条"`
		N       int    `json:"n" minimum:"1" maximum:"366" doc:"how long it is announced to take"`
		Unit    string `json:"unit" enum:"workday,naturalday,month"`
		Reason  string `json:"reason" maxLength:"2000"`
	}
}

type resumeIn struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Version int64  `json:"version"`
		Result  string `json:"result" maxLength:"2000" doc:"what came of the procedure"`
	}
}

type extendIn struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Version int64  `json:"version"`
		Reason  string `json:"reason" maxLength:"2000"`
	}
}

type endIn struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Version int64  `json:"version"`
		Ground  string `json:"ground" maxLength:"40" doc:"terminate: dead, dissolved, object_gone, law_changed, impossible; transfer: upper_agency, other_agency, other_region; lapse: not_corrected; void: duplicate, entered_in_error, test"`
		Reason  string `json:"reason" maxLength:"2000"`
		To      string `json:"to,omitempty" maxLength:"200" doc:"of transfer: the authority that decides"`
	}
}

func (in endIn) ending() cases.Ending {
	return cases.Ending{Ground: in.Body.Ground, Reason: in.Body.Reason, To: in.Body.To}
}

// specialOps are the acts that stop or prolong the clock, or end a case without a decision.
func specialOps(a *web.API, h handlers) {
	act(a, "suspend", "Stop the clock for a special procedure", func(ctx context.Context, who authz.Actor, in *suspendIn) (cases.Case, error) {
		b := in.Body
		return h.Cases.Suspend(ctx, who, in.ID, b.Version, cases.Suspension{Ground: b.Ground, N: b.N, Unit: clock.Unit(b.Unit), Reason: b.Reason})
	})
	act(a, "resume", "Let the clock run on", func(ctx context.Context, who authz.Actor, in *resumeIn) (cases.Case, error) {
		return h.Cases.Resume(ctx, who, in.ID, in.Body.Version, in.Body.Result)
	})
	act(a, "extend", "Prolong the period, once, by the head of the agency", func(ctx context.Context, who authz.Actor, in *extendIn) (cases.Case, error) {
		return h.Cases.Extend(ctx, who, in.ID, in.Body.Version, cases.Extension{Reason: in.Body.Reason})
	})
	act(a, "terminate", "End a case whose object is gone", func(ctx context.Context, who authz.Actor, in *endIn) (cases.Case, error) {
		return h.Cases.Terminate(ctx, who, in.ID, in.Body.Version, in.ending())
	})
	act(a, "transfer", "Pass a case on to the authority that decides it", func(ctx context.Context, who authz.Actor, in *endIn) (cases.Case, error) {
		return h.Cases.Transfer(ctx, who, in.ID, in.Body.Version, in.ending())
	})
	act(a, "lapse", "Close an application whose correction never came", func(ctx context.Context, who authz.Actor, in *endIn) (cases.Case, error) {
		return h.Cases.Lapse(ctx, who, in.ID, in.Body.Version, in.ending())
	})
	act(a, "void", "Strike out a case entered twice or in error", func(ctx context.Context, who authz.Actor, in *endIn) (cases.Case, error) {
		return h.Cases.Void(ctx, who, in.ID, in.Body.Version, in.ending())
	})
}
