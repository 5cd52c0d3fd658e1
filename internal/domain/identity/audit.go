package identity

import (
	"context"
	"encoding/base64"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/ident"
)

// record writes an act into the audit record. number is the ID number or credit code of whom it concerns, or empty.
func (s *Service) record(ctx context.Context, tx *db.Tx, now time.Time, a authz.Actor, act, object, number string) error {
	e := audit.Entry{ID: ident.New(), Actor: a.Name(), OnBehalf: a.OnBehalf(), Act: act, Object: object, Via: a.Via, Agency: a.AgencyID}
	if number != "" {
		e.Subject = s.SubjectOf(number)
	}
	if a.Origin != "" {
		e.Origin = base64.StdEncoding.EncodeToString(s.v.SealText("audit_entry.origin."+e.ID, a.Origin))
	}
	return audit.Tx(ctx, tx, now, e)
}
