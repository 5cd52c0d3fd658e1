package elsewhereweb

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/web"
	"tongban/internal/domain/elsewhere"
)

// ElsewhereMessage is a message to or from another authority's system.
type ElsewhereMessage struct {
	ID     string    `json:"id"`
	System string    `json:"system"`
	CaseNo string    `json:"case_no,omitempty"`
	Kind   string    `json:"kind"`
	State  string    `json:"state" enum:"waiting,sent,applied,parked,dropped"`
	At     time.Time `json:"at"`
	Why    string    `json:"why,omitempty" doc:"why it was parked, in words"`
	Gap    string    `json:"gap,omitempty" doc:"numbers before it that had not come"`
	Tries  int       `json:"tries,omitempty"`
}

// ElsewhereDifference is how both sides differ about a case.
type ElsewhereDifference struct {
	System string     `json:"system"`
	CaseNo string     `json:"case_no"`
	Kind   string     `json:"kind"`
	Ours   string     `json:"ours"`
	Theirs string     `json:"theirs"`
	Found  time.Time  `json:"found"`
	Closed *time.Time `json:"closed,omitempty"`
}

type stuckOut struct {
	Body struct {
		In          []ElsewhereMessage    `json:"in" doc:"parked events"`
		Early       []ElsewhereMessage    `json:"early" doc:"events that wait for the ones before them"`
		Out         []ElsewhereMessage    `json:"out" doc:"parked messages"`
		Pending     []ElsewhereMessage    `json:"pending" doc:"messages that are being tried"`
		Differences []ElsewhereDifference `json:"differences"`
	}
}

type messageIn struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Act    string `json:"act" enum:"again,drop"`
		CaseNo string `json:"case_no,omitempty" maxLength:"60" doc:"of an event: which case it is about"`
	}
}

type reconcileIn struct {
	System string `path:"system" maxLength:"64"`
}

type reconcileOut struct {
	Body struct {
		Day    string `json:"day"`
		Ours   int    `json:"ours"`
		Theirs int    `json:"theirs"`
		Found  int    `json:"found" doc:"differences"`
		Asked  int    `json:"asked" doc:"messages sent or fetched again"`
	}
}

func inDocs(ctx context.Context, ms []elsewhere.In) []ElsewhereMessage {
	out := []ElsewhereMessage{}
	for _, m := range ms {
		why := m.ReasonZH
		if i18n.From(ctx) == i18n.English {
			why = m.ReasonEN
		}
		out = append(out, ElsewhereMessage{ID: m.ID, System: m.System, CaseNo: m.CaseNo, Kind: m.Kind, State: m.State, At: m.At, Why: why, Gap: m.Gap})
	}
	return out
}

func outDocs(ctx context.Context, ms []elsewhere.Out) []ElsewhereMessage {
	out := []ElsewhereMessage{}
	for _, m := range ms {
		d := ElsewhereMessage{ID: m.ID, System: m.System, CaseNo: m.CaseNo, Kind: m.Kind, State: m.State, At: m.At, Tries: m.Tries}
		if m.Reason != "" {
			d.Why = t(ctx, m.Reason)
		}
		out = append(out, d)
	}
	return out
}

// OperateAPI adds what operators do about messages that are stuck.
func OperateAPI(api *web.API, s *elsewhere.Service) {
	op := func(method, path, id, summary string) huma.Operation {
		return huma.Operation{Method: method, Path: path, OperationID: id, Summary: summary, Tags: []string{"elsewhere"}}
	}
	web.Op(api, authz.Operate, op(http.MethodGet, "/ops/elsewhere", "stuck-elsewhere", "What could not be sent or applied, and how both sides differ"), func(ctx context.Context, _ *struct{}) (*stuckOut, error) {
		x, err := s.Stuck(ctx)
		if err != nil {
			return nil, err
		}
		ds, err := s.Differences(ctx, shown)
		out := &stuckOut{}
		b := &out.Body
		b.In, b.Early, b.Out, b.Pending, b.Differences = inDocs(ctx, x.In), inDocs(ctx, x.Early), outDocs(ctx, x.Out), outDocs(ctx, x.Pending), []ElsewhereDifference{}
		for _, d := range ds {
			doc := ElsewhereDifference{System: d.System, CaseNo: d.CaseNo, Kind: d.Kind, Ours: d.Ours, Theirs: d.Theirs, Found: d.Found}
			if !d.Closed.IsZero() {
				doc.Closed = &d.Closed
			}
			b.Differences = append(b.Differences, doc)
		}
		return out, err
	})
	web.Op(api, authz.Operate, op(http.MethodPost, "/ops/elsewhere/in/{id}", "settle-event-elsewhere", "Apply a parked event by hand, or give it up"), func(ctx context.Context, in *messageIn) (*struct{}, error) {
		if in.Body.Act == "drop" {
			return nil, s.DropIn(ctx, authz.From(ctx), in.ID)
		}
		return nil, s.AgainIn(ctx, authz.From(ctx), in.ID, in.Body.CaseNo)
	})
	web.Op(api, authz.Operate, op(http.MethodPost, "/ops/elsewhere/out/{id}", "settle-message-elsewhere", "Send a parked message again, or give it up"), func(ctx context.Context, in *messageIn) (*struct{}, error) {
		if in.Body.CaseNo != "" {
			return nil, errs.New(errs.BadRequest, "base.bad_request")
		}
		if in.Body.Act == "drop" {
			return nil, s.DropOut(ctx, authz.From(ctx), in.ID)
		}
		return nil, s.AgainOut(ctx, authz.From(ctx), in.ID)
	})
	web.Op(api, authz.Operate, op(http.MethodPost, "/ops/elsewhere/systems/{system}/reconcile", "reconcile-elsewhere", "Compare both sides now"), func(ctx context.Context, in *reconcileIn) (*reconcileOut, error) {
		if _, err := s.System(ctx, in.System); err != nil {
			return nil, err
		}
		r, err := s.Reconcile(ctx, authz.From(ctx), in.System)
		out := &reconcileOut{}
		b := &out.Body
		b.Day, b.Ours, b.Theirs, b.Found, b.Asked = r.Day, r.Ours, r.Theirs, r.Found, r.Asked
		return out, err
	})
}
