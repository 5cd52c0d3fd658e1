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
	Level     int      `json:"level" doc:"identity level of a person: 1 phone, 2 name and number confirmed"`
	Roles     []string `json:"roles"`
	Agency    string   `json:"agency,omitempty" doc:"agency key of staff"`
	FirmID    string   `json:"firm_id,omitempty" doc:"the firm acted for"`
	FirmName  string   `json:"firm_name,omitempty"`
	FirmCode  string   `json:"firm_credit_code,omitempty"`
	EndsUnixM int64    `json:"session_ends_ms,omitempty" doc:"Unix milliseconds; absent for access tokens"`
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
	if a.FirmID != "" {
		f, err := h.s.Firm(ctx, a.FirmID)
		if err != nil {
			return nil, err
		}
		m.FirmName, m.FirmCode = f.Name, f.CreditCode
	}
	ends, err := h.s.SessionEnds(ctx, a)
	if err == nil && !ends.IsZero() {
		m.EndsUnixM = ends.UnixMilli()
	}
	return &meOut{m}, err
}
