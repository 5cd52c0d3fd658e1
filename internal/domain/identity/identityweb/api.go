package identityweb

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"tongban/internal/base/authz"
	"tongban/internal/base/web"
)

// Me is who an API caller is.
type Me struct {
	Kind      string   `json:"kind" enum:"person,staff"`
	ID        string   `json:"id"`
	Name      string   `json:"name" doc:"masked for people"`
	Level     int      `json:"level" doc:"identity level of a person in this session: 1 phone, 2 name and number confirmed, 3 the person seen, 4 certificate or counter and passkey"`
	AMR       []string `json:"amr,omitempty" doc:"how the session proved it, RFC 8176; absent for access tokens"`
	Roles     []string `json:"roles"`
	Agency    string   `json:"agency,omitempty" doc:"agency key of staff"`
	FirmID    string   `json:"firm_id,omitempty" doc:"the firm acted for"`
	FirmName  string   `json:"firm_name,omitempty"`
	FirmCode  string   `json:"firm_credit_code,omitempty"`
	Acting    *Acting  `json:"acting,omitempty" doc:"in whose name the session acts; absent for oneself"`
	EndsUnixM int64    `json:"session_ends_ms,omitempty" doc:"Unix milliseconds; absent for access tokens"`
}

// Acting is in whose name somebody acts.
type Acting struct {
	Kind    string       `json:"kind" enum:"firm,person"`
	ID      string       `json:"id"`
	Name    string       `json:"name" doc:"masked for people"`
	Mandate string       `json:"mandate,omitempty" doc:"id of the mandate; absent for a firm's legal representative"`
	Scope   *authz.Scope `json:"scope,omitempty" doc:"items and acts the mandate covers; * stands for all"`
}

type meOut struct{ Body Me }

// AddAPI adds the room's operations.
func (h *Handler) AddAPI(a *web.API) {
	web.Op(a, authz.SignedIn, huma.Operation{
		OperationID: "me", Method: http.MethodGet, Path: "/me", Summary: "Who am I 当前身份", Tags: []string{"identity"},
	}, h.me)
}

func (h *Handler) me(ctx context.Context, _ *struct{}) (*meOut, error) {
	a := authz.From(ctx)
	m := Me{Kind: "person", ID: a.PersonID, Level: a.Level, Agency: a.AgencyID, FirmID: a.FirmID, Roles: []string{}}
	for _, r := range a.Roles {
		m.Roles = append(m.Roles, string(r))
	}
	u, err := h.user(ctx, a)
	if err != nil {
		return nil, err
	}
	m.Name = u.Name
	if a.StaffID != "" {
		m.Kind, m.ID = "staff", a.StaffID
	}
	if err := h.acting(ctx, a, &m); err != nil {
		return nil, err
	}
	if a.SessionID != "" {
		auth, err := h.s.Auth(ctx, a.SessionID)
		if err != nil {
			return nil, err
		}
		m.AMR = auth.AMR
	}
	ends, err := h.s.SessionEnds(ctx, a)
	if err == nil && !ends.IsZero() {
		m.EndsUnixM = ends.UnixMilli()
	}
	return &meOut{m}, err
}

func (h *Handler) acting(ctx context.Context, a authz.Actor, m *Me) error {
	switch {
	case a.FirmID != "":
		f, err := h.s.Firm(ctx, a.FirmID)
		if err != nil {
			return err
		}
		m.FirmName, m.FirmCode = f.Name, f.CreditCode
		m.Acting = &Acting{Kind: "firm", ID: f.ID, Name: f.Name, Mandate: a.MandateID, Scope: a.Scope}
	case a.ForPerson != "":
		m.Acting = &Acting{Kind: "person", ID: a.ForPerson, Name: h.s.MaskedName(ctx, a.ForPerson), Mandate: a.MandateID, Scope: a.Scope}
	}
	return nil
}
