package creditweb

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"tongban/internal/base/authz"
	"tongban/internal/base/web"
	"tongban/internal/domain/credit"
)

// CreditEntry is one entry of the list of discredited persons; officers read names and numbers masked.
type CreditEntry struct {
	ID     string        `json:"id"`
	Kind   string        `json:"kind" enum:"person,firm"`
	Name   string        `json:"name"`
	Number string        `json:"number"`
	Ground string        `json:"ground" enum:"false_promise,promise_unkept,serious"`
	Reason string        `json:"reason"`
	Basis  string        `json:"basis,omitempty"`
	By     string        `json:"by"`
	Ref    string        `json:"ref,omitempty" doc:"number of the decision, or of the case"`
	From   string        `json:"from"`
	Until  string        `json:"until,omitempty" doc:"left out: until it is repaired"`
	State  string        `json:"state" enum:"active,repaired,expired"`
	Repair *CreditRepair `json:"repair,omitempty" doc:"the newest application for repair"`
}

// CreditRepair is an application for repair.
type CreditRepair struct {
	Text   string    `json:"text"`
	At     time.Time `json:"at"`
	State  string    `json:"state" enum:"asked,granted,refused"`
	Answer string    `json:"answer,omitempty"`
}

type creditListIn struct {
	State string `query:"state" enum:"active,repaired,expired"`
	After string `query:"after" maxLength:"64"`
}

type creditListOut struct {
	Body struct {
		Entries []CreditEntry `json:"entries"`
		Next    string        `json:"next,omitempty"`
	}
}

type creditID struct {
	ID string `path:"id" maxLength:"64"`
}

type creditOut struct{ Body CreditEntry }

type creditEnterIn struct {
	Body struct {
		Name   string `json:"name" maxLength:"200"`
		Number string `json:"number" maxLength:"40" doc:"ID number or credit code"`
		Ground string `json:"ground" enum:"false_promise,promise_unkept,serious"`
		Reason string `json:"reason" maxLength:"2000"`
		Basis  string `json:"basis" maxLength:"2000"`
		Ref    string `json:"ref" maxLength:"100" doc:"number of the decision"`
		Item   string `json:"item,omitempty" maxLength:"200" doc:"the matter, in words"`
		From   string `json:"from,omitempty" doc:"YYYY-MM-DD; today if left out"`
		Until  string `json:"until,omitempty"`
	}
}

type creditMadeOut struct {
	Body struct {
		ID string `json:"id"`
	}
}

type creditSearchIn struct {
	Body struct {
		Number string `json:"number" minLength:"1" maxLength:"40" doc:"whole; in the body, since addresses are kept in logs"`
	}
}

type creditAskIn struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Text string `json:"text" maxLength:"2000" doc:"what was done to make good"`
	}
}

type creditDecideIn struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Grant  bool   `json:"grant"`
		Answer string `json:"answer" maxLength:"2000"`
	}
}

func entryDoc(e credit.Entry) CreditEntry {
	out := CreditEntry{ID: e.ID, Kind: e.Kind, Name: e.Name, Number: e.Number, Ground: e.Ground, Reason: e.Reason, Basis: e.Basis, By: e.By, Ref: e.Ref, From: e.From, Until: e.Until, State: e.State}
	if r := e.Repair; r != nil {
		out.Repair = &CreditRepair{Text: r.Text, At: r.At, State: r.State, Answer: r.Answer}
	}
	return out
}

func entriesDoc(es []credit.Entry, next string) *creditListOut {
	out := &creditListOut{}
	out.Body.Entries, out.Body.Next = []CreditEntry{}, next
	for _, e := range es {
		out.Body.Entries = append(out.Body.Entries, entryDoc(e))
	}
	return out
}

func operation(method, path, id, summary string, status int) huma.Operation {
	return huma.Operation{Method: method, Path: path, OperationID: id, Summary: summary, Tags: []string{"credit"}, DefaultStatus: status}
}

// API adds the operations on the list of discredited persons.
func API(a *web.API, s *credit.Service) {
	web.Op(a, authz.CreditDesk, operation(http.MethodGet, "/desk/credit", "list-credit", "Entries of the agency", 0), func(ctx context.Context, in *creditListIn) (*creditListOut, error) {
		p, err := s.List(ctx, authz.From(ctx), credit.Filter{State: in.State, After: in.After})
		return entriesDoc(p.Entries, p.Next), err
	})
	web.Op(a, authz.CreditDesk, operation(http.MethodPost, "/desk/credit/search", "search-credit", "Entries about a number, of every agency", 0), func(ctx context.Context, in *creditSearchIn) (*creditListOut, error) {
		p, err := s.List(ctx, authz.From(ctx), credit.Filter{Number: in.Body.Number})
		return entriesDoc(p.Entries, p.Next), err
	})
	web.Op(a, authz.CreditDesk, operation(http.MethodGet, "/desk/credit/{id}", "get-credit", "One entry", 0), func(ctx context.Context, in *creditID) (*creditOut, error) {
		e, err := s.Entry(ctx, authz.From(ctx), in.ID)
		return &creditOut{entryDoc(e)}, err
	})
	web.Op(a, authz.CreditDesk, operation(http.MethodPost, "/desk/credit", "enter-credit", "Enter somebody by a decision of the agency", http.StatusCreated), func(ctx context.Context, in *creditEnterIn) (*creditMadeOut, error) {
		b := in.Body
		out := &creditMadeOut{}
		var err error
		out.Body.ID, err = s.Enter(ctx, authz.From(ctx), credit.Decision{
			Name: b.Name, Number: b.Number, Ground: b.Ground, Reason: b.Reason, Basis: b.Basis, CaseNo: b.Ref, Item: b.Item, From: b.From, Until: b.Until,
		})
		return out, err
	})
	web.Op(a, authz.CreditDesk, operation(http.MethodPost, "/desk/credit/{id}/repair", "decide-credit-repair", "Decide on an application for repair", 0), func(ctx context.Context, in *creditDecideIn) (*creditOut, error) {
		if err := s.DecideRepair(ctx, authz.From(ctx), in.ID, in.Body.Grant, in.Body.Answer); err != nil {
			return nil, err
		}
		e, err := s.Entry(ctx, authz.From(ctx), in.ID)
		return &creditOut{entryDoc(e)}, err
	})
	web.Op(a, authz.PersonSelf, operation(http.MethodGet, "/my/credit", "my-credit", "Entries about me and the firm I act for", 0), func(ctx context.Context, _ *struct{}) (*creditListOut, error) {
		es, err := s.Mine(ctx, authz.From(ctx))
		return entriesDoc(es, ""), err
	})
	web.Op(a, authz.PersonSelf, operation(http.MethodPost, "/my/credit/{id}/repair", "ask-credit-repair", "Apply for repair", 0), func(ctx context.Context, in *creditAskIn) (*struct{}, error) {
		return nil, s.AskRepair(ctx, authz.From(ctx), in.ID, in.Body.Text)
	})
}
