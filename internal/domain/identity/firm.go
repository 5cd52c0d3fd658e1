package identity

import (
	"context"
	"encoding/json"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/ident"
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

// Firm gives a firm by our id, as it was last seen; errs.NotFound if there is none.
func (s *Service) Firm(ctx context.Context, id string) (Firm, error) {
	return db.One(ctx, s.d.R(), errNoFirm, s.scanFirm, `SELECT id, data FROM identity_firm WHERE id = $1`, id)
}

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

// firmTrust is how long a session may act for a firm before the registry is asked again.
const firmTrust = time.Hour

// ActFor lets the session act for a firm whose legal representative the person is, asked live; firmID "" ends it. Errors: Forbidden
// "identity.need_level" and "identity.not_legal_person", Unavailable.
func (s *Service) ActFor(ctx context.Context, a authz.Actor, firmID string) error {
	if firmID != "" {
		if a.Level < LevelChecked {
			return errs.New(errs.Forbidden, "identity.need_level")
		}
		if ok, err := s.represents(ctx, a.PersonID, firmID); err != nil {
			return err
		} else if !ok {
			return errs.New(errs.Forbidden, "identity.not_legal_person")
		}
	}
	return s.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		now := s.now()
		if err := tx.Exec1(ctx, errEnded, `UPDATE identity_session SET firm_id = $1, firm_ms = $2 WHERE id = $3 AND person_id = $4 AND ended_ms = 0`,
			firmID, now.UnixMilli(), a.SessionID, a.PersonID); err != nil {
			return err
		}
		a.FirmID = firmID
		return s.record(ctx, tx, now, a, "identity.act_for", "person:"+a.PersonID, "")
	})
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

func (s *Service) firmByCode(ctx context.Context, q db.Q, code string) (Firm, error) {
	return db.One(ctx, q, errNoFirm, s.scanFirm, `SELECT id, data FROM identity_firm WHERE credit_key = $1`, s.SubjectOf(code))
}

// keepFirm stores what the registry said and gives the firm its id. What is already so is not written again.
func (s *Service) keepFirm(ctx context.Context, f Firm) (Firm, error) {
	held, err := s.firmByCode(ctx, s.d.R(), f.CreditCode)
	if err == nil {
		if f.ID = held.ID; f == held {
			return f, nil
		}
	} else if errs.KindOf(err) != errs.NotFound {
		return f, err
	}
	b, err := json.Marshal(f)
	if err != nil {
		return f, err
	}
	err = s.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		held, err := s.firmByCode(ctx, tx, f.CreditCode)
		switch {
		case err == nil:
			f.ID = held.ID
		case errs.KindOf(err) == errs.NotFound:
			f.ID = ident.New()
		default:
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO identity_firm (id, credit_key, data, asked_ms) VALUES ($1, $2, $3, $4)
			ON CONFLICT (id) DO UPDATE SET data = excluded.data, asked_ms = excluded.asked_ms`,
			f.ID, s.SubjectOf(f.CreditCode), s.v.Seal("identity_firm.data."+f.ID, b), s.now().UnixMilli())
		return err
	})
	if db.Unique(err) { // another request added it at the same moment
		return s.firmByCode(ctx, s.d.R(), f.CreditCode)
	}
	return f, err
}
