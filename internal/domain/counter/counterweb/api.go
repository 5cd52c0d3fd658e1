package counterweb

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"tongban/internal/base/authz"
	"tongban/internal/base/i18n"
	"tongban/internal/base/web"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/counter"
)

// CounterSignIn is somebody who came. With line a keyboard reader typed name and number; with nonce, card and proof the local agent gave them.
type CounterSignIn struct {
	Key        string `json:"key,omitempty" maxLength:"64" doc:"a UUID; the same again gives the same visitor"`
	Kind       string `json:"kind" enum:"self,firm,other,enquiry"`
	Purpose    string `json:"purpose" enum:"apply,fetch,correct,ask"`
	Why        string `json:"why,omitempty" maxLength:"200"`
	Line       string `json:"line,omitempty" maxLength:"2000" doc:"number, or name|sex|nation|birth|address|number|agency|validity"`
	Nonce      string `json:"nonce,omitempty" maxLength:"100"`
	Card       string `json:"card,omitempty" maxLength:"2000"`
	Proof      string `json:"proof,omitempty" maxLength:"100"`
	Name       string `json:"name,omitempty" maxLength:"200"`
	Number     string `json:"number,omitempty" maxLength:"40"`
	Phone      string `json:"phone,omitempty" maxLength:"20"`
	CreditCode string `json:"credit_code,omitempty" maxLength:"40"`
	ForName    string `json:"for_name,omitempty" maxLength:"200"`
	ForNumber  string `json:"for_number,omitempty" maxLength:"40"`
	Relation   string `json:"relation,omitempty" maxLength:"50"`
	Basis      string `json:"basis,omitempty" maxLength:"20"`
	Seen       bool   `json:"seen,omitempty" doc:"the original of the basis was seen"`
}

// CounterResult is what became of one of several things.
type CounterResult struct {
	Key    string `json:"key" doc:"of the item, or id of the case"`
	CaseID string `json:"case,omitempty"`
	OK     bool   `json:"ok"`
	Code   string `json:"code,omitempty" doc:"stable text key of the error"`
	Why    string `json:"why,omitempty"`
}

// CounterLine is a case of a visit.
type CounterLine struct {
	counter.Line
	Item    string      `json:"item"`
	CaseNo  string      `json:"case_no,omitempty"`
	State   cases.State `json:"state"`
	Version int64       `json:"version"`
	Missing int         `json:"missing" doc:"of a draft: findings before it can be sent"`
	Trips   int         `json:"trips" doc:"to the hall so far"`
	Planned *int        `json:"planned_trips,omitempty"`
}

// CounterVisit is a visitor with what they came for and what they have open.
type CounterVisit struct {
	counter.Visitor
	Lines   []CounterLine `json:"lines"`
	Correct []cases.Case  `json:"correct"`
	Owed    []cases.Case  `json:"owed"`
	Fetch   []cases.Case  `json:"fetch"`
	Running []cases.Case  `json:"running"`
}

// CounterPhone is a phone that may send, with what arrived.
type CounterPhone struct {
	counter.Phone
	Address string              `json:"address" doc:"for the QR code; whoever has it may send until it expires or is closed"`
	Pages   []counter.PhonePage `json:"pages"`
}

type (
	counterIdIn struct {
		ID string `path:"id" maxLength:"64"`
	}
	counterDayIn struct {
		Day string `query:"day" maxLength:"10" doc:"YYYY-MM-DD; empty: today"`
	}
	counterSignInIn struct{ Body CounterSignIn }
	counterEndIn    struct {
		ID   string `path:"id" maxLength:"64"`
		Body struct {
			Result string `json:"result" enum:"done,partly,come_back,elsewhere,left"`
		}
	}
	counterCallIn struct {
		ID   string `path:"id" maxLength:"64"`
		Body struct {
			Over bool `json:"over,omitempty" doc:"take over from a colleague"`
		}
	}
	counterItemsIn struct {
		ID   string `path:"id" maxLength:"64"`
		Body struct {
			Items []string `json:"items" minItems:"1" maxItems:"10" doc:"keys"`
		}
	}
	counterCarryIn struct {
		ID   string `path:"id" maxLength:"64"`
		Case string `path:"case" maxLength:"64"`
	}
	counterFetchIn struct {
		ID   string `path:"id" maxLength:"64"`
		Body struct {
			Cases   []string `json:"cases" minItems:"1" maxItems:"100"`
			Checked bool     `json:"checked" doc:"the document was looked at and is the person's own"`
		}
	}
	counterPageIn struct {
		ID   string `path:"id" maxLength:"64"`
		Page string `path:"page" maxLength:"64"`
		Body struct {
			Take bool `json:"take" doc:"true: it becomes a file of the case; false: it is thrown away"`
		}
	}
	counterShiftIn struct {
		Body struct {
			Desk string `json:"desk" minLength:"1" maxLength:"20"`
		}
	}
	counterNoteIn struct {
		Body struct {
			Note string `json:"note,omitempty" maxLength:"1000"`
		}
	}
	out[T any] struct{ Body T }
	none       struct{}
)

