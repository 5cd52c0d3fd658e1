package mandateweb

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"tongban/internal/base/authz"
	"tongban/internal/base/web"
	"tongban/internal/domain/mandate"
)

// Mandate is a mandate as the API tells of it; names are as on the pages.
type Mandate struct {
	ID      string   `json:"id"`
	Kind    string   `json:"kind" enum:"agent,family,care,guardian"`
	Side    string   `json:"side" enum:"giver,holder" doc:"on which side the caller stands"`
	Giver   string   `json:"giver" doc:"firm or person acted for; people masked for the holder"`
	Holder  string   `json:"holder"`
	Acts    []string `json:"acts" doc:"apply, sign, view, collect or *"`
	Items   []string `json:"items" doc:"item keys or *"`
	From    string   `json:"from" format:"date"`
	Until   string   `json:"until" format:"date" doc:"the last day, Asia/Shanghai"`
	State   string   `json:"state" enum:"asked,active,ended"`
	Stands  bool     `json:"stands" doc:"whether it may be used at this moment"`
	Why     string   `json:"why,omitempty" doc:"why it does not stand"`
	Confirm string   `json:"confirm_by,omitempty" format:"date-time" doc:"a new legal representative must confirm it before"`
}

type listOut struct {
	Body struct {
		Mandates []Mandate `json:"mandates"`
	}
}

type createIn struct {
	Body struct {
		Kind   string   `json:"kind" enum:"agent,family,care"`
		Name   string   `json:"name" maxLength:"200"`
		Number string   `json:"number,omitempty" maxLength:"30" doc:"ID number; this or phone"`
		Phone  string   `json:"phone,omitempty" maxLength:"30"`
		Acts   []string `json:"acts" maxItems:"10"`
		Items  []string `json:"items" maxItems:"500"`
		From   string   `json:"from" format:"date"`
		Until  string   `json:"until" format:"date"`
		Agree  bool     `json:"agree" doc:"the giver has read the declaration and agrees"`
	}
}

type createOut struct {
	Body struct {
		ID      string `json:"id"`
		State   string `json:"state" enum:"asked,unsigned"`
		SignURL string `json:"sign_url,omitempty" doc:"unsigned: the giver signs the declaration there in a browser, and then sends it"`
	}
}

type endIn struct {
	ID string `path:"id"`
}

type endOut struct {
	Body struct {
		Why string `json:"why" enum:"revoked,released,refused"`
	}
}

// AddAPI adds the room's operations.
func (h *Handler) AddAPI(a *web.API) {
	web.Op(a, authz.MandateOwn, huma.Operation{
		OperationID: "list-mandates", Method: http.MethodGet, Path: "/mandates", Summary: "Mandates I gave, hold or am asked to accept; acting for a firm, its agents 我的授权", Tags: []string{"mandate"},
	}, h.apiList)
	web.Op(a, authz.MandateOwn, huma.Operation{
		OperationID: "create-mandate", Method: http.MethodPost, Path: "/mandates", Summary: "Give a mandate or appoint an agent 授权", Tags: []string{"mandate"}, DefaultStatus: http.StatusCreated,
	}, h.apiCreate, web.Level(2))
	web.Op(a, authz.MandateOwn, huma.Operation{
		OperationID: "end-mandate", Method: http.MethodPost, Path: "/mandates/{id}/end", Summary: "Take back, give up or decline 终止授权", Tags: []string{"mandate"},
	}, h.apiEnd)
}

func (h *Handler) apiList(ctx context.Context, _ *struct{}) (*listOut, error) {
	a := authz.From(ctx)
	l, err := h.s.Mine(ctx, a)
	if err != nil {
		return nil, err
	}
	all := append(append(append(l.Asked, l.Held...), l.Given...), l.Past...)
	if mayAppoint(a) {
		_, open, past, err := h.s.Agents(ctx, a)
		if err != nil {
			return nil, err
		}
		all = append(append(all, open...), past...)
	}
	out := &listOut{}
	out.Body.Mandates = []Mandate{}
	for _, v := range all {
		out.Body.Mandates = append(out.Body.Mandates, item(v))
	}
	return out, nil
}

func item(v mandate.View) Mandate {
	it := Mandate{
		ID: v.ID, Kind: string(v.Kind), Side: string(v.Side), Giver: v.Giver, Holder: v.Held, Acts: v.Scope.Acts, Items: v.Scope.Items, From: v.Term.From, Until: v.Term.Until,
		State: string(v.State), Stands: v.Why == mandate.Covers, Why: string(v.Why),
	}
	if !v.ConfirmBy.IsZero() {
		it.Confirm = v.ConfirmBy.UTC().Format("2006-01-02T15:04:05Z")
	}
	return it
}

func (h *Handler) apiCreate(ctx context.Context, in *createIn) (*createOut, error) {
	a, b := authz.From(ctx), in.Body
	d, err := h.s.NewDraft(ctx, a, mandate.Kind(b.Kind))
	if err == nil {
		_, err = h.s.SetWho(ctx, a, d.ID, mandate.Named{Name: b.Name, Number: b.Number, Phone: b.Phone})
	}
	if err == nil {
		_, err = h.s.SetWhat(ctx, a, d.ID, authz.Scope{Items: b.Items, Acts: b.Acts})
	}
	if err == nil {
		_, err = h.s.SetTerm(ctx, a, d.ID, mandate.Term{From: b.From, Until: b.Until})
	}
	if err != nil {
		return nil, err
	}
	g, err := h.s.Give(ctx, a, d.ID, b.Agree)
	if err != nil {
		return nil, err
	}
	out := &createOut{}
	out.Body.ID, out.Body.State = d.ID, "asked"
	if g.SignURL != "" {
		out.Body.State, out.Body.SignURL = "unsigned", g.SignURL
	}
	return out, nil
}

func (h *Handler) apiEnd(ctx context.Context, in *endIn) (*endOut, error) {
	why, err := h.s.End(ctx, authz.From(ctx), in.ID)
	if err != nil {
		return nil, err
	}
	out := &endOut{}
	out.Body.Why = string(why)
	return out, nil
}
