package identity

import (
	"context"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/db"
)

// record writes an act into the audit record. number is the ID number or credit code of whom it concerns, or empty.
func (s *Service) record(ctx context.Context, tx *db.Tx, now time.Time, a authz.Actor, act, object, number string) error {
	return s.recordWhy(ctx, tx, now, a, act, object, number, "")
}

// recordWhy is record with a reason.
func (s *Service) recordWhy(ctx context.Context, tx *db.Tx, now time.Time, a authz.Actor, act, object, number, reason string) error {
	e := audit.Entry{Actor: a.Name(), OnBehalf: a.OnBehalf(), Act: act, Object: object, Reason: reason, Via: a.Via, Agency: a.AgencyID}
	if number != "" {
		e.Subject = s.SubjectOf(number)
	}
	return audit.Tx(ctx, tx, now, e.From(s.v, a.Origin))
}
