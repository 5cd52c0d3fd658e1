package identity

import (
	"context"
	"encoding/json"

	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/engine/cnid"
)

// Firm is a company, individual business, cooperative or other body with a credit code, as the firm registry last gave it.
type Firm struct {
	ID                string `json:"-"`
	CreditCode        string `json:"credit_code"`
	Name              string `json:"name"`
	Kind              string `json:"kind"`
	Address           string `json:"address"`
	Premises          string `json:"premises"`
	LegalPersonName   string `json:"legal_person_name"`
	LegalPersonNumber string `json:"legal_person_id"`
	Scope             string `json:"scope"`
	Established       string `json:"established"`
	Status            string `json:"status"`
	LicenceNumber     string `json:"licence_no"`
	Phone             string `json:"phone"`
}

var errNoFirm = errs.New(errs.NotFound, "identity.firm_unknown")

// EnsureFirm gives the firm of a credit code, asked live and kept; while the registry is away, the firm as it was last seen. Errors: Invalid
// (no credit code), NotFound "identity.firm_unknown", Unavailable.
func (s *Service) EnsureFirm(ctx context.Context, creditCode string) (Firm, error) {
	code, err := cnid.ParseCreditCode(creditCode)
	if err != nil && !errs.Is(err, "cnid.credit_check") { // some codes in use fail their check: the registry decides
		return Firm{}, err
	}
	f, err := s.deps.Registry.Firm(ctx, code)
	switch {
	case errs.Is(err, "identity.registry_unknown"):
		return Firm{}, errNoFirm
	case away(err):
		held, e := s.firmByCode(ctx, s.d.R(), code)
		if errs.KindOf(e) == errs.NotFound {
			return Firm{}, err
		}
		return held, e
	case err != nil:
		return Firm{}, err
	}
	return s.keepFirm(ctx, f)
}

// FirmsOf asks the firm registry live of which firms a person is the legal representative. A person whose number is not confirmed has none.
func (s *Service) FirmsOf(ctx context.Context, personID string) ([]Firm, error) {
	p, err := s.Person(ctx, personID)
	if err != nil || p.Level < LevelChecked || !p.Alive {
		return nil, err
	}
	fs, err := s.deps.Registry.FirmsOf(ctx, p.Number)
	if err != nil {
		return nil, err
	}
	for i := range fs {
		if fs[i], err = s.keepFirm(ctx, fs[i]); err != nil {
			return nil, err
		}
	}
	return fs, nil
}

// represents asks the registry whether a person is the legal representative of a firm now.
func (s *Service) represents(ctx context.Context, personID, firmID string) (bool, error) {
	f, err := s.Firm(ctx, firmID)
	if errs.KindOf(err) == errs.NotFound {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	p, err := s.Person(ctx, personID)
	if err != nil {
		return false, err
	}
	live, err := s.deps.Registry.Firm(ctx, f.CreditCode)
	if errs.Is(err, "identity.registry_unknown") {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if _, err := s.keepFirm(ctx, live); err != nil {
		return false, err
	}
	return p.Alive && p.Number != "" && live.LegalPersonNumber == p.Number, nil
}

func (s *Service) scanFirm(r *db.Rows) (Firm, error) {
	var id string
	var sealed []byte
	if err := r.Scan(&id, &sealed); err != nil {
		return Firm{}, err
	}
	var f Firm
	b, err := s.v.Open("identity_firm.data."+id, sealed)
	if err == nil {
		err = json.Unmarshal(b, &f)
	}
	f.ID = id
	return f, err
}
