package casesweb

import (
	"context"
	"net/http"

	"tongban/internal/base/authz"
	"tongban/internal/base/web"
	"tongban/internal/domain/cases"
)

type inboxIn struct {
	Post  string `query:"post" maxLength:"100"`
	Tab   string `query:"tab" enum:"todo,doing,done,all" default:"todo"`
	Query string `query:"q" maxLength:"40" doc:"a case number, ID number, credit code or phone number, whole"`
	After string `query:"after" maxLength:"200"`
	Limit int    `query:"limit" minimum:"1" maximum:"100" default:"20"`
}

type refuseIn struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Version        int64  `json:"version"`
		Ground         string `json:"ground" enum:"not_needed,wrong_agency,not_cured,safety_bar"`
		Reason         string `json:"reason" maxLength:"2000"`
		RightAuthority string `json:"right_authority,omitempty" maxLength:"200" doc:"of wrong_agency"`
	}
}

type correctionIn struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Version int64 `json:"version"`
		Defects []struct {
			Kind string `json:"kind" enum:"field,material"`
			Key  string `json:"key" maxLength:"100"`
			Text string `json:"text" maxLength:"1000"`
		} `json:"defects" minItems:"1" maxItems:"200" doc:"everything at once: a second notice with something new is refused"`
	}
}

type stepIn struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Version int64  `json:"version"`
		Step    string `json:"step,omitempty" maxLength:"100" doc:"which of several open steps; empty: the first of yours"`
	}
}

type assignIn struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Version int64  `json:"version"`
		Step    string `json:"step,omitempty" maxLength:"100" doc:"which of several open steps; empty: the first of yours"`
		Staff   string `json:"staff" minLength:"1" maxLength:"64" doc:"staff id of a holder of the step's post"`
	}
}

type inspectionIn struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Version    int64                        `json:"version"`
		Step       string                       `json:"step,omitempty" maxLength:"100" doc:"which of several open steps; empty: the first of yours"`
		Officers   []string                     `json:"officers" minItems:"1" maxItems:"10" doc:"staff ids, at least two"`
		Results    map[string]cases.CheckResult `json:"results" doc:"by key of the checklist"`
		Photos     []string                     `json:"photos,omitempty" maxItems:"50" doc:"ids of files"`
		Conclusion string                       `json:"conclusion" maxLength:"2000"`
	}
}

type opinionIn struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Version int64  `json:"version"`
		Step    string `json:"step,omitempty" maxLength:"100" doc:"which of several open steps; empty: the first of yours"`
		Outcome string `json:"outcome" enum:"pass,fail,return"`
		Text    string `json:"text" maxLength:"2000"`
		To      string `json:"to,omitempty" maxLength:"100" doc:"step a return goes back to"`
	}
}

type decisionIn struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Version    int64  `json:"version"`
		Outcome    string `json:"outcome" enum:"grant,partly,refuse"`
		Reason     string `json:"reason,omitempty" maxLength:"2000"`
		Basis      string `json:"basis,omitempty" maxLength:"2000"`
		Conditions string `json:"conditions,omitempty" maxLength:"2000"`
		OnTheSpot  bool   `json:"on_the_spot,omitempty" doc:"accept, check and decide in one act"`
	}
}

type deliveryIn struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Version int64  `json:"version"`
		To      string `json:"to" minLength:"1" maxLength:"100" doc:"who took it at the window"`
		Behalf  *struct {
			Number     string `json:"number" maxLength:"40" doc:"of the document of who took it"`
			NumberKind string `json:"number_kind,omitempty" maxLength:"20"`
			Relation   string `json:"relation,omitempty" maxLength:"50"`
			Basis      string `json:"basis" enum:"letter,guardian,legal_person,firm_agent,court"`
			Seen       bool   `json:"seen,omitempty" doc:"the original of the basis was seen"`
		} `json:"behalf,omitempty" doc:"where not the applicant took it: who, and on what"`
	}
}