// API adds the operations of the counter to /api/v1.
func API(a *web.API, c Config) {
	h := handlers{c}
	visitorOps(a, h)
	phoneOps(a, h)
	shiftOps(a, h)
}

func op[I, O any](a *web.API, method, path, id, summary string, fn func(context.Context, authz.Actor, *I) (*O, error)) {
	web.Op(a, authz.WindowDesk, huma.Operation{Method: method, Path: "/counter" + path, OperationID: id, Summary: summary, Tags: []string{"counter"}}, func(ctx context.Context, in *I) (*O, error) {
		return fn(ctx, authz.From(ctx), in)
	})
}

func visitorOps(a *web.API, h handlers) {
	op(a, http.MethodGet, "/visitors", "counter-visitors", "Who came to my agency's windows on a day", func(ctx context.Context, who authz.Actor, in *counterDayIn) (*out[[]counter.Visitor], error) {
		vs, err := h.Counter.Today(ctx, who, in.Day)
		if vs == nil {
			vs = []counter.Visitor{}
		}
		return &out[[]counter.Visitor]{vs}, err
	})
	op(a, http.MethodPost, "/visitors", "counter-sign-in", "Write down that somebody came", func(ctx context.Context, who authz.Actor, in *counterSignInIn) (*out[counter.Visitor], error) {
		b := in.Body
		v, err := h.Counter.SignIn(ctx, who, b.Key, counter.SignIn{Kind: b.Kind, Purpose: b.Purpose, Why: b.Why, Line: b.Line, Nonce: b.Nonce, Card: b.Card, Proof: b.Proof, Who: counter.Who{
			Name: b.Name, Number: b.Number, Phone: b.Phone, CreditCode: b.CreditCode, ForName: b.ForName, ForNumber: b.ForNumber, Relation: b.Relation, Basis: b.Basis, Seen: b.Seen,
		}})
		return &out[counter.Visitor]{v}, err
	})
	op(a, http.MethodPost, "/reads", "counter-ask-reader", "Ask the reader of my counter for one card", func(ctx context.Context, who authz.Actor, _ *none) (*out[counter.ReaderQuestion], error) {
		q, err := h.Counter.Ask(ctx, who)
		return &out[counter.ReaderQuestion]{q}, err
	})
	op(a, http.MethodGet, "/visitors/{id}", "counter-visitor", "A visitor, what they came for and what they have open", h.visitDoc)
	op(a, http.MethodPost, "/visitors/{id}/call", "counter-call", "Begin to serve a visitor", func(ctx context.Context, who authz.Actor, in *counterCallIn) (*none, error) {
		return &none{}, h.Counter.Call(ctx, who, in.ID, in.Body.Over)
	})
	op(a, http.MethodPost, "/visitors/{id}/end", "counter-end", "End a visit", func(ctx context.Context, who authz.Actor, in *counterEndIn) (*none, error) {
		return &none{}, h.Counter.End(ctx, who, in.ID, in.Body.Result)
	})
	op(a, http.MethodPost, "/visitors/{id}/items", "counter-begin", "Begin an application for each of several items", func(ctx context.Context, who authz.Actor, in *counterItemsIn) (*out[[]CounterResult], error) {
		return results(ctx)(h.Counter.Begin(ctx, who, in.ID, in.Body.Items))
	})
	op(a, http.MethodPost, "/visitors/{id}/items/{case}/carry", "counter-carry", "Take over what the other applications of the visit say", func(ctx context.Context, who authz.Actor, in *counterCarryIn) (*out[cases.Carried], error) {
		c, err := h.Counter.Carry(ctx, who, in.ID, in.Case)
		return &out[cases.Carried]{c}, err
	})
	op(a, http.MethodPost, "/visitors/{id}/send", "counter-send", "Send every application of the visit that lacks nothing", func(ctx context.Context, who authz.Actor, in *counterIdIn) (*out[[]CounterResult], error) {
		return results(ctx)(h.Counter.Send(ctx, who, in.ID))
	})
	op(a, http.MethodPost, "/visitors/{id}/hand-out", "counter-hand-out", "Hand several results out at once", func(ctx context.Context, who authz.Actor, in *counterFetchIn) (*out[[]CounterResult], error) {
		return results(ctx)(h.Counter.HandOut(ctx, who, in.ID, in.Body.Cases, in.Body.Checked))
	})
}

