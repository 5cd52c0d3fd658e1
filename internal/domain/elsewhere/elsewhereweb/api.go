package elsewhereweb

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/web"
	"tongban/internal/domain/cases"
	"tongban/internal/engine/clock"
)

// Enter records a case that was handled on paper; cases.Service does it.
type Enter func(ctx context.Context, a authz.Actor, clientKey string, in cases.Entered) (cases.Case, error)

type enterInput struct {
	Body struct {
		ClientKey  string `json:"client_key" minLength:"1" maxLength:"200" doc:"the same key records it once"`
		Item       string `json:"item"`
		Kind       string `json:"kind" enum:"person,firm"`
		Name       string `json:"name"`
		Number     string `json:"number"`
		NumberKind string `json:"number_kind,omitempty"`
		Phone      string `json:"phone,omitempty"`
		CreditCode string `json:"credit_code,omitempty"`
		Submitted  string `json:"submitted" doc:"days of the paper file: 2026-03-02"`
		Accepted   string `json:"accepted"`
		Decided    string `json:"decided"`
		Delivered  string `json:"delivered,omitempty"`
		Outcome    string `json:"outcome" enum:"grant,partly,refuse"`
		Reason     string `json:"reason,omitempty"`
		Basis      string `json:"basis,omitempty"`
		Conditions string `json:"conditions,omitempty"`
	}
}

type enterOutput struct{ Body cases.Case }

// API adds the operation that records cases handled on paper.
func API(api *web.API, enter Enter) {
	op := huma.Operation{
		OperationID: "enterCase", Method: http.MethodPost, Path: "/desk/entered", DefaultStatus: http.StatusCreated, Tags: []string{"desk"},
		Summary: "Record a case that was handled on paper 事后录入", Description: "For items whose integration is \"entered\". The clocks are those of the dates given; no papers and messages are made.",
	}
	web.Op(api, authz.CaseDesk, op, func(ctx context.Context, in *enterInput) (*enterOutput, error) {
		b := in.Body
		e := cases.Entered{
			Item:      b.Item,
			Applicant: cases.Applicant{Kind: b.Kind, Name: b.Name, Number: b.Number, NumberKind: b.NumberKind, Phone: b.Phone, CreditCode: b.CreditCode},
			Decision:  cases.Decision{Outcome: cases.Outcome(b.Outcome), Reason: b.Reason, Basis: b.Basis, Conditions: b.Conditions},
		}
		var bad []errs.Field
		for _, d := range []struct {
			path, text string
			to         *time.Time
		}{{"submitted", b.Submitted, &e.Submitted}, {"accepted", b.Accepted, &e.Accepted}, {"decided", b.Decided, &e.Decided}, {"delivered", b.Delivered, &e.Delivered}} {
			if d.text == "" {
				continue
			}
			at, err := time.ParseInLocation(time.DateOnly, d.text, clock.Shanghai)
			if err != nil {
				bad = append(bad, errs.Field{Path: d.path, Key: "cases.entered_missing"})
			}
			*d.to = at.UTC()
		}
		if err := errs.Fields("cases.incomplete", bad); err != nil {
			return nil, err
		}
		c, err := enter(ctx, authz.From(ctx), b.ClientKey, e)
		return &enterOutput{c}, err
	})
}
