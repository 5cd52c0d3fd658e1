package identity

import (
	"context"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
)

// represented finds the right by which a person acts for another.
func (s *Service) represented(ctx context.Context, a authz.Actor, kind, id string) (session, error) {
	var away error
	if kind == KindFirm {
		ok, err := s.represents(ctx, a.PersonID, id)
		if ok {
			return session{firmID: id}, nil
		}
		away = err
	}
	if s.deps.Represent != nil {
		acting, ok, err := s.deps.Represent.MayAct(ctx, a.PersonID, kind, id)
		switch {
		case err != nil:
			return session{}, err
		case ok && kind == KindFirm:
			return session{firmID: id, mandateID: acting.MandateID}, nil
		case ok && kind == KindPerson:
			return session{forPerson: id, mandateID: acting.MandateID}, nil
		}
	}
	switch {
	case away != nil:
		return session{}, away
	case kind == KindFirm:
		return session{}, errs.New(errs.Forbidden, "identity.not_legal_person")
	}
	return session{}, errs.New(errs.Forbidden, "identity.no_mandate")
}

// acting fills in for whom the session acts. A mandate is asked at every request, the firm registry once an hour; without a yes the person acts for
// themself again, and the page says so once ([Service.LostPrincipal]).
func (s *Service) acting(ctx context.Context, se session, a *authz.Actor) error {
	kind, id := KindFirm, se.firmID
	if se.forPerson != "" {
		kind, id = KindPerson, se.forPerson
	}
	if id == "" || se.personID == "" {
		return nil
	}
	ok, err := false, error(nil)
	if se.mandateID == "" {
		ok, err = s.stillActs(ctx, se.personID, id, se.firmAt, `UPDATE identity_session SET firm_ms = $1 WHERE id = $2`, se.id)
		if away(err) {
			ok, err = false, nil
		}
	} else if s.deps.Represent != nil {
		var acting Acting
		acting, ok, err = s.deps.Represent.MayAct(ctx, se.personID, kind, id)
		a.MandateID, a.Scope = acting.MandateID, acting.Scope
	}
	switch {
	case err != nil:
		return err
	case !ok:
		a.MandateID, a.Scope = "", nil
		return s.lose(ctx, se, kind+":"+id)
	case kind == KindFirm:
		a.FirmID = id
	default:
		a.ForPerson = id
	}
	return nil
}

// firmTrust is how long a legal representative may act for a firm before the registry is asked again.
const firmTrust = time.Hour

// stillActs reports whether a legal representative may go on acting for a firm. After an hour the registry is asked again, which may be
// errs.Unavailable.
func (s *Service) stillActs(ctx context.Context, personID, firmID string, asked time.Time, confirmed string, id string) (bool, error) {
	now := s.now()
	if firmID == "" || now.Sub(asked) < firmTrust {
		return true, nil
	}
	ok, err := s.represents(ctx, personID, firmID)
	if err != nil || !ok {
		return false, err
	}
	return true, s.d.TxQueue(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.ExecContext(ctx, confirmed, now.UnixMilli(), id)
		return err
	})
}

// Principals lists whom a person may act for by mandate; the firms they represent by law are in [Service.FirmsOf].
func (s *Service) Principals(ctx context.Context, personID string) ([]Principal, error) {
	if s.deps.Represent == nil {
		return nil, nil
	}
	return s.deps.Represent.Principals(ctx, personID)
}