func (h handlers) visitDoc(ctx context.Context, who authz.Actor, in *counterIdIn) (*out[CounterVisit], error) {
	v, err := h.Counter.Visitor(ctx, who, in.ID)
	if err != nil {
		return nil, err
	}
	ls, err := h.Counter.Lines(ctx, who, in.ID)
	if err != nil {
		return nil, err
	}
	m, err := h.Counter.Matters(ctx, who, in.ID)
	if err != nil {
		return nil, err
	}
	doc := CounterVisit{Visitor: v, Lines: []CounterLine{}, Correct: list(m.Correct), Owed: list(m.Owed), Fetch: list(m.Fetch), Running: list(m.Running)}
	for _, l := range ls {
		doc.Lines = append(doc.Lines, CounterLine{l.Line, l.Case.ItemKey, l.Case.CaseNo, l.Case.State, l.Case.Version, l.Missing, l.Trips, l.Planned})
	}
	return &out[CounterVisit]{doc}, nil
}

func list(cs []cases.Case) []cases.Case {
	if cs == nil {
		return []cases.Case{}
	}
	return cs
}

func results(ctx context.Context) func([]counter.Done, error) (*out[[]CounterResult], error) {
	return func(ds []counter.Done, err error) (*out[[]CounterResult], error) {
		if err != nil {
			return nil, err
		}
		rs := []CounterResult{}
		for _, d := range ds {
			r := CounterResult{Key: d.Key, CaseID: d.CaseID, OK: d.Err == nil}
			if d.Err != nil {
				r.Code, r.Why = web.ProblemOf(ctx, d.Err).Code, i18n.Err(ctx, d.Err)
			}
			rs = append(rs, r)
		}
		return &out[[]CounterResult]{rs}, nil
	}
}

func phoneOps(a *web.API, h handlers) {
	op(a, http.MethodPost, "/drafts/{id}/phone", "counter-open-phone", "Let the visitor's phone send pages for a draft", func(ctx context.Context, who authz.Actor, in *counterIdIn) (*out[CounterPhone], error) {
		p, err := h.Counter.OpenPhone(ctx, who, in.ID)
		if err != nil {
			return nil, err
		}
		return h.phoneDoc(ctx, who, &counterIdIn{p.ID})
	})
	op(a, http.MethodGet, "/phones/{id}", "counter-phone", "What a phone sent", h.phoneDoc)
	op(a, http.MethodPost, "/phones/{id}/close", "counter-close-phone", "End a phone's time", func(ctx context.Context, who authz.Actor, in *counterIdIn) (*none, error) {
		return &none{}, h.Counter.ClosePhone(ctx, who, in.ID)
	})
	op(a, http.MethodPost, "/phones/{id}/pages/{page}", "counter-settle-page", "Confirm a page, or throw it away", func(ctx context.Context, who authz.Actor, in *counterPageIn) (*none, error) {
		if in.Body.Take {
			return &none{}, h.Counter.TakePage(ctx, who, in.ID, in.Page)
		}
		return &none{}, h.Counter.DropPage(ctx, who, in.ID, in.Page)
	})
}

func (h handlers) phoneDoc(ctx context.Context, who authz.Actor, in *counterIdIn) (*out[CounterPhone], error) {
	p, ps, _, err := h.Counter.Phone(ctx, who, in.ID)
	if err != nil {
		return nil, err
	}
	if ps == nil {
		ps = []counter.PhonePage{}
	}
	return &out[CounterPhone]{CounterPhone{p, h.PhoneURL + "/u/" + h.Counter.Token(p.ID), ps}}, nil
}

func shiftOps(a *web.API, h handlers) {
	op(a, http.MethodGet, "/shift", "counter-shift", "The figures of my shift or of a day, and what is left", func(ctx context.Context, who authz.Actor, in *counterDayIn) (*out[counter.ShiftSummary], error) {
		s, err := h.Counter.Summary(ctx, who, in.Day)
		return &out[counter.ShiftSummary]{s}, err
	})
	op(a, http.MethodPost, "/shift", "counter-begin-shift", "Begin a shift at a window, or move it", func(ctx context.Context, who authz.Actor, in *counterShiftIn) (*none, error) {
		return &none{}, h.Counter.BeginShift(ctx, who, in.Body.Desk)
	})
	op(a, http.MethodPost, "/shift/end", "counter-end-shift", "End the shift with a note to the next one", func(ctx context.Context, who authz.Actor, in *counterNoteIn) (*none, error) {
		return &none{}, h.Counter.EndShift(ctx, who, in.Body.Note)
	})
	op(a, http.MethodGet, "/notes", "counter-notes", "Notes of ended shifts nobody has taken over", func(ctx context.Context, who authz.Actor, _ *none) (*out[[]counter.Shift], error) {
		ns, err := h.Counter.Notes(ctx, who)
		if ns == nil {
			ns = []counter.Shift{}
		}
		return &out[[]counter.Shift]{ns}, err
	})
	op(a, http.MethodPost, "/notes/{id}", "counter-take-note", "Take over from an ended shift", func(ctx context.Context, who authz.Actor, in *counterIdIn) (*none, error) {
		return &none{}, h.Counter.TakeOver(ctx, who, in.ID)
	})
}