func deskOps(a *web.API, h handlers) {
	const tag = "desk"
	op(a, authz.CaseDesk, operation(http.MethodGet, "/inbox", "inbox", "Cases of my posts, overdue first", tag), func(ctx context.Context, who authz.Actor, in *inboxIn) (*casePageOut, error) {
		p, err := h.Cases.Inbox(ctx, who, cases.Filter{Post: in.Post, Tab: in.Tab, Query: in.Query, After: in.After, Limit: in.Limit})
		return pageOut(p), err
	})
	act(a, "receive", "Take the materials in", func(ctx context.Context, who authz.Actor, in *versionIn) (cases.Case, error) {
		return h.Cases.Receive(ctx, who, in.ID, in.Body.Version)
	})
	act(a, "accept", "Accept the application", func(ctx context.Context, who authz.Actor, in *versionIn) (cases.Case, error) {
		return h.Cases.Accept(ctx, who, in.ID, in.Body.Version)
	})
	act(a, "refuse-acceptance", "Refuse to accept", func(ctx context.Context, who authz.Actor, in *refuseIn) (cases.Case, error) {
		return h.Cases.RefuseAcceptance(ctx, who, in.ID, in.Body.Version, cases.Refusal{Ground: in.Body.Ground, Reason: in.Body.Reason, RightAuthority: in.Body.RightAuthority})
	})
	act(a, "correction", "Tell everything to correct", func(ctx context.Context, who authz.Actor, in *correctionIn) (cases.Case, error) {
		var ds []cases.Defect
		for _, d := range in.Body.Defects {
			ds = append(ds, cases.Defect{Kind: d.Kind, Key: d.Key, Text: d.Text})
		}
		return h.Cases.RequestCorrection(ctx, who, in.ID, in.Body.Version, ds)
	})
	act(a, "take-up", "Take a step up", func(ctx context.Context, who authz.Actor, in *stepIn) (cases.Case, error) {
		return h.Cases.TakeUp(ctx, who, in.ID, in.Body.Version, in.Body.Step)
	})
	act(a, "release", "Put a step down that was taken up", func(ctx context.Context, who authz.Actor, in *stepIn) (cases.Case, error) {
		return h.Cases.Release(ctx, who, in.ID, in.Body.Version, in.Body.Step)
	})
	act(a, "assign", "Give a step to a colleague of the post", func(ctx context.Context, who authz.Actor, in *assignIn) (cases.Case, error) {
		return h.Cases.Assign(ctx, who, in.ID, in.Body.Version, in.Body.Step, in.Body.Staff)
	})
	judgeOps(a, h)
	specialOps(a, h)
	consultOps(a, h)
}

func judgeOps(a *web.API, h handlers) {
	act(a, "inspection", "Record an inspection on the spot", func(ctx context.Context, who authz.Actor, in *inspectionIn) (cases.Case, error) {
		b := in.Body
		return h.Cases.RecordInspection(ctx, who, in.ID, b.Version, cases.Inspection{Step: b.Step, Officers: b.Officers, Results: b.Results, Photos: b.Photos, Conclusion: b.Conclusion})
	})
	act(a, "opinion", "Give an opinion on a step, or for one post of a countersign", func(ctx context.Context, who authz.Actor, in *opinionIn) (cases.Case, error) {
		b := in.Body
		return h.Cases.Opinion(ctx, who, in.ID, b.Version, cases.Opinion{Step: b.Step, Outcome: b.Outcome, Text: b.Text, To: b.To})
	})
	act(a, "decision", "Decide", func(ctx context.Context, who authz.Actor, in *decisionIn) (cases.Case, error) {
		b := in.Body
		d := cases.Decision{Outcome: cases.Outcome(b.Outcome), Reason: b.Reason, Basis: b.Basis, Conditions: b.Conditions}
		if b.OnTheSpot {
			return h.Cases.DecideOnTheSpot(ctx, who, in.ID, b.Version, d)
		}
		return h.Cases.Decide(ctx, who, in.ID, b.Version, d)
	})
	act(a, "delivery", "Hand the result out at the window", func(ctx context.Context, who authz.Actor, in *deliveryIn) (cases.Case, error) {
		d := cases.Delivery{How: cases.DeliverWindow, To: in.Body.To}
		if b := in.Body.Behalf; b != nil {
			d.Behalf = &cases.Behalf{Name: in.Body.To, Number: b.Number, NumberKind: b.NumberKind, Relation: b.Relation, Basis: b.Basis, Seen: b.Seen}
		}
		return h.Cases.Deliver(ctx, who, in.ID, in.Body.Version, d)
	})
}

// act adds POST /cases/{id}/acts/<name>.
func act[I any](a *web.API, name, summary string, fn func(context.Context, authz.Actor, *I) (cases.Case, error)) {
	op(a, authz.CaseDesk, operation(http.MethodPost, "/cases/{id}/acts/"+name, "case-"+name, summary, "desk"), func(ctx context.Context, who authz.Actor, in *I) (*caseOut, error) {
		c, err := fn(ctx, who, in)
		return &caseOut{c}, err
	})
}
